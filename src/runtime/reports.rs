//! Reports of this console's own journal, written while it runs: a key, no second terminal.

use std::path::{Path, PathBuf};

use crate::change::{Binding, Changes, Untrue};
use crate::estate::{Estate, PairName};
use crate::journal::{self, JournalError};
use crate::record::Kept;
use crate::report::{self, Format, Report, Source};

/// A whole journal, as reports are made of it.
pub struct Whole {
    /// Its records, up to the first fault.
    pub records: Vec<Kept>,
    /// Where they were read.
    pub source: Source,
    /// What must be told besides, one sentence each: a torn end, and what was set aside.
    pub alarms: Vec<String>,
}

/// Reads a whole journal.
///
/// # Errors
/// When the file cannot be read.
pub fn records(path: &Path) -> Result<Whole, JournalError> {
    let mut records = Vec::new();
    let read = journal::read(path, &mut |_, kept| records.push(kept))?;
    let alarms = read.alarms();
    let source = Source { lines: read.lines, head: read.head, fault: read.fault.map(|f| f.to_string()) };
    Ok(Whole { records, source, alarms })
}

/// The records that prove what they say, by the people of an estate, and how many of its lines prove nothing.
#[must_use]
pub fn proven(records: Vec<Kept>, estate: &Estate) -> (Vec<Kept>, usize) {
    let (binding, mut changes) = (Binding::of(estate), Changes::default());
    let all = records.len();
    let good: Vec<Kept> = records
        .into_iter()
        .filter(|kept| !matches!(changes.apply(estate, &binding, kept, kept.as_written()), Err(Untrue::Unproven(_))))
        .collect();
    let bad = all - good.len();
    (good, bad)
}

/// Writes the report of a pair's last incident or drill, in every format, into the state folder's `reports`; gives the
/// files' common name. Records that do not prove what they say are left out. In a masked report, every text has the
/// estate's aliases, and the name says so.
///
/// # Errors
/// What went wrong, in words.
pub(super) fn write(state: &Path, pair: &PairName, estate: &Estate, masked: bool) -> Result<PathBuf, String> {
    let Whole { records, source, .. } = records(state).map_err(|e| format!("failed to read the journal: {e}"))?;
    let (records, _) = proven(records, estate);
    let of_pair = |w: &report::Window| w.pair == *pair;
    let window = report::windows(&records).into_iter().rev().find(of_pair);
    let window = window.ok_or_else(|| format!("nothing has happened to pair {pair} that a report could tell of"))?;
    let mut report = Report::of(&records, &window, source);
    if masked {
        report = report.masked(&report::mask(Some(estate), &records));
    }
    let folder = state.join("reports");
    std::fs::create_dir_all(&folder).map_err(|e| format!("failed to make {}: {e}", folder.display()))?;
    // A name may hold anything; a file's name may not.
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let name: String = report.name.chars().map(plain).take(60).collect();
    let kind = if masked { "-masked" } else { "" };
    let base = folder.join(format!("{}-{name}{kind}", report.started.strftime("%Y-%m-%d")));
    for format in Format::ALL {
        let file = PathBuf::from(format!("{}.{}", base.display(), format.extension()));
        let text = format.write(&report).map_err(|e| format!("failed to write the report: {e}"))?;
        std::fs::write(&file, text).map_err(|e| format!("failed to write {}: {e}", file.display()))?;
    }
    Ok(base)
}
