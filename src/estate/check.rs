//! Reading the file and checking what serde cannot: names that point at nothing, doubles, malformed ARNs.
//!
//! Every fault is found, not only the first, and each says where it is and what would be right.

use std::collections::BTreeSet;
use std::fmt::{self, Display};

use toml::de::{DeTable, DeValue};

use super::{Estate, RuleKind};

/// One thing wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file's name as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

/// Everything wrong with a file, in the file's order; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

pub(super) fn parse(text: &str, file: &str) -> Result<Estate, Faults> {
    let estate: Estate = toml::from_str(text).map_err(|e| {
        let (line, column) = position(text, e.span().map_or(0, |s| s.start));
        let message = e.message().replace('\n', "; ");
        Faults(vec![Fault { file: file.to_owned(), line, column, message }])
    })?;
    let tree = DeTable::parse(text).ok();
    let mut check = Check { text, file, tree: tree.as_ref().map(toml::Spanned::get_ref), faults: Vec::new() };
    check.estate(&estate);
    if check.faults.is_empty() {
        Ok(estate)
    } else {
        check.faults.sort_by_key(|f| (f.line, f.column));
        Err(Faults(check.faults))
    }
}

struct Check<'a> {
    text: &'a str,
    file: &'a str,
    tree: Option<&'a DeTable<'a>>,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn fault(&mut self, path: &str, message: String) {
        let offset = self.tree.and_then(|t| locate(t, path)).unwrap_or(0);
        let (line, column) = position(self.text, offset);
        self.faults.push(Fault { file: self.file.to_owned(), line, column, message });
    }

    fn known<'n>(&mut self, path: &str, what: &str, found: &str, names: impl Iterator<Item = &'n str>) {
        let names: Vec<&str> = names.collect();
        if !names.contains(&found) {
            self.fault(path, format!("no {what} is called `{found}`{}", nearest(found, &names)));
        }
    }

    fn unique<'n>(&mut self, list: &str, field: &str, what: &str, names: impl Iterator<Item = &'n str>) {
        let mut seen = BTreeSet::new();
        for (i, name) in names.enumerate() {
            if name.is_empty() {
                self.fault(&format!("{list}.{i}.{field}"), format!("a {what} needs a name"));
            } else if !seen.insert(name) {
                self.fault(&format!("{list}.{i}.{field}"), format!("a second {what} is called `{name}`"));
            }
        }
    }

    fn estate(&mut self, e: &Estate) {
        if e.account.len() != 12 || !e.account.bytes().all(|b| b.is_ascii_digit()) {
            self.fault("account", format!("an AWS account number has twelve digits, `{}` has not", e.account));
        }
        if e.cluster.endpoints.is_empty() {
            self.fault("cluster", "the cluster has no endpoints: an incident cannot look them up".into());
        }
        if e.policy.approvals == 0 || e.policy.approvals_for_overrides == 0 {
            self.fault("policy", "a change needs at least one approval: that is what the console is for".into());
        }
        self.unique("regions", "name", "region", e.regions.iter().map(|r| r.name.as_str()));
        self.unique("pairs", "name", "pair", e.pairs.iter().map(|p| p.name.as_str()));
        self.unique("systems", "id", "system", e.systems.iter().map(|s| s.id.as_str()));
        self.unique("people", "name", "person", e.people.iter().map(|p| p.name.as_str()));
        self.unique("resolvers", "name", "resolver", e.resolvers.iter().map(|r| r.name.as_str()));
        self.unique("health_checks", "id", "health check", e.health_checks.iter().map(|h| h.id.as_str()));
        let regions = || e.regions.iter().map(|r| r.name.as_str());
        let pairs = || e.pairs.iter().map(|p| p.name.as_str());
        for (i, p) in e.pairs.iter().enumerate() {
            self.known(&format!("pairs.{i}.active"), "region", p.active.as_str(), regions());
            self.known(&format!("pairs.{i}.standby"), "region", p.standby.as_str(), regions());
            if p.active == p.standby {
                self.fault(
                    &format!("pairs.{i}.standby"),
                    format!("`{}` is both the active and the standby region", p.active),
                );
            }
        }
        let mut arns = BTreeSet::new();
        for (i, s) in e.services.iter().enumerate() {
            self.known(&format!("services.{i}.pair"), "pair", s.pair.as_str(), pairs());
            for (j, c) in s.controls.iter().enumerate() {
                let path = format!("services.{i}.controls.{j}");
                match &c.region {
                    Some(r) => self.known(&format!("{path}.region"), "region", r.as_str(), regions()),
                    None => self.fault(&path, format!("control `{}` of a service names no region", c.name)),
                }
                self.control_arn(&format!("{path}.arn"), c.arn.as_str());
                if !arns.insert(c.arn.as_str()) {
                    self.fault(&format!("{path}.arn"), format!("a second control has the ARN `{}`", c.arn));
                }
            }
            for (j, p) in s.probes.iter().enumerate() {
                self.known(&format!("services.{i}.probes.{j}.region"), "region", p.region.as_str(), regions());
            }
        }
        for (i, c) in e.gates.iter().enumerate() {
            self.control_arn(&format!("gates.{i}.arn"), c.arn.as_str());
            arns.insert(c.arn.as_str());
        }
        for (i, r) in e.safety_rules.iter().enumerate() {
            let lists: Vec<(&str, &Vec<_>)> = match &r.kind {
                RuleKind::Assertion { controls } => vec![("controls", controls)],
                RuleKind::Gating { gating, target } => vec![("gating", gating), ("target", target)],
            };
            for (field, list) in lists {
                for (j, arn) in list.iter().enumerate() {
                    let path = format!("safety_rules.{i}.{field}.{j}");
                    self.known(&path, "routing control", arn.as_str(), arns.iter().copied());
                }
            }
        }
        for (i, h) in e.health_checks.iter().enumerate() {
            self.known(
                &format!("health_checks.{i}.service"),
                "service",
                h.service.as_str(),
                e.services.iter().map(|s| s.name.as_str()),
            );
            self.known(&format!("health_checks.{i}.region"), "region", h.region.as_str(), regions());
        }
        for (i, s) in e.systems.iter().enumerate() {
            self.known(&format!("systems.{i}.pair"), "pair", s.pair.as_str(), pairs());
            self.unique(&format!("systems.{i}.readings"), "id", "reading", s.readings.iter().map(|r| r.id.as_str()));
        }
        for (i, p) in e.people.iter().enumerate() {
            for (j, key) in p.keys.iter().enumerate() {
                if let Err(why) = ssh_key::PublicKey::from_openssh(key) {
                    self.fault(
                        &format!("people.{i}.keys.{j}"),
                        format!("not an OpenSSH public key ({why}); paste a line of ~/.ssh/id_ed25519.pub"),
                    );
                }
            }
        }
    }

    fn control_arn(&mut self, path: &str, arn: &str) {
        let shape = arn
            .strip_prefix("arn:aws:route53-recovery-control::")
            .is_some_and(|rest| rest.contains(":controlpanel/") && rest.contains("/routingcontrol/"));
        if !shape {
            self.fault(path, format!("`{arn}` is no routing control ARN (arn:aws:route53-recovery-control::ACCOUNT:controlpanel/ID/routingcontrol/ID)"));
        }
    }
}

/// `; did you mean …?` with the nearest of `names`, if one is near.
fn nearest(found: &str, names: &[&str]) -> String {
    names
        .iter()
        .map(|n| (strsim::damerau_levenshtein(found, n), n))
        .filter(|(d, n)| *d <= n.len().max(found.len()) / 2)
        .min()
        .map_or_else(String::new, |(_, n)| format!("; did you mean `{n}`?"))
}

/// The byte offset of the value at a dotted path, or of the last part of it that is in the file.
fn locate(table: &DeTable<'_>, path: &str) -> Option<usize> {
    let mut parts = path.split('.');
    let mut value = table.get(parts.next()?)?;
    let mut at = value.span().start;
    for part in parts {
        let next = match value.get_ref() {
            DeValue::Table(t) => t.get(part),
            DeValue::Array(a) => part.parse::<usize>().ok().and_then(|i| a.get(i)),
            _ => None,
        };
        let Some(next) = next else { break };
        value = next;
        at = value.span().start;
    }
    Some(at)
}

/// Line and column, both from 1, of a byte offset.
fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset.min(text.len())).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |l| l.chars().count()) + 1;
    (line, column)
}
