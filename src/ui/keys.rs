//! Keys, pastes and clicks: where this person looks next, and what they want done.

use std::collections::BTreeSet;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use super::screen::{Cursor, Dialog, DraftForm, Field, Focus, Hit, Screen, View};
use super::{Action, Wish, dialog, layout, regions};
use crate::change::{Draft, Hands, State};
use crate::estate::Side;
use crate::event::{Ask, Via};
use crate::model::{Lever, Model};

/// The end of an OpenSSH signature.
const END: &str = "-----END SSH SIGNATURE-----";
/// The longest signature that is taken: RSA 16384 and some.
const LONGEST_PASTE: usize = 16 * 1024;
/// The longest line that may be typed.
const LONGEST_LINE: usize = 400;

/// Takes an input in.
pub(crate) fn input(screen: &mut Screen, model: &Model, input: Event) -> Vec<Wish> {
    match input {
        Event::Key(key) if key.kind != KeyEventKind::Release => self::key(screen, model, key),
        Event::Paste(text) => paste(screen, model, &text),
        Event::Mouse(mouse) => self::mouse(screen, model, mouse),
        _ => Vec::new(),
    }
}

fn key(screen: &mut Screen, model: &Model, key: KeyEvent) -> Vec<Wish> {
    screen.complaint = None;
    if typing(screen) && !leaves_field(key) {
        return typed(screen, model, key);
    }
    let Some(action) = screen.setup.keymap.action(key) else {
        if matches!(screen.field, Field::Withdraw) {
            screen.field = Field::None;
        }
        return Vec::new();
    };
    match screen.dialog.clone() {
        None => on_view(screen, model, action),
        Some(dialog) => on_dialog(screen, model, &dialog, action),
    }
}

/// Whether characters go into a field now.
fn typing(screen: &Screen) -> bool {
    match &screen.dialog {
        Some(Dialog::Draft) => screen.draft.as_ref().is_some_and(|d| d.focus != Focus::Rules && d.asked.is_none()),
        Some(Dialog::Change(_)) => matches!(screen.field, Field::Region(_) | Field::Signature(_) | Field::Reject(_)),
        Some(Dialog::Note(_)) => true,
        _ => false,
    }
}

/// Keys that mean an action even while a field takes characters.
fn leaves_field(key: KeyEvent) -> bool {
    match key.code {
        KeyCode::Char(c) => key.modifiers.contains(KeyModifiers::CONTROL) && matches!(c, 'c' | 'o'),
        KeyCode::Enter
        | KeyCode::Esc
        | KeyCode::Tab
        | KeyCode::BackTab
        | KeyCode::Up
        | KeyCode::Down
        | KeyCode::PageUp
        | KeyCode::PageDown => true,
        _ => false,
    }
}

fn typed(screen: &mut Screen, model: &Model, key: KeyEvent) -> Vec<Wish> {
    let into = |input: &mut Input| {
        let longer = matches!(key.code, KeyCode::Char(_)) && !key.modifiers.contains(KeyModifiers::CONTROL);
        if !(longer && input.value().chars().count() >= LONGEST_LINE) {
            input.handle_event(&Event::Key(key));
        }
    };
    match (&mut screen.dialog, &mut screen.field) {
        (Some(Dialog::Draft), _) => {
            if let Some(form) = &mut screen.draft {
                if form.focus == Focus::Despite {
                    into(&mut form.despite);
                    form.draft.despite = form.despite.value().to_owned();
                } else {
                    into(&mut form.reason);
                    form.draft.reason = form.reason.value().to_owned();
                }
            }
        }
        (Some(Dialog::Note(input)), _) | (_, Field::Region(input) | Field::Reject(input)) => into(input),
        (_, Field::Signature(text)) => {
            match key.code {
                KeyCode::Char(c) if text.len() < LONGEST_PASTE => text.push(c),
                KeyCode::Backspace => drop(text.pop()),
                _ => {}
            }
            return signature_done(screen, model, false);
        }
        _ => {}
    }
    Vec::new()
}

fn on_view(screen: &mut Screen, model: &Model, action: Action) -> Vec<Wish> {
    match action {
        Action::Overview => look_at(screen, View::Overview),
        Action::Controls => look_at(screen, View::Controls),
        Action::Checks => look_at(screen, View::Checks),
        Action::Dns => look_at(screen, View::Dns),
        Action::Systems => look_at(screen, View::Systems),
        Action::Changes => look_at(screen, View::Changes),
        Action::Timeline => look_at(screen, View::Timeline),
        Action::People => look_at(screen, View::People),
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
        Action::Back => {}
        Action::Mark => mark(screen, model, false),
        Action::MarkService => mark(screen, model, true),
        Action::ClearMarks => screen.marks.clear(),
        Action::FailOver => open_draft(screen, model, Side::Standby),
        Action::FailBack => open_draft(screen, model, Side::Active),
        Action::Change | Action::Paste | Action::Reject | Action::Withdraw | Action::ActAsSecond => {
            return open_current(screen, model, action);
        }
        Action::Copy => return vec![copy(&model.sentence(&screen.pair).text)],
        Action::Told => return told(screen, model),
        Action::Note => {
            if screen.setup.hands.operator.is_some() {
                screen.dialog = Some(Dialog::Note(Input::default()));
            } else {
                complain(screen, "who only looks on writes no notes");
            }
        }
        Action::Override => {}
        Action::AskAgain => return vec![Wish::Hurry],
        Action::Help => {
            screen.dialog = Some(Dialog::Help);
            screen.dialog_scroll = 0;
        }
        Action::Quit => return quit(screen, model),
    }
    Vec::new()
}

fn complain(screen: &mut Screen, why: &str) {
    screen.complaint = Some(why.to_owned());
}

fn copy(text: &str) -> Wish {
    Wish::Copy(crate::hygiene::visible(text).into_owned())
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
        screen.pair = next.name.clone();
        screen.cursor = None;
        screen.marks.clear();
        screen.scroll = [0; View::ALL.len()];
    }
}

/// Moves the cursor over systems and levers, or scrolls a list.
fn travel(screen: &mut Screen, model: &Model, action: Action) {
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
        View::Overview | View::Controls => {
            let levers = screen.lever_cursors(model);
            let mut rows =
                if screen.view == View::Overview { regions::cursors(screen, model, page) } else { Vec::new() };
            let first_lever = rows.len();
            rows.extend(levers);
            if rows.is_empty() {
                return;
            }
            let at = screen.cursor.as_ref().and_then(|c| rows.iter().position(|r| r == c));
            // Nobody has moved yet: the cursor stands on the first lever.
            let at = at.unwrap_or(first_lever.min(rows.len() - 1));
            screen.cursor = rows.get(step(at, rows.len() - 1)).cloned();
        }
        view => {
            let at = &mut screen.scroll[view as usize];
            // What is too far is brought back when the list is drawn.
            *at = step(*at, usize::MAX / 2);
        }
    }
}

fn look(screen: &mut Screen, model: &Model) {
    match (&screen.cursor, screen.view) {
        (Some(Cursor::System(id)), View::Overview) => {
            screen.dialog = Some(Dialog::System(id.clone()));
            screen.dialog_scroll = 0;
        }
        (_, View::Overview | View::Controls) if !screen.marks.is_empty() => open_draft(screen, model, Side::Standby),
        _ => {
            if let Some(change) = screen.current(model).map(|c| c.digest) {
                screen.open_change(change);
            }
        }
    }
}

fn mark(screen: &mut Screen, model: &Model, both: bool) {
    if screen.setup.hands.operator.is_none() {
        return complain(screen, "who only looks on marks no controls");
    }
    if !matches!(screen.view, View::Overview | View::Controls) {
        return;
    }
    let Some(control) = screen.control_at(model).map(|c| c.arn.clone()) else {
        return complain(screen, "the cursor stands on no routing control: go down to the levers");
    };
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

fn open_draft(screen: &mut Screen, model: &Model, towards: Side) {
    if screen.setup.hands.operator.is_none() {
        return complain(screen, "who only looks on proposes no changes");
    }
    if let Some(why) = &model.read_only {
        let why = format!("this console is read-only: {why}");
        return complain(screen, &why);
    }
    let Some(pair) = screen.the_pair(model) else { return };
    let receiving = pair.region(towards).clone();
    let made = if screen.marks.is_empty() || towards == Side::Active {
        Draft::towards(&model.estate, &screen.pair, &receiving)
    } else {
        let states = screen.marks.iter().map(|arn| {
            let state = match model.levers.get(arn, model.now) {
                Lever::Agreed(s) => Some(s),
                Lever::Disagreed { .. } | Lever::Unknown => None,
            };
            (arn.clone(), state)
        });
        Draft::of_marks(&model.estate, &screen.pair, states)
    };
    match made {
        Ok(draft) => {
            // A draft for the same controls is taken up again, with what was typed.
            let same = |form: &DraftForm| form.draft.to == draft.to && form.draft.pair == draft.pair;
            if !screen.draft.as_ref().is_some_and(same) {
                let (reason, despite, focus) = (Input::default(), Input::default(), Focus::Reason);
                screen.draft = Some(DraftForm { draft, reason, despite, focus, rule: None, asked: None });
            }
            screen.dialog = Some(Dialog::Draft);
            screen.dialog_scroll = 0;
        }
        Err(why) => complain(screen, &why.to_string()),
    }
}

/// Opens the newest change; an approver is seen to read it.
fn open_current(screen: &mut Screen, model: &Model, action: Action) -> Vec<Wish> {
    let Some(change) = screen.current(model) else {
        complain(screen, "there is no change yet");
        return Vec::new();
    };
    let (digest, open, mine) = (change.digest, change.state.is_open(), screen.is_mine(change));
    screen.open_change(digest);
    let mut wishes = Vec::new();
    if open
        && !mine
        && let Some(by) = screen.setup.hands.approver.clone()
    {
        wishes.push(Wish::Ask(Ask::Reading { by, change: digest }));
    }
    if action != Action::Change {
        wishes.extend(on_dialog(screen, model, &Dialog::Change(digest), action));
    }
    wishes
}

fn told(screen: &mut Screen, model: &Model) -> Vec<Wish> {
    match screen.setup.hands.operator.clone() {
        Some(by) if layout::told_is_due(screen, model) => {
            vec![Wish::Ask(Ask::Told { by, pair: screen.pair.clone() })]
        }
        Some(_) => {
            complain(screen, "step 7 begins when the applications answer in the receiving region");
            Vec::new()
        }
        None => {
            complain(screen, "who only looks on does not answer for this");
            Vec::new()
        }
    }
}

fn quit(screen: &mut Screen, model: &Model) -> Vec<Wish> {
    let busy = model.changes.all().iter().any(|c| c.state.is_open() || c.state.is_running());
    let draft = screen.draft.as_ref().is_some_and(|d| !d.draft.reason.is_empty());
    if (busy || draft) && screen.setup.hands != Hands::empty() && !matches!(screen.dialog, Some(Dialog::Quit)) {
        screen.dialog = Some(Dialog::Quit);
        screen.field = Field::None;
        return Vec::new();
    }
    vec![Wish::Quit]
}

fn on_dialog(screen: &mut Screen, model: &Model, dialog: &Dialog, action: Action) -> Vec<Wish> {
    let page = screen.page.max(1);
    let in_rules = matches!(dialog, Dialog::Draft) && screen.draft.as_ref().is_some_and(|d| d.focus == Focus::Rules);
    if matches!(screen.field, Field::Withdraw) && action != Action::Withdraw {
        screen.field = Field::None;
        return Vec::new();
    }
    match action {
        Action::Up | Action::Down if in_rules => {
            rule_step(screen, model, action == Action::Down);
            return Vec::new();
        }
        Action::Up => screen.dialog_scroll = screen.dialog_scroll.saturating_sub(1),
        Action::Down => screen.dialog_scroll += 1,
        Action::PageUp => screen.dialog_scroll = screen.dialog_scroll.saturating_sub(page),
        Action::PageDown => screen.dialog_scroll += page,
        Action::First => screen.dialog_scroll = 0,
        Action::Last => screen.dialog_scroll = usize::MAX / 2,
        Action::Back => {
            let leave_field = matches!(screen.field, Field::Signature(_) | Field::Reject(_));
            screen.field = Field::None;
            if !leave_field {
                screen.dialog = None;
            }
        }
        Action::Quit => return quit(screen, model),
        Action::Help if matches!(dialog, Dialog::Help) => screen.dialog = None,
        _ => return dialog_action(screen, model, dialog, action),
    }
    Vec::new()
}

fn dialog_action(screen: &mut Screen, model: &Model, dialog: &Dialog, action: Action) -> Vec<Wish> {
    match (dialog, action) {
        (Dialog::Draft, Action::Look) => propose(screen, model),
        (Dialog::Draft, Action::NextView | Action::PreviousView | Action::Override) => {
            let refusing = refusing(screen, model);
            let stopped = screen.draft.as_ref().is_some_and(|f| !model.stops(&f.draft).is_empty());
            if let Some(form) = &mut screen.draft {
                form.focus = match form.focus {
                    Focus::Reason if stopped => Focus::Despite,
                    Focus::Reason | Focus::Despite if !refusing.is_empty() => Focus::Rules,
                    Focus::Reason | Focus::Despite | Focus::Rules => Focus::Reason,
                };
                form.rule = form.rule.take().filter(|r| refusing.contains(r)).or(refusing.into_iter().next());
            }
            Vec::new()
        }
        (Dialog::Draft, Action::Mark) => {
            if let Some(form) = &mut screen.draft
                && let Some(rule) = form.rule.clone()
            {
                let overrides = &mut form.draft.overrides;
                match overrides.iter().position(|r| *r == rule) {
                    Some(i) => drop(overrides.remove(i)),
                    None => overrides.push(rule),
                }
            }
            Vec::new()
        }
        (Dialog::Note(input), Action::Look) => {
            let text = input.value().trim().to_owned();
            screen.dialog = None;
            match screen.setup.hands.operator.clone() {
                Some(by) if !text.is_empty() => {
                    vec![Wish::Ask(Ask::Note { by, pair: screen.pair.clone(), text })]
                }
                _ => Vec::new(),
            }
        }
        (Dialog::Quit, Action::Look) => vec![Wish::Quit],
        (Dialog::Change(digest), _) => on_change(screen, model, digest, action),
        _ => Vec::new(),
    }
}

/// The rules that would refuse the draft, in the estate's order.
fn refusing(screen: &Screen, model: &Model) -> Vec<crate::estate::RuleArn> {
    let Some(form) = &screen.draft else { return Vec::new() };
    model.predict(&form.draft).into_iter().filter(|v| v.allows == Some(false)).map(|v| v.rule).collect()
}

fn rule_step(screen: &mut Screen, model: &Model, down: bool) {
    let rules = refusing(screen, model);
    let Some(form) = &mut screen.draft else { return };
    let at = form.rule.as_ref().and_then(|r| rules.iter().position(|x| x == r)).unwrap_or(0);
    let next = if down { (at + 1).min(rules.len().saturating_sub(1)) } else { at.saturating_sub(1) };
    form.rule = rules.get(next).cloned();
}

fn propose(screen: &mut Screen, model: &Model) -> Vec<Wish> {
    let refusing = refusing(screen, model);
    let Some(by) = screen.setup.hands.operator.clone() else { return Vec::new() };
    let Some(form) = &mut screen.draft else { return Vec::new() };
    if form.asked.is_some() {
        return Vec::new();
    }
    if form.draft.reason.trim().is_empty() {
        form.focus = Focus::Reason;
        complain(screen, "a change needs a reason: the approver reads it, and so does the report");
        return Vec::new();
    }
    let stops = model.stops(&form.draft);
    if stops.is_empty() {
        form.draft.despite.clear();
    } else if form.draft.despite.trim().is_empty() {
        form.focus = Focus::Despite;
        let first = stops.first().cloned().unwrap_or_default();
        complain(screen, &format!("preflight fails: {first}; say why in spite of that, and the approver signs both"));
        return Vec::new();
    }
    // An override of a rule that would not refuse is none: it would only make the rule blind.
    form.draft.overrides.retain(|r| refusing.contains(r));
    form.asked = Some(model.changes.all().iter().map(|c| c.digest).collect::<BTreeSet<_>>());
    form.focus = Focus::Reason;
    vec![Wish::Propose { by, draft: form.draft.clone() }]
}

fn on_change(screen: &mut Screen, model: &Model, digest: &crate::change::Digest, action: Action) -> Vec<Wish> {
    let Some(change) = model.changes.get(digest) else { return Vec::new() };
    let hands = screen.setup.hands.clone();
    let waits = change.state == State::Proposed;
    match (action, &screen.field) {
        (Action::Look, Field::Region(input)) => {
            let typed = input.value().trim().to_owned();
            let Some(by) = hands.operator else { return Vec::new() };
            if typed.is_empty() {
                complain(screen, "type the name of the region that will receive the traffic");
                return Vec::new();
            }
            screen.field = Field::Region(Input::default());
            vec![Wish::Ask(Ask::SecondKey { by, change: *digest, typed })]
        }
        (Action::Look, Field::Signature(_)) => {
            if let Field::Signature(text) = &mut screen.field {
                text.push('\n');
            }
            signature_done(screen, model, true)
        }
        (Action::Look, Field::Reject(input)) => {
            let reason = input.value().trim().to_owned();
            let Some(by) = hands.approver else { return Vec::new() };
            if reason.is_empty() {
                complain(screen, "a rejection needs a reason");
                return Vec::new();
            }
            screen.field = Field::None;
            vec![Wish::Ask(Ask::Reject { by, change: *digest, reason })]
        }
        (Action::NextView | Action::PreviousView, Field::Region(_)) => Vec::new(),
        (Action::Paste, Field::None) if waits && (hands.operator.is_some() || hands.approver.is_some()) => {
            screen.field = Field::Signature(String::new());
            Vec::new()
        }
        (Action::Copy, _) => {
            let (ours, _) = dialog::approve_commands(&screen.setup.approve, change);
            vec![copy(&ours.join(" "))]
        }
        (Action::ActAsSecond, Field::None) if waits && screen.setup.approve.second_person.is_some() => {
            hands.operator.map(|by| Wish::ActAsSecond { by, change: *digest }).into_iter().collect()
        }
        (Action::Withdraw, Field::Withdraw) => {
            screen.field = Field::None;
            match hands.operator {
                Some(by) => vec![Wish::Ask(Ask::Withdraw { by, change: *digest })],
                None => Vec::new(),
            }
        }
        (Action::Withdraw, Field::None) if change.state.is_open() && screen.is_mine(change) => {
            screen.field = Field::Withdraw;
            Vec::new()
        }
        (Action::Reject, Field::None) if change.state.is_open() && hands.approver.is_some() => {
            screen.field = Field::Reject(Input::default());
            Vec::new()
        }
        (Action::ActAsSecond, _) if screen.setup.approve.second_person.is_none() => {
            complain(screen, "acting as the second person exists in the demo only");
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Sends a signature off once it is whole.
fn signature_done(screen: &mut Screen, model: &Model, asked: bool) -> Vec<Wish> {
    let Field::Signature(text) = &screen.field else { return Vec::new() };
    if !text.contains(END) {
        if asked && !text.contains("BEGIN") {
            complain(screen, "this is no signature yet: paste everything from BEGIN to END SSH SIGNATURE");
        }
        return Vec::new();
    }
    let armored = text.clone();
    screen.field = Field::None;
    signature(screen, model, armored)
}

/// A signature that was pasted. It proves itself, but who only looks on hands none in.
fn signature(screen: &mut Screen, model: &Model, armored: String) -> Vec<Wish> {
    let Some(by) = screen.setup.hands.courier(Via::Pasted) else {
        complain(screen, "who only looks on hands in no signatures");
        return Vec::new();
    };
    if model.changes.open().next().is_none() {
        complain(screen, "no change waits for an approval");
        return Vec::new();
    }
    vec![Wish::Ask(Ask::Signature { armored, by })]
}

fn paste(screen: &mut Screen, model: &Model, text: &str) -> Vec<Wish> {
    screen.complaint = None;
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.len() > LONGEST_PASTE {
        complain(screen, "that is far too long for a signature");
        return Vec::new();
    }
    if text.contains("BEGIN SSH SIGNATURE") {
        if let Some(start) = text.find("-----BEGIN") {
            let armored = text.get(start..).unwrap_or_default().to_owned();
            if armored.contains(END) {
                screen.field = Field::None;
                return signature(screen, model, armored);
            }
        }
        complain(screen, "the signature is cut off: paste everything from BEGIN to END SSH SIGNATURE");
        return Vec::new();
    }
    if let Field::Signature(field) = &mut screen.field {
        field.push_str(&text);
        return signature_done(screen, model, false);
    }
    if !typing(screen) {
        return Vec::new();
    }
    // Into a line: what is pasted cannot press enter.
    for c in text.lines().next().unwrap_or_default().chars().filter(|c| !crate::hygiene::is_hidden(*c)) {
        typed(screen, model, KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    }
    Vec::new()
}

fn mouse(screen: &mut Screen, model: &Model, mouse: MouseEvent) -> Vec<Wish> {
    let action = match mouse.kind {
        MouseEventKind::ScrollUp => Action::Up,
        MouseEventKind::ScrollDown => Action::Down,
        MouseEventKind::Down(MouseButton::Left) if screen.dialog.is_none() => {
            let at = ratatui::layout::Position { x: mouse.column, y: mouse.row };
            let hit = screen.hits.iter().rev().find(|(area, _)| area.contains(at)).map(|(_, hit)| hit.clone());
            match hit {
                Some(Hit::View(view)) => screen.view = view,
                Some(Hit::Side(side)) => screen.side = side,
                Some(Hit::Cursor(cursor, side)) => {
                    screen.cursor = Some(cursor);
                    screen.side = side.unwrap_or(screen.side);
                }
                None => {}
            }
            return Vec::new();
        }
        _ => return Vec::new(),
    };
    match screen.dialog.clone() {
        None => travel(screen, model, action),
        Some(dialog) => drop(on_dialog(screen, model, &dialog, action)),
    }
    Vec::new()
}
