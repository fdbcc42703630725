//! Keys while no dialog is open.

use tui_input::Input;

use super::change::on_change;
use super::copy::copy_selected;
use super::draft::{open_draft, open_launch};
use super::{complain, find, session, update};
use crate::change::Hands;
use crate::estate::Side;
use crate::event::Ask;
use crate::model::Model;
use crate::ui::follow::{self, Target};
use crate::ui::screen::{Cursor, Dialog, Field, MomentForm, Screen, View};
use crate::ui::{Action, Wish, overview, regions};

pub(super) fn on_view(screen: &mut Screen, model: &Model, action: Action) -> Vec<Wish> {
    if let Some(wishes) = screen.travel_time(model, action) {
        return wishes;
    }
    match action {
        Action::Overview => look_at(screen, View::Overview),
        Action::Controls => look_at(screen, View::Controls),
        Action::Checks => look_at(screen, View::Checks),
        Action::Dns => look_at(screen, View::Dns),
        Action::Drs => look_at(screen, View::Drs),
        Action::Readiness => look_at(screen, View::Readiness),
        Action::Changes => look_at(screen, View::Changes),
        Action::Timeline => look_at(screen, View::Timeline),
        Action::People => look_at(screen, View::People),
        Action::Log => look_at(screen, View::Log),
        Action::NextView => turn_view(screen, 1),
        Action::PreviousView => turn_view(screen, View::ALL.len() - 1),
        Action::NextPair => next_pair(screen, model),
        Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::First | Action::Last => {
            travel(screen, model, action);
        }
        Action::LeftRegion => screen.side = Side::Active,
        Action::RightRegion => screen.side = Side::Standby,
        Action::Look => look(screen, model),
        Action::Fold => screen.unfolded = !screen.unfolded,
        Action::Back => screen.find.clear(screen.view),
        Action::Mark if screen.view == View::Drs => mark_server(screen),
        Action::Mark => mark(screen, model, false),
        Action::MarkService => mark(screen, model, true),
        Action::ClearMarks => {
            screen.marks.clear();
            screen.servers.clear();
        }
        Action::FailOver => open_draft(screen, model, Side::Standby),
        Action::FailBack => open_draft(screen, model, Side::Active),
        Action::Change | Action::Approve | Action::Paste | Action::Reject | Action::Withdraw | Action::ActAsSecond => {
            return open_current(screen, model, action);
        }
        Action::Copy => return copy_selected(screen, model),
        Action::Presenter => screen.present(!screen.presents()),
        Action::Theme => super::theme::open(screen),
        Action::Told => update::open(screen),
        Action::Note => screen.dialog = Some(Dialog::Note(Input::default())),
        Action::LaunchDrill => open_launch(screen, model, true),
        Action::Recover => open_launch(screen, model, false),
        Action::Begin => session::open(screen, model),
        Action::Report => return vec![session::report(screen)],
        Action::Override => {}
        Action::MarkMoment if screen.setup.hands.operator.is_some() => {
            screen.dialog = Some(Dialog::Moment(MomentForm::default()));
        }
        Action::MarkMoment => complain(screen, "you only look on, and cannot mark moments"),
        Action::TimelineSource | Action::TimelineSourceBack | Action::TimelineSeverity
            if screen.view != View::Timeline =>
        {
            look_at(screen, View::Timeline);
        }
        Action::TimelineSource | Action::TimelineSourceBack => {
            let pair = screen.pair.clone();
            screen.timeline.turn_source(model, &pair, action == Action::TimelineSource);
            top_of_timeline(screen);
        }
        Action::TimelineSeverity => {
            screen.timeline.next_severity();
            top_of_timeline(screen);
        }
        Action::Follow => {
            screen.timeline.follow();
            top_of_timeline(screen);
        }
        Action::Away => {
            screen.away.read(model);
            screen.dialog = Some(Dialog::Away);
            screen.dialog_scroll = 0;
        }
        Action::Past | Action::PastFar | Action::Forward | Action::ForwardFar | Action::Live => {}
        Action::AskAgain => return vec![Wish::Hurry],
        Action::Commands
        | Action::Filter
        | Action::Jump
        | Action::GoBack
        | Action::GoForward
        | Action::Mouse
        | Action::PaneGrow
        | Action::PaneShrink
        | Action::LagWider
        | Action::LagNarrower
        | Action::PaneReset => return find::find(screen, model, action),
        Action::Help => {
            screen.dialog = Some(Dialog::Help);
            screen.dialog_scroll = 0;
        }
        Action::Suspend => return vec![Wish::Suspend],
        Action::Quit => return quit(screen, model),
    }
    Vec::new()
}

fn top_of_timeline(screen: &mut Screen) {
    screen.scroll[View::Timeline as usize] = 0;
    screen.follow[View::Timeline as usize] = follow::Follow::default();
}

fn look_at(screen: &mut Screen, view: View) {
    screen.view = view;
}

fn turn_view(screen: &mut Screen, by: usize) {
    let at = View::ALL.iter().position(|v| *v == screen.view).unwrap_or(0);
    if let Some(view) = View::ALL.get((at + by) % View::ALL.len()) {
        screen.view = *view;
    }
}

fn next_pair(screen: &mut Screen, model: &Model) {
    let pairs = &model.estate.pairs;
    let at = pairs.iter().position(|p| p.name == screen.pair).unwrap_or(0);
    if let Some(next) = pairs.get((at + 1) % pairs.len().max(1)) {
        screen.turn_to(&next.name);
    }
}

/// Moves the cursor over systems and levers, or scrolls a list.
pub(super) fn travel(screen: &mut Screen, model: &Model, action: Action) {
    let page = screen.page.max(1);
    let step = |at: usize, last: usize| match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => (at + 1).min(last),
        Action::PageUp => at.saturating_sub(page),
        Action::PageDown => (at + page).min(last),
        Action::First => 0,
        _ => last,
    };
    match screen.view {
        // The levers are few; a page is one of the rules and endpoints beneath them.
        View::Controls if matches!(action, Action::PageUp | Action::PageDown) => {
            let lines = isize::try_from(page).unwrap_or(1);
            let by = if action == Action::PageDown { lines } else { -lines };
            for at in [&mut screen.panes.rules, &mut screen.panes.endpoints] {
                *at = at.saturating_add_signed(by);
            }
        }
        View::Overview | View::Controls => {
            let overview = screen.view == View::Overview;
            let mut rows = if overview { regions::cursors(screen, model, page) } else { Vec::new() };
            rows.extend(screen.lever_cursors(model));
            if overview {
                rows.extend(overview::cursors(screen));
            }
            let Some(last) = rows.len().checked_sub(1) else { return };
            screen.follow[View::Overview as usize].hold();
            let on = |cursor: Option<Cursor>| rows.iter().position(|r| Some(r) == cursor.as_ref());
            // What the cursor stood on may be gone.
            let at = on(screen.stands(model)).or_else(|| on(screen.lever_cursors(model).into_iter().next()));
            screen.cursor = rows.get(step(at.unwrap_or(0), last)).cloned();
        }
        // What is too far is brought back when the list is drawn.
        view => {
            if (view, action) == (View::Timeline, Action::First) {
                screen.timeline.follow();
            }
            follow::travel(screen, view, action, page);
        }
    }
}

fn look(screen: &mut Screen, model: &Model) {
    match (screen.cursor.clone(), screen.view) {
        (Some(Cursor::System(id)), View::Overview) => follow::show(screen, Target::System(id)),
        (Some(Cursor::There(target)), View::Overview) if follow::is_there(model, &target) => {
            follow::show(screen, target);
        }
        (_, View::Overview | View::Controls) if !screen.marks.is_empty() => open_draft(screen, model, Side::Standby),
        // A lever without marks leads to where its rules, its endpoints and its other half are shown.
        (Some(Cursor::Service(_) | Cursor::Gate(_)), View::Overview) => screen.view = View::Controls,
        _ if follow::open(screen, model) => {}
        (_, View::Overview | View::Controls | View::Changes | View::Timeline) => {
            if let Some(change) = screen.current(model).map(|c| c.digest) {
                screen.open_change(change);
            }
        }
        _ => {}
    }
}

fn mark(screen: &mut Screen, model: &Model, both: bool) {
    let Some(control) = screen.control_at(model).map(|c| c.arn.clone()) else { return };
    let all = match model.estate.service_of_control(&control) {
        Some(service) if both => service.controls.iter().map(|c| c.arn.clone()).collect(),
        _ => vec![control],
    };
    if all.iter().all(|arn| screen.is_marked(arn)) {
        screen.marks.retain(|arn| !all.contains(arn));
    } else {
        screen.marks.extend(all.into_iter().filter(|arn| !screen.marks.contains(arn)).collect::<Vec<_>>());
    }
}

fn mark_server(screen: &mut Screen) {
    let Some(Target::Server(region, id)) = follow::picked(screen).cloned() else {
        return complain(screen, "the cursor is not on a source server: go down to one");
    };
    if screen.setup.hands.operator.is_none() {
        return complain(screen, "you only look on, and cannot mark servers");
    }
    let server = (region, id);
    match screen.servers.iter().position(|s| *s == server) {
        Some(i) => drop(screen.servers.remove(i)),
        None => screen.servers.push(server),
    }
}

/// Opens the newest change; an approver is seen to read it.
fn open_current(screen: &mut Screen, model: &Model, action: Action) -> Vec<Wish> {
    let Some(change) = screen.current(model) else { return Vec::new() };
    let (digest, open, mine) = (change.digest, change.state.is_open(), screen.is_mine(change));
    screen.open_change(digest);
    let mut wishes = Vec::new();
    if open
        && !mine
        && let Some(by) = screen.setup.hands.approver.clone()
    {
        wishes.push(Wish::Ask(Ask::Reading { by, change: digest }));
    }
    // What is approved is read first, and so it is opened first.
    if !matches!(action, Action::Change | Action::Approve) {
        wishes.extend(on_change(screen, model, &digest, action));
    }
    wishes
}

pub(super) fn quit(screen: &mut Screen, model: &Model) -> Vec<Wish> {
    let busy = model.changes.all().iter().any(|c| c.state.is_open() || c.state.is_running());
    let draft = screen.draft.as_ref().is_some_and(|d| !d.draft.reason.is_empty());
    if (busy || draft) && screen.setup.hands != Hands::empty() && !matches!(screen.dialog, Some(Dialog::Quit)) {
        screen.dialog = Some(Dialog::Quit);
        screen.field = Field::None;
        return Vec::new();
    }
    vec![Wish::Quit]
}
