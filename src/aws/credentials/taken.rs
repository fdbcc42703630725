//! A role of one of the estate's accounts, taken with what is held already.

use std::sync::Arc;

use super::profile::Role;
use super::{Fetched, Gives, Held, Refused, Sts};
use crate::event::Renewal;

/// Takes a role, and takes it again before its session ends.
pub(in crate::aws) struct Taken {
    sts: Arc<Sts>,
    /// What it is taken with.
    from: Held,
    role: Role,
    /// Whose role it is, and for what, in words.
    what: String,
}

/// A role of the estate file.
pub(in crate::aws) struct Wanted<'a> {
    /// Its ARN.
    pub(in crate::aws) arn: &'a str,
    /// What its trust policy may ask for.
    pub(in crate::aws) external_id: Option<String>,
    /// What CloudTrail calls its sessions.
    pub(in crate::aws) session: Option<String>,
    /// Who acts, and for what.
    pub(in crate::aws) source_identity: Option<String>,
    /// Whose role it is, and for what, in words: `account network, role signalbox-look`.
    pub(in crate::aws) what: String,
}

impl Taken {
    /// Nothing is asked for yet.
    pub(in crate::aws) fn new(sts: Arc<Sts>, from: Held, wanted: Wanted<'_>) -> Self {
        let Wanted { arn, external_id, session, source_identity, what } = wanted;
        // A session of its usual length, an hour: what is taken with another role's session cannot last longer.
        let role = Role {
            profile: None,
            arn: arn.to_owned(),
            external_id,
            session,
            source_identity,
            seconds: None,
            mfa: None,
        };
        Self { sts, from, role, what }
    }
}

impl Gives for Taken {
    fn words(&self) -> String {
        self.what.clone()
    }

    fn waits_for(&self) -> String {
        "STS".to_owned()
    }

    async fn fetch(&mut self) -> Result<Fetched, Refused> {
        self.from.decided().await;
        let (with, renewal) = self.from.to_sign_with()?;
        let taken = self.sts.role(&self.role, &with, &[]).await;
        let credentials = taken.inspect_err(|refused| {
            if refused.spent {
                self.from.spent();
            }
        })?;
        Ok(Fetched::new(credentials, Renewal::of_role(renewal)))
    }
}
