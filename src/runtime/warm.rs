//! What open changes are carried out with: roles to act, kept warm from the proposal to the end.

use std::collections::BTreeMap;

use crate::aws::{Acting, Deed, Sdk};
use crate::change::{Change, Digest};
use crate::estate::{Estate, PersonName};
use crate::event::{SignIn, SignInFor};
use crate::model::Model;

/// The roles of each change that is proposed, approved or under way.
pub(super) struct Warm {
    sdk: Sdk,
    of: BTreeMap<Digest, Acting>,
}

impl Warm {
    pub(super) fn new(sdk: Sdk) -> Self {
        Self { sdk, of: BTreeMap::new() }
    }

    /// What looks: it has no role to act.
    pub(super) fn looking(&self) -> Sdk {
        self.sdk.clone()
    }

    /// Takes what is wanted now, and lets go what is not. Only where the requester sits is anything taken: nobody else can
    /// turn the second key, and the session has the requester's name.
    pub(super) fn follow(&mut self, model: &Model, here: &[PersonName]) {
        let mine = |c: &Change| here.iter().any(|who| model.estate.same_person(who, &c.text.by));
        let open = |c: &Change| c.state.is_open() || c.state.is_running();
        let wanted = |c: &&Change| model.read_only.is_none() && open(c) && mine(c);
        let wanted: Vec<&Change> = model.changes.all().iter().filter(wanted).collect();
        self.of.retain(|digest, _| wanted.iter().any(|c| c.digest == *digest));
        for change in wanted {
            if !self.of.contains_key(&change.digest) {
                self.of.insert(change.digest, self.sdk.act(&deed(&model.estate, change)));
            }
        }
    }

    /// How its roles stand, where the model has not heard that yet.
    pub(super) fn news(&self, known: &BTreeMap<SignInFor, SignIn>) -> Vec<SignIn> {
        let all = self.of.values().flat_map(Acting::sign_ins);
        all.filter(|sign_in| known.get(&sign_in.purpose) != Some(sign_in)).collect()
    }

    /// What a change is carried out with.
    pub(super) fn acting(&self, model: &Model, digest: Digest) -> Acting {
        match (self.of.get(&digest), model.changes.get(&digest)) {
            (Some(acting), _) => acting.clone(),
            (None, Some(change)) => self.sdk.act(&deed(&model.estate, change)),
            // No account's role acts for a change that nobody knows.
            (None, None) => self.sdk.act(&Deed::of_nobody()),
        }
    }
}

/// Who acts, for what, and where.
fn deed(estate: &Estate, change: &Change) -> Deed {
    let text = &change.text;
    let account = match text.launch() {
        Some(_) => estate.drs_site(&text.receiving).account,
        None => estate.cluster.account.clone(),
    };
    let accounts = account.map(|name| (name.clone(), SignInFor::Act(name, change.digest)));
    Deed::of(&text.by, &change.digest.words(), accounts)
}
