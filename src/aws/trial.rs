//! Every sign-in of an estate, tried once more while something is taken to be gone.

use futures::future::{BoxFuture, FutureExt, join_all};

use super::credentials::{Anew, Gives, Source, anew};
use super::outage::{Asked, Gone, Outage};
use super::{Deed, Sdk};
use crate::estate::{Account, AccountName, Entry, Estate, RoleEntry};
use crate::event::SignIn;

/// Whose sign-in it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrialOf {
    /// Whoever signs in here.
    Console,
    /// What looks into an account.
    Look(AccountName),
    /// The role that a change would be carried out with in an account.
    Act(AccountName),
}

/// How a sign-in ended that began while something was taken to be gone.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Whose it is.
    pub of: TrialOf,
    /// Whose credentials these are, in words.
    pub whose: String,
    /// What came of it.
    pub anew: Anew,
    /// Who was asked for them.
    pub asked: Vec<Asked>,
}

impl Sdk {
    /// Signs in once more while all of this is gone: whoever signs in, and every role of the estate's accounts. The
    /// roles are taken with what is held today. The credentials that there are stay as they are.
    pub async fn sign_in_without(&self, estate: &Estate, gone: &[Gone]) -> Vec<Trial> {
        let mut all: Vec<BoxFuture<'_, Trial>> = vec![self.console_without(gone).boxed()];
        for account in &estate.accounts {
            match &account.look {
                Some(Entry::Role(role)) => {
                    let session = role.session_name.clone();
                    let of = TrialOf::Look(account.name.clone());
                    all.push(self.role_without(account, (role, session, None), of, gone).boxed());
                }
                Some(Entry::Profile(profile)) => {
                    let of = TrialOf::Look(account.name.clone());
                    all.push(self.found_without(Some(profile.profile.clone()), of, gone).boxed());
                }
                None => {}
            }
            if let Some(role) = &account.act {
                let name = Some(Deed::trial(account.name.clone()).name().to_owned());
                let of = TrialOf::Act(account.name.clone());
                all.push(self.role_without(account, (role, name.clone(), name), of, gone).boxed());
            }
        }
        join_all(all).await
    }

    async fn console_without(&self, gone: &[Gone]) -> Trial {
        if self.found_here {
            return self.found_without(None, TrialOf::Console, gone).await;
        }
        let SignIn { whose, held, .. } = self.sign_in();
        let anew = held.map_or_else(|| Anew::Refused("there are none".to_owned()), Anew::Given);
        Trial { of: TrialOf::Console, whose, anew, asked: Vec::new() }
    }

    /// What this machine's settings lead to, or a profile of them.
    async fn found_without(&self, profile: Option<String>, of: TrialOf, gone: &[Gone]) -> Trial {
        let outage = Outage::of(gone);
        let source = Source::find(self.without(&outage).sts, profile).await;
        let whose = source.words();
        let anew = source.anew().await;
        Trial { of, whose, anew, asked: outage.asked() }
    }

    async fn role_without(
        &self,
        account: &Account,
        (role, session, identity): (&RoleEntry, Option<String>, Option<String>),
        of: TrialOf,
        gone: &[Gone],
    ) -> Trial {
        let outage = Outage::of(gone);
        let whose = format!("account {}, role {}", account.name, role.short());
        let taken = self.without(&outage).taken(role, session, identity, whose.clone());
        let anew = anew(taken).await;
        Trial { of, whose, anew, asked: outage.asked() }
    }
}
