//! Who may still ask AWS: a console that runs, one that starts then, and one whose credentials end then.

use crate::aws::{Anew, Asked, Gone, Target, Trial, TrialOf};
use crate::cli::doctor::{Line, Verdict};
use crate::event::{HeldCredentials, Renewal, SignIn};
use crate::time::Timestamp;
use crate::words;

const SIGN_IN: &str = "sign-in";
const RENEWAL: &str = "renewal";

const STARTED: &str = "a console that starts then";
const ENDED: &str = "credentials that end then";

/// A way that needs neither Identity Center nor a sign-in of people.
const SECOND_WAY: &str = "have a second way for that night, and try it in a drill: this instance's role, or a role taken \
                          with a key that is kept for it; where IAM Identity Center is replicated to a second region, a \
                          profile with that one's sso_region (docs/credentials.md)";
const ANOTHER_STS: &str = "name a region that stays in AWS_REGION: STS gives the same in each";
/// For what is beyond this program's clients.
pub(super) const BY_HAND: &str = "try it in a drill, with that out of reach; or have a way that can be tried here \
                       (docs/credentials.md)";

/// What of signing in would still work: here, and into each account.
pub(super) fn lines(sign_in: &SignIn, trials: &[Trial], now: Timestamp) -> Vec<Line> {
    let Some(held) = &sign_in.held else { return Vec::new() };
    let running = format!("{}: {}", sign_in.whose, words::holds(held, now));
    let mut lines = vec![Line::good(SIGN_IN, "a console that runs already", running)];
    let mut renewal = None;
    for trial in trials {
        let what = match &trial.of {
            TrialOf::Console => {
                renewal = Some(renewed(held, trial, now));
                STARTED.to_owned()
            }
            TrialOf::Look(account) => format!("{account}, to look"),
            TrialOf::Act(account) => format!("{account}, to act"),
        };
        lines.push(started(what, trial));
    }
    lines.extend(renewal);
    lines
}

fn started(what: String, trial: &Trial) -> Line {
    match &trial.anew {
        Anew::Given(_) => Line::good(SIGN_IN, what, format!("{}: {}", trial.whose, given(&trial.asked))),
        Anew::Refused(why) => {
            let found = format!("{}: {}", trial.whose, refused(trial, why));
            Line::other(Verdict::Bad, SIGN_IN, what, found, remedy(trial))
        }
        Anew::Open(why) => {
            Line::other(Verdict::Unknown, SIGN_IN, what, format!("{}: not tried: {why}", trial.whose), BY_HAND)
        }
    }
}

fn renewed(held: &HeldCredentials, trial: &Trial, now: Timestamp) -> Line {
    if held.renewal == Renewal::Endless {
        return Line::good(RENEWAL, ENDED, "these do not end");
    }
    match &trial.anew {
        Anew::Given(HeldCredentials { renewal: Renewal::Until(_), .. }) => {
            let remedy = "sign in anew before an incident, or with what renews itself (docs/credentials.md)";
            Line::other(
                Verdict::Warn,
                RENEWAL,
                ENDED,
                format!("{}, with or without it", words::holds(held, now)),
                remedy,
            )
        }
        Anew::Given(_) => Line::good(RENEWAL, ENDED, format!("renewed: {}", given(&trial.asked))),
        Anew::Refused(why) => {
            let left = held.until.map_or("when they end is not known".to_owned(), |end| {
                format!("what is held now ends in {}", words::minutes(end.duration_since(now)))
            });
            let found = format!("not renewed, {}; {left}", refused(trial, why));
            Line::other(Verdict::Bad, RENEWAL, ENDED, found, remedy(trial))
        }
        Anew::Open(why) => Line::other(Verdict::Unknown, RENEWAL, ENDED, format!("not tried: {why}"), BY_HAND),
    }
}

/// By whom, and who was asked before: the last one that was asked gave them.
fn given(asked: &[Asked]) -> String {
    let targets = |gone: bool| asked.iter().filter(move |a| a.gone.is_some() == gone).map(|a| a.target.to_string());
    let (by, before) = (targets(false).collect::<Vec<_>>(), targets(true).collect::<Vec<_>>());
    match (by.as_slice(), before.as_slice()) {
        ([], _) => "nobody has to be asked".to_owned(),
        (by, []) => format!("given by {}", by.join(", ")),
        (by, before) => format!("given by {}; {} did not answer", by.join(", "), before.join(", ")),
    }
}

/// Who did not give them; where nobody was kept away, the reason itself.
fn refused(trial: &Trial, why: &str) -> String {
    let away: Vec<String> = trial.asked.iter().filter(|a| a.gone.is_some()).map(|a| a.target.to_string()).collect();
    let answered = trial.asked.iter().any(|a| a.gone.is_none());
    match away.as_slice() {
        [] => why.to_owned(),
        away if answered => format!("{} did not answer; {why}", away.join(", ")),
        away => format!("{} did not answer, and nobody else gives them", away.join(", ")),
    }
}

fn remedy(trial: &Trial) -> &'static str {
    if !trial.asked.iter().any(|asked| asked.gone.is_some()) {
        return super::TODAY;
    }
    if trial.asked.iter().any(|asked| asked.gone == Some(Gone::InternetDns)) {
        return super::BY_NAME;
    }
    let people = |asked: &Asked| matches!(asked.target, Target::IdentityCenter(_) | Target::SignIn(_));
    if trial.asked.iter().any(people) { SECOND_WAY } else { ANOTHER_STS }
}
