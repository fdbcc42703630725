//! A visit to the past: the whole screen shows what was known then, and nobody can do anything there.
//!
//! While somebody is in the past, their hands are empty. Every wish that acts carries a token from those hands, so a
//! screen in the past cannot form one.

use super::scale::Scale;
use super::screen::{Dialog, MomentForm, Screen, View};
use super::{Action, Role, Wish, words};
use crate::change::Hands;
use crate::model::Model;
use crate::model::words as say;
use crate::time::{Span, Stamp, Timestamp};

/// One step.
const STEP: Span = Span::from_secs(10);
/// One big step.
const STRIDE: Span = Span::from_mins(5);

/// How far this screen may go back, as it was told last.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    pub(crate) oldest: Stamp,
    pub(crate) live: Stamp,
    /// What waits for people in the present.
    pub(crate) calls: Option<String>,
}

/// Somebody looks at an earlier moment.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    /// The moment.
    pub(crate) at: Stamp,
    /// What they could do before they went, and can when they are back.
    hands: Hands,
}

impl Screen {
    /// Says how far back the memory reaches, and what there is in the present.
    pub(crate) fn remembers(&mut self, oldest: Stamp, live: &Model) {
        let busy = live.changes.running().or_else(|| live.changes.open().next());
        let calls = busy.map(|c| format!("now: {} is {}", c.digest.words(), c.state.word()));
        self.memory = Some(Memory { oldest, live: live.now, calls });
    }

    /// Shows the present again.
    pub(crate) fn come_back(&mut self) {
        if let Some(visit) = self.visit.take() {
            self.setup.hands = visit.hands;
            self.complaint = None;
        }
    }

    fn go_to(&mut self, at: Stamp) -> Wish {
        match &mut self.visit {
            Some(visit) => visit.at = at,
            None => self.visit = Some(Visit { at, hands: std::mem::take(&mut self.setup.hands) }),
        }
        Wish::Past(at)
    }

    /// What a key means that moves through time, or that means something else in the past. None: it means what it does.
    pub(crate) fn travel_time(&mut self, model: &Model, action: Action) -> Option<Vec<Wish>> {
        let by = match action {
            Action::Past => -STEP,
            Action::PastFar => -STRIDE,
            Action::Forward => STEP,
            Action::ForwardFar => STRIDE,
            Action::Live | Action::Back if self.visit.is_some() => {
                self.come_back();
                return Some(vec![Wish::Live]);
            }
            Action::Live => return Some(Vec::new()),
            // What waits in the present is seen before anybody leaves.
            Action::Quit if self.visit.is_some() && self.memory.as_ref().is_some_and(|m| m.calls.is_some()) => {
                self.come_back();
                return Some(vec![Wish::Live]);
            }
            // What is seen in the past is marked from the present, at the moment that was looked at.
            Action::MarkMoment if self.marks_then() => {
                let was = self.visit.as_ref().map(|visit| typed(visit.at.wall)).unwrap_or_default();
                self.come_back();
                self.dialog = Some(Dialog::Moment(MomentForm { was: was.into(), ..MomentForm::default() }));
                return Some(vec![Wish::Live]);
            }
            _ if self.visit.is_some() && acts(action) => {
                let key = self.setup.keymap.key(Action::Live);
                self.complaint = Some(format!("this is the past, where nothing can be done: {key} returns to now"));
                return Some(Vec::new());
            }
            _ => return None,
        };
        let Some(Memory { oldest, live, .. }) = self.memory.clone() else {
            self.complaint = Some("this screen keeps no past".into());
            return Some(Vec::new());
        };
        let from = match &self.visit {
            Some(visit) => visit.at,
            // Who reads back in the timeline is led to the moment that they read of.
            None if self.view == View::Timeline && by.is_negative() => match self.read_back_to(model) {
                Some(at) if at.mono >= oldest.mono => return Some(vec![self.go_to(at)]),
                _ => live,
            },
            None => live,
        };
        let mut to = from.plus(by);
        if to.mono >= live.mono {
            let away = self.visit.is_some();
            self.come_back();
            return Some(if away { vec![Wish::Live] } else { Vec::new() });
        }
        if to.mono < oldest.mono {
            to = oldest;
            if from.mono <= oldest.mono {
                let words = format!("this console knows nothing from before {}Z", say::time_of_day(oldest.wall));
                self.complaint = Some(words);
            }
        }
        Some(vec![self.go_to(to)])
    }

    /// Whether somebody in the past may mark the moment that they look at: one whose time of day says which it is.
    pub(crate) fn marks_then(&self) -> bool {
        const HALF_A_DAY: Span = Span::from_hours(12);
        let operates = self.visit.as_ref().is_some_and(|visit| visit.hands.operator.is_some());
        operates && self.back_by().is_some_and(|back| back < HALF_A_DAY)
    }

    /// How far back this screen is.
    pub(crate) fn back_by(&self) -> Option<Span> {
        let (visit, memory) = (self.visit.as_ref()?, self.memory.as_ref()?);
        Some(memory.live.since(visit.at))
    }

    /// The bar at the foot of a screen in the past.
    pub(crate) fn past_scale(&self) -> Option<Scale> {
        let (visit, memory, back) = (self.visit.as_ref()?, self.memory.as_ref()?, self.back_by()?);
        let keys = &self.setup.keymap;
        let (whole, gone) = (memory.live.since(memory.oldest), visit.at.since(memory.oldest));
        let pair = |a, b| format!("{} {}", keys.key(a), keys.key(b));
        Some(Scale {
            badge: ("PAST".into(), Role::Past),
            place: format!("{}Z, {} ago", say::time_of_day(visit.at.wall), words::short(back)),
            share: gone.as_secs_f64() / whole.as_secs_f64().max(1.0),
            note: memory.calls.clone(),
            hints: vec![
                (keys.key(Action::Live), "now"),
                (pair(Action::Past, Action::Forward), "10 s"),
                (pair(Action::PastFar, Action::ForwardFar), "5 min"),
            ],
        })
    }
}

/// A moment as somebody types it.
fn typed(at: Timestamp) -> String {
    format!("{}Z", say::time_of_day(at))
}

/// Whether an action does something to the world, or prepares it.
fn acts(action: Action) -> bool {
    action.dangerous()
        || matches!(
            action,
            Action::Mark
                | Action::MarkService
                | Action::Approve
                | Action::Paste
                | Action::Withdraw
                | Action::Reject
                | Action::Note
                | Action::MarkMoment
                | Action::Told
                | Action::Begin
                | Action::Report
                | Action::AskAgain
        )
}
