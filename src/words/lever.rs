//! A routing control over all cluster endpoints.

use super::Length;
use crate::event::Lever;

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
