//! Signing in once more while something is taken to be gone: what a console does that starts then, and what one does
//! whose credentials end then.

use std::time::Duration;

use super::Gives;
use super::profile::Base;
use super::source::Source;
use crate::event::HeldCredentials;
use crate::time::Timestamp;

/// Longer than STS takes that is silent in five regions.
const LONGEST: Duration = Duration::from_secs(30);

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anew {
    /// They were given.
    Given(HeldCredentials),
    /// They were not, and why.
    Refused(String),
    /// It was not tried, and why: nobody here knows.
    Open(String),
}

/// Gets credentials once.
pub(in crate::aws) async fn anew(mut source: impl Gives) -> Anew {
    let what = source.waits_for();
    match tokio::time::timeout(LONGEST, source.fetch()).await {
        Err(_) => Anew::Refused(format!("{what} has not answered within {} s", LONGEST.as_secs())),
        Ok(Err(refused)) => Anew::Refused(refused.why),
        Ok(Ok(fetched)) => {
            let until = fetched.credentials.expiry().and_then(|at| Timestamp::try_from(at).ok());
            Anew::Given(HeldCredentials { until, renewal: fetched.renewal })
        }
    }
}

impl Source {
    /// Gets credentials once. A program is not run and nobody is asked for a code: what a program asks goes by no client
    /// of ours, and a code counts once.
    pub(in crate::aws) async fn anew(self) -> Anew {
        match self.out_of_reach() {
            Some(why) => Anew::Open(why.to_owned()),
            None => anew(self).await,
        }
    }

    /// Why nothing is known of a way before it is gone.
    fn out_of_reach(&self) -> Option<&'static str> {
        let way = self.way()?;
        if matches!(way.base, Base::Process(_)) {
            return Some("whom its credential_process asks cannot be seen from here, nor kept away from it");
        }
        let mfa = way.roles.iter().any(|role| role.mfa.is_some());
        mfa.then_some("it takes an MFA code, and each counts once")
    }
}
