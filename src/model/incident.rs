//! The sequence of a failover: seven steps, recognised from what is observed.
//!
//! A console that sees a step asks the journal to keep it, and the journal's record counts. So every console that reads
//! the journal has the same clock, whenever it was opened.

use super::{Enters, Model, Severity};
use crate::change::{Change, Digest, State};
use crate::estate::{PairName, PersonName};
use crate::record::{Figures, Kept, Lasted, Left, Record, Running, SessionKind, Since};
use crate::time::{Moment, SAME_MOMENT, Span, Stamp, Timestamp};
use crate::words::{Stands, Untold};

/// An incident that nobody ended is over when nothing has failed, and no change was under way, for so long.
pub(crate) const QUIET: Span = Span::from_mins(10);
/// A change that is done and whose traffic nobody has seen move is part of what goes on now for so long.
const JUST_DONE: Span = Span::from_hours(1);

/// The steps of a failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The failure was seen.
    Detected,
    /// Somebody looked and proposed a change.
    Preflight,
    /// It was approved.
    Approval,
    /// Routing controls were changed and read back.
    Routing,
    /// DNS answers follow.
    Dns,
    /// Applications answer in the receiving region.
    Applications,
    /// People were told.
    Told,
}

impl Step {
    /// All steps in order.
    pub const ALL: [Step; 7] =
        [Step::Detected, Step::Preflight, Step::Approval, Step::Routing, Step::Dns, Step::Applications, Step::Told];

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Whether machines do it: it is seen, judged or carried out without a person's hand. Fixed for each step. Steps
    /// that a person decides, approves or reports are manual.
    #[must_use]
    pub fn automatic(self) -> bool {
        !matches!(self, Step::Approval | Step::Told)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        crate::words::step(self.number())
    }
}

/// When a step began and ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepClock {
    /// When it began.
    pub began: Option<Stamp>,
    /// When it ended.
    pub ended: Option<Stamp>,
}

/// A failure, or a planned move, from its beginning until people were told.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// When it began.
    pub started: Since,
    /// When it ended: people were told, its session was ended, or nothing of it was left.
    pub ended: Option<Stamp>,
    /// Whether it began with a proposal and not with a failure.
    pub planned: bool,
    /// Who began it by hand; none where a failure or a proposal began it.
    pub by: Option<PersonName>,
    /// Its steps' clocks.
    pub steps: [StepClock; 7],
    /// The tightest RTO of the pair's services.
    pub rto: Span,
    /// What was known when the last second key was turned.
    pub figures: Option<Figures>,
    /// When its beginning was kept, which is after it began.
    heard: Stamp,
    /// Which records are of it.
    running: Running,
    /// The journal has its beginning, and not this console alone.
    kept: bool,
}

impl Incident {
    /// A step's clock.
    #[must_use]
    pub fn step(&self, step: Step) -> &StepClock {
        &self.steps[step as usize]
    }

    /// How a step stands. What is only waited for is not under way.
    #[must_use]
    pub fn stands(&self, step: Step) -> Stands {
        match (self.step(step), self.ended) {
            (StepClock { ended: Some(at), .. }, _) => Stands::Done(*at),
            (StepClock { began: None, .. }, _) => Stands::NotYet,
            (_, Some(_)) => Stands::NotDone,
            (_, None) if matches!(step, Step::Preflight | Step::Approval | Step::Told) => Stands::Waits,
            (_, None) => Stands::Runs,
        }
    }

    /// How long a step took, or has taken until now or until the incident was over; none where it has not begun, and
    /// where the clocks contradict each other.
    #[must_use]
    pub fn took(&self, step: Step, now: Stamp) -> Option<Lasted> {
        let clock = self.step(step);
        let found = step == Step::Detected && self.started.is_found();
        Since::new(clock.began?, found).lasted(clock.ended.or(self.ended).unwrap_or(now))
    }

    /// What its move came to is no step of it any more.
    fn forget_move(&mut self) {
        for step in [Step::Approval, Step::Routing, Step::Dns, Step::Applications] {
            self.steps[step as usize] = StepClock::default();
        }
    }

    /// How long it has lasted; none where the clocks contradict each other.
    #[must_use]
    pub fn lasted(&self, now: Stamp) -> Option<Lasted> {
        self.started.lasted(self.ended.unwrap_or(now))
    }

    /// How much of the RTO it has used: the RTO counts until applications answer, or until the incident is over. None
    /// where the clocks contradict each other.
    #[must_use]
    pub fn rto_used(&self, now: Stamp) -> Option<Lasted> {
        self.started.lasted(self.step(Step::Applications).ended.or(self.ended).unwrap_or(now))
    }

    /// What is left of the tightest RTO; negative when it is past. None where the clocks contradict each other.
    #[must_use]
    pub fn rto_left(&self, now: Stamp) -> Option<Left> {
        Some(self.rto_used(now)?.left_of(self.rto))
    }
}

impl Model {
    /// The incident of a pair that runs now.
    #[must_use]
    pub fn running_incident(&self, pair: &PairName) -> Option<&Incident> {
        self.incidents.get(pair).filter(|i| i.ended.is_none())
    }

    /// The incident of a pair that runs now as the journal has it: who looks once saw nothing begin.
    #[must_use]
    pub fn kept_incident(&self, pair: &PairName) -> Option<&Incident> {
        self.running_incident(pair).filter(|i| i.kept)
    }

    /// The incident of a pair that runs now, or has just ended: one of last week is in the journal, and on no screen.
    #[must_use]
    pub fn shown_incident(&self, pair: &PairName) -> Option<&Incident> {
        self.incidents.get(pair).filter(|i| i.ended.is_none_or(|ended| self.now.since(ended) < JUST_DONE))
    }

    /// A moment by this console's clocks: one of another boot, or of a clock that counts otherwise, by the wall clock.
    pub(crate) fn here(&self, at: &Moment) -> Stamp {
        at.here(&self.boot, self.now).at
    }

    /// A time named by a record, which was before the record itself by the record's own wall clock.
    pub(crate) fn told_in(&self, kept: &Kept, since: Timestamp) -> Stamp {
        let ago = kept.at.wall.duration_since(since);
        Stamp { mono: self.here(&kept.moment()).mono.saturating_sub(ago), wall: since }
    }

    /// A moment by the wall clock as it is now, whatever it was set to meanwhile; records hold this.
    pub(crate) fn as_told(&self, at: Stamp) -> Timestamp {
        self.now.wall.checked_sub(self.now.since(at)).unwrap_or(at.wall)
    }

    /// Takes in what a record says of incidents.
    pub(crate) fn follow_clocks(&mut self, kept: &Kept) {
        let at = self.here(&kept.moment());
        match &kept.record {
            Record::Began { pair, since, planned, by, found } => {
                let started = Since::new(self.told_in(kept, *since), *found);
                self.began(kept, pair, (*since, started), (*planned, by.as_ref()));
            }
            Record::Step { pair, step, done } => self.stepped(kept, pair, *step, *done),
            Record::Over { pair } => {
                if let Some(incident) = self.incidents.get_mut(pair).filter(|i| i.ended.is_none()) {
                    incident.ended = Some(at);
                }
            }
            // What an earlier change came to is no step of this one.
            Record::Proposed { change, .. } => self.steps_again(change),
            Record::SessionStarted { pair, session, since, .. } if self.estate.pair(pair).is_some() => {
                let said = since.map(|since| self.told_in(kept, since));
                match session {
                    SessionKind::Incident => self.named(pair, at, said),
                    // A drill has a clock of its own.
                    SessionKind::Monthly | SessionKind::Quarterly | SessionKind::Yearly => {
                        self.incidents.remove(pair);
                    }
                }
            }
            Record::SessionEnded { pair, .. } => {
                self.clock_wanted.remove(pair);
                if let Some(incident) = self.incidents.get_mut(pair) {
                    incident.ended.get_or_insert(at);
                }
            }
            record => {
                if let Some(digest) = record.change() {
                    self.steps_dropped(&digest);
                }
            }
        }
    }

    /// The move of an incident came to nothing: no step of it goes on, and what comes next is another proposal.
    fn steps_dropped(&mut self, digest: &Digest) {
        let Some(change) = self.changes.get(digest).filter(|c| c.state.came_to_nothing()) else { return };
        let pair = change.text.pair.clone();
        let Some(incident) = self.running_incident(&pair) else { return };
        if self.move_of(&pair, incident).is_none_or(|c| c.digest != *digest) {
            return;
        }
        if let Some(incident) = self.incidents.get_mut(&pair) {
            incident.steps[Step::Preflight as usize].ended = None;
            incident.forget_move();
        }
    }

    /// A change that moves traffic is proposed after one that came to nothing: the steps begin again with it.
    fn steps_again(&mut self, digest: &Digest) {
        let Some(change) = self.changes.get(digest).filter(|c| c.text.moves_traffic()) else { return };
        let (pair, at) = (change.text.pair.clone(), change.proposed);
        let Some(incident) = self.running_incident(&pair) else { return };
        let sent = |c: &Change| !c.state.is_open() && !c.state.came_to_nothing();
        let before = |c: &&Change| c.digest != *digest && c.text.pair == pair && c.text.moves_traffic();
        let within = self.changes.all().iter().filter(before).filter(|c| self.is_within(c, incident));
        if within.clone().next().is_none() || within.clone().any(sent) {
            return;
        }
        if let Some(incident) = self.incidents.get_mut(&pair) {
            incident.steps[Step::Preflight as usize].ended = Some(at);
            incident.forget_move();
        }
    }

    /// An incident gets its name at `at`, and is said to have begun at `said`. It keeps the clock and the steps of the
    /// one that it names: that runs, or went on at the time that was said, or ended while what failed has not recovered.
    fn named(&mut self, pair: &PairName, at: Stamp, said: Option<Stamp>) {
        let sides = crate::estate::Side::BOTH.into_iter();
        let failed =
            sides.filter_map(|side| self.impairment(pair, side).map(|i| i.since.at())).min_by_key(|since| since.mono);
        let goes_on = |i: &Incident| match (i.ended, said.or(failed)) {
            (None, _) => true,
            (Some(ended), Some(since)) => since.mono <= ended.mono && at.since(ended) < JUST_DONE,
            (Some(_), None) => false,
        };
        match self.incidents.get_mut(pair).filter(|i| goes_on(i)) {
            Some(incident) => {
                incident.ended = None;
                if let Some(said) = said.filter(|said| said.mono < incident.started.at().mono) {
                    incident.started = Since::Began(said);
                    incident.steps[Step::Detected as usize].began = Some(said);
                }
            }
            None => {
                self.incidents.remove(pair);
                self.clock_wanted.insert(pair.clone(), said.unwrap_or(at));
            }
        }
    }

    fn began(
        &mut self,
        kept: &Kept,
        pair: &PairName,
        (since, started): (Timestamp, Since),
        (planned, by): (bool, Option<&PersonName>),
    ) {
        if self.estate.pair(pair).is_none() {
            return;
        }
        self.clock_wanted.remove(pair);
        let runs = self.incidents.get_mut(pair).filter(|i| i.ended.is_none());
        if let Some(incident) = runs.filter(|i| i.running.covers(since, kept.at.wall)) {
            if !incident.kept {
                (incident.started, incident.planned, incident.kept) = (started, planned, true);
                incident.by = by.cloned();
            }
            return;
        }
        let services = self.estate.services_of(pair);
        let rto = services.map(|s| self.estate.targets.rto.of(s.tier)).min().unwrap_or(Span::from_hours(1));
        let mut steps = [StepClock::default(); 7];
        if !planned {
            steps[Step::Detected as usize].began = Some(started.at());
        }
        let running = Running::new(kept.at.wall);
        let heard = self.here(&kept.moment());
        let incident = Incident {
            started,
            ended: None,
            planned,
            by: by.cloned(),
            steps,
            rto,
            figures: None,
            heard,
            running,
            kept: true,
        };
        self.incidents.insert(pair.clone(), incident);
    }

    fn stepped(&mut self, kept: &Kept, pair: &PairName, number: u8, done: bool) {
        let Some(step) = Step::ALL.into_iter().find(|s| s.number() == number) else { return };
        let seen = self.here(&kept.moment());
        // What people did is known to the second; a program may have seen it long after.
        let change = self.running_incident(pair).and_then(|i| self.move_of(pair, i));
        let deed = change.and_then(|c| match (step, done) {
            (Step::Preflight, _) | (Step::Approval, false) => Some(c.proposed),
            (Step::Approval, true) | (Step::Routing, false) => Some(c.approvals.last()?.at),
            _ => None,
        });
        let at = deed.filter(|deed| deed.mono < seen.mono).unwrap_or(seen);
        let Some(incident) = self.incidents.get_mut(pair).filter(|i| i.ended.is_none()) else { return };
        let clock = &mut incident.steps[step as usize];
        clock.began.get_or_insert(at);
        if done {
            clock.ended.get_or_insert(at);
        }
        if (step, done) == (Step::Detected, true) {
            incident.steps[Step::Preflight as usize].began.get_or_insert(at);
        }
        if incident.running.step(number, done, kept.at.wall) {
            incident.ended = Some(at);
        }
    }

    /// This console alone says so: what the journal says instead is believed.
    pub(crate) fn unkept(&mut self, record: &Record) {
        match record {
            Record::Began { pair, .. } => {
                if let Some(incident) = self.incidents.get_mut(pair) {
                    incident.kept = false;
                }
            }
            Record::Impaired { pair, region, .. } => self.impaired_unkept(pair, region),
            _ => {}
        }
    }

    /// The newest change that moves traffic in an incident.
    fn move_of(&self, pair: &PairName, incident: &Incident) -> Option<&Change> {
        let moves = |c: &&Change| &c.text.pair == pair && c.text.moves_traffic();
        self.changes.all().iter().rev().filter(moves).find(|c| self.is_within(c, incident))
    }

    /// Whether a change was proposed since an incident began.
    #[must_use]
    pub fn is_within(&self, change: &Change, incident: &Incident) -> bool {
        change.proposed.mono.saturating_add(SAME_MOMENT) >= incident.started.at().mono
    }

    /// Opens, moves on and closes incidents by what is known now: says to the journal what it has not yet.
    pub(crate) fn follow_steps(&mut self) {
        let estate = self.estate.clone();
        for pair in estate.pairs.iter().map(|p| &p.name) {
            self.open_incident(pair);
            let Some(incident) = self.running_incident(pair) else { continue };
            let mut seen = Vec::new();
            if !incident.planned {
                seen.push((Step::Detected, true));
            }
            if let Some(change) = self.move_of(pair, incident).filter(|c| !c.state.came_to_nothing()) {
                seen.push((Step::Preflight, true));
                let approved = change.state != State::Proposed;
                seen.push((Step::Approval, approved));
                let verified = matches!(change.state, State::Verified { .. });
                if approved {
                    seen.push((Step::Routing, verified));
                }
                if verified {
                    let moved = matches!(change.state, State::Verified { moved: Some(_) });
                    let dns = moved || self.dns_moved(change);
                    let there = moved || (dns && self.applications_answer(change));
                    seen.extend([(Step::Dns, dns), (Step::Applications, there)]);
                    if there {
                        seen.push((Step::Told, false));
                    }
                }
            }
            let news = |(step, done): &(Step, bool)| {
                let clock = incident.step(*step);
                if *done { clock.ended.is_none() } else { clock.began.is_none() }
            };
            let news: Vec<_> = seen.into_iter().filter(news).collect();
            for (step, done) in news {
                self.keep(Record::Step { pair: pair.clone(), step: step.number(), done });
            }
            if self.is_spent(pair) {
                self.keep(Record::Over { pair: pair.clone() });
            }
        }
    }

    /// Whether an incident is over, so that what comes next is another one: it has no name, nothing fails, and no
    /// change of it is under way or has been for a while.
    fn is_spent(&self, pair: &PairName) -> bool {
        let Some(incident) = self.running_incident(pair) else { return false };
        // What nobody sees is not over.
        let enters = self.enters(pair);
        let is_seen = || match enters {
            Enters::Seen(side) | Enters::ControlsSay(side, Untold::Unwatched) => self.is_seen(pair, side),
            Enters::ControlsSay(..) | Enters::Unknown(_) => false,
        };
        let quiet = |at: Stamp| self.now.since(at) >= QUIET;
        let spent = |c: &Change| {
            let goes_on = c.state.is_open() || c.state.is_running() || matches!(c.state, State::Verified { .. });
            !goes_on && quiet(c.since)
        };
        let change = self.move_of(pair, incident).is_none_or(spent);
        let fails = match enters {
            Enters::Seen(side) | Enters::ControlsSay(side, Untold::Unwatched) if incident.planned => {
                self.was_impaired(pair, side)
            }
            _ => crate::estate::Side::BOTH.into_iter().any(|side| self.was_impaired(pair, side)),
        };
        if self.sessions.contains_key(pair) || fails || self.was_closed(pair) || !is_seen() {
            return false;
        }
        // A planned move of which nothing was sent has nothing left that a clock could measure.
        let dropped = |c: &Change| {
            let unsent = matches!(
                c.state,
                State::Rejected { .. } | State::Withdrawn | State::Expired(_) | State::Void(_) | State::OtherEstate(_)
            );
            incident.planned && unsent
        };
        self.move_of(pair, incident).is_some_and(dropped) || (quiet(incident.heard) && change)
    }

    fn open_incident(&mut self, pair: &PairName) {
        let is_new = |at: Stamp| match self.incidents.get(pair) {
            None => true,
            Some(Incident { ended: Some(ended), .. }) => at.mono > ended.mono,
            Some(incident) => !incident.running.covers(self.as_told(at), self.now.wall),
        };
        let wanted = self.clock_wanted.get(pair).copied();
        // The clock does not wait for resolvers that went down with the region.
        let entry = match self.enters(pair) {
            Enters::Seen(side) => Some((side, None)),
            Enters::ControlsSay(side, why) => Some((side, Some(why))),
            Enters::Unknown(_) => None,
        };
        let impaired =
            entry.and_then(|(side, _)| self.failing_now_since(pair, side)).filter(|since| is_new(since.at()));
        let closed = self.closed_since(pair).filter(|since| is_new(since.at()));
        let failed = impaired.into_iter().chain(closed).min_by_key(|since| since.at().mono);
        // A console that reads a proposal late, after it was approved and sent, still reads of an incident.
        let lately = self.sessions.get(pair).map_or(self.opened, |s| s.started);
        let proposed = self.changes.all().iter().filter(|c| &c.text.pair == pair && c.text.moves_traffic());
        let goes_on = |c: &Change, proposed: Stamp| match c.state {
            State::Proposed | State::Approved | State::Executing | State::Applied { .. } | State::Uncertain => true,
            State::Verified { moved: None } if !c.late => {
                proposed.mono >= lately.mono || self.now.since(c.since) < JUST_DONE
            }
            State::Verified { .. } => proposed.mono >= lately.mono,
            _ => false,
        };
        let proposed = proposed
            .map(|c| (c, c.proposed))
            .filter(|(c, at)| goes_on(c, *at))
            .map(|(_, at)| at)
            .find(|at| is_new(*at));
        let (started, planned) = match (wanted, failed, proposed) {
            (Some(at), _, _) => (Since::Began(at), false),
            (_, Some(since), proposed) if proposed.is_none_or(|p| since.at().mono <= p.mono) => (since, false),
            (_, _, Some(at)) => (Since::Began(at), true),
            _ => return,
        };
        let by = wanted.and_then(|_| self.sessions.get(pair)).map(|s| s.by.clone());
        let (since, found) = (self.as_told(started.at()), started.is_found());
        let asked = self.keep_first(Record::Began { pair: pair.clone(), since, planned, by, found });
        if let (Some(_), None, true, false) = (closed, impaired, asked, planned) {
            let text = format!("{}: the clock runs", crate::words::all_off(&self.closed_services(pair)));
            self.note(Some(pair.clone()), "signalbox", Severity::Bad, text);
        }
        let entry = entry.filter(|_| impaired.is_some() && !planned);
        if let Some(((side, why), p)) = entry.zip(self.estate.pair(pair))
            && asked
        {
            let region = p.region(side);
            let text = match why {
                None => format!("{region} is impaired and has traffic: the clock runs"),
                Some(why) => {
                    let why = why.why();
                    format!("{region} is impaired and has traffic by the routing controls ({why}): the clock runs")
                }
            };
            self.note(Some(pair.clone()), "signalbox", Severity::Bad, text);
        }
    }
}
