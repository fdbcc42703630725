//! The terminal's title: told by OSC 2, when it changes and at most once a second.

use std::time::{Duration, Instant};

/// Keeps the title that the terminal has (XTWINOPS).
pub(super) const PUSH: &str = "\x1b[22;2t";
/// Brings it back. Before that none is told: a terminal that keeps no titles is not left with ours.
pub(super) const POP: &str = "\x1b]2;\x07\x1b[23;2t";

/// How often it is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// The title as the terminal has it.
#[derive(Debug, Default)]
pub(super) struct Title {
    told: String,
    looked: Option<Instant>,
}

impl Title {
    /// Whether it is time to look at it again.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.looked.is_none_or(|at| now.duration_since(at) >= EVERY)
    }

    /// The terminal has another title now.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The bytes that tell it; none where the terminal has it already. Nothing hidden gets into them, whoever made the
    /// words.
    pub(super) fn bytes(&mut self, words: &str, now: Instant) -> Vec<u8> {
        self.looked = Some(now);
        if self.told == words {
            return Vec::new();
        }
        words.clone_into(&mut self.told);
        format!("\x1b]2;{}\x07", crate::hygiene::visible(words)).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_when_it_changes_and_once_a_second() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut title = Title::default();
        assert!(title.is_due(start));
        assert_eq!(title.bytes("● east", start), b"\x1b]2;\xe2\x97\x8f east\x07");
        assert!(!title.is_due(at(999)) && title.is_due(at(1000)));
        assert!(title.bytes("● east", at(1000)).is_empty());
        assert!(!title.is_due(at(1500)), "looking counts, also where nothing had changed");
        assert_eq!(
            title.bytes("a\x07\x1b]52;c;eA==\x07", at(2000)),
            "\x1b]2;a‹U+0007›‹U+001B›]52;c;eA==‹U+0007›\x07".as_bytes()
        );
        title.forget();
        assert!(title.is_due(at(2001)) && !title.bytes("● east", at(2001)).is_empty());
    }
}
