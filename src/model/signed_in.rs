//! How this console's AWS credentials stand: those of whoever signs in, those that look into an account, and those that
//! a change is carried out with.

use super::Model;
use crate::change::Digest;
use crate::estate::PairName;
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

    /// That a change cannot be sent from here because its role to act is not given; none where it is, or none is needed.
    #[must_use]
    pub fn may_not_act(&self, change: &Digest) -> Option<String> {
        let acts = |s: &&SignIn| matches!(&s.purpose, SignInFor::Act(_, of) if of == change);
        let missing = |s: &&SignIn| s.held.is_none() && s.failing.is_some();
        self.sign_ins.values().filter(acts).find(missing).map(|s| may_not_act(change, s))
    }

    /// Whether the roles that a change is carried out with are known to be given, or not to be.
    #[must_use]
    pub fn knows_its_roles(&self, change: &Digest) -> bool {
        let acts = |s: &&SignIn| matches!(&s.purpose, SignInFor::Act(_, of) if of == change);
        self.sign_ins.values().filter(acts).all(|s| s.held.is_some() || s.failing.is_some())
    }

    /// What is wrong with the credentials, while the cluster can be asked: what cannot be acted with, looked into, renewed.
    pub(super) fn sign_in_words(&self, pair: &PairName) -> Option<String> {
        let open = self.changes.all().iter().filter(|c| c.state.is_open() || c.state.is_running());
        let acts = open.filter(|c| c.text.pair == *pair).filter_map(|c| self.may_not_act(&c.digest));
        let looks = self.sign_ins.values().filter_map(|s| match &s.purpose {
            SignInFor::Look(account) if s.held.is_none() && s.failing.is_some() => Some(not_let_in(account, s)),
            _ => None,
        });
        let renewals = self.sign_ins.values().filter_map(|s| not_renewed(s, self.now.wall));
        acts.chain(looks).chain(renewals).next()
    }
}
