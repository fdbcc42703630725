//! One person: what they may do, their keys, and what they did as far as the journal knows.

use ssh_key::HashAlg;

use super::super::{Sheet, heading};
use super::{LINES, named};
use crate::change::{Change, State};
use crate::estate::{ListedKey, PersonName, Role as Part};
use crate::model::{Model, Severity};
use crate::time::Stamp;
use crate::ui::pen::Row;
use crate::ui::theme::Role;
use crate::ui::timeline::{self, Form};

/// Changes that are shown, the newest.
const CHANGES: usize = 20;

pub(super) fn sheet(model: &Model, name: &PersonName, width: usize) -> Sheet {
    let mut sheet = Sheet::new(name.as_str());
    match model.estate.person(name) {
        Some(person) => {
            sheet.right = Row::of(Role::Muted, "a person of the estate file");
            for (i, role) in person.roles.iter().enumerate() {
                named(&mut sheet, if i == 0 { "may" } else { "" }, Role::Text, part(*role), width);
            }
            if !person.groups.is_empty() {
                named(&mut sheet, "groups", Role::Text, &person.groups.join(", "), width);
            }
            for (i, key) in person.keys.iter().enumerate() {
                let (role, words) = listed(model, key);
                named(&mut sheet, if i == 0 { "keys" } else { "" }, role, &words, width);
            }
            if person.is(Part::Approver) || person.is(Part::Operator) {
                let due = model.proof_is_due(name);
                let (role, sign) = if due { (Role::Warn, "▲ ") } else { (Role::Ok, "✔ ") };
                named(&mut sheet, "proven", role, &format!("{sign}{}", model.proof_words(name)), width);
            }
            if person.keys.is_empty() {
                named(&mut sheet, "keys", Role::Warn, "▲ none in the file: without one nothing can be approved", width);
            }
        }
        None => {
            sheet.frame = Role::Unknown;
            named(&mut sheet, "may", Role::Unknown, "? the estate file does not name them any more", width);
        }
    }
    changes(&mut sheet, model, name, width);
    told(&mut sheet, model, name, width);
    sheet
}

/// A key with how it stands.
fn listed(model: &Model, key: &ListedKey) -> (Role, String) {
    let Some(print) = key.public().map(|k| k.fingerprint(HashAlg::Sha256)) else {
        return (Role::Unknown, format!("? it cannot be read ({})", key.kind()));
    };
    let words = format!("{print} ({})", key.kind());
    let end = key.valid_until().map(|end| end.strftime("%Y-%m-%d %H:%M:%SZ"));
    match end {
        _ if key.public().is_some_and(|k| model.estate.is_revoked(k.key_data())) => {
            (Role::Warn, format!("{words} ▲ revoked: it no longer counts"))
        }
        Some(end) if key.has_ended(model.now.wall) => {
            (Role::Warn, format!("{words} ▲ ended {end}: it no longer counts"))
        }
        Some(end) => (Role::Text, format!("{words} until {end}")),
        None => (Role::Text, words),
    }
}

fn part(role: Part) -> &'static str {
    match role {
        Part::Observer => "observer: look on",
        Part::Operator => "operator: propose changes and turn the second key",
        Part::Approver => "approver: approve or reject what somebody else proposed",
    }
}

/// What somebody did to a change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Proposed,
    Approved,
    Rejected,
}

impl Deed {
    fn word(self) -> &'static str {
        match self {
            Deed::Proposed => "proposed",
            Deed::Approved => "approved",
            Deed::Rejected => "rejected",
        }
    }
}

/// What somebody did to a change, and when; none if they had no part in it.
fn deed(change: &Change, name: &PersonName) -> Option<(Deed, Stamp)> {
    if let State::Rejected { by, .. } = &change.state
        && by == name
    {
        return Some((Deed::Rejected, change.since));
    }
    if let Some(a) = change.approvals.iter().find(|a| a.by == *name) {
        return Some((Deed::Approved, a.at));
    }
    (change.text.by == *name).then_some((Deed::Proposed, change.proposed))
}

fn changes(sheet: &mut Sheet, model: &Model, name: &PersonName, width: usize) {
    let theirs: Vec<_> =
        model.changes.all().iter().rev().filter_map(|c| deed(c, name).map(|(did, at)| (c, did, at))).collect();
    let count = |deed| format!("{} {}", theirs.iter().filter(|(_, did, _)| *did == deed).count(), deed.word());
    let words = [Deed::Proposed, Deed::Approved, Deed::Rejected].map(count).join(", ");
    sheet.body.push(heading("changes of this journal", Row::of(Role::Muted, words), width));
    for (c, did, at) in theirs.iter().take(CHANGES) {
        let role = if *did == Deed::Rejected { Role::Fail } else { Role::Deed };
        let row = Row::of(Role::Muted, format!("  {}  ", at.wall.strftime("%m-%d %H:%M:%SZ")))
            .cell(role, did.word(), 10)
            .cell(Role::Words, c.digest.words(), 26)
            .cell(Role::Muted, c.state.word(), 14)
            .add(Role::Text, &c.text.title);
        sheet.body.push(row.cut(width));
    }
    if theirs.len() > CHANGES {
        sheet.body.push(Row::of(Role::Muted, format!("  … {} earlier ones", theirs.len() - CHANGES)));
    }
    if theirs.is_empty() {
        sheet.body.push(Row::of(Role::Muted, "  none that they had a part in"));
    }
}

/// Everything that the timeline has of them, refused attempts among it; of every pair.
fn told(sheet: &mut Sheet, model: &Model, name: &PersonName, width: usize) {
    let of_them = || model.timeline.entries().iter().rev().filter(|e| e.source == name.as_str());
    let all = of_them().count();
    let refused = of_them().filter(|e| e.severity == Severity::Warn).count();
    let aside = if refused > 0 {
        format!("{all} lines, {refused} refused, newest first")
    } else {
        format!("{all} lines, newest first")
    };
    sheet.body.push(heading("in the timeline", Row::of(Role::Muted, aside), width));
    let form = Form::within(width);
    sheet.body.extend(of_them().take(LINES).flat_map(|e| timeline::entry(model, e, width, form, form.brief())));
    if all > LINES {
        sheet.body.push(Row::of(Role::Muted, format!("  … {} earlier ones", all - LINES)));
    }
}
