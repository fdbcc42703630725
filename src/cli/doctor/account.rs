//! What AWS says: who we are, for how long, and whether every call that the console makes is answered.

use std::sync::Arc;
use std::time::Duration;

use super::round::{self, Round};
use super::{Line, Patient, Verdict};
use crate::aws::{Deadlines, Kind, Service, Target, Trouble, Web};
use crate::estate::{ClusterEndpoint, Estate, Region, Site};
use crate::event::{FailureKind, Heard, Renewal, SignIn, SourceId};
use crate::model::words;
use crate::time::{Span, Timestamp};

const CREDENTIALS: &str = "credentials";
const CALLS: &str = "calls that the console makes";
const CLUSTER: &str = "ARC cluster endpoints";
const NAMES: &str = "DNS resolvers";
const CLOCK: &str = "clock";

/// For a question to STS.
pub(super) const DEADLINES: Deadlines = Deadlines { connect: Duration::from_secs(2), attempt: Duration::from_secs(4) };
/// AWS refuses signatures of clocks that are off by more than five minutes.
const REFUSED: Span = Span::from_mins(5);
/// Off by more, and times on a bridge call do not fit together.
const OFF: Span = Span::from_secs(5);
/// An endpoint that takes longer is a slow one.
const SLOW: Span = Span::from_millis(1500);

pub(super) const NETWORK: &str = "check the network, proxy and VPN between this machine and it";
const SET_CLOCK: &str = "set the clock by NTP (`timedatectl set-ntp true`)";
/// How credentials are got.
const SIGN_IN: &str = "sign in (`aws sso login`) and name the profile in AWS_PROFILE; or set AWS_ACCESS_KEY_ID and \
                       AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN, for a role's); or give this machine an instance role";

/// The caller: an ARN, if STS knows it. An error says why AWS is not asked anything: every answer would repeat the same
/// failure, or be about another account.
pub(super) type Caller = Result<Option<String>, String>;

/// The lines about the credentials, and the caller.
pub(super) async fn credentials(patient: &Patient) -> (Vec<Line>, Caller) {
    patient.sdk.signed_in().await;
    let sign_in = patient.sdk.sign_in();
    let mut lines = vec![standing(&sign_in, (patient.now)())];
    if sign_in.held.is_none() {
        return (lines, Err("no credentials".into()));
    }
    let region = patient.estate.regions.first().map_or_else(|| Region::new("us-east-1"), |r| r.name.clone());
    let what = "identity (GetCallerIdentity)";
    let (line, caller) = match patient.sdk.sts(&Site::from(region), DEADLINES).get_caller_identity().send().await {
        Err(e) => {
            let trouble = Trouble::from(e);
            let bad = |remedy| Line::other(Verdict::Bad, CREDENTIALS, what, trouble.to_string(), remedy);
            // It needs no permission: whom STS refuses, everybody refuses.
            match trouble.kind {
                Kind::Denied => (bad(SIGN_IN), Err("AWS refuses the credentials".to_owned())),
                Kind::NoCredentials => (bad(SIGN_IN), Err("no credentials".to_owned())),
                Kind::Clock => (bad(SET_CLOCK), Err("AWS refuses this machine's clock".to_owned())),
                Kind::Connect | Kind::Timeout | Kind::Lost => (bad(NETWORK), Ok(None)),
                _ => (bad("look again later: until then, the caller is unknown"), Ok(None)),
            }
        }
        Ok(who) => {
            let (arn, account, own) = (who.arn().unwrap_or("?"), who.account().unwrap_or("?"), &patient.estate.account);
            if account == own {
                (Line::good(CREDENTIALS, what, arn), Ok(who.arn().map(str::to_owned)))
            } else {
                let found = format!("{arn} is of account {account}; the estate is of {own}");
                let remedy = format!("use a profile of account {own}, or the estate file of account {account}");
                let line = Line::other(Verdict::Bad, CREDENTIALS, what, found, remedy);
                (line, Err(format!("the credentials are of account {account}, the estate is of {own}")))
            }
        }
    };
    lines.push(line);
    (lines, caller)
}

/// How the credentials stand, in one line. A session that is renewed in good time is well, however short it is; one that
/// somebody must begin again is not.
pub(super) fn standing(sign_in: &SignIn, now: Timestamp) -> Line {
    let why = sign_in.failing.as_ref().map(|failing| failing.why.as_str());
    let Some(held) = &sign_in.held else {
        let why = why.unwrap_or("none have come yet");
        let found = format!("no AWS credentials: {}: {why}", sign_in.whose);
        return Line::other(Verdict::Bad, CREDENTIALS, "credentials", found, SIGN_IN);
    };
    let found = format!("{}: {}", sign_in.whose, crate::words::holds(held, now));
    if let Some(why) = why {
        let found = format!("{found}; they cannot be renewed: {why}");
        return Line::other(Verdict::Bad, CREDENTIALS, "expiry", found, SIGN_IN);
    }
    match held.renewal {
        Renewal::Endless | Renewal::Itself | Renewal::SignIn => Line::good(CREDENTIALS, "expiry", found),
        Renewal::Until(_) => {
            let remedy = "sign in anew before an incident, or with what renews itself (docs/credentials.md): nothing here \
                          can go on when they end";
            Line::other(Verdict::Warn, CREDENTIALS, "expiry", found, remedy)
        }
    }
}

/// Every source is asked once, as the console does; without a caller, only what needs none.
pub(super) async fn calls(patient: &Patient, limit: Duration, caller: &Caller) -> Vec<Line> {
    let estate = match caller {
        Ok(_) => Arc::clone(&patient.estate),
        Err(_) => Arc::new(round::without_aws(&patient.estate)),
    };
    let (mut lines, throttled) = heard(patient, &estate, limit).await;
    match caller {
        Ok(_) if estate.cluster.is_none() => {
            let remedy = "without routing controls nobody can move traffic by hand, and no second person is asked";
            lines.push(Line::other(Verdict::Unknown, CLUSTER, "the cluster", crate::words::NO_CLUSTER, remedy));
        }
        Ok(_) => lines.push(enough(&lines, throttled, estate.cluster.endpoints.len())),
        Err(why) => {
            let endpoints = format!("all {}", patient.estate.cluster.endpoints.len());
            lines.push(Line::skipped(CLUSTER, endpoints, why));
            lines.push(Line::skipped(CALLS, "every call to AWS", why));
        }
    }
    lines.sort_by_key(|l| [CLUSTER, CALLS, NAMES].iter().position(|g| *g == l.group));
    lines
}

/// The lines, and how many endpoints of the cluster throttle.
async fn heard(patient: &Patient, estate: &Arc<Estate>, limit: Duration) -> (Vec<Line>, usize) {
    let Round { heard, silent } = round::ask(estate, &patient.sdk, patient.now, limit).await;
    let mut lines: Vec<Line> = heard.iter().map(|h| line(estate, h)).collect();
    for silent in silent {
        lines.push(Line::other(Verdict::Bad, group(&silent), name(estate, &silent), "no answer", NETWORK));
    }
    let throttles = |h: &&Heard| {
        matches!(h.source, SourceId::Arc(_)) && h.news.as_ref().is_err_and(|f| f.kind == FailureKind::Throttled)
    };
    (lines, heard.iter().filter(throttles).count())
}

/// Whether enough of the cluster's endpoints answer.
fn enough(lines: &[Line], throttled: usize, endpoints: usize) -> Line {
    let up = lines.iter().filter(|l| l.group == CLUSTER && l.verdict == Verdict::Good).count();
    let what = "enough of them";
    let found = crate::words::answering(up, throttled, endpoints);
    if up > 1 {
        return Line::good(
            CLUSTER,
            what,
            format!("{found}; one is enough to act, two others show that nothing happened"),
        );
    }
    if up + throttled > 1 {
        return Line::other(
            Verdict::Warn,
            CLUSTER,
            what,
            found,
            "they are asked too often now: look again in a minute",
        );
    }
    let remedy = "AWS promises three: do not wait for an incident to ask why";
    Line::other(Verdict::Bad, CLUSTER, what, found, remedy)
}

fn group(source: &SourceId) -> &'static str {
    match source {
        SourceId::Arc(_) => CLUSTER,
        SourceId::Dns(_) => NAMES,
        _ => CALLS,
    }
}

/// The source and the API calls behind it.
fn name(estate: &Estate, source: &SourceId) -> String {
    match source {
        SourceId::Arc(region) => region.to_string(),
        SourceId::Cloudwatch(site) => format!("CloudWatch {site} (GetMetricData, DescribeAlarms)"),
        SourceId::Drs(region) => format!("DRS {region} (DescribeSourceServers, …Jobs)"),
        SourceId::Ec2(site) => format!("EC2 {site} (Describe…)"),
        SourceId::Route53(id) => {
            let check = estate.health_checks.iter().find(|c| &c.id == id).map_or(id.as_str(), |c| c.name.as_str());
            format!("Route 53 GetHealthCheckStatus, {check}")
        }
        SourceId::Dns(resolver) => resolver.to_string(),
        SourceId::Probe(service, region) => format!("probe of {service} in {region}"),
    }
}

fn line(estate: &Estate, heard: &Heard) -> Line {
    let (group, what) = (group(&heard.source), name(estate, &heard.source));
    let took = words::span(heard.took);
    let failure = match &heard.news {
        Ok(_) if group == CLUSTER && heard.took > SLOW => {
            let remedy = "a flip goes to another endpoint first; look again later";
            return Line::other(Verdict::Warn, group, what, format!("answers in {took}: slow"), remedy);
        }
        Ok(_) => return Line::good(group, what, format!("answers in {took}")),
        Err(failure) => failure,
    };
    let remedy = match failure.kind {
        FailureKind::Denied => "give this identity the permission named here; the docs list all that are needed",
        FailureKind::NoCredentials => SIGN_IN,
        FailureKind::Throttled => "something else asks often too; lengthen the interval in [poll]",
        FailureKind::Budget => "raise [poll] dollars_per_hour in the estate file, or wait until the hour is over",
        FailureKind::Clock => SET_CLOCK,
        FailureKind::Timeout | FailureKind::Connect => NETWORK,
        FailureKind::Service => "the service itself fails now; look again later",
        FailureKind::Garbled => "something in between answers for it: a proxy, or another server at that address",
    };
    // One dark endpoint is what five are for.
    let verdict = if group == CLUSTER { Verdict::Warn } else { Verdict::Bad };
    Line::other(verdict, group, what, failure.why.clone(), remedy)
}

/// This machine's clock against that of a service.
pub(super) async fn clock(patient: &Patient) -> Vec<Line> {
    let what = "against AWS's clock";
    let wait = Duration::from_secs(2);
    let web = Web::new(&patient.sdk, wait, wait, patient.sdk.trusted());
    for endpoint in &patient.estate.cluster.endpoints {
        let Some((theirs, ours)) = date(endpoint, &web, patient.now).await else { continue };
        // The header has whole seconds, cut off: its moment is anywhere in the second that it names.
        let ahead = ours.duration_since(theirs) - Span::from_secs(1);
        let off = ahead.max(theirs.duration_since(ours)).max(Span::ZERO);
        let found = format!("off by {}", words::span(off));
        let remedy = SET_CLOCK;
        return vec![if off > REFUSED {
            Line::other(
                Verdict::Bad,
                CLOCK,
                what,
                format!("{found}: AWS refuses signatures that are 5 min off"),
                remedy,
            )
        } else if off > OFF {
            Line::other(Verdict::Warn, CLOCK, what, found, remedy)
        } else {
            Line::good(CLOCK, what, if off < Span::from_secs(1) { "within two seconds".to_owned() } else { found })
        }];
    }
    let remedy = "no cluster endpoint could be asked for its time";
    vec![Line::other(Verdict::Unknown, CLOCK, what, "not to be told", remedy)]
}

/// The `Date` of any answer, and ours in the middle of the asking.
async fn date(endpoint: &ClusterEndpoint, web: &Web, now: fn() -> Timestamp) -> Option<(Timestamp, Timestamp)> {
    let target = Target::Service(Service::Cluster, endpoint.region.clone());
    let before = now();
    let answer = web.get(&target, &endpoint.url).await.ok()?;
    let half = now().duration_since(before) / 2;
    let date = answer.headers().get(reqwest::header::DATE)?.to_str().ok()?;
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some((theirs, before.checked_add(half).ok()?))
}
