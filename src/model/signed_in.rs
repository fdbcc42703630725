//! How this console's AWS credentials stand: those of whoever signs in, those that look into an account, and those that
//! a change is carried out with.

use super::Model;
use crate::event::{SignIn, SignInFor};
use crate::words::{may_not_act, not_let_in, not_renewed, signed_out};

impl Model {
    pub(super) fn sign_in(&mut self, sign_in: SignIn) {
        let changes = &self.changes;
        self.sign_ins.retain(|purpose, _| match purpose {
            SignInFor::Act(_, change) => changes.get(change).is_some_and(|c| c.state.is_open() || c.state.is_running()),
            SignInFor::Console | SignInFor::Look(_) | SignInFor::Trial(_) => true,
        });
        self.sign_ins.insert(sign_in.purpose.clone(), sign_in);
    }

    /// That there are no AWS credentials to look at the cluster and to act on it, where that is known: whose, why, and
    /// what to do.
    #[must_use]
    pub fn signed_out(&self) -> Option<String> {
        let cluster = self.estate.cluster.account.clone().map(SignInFor::Look);
        let missing = |purpose| self.sign_ins.get(&purpose).filter(|s| s.held.is_none() && s.failing.is_some());
        // What looks into the cluster's account is taken with what the console has: its reason has the other's in it.
        let sign_in = missing(SignInFor::Console).or_else(|| missing(cluster?))?;
        Some(signed_out(sign_in))
    }

    /// What is wrong with the credentials, while the cluster can be asked: what cannot be acted with, looked into, renewed.
    pub(super) fn sign_in_words(&self) -> Option<String> {
        let acts = self.sign_ins.values().filter_map(|s| match &s.purpose {
            SignInFor::Act(_, change) if s.held.is_none() && s.failing.is_some() => {
                let open = self.changes.get(change).is_some_and(|c| c.state.is_open() || c.state.is_running());
                open.then(|| may_not_act(change, s))
            }
            _ => None,
        });
        let looks = self.sign_ins.values().filter_map(|s| match &s.purpose {
            SignInFor::Look(account) if s.held.is_none() && s.failing.is_some() => Some(not_let_in(account, s)),
            _ => None,
        });
        let renewals = self.sign_ins.values().filter_map(|s| not_renewed(s, self.now.wall));
        acts.chain(looks).chain(renewals).next()
    }
}
