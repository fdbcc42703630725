//! Keys that come faster than fingers: a terminal without bracketed paste hands a paste on as keys.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// Keys that are nearer to each other came together. No hand is so fast, and nobody feels a wait so short.
const TOGETHER: Duration = Duration::from_millis(20);
/// What follows keys that came together within this is more of them: a slow line cuts a paste.
const MORE: Duration = Duration::from_millis(300);
/// So many characters at once are pasted, where they are not one key that is held down.
const TEXT: usize = 4;
/// So many different ones.
const DIFFERENT: usize = 3;
/// The same key so many times is held down: it is not held back. Some keyboards repeat faster than [`TOGETHER`].
const HELD: usize = 4;
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
    /// The key that is held down.
    held: Option<KeyEvent>,
    /// When a paste of several lines ended.
    pasted: Option<Instant>,
    /// When different keys, or a paste, came at once.
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
            Event::Key(key) if key.kind == KeyEventKind::Release => {}
            Event::Key(key) => {
                let flows = self.last.is_some_and(|last| now.duration_since(last) < TOGETHER);
                self.held = self.held.filter(|held| flows && *held == key);
                self.last = Some(now);
                if self.held.is_some() {
                    out.push(Came::AtOnce(Event::Key(key)));
                    return;
                }
                if flows && self.keys.is_empty() {
                    // Right behind a key that was held down comes another.
                    self.together = Some(now);
                }
                self.keys.push(key);
                if self.keys.len() >= HELD && is_held(&self.keys) {
                    self.held = Some(key);
                }
                if self.keys.len() >= MOST || self.held.is_some() {
                    self.end(now, out);
                }
            }
            event => {
                let with_more = !self.keys.is_empty();
                self.end(now, out);
                let at_once = with_more || self.follows(now);
                if matches!(event, Event::Paste(_)) {
                    self.together = Some(now);
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
        if keys.len() > 1 && !is_held(&keys) {
            self.together = Some(now);
        }
        if let Some(came) = self.text(&keys, now) {
            out.push(came);
            return;
        }
        let came = if at_once { Came::AtOnce } else { Came::Event };
        out.extend(keys.into_iter().map(|key| came(Event::Key(key))));
    }

    /// Keys that are text, and more than fingers write at once.
    fn text(&mut self, keys: &[KeyEvent], now: Instant) -> Option<Came> {
        let more = self.pasted.take().is_some_and(|at| now.duration_since(at) <= MORE);
        let text: String = keys.iter().map(character).collect::<Option<_>>()?;
        let line = text.trim_end_matches('\n');
        let written = text.chars().filter(|c| !c.is_control()).count();
        if more || written >= TEXT && line.trim_start_matches('\n').contains('\n') {
            self.pasted = Some(now);
            return Some(Came::Event(Event::Paste(text)));
        }
        let mut different: Vec<char> = line.chars().collect();
        different.sort_unstable();
        different.dedup();
        // Enters before it are keys, and so is one more than the one that ends it: then nothing is sure.
        let is_line = !line.starts_with('\n') && text.len() <= line.len() + 1;
        let came = Came::Line { text: line.to_owned(), enter: text.len() > line.len() };
        (written >= TEXT && different.len() >= DIFFERENT && is_line).then_some(came)
    }
}

/// Whether they are one key. An enter is pressed, and not held.
fn is_held(keys: &[KeyEvent]) -> bool {
    keys.first().is_some_and(|first| first.code != KeyCode::Enter && keys.iter().all(|key| key == first))
}

/// The text that a key types; none for a key that does something else.
fn character(key: &KeyEvent) -> Option<char> {
    let held = key.modifiers - KeyModifiers::SHIFT;
    match key.code {
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
        assert_eq!(came(&slowly, 25), by_hand(&slowly));
    }

    #[test]
    fn a_key_that_is_held_down_is_not_held_back() {
        let (mut burst, mut now, mut out) = (Burst::default(), Instant::now(), Vec::new());
        for pressed in 1..40 {
            burst.take(key('j'), now, &mut out);
            assert!(out.len() + HELD > pressed, "{pressed} keys, {} of them done", out.len());
            now += Duration::from_millis(15);
        }
        now += TOGETHER;
        burst.passed(now, &mut out);
        assert_eq!(out, keys(&"j".repeat(39)));
        // What comes behind it is a hand's, and what comes with it is none's.
        assert_eq!(came(&["aaaa\n"], 0).pop(), Some(Came::AtOnce(key('\n'))));
        burst.take(key('f'), now, &mut out);
        burst.passed(now + TOGETHER, &mut out);
        assert_eq!(out.pop(), Some(Came::Event(key('f'))));
    }

    #[test]
    fn a_short_text_at_once_or_nearly_is_no_row_of_keys() {
        for gap in [0, 3, 10, 15] {
            let each = ["f", "a", "i", "l", "\n"];
            assert_eq!(came(&each, gap), [Came::Line { text: "fail".into(), enter: true }], "{gap} ms apart");
        }
        // Keys that write nothing between them make no hand's keys of it.
        let (mut burst, now, mut out) = (Burst::default(), Instant::now(), Vec::new());
        let left = Event::Key(KeyEvent::new(KeyCode::Left, KeyModifiers::NONE));
        for event in [key('f'), left.clone(), key('x'), left, key('\n')] {
            burst.take(event, now, &mut out);
        }
        burst.passed(now + TOGETHER, &mut out);
        assert!(out.len() == 5 && out.iter().all(|came| matches!(came, Came::AtOnce(_))), "{out:?}");
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
