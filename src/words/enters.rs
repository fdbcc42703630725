//! That DNS does not tell where traffic enters: why not, and what the routing controls say.

use super::services;
use crate::estate::{Region, ServiceName};
use crate::event::Blind;

/// Why DNS does not tell where traffic enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untold {
    /// No DNS name of the pair is watched: it will never tell.
    Unwatched,
    /// No resolver has been heard yet, well or badly.
    Unheard,
    /// No resolver answers now.
    Silent,
    /// Resolvers answer, but no answer leads to one of the pair's regions.
    Astray,
    /// As many answers lead to one region as to the other.
    Split,
    /// Answers are addresses, and nothing tells whose.
    Blind(Blind),
}

impl Untold {
    /// The reason, to follow a colon: `no DNS resolver answers`.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Untold::Unwatched => "no DNS name is watched",
            Untold::Unheard => "no DNS resolver has been heard yet",
            Untold::Silent => "no DNS resolver answers",
            Untold::Astray => "no DNS answer leads to one of its regions",
            Untold::Split => "as many DNS answers lead to one region as to the other",
            Untold::Blind(blind) => not_told(blind),
        }
    }

    /// What to do about it: `find out where traffic enters: no DNS resolver answers`.
    #[must_use]
    pub fn act(self) -> String {
        match self {
            Untold::Blind(Blind::NoTarget) => {
                "give the controls a target in the estate file (discover --refresh finds them): without it nothing tells where \
                 traffic enters"
                    .to_owned()
            }
            why => format!("find out where traffic enters: {}", why.why()),
        }
    }
}

/// Why nothing tells where a DNS answer leads, to follow a colon.
#[must_use]
pub fn not_told(why: Blind) -> &'static str {
    match why {
        Blind::NoTarget => {
            "DNS answers name no region, and the estate file has no target to compare their addresses with"
        }
        Blind::TargetSilent => {
            "the targets have no DNS answer of their own, so nothing tells whose addresses are answered"
        }
        Blind::Shared => "the targets of both regions have the same addresses, so DNS answers prove nothing",
        Blind::Unrecognised => "some of the addresses in DNS answers were not given for any target yet",
    }
}

/// A sentence that where traffic enters is not known, since when (`18:36:07Z`), which services that is for the want of,
/// and which region the routing controls are On for, if that is one.
#[must_use]
pub fn untold(why: Untold, of: &[ServiceName], since: Option<&str>, controls: Option<&Region>) -> String {
    let since = since.map_or_else(String::new, |at| format!(" since {at}"));
    let of = if of.is_empty() { String::new() } else { format!(" (of {})", services(of)) };
    let controls = controls.map_or_else(String::new, |region| format!("; the routing controls say {region}"));
    format!("Where traffic enters is not known{since}: {}{of}{controls}.", why.why())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_controls_say_is_said_as_that() {
        let east = Region::new("us-east-1");
        assert_eq!(
            untold(Untold::Silent, &[], Some("18:36:07Z"), Some(&east)),
            "Where traffic enters is not known since 18:36:07Z: no DNS resolver answers; the routing controls say us-east-1."
        );
        assert_eq!(
            untold(Untold::Unheard, &[], None, None),
            "Where traffic enters is not known: no DNS resolver has been heard yet."
        );
        assert_eq!(
            untold(Untold::Blind(Blind::NoTarget), &["api".into(), "portal".into()], None, Some(&east)),
            "Where traffic enters is not known: DNS answers name no region, and the estate file has no target to compare \
             their addresses with (of api and portal); the routing controls say us-east-1."
        );
    }
}
