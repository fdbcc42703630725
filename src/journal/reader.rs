//! Reading a journal line by line, in bounded memory, checking the chain on the way.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use super::line::{Fault, FaultKind, Head, LONGEST_LINE, is_whole};
use crate::change::Digest;
use crate::record::{Kept, Record};

/// Hashes of the newest lines that are remembered: a proposal names one of them, and a journal that was cut ends in one.
const REMEMBERED: usize = 4096;
/// Bytes that a crash can leave behind the last whole line; more is no torn end.
const LONGEST_TORN: usize = 64 * 1024 * 1024;

/// How far a journal was read.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    /// The chain's end.
    pub head: Head,
    /// Bytes up to the end of the last whole line.
    pub offset: u64,
    /// Hashes of the lines up to `head`, newest last; the empty chain's is the first that ever was.
    hashes: VecDeque<Digest>,
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// At the file's end, after a whole line.
    End,
    /// At bytes that no newline ends: a line still being written, or torn by a crash.
    Tail(Vec<u8>),
    /// At bytes that a power cut left: zeros where lines were to be, and no whole line after them.
    Zeroed,
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

impl Default for Cursor {
    fn default() -> Self {
        let head = Head::default();
        Self { head, offset: 0, hashes: VecDeque::from([head.hash]) }
    }
}

impl Cursor {
    /// The hash of a line that was read, or of the empty chain for line 0; none where it was never read, or long ago.
    pub(super) fn hash_of(&self, line: u64) -> Option<Digest> {
        let back = usize::try_from(self.head.line.checked_sub(line)?).ok()?;
        self.hashes.get(self.hashes.len().checked_sub(back + 1)?).copied()
    }

    /// The newest line that two ways of reading one file have in common, if they still remember one.
    pub(super) fn common(&self, other: &Cursor) -> Option<u64> {
        let newest = self.head.line.min(other.head.line);
        (0..=newest).rev().take(REMEMBERED).find(|line| {
            let hash = self.hash_of(*line);
            hash.is_some() && hash == other.hash_of(*line)
        })
    }

    /// Moves over a whole line of `length` bytes, its newline counted.
    pub(super) fn step(&mut self, head: Head, length: u64) {
        (self.head, self.offset) = (head, self.offset + length);
        self.hashes.push_back(head.hash);
        if self.hashes.len() > REMEMBERED {
            self.hashes.pop_front();
        }
    }

    /// Whether a record may come next: a proposal says where it was made, and that must be in this chain.
    pub(super) fn takes(&self, record: &Record) -> bool {
        record.anchor().is_none_or(|anchor| self.hash_of(anchor.line) == Some(anchor.head))
    }

    /// Reads the next line, without its newline.
    pub(super) fn read(&self, line: &[u8]) -> Result<(Kept, Head), Fault> {
        let fault = |what| Fault { line: self.head.line + 1, what };
        let (kept, head) = self.head.read(line).map_err(fault)?;
        if self.takes(&kept.record) { Ok((kept, head)) } else { Err(fault(FaultKind::Astray)) }
    }

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
            let ended = line.last() == Some(&b'\n');
            if !ended && line.len() <= LONGEST_LINE {
                return Ok(Stop::Tail(line));
            }
            let read = if ended {
                line.pop();
                self.read(&line)
            } else {
                Err(Fault { line: self.head.line + 1, what: FaultKind::TooLong })
            };
            match read {
                Ok((kept, head)) => {
                    self.step(head, length);
                    take(head.line, kept);
                }
                // No line has a zero byte in it; a power cut leaves runs of them.
                Err(_) if line.contains(&0) && !ends_whole(&line) && whole_lines(&mut reader)? == 0 => {
                    return Ok(Stop::Zeroed);
                }
                Err(fault) => return Err(ReadError::Fault(fault)),
            }
        }
        Ok(Stop::Enough)
    }
}

/// How many of the following lines belong to some journal, whatever is between them. If more follows than a crash can
/// leave, that counts as a line.
pub(super) fn whole_lines(reader: &mut impl BufRead) -> std::io::Result<u64> {
    let (mut whole, mut line, mut length) = (0, Vec::new(), 0);
    loop {
        line.clear();
        let read = reader.by_ref().take(LONGEST_LINE as u64 + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(whole);
        }
        length += read;
        if length > LONGEST_TORN {
            return Ok(whole + 1);
        }
        whole += u64::from(ends_whole(line.strip_suffix(b"\n").unwrap_or(&line)));
    }
}

/// Whether what follows the last zero was a line of some journal.
fn ends_whole(line: &[u8]) -> bool {
    let text = line.rsplit(|b| *b == 0).next().unwrap_or_default();
    !text.is_empty() && is_whole(text)
}
