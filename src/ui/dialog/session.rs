//! Beginning a named incident or drill, and ending it.

use super::{Sheet, field, hints, paragraph};
use crate::model::Model;
use crate::model::words as say;
use crate::record::SessionKind;
use crate::ui::Action;
use crate::ui::pen::Row;
use crate::ui::screen::{BeginField, BeginForm, Screen};
use crate::ui::theme::Role;

/// How a moment is said.
pub(super) const MOMENT: &str = "empty is now; or how long ago (12 min, 1 h 5 min), or at what time (11:09, UTC)";

pub(super) fn begin(screen: &Screen, form: &BeginForm, width: usize) -> Sheet {
    let mut sheet = Sheet::new(format!("begin an incident or a drill of pair {}", screen.pair));
    let words = "What happens to the pair from now on, until it is ended, is part of it and of its report. An incident's \
                 clock runs from when it began.";
    sheet.body.extend(paragraph(Role::Muted, words, width, 1));
    sheet.body.push(Row::new());
    for kind in SessionKind::ALL {
        let here = kind == form.kind;
        let row = Row::of(if here { Role::Key } else { Role::Muted }, if here { " ▸ " } else { "   " });
        sheet.body.push(row.add(if here { Role::Title } else { Role::Muted }, kind.words()));
    }
    sheet.body.push(Row::new());
    let fields = [
        ("name        ", &form.name, BeginField::Name),
        ("participants", &form.with, BeginField::With),
        ("began       ", &form.since, BeginField::Since),
    ];
    for (label, input, which) in fields {
        let (row, caret) = field(label, input, width, form.at == which);
        if form.at == which {
            sheet.caret = Some((sheet.foot.len(), caret));
        }
        sheet.foot.push(row);
    }
    sheet.foot.extend(paragraph(Role::Muted, MOMENT, width, 1));
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
