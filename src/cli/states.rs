//! Why a command does not know the states of the controls that it is about, and how it ends.

use super::exit::Exit;
use super::status::endpoint_lines;
use crate::estate::ControlArn;
use crate::event::Lever;
use crate::model::Model;
use crate::words;

/// What stops a command before it did anything.
pub(super) struct Unknown {
    /// What is not known, for people to read.
    pub(super) why: String,
    /// How the command ends.
    pub(super) exit: Exit,
}

/// That controls have no state now: endpoints disagree about one, or none shows it.
pub(super) fn unknown<'a>(model: &Model, mut controls: impl Iterator<Item = &'a ControlArn>) -> Unknown {
    let disputed = controls.find(|arn| matches!(model.levers.get(arn, model.now), Lever::Disagreed { .. }));
    match disputed {
        Some(arn) => {
            let shown = model.levers.endpoints.iter();
            let shown = shown.filter_map(|(region, view)| Some((region, *view.control(arn)?.get(model.now)?)));
            let name = model.estate.control(arn).map_or(arn.as_str(), |c| c.name.as_str());
            Unknown { why: words::disputed_control(name, shown), exit: Exit::Refused }
        }
        None => {
            let lines = endpoint_lines(model).join("\n");
            let why = format!("the states of the controls are not known: no cluster endpoint shows them\n{lines}");
            Unknown { why, exit: Exit::Unreachable }
        }
    }
}
