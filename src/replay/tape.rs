//! A recording file: where each of its lines is, and how far it is whole.
//!
//! A line is read when it is needed, so a recording of many hours takes no more memory than its index.

use std::fmt;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::error::Category;

use super::form::{Header, KIND, Line, Step, VERSION};
use crate::estate::{Estate, Faults};
use crate::hygiene::visible;
use crate::time::Timestamp;

/// The longest line that is read, in bytes. A journal of many years is one line.
const LONGEST: u64 = 256 * 1024 * 1024;

/// What a recording is read from.
trait Medium: Read + Seek + Send {}
impl<T: Read + Seek + Send> Medium for T {}

/// Why a file is not played.
#[derive(Debug, thiserror::Error)]
pub enum TapeError {
    /// The file cannot be read.
    #[error("{file}: {error}")]
    Io {
        /// The file.
        file: String,
        /// Why.
        error: std::io::Error,
    },
    /// It is something else.
    #[error("{file}:1: this is no recording of signalbox: {why}; `signalbox console --record FILE` makes one")]
    NoRecording {
        /// The file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// It has a form that this program does not know.
    #[error(
        "{file}:1: the recording has version {found} of the form, and this program ({program}) reads version {known}; \
         replay it with signalbox {by}, which wrote it"
    )]
    Version {
        /// The file.
        file: String,
        /// Its version.
        found: u32,
        /// The version that is known here.
        known: u32,
        /// This program's version.
        program: &'static str,
        /// The program that wrote it.
        by: String,
    },
    /// The estate in it has faults.
    #[error("{file}:1: the estate in the recording: {faults}")]
    Estate {
        /// The file.
        file: String,
        /// What is wrong with it.
        faults: Faults,
    },
    /// It ends before anything was drawn.
    #[error("{file}:{line}: the recording ends before its first frame ({ending}): there is nothing to show")]
    Nothing {
        /// The file.
        file: String,
        /// Its last whole line.
        line: usize,
        /// How it ends.
        ending: Ending,
    },
}

/// How a recording ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With its last line, which says why.
    Whole(String),
    /// After a whole line, without having been ended.
    Unfinished {
        /// The last line.
        line: usize,
    },
    /// In a line that is cut off; everything before it is played.
    Cut {
        /// The line.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ending::Whole(why) => write!(f, "{why}"),
            Ending::Unfinished { line } => write!(f, "unfinished: it stops after line {line}"),
            Ending::Cut { line, why } => write!(f, "whole to line {}; line {line} is damaged: {why}", line - 1),
        }
    }
}

/// What a step is, without its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Frame,
    Other,
}

/// Where a step is in the file, and when it happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    offset: u64,
    length: u64,
    pub(crate) ms: u64,
    /// The console's time: of the newest event until then.
    pub(crate) wall: Timestamp,
    pub(crate) kind: Kind,
}

/// A recording that has been looked through.
pub struct Tape {
    file: String,
    medium: Box<dyn Medium>,
    header: Header,
    estate: Arc<Estate>,
    places: Vec<Place>,
    ending: Ending,
}

/// As much of a header as every version has.
#[derive(Deserialize)]
struct AnyHeader {
    signalbox: String,
    version: u32,
    #[serde(default)]
    program: String,
}

impl Tape {
    /// Opens a recording and looks it through.
    ///
    /// # Errors
    /// When it cannot be read, is no recording, or one of another version.
    pub fn open(path: &Path) -> Result<Self, TapeError> {
        let name = path.display().to_string();
        match crate::files::open_plain(path) {
            Ok(file) => Self::read(file, &name),
            Err(error) => Err(TapeError::Io { file: visible(&name).into_owned(), error }),
        }
    }

    /// Looks a recording through that is no file; `name` is what errors call it.
    ///
    /// # Errors
    /// As [`Tape::open`].
    pub fn read(medium: impl Read + Seek + Send + 'static, name: &str) -> Result<Self, TapeError> {
        let file = visible(name).into_owned();
        let mut reader = BufReader::new(medium);
        let io = |error| TapeError::Io { file: file.clone(), error };
        let mut text = Vec::new();
        let whole = next_line(&mut reader, &mut text).map_err(io)?;
        let (header, estate) = begin(&file, &text, whole)?;
        let mut offset = text.len() as u64;
        let mut places = Vec::new();
        let mut wall = header.opened.wall;
        let mut number = 1;
        let ending = loop {
            let whole = next_line(&mut reader, &mut text).map_err(io)?;
            if text.is_empty() {
                break Ending::Unfinished { line: number };
            }
            number += 1;
            let line = match (whole, serde_json::from_slice::<Line>(&text)) {
                (true, Ok(line)) => line,
                (true, Err(error)) => break Ending::Cut { line: number, why: misread(&error) },
                (false, _) => break Ending::Cut { line: number, why: "the file is cut off in it".into() },
            };
            let length = text.len() as u64;
            match &line.step {
                Step::Event(event) => wall = event.at.wall,
                Step::End(why) => break Ending::Whole(visible(why).into_owned()),
                _ => {}
            }
            let kind = if matches!(line.step, Step::Drawn(..)) { Kind::Frame } else { Kind::Other };
            places.push(Place { offset, length, ms: line.ms, wall, kind });
            offset += length;
        };
        Ok(Self { file, medium: Box::new(reader.into_inner()), header, estate, places, ending })
    }

    /// What errors call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file
    }

    /// Its first line.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The estate that it was made on.
    #[must_use]
    pub fn estate(&self) -> &Arc<Estate> {
        &self.estate
    }

    /// How it ends.
    #[must_use]
    pub fn ending(&self) -> &Ending {
        &self.ending
    }

    /// How many steps of it are whole.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }

    /// Reads a step; none after the last whole one, or when the file has changed since it was looked through.
    pub(crate) fn step(&mut self, at: usize) -> Option<Step> {
        let place = self.places.get(at)?;
        self.medium.seek(SeekFrom::Start(place.offset)).ok()?;
        let mut text = vec![0; usize::try_from(place.length).ok()?];
        self.medium.read_exact(&mut text).ok()?;
        serde_json::from_slice::<Line>(&text).ok().map(|line| line.step)
    }
}

/// What is wrong with a line, in words of ours: what the parser says names its own types.
fn misread(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => "it does not say what a recording says there".to_owned(),
        Category::Eof => "it breaks off in the middle".to_owned(),
        _ => format!("it is no JSON from column {} on", error.column()),
    }
}

/// Reads a line with its end; false when its end is missing.
fn next_line(reader: &mut impl BufRead, text: &mut Vec<u8>) -> std::io::Result<bool> {
    text.clear();
    reader.take(LONGEST).read_until(b'\n', text)?;
    Ok(text.last() == Some(&b'\n'))
}

fn begin(file: &str, text: &[u8], whole: bool) -> Result<(Header, Arc<Estate>), TapeError> {
    let file = file.to_owned();
    let none = |why: String| TapeError::NoRecording { file: file.clone(), why: visible(&why).into_owned() };
    if text.is_empty() {
        return Err(none("it is empty".into()));
    }
    if !whole {
        return Err(none("its first line is cut off".into()));
    }
    let any: AnyHeader = serde_json::from_slice(text).map_err(|e| none(misread(&e)))?;
    if any.signalbox != KIND {
        return Err(none(format!("it is a `{}`", any.signalbox)));
    }
    if any.version != VERSION {
        let (known, program) = (VERSION, env!("CARGO_PKG_VERSION"));
        let by = visible(&any.program).into_owned();
        return Err(TapeError::Version { file, found: any.version, known, program, by });
    }
    let header: Header = serde_json::from_slice(text).map_err(|e| none(misread(&e)))?;
    let estate = Estate::parse(&header.estate, "estate").map_err(|faults| TapeError::Estate { file, faults })?;
    Ok((header, Arc::new(estate)))
}
