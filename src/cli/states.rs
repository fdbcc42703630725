//! Why a command does not know the states of the controls that it is about, and how it ends.

use super::exit::Exit;
use super::status::endpoint_lines;
use crate::estate::ControlArn;
use crate::event::Lever;
use crate::model::Model;
use crate::words;

/// What stops a command before it did anything.
pub(super) struct Unknown {
    /// What is not known, for people to read: one line.
    pub(super) why: String,
    /// What each endpoint says, a line each, where that matters.
    pub(super) endpoints: Vec<String>,
    /// How the command ends.
    pub(super) exit: Exit,
}

/// That controls have no state now: endpoints disagree about one, or none shows it.
pub(super) fn unknown<'a>(model: &Model, controls: impl Iterator<Item = &'a ControlArn>) -> Unknown {
    let agreed = |arn: &&ControlArn| matches!(model.levers.get(arn, model.now), Lever::Agreed(_));
    let unknown: Vec<_> = controls.filter(|arn| !agreed(arn)).collect();
    let disputed = |arn: &&&ControlArn| matches!(model.levers.get(arn, model.now), Lever::Disagreed { .. });
    match unknown.iter().find(disputed) {
        Some(arn) => {
            let shown = model.levers.endpoints.iter();
            let shown = shown.filter_map(|(region, view)| Some((region, *view.control(arn)?.get(model.now)?)));
            let name = model.estate.control(arn).map_or(arn.as_str(), |c| c.name.as_str());
            Unknown { why: words::disputed_control(name, shown), endpoints: Vec::new(), exit: Exit::Refused }
        }
        None if model.endpoints_up() == 0 => Unknown {
            // Nobody is blamed who was not asked.
            why: match (model.signed_out(), model.endpoints_throttled()) {
                (Some(signed_out), _) => signed_out,
                (None, 0) => "the states of the controls are not known: no cluster endpoint answers".into(),
                (None, n) => {
                    let said = words::throttled_endpoints(n, model.estate.cluster.endpoints.len());
                    format!("the states of the controls are not known: {said}")
                }
            },
            endpoints: endpoint_lines(model),
            exit: Exit::Unreachable,
        },
        None => {
            let name = |arn: &ControlArn| model.estate.control(arn).map_or_else(|| arn.to_string(), |c| c.name.clone());
            let missing: Vec<_> = unknown.iter().map(|arn| name(arn)).collect();
            let why = format!("no cluster endpoint that answers shows {}: check the ARNs", words::list(&missing));
            Unknown { why, endpoints: endpoint_lines(model), exit: Exit::Refused }
        }
    }
}
