//! Which records say the same thing: what several consoles observe of one event is kept once.

use super::{Kept, Record};
use crate::change::{Anchor, Digest};
use crate::event::{FlipEnd, LaunchEnd};
use crate::time::{Here, Moment};

impl Kept {
    /// When it was written.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment { stamp: self.at, boot: self.boot.clone() }
    }

    /// When it was written, by the clocks of the program that wrote it: for whoever asks only what was done, and
    /// measures nothing.
    #[must_use]
    pub fn as_written(&self) -> Here {
        Here { at: self.at, surely: self.at }
    }
}

impl Record {
    /// A key for what several consoles can observe: two records with the same key say the same thing. None for what
    /// people do, and for what is true every time it is said.
    ///
    /// The journal knows how long a key holds. A change's key holds for ever; [`Record::Began`] while the pair's
    /// incident runs, [`Record::Step`] since it began, [`Record::Impaired`] until the region has recovered,
    /// [`Record::MovedElsewhere`] until the control is moved again, [`Record::Seen`] for half a minute.
    #[must_use]
    pub fn once(&self) -> Option<String> {
        Some(match self {
            Record::Expired { change, .. } => format!("expired {change}"),
            Record::Voided { change, .. } => format!("void {change}"),
            Record::EstateChanged { change, .. } => format!("other estate {change}"),
            // A record with another change's text says nothing, and blocks no other record.
            Record::Estate { estate, text } if Digest::of(text) == *estate => format!("estate {estate}"),
            Record::Settled { change, done, .. } => format!("settled {change} {done}"),
            Record::TierBack { change, tier } => format!("back {change} {}", tier.as_str()),
            Record::TrafficMoved { change, .. } => format!("moved {change}"),
            Record::Launched { change, .. } => format!("launched {change}"),
            Record::Outcome { change, outcome } if outcome.end == FlipEnd::Uncertain => format!("uncertain {change}"),
            Record::LaunchAnswered { change, answer: LaunchEnd::Uncertain { .. } } => format!("uncertain {change}"),
            Record::Began { pair, .. } => format!("began {pair}"),
            Record::Step { pair, step, done } => format!("step {step} {done} {pair}"),
            Record::Impaired { pair, region, .. } => format!("impaired {pair} {region}"),
            Record::Recovered { pair, region } => format!("recovered {pair} {region}"),
            Record::Over { pair } => format!("over {pair}"),
            Record::MovedElsewhere { control, to, .. } => format!("elsewhere {control} {to}"),
            Record::Seen { pair, source, text } => {
                // Lengths, so that no two of them can be spelt the same.
                let pair = pair.as_ref().map_or("", |p| p.as_str());
                format!("seen {} {} {pair}{source}{text}", pair.len(), source.len())
            }
            _ => return None,
        })
    }

    /// Where a proposal was made; none of another record, and of a text without that line.
    #[must_use]
    pub fn anchor(&self) -> Option<Anchor> {
        let Record::Proposed { text, .. } = self else { return None };
        Anchor::parse(text.lines().find_map(|line| line.strip_prefix(Anchor::NAME))?)
    }
}
