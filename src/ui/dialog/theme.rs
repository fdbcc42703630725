//! The list of themes. The whole screen is their preview, so the dialog is small.

use super::{Sheet, hints, paragraph};
use crate::ui::pen::Row;
use crate::ui::screen::Screen;
use crate::ui::theme::Role;
use crate::ui::{Action, text};

pub(super) fn sheet(screen: &Screen, before: &str, width: usize) -> Sheet {
    let mut sheet = Sheet::new("theme");
    let offers = screen.themes.offers();
    let at = screen.themes.at();
    let name = offers.iter().map(|o| text::width(&o.name)).max().unwrap_or(0).clamp(18, width / 2);
    for (i, offer) in offers.iter().enumerate() {
        let here = i == at;
        let row = Row::of(Role::Accent, if here { " ▸ " } else { "   " }).cell(Role::Title, &offer.name, name);
        let kind = if offer.own { "  yours" } else { "  shipped" };
        let row = row.cell(Role::Muted, kind, 11);
        let row = match &offer.theme {
            Err(faults) => row.add(Role::Fail, format!("✖ {}", faults.lines().next().unwrap_or_default())),
            Ok(_) if offer.name == before => row.add(Role::Muted, "chosen until now"),
            Ok(_) => row,
        };
        sheet.body.push(row.cut(width).pad_to(width).selected(here));
    }
    // Every meaning that a theme gives a look to, so that it can be judged where nothing is wrong at the moment.
    let sample = Row::of(Role::Ok, " ● ok  ")
        .add(Role::Warn, "▲ warning  ")
        .add(Role::Fail, "✖ failed  ")
        .add(Role::Unknown, "? not known  ")
        .add(Role::Loud, " loud ")
        .add(Role::Text, " ")
        .add(Role::Notice, " notice ")
        .add(Role::Text, " ")
        .add(Role::Good, " good ");
    sheet.foot.push(sample.cut(width));
    if let Some(faults) = offers.get(at).and_then(|o| o.theme.as_ref().err()) {
        for fault in faults.lines().take(4) {
            sheet.foot.extend(paragraph(Role::Fail, fault, width, 1).into_iter().take(3));
        }
    }
    sheet.keys =
        hints(screen, &[(Action::Down, "the next"), (Action::Look, "keep it"), (Action::Back, "as it was")], width);
    sheet
}
