//! What `copy` puts on the clipboard: what is selected, as a line that can be pasted into a chat; else the sentence.

use crate::change::{Change, Digest, State};
use crate::estate::{Control, Region, Side, SystemId};
use crate::model::words as say;
use crate::model::{Lever, Model, Subject, drs};
use crate::ui::follow::{self, Target};
use crate::ui::screen::{Cursor, Dialog, Screen, View};
use crate::ui::{Wish, levers};

/// Copies a text of one line and says so until the next key.
pub(super) fn copied(screen: &mut Screen, text: &str) -> Vec<Wish> {
    put(screen, crate::hygiene::visible(text).into_owned())
}

/// Copies lines that were shown, and says so until the next key.
pub(super) fn copied_lines(screen: &mut Screen, text: &str) -> Vec<Wish> {
    let lines: Vec<_> = text.lines().map(crate::hygiene::visible).collect();
    put(screen, lines.join("\n"))
}

fn put(screen: &mut Screen, text: String) -> Vec<Wish> {
    // Whole: a text that is cut before it is masked may no longer look like something to mask.
    screen.said = Some(format!("copied: {}", copied_words(&text)));
    vec![Wish::Copy(text)]
}

/// What was copied, in a line: the text itself, or how many lines it has.
pub(crate) fn copied_words(text: &str) -> String {
    match text.lines().count() {
        0 | 1 => text.to_owned(),
        lines => format!("{lines} lines"),
    }
}

/// Copies what is selected.
pub(super) fn copy_selected(screen: &mut Screen, model: &Model) -> Vec<Wish> {
    // A row that was drawn behind the veil leads to a name as it is there.
    let veiled = screen.veiled(model);
    let behind = || veiled.as_ref().and_then(|(model, _)| selected(screen, model));
    let text = selected(screen, model).or_else(behind).unwrap_or_else(|| model.sentence(&screen.pair).text);
    copied(screen, &text)
}

fn selected(screen: &Screen, model: &Model) -> Option<String> {
    if let Some(Dialog::System(id)) = &screen.dialog {
        return both_sides(screen, model, id);
    }
    match screen.view {
        View::Overview | View::Controls => match &screen.cursor.as_ref().and_then(|_| screen.stands(model))? {
            Cursor::System(id) if screen.view == View::Overview => side(screen, model, id, screen.side),
            Cursor::System(_) => None,
            Cursor::There(target) => of_target(screen, model, target),
            Cursor::Service(name) => {
                let service = model.estate.services_of(&screen.pair).find(|s| s.name == *name)?;
                let states = service.controls.iter().map(|c| control(model, c)).collect::<Vec<_>>().join(", ");
                Some(format!("{name}: {states}"))
            }
            Cursor::Gate(arn) => model.estate.control(arn).map(|c| control(model, c)),
        },
        View::Timeline => match follow::picked(screen)? {
            Target::Change(digest) => {
                let entry = model.timeline.of(&screen.pair).find(|e| e.change.as_ref() == Some(digest))?;
                Some(format!("{}Z {}: {}", say::moment(entry.at.wall, model.now.wall), entry.source, entry.text))
            }
            other => of_target(screen, model, other),
        },
        _ => of_target(screen, model, follow::picked(screen)?),
    }
}

fn of_target(screen: &Screen, model: &Model, target: &Target) -> Option<String> {
    match target {
        Target::System(id) => both_sides(screen, model, id),
        Target::Change(digest) => change(screen, model, digest),
        Target::Server(region, id) => server(model, region, id),
        Target::Job(region, id) => job(model, region, id),
        Target::Check(id) => {
            let name = model.estate.health_checks.iter().find(|c| c.id == *id)?.name.as_str();
            stands(model, &format!("health check {name}"), &Subject::Check(id.clone()))
        }
        Target::Probe(service, region) => {
            let subject = Subject::Probe(service.clone(), region.clone());
            stands(model, &format!("{service} in {region}"), &subject)
        }
        Target::Name(name) => {
            let traffic = model.name_traffic(name);
            let (region, n) = traffic.most()?;
            Some(format!("{name}: {n} of {} resolvers lead to {region}", traffic.total()))
        }
        Target::Preflight(origin) => {
            let mut preflights = Side::BOTH.into_iter().rev().map(|side| model.preflight(&screen.pair, side));
            let check = preflights.find_map(|p| p.checks.into_iter().find(|c| c.origin == *origin))?;
            Some(format!("{}: {}", check.mark.word(), check.words()))
        }
        Target::Entry(number) => {
            let entry = model.timeline.get(*number)?;
            Some(format!("{}Z {}: {}", say::moment(entry.at.wall, model.now.wall), entry.source, entry.text))
        }
        Target::Person(name) => Some(name.to_string()),
        Target::Source(id) => {
            let trouble = model.source_trouble(id).unwrap_or_else(|| "answers".into());
            Some(format!("{}: {trouble}", model.source_name(id)))
        }
    }
}

/// `health check portal-us-east-1: failed, 2 of 16 checkers call it healthy, since 18:38:05Z`
fn stands(model: &Model, what: &str, subject: &Subject) -> Option<String> {
    let s = model.standing(subject)?;
    Some(format!("{what}: {}, {}, {}", s.mark.word(), s.text, crate::words::since(s.since, model.now)))
}

/// `drsjob-0123… in us-east-2: drill, completed, 2 of 3 servers launched`
fn job(model: &Model, region: &Region, id: &str) -> Option<String> {
    let job = model.drs.get(region)?.value.jobs.last()?.iter().find(|j| j.id == id)?;
    let launched = job.servers.iter().filter(|(_, status)| status == "LAUNCHED").count();
    let (kind, status, all) = (drs::kind(job), job.status.to_lowercase(), job.servers.len());
    Some(format!("{id} in {region}: {kind}, {status}, {launched} of {all} servers launched"))
}

/// `portal ALB in us-east-1: failed, 0/12 healthy, since 18:38:05Z`
fn side(screen: &Screen, model: &Model, id: &SystemId, side: Side) -> Option<String> {
    let system = model.estate.systems.iter().find(|s| s.id == *id)?;
    let region = screen.the_pair(model)?.region(side);
    let standing = model.standing(&Subject::System(id.clone(), side))?;
    let since = crate::words::since(standing.since, model.now);
    Some(format!("{} in {region}: {}, {}, {since}", system.name, standing.mark.word(), standing.text))
}

fn both_sides(screen: &Screen, model: &Model, id: &SystemId) -> Option<String> {
    let lines: Vec<String> = Side::BOTH.into_iter().filter_map(|s| side(screen, model, id, s)).collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

/// `portal-us-east-1 ON`
fn control(model: &Model, control: &Control) -> String {
    let state = match model.levers.get(&control.arn, model.now) {
        Lever::Agreed(state) => levers::look(state).1.to_owned(),
        Lever::Disagreed { on, off } => format!("endpoints disagree ({on} ON, {off} OFF)"),
        Lever::Unknown => "not known".to_owned(),
    };
    format!("{} {state}", control.name)
}

/// What the second person types, while it waits for them; afterwards, how it stands.
fn change(screen: &Screen, model: &Model, digest: &Digest) -> Option<String> {
    let change: &Change = model.changes.get(digest)?;
    if change.state == State::Proposed {
        return Some(screen.setup.approve.ours(change).join(" "));
    }
    let (words, by) = (digest.words(), &change.text.by);
    Some(format!("{words} ({}): {}, asked by {by}: {}", change.text.title, change.state.word(), change.text.reason))
}

/// `sql-1 (s-0123…) in us-east-2: CONTINUOUS, lag 4 s`
fn server(model: &Model, region: &Region, id: &str) -> Option<String> {
    let known = &model.drs.get(region)?.value.servers;
    let server = known.iter().find(|s| s.id == id)?;
    let lag = server.lag.map_or_else(|| "not known".to_owned(), say::span);
    let name = drs::name(known, id);
    Some(format!("{name} ({id}) in {region}: {}, lag {lag}", server.state.to_lowercase()))
}
