//! A launch of DRS servers in the dialogs: what is asked for, and how far it is.

use super::{headed, loud, paragraph, slim};
use crate::change::{Change, Launch, State};
use crate::model::words as say;
use crate::model::{Model, drs};
use crate::time::Timestamp;
use crate::ui::pen::Row;
use crate::ui::text;
use crate::ui::theme::Role;

/// Lines of the job's log that are shown, the newest.
const LINES: usize = 40;

/// What kind of launch it is, and the servers of it.
pub(super) fn servers(launch: &Launch, width: usize) -> Vec<Row> {
    let (role, words) = if launch.drill {
        (Role::Notice, "A DRILL (isDrill = true): replication and production stay as they are")
    } else {
        (Role::Loud, "A REAL RECOVERY (isDrill = false): the instances take the servers' place")
    };
    if let Some(at) = launch.at {
        return from_point(launch, at, (role, words), width);
    }
    if slim(width) {
        let mut rows = loud(role, words, width);
        for s in &launch.servers {
            rows.extend(paragraph(Role::Text, &s.name, width, 2));
            rows.push(Row::of(Role::Text, "    ").add(Role::Muted, &s.id));
        }
        return rows;
    }
    let mut rows = vec![Row::of(Role::Text, "  ").add(role, format!(" {words} "))];
    let name = launch.servers.iter().map(|s| text::width(&s.name)).max().unwrap_or(10).clamp(8, 40);
    let columns = (width / (name + 25)).clamp(1, 3);
    for chunk in launch.servers.chunks(columns) {
        let mut row = Row::of(Role::Text, "  ");
        for s in chunk {
            row = row.cell(Role::Text, &s.name, name + 1).cell(Role::Muted, &s.id, 22);
        }
        rows.push(row.cut(width));
    }
    rows
}

/// The servers of a launch from a point in time, each with what it is launched from.
fn from_point(launch: &Launch, at: Timestamp, (role, words): (Role, &str), width: usize) -> Vec<Row> {
    let mut rows = loud(role, words, width);
    let as_of = format!("as of {at}: each server from its newest recovery snapshot that is not younger");
    rows.extend(paragraph(Role::Loud, &as_of, width, 2));
    for s in &launch.servers {
        let from = s.point.as_ref().map(|p| format!(", from {}, taken {}", p.id, p.taken)).unwrap_or_default();
        rows.extend(paragraph(Role::Text, &format!("{} ({}){from}", s.name, s.id), width, 2));
    }
    rows
}

/// The job's servers one by one, and what its log says.
pub(super) fn progress(model: &Model, change: &Change, width: usize) -> Vec<Row> {
    let Some(job) = model.job_of(change) else {
        return match &change.state {
            State::Launching { job } => paragraph(Role::Muted, &format!("DRS has not told of {job} yet"), width, 2),
            _ => Vec::new(),
        };
    };
    let p = drs::progress(job);
    let servers = model.drs.get(&change.text.receiving).map(|d| d.value.servers.as_slice()).unwrap_or_default();
    let aside = Row::of(Role::Title, format!("{} of {} {} ", p.done, p.of, drs::done_word(job)));
    let aside = if slim(width) { aside } else { aside.join(crate::ui::drs::how_far(&p, 20)) };
    let mut rows = headed(format!("job {}", job.id), aside, width);
    let name = job.servers.iter().map(|(id, _)| text::width(drs::name(servers, id))).max().unwrap_or(10).clamp(8, 40);
    let columns = (width / (name + 18)).clamp(1, 4);
    for chunk in job.servers.chunks(columns) {
        let mut row = Row::of(Role::Text, "  ");
        for (id, status) in chunk {
            let (sign, role) = match status.as_str() {
                "LAUNCHED" | "TERMINATED" => ("✔", Role::Ok),
                "FAILED" => ("✖", Role::Fail),
                "IN_PROGRESS" => ("▸", Role::Words),
                _ => ("·", Role::Muted),
            };
            let word = status.to_lowercase().replace('_', " ");
            row = row.add(role, format!("{sign} ")).cell(Role::Text, drs::name(servers, id), name + 1);
            row = row.cell(role, word, 13);
        }
        rows.push(row.cut(width));
    }
    let hidden = job.log.len().saturating_sub(LINES);
    for (at, line) in job.log.iter().skip(hidden).rev() {
        let role = if drs::went_wrong(line) { Role::Fail } else { Role::Text };
        rows.push(Row::of(Role::Muted, format!("  {}  ", say::time_of_day(*at))).add(role, line).cut(width));
    }
    rows.push(Row::new());
    rows
}
