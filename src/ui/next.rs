//! A person's own next step, with its key: what waits for them, else what they wait for.

use std::collections::BTreeSet;

use super::keys::draft;
use super::theme::Role;
use super::{Action, Screen, layout};
use crate::change::{Change, Digest, State};
use crate::estate::Side;
use crate::model::words as say;
use crate::model::{Closing, Enters, Mark, Model, Subject};
use crate::words::{Arrival, Length, Untold, awaited, closes, look_first};

/// What must be done, or known, now: by this person, about the change that they should have in front of them.
pub(crate) fn urgent(screen: &Screen, model: &Model) -> Option<(Role, String)> {
    let change = screen.current(model)?;
    let (code, key) = (change.digest.words(), screen.key(Action::Change));
    let by_other = !screen.is_mine(change) && screen.setup.hands.approver.is_some();
    // What closes soon is said louder.
    let role = if model.closes_soon(change) { Role::Loud } else { Role::Notice };
    let left = left(model, change);
    let by = &change.text.by;
    Some(match change.state {
        State::Uncertain => {
            let words = format!("? UNCERTAIN: nobody confirmed {code}. Its controls are being read. {key} opens it");
            (Role::Loud, words)
        }
        State::Proposed if by_other && model.closes_soon(change) => {
            (role, format!("▲ {}. {key} opens it", closes(change, &left)?))
        }
        State::Proposed if by_other => (role, format!("▲ {by} asks for your approval of {code}. {key} opens it")),
        State::Proposed if screen.is_mine(change) && model.closes_soon(change) => {
            (role, format!("▲ {left} left to approve {code}, then it expires. {key} opens it"))
        }
        State::Approved if screen.may_turn(change) => {
            (role, format!("▲ {code} is approved: {left} left to turn the second key. {key} opens it"))
        }
        State::Approved if by_other && model.closes_soon(change) => {
            (role, format!("▲ {}. {key} opens it", closes(change, &left)?))
        }
        _ => return None,
    })
}

/// A person's next step.
pub(crate) struct Step {
    pub(crate) role: Role,
    pub(crate) words: String,
    /// Whether it asks something of them, if only to wait.
    pub(crate) asks: bool,
}

/// The one next step, where there is a line for it whatever it is.
pub(crate) fn step(screen: &Screen, model: &Model) -> Step {
    if screen.back_by().is_some() {
        let words = format!("you are looking at the past: {} returns to now", screen.key(Action::Live));
        return Step { role: Role::Notice, words, asks: true };
    }
    if let Some((role, words)) = urgent(screen, model) {
        return Step { role, words, asks: true };
    }
    let waits = screen.current(model).and_then(|change| of_change(screen, model, change));
    let (asks, words) = waits.map_or_else(|| of_pair(screen, model), |words| (true, words));
    Step { role: Role::Title, words, asks }
}

/// What the pair asks of this person where nothing goes on that somebody owns; none where it asks nothing.
pub(crate) fn unowned(screen: &Screen, model: &Model) -> Option<String> {
    if screen.back_by().is_some() {
        return None;
    }
    let (asks, words) = of_pair(screen, model);
    asks.then_some(words)
}

/// What a change asks of this person, or of somebody else; nothing once it is over.
fn of_change(screen: &Screen, model: &Model, change: &Change) -> Option<String> {
    let (code, key, by) = (change.digest.words(), screen.key(Action::Change), &change.text.by);
    let opens = format!("{key} opens it");
    Some(match &change.state {
        State::Proposed => {
            let missing = change.missing(&model.estate).unwrap_or_else(|| "nothing".into());
            format!("{code} waits for {missing}: {} left. {opens}", left(model, change))
        }
        State::Approved => format!("{by} turns the second key of {code}: {} left. {opens}", left(model, change)),
        State::Executing | State::Applied { .. } | State::Uncertain | State::Launching { .. } => {
            format!("{code} is {}: wait for its end. {opens}", change.state.word())
        }
        State::Verified { .. } | State::Launched { .. } => match model.arrival(change)? {
            Arrival::Awaited(missing) => {
                let awaited = awaited(&missing, &change.text.receiving, Length::Line);
                format!("{code}: {awaited}. {opens}")
            }
            Arrival::Undone(_) | Arrival::Arrived => return None,
        },
        over => {
            if !over.came_to_nothing() || !screen.is_mine(change) {
                return None;
            }
            format!("{code} is {}. {key} opens it, and one more key proposes it again", over.word())
        }
    })
}

/// Whether the pair asks something of this person, and what.
fn of_pair(screen: &Screen, model: &Model) -> (bool, String) {
    if screen.setup.hands.operator.is_none() {
        return calm(screen, model, "you only look on");
    }
    if let Some(why) = &model.read_only {
        return (false, format!("this console only looks: {why}"));
    }
    if layout::told_is_due(screen, model) {
        return (true, format!("tell people: {} has the words", screen.key(Action::Told)));
    }
    if !model.control_faults(&screen.pair).is_empty() {
        let (controls, over, back) =
            (screen.key(Action::Controls), screen.key(Action::FailOver), screen.key(Action::FailBack));
        let words =
            format!("{controls} shows what is wrong with the controls; {over} or {back} drafts a move that mends it");
        return (true, words);
    }
    let find = |why: Untold| match why {
        Untold::Unheard => (false, "wait: where traffic enters is not known yet".to_owned()),
        why => (true, format!("{} ({})", why.act(), screen.key(Action::Dns))),
    };
    let (entry, untold) = match model.enters(&screen.pair) {
        Enters::Seen(side) | Enters::ControlsSay(side, Untold::Unwatched) => (side, None),
        Enters::ControlsSay(side, why) => (side, Some(why)),
        Enters::Unknown(why) => return find(why),
    };
    let Some(pair) = screen.the_pair(model) else { return calm(screen, model, "") };
    let to = pair.region(entry.other());
    if draft::made(screen, model, entry.other()).is_err() {
        return calm(screen, model, "");
    }
    let key = screen.key(if entry == Side::Active { Action::FailOver } else { Action::FailBack });
    let lone = model.lone_failure(&screen.pair, entry);
    match (model.impaired_since(&screen.pair, entry), untold) {
        (Some(_), _) if model.refuses_traffic(&screen.pair, entry.other()) => {
            let readiness = screen.key(Action::Readiness);
            (true, format!("{to} is NOT ready: {readiness} shows why; {key} drafts the move all the same"))
        }
        (Some(_), _) if lone.is_some() => {
            (true, format!("{}: {key} drafts it", look_first(&lone.unwrap_or_default(), to.as_str())))
        }
        (Some(_), _) => (true, format!("{key} drafts the move to {to}; nothing moves before a second person signs")),
        (None, Some(why)) => find(why),
        (None, None) => calm(screen, model, &format!("{key} drafts a move to {to}")),
    }
}

/// That nothing waits for this person. It is said only where nothing fails and the sentence warns of nothing: calm words
/// beside a red mark are believed by nobody, and a move is no advice there.
fn calm(screen: &Screen, model: &Model, then: &str) -> (bool, String) {
    if let Some(look) = look_at(screen, model) {
        return (true, look);
    }
    match then {
        "" => (false, "nothing waits for you".to_owned()),
        then => (false, format!("nothing waits for you; {then}")),
    }
}

/// What fails, or what the sentence warns of, and the key that shows it; none where all is well.
fn look_at(screen: &Screen, model: &Model) -> Option<String> {
    let failing = model.failing_of(&screen.pair);
    if let Some((subject, _)) = failing.first() {
        let shows = match subject {
            Subject::Check(_) | Subject::Probe(..) => format!("{} shows it", screen.key(Action::Checks)),
            Subject::Source(_) => format!("{} shows it", screen.key(Action::People)),
            Subject::System(..) | Subject::Link(_) => format!("{} finds it", screen.key(Action::Jump)),
        };
        let name = model.subject_name(subject);
        return Some(match failing.len() {
            1 => format!("look at {name}, which fails: {shows}"),
            n => format!("look at what fails, {n} things; first {name}: {shows}"),
        });
    }
    if model.sentence(&screen.pair).mark == Mark::Ok {
        return None;
    }
    let there = model.endpoints_there();
    let look = |what: &str, action: Action| format!("look at {what}: {} shows it", screen.key(action));
    if model.signed_out().is_some() {
        return Some("sign in to AWS: the sentence above says whose credentials are missing, and why".to_owned());
    }
    Some(match model.sources_lost() {
        _ if model.controls_are_wrong(&screen.pair) => look("the controls that somebody moved", Action::Controls),
        _ if there <= 1 && !model.estate.cluster.is_none() => {
            look(&format!("the ARC endpoints, {}", model.endpoints_said()), Action::Controls)
        }
        0 => "read the sentence above: it says what to watch".to_owned(),
        1 => look("the source that fails", Action::People),
        n => look(&format!("the {n} sources that fail"), Action::People),
    })
}

/// Windows that are about to close, of changes that this person asked for or can approve.
pub(crate) fn closing(screen: &Screen, model: &Model) -> BTreeSet<(Digest, Closing)> {
    let concerns = |c: &&Change| screen.is_mine(c) || screen.setup.hands.approver.is_some();
    model.changes.open().filter(concerns).filter_map(|c| Some((c.digest, model.closing(c)?))).collect()
}

fn left(model: &Model, change: &Change) -> String {
    model.window(change).map(|w| say::clock(w.left, true)).unwrap_or_default()
}
