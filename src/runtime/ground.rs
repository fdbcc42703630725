//! What the terminal is asked, and how far it has answered: whether its ground is light (OSC 11), and how fast it takes
//! a frame.
//!
//! The questions are written and nobody waits for the answers: the keyboard takes them out from between the keys,
//! whenever they come. Behind each stands one that every terminal answers, in the order in which it was asked (DA1): once
//! that has its answer, the question has had its own.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Asks for the ground.
pub const GROUND: &[u8] = b"\x1b]11;?\x07\x1b[c";
/// Asks for nothing but an answer.
pub const SPEED: &[u8] = b"\x1b[c";

/// How long the first frame waits for the answer, so that a light terminal does not flash dark.
const FIRST_FRAME: Duration = Duration::from_millis(100);
/// A terminal that has never answered by then is not going to.
const LATEST: Duration = Duration::from_secs(5);
/// One that does answer may sit behind a slow line.
const SLOWEST: Duration = Duration::from_secs(60);
/// A line that takes longer for a whole frame is slow.
const FAST: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Ground,
    Speed,
}

/// Questions that have been asked and not been answered yet.
#[derive(Debug, Default)]
pub struct Asked {
    open: VecDeque<(Question, Instant)>,
    /// Whether the terminal has answered anything.
    answers: bool,
    /// Whether it has told its ground.
    told: bool,
}

impl Asked {
    /// The ground was asked for.
    pub fn ground(&mut self, at: Instant) {
        self.open.push_back((Question::Ground, at));
    }

    /// Behind a whole frame it was asked for an answer.
    pub fn speed(&mut self, at: Instant) {
        self.open.push_back((Question::Speed, at));
    }

    /// The terminal has told its ground.
    pub fn told(&mut self) {
        (self.answers, self.told) = (true, true);
    }

    /// The oldest question has had its answer. Where that was one of speed: whether the line is fast.
    pub fn answered(&mut self, now: Instant) -> Option<bool> {
        self.answers = true;
        match self.open.pop_front()? {
            (Question::Ground, _) => {
                self.told = true;
                None
            }
            (Question::Speed, at) => Some(now.duration_since(at) <= FAST),
        }
    }

    /// Whether the first frame should wait a little.
    #[must_use]
    pub fn holds_up(&self, now: Instant) -> bool {
        let ground = self.open.iter().find(|(question, _)| *question == Question::Ground);
        !self.told && ground.is_some_and(|(_, at)| now.duration_since(*at) < FIRST_FRAME)
    }

    /// Whether an answer may still be on its way.
    #[must_use]
    pub fn is_open(&self, now: Instant) -> bool {
        let most = if self.answers { SLOWEST } else { LATEST };
        self.open.back().is_some_and(|(_, at)| now.duration_since(*at) < most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_in_the_order_of_the_questions() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut asked = Asked::default();
        assert!(!asked.is_open(start) && !asked.holds_up(start));
        asked.ground(start);
        assert!(asked.holds_up(at(50)) && !asked.holds_up(at(150)) && asked.is_open(at(4000)));
        assert!(!asked.is_open(at(6000)), "a terminal that answers nothing is not waited for");
        asked.told();
        assert!(!asked.holds_up(at(50)));
        asked.speed(at(200));
        assert_eq!(asked.answered(at(210)), None);
        assert!(asked.is_open(at(6000)));
        assert_eq!(asked.answered(at(2000)), Some(false));
        assert!(!asked.is_open(at(2001)));
        asked.speed(at(3000));
        assert_eq!(asked.answered(at(3100)), Some(true));
        // One that nobody asked for.
        assert_eq!(asked.answered(at(3200)), None);
    }
}
