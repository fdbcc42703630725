//! Which AWS account a thing is in, and how this console gets there.
//!
//! An estate of one account says `account = "…"` and nothing of all this. Where there are several, each is named in
//! `[[accounts]]`, and the cluster, Route 53, a pair, a side of one, a service or a system says `account = "…"`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::{AccountName, Estate, HealthCheck, Pair, PerSide, Place, Reading, Region, Side, Source, System};

/// An AWS account, and the roles that this console takes in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// What the rest of the file calls it: `network`.
    pub name: AccountName,
    /// Its number, twelve digits.
    #[schemars(regex(pattern = r"^[0-9]{12}$"))]
    pub id: String,
    /// How this console looks into it. Left out: with what it signs in itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Entry>,
    /// The role that a change is carried out with, from its proposal to its end. Left out: what looks acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<RoleEntry>,
}

/// A way into an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Entry {
    /// A role that is taken.
    Role(RoleEntry),
    /// A profile of this machine's AWS settings.
    Profile(ProfileEntry),
}

/// A profile of `~/.aws/config`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileEntry {
    /// Its name.
    pub profile: String,
}

/// A role, as STS `AssumeRole` is asked for it. A session lasts an hour: a role that is taken with another role's
/// session cannot have a longer one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleEntry {
    /// Its ARN.
    pub role: String,
    /// What its trust policy asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// What CloudTrail calls the sessions of a role to look. A role to act gets the change's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_name: Option<String>,
    /// The account whose role to look takes this one. Left out: whoever signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<AccountName>,
}

impl Account {
    /// The role that looks into it, where a role does.
    #[must_use]
    pub fn role_to_look(&self) -> Option<&RoleEntry> {
        match &self.look {
            Some(Entry::Role(role)) => Some(role),
            Some(Entry::Profile(_)) | None => None,
        }
    }
}

impl RoleEntry {
    /// Its name, without the rest of its ARN.
    #[must_use]
    pub fn short(&self) -> &str {
        self.role.rsplit('/').next().unwrap_or(&self.role)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        /// All fields of either, so that a misspelt one is named.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            role: Option<String>,
            profile: Option<String>,
            external_id: Option<String>,
            session_name: Option<String>,
            from: Option<AccountName>,
        }
        let Written { role, profile, external_id, session_name, from } = Written::deserialize(from)?;
        match (role, profile) {
            (Some(role), None) => Ok(Entry::Role(RoleEntry { role, external_id, session_name, from })),
            (None, Some(profile)) if external_id.is_none() && session_name.is_none() && from.is_none() => {
                Ok(Entry::Profile(ProfileEntry { profile }))
            }
            (None, Some(_)) => Err(serde::de::Error::custom(
                "a profile says itself which role it takes: write `external_id`, `session_name` and `from` with a `role`",
            )),
            _ => Err(serde::de::Error::custom(
                "write `role = \"arn:aws:iam::…:role/…\"` or `profile = \"…\"`, one of them",
            )),
        }
    }
}

/// Where Route 53's hosted zones and health checks are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Route53 {
    /// The account of the hosted zones, and of health checks whose service names no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountName>,
}

impl Route53 {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A region of an account: what a service's API is asked in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct Site {
    /// The region.
    pub region: Region,
    /// The account; none where it is that of whoever signs in.
    pub account: Option<AccountName>,
}

impl Site {
    /// A region of an account.
    #[must_use]
    pub fn new(region: &Region, account: Option<AccountName>) -> Self {
        Self { region: region.clone(), account }
    }
}

/// A region of the account of whoever signs in.
impl From<Region> for Site {
    fn from(region: Region) -> Self {
        Self { region, account: None }
    }
}

/// As it is written: `us-east-1`, or `us-east-1 of network`.
impl From<&str> for Site {
    fn from(text: &str) -> Self {
        match text.split_once(" of ") {
            Some((region, account)) => Self { region: region.into(), account: Some(account.into()) },
            None => Self { region: text.into(), account: None },
        }
    }
}

impl From<String> for Site {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Site> for String {
    fn from(site: Site) -> Self {
        match &site.account {
            Some(account) => format!("{} of {account}", site.region),
            None => site.region.to_string(),
        }
    }
}

impl std::fmt::Display for Site {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.account {
            Some(account) => f.pad(&format!("{} (account {account})", self.region)),
            None => f.pad(self.region.as_str()),
        }
    }
}

fn named(account: Option<&PerSide>, side: Side) -> Option<AccountName> {
    account.map(|a| AccountName::from(a.on(side)))
}

impl Pair {
    /// The account of a side; none where it is that of whoever signs in.
    #[must_use]
    pub fn account(&self, side: Side) -> Option<AccountName> {
        named(self.account.as_ref(), side)
    }

    /// A side's region in its account.
    #[must_use]
    pub fn site(&self, side: Side) -> Site {
        Site { region: self.region(side).clone(), account: self.account(side) }
    }
}

impl System {
    /// The account of a side of it: its own, else the pair's.
    #[must_use]
    pub fn account(&self, pair: &Pair, side: Side) -> Option<AccountName> {
        named(self.account.as_ref(), side).or_else(|| pair.account(side))
    }

    /// Where one of its readings is measured: the region whose service has it, and the account that it is in.
    #[must_use]
    pub fn measured(&self, reading: &Reading, place: Place, pair: &Pair) -> Site {
        Site { region: reading.read_in(place, pair).clone(), account: self.account(pair, place.side()) }
    }
}

impl Estate {
    /// The account called `name`.
    #[must_use]
    pub fn account_of(&self, name: &AccountName) -> Option<&Account> {
        self.accounts.iter().find(|a| &a.name == name)
    }

    /// The number of an account; that of whoever signs in where none is named.
    #[must_use]
    pub fn account_id(&self, name: Option<&AccountName>) -> &str {
        name.and_then(|name| self.account_of(name)).map_or(&self.account, |a| &a.id)
    }

    /// Whom one of a system's readings is asked of: the monitoring account, if there is one, for figures of CloudWatch,
    /// else the account that it is in. Alarms are always asked for where they are.
    #[must_use]
    pub fn asked(&self, system: &System, reading: &Reading, place: Place, pair: &Pair) -> Site {
        let measured = system.measured(reading, place, pair);
        match (&reading.source, &self.monitoring) {
            (Source::Cloudwatch { .. }, Some(monitoring)) => Site { account: Some(monitoring.clone()), ..measured },
            _ => measured,
        }
    }

    /// The account of a health check: its service's, else that of Route 53.
    #[must_use]
    pub fn account_of_check(&self, check: &HealthCheck) -> Option<AccountName> {
        let service = self.services.iter().find(|s| s.name == check.service);
        service.and_then(|s| s.account.clone()).or_else(|| self.route53.account.clone())
    }

    /// Whose DRS is asked for a region, and launches there: an estate has one for each.
    #[must_use]
    pub fn drs_site(&self, region: &Region) -> Site {
        let site = self.pairs.iter().find_map(|p| Some(p.site(p.side(region)?)));
        site.unwrap_or_else(|| Site::from(region.clone()))
    }

    /// The accounts whose way in to look acts, or takes what acts: it decides with what a change is carried out.
    #[must_use]
    pub fn looks_that_act(&self) -> BTreeSet<AccountName> {
        let pairs = self.pairs.iter().flat_map(|p| Side::BOTH.map(|side| p.account(side)));
        let acted_in: BTreeSet<AccountName> = pairs.chain([self.cluster.account.clone()]).flatten().collect();
        let mut found = BTreeSet::new();
        for account in self.accounts.iter().filter(|a| acted_in.contains(&a.name)) {
            let mut next = match &account.act {
                Some(role) => role.from.clone(),
                None => Some(account.name.clone()),
            };
            while let Some(name) = next.take().filter(|name| !found.contains(name)) {
                let before = self.account_of(&name).and_then(|a| a.role_to_look()?.from.clone());
                found.insert(name);
                next = before;
            }
        }
        found
    }

    /// Every account that can be asked, each once: that of whoever signs in first, as none if the file does not name it.
    #[must_use]
    pub fn walk(&self) -> Vec<Option<AccountName>> {
        let unnamed = self.accounts.iter().all(|a| a.id != self.account).then_some(None);
        unnamed.into_iter().chain(self.accounts.iter().map(|a| Some(a.name.clone()))).collect()
    }

    /// Every account that something of the estate is in; none stands for that of whoever signs in.
    #[must_use]
    pub fn accounts_used(&self) -> BTreeSet<Option<AccountName>> {
        let pairs = self.pairs.iter().flat_map(|p| Side::BOTH.map(|side| p.account(side)));
        let systems = self.systems.iter().filter_map(|s| Some((s, self.pair(&s.pair)?)));
        let systems = systems.flat_map(|(s, pair)| Side::BOTH.map(|side| s.account(pair, side)));
        let checks = self.health_checks.iter().map(|c| self.account_of_check(c));
        let one = [self.cluster.account.clone(), self.route53.account.clone()];
        let all = pairs.chain(systems).chain(checks).chain(one);
        all.chain(self.monitoring.clone().map(Some)).collect()
    }
}
