//! What a second person types to approve: shown by the screen, said by the lines, put on the clipboard.

use serde::{Deserialize, Serialize};

use super::{Change, NAMESPACE};
use crate::estate::PersonName;
use crate::hygiene::shell;

/// The instructions for approving in a second terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApproveHint {
    /// How this program is called, as a shell takes it: `signalbox`, or `cargo run -q --`.
    pub program: String,
    /// The incident folder that holds the change files.
    pub folder: String,
    /// The key file that the second person signs with, where it is known.
    pub key: Option<String>,
    /// The estate file that the second person's program compares with, where theirs is known.
    #[serde(default)]
    pub estate: Option<String>,
    /// The demo's throw-away second person: a key of the screen acts as them. None outside the demo.
    pub second_person: Option<PersonName>,
}

impl ApproveHint {
    /// Our own command, word by word: `signalbox approve FILE`.
    #[must_use]
    pub fn ours(&self, change: &Change) -> Vec<String> {
        let mut command = shell::words(&self.program);
        command.extend(["approve".to_owned(), self.file(change)]);
        if let Some(key) = self.quoted_key() {
            command.extend(["--key".to_owned(), key]);
        }
        if let Some(estate) = self.estate.as_deref() {
            command.extend(["--estate".to_owned(), shell::word(estate)]);
        }
        command
    }

    /// The same with OpenSSH's own program.
    #[must_use]
    pub fn theirs(&self, change: &Change) -> Vec<String> {
        let mut command = shell::words(&format!("ssh-keygen -Y sign -n {NAMESPACE} -f"));
        command.extend([self.quoted_key().unwrap_or_else(|| "YOUR_KEY".into()), self.file(change)]);
        command
    }

    fn file(&self, change: &Change) -> String {
        shell::path(&format!("{}/{}.change", self.folder.trim_end_matches('/'), change.digest.words()))
    }

    fn quoted_key(&self) -> Option<String> {
        self.key.as_deref().map(shell::path)
    }
}
