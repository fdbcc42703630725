//! What binds a change to its estate: the SHA-256 of everything in it that decides.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::Digest;
use crate::estate::{Bound, Difference, Estate};

/// Differences that are told one by one.
const MOST_TOLD: usize = 20;

/// The meaning of an estate, and its digest. Cheap to clone; one that is made of a shared estate is worked out when it
/// is first asked, because most consoles never are.
#[derive(Clone)]
pub struct Binding(Of);

#[derive(Clone)]
enum Of {
    /// It was read, or worked out.
    Known(Arc<Known>),
    /// It is worked out when it is first asked.
    Estate(Arc<Estate>, Arc<OnceLock<Known>>),
}

struct Known {
    digest: Digest,
    bound: Bound,
}

impl From<Bound> for Known {
    fn from(bound: Bound) -> Self {
        Self { digest: Digest::of(bound.text()), bound }
    }
}

impl PartialEq for Binding {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Of::Estate(ours, _), Of::Estate(theirs, _)) if Arc::ptr_eq(ours, theirs) => true,
            _ => self.digest() == other.digest(),
        }
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binding({})", self.digest())
    }
}

impl Binding {
    /// What decides in an estate.
    #[must_use]
    pub fn of(estate: &Estate) -> Self {
        Self::from(estate.bound())
    }

    /// The same, worked out when it is first asked: most consoles never are.
    #[must_use]
    pub fn of_shared(estate: &Arc<Estate>) -> Self {
        Self(Of::Estate(estate.clone(), Arc::default()))
    }

    fn known(&self) -> &Known {
        match &self.0 {
            Of::Known(known) => known,
            Of::Estate(estate, known) => known.get_or_init(|| Known::from(estate.bound())),
        }
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
        self.known().digest
    }

    /// The canonical text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.known().bound.text()
    }

    /// The estate so far as it decides.
    #[must_use]
    pub fn estate(&self) -> &Estate {
        self.known().bound.estate()
    }

    /// What differs between this estate and another, in words, a line each.
    #[must_use]
    pub fn differences(&self, ours: &Binding) -> Vec<String> {
        let all = self.known().bound.differences(&ours.known().bound);
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
        Self(Of::Known(Arc::new(Known::from(bound))))
    }
}

fn words(d: &Difference) -> String {
    let value = |v: &Option<String>| v.as_deref().map_or_else(|| "nothing".to_owned(), |v| format!("`{v}`"));
    format!("{}: {} there, {} here", d.place, value(&d.theirs), value(&d.ours))
}
