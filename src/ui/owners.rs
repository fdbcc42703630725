//! The line that says who commands, who approves, and what comes next.

use super::keys::draft;
use super::pen::Row;
use super::theme::Role;
use super::{Action, Screen, next, text};
use crate::estate::Side;
use crate::model::Model;
use crate::words::{NextAct, Owners};

/// Lines that it may take where nothing stands side by side.
const LINES: usize = 3;

/// The line. Where there is little room, the runbook is left out, then who approved. While nothing goes on it has the next
/// step alone, and while nothing fails either there is none.
pub(crate) fn row(screen: &Screen, model: &Model, width: usize) -> Option<Row> {
    let Some(owners) = model.owners(&screen.pair) else {
        let row = |words| Row::of(Role::Muted, " ▸ ").add(Role::Title, format!("next: {words}")).cut(width);
        return next::unowned(screen, model).map(row);
    };
    let (commands, next) = (owners.commands(), next_act(screen, model, &owners));
    let line = |approval: Option<String>| {
        let row = Row::of(Role::Muted, format!(" ▸ {commands}"));
        let row = approval.map_or(row.clone(), |words| row.add(Role::Muted, format!(" · {words}")));
        row.add(Role::Muted, " · ").add(Role::Title, &next)
    };
    let whole = line(owners.approval());
    let row = if whole.width() <= width { whole } else { line(None) };
    let linked = runbook(screen, model).map(|url| row.clone().add(Role::Muted, " · ").join(link(url)));
    let row = linked.filter(|row| row.width() <= width).unwrap_or(row);
    Some(row.cut(width))
}

/// The same over as many lines as it needs; what comes next only where nothing else says it.
pub(crate) fn rows(screen: &Screen, model: &Model, width: usize, with_next: bool) -> Vec<Row> {
    let Some(owners) = model.owners(&screen.pair) else { return Vec::new() };
    let next = with_next.then(|| next_act(screen, model, &owners));
    let parts = [Some(owners.commands()), owners.approval(), next];
    let words = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let lines = text::wrap_at_most(&words, width.saturating_sub(4), LINES);
    let sign = |i| if i == 0 { "▸" } else { " " };
    let rows = lines.iter().enumerate().map(|(i, l)| Row::of(Role::Muted, format!(" {} {l}", sign(i))));
    let runbook = runbook(screen, model).map(|url| Row::of(Role::Muted, "   ").join(link(url)).cut(width));
    rows.chain(runbook).collect()
}

fn runbook<'m>(screen: &Screen, model: &'m Model) -> Option<&'m str> {
    screen.the_pair(model)?.runbook.as_deref()
}

fn link(url: &str) -> Row {
    Row::of(Role::Muted, "runbook ").add(Role::Accent, url).link(url)
}

/// What comes next, with its key where this person can do it here.
fn next_act(screen: &Screen, model: &Model, owners: &Owners) -> String {
    let key = key(screen, model, owners).map(|action| format!(": {}", screen.key(action))).unwrap_or_default();
    format!("next: {}{key}", owners.next())
}

fn key(screen: &Screen, model: &Model, owners: &Owners) -> Option<Action> {
    let hands = &screen.setup.hands;
    if model.read_only.is_some() || screen.back_by().is_some() {
        return None;
    }
    match &owners.next {
        NextAct::Draft(to) | NextAct::Weigh(to) | NextAct::Look(_, to) => {
            let side = screen.the_pair(model)?.side(to)?;
            let action = if side == Side::Standby { Action::FailOver } else { Action::FailBack };
            draft::made(screen, model, side).is_ok().then_some(action)
        }
        NextAct::Approve(_) => {
            let me = screen.setup.person.as_ref().filter(|_| hands.approver.is_some())?;
            owners.approvers.iter().any(|who| model.estate.same_person(who, me)).then_some(Action::Approve)
        }
        NextAct::SecondKey(by, _) => {
            let mine = hands.operator.as_ref().is_some_and(|o| o.name() == by);
            mine.then_some(Action::Change)
        }
        NextAct::Tell => hands.operator.as_ref().map(|_| Action::Told),
        NextAct::End(_) => hands.operator.as_ref().map(|_| Action::Begin),
        NextAct::Wait(_)
        | NextAct::Follow(..)
        | NextAct::Prove(..)
        | NextAct::Watch(_)
        | NextAct::WatchControls(_)
        | NextAct::Find(_) => None,
    }
}
