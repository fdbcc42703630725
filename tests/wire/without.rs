//! `signalbox doctor --without …` against the simulator: what goes on and what does not, and that nothing of what is
//! gone is even connected to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use signalbox::aws::{Credentials, Gone};
use signalbox::cli::doctor::{Line, Patient, Verdict, examine_without, shown};
use signalbox::estate::Estate;

use crate::doctor::{Ward, line, says};

fn gone(names: &[&str]) -> Vec<Gone> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

async fn without(ward: &Ward, names: &[&str], change: impl FnOnce(&mut Estate)) -> Vec<Line> {
    let patient = ward.patient(Credentials::dummy(), change).await;
    examine_without(&patient, &gone(names)).await
}

/// The line of a region's figures.
fn figures<'a>(lines: &'a [Line], region: &str) -> &'a Line {
    lines.iter().find(|l| l.group == "figures" && l.what == region).unwrap_or_else(|| panic!("{}", shown(lines)))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_us_east_1_levers_and_the_other_regions_go_on() {
    let ward = Ward::open("calm").await;
    let lines = without(&ward, &["us-east-1"], |_| ()).await;
    says(&lines, "a console that starts then", Verdict::Good, "nobody has to be asked");
    says(&lines, "credentials that end then", Verdict::Good, "these do not end");
    says(&lines, "cluster endpoints", Verdict::Good, "4 of 5 answer a read");
    says(&lines, "cluster endpoints", Verdict::Good, "gone: us-east-1. A move goes the same way; it was not tried");
    for region in ["us-east-2", "us-west-1", "us-west-2"] {
        let line = figures(&lines, region);
        assert!(line.verdict == Verdict::Good && line.found.contains("CloudWatch"), "{line:?}");
    }
    let here = figures(&lines, "us-east-1");
    assert!(here.verdict == Verdict::Warn && here.found.contains("figures become unknown"), "{here:?}");
    assert!(!lines.iter().any(|l| l.what.starts_with("other regions' figures")), "{}", shown(&lines));
    says(&lines, "what Route 53 says of them", Verdict::Warn, "Route 53's API is in us-east-1");
    says(&lines, "DNS resolvers", Verdict::Good, " answer");
    says(&lines, "probes of the applications", Verdict::Good, "the others are gone with us-east-1");
    says(&lines, "ARC's set-up", Verdict::Good, "us-west-2 answers");
    says(&lines, "proposing, approving, the second key", Verdict::Good, "nobody is asked over a network");
    assert!(lines.iter().all(|l| l.verdict != Verdict::Bad), "{}", shown(&lines));
    assert!(lines.iter().all(|l| l.group != "what would be gone"), "{}", shown(&lines));
}

#[tokio::test(flavor = "multi_thread")]
async fn accelerated_recovery_is_a_warning_until_it_is_on() {
    let ward = Ward::open("calm").await;
    let zone = "DNS records of guidingcare.com";
    let lines = without(&ward, &["us-east-1"], |_| ()).await;
    says(&lines, zone, Verdict::Warn, "accelerated recovery is off: none could be changed until us-east-1 is back");
    let remedy = line(&lines, zone).remedy.clone().unwrap();
    // What the remedy does: the AWS CLI makes this call.
    let patient = ward.patient(Credentials::dummy(), |_| ()).await;
    let route53 = patient.sdk.route53(
        None,
        signalbox::aws::Deadlines {
            connect: std::time::Duration::from_secs(2),
            attempt: std::time::Duration::from_secs(4),
        },
    );
    let id = remedy.split("--hosted-zone-id ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
    let switch = route53.update_hosted_zone_features().hosted_zone_id(id).enable_accelerated_recovery(true);
    switch.send().await.unwrap();
    says(&examine_without(&patient, &gone(&["us-east-1"])).await, zone, Verdict::Warn, "is being switched on");
    loop {
        let found = route53.get_hosted_zone().id(id).send().await.unwrap().hosted_zone.unwrap();
        if found.features.unwrap().accelerated_recovery_status.unwrap().as_str() == "ENABLED" {
            break;
        }
    }
    says(&examine_without(&patient, &gone(&["us-east-1"])).await, zone, Verdict::Good, "accelerated recovery is on");
    // Nobody changes records elsewhere: for another region it is no question.
    let lines = examine_without(&patient, &gone(&["us-east-2"])).await;
    assert!(!lines.iter().any(|l| l.what.starts_with("DNS records")), "{}", shown(&lines));
}

/// What one region publishes for all is missed in the others.
#[tokio::test(flavor = "multi_thread")]
async fn figures_that_another_region_publishes_are_named() {
    let ward = Ward::open("calm").await;
    let lines = without(&ward, &["us-west-2"], |_| ()).await;
    says(&lines, "other regions' figures in us-west-2", Verdict::Warn, "Global Accelerator (us-east-1)");
    says(&lines, "ARC's set-up", Verdict::Warn, "it is in us-west-2 alone");
    says(&lines, "what Route 53 says of them", Verdict::Good, "can be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_cluster_no_lever_is_said_to_answer() {
    let ward = Ward::open("calm").await;
    let lines = without(&ward, &["us-east-1"], |e| e.cluster = signalbox::estate::Cluster::none()).await;
    let levers: Vec<_> = lines.iter().filter(|l| l.group == "levers").collect();
    assert!(matches!(levers.as_slice(), [l] if l.verdict == Verdict::Unknown), "{}", shown(&lines));
    says(&lines, "the cluster", Verdict::Unknown, "no ARC cluster");
    assert!(!lines.iter().any(|l| l.what.starts_with("ARC's set-up")), "{}", shown(&lines));
}

/// Every server of the region is one that counts who comes.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_what_is_gone_is_even_connected_to() {
    let ward = Ward::open("calm").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let came = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            drop(stream);
        }
    });
    let of = |e: &mut Estate| {
        let here = "us-east-1";
        for endpoint in e.cluster.endpoints.iter_mut().filter(|e| e.region.as_str() == here) {
            endpoint.url = format!("{url}/v1");
        }
        for places in [&mut e.endpoints.cloudwatch, &mut e.endpoints.ec2, &mut e.endpoints.drs, &mut e.endpoints.sts] {
            places.insert(here.into(), url.clone());
        }
        e.endpoints.iam = Some(url.clone());
        for probe in e.services.iter_mut().flat_map(|s| &mut s.probes).filter(|p| p.region.as_str() == here) {
            probe.url = format!("{url}/healthz");
        }
    };
    let patient: Patient = ward.patient(Credentials::dummy(), of).await;
    let (kept, open) = (gone(&["us-east-1"]), gone(&["us-west-1"]));
    // Who signs in is asked today, as in every report: that STS alone may be asked.
    let mut estate = Estate::clone(&patient.estate);
    estate.regions.retain(|r| r.name.as_str() != "us-east-1");
    let patient = Patient { estate: Arc::new(estate), ..patient };
    let lines = examine_without(&patient, &kept).await;
    assert_eq!(came.load(Ordering::SeqCst), 0, "{}", shown(&lines));
    says(&lines, "cluster endpoints", Verdict::Good, "4 of 5 answer a read");
    // The same without the refusal: they are asked, and what fails of itself is not called an outage.
    let lines = examine_without(&patient, &open).await;
    assert!(came.load(Ordering::SeqCst) > 3);
    let arc = lines.iter().find(|l| l.group == "levers" && l.what == "us-east-1").unwrap();
    assert_eq!(arc.verdict, Verdict::Warn, "{arc:?}");
    assert!(arc.remedy.as_ref().unwrap().contains("without any outage"), "{arc:?}");
    assert!(figures(&lines, "us-west-1").found.contains("would not answer"), "{}", shown(&lines));
    says(&lines, "us-east-1, CloudWatch", Verdict::Bad, "");
}

/// A name that must be found is refused, an address is not; the public resolvers are the internet's names themselves.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_internets_names_only_addresses_are_asked() {
    let ward = Ward::open("calm").await;
    let named = |e: &mut Estate| {
        e.cluster.endpoints[0].url = "https://ab.route53-recovery-cluster.us-east-1.amazonaws.com/v1".into();
        e.resolvers[0].address = "192.0.2.53:53".parse().unwrap();
        e.services[0].probes[0].url = "https://portal.example.com/healthz".into();
        e.endpoints.recovery_control_config = None;
        e.endpoints.route53 = None;
        e.endpoints.cloudwatch.remove("us-east-1");
    };
    let lines = without(&ward, &["internet-dns"], named).await;
    says(&lines, "cluster endpoints", Verdict::Good, "4 of 5 answer a read");
    says(&lines, "DNS resolvers", Verdict::Warn, "the others are gone with internet-dns");
    says(&lines, "probes of the applications", Verdict::Warn, "the others are gone with internet-dns");
    says(&lines, "ARC's set-up", Verdict::Warn, "it is not found");
    says(&lines, "what Route 53 says of them", Verdict::Warn, "the state of 14 of 14 is unknown");
    let here = figures(&lines, "us-east-1");
    assert!(here.verdict == Verdict::Warn && here.found.contains("CloudWatch would not answer"), "{here:?}");
    for what in ["ARC's set-up", "what Route 53 says of them"] {
        assert!(line(&lines, what).remedy.as_ref().unwrap().contains("a resolver of your own"), "{what}");
    }
    // Where everything has an address, nothing is missed.
    let lines = without(&ward, &["internet-dns"], |_| ()).await;
    says(&lines, "internet-dns", Verdict::Good, "nothing here is found by a name");
    assert!(lines.iter().all(|l| l.verdict == Verdict::Good || l.group == "people's signatures"), "{}", shown(&lines));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_may_be_gone_at_once_and_without_any_endpoint_nobody_acts() {
    let ward = Ward::open("calm").await;
    let five = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"];
    let lines = without(&ward, &five, |_| ()).await;
    says(&lines, "cluster endpoints", Verdict::Bad, "0 of 5 answer a read");
    assert!(line(&lines, "cluster endpoints").remedy.as_ref().unwrap().contains("signalbox pack"));
    says(&lines, "ARC's set-up", Verdict::Warn, "it is in us-west-2 alone");
    let lines = without(&ward, &five[..4], |_| ()).await;
    says(&lines, "cluster endpoints", Verdict::Warn, "1 of 5 answer a read; gone: ");
}

/// Good news about a region that does not exist would be none.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_nothing_asks_is_said_to_be_that() {
    let ward = Ward::open("calm").await;
    let lines = without(&ward, &["us-esat-1", "identity-center"], |_| ()).await;
    says(&lines, "us-esat-1", Verdict::Unknown, "nothing here is asked there");
    assert!(line(&lines, "us-esat-1").remedy.as_ref().unwrap().contains("spelling"));
    says(&lines, "identity-center", Verdict::Good, "nothing here asks IAM Identity Center");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_credentials_of_another_account_nothing_of_aws_is_tried() {
    let ward = Ward::open("calm").await;
    let lines = without(&ward, &["us-east-1"], |e| e.account = "999999999999".into()).await;
    says(&lines, "identity", Verdict::Bad, "the estate is of 999999999999");
    for group in ["levers", "figures", "health checks", "changes besides the levers"] {
        let here: Vec<_> = lines.iter().filter(|l| l.group == group).collect();
        assert!(matches!(here.as_slice(), [l] if l.verdict == Verdict::Unknown), "{group}: {}", shown(&lines));
    }
    says(&lines, "DNS resolvers", Verdict::Good, " answer");
}
