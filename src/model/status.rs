//! What a status update tells of a pair.

use super::{Incident, Model, Step};
use crate::change::Change;
use crate::estate::{PairName, PersonName, Side};
use crate::words::{Clock, Update};

impl Model {
    /// The status of a pair as one person tells it to people who are elsewhere.
    #[must_use]
    pub fn status<'m>(&'m self, pair: &'m PairName, who: Option<&'m PersonName>, demo: bool) -> Update<'m> {
        let incident = self.shown_incident(pair);
        let session = self.sessions.get(pair);
        let change = self.change_in(pair, incident);
        let busy = change.is_some_and(|c| c.state.is_open() || c.state.is_running());
        Update {
            estate: &self.estate,
            pair,
            who,
            at: self.now,
            demo,
            session: session.map(|s| format!("{} {}", s.kind.words(), s.name)),
            sentence: self.sentence(pair).text,
            change: change.map(|c| (c, self.window(c).map(|w| w.left))),
            clock: incident.map(|i| self.incident_clock(i)),
            goes_on: busy
                || session.is_some()
                || self.controls_are_wrong(pair)
                || Side::BOTH.into_iter().any(|side| self.impaired_since(pair, side).is_some())
                || incident.is_some_and(|i| i.ended.is_none()),
        }
    }

    /// The change that people have in front of them: one that runs or waits, else the newest of what goes on.
    pub(crate) fn change_in(&self, pair: &PairName, incident: Option<&Incident>) -> Option<&Change> {
        let of = |c: &&Change| c.text.pair == *pair;
        let newest = || self.changes.all().iter().rev().filter(of);
        let running = self.changes.running().filter(of);
        let within = |c: &&Change| incident.is_some_and(|i| self.is_within(c, i));
        running.or_else(|| newest().find(|c| c.state.is_open())).or_else(|| newest().find(within))
    }

    fn incident_clock(&self, incident: &Incident) -> Clock {
        Clock {
            began: incident.started,
            lasted: incident.lasted(self.now),
            rto: incident.rto,
            used: incident.rto_used(self.now),
            back: incident.step(Step::Applications).ended.is_some(),
            over: incident.ended.is_some(),
        }
    }
}
