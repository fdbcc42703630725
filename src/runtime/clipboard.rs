//! The clipboard of the person's own terminal, over OSC 52: it works through SSH, because the terminal does it.

use base64::Engine as _;

/// The longest text that is put on the clipboard, in bytes; terminals drop longer ones.
const LONGEST: usize = 60_000;

/// What stands between this program and the terminal that has the clipboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clipboard {
    /// Nothing that matters.
    #[default]
    Terminal,
    /// tmux. It takes the sequence itself where `set-clipboard` is on, and hands it through, wrapped, where
    /// `allow-passthrough` is: which of the two holds cannot be asked, so it gets both.
    Tmux,
}

impl Clipboard {
    /// The bytes that put a text on the clipboard; none where it is too long for a terminal to take.
    #[must_use]
    pub fn bytes(self, text: &str) -> Option<Vec<u8>> {
        if text.len() > LONGEST {
            return None;
        }
        let plain = format!("\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(text));
        let bytes = match self {
            Clipboard::Terminal => plain,
            // Inside of the wrapping every escape is written twice.
            Clipboard::Tmux => format!("\x1bPtmux;{}\x1b\\{plain}", plain.replace('\x1b', "\x1b\x1b")),
        };
        Some(bytes.into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_a_terminal_and_of_tmux() {
        let bytes = |c: Clipboard, text: &str| String::from_utf8(c.bytes(text).unwrap()).unwrap();
        assert_eq!(bytes(Clipboard::Terminal, "us-east-2 is ready"), "\x1b]52;c;dXMtZWFzdC0yIGlzIHJlYWR5\x07");
        assert_eq!(
            bytes(Clipboard::Tmux, "us-east-2 is ready"),
            "\x1bPtmux;\x1b\x1b]52;c;dXMtZWFzdC0yIGlzIHJlYWR5\x07\x1b\\\x1b]52;c;dXMtZWFzdC0yIGlzIHJlYWR5\x07"
        );
        // Whatever the text is, nothing of it stands in the sequence as it is.
        let hostile = bytes(Clipboard::Tmux, "\x1b\\\x07;évil");
        assert_eq!(hostile.matches('\x1b').count(), 5, "{hostile:?}");
        assert_eq!(Clipboard::Terminal.bytes(&"x".repeat(LONGEST + 1)), None);
    }
}
