//! Which account owns what, who may act on it, and whose metrics an account sees.
//!
//! Where an estate names no accounts, everything is of one, and whoever calls is of it.

use super::callers::{Caller, Hand};
use super::dice::key;
use super::{Spot, World};
use crate::estate::{AccountName, Pair, Region, Side, System};

impl World {
    /// The number of an account of the estate; that of whoever signs in where none is named.
    fn number(&self, account: Option<&AccountName>) -> &str {
        self.estate.account_id(account)
    }

    /// Who owns a side of a system.
    pub(super) fn owner_of(&self, system: &System, pair: &Pair, side: Side) -> String {
        self.number(system.account(pair, side).as_ref()).to_owned()
    }

    /// Who owns the routing controls' cluster. It is shared with all accounts of the estate (AWS RAM).
    #[must_use]
    pub fn owner_of_cluster(&self) -> &str {
        self.number(self.estate.cluster.account.as_ref())
    }

    /// Who owns the hosted zones, and what else is Route 53's where nothing else is said.
    #[must_use]
    pub fn owner_of_zones(&self) -> &str {
        self.number(self.estate.route53.account.as_ref())
    }

    /// Who owns a health check of an endpoint or of a routing control.
    pub(super) fn owner_of_check(&self, id: &str) -> &str {
        let endpoint = self.estate.health_checks.iter().find(|c| c.id.as_str() == id);
        if let Some(check) = endpoint {
            return self.number(self.estate.account_of_check(check).as_ref());
        }
        let follows = |s: &&crate::estate::Service| {
            s.controls.iter().any(|c| c.health_check.as_ref().is_some_and(|h| h.as_str() == id))
        };
        let service = self.estate.services.iter().find(follows);
        self.number(service.and_then(|s| s.account.as_ref()).or(self.estate.route53.account.as_ref()))
    }

    /// Mixes an owner into what an id is made of. Two accounts have different things of one name; what is of whoever
    /// signs in has the ids that it always had.
    pub(super) fn salt(&self, owner: &str) -> u64 {
        if owner == self.estate.account { 0 } else { key(owner).rotate_left(7) }
    }

    /// A region of the account of whoever signs in.
    pub(super) fn own<'a>(&'a self, region: &'a Region) -> Spot<'a> {
        Spot { owner: &self.estate.account, region }
    }

    /// Whether somebody may act on what an account owns: with the account's own role to act; where it has none, with
    /// what looks into it.
    #[must_use]
    pub fn may_act(&self, caller: &Caller, owner: &str) -> bool {
        let acts = |id: &str| self.estate.accounts.iter().any(|a| a.id == id && a.act.is_some());
        match caller.hand {
            Hand::Act => caller.account == owner,
            Hand::Look | Hand::SignedIn => !acts(owner) && !acts(&caller.account),
        }
    }

    /// Whether an account sees another's metrics: its own, and a monitoring account all of the estate's.
    #[must_use]
    pub fn sees_metrics(&self, account: &str, of: &str) -> bool {
        let linked = || of == self.estate.account || self.estate.accounts.iter().any(|a| a.id == of);
        account == of || (self.monitors(account) && linked())
    }

    /// The accounts whose metrics one sees, its own first.
    #[must_use]
    pub fn linked(&self, account: &str) -> Vec<String> {
        let mut all = vec![account.to_owned()];
        if self.monitors(account) {
            let others = self.estate.accounts.iter().map(|a| &a.id).chain([&self.estate.account]);
            for other in others {
                if !all.contains(other) {
                    all.push(other.clone());
                }
            }
        }
        all
    }

    fn monitors(&self, account: &str) -> bool {
        let named = self.estate.monitoring.as_ref();
        named.is_some_and(|name| self.number(Some(name)) == account)
    }
}
