//! `signalbox doctor` against the simulator: each line read, well and ill.

use std::path::PathBuf;
use std::sync::Arc;

use signalbox::aws::{Credentials, Sdk};
use signalbox::cli::doctor::{Line, Patient, Verdict, examine, shown};
use signalbox::estate::Estate;
use signalbox::sim::wire::Skew;
use signalbox::sim::world::{Api, Permission, Reach};
use signalbox::sim::{Sim, SimOptions, What};
use signalbox::time::{Span, Timestamp};

pub struct Ward {
    pub sim: Sim,
    folder: tempfile::TempDir,
}

impl Ward {
    pub async fn open(scenario: &str) -> Self {
        let estate = crate::one_account::one_account();
        let sim = Sim::start(SimOptions::new(estate, scenario).unwrap().speed(20.0)).await.unwrap();
        Self { sim, folder: tempfile::tempdir().unwrap() }
    }

    pub async fn patient(&self, credentials: Credentials, change: impl FnOnce(&mut Estate)) -> Patient {
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
            variable: |_| None,
        }
    }
}

pub fn line<'a>(lines: &'a [Line], what: &str) -> &'a Line {
    lines.iter().find(|l| l.what.contains(what)).unwrap_or_else(|| panic!("no line on {what}:\n{}", shown(lines)))
}

#[track_caller]
pub fn says(lines: &[Line], what: &str, verdict: Verdict, found: &str) {
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
    says(&lines, "against AWS's clock", Verdict::Good, "within two seconds");
    // They cannot be tried without moving traffic or launching servers: IAM is asked.
    for action in [
        "route53-recovery-cluster:UpdateRoutingControlStates",
        "drs:StartRecovery",
        "drs:TagResource",
        "drs:DescribeJobLogItems",
        "drs:DescribeRecoverySnapshots",
        "ec2:DescribeImages",
        "ec2:DescribeCapacityReservations",
        "route53-recovery-cluster:GetRoutingControlState",
    ] {
        says(&lines, action, Verdict::Good, "IAM allows it");
    }
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

/// Whose clock is wrong has nothing to sign in again for.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_sts_refuses_is_set_and_nobody_signs_in_for_it() {
    let ward = Ward::open("calm").await;
    let region = ward.sim.estate().regions[0].name.clone();
    ward.sim.happen(What::ApiFails { api: Api::Sts, region, answer: Reach::Clock(Skew::Behind) }, None);
    let lines = examine(&ward.patient(Credentials::dummy(), |_| ()).await).await;
    says(&lines, "identity", Verdict::Bad, "this machine's clock is 11 min behind AWS's");
    let remedy = line(&lines, "identity").remedy.as_ref().unwrap();
    assert!(remedy.contains("NTP") && !remedy.contains("sign in"), "{remedy}");
    not_tried(&lines, "AWS refuses this machine's clock");
}

/// What another account answers says nothing of this estate: it is not asked.
#[tokio::test(flavor = "multi_thread")]
async fn with_credentials_of_another_account_nothing_of_aws_is_tried_and_both_are_named() {
    let ward = Ward::open("calm").await;
    let lines = examine(&ward.patient(Credentials::dummy(), |e| e.account = "999999999999".into()).await).await;
    says(&lines, "identity", Verdict::Bad, "is of account 111122223333; the estate is of 999999999999");
    assert!(line(&lines, "identity").remedy.as_ref().unwrap().contains("profile of account 999999999999"));
    not_tried(&lines, "of account 111122223333, the estate is of 999999999999");
}

/// Whom STS refuses, everybody refuses; and what a service says in two lines is read in one.
#[tokio::test(flavor = "multi_thread")]
async fn with_credentials_that_aws_refuses_nothing_more_is_tried() {
    let ward = Ward::open("calm").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let sts = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(refuses(listener));
    let patient = |e: &mut Estate| e.endpoints.sts.values_mut().for_each(|url| *url = sts.clone());
    let lines = examine(&ward.patient(Credentials::dummy(), patient).await).await;
    says(&lines, "identity", Verdict::Bad, "InvalidClientTokenId: the token is invalid; ask for another");
    assert!(line(&lines, "identity").remedy.as_ref().unwrap().contains("aws sso login"));
    not_tried(&lines, "AWS refuses the credentials");
}

/// An STS that refuses whoever comes.
async fn refuses(listener: tokio::net::TcpListener) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut asked = [0; 8192];
        let _ = stream.read(&mut asked).await;
        let body = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                    <Code>InvalidClientTokenId</Code><Message>the token is invalid\n  ask for another</Message></Error>\
                    <RequestId>r</RequestId></ErrorResponse>";
        let head = format!("HTTP/1.1 403 Forbidden\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
        let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
    }
}

/// One line a heading that says why, and what needs no credentials is looked at all the same.
fn not_tried(lines: &[Line], why: &str) {
    for group in
        ["ARC cluster endpoints", "permissions to act, as IAM judges them", "permissions to read, as IAM judges them"]
    {
        let here: Vec<_> = lines.iter().filter(|l| l.group == group).collect();
        assert!(matches!(here.as_slice(), [l] if l.verdict == Verdict::Unknown), "{here:#?}");
    }
    let skipped: Vec<_> = lines.iter().filter(|l| l.found.starts_with("not tried: ")).collect();
    assert_eq!(skipped.len(), 4, "{}", shown(lines));
    assert!(skipped.iter().all(|l| l.found.contains(why)), "{}", shown(lines));
    says(lines, "every call to AWS", Verdict::Unknown, why);
    says(lines, "probe of portal in us-east-2", Verdict::Good, "answers in ");
    says(lines, "google", Verdict::Good, "answers in ");
    says(lines, "against AWS's clock", Verdict::Good, "");
    assert_eq!(lines.iter().filter(|l| l.verdict == Verdict::Bad).count(), 1, "{}", shown(lines));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_be_done_for_several_lines_is_said_once() {
    let ward = Ward::open("calm").await;
    ward.sim.happen(What::PermissionDenied { permission: Permission::SimulatePrincipalPolicy }, None);
    let lines = examine(&ward.patient(Credentials::dummy(), |_| ()).await).await;
    let text = shown(&lines);
    let unknown = lines.iter().filter(|l| l.group == "permissions to act, as IAM judges them").count();
    assert_eq!(text.matches("simulate-principal-policy").count(), 2, "one a heading\n{text}");
    assert!(text.contains(&format!("      → the {unknown} above: allow iam:SimulatePrincipalPolicy")), "{text}");
}

#[test]
fn lines_with_one_remedy_stand_together() {
    let line = |what: &str, remedy: Option<&str>| Line {
        group: "calls",
        verdict: if remedy.is_some() { Verdict::Bad } else { Verdict::Good },
        what: what.into(),
        found: "x".into(),
        remedy: remedy.map(str::to_owned),
    };
    let lines = [line("a", Some("wait")), line("b", None), line("c", Some("go")), line("d", Some("wait"))];
    let text: Vec<String> = shown(&lines).lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let wanted = ["calls", "✖ a x", "✖ d x", "→ the 2 above: wait", "✔ b x", "✖ c x", "→ go", ""];
    assert_eq!(text[..8], wanted, "{text:#?}");
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

/// What others may write, others may forge: the folder, what is in it, and what is above it.
#[test]
fn a_journal_that_others_may_write_is_bad() {
    use signalbox::cli::doctor::guarded;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    let folder = tempfile::tempdir().unwrap();
    let above = folder.path().join("above");
    let state = above.join("state");
    let me = std::fs::metadata(folder.path()).unwrap().uid();
    assert_eq!(guarded(&state, me).len(), 1, "{}", shown(&guarded(&state, me)));
    std::fs::create_dir_all(state.join("incident")).unwrap();
    std::fs::write(state.join("journal.jsonl"), "").unwrap();
    let mode = |path: &std::path::Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let (incident, journal) = (state.join("incident"), state.join("journal.jsonl"));
    for (path, well) in [(&above, 0o755), (&state, 0o700), (&incident, 0o700), (&journal, 0o600)] {
        mode(path, well);
    }
    let well = guarded(&state, me);
    assert_eq!((well.len(), well[0].verdict), (1, Verdict::Good), "{}", shown(&well));
    let only = |found: &str| {
        let lines = guarded(&state, me);
        assert!(lines.len() == 1 && lines[0].verdict == Verdict::Bad, "{}", shown(&lines));
        assert!(lines[0].found.contains(found), "{}", shown(&lines));
    };
    for (path, well) in [(&above, 0o755), (&state, 0o700), (&incident, 0o700), (&journal, 0o600)] {
        for (open, who) in [(0o020, "its group"), (0o002, "everybody"), (0o022, "its group and everybody")] {
            mode(path, well | open);
            only(&format!("may be written by {who} (mode"));
        }
        mode(path, well);
    }
    // Nobody replaces in a sticky folder what is not theirs; the state folder itself is another matter.
    mode(&above, 0o1777);
    assert_eq!(guarded(&state, me)[0].verdict, Verdict::Good);
    mode(&state, 0o1777);
    only("may be written");
    mode(&state, 0o700);
    // Another user, and root on a user's folder.
    for other in [me + 1000, if me == 0 { 1 } else { 0 }] {
        let lines = guarded(&state, other);
        let own = lines.iter().filter(|l| l.found.contains("not to you") && l.verdict == Verdict::Bad);
        assert_eq!(own.count(), 3, "{}", shown(&lines));
    }
    std::fs::hard_link(&journal, state.join("copy")).unwrap();
    only("has 2 names");
    std::fs::remove_file(state.join("copy")).unwrap();
    for path in [&journal, &incident, &state] {
        let real = path.with_extension("real");
        std::fs::rename(path, &real).unwrap();
        symlink(&real, path).unwrap();
        only("is a link to");
        // A shell completes a folder's name with a slash, and the system follows a link in front of one.
        for end in ["/", "/."] {
            let slashed = PathBuf::from(format!("{}{end}", state.display()));
            assert_eq!(guarded(&slashed, me), guarded(&state, me), "{}", slashed.display());
        }
        std::fs::remove_file(path).unwrap();
        std::fs::rename(&real, path).unwrap();
    }
    // A link above leads into a folder that others may write.
    let open = folder.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::rename(&above, open.join("above")).unwrap();
    symlink(open.join("above"), &above).unwrap();
    assert_eq!(guarded(&state, me)[0].verdict, Verdict::Good);
    mode(&open, 0o777);
    only("may be written");
    mode(&open, 0o755);
    std::fs::write(state.join("journal.torn-1"), [0; 9]).unwrap();
    let lines = guarded(&state, me);
    assert!(lines[0].verdict == Verdict::Warn && lines[0].found.contains("9 bytes"), "{}", shown(&lines));
}

/// Temporary credentials, which are a role's.
fn of_a_role() -> Credentials {
    Credentials::Static { key: "ASIAIOSFODNN7EXAMPLE".into(), secret: "simulated".into(), token: Some("t".into()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_launch_that_iam_denies_is_bad() {
    let ward = Ward::open("calm").await;
    for (permission, action) in [
        (Permission::StartRecovery, "drs:StartRecovery"),
        (Permission::UpdateRoutingControlStates, "route53-recovery-cluster:UpdateRoutingControlStates"),
    ] {
        ward.sim.happen(What::PermissionDenied { permission }, None);
        let lines = examine(&ward.patient(Credentials::dummy(), |_| ()).await).await;
        says(&lines, action, Verdict::Bad, "IAM denies it");
        says(&lines, action, Verdict::Bad, "no policy allows it");
        if permission == Permission::StartRecovery {
            // A policy may name single servers: those that there are are judged.
            says(&lines, action, Verdict::Bad, "on arn:aws:drs:us-east-2:111122223333:source-server/s-");
        }
        assert!(line(&lines, action).remedy.as_ref().unwrap().contains(action));
        says(&lines, "drs:TagResource", Verdict::Good, "IAM allows it");
    }
}

/// A feed goes on without the jobs, and hides that it may not read them.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_a_feed_hides_is_seen_all_the_same() {
    let ward = Ward::open("calm").await;
    ward.sim.happen(What::PermissionDenied { permission: Permission::DescribeJobs }, None);
    let lines = examine(&ward.patient(Credentials::dummy(), |_| ()).await).await;
    says(&lines, "DRS us-east-2", Verdict::Good, "answers in ");
    says(&lines, "drs:DescribeJobs", Verdict::Bad, "no policy allows it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_judged_by_its_whole_arn_and_what_iam_may_not_be_asked_stays_open() {
    let ward = Ward::open("calm").await;
    let lines = examine(&ward.patient(of_a_role(), |_| ()).await).await;
    says(&lines, "identity", Verdict::Good, "assumed-role/AWSReservedSSO_");
    says(&lines, "drs:StartRecovery", Verdict::Good, "IAM allows it");
    says(&lines, "UpdateRoutingControlStates", Verdict::Good, "IAM allows it");
    // Without GetRole nobody knows the role's path; without SimulatePrincipalPolicy nobody answers at all.
    for permission in [Permission::GetRole, Permission::SimulatePrincipalPolicy] {
        ward.sim.happen(What::PermissionDenied { permission }, None);
        let lines = examine(&ward.patient(of_a_role(), |_| ()).await).await;
        for action in ["drs:StartRecovery", "drs:TagResource", "UpdateRoutingControlStates"] {
            says(&lines, action, Verdict::Unknown, permission.action());
            let remedy = line(&lines, action).remedy.as_ref().unwrap();
            assert!(remedy.contains("simulate-principal-policy") && remedy.contains(action), "{remedy}");
        }
        assert!(lines.iter().all(|l| l.verdict != Verdict::Bad), "{}", shown(&lines));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_whose_variable_is_missing_is_said() {
    let ward = Ward::open("calm").await;
    let notify = |e: &mut Estate| {
        let on = vec![signalbox::estate::Occasion::Uncertain];
        let webhook_env = Some("SIGNALBOX_TEST_HOOK".to_owned());
        e.notify = vec![signalbox::estate::Notify {
            on,
            webhook: None,
            webhook_env,
            command: None,
            bell: false,
            osc: None,
            template: Default::default(),
            presenting: false,
        }];
    };
    let mut patient = ward.patient(Credentials::dummy(), notify).await;
    let lines = examine(&patient).await;
    says(&lines, "webhook $SIGNALBOX_TEST_HOOK", Verdict::Warn, "the environment variable is not set");
    assert!(line(&lines, "webhook $").remedy.as_ref().unwrap().contains("uncertain"));
    patient.variable = |name| (name == "SIGNALBOX_TEST_HOOK").then(|| "https://hooks.example.com/secret".to_owned());
    let lines = examine(&patient).await;
    says(&lines, "webhook $SIGNALBOX_TEST_HOOK", Verdict::Good, "the variable is set");
    assert!(!shown(&lines).contains("hooks.example.com/secret"), "the URL is a secret");
}

/// The simulator that says no to IAM says no to the call as well: what is judged is what happens.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_denied_is_denied_to_the_call_too() {
    let ward = Ward::open("calm").await;
    ward.sim.happen(What::PermissionDenied { permission: Permission::TagResource }, None);
    let patient = ward.patient(Credentials::dummy(), |_| ()).await;
    let wait = signalbox::aws::Deadlines {
        connect: std::time::Duration::from_secs(2),
        attempt: std::time::Duration::from_secs(4),
    };
    let drs = patient.sdk.drs(&"us-east-2".into(), wait);
    let server = drs.describe_source_servers().send().await.unwrap().items()[0].source_server_id().unwrap().to_owned();
    let server = aws_sdk_drs::types::StartRecoveryRequestSourceServer::builder().source_server_id(server);
    let call = drs.start_recovery().is_drill(true).source_servers(server.build().unwrap());
    let refused = call.clone().tags("signalbox-change", "x").send().await.unwrap_err();
    assert_eq!(signalbox::aws::Trouble::from(refused).kind, signalbox::aws::Kind::Denied);
    assert!(call.send().await.is_ok(), "without a tag it needs no such permission");
}
