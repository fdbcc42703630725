//! Acting, which is not looking: the roles that a change is carried out with.
//!
//! They are taken for one change, once it is proposed, and let go when it has ended. What writes to AWS takes an
//! [`Acting`] and nothing else. Where an account names no role to act, what looks into it acts.

use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;

use super::{Deadlines, Sdk, credentials};
use crate::estate::{AccountName, PersonName, Site};
use crate::event::{SignIn, SignInFor};

/// STS takes no longer name of a session, and no longer source identity.
const LONGEST_NAME: usize = 64;
/// How long a write waits where its role has not been given yet. It was asked for when the change was proposed.
const READY: Duration = Duration::from_secs(3);

/// Who acts, for what, and where. CloudTrail has it with every call, as the session's name and as its source identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    name: String,
    /// The accounts that it acts in, and what is told of each one's credentials.
    accounts: Vec<(AccountName, SignInFor)>,
}

impl Deed {
    /// What somebody asked for, by its word code, and the accounts that it acts in. It is called
    /// `alice@copper-lantern-seven`, in the characters that STS takes.
    #[must_use]
    pub fn of(
        requester: &PersonName,
        code: &str,
        accounts: impl IntoIterator<Item = (AccountName, SignInFor)>,
    ) -> Self {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_+=,.-".contains(c);
        let own = |text: &str| text.chars().map(|c| if fits(c) { c } else { '-' }).collect::<String>();
        let code = own(code);
        let mut who = own(requester.as_str());
        who.truncate(LONGEST_NAME.saturating_sub(code.len() + 1));
        Self { name: format!("{who}@{code}"), accounts: accounts.into_iter().collect() }
    }

    /// A deed for which no role is taken: what looks acts.
    #[must_use]
    pub fn of_nobody() -> Self {
        Self { name: "signalbox".to_owned(), accounts: Vec::new() }
    }

    /// What CloudTrail calls it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A trial: whether the role to act in an account is given. Nothing is done with it.
    #[must_use]
    pub fn trial(account: AccountName) -> Self {
        let purpose = SignInFor::Trial(account.clone());
        Self { name: "signalbox-doctor".to_owned(), accounts: vec![(account, purpose)] }
    }
}

/// The right to act for one change.
#[derive(Clone, Debug)]
pub struct Acting {
    sdk: Sdk,
    accounts: Vec<AccountName>,
}

impl Sdk {
    /// Starts to take the roles to act in the accounts that a change touches. They are let go when the last clone of
    /// this is dropped.
    #[must_use]
    pub fn act(&self, deed: &Deed) -> Acting {
        let mut sdk = self.clone();
        let name = &deed.name;
        let mut accounts = Vec::new();
        for (account, purpose) in &deed.accounts {
            let Some(role) = self.acts.get(account) else { continue };
            let what = format!("account {account}, role {}", role.short());
            let taken = self.taken(role, Some(name.clone()), Some(name.clone()), what);
            sdk.looks.insert(account.clone(), credentials::keep(taken, purpose.clone()));
            accounts.push(account.clone());
        }
        Acting { sdk, accounts }
    }
}

impl Acting {
    /// Waits until it is known whether the roles are given; not for long.
    pub async fn ready(&self) {
        let all = async {
            for account in &self.accounts {
                self.sdk.held_of(Some(account)).decided().await;
            }
        };
        // What is not known by then fails as what cannot be signed.
        let _ = tokio::time::timeout(READY, all).await;
    }

    /// How its roles stand.
    pub fn sign_ins(&self) -> impl Iterator<Item = SignIn> {
        self.accounts.iter().map(|account| self.sdk.look(Some(account)))
    }

    /// What writes in an account are signed with.
    pub(crate) fn signer(&self, account: Option<&AccountName>) -> SharedCredentialsProvider {
        self.sdk.held_of(account).provider()
    }

    /// STS, to ask who acts.
    pub(crate) fn sts(&self, site: &Site, deadlines: Deadlines) -> aws_sdk_sts::Client {
        self.sdk.sts(site, deadlines)
    }

    /// IAM, to ask what whoever acts may do.
    pub(crate) fn iam(&self, account: Option<&AccountName>, deadlines: Deadlines) -> aws_sdk_iam::Client {
        self.sdk.iam(account, deadlines)
    }

    /// DRS, to launch.
    pub(crate) fn drs(&self, site: &Site, deadlines: Deadlines) -> aws_sdk_drs::Client {
        self.sdk.drs(site, deadlines)
    }

    /// How long a write waits for its roles at most.
    pub(crate) const READY: Duration = READY;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_characters_and_the_length_that_sts_takes() {
        let code = "copper-lantern-seven";
        let name = |who: &str| Deed::of(&who.into(), code, []).name;
        assert_eq!(name("alice"), format!("alice@{code}"));
        let long = name(&"é ø/ ".repeat(40));
        assert!(long.len() == LONGEST_NAME && long.ends_with(code) && long.is_ascii(), "{long}");
        assert!(long.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)), "{long}");
    }
}
