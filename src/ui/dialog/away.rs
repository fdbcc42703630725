//! While you were away: then and now, side by side.

use super::{Sheet, heading, hints};
use crate::model::words as say;
use crate::model::{Entry, Mark, Model, Severity, Standing, Subject};
use crate::ui::Action;
use crate::ui::away::Snapshot;
use crate::ui::pen::{Row, role_of};
use crate::ui::screen::Screen;
use crate::ui::theme::Role;
use crate::ui::timeline::{self, Form};
use crate::words::{Length, lever};

/// Rows of one part, at most; what is left out is counted.
const MOST: usize = 40;

/// The sheet; without anything to compare with, it says so.
pub(super) fn sheet(screen: &Screen, model: &Model, width: usize) -> Sheet {
    let mut sheet = Sheet::new("while you were away");
    sheet.keys = hints(screen, &[(Action::Back, "close"), (Action::Timeline, "timeline")], width);
    let Some(then) = screen.away.left() else {
        sheet.body.push(Row::of(Role::Muted, "nothing to compare with yet"));
        return sheet;
    };
    let gone = model.now.since(then.at);
    sheet.right =
        Row::of(Role::Muted, format!("since {}Z, {}", say::moment(then.at.wall, model.now.wall), say::span(gone)));
    sentences(&mut sheet, then, model, width);
    let before = sheet.body.len();
    part(&mut sheet, "changes", changes(then, model), width);
    part(&mut sheet, "routing controls", controls(then, model), width);
    let form = Form::within(width);
    let since = || model.timeline.numbered(&screen.pair).take_while(|(number, _)| *number >= then.next_line);
    let line = |(_, e): (u64, &Entry)| timeline::entry(model, e, width, form, 1);
    let done = since().filter(|(_, e)| matches!(e.severity, Severity::Deed | Severity::Moment));
    part(&mut sheet, "what was done", done.flat_map(line).collect(), width);
    let mut marks = marks(then, model);
    if marks.known > 0 {
        let words = format!(" ● {} that were not known are known now, and well", marks.known);
        marks.other.push(Row::of(Role::Ok, words));
    }
    part(&mut sheet, "failed", marks.failed, width);
    part(&mut sheet, "well again", marks.healed, width);
    part(&mut sheet, "came and went", marks.passed, width);
    part(&mut sheet, "other marks", marks.other, width);
    if sheet.body.len() == before {
        sheet.body.push(Row::new());
        sheet.body.push(Row::of(Role::Ok, "● nothing else has changed: no mark, no control, no change"));
    }
    part(&mut sheet, "timeline", since().flat_map(line).collect(), width);
    sheet
}

fn part(sheet: &mut Sheet, title: &str, rows: Vec<Row>, width: usize) {
    if rows.is_empty() {
        return;
    }
    let all = rows.len();
    sheet.body.push(Row::new());
    sheet.body.push(heading(title, Row::of(Role::Muted, all.to_string()), width));
    sheet.body.extend(rows.into_iter().take(MOST).map(|r| r.cut(width)));
    if all > MOST {
        sheet.body.push(Row::of(Role::Muted, format!(" and {} more", all - MOST)));
    }
}

/// Each pair's sentence, then and now.
fn sentences(sheet: &mut Sheet, then: &Snapshot, model: &Model, width: usize) {
    for (pair, was) in &then.sentences {
        let is = model.sentence(pair);
        if !sheet.body.is_empty() {
            sheet.body.push(Row::new());
        }
        let aside = if is == *was { Row::of(Role::Ok, "as it was") } else { Row::new() };
        sheet.body.push(heading(format!("pair {pair}"), aside, width));
        let mut say = |word: &str, mark: Mark, role: Role, text: &str| {
            for (i, line) in crate::ui::text::wrap(text, width.saturating_sub(9)).into_iter().enumerate() {
                let head = if i == 0 { format!(" {word:<5}") } else { " ".repeat(6) };
                let sign = if i == 0 { mark.sign() } else { " " };
                sheet.body.push(Row::of(Role::Muted, head).add(role_of(mark), format!("{sign} ")).add(role, line));
            }
        };
        if is != *was {
            say("then", was.mark, Role::Muted, &was.text);
        }
        say("now", is.mark, Role::Text, &is.text);
    }
}

fn changes(then: &Snapshot, model: &Model) -> Vec<Row> {
    let one = |c: &crate::change::Change| {
        let was = then.changes.get(&c.digest).copied();
        let is = c.state.word();
        if was == Some(is) {
            return None;
        }
        let was = was.map_or_else(|| format!("new, by {}", c.text.by), str::to_owned);
        let row = Row::of(Role::Words, format!(" {} ", c.digest.words()));
        Some(
            row.add(Role::Muted, format!("{was} → "))
                .add(Role::Title, is)
                .add(Role::Text, format!("  {}", c.text.title)),
        )
    };
    model.changes.all().iter().rev().filter_map(one).collect()
}

fn controls(then: &Snapshot, model: &Model) -> Vec<Row> {
    let one = |c: &crate::estate::Control| {
        let was = then.controls.get(&c.arn).copied().flatten()?;
        let is = lever(model.levers.get(&c.arn, model.now), Length::Line);
        let row = Row::of(Role::Text, format!(" {} ", c.name));
        (was.to_string() != is).then(|| row.add(Role::Muted, format!("{was} → ")).add(Role::Title, is))
    };
    model.estate.controls().filter_map(one).collect()
}

#[derive(Default)]
struct Marks {
    failed: Vec<Row>,
    healed: Vec<Row>,
    /// Whose mark is what it was, but was another meanwhile.
    passed: Vec<Row>,
    other: Vec<Row>,
    /// Of those that were not known, how many are well: at a start that is everything.
    known: usize,
}

fn marks(then: &Snapshot, model: &Model) -> Marks {
    let mut marks = Marks::default();
    let mut all: Vec<_> = model.standings.iter().collect();
    // What failed first may be why the rest did.
    all.sort_by_key(|(_, standing)| standing.since.at());
    for (subject, standing) in all {
        let Some(was) = then.marks.get(subject).copied() else { continue };
        let (is, since) = (standing.mark, standing.since.at());
        let row = row(subject, was, standing, model);
        match (was, is) {
            _ if was == is && since.mono > then.at.mono => marks.passed.push(row),
            _ if was == is => {}
            (Mark::Unknown, Mark::Ok) => marks.known += 1,
            (_, Mark::Fail) => marks.failed.push(row),
            (Mark::Fail, Mark::Ok) => marks.healed.push(row),
            _ => marks.other.push(row),
        }
    }
    marks
}

/// `✖ portal ALB in us-east-1  ok → failed since 18:42:07Z: 0/12 healthy`
fn row(subject: &Subject, was: Mark, standing: &Standing, model: &Model) -> Row {
    let is = standing.mark;
    let since = format!(" {}", crate::words::since(standing.since, model.now));
    Row::of(Role::Text, " ")
        .mark(is)
        .add(Role::Text, format!(" {}  ", model.subject_name(subject)))
        .add(Role::Muted, format!("{} → ", was.word()))
        .add(role_of(is), is.word())
        .add(Role::Muted, since)
        .add(Role::Text, format!(": {}", standing.text))
}
