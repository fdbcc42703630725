//! Whom the doctor asks as: whoever signs in, and every role that the estate's accounts name.

use std::collections::BTreeSet;

use super::account::{self, Caller};
use super::{Line, Patient, Verdict};
use crate::aws::{Acting, Deadlines, Deed, Trouble};
use crate::estate::{Account, AccountName, Region, Site};
use crate::event::SignIn;

const ACCOUNTS: &str = "accounts";

/// Accounts; none stands for that of whoever signs in.
pub(super) type Accounts = BTreeSet<Option<AccountName>>;

/// One identity, what it looks into, and where it acts.
pub(super) struct Seat {
    /// Before what is said of it; empty for whoever signs in.
    pub(super) name: String,
    /// The accounts that it looks into.
    pub(super) looks: Accounts,
    /// The accounts that it acts in.
    pub(super) acts: Accounts,
    /// Who it is.
    pub(super) caller: Caller,
    account: Option<AccountName>,
    acting: Option<Acting>,
}

impl Seat {
    /// IAM of its account, as itself.
    pub(super) fn iam(&self, patient: &Patient, deadlines: Deadlines) -> aws_sdk_iam::Client {
        match &self.acting {
            Some(acting) => acting.iam(self.account.as_ref(), deadlines),
            None => patient.sdk.iam(self.account.as_ref(), deadlines),
        }
    }
}

/// Takes every role, and says of each who one is with it. The first seat is that of whoever signs in.
pub(super) async fn take(patient: &Patient, home: Caller) -> (Vec<Line>, Vec<Seat>) {
    let estate = &patient.estate;
    let used = estate.accounts_used();
    let taken = |a: &&Account| used.contains(&Some(a.name.clone()));
    if let Err(why) = &home {
        // Every role is taken with what is missing.
        let roles = estate.accounts.iter().filter(taken).map(|a| a.look.iter().count() + a.act.iter().count());
        let roles: usize = roles.sum();
        let line = (roles > 0).then(|| Line::skipped(ACCOUNTS, format!("all {roles} roles"), why));
        let seat =
            Seat { name: String::new(), looks: used.clone(), acts: used, caller: home, account: None, acting: None };
        return (line.into_iter().collect(), vec![seat]);
    }
    let own = |f: fn(&Account) -> bool| {
        let others = |name: &Option<AccountName>| {
            let account = name.as_ref().and_then(|name| estate.account_of(name));
            account.is_none_or(|account| !f(account))
        };
        used.iter().filter(|name| others(name)).cloned().collect::<Accounts>()
    };
    let (looks, acts) = (own(|a| a.look.is_some()), own(|a| a.look.is_some() || a.act.is_some()));
    let mut seats = vec![Seat { name: String::new(), looks, acts, caller: home, account: None, acting: None }];
    let mut lines = Vec::new();
    for account in estate.accounts.iter().filter(taken) {
        let one = Accounts::from([Some(account.name.clone())]);
        let none = Accounts::new();
        if account.look.is_some() {
            let (name, what) = (format!("{}: ", account.name), format!("{}, to look", account.name));
            let sign_in = patient.sdk.look(Some(&account.name));
            let client = patient.sdk.sts(&site(patient, account), account::DEADLINES);
            let caller = identity(account, &what, (&sign_in, client), &mut lines).await;
            let acts = if account.act.is_none() { one.clone() } else { none.clone() };
            let account = Some(account.name.clone());
            seats.push(Seat { name, looks: one.clone(), acts, caller, account, acting: None });
        }
        if account.act.is_some() {
            let (name, what) = (format!("{} to act: ", account.name), format!("{}, to act", account.name));
            let acting = patient.sdk.act(&Deed::trial(account.name.clone()));
            acting.ready().await;
            let sign_in = acting.sign_ins().next().unwrap_or_else(|| patient.sdk.sign_in());
            let client = acting.sts(&site(patient, account), account::DEADLINES);
            let caller = identity(account, &what, (&sign_in, client), &mut lines).await;
            let (account, acting) = (Some(account.name.clone()), Some(acting));
            seats.push(Seat { name, looks: none, acts: one, caller, account, acting });
        }
    }
    (lines, seats)
}

/// STS of the first region, as whoever looks into an account.
fn site(patient: &Patient, account: &Account) -> Site {
    let region = patient.estate.regions.first().map_or_else(|| Region::new("us-east-1"), |r| r.name.clone());
    Site::new(&region, Some(account.name.clone()))
}

/// Whether a role is given, and is of the account that it stands under.
async fn identity(
    account: &Account,
    what: &str,
    (sign_in, client): (&SignIn, aws_sdk_sts::Client),
    lines: &mut Vec<Line>,
) -> Caller {
    if sign_in.held.is_none() {
        let why = sign_in.failing.as_ref().map_or("it has not come yet", |f| f.why.as_str());
        let remedy = "the role's trust policy must let in whoever takes it, with its external id; docs/accounts.md has \
                      the policies";
        lines.push(Line::other(Verdict::Bad, ACCOUNTS, what, format!("{}: {why}", sign_in.whose), remedy));
        return Err(format!("no credentials for account {}", account.name));
    }
    match client.get_caller_identity().send().await {
        Ok(who) if who.account() == Some(account.id.as_str()) => {
            lines.push(Line::good(ACCOUNTS, what, who.arn().unwrap_or("?")));
            Ok(who.arn().map(str::to_owned))
        }
        Ok(who) => {
            let (arn, other) = (who.arn().unwrap_or("?"), who.account().unwrap_or("?"));
            let found = format!("{arn} is of account {other}; the estate file says {}", account.id);
            let remedy = format!("give account `{}` its own role or profile", account.name);
            lines.push(Line::other(Verdict::Bad, ACCOUNTS, what, found, remedy));
            Err(format!("the credentials for {} are of account {other}", account.name))
        }
        Err(e) => {
            let trouble = Trouble::from(e);
            lines.push(Line::other(Verdict::Bad, ACCOUNTS, what, trouble.to_string(), account::NETWORK));
            Ok(None)
        }
    }
}
