//! `signalbox doctor` against the simulator: each line read, well and ill.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;

use signalbox::aws::{Credentials, Sdk};
use signalbox::cli::doctor::{Line, Patient, Verdict, examine, shown};
use signalbox::estate::Estate;
use signalbox::sim::{Sim, SimOptions};
use signalbox::time::{Span, Timestamp};

struct Ward {
    sim: Sim,
    folder: tempfile::TempDir,
}

impl Ward {
    async fn open(scenario: &str) -> Self {
        let estate = signalbox::estate::guiding_care().unwrap();
        let sim = Sim::start(SimOptions::new(estate, scenario).unwrap().speed(20.0)).await.unwrap();
        Self { sim, folder: tempfile::tempdir().unwrap() }
    }

    async fn patient(&self, credentials: Credentials, change: impl FnOnce(&mut Estate)) -> Patient {
        let mut estate = self.sim.estate().clone();
        change(&mut estate);
        let estate = Arc::new(estate);
        Patient {
            sdk: Sdk::load(&estate, credentials).await,
            estate,
            state: self.folder.path().join("state"),
            person: Some("alice".into()),
            agent: None,
            now: Timestamp::now,
        }
    }
}

fn line<'a>(lines: &'a [Line], what: &str) -> &'a Line {
    lines.iter().find(|l| l.what.contains(what)).unwrap_or_else(|| panic!("no line on {what}:\n{}", shown(lines)))
}

fn says(lines: &[Line], what: &str, verdict: Verdict, found: &str) {
    let line = line(lines, what);
    assert_eq!(line.verdict, verdict, "{}", shown(lines));
    assert!(line.found.contains(found), "{what}: {}", line.found);
    assert_eq!(
        line.remedy.is_none(),
        verdict == Verdict::Good,
        "{what}: a remedy for what is not well, and only for that"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_well() {
    let ward = Ward::open("calm").await;
    let lines = examine(&ward.patient(Credentials::dummy(), |_| ()).await).await;
    says(&lines, "expiry", Verdict::Good, "do not expire");
    says(&lines, "identity", Verdict::Good, "111122223333");
    for region in ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"] {
        let endpoint = lines.iter().find(|l| l.group == "ARC cluster endpoints" && l.what == region).unwrap();
        assert!(endpoint.verdict == Verdict::Good && endpoint.found.starts_with("answers in "), "{endpoint:?}");
    }
    says(&lines, "enough of them", Verdict::Good, "5 of 5 answer");
    for call in [
        "CloudWatch us-east-1",
        "CloudWatch us-east-2",
        "DRS us-east-2",
        "EC2 us-west-1",
        "GetHealthCheckStatus, portal us-east-1",
        "probe of portal in us-east-2",
    ] {
        says(&lines, call, Verdict::Good, "answers in ");
    }
    says(&lines, "google", Verdict::Good, "answers in ");
    says(&lines, "against AWS's clock", Verdict::Good, "within a second");
    // It cannot be tried without moving traffic, and is not said to work.
    says(&lines, "UpdateRoutingControlStates", Verdict::Unknown, "not tried");
    assert!(lines.iter().all(|l| l.verdict != Verdict::Bad), "{}", shown(&lines));
    assert!(!ward.folder.path().join("state").exists(), "looking leaves nothing behind");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_dark_endpoint_is_what_five_are_for_and_four_are_not() {
    let ward = Ward::open("calm").await;
    let dark = |n: usize| {
        move |e: &mut Estate| {
            e.cluster.endpoints.iter_mut().take(n).for_each(|e| e.url = "http://127.0.0.1:9/v1".into())
        }
    };
    let lines = examine(&ward.patient(Credentials::dummy(), dark(1)).await).await;
    let endpoint = lines.iter().find(|l| l.group == "ARC cluster endpoints" && l.what == "us-east-1").unwrap();
    assert_eq!(endpoint.verdict, Verdict::Warn, "{endpoint:?}");
    says(&lines, "enough of them", Verdict::Good, "4 of 5 answer");
    let lines = examine(&ward.patient(Credentials::dummy(), dark(4)).await).await;
    says(&lines, "enough of them", Verdict::Bad, "1 of 5 answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_and_a_wrong_clock_are_seen() {
    let ward = Ward::open("calm").await;
    let mut patient = ward.patient(Credentials::dummy(), |e| e.account = "999999999999".into()).await;
    // Half a minute from the next: a header of whole seconds cannot tell a boundary's two sides apart.
    patient.now = || Timestamp::now() + Span::from_secs(450);
    let lines = examine(&patient).await;
    says(&lines, "identity", Verdict::Bad, "the estate is of 999999999999");
    says(&lines, "against AWS's clock", Verdict::Bad, "off by 7 min");
    patient.now = || Timestamp::now() - Span::from_secs(45);
    says(&examine(&patient).await, "against AWS's clock", Verdict::Warn, "off by 4");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_lack_is_said() {
    let ward = Ward::open("calm").await;
    let mut patient = ward.patient(Credentials::dummy(), |e| e.people.retain(|p| p.name.as_str() == "alice")).await;
    let lines = examine(&patient).await;
    says(&lines, "the estate file", Verdict::Warn, "nobody else can approve a change of alice");
    says(&lines, "alice's key in the ssh-agent", Verdict::Warn, "");
    patient.person = None;
    says(&examine(&patient).await, "you", Verdict::Warn, "not one of the estate's people");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_journal_and_a_folder_that_cannot_be_written_are_seen() {
    let ward = Ward::open("calm").await;
    let patient = ward.patient(Credentials::dummy(), |_| ()).await;
    std::fs::create_dir_all(&patient.state).unwrap();
    std::fs::write(patient.state.join("journal.jsonl"), "this is no journal\n").unwrap();
    says(&examine(&patient).await, "chain of hashes", Verdict::Bad, "line 1: not a journal line");
}
