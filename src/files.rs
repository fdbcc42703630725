//! Files that other people name: read up to a bound, and never waited for without end.
//!
//! A path may lead to a folder, to `/dev/zero`, or to a pipe that nobody writes into. Each gives an error in words;
//! none hangs or fills the memory. A pipe that somebody writes into is read like a file: `--estate <(sops -d
//! estate.toml)`.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// No estate file is longer, in bytes.
pub const ESTATE: u64 = 16 * 1024 * 1024;

/// No signature is longer, in bytes; larger than any with a certificate, quoted and wrapped.
pub const SIGNATURE: u64 = 256 * 1024;

/// How long a pipe may have no writer: whoever feeds it may start after us.
const NO_WRITER: Duration = Duration::from_secs(1);
/// How long a writer may be silent: what it decrypts may ask for a touch or a passphrase.
const SILENT: Duration = Duration::from_secs(60);
/// How often a pipe is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// A file's content, of at most `most` bytes.
///
/// # Errors
/// When there is no such file, it is a folder or longer than that, or a pipe brings nothing.
pub fn read_bounded(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_fifo() || kind.is_char_device() { piped(file, most) } else { read_all(file, most) }
}

/// A file's text, of at most `most` bytes.
///
/// # Errors
/// As [`read_bounded`], or when it is no UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    text(read_bounded(path, most)?)
}

/// What a reader gives until its end, at most `most` bytes of it.
///
/// # Errors
/// When there is more, or it cannot be read.
pub fn read_all(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_long(most)) } else { Ok(bytes) }
}

/// The same as text.
///
/// # Errors
/// As [`read_all`], or when it is no UTF-8.
pub fn read_all_text(reader: impl Read, most: u64) -> io::Result<String> {
    text(read_all(reader, most)?)
}

/// Opens a file that is read piece by piece. Opening never waits, whatever the path leads to.
///
/// # Errors
/// When it cannot be opened, or is a folder.
pub fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(never_wait()?).open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder, not a file"));
    }
    Ok(file)
}

/// Opens a file that is read more than once: pipes and devices are none.
///
/// # Errors
/// When it cannot be opened, or is no plain file.
pub fn open_plain(path: &Path) -> io::Result<File> {
    plain(open(path)?)
}

/// Opens one of the program's own files, to read it and to add to its end; makes it, with this mode, where there is none.
///
/// # Errors
/// When it cannot be opened or made, or is no plain file: nothing waits for a pipe that somebody put in its place.
pub fn open_to_append(path: &Path, mode: u32) -> io::Result<File> {
    let file =
        OpenOptions::new().read(true).append(true).create(true).mode(mode).custom_flags(never_wait()?).open(path)?;
    plain(file)
}

/// Opens one of the program's own files, to read it and to write into it.
///
/// # Errors
/// When it cannot be opened, or is no plain file.
pub fn open_to_write(path: &Path) -> io::Result<File> {
    plain(OpenOptions::new().read(true).write(true).custom_flags(never_wait()?).open(path)?)
}

fn plain(file: File) -> io::Result<File> {
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is a pipe or a device, not a file")) }
}

/// What makes opening wait for nobody, and takes no terminal.
fn never_wait() -> io::Result<i32> {
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    i32::try_from(flags.bits()).map_err(io::Error::other)
}

/// Reads what a pipe or a device brings; it was opened so that a read never waits.
fn piped(mut file: File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut piece = [0; 8192];
    let mut since = Instant::now();
    loop {
        let silent = since.elapsed();
        match file.read(&mut piece) {
            // The end; or nobody has opened the other end of a named pipe yet.
            Ok(0) if !bytes.is_empty() || !file.metadata()?.file_type().is_fifo() => return Ok(bytes),
            Ok(0) if silent > NO_WRITER => {
                return Err(timed_out("nothing came out of the pipe: nobody writes into it"));
            }
            Ok(0) => std::thread::sleep(LOOK),
            Ok(n) => {
                bytes.extend_from_slice(piece.get(..n).unwrap_or_default());
                since = Instant::now();
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if e.kind() == ErrorKind::WouldBlock && silent > SILENT => {
                return Err(timed_out("whoever writes into the pipe said nothing for a minute"));
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => std::thread::sleep(LOOK),
            Err(e) => return Err(e),
        }
        if bytes.len() as u64 > most {
            return Err(too_long(most));
        }
    }
}

fn text(bytes: Vec<u8>) -> io::Result<String> {
    String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        io::Error::new(ErrorKind::InvalidData, format!("it is no text: byte {} is no UTF-8", at + 1))
    })
}

fn timed_out(why: &str) -> io::Error {
    io::Error::new(ErrorKind::TimedOut, why)
}

fn too_long(most: u64) -> io::Error {
    let size = if most.is_multiple_of(1 << 20) { format!("{} MiB", most >> 20) } else { format!("{} KiB", most >> 10) };
    io::Error::new(ErrorKind::FileTooLarge, format!("it is longer than {size}"))
}
