//! The forms in which a report is handed in.

use std::path::Path;

use clap::ValueEnum;

use super::{Report, html, markdown};

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Markdown
    Md,
    /// JSON, version 1
    Json,
    /// One page that needs nothing else, the timeline as a picture on it
    Html,
}

/// The readiness in words: at least this, where checks had no reading.
pub(super) fn readiness(r: &Report) -> String {
    match (r.readiness, r.unknown_checks.len()) {
        (None, _) => "unknown".to_owned(),
        (Some(score), 0) => format!("{score} of 100"),
        (Some(score), 1) => format!("at least {score} of 100: 1 check had no reading"),
        (Some(score), n) => format!("at least {score} of 100: {n} checks had no reading"),
    }
}

impl Format {
    /// The form that a file's name asks for; Markdown where it asks for none.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        match file.extension().and_then(|e| e.to_str()) {
            Some("json") => Format::Json,
            Some("html" | "htm") => Format::Html,
            _ => Format::Md,
        }
    }

    /// A report in this form.
    ///
    /// # Errors
    /// Never for JSON that this program makes.
    pub fn write(self, report: &Report) -> Result<String, serde_json::Error> {
        Ok(match self {
            Format::Md => markdown(report),
            Format::Html => html(report),
            Format::Json => serde_json::to_string_pretty(report)? + "\n",
        })
    }

    /// All forms.
    pub const ALL: [Format; 3] = [Format::Md, Format::Json, Format::Html];

    /// How a file of this form ends.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Format::Md => "md",
            Format::Json => "json",
            Format::Html => "html",
        }
    }
}
