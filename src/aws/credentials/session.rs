//! Until when somebody's SSO sign-in lasts, as the AWS CLI wrote it down.

use std::path::PathBuf;

use serde::Deserialize;
use sha1::{Digest as _, Sha1};

use crate::event::Renewal;
use crate::time::Timestamp;

/// `~/.aws/sso/cache/….json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kept {
    expires_at: Option<String>,
    refresh_token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    registration_expires_at: Option<String>,
}

/// What comes when its role's credentials end: the sign-in's own end, where nothing renews it.
pub(super) fn renewal(session: Option<&str>, start_url: &str) -> Renewal {
    let Some(kept) = kept(session.unwrap_or(start_url)) else { return Renewal::Until(None) };
    let refreshes = session.is_some()
        && [&kept.refresh_token, &kept.client_id, &kept.client_secret, &kept.registration_expires_at]
            .iter()
            .all(|field| field.is_some());
    if refreshes {
        return Renewal::SignIn;
    }
    // Older versions of the AWS CLI write `UTC` for `Z`.
    let end = kept.expires_at.map(|at| at.replace("UTC", "Z")).and_then(|at| at.parse::<Timestamp>().ok());
    Renewal::Until(end)
}

fn kept(name: &str) -> Option<Kept> {
    let home = std::env::var_os("HOME").map(PathBuf::from)?;
    let hash: String = Sha1::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes = std::fs::read(home.join(".aws/sso/cache").join(hash).with_extension("json")).ok()?;
    serde_json::from_slice(&bytes).ok()
}
