//! How this console's AWS credentials stand: what the sentence, `doctor` and the log say of it.

use super::{minutes, span};
use crate::change::Digest;
use crate::estate::AccountName;
use crate::event::{HeldCredentials, Renewal, SignIn};
use crate::time::Timestamp;

/// That nothing can be asked or done for want of credentials: whose, why, and what to do.
#[must_use]
pub fn signed_out(sign_in: &SignIn) -> String {
    let why = sign_in.failing.as_ref().map_or("they have not come yet", |f| f.why.as_str());
    format!("No AWS credentials from {}: {why}. No move is possible from here.", sign_in.whose)
}

/// That nothing is known of an account for want of credentials.
#[must_use]
pub fn not_let_in(account: &AccountName, sign_in: &SignIn) -> String {
    let why = sign_in.failing.as_ref().map_or("they have not come yet", |f| f.why.as_str());
    format!("No AWS credentials for {}: {why}. What is in account {account} is not known.", sign_in.whose)
}

/// That a change cannot be carried out from here, because its role to act is not given.
#[must_use]
pub fn may_not_act(change: &Digest, sign_in: &SignIn) -> String {
    let why = sign_in.failing.as_ref().map_or("it has not come yet", |f| f.why.as_str());
    format!("{} cannot be sent from here: {}: {why}.", change.words(), sign_in.whose)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{SignInFailure, SignInFor};
    use crate::time::Span;

    #[test]
    fn what_renews_itself_and_what_does_not_are_told_apart() {
        let now: Timestamp = "2026-11-24T18:00:00Z".parse().unwrap();
        let later = |minutes| Some(now + Span::from_mins(minutes));
        let held = |until, renewal| HeldCredentials { until, renewal };
        for (credentials, said) in [
            (held(None, Renewal::Endless), "they do not expire"),
            (held(later(59), Renewal::Itself), "they end in 59 min, and are renewed in good time"),
            (held(later(59), Renewal::SignIn), "they end in 59 min, and are renewed for as long as the sign-in lasts"),
            (held(later(59), Renewal::Until(later(59))), "they end in 59 min, and nothing renews them"),
            (held(None, Renewal::Until(None)), "they do not tell when they end, and nothing renews them"),
            (
                held(later(59), Renewal::Until(later(480))),
                "they end in 59 min; nothing renews the sign-in, which ends in 8 h",
            ),
            (held(later(59), Renewal::Until(None)), "they end in 59 min; nothing renews what they are got with"),
        ] {
            assert_eq!(holds(&credentials, now), said);
        }
    }

    #[test]
    fn whose_why_and_how_long_are_in_the_sentence() {
        let now: Timestamp = "2026-11-24T18:00:00Z".parse().unwrap();
        let failing = SignInFailure { since: now - Span::from_mins(7), why: "vault: sealed".to_owned() };
        let held = HeldCredentials { until: Some(now + Span::from_mins(23)), renewal: Renewal::Itself };
        let whose = "profile ops".to_owned();
        let (purpose, held, failing) = (SignInFor::Console, Some(held), Some(failing));
        let mut sign_in = SignIn { purpose, whose, held, failing };
        assert_eq!(
            not_renewed(&sign_in, now).as_deref(),
            Some(
                "The AWS credentials from profile ops end in 23 min; renewing them has failed for 7 min: vault: sealed."
            )
        );
        sign_in.held = None;
        assert_eq!(not_renewed(&sign_in, now), None);
        assert_eq!(
            signed_out(&sign_in),
            "No AWS credentials from profile ops: vault: sealed. No move is possible from here."
        );
    }
}
