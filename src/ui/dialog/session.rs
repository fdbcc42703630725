//! Beginning a named incident or drill, and ending it.

use super::{Sheet, field, hints, paragraph};
use crate::model::Model;
use crate::model::words as say;
use crate::record::SessionKind;
use crate::ui::Action;
use crate::ui::pen::Row;
use crate::ui::screen::{BeginForm, Screen};
use crate::ui::theme::Role;

pub(super) fn begin(screen: &Screen, form: &BeginForm, width: usize) -> Sheet {
    let mut sheet = Sheet::new(format!("begin an incident or a drill of pair {}", screen.pair));
    let words = "What happens to the pair from now on, until it is ended, is part of it and of its report.";
    sheet.body.extend(paragraph(Role::Muted, words, width, 1));
    sheet.body.push(Row::new());
    for kind in SessionKind::ALL {
        let here = kind == form.kind;
        let row = Row::of(if here { Role::Key } else { Role::Muted }, if here { " ▸ " } else { "   " });
        sheet.body.push(row.add(if here { Role::Title } else { Role::Muted }, kind.words()));
    }
    sheet.body.push(Row::new());
    let (name, name_caret) = field("name        ", &form.name, width, !form.at_with);
    let (with, with_caret) = field("participants", &form.with, width, form.at_with);
    sheet.foot.extend([name, with]);
    sheet.caret = Some(if form.at_with { (1, with_caret) } else { (0, name_caret) });
    let keys =
        [(Action::Look, "begin"), (Action::Down, "type"), (Action::NextView, "next field"), (Action::Back, "leave")];
    sheet.keys = hints(screen, &keys, width);
    sheet
}

pub(super) fn end(screen: &Screen, model: &Model, width: usize) -> Sheet {
    let mut sheet = Sheet::new("end it?");
    sheet.frame = Role::Warn;
    let words = match model.sessions.get(&screen.pair) {
        Some(s) => {
            let lasted = say::span(model.now.since(s.started));
            format!(
                "The {} {} of pair {} has run for {lasted}. Its report can be written at any time.",
                s.kind.words(),
                s.name,
                screen.pair
            )
        }
        None => "It is over already.".to_owned(),
    };
    sheet.body.extend(paragraph(Role::Text, &words, width, 1));
    let keys = [(Action::Look, "end it"), (Action::Report, "write the report"), (Action::Back, "leave it running")];
    sheet.keys = hints(screen, &keys, width);
    sheet
}
