//! How long what people sign may be. An honest console writes nothing longer; so a statement that is longer was made by
//! hand, to hide something or to fill a screen, and proves nothing.
//!
//! The limits run where a text is read and where a signature is proven ([`super::prove`]), not only where it is written:
//! no console shows, approves or runs what another should not have written.

use std::collections::BTreeSet;

use super::{ChangeText, Consent, Rejection};
use crate::hygiene::one_line;

/// A reason's length, in characters; also of an approver's own words.
pub(super) const LONGEST_REASON: usize = 400;
/// The most failing checks that a change lists one by one, and the longest text of each.
pub(super) const MOST_CHECKS: usize = 40;
pub(super) const LONGEST_CHECK: usize = 200;
/// Of what may be lost.
pub(super) const LONGEST_LOSS: usize = 1000;
/// Of a source server's id or name.
const LONGEST_NAME: usize = 300;
/// `StartRecovery` takes 200 source servers at most.
pub(super) const MOST_SERVERS: usize = 200;

/// What is wrong with a reason, by what it is called.
pub(super) fn reason(what: &str, text: &str) -> Option<String> {
    if one_line(text).is_empty() {
        return Some(format!("{what} is empty"));
    }
    too_long(what, text, LONGEST_REASON)
}

/// A text of at most so many characters.
pub(super) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

fn too_long(what: &str, text: &str, most: usize) -> Option<String> {
    (text.chars().count() > most).then(|| format!("{what} is longer than {most} characters"))
}

impl ChangeText {
    /// What no console would have written, in words; none if all is within the limits.
    #[must_use]
    pub(super) fn excess(&self) -> Option<String> {
        let despite = || {
            let despite = self.despite.as_ref()?;
            // One line more says how many there are besides.
            if despite.checks.len() > MOST_CHECKS + 1 {
                return Some(format!("it lists more than {MOST_CHECKS} failing checks"));
            }
            let long = despite.checks.iter().find_map(|check| too_long("a failing check", check, LONGEST_CHECK));
            long.or_else(|| reason("the reason for the override", &despite.reason))
        };
        let twice = || {
            let once: BTreeSet<_> = self.overrides().iter().map(|o| &o.arn).collect();
            (once.len() < self.overrides().len()).then(|| "it overrides a safety rule twice".to_owned())
        };
        let servers = || {
            let servers = &self.launch()?.servers;
            let once: BTreeSet<_> = servers.iter().map(|s| &s.id).collect();
            if servers.is_empty() || servers.len() > MOST_SERVERS || once.len() < servers.len() {
                let n = servers.len();
                return Some(format!("it has {n} servers: 1 to {MOST_SERVERS} are one launch, each once"));
            }
            let at = self.launch()?.at;
            if let Some(odd) =
                servers.iter().find(|s| s.point.as_ref().is_some_and(|p| at.is_none_or(|at| p.taken > at)))
            {
                return Some(format!("`{}` would be launched from what is younger than the change says", odd.name));
            }
            let names = servers.iter().flat_map(|s| [&s.id, &s.name]);
            names.into_iter().find_map(|name| too_long("a server's name", name, LONGEST_NAME))
        };
        reason("the reason", &self.reason)
            .or_else(|| too_long("what may be lost", &self.loss, LONGEST_LOSS))
            .or_else(despite)
            .or_else(twice)
            .or_else(servers)
    }
}

impl Consent {
    /// Of an approver's own words.
    pub(super) fn excess(&self) -> Option<String> {
        too_long("the approver's own words", &self.words, LONGEST_REASON)
    }
}

impl Rejection {
    /// Of a rejection's reason.
    pub(super) fn excess(&self) -> Option<String> {
        reason("the reason", &self.reason)
    }
}
