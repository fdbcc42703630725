//! The clipboard of the person's own terminal, over OSC 52: it works through SSH, because the terminal does it. tmux is
//! between the two, and by default neither takes the sequence nor passes it on, so tmux itself is asked too.

use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

/// The longest text that is put on the clipboard, in bytes; terminals drop longer ones.
const LONGEST: usize = 60_000;
/// How long tmux is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// What stands between this program and the terminal that has the clipboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clipboard {
    /// Nothing that matters.
    #[default]
    Terminal,
    /// tmux. It takes the sequence itself if `set-clipboard` is on, and passes it on, wrapped, if `allow-passthrough`
    /// is: it gets both. By default it does neither: see [`through_tmux`].
    Tmux,
    /// A terminal that has no clipboard.
    None,
}

/// What is to be said of something that this person asked for; in words why it was not done.
pub type Told = Result<String, String>;

impl Clipboard {
    /// The bytes that put a text on the clipboard.
    ///
    /// # Errors
    /// In words, why it cannot get there.
    pub fn bytes(self, text: &str) -> Result<Vec<u8>, String> {
        if text.len() > LONGEST {
            return Err(format!("terminals copy {LONGEST} bytes at most, and this has {}", text.len()));
        }
        let plain = format!("\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(text));
        match self {
            Clipboard::Terminal => Ok(plain.into_bytes()),
            // Inside of the wrapping every escape is written twice.
            Clipboard::Tmux => Ok(format!("\x1bPtmux;{}\x1b\\{plain}", plain.replace('\x1b', "\x1b\x1b")).into_bytes()),
            Clipboard::None => Err("this terminal has no clipboard to copy to".into()),
        }
    }
}

/// Puts a text into tmux's buffer, and asks it to hand it on to the clipboard of its own terminal (`-w`, tmux 3.2).
///
/// # Errors
/// In words, why it is not there.
pub async fn through_tmux(text: &str) -> Told {
    let what = crate::ui::copied_words(text);
    match tmux(&["load-buffer", "-w", "-"], text).await {
        Ok(()) => Ok(format!("copied, through tmux and into its buffer: {what}")),
        // An older one has no -w.
        Err(first) => match tmux(&["load-buffer", "-"], text).await {
            Ok(()) => Ok(format!("in tmux's buffer only, its paste key has it (no clipboard: {first}): {what}")),
            Err(why) => Err(format!("tmux copies it neither to the clipboard nor into its buffer: {why}")),
        },
    }
}

async fn tmux(args: &[&str], text: &str) -> Result<(), String> {
    let asked = async {
        let mut command = Command::new("tmux");
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|e| format!("failed to run tmux: {e}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // One that ends without reading says why itself.
            let _ = stdin.write_all(text.as_bytes()).await;
        }
        let output = child.wait_with_output().await.map_err(|e| e.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said = crate::hygiene::visible(said.lines().next().unwrap_or_default().trim()).into_owned();
        Err(if said.is_empty() { output.status.to_string() } else { said })
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err("tmux does not answer".into()))
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
        // Nothing of the text is in the sequence as it is, whatever the text says.
        let hostile = bytes(Clipboard::Tmux, "\x1b\\\x07;évil");
        assert_eq!(hostile.matches('\x1b').count(), 5, "{hostile:?}");
        assert!(Clipboard::Terminal.bytes(&"x".repeat(LONGEST + 1)).unwrap_err().contains("60001"));
        assert!(Clipboard::None.bytes("x").unwrap_err().contains("no clipboard"));
    }
}
