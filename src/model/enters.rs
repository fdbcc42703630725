//! Where a pair's traffic enters, and what says so. What the routing controls say is what somebody wanted, and no proof
//! of where traffic is: whoever asks must decide what each answer is worth to them.

use std::cmp::Ordering;

use super::Model;
use crate::estate::{PairName, Side};
use crate::event::SourceId;
use crate::words::Untold;

/// Where a pair's traffic enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enters {
    /// Answers of DNS lead to this side: most of those that lead to one of its regions, or half of them and the routing
    /// controls agree.
    Seen(Side),
    /// DNS tells nothing, for this reason. The routing controls are On on this side.
    ControlsSay(Side, Untold),
    /// Neither DNS, for this reason, nor the routing controls name one side.
    Unknown(Untold),
}

impl Enters {
    /// The side that anything says traffic enters, be it the routing controls alone.
    #[must_use]
    pub fn side(self) -> Option<Side> {
        match self {
            Enters::Seen(side) | Enters::ControlsSay(side, _) => Some(side),
            Enters::Unknown(_) => None,
        }
    }
}

impl Model {
    /// Where a pair's traffic enters; [`Untold::Unwatched`] for a pair that the estate has not.
    #[must_use]
    pub fn enters(&self, pair: &PairName) -> Enters {
        let Some(p) = self.estate.pair(pair) else { return Enters::Unknown(Untold::Unwatched) };
        let traffic = self.pair_traffic(pair);
        let count = |side| traffic.to.get(p.region(side)).copied().unwrap_or(0);
        let controls = || self.levers_side(pair);
        let untold = match count(Side::Active).cmp(&count(Side::Standby)) {
            Ordering::Greater => return Enters::Seen(Side::Active),
            Ordering::Less => return Enters::Seen(Side::Standby),
            Ordering::Equal if count(Side::Active) > 0 => match controls() {
                Some(side) => return Enters::Seen(side),
                None => Untold::Split,
            },
            Ordering::Equal if traffic.total() == 0 => Untold::Unwatched,
            Ordering::Equal => traffic.mostly_blind().map_or_else(|| self.why_dark(), Untold::Blind),
        };
        controls().map_or(Enters::Unknown(untold), |side| Enters::ControlsSay(side, untold))
    }

    /// Why no answer of DNS leads to a region, where names are watched.
    fn why_dark(&self) -> Untold {
        let asked = || self.estate.resolvers.iter().map(|r| SourceId::Dns(r.name.clone()));
        if asked().all(|id| !self.sources.contains_key(&id)) {
            Untold::Unheard
        } else if asked().all(|id| !self.sources.contains_key(&id) || self.source_trouble(&id).is_some()) {
            Untold::Silent
        } else {
            Untold::Astray
        }
    }
}
