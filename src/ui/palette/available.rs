//! Whether an action is to be had now, and why not: one answer for the palette, which shows it, and for the keys, which
//! complain with it.

use crate::change::{Change, State};
use crate::estate::Side;
use crate::model::Model;
use crate::ui::Action;
use crate::ui::follow::{self, Target};
use crate::ui::keys::draft;
use crate::ui::panes::Pane;
use crate::ui::screen::{Cursor, Dialog, Field, Focus, Screen, View};

/// Whether an action is available on this screen now.
///
/// # Errors
/// Why not, as a fragment.
pub(crate) fn availability(screen: &Screen, model: &Model, action: Action) -> Result<(), String> {
    match action {
        Action::Commands | Action::Jump | Action::Mouse | Action::Presenter | Action::Quit => Ok(()),
        Action::Suspend => {
            let running = model.changes.running().is_some();
            when(!running, "a change is being carried out, and a console that stands still would leave it halfway")
        }
        Action::GoBack if !screen.find.history.has_back() => no("there is no place to go back to"),
        Action::GoForward if !screen.find.history.has_forward() => no("there is no place to go forward to"),
        Action::MarkMoment if screen.marks_then() && screen.dialog.is_none() => Ok(()),
        _ if acts(action) && screen.back_by().is_some() => {
            no(format!("nothing can be done in the past: {} returns to now", screen.setup.keymap.key(Action::Live)))
        }
        _ => match &screen.dialog {
            None => in_view(screen, model, action),
            Some(dialog) => in_dialog(screen, model, dialog, action),
        },
    }
}

/// Whether an action writes, or begins something that will.
fn acts(action: Action) -> bool {
    matches!(
        action,
        Action::Mark
            | Action::MarkService
            | Action::FailOver
            | Action::FailBack
            | Action::LaunchDrill
            | Action::Recover
            | Action::Approve
            | Action::Paste
            | Action::ActAsSecond
            | Action::Withdraw
            | Action::Reject
            | Action::Override
            | Action::Note
            | Action::MarkMoment
            | Action::Told
            | Action::Begin
    )
}

fn no(why: impl Into<String>) -> Result<(), String> {
    Err(why.into())
}

fn when(holds: bool, why: &str) -> Result<(), String> {
    if holds { Ok(()) } else { no(why) }
}

/// Whether this person may do what only an operator does.
fn operator(screen: &Screen, why: &str) -> Result<(), String> {
    when(screen.setup.hands.operator.is_some(), why)
}

fn in_view(screen: &Screen, model: &Model, action: Action) -> Result<(), String> {
    let sides = matches!(screen.view, View::Overview | View::Controls);
    match action {
        Action::NextPair => when(model.estate.pairs.len() > 1, "the estate has one region pair only"),
        Action::LeftRegion | Action::RightRegion => {
            when(sides, "only the overview and the controls have a region on each side")
        }
        Action::Look => when(can_look(screen, model), "nothing under the cursor can be looked at more closely"),
        Action::Fold => when(screen.view == View::Overview, "only the overview folds systems away"),
        Action::Back => when(
            screen.visit.is_some() || !screen.notices.is_empty() || screen.find.is_filtered(screen.view),
            "nothing is open, and all rows are shown",
        ),
        Action::Mark if screen.view == View::Drs => {
            let server = matches!(follow::picked(screen), Some(Target::Server(..)));
            when(server, "the cursor is not on a source server: go down to one")?;
            operator(screen, "you only look on, and cannot mark servers")
        }
        Action::Mark | Action::MarkService => {
            operator(screen, "you only look on, and cannot mark controls")?;
            when(sides, "routing controls are marked in the overview and in the controls view")?;
            let control = screen.control_at(model).is_some();
            when(control, "the cursor is not on a routing control: go to one")
        }
        Action::ClearMarks => when(!screen.marks.is_empty() || !screen.servers.is_empty(), "nothing is marked"),
        Action::FailOver => draft::made(screen, model, Side::Standby).map(drop),
        Action::FailBack => draft::made(screen, model, Side::Active).map(drop),
        Action::LaunchDrill | Action::Recover => draft::may_propose(screen, model),
        Action::Override => no("safety rules are overridden in the draft of a change that they would refuse"),
        Action::Change => match screen.current(model) {
            Some(_) => Ok(()),
            None => no("there is no change yet"),
        },
        Action::Approve | Action::Paste | Action::Reject | Action::Withdraw | Action::ActAsSecond => {
            match screen.current(model) {
                Some(change) => of_change(screen, model, change, action),
                None if action == Action::Paste => no("no change waits for an approval"),
                None => no("there is no change yet"),
            }
        }
        Action::Begin => operator(screen, "you only look on, and cannot begin or end incidents"),
        Action::Past | Action::PastFar | Action::Forward | Action::ForwardFar => {
            when(screen.memory.is_some(), "this screen keeps no past")
        }
        Action::Note => operator(screen, "you only look on, and cannot write notes"),
        Action::MarkMoment => operator(screen, "you only look on, and cannot mark moments"),
        Action::PaneGrow => pane(screen, Pane::Timeline, 1, "the timeline cannot have more lines here"),
        Action::PaneShrink => pane(screen, Pane::Timeline, -1, "the timeline cannot have fewer lines"),
        Action::LagWider => pane(screen, Pane::Lag, 1, "the lag column cannot be wider here"),
        Action::LagNarrower => pane(screen, Pane::Lag, -1, "the lag column cannot be narrower"),
        Action::PaneReset => when(screen.panes.layout != Default::default(), "the panes already have their own layout"),
        _ => Ok(()),
    }
}

/// Whether a pane of the overview can have more, or less.
fn pane(screen: &Screen, pane: Pane, by: i16, no_more: &str) -> Result<(), String> {
    when(screen.view == View::Overview, "panes are resized in the overview")?;
    match (screen.panes.after(pane, by), pane) {
        (Some((now, next)), _) => when(now != next, no_more),
        (None, Pane::Lag) => no("the lag has a column of its own from 110 columns on"),
        (None, Pane::Timeline) => no("the overview has not been drawn yet"),
    }
}

fn can_look(screen: &Screen, model: &Model) -> bool {
    match (&screen.cursor, screen.view) {
        (Some(Cursor::There(target)), View::Overview) => follow::is_there(model, target),
        (Some(Cursor::System(_) | Cursor::Service(_) | Cursor::Gate(_)), View::Overview) => true,
        (_, View::Overview | View::Controls) if !screen.marks.is_empty() => true,
        _ if follow::leads(screen, model) => true,
        (_, View::Overview | View::Controls | View::Changes | View::Timeline) => screen.current(model).is_some(),
        _ => false,
    }
}

fn in_dialog(screen: &Screen, model: &Model, dialog: &Dialog, action: Action) -> Result<(), String> {
    match (dialog, action) {
        // A note that was begun is not lost by looking elsewhere.
        (
            Dialog::Note(_) | Dialog::Moment(_) | Dialog::Begin(_) | Dialog::Stays { .. } | Dialog::Quit,
            Action::GoBack | Action::GoForward,
        ) => no(close_first(screen)),
        (
            _,
            Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::Back
            | Action::GoBack
            | Action::GoForward,
        )
        | (Dialog::Help, Action::Help)
        | (Dialog::Quit, Action::Look)
        | (Dialog::Draft, Action::NextView | Action::PreviousView) => Ok(()),
        (Dialog::Draft, Action::Look) => match stops_proposal(screen, model) {
            Some((_, why)) => Err(why),
            None => Ok(()),
        },
        (Dialog::Draft, Action::Override) => {
            when(!draft::refusing(screen, model).is_empty(), "no safety rule is known to refuse this draft")
        }
        (Dialog::Draft, Action::Mark) => {
            let rule = screen.draft.as_ref().is_some_and(|f| f.focus == Focus::Rules && f.rule.is_some());
            when(rule, "the cursor is not on a safety rule that would refuse this")
        }
        (Dialog::Away, Action::Look | Action::Away | Action::Timeline)
        | (Dialog::Theme(_), Action::Look)
        | (Dialog::System(_) | Dialog::Thing(_) | Dialog::Update, Action::Copy) => Ok(()),
        (Dialog::Update, Action::Look) => operator(screen, "you only look on, and cannot send updates"),
        (Dialog::Moment(_), Action::Look | Action::NextView | Action::PreviousView) => {
            operator(screen, "you only look on, and cannot mark moments")
        }
        (Dialog::Note(_), Action::Look) => operator(screen, "you only look on, and cannot write notes"),
        (Dialog::Change(digest), Action::FailOver | Action::FailBack | Action::LaunchDrill | Action::Recover) => {
            match model.changes.get(digest) {
                Some(change) => draft::again(screen, model, change, action).map(drop),
                None => no("the change is gone"),
            }
        }
        (Dialog::Change(digest), _) => match model.changes.get(digest) {
            Some(change) => of_change(screen, model, change, action),
            None => no("the change is gone"),
        },
        (Dialog::Begin(_), Action::Look | Action::NextView | Action::PreviousView)
        | (Dialog::End, Action::Look | Action::Report) => {
            operator(screen, "you only look on, and cannot begin or end incidents")
        }
        (
            Dialog::Help
            | Dialog::System(_)
            | Dialog::Thing(_)
            | Dialog::Begin(_)
            | Dialog::End
            | Dialog::Moment(_)
            | Dialog::Update
            | Dialog::Away
            | Dialog::Theme(_)
            | Dialog::Stays { .. }
            | Dialog::Quit
            | Dialog::Note(_)
            | Dialog::Draft,
            _,
        ) => no(close_first(screen)),
    }
}

fn close_first(screen: &Screen) -> String {
    format!("close the dialog first: {}", screen.setup.keymap.key(Action::Back))
}

/// What may be done with a change, from its dialog or from the view.
fn of_change(screen: &Screen, model: &Model, change: &Change, action: Action) -> Result<(), String> {
    let (hands, code, state) = (&screen.setup.hands, change.digest.words(), change.state.word());
    let waits = change.state == State::Proposed;
    let open = change.state.is_open();
    let free = matches!(screen.field, Field::None | Field::Withdraw);
    let busy = format!("the open field comes first: {} leaves it", screen.setup.keymap.key(Action::Back));
    match (action, &screen.field) {
        (Action::Copy, _) => Ok(()),
        (Action::Look, Field::Region(input)) => {
            when(!input.value().trim().is_empty(), &format!("type the name of {}", change.text.work.second_key_names()))
        }
        (Action::Look, Field::Reject(input)) => when(!input.value().trim().is_empty(), "a rejection needs a reason"),
        (Action::Look, Field::Code(input)) => when(!input.value().trim().is_empty(), "type the word code"),
        (Action::Look, Field::Signature(_)) | (Action::Withdraw, Field::Withdraw) => Ok(()),
        (Action::Look, _) => no("there is nothing to confirm here"),
        (Action::Approve, _) => {
            when(hands.approver.is_some(), "only an approver approves a change")?;
            let mine = screen.is_mine(change);
            when(!mine, &format!("you asked for {code}: somebody else must approve it"))?;
            when(waits, &format!("{code} is {state}: it waits for no approval"))?;
            when(!screen.has_approved(model, change), "you have approved it already")?;
            when(free, &busy)?;
            read_whole(screen, change)
        }
        (Action::Paste, _) => {
            when(
                hands.operator.is_some() || hands.approver.is_some(),
                "you only look on, and cannot hand in signatures",
            )?;
            when(waits, &format!("{code} is {state}: it waits for no approval"))?;
            when(free, &busy)
        }
        (Action::ActAsSecond, _) => {
            let demo = screen.setup.approve.second_person.is_some();
            when(demo, "acting as the second person exists in the demo only")?;
            operator(screen, "you only look on, and cannot approve")?;
            when(waits, &format!("{code} is {state}: it waits for no approval"))?;
            when(free, &busy)
        }
        (Action::Withdraw, _) => {
            when(open, &format!("{code} is {state}: there is nothing left to withdraw"))?;
            when(screen.is_mine(change), &format!("only {}, who asked for {code}, withdraws it", change.text.by))?;
            when(free || matches!(screen.field, Field::Region(_)), &busy)
        }
        (Action::Reject, _) => {
            when(hands.approver.is_some(), "only an approver rejects a change")?;
            when(open, &format!("{code} is {state}: there is nothing left to reject"))?;
            when(free, &busy)
        }
        _ => no(close_first(screen)),
    }
}

/// Whether all of a change that is open here has been in sight, as it is.
fn read_whole(screen: &Screen, change: &Change) -> Result<(), String> {
    if screen.dialog.is_none() {
        return Ok(());
    }
    let key = |action| screen.setup.keymap.key(action);
    if screen.presents() {
        return no(format!(
            "names are masked here: {} takes the mask off, so that you read what you sign",
            key(Action::Presenter)
        ));
    }
    match screen.reading.unread(&change.digest) {
        None => Ok(()),
        Some(n) => {
            let lines = if n == 1 { "a line".to_owned() } else { format!("{n} lines") };
            no(format!("read all of it first: {lines} below, {} scrolls", key(Action::Down)))
        }
    }
}

/// What keeps the draft from being proposed now, and the field that is to be filled.
pub(crate) fn stops_proposal(screen: &Screen, model: &Model) -> Option<(Focus, String)> {
    let form = screen.draft.as_ref()?;
    if screen.setup.hands.operator.is_none() {
        return Some((form.focus, "you only look on, and cannot propose changes".into()));
    }
    if form.asked.is_some() {
        return Some((form.focus, "it is being frozen and written into the journal".into()));
    }
    if form.draft.reason.trim().is_empty() {
        return Some((Focus::Reason, "a change needs a reason: the approver reads it, and so does the report".into()));
    }
    let first = model.stops(&form.draft).into_iter().next()?;
    let why = format!("preflight fails: {first}; say why to go on anyway, and the approver signs both");
    form.draft.despite.trim().is_empty().then_some((Focus::Despite, why))
}
