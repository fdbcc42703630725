//! Names folded, so that one that only looks like another is known to be it.

use unicode_normalization::UnicodeNormalization as _;

use crate::hygiene::is_hidden;

/// A name without differences that the eye does not see: compatibility forms, case, look-alikes, white space.
///
/// There are three folds, because the order matters: a capital i looks like a small L before its case is folded, and
/// like an i after it; and a compatibility form takes some letters for others than those that they look like. Names are
/// one if any fold is the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folded([String; 3]);

impl Folded {
    pub fn of(name: &str) -> Self {
        let plain = |text: &str| -> String { text.nfkc().filter(|c| !is_hidden(*c)).collect() };
        let seen = plain(name);
        let skeleton: String = unicode_security::skeleton(&seen).collect();
        Self([settled(&cased(&seen)), settled(&skeleton), settled(&cased(&plain(&alike(name))))])
    }

    /// All, by which of them they are.
    pub fn each(self) -> impl Iterator<Item = (usize, String)> {
        self.0.into_iter().enumerate()
    }

    /// Whether two names look the same.
    pub fn is(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(a, b)| a == b)
    }
}

/// A name whose foreign letters are those that they look like: `ϲ` is c, which its compatibility form takes for `σ`.
fn alike(name: &str) -> String {
    let one = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => unicode_security::skeleton(&c.to_string()).collect(),
    };
    name.chars().map(one).collect()
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
