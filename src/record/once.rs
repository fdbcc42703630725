//! Which records say the same thing: what several consoles observe of one event is kept once.

use super::{Kept, Record};
use crate::change::{Anchor, ChangeText, Digest};
use crate::event::{FlipEnd, LaunchEnd, Via};
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
    /// A key for what several consoles can observe or find: two records with the same key say the same thing. None for
    /// other deeds of people, and for what is true every time it is said.
    ///
    /// The journal knows how long a key holds. A change's key holds for ever; [`Record::Began`] while the pair's
    /// incident runs, [`Record::Step`] since it began, [`Record::Impaired`] until the region has recovered,
    /// [`Record::MovedElsewhere`] until the control is moved again, [`Record::Seen`] for half a minute, [`Record::Opened`]
    /// for a minute of one machine.
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
            // One signature that several consoles found, whichever was first. What is signed is not told by `via`.
            Record::Approved { change, by, key, words, signature, .. } => {
                let parts = [by.as_str(), key.as_str(), words.as_str(), signature.trim()];
                let spelt: String = parts.iter().map(|part| format!("{} {part}", part.len())).collect();
                format!("approved {change} {}", Digest::of(&spelt))
            }
            // A file of the incident folder is read again by every program that starts.
            Record::ApprovalRefused { change, via: Via::Folder, why, of: Some(of) } => {
                let change = change.map(|change| change.to_string()).unwrap_or_default();
                format!("refused {of} {change} {why}")
            }
            Record::Began { pair, .. } => format!("began {pair}"),
            Record::Opened { version, estate, by } => {
                let by = by.as_ref().map_or("", |by| by.as_str());
                format!("opened {} {} {version}{estate}{by}", version.len(), estate.len())
            }
            Record::Step { pair, step, done } => format!("step {step} {done} {pair}"),
            Record::Impaired { pair, region, .. } => format!("impaired {pair} {region}"),
            Record::Recovered { pair, region } => format!("recovered {pair} {region}"),
            Record::Over { pair } => format!("over {pair}"),
            Record::MovedElsewhere { control, to, .. } => format!("elsewhere {control} {to}"),
            // Found once; what moves them afterwards has records of its own.
            Record::Controls { states } => {
                let each: String = states.iter().map(|(arn, state)| format!("{arn} {state}\n")).collect();
                format!("controls {}", Digest::of(&each))
            }
            Record::Seen { pair, source, text } => {
                // Lengths, so that no two of them can be spelt the same.
                let pair = pair.as_ref().map_or("", |p| p.as_str());
                format!("seen {} {} {pair}{source}{text}", pair.len(), source.len())
            }
            _ => return None,
        })
    }

    /// Whether it says no to somebody. A program can ask in vain a hundred times a second.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Record::ApprovalRefused { .. }
                | Record::ProposalRefused { .. }
                | Record::SecondKeyRefused { .. }
                | Record::Refused { .. }
        )
    }

    /// The estate that a proposal is bound to; none of another record, and of a text without that line.
    #[must_use]
    pub fn binding(&self) -> Option<Digest> {
        let Record::Proposed { text, .. } = self else { return None };
        Digest::from_hex(text.lines().find_map(|line| line.strip_prefix(ChangeText::BINDING))?)
    }

    /// Where a proposal was made; none of another record, and of a text without that line.
    #[must_use]
    pub fn anchor(&self) -> Option<Anchor> {
        let Record::Proposed { text, .. } = self else { return None };
        Anchor::parse(text.lines().find_map(|line| line.strip_prefix(Anchor::NAME))?)
    }
}
