//! Reading a journal line by line, in bounded memory, checking the chain on the way.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use super::line::{Fault, FaultKind, LONGEST_LINE, Link};
use crate::record::Kept;

/// How far a journal was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The chain's end.
    pub link: Link,
    /// Bytes up to the end of the last whole line.
    pub offset: u64,
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// At the file's end, after a whole line.
    End,
    /// At bytes that no newline ends: a line still being written, or torn by a crash.
    Tail(Vec<u8>),
    /// After as many lines as were wanted.
    Enough,
}

/// Why a journal could not be read on.
#[derive(Debug)]
pub(super) enum ReadError {
    Io(std::io::Error),
    Fault(Fault),
}

impl From<std::io::Error> for ReadError {
    fn from(e: std::io::Error) -> Self {
        Self::Io(e)
    }
}

impl Cursor {
    /// Reads on, at most `most` lines; each whole, right line moves the cursor.
    pub(super) fn read_on(
        &mut self,
        mut file: &File,
        most: usize,
        take: &mut dyn FnMut(u64, Kept),
    ) -> Result<Stop, ReadError> {
        file.seek(SeekFrom::Start(self.offset))?;
        let mut reader = BufReader::with_capacity(64 * 1024, file);
        let mut line = Vec::new();
        for _ in 0..most {
            line.clear();
            (&mut reader).take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line)?;
            let length = line.len() as u64;
            if length == 0 {
                return Ok(Stop::End);
            }
            if line.last() != Some(&b'\n') {
                if line.len() > LONGEST_LINE {
                    let line = self.link.lines + 1;
                    return Err(ReadError::Fault(Fault { line, what: FaultKind::TooLong }));
                }
                return Ok(Stop::Tail(line));
            }
            line.pop();
            let (kept, link) = self.link.read(&line).map_err(ReadError::Fault)?;
            *self = Self { link, offset: self.offset + length };
            take(link.lines, kept);
        }
        Ok(Stop::Enough)
    }
}
