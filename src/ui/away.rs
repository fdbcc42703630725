//! The state when this person last did something, so that they can be told what changed while they were away.

use std::collections::BTreeMap;

use crossterm::event::{Event, KeyEventKind, MouseEventKind};

use crate::change::Digest;
use crate::estate::{ControlArn, ControlState, PairName};
use crate::model::{Lever, Mark, Model, Sentence, Standing, Subject};
use crate::time::{Span, Stamp};

/// Somebody who did nothing for this long was away: their first key also opens what changed.
const AWAY: Span = Span::from_mins(10);
/// Somebody who did nothing for this long may have been away: they can ask what changed.
const PAUSE: Span = Span::from_mins(1);
/// What has not answered by then has not been waited for.
const SETTLES: Span = Span::from_mins(1);
/// Things whose marks are kept, at most.
const MOST_MARKS: usize = 10_000;

/// What stood at a moment: marks and words, no figures.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) at: Stamp,
    pub(crate) sentences: Vec<(PairName, Sentence)>,
    pub(crate) marks: BTreeMap<Subject, Mark>,
    pub(crate) controls: BTreeMap<ControlArn, Option<ControlState>>,
    pub(crate) changes: BTreeMap<Digest, &'static str>,
    /// The number of the next line of the timeline.
    pub(crate) next_line: u64,
}

impl Snapshot {
    fn of(model: &Model) -> Self {
        let sentences = model.estate.pairs.iter().map(|p| (p.name.clone(), model.sentence(&p.name)));
        let control = |arn: &ControlArn| match model.levers.get(arn, model.now) {
            Lever::Agreed(state) => Some(state),
            Lever::Disagreed { .. } | Lever::Unknown => None,
        };
        Self {
            at: model.now,
            sentences: sentences.collect(),
            marks: model.standings.iter().map(|(s, standing)| (s.clone(), standing.mark)).take(MOST_MARKS).collect(),
            controls: model.estate.controls().map(|c| (c.arn.clone(), control(&c.arn))).collect(),
            changes: model.changes.all().iter().map(|c| (c.digest, c.state.word())).collect(),
            next_line: model.timeline.next_number(),
        }
    }
}

/// When this person did something last, and what stood before their last pause.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    last: Option<Snapshot>,
    left: Option<Snapshot>,
    /// The state when they read what had changed.
    read: Option<Snapshot>,
    /// Everything has been heard once, or has had the time.
    settled: bool,
}

impl Watch {
    /// The screen is in front of its person for the first time: takes in the state once it is known.
    pub(crate) fn begin(&mut self, model: &Model) {
        if !self.settled {
            self.settled = model.all_heard() || model.now.since(model.opened) >= SETTLES;
            self.last = Some(Snapshot::of(model));
        }
    }

    /// This person does something; true when they come back after a long time.
    pub(crate) fn touched(&mut self, model: &Model) -> bool {
        let idle = self.idle(model);
        if idle >= PAUSE || self.left.is_none() {
            self.left = self.last.take();
            self.read = None;
        }
        // Of one moment one picture is enough, however many keys are pressed in it.
        if self.last.as_ref().is_none_or(|last| last.at != model.now) {
            self.last = Some(Snapshot::of(model));
        }
        idle >= AWAY
    }

    /// They read what changed. For a while they can read it again; after that, changes count from here.
    pub(crate) fn read(&mut self, model: &Model) {
        let over = |then: &mut Snapshot| model.now.since(then.at) >= PAUSE;
        if let Some(then) = self.read.take_if(over) {
            self.left = Some(then);
        }
        self.read.get_or_insert_with(|| Snapshot::of(model));
    }

    /// How much has changed on a screen that nobody has touched for long, in words; none where nothing has.
    pub(crate) fn untouched(&self, model: &Model) -> Option<String> {
        let then = self.last.as_ref().filter(|_| self.idle(model) >= AWAY)?;
        let marks = |mark: Mark, but: fn(Mark) -> bool| {
            let was = |s: &Subject| then.marks.get(s).copied();
            let turned = |(s, standing): &(&Subject, &Standing)| standing.mark == mark && was(s).is_some_and(but);
            model.standings.iter().filter(turned).count()
        };
        let failed = marks(Mark::Fail, |was| was != Mark::Fail);
        let well = marks(Mark::Ok, |was| was == Mark::Fail);
        let moved = |arn: &ControlArn, was: &Option<ControlState>| match model.levers.get(arn, model.now) {
            Lever::Agreed(state) => was.is_some_and(|was| was != state),
            Lever::Disagreed { .. } | Lever::Unknown => false,
        };
        let moved = then.controls.iter().filter(|(arn, was)| moved(arn, was)).count();
        let changes =
            model.changes.all().iter().filter(|c| then.changes.get(&c.digest) != Some(&c.state.word())).count();
        let counts =
            [(changes, "changes went on"), (moved, "controls moved"), (failed, "failed"), (well, "well again")];
        let told: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        let since = then.at.wall.strftime("%H:%MZ");
        (!told.is_empty()).then(|| format!("since the last key here at {since}: {}", told.join(", ")))
    }

    fn idle(&self, model: &Model) -> Span {
        self.last.as_ref().map_or(Span::ZERO, |l| model.now.since(l.at))
    }

    /// What stood before the last pause, or when the screen opened.
    pub(crate) fn left(&self) -> Option<&Snapshot> {
        self.left.as_ref().or(self.last.as_ref())
    }
}

/// Whether an input comes from a person's hand.
pub(crate) fn by_hand(input: &Event) -> bool {
    match input {
        Event::Key(key) => key.kind != KeyEventKind::Release,
        Event::Paste(_) => true,
        Event::Mouse(mouse) => !matches!(mouse.kind, MouseEventKind::Moved),
        Event::Resize(..) | Event::FocusGained | Event::FocusLost => false,
    }
}
