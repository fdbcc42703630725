//! What is the matter with a source, by what its failure means.

use super::list;
use crate::estate::Region;
use crate::event::FailureKind;

/// What so many sources do that fail in this way: `does not answer`, `refuse this console`.
#[must_use]
pub fn failing(kind: FailureKind, sources: usize) -> &'static str {
    match (kind, sources) {
        (FailureKind::Timeout | FailureKind::Connect, 1) => "does not answer",
        (FailureKind::Timeout | FailureKind::Connect, _) => "do not answer",
        (FailureKind::Denied | FailureKind::Clock, 1) => "refuses this console",
        (FailureKind::Denied | FailureKind::Clock, _) => "refuse this console",
        (FailureKind::NoCredentials, _) => "cannot be asked without AWS credentials",
        (FailureKind::Throttled, 1) => "throttles this console",
        (FailureKind::Throttled, _) => "throttle this console",
        (FailureKind::Budget, 1) => "is not asked",
        (FailureKind::Budget, _) => "are not asked",
        (FailureKind::Service | FailureKind::Garbled, 1) => "gives no usable answer",
        (FailureKind::Service | FailureKind::Garbled, _) => "give no usable answer",
    }
}

/// How the sources stand whose marks a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feeds {
    /// All of them.
    pub sources: usize,
    /// Their last report is that they tell nothing.
    pub lost: usize,
    /// They have not reported in time.
    pub overdue: usize,
    /// They answer, and are asked less often than they should be.
    pub held: usize,
    /// Applications that fail by what their probes tell.
    pub fail: usize,
    /// Applications that answer and failed a moment ago.
    pub shaky: usize,
}

/// How many sources answer, and how many applications fail by what they tell: a probe that answers 503 is a source that
/// answers. `53 sources, all answer; 5 applications fail`.
#[must_use]
pub fn feeds(feeds: Feeds) -> String {
    let many = |n: usize, thing: &str| format!("{n} {thing}{}", if n == 1 { "" } else { "s" });
    let verb = |n: usize| if n == 1 { "fails" } else { "fail" };
    let mut said = Vec::new();
    if feeds.lost > 0 {
        said.push(format!("{} {}", feeds.lost, verb(feeds.lost)));
    }
    if feeds.overdue > 0 {
        said.push(format!("{} overdue", feeds.overdue));
    }
    if feeds.held > 0 {
        said.push(format!("{} held back", feeds.held));
    }
    if said.is_empty() && feeds.sources > 0 {
        said.push("all answer".to_owned());
    }
    let mut parts = vec![[vec![many(feeds.sources, "source")], said].concat().join(", ")];
    if feeds.fail > 0 {
        parts.push(format!("{} {}", many(feeds.fail, "application"), verb(feeds.fail)));
    }
    if feeds.shaky > 0 {
        parts.push(format!("{} failed lately", many(feeds.shaky, "application")));
    }
    parts.join("; ")
}

/// Who set the budget that keeps CloudWatch from being asked, and where it is raised.
const BUDGET: &str = "this hour's CloudWatch budget is spent; the estate file sets it ([poll] dollars_per_hour)";

/// Failures in groups that are said alike, the first one of each kind first, with how many there are.
#[must_use]
pub fn alike(kinds: &[FailureKind]) -> Vec<(FailureKind, usize)> {
    let mut groups: Vec<(FailureKind, usize)> = Vec::new();
    for kind in kinds {
        match groups.iter_mut().find(|(known, _)| failing(*known, 1) == failing(*kind, 1)) {
            Some((_, n)) => *n += 1,
            None => groups.push((*kind, 1)),
        }
    }
    groups
}

/// That a region is only partly seen, because its sources fail in these ways; one kind for each source.
#[must_use]
pub fn partly_seen(region: &Region, kinds: &[FailureKind]) -> String {
    let said: Vec<String> = alike(kinds)
        .into_iter()
        .map(|(kind, n)| {
            let why = if kind == FailureKind::Budget { format!(" because {BUDGET}") } else { String::new() };
            format!("{n} of its sources {}{why}", failing(kind, n))
        })
        .collect();
    format!("{region} is only partly seen: {}.", list(&said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_that_fail_alike_are_counted_together() {
        use FailureKind::{Budget, Connect, Denied, Timeout};
        let region = Region::new("us-east-1");
        assert_eq!(
            partly_seen(&region, &[Timeout, Denied, Connect]),
            "us-east-1 is only partly seen: 2 of its sources do not answer and 1 of its sources refuses this console."
        );
        assert_eq!(
            partly_seen(&region, &[Budget]),
            "us-east-1 is only partly seen: 1 of its sources is not asked because this hour's CloudWatch budget is spent; \
             the estate file sets it ([poll] dollars_per_hour)."
        );
    }
}
