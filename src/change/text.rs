//! The canonical text of a change: what is shown is what is signed.
//!
//! One `name: value` a line, in a fixed order. Every value is on one line and free of control characters, so `cat`
//! shows exactly the bytes that are signed. A parsed text is written out again and must match byte for byte: there is
//! no second spelling of the same change, and no way to hide a line.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Anchor, Digest, Draft, Launch, LaunchServer, Nonce, Point};
use crate::estate::{
    ChangeKind, ClusterArn, ControlArn, ControlState, Estate, PairName, PersonName, Region, RuleArn, Side,
};
use crate::hygiene::one_line;
use crate::time::{Span, Timestamp};

const TITLE: &str = "signalbox change, version 2";
const TRAFFIC: &str = "traffic goes to: ";
const GATES: &str = "no traffic moves in: ";
const DRILL: &str = "drill launch in: ";
const RECOVERY: &str = "recovery in: ";
const POINT: &str = "as of: ";
const SERVER: &str = "server: ";
const SNAPSHOT: &str = "from snapshot: ";

/// A proposed change: everything an approval is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeText {
    /// The estate's name.
    pub estate: String,
    /// SHA-256 of what decides in the estate: people, policy, controls, rules, limits ([`super::Binding`]).
    pub binding: Digest,
    /// The ARC cluster.
    pub cluster: ClusterArn,
    /// The region pair.
    pub pair: PairName,
    /// What it is, in words.
    pub title: String,
    /// The region that receives the traffic, or in which servers are launched.
    pub receiving: Region,
    /// What is done.
    pub work: Work,
    /// Preflight checks that fail and are overridden.
    pub despite: Option<Despite>,
    /// What may be lost, in words, as the requester saw it.
    pub loss: String,
    /// Why.
    pub reason: String,
    /// The requester.
    pub by: PersonName,
    /// When it was asked.
    pub at: Timestamp,
    /// Until when it may be approved, by the wall clock; the boot clock's window of the same length holds as well.
    pub until: Timestamp,
    /// The journal that it was proposed in, and its last line then.
    pub anchor: Anchor,
    /// What makes it unlike every other change.
    pub nonce: Nonce,
}

/// What a change does. It does one thing only, so the approver need not look for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    /// Routing controls get other states (`UpdateRoutingControlStates`).
    Controls {
        /// Whether any of them steers traffic. Gating controls alone move none: they only let others move.
        steers: bool,
        /// The controls, in the order in which they are sent.
        flips: Vec<Flip>,
        /// Safety rules that are overridden.
        overrides: Vec<Override>,
    },
    /// DRS launches recovery instances (`StartRecovery`).
    Launch(Launch),
}

impl Work {
    /// What the region that a change names is to it, in words that the region follows.
    #[must_use]
    pub fn region_is(&self) -> &'static str {
        match self {
            Work::Controls { steers: true, .. } => "traffic goes to",
            Work::Controls { steers: false, .. } => "no traffic moves in",
            Work::Launch(_) => "launched in",
        }
    }

    /// The region that the second key is the name of, in words.
    #[must_use]
    pub fn second_key_names(&self) -> &'static str {
        match self {
            Work::Controls { steers: true, .. } => "the region that will receive the traffic",
            Work::Controls { steers: false, .. } => "the change's region (no traffic moves)",
            Work::Launch(_) => "the region where the servers are launched",
        }
    }
}

/// One control's part of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flip {
    /// The control.
    pub arn: ControlArn,
    /// Its name in ARC.
    pub name: String,
    /// The state it must be in when the change runs.
    pub from: ControlState,
    /// The state it gets.
    pub to: ControlState,
}

/// A safety rule that is overridden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// The rule.
    pub arn: RuleArn,
    /// Its name.
    pub name: String,
}

/// Checks that fail, and why the change goes on despite them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Despite {
    /// The checks in words, with their figures; never empty.
    pub checks: Vec<String>,
    /// Why.
    pub reason: String,
}

/// Why a text is no canonical change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// A line differs from the canonical text's.
    #[error("line {line}: expected `{expected}`")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What stands there.
        expected: &'static str,
    },
    /// It holds something that a person could not see.
    #[error("line {line}: the invisible character U+{character:04X} has no place in a change")]
    Invisible {
        /// The line, from 1.
        line: usize,
        /// The code point.
        character: u32,
    },
    /// It is longer than any console writes it.
    #[error("{0}")]
    Excess(String),
    /// It reads as a change, but is not spelt as one.
    #[error("not in canonical form: the text and what it means differ in spelling")]
    NotCanonical,
}

impl ChangeText {
    /// How the line begins that names the estate it is bound to.
    pub(crate) const BINDING: &str = "estate sha256: ";

    /// The controls that it moves; none for a launch.
    #[must_use]
    pub fn flips(&self) -> &[Flip] {
        match &self.work {
            Work::Controls { flips, .. } => flips,
            Work::Launch(_) => &[],
        }
    }

    /// The safety rules that it overrides.
    #[must_use]
    pub fn overrides(&self) -> &[Override] {
        match &self.work {
            Work::Controls { overrides, .. } => overrides,
            Work::Launch(_) => &[],
        }
    }

    /// Whether traffic moves by it.
    #[must_use]
    pub fn moves_traffic(&self) -> bool {
        matches!(self.work, Work::Controls { steers: true, .. })
    }

    /// The servers that it launches; none for routing controls.
    #[must_use]
    pub fn launch(&self) -> Option<&Launch> {
        match &self.work {
            Work::Controls { .. } => None,
            Work::Launch(launch) => Some(launch),
        }
    }

    /// What it does, in words, as its title says it.
    #[must_use]
    pub fn own_title(&self) -> String {
        match &self.work {
            Work::Controls { flips, .. } => {
                let sets: Vec<String> = flips.iter().map(|f| format!("{} {}", f.name, f.to)).collect();
                format!("set {}", sets.join(", "))
            }
            Work::Launch(launch) => launch.title(&self.receiving),
        }
    }

    /// The titles that it may have in an estate, so that nobody is misled by the title alone. Where traffic goes is checked
    /// against the controls elsewhere.
    pub(super) fn titles(&self, estate: &Estate) -> Vec<String> {
        let whole = || Draft::towards(estate, &self.pair, &self.receiving).ok();
        let moved = whole().filter(|_| self.moves_traffic()).filter(|draft| {
            self.flips().iter().all(|f| draft.to().iter().any(|(arn, to)| *arn == f.arn && *to == f.to))
        });
        let titles = std::iter::once(self.own_title()).chain(moved.map(|draft| draft.title));
        titles.map(|title| one_line(&title).into_owned()).collect()
    }

    /// How long it may wait for its approvals, as it was signed.
    #[must_use]
    pub fn window(&self) -> Span {
        self.until.duration_since(self.at)
    }

    /// What kinds of change it is, as the policy's rules name them.
    #[must_use]
    pub fn kinds(&self, estate: &Estate) -> BTreeSet<ChangeKind> {
        let flips = match &self.work {
            Work::Launch(launch) if launch.drill => return BTreeSet::from([ChangeKind::DrillLaunch]),
            Work::Launch(_) => return BTreeSet::from([ChangeKind::Launch]),
            Work::Controls { flips, .. } => flips,
        };
        // Judged by what the controls do, not by what the text calls it.
        let steers = |arn: &ControlArn| estate.service_of_control(arn).is_some();
        let mut kinds = BTreeSet::new();
        for flip in flips {
            let Some(service) = estate.service_of_control(&flip.arn) else { continue };
            let region = estate.control(&flip.arn).and_then(|c| c.region.as_ref());
            let side = region.and_then(|r| estate.pair(&service.pair)?.side(r));
            let towards = match flip.to {
                ControlState::On => side,
                ControlState::Off => side.map(Side::other),
            };
            let failback = towards == Some(Side::Active);
            kinds.insert(if failback { ChangeKind::Failback } else { ChangeKind::Failover });
            let moved = |arn: &ControlArn| flips.iter().any(|f| f.arn == *arn);
            if !estate.services_of(&service.pair).flat_map(|s| s.controls.iter()).all(|c| moved(&c.arn)) {
                kinds.insert(ChangeKind::Control);
            }
        }
        if flips.iter().any(|f| !steers(&f.arn)) {
            kinds.insert(ChangeKind::Arming);
        }
        if !self.overrides().is_empty() {
            kinds.insert(ChangeKind::Override);
        }
        kinds
    }

    /// The canonical text. Ends with a newline.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut lines = vec![
            TITLE.to_owned(),
            format!("estate: {}", one_line(&self.estate)),
            format!("{}{}", Self::BINDING, self.binding),
            format!("cluster: {}", one_line(self.cluster.as_str())),
            format!("pair: {}", one_line(self.pair.as_str())),
            format!("change: {}", one_line(&self.title)),
        ];
        match &self.work {
            Work::Controls { steers, flips, overrides } => {
                let field = if *steers { TRAFFIC } else { GATES };
                lines.push(format!("{field}{}", one_line(self.receiving.as_str())));
                for f in flips {
                    let arn = one_line(f.arn.as_str());
                    lines.push(format!("control: {arn} {}->{} {}", f.from, f.to, one_line(&f.name)));
                }
                for o in overrides {
                    lines.push(format!("override safety rule: {} {}", one_line(o.arn.as_str()), one_line(&o.name)));
                }
            }
            Work::Launch(launch) => {
                let field = if launch.drill { DRILL } else { RECOVERY };
                lines.push(format!("{field}{}", one_line(self.receiving.as_str())));
                lines.extend(launch.at.map(|at| format!("{POINT}{at}")));
                for s in &launch.servers {
                    lines.push(format!("{SERVER}{} {}", one_line(&s.id), one_line(&s.name)));
                    lines.extend(s.point.as_ref().map(|p| format!("{SNAPSHOT}{} {}", one_line(&p.id), p.taken)));
                }
            }
        }
        if let Some(despite) = &self.despite {
            lines.extend(despite.checks.iter().map(|c| format!("failing check: {}", one_line(c))));
            lines.push(format!("despite that because: {}", one_line(&despite.reason)));
        }
        lines.extend([
            format!("data loss: {}", one_line(&self.loss)),
            format!("reason: {}", one_line(&self.reason)),
            format!("asked by: {}", one_line(self.by.as_str())),
            format!("asked at: {}", self.at),
            format!("approve until: {}", self.until),
            format!("journal: {}", self.anchor),
            format!("nonce: {}", self.nonce),
        ]);
        lines.push(String::new());
        lines.join("\n")
    }

    /// SHA-256 of the canonical text.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(&self.canonical())
    }

    /// Reads a canonical text; anything that is not exactly one is refused.
    ///
    /// # Errors
    /// The first line that is not what it must be.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        for (i, line) in text.split('\n').enumerate() {
            if let Some(c) = line.chars().find(|c| crate::hygiene::is_hidden(*c)) {
                return Err(TextError::Invisible { line: i + 1, character: c.into() });
            }
        }
        let mut lines = Lines { lines: text.split('\n').peekable(), at: 0 };
        lines.exact(TITLE)?;
        let estate = lines.field("estate: ")?.to_owned();
        let binding = lines.digest(Self::BINDING)?;
        let cluster = ClusterArn::new(lines.field("cluster: ")?);
        let pair = PairName::new(lines.field("pair: ")?);
        let title = lines.field("change: ")?.to_owned();
        let (receiving, work) = if let Some(region) = lines.try_field(DRILL) {
            (region, lines.launch(true)?)
        } else if let Some(region) = lines.try_field(RECOVERY) {
            (region, lines.launch(false)?)
        } else if let Some(region) = lines.try_field(GATES) {
            (region, lines.controls(false)?)
        } else {
            (lines.field(TRAFFIC)?, lines.controls(true)?)
        };
        let receiving = Region::new(receiving);
        let mut checks = Vec::new();
        while let Some(check) = lines.try_field("failing check: ") {
            checks.push(check.to_owned());
        }
        let despite = match checks.is_empty() {
            true => None,
            false => Some(Despite { checks, reason: lines.field("despite that because: ")?.to_owned() }),
        };
        let change = Self {
            estate,
            binding,
            cluster,
            pair,
            title,
            receiving,
            work,
            despite,
            loss: lines.field("data loss: ")?.to_owned(),
            reason: lines.field("reason: ")?.to_owned(),
            by: PersonName::new(lines.field("asked by: ")?),
            at: lines.time("asked at: ")?,
            until: lines.time("approve until: ")?,
            anchor: lines.anchor()?,
            nonce: lines.nonce()?,
        };
        if let Some(why) = change.excess() {
            return Err(TextError::Excess(why));
        }
        if change.canonical() == text { Ok(change) } else { Err(TextError::NotCanonical) }
    }
}

fn flip(line: &str) -> Option<Flip> {
    let mut parts = line.splitn(3, ' ');
    let arn = ControlArn::new(parts.next()?);
    let (from, to) = parts.next()?.split_once("->")?;
    let name = parts.next()?.to_owned();
    Some(Flip { arn, name, from: state(from)?, to: state(to)? })
}

fn state(text: &str) -> Option<ControlState> {
    match text {
        "On" => Some(ControlState::On),
        "Off" => Some(ControlState::Off),
        _ => None,
    }
}

struct Lines<'a> {
    lines: std::iter::Peekable<std::str::Split<'a, char>>,
    at: usize,
}

impl<'a> Lines<'a> {
    fn controls(&mut self, steers: bool) -> Result<Work, TextError> {
        let mut flips = Vec::new();
        while let Some(line) = self.try_field("control: ") {
            flips.push(flip(line).ok_or(TextError::Line { line: self.at, expected: "control: ARN FROM->TO NAME" })?);
        }
        let mut overrides = Vec::new();
        while let Some(line) = self.try_field("override safety rule: ") {
            let (arn, name) = line
                .split_once(' ')
                .ok_or(TextError::Line { line: self.at, expected: "override safety rule: ARN NAME" })?;
            overrides.push(Override { arn: RuleArn::new(arn), name: name.to_owned() });
        }
        Ok(Work::Controls { steers, flips, overrides })
    }

    fn launch(&mut self, drill: bool) -> Result<Work, TextError> {
        let at = match self.try_field(POINT) {
            Some(at) => Some(at.parse().map_err(|_| TextError::Line { line: self.at, expected: POINT })?),
            None => None,
        };
        let mut servers = Vec::new();
        while let Some(line) = self.try_field(SERVER) {
            let (id, name) =
                line.split_once(' ').ok_or(TextError::Line { line: self.at, expected: "server: ID NAME" })?;
            let point = match at {
                None => None,
                Some(_) => {
                    let snapshot = self.field(SNAPSHOT)?;
                    let point = snapshot.split_once(' ').and_then(|(id, at)| Point::new(id, at.parse().ok()?));
                    let expected = "from snapshot: pit-ID TIME";
                    Some(point.ok_or(TextError::Line { line: self.at, expected })?)
                }
            };
            servers.push(LaunchServer { id: id.to_owned(), name: name.to_owned(), point });
        }
        Ok(Work::Launch(Launch { drill, servers, at }))
    }

    fn exact(&mut self, expected: &'static str) -> Result<(), TextError> {
        self.at += 1;
        if self.lines.next() == Some(expected) { Ok(()) } else { Err(TextError::Line { line: self.at, expected }) }
    }

    fn try_field(&mut self, name: &str) -> Option<&'a str> {
        let value = self.lines.peek()?.strip_prefix(name)?;
        self.lines.next();
        self.at += 1;
        Some(value)
    }

    fn field(&mut self, name: &'static str) -> Result<&'a str, TextError> {
        self.try_field(name).ok_or(TextError::Line { line: self.at + 1, expected: name })
    }

    fn time(&mut self, name: &'static str) -> Result<Timestamp, TextError> {
        let value = self.field(name)?;
        value.parse().map_err(|_| TextError::Line { line: self.at, expected: name })
    }

    fn digest(&mut self, name: &'static str) -> Result<Digest, TextError> {
        let value = self.field(name)?;
        Digest::from_hex(value).ok_or(TextError::Line { line: self.at, expected: name })
    }

    fn anchor(&mut self) -> Result<Anchor, TextError> {
        let value = self.field("journal: ")?;
        Anchor::parse(value).ok_or(TextError::Line { line: self.at, expected: "journal: ID line N HASH" })
    }

    fn nonce(&mut self) -> Result<Nonce, TextError> {
        let value = self.field("nonce: ")?;
        u128::from_str_radix(value, 16).map(Nonce).map_err(|_| TextError::Line { line: self.at, expected: "nonce: " })
    }
}
