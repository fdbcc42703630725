//! `change.json`, as `signalbox propose -o` writes it and `approve` and `flip` read it.
//!
//! `{"version":1,"change":{"text":…,"digest":…,"words":…}}`. The text is what counts; digest and words are there
//! for people and scripts, and a file in which they do not fit the text is refused.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::change::{ChangeText, Digest, TextError};

/// No change is longer, in bytes.
pub const LONGEST: u64 = 256 * 1024;
/// The version that is written.
pub const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    change: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    text: String,
    digest: String,
    words: String,
}

/// Why a file is no change.
#[derive(Debug, thiserror::Error)]
pub enum ChangeFileError {
    /// The file could not be read.
    #[error("failed to read {file}")]
    Io {
        /// Which.
        file: String,
        /// Why not.
        source: std::io::Error,
    },
    /// Not of the form.
    #[error("this is no change file ({0}); give the .change of the incident folder, or what `propose -o` wrote")]
    Form(String),
    /// Of another version.
    #[error("the change file is of version {0}, this program reads version {VERSION}")]
    Version(u32),
    /// Digest or words are another text's.
    #[error("the change file was edited: its digest or its words are not its text's; ask for it again")]
    Mismatch,
    /// The text is not canonical.
    #[error("this is no canonical change ({0}); it was edited or cut: ask for it again")]
    Text(#[from] TextError),
}

/// A change as it travels between two people's machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFile {
    /// The change.
    pub text: ChangeText,
}

impl ChangeFile {
    /// The file of a change.
    #[must_use]
    pub fn of(text: &ChangeText) -> Self {
        Self { text: text.clone() }
    }

    /// The file's content, as `change.json`.
    ///
    /// # Errors
    /// When it cannot be spelt as JSON, which no change causes.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let text = self.text.canonical();
        let digest = Digest::of(&text);
        let change = Body { text, digest: digest.to_string(), words: digest.words() };
        serde_json::to_string_pretty(&File { version: VERSION, change }).map(|json| json + "\n")
    }

    /// Understands `change.json`, or the canonical text itself.
    ///
    /// # Errors
    /// When it is neither, exactly.
    pub fn parse(text: &str) -> Result<Self, ChangeFileError> {
        if !text.trim_start().starts_with('{') {
            return Ok(Self { text: ChangeText::parse(text)? });
        }
        let file: File = serde_json::from_str(text).map_err(|e| ChangeFileError::Form(e.to_string()))?;
        if file.version != VERSION {
            return Err(ChangeFileError::Version(file.version));
        }
        let text = ChangeText::parse(&file.change.text)?;
        let digest = text.digest();
        if digest.to_string() != file.change.digest || digest.words() != file.change.words {
            return Err(ChangeFileError::Mismatch);
        }
        Ok(Self { text })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is no change.
    pub fn read(path: &Path) -> Result<Self, ChangeFileError> {
        let text = crate::files::read_text(path, LONGEST).map_err(|source| ChangeFileError::Io {
            file: crate::hygiene::visible(&path.display().to_string()).into_owned(),
            source,
        })?;
        Self::parse(&text)
    }
}
