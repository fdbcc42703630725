//! What a row of a list leads to: everything that is known of one thing, with where it comes from and how old it is.

mod dns;
mod drs;
mod entry;
mod health;
mod person;
mod preflight;
mod source;

use super::{Sheet, heading};
use crate::model::words as say;
use crate::model::{Model, Subject};
use crate::ui::follow::Target;
use crate::ui::pen::{Row, role_of};
use crate::ui::screen::Screen;
use crate::ui::text;
use crate::ui::theme::Role;

/// Lines of the timeline that are shown with a thing.
const LINES: usize = 30;

pub(super) fn sheet(screen: &Screen, model: &Model, target: &Target, width: usize) -> Sheet {
    match target {
        Target::Check(id) => health::check(screen, model, id, width),
        Target::Probe(service, region) => health::probe(screen, model, service, region, width),
        Target::Name(name) => dns::name(screen, model, name, width),
        Target::Server(region, id) => drs::server(model, region, id, width),
        Target::Job(region, id) => drs::job(model, region, id, width),
        Target::Preflight(origin) => preflight::sheet(screen, model, origin, width),
        Target::Person(name) => person::sheet(model, name, width),
        Target::Entry(number) => entry::sheet(screen, model, *number, width),
        Target::Source(id) => source::sheet(model, id, width),
        // These have dialogs of their own.
        Target::System(_) | Target::Change(_) => Sheet::new("nothing more is known"),
    }
}

fn named(sheet: &mut Sheet, label: &str, role: Role, value: &str, width: usize) {
    sheet.body.extend(label_rows(label, role, value, width));
}

/// The same, and its value is a link to a page.
fn linked(sheet: &mut Sheet, label: &str, role: Role, (value, url): (&str, &str), width: usize) {
    sheet.body.extend(label_rows(label, role, value, width).map(|row| row.link(url)));
}

fn label_rows(label: &str, role: Role, value: &str, width: usize) -> impl Iterator<Item = Row> {
    text::wrap(value, width.saturating_sub(18)).into_iter().enumerate().map(move |(i, line)| {
        let label = if i == 0 { label } else { "" };
        Row::of(Role::Text, "  ").cell(Role::Muted, label, 15).add(role, line)
    })
}

/// How it stands, since when.
fn standing(sheet: &mut Sheet, model: &Model, subject: &Subject, width: usize) {
    let Some(s) = model.standing(subject) else { return named(sheet, "stands", Role::Unknown, "? not known", width) };
    let since = format!("{} {}", s.mark.sign(), s.mark.word());
    named(sheet, "stands", role_of(s.mark), &since, width);
    let lasted = s.since.lasted(model.now).map_or_else(|| "not known".to_owned(), crate::words::lasted_aloud);
    named(sheet, "for", Role::Text, &lasted, width);
    named(sheet, "says", Role::Text, &s.text, width);
}

/// What the timeline tells of it, newest first.
fn told(sheet: &mut Sheet, screen: &Screen, model: &Model, word: &str, width: usize) {
    let of_it = model.timeline.of(&screen.pair).filter(|e| e.text.contains(word)).take(LINES);
    let rows: Vec<Row> = of_it
        .map(|e| {
            Row::of(Role::Muted, format!("  {}  ", say::moment(e.at.wall, model.now.wall)))
                .cell(Role::Muted, &e.source, 10)
                .add(Role::Text, format!(" {}", e.text))
                .cut(width)
        })
        .collect();
    sheet.body.push(heading(
        "in the timeline",
        Row::of(Role::Muted, format!("{} line{}", rows.len(), if rows.len() == 1 { "" } else { "s" })),
        width,
    ));
    sheet.body.extend(rows);
}
