//! One thing that is asked for readings: whether it answers, and which systems it has readings of.

use super::super::{Sheet, heading, paragraph};
use super::named;
use crate::event::SourceId;
use crate::model::Model;
use crate::model::words as say;
use crate::ui::pen::Row;
use crate::ui::theme::Role;
use crate::ui::words;

pub(super) fn sheet(model: &Model, id: &SourceId, width: usize) -> Sheet {
    let mut sheet = Sheet::new(model.source_name(id));
    sheet.right = Row::of(Role::Muted, "a thing that is asked for readings");
    let Some(s) = model.sources.get(id) else {
        sheet.body.push(Row::of(Role::Unknown, "  ? it has not been asked yet"));
        return sheet;
    };
    let ago = |at| format!("{} ago", say::span(model.now.since(at)));
    named(&mut sheet, "asked", Role::Text, &ago(s.heard), width);
    named(&mut sheet, "took", Role::Text, &words::millis(s.took), width);
    named(&mut sheet, "last answer", Role::Text, &s.last_ok.map_or_else(|| "never".to_owned(), ago), width);
    match model.source_trouble(id) {
        Some(why) => named(&mut sheet, "trouble", Role::Unknown, &format!("? {why}"), width),
        None => named(&mut sheet, "trouble", Role::Ok, "● none", width),
    }
    let fed: Vec<&str> = model.fed_by(id).map(|s| s.name.as_str()).collect();
    if !fed.is_empty() {
        sheet.body.push(heading("systems that it has readings of", Row::of(Role::Muted, fed.len().to_string()), width));
        sheet.body.extend(paragraph(Role::Text, &fed.join(", "), width, 2));
    }
    sheet
}
