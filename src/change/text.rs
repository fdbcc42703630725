//! The canonical text of a change: what is shown is what is signed.
//!
//! One `name: value` a line, in a fixed order, every value on one line and free of control characters, so
//! that the bytes that are signed can be read with `cat`. Whatever is parsed is written again and must come
//! out the same byte for byte: there is no second spelling of the same change, and no way to hide a line.

use serde::{Deserialize, Serialize};

use super::{Digest, Nonce};
use crate::estate::{ClusterArn, ControlArn, ControlState, PairName, PersonName, Region, RuleArn};
use crate::time::Timestamp;

const TITLE: &str = "signalbox change, version 1";

/// A proposed change: everything an approval is bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeText {
    /// The estate's name.
    pub estate: String,
    /// The ARC cluster.
    pub cluster: ClusterArn,
    /// The region pair.
    pub pair: PairName,
    /// What it is, in words.
    pub title: String,
    /// The region that receives the traffic.
    pub receiving: Region,
    /// The controls, in the order in which they are sent.
    pub flips: Vec<Flip>,
    /// Safety rules that are overridden.
    pub overrides: Vec<Override>,
    /// Preflight checks that fail and are overridden.
    pub despite: Option<Despite>,
    /// What may be lost, in words, as the requester saw it.
    pub loss: String,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub by: PersonName,
    /// When it was asked.
    pub at: Timestamp,
    /// Until when it may be approved, by the wall clock; the monotonic clock decides.
    pub until: Timestamp,
    /// What makes it unlike every other change.
    pub nonce: Nonce,
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

/// Checks that fail, and why the change is asked for in spite of them.
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
    /// A line is not what stands there in a canonical text.
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
    /// It reads as a change, but is not spelt as one.
    #[error("not in canonical form: the text and what it means differ in spelling")]
    NotCanonical,
}

impl ChangeText {
    /// The canonical text. Ends with a newline.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut lines = vec![
            TITLE.to_owned(),
            format!("estate: {}", one_line(&self.estate)),
            format!("cluster: {}", one_line(self.cluster.as_str())),
            format!("pair: {}", one_line(self.pair.as_str())),
            format!("change: {}", one_line(&self.title)),
            format!("traffic goes to: {}", one_line(self.receiving.as_str())),
        ];
        for f in &self.flips {
            lines.push(format!("control: {} {}->{} {}", one_line(f.arn.as_str()), f.from, f.to, one_line(&f.name)));
        }
        for o in &self.overrides {
            lines.push(format!("override safety rule: {} {}", one_line(o.arn.as_str()), one_line(&o.name)));
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
        let cluster = ClusterArn::new(lines.field("cluster: ")?);
        let pair = PairName::new(lines.field("pair: ")?);
        let title = lines.field("change: ")?.to_owned();
        let receiving = Region::new(lines.field("traffic goes to: ")?);
        let mut flips = Vec::new();
        while let Some(line) = lines.try_field("control: ") {
            flips.push(flip(line).ok_or(TextError::Line { line: lines.at, expected: "control: ARN FROM->TO NAME" })?);
        }
        let mut overrides = Vec::new();
        while let Some(line) = lines.try_field("override safety rule: ") {
            let (arn, name) = line
                .split_once(' ')
                .ok_or(TextError::Line { line: lines.at, expected: "override safety rule: ARN NAME" })?;
            overrides.push(Override { arn: RuleArn::new(arn), name: name.to_owned() });
        }
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
            cluster,
            pair,
            title,
            receiving,
            flips,
            overrides,
            despite,
            loss: lines.field("data loss: ")?.to_owned(),
            reason: lines.field("reason: ")?.to_owned(),
            by: PersonName::new(lines.field("asked by: ")?),
            at: lines.time("asked at: ")?,
            until: lines.time("approve until: ")?,
            nonce: lines.nonce()?,
        };
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

/// A value that cannot leave its line: what a person could not see becomes a visible mark.
fn one_line(value: &str) -> String {
    crate::hygiene::visible(value).into_owned()
}

struct Lines<'a> {
    lines: std::iter::Peekable<std::str::Split<'a, char>>,
    at: usize,
}

impl<'a> Lines<'a> {
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

    fn nonce(&mut self) -> Result<Nonce, TextError> {
        let value = self.field("nonce: ")?;
        u128::from_str_radix(value, 16).map(Nonce).map_err(|_| TextError::Line { line: self.at, expected: "nonce: " })
    }
}
