//! A Route 53 health check as what it is.

use super::Length;
use crate::event::{Called, CheckStatus, Sense, Settings, Watches};

/// What is seen of it, and what Route 53 makes of that: `14/16 checkers healthy`, `2 of 3 children healthy, 2 needed`,
/// `disabled: Route 53 calls it healthy and does not look`.
#[must_use]
pub fn check(status: &CheckStatus) -> String {
    let seen = match &status.watches {
        Watches::Endpoint(checkers) if checkers.of == 0 => "no checker has reported".to_owned(),
        Watches::Endpoint(checkers) => format!("{}/{} checkers healthy", checkers.healthy, checkers.of),
        Watches::Nothing => {
            let disabled = if status.sense == Sense::Inverted { "disabled and inverted" } else { "disabled" };
            return format!("{disabled}: Route 53 calls it {} and does not look", called(status.called()));
        }
        Watches::Children { healthy, of, needed, .. } => {
            let healthy = healthy.map_or_else(|| "?".to_owned(), |n| n.to_string());
            let needed = match needed {
                0 => "none needed: always healthy".to_owned(),
                n if n > of => format!("{n} needed: never healthy"),
                n => format!("{n} needed"),
            };
            format!("{healthy} of {of} children healthy, {needed}")
        }
        Watches::Alarm { alarm, .. } => format!("by the alarm {alarm}: {}", called(status.called())),
        Watches::Control { .. } => format!("by a routing control: {}", called(status.called())),
    };
    let turned = match status.sense {
        Sense::Straight => String::new(),
        Sense::Inverted => format!(", inverted: Route 53 calls it {}", called(status.called())),
    };
    let known = match &status.settings {
        Settings::Known => "",
        Settings::Old { .. } => ", as it was set up when that was read last",
        Settings::Unread { .. } => ", how it is set up is not known",
    };
    format!("{seen}{turned}{known}")
}

/// What Route 53 calls a check.
#[must_use]
pub fn called(called: Called) -> &'static str {
    match called {
        Called::Healthy => "healthy",
        Called::Unhealthy => "unhealthy",
        Called::Unknown => "nobody knows what",
    }
}

/// Its figure for a column of six: `14/16`, `2/3`.
#[must_use]
pub fn check_figure(status: &CheckStatus) -> String {
    match &status.watches {
        Watches::Endpoint(checkers) => format!("{}/{}", checkers.healthy, checkers.of),
        Watches::Children { healthy, of, .. } => {
            healthy.map_or_else(|| format!("?/{of}"), |healthy| format!("{healthy}/{of}"))
        }
        Watches::Nothing => "off".to_owned(),
        Watches::Alarm { .. } => "alarm".to_owned(),
        Watches::Control { .. } => "ARC".to_owned(),
    }
}

/// What sets it apart from a plain check, for a column of seven; none for a plain one.
#[must_use]
pub fn check_apart(status: &CheckStatus) -> Option<&'static str> {
    match (&status.watches, status.sense, &status.settings) {
        (Watches::Nothing, ..) => Some("unseen"),
        (_, Sense::Inverted, _) => Some("invert"),
        (_, _, Settings::Unread { .. }) => Some("unread"),
        _ => None,
    }
}

/// What it means that Route 53 calls it healthy.
#[must_use]
pub fn check_means(status: &CheckStatus) -> &'static str {
    match (&status.watches, status.sense) {
        (Watches::Nothing, _) => "nothing: it is disabled, and Route 53 does not look at what it watched",
        (Watches::Endpoint(_), Sense::Straight) => "more than 18 % of the checkers get a good answer",
        (Watches::Endpoint(_), Sense::Inverted) => "the endpoint does NOT answer: the check is inverted",
        (Watches::Children { .. }, Sense::Straight) => "enough of the health checks that it counts are healthy",
        (Watches::Children { .. }, Sense::Inverted) => "too few of the health checks that it counts are healthy",
        (Watches::Alarm { .. }, Sense::Straight) => "the alarm is OK, or has no data and is called healthy then",
        (Watches::Alarm { .. }, Sense::Inverted) => "the alarm is NOT OK: the check is inverted",
        (Watches::Control { .. }, Sense::Straight) => "the routing control is On",
        (Watches::Control { .. }, Sense::Inverted) => "the routing control is Off: the check is inverted",
    }
}

/// How it is known how the check is set up, where that is in doubt.
#[must_use]
pub fn check_settings(settings: &Settings) -> Option<String> {
    match settings {
        Settings::Known => None,
        Settings::Old { read, why } => Some(format!("read last at {read}, and not again: {why}")),
        Settings::Unread { why } => Some(format!("not known, so nobody can say what Route 53 makes of it: {why}")),
    }
}

/// That Route 53's API does not answer, which is in one region for all the world.
#[must_use]
pub fn checks_out_of_reach(length: Length) -> &'static str {
    match length {
        Length::Short => "? out of reach",
        Length::Line => "Route 53's API is out of reach: it is in us-east-1 alone.",
        Length::Whole => {
            "Route 53's API is out of reach: it is in us-east-1 alone. Its checkers go on without it, but what they see \
             is not known; probes and DNS answers speak instead."
        }
    }
}
