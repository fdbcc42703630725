//! What a change is bound to of its estate: the SHA-256 of all that decides in it.

use std::sync::Arc;

use super::Digest;
use crate::estate::{Bound, Difference, Estate};

/// Differences that are told one by one.
const MOST_TOLD: usize = 20;

/// The meaning of an estate, and its digest. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Binding {
    digest: Digest,
    bound: Arc<Bound>,
}

impl PartialEq for Binding {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Binding {
    /// What decides in an estate.
    #[must_use]
    pub fn of(estate: &Estate) -> Self {
        Self::from(estate.bound())
    }

    /// Reads what [`Binding::text`] gave.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn read(text: &str) -> Result<Self, String> {
        Bound::read(text).map(Self::from)
    }

    /// SHA-256 of the text.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The canonical text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.bound.text()
    }

    /// The estate so far as it decides.
    #[must_use]
    pub fn estate(&self) -> &Estate {
        self.bound.estate()
    }

    /// What differs between this estate and another, in words, a line each.
    #[must_use]
    pub fn differences(&self, ours: &Binding) -> Vec<String> {
        let all = self.bound.differences(&ours.bound);
        let more = all.len().saturating_sub(MOST_TOLD);
        let mut lines: Vec<String> = all.iter().take(MOST_TOLD).map(words).collect();
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines
    }
}

impl From<Bound> for Binding {
    fn from(bound: Bound) -> Self {
        Self { digest: Digest::of(bound.text()), bound: Arc::new(bound) }
    }
}

fn words(d: &Difference) -> String {
    let value = |v: &Option<String>| v.as_deref().map_or_else(|| "nothing".to_owned(), |v| format!("`{v}`"));
    format!("{}: {} there, {} here", d.place, value(&d.theirs), value(&d.ours))
}
