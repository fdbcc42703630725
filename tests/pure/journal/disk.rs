//! A disk that fails, fills up or loses its last writes.

use super::*;

/// A disk on which the calls with these numbers fail; writes leave half of what they were given.
#[derive(Clone, Debug, Default)]
struct BadDisk(Arc<Mutex<Calls>>);

#[derive(Debug, Default)]
struct Calls {
    made: usize,
    fail: Vec<usize>,
    full: bool,
}

impl BadDisk {
    fn fails(&self) -> std::io::Result<()> {
        let mut calls = self.0.lock().unwrap();
        calls.made += 1;
        let failed = calls.full || calls.fail.contains(&calls.made);
        let kind = if calls.full { std::io::ErrorKind::StorageFull } else { std::io::ErrorKind::Other };
        if failed { Err(std::io::Error::new(kind, "the disk fails")) } else { Ok(()) }
    }

    /// From now on the calls with these numbers fail.
    fn fail(&self, calls: &[usize]) {
        *self.0.lock().unwrap() = Calls { made: 0, fail: calls.to_vec(), full: false };
    }
}

impl Disk for BadDisk {
    fn append(&self, mut file: &fs::File, bytes: &[u8]) -> std::io::Result<()> {
        if let Err(e) = self.fails() {
            file.write_all(&bytes[..bytes.len() / 2]).unwrap();
            return Err(e);
        }
        file.write_all(bytes)
    }

    fn sync(&self, file: &fs::File) -> std::io::Result<()> {
        self.fails().and_then(|()| file.sync_data())
    }

    fn cut(&self, file: &fs::File, length: u64) -> std::io::Result<()> {
        self.fails().and_then(|()| file.set_len(length))
    }

    fn rewrite(&self, path: &Path, bytes: &[u8], at: u64) -> std::io::Result<()> {
        use std::os::unix::fs::FileExt;
        self.fails()?;
        fs::OpenOptions::new().write(true).open(path)?.write_all_at(bytes, at)
    }
}

fn lines_with(dir: &Path, what: &str) -> usize {
    text(dir).matches(what).count()
}

/// Whatever fails, and however often: what was refused is not there, what was accepted is, the other console goes on,
/// and so does this one when the disk works again.
#[test]
fn no_failure_of_the_disk_lies_or_stops_a_console_for_ever() {
    for failures in
        [vec![1], vec![2], vec![1, 2], vec![2, 3], vec![2, 4], vec![1, 3], (1..9).collect(), (2..20).collect()]
    {
        let dir = tempfile::tempdir().unwrap();
        let disk = BadDisk::default();
        let (mut journal, _) = Journal::open_on(dir.path(), boot(), Box::new(disk.clone())).unwrap();
        let (mut other, _) = open(dir.path());
        journal.append(seen("before"), at(1)).unwrap();
        disk.fail(&failures);
        let failed = journal.append(seen("failed"), at(2)).unwrap_err();
        let unsettled = matches!(failed, JournalError::Unsettled { .. });
        assert!(unsettled || lines_with(dir.path(), "failed") == 0, "{failures:?}: {failed}");
        assert!(failed.to_string().contains("the disk fails"), "{failed}");
        // The other console neither stops nor sees half a line.
        let kept = other.append(seen("other"), at(3)).unwrap();
        assert!(kept.elsewhere.len() <= 2, "{failures:?}");
        disk.fail(&[]);
        let after = journal.append(seen("after"), at(4)).unwrap();
        assert!(after.elsewhere.iter().any(|k| k.record == seen("other")), "{failures:?}: {:?}", after.elsewhere);
        let found = after.elsewhere.iter().filter(|k| k.record == seen("failed")).count();
        assert_eq!(found, lines_with(dir.path(), "\"failed\""), "{failures:?}: what is there is told");
        assert!(unsettled || found == 0);
        assert!(other.catch_up().is_ok() && journal.catch_up().is_ok());
        let report = verify(dir.path()).unwrap();
        assert_eq!((report.fault, report.tail), (None, 0), "{failures:?}");
        assert_eq!(open(dir.path()).1.len() as u64, report.lines);
    }
}

#[test]
fn on_a_full_disk_a_console_opens_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).0.append(seen("before"), at(1)).unwrap();
    let whole = text(dir.path());
    fs::write(dir.path().join(FILE), format!("{whole}{{\"entry\":{{\"seq\"")).unwrap();
    let disk = BadDisk::default();
    disk.0.lock().unwrap().full = true;
    let (mut journal, kept) = Journal::open_on(dir.path(), boot(), Box::new(disk.clone())).unwrap();
    assert_eq!(kept.len(), 1);
    let alarms = journal.alarms().join("\n");
    assert!(alarms.contains("no space is left") && alarms.contains("nothing can be kept"), "{alarms}");
    assert!(matches!(journal.append(seen("a"), at(2)), Err(JournalError::Full { .. })));
    disk.0.lock().unwrap().full = false;
    journal.append(seen("a"), at(2)).unwrap();
    assert_eq!(verify(dir.path()).unwrap().lines, 2);
}

/// What another program wrote is not lost because our own record was refused.
#[test]
fn a_refused_record_takes_nothing_of_others_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, _) = open(dir.path());
    let (mut two, _) = open(dir.path());
    two.append(seen("news"), at(1)).unwrap();
    assert_eq!(refused(one.append(intent(1), at(2))), IntentRefused::NotProposed);
    assert_eq!(one.catch_up().unwrap().len(), 1);
    two.append(seen("more"), at(1)).unwrap();
    assert_eq!(refused(one.append(intent(1), at(2))), IntentRefused::NotProposed);
    assert_eq!(one.append(seen("own"), at(3)).unwrap().elsewhere.len(), 1);
}

/// After a power cut: a line of zeros, a long run of them, zeros with a newline, several lines that were there.
#[test]
fn a_zeroed_end_is_set_aside_and_never_lost() {
    let long = vec![0; 2 * signalbox::journal::LONGEST_LINE + 7];
    let tails: Vec<Vec<u8>> = vec![
        vec![0; 10],
        vec![0, 0, b'\n'],
        vec![0, b'\n', 0, 0, b'\n', 0],
        b"{\"entry\":{\"seq\":3\0\0\0\0\"}\n".to_vec(),
        [long.as_slice(), b"\n"].concat(),
        long,
    ];
    for tail in tails {
        let dir = tempfile::tempdir().unwrap();
        let (mut running, _) = open(dir.path());
        running.append(seen("a"), at(1)).unwrap();
        running.append(seen("b"), at(2)).unwrap();
        fs::OpenOptions::new().append(true).open(dir.path().join(FILE)).unwrap().write_all(&tail).unwrap();
        assert_eq!(verify(dir.path()).unwrap().tail, tail.len() as u64);
        let (mut journal, kept) = open(dir.path());
        assert_eq!(kept.len(), 2);
        let torn = journal.torn();
        assert_eq!(fs::read(&torn[0]).unwrap(), tail);
        let alarms = journal.alarms().join("\n");
        assert!(alarms.contains("journal.torn-1") && alarms.contains(&format!("{} bytes", tail.len())), "{alarms}");
        running.append(seen("on"), at(3)).unwrap();
        let report = verify(dir.path()).unwrap();
        assert_eq!((report.lines, report.fault, report.tail), (3, None, 0));
        assert_eq!((report.set_aside.len(), report.set_aside[0].bytes), (1, tail.len() as u64));
    }
}

/// Zeros with lines after them are no end that a crash tore: nothing is moved, and a person looks.
#[test]
fn zeros_before_whole_lines_are_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (mut journal, _) = open(dir.path());
    (0..4).for_each(|i| drop(journal.append(seen(&i.to_string()), at(i * 60)).unwrap()));
    let mut bytes = fs::read(dir.path().join(FILE)).unwrap();
    let second = text(dir.path()).find('\n').unwrap() + 1;
    bytes[second..second + 100].fill(0);
    fs::write(dir.path().join(FILE), &bytes).unwrap();
    let Err(error) = Journal::open(dir.path(), boot()) else { panic!("opened") };
    assert!(error.is_damage(), "{error}");
    assert_eq!(fs::read(dir.path().join(FILE)).unwrap(), bytes);
    // The end of what was torn can be read, and is counted where it lies.
    fs::write(dir.path().join("journal.torn-3"), &bytes).unwrap();
    fs::write(dir.path().join("journal.torn-x"), "no").unwrap();
    let found = signalbox::journal::set_aside(dir.path());
    assert_eq!(found.iter().map(|f| (f.records, f.bytes)).collect::<Vec<_>>(), [(Some(3), bytes.len() as u64)]);
}

// ------------------------------------------------------------------------------- anchors and copies
