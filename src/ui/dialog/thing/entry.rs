//! One entry of the timeline, whole, with what happened just before and just after.

use super::super::{Sheet, heading, paragraph};
use super::named;
use crate::model::words as say;
use crate::model::{Entry, Model};
use crate::ui::pen::Row;
use crate::ui::screen::Screen;
use crate::ui::theme::Role;
use crate::ui::timeline::{self, Form};
use crate::words::{self, ENTRY_GONE, OF_NO_PAIR};

/// Neighbours that are shown on each side.
const AROUND: usize = 5;

pub(super) fn sheet(screen: &Screen, model: &Model, number: u64, width: usize) -> Sheet {
    let Some(entry) = model.timeline.get(number) else {
        let mut sheet = Sheet::new(ENTRY_GONE[0]);
        sheet.frame = Role::Unknown;
        sheet.body.extend(paragraph(Role::Unknown, ENTRY_GONE[1], width, 1));
        return sheet;
    };
    let (sign, role) = timeline::look(entry.severity);
    let mut sheet = Sheet::new(format!("{}Z", say::moment(entry.at.wall, model.now.wall)));
    sheet.right = Row::of(Role::Muted, "an entry of the timeline");
    let page = entry.text.split(' ').find(|word| word.starts_with("https://"));
    sheet.body.extend(paragraph(Role::Title, &entry.text, width, 2).into_iter().map(|row| match page {
        Some(url) => row.link(url),
        None => row,
    }));
    sheet.body.push(Row::new());
    let exact = entry.at.wall.strftime("%Y-%m-%d %H:%M:%S%.3fZ").to_string();
    let ago = say::span(model.now.since(entry.at));
    named(&mut sheet, "when", Role::Text, &format!("{exact}, {ago} ago"), width);
    named(&mut sheet, "source", Role::Text, &entry.source, width);
    named(&mut sheet, "severity", role, &format!("{sign} {}", entry.severity.words()), width);
    let pair = entry.pair.as_ref().map_or_else(|| OF_NO_PAIR.to_owned(), ToString::to_string);
    named(&mut sheet, "pair", Role::Text, &pair, width);
    around(&mut sheet, screen, model, number, width);
    sheet
}

/// The entries next to it, newest first as in the timeline, whatever its filter leaves out.
fn around(sheet: &mut Sheet, screen: &Screen, model: &Model, number: u64, width: usize) {
    let form = Form::within(width);
    let line = |e: &Entry| timeline::entry(model, e, width, form, form.brief());
    let all = || model.timeline.numbered(&screen.pair);
    let newer: Vec<&Entry> = all().take_while(|(n, _)| *n > number).map(|(_, e)| e).collect();
    let after: Vec<Row> = newer.iter().skip(newer.len().saturating_sub(AROUND)).flat_map(|e| line(e)).collect();
    let before: Vec<Row> = all().skip_while(|(n, _)| *n >= number).take(AROUND).flat_map(|(_, e)| line(e)).collect();
    for ((title, none), rows) in words::AROUND.into_iter().zip([after, before]) {
        sheet.body.push(heading(title, Row::of(Role::Muted, "newest first"), width));
        if rows.is_empty() {
            sheet.body.push(Row::of(Role::Muted, none));
        }
        sheet.body.extend(rows);
    }
}
