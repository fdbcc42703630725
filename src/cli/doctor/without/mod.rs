//! `doctor --without us-east-1`: what of this console would still work if that were gone.
//!
//! It is tried: every source is asked once by clients that are kept away from what is gone, and somebody signs in anew
//! in the same way. What is said of a thing is what came of asking it; what was not asked is said to be not tried.

mod changes;
mod reach;
mod sign_in;

use std::sync::Arc;

use super::account::{self, Caller};
use super::{LIMIT, Line, Patient, Verdict, here, round};
use crate::aws::{Anew, Gone, Outage, Trial};
use crate::estate::{Estate, Region, Role};

const SCOPE: &str = "what would be gone";
const MACHINE: &str = "this machine";
const SIGNATURES: &str = "people's signatures";

/// What is to be done about what fails today.
const TODAY: &str = "this fails without any outage: `signalbox doctor` says why";

/// What is to be done about what is found by a name of the internet.
const BY_NAME: &str = "without names, nothing of AWS's is found: have a resolver of your own that goes on (a VPC has one), \
                       and try it in a drill";

/// Asks everything as if all of this were gone. A line is ✔ for what would work all the same, ▲ for what people would
/// miss, ✖ for what would keep them from acting, each with what to do.
pub async fn examine_without(patient: &Patient, gone: &[Gone]) -> Vec<Line> {
    let (credentials, caller) = account::credentials(patient).await;
    let sign_in = patient.sdk.sign_in();
    let outage = Outage::of(gone);
    let sdk = patient.sdk.without(&outage);
    let estate = match &caller {
        Ok(_) => Arc::clone(&patient.estate),
        Err(_) => Arc::new(round::without_aws(&patient.estate)),
    };
    let (place, trials, round, changes) = tokio::join!(
        patient.sdk.stands_in(),
        patient.sdk.sign_in_without(&patient.estate, gone),
        round::ask(&estate, &sdk, patient.now, LIMIT),
        changes::lines(patient, &sdk, gone, &caller),
    );
    let mut lines = match &caller {
        Ok(_) => sign_in::lines(&sign_in, &trials, (patient.now)()),
        Err(_) => credentials.into_iter().filter(|line| line.verdict != Verdict::Good).collect(),
    };
    let seen = reach::Seen { estate: &estate, round: &round, outage: &outage };
    lines.extend(reach::lines(&seen, &patient.estate, gone, &caller));
    lines.extend(changes);
    lines.extend(signatures(patient));
    let asked: Vec<_> = outage.asked().into_iter().chain(trials.iter().flat_map(|t| t.asked.clone())).collect();
    let missed = |gone: &&Gone| !asked.iter().any(|asked| asked.gone.as_ref() == Some(gone));
    let untouched = |gone| untouched(&patient.estate, gone, &caller, &trials);
    let mut all: Vec<Line> = gone.iter().filter(missed).map(untouched).collect();
    all.extend(stands(place, gone));
    all.extend(lines);
    all
}

/// Whether this console is in a region that is gone; no line where none is.
fn stands(place: Option<Region>, gone: &[Gone]) -> Option<Line> {
    let what = "where this console runs";
    gone.iter().find(|gone| matches!(gone, Gone::Region(_)))?;
    Some(match place {
        None => {
            let remedy = "if it is in that region itself, have a second console elsewhere: nothing here would go on";
            Line::other(Verdict::Unknown, MACHINE, what, "not known: nothing here tells it", remedy)
        }
        Some(region) if gone.contains(&Gone::Region(region.clone())) => {
            let remedy = "have a second console in another region, or on a machine of your own, and try it in a drill";
            Line::other(Verdict::Bad, MACHINE, what, format!("in {region} itself: all of it would be gone"), remedy)
        }
        Some(region) => Line::good(MACHINE, what, format!("in {region}")),
    })
}

/// Nothing was kept away: that is good news where it is meant, and a slip of the pen where it is not.
fn untouched(estate: &Estate, gone: &Gone, caller: &Caller, trials: &[Trial]) -> Line {
    let what = gone.to_string();
    let open = trials.iter().find_map(|trial| match &trial.anew {
        Anew::Open(why) => Some(why),
        _ => None,
    });
    if let (Ok(_), Some(why)) = (caller, open) {
        let found = format!("nothing that can be seen from here asks it, but {why}");
        return Line::other(Verdict::Unknown, SCOPE, what, found, sign_in::BY_HAND);
    }
    match gone {
        _ if caller.is_err() => Line::skipped(SCOPE, what, "AWS was not asked for anything"),
        Gone::Region(region) if !regions(estate).contains(&region) => {
            let remedy = "look at its spelling: the estate has no such region, and nobody signs in there";
            Line::other(Verdict::Unknown, SCOPE, what, "nothing here is asked there", remedy)
        }
        Gone::Region(_) => Line::good(SCOPE, what, "nothing here is asked there"),
        Gone::IdentityCenter => Line::good(SCOPE, what, "nothing here asks IAM Identity Center"),
        Gone::InternetDns => Line::good(SCOPE, what, "nothing here is found by a name of the internet"),
    }
}

/// The regions that the estate file names.
fn regions(estate: &Estate) -> Vec<&Region> {
    let pairs = estate.pairs.iter().flat_map(|pair| [&pair.active, &pair.standby]);
    let endpoints = estate.cluster.endpoints.iter().map(|endpoint| &endpoint.region);
    estate.regions.iter().map(|info| &info.name).chain(pairs).chain(endpoints).collect()
}

/// Signing and judging signatures: what is here, looked at here.
fn signatures(patient: &Patient) -> Vec<Line> {
    let with = |role| patient.estate.people.iter().filter(|p| p.is(role) && !p.keys.is_empty()).count();
    let found = format!(
        "keys of people's own, judged by the estate file: {} operators, {} approvers; nobody is asked over a network",
        with(Role::Operator),
        with(Role::Approver)
    );
    let mut lines = vec![Line::good(SIGNATURES, "proposing, approving, the second key", found)];
    let ill = here::people(patient).into_iter().filter(|line| line.verdict != Verdict::Good);
    lines.extend(ill.map(|line| Line { group: SIGNATURES, ..line }));
    lines
}
