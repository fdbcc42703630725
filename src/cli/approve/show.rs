//! Everything that is signed, in plain words. The parser has checked every text for hidden characters. They are marked
//! here again, and every line is indented under its label, because the approver relies on this.

use std::io::Write;

use super::Stop;
use super::fits::Asked;
use crate::change::{ChangeText, Flip, Launch, Override, Work};
use crate::cli::io::Io;
use crate::estate::ControlState;
use crate::hygiene::{hang, visible};

/// Columns of a label, the blanks before and after it included.
const LABEL: usize = 22;
/// Below this many columns, a value goes on the lines below its label; beside it, it would be broken everywhere.
const NARROW: usize = 60;

/// A page of some columns.
struct Page<'a> {
    out: &'a mut dyn Write,
    columns: usize,
}

impl Page<'_> {
    /// A value behind its label.
    fn row(&mut self, label: &str, value: &str) -> Result<(), Stop> {
        if self.columns < NARROW {
            self.line(&format!("  {label}:"))?;
            return self.hanging("    ", value);
        }
        self.hanging(&format!("  {label:<width$}", width = LABEL - 2), value)
    }

    /// A value whose further lines are indented to where it begins.
    fn hanging(&mut self, before: &str, value: &str) -> Result<(), Stop> {
        let indent = before.chars().count();
        for (i, line) in hang(indent, self.columns, value).into_iter().enumerate() {
            if i == 0 {
                writeln!(self.out, "{before}{line}")?;
            } else {
                writeln!(self.out, "{line}")?;
            }
        }
        Ok(())
    }

    fn line(&mut self, text: &str) -> Result<(), Stop> {
        writeln!(self.out, "{text}")?;
        Ok(())
    }

    fn rule(&mut self) -> Result<(), Stop> {
        let rule = "!".repeat(self.columns.min(72));
        self.line(&rule)
    }
}

/// Shows a change, and what is known about the requester.
pub(super) fn change(change: &ChangeText, asked: &Asked, io: &mut Io<'_>) -> Result<(), Stop> {
    let words = change.digest().words();
    let left = change.until.duration_since((io.now)());
    let mut page = Page { columns: io.columns, out: io.out };
    page.hanging("Asked of you: ", &format!("{} asks you to approve", change.by))?;
    page.line("")?;
    page.hanging("    ", &change.title)?;
    page.line("")?;
    // What happens, and where to, comes first. ARNs, which nobody reads first, come last.
    page.row(change.work.region_is(), change.receiving.as_str())?;
    match &change.work {
        Work::Controls { flips, overrides, .. } => controls(flips, overrides, &mut page)?,
        Work::Launch(launch) => servers(launch, &mut page)?,
    }
    page.line("")?;
    page.row("reason", &change.reason)?;
    page.row("data loss", &change.loss)?;
    page.row("asked by", &asked.words(change))?;
    page.row("asked at", &change.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())?;
    let valid = if left.is_negative() {
        "over".to_owned()
    } else {
        format!("{} min {} s more, by this machine's clock", left.as_secs() / 60, left.as_secs() % 60)
    };
    page.row("approve until", &format!("{} ({valid})", change.until.strftime("%Y-%m-%d %H:%M:%S UTC")))?;
    page.row("estate, pair", &format!("{}, {}", change.estate, change.pair))?;
    if let Some(despite) = &change.despite {
        page.line("")?;
        page.rule()?;
        page.line("  PREFLIGHT FAILS, and this is asked for in spite of it:")?;
        for check in &despite.checks {
            page.hanging("    ✖ ", check)?;
        }
        page.hanging("  because: ", &despite.reason)?;
        page.rule()?;
    }
    names(change, &mut page)?;
    let large: String = words.to_uppercase().chars().flat_map(|c| [c, ' ']).collect();
    page.line("\n  word code:\n")?;
    page.hanging("        ", large.trim_end())?;
    page.line("")?;
    page.hanging("        ", &format!("It must be the one that {} reads out to you.", change.by))
}

/// A value behind its label, as on the page.
pub(super) fn line(label: &str, value: &str, io: &mut Io<'_>) -> Result<(), Stop> {
    Page { columns: io.columns, out: io.out }.row(label, value)
}

/// What is meant by the names, to the letter.
fn names(change: &ChangeText, page: &mut Page<'_>) -> Result<(), Stop> {
    page.line("\n  by their ARNs:")?;
    page.hanging("    cluster  ", change.cluster.as_str())?;
    let flips = change.flips().iter().map(|f| (&f.name, f.arn.as_str()));
    for (name, arn) in flips.chain(change.overrides().iter().map(|o| (&o.name, o.arn.as_str()))) {
        page.hanging("    ", name)?;
        page.hanging("      ", arn)?;
    }
    Ok(())
}

fn controls(flips: &[Flip], overrides: &[Override], page: &mut Page<'_>) -> Result<(), Stop> {
    page.line("\n  routing controls, all at once, in this order:")?;
    let word = |state: ControlState| state.to_string();
    for f in flips {
        page.hanging(&format!("    {:>3} → {:<3}  ", word(f.from), word(f.to)), &f.name)?;
    }
    if !overrides.is_empty() {
        page.line("")?;
        page.rule()?;
        page.line("  THIS OVERRIDES SAFETY RULES. ARC will not protect you from:")?;
        for o in overrides {
            page.hanging("    ", &o.name)?;
        }
        page.rule()?;
    }
    Ok(())
}

fn servers(launch: &Launch, page: &mut Page<'_>) -> Result<(), Stop> {
    let n = launch.servers.len();
    let what = if launch.drill {
        "a DRILL: production and replication stay as they are; the instances cost money until they are terminated"
    } else {
        "a REAL RECOVERY: the instances take the servers' place"
    };
    page.line("")?;
    page.hanging("  ", what)?;
    let state = if launch.servers.iter().any(|s| s.point.is_some()) {
        "from these recovery snapshots"
    } else {
        "each at its newest state"
    };
    page.line(&format!("\n  DRS source servers, {n} of them, {state}:"))?;
    for s in &launch.servers {
        page.hanging(&format!("    {}  ", visible(&s.id)), &s.name)?;
        if let Some(point) = &s.point {
            page.hanging(
                "      from  ",
                &format!("{}, taken {}", point.id, point.taken.strftime("%Y-%m-%d %H:%M:%SZ")),
            )?;
        }
    }
    Ok(())
}
