//! Whether the terminal's ground is light or dark, where it tells (OSC 11).
//!
//! The question is written and nobody waits for the answer: it comes back among the keys, and is taken out from
//! between them whenever it comes. So a terminal that says nothing, or says it late over a slow line, holds up nothing,
//! and neither eats a key nor has an answer taken for keys.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

/// The question.
pub const QUESTION: &[u8] = b"\x1b]11;?\x07";

/// How long the first frame waits for the answer, so that a light terminal does not flash dark.
const FIRST_FRAME: Duration = Duration::from_millis(100);
/// How long after the question an answer is looked for.
const LATEST: Duration = Duration::from_secs(10);
/// Keys of one answer come within this; what stops halfway is no answer that goes on.
const BURST: Duration = Duration::from_millis(500);
/// The longest answer, in characters.
const LONGEST: usize = 40;
/// How an answer begins behind its escape.
const BEGIN: &str = "11;rgb";

/// A question that may have been asked, and the answer as far as it has come.
#[derive(Debug, Default)]
pub struct Ground {
    asked: Option<Instant>,
    /// What has come of an answer: its events, its text.
    coming: Option<(Vec<Event>, String, Instant)>,
}

impl Ground {
    /// The question was asked.
    #[must_use]
    pub fn asked(at: Instant) -> Self {
        Self { asked: Some(at), coming: None }
    }

    /// Whether the first frame should wait a little.
    #[must_use]
    pub fn waits(&self, now: Instant) -> bool {
        self.asked.is_some_and(|at| now.duration_since(at) < FIRST_FRAME)
    }

    /// Takes an input; gives the inputs that are none of the answer, and the answer: whether the ground is light.
    pub fn take(&mut self, event: Event, now: Instant) -> (Vec<Event>, Option<bool>) {
        if self.asked.is_none_or(|at| self.coming.is_none() && now.duration_since(at) > LATEST) {
            self.asked = None;
            return (vec![event], None);
        }
        let Event::Key(key) = &event else { return (vec![event], None) };
        if key.kind == KeyEventKind::Release {
            return (vec![event], None);
        }
        let (alt, control) = (key.modifiers.contains(KeyModifiers::ALT), key.modifiers.contains(KeyModifiers::CONTROL));
        let Some((mut events, mut text, last)) = self.coming.take() else {
            if key.code == KeyCode::Char(']') && alt {
                self.coming = Some((vec![event], String::new(), now));
                return (Vec::new(), None);
            }
            return (vec![event], None);
        };
        // An answer that broke off is thrown away; that it was one is certain by then.
        if now.duration_since(last) > BURST && text.len() >= BEGIN.len() {
            self.asked = None;
            return (vec![event], None);
        }
        let ends = matches!((key.code, alt, control), (KeyCode::Char('g'), _, true) | (KeyCode::Char('\\'), true, _));
        if ends && let Some(light) = light(&text) {
            self.asked = None;
            return (Vec::new(), Some(light));
        }
        events.push(event.clone());
        if let KeyCode::Char(c) = key.code
            && !alt
            && !control
        {
            text.push(c);
            let like = text.len() <= LONGEST && (BEGIN.starts_with(&text) || text.starts_with(BEGIN));
            if like {
                self.coming = Some((events, text, now));
                return (Vec::new(), None);
            }
        }
        // It was somebody typing after all.
        (events, None)
    }
}

/// Whether `11;rgb:ffff/ffff/ffff` is a light colour.
fn light(text: &str) -> Option<bool> {
    let colour = text.strip_prefix("11;rgb:").or_else(|| text.strip_prefix("11;rgba:"))?;
    let mut parts = colour.split('/').map(|part| {
        let most = 16_u32.checked_pow(u32::try_from(part.len()).ok()?)?.checked_sub(1)?;
        let value = u32::from_str_radix(part, 16).ok()?;
        (most > 0).then(|| f64::from(value) / f64::from(most))
    });
    let (red, green, blue) = (parts.next()??, parts.next()??, parts.next()??);
    Some(0.299 * red + 0.587 * green + 0.114 * blue > 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossterm::event::KeyEvent;

    /// The keys that crossterm makes of these bytes.
    fn keys(text: &str) -> Vec<Event> {
        let mut events = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let (c, modifiers) = match c {
                '\u{1b}' => (chars.next().unwrap(), KeyModifiers::ALT),
                '\u{7}' => ('g', KeyModifiers::CONTROL),
                c => (c, KeyModifiers::NONE),
            };
            events.push(Event::Key(KeyEvent::new(KeyCode::Char(c), modifiers)));
        }
        events
    }

    fn told(text: &str) -> (Vec<Event>, Option<bool>) {
        let now = Instant::now();
        let mut ground = Ground::asked(now);
        let mut all = (Vec::new(), None);
        for key in keys(text) {
            let (passed, light) = ground.take(key, now);
            all.0.extend(passed);
            all.1 = all.1.or(light);
        }
        all
    }

    #[test]
    fn answers_are_taken_out_from_between_the_keys() {
        for (answer, light) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x07", true),
            ("\x1b]11;rgb:fb/fb/f8\x1b\\", true),
            ("\x1b]11;rgba:1111/1515/1b1b/ffff\x07", false),
            ("\x1b]11;rgb:0/0/0\x07", false),
        ] {
            assert_eq!(told(&format!("jf{answer}q")), (keys("jfq"), Some(light)), "{answer:?}");
        }
    }

    #[test]
    fn no_key_is_eaten() {
        for typed in ["\x1b]x", "\x1b]11x", "\x1b]11;rgb:zz\x07q", "]11;rgb:ffff/ffff/ffff", "\x07\x1b\\"] {
            let (passed, light) = told(typed);
            assert_eq!((passed, light), (keys(typed), None), "{typed:?}");
        }
        let long = format!("\x1b]11;rgb:{}", "f".repeat(80));
        assert_eq!(told(&long).0, keys(&long));
    }

    #[test]
    fn an_answer_that_breaks_off_or_comes_too_late_does_no_harm() {
        let start = Instant::now();
        let mut ground = Ground::asked(start);
        for key in keys("\x1b]11;rgb:ff") {
            assert!(ground.take(key, start).0.is_empty());
        }
        let later = start + Duration::from_secs(2);
        assert_eq!(ground.take(keys("b").remove(0), later), (keys("b"), None));
        let mut ground = Ground::asked(start);
        let late = start + Duration::from_secs(60);
        let all: Vec<Event> = keys("\x1b]11").into_iter().flat_map(|k| ground.take(k, late).0).collect();
        assert_eq!(all, keys("\x1b]11"));
        assert!(!Ground::default().waits(start));
    }
}
