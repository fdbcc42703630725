//! Named incidents and drills, and what is kept of a move for their reports.

use std::collections::BTreeMap;

use super::{Mark, Model};
use crate::change::{Digest, Operator};
use crate::estate::{PairName, PersonName, Side, Tier};
use crate::event::NewSession;
use crate::hygiene::visible;
use crate::record::{Figures, Kept, LagFigure, Record, SessionKind, TierTarget, Tried, none_runs, still_runs};
use crate::time::{Span, Stamp};

/// The longest name, in characters.
const LONGEST_NAME: usize = 60;
/// People who can take part.
const MOST_PARTICIPANTS: usize = 50;
/// Checks that are kept by name.
const MOST_CHECKS: usize = 100;

/// A named incident or drill that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SessionKind,
    /// Who takes part.
    pub participants: Vec<String>,
    /// Who began it.
    pub by: PersonName,
    /// When it began.
    pub started: Stamp,
}

impl Model {
    pub(crate) fn begin(&mut self, by: &Operator, new: NewSession) {
        let name = visible(new.name.trim()).into_owned();
        let length = name.chars().count();
        if self.estate.pair(&new.pair).is_none() {
            return self.refused(None, by.name(), Tried::Begin, format!("no pair is called {}", new.pair));
        }
        if let Some(running) = self.sessions.get(&new.pair) {
            let what = still_runs(running.kind, &running.name, &new.pair);
            return self.refused(None, by.name(), Tried::Begin, what);
        }
        if length == 0 || length > LONGEST_NAME {
            let why = format!("a name has 1 to {LONGEST_NAME} characters; this one {length}");
            return self.refused(None, by.name(), Tried::Begin, why);
        }
        if let Err(why) = new.since.map_or(Ok(()), |at| crate::time::may_have_been(at, self.now.wall)) {
            return self.refused(None, by.name(), Tried::Begin, why);
        }
        let people = new.participants.iter().map(|p| visible(p.trim()).chars().take(LONGEST_NAME).collect::<String>());
        let participants = people.filter(|p| !p.is_empty()).take(MOST_PARTICIPANTS).collect();
        let (pair, session, since, by) = (new.pair, new.kind, new.since, by.name().clone());
        self.keep(Record::SessionStarted { pair, name, session, participants, since, by });
    }

    pub(crate) fn end(&mut self, by: &Operator, pair: &PairName) {
        if self.sessions.contains_key(pair) {
            self.keep(Record::SessionEnded { pair: pair.clone(), by: by.name().clone() });
        } else {
            self.refused(None, by.name(), Tried::End, none_runs(pair));
        }
    }

    pub(crate) fn follow_session(&mut self, kept: &Kept) {
        match &kept.record {
            Record::SessionStarted { pair, name, session, participants, since, by }
                if self.estate.pair(pair).is_some() =>
            {
                let (name, participants) = (name.clone(), participants.clone());
                let started = since.map_or(self.here(&kept.moment()), |since| self.told_in(kept, since));
                let session = Session { name, kind: *session, participants, by: by.clone(), started };
                self.sessions.insert(pair.clone(), session);
            }
            Record::SessionEnded { pair, .. } => drop(self.sessions.remove(pair)),
            Record::Figures { change, figures } => {
                let pair = self.changes.get(change).map(|c| c.text.pair.clone());
                if let Some(incident) = pair.and_then(|p| self.incidents.get_mut(&p)) {
                    incident.figures = Some(figures.clone());
                }
            }
            _ => {}
        }
    }

    /// What is known of a change's move now.
    pub(crate) fn figures(&self, change: &Digest) -> Option<Figures> {
        let text = &self.changes.get(change)?.text;
        if !text.moves_traffic() {
            // Nothing moves: a launch or a gate has no data to lose.
            return None;
        }
        let pair = self.estate.pair(&text.pair)?;
        let towards = pair.side(&text.receiving).unwrap_or(Side::Standby);
        let preflight = self.preflight(&text.pair, towards);
        let words = |mark| preflight.with(mark).map(super::Check::words).take(MOST_CHECKS).collect();
        let seconds = |span: Span| span.as_secs_f64();
        let targets = Tier::ALL.map(|tier| {
            let targets = &self.estate.targets;
            (tier, TierTarget { rto: seconds(targets.rto.of(tier)), rpo: seconds(targets.rpo.of(tier)) })
        });
        let moves =
            |s: &&crate::estate::Service| s.controls.iter().any(|c| text.flips().iter().any(|f| f.arn == c.arn));
        let mut tiers: Vec<Tier> = self.estate.services_of(&text.pair).filter(moves).map(|s| s.tier).collect();
        tiers.sort_unstable();
        tiers.dedup();
        let lags = self.replication_towards(&text.pair, towards).map(|(system, reading, place)| {
            let judged = self.judge(system, reading, place);
            let known = judged.value.filter(|_| judged.mark != Mark::Unknown);
            let lag = known.and_then(|v| Self::lag_of(reading, v)).map(seconds);
            let why = lag.is_none().then(|| judged.why.unwrap_or_else(|| "it is not measured as a time".into()));
            LagFigure { system: system.name.clone(), tier: system.tier, seconds: lag, why }
        });
        Some(Figures {
            targets: BTreeMap::from(targets),
            tiers,
            lags: lags.collect(),
            score: preflight.score(),
            failed: words(Mark::Fail),
            unknown: words(Mark::Unknown),
        })
    }
}
