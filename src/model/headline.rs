//! What a headline says of a pair.

use super::{Enters, Flow, Model};
use crate::estate::{PairName, Side};
use crate::words::{Headline, Whereabouts};

impl Model {
    /// The state of a pair in a few words' facts; none for a pair that the estate has not.
    #[must_use]
    pub fn headline(&self, pair: &PairName) -> Option<Headline> {
        let p = self.estate.pair(pair)?;
        let traffic = match (self.flow(p), self.enters(pair)) {
            (Flow::Moving { to, .. }, _) => Whereabouts::MovingTo(p.region(to).clone()),
            (Flow::Mixed(_) | Flow::Apart { .. }, _) => Whereabouts::Both,
            (Flow::Settled, Enters::Seen(side)) => Whereabouts::In(p.region(side).clone()),
            (Flow::Settled, Enters::ControlsSay(side, _)) => Whereabouts::ControlsSay(p.region(side).clone()),
            (Flow::Settled, Enters::Unknown(_)) => Whereabouts::Unknown,
        };
        let impaired = Side::BOTH.into_iter().filter(|side| self.impaired_since(pair, *side).is_some());
        let of = |c: &&crate::change::Change| c.text.pair == *pair;
        let waits = || self.changes.all().iter().rev().filter(of).find(|c| c.state.is_open());
        let change = self.changes.running().filter(of).or_else(waits);
        Some(Headline {
            sign: self.sentence(pair).mark.sign(),
            known: self.newest().is_some(),
            impaired: impaired.map(|side| p.region(side).clone()).collect(),
            traffic,
            change: change.map(|c| c.state.clone()),
            lasted: self.running_incident(pair).map(|i| i.lasted(self.now)),
        })
    }
}
