//! Why no incident's clock runs, in words: beside a sentence that may be red, "no incident" alone is no answer.

use super::Length;
use crate::estate::Region;

/// Why no incident of a pair runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoClock {
    /// Nothing fails.
    Calm,
    /// One critical thing fails, and people feel it; it is an incident from a moment on, if it lasts.
    Felt {
        /// The region that has the traffic.
        region: Region,
        /// When the clock begins: `00:34:04`.
        begins: String,
    },
    /// One critical thing fails, but people do not feel it.
    Unfelt {
        /// The region that has the traffic.
        region: Region,
    },
    /// What fails where traffic is, is not critical.
    Minor {
        /// The region that has the traffic.
        region: Region,
    },
    /// An application answers now, and failed a moment ago.
    Shaky {
        /// The region that has the traffic.
        region: Region,
    },
    /// What fails is in the region without traffic.
    NoTraffic {
        /// That region.
        region: Region,
    },
    /// Only replication fails.
    Replication,
    /// Something fails, and nobody can tell where traffic is.
    TrafficUnknown,
    /// Controls are not as they should be, and no region fails.
    Controls,
    /// No cluster endpoint answers, and no region fails.
    Endpoints,
    /// It begins as soon as the journal has it.
    Begins,
}

/// For the title of the timeline: at 45 columns, at 80, and where there is a whole line.
#[must_use]
pub fn no_clock(why: &NoClock, length: Length) -> String {
    let (short, line, whole): (String, String, String) = match why {
        NoClock::Calm => {
            let words = "no incident: steps begin with a failure or a proposal";
            ("no incident".into(), words.into(), words.into())
        }
        NoClock::Felt { region, begins } => (
            format!("clock from {begins}Z"),
            format!("no clock yet: an incident at {begins}Z, if this lasts"),
            format!(
                "no clock yet: if this lasts, {region} is impaired at {begins}Z and an incident begins; at once if \
                 another critical thing fails"
            ),
        ),
        NoClock::Unfelt { region } => (
            "no clock: 1 failure".into(),
            "no clock: one failure that users do not feel".into(),
            format!(
                "no clock: one critical thing fails in {region}, and users do not feel it; a second one begins an \
                 incident"
            ),
        ),
        NoClock::Minor { region } => (
            "no clock: minor".into(),
            "no clock: nothing critical fails there".into(),
            format!("no clock: what fails in {region} is not critical, and begins no incident by itself"),
        ),
        NoClock::Shaky { region } => (
            "no clock: it answers".into(),
            "no clock: it answers now; begins if it fails again".into(),
            format!("no clock: {region} answers now; if it fails again and that lasts a minute, an incident begins"),
        ),
        NoClock::NoTraffic { region } => (
            "no clock: idle region".into(),
            format!("no clock: {region} has no traffic"),
            format!("no clock: {region}, where something fails, has no traffic"),
        ),
        NoClock::Replication => (
            "no clock: lag only".into(),
            "no clock: only replication fails".into(),
            "no clock: only replication fails, and that begins no incident by itself".into(),
        ),
        NoClock::TrafficUnknown => (
            "no clock: traffic ?".into(),
            "no clock: where traffic is is not known".into(),
            "no clock: something fails, and whether that region has traffic is not known".into(),
        ),
        NoClock::Controls => (
            "no clock: controls".into(),
            "no clock: the controls are wrong, no region fails".into(),
            "no clock: the controls are not as they should be, but no region fails: begin an incident by hand".into(),
        ),
        NoClock::Endpoints => (
            "no clock: only ARC".into(),
            "no clock: only ARC is silent, no region fails".into(),
            "no clock: ARC's endpoints are silent, but no region fails: begin an incident by hand".into(),
        ),
        NoClock::Begins => {
            let words = "the incident is being written into the journal";
            ("incident begins".into(), words.into(), words.into())
        }
    };
    match length {
        Length::Short => short,
        Length::Line => line,
        Length::Whole => whole,
    }
}
