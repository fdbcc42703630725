//! What is said aloud to somebody who hears the console: what they can type now, and how things became.

/// Who hears that a change waits for its approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hears<'a> {
    /// Who asked for it; who can approve it.
    Asker(&'a [String]),
    /// Somebody who can approve it.
    Approver,
    /// Somebody who can do neither.
    Other,
}

/// How a change is approved: `command` does it in another terminal. In a demo one person can be both.
#[must_use]
pub fn to_approve(hears: Hears<'_>, command: &str, demo: bool) -> String {
    let second = if demo { " (or, in this demo, type: sign as the second person)" } else { "" };
    match hears {
        Hears::Approver => format!(
            "To hear all of it type: read. To approve it with your key type: approve WORD CODE, or in another terminal: \
             {command}{second}. To refuse it type: reject WHY"
        ),
        Hears::Asker(approvers) => format!(
            "Somebody else approves it with: {command}{second}. Approvers: {}. To take it back type: withdraw",
            approvers.join(", ")
        ),
        Hears::Other => format!("Somebody else approves it with: {command}{second}"),
    }
}

/// How the second key of a change is turned.
#[must_use]
pub fn to_turn(region: &str) -> String {
    format!("To turn it type: second key {region}")
}

/// What is left when traffic has moved.
pub const TO_TELL: &str = "When people have been told type: told";

/// That controls are in a state: `routing controls a and b are On`.
#[must_use]
pub fn controls_are(names: &str, one: bool, state: &str) -> String {
    let (noun, is) = if one { ("control", "is") } else { ("controls", "are") };
    format!("routing {noun} {names} {is} {state}")
}

/// That a step of seven is done: `step 4 of 7, routing, is done after 12 s`.
#[must_use]
pub fn step_done(number: u8, took: Option<&str>) -> String {
    let took = took.map(|took| format!(" after {took}")).unwrap_or_default();
    format!("step {number} of 7, {}, is done{took}", super::step(number))
}

/// What stands under an entry of the timeline that is not kept any more.
pub const ENTRY_GONE: [&str; 2] = [
    "this entry is not kept any more",
    "? The console keeps only the newest lines of the timeline; the journal keeps them all.",
];

/// The pair of an entry that has none.
pub const OF_NO_PAIR: &str = "none: it concerns all";

/// The titles beside an entry's neighbours, each with what is said where there is none.
pub const AROUND: [(&str, &str); 2] = [("just after", "  nothing yet"), ("just before", "  nothing that is kept")];
