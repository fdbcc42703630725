//! `signalbox doctor --without …`: who may still sign in, tried by every kind of way to credentials.

use serde_json::Value;
use signalbox::estate::{Account, Entry, Estate, RoleEntry};

use super::stand_in::{Mood, StandIn};
use super::{KEY, ROLE, Seen, Ward, soon, sso};

const STARTED: &str = "a console that starts then";
const ENDED: &str = "credentials that end then";

fn without(ward: &Ward, what: &str) -> Seen {
    ward.asked(&["doctor", "--json", "--without", what])
}

fn role() -> String {
    format!("[profile base]\n{KEY}\n[profile ops]\nrole_arn = {ROLE}\nsource_profile = base\n")
}

/// The region that is gone is passed over, and the next one is really asked.
#[test]
fn a_role_is_given_by_the_next_region() {
    let ward = Ward::new().set("AWS_PROFILE", "ops").config(&role());
    let seen = without(&ward, "us-east-1");
    seen.line("a console that runs already", "good", &["profile ops, role dr", "renewed in good time"]);
    let given = "given by STS us-east-2; STS us-east-1 did not answer";
    seen.line(STARTED, "good", &["profile ops, role dr", given]);
    seen.line(ENDED, "good", &["renewed: ", given]);
    assert_eq!(ward.stand_in.where_asked("AssumeRole"), ["us-east-1", "us-east-2"], "once today, once without it");
    seen.line("cluster endpoints", "good", &["4 of 5 answer a read"]);
}

/// Identity Center is in one region, and gone with it.
#[test]
fn an_sso_sign_in_goes_with_identity_center_and_what_is_held_goes_on_until_its_end() {
    let kept = serde_json::json!({ "accessToken": "sso-token", "expiresAt": soon(481), "region": "us-east-1" });
    let ward = Ward::new();
    let url = ward.stand_in.open("sso", Mood::Well);
    let ward = ward.set("AWS_ENDPOINT_URL_SSO", &url).set("AWS_ENDPOINT_URL_SSO_OIDC", &url).set("AWS_PROFILE", "ops");
    let ward = ward.config(&sso(true)).signed_in("corp", &kept);
    for gone in ["identity-center", "us-east-1"] {
        let before = ward.stand_in.where_asked("GET /federation/credentials").len();
        let seen = without(&ward, gone);
        seen.line("a console that runs already", "good", &["profile ops, its SSO sign-in"]);
        let why = "IAM Identity Center us-east-1 did not answer, and nobody else gives them";
        seen.line(STARTED, "bad", &[why]);
        seen.line(ENDED, "bad", &["not renewed", why, "what is held now ends in "]);
        seen.line("cluster endpoints", "good", &["answer a read"]);
        assert_eq!(ward.stand_in.where_asked("GET /federation/credentials").len(), before + 1, "today, and no more");
    }
    let seen = without(&ward, "us-east-2");
    seen.line(STARTED, "good", &["given by IAM Identity Center us-east-1"]);
}

/// Nobody knows whom a program asks; it is run once, for today's credentials.
#[test]
fn a_program_that_prints_credentials_is_said_to_be_out_of_sight() {
    let ward = Ward::new().set("AWS_PROFILE", "ops");
    let runs = ward.path("runs").display().to_string();
    let script = format!(
        "echo run >> {runs}\ncat <<END\n{{\"Version\": 1, \"AccessKeyId\": \"ASIA-process\", \"SecretAccessKey\": \"s\", \
         \"SessionToken\": \"t\", \"Expiration\": \"{}\"}}\nEND\n",
        soon(60)
    );
    let ward = ward.keep("give", &script).set("PATH", &std::env::var("PATH").unwrap());
    let command = format!("[profile ops]\ncredential_process = /bin/sh {}\n", ward.path("give").display());
    let ward = ward.config(&command);
    let seen = without(&ward, "us-east-1");
    seen.line(STARTED, "unknown", &["not tried: whom its credential_process asks cannot be seen from here"]);
    seen.line(ENDED, "unknown", &["not tried"]);
    assert_eq!(std::fs::read_to_string(runs).unwrap().lines().count(), 1);
    let seen = without(&ward, "identity-center");
    seen.line(
        "identity-center",
        "unknown",
        &["nothing that can be seen from here asks it, but whom its credential_process"],
    );
}

#[test]
fn a_key_and_an_instances_role_need_nobody_that_is_gone() {
    let ward = Ward::new().set("AWS_ACCESS_KEY_ID", "AKIA-env").set("AWS_SECRET_ACCESS_KEY", "s");
    let seen = without(&ward, "us-east-1");
    seen.line(STARTED, "good", &["the environment", "nobody has to be asked"]);
    seen.line(ENDED, "good", &["these do not end"]);
    let ward = ward.set("AWS_SESSION_TOKEN", "t").set("AWS_CREDENTIAL_EXPIRATION", &soon(50));
    without(&ward, "us-east-1").line(ENDED, "warn", &["nothing renews them, with or without it"]);
    let ward = Ward::new();
    let url = ward.stand_in.open("metadata", Mood::Well);
    let ward = ward.unset("AWS_EC2_METADATA_DISABLED").set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url);
    let seen = without(&ward, "us-east-1");
    seen.line(STARTED, "good", &["given by this machine's metadata service"]);
    seen.line("where this console runs", "good", &["in us-east-2"]);
    let seen = without(&ward, "us-east-2");
    seen.line("where this console runs", "bad", &["in us-east-2 itself: all of it would be gone"]);
}

/// Where nothing tells it, it is not taken to be elsewhere.
#[test]
fn a_machine_that_says_nothing_may_be_in_what_is_gone() {
    let ward = Ward::new().set("AWS_ACCESS_KEY_ID", "AKIA-env").set("AWS_SECRET_ACCESS_KEY", "s");
    let ward = ward.set("AWS_REGION", "us-east-2");
    without(&ward, "us-east-2").line("where this console runs", "unknown", &["nothing here tells it"]);
    let ward = ward.set("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE");
    without(&ward, "us-east-2").line("where this console runs", "bad", &["in us-east-2 itself"]);
}

/// A change takes its roles in the middle of the incident: each is tried, with the names that the doctor's trial has.
#[test]
fn every_role_of_the_accounts_is_taken_from_a_region_that_stays() {
    let ward = Ward::new().set("AWS_ACCESS_KEY_ID", "AKIA-env").set("AWS_SECRET_ACCESS_KEY", "s");
    let text = std::fs::read_to_string(ward.path("estate.toml")).unwrap();
    let mut estate = Estate::parse(&text, "estate.toml").unwrap();
    let role = |name: &str| RoleEntry {
        role: format!("arn:aws:iam::444455556666:role/{name}"),
        external_id: Some("sbx-7".into()),
        session_name: None,
        from: None,
    };
    estate.accounts = vec![Account {
        name: "network".into(),
        id: "444455556666".into(),
        look: Some(Entry::Role(role("look"))),
        act: Some(role("act")),
    }];
    let ward = ward.keep("estate.toml", &estate.to_toml().unwrap());
    let seen = without(&ward, "us-east-1");
    let given = "given by STS us-east-2; STS us-east-1 did not answer";
    seen.line("network, to look", "good", &["account network, role look", given]);
    seen.line("network, to act", "good", &["account network, role act", given]);
    let asked = ward.stand_in.asked();
    let acts: Vec<_> = asked.iter().filter(|a| a.has("RoleArn", "arn:aws:iam::444455556666:role/act")).collect();
    assert!(matches!(acts.as_slice(), [one] if one.at == "us-east-2" && one.has("SourceIdentity", "signalbox-doctor")));
    // Without any region that STS is asked in, nobody gives them.
    let regions = estate.regions.iter().map(|r| &r.name).chain(estate.cluster.endpoints.iter().map(|e| &e.region));
    let mut args = vec!["doctor", "--json"];
    regions.for_each(|region| args.extend(["--without", region.as_str()]));
    let seen = ward.asked(&args);
    seen.line("network, to act", "bad", &["did not answer, and nobody else gives them"]);
    seen.line(STARTED, "good", &["nobody has to be asked"]);
}

/// A silent STS in the one region that stays is no outage of what was named.
#[test]
fn what_fails_of_itself_is_not_laid_to_the_outage() {
    let silent = |region: &str| if region == "us-east-2" { Mood::Silent } else { Mood::Well };
    let ward = Ward::with(StandIn::new(), silent).set("AWS_PROFILE", "ops").config(&role());
    let seen = without(&ward, "us-east-1");
    // It goes on to the one after the next.
    seen.line(STARTED, "good", &["STS us-east-1 did not answer"]);
    assert_eq!(ward.stand_in.where_asked("AssumeRole")[..2], ["us-east-1", "us-east-2"]);
}

#[test]
fn the_report_says_what_it_is_about_and_ends_as_the_doctor_does() {
    let ward = Ward::new().set("AWS_ACCESS_KEY_ID", "AKIA-env").set("AWS_SECRET_ACCESS_KEY", "s");
    let output = ward.run(&["doctor", "--without", "us-east-1", "--without", "internet-dns"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.starts_with("What would still work without us-east-1 and internet-dns: tried from here"), "{said}");
    assert_eq!(output.status.code(), Some(0), "{said}");
    let output = ward.run(&["doctor", "--json", "--without", "us-east-1"]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["version"], &json["without"]), (&Value::from(1), &serde_json::json!(["us-east-1"])));
    let all = ["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2"];
    let mut args = vec!["doctor"];
    all.iter().for_each(|region| args.extend(["--without", region]));
    assert_eq!(ward.run(&args).status.code(), Some(8));
    let wrong = ward.run(&["doctor", "--without", "route53"]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(2), "{said}");
    assert!(said.contains("`route53` is no region (such as us-east-1), nor `identity-center`"), "{said}");
}
