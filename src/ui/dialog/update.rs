//! A status update, ready to be sent.

use super::{Sheet, hints, paragraph};
use crate::model::Model;
use crate::ui::pen::Row;
use crate::ui::screen::Screen;
use crate::ui::theme::Role;
use crate::ui::{Action, layout};

pub(super) fn sheet(screen: &Screen, model: &Model, width: usize) -> Sheet {
    let mut sheet = Sheet::new("status update, ready to send");
    for line in screen.update(model).lines() {
        sheet.body.extend(paragraph(Role::Text, &line, width, 1));
    }
    let Some(_) = &screen.setup.hands.operator else {
        sheet.keys = hints(screen, &[(Action::Copy, "copy it"), (Action::Back, "close")], width);
        return sheet;
    };
    let due = layout::told_is_due(screen, model);
    let (records, key) = if due {
        ("Sent? Then step 7 is done: people were told.", "people were told")
    } else {
        ("Sent? Then the timeline can say so.", "it was sent")
    };
    sheet.foot.push(Row::new());
    sheet.foot.extend(paragraph(Role::Muted, records, width, 1));
    sheet.keys = hints(screen, &[(Action::Copy, "copy it"), (Action::Look, key), (Action::Back, "close")], width);
    sheet
}
