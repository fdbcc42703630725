//! A routing control over all cluster endpoints.

use super::Length;
use crate::estate::{ControlArn, ControlState, Region};
use crate::event::Lever;

/// The region whose CloudTrail has the calls of ARC, which is a global service.
const CLOUDTRAIL: &str = "https://us-west-2.console.aws.amazon.com/cloudtrailv2/home?region=us-west-2\
                          #/events?EventName=UpdateRoutingControlStates";

/// That endpoints show different states of one control.
pub const DISPUTED: &str = "disputed";

/// A control's state, in words that follow its name, or its name and `is`.
#[must_use]
pub fn lever(lever: Lever, length: Length) -> String {
    match (lever, length) {
        (Lever::Agreed(state), _) => state.to_string(),
        (Lever::Disagreed { on, off }, Length::Short) => format!("{on} On {off} Off"),
        (Lever::Disagreed { on, off }, Length::Line) => format!("{DISPUTED} ({on} On, {off} Off)"),
        (Lever::Disagreed { on, off }, Length::Whole) => {
            let says = if on == 1 { "endpoint says" } else { "endpoints say" };
            format!("{DISPUTED}: {on} {says} On, {off} Off")
        }
        (Lever::Unknown, _) => "not known".to_owned(),
    }
}

/// That endpoints disagree about a control, by what each shows.
#[must_use]
pub fn disputed_control<'a>(name: &str, shown: impl Iterator<Item = (&'a Region, ControlState)>) -> String {
    let (on, off): (Vec<_>, Vec<_>) = shown.partition(|(_, state)| *state == ControlState::On);
    let list = |of: Vec<(&Region, _)>| of.iter().map(|(region, _)| region.as_str()).collect::<Vec<_>>().join(", ");
    format!("the cluster endpoints disagree about {name}: On in {}; Off in {}", list(on), list(off))
}

/// What a gate does now: whether the safety rules that it opens let routing controls move; none where that is not known.
#[must_use]
pub fn gate(opens: Option<bool>, length: Length) -> &'static str {
    match (opens, length) {
        (Some(true), Length::Short) => "moves are allowed",
        (Some(false), Length::Short) => "moves are locked",
        (None, Length::Short) => "moves: not known",
        (Some(true), _) => "gate: the routing controls may be moved",
        (Some(false), _) => "gate: the routing controls are locked",
        (None, _) => "gate: not known whether they may be moved",
    }
}

/// Why a draft is none: all its controls are in the states that it wants.
#[must_use]
pub fn no_change(title: &str) -> String {
    format!("{title} would change nothing: its controls are in these states")
}

/// Where to look up who moved a control: CloudTrail's event history, for the console of the partition that the control
/// is in; none where that is not known.
#[must_use]
pub fn cloudtrail(control: &ControlArn) -> Option<&'static str> {
    control.as_str().starts_with("arn:aws:").then_some(CLOUDTRAIL)
}

/// A sentence that somebody else moved controls: the first of so many, from one state to another, and when.
#[must_use]
pub fn elsewhere_moved(name: &str, (from, to): (ControlState, ControlState), when: &str, of: usize) -> String {
    let more = match of {
        ..=1 => String::new(),
        2 => " and one more".to_owned(),
        n => format!(" and {} more", n - 1),
    };
    let what = format!("routing control {name} {from} → {to} {when}{more}");
    format!("MOVED BY SOMEBODY ELSE, by no change of this journal: {what}; CloudTrail shows who.")
}

/// Where to find out who moved a control, in words.
#[must_use]
pub fn who_moved(control: &ControlArn) -> String {
    let place = cloudtrail(control).map_or(String::new(), |link| format!(": {link}"));
    format!("CloudTrail's event history of us-west-2 tells who (UpdateRoutingControlState, …States){place}")
}
