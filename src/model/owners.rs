//! Who owns what goes on with a pair, from the journal and the policy.

use std::collections::BTreeSet;

use super::{Enters, Incident, Model, Step};
use crate::change::{Change, State};
use crate::estate::{ChangeKind, Need, PairName, PersonName, Role};
use crate::words::{Arrival, Awaited, NextAct, Owners, Unproven, Untold};

impl Model {
    /// Who owns what goes on; none while nothing does.
    #[must_use]
    pub fn owners(&self, pair: &PairName) -> Option<Owners> {
        // Who was told is no less in somebody's hands than before: there is still something to watch.
        let told = |i: &&Incident| i.step(Step::Told).ended.is_some();
        let incident = self.running_incident(pair).or_else(|| self.shown_incident(pair).filter(told));
        let session = self.sessions.get(pair);
        let change = self.change_in(pair, incident);
        let busy = change.is_some_and(|c| c.state.is_open() || c.state.is_running());
        if incident.is_none() && session.is_none() && !busy {
            return None;
        }
        // What came to nothing owns nothing.
        let change = change.filter(|c| !c.state.came_to_nothing());
        let commander = session.map(|s| &s.by).or(change.map(|c| &c.text.by)).cloned();
        let next = self.next_act(pair, change);
        let approved: Vec<PersonName> = change.iter().flat_map(|c| &c.approvals).map(|a| a.by.clone()).collect();
        let (needs, by) = match (&next, change) {
            (NextAct::Approve(_), Some(c)) => (c.needs(&self.estate), Some(&c.text.by)),
            _ => (self.estate.policy.needs(&BTreeSet::from([ChangeKind::Failover])), commander.as_ref()),
        };
        let (approvers, all) = self.may_approve(&needs, by, &approved);
        Some(Owners { commander, approved, approvers, all, next })
    }

    /// Whose approval would count besides those that are there; and whether each of them is needed.
    fn may_approve(&self, needs: &[Need], by: Option<&PersonName>, approved: &[PersonName]) -> (Vec<PersonName>, bool) {
        let estate = &self.estate;
        let missing = |approvers: &[&PersonName]| -> u32 {
            estate.met(needs, approvers).err().iter().flatten().map(|need| need.count).sum()
        };
        let there: Vec<&PersonName> = approved.iter().collect();
        let before = missing(&there);
        let counts = |name: &PersonName| {
            let with: Vec<&PersonName> = there.iter().copied().chain([name]).collect();
            missing(&with) < before
        };
        let mut may: Vec<PersonName> = Vec::new();
        for person in estate.people.iter().filter(|p| p.is(Role::Approver) && estate.can_sign(p, Some(self.now.wall))) {
            let is = |other: &PersonName| estate.same_person(other, &person.name);
            let known = by.is_some_and(is) || approved.iter().any(is) || may.iter().any(is);
            if !known && counts(&person.name) {
                may.push(person.name.clone());
            }
        }
        let all = u32::try_from(may.len()).is_ok_and(|n| n <= before);
        (may, all)
    }

    fn next_act(&self, pair: &PairName, change: Option<&Change>) -> NextAct {
        let left = |c| self.window(c).map(|w| w.left);
        match change.map(|c| (c, &c.state)) {
            Some((c, State::Proposed)) => return NextAct::Approve(left(c)),
            Some((c, State::Approved)) => return NextAct::SecondKey(c.text.by.clone(), left(c)),
            Some((c, State::Executing)) if c.text.launch().is_none() => return NextAct::Wait(Awaited::Arc),
            Some((_, State::Executing | State::Launching { .. })) => return NextAct::Wait(Awaited::Drs),
            Some((_, State::Applied { .. })) => return NextAct::Wait(Awaited::Endpoints),
            Some((c, State::Uncertain)) if c.text.launch().is_none() => {
                return NextAct::Wait(Awaited::Controls);
            }
            Some((_, State::Uncertain)) => return NextAct::Wait(Awaited::Job),
            _ => {}
        }
        let told = self.running_incident(pair).map(|i| i.step(Step::Told));
        if told.is_some_and(|told| told.began.is_some() && told.ended.is_none()) {
            return NextAct::Tell;
        }
        // A move whose controls were moved again is waited for no more.
        if let Some((Arrival::Awaited(missing), c)) = change.and_then(|c| Some((self.arrival(c)?, c))) {
            let (waits, to) = (missing.is_empty() || missing.iter().any(Unproven::can_end), c.text.receiving.clone());
            return if waits { NextAct::Follow(missing, to) } else { NextAct::Prove(missing, to) };
        }
        let enters = self.enters(pair);
        let (side, why) = match enters {
            Enters::Seen(side) => (side, None),
            Enters::ControlsSay(side, why) => (side, Some(why)),
            Enters::Unknown(why) => return NextAct::Find(why),
        };
        let Some(p) = self.estate.pair(pair) else { return NextAct::Find(Untold::Unwatched) };
        // A move away from a region that fails is right wherever traffic is, if the controls do not send it away already.
        if self.impaired_since(pair, side).is_some() {
            let to = p.region(side.other()).clone();
            if self.estate.cluster.is_none() {
                return NextAct::Wait(Awaited::Checks);
            }
            if self.refuses_traffic(pair, side.other()) {
                return NextAct::Weigh(to);
            }
            return self.lone_failure(pair, side).map_or(NextAct::Draft(to.clone()), |what| NextAct::Look(what, to));
        }
        match (why, self.sessions.get(pair)) {
            (Some(why), _) if why != Untold::Unwatched => NextAct::Find(why),
            (_, Some(session)) if change.is_some() => NextAct::End(session.name.clone()),
            (Some(_), _) => NextAct::WatchControls(p.region(side).clone()),
            (None, _) => NextAct::Watch(p.region(side).clone()),
        }
    }
}
