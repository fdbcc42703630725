//! Who owns what goes on: who commands, who approves, and what comes next.

use super::steady::ALONE;
use super::{Length, Unproven, Untold, list, span, unproven};
use crate::estate::{PersonName, Region};
use crate::time::Span;

/// Names that are said; how many more there are is counted.
const MOST: usize = 3;

/// Who owns what goes on with a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owners {
    /// Who began the named incident or drill, else who proposed the change.
    pub commander: Option<PersonName>,
    /// Who has approved the change.
    pub approved: Vec<PersonName>,
    /// Whose approval would count.
    pub approvers: Vec<PersonName>,
    /// Whether every one of them is needed.
    pub all: bool,
    /// What is to be done next.
    pub next: NextAct,
}

/// The next act of what goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NextAct {
    /// Somebody drafts the move to this region.
    Draft(Region),
    /// The region to move to is not ready for the traffic: whether to move all the same must be weighed.
    Weigh(Region),
    /// Somebody looks at this, which alone fails, before they decide on the move to this region.
    Look(String, Region),
    /// An approver approves, in what is left of the window.
    Approve(Option<Span>),
    /// This person turns the second key, in what is left of the window.
    SecondKey(PersonName, Option<Span>),
    /// Nobody can do anything but wait for this.
    Wait(Awaited),
    /// The traffic of a move has not arrived in this region, as far as is proven; waiting can end that.
    Follow(Vec<Unproven>, Region),
    /// That traffic has arrived in this region can be proven by nothing that is watched.
    Prove(Vec<Unproven>, Region),
    /// People are told.
    Tell,
    /// The named incident or drill of this name is ended.
    End(String),
    /// Traffic is in this region, which is not impaired.
    Watch(Region),
    /// No DNS name is watched, and the routing controls are On for this region, which is not impaired.
    WatchControls(Region),
    /// Nobody knows where traffic is, for this reason.
    Find(Untold),
}

/// What nobody can do anything about but wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// ARC's answer to what was sent.
    Arc,
    /// DRS's work.
    Drs,
    /// What the endpoints show that did not take the write.
    Endpoints,
    /// What the controls show, where no endpoint confirmed what was sent.
    Controls,
    /// Route 53's failover records, which switch by their health checks: there is no cluster.
    Checks,
    /// Whether DRS has the job that it did not confirm.
    Job,
}

impl Awaited {
    fn words(self) -> &'static str {
        match self {
            Awaited::Arc => "wait for ARC's answer",
            Awaited::Drs => "wait for DRS",
            Awaited::Endpoints => "wait for the other endpoints",
            Awaited::Checks => "there is no ARC cluster: Route 53 switches when its health checks turn",
            Awaited::Controls => "repeat nothing, wait: the controls are being read",
            Awaited::Job => "repeat nothing, wait: DRS is asked for its job",
        }
    }
}

/// What to do where one critical thing alone fails, and all that people use answers.
#[must_use]
pub fn look_first(what: &str, to: &str) -> String {
    format!("look at {what} first: {ALONE}; a move to {to} is an option")
}

impl Owners {
    /// `alice commands`
    #[must_use]
    pub fn commands(&self) -> String {
        self.commander.as_ref().map_or_else(|| "nobody commands".to_owned(), |who| format!("{who} commands"))
    }

    /// `bob approved`, `bob can approve`; none where the next act says it, and where nobody can.
    #[must_use]
    pub fn approval(&self) -> Option<String> {
        match (&self.next, self.approved.as_slice()) {
            (NextAct::Approve(_), []) => None,
            (_, [_, ..]) => Some(format!("{} approved", list(&self.approved))),
            (NextAct::Draft(_) | NextAct::Weigh(_) | NextAct::Look(..), []) if !self.approvers.is_empty() => {
                Some(format!("{} can approve", self.some()))
            }
            _ => None,
        }
    }

    /// What comes next: `bob approves within 9 min 48 s`.
    #[must_use]
    pub fn next(&self) -> String {
        let within = |left: &Option<Span>| left.map(|left| format!(" within {}", span(left))).unwrap_or_default();
        match &self.next {
            NextAct::Draft(to) => format!("draft the move to {to}"),
            NextAct::Weigh(to) => format!("weigh the move to {to}, which is NOT ready"),
            NextAct::Look(what, to) => look_first(what, to.as_str()),
            NextAct::Approve(_) if self.approvers.is_empty() => "nobody is left who could approve".to_owned(),
            NextAct::Approve(left) => {
                let verb = if self.all && self.approvers.len() > 1 { "approve" } else { "approves" };
                format!("{} {verb}{}", self.some(), within(left))
            }
            NextAct::SecondKey(by, left) => format!("{by} turns the second key{}", within(left)),
            NextAct::Wait(what) => what.words().to_owned(),
            NextAct::Follow(missing, region) => {
                let missing = unproven(missing, region, Length::Line);
                missing.map_or_else(
                    || format!("wait for traffic to arrive in {region}"),
                    |missing| format!("wait: {missing}"),
                )
            }
            NextAct::Prove(missing, region) => {
                let missing = unproven(missing, region, Length::Line).unwrap_or_default();
                format!("find out whether traffic has arrived: {missing}")
            }
            NextAct::Tell => "tell people".to_owned(),
            NextAct::End(name) => format!("end {name}"),
            NextAct::Watch(region) => format!("watch: traffic is in {region}, which is not impaired"),
            NextAct::WatchControls(region) => {
                format!("watch: the routing controls say {region}, which is not impaired")
            }
            NextAct::Find(why) => why.act(),
        }
    }

    /// The approvers: `bob`, `bob or dave`, `dave and erin` where each of them is needed.
    fn some(&self) -> String {
        let mut names: Vec<String> = self.approvers.iter().take(MOST).map(ToString::to_string).collect();
        let more = self.approvers.len().saturating_sub(MOST);
        if more > 0 {
            names.push(if more == 1 { "1 more".to_owned() } else { format!("{more} more") });
        }
        if self.all {
            return list(&names);
        }
        match names.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
            _ => names.concat(),
        }
    }
}
