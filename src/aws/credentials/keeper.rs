//! The one task that gets credentials and renews them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rand::RngExt as _;
use tokio::sync::{Notify, watch};

use super::{Fetched, Gives, Held, Refused, State};
use crate::event::{HeldCredentials, Renewal, SignIn, SignInFailure, SignInFor};
use crate::time::Timestamp;

/// Whoever waits longer for the first credentials is told what they wait for.
const SLOW: Duration = Duration::from_secs(8);
/// Nothing takes longer: each step of the way has its own, shorter end.
const LONGEST: Duration = Duration::from_secs(90);
/// Credentials are renewed so long before they end, at the latest, if they last so long.
const AHEAD: Duration = Duration::from_secs(600);
/// And not sooner than this after the last time.
const LEAST: Duration = Duration::from_secs(5);
/// After a failure the next try comes later each time, up to this.
const RARELY: Duration = Duration::from_secs(30);
/// The same for what may bother somebody each time.
const MORE_RARELY: Duration = Duration::from_secs(300);
/// What a profile holds is looked at this often.
const REREAD: Duration = Duration::from_secs(30);
/// A machine that slept must not sleep through the end: the clock on the wall is looked at this often.
const LOOK: Duration = Duration::from_secs(20);

/// Starts it. It ends with the last of those that sign with what it has.
pub(in crate::aws) fn keep(source: impl Gives, purpose: SignInFor) -> Held {
    let sign_in = SignIn { purpose, whose: source.words(), held: None, failing: None };
    let (tell, held) = watch::channel(State { credentials: None, sign_in });
    let held = Held::of(held);
    tokio::spawn(run(source, tell, held.spent.clone()));
    held
}

async fn run(mut source: impl Gives, tell: watch::Sender<State>, spent: Arc<Notify>) {
    let mut failures = 0;
    loop {
        let Some(fetched) = fetch(&mut source, &tell).await else { return };
        let wait = match fetched {
            Ok(fetched) => {
                failures = 0;
                took(&tell, source.words(), fetched)
            }
            Err(refused) => {
                failures += 1;
                tracing::warn!(whose = source.words(), why = refused.why, "no new AWS credentials");
                failed(&tell, source.words(), refused.why);
                Some(rest(failures, refused.rest))
            }
        };
        let due = wait.map(|wait| SystemTime::now() + wait);
        // What was said of the ones before says nothing of these.
        let earliest = tokio::time::Instant::now() + LEAST;
        if !until(due, &tell, (&spent, earliest)).await {
            return;
        }
    }
}

/// Gets them; none when nobody wants them any more. What takes long is said to be failing, and goes on.
async fn fetch(source: &mut impl Gives, tell: &watch::Sender<State>) -> Option<Result<Fetched, Refused>> {
    let what = source.waits_for();
    let whose = source.words();
    let fetch = tokio::time::timeout(LONGEST, source.fetch());
    tokio::pin!(fetch);
    tokio::select! {
        fetched = &mut fetch => return Some(ended(fetched, &what)),
        () = tell.closed() => return None,
        () = tokio::time::sleep(SLOW) => {}
    }
    if !tell.borrow().is_decided() {
        failed(tell, whose, format!("{what} has not answered for {} s; it is still waited for", SLOW.as_secs()));
    }
    tokio::select! {
        fetched = &mut fetch => Some(ended(fetched, &what)),
        () = tell.closed() => None,
    }
}

fn ended(
    fetched: Result<Result<Fetched, Refused>, tokio::time::error::Elapsed>,
    what: &str,
) -> Result<Fetched, Refused> {
    let fetched = fetched
        .unwrap_or_else(|_| Err(Refused::new(format!("{what} has not answered within {} s", LONGEST.as_secs()))))?;
    let over = fetched.credentials.expiry().filter(|end| *end <= SystemTime::now());
    match over.and_then(|end| Timestamp::try_from(end).ok()) {
        // The same would come again and again: what gives them has to get new ones first.
        Some(end) => {
            let end = end.strftime("%Y-%m-%d %H:%M:%SZ");
            let why = format!("{what} gave credentials that ended at {end}: sign in again");
            Err(Refused { rest: true, ..Refused::new(why) })
        }
        None => Ok(fetched),
    }
}

/// New credentials, or the same again; how long to wait until they are got again, if they are.
fn took(tell: &watch::Sender<State>, whose: String, fetched: Fetched) -> Option<Duration> {
    let Fetched { credentials, renewal, from_file } = fetched;
    let end = credentials.expiry();
    let held = HeldCredentials { until: end.and_then(|at| Timestamp::try_from(at).ok()), renewal };
    let purpose = tell.borrow().sign_in.purpose.clone();
    let sign_in = SignIn { purpose, whose, held: Some(held), failing: None };
    tell.send_if_modified(|state| {
        let known = state.credentials.as_ref() == Some(&credentials) && state.sign_in == sign_in;
        if !known {
            let until = end.and_then(|at| Timestamp::try_from(at).ok()).map(|at| at.strftime("%H:%M:%SZ").to_string());
            tracing::info!(whose = sign_in.whose, until = until.as_deref().unwrap_or("no end"), "AWS credentials");
            *state = State { credentials: Some(credentials), sign_in };
        }
        !known
    });
    match (renewal, end) {
        // Tools that write sessions into profiles write new ones there.
        (_, None) if from_file => Some(REREAD),
        (Renewal::Endless, _) | (_, None) => None,
        (_, Some(end)) => Some(when(end.duration_since(SystemTime::now()).unwrap_or_default())),
    }
}

/// How long to wait with what lasts so long: half of it, and at the latest until ten minutes before its end.
fn when(left: Duration) -> Duration {
    let ahead = left.checked_sub(AHEAD).filter(|wait| *wait > LEAST).unwrap_or(left / 2);
    ahead.min(left / 2).max(LEAST)
}

/// How long to wait after so many failures.
fn rest(failures: u32, rarely: bool) -> Duration {
    let most = if rarely { MORE_RARELY } else { RARELY };
    let wait = Duration::from_secs(1).saturating_mul(1 << failures.min(10)).min(most);
    wait.mul_f64(rand::rng().random_range(0.75..1.25))
}

/// Keeps what still holds.
fn failed(tell: &watch::Sender<State>, whose: String, why: String) {
    tell.send_modify(|state| {
        let since = state.sign_in.failing.take().map_or_else(Timestamp::now, |before| before.since);
        state.sign_in.whose = whose;
        state.sign_in.failing = Some(SignInFailure { since, why });
        forget_ended(state);
    });
}

/// What has ended is held no more.
fn forget_ended(state: &mut State) -> bool {
    let over = state.credentials.as_ref().and_then(|c| c.expiry()).is_some_and(|end| end <= SystemTime::now());
    let tells = over && state.sign_in.held.take().is_some();
    if tells && state.sign_in.failing.is_none() {
        let why = "they have ended, and no new ones have come yet".to_owned();
        state.sign_in.failing = Some(SignInFailure { since: Timestamp::now(), why });
    }
    tells
}

/// Waits until then, for ever without a time; false when nobody wants credentials any more.
async fn until(
    due: Option<SystemTime>,
    tell: &watch::Sender<State>,
    (spent, earliest): (&Notify, tokio::time::Instant),
) -> bool {
    let ended = async {
        tokio::time::sleep_until(earliest).await;
        spent.notified().await;
    };
    tokio::pin!(ended);
    loop {
        tell.send_if_modified(forget_ended);
        let left = due.map(|due| due.duration_since(SystemTime::now()).unwrap_or_default());
        match left {
            Some(Duration::ZERO) => return true,
            left => {
                tokio::select! {
                    () = tell.closed() => return false,
                    () = &mut ended => return true,
                    () = tokio::time::sleep(left.unwrap_or(LOOK).min(LOOK)) => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_renewed_after_half_of_it_and_what_is_short_well_before_its_end() {
        let minutes = |m: u64| Duration::from_secs(m * 60);
        assert_eq!(when(minutes(60)), minutes(30));
        assert_eq!(when(minutes(15)), minutes(5), "ten minutes before its end");
        assert_eq!(when(minutes(8)), minutes(4));
        assert_eq!(when(Duration::ZERO), LEAST);
    }

    #[test]
    fn failures_come_rarer_and_never_at_the_same_time() {
        assert!(rest(1, false) < Duration::from_secs(3));
        assert!((Duration::from_secs(20)..Duration::from_secs(40)).contains(&rest(40, false)));
        assert!(rest(40, true) > Duration::from_secs(200));
    }
}
