//! Names folded, so that one that only looks like another is known to be it.

use unicode_normalization::UnicodeNormalization as _;

use crate::hygiene::is_hidden;

/// A name without differences that the eye does not see: compatibility forms, case, look-alikes, white space.
///
/// There are two folds, because the order matters: a capital i looks like a small L before its case is folded, and like
/// an i after it. Names are one if either fold is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folded([String; 2]);

impl Folded {
    pub fn of(name: &str) -> Self {
        let seen: String = name.nfkc().filter(|c| !is_hidden(*c)).collect();
        Self([settled(&cased(&seen)), settled(&unicode_security::skeleton(&seen).collect::<String>())])
    }

    /// Both, by which of them they are.
    pub fn each(self) -> impl Iterator<Item = (usize, String)> {
        self.0.into_iter().enumerate()
    }

    /// Whether two names look the same.
    pub fn is(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a == b)
    }
}

fn cased(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Folded until nothing changes: a look-alike can have a case, and a small letter a look-alike.
fn settled(text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..4 {
        let next: String = unicode_security::skeleton(&cased(&text)).nfkc().filter(|c| !c.is_whitespace()).collect();
        if next == text {
            break;
        }
        text = next;
    }
    text
}
