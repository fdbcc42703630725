//! A string that a terminal sends: OSC, DCS, APC, PM or SOS, to its end, BEL or ST. None of it is a key.

/// What is kept of a string: more than the longest answer that is read.
const KEPT: usize = 64;

/// A string that has begun.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// Whether it is an OSC.
    command: bool,
    kept: Vec<u8>,
    /// Its newest byte is an escape.
    escape: bool,
    /// The bytes that its newest character lacks, and that character's first byte.
    lacks: (u8, u8),
    /// A byte by itself came long after the rest, and was taken for more of it. The next one is a key.
    doubted: bool,
}

/// What a byte does to a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    More(Text),
    /// It is whole: what an OSC says, nothing of any other.
    End(Option<String>),
    /// It was broken off by an escape, and this is behind it.
    Escape(u8),
    /// It was broken off by this.
    Byte(u8),
}

/// Whether bytes that come long after a string's beginning are more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    Yes,
    /// What comes next shows.
    Perhaps,
    No,
}

impl Text {
    /// Behind the byte that follows its escape: `]` begins an OSC.
    pub(super) fn begun(by: u8) -> Self {
        Self { command: by == b']', ..Self::default() }
    }

    /// Whether nothing of it has come: then a person may have typed its beginning.
    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty() && !self.escape
    }

    /// Takes in its next byte.
    pub(super) fn take(mut self, byte: u8) -> Next {
        let (lacks, lead) = self.lacks;
        match (byte, self.escape) {
            (0x07, false) | (b'\\', true) => return self.end(),
            // ST in one byte, or as UTF-8; in any other character it is a part of that.
            (0x9c, false) if lacks == 0 || (lacks, lead) == (1, 0xc2) => return self.end(),
            // It was broken off, and something else begins.
            (_, true) => return Next::Escape(byte),
            // CAN and SUB end what goes wrong; no answer holds a ctrl-c.
            (0x18 | 0x1a, false) => return Next::End(None),
            (0x03, false) => return Next::Byte(byte),
            (0x1b, false) => {
                self.escape = true;
                return Next::More(self);
            }
            _ => {}
        }
        self.lacks = match byte {
            0x80..=0xbf if lacks > 0 => (lacks - 1, lead),
            0xc2..=0xdf => (1, byte),
            0xe0..=0xef => (2, byte),
            0xf0..=0xf4 => (3, byte),
            _ => (0, 0),
        };
        if self.kept.len() < KEPT {
            self.kept.push(byte);
        }
        Next::More(self)
    }

    fn end(self) -> Next {
        Next::End(self.command.then(|| String::from_utf8_lossy(&self.kept).into_owned()))
    }

    /// Whether bytes that come after a pause are more of it. A terminal writes an answer at once: where a line held it
    /// up, the rest of it comes before anything that somebody typed.
    pub(super) fn tail(&self, bytes: &[u8]) -> Tail {
        if self.escape {
            return if bytes.first() == Some(&b'\\') { Tail::Yes } else { Tail::No };
        }
        let end = bytes.iter().position(|b| *b < 0x20 || *b == 0x7f || *b == 0x9c);
        match end.and_then(|end| bytes.get(end..)) {
            Some([0x07 | 0x18 | 0x1a | 0x9c, ..] | [0x1b, b'\\', ..]) => Tail::Yes,
            Some([0x1b]) => Tail::Perhaps,
            Some(_) => Tail::No,
            None if !bytes.iter().all(|b| self.may_hold(*b)) => Tail::No,
            None if bytes.len() > 1 => Tail::Yes,
            None => Tail::Perhaps,
        }
    }

    /// It, if one byte that came by itself may be more of it: once, for the next is a key.
    pub(super) fn doubted(mut self, byte: u8) -> Option<Self> {
        let first = !std::mem::replace(&mut self.doubted, true) && self.may_hold(byte);
        first.then_some(self)
    }

    /// Whether such an answer may have this in it: colours are hexadecimal, a clipboard is base64.
    fn may_hold(&self, byte: u8) -> bool {
        match self.kept.first() {
            Some(b'0'..=b'9') if self.command && self.kept.starts_with(b"52;") => {
                byte.is_ascii_alphanumeric() || b"+/=;".contains(&byte)
            }
            Some(b'0'..=b'9') if self.command => byte.is_ascii_hexdigit() || b"rgb:;/?#".contains(&byte),
            _ => byte >= 0x20 && byte != 0x7f,
        }
    }
}
