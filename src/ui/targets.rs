//! The targets of an incident, tier by tier: what is left of each RTO, and how far behind the data was at the flip.

use super::pen::{Row, bar};
use super::screen::Screen;
use super::theme::Role;
use crate::change::Change;
use crate::estate::Tier;
use crate::model::words as say;
use crate::model::{Incident, Model, Step};
use crate::record::{Figures, Lasted};
use crate::time::Span;

/// One row a tier of the pair's services, and one a data class once the second key was turned.
pub(super) fn rows(screen: &Screen, model: &Model, incident: &Incident, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for tier in Tier::ALL {
        if model.estate.services_of(&screen.pair).any(|s| s.tier == tier) {
            rows.push(rto(screen, model, incident, tier).cut(width));
        }
    }
    if let Some(figures) = &incident.figures {
        rows.extend(Tier::ALL.iter().filter_map(|tier| rpo(figures, *tier)).map(|row| row.cut(width)));
    }
    rows
}

fn rto(screen: &Screen, model: &Model, incident: &Incident, tier: Tier) -> Row {
    let target = model.estate.targets.rto.of(tier);
    let mine = |c: &&Change| c.text.pair == screen.pair && model.is_within(c, incident);
    let back = model.changes.all().iter().filter(mine).find_map(|c| c.back.get(&tier).copied());
    // Where nobody looked meanwhile the time is a bound.
    let late = back.is_none() && model.changes.all().iter().filter(mine).any(|c| c.late);
    let after = if late { "within" } else { "after" };
    let over = back.or(incident.step(Step::Applications).ended);
    let took = over.unwrap_or(model.now).since(incident.started.at());
    // Nobody saw a failure begin that was there at the first reading.
    let found = incident.started.is_found();
    let (least, most) = if found { ("≥", "≤") } else { ("", "") };
    let rest = Lasted { span: took, at_least: found }.left_of(target);
    let (left, whole) = (rest.span, rest.whole());
    // What is left, as in the top line: it shrinks.
    let share = left.as_secs_f64() / target.as_secs_f64().max(1.0);
    let role = match (left.is_negative(), over.is_some()) {
        (true, _) => Role::Fail,
        (false, true) if found => Role::Unknown,
        (false, true) => Role::Ok,
        (false, false) if share < 0.25 => Role::Warn,
        (false, false) => Role::Text,
    };
    let words = match (left.is_negative(), over.is_some()) {
        (false, true) if found => format!("? back {after} {least}{}", say::clock(took, false)),
        (false, true) => format!("✔ back {after} {}", say::clock(took, false)),
        (true, true) => format!("✖ back {after} {least}{}", say::clock(took, false)),
        (false, false) => format!("{most}{} left", say::clock(whole, false)),
        (true, false) => format!("✖ past by {least}{}", say::clock(-whole, false)),
    };
    Row::of(Role::Text, " ")
        .cell(Role::Muted, format!("RTO {}", tier.as_str()), 16)
        .cell(role, words, 24)
        .add(role, bar(share, 16))
        .add(Role::Muted, format!(" of {}", say::span(target)))
}

/// How far behind the worst system of a data class was when the second key was turned.
fn rpo(figures: &Figures, tier: Tier) -> Option<Row> {
    let target = figures.targets.get(&tier)?.rpo;
    let lags: Vec<_> = figures.lags.iter().filter(|l| l.tier == tier).collect();
    let worst = lags.iter().filter_map(|l| Some((l.seconds?, &l.system))).max_by(|a, b| a.0.total_cmp(&b.0));
    let unknown = lags.iter().filter(|l| l.seconds.is_none()).count();
    let span = |seconds| say::span(Span::try_from_secs_f64(seconds).unwrap_or_default());
    let (role, words) = match worst {
        Some((s, system)) if s > target => (Role::Fail, format!("✖ {} behind ({system})", span(s))),
        Some((s, system)) if unknown == 0 => (Role::Ok, format!("✔ {} behind ({system})", span(s))),
        Some((s, system)) => (Role::Unknown, format!("? {} behind ({system}), {unknown} not known", span(s))),
        None if lags.is_empty() => (Role::Unknown, "? no replication of this class is measured".to_owned()),
        None => (Role::Unknown, format!("? {unknown} not known")),
    };
    let row = Row::of(Role::Text, " ").cell(Role::Muted, format!("RPO {}", tier.as_str()), 16);
    Some(row.add(role, words).add(Role::Muted, format!("  at the flip, of {}", span(target))))
}
