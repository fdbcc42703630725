//! An estate file from a real account: what ARC, Route 53, DRS, EC2 and CloudWatch report. Reads only.
//!
//! It asks no questions. A comment marks each guess, with what it was guessed from. Anything that could not be read is
//! reported too, never silently missing.

mod controls;
mod known;
mod metrics;
mod names;
mod owned;
mod patience;
mod records;
mod refresh;
mod systems;
mod things;
mod totals;
mod write;

pub use refresh::{Refreshed, refresh};
pub use write::document;

use std::collections::BTreeMap;

use crate::aws::pages::Listed;
use crate::aws::{Sdk, Trouble};
use crate::estate::{
    Account, Cluster, Discover, Endpoints, Estate, PairName, Policy, Poll, Presenter, Readiness, Region, Resolver,
    ResolverName, Route53, Targets,
};
use crate::fault::one_line;
use crate::time::Timestamp;

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The estate as far as it could be made out; without people.
    pub estate: Estate,
    /// What to say of the elements of a list: by the list's name and the element's key.
    pub notes: BTreeMap<(&'static str, String), String>,
    /// What to say of the whole.
    pub remarks: Vec<String>,
    /// Calls that failed, in words: what was to be read, and why it was not.
    pub unread: Vec<String>,
}

/// A pair that was asked for by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: PairName,
    /// Where traffic is on a normal day.
    pub active: Region,
    /// Where it can go.
    pub standby: Region,
}

/// Why there is nothing to write.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// Not even the account could be found out.
    #[error(
        "ask who this account is (sts GetCallerIdentity): {0}; are there credentials? `aws sts get-caller-identity` tells"
    )]
    Account(Trouble),
    /// ARC's control plane did not answer.
    #[error("list ARC clusters (route53-recovery-control-config in us-west-2): {0}")]
    Clusters(Trouble),
    /// There is no cluster.
    #[error(
        "this account has no ARC cluster: create one with its routing controls, or give another account's credentials"
    )]
    NoCluster,
    /// None of the clusters is the one that was asked for.
    #[error("no cluster is called {0}; there are {1}")]
    OtherClusters(String, String),
}

/// Hears what has been read, while the rest is still to come.
pub type Progress<'p> = &'p (dyn Fn(&str) + Send + Sync);

/// What is wanted of an account.
#[derive(Clone, Copy, Default)]
pub struct Ask<'a> {
    /// Pairs that were named by hand.
    pub pairs: &'a [Wanted],
    /// The cluster, by its name or ARN, where there are several.
    pub cluster: Option<&'a str>,
    /// Who hears how far it is.
    pub progress: Option<Progress<'a>>,
    /// The accounts that are walked, besides that of whoever signs in.
    pub accounts: &'a [Account],
}

/// Notes that are being taken.
#[derive(Default)]
struct Notes<'a> {
    progress: Option<Progress<'a>>,
    notes: BTreeMap<(&'static str, String), String>,
    remarks: Vec<String>,
    unread: Vec<String>,
}

impl<'a> Notes<'a> {
    /// Notes of a part that is read beside others, for the same listener.
    fn apart(&self) -> Notes<'a> {
        Notes { progress: self.progress, ..Notes::default() }
    }

    /// Takes a part's notes in.
    fn add(&mut self, part: Notes<'_>) {
        self.notes.extend(part.notes);
        self.remarks.extend(part.remarks);
        self.unread.extend(part.unread);
    }
}

impl Notes<'_> {
    fn note(&mut self, list: &'static str, key: impl Into<String>, text: impl Into<String>) {
        self.notes.insert((list, key.into()), text.into());
    }

    /// What was read of a list, and a word about it where it failed, or where it is not all.
    fn listed<T>(&mut self, what: &str, answer: Result<Listed<T>, Trouble>) -> Vec<T> {
        match answer {
            Ok(listed) => {
                if let Some(progress) = self.progress {
                    progress(&format!("{what}: {}", listed.items.len()));
                }
                if !listed.whole {
                    let n = listed.items.len();
                    self.unread.push(format!("{what}: at least {n}; there are more, which were not read"));
                }
                listed.items
            }
            Err(trouble) => {
                self.not_read(what, &trouble);
                Vec::new()
            }
        }
    }

    fn not_read(&mut self, what: &str, trouble: &Trouble) {
        let line = format!("{what}: {trouble}");
        if let Some(progress) = self.progress {
            progress(&format!("NOT {line}"));
        }
        self.unread.push(line);
    }

    /// The answer, or an empty one and a word about it.
    fn or_nothing<T: Default>(&mut self, what: &str, answer: Result<T, Trouble>) -> T {
        answer.unwrap_or_else(|trouble| {
            self.not_read(what, &trouble);
            T::default()
        })
    }
}

/// An estate with nothing in it but where AWS's endpoints are, and which accounts there are.
#[must_use]
pub fn bare(endpoints: Endpoints, accounts: Vec<Account>) -> Estate {
    Estate {
        name: String::new(),
        account: String::new(),
        accounts,
        monitoring: None,
        route53: Route53::default(),
        policy: Policy::default(),
        poll: Poll::default(),
        readiness: Readiness::default(),
        targets: Targets::default(),
        presenter: Presenter::default(),
        discover: Discover::default(),
        endpoints,
        cluster: Cluster::none(),
        regions: Vec::new(),
        pairs: Vec::new(),
        services: Vec::new(),
        gates: Vec::new(),
        safety_rules: Vec::new(),
        health_checks: Vec::new(),
        resolvers: Vec::new(),
        systems: Vec::new(),
        people: Vec::new(),
        notify: Vec::new(),
    }
}

/// Reads the account as it is `now`. `resolvers` are kept; without any, two public ones are guessed.
///
/// # Errors
/// If the account or its cluster cannot be read; every other failure is in [`Found::unread`].
pub async fn discover(
    sdk: &Sdk,
    endpoints: Endpoints,
    ask: Ask<'_>,
    resolvers: Vec<Resolver>,
    now: Timestamp,
) -> Result<Found, DiscoverError> {
    let mut notes = Notes { progress: ask.progress, ..Notes::default() };
    let mut estate = bare(endpoints, ask.accounts.to_vec());
    controls::find(sdk, ask, &mut estate, &mut notes).await?;
    estate.resolvers = resolvers;
    if estate.resolvers.is_empty() {
        for (name, address) in [("google", [8, 8, 8, 8]), ("cloudflare", [1, 1, 1, 1])] {
            estate.resolvers.push(Resolver { name: ResolverName::new(name), address: (address, 53).into() });
            notes.note("resolvers", name, "Guessed: a public one. Add your VPC's own and your clients'.");
        }
    }
    let systems = systems::find(sdk, &estate, now, &mut notes).await;
    owned::settle(&mut estate, systems);
    let Notes { notes, remarks, unread, .. } = notes;
    // A service may say it in several lines; a comment and a summary have one for it.
    let unread = unread.iter().map(|u| one_line(u)).collect();
    Ok(Found { estate, notes, remarks, unread })
}
