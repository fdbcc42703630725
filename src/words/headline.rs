//! The state of a pair in a few words, as a row of tabs has room for.

use super::{at_least, minutes};
use crate::change::State;
use crate::estate::Region;
use crate::record::Lasted;

/// What is known of a pair, as far as a headline says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// The mark of its sentence.
    pub sign: &'static str,
    /// Whether anything has been heard of it.
    pub known: bool,
    /// Its regions that are impaired.
    pub impaired: Vec<Region>,
    /// Where its traffic is.
    pub traffic: Whereabouts,
    /// The change that waits or runs.
    pub change: Option<State>,
    /// Whether an incident runs, and how long it has lasted, where the clocks agree on that.
    pub lasted: Option<Option<Lasted>>,
}

/// Where traffic is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whereabouts {
    /// Nobody can tell.
    Unknown,
    /// Nobody can tell; the routing controls are On for this region.
    ControlsSay(Region),
    /// It enters this region.
    In(Region),
    /// It moves to this region.
    MovingTo(Region),
    /// It enters both regions.
    Both,
}

/// `✖ east · us-east-1 IMPAIRED · change proposed · for 4 min · signalbox`
#[must_use]
pub fn headline(h: &Headline, pair: &str) -> String {
    format!("{} · signalbox", in_short(h, pair))
}

/// What a pair that is not looked at has, if it has anything: `✖ east · us-east-1 IMPAIRED · for 4 min`.
#[must_use]
pub fn elsewhere(h: &Headline, pair: &str) -> Option<String> {
    let busy = !h.impaired.is_empty() || h.change.is_some() || h.lasted.is_some();
    busy.then(|| in_short(h, pair))
}

fn in_short(h: &Headline, pair: &str) -> String {
    let mut parts = vec![format!("{} {pair}", h.sign), state(h)];
    parts.extend(h.change.as_ref().map(|state| format!("change {}", state.word())));
    parts.extend(h.lasted.map(|lasted| {
        let long = |l: Lasted| format!("for {}{}", at_least(l.at_least), minutes(l.span));
        lasted.map_or_else(|| "how long is not known".to_owned(), long)
    }));
    parts.join(" · ")
}

fn state(h: &Headline) -> String {
    if !h.known {
        return "nothing known yet".to_owned();
    }
    let traffic = match &h.traffic {
        Whereabouts::Unknown => "traffic not known".to_owned(),
        Whereabouts::ControlsSay(region) => format!("traffic not known, controls say {region}"),
        Whereabouts::In(region) => format!("traffic in {region}"),
        Whereabouts::MovingTo(region) => format!("traffic moving to {region}"),
        Whereabouts::Both => "traffic in both regions".to_owned(),
    };
    match h.impaired.as_slice() {
        [] => traffic,
        [one] if h.traffic == Whereabouts::In(one.clone()) => format!("{one} IMPAIRED"),
        several => format!("{} IMPAIRED, {traffic}", super::list(several)),
    }
}
