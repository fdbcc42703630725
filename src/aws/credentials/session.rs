//! Until when somebody's SSO sign-in lasts, as the AWS CLI wrote it down.

use std::path::PathBuf;

use serde::Deserialize;
use sha1::{Digest as _, Sha1};

use crate::event::Renewal;
use crate::time::Timestamp;

/// Longer than any file of a session, in bytes.
const SESSION: u64 = 1 << 20;

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
    // A client whose registration has ended cannot renew anything.
    let registered = moment(kept.registration_expires_at.as_deref()).is_none_or(|end| end > Timestamp::now());
    if refreshes && registered {
        return Renewal::SignIn;
    }
    Renewal::Until(moment(kept.expires_at.as_deref()))
}

/// Older versions of the AWS CLI write `UTC` for `Z`.
fn moment(text: Option<&str>) -> Option<Timestamp> {
    text?.replace("UTC", "Z").parse().ok()
}

fn kept(name: &str) -> Option<Kept> {
    let home = std::env::var_os("HOME").map(PathBuf::from)?;
    let hash: String = Sha1::digest(name.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes =
        crate::files::read_bounded(&home.join(".aws/sso/cache").join(hash).with_extension("json"), SESSION).ok()?;
    serde_json::from_slice(&bytes).ok()
}
