//! From a terminal's bytes to what a person did.
//!
//! A terminal sends answers among the keys: as strings (OSC, DCS, APC, PM, SOS) and as sequences. None of them is a
//! key, asked for or not, whenever they come and however they are split across reads. A string lasts to its end, BEL or
//! ST, whenever that comes. What begins with an escape may begin with one 8-bit control (C1) instead.

use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

use super::csi::{self, Sequence};
use super::light;
use super::string::{Next, Tail, Text};

/// How long an escape waits for what makes a sequence of it, before it is the key.
const ESCAPE: Duration = Duration::from_millis(40);
/// How long a sequence that has begun waits for its end.
const SEQUENCE: Duration = Duration::from_secs(1);
/// How long a string waits for more of it. After that, what looks like the rest of it is that, and the rest are keys.
const STRING: Duration = Duration::from_secs(3);
/// How long after an escape that stood alone what looks like the rest of its string or sequence is that.
const CUT: Duration = Duration::from_secs(1);
/// How long the byte that would begin one waits for the next. Nobody types two keys so fast.
const REST: Duration = Duration::from_millis(100);
/// A byte that comes alone after this long was typed: it does not make a string wait longer.
const TYPED: Duration = Duration::from_millis(100);
/// The longest sequence.
const LONGEST: usize = 64;
/// The longest paste, in bytes; the rest is dropped, and what is kept is still too long for any field.
const LONGEST_PASTE: usize = 1 << 20;
/// How a paste ends.
const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// What comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Out {
    Event(Event),
    /// The terminal's ground is light, or dark.
    Light(bool),
    /// The terminal has answered what it was asked on the way out.
    Fence,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Ground,
    /// The first bytes of a character, and whether alt is held.
    Character(Vec<u8>, bool),
    Escape,
    /// Behind `ESC O`.
    Single,
    /// Behind `ESC [`.
    Sequence(Vec<u8>),
    /// Behind `ESC [ M`.
    Mouse(Vec<u8>),
    String(Text),
    Paste(Vec<u8>),
}

/// A reader of a terminal's bytes.
#[derive(Debug, Default)]
pub(super) struct Parser {
    state: State,
    /// When the state ends by itself.
    until: Option<Instant>,
    /// When an escape was given out that nothing followed.
    alone: Option<Instant>,
    /// A string that has waited in vain for its end.
    unfinished: Option<Text>,
    /// What came behind one of the two, and may be the rest of what it began.
    rest: Vec<u8>,
    /// What is read now was cut behind its escape: the key that it would be has been pressed in part, and is dropped.
    cut: bool,
    /// When bytes came last.
    last: Option<Instant>,
}

impl Parser {
    /// When [`Parser::passed`] has something to say; none while nothing is under way.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Takes in what was read at a moment.
    pub(super) fn feed(&mut self, bytes: &[u8], now: Instant, out: &mut Vec<Out>) {
        self.passed(now, out);
        let typed = bytes.len() == 1 && self.last.is_some_and(|last| now.duration_since(last) >= TYPED);
        let before = self.until.filter(|_| typed && matches!(self.state, State::String(_)));
        let alone = self.alone.take().is_some_and(|at| now.duration_since(at) <= CUT);
        let bytes = [std::mem::take(&mut self.rest).as_slice(), bytes].concat();
        self.last = Some(now);
        if let Some(text) = self.unfinished.take().filter(|_| matches!(self.state, State::Ground)) {
            match text.tail(&bytes) {
                Tail::Perhaps => {
                    self.unfinished = Some(text);
                    self.until = Some(now + REST);
                    self.rest = bytes;
                    return;
                }
                Tail::Yes => self.state = State::String(text),
                Tail::No => {}
            }
        } else if alone && matches!(self.state, State::Ground) {
            match begins(&bytes) {
                Begins::Perhaps => {
                    self.alone = Some(now);
                    self.until = Some(now + REST);
                    self.rest = bytes;
                    return;
                }
                Begins::Yes => (self.state, self.cut) = (State::Escape, true),
                Begins::No => {}
            }
        }
        for byte in bytes {
            self.step(byte, out);
        }
        self.until = self.wait().map(|wait| match (&self.state, before) {
            (State::String(_), Some(before)) => before,
            _ => now + wait,
        });
    }

    /// How long more of what has begun is waited for.
    fn wait(&self) -> Option<Duration> {
        match &self.state {
            State::Ground => None,
            State::Escape | State::Single => Some(ESCAPE),
            State::Character(..) | State::Sequence(_) | State::Mouse(_) => Some(SEQUENCE),
            State::String(text) if text.is_empty() => Some(SEQUENCE),
            State::String(_) | State::Paste(_) => Some(STRING),
        }
    }

    /// Time has passed: what waited for more of it in vain ends.
    pub(super) fn passed(&mut self, now: Instant, out: &mut Vec<Out>) {
        let Some(until) = self.until.filter(|until| now >= *until) else { return };
        self.until = None;
        if !self.rest.is_empty() {
            // Somebody typed it; or it is a string's next byte, and a line is slower than fingers.
            self.alone = None;
            let rest = std::mem::take(&mut self.rest);
            if let ([byte], Some(text)) = (rest.as_slice(), self.unfinished.take()) {
                self.unfinished = text.doubted(*byte);
                if self.unfinished.is_some() {
                    return;
                }
            }
            for byte in rest {
                self.step(byte, out);
            }
            // What it begins ends by itself as well.
            self.until = self.wait().map(|wait| now + wait);
            return;
        }
        match std::mem::take(&mut self.state) {
            State::Escape => {
                self.alone = Some(until);
                out.push(key(KeyCode::Esc, KeyModifiers::NONE));
            }
            State::Single if !self.cut => {
                out.push(key(KeyCode::Char('O'), KeyModifiers::ALT | KeyModifiers::SHIFT));
            }
            State::Paste(bytes) => out.push(paste(&bytes)),
            State::String(text) => self.unfinished = Some(text).filter(|text| !text.is_empty()),
            State::Ground | State::Character(..) | State::Sequence(_) | State::Mouse(_) | State::Single => {}
        }
    }

    fn step(&mut self, byte: u8, out: &mut Vec<Out>) {
        let cut = std::mem::take(&mut self.cut);
        match std::mem::take(&mut self.state) {
            State::Ground => self.ground(byte, false, out),
            State::Character(mut bytes, alt) => {
                if byte & 0xc0 != 0x80 {
                    return self.ground(byte, false, out);
                }
                bytes.push(byte);
                self.character(bytes, alt, out);
            }
            State::Escape => {
                self.cut = cut;
                self.escape(byte, out);
            }
            State::Single => {
                let code = match byte {
                    b'A' => KeyCode::Up,
                    b'B' => KeyCode::Down,
                    b'C' => KeyCode::Right,
                    b'D' => KeyCode::Left,
                    b'F' => KeyCode::End,
                    b'H' => KeyCode::Home,
                    b'M' => KeyCode::Enter,
                    b'P'..=b'S' => KeyCode::F(byte - b'P' + 1),
                    b'0'..=b'~' => return,
                    _ => return self.ground(byte, false, out),
                };
                if !cut {
                    out.push(key(code, KeyModifiers::NONE));
                }
            }
            State::Sequence(bytes) => self.sequence(bytes, byte, cut, out),
            State::Mouse(mut bytes) => {
                bytes.push(byte);
                match <[u8; 3]>::try_from(bytes) {
                    Ok(bytes) => out.extend(csi::old_mouse(bytes).map(Out::Event).filter(|_| !cut)),
                    Err(bytes) => (self.state, self.cut) = (State::Mouse(bytes), cut),
                }
            }
            State::String(text) => match text.take(byte) {
                Next::More(text) => self.state = State::String(text),
                Next::End(said) => out.extend(said.and_then(|text| light::told(&text)).map(Out::Light)),
                Next::Escape(byte) => self.escape(byte, out),
                Next::Byte(byte) => self.ground(byte, false, out),
            },
            State::Paste(mut bytes) => {
                bytes.push(byte);
                if bytes.ends_with(PASTE_ENDS) {
                    bytes.truncate(bytes.len() - PASTE_ENDS.len());
                    out.push(paste(&bytes));
                    return;
                }
                if bytes.len() > LONGEST_PASTE + PASTE_ENDS.len() {
                    // The end is looked for in the newest bytes; those before them are what is kept.
                    bytes.remove(LONGEST_PASTE);
                }
                self.state = State::Paste(bytes);
            }
        }
    }

    fn ground(&mut self, byte: u8, alt: bool, out: &mut Vec<Out>) {
        let held = if alt { KeyModifiers::ALT } else { KeyModifiers::NONE };
        let (code, modifiers) = match byte {
            0x1b => {
                self.state = State::Escape;
                return;
            }
            b'\r' => (KeyCode::Enter, held),
            b'\t' => (KeyCode::Tab, held),
            0x7f => (KeyCode::Backspace, held),
            0 => (KeyCode::Char(' '), held | KeyModifiers::CONTROL),
            0x01..=0x1a => (KeyCode::Char(char::from(byte - 1 + b'a')), held | KeyModifiers::CONTROL),
            0x1c..=0x1f => (KeyCode::Char(char::from(byte - 0x1c + b'4')), held | KeyModifiers::CONTROL),
            // No character begins so.
            0x80..=0x9f => return self.control(byte),
            _ => return self.character(vec![byte], alt, out),
        };
        out.push(key(code, modifiers));
    }

    /// An 8-bit control (C1): an escape and a letter in one. Those that begin something begin it here too, and no other
    /// is a key.
    fn control(&mut self, byte: u8) {
        self.state = match byte {
            0x8f => State::Single,
            0x9b => State::Sequence(Vec::new()),
            0x90 | 0x98 | 0x9d | 0x9e | 0x9f => State::String(Text::begun(byte - 0x40)),
            _ => State::Ground,
        };
        // No terminal that this console speaks to sends its keys so: what looks like one presses nothing.
        self.cut = true;
    }

    /// A character, or its first bytes; none for what is not UTF-8.
    fn character(&mut self, bytes: Vec<u8>, alt: bool, out: &mut Vec<Out>) {
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                for c in text.chars() {
                    if c.is_control() {
                        u8::try_from(c).into_iter().for_each(|byte| self.control(byte));
                        continue;
                    }
                    let mut modifiers = if alt { KeyModifiers::ALT } else { KeyModifiers::NONE };
                    modifiers.set(KeyModifiers::SHIFT, c.is_uppercase());
                    out.push(key(KeyCode::Char(c), modifiers));
                }
            }
            Err(error) if error.error_len().is_none() => self.state = State::Character(bytes, alt),
            Err(_) => {}
        }
    }

    fn escape(&mut self, byte: u8, out: &mut Vec<Out>) {
        self.state = match byte {
            b'[' => State::Sequence(Vec::new()),
            b'O' => State::Single,
            b']' | b'P' | b'X' | b'^' | b'_' => State::String(Text::begun(byte)),
            0x1b => {
                out.push(key(KeyCode::Esc, KeyModifiers::NONE));
                State::Escape
            }
            _ => return self.ground(byte, true, out),
        };
    }

    fn sequence(&mut self, mut bytes: Vec<u8>, byte: u8, cut: bool, out: &mut Vec<Out>) {
        match byte {
            b'[' if bytes.is_empty() => bytes.push(byte),
            b'M' if bytes.is_empty() => {
                (self.state, self.cut) = (State::Mouse(Vec::new()), cut);
                return;
            }
            0x20..=0x3f => {
                if bytes.len() < LONGEST {
                    bytes.push(byte);
                }
            }
            0x40..=0x7e => {
                match csi::sequence(&bytes, byte) {
                    Sequence::Event(_) if cut => {}
                    Sequence::Event(event) => out.push(Out::Event(event)),
                    Sequence::Paste => self.state = State::Paste(Vec::new()),
                    Sequence::Light(light) => out.push(Out::Light(light)),
                    Sequence::Nothing if byte == b'c' && bytes.starts_with(b"?") => out.push(Out::Fence),
                    Sequence::Nothing => {}
                }
                return;
            }
            // It was broken off.
            _ => return self.ground(byte, false, out),
        }
        (self.state, self.cut) = (State::Sequence(bytes), cut);
    }
}

/// Whether bytes are what an escape began that was cut off.
enum Begins {
    Yes,
    /// The next byte shows.
    Perhaps,
    No,
}

/// Whether bytes behind an escape that stood alone belong to it: more of them than fingers type at once.
fn begins(bytes: &[u8]) -> Begins {
    match bytes {
        [b'[' | b'O' | b']' | b'P' | b'_' | b'^' | b'X']
        | [b']', b'0'..=b'9' | b'l' | b'L' | b'I']
        | [b'P', b'0'..=b'9' | b'>' | b'<' | b'=' | b'!' | b'$' | b'+' | b'|']
        | [b'_', b'G'] => Begins::Perhaps,
        [b'[', 0x20..=0x7e, ..]
        | [b'O', b'A'..=b'D' | b'F' | b'H' | b'M' | b'P'..=b'S' | b'j'..=b'y', ..]
        | [b']', b'0'..=b'9' | b'l' | b'L' | b'I', _, ..]
        | [b'P', b'0'..=b'9' | b'>' | b'<' | b'=' | b'!' | b'$' | b'+' | b'|', _, ..]
        | [b'_', b'G', _, ..] => Begins::Yes,
        _ => Begins::No,
    }
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Out {
    Out::Event(Event::Key(KeyEvent::new(code, modifiers)))
}

fn paste(bytes: &[u8]) -> Out {
    Out::Event(Event::Paste(String::from_utf8_lossy(bytes).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parser: &mut Parser, parts: &[&[u8]], gap: Duration) -> Vec<Out> {
        let (mut now, mut out) = (Instant::now(), Vec::new());
        for part in parts {
            parser.feed(part, now, &mut out);
            now += gap;
        }
        parser.passed(now + Duration::from_secs(10), &mut out);
        out
    }

    fn all(bytes: &[u8]) -> Vec<Out> {
        read(&mut Parser::default(), &[bytes], Duration::ZERO)
    }

    fn typed(text: &str) -> Vec<Out> {
        text.chars()
            .map(|c| key(KeyCode::Char(c), if c.is_uppercase() { KeyModifiers::SHIFT } else { KeyModifiers::NONE }))
            .collect()
    }

    /// Terminals' own answers, asked for or not; none of them is a key.
    const ANSWERS: [&[u8]; 28] = [
        b"\x1b]10;rgb:1/1/1\x07",
        b"\x1b]52;c;SGVsbG8=\x07",
        b"\x1b]52;c;SGVsbG8=\x1b\\",
        b"\x1b]4;1;rgb:ffff/0000/0000\x1b\\",
        b"\x1b]lfbq title\x1b\\",
        b"\x1bP>|xterm(380)\x1b\\",
        b"\x1bP1$r0;1m\x1b\\",
        b"\x1bP1+r544e=787465726d\x1b\\",
        b"\x1bP!|00000000\x1b\\",
        b"\x1b_Gi=31;OK\x1b\\",
        b"\x1b^fbq\x1b\\",
        b"\x1bXfbq\x1b\\",
        b"\x1b[>41;354;0c",
        b"\x1b[?2026;2$y",
        b"\x1b[12;40R",
        b"\x1b[8;24;80t",
        // With 8-bit controls, as UTF-8 and raw.
        b"\xc2\x90>|fdb\xc2\x9c",
        b"\xc2\x9d11;?fdb\xc2\x9c",
        b"\xc2\x9d2;F\xc3\x9cf fdb\x07",
        b"\xc2\x9fGi=31;fdb\xc2\x9c",
        b"\xc2\x9efdb\x1b\\",
        b"\xc2\x98fdb\xc2\x9c",
        b"\xc2\x9b?2026;2$y",
        b"\x90>|fdb\x9c",
        b"\x9dlfdb\x9c",
        b"\x9fGi=31;fdb\x07",
        b"\x98f\xc3\x9cdb\x9c",
        b"\x9b>41;354;0c",
    ];

    #[test]
    fn no_answer_is_a_key_whole_or_cut_anywhere() {
        for answer in ANSWERS {
            let name = String::from_utf8_lossy(answer);
            let around = [b"a".as_slice(), answer, b"q"].concat();
            assert_eq!(all(&around), typed("aq"), "{name:?}");
            // Cut in two, half a second apart, but behind the first escape: see below.
            for at in 2..answer.len() {
                let (head, tail) = answer.split_at(at);
                let out = read(&mut Parser::default(), &[head, tail, b"q"], Duration::from_millis(500));
                assert_eq!(out, typed("q"), "{name:?} cut at {at}");
            }
            // Byte by byte over a slow line.
            let bytes: Vec<&[u8]> = answer.chunks(1).chain([b"q".as_slice()]).collect();
            assert_eq!(read(&mut Parser::default(), &bytes, Duration::from_millis(1)), typed("q"), "{name:?}");
        }
        // Cut right behind its escape, which by then was a key.
        let out = read(&mut Parser::default(), &[b"\x1b", b"]11;rgb:0/0/0\x07", b"q"], Duration::from_millis(300));
        let esc = [key(KeyCode::Esc, KeyModifiers::NONE)];
        assert_eq!(out, [esc.to_vec(), vec![Out::Light(false)], typed("q")].concat());
    }

    #[test]
    fn what_is_cut_behind_its_escape_presses_nothing_but_that() {
        let esc = key(KeyCode::Esc, KeyModifiers::NONE);
        let read = |parts: &[&[u8]], gap: u64| read(&mut Parser::default(), parts, Duration::from_millis(gap));
        for rest in
            ["[D", "[A", "[1;5D", "[13u", "[15~", "[?2026;2$y", "[12;40R", "[M !!", "[<0;1;1M", "OA", "OM", "OP"]
        {
            for gap in [60, 400, 900] {
                let out = read(&[b"\x1b", rest.as_bytes()], gap);
                assert_eq!(out, std::slice::from_ref(&esc), "{rest:?} {gap} ms behind its escape");
            }
            // And then byte by byte.
            let (mut parser, mut now, mut out) = (Parser::default(), Instant::now(), Vec::new());
            parser.feed(b"\x1b", now, &mut out);
            now += Duration::from_millis(60);
            for byte in rest.bytes() {
                parser.feed(&[byte], now, &mut out);
                now += Duration::from_millis(10);
            }
            parser.feed(b"q", now, &mut out);
            parser.passed(now + Duration::from_secs(10), &mut out);
            assert_eq!(out, [vec![esc.clone()], typed("q")].concat(), "{rest:?} byte by byte");
        }
        // A paste is one, wherever it is cut.
        let out = read(&[b"\x1b", b"[200~fail\r\x1b[201~"], 60);
        assert_eq!(out, [esc.clone(), Out::Event(Event::Paste("fail\r".into()))]);
        // Somebody who types on after an escape, at a hand's pace.
        for text in ["[", "O", "]", "P", "f", "["] {
            assert_eq!(read(&[b"\x1b", text.as_bytes()], 120), [vec![esc.clone()], typed(text)].concat(), "{text:?}");
        }
        assert_eq!(read(&[b"\x1b", b"[", b"D"], 150), [vec![esc], typed("[D")].concat());
    }

    #[test]
    fn a_string_is_none_of_it_a_key_however_late_the_rest_of_it_is() {
        for answer in ANSWERS.iter().chain(&[b"\x1b]11;rgb:ff/ff/ff\x1b\\".as_slice(), b"\x90f1;fdb\x1b\\"]) {
            let name = String::from_utf8_lossy(answer);
            let begins = answer.iter().position(|b| !matches!(b, 0x1b | 0xc2)).unwrap() + 1;
            // A sequence waits for a second only: behind its parameters stands one letter.
            let strings =
                b"]P_^X".contains(&answer[begins - 1]) || b"\x90\x98\x9d\x9e\x9f".contains(&answer[begins - 1]);
            for at in (begins + 1..answer.len()).filter(|_| strings) {
                for gap in [5, 60, 3600] {
                    let (head, tail) = answer.split_at(at);
                    let out = read(&mut Parser::default(), &[head, tail, b"q"], Duration::from_secs(gap));
                    let keys: Vec<&Out> = out.iter().filter(|out| !matches!(out, Out::Light(_))).collect();
                    assert_eq!(keys, typed("q").iter().collect::<Vec<_>>(), "{name:?} cut at {at} for {gap} s");
                }
            }
        }
        // In three parts, and with what somebody typed meanwhile behind it.
        let parts: [&[u8]; 3] = [b"\x1b]11;rgb:ff", b"ff/fff", b"f/ffff\x07fq"];
        let out = read(&mut Parser::default(), &parts, Duration::from_secs(5));
        assert_eq!(out, [vec![Out::Light(true)], typed("fq")].concat());
        // No end ever comes: the first key that might be more of it is lost, and no other.
        let parts: [&[u8]; 4] = [b"\x1b]11;rg", b"f", b"f", b"dd"];
        assert_eq!(read(&mut Parser::default(), &parts, Duration::from_secs(5)), typed("fdd"));
        let parts: [&[u8]; 3] = [b"\x1b]11;rg", b"q", b"f"];
        assert_eq!(read(&mut Parser::default(), &parts, Duration::from_secs(5)), typed("qf"));
    }

    #[test]
    fn an_eight_bit_control_is_no_key_and_keeps_none_back() {
        for control in ["\u{80}", "\u{85}", "\u{8f}A", "\u{9b}A", "\u{9b}13u", "\u{9c}", "\u{8f}"] {
            let out = read(&mut Parser::default(), &[control.as_bytes(), b"q"], Duration::from_millis(60));
            assert_eq!(out, typed("q"), "{control:?}");
        }
        let parts: [&[u8]; 2] = [b"\x90", b"q"];
        assert_eq!(read(&mut Parser::default(), &parts, Duration::from_secs(2)), typed("q"));
    }

    #[test]
    fn the_ground_is_told_whenever_it_is() {
        for (answer, light) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x07", true),
            ("\x1b]11;rgb:fb/fb/f8\x1b\\", true),
            ("\x1b]11;rgba:1111/1515/1b1b/ffff\x07", false),
            ("\x1b[?997;2n", true),
            ("\x1b[?997;1n", false),
        ] {
            let out = all(format!("jf{answer}q").as_bytes());
            assert_eq!(out, [typed("jf"), vec![Out::Light(light)], typed("q")].concat(), "{answer:?}");
        }
    }

    #[test]
    fn a_string_without_an_end_swallows_little() {
        let parts: [&[u8]; 3] = [b"\x1b]11;rg", b"\x03", b"q"];
        let ctrl_c = key(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(
            read(&mut Parser::default(), &parts, Duration::from_millis(300)),
            [vec![ctrl_c], typed("q")].concat()
        );
        // Somebody types on: it waits no longer for that.
        let mut parts: Vec<&[u8]> = vec![b"\x1b]11;rg"];
        parts.extend([b"x".as_slice(); 8]);
        assert_eq!(read(&mut Parser::default(), &parts, Duration::from_millis(500)), typed("xxx"));
        // Alt and a key that begins a string, and later something else.
        let parts: [&[u8]; 2] = [b"\x1b]", b"2"];
        assert_eq!(read(&mut Parser::default(), &parts, Duration::from_secs(2)), typed("2"));
    }

    #[test]
    fn a_key_that_is_let_go_is_not_pressed() {
        for released in ["\x1b[102;1:3u", "\x1b[13;1:3u", "\x1b[1;1:3A", "\x1b[3;5:3~"] {
            assert_eq!(all(format!("a{released}q").as_bytes()), typed("aq"), "{released:?}");
        }
        assert_eq!(all(b"\x1b[102;1:1u"), typed("f"));
    }

    #[test]
    fn keys_are_keys() {
        use KeyModifiers as M;
        for (bytes, code, modifiers) in [
            ("\x1b[A", KeyCode::Up, M::NONE),
            ("\x1bOB", KeyCode::Down, M::NONE),
            ("\x1b[1;5C", KeyCode::Right, M::CONTROL),
            ("\x1b[1;3D", KeyCode::Left, M::ALT),
            ("\x1b[Z", KeyCode::BackTab, M::SHIFT),
            ("\x1b[5~", KeyCode::PageUp, M::NONE),
            ("\x1b[15~", KeyCode::F(5), M::NONE),
            ("\x1b[24~", KeyCode::F(12), M::NONE),
            ("\x1bOP", KeyCode::F(1), M::NONE),
            ("\x1b[[B", KeyCode::F(2), M::NONE),
            ("\x1b[97;5u", KeyCode::Char('a'), M::CONTROL),
            ("\x1bx", KeyCode::Char('x'), M::ALT),
            ("\x1bé", KeyCode::Char('é'), M::ALT),
            ("\x1b", KeyCode::Esc, M::NONE),
            ("\r", KeyCode::Enter, M::NONE),
            ("\n", KeyCode::Char('j'), M::CONTROL),
            ("\x1a", KeyCode::Char('z'), M::CONTROL),
            ("\x7f", KeyCode::Backspace, M::NONE),
            ("ж", KeyCode::Char('ж'), M::NONE),
            ("F", KeyCode::Char('F'), M::SHIFT),
        ] {
            assert_eq!(all(bytes.as_bytes()), [key(code, modifiers)], "{bytes:?}");
        }
        // A character cut in two, and what is no character.
        assert_eq!(read(&mut Parser::default(), &[&[0xd0], &[0xb6]], Duration::from_millis(5)), typed("ж"));
        assert_eq!(all(&[0xff, b'a', 0xd0, b'b']), typed("ab"));
        assert_eq!(all(b"\x1b\x1b[A").len(), 2);
    }

    #[test]
    fn pastes_and_clicks() {
        let pasted = |text: &str| Out::Event(Event::Paste(text.into()));
        assert_eq!(all(b"\x1b[200~a\nq\x1b]11;x\x1b[201~q"), [vec![pasted("a\nq\x1b]11;x")], typed("q")].concat());
        let cut: [&[u8]; 3] = [b"\x1b[200~ab", b"c\x1b[20", b"1~"];
        assert_eq!(read(&mut Parser::default(), &cut, Duration::from_millis(200)), [pasted("abc")]);
        assert_eq!(all(b"\x1b[?62;22cq"), [vec![Out::Fence], typed("q")].concat());
        let clicks = all(b"\x1b[<0;11;5M\x1b[<32;12;5M\x1b[<0;12;5m\x1b[<65;1;1M");
        use crossterm::event::{MouseButton::Left, MouseEvent, MouseEventKind as K};
        let kinds: Vec<K> = clicks
            .iter()
            .filter_map(|o| if let Out::Event(Event::Mouse(MouseEvent { kind, .. })) = o { Some(*kind) } else { None })
            .collect();
        assert_eq!(kinds, [K::Down(Left), K::Drag(Left), K::Up(Left), K::ScrollDown]);
    }
}
