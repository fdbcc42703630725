//! That DNS does not tell where traffic enters: why not, and what the routing controls say.

use crate::estate::Region;

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
        }
    }
}

/// A sentence that where traffic enters is not known, since when (`18:36:07Z`), and which region the routing controls
/// are On for, if that is one.
#[must_use]
pub fn untold(why: Untold, since: Option<&str>, controls: Option<&Region>) -> String {
    let since = since.map_or_else(String::new, |at| format!(" since {at}"));
    let controls = controls.map_or_else(String::new, |region| format!("; the routing controls say {region}"));
    format!("Where traffic enters is not known{since}: {}{controls}.", why.why())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_controls_say_is_said_as_that() {
        let east = Region::new("us-east-1");
        assert_eq!(
            untold(Untold::Silent, Some("18:36:07Z"), Some(&east)),
            "Where traffic enters is not known since 18:36:07Z: no DNS resolver answers; the routing controls say us-east-1."
        );
        assert_eq!(
            untold(Untold::Unheard, None, None),
            "Where traffic enters is not known: no DNS resolver has been heard yet."
        );
    }
}
