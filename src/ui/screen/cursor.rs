//! Where this person is: the view, and the thing that the cursor is on.

use super::Screen;
use crate::estate::{Control, ControlArn, Pair, ServiceName, SystemId};
use crate::model::Model;
use crate::ui::finding::filter::Words;
use crate::ui::follow::Target;

/// The views, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum View {
    Overview,
    Controls,
    Checks,
    Dns,
    Drs,
    Readiness,
    Changes,
    Timeline,
    People,
    Log,
}

impl View {
    pub(crate) const ALL: [View; 10] = [
        View::Overview,
        View::Controls,
        View::Checks,
        View::Dns,
        View::Drs,
        View::Readiness,
        View::Changes,
        View::Timeline,
        View::People,
        View::Log,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            View::Overview => "overview",
            View::Controls => "controls",
            View::Checks => "checks",
            View::Dns => "dns",
            View::Drs => "drs",
            View::Readiness => "readiness",
            View::Changes => "changes",
            View::Timeline => "timeline",
            View::People => "people",
            View::Log => "log",
        }
    }
}

/// What the cursor is on: a thing, not a line, so that it stays when lines move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    System(SystemId),
    Service(ServiceName),
    Gate(ControlArn),
    /// A row of an overview's panel: what it leads to.
    There(Target),
}

impl Screen {
    pub(crate) fn the_pair<'m>(&self, model: &'m Model) -> Option<&'m Pair> {
        model.estate.pair(&self.pair)
    }

    /// The rows among the levers that the cursor can be on: in the controls view, those that its filter leaves.
    pub(crate) fn lever_cursors(&self, model: &Model) -> Vec<Cursor> {
        let words = Words::of(self, View::Controls).filter(|_| self.view == View::Controls);
        let shown = |name: &str, controls: &[Control]| {
            let controls = controls.iter().map(|c| format!(" {}", c.name)).collect::<String>();
            words.as_ref().is_none_or(|w| w.are_in(&format!("{name}{controls}")))
        };
        let services = model.estate.services_of(&self.pair).filter(|s| shown(s.name.as_str(), &s.controls));
        let gates = self.the_pair(model).into_iter().flat_map(|p| model.gates_of(p)).filter(|g| shown(&g.name, &[]));
        let services = services.map(|s| Cursor::Service(s.name.clone()));
        services.chain(gates.map(|g| Cursor::Gate(g.arn.clone()))).collect()
    }

    /// What the cursor is on in the overview or among the controls; before anybody has moved it, the first lever.
    pub(crate) fn stands(&self, model: &Model) -> Option<Cursor> {
        let levers = self.lever_cursors(model);
        match &self.cursor {
            Some(cursor) if self.view != View::Controls || levers.contains(cursor) => Some(cursor.clone()),
            _ => levers.into_iter().next(),
        }
    }

    /// The control under the cursor.
    pub(crate) fn control_at<'m>(&self, model: &'m Model) -> Option<&'m Control> {
        let pair = self.the_pair(model)?;
        match self.stands(model)? {
            Cursor::Service(name) => {
                let service = model.estate.services_of(&pair.name).find(|s| s.name == name)?;
                service.control(pair.region(self.side))
            }
            Cursor::Gate(arn) => model.estate.gates.iter().find(|g| g.arn == arn),
            Cursor::System(_) | Cursor::There(_) => None,
        }
    }

    pub(crate) fn is_marked(&self, control: &ControlArn) -> bool {
        self.marks.contains(control)
    }
}
