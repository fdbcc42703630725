//! Everything that is known, in sentences: at the start, and whenever somebody types `status`.

use super::Plain;
use super::say::{spoken, standing};
use crate::change::Change;
use crate::estate::{Pair, Side};
use crate::event::{FailureKind, SourceId};
use crate::model::{Lever, Mark, Model, Step, Subject, words};
use crate::words::{NO_CLUSTER, and_throttled, not_told};

/// Things spelt out in one sentence.
const MOST_NAMED: usize = 12;

impl Plain {
    pub(super) fn greet(&self, model: &Model) -> Vec<String> {
        let may = match (&self.setup.hands.operator, &self.setup.hands.approver) {
            _ if model.read_only.is_some() => "look on",
            (Some(_), Some(_)) => "propose, turn the second key, approve and reject",
            (Some(_), None) => "propose and turn the second key",
            (None, Some(_)) => "approve and reject",
            (None, None) => "look on",
        };
        let who = match &self.setup.person {
            Some(name) => format!("You are {name} and may {may}."),
            None => format!("You have no name here and may {may}."),
        };
        let banner = self.setup.banner.as_deref().map(|b| format!(" This is: {b}.")).unwrap_or_default();
        let mut lines = vec![format!(
            "Signalbox, estate {}, {}Z.{banner} {who} Every source is being asked; a summary follows.",
            model.estate.name,
            words::time_of_day(model.now.wall)
        )];
        if let Some(why) = &model.read_only {
            lines.push(format!("This console cannot write: {why}."));
        }
        lines.extend(model.unproven.iter().map(|line| format!("Careful: {line}.")));
        if self.setup.presenter {
            lines.push("Presenter mode: accounts, hosts, addresses and keys have aliases here.".into());
        }
        lines.push("Type help for the commands.".into());
        lines.iter().map(|l| spoken(l)).collect()
    }

    /// All of it.
    pub(super) fn summary(&self, model: &Model) -> Vec<String> {
        let mut lines =
            vec![format!("Summary at {} {}Z.", words::day(model.now.wall), words::time_of_day(model.now.wall))];
        for pair in &model.estate.pairs {
            lines.extend(pair_lines(model, pair));
        }
        lines.push(endpoints(model));
        lines.extend(failing_sources(model));
        let open: Vec<&Change> =
            model.changes.all().iter().filter(|c| c.state.is_open() || c.state.is_running()).collect();
        if open.is_empty() {
            lines.push("No change waits or runs.".into());
        }
        lines.extend(open.iter().map(|c| format!("{}.", capital(&standing(model, c)))));
        lines.push("End of summary.".into());
        lines.iter().map(|l| spoken(l)).collect()
    }
}

fn pair_lines(model: &Model, pair: &Pair) -> Vec<String> {
    let mut lines = vec![format!("Pair {}: {}", pair.name, model.sentence(&pair.name).text)];
    if let Some(s) = model.sessions.get(&pair.name) {
        lines.push(format!(
            "The {} {} runs since {}Z.",
            s.kind.words(),
            s.name,
            words::moment(s.started.wall, model.now.wall)
        ));
    }
    if let Some(i) = model.incidents.get(&pair.name).filter(|i| i.ended.is_none()) {
        let done: Vec<_> = Step::ALL.iter().filter(|s| i.step(**s).ended.is_some()).map(|s| s.word()).collect();
        let done = if done.is_empty() { "none".to_owned() } else { done.join(", ") };
        lines.push(format!(
            "The clock of pair {} runs {}, {}, with an RTO of {}. Steps done: {done}.",
            pair.name,
            crate::words::since(i.started, model.now),
            i.lasted(model.now).map_or_else(
                || "how long is not known because a clock was set".to_owned(),
                |lasted| format!("{} ago", crate::words::lasted_aloud(lasted))
            ),
            words::span(i.rto)
        ));
    }
    for side in Side::BOTH {
        lines.extend(side_lines(model, pair, side));
    }
    lines.extend(links(model, pair));
    if model.checks_out_of_reach().is_some() {
        lines.push(crate::words::checks_out_of_reach(crate::words::Length::Whole).to_owned());
    }
    lines.push(levers(model, pair));
    lines.push(dns(model, pair));
    lines
}

fn side_lines(model: &Model, pair: &Pair, side: Side) -> Vec<String> {
    let region = pair.region(side);
    let (_, state) = model.side_state(&pair.name, side);
    let role = if side == Side::Active { "active" } else { "standby" };
    let title = model.estate.region_title(region);
    let mut things: Vec<(Mark, String)> = Vec::new();
    for system in model.estate.systems_of(&pair.name) {
        if let Some(s) = model.standing(&Subject::System(system.id.clone(), side)) {
            things.push((s.mark, format!("{}, {}", system.name, s.text)));
        }
    }
    let services: Vec<_> = model.estate.services_of(&pair.name).map(|s| &s.name).collect();
    for check in model.estate.health_checks.iter().filter(|c| &c.region == region && services.contains(&&c.service)) {
        if let Some((s, mark)) = model.standing(&Subject::Check(check.id.clone())).zip(model.check_mark(check)) {
            things.push((mark, format!("health check {}, {}", check.name, s.text)));
        }
    }
    for service in model.estate.services_of(&pair.name) {
        if let Some(s) = model.standing(&Subject::Probe(service.name.clone(), region.clone())) {
            things.push((s.mark, format!("{} application, {}", service.name, s.text)));
        }
    }
    let counts: Vec<_> = [Mark::Ok, Mark::Warn, Mark::Fail, Mark::Unknown]
        .into_iter()
        .map(|mark| (mark, things.iter().filter(|(m, _)| *m == mark).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(mark, n)| format!("{n} {}", mark.word()))
        .collect();
    let mut lines = vec![format!(
        "{region}, {title}, {role} side of pair {}: {}. Of {} things: {}.",
        pair.name,
        state.to_lowercase(),
        things.len(),
        if counts.is_empty() { "none is watched".to_owned() } else { counts.join(", ") }
    )];
    if let Some(silence) = model.silence(&pair.name, side) {
        let since = format!("{}Z", words::moment(silence.since.wall, model.now.wall));
        let failed =
            silence.failed.map(|at| (format!("{}Z", words::moment(at.at().wall, model.now.wall)), at.is_found()));
        let sources: Vec<_> = silence.sources.iter().collect();
        lines.push(crate::words::silent_aloud(
            region,
            &sources,
            &since,
            failed.as_ref().map(|(at, found)| (at.as_str(), *found)),
        ));
    }
    for mark in [Mark::Fail, Mark::Warn, Mark::Unknown] {
        lines.extend(spelt(&things, mark, &format!("in {region}")));
    }
    lines
}

fn links(model: &Model, pair: &Pair) -> Vec<String> {
    let things: Vec<(Mark, String)> = model
        .estate
        .systems_of(&pair.name)
        .filter_map(|system| {
            let s = model.standing(&Subject::Link(system.id.clone()))?;
            Some((s.mark, format!("{}, {}", system.name, s.text)))
        })
        .collect();
    let bad: Vec<String> = [Mark::Fail, Mark::Warn, Mark::Unknown]
        .into_iter()
        .flat_map(|mark| spelt(&things, mark, &format!("in replication of pair {}", pair.name)))
        .collect();
    match (things.is_empty(), bad.is_empty()) {
        (true, _) => Vec::new(),
        (false, true) => vec![format!("Replication of pair {}: all {} are ok.", pair.name, things.len())],
        (false, false) => bad,
    }
}

/// `Failed in us-east-1: A, 0/12 healthy; B, no answer; and 3 more.`
fn spelt(things: &[(Mark, String)], mark: Mark, place: &str) -> Option<String> {
    let of: Vec<&String> = things.iter().filter(|(m, _)| *m == mark).map(|(_, text)| text).collect();
    if of.is_empty() {
        return None;
    }
    let mut named: Vec<String> = of.iter().take(MOST_NAMED).map(|t| (*t).clone()).collect();
    if of.len() > MOST_NAMED {
        named.push(format!("and {} more", of.len() - MOST_NAMED));
    }
    Some(format!("{} {place}: {}.", capital(mark.word()), named.join("; ")))
}

/// One sentence for controls that are alike, and one for each service that is not.
fn levers(model: &Model, pair: &Pair) -> String {
    let of: Vec<String> = model
        .estate
        .services_of(&pair.name)
        .map(|service| {
            let states: Vec<_> = Side::BOTH
                .iter()
                .filter_map(|side| service.control(pair.region(*side)))
                .map(|c| {
                    let region = c.region.as_ref().map(|r| format!(" in {r}")).unwrap_or_default();
                    format!("{}{region}", lever(model.lever(&c.arn)))
                })
                .collect();
            format!("{} {}", service.name, states.join(" and "))
        })
        .collect();
    let gates: Vec<_> = model.gates_of(pair).map(|g| format!("{} {}", g.name, lever(model.lever(&g.arn)))).collect();
    let gates = if gates.is_empty() { String::new() } else { format!(" Gates: {}.", gates.join("; ")) };
    format!("Routing controls of pair {}: {}.{gates}", pair.name, of.join("; "))
}

/// A control's state in words.
pub(super) fn lever(lever: Lever) -> String {
    crate::words::lever(lever, crate::words::Length::Line)
}

fn dns(model: &Model, pair: &Pair) -> String {
    let traffic = model.pair_traffic(&pair.name);
    if traffic.total() == 0 {
        return format!("No DNS name of pair {} is watched.", pair.name);
    }
    let mut to: Vec<_> = traffic.to.iter().map(|(region, n)| format!("{n} lead to {region}")).collect();
    if traffic.elsewhere > 0 {
        to.push(format!("{} lead to no region that is known", traffic.elsewhere));
    }
    to.extend(traffic.untold.iter().map(|(why, n)| format!("where {n} lead is not known ({})", not_told(*why))));
    if to.is_empty() {
        return format!("DNS answers of pair {}: none of {} is given.", pair.name, traffic.total());
    }
    let silent = if traffic.silent > 0 { format!("; {} queries got no answer", traffic.silent) } else { String::new() };
    format!("DNS answers of pair {}: of {} that are given, {}{silent}.", pair.name, traffic.given(), to.join(", "))
}

fn endpoints(model: &Model) -> String {
    if model.estate.cluster.is_none() {
        return format!("ARC cluster: {NO_CLUSTER}.");
    }
    let all = &model.estate.cluster.endpoints;
    let silent: Vec<_> =
        model.endpoints().filter(|(_, e)| !e.is_there()).map(|(region, _)| region.to_string()).collect();
    let not = if silent.is_empty() { String::new() } else { format!("; not {}", silent.join(", ")) };
    let throttled = and_throttled(model.endpoints_throttled());
    format!("ARC cluster: {} of {} endpoints answer{throttled}{not}.", model.endpoints_up(), all.len())
}

/// One line for the sources that fail alike.
fn failing_sources(model: &Model) -> Vec<String> {
    let own = model.sources.keys().filter(|id| !matches!(id, SourceId::Arc(_) | SourceId::Probe(..)));
    let failing: Vec<_> = own.filter_map(|id| Some((id, model.failing(id)?, model.source_trouble(id)?))).collect();
    let kinds: Vec<_> = failing.iter().map(|(_, kind, _)| *kind).collect();
    let line = |(kind, n): (FailureKind, usize)| {
        let said = crate::words::failing(kind, n);
        let alike = failing.iter().filter(|(_, other, _)| crate::words::failing(*other, n) == said);
        let named = alike.take(MOST_NAMED).map(|(id, _, why)| format!("{} ({why})", model.source_name(id)));
        let sources = if n == 1 { "source" } else { "sources" };
        format!("{n} {sources} {said}: {}.", named.collect::<Vec<_>>().join("; "))
    };
    crate::words::alike(&kinds).into_iter().map(line).collect()
}

/// With a capital letter in front.
pub(in crate::plain) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
