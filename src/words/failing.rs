//! What fails in a region, counted as its rows count it: applications, health checks, systems.

use super::list;

/// How many things of each kind fail in a region, critical or not, and how many there are of those that a row counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failing {
    /// Applications that fail.
    pub applications: usize,
    /// All applications of the region.
    pub of_applications: usize,
    /// Health checks that fail.
    pub checks: usize,
    /// All health checks of the region.
    pub of_checks: usize,
    /// Systems that fail; each has a row.
    pub systems: usize,
    /// Systems that the sentence has named already: those that are counted are more.
    pub named: usize,
}

impl Failing {
    /// `5 of 5 applications, 3 of 4 health checks and 2 systems fail`; none where nothing is left to count.
    #[must_use]
    pub fn said(self) -> Option<String> {
        let share = |n: usize, of: usize, one: &str, several: &str| {
            (n > 0).then(|| format!("{n} of {of} {}", if of == 1 { one } else { several }))
        };
        let more = if self.named > 0 { "more " } else { "" };
        let systems = (self.systems > 0)
            .then(|| format!("{} {more}{}", self.systems, if self.systems == 1 { "system" } else { "systems" }));
        let parts: Vec<String> = [
            share(self.applications, self.of_applications, "application", "applications"),
            share(self.checks, self.of_checks, "health check", "health checks"),
            systems,
        ]
        .into_iter()
        .flatten()
        .collect();
        let one = self.applications + self.checks + self.systems == 1;
        (!parts.is_empty()).then(|| format!("{} {}", list(&parts), if one { "fails" } else { "fail" }))
    }
}

/// Applications that fail, each with its answer: `api answers 503`; `5 of 5 applications fail (answers 503)`, for which no
/// name is needed; `2 of 5 applications fail: portal and api`. Where each of them answers between its failures, they `fail
/// now and then`.
#[must_use]
pub fn applications_fail(failing: &[(&str, &str)], of: usize, now_and_then: bool) -> String {
    let fail = if now_and_then { "fail now and then" } else { "fail" };
    let names: Vec<&str> = failing.iter().map(|(name, _)| *name).collect();
    match failing {
        [(name, said)] => format!("{name} {said}"),
        [(_, said), ..] if names.len() == of => match failing.iter().all(|(_, other)| other == said) {
            true if !said.contains('(') => format!("{of} of {of} applications {fail} ({said})"),
            true | false => format!("{of} of {of} applications {fail}"),
        },
        _ => format!("{} of {of} applications {fail}: {}", names.len(), list(&names)),
    }
}
