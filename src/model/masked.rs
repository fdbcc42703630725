//! What is known, in the form that thirty people may see: every text masked.
//!
//! Presenter mode draws this copy instead of the model, so a text is masked before anybody cuts it, wraps it or puts it
//! into a sentence. What things are found by stays as it is: names of systems, services, regions and people; the ARNs
//! that the estate file knows, of which only the names are ever shown; and ids of DRS servers and jobs, which are short
//! and have a shape of their own, so that the pen can mask them where they are shown.
//!
//! The fields are written out without `..`: whoever adds one must say here whether it holds outside text.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::lifecycle::Pending;
use super::{Drs, Entry, Fact, Fresh, LastSigned, Model, Refused, Session, SourceState, Standing};
use crate::change::{Approval, Change, ChangeText, NotDone, State, Work};
use crate::estate::{ClusterArn, Control, ControlArn, ControlState, Estate, HealthCheckId, RuleArn, Source};
use crate::event::{
    ApartServer, CheckStatus, Checkers, DnsAnswer, DrsJob, DrsServer, Failure, FlipEnd, FlipOutcome, LogLine, Refusal,
    Settings, SignIn, SignInFailure, SourceId, Watches,
};
use crate::mask::Mask;

/// The mask of one estate, and the estate behind it.
#[derive(Clone, Debug)]
pub struct Veil {
    of: Arc<Estate>,
    estate: Arc<Estate>,
    mask: Mask,
    /// Names of hosts that were heard of, and the mask that knows them.
    hosts: Vec<String>,
    hearing: Mask,
    /// Names that people say.
    spoken: BTreeSet<String>,
    /// What the estate knows by its ARN or id.
    known: BTreeSet<String>,
}

impl Veil {
    /// The veil of an estate.
    #[must_use]
    pub fn of(estate: &Arc<Estate>) -> Self {
        let mask = Mask::of(estate);
        let controls = || estate.controls().map(|c| c.arn.as_str());
        let rules = estate.safety_rules.iter().map(|r| r.arn.as_str());
        let checks = estate.health_checks.iter().map(|c| c.id.as_str());
        Self {
            of: estate.clone(),
            known: controls().chain(rules).chain(checks).map(str::to_owned).collect(),
            spoken: spoken(estate),
            estate: Arc::new(masked_estate(estate, &mask)),
            hosts: Vec::new(),
            hearing: mask.clone(),
            mask,
        }
    }

    /// Whether it is the veil of this estate.
    #[must_use]
    pub fn is_of(&self, estate: &Arc<Estate>) -> bool {
        Arc::ptr_eq(&self.of, estate)
    }

    /// The mask, which knows the hosts that the model has heard of. It is the same one, with all that it remembers,
    /// until there are others.
    #[must_use]
    pub fn mask(&mut self, model: &Model) -> Mask {
        let hosts = || model.drs.values().flat_map(|d| d.value.servers.iter().map(|s| s.name.as_str()));
        if !hosts().eq(self.hosts.iter().map(String::as_str)) {
            self.hosts = hosts().map(str::to_owned).collect();
            self.hearing = self.mask.hearing(hosts(), |name| self.spoken.contains(&name.to_lowercase()));
        }
        self.hearing.clone()
    }

    /// The model behind the veil. It is to be looked at: nothing can be done with it.
    #[must_use]
    pub fn over(&self, model: &Model, mask: &Mask) -> Model {
        let cloth = Cloth { mask, known: &self.known };
        let Model {
            estate: _,
            binding,
            anchor,
            boot,
            now,
            opened,
            sign_ins,
            sources,
            readings,
            levers,
            checks,
            check_history,
            dns,
            probes,
            answered,
            drs,
            standings,
            timeline,
            changes,
            proofs,
            unproven,
            journal_failed,
            incidents,
            sessions,
            spending,
            read_only,
            log,
            refusals,
            watching,
            fed,
            impaired,
            clock_wanted,
            elsewhere,
            old_shown,
            sent_here,
            calls_sent,
            left,
            closed,
            strange,
            lever_told: _,
            watched: _,
            read_back_at,
            clock_lead,
            drs_asked_at,
            out: _,
            pending,
            next_effect,
            speed,
            only_arc,
            figures_due: _,
            closing_told: _,
            impaired_told: _,
            dns_given,
            dns_led,
            leaving,
            vain: _,
        } = model;
        Model {
            estate: self.estate.clone(),
            binding: binding.clone(),
            anchor: anchor.clone(),
            boot: boot.clone(),
            now: *now,
            opened: *opened,
            sign_ins: sign_ins.iter().map(|(purpose, s)| (purpose.clone(), cloth.sign_in(s))).collect(),
            sources: sources.iter().map(|(id, s)| (cloth.source(id), cloth.source_state(s))).collect(),
            readings: readings.clone(),
            levers: levers.clone(),
            checks: checks.iter().map(|(id, c)| (cloth.check_id(id), cloth.fresh(c, |c| cloth.check(c)))).collect(),
            check_history: check_history.iter().map(|(id, h)| (cloth.check_id(id), h.clone())).collect(),
            dns: dns
                .iter()
                .map(|((at, name), a)| ((at.clone(), cloth.text(name)), cloth.fresh(a, |a| cloth.dns(a))))
                .collect(),
            probes: probes.clone(),
            answered: answered.clone(),
            drs: drs.iter().map(|(region, d)| (region.clone(), cloth.fresh(d, |d| cloth.drs(d)))).collect(),
            standings: standings.iter().map(|(subject, s)| (subject.clone(), cloth.standing(s))).collect(),
            timeline: timeline.map(|e| cloth.entry(e)),
            changes: changes.map(|c| cloth.change(c)),
            proofs: proofs
                .iter()
                .map(|(who, p)| (who.clone(), LastSigned { at: p.at, key: p.key.as_deref().map(|k| cloth.text(k)) }))
                .collect(),
            unproven: unproven.iter().map(|line| cloth.text(line)).collect(),
            journal_failed: *journal_failed,
            incidents: incidents.clone(),
            sessions: sessions.iter().map(|(pair, s)| (pair.clone(), cloth.session(s))).collect(),
            spending: *spending,
            read_only: read_only.as_deref().map(|why| cloth.text(why)),
            log: log.iter().map(|l| cloth.log_line(l)).collect(),
            refusals: refusals.iter().map(|r| Refused { why: cloth.text(&r.why), ..r.clone() }).collect(),
            leaving: *leaving,
            watching: *watching,
            fed: fed.clone(),
            impaired: impaired.clone(),
            clock_wanted: clock_wanted.clone(),
            elsewhere: elsewhere.clone(),
            old_shown: old_shown.clone(),
            sent_here: sent_here.clone(),
            calls_sent: calls_sent.clone(),
            left: left.clone(),
            closed: closed.clone(),
            strange: strange.clone(),
            lever_told: BTreeMap::new(),
            vain: Vec::new(),
            watched: BTreeSet::new(),
            read_back_at: *read_back_at,
            clock_lead: *clock_lead,
            drs_asked_at: *drs_asked_at,
            out: Vec::new(),
            // Only that a key is asked; what it signs is shown nowhere.
            pending: pending
                .iter()
                .filter(|(_, p)| matches!(p, Pending::Deed(..)))
                .map(|(id, p)| (*id, p.clone()))
                .collect(),
            next_effect: *next_effect,
            speed: *speed,
            only_arc: *only_arc,
            figures_due: BTreeMap::new(),
            closing_told: BTreeSet::new(),
            impaired_told: BTreeSet::new(),
            dns_given: dns_given
                .iter()
                .map(|((at, name), given)| ((at.clone(), cloth.text(name)), given.clone()))
                .collect(),
            dns_led: dns_led.clone(),
        }
    }
}

/// What a veil is made of.
struct Cloth<'a> {
    mask: &'a Mask,
    known: &'a BTreeSet<String>,
}

impl Cloth<'_> {
    fn text(&self, text: &str) -> String {
        self.mask.text(text).into_owned()
    }

    /// An ARN or id: those that the estate knows are never shown, others are.
    fn id(&self, id: &str) -> String {
        if self.known.contains(id) { id.to_owned() } else { self.text(id) }
    }

    fn control(&self, arn: &ControlArn) -> ControlArn {
        ControlArn::new(self.id(arn.as_str()))
    }

    fn check_id(&self, id: &HealthCheckId) -> HealthCheckId {
        HealthCheckId::new(self.id(id.as_str()))
    }

    fn fresh<T>(&self, fresh: &Fresh<T>, masked: impl Fn(&T) -> T) -> Fresh<T> {
        Fresh { value: masked(&fresh.value), heard: fresh.heard, due: fresh.due }
    }

    fn source(&self, id: &SourceId) -> SourceId {
        match id {
            SourceId::Route53(id) => SourceId::Route53(self.check_id(id)),
            other => other.clone(),
        }
    }

    fn sign_in(&self, sign_in: &SignIn) -> SignIn {
        let failing = sign_in.failing.as_ref();
        SignIn {
            purpose: sign_in.purpose.clone(),
            whose: self.text(&sign_in.whose),
            held: sign_in.held.clone(),
            failing: failing.map(|f| SignInFailure { since: f.since, why: self.text(&f.why) }),
        }
    }

    fn source_state(&self, state: &SourceState) -> SourceState {
        let failure =
            state.failure.as_ref().map(|(f, since)| (Failure { kind: f.kind, why: self.text(&f.why) }, *since));
        SourceState { failure, ..state.clone() }
    }

    fn check(&self, status: &CheckStatus) -> CheckStatus {
        let watches = match &status.watches {
            Watches::Endpoint(checkers) => {
                let reason = checkers.reason.as_deref().map(|r| self.text(r));
                Watches::Endpoint(Checkers { reason, ..*checkers })
            }
            Watches::Alarm { alarm, called } => Watches::Alarm { alarm: self.text(alarm), called: *called },
            other @ (Watches::Nothing | Watches::Children { .. } | Watches::Control { .. }) => other.clone(),
        };
        let settings = match &status.settings {
            Settings::Known => Settings::Known,
            Settings::Old { read, why } => Settings::Old { read: *read, why: self.text(why) },
            Settings::Unread { why } => Settings::Unread { why: self.text(why) },
        };
        CheckStatus { id: self.check_id(&status.id), watches, sense: status.sense, settings }
    }

    fn dns(&self, answer: &DnsAnswer) -> DnsAnswer {
        let answers = match &answer.answers {
            Ok(all) => Ok(all.iter().map(|a| self.text(a)).collect()),
            Err(why) => Err(self.text(why)),
        };
        DnsAnswer { name: self.text(&answer.name), answers, ..answer.clone() }
    }

    fn drs(&self, drs: &Drs) -> Drs {
        let server = |s: &DrsServer| DrsServer {
            name: self.mask.host(&s.name),
            state: self.text(&s.state),
            last_launch: s.last_launch.as_deref().map(|l| self.text(l)),
            ..s.clone()
        };
        // A log names servers by their ids; nobody could find the name from a masked id.
        let named = |line: &str| {
            let server = drs.servers.iter().find(|s| s.name != s.id && line.split(' ').any(|word| word == s.id));
            let line = self.text(line);
            match server {
                Some(s) => {
                    let id = self.text(&s.id);
                    line.replace(&id, &format!("{} ({id})", self.mask.host(&s.name)))
                }
                None => line,
            }
        };
        let job = |j: &DrsJob| DrsJob {
            kind: self.text(&j.kind),
            initiated_by: self.text(&j.initiated_by),
            status: self.text(&j.status),
            servers: j.servers.iter().map(|(id, status)| (id.clone(), self.text(status))).collect(),
            log: j.log.iter().map(|(at, line)| (*at, named(line))).collect(),
            log_failure: j.log_failure.as_ref().map(|f| Failure { kind: f.kind, why: self.text(&f.why) }),
            ..j.clone()
        };
        let jobs = drs.jobs.map(job, |why| self.text(why));
        let apart = drs.apart.iter().map(|s| ApartServer { name: self.mask.host(&s.name), ..s.clone() });
        Drs { servers: drs.servers.iter().map(server).collect(), apart: apart.collect(), jobs }
    }

    fn log_line(&self, line: &LogLine) -> LogLine {
        LogLine { text: self.text(&line.text), ..line.clone() }
    }

    fn entry(&self, entry: &Entry) -> Entry {
        let fact = match &entry.fact {
            Fact::Answer { name, resolver, was, is } => {
                Fact::Answer { name: self.text(name), resolver: resolver.clone(), was: was.clone(), is: is.clone() }
            }
            Fact::Said | Fact::Stands(_) | Fact::Lever(_) => entry.fact.clone(),
        };
        Entry {
            at: entry.at,
            pair: entry.pair.clone(),
            source: self.text(&entry.source),
            severity: entry.severity,
            text: self.text(&entry.text),
            short: self.text(&entry.short),
            rest: entry.rest.as_deref().map(|rest| self.text(rest)),
            change: entry.change,
            fact,
        }
    }

    fn standing(&self, standing: &Standing) -> Standing {
        let (text, first) = (self.text(&standing.text), self.text(&standing.first));
        let last = standing.last.as_deref().map(|figure| self.text(figure));
        Standing { mark: standing.mark, since: standing.since, seen: standing.seen, text, first, last }
    }

    fn session(&self, session: &Session) -> Session {
        let participants = session.participants.iter().map(|p| self.text(p)).collect();
        Session { name: self.text(&session.name), participants, ..session.clone() }
    }

    fn change(&self, change: &Change) -> Change {
        Change {
            text: self.change_text(&change.text),
            state: self.state(&change.state),
            approvals: change
                .approvals
                .iter()
                .map(|a| Approval { key: self.text(&a.key), words: self.text(&a.words), ..a.clone() })
                .collect(),
            outcome: change.outcome.as_ref().map(|o| self.outcome(o)),
            ..change.clone()
        }
    }

    fn change_text(&self, text: &ChangeText) -> ChangeText {
        let mut text = text.clone();
        for field in [&mut text.estate, &mut text.title, &mut text.loss, &mut text.reason] {
            *field = self.text(field);
        }
        text.cluster = ClusterArn::new(self.text(text.cluster.as_str()));
        match &mut text.work {
            Work::Controls { flips, overrides, .. } => {
                for flip in flips {
                    flip.arn = self.control(&flip.arn);
                    flip.name = self.text(&flip.name);
                }
                for rule in overrides {
                    rule.arn = RuleArn::new(self.id(rule.arn.as_str()));
                    rule.name = self.text(&rule.name);
                }
            }
            Work::Launch(launch) => launch.servers.iter_mut().for_each(|s| s.name = self.mask.host(&s.name)),
        }
        if let Some(despite) = &mut text.despite {
            despite.checks.iter_mut().for_each(|c| *c = self.text(c));
            despite.reason = self.text(&despite.reason);
        }
        text
    }

    fn state(&self, state: &State) -> State {
        match state {
            State::Refused(refusal) => State::Refused(self.refusal(refusal)),
            State::NotApplied(why) => State::NotApplied(self.not_done(why)),
            State::Rejected { by, reason } => State::Rejected { by: by.clone(), reason: self.text(reason) },
            State::Void(moved) => State::Void(self.moved(moved)),
            State::OtherEstate(differs) => State::OtherEstate(differs.iter().map(|d| self.text(d)).collect()),
            State::Launched { job, failed } => {
                State::Launched { job: job.clone(), failed: failed.iter().map(|name| self.mask.host(name)).collect() }
            }
            State::Proposed
            | State::Approved
            | State::Executing
            | State::Launching { .. }
            | State::Applied { .. }
            | State::Verified { .. }
            | State::Uncertain
            | State::Expired(_)
            | State::Withdrawn => state.clone(),
        }
    }

    fn not_done(&self, why: &NotDone) -> NotDone {
        match why {
            NotDone::NotSent(why) => NotDone::NotSent(self.text(why)),
            NotDone::Failed(said) => NotDone::Failed(self.text(said)),
            NotDone::Partly { moved, left, end } => NotDone::Partly {
                moved: moved.iter().map(|m| self.text(m)).collect(),
                left: left.iter().map(|l| self.text(l)).collect(),
                end: end.as_ref().map(|end| Box::new(self.end(end))),
            },
            NotDone::TooLate
            | NotDone::Unreachable
            | NotDone::NoJob
            | NotDone::OldStates
            | NotDone::Neither
            | NotDone::TakenBack(_) => why.clone(),
        }
    }

    fn moved(&self, moved: &BTreeMap<ControlArn, ControlState>) -> BTreeMap<ControlArn, ControlState> {
        moved.iter().map(|(arn, state)| (self.control(arn), *state)).collect()
    }

    fn refusal(&self, refusal: &Refusal) -> Refusal {
        let rule = refusal.rule.as_ref().map(|r| RuleArn::new(self.id(r.as_str())));
        Refusal { kind: refusal.kind, rule, message: self.text(&refusal.message) }
    }

    fn outcome(&self, outcome: &FlipOutcome) -> FlipOutcome {
        let end = self.end(&outcome.end);
        let mut attempts = outcome.attempts.clone();
        attempts.iter_mut().for_each(|a| a.said = self.text(&a.said));
        FlipOutcome { end, attempts }
    }

    fn end(&self, end: &FlipEnd) -> FlipEnd {
        match end {
            FlipEnd::Refused(refusal) => FlipEnd::Refused(self.refusal(refusal)),
            FlipEnd::Denied(refusal) => FlipEnd::Denied(self.refusal(refusal)),
            FlipEnd::Moved(moved) => FlipEnd::Moved(self.moved(moved)),
            FlipEnd::Applied { .. } | FlipEnd::Uncertain | FlipEnd::Unreachable | FlipEnd::TooLate => end.clone(),
        }
    }
}

/// Names that people say: a host with the same name does not mask them.
fn spoken(estate: &Estate) -> BTreeSet<String> {
    let names = estate.services.iter().map(|s| s.name.as_str());
    let systems = estate.systems.iter().flat_map(|s| [s.name.as_str(), s.id.as_str()]);
    let controls = estate.controls().map(|c| c.name.as_str());
    let rules = estate.safety_rules.iter().map(|r| r.name.as_str());
    let pairs = estate.pairs.iter().flat_map(|p| [p.name.as_str(), p.active.as_str(), p.standby.as_str()]);
    let people = estate.people.iter().map(|p| p.name.as_str());
    let resolvers = estate.resolvers.iter().map(|r| r.name.as_str());
    let all = names.chain(systems).chain(controls).chain(rules).chain(pairs).chain(people).chain(resolvers);
    all.chain([estate.name.as_str()]).map(str::to_lowercase).collect()
}

/// The estate with every text of it masked but those that things are found by.
fn masked_estate(estate: &Estate, mask: &Mask) -> Estate {
    let text = |t: &str| mask.text(t).into_owned();
    let control =
        |c: &Control| Control { name: text(&c.name), target: c.target.iter().map(|t| text(t)).collect(), ..c.clone() };
    let mut masked = estate.clone();
    masked.name = text(&masked.name);
    masked.account = text(&masked.account);
    for account in &mut masked.accounts {
        account.id = text(&account.id);
        (account.look, account.act) = (None, None);
    }
    masked.endpoints = Default::default();
    masked.cluster.arn = ClusterArn::new(text(masked.cluster.arn.as_str()));
    masked.cluster.endpoints.iter_mut().for_each(|e| e.url = text(&e.url));
    masked.regions.iter_mut().for_each(|r| r.title = text(&r.title));
    masked.pairs.iter_mut().for_each(|p| {
        p.panel_name = text(&p.panel_name);
        p.runbook = p.runbook.as_deref().map(text);
    });
    for service in &mut masked.services {
        service.dns.iter_mut().for_each(|n| *n = text(n));
        service.controls = service.controls.iter().map(control).collect();
        service.probes.iter_mut().for_each(|p| p.url = text(&p.url));
    }
    masked.gates = masked.gates.iter().map(control).collect();
    masked.safety_rules.iter_mut().for_each(|r| r.name = text(&r.name));
    masked.health_checks.iter_mut().for_each(|c| c.name = text(&c.name));
    for resolver in &mut masked.resolvers {
        resolver.address.set_ip(std::net::Ipv4Addr::UNSPECIFIED.into());
    }
    for system in &mut masked.systems {
        system.name = text(&system.name);
        system.runbook = system.runbook.as_deref().map(text);
        if let Some(parts) = &mut system.parts {
            parts.iter_mut().for_each(|p| *p = text(p));
        }
        for reading in &mut system.readings {
            reading.label = text(&reading.label);
            match &mut reading.source {
                Source::Cloudwatch { dimensions, .. } => {
                    dimensions.values_mut().for_each(|v| v.change(|v| *v = text(v)));
                }
                Source::CloudwatchAlarms { prefix } => *prefix = text(prefix),
                Source::Ec2Instances { value, .. }
                | Source::Ec2ImageAge { value, .. }
                | Source::Ec2SnapshotAge { value, .. } => *value = text(value),
                Source::DrsReplicating
                | Source::DrsLag
                | Source::DrsSnapshotAge
                | Source::Ec2VpnTunnels
                | Source::Ec2TransitGatewayPeerings
                | Source::Ec2CapacityReservations => {}
            }
        }
    }
    masked.people.iter_mut().for_each(|p| p.keys.iter_mut().for_each(|k| *k = k.rewritten(text(k.text()))));
    masked
}
