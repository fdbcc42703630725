//! Checks of the accounts: their roles, and everything that names one.

use std::collections::BTreeMap;

use super::super::{Account, AccountName, Estate, PerSide, Region, RoleEntry, Side, Source};
use super::{Check, shapes};

impl Check<'_> {
    pub fn accounts(&mut self, e: &Estate) {
        self.each_account(&e.accounts);
        for (i, account) in e.accounts.iter().enumerate().filter(|(_, a)| a.look.is_none() && a.id != e.account) {
            let message = format!(
                "account `{}` is not that of whoever signs in ({}), and has no `look`: nothing leads into it",
                account.name, e.account
            );
            self.fault(&format!("accounts.{i}"), message);
        }
        self.named_accounts(e);
        self.one_drs(e);
    }

    pub fn each_account(&mut self, accounts: &[Account]) {
        self.unique("accounts", "name", "account", accounts.iter().map(|a| a.name.as_str()));
        let numbers = accounts.iter().enumerate().map(|(i, a)| (format!("accounts.{i}.id"), a.id.as_str()));
        self.no_doubles("account has the number", numbers);
        for (i, account) in accounts.iter().enumerate() {
            let path = format!("accounts.{i}");
            if !shapes::is_account(&account.id) {
                let message = format!("an AWS account number has twelve digits, `{}` has not", account.id);
                self.fault(&format!("{path}.id"), message);
            }
            if account.name.as_str().contains(char::is_whitespace) {
                let message = format!("`{}` has a space: an account's name has none", account.name);
                self.fault(&format!("{path}.name"), message);
            }
            if let Some(role) = account.role_to_look() {
                self.role(&format!("{path}.look"), role, &account.id);
            }
            if let Some(role) = &account.act {
                self.role(&format!("{path}.act"), role, &account.id);
            }
        }
        self.in_circles(accounts);
    }

    fn role(&mut self, path: &str, entry: &RoleEntry, id: &str) {
        let RoleEntry { role, external_id, session_name, from } = entry;
        match shapes::role(role) {
            Some(account) if account == id || !shapes::is_account(id) => {}
            Some(account) => {
                let message = format!("this role is of account {account}, and stands under account {id}");
                self.fault(&format!("{path}.role"), message);
            }
            None => {
                let message = format!("`{role}` is no ARN of a role (arn:aws:iam::ACCOUNT:role/NAME)");
                self.fault(&format!("{path}.role"), message);
            }
        }
        let texts = [("external_id", external_id, 1224, "+=,.@:/-"), ("session_name", session_name, 64, "+=,.@-")];
        for (field, text, longest, signs) in texts {
            let fits = |t: &String| {
                (2..=longest).contains(&t.len())
                    && t.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || signs.contains(c))
            };
            if text.as_ref().is_some_and(|t| !fits(t)) {
                let message =
                    format!("STS takes 2 to {longest} letters, digits and `_{signs}` as `{field}`, and nothing else");
                self.fault(&format!("{path}.{field}"), message);
            }
        }
        if let Some(from) = from {
            self.known_account(&format!("{path}.from"), from.as_str());
        }
    }

    /// Roles that are taken from each other, so that none can be the first.
    fn in_circles(&mut self, accounts: &[Account]) {
        let of = |name: &AccountName| accounts.iter().find(|a| a.name == *name)?.role_to_look()?.from.as_ref();
        for (i, account) in accounts.iter().enumerate() {
            let way = std::iter::successors(of(&account.name), |name| of(name)).take(accounts.len());
            if way.into_iter().any(|name| *name == account.name) {
                let message =
                    format!("the role to look of account `{}` is taken from itself, in a circle", account.name);
                self.fault(&format!("accounts.{i}.look.from"), message);
            }
        }
    }

    fn known_account(&mut self, path: &str, name: &str) {
        let names = self.names("accounts", "name");
        self.known(path, "account", name, &names);
    }

    fn named_accounts(&mut self, e: &Estate) {
        let one = [
            ("cluster.account", &e.cluster.account),
            ("route53.account", &e.route53.account),
            ("monitoring", &e.monitoring),
        ];
        for (path, name) in one {
            if let Some(name) = name {
                self.known_account(path, name.as_str());
            }
        }
        for (i, service) in e.services.iter().enumerate() {
            if let Some(name) = &service.account {
                self.known_account(&format!("services.{i}.account"), name.as_str());
            }
        }
        let pairs = e.pairs.iter().enumerate().map(|(i, p)| (format!("pairs.{i}.account"), &p.account));
        let systems = e.systems.iter().enumerate().map(|(i, s)| (format!("systems.{i}.account"), &s.account));
        let each: Vec<_> = pairs.chain(systems).collect();
        for (path, account) in each {
            match account {
                Some(PerSide::Same(name)) => self.known_account(&path, name),
                Some(PerSide::Each(each)) => {
                    self.known_account(&format!("{path}.active"), &each.active);
                    self.known_account(&format!("{path}.standby"), &each.standby);
                }
                None => {}
            }
        }
    }

    /// A launch goes to the DRS of a region, so a region has one.
    fn one_drs(&mut self, e: &Estate) {
        let mut known: BTreeMap<&Region, Option<AccountName>> = BTreeMap::new();
        for pair in &e.pairs {
            for side in Side::BOTH {
                known.entry(pair.region(side)).or_insert_with(|| pair.account(side));
            }
        }
        for (i, system) in e.systems.iter().enumerate() {
            let Some(pair) = e.pair(&system.pair) else { continue };
            for (j, reading) in system.readings.iter().enumerate() {
                let drs = matches!(reading.source, Source::DrsReplicating | Source::DrsLag | Source::DrsSnapshotAge);
                for place in reading.places().iter().filter(|_| drs) {
                    let site = system.measured(reading, *place, pair);
                    if known.get(&site.region).is_some_and(|of| *of != site.account) {
                        let said = |name: Option<&AccountName>| match name {
                            Some(name) => format!("account `{name}`"),
                            None => "the estate's own account".to_owned(),
                        };
                        let first = known.get(&site.region).and_then(Option::as_ref);
                        let message = format!(
                            "DRS of {} is that of {}, and this reading asks {}: launches of a region go to one account; \
                             give the other an estate file of its own",
                            site.region,
                            said(first),
                            said(site.account.as_ref())
                        );
                        self.fault(&format!("systems.{i}.readings.{j}.source"), message);
                    }
                }
            }
        }
    }
}
