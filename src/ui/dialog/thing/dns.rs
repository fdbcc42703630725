//! One DNS name: what each resolver answers, and for how long it will.

use super::super::{Sheet, heading};
use super::{named, told};
use crate::event::{Leads, SourceId};
use crate::model::Model;
use crate::model::words as say;
use crate::ui::pen::Row;
use crate::ui::screen::Screen;
use crate::ui::theme::Role;
use crate::words::{answered, not_told};

pub(super) fn name(screen: &Screen, model: &Model, name: &str, width: usize) -> Sheet {
    let mut sheet = Sheet::new(name);
    let traffic = model.name_traffic(name);
    sheet.right = match traffic.most() {
        Some((region, n)) => Row::of(Role::Accent, format!("{n} of {} lead to {region}", traffic.total())),
        None => Row::of(Role::Unknown, "? not known"),
    };
    for r in &model.estate.resolvers {
        let aside = Row::of(Role::Muted, r.address.to_string());
        sheet.body.push(heading(r.name.as_str(), aside, width));
        let Some(known) = model.dns.get(&(r.name.clone(), name.to_owned())) else {
            sheet.body.push(Row::of(Role::Unknown, "  ? nothing heard yet"));
            continue;
        };
        let (fresh, age) = (known.is_fresh(model.now), model.now.since(known.heard));
        let left = (i64::from(known.value.ttl) - age.as_secs()).max(0);
        match &known.value.answers {
            Ok(answers) => {
                let to = match &known.value.leads {
                    Leads::To(region) => region.to_string(),
                    Leads::Untold { untold } => format!("? {}", not_told(*untold)),
                    Leads::Nowhere => "no region of the estate".to_owned(),
                };
                let role = if fresh { Role::Accent } else { Role::Unknown };
                named(&mut sheet, "leads to", role, &to, width);
                named(&mut sheet, "answers", Role::Text, &answered(answers), width);
                named(&mut sheet, "kept for", Role::Text, &format!("{left} s more of {} s", known.value.ttl), width);
            }
            Err(why) => named(&mut sheet, "answers", Role::Fail, &format!("✖ {why}"), width),
        }
        let age = format!("{} ago{}", say::span(age), if fresh { "" } else { ", OLD" });
        named(&mut sheet, "asked", if fresh { Role::Muted } else { Role::Unknown }, &age, width);
        if let Some(why) = model.source_trouble(&SourceId::Dns(r.name.clone())) {
            named(&mut sheet, "trouble", Role::Unknown, &why, width);
        }
    }
    told(&mut sheet, screen, model, name, width);
    sheet
}
