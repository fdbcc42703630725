//! How this console's AWS credentials stand: what the sentence, `doctor` and the log say of it.

use super::{minutes, span};
use crate::event::{HeldCredentials, Renewal, SignIn};
use crate::time::Timestamp;

/// That nothing can be asked or done for want of credentials: whose, why, and what to do.
#[must_use]
pub fn signed_out(sign_in: &SignIn) -> String {
    let why = sign_in.failing.as_ref().map_or("they have not come yet", |f| f.why.as_str());
    format!("No AWS credentials from {}: {why}. No move is possible from here.", sign_in.whose)
}

/// That credentials hold, and cannot be renewed; none while all is well.
#[must_use]
pub fn not_renewed(sign_in: &SignIn, now: Timestamp) -> Option<String> {
    let (held, failing) = (sign_in.held.as_ref()?, sign_in.failing.as_ref()?);
    let end = match held.until {
        Some(until) => format!("end in {}", minutes(until.duration_since(now))),
        None => "go on for now".to_owned(),
    };
    let since = minutes(now.duration_since(failing.since));
    Some(format!(
        "The AWS credentials from {} {end}; renewing them has failed for {since}: {}.",
        sign_in.whose, failing.why
    ))
}

/// How long credentials hold, and what comes then: `a role's session: it ends in 59 min and renews itself`.
#[must_use]
pub fn holds(held: &HeldCredentials, now: Timestamp) -> String {
    let in_ = |at: Timestamp| format!("in {}", span(at.duration_since(now)));
    let end = held.until.map_or("they do not tell when they end".to_owned(), |at| format!("they end {}", in_(at)));
    match held.renewal {
        Renewal::Endless => "they do not expire".to_owned(),
        Renewal::Itself => format!("{end}, and are renewed in good time"),
        Renewal::SignIn => format!("{end}, and are renewed for as long as the sign-in lasts"),
        Renewal::Until(last) if last == held.until => format!("{end}, and nothing renews them"),
        Renewal::Until(Some(last)) => format!("{end}; nothing renews the sign-in, which ends {}", in_(last)),
        Renewal::Until(None) => format!("{end}; nothing renews what they are got with"),
    }
}
