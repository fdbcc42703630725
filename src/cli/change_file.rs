//! `change.json`, as `signalbox propose -o` writes it and `approve` and `flip` read it.
//!
//! `{"version":1,"change":{"text":…,"digest":…,"words":…}}`. The text counts. Digest and words are for people and
//! scripts; a file in which they do not match the text is refused.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::change::{ChangeText, Digest, TextError};
use crate::files;
use crate::journal::LONGEST_LINE;

/// No change file is longer, in bytes: it has room for an estate as long as a journal's line.
pub const LONGEST: u64 = LONGEST_LINE as u64;
/// The version that is written.
pub const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    change: Body,
    /// What the change is bound to of its estate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estate: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    text: String,
    digest: String,
    words: String,
    /// The requester's armored signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
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
    #[error("this is no change as it was proposed ({0}): it is another file, or it was edited or cut")]
    Text(#[from] TextError),
}

/// A change as it travels between two people's machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFile {
    /// The change.
    pub text: ChangeText,
    /// The deciding text of the estate that it is bound to, if the file has it (`change::Binding`).
    pub estate: Option<String>,
    /// The requester's armored signature over it, where the file has it.
    pub signature: Option<String>,
}

impl ChangeFile {
    /// The change file alone.
    #[must_use]
    pub fn of(text: &ChangeText) -> Self {
        Self { text: text.clone(), estate: None, signature: None }
    }

    /// Reads what a console puts next to a `.change` in its incident folder: the requester's signature, and the
    /// estate's deciding text. A missing or binary file counts as unknown.
    pub fn take_what_lies_beside(&mut self, path: &Path) {
        let beside = |ending: &str| {
            let file = path.with_extension(format!("change{ending}"));
            files::read_text(&file, LONGEST).ok()
        };
        if path.extension().is_some_and(|e| e == "change") {
            self.signature = self.signature.take().or_else(|| beside(crate::signing::ASKED));
            self.estate = self.estate.take().or_else(|| beside(crate::signing::ESTATE));
        }
    }

    /// The file's content, as `change.json`.
    ///
    /// # Errors
    /// When it cannot be spelt as JSON, which no change causes.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let text = self.text.canonical();
        let digest = Digest::of(&text);
        let change =
            Body { text, digest: digest.to_string(), words: digest.words(), signature: self.signature.clone() };
        let file = File { version: VERSION, change, estate: self.estate.clone() };
        serde_json::to_string_pretty(&file).map(|json| json + "\n")
    }

    /// Parses `change.json`, or the canonical text itself. A UTF-8 mark, Windows line ends and blank lines around it
    /// are ignored, because transport adds them: no canonical text has any, so two changes cannot become one.
    ///
    /// # Errors
    /// If it is neither, exactly.
    pub fn parse(text: &str) -> Result<Self, ChangeFileError> {
        let text = text.trim_start_matches('\u{feff}');
        if !text.trim_start().starts_with('{') {
            let plain = text.replace("\r\n", "\n");
            return Ok(Self::of(&ChangeText::parse(&format!("{}\n", plain.trim_matches('\n')))?));
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
        Ok(Self { text, estate: file.estate, signature: file.change.signature })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is no change.
    pub fn read(path: &Path) -> Result<Self, ChangeFileError> {
        let text = files::read_text(path, LONGEST).map_err(|source| ChangeFileError::Io {
            file: crate::hygiene::visible(&path.display().to_string()).into_owned(),
            source,
        })?;
        let mut file = Self::parse(&text)?;
        file.take_what_lies_beside(path);
        Ok(file)
    }
}
