//! What could still be changed besides the levers: ARC's set-up, and DNS records, for which public zones can be prepared
//! (Route 53's accelerated recovery).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_route53::types::AcceleratedRecoveryStatus as Status;

use super::TODAY;
use crate::aws::pages::{self, Page};
use crate::aws::turn::Turns;
use crate::aws::{CONTROL_CONFIG_REGION, Deadlines, Gone, Kind, ROUTE53_REGION, Sdk, Service, Target, Trouble};
use crate::cli::doctor::account::Caller;
use crate::cli::doctor::{Line, Patient, Verdict};
use crate::estate::{Estate, Region};

const CHANGES: &str = "changes besides the levers";
const SET_UP: &str = "ARC's set-up (ListClusters)";
const DEADLINES: Deadlines = Deadlines { connect: Duration::from_secs(2), attempt: Duration::from_secs(4) };
/// Pages of zones, at most; a page has a hundred.
const PAGES: usize = 20;
/// Between two calls of Route 53: an account has five a second, which everybody shares who uses it.
const TURN: Duration = Duration::from_millis(300);

const ALLOW: &str = "allow route53:ListHostedZones and route53:GetHostedZone (docs/two-person-rule.md), or look in the \
                     account that has the zones";

/// The lines. The set-up is asked by clients that are kept away from what is gone; the zones by those that are not: what
/// is looked at is how they are prepared.
pub(super) async fn lines(patient: &Patient, kept: &Sdk, gone: &[Gone], caller: &Caller) -> Vec<Line> {
    if let Err(why) = caller {
        return vec![Line::skipped(CHANGES, "all of them", why)];
    }
    let route53 = Gone::Region(Region::new(ROUTE53_REGION));
    let zones = async { if gone.contains(&route53) { zones(patient).await } else { Vec::new() } };
    let set_up =
        async { if patient.estate.cluster.is_none() { None } else { Some(set_up(&patient.estate, kept).await) } };
    let (set_up, zones) = tokio::join!(set_up, zones);
    set_up.into_iter().chain(zones).collect()
}

/// ARC's clusters, panels, controls and rules (`ListClusters`).
async fn set_up(estate: &Estate, kept: &Sdk) -> Line {
    let asked =
        kept.control_config(estate.cluster.account.as_ref(), DEADLINES).list_clusters().max_results(1).send().await;
    let trouble = match asked.map_err(Trouble::from) {
        Ok(_) => return Line::good(CHANGES, SET_UP, format!("{CONTROL_CONFIG_REGION} answers")),
        Err(trouble) => trouble,
    };
    let target = Target::Service(Service::ControlConfig, Region::new(CONTROL_CONFIG_REGION));
    let (why, remedy) = match kept.outage().kept_from(&target) {
        Some(Gone::InternetDns) => ("it is not found".to_owned(), super::BY_NAME),
        Some(_) => {
            let remedy =
                "a move needs none of it, as the estate file has its copy: keep that current (`discover --refresh`)";
            (format!("it is in {CONTROL_CONFIG_REGION} alone"), remedy)
        }
        None => return answered(&trouble),
    };
    let found = format!("{why}: no control or rule can be made or changed, and nothing discovered");
    Line::other(Verdict::Warn, CHANGES, SET_UP, found, remedy)
}

/// What it said, where it was not kept away from us.
fn answered(trouble: &Trouble) -> Line {
    match trouble.kind {
        // Who may only look on is told so by somebody.
        Kind::Denied => Line::good(
            CHANGES,
            SET_UP,
            format!("{CONTROL_CONFIG_REGION} answers, and shows it to others than this identity"),
        ),
        _ => Line::other(Verdict::Warn, CHANGES, SET_UP, trouble.to_string(), TODAY),
    }
}

/// A zone's name without the dot, by its id.
type Zones = BTreeMap<String, String>;

/// How the public zones that have the estate's names are prepared.
async fn zones(patient: &Patient) -> Vec<Line> {
    let client = patient.sdk.route53(patient.estate.route53.account.as_ref(), DEADLINES);
    let turns = Turns::every(TURN);
    let found = match public_zones(&client, &turns).await {
        Ok(found) => found,
        Err(trouble) => {
            let found = format!("not known: the zones cannot be listed: {trouble}");
            return vec![Line::other(Verdict::Unknown, CHANGES, "DNS records", found, ALLOW)];
        }
    };
    let (ours, homeless) = sorted(&patient.estate, &found);
    let mut lines = Vec::new();
    for (id, name) in ours {
        turns.mine().await;
        let answer = client.get_hosted_zone().id(&id).send().await.map_err(Trouble::from);
        let features = answer.map(|zone| zone.hosted_zone.and_then(|zone| zone.features));
        let status = features.map(|features| {
            let why = features.as_ref().and_then(|f| f.failure_reasons()?.accelerated_recovery().map(str::to_owned));
            (features.and_then(|f| f.accelerated_recovery_status), why)
        });
        lines.push(prepared(&id, &name, status));
    }
    if !homeless.is_empty() {
        let names: Vec<&str> = homeless.iter().map(String::as_str).collect();
        let account = patient.estate.account_id(patient.estate.route53.account.as_ref());
        let found = format!("not known: no public zone of account {account} has {}", names.join(", "));
        lines.push(Line::other(Verdict::Unknown, CHANGES, "DNS records", found, ALLOW));
    }
    lines
}

/// All public zones (`ListHostedZones`).
async fn public_zones(client: &aws_sdk_route53::Client, turns: &Turns) -> Result<Zones, Trouble> {
    let listed = pages::all(PAGES, "hosted zones", |marker: Option<String>| async move {
        turns.mine().await;
        let page = client.list_hosted_zones().set_marker(marker).send().await?;
        let public = page.hosted_zones().iter().filter(|z| !z.config().is_some_and(|config| config.private_zone()));
        let named = public.map(|zone| {
            let name = zone.name().trim_end_matches('.').to_ascii_lowercase();
            (zone.id().trim_start_matches("/hostedzone/").to_owned(), name)
        });
        Ok(Page::of(named.collect(), page.next_marker().filter(|_| page.is_truncated()).map(str::to_owned)))
    });
    Ok(listed.await?.into_iter().collect())
}

/// The zones that have the estate's names, the longest that fits each; and the names that no zone has.
fn sorted(estate: &Estate, zones: &Zones) -> (Zones, BTreeSet<String>) {
    let (mut ours, mut homeless) = (Zones::new(), BTreeSet::new());
    for name in estate.services.iter().flat_map(|service| &service.dns) {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let fits = |zone: &str| name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        let longest = zones.values().filter(|zone| fits(zone)).max_by_key(|zone| zone.len());
        // Two public zones may have one name; who delegates to which of them is not known here.
        match longest {
            Some(longest) => {
                ours.extend(zones.iter().filter(|(_, zone)| *zone == longest).map(|(i, z)| (i.clone(), z.clone())))
            }
            None => drop(homeless.insert(name)),
        }
    }
    (ours, homeless)
}

/// What AWS says of a zone, in a line (`HostedZone.Features.AcceleratedRecoveryStatus`).
fn prepared(id: &str, zone: &str, status: Result<(Option<Status>, Option<String>), Trouble>) -> Line {
    let what = format!("DNS records of {zone}");
    let switch = format!(
        "`aws route53 update-hosted-zone-features --hosted-zone-id {id} --enable-accelerated-recovery`, before anything \
         happens: during it, it cannot be switched on"
    );
    let warn = |found: &str| {
        let found = format!("{found}: none could be changed until {ROUTE53_REGION} is back");
        Line::other(Verdict::Warn, CHANGES, what.clone(), found, switch.clone())
    };
    let (status, why) = match status {
        Ok(said) => said,
        Err(trouble) => {
            return Line::other(Verdict::Unknown, CHANGES, what, format!("not known: {trouble}"), ALLOW);
        }
    };
    match status {
        Some(Status::Enabled) => {
            let found = format!(
                "accelerated recovery is on: they can be changed again some 60 min after AWS has seen {ROUTE53_REGION} fail"
            );
            Line::good(CHANGES, what, found)
        }
        Some(Status::Enabling | Status::EnablingHostedZoneLocked) => {
            let remedy = "look again: AWS takes up to some hours";
            Line::other(Verdict::Warn, CHANGES, what, "accelerated recovery is being switched on", remedy)
        }
        Some(Status::EnableFailed) => {
            let why = why.map_or_else(String::new, |why| format!(" ({})", crate::aws::clip(&why, 300)));
            warn(&format!("accelerated recovery could not be switched on{why}"))
        }
        Some(Status::Disabled) | None => warn("accelerated recovery is off"),
        Some(Status::Disabling | Status::DisablingHostedZoneLocked) => {
            warn("accelerated recovery is being switched off")
        }
        Some(other) => {
            let found =
                format!("not known: AWS calls its accelerated recovery {}", crate::aws::clip(other.as_str(), 60));
            let remedy = format!("look at it: `aws route53 get-hosted-zone --id {id}`");
            Line::other(Verdict::Unknown, CHANGES, what, found, remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(status: Option<&str>) -> Line {
        prepared("Z1", "example.com", Ok((status.map(Status::from), Some("too many records".to_owned()))))
    }

    /// Every status of AWS's; what it may say one day is not health.
    #[test]
    fn only_what_is_on_is_well() {
        assert_eq!(line(Some("ENABLED")).verdict, Verdict::Good);
        for off in
            [None, Some("DISABLED"), Some("DISABLING"), Some("DISABLING_HOSTED_ZONE_LOCKED"), Some("ENABLE_FAILED")]
        {
            let line = line(off);
            assert_eq!(line.verdict, Verdict::Warn, "{off:?}");
            assert!(line.remedy.unwrap().contains("--hosted-zone-id Z1 --enable-accelerated-recovery"), "{off:?}");
        }
        assert!(line(Some("ENABLE_FAILED")).found.contains("(too many records)"));
        for soon in ["ENABLING", "ENABLING_HOSTED_ZONE_LOCKED"] {
            assert!(line(Some(soon)).found.contains("is being switched on"), "{soon}");
        }
        for open in ["DISABLE_FAILED", "SOMETHING_NEW"] {
            assert_eq!(line(Some(open)).verdict, Verdict::Unknown, "{open}");
        }
    }

    #[test]
    fn a_name_is_of_the_longest_zone_that_fits_it() {
        let mut estate = crate::estate::guiding_care().unwrap();
        estate.services.truncate(1);
        estate.services[0].dns =
            ["portal.example.com", "*.a.example.com", "example.org", "notexample.com"].map(str::to_owned).into();
        let zones = [("Z1", "example.com"), ("Z2", "a.example.com"), ("Z3", "ample.com"), ("Z4", "b.example.com")];
        let zones = zones.into_iter().map(|(id, name)| (id.to_owned(), name.to_owned())).collect();
        let (ours, homeless) = sorted(&estate, &zones);
        assert_eq!(ours.keys().map(String::as_str).collect::<Vec<_>>(), ["Z1", "Z2"]);
        assert_eq!(homeless.into_iter().collect::<Vec<_>>(), ["example.org", "notexample.com"]);
    }
}
