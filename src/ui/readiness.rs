//! Whether the other region could receive the traffic: the score, and every check that it is made of.

use std::collections::BTreeMap;

use super::dialog::heading;
use super::follow::Target;
use super::pen::{Part, Row, bad_first, role_of};
use super::screen::Screen;
use super::theme::Role;
use super::{regions, text, words};
use crate::estate::Side;
use crate::model::words as say;
use crate::model::{Check, Enters, Group, Mark, Model, Origin, Preflight};

/// The checks of a move to the side that does not have the traffic.
pub(super) fn receiving(screen: &Screen, model: &Model) -> Preflight {
    let side = match model.enters(&screen.pair) {
        Enters::Seen(side) | Enters::ControlsSay(side, _) => side.other(),
        Enters::Unknown(_) => Side::Standby,
    };
    model.preflight(&screen.pair, side)
}

/// The score, the checks that it is made of, and replication.
pub(super) fn rows(screen: &Screen, model: &Model, width: usize) -> Vec<Row> {
    let Some(pair) = screen.the_pair(model) else { return Vec::new() };
    let preflight = receiving(screen, model);
    let region = pair.region(preflight.towards);
    let mut rows = Vec::new();
    let score = preflight.score();
    // The figure comes first: it is what is never cut.
    let words = format!("Readiness {score} of 100: {region} to receive the traffic ");
    let bar = if text::width(&words) + 22 <= width { 20 } else { 0 };
    let row = Row::of(Role::Title, words);
    rows.push(if bar > 0 { row.add(Role::Chart, super::pen::bar(f64::from(score) / 100.0, bar)) } else { row });
    let unknown = preflight.unknown();
    let note = if unknown > 0 {
        format!(" {unknown} of the 100 points are not known, and count nothing.")
    } else {
        String::new()
    };
    let how = format!("Passed checks count in full, warnings half, failed and unknown checks nothing.{note}");
    rows.extend(super::dialog::paragraph(Role::Muted, &how, width, 0));
    let of = |group| preflight.checks.iter().filter(move |c| c.group == group);
    // What fails is on the first page.
    let mut parts = preflight.parts();
    parts.sort_by_key(|part| std::cmp::Reverse(of(part.group).map(|c| c.mark).max()));
    for part in parts {
        let mut checks: Vec<_> = of(part.group).collect();
        checks.sort_by_key(|c| bad_first(c.mark));
        let share = if part.of > 0.0 { part.points / part.of } else { 0.0 };
        let mut said = format!("{:.0} of {:.0} points", part.points, part.of);
        if part.unknown >= 0.5 {
            said.push_str(&format!(", {:.0} not known", part.unknown));
        }
        let aside = Row::of(Role::Title, format!("{said} ")).add(Role::Chart, super::pen::bar(share, 10));
        rows.push(Row::new());
        rows.push(heading(group(part.group), aside, width));
        if checks.is_empty() {
            rows.push(Row::of(Role::Unknown, " ? no check looks at this"));
        }
        let slim = super::dialog::slim(width);
        let name = match width {
            _ if slim => 20,
            ..90 => 24,
            _ => 30,
        };
        let silent = silent(model, &checks);
        rows.extend(silent.iter().flat_map(|(why, n)| {
            let count = format!("{n} reading{} of", if *n == 1 { "" } else { "s" });
            super::dialog::paragraph(Role::Unknown, &format!("? {count} {why}"), width, 1)
        }));
        for c in checks {
            let row = Row::of(Role::Text, " ").mark(c.mark).add(Role::Text, " ").cell(Role::Text, &c.name, name);
            let row = match &c.origin {
                Origin::Reading(key) => row.to(Target::System(key.system.clone())),
                Origin::HealthCheck(id) => row.to(Target::Check(id.clone())),
                Origin::Probe(service, region) => row.to(Target::Probe(service.clone(), region.clone())),
                origin => row.to(Target::Preflight(origin.clone())),
            };
            let role = if c.mark == Mark::Ok { Role::Text } else { role_of(c.mark) };
            let figure = match unread(model, c) {
                Some((_, short)) => short,
                None => c.limit.as_ref().map_or_else(|| c.figure.clone(), |limit| format!("{} ({limit})", c.figure)),
            };
            let row = row.add(Role::Text, " ");
            if slim {
                // The mark says it; its word would leave a figure of one letter.
                rows.extend(slim_figure(row, role, &figure, c.mark, width));
                continue;
            }
            let row = row.cell(role_of(c.mark), c.mark.word(), 9);
            // Where it comes from, where there is room: the rest of the row is the figure's.
            let from = words::origin(model, &c.origin);
            let room = width.saturating_sub(name + 14);
            rows.push(if room > 70 {
                row.cell(role, figure, (room - 32).min(64)).add(Role::Muted, from).cut(width)
            } else {
                row.add(role, figure).cut(width)
            });
        }
    }
    rows.push(Row::new());
    let back = regions::lag_is_back(model, &screen.pair);
    let towards = if back { &pair.active } else { &pair.standby };
    rows.push(heading(format!("replication lag towards {towards}"), Row::of(Role::Muted, "last 15 min, limit"), width));
    let mut systems: Vec<_> = model.estate.systems_of(&screen.pair).collect();
    systems.sort_by_key(|system| std::cmp::Reverse(regions::lag_mark(model, system, back)));
    for system in systems {
        if let Some(lag) = regions::lag_row(model, system, back, width.saturating_sub(31).min(90)) {
            let row = Row::of(Role::Text, " ").cell(Role::Text, &system.name, 30).join(lag);
            rows.push(row.to(Target::System(system.id.clone())));
        }
    }
    rows
}

/// A check's row where there is little room: its figure behind it or, if it is cut there and not well, below it.
fn slim_figure(row: Row, role: Role, figure: &str, mark: Mark, width: usize) -> Vec<Row> {
    if mark == Mark::Ok || row.width() + text::width(figure) <= width {
        return vec![row.add(role, figure).cut(width)];
    }
    let below = super::dialog::paragraph(role, figure, width, 3);
    [row].into_iter().chain(below.into_iter().map(|r| r.part(Part::More))).collect()
}

/// What a group of checks is called here; the whole is called readiness.
pub(super) fn group(group: Group) -> &'static str {
    if group == Group::Readiness { "systems" } else { group.title() }
}

/// Why sources are silent, each with the number of checks that miss it: said once, and not beside every figure.
fn silent(model: &Model, checks: &[&Check]) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for (why, _) in checks.iter().filter_map(|c| unread(model, c)) {
        *all.entry(why).or_insert(0) += 1;
    }
    all
}

/// Of a check whose source fails: why, and the figure with its age instead.
fn unread(model: &Model, check: &Check) -> Option<(String, String)> {
    let Origin::Reading(key) = &check.origin else { return None };
    let system = model.estate.systems.iter().find(|s| s.id == key.system)?;
    let reading = system.readings.iter().find(|r| r.id == key.reading)?;
    let source = model.source_of(system, reading, key.place)?;
    let failure = model.sources.get(&source)?.failure.as_ref()?;
    let judged = model.judge(system, reading, key.place);
    if judged.why.as_ref() != Some(&failure.0.why) {
        return None;
    }
    // The heading says why: the row has room for the figure and its age.
    let age = judged.age.map_or_else(|| "never read".to_owned(), |age| format!("no reading {}", words::short(age)));
    let figure = judged.value.map(|v| format!("{}, ", say::reading(reading, v))).unwrap_or_default();
    Some((format!("{}: {}", model.source_name(&source), failure.0.why), format!("{figure}{age}")))
}
