//! Everything that has a name and a place: pairs, systems, services, health checks, DRS servers, changes.

use super::{Candidate, Choice};
use crate::change::Digest;
use crate::estate::{HealthCheckId, PairName, Region, ServiceName, SystemId};
use crate::model::{Mark, Model, Subject};
use crate::ui::follow::{self, Aim, Target};
use crate::ui::screen::{Cursor, Field, Screen, View};

/// Something to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    Pair(PairName),
    System(SystemId),
    Service(PairName, ServiceName),
    Check(PairName, HealthCheckId),
    Server(PairName, Region, String),
    Change(Digest),
}

/// What is shown beside a thing's name.
pub(super) struct About {
    pub(super) mark: Option<Mark>,
    pub(super) kind: &'static str,
    pub(super) place: String,
}

/// All of them, those of the pair that is looked at first.
pub(super) fn all(screen: &Screen, model: &Model) -> Vec<Candidate> {
    let estate = &model.estate;
    let mut pairs: Vec<_> = estate.pairs.iter().map(|p| &p.name).collect();
    pairs.sort_by_key(|p| **p != screen.pair);
    let mut all = Vec::new();
    for pair in &pairs {
        for s in estate.systems_of(pair) {
            all.push(candidate(model, Thing::System(s.id.clone()), &s.name));
        }
        for s in estate.services_of(pair) {
            all.push(candidate(model, Thing::Service((*pair).clone(), s.name.clone()), s.name.as_str()));
        }
        let of_pair = |name: &ServiceName| estate.services_of(pair).any(|s| s.name == *name);
        for c in estate.health_checks.iter().filter(|c| of_pair(&c.service)) {
            all.push(candidate(model, Thing::Check((*pair).clone(), c.id.clone()), &c.name));
        }
        let Some(regions) = estate.pair(pair).map(|p| [p.standby.clone(), p.active.clone()]) else { continue };
        for region in regions {
            let servers = model.drs.get(&region).map(|d| d.value.servers.as_slice()).unwrap_or_default();
            for s in servers {
                let thing = Thing::Server((*pair).clone(), region.clone(), s.id.clone());
                all.push(candidate(model, thing, &s.name));
            }
        }
    }
    for c in model.changes.all().iter().rev() {
        all.push(candidate(model, Thing::Change(c.digest), &c.digest.words()));
    }
    all.extend(pairs.into_iter().map(|p| candidate(model, Thing::Pair(p.clone()), &format!("pair {p}"))));
    // What fails is looked for first, in the order in which the next step names it.
    let failing: Vec<Thing> =
        model.failing_of(&screen.pair).into_iter().filter_map(|(subject, _)| thing(&screen.pair, subject)).collect();
    all.sort_by_cached_key(|c| match &c.choice {
        Choice::Thing(thing) => match failing.iter().position(|f| f == thing) {
            Some(at) => at,
            None if about(model, thing).mark == Some(Mark::Fail) => failing.len(),
            None => usize::MAX,
        },
        Choice::Action(_) => usize::MAX,
    });
    all
}

/// Where a thing that stands somehow is found.
fn thing(pair: &PairName, subject: &Subject) -> Option<Thing> {
    match subject {
        Subject::System(id, _) | Subject::Link(id) => Some(Thing::System(id.clone())),
        Subject::Check(id) => Some(Thing::Check(pair.clone(), id.clone())),
        Subject::Probe(service, _) => Some(Thing::Service(pair.clone(), service.clone())),
        Subject::Source(_) => None,
    }
}

fn candidate(model: &Model, thing: Thing, name: &str) -> Candidate {
    let about = about(model, &thing);
    // A server's id is what the AWS console shows: it finds the server too.
    let id = if let Thing::Server(_, _, id) = &thing { id.as_str() } else { "" };
    let words = format!("{} {} {id}", about.kind, about.place);
    Candidate { choice: Choice::Thing(thing), name: name.to_owned(), words, usable: true }
}

/// What a thing is, where, and how it is.
pub(super) fn about(model: &Model, thing: &Thing) -> About {
    let estate = &model.estate;
    let mark = |subject: &Subject| model.standing(subject).map(|s| s.mark);
    match thing {
        Thing::Pair(name) => {
            let place = estate.pair(name).map(|p| format!("{} and {}", p.active, p.standby)).unwrap_or_default();
            About { mark: None, kind: "pair", place }
        }
        Thing::System(id) => {
            let system = estate.systems.iter().find(|s| s.id == *id);
            let place = system.map(|s| format!("{}, {}", s.pair, s.layer.title())).unwrap_or_default();
            About { mark: system.and_then(|s| model.worst_of(s)), kind: "system", place }
        }
        Thing::Service(pair, _) => About { mark: None, kind: "service", place: format!("{pair}, routing controls") },
        Thing::Check(pair, id) => {
            About { mark: mark(&Subject::Check(id.clone())), kind: "check", place: format!("{pair}, Route 53") }
        }
        Thing::Server(pair, region, id) => {
            let known = model.drs.get(region);
            let server = known.and_then(|d| d.value.servers.iter().find(|s| s.id == *id));
            let fresh = known.is_some_and(|d| d.is_fresh(model.now));
            let mark = if fresh { server.map(|s| model.server_mark(region, s)) } else { Some(Mark::Unknown) };
            About { mark, kind: "server", place: format!("{pair}, DRS {region}") }
        }
        Thing::Change(digest) => {
            let change = model.changes.get(digest);
            let place = change.map(|c| format!("{}: {}", c.state.word(), c.text.title)).unwrap_or_default();
            About { mark: None, kind: "change", place }
        }
    }
}

/// Goes to a thing, into another pair if it is there. A draft is kept; a filter that might hide it is not.
pub(crate) fn go(screen: &mut Screen, model: &Model, thing: Thing) {
    (screen.dialog, screen.field) = (None, Field::None);
    match thing {
        Thing::Pair(pair) => {
            screen.turn_to(&pair);
            show(screen, View::Overview);
        }
        Thing::System(id) => {
            let Some(pair) = model.estate.systems.iter().find(|s| s.id == id).map(|s| s.pair.clone()) else { return };
            screen.turn_to(&pair);
            show(screen, View::Overview);
            screen.cursor = Some(Cursor::System(id));
        }
        Thing::Service(pair, name) => {
            screen.turn_to(&pair);
            show(screen, View::Overview);
            screen.cursor = Some(Cursor::Service(name));
        }
        Thing::Check(pair, id) => {
            screen.turn_to(&pair);
            stand_on(screen, View::Checks, Target::Check(id));
        }
        Thing::Server(pair, region, id) => {
            screen.turn_to(&pair);
            stand_on(screen, View::Drs, Target::Server(region, id));
        }
        Thing::Change(digest) => {
            let Some(pair) = model.changes.get(&digest).map(|c| c.text.pair.clone()) else { return };
            screen.turn_to(&pair);
            stand_on(screen, View::Changes, Target::Change(digest));
            screen.open_change(digest);
        }
    }
}

fn show(screen: &mut Screen, view: View) {
    screen.view = view;
    screen.find.clear(view);
    screen.follow[view as usize].hold();
}

/// Shows a view with its cursor on a thing.
pub(crate) fn stand_on(screen: &mut Screen, view: View, target: Target) {
    show(screen, view);
    follow::pick(screen, view, Some(Aim { target, nth: 0 }));
}
