//! Keys that come faster than fingers: a terminal without bracketed paste hands a paste on as keys.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// Keys that are nearer to each other came together. No hand is so fast, and nobody feels a wait so short.
const TOGETHER: Duration = Duration::from_millis(8);
/// What follows a paste of several lines within this is more of it: a slow line cuts it.
const MORE: Duration = Duration::from_millis(300);
/// So many characters at once with an enter among them are pasted.
const LINES: usize = 4;
/// So many characters at once are pasted, where they are not one key that is held down.
const TEXT: usize = 6;
/// So many different ones.
const DIFFERENT: usize = 3;
/// More are not held back.
const MOST: usize = 64 * 1024;

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// What somebody did by hand: nothing else came just before it.
    Event(Event),
    /// What came together with more: a short paste, or keys typed ahead over a slow line.
    AtOnce(Event),
    /// A line came at once: pasted, or typed ahead over a slow line.
    Line {
        /// What it says.
        text: String,
        /// Whether an enter ends it.
        enter: bool,
    },
}

/// Keys that may belong together.
#[derive(Debug, Default)]
pub(super) struct Burst {
    keys: Vec<KeyEvent>,
    last: Option<Instant>,
    /// When a paste of several lines ended.
    pasted: Option<Instant>,
    /// When several keys, or a paste, came at once.
    together: Option<Instant>,
}

impl Burst {
    /// When [`Burst::passed`] has something to say.
    pub(super) fn until(&self) -> Option<Instant> {
        self.last.filter(|_| !self.keys.is_empty()).map(|last| last + TOGETHER)
    }

    /// Takes an event in.
    pub(super) fn take(&mut self, event: Event, now: Instant, out: &mut Vec<Came>) {
        self.passed(now, out);
        match event {
            Event::Key(key) if character(&key).is_some() => {
                self.keys.push(key);
                self.last = Some(now);
                if self.keys.len() >= MOST {
                    self.end(now, out);
                }
            }
            event => {
                let with_more = !self.keys.is_empty();
                self.end(now, out);
                let at_once = with_more || self.follows(now);
                match event {
                    // A key that writes nothing is a hand's: the paste is over.
                    Event::Key(_) => self.pasted = None,
                    Event::Paste(_) => self.together = Some(now),
                    _ => {}
                }
                out.push(if at_once { Came::AtOnce(event) } else { Came::Event(event) });
            }
        }
    }

    /// Time has passed: gives what has come in together.
    pub(super) fn passed(&mut self, now: Instant, out: &mut Vec<Came>) {
        if self.until().is_some_and(|until| now >= until) {
            self.end(now, out);
        }
    }

    /// Whether what comes now comes right behind something that no hand typed.
    fn follows(&self, now: Instant) -> bool {
        self.together.is_some_and(|at| now.duration_since(at) <= MORE)
    }

    fn end(&mut self, now: Instant, out: &mut Vec<Came>) {
        let keys = std::mem::take(&mut self.keys);
        if keys.is_empty() {
            return;
        }
        // When they were read counts, not when a busy loop comes to look at them.
        let now = self.last.unwrap_or(now);
        let at_once = keys.len() > 1 || self.follows(now);
        if keys.len() > 1 {
            self.together = Some(now);
        }
        let text: String = keys.iter().filter_map(character).collect();
        let line = text.trim_end_matches('\n');
        let written = text.chars().filter(|c| !c.is_control()).count();
        let more = self.pasted.is_some_and(|at| now.duration_since(at) <= MORE);
        if more || written >= LINES && line.trim_start_matches('\n').contains('\n') {
            self.pasted = Some(now);
            out.push(Came::Event(Event::Paste(text)));
            return;
        }
        let mut different: Vec<char> = line.chars().collect();
        different.sort_unstable();
        different.dedup();
        // Enters before it are keys, and so is one more than the one that ends it: then nothing is sure.
        if written >= TEXT && different.len() >= DIFFERENT && !line.starts_with('\n') && text.len() <= line.len() + 1 {
            out.push(Came::Line { text: line.to_owned(), enter: text.len() > line.len() });
            return;
        }
        let came = if at_once { Came::AtOnce } else { Came::Event };
        out.extend(keys.into_iter().map(|key| came(Event::Key(key))));
    }
}

/// The text that a key types; none for a key that does something else.
fn character(key: &KeyEvent) -> Option<char> {
    let held = key.modifiers - KeyModifiers::SHIFT;
    match key.code {
        _ if key.kind == KeyEventKind::Release => None,
        KeyCode::Char('j') if held == KeyModifiers::CONTROL => Some('\n'),
        KeyCode::Char(c) if held.is_empty() => Some(c),
        KeyCode::Enter if held.is_empty() => Some('\n'),
        KeyCode::Tab if held.is_empty() => Some('\t'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(c: char) -> Event {
        let code = match c {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '\u{1b}' => KeyCode::Esc,
            c => KeyCode::Char(c),
        };
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    /// Each text at once, with a gap between them.
    fn came(texts: &[&str], gap: u64) -> Vec<Came> {
        let (mut burst, mut now, mut out) = (Burst::default(), Instant::now(), Vec::new());
        for text in texts {
            text.chars().for_each(|c| burst.take(key(c), now, &mut out));
            now += Duration::from_millis(gap);
        }
        burst.passed(now + TOGETHER, &mut out);
        out
    }

    fn keys(text: &str) -> Vec<Came> {
        let came = if text.chars().count() > 1 { Came::AtOnce } else { Came::Event };
        text.chars().map(|c| came(key(c))).collect()
    }

    fn by_hand(texts: &[&str]) -> Vec<Came> {
        texts.iter().flat_map(|text| keys(text)).collect()
    }

    fn paste(text: &str) -> Came {
        Came::Event(Event::Paste(text.into()))
    }

    #[test]
    fn fingers_are_no_paste() {
        for text in ["q", "gg", "jjjjjjjjjjjj", "Ck\n", "\n", "\n\n", "2\n"] {
            assert_eq!(came(&[text], 0), keys(text), "{text:?}");
        }
        let slowly = ["s", "e", "c", "o", "n", "d", "\n", "q"];
        assert_eq!(came(&slowly, 12), by_hand(&slowly));
    }

    #[test]
    fn an_enter_is_a_hands_where_nothing_came_with_it_or_just_before_it() {
        let enter = |came: &[Came]| came.last().cloned();
        for at_once in [&["u\n"][..], &["us-east-2", "\n"], &["us-ea", "st-2", "\n"], &["Ck", "\n"]] {
            assert_eq!(enter(&came(at_once, 30)), Some(Came::AtOnce(key('\n'))), "{at_once:?}");
        }
        for by_hand in [&["\n"][..], &["u", "s", "\n"]] {
            assert_eq!(enter(&came(by_hand, 30)), Some(Came::Event(key('\n'))), "{by_hand:?}");
        }
        assert_eq!(enter(&came(&["us-east-2", "\n"], 400)), Some(Came::Event(key('\n'))));
        let (mut burst, now, mut out) = (Burst::default(), Instant::now(), Vec::new());
        burst.take(Event::Paste("us-east-2".into()), now, &mut out);
        burst.take(key('\n'), now, &mut out);
        // A busy loop comes to look a second later.
        burst.passed(now + Duration::from_secs(1), &mut out);
        assert_eq!(enter(&out), Some(Came::AtOnce(key('\n'))));
    }

    #[test]
    fn lines_at_once_are_a_paste_also_where_the_line_is_slow() {
        let text = "INC-4471 portal gone\nsecond line q\n";
        assert_eq!(came(&[text], 0), [paste(text)]);
        let apart: Vec<String> = text.chars().map(String::from).collect();
        let apart: Vec<&str> = apart.iter().map(String::as_str).collect();
        assert_eq!(came(&apart, 1), [paste(text)]);
        // Two packets of it.
        assert_eq!(came(&["INC-4471\nsecond", " line q\n"], 120), [paste("INC-4471\nsecond"), paste(" line q\n")]);
    }

    #[test]
    fn a_line_at_once_is_told_with_its_enter() {
        let line = |text: &str, enter| vec![Came::Line { text: text.into(), enter }];
        assert_eq!(came(&["us-east-2\n"], 0), line("us-east-2", true));
        assert_eq!(came(&["us-east-2"], 0), line("us-east-2", false));
    }
}
