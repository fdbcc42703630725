//! The one sentence that says it: what is broken, since when, where traffic goes, whether the other side is ready.

use super::{Check, Enters, Flow, Mark, Model, Origin, Preflight, Sight, Standing, Subject, words};
use crate::change::State;
use crate::estate::{Meaning, Pair, PairName, Reading, Region, Service, ServiceName, Side, System, Tier};
use crate::event::{Blind, FailureKind, Place, Sense};
use crate::record::Since;
use crate::time::{Span, Stamp};
use crate::words::{
    Endpoint, Length, Unproven, Untold, apart, mixed, no_endpoint, not_steady, nothing_else_fails, one_endpoint,
    partly_seen, seen_by, standstill, throttled_endpoints, unproven, unseen, untold, whose,
};

/// How long it is news that a change did not happen.
const NEWS_FOR: Span = Span::from_mins(10);
/// The same where it was taken back by who asked for it: nothing waits and nothing was refused.
const TAKEN_BACK_FOR: Span = Span::from_mins(2);

/// The sentence, and how bad it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// The words.
    pub text: String,
    /// How bad it is.
    pub mark: Mark,
}

/// How much is said of what is broken: the less, the more people do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// How many failures.
    Count,
    /// The first of them.
    First,
    /// As many as a line holds, and what only warns.
    Most,
}

impl Model {
    /// The state of a pair in words, for somebody who joined ten seconds ago.
    #[must_use]
    pub fn sentence(&self, pair: &PairName) -> Sentence {
        let Some(p) = self.estate.pair(pair) else {
            return Sentence { text: format!("No pair is called {pair}."), mark: Mark::Unknown };
        };
        if self.newest().is_none() {
            if let Some(text) = self.signed_out() {
                return Sentence { text, mark: Mark::Fail };
            }
            let text = match self.sources.values().filter(|s| s.failure.is_some()).count() {
                0 => "No readings yet: every source is being asked for the first time.".to_owned(),
                n => format!("No source has answered yet, {n} have failed: this console knows nothing of the regions."),
            };
            return Sentence { text, mark: Mark::Unknown };
        }
        let (enters, flow) = (self.enters(pair), self.flow(p));
        let (news, waits) = (self.news(pair), self.waits(pair));
        // While people act, the sentence says what they do before it lists what is broken.
        let endpoints = self.endpoint_words();
        let detail = if news.is_some() {
            Detail::Count
        } else if waits.is_some() || endpoints.is_some() || flow != Flow::Settled {
            Detail::First
        } else {
            Detail::Most
        };
        let sent = news.as_ref().is_some_and(|n| n.sent);
        let (mut mark, there) = match enters {
            Enters::Seen(side) => (Mark::Ok, Some(side)),
            Enters::ControlsSay(side, _) => (Mark::Unknown, Some(side)),
            Enters::Unknown(_) => (Mark::Unknown, None),
        };
        if matches!(flow, Flow::Apart { .. } | Flow::Mixed(_)) {
            mark = mark.max(Mark::Warn);
        }
        let traffic = self.pair_traffic(pair);
        let nowhere = traffic.elsewhere + traffic.blind();
        if nowhere * 2 >= traffic.given() && nowhere > 0 {
            mark = mark.max(Mark::Unknown);
        }
        let mut sides = Vec::new();
        let mut hurt = false;
        for side in self.told_first(p, enters) {
            if let Some((m, text)) = self.side_words(p, side, (enters, &flow), detail) {
                mark = mark.max(m);
                hurt |= there == Some(side);
                sides.push(text);
            }
        }
        let (moved, traffic) =
            self.traffic_words(p, (enters, &flow), sent, detail != Detail::Most || !sides.is_empty());
        let mut parts = Vec::new();
        if let Some(news) = news {
            mark = mark.max(news.mark);
            parts.push(news.text);
        }
        // A control that somebody moved by hand changes what everything else means, so it comes first.
        if let Some(text) = self.fault_words(pair) {
            mark = Mark::Fail;
            parts.push(text);
        }
        if let Some(text) = self.elsewhere_words(pair) {
            mark = mark.max(Mark::Warn);
            parts.push(text);
        }
        // Where traffic is comes first where that is the news, and where nothing is wrong with it.
        let at = if moved || !hurt { parts.len() } else { parts.len() + sides.len() };
        parts.extend(sides);
        parts.insert(at, traffic);
        if let Some((m, text)) = endpoints {
            mark = mark.max(m);
            parts.push(text);
        }
        if let Some(text) = self.sign_in_words(pair) {
            mark = mark.max(Mark::Warn);
            parts.push(text);
        }
        parts.extend(waits);
        // Last, because it can be missed where there is no room.
        if detail == Detail::Most {
            parts.extend(there.and_then(|side| self.watch_words(p, side.other())));
        }
        Sentence { text: parts.join(" "), mark }
    }

    /// Both sides, that one first whose trouble is said first: the one that has the traffic, unless nothing fails there
    /// that the platform cannot do without, and on the other it does.
    fn told_first(&self, p: &Pair, enters: Enters) -> [Side; 2] {
        let there = match enters {
            Enters::Seen(side) | Enters::ControlsSay(side, _) => side,
            Enters::Unknown(_) => return Side::BOTH,
        };
        let minor = !self.troubles(&p.name, there).is_empty() && self.failures(&p.name, there).is_empty();
        let preflight = self.preflight(&p.name, there.other());
        let grave = minor && self.worst_check(&preflight).is_some_and(|c| self.is_critical(c));
        if grave { [there.other(), there] } else { Side::BOTH }
    }

    /// Whether a check is of what the platform cannot do without.
    fn is_critical(&self, check: &Check) -> bool {
        match &check.origin {
            Origin::Reading(key) => self.estate.systems.iter().any(|s| s.id == key.system && s.tier == Tier::Critical),
            _ => true,
        }
    }

    /// A cluster of which one endpoint answers, or none, is about to be no cluster.
    fn endpoint_words(&self) -> Option<(Mark, String)> {
        let endpoints: Vec<(&Region, Endpoint)> = self.endpoints().collect();
        let all = endpoints.len();
        if all == 0 {
            return None;
        }
        // Those that were not heard yet may answer: how many do is not known before.
        if endpoints.iter().any(|(_, endpoint)| *endpoint == Endpoint::Unheard) {
            return None;
        }
        // Where all fail because of who asks, or when, it is the console that is ill, and not the cluster.
        let all_fail_by = |by: FailureKind| {
            endpoints.iter().all(|(_, endpoint)| matches!(endpoint, Endpoint::Fails { kind, .. } if *kind == by))
        };
        let up: Vec<&Region> = endpoints.iter().filter(|(_, e)| e.answers()).map(|(region, _)| *region).collect();
        let there = self.endpoints_there();
        match up.as_slice() {
            [] if all_fail_by(FailureKind::Clock) => {
                let text = "AWS refuses what this machine signs: its clock is wrong. Set it by NTP: no move is possible \
                            from here.";
                Some((Mark::Fail, text.to_owned()))
            }
            [] if all_fail_by(FailureKind::NoCredentials) => {
                let unknown = || "There are no AWS credentials: no move is possible from here.".to_owned();
                Some((Mark::Fail, self.signed_out().unwrap_or_else(unknown)))
            }
            [] if all_fail_by(FailureKind::Denied) => {
                let text = "ARC turns this console away: its AWS credentials are expired, or not allowed to ask. No move \
                            is possible from here.";
                Some((Mark::Fail, text.to_owned()))
            }
            [] if there > 0 => Some((Mark::Warn, throttled_endpoints(there, all))),
            [] => Some((Mark::Fail, no_endpoint(all, self.endpoints_since().map(|at| self.since(at)).as_deref()))),
            [one] if all > 1 && there == 1 => {
                let since = self.endpoints_since().map(|at| self.since(at));
                Some((Mark::Warn, one_endpoint(one, all, since.as_deref())))
            }
            _ => None,
        }
    }

    /// What is wrong on a side, or that the standby is ready; none for a healthy active side.
    fn side_words(
        &self,
        p: &Pair,
        side: Side,
        (enters, flow): (Enters, &Flow),
        detail: Detail,
    ) -> Option<(Mark, String)> {
        let region = p.region(side);
        // A side that traffic is moving to is not a standby any more: what is wrong there hits the users who arrive.
        let arrives = flow.reaches(side);
        // Where nobody knows where traffic is, what is wrong on the side that the controls name is as grave; but that it
        // serves is not said.
        let (has_traffic, seen, grave) = match enters {
            Enters::Seen(there) | Enters::ControlsSay(there, Untold::Unwatched) => {
                (arrives || there == side, true, arrives || there == side)
            }
            Enters::ControlsSay(there, _) => (there == side, false, there == side),
            Enters::Unknown(_) => (false, false, true),
        };
        if let Some(since) = self.impaired_since(&p.name, side) {
            let most = match detail {
                Detail::Count => 0,
                Detail::First => 1,
                Detail::Most => 2,
            };
            let mut what = self.noticed_words(p, side, most);
            what.extend(self.lingers_words(&p.name, side));
            // Where something fails that is not critical, it stands there already.
            if most > 0 && self.lone_failure(&p.name, side).is_some() && self.troubles(&p.name, side).len() == 1 {
                what.push(nothing_else_fails());
            }
            let text = format!("{region} is impaired {}: {}.", self.since(since), what.join("; "));
            return Some((if grave { Mark::Fail } else { Mark::Warn }, text));
        }
        if has_traffic {
            let failed = self.troubles(&p.name, side).len();
            let (said, left) = self.noticed(p, side, 1);
            if let Some(first) = said.first() {
                let what: Vec<String> = [first.words.clone()].into_iter().chain(left.said()).collect();
                let what = what.join("; ");
                // Whether people feel it is not the same as whether a margin is used up.
                let since = self.since(first.since);
                let text = if self.hurts_now(p, side) {
                    format!("People are affected in {region} {since}: {what}.")
                } else {
                    let things = if failed == 1 { "one thing".into() } else { format!("{failed} things") };
                    let has = if seen { "serves, with" } else { "has" };
                    format!("{region} {has} {things} wrong {since}: {what}.")
                };
                return Some((Mark::Warn, text));
            }
            let shaky = self.shaky(&p.name, side);
            if let Some((subject, standing)) = shaky.first() {
                let what = self.failure_words(subject, standing, region);
                return Some((Mark::Warn, not_steady(region, &what, shaky.len() - 1)));
            }
            let words = match self.sight(p, side) {
                Sight::Whole => return None,
                Sight::Partly(failing) => partly_seen(region, &failing),
                Sight::Little(u) => unseen(region, u.unread, u.watched),
            };
            return Some((Mark::Unknown, words));
        }
        Some(self.ready_words(p, side))
    }

    /// Whether the standby could take the traffic, and what speaks against it.
    fn ready_words(&self, p: &Pair, side: Side) -> (Mark, String) {
        let region = p.region(side);
        let preflight = self.preflight(&p.name, side);
        let (score, all) = (preflight.score(), preflight.checks.len());
        let unknown = preflight.count(Mark::Unknown);
        let stands = self.standstill(&p.name, side);
        // With no endpoint that is there nobody moves anything, whatever they accept.
        let can_move = self.endpoints_there() > 0;
        // The worst of them in words: a count of checks does not say what to do.
        if let Some(worst) = self.worst_check(&preflight) {
            let verdict = match preflight.hinders() {
                true => "is NOT ready for the traffic:",
                false => "could take the traffic, but:",
            };
            let since = self.so_since(worst).map_or_else(String::new, |at| format!(" {}", self.since(at)));
            let (worst, more) = (worst.words(), more(preflight.count(Mark::Fail)));
            // Where all lags grow, the tightest of them is not the news.
            let whole = stands.map_or_else(String::new, |fact| format!("{}; ", standstill(fact)));
            let still = if can_move { " You can still move; say why you accept this." } else { "" };
            return (Mark::Warn, format!("{region} {verdict} {whole}{worst}{since}{more}.{still}"));
        }
        if let Some(fact) = stands {
            let text = format!("{region} could take the traffic (score {score} of 100), but: {}.", standstill(fact));
            return (Mark::Warn, text);
        }
        let mut stopping = preflight.with(Mark::Unknown).filter(|c| self.is_stopping(c, side));
        if let Some(first) = stopping.next() {
            let more = more(1 + stopping.count());
            let why = match &first.origin {
                // An unknown figure's own name says little; what it is for says more.
                Origin::Reading(key) if key.place == Place::Back => {
                    format!("nobody can tell how far behind its data is ({}{more})", first.name)
                }
                _ => format!("{}{more}", first.words()),
            };
            let still = if can_move { " A move must say why that is accepted." } else { "" };
            let text = format!("Whether {region} is ready is not known: {why}.{still}");
            return (Mark::Unknown, text);
        }
        if unknown * 5 > all {
            let text = format!("Whether {region} is ready is not known: {unknown} of {all} checks have no reading.");
            return (Mark::Unknown, text);
        }
        (Mark::Ok, format!("{region} is ready (score {score} of 100)."))
    }

    /// The failing check that is said first: what the platform cannot do without, then what keeps the region from
    /// serving.
    fn worst_check<'p>(&self, preflight: &'p Preflight) -> Option<&'p Check> {
        preflight.with(Mark::Fail).min_by_key(|c| (!self.is_critical(c), !c.hinders()))
    }

    /// What only warns against a move to a side, if nothing stops it.
    fn watch_words(&self, p: &Pair, side: Side) -> Option<String> {
        if self.impaired_since(&p.name, side).is_some() {
            return None;
        }
        let preflight = self.preflight(&p.name, side);
        let first = preflight.with(Mark::Warn).next().filter(|_| preflight.count(Mark::Fail) == 0)?;
        let since = self.so_since(first).map_or_else(String::new, |at| format!(" {}", self.since(at)));
        Some(format!("To watch: {}{since}{}.", first.words(), more(preflight.count(Mark::Warn))))
    }

    /// Since when what a check looks at stands as the check says, where that is one thing.
    fn so_since(&self, check: &Check) -> Option<Since> {
        let subject = match &check.origin {
            Origin::Reading(key) => match key.place {
                Place::Active => Subject::System(key.system.clone(), Side::Active),
                Place::Standby => Subject::System(key.system.clone(), Side::Standby),
                Place::Link | Place::Back => Subject::Link(key.system.clone()),
            },
            Origin::HealthCheck(id) => Subject::Check(id.clone()),
            Origin::Probe(service, region) => Subject::Probe(service.clone(), region.clone()),
            Origin::Endpoints => return self.endpoints_since(),
            Origin::Rule(_) | Origin::Unmeasured | Origin::AllowedRegions => return None,
        };
        self.standing(&subject).filter(|s| s.mark == check.mark).map(|s| s.since)
    }

    /// The first failing reading of a system on a side: the one that its text begins with.
    fn failed_reading<'m>(&'m self, system: &'m System, side: Side) -> Option<&'m Reading> {
        let failed = |r: &&Reading| self.judge(system, r, Place::from(side)).mark == Mark::Fail;
        self.side_readings(system, side).find(failed)
    }

    /// Whether those who use the platform feel it.
    pub(super) fn hurts(&self, subject: &Subject) -> bool {
        let Subject::System(id, side) = subject else { return true };
        let system = self.estate.systems.iter().find(|s| &s.id == id);
        let reading = system.and_then(|s| self.failed_reading(s, *side));
        reading.is_none_or(|r| r.meaning == Meaning::Health)
    }

    /// Whether those who use a side feel any of its failures.
    fn hurts_now(&self, p: &Pair, side: Side) -> bool {
        self.failures(&p.name, side).iter().any(|(subject, _)| self.hurts(subject))
    }

    pub(super) fn failure_words(&self, subject: &Subject, standing: &Standing, region: &Region) -> String {
        match subject {
            Subject::System(id, side) => {
                let system = self.estate.systems.iter().find(|s| &s.id == id);
                let name = system.map_or(id.as_str(), |s| s.name.as_str());
                let past = system.and_then(|s| words::past(self.failed_reading(s, *side)?, Mark::Fail));
                let past = past.map_or_else(String::new, |past| format!(" ({past})"));
                // A figure that is old stands in brackets; in a sentence words say it.
                match &standing.last {
                    Some(figure) => format!("{name} last read {figure}{past}"),
                    None => format!("{name} {}{past}", standing.first),
                }
            }
            Subject::Check(id) => {
                let name =
                    self.estate.health_checks.iter().find(|c| &c.id == id).map_or(id.as_str(), |c| c.name.as_str());
                // The sentence names the region already.
                let name = name.strip_suffix(region.as_str()).map_or(name, str::trim_end);
                // Of a plain check the count says enough.
                let plain = self.checks.get(id).filter(|c| c.value.sense == Sense::Straight);
                match plain.and_then(|c| c.value.checkers()) {
                    Some(checkers) => format!("health check {name} {} of {} healthy", checkers.healthy, checkers.of),
                    None => format!("health check {name} {}", standing.first),
                }
            }
            Subject::Probe(service, _) => format!("{service} {}", standing.text),
            Subject::Link(_) | Subject::Source(_) => standing.text.clone(),
        }
    }

    /// Where traffic enters, and whether a change moved it there. `sent` means that a change is on its way, so that
    /// earlier readings prove nothing; `more`, that the sentence says more than this.
    fn traffic_words(&self, p: &Pair, (enters, flow): (Enters, &Flow), sent: bool, more: bool) -> (bool, String) {
        match flow {
            Flow::Settled => {}
            Flow::Moving { to, since, answers, services } => {
                let target = p.region(*to);
                let well = if self.is_well(p, *to) { format!(" {target} is well.") } else { String::new() };
                let since = since.map_or_else(String::new, |at| format!(" since {}", self.time(at)));
                let (whose, lack) = (whose(services), self.lack_words(p));
                let counts = answers.lead("there");
                return (true, format!("{whose} is moving to {target}{since}: {counts}.{lack}{well}"));
            }
            Flow::Mixed(services) => return (true, mixed(services)),
            Flow::Apart { active, standby } => return (true, apart((&p.active, active), (&p.standby, standby))),
        }
        // What only the controls say is said as that, and nothing is claimed of the region that they name.
        let side = match enters {
            Enters::Seen(side) => side,
            Enters::ControlsSay(_, Untold::Unwatched) if sent => {
                return (false, "No DNS name is watched: only the routing controls will show it.".to_owned());
            }
            Enters::ControlsSay(side, why) => {
                let lack = if why == Untold::Unwatched { self.lack_words(p) } else { String::new() };
                return (false, format!("{}{lack}", self.untold_words(p, why, Some(p.region(side)))));
            }
            Enters::Unknown(why) => return (false, self.untold_words(p, why, None)),
        };
        let (region, by) = (p.region(side), self.seen_by(p, side));
        if sent {
            return (false, format!("DNS last led to {region}; whether it still does is not known yet."));
        }
        let impaired = self.impaired_since(&p.name, side).is_some();
        let moved = self.changes.all().iter().rev().find_map(|c| match c.state {
            State::Verified { moved: Some(at) } if c.text.pair == p.name && &c.text.receiving == region => {
                // That it moved is news while an incident runs, and for a while.
                let news = self.running_incident(&p.name).is_some() || self.now.since(at) < NEWS_FOR;
                news.then_some((at, c.late))
            }
            _ => None,
        });
        let well = self.is_well(p, side);
        match (moved, impaired) {
            (Some((at, late)), _) if self.levers_side(&p.name) == Some(side) => {
                let well = if well { format!("; {region} is well") } else { String::new() };
                let text = match late {
                    false => format!("Traffic moved to {region} at {}{well}.", self.time(at)),
                    true => format!(
                        "Traffic had moved to {region} already when it was first looked at, at {}{well}.",
                        self.time(at)
                    ),
                };
                (true, text)
            }
            (_, true) => (false, format!("{by} still enters {region}.")),
            (_, false) if self.hurts_now(p, side) => (false, format!("{by} still enters {region}.")),
            (_, false) if more && well => (false, format!("{by} enters {region}, which is well.")),
            (_, false) => (false, format!("{by} enters {region}.")),
        }
    }

    /// Whose word it is that traffic enters a side: where answers lead to no one region, those that do are counted.
    fn seen_by(&self, p: &Pair, side: Side) -> String {
        let traffic = self.pair_traffic(&p.name);
        let there = traffic.to.get(p.region(side)).copied().unwrap_or(0);
        seen_by(there, traffic.given())
    }

    /// That nobody can tell where traffic enters, since when, and what the controls would have it.
    fn untold_words(&self, p: &Pair, why: Untold, controls: Option<&Region>) -> String {
        let since = self.dns_last_led(&p.name).filter(|_| why != Untold::Split).map(|at| self.time(at));
        let lacks = |s: &&Service| !s.dns.is_empty() && s.controls.iter().any(|c| c.target.is_empty());
        let of: Vec<ServiceName> = match why {
            Untold::Blind(Blind::NoTarget) => {
                self.estate.services_of(&p.name).filter(lacks).map(|s| s.name.clone()).collect()
            }
            _ => Vec::new(),
        };
        untold(why, &of, since.as_deref(), controls)
    }

    /// What is missing to the proof that the traffic of the newest change has arrived, where all its DNS answers lead
    /// there already; a sentence, with a space before it.
    fn lack_words(&self, p: &Pair) -> String {
        let newest = self.changes.all().iter().rev().find(|c| c.text.pair == p.name && c.text.moves_traffic());
        let Some(change) = newest.filter(|c| c.state == State::Verified { moved: None }) else { return String::new() };
        let missing: Vec<_> =
            self.unproven(change).into_iter().filter(|m| !matches!(m, Unproven::Answers(_))).collect();
        let lack = unproven(&missing, &change.text.receiving, Length::Line);
        lack.map_or_else(String::new, |lack| format!(" That it has arrived is not proven: {lack}."))
    }

    /// What came of the newest change of a pair, or may be coming of it, while that is news.
    fn news(&self, pair: &PairName) -> Option<News> {
        let c = self.changes.running().filter(|c| c.text.pair == *pair);
        let c = c.or_else(|| self.changes.all().iter().rev().find(|c| c.text.pair == *pair))?;
        let while_new = if c.state == State::Withdrawn { TAKEN_BACK_FOR } else { NEWS_FOR };
        let lately = self.now.since(c.since) < while_new;
        let (mark, news) = match &c.state {
            State::Executing | State::Applied { .. } => (Mark::Ok, true),
            State::Uncertain => (Mark::Warn, true),
            state => (Mark::Warn, lately && (state.came_to_nothing() || matches!(state, State::Refused(_)))),
        };
        let text = crate::words::news(c, &self.estate, &self.time(c.since)).filter(|_| news)?;
        Some(News { mark, sent: c.state.is_running() && c.text.moves_traffic(), text })
    }

    /// A time as the console's clock shows it, with its day where that is another.
    pub(super) fn time(&self, at: Stamp) -> String {
        format!("{}Z", words::moment(at.wall, self.now.wall))
    }

    /// `since 18:42:07Z`, or `since before` it.
    fn since(&self, since: Since) -> String {
        crate::words::since(since, self.now)
    }

    /// The change of a pair that waits for somebody.
    fn waits(&self, pair: &PairName) -> Option<String> {
        let c = self.changes.all().iter().rev().find(|c| c.state.is_open() && c.text.pair == *pair)?;
        crate::words::waits(c)
    }
}

/// That there are more of what was said.
fn more(n: usize) -> String {
    if n > 1 { format!("; {} more", n - 1) } else { String::new() }
}

/// What came of a change.
struct News {
    mark: Mark,
    /// Whether it may be changing routing controls at this moment.
    sent: bool,
    text: String,
}
