//! Every way to AWS credentials that `docs/credentials.md` lists, tried by `signalbox doctor` and by a console against
//! stand-ins of those who give them.

mod elsewhere;
mod stand_in;
mod without;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use sha1::Digest as _;
use signalbox::estate::{Estate, Region};
use signalbox::time::{Span, Timestamp};

use self::stand_in::{Mood, StandIn};
use crate::term::Term;

const ROLE: &str = "arn:aws:iam::111122223333:role/dr";
const KEY: &str = "aws_access_key_id = AKIA-base\naws_secret_access_key = s\n";

/// A simulated AWS, stand-ins for those who give credentials, and somebody's home.
struct Ward {
    dir: tempfile::TempDir,
    sim: Child,
    stand_in: StandIn,
    env: BTreeMap<String, String>,
}

impl Ward {
    fn new() -> Self {
        Self::with(StandIn::new(), |_| Mood::Well)
    }

    /// With STS in each region as `mood` has it.
    fn with(stand_in: StandIn, mood: impl Fn(&str) -> Mood) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).display().to_string();
        std::fs::write(dir.path().join("own.toml"), crate::one_account::one_account().to_toml().unwrap()).unwrap();
        let mut sim = Command::new(env!("CARGO_BIN_EXE_signalbox"))
            .current_dir(dir.path())
            .args(["sim", "--scenario", "calm", "--estate", "own.toml", "--write-estate", "estate.toml"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(sim.stdout.take().unwrap());
        assert!(said.lines().map_while(Result::ok).any(|l| l.starts_with("# ready")), "the simulator starts");
        let text = std::fs::read_to_string(dir.path().join("estate.toml")).unwrap();
        let mut estate = Estate::parse(&text, "estate.toml").unwrap();
        let regions: Vec<Region> = estate.regions.iter().map(|r| r.name.clone()).collect();
        let all = regions.iter().chain(estate.cluster.endpoints.iter().map(|e| &e.region)).cloned();
        estate.endpoints.sts =
            all.map(|region| (region.clone(), stand_in.open(region.as_str(), mood(region.as_str())))).collect();
        std::fs::write(dir.path().join("estate.toml"), estate.to_toml().unwrap()).unwrap();
        let env = [
            ("HOME", dir.path().display().to_string()),
            ("AWS_CONFIG_FILE", path("config")),
            ("AWS_SHARED_CREDENTIALS_FILE", path("credentials")),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("SIGNALBOX_ESTATE", path("estate.toml")),
            ("SIGNALBOX_STATE", path("state")),
            // A proxy that is not there: nothing near may go through it.
            ("HTTP_PROXY", "http://127.0.0.1:9".to_owned()),
            ("http_proxy", "http://127.0.0.1:9".to_owned()),
        ];
        let env = env.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { dir, sim, stand_in, env }
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn unset(mut self, name: &str) -> Self {
        self.env.remove(name);
        self
    }

    /// The AWS CLI's settings.
    fn config(self, text: &str) -> Self {
        std::fs::write(self.path("config"), text).unwrap();
        self
    }

    /// With STS of every region at one URL.
    fn sts_at(self, url: &str) -> Self {
        let text = std::fs::read_to_string(self.path("estate.toml")).unwrap();
        let mut estate = Estate::parse(&text, "estate.toml").unwrap();
        estate.endpoints.sts.values_mut().for_each(|at| url.clone_into(at));
        self.keep("estate.toml", &estate.to_toml().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn keep(self, name: &str, text: &str) -> Self {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// What the AWS CLI keeps of an SSO sign-in.
    fn signed_in(self, name: &str, kept: &Value) -> Self {
        let hash: String = sha1::Sha1::digest(name.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        self.keep(&format!(".aws/sso/cache/{hash}.json"), &kept.to_string())
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
        command.current_dir(self.dir.path()).env_clear().envs(&self.env).stdin(Stdio::null());
        command.args(args).output().unwrap()
    }

    fn doctor(&self) -> Seen {
        self.asked(&["doctor", "--json"])
    }

    fn asked(&self, args: &[&str]) -> Seen {
        let output = self.run(args);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let json: Value = serde_json::from_str(&text)
            .unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&output.stderr)));
        Seen(json["lines"].as_array().unwrap().clone())
    }

    /// How they stand as `doctor` sees it, and with which key it asks.
    #[track_caller]
    fn is(&self, verdict: &str, says: &[&str], key: &str) -> Seen {
        let seen = self.doctor();
        seen.line("expiry", verdict, says);
        seen.line("identity (GetCallerIdentity)", "good", &[&format!("assumed-role/{key}/")]);
        seen
    }

    fn pages(&self, env: &[(&str, &str)]) -> Term {
        let mut all: Vec<(&str, &str)> = self.env.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        all.extend(env);
        Term::start(150, 44, &["console", "--read-only"], &all)
    }
}

impl Drop for Ward {
    fn drop(&mut self) {
        let _ = self.sim.kill();
        let _ = self.sim.wait();
    }
}

/// What `doctor` said.
struct Seen(Vec<Value>);

impl Seen {
    #[track_caller]
    fn line(&self, what: &str, verdict: &str, says: &[&str]) {
        let line = self.0.iter().find(|l| l["what"] == what).unwrap_or_else(|| {
            let all: Vec<_> = self.0.iter().map(|l| format!("{}: {}", l["what"], l["found"])).collect();
            panic!("no {what} in {all:#?}")
        });
        let found = line["found"].as_str().unwrap();
        assert!(line["verdict"] == verdict && says.iter().all(|s| found.contains(s)), "{says:?}: {line:#}");
        assert_eq!(line["remedy"].is_null(), verdict == "good", "{line:#}");
    }
}

fn at(end: Timestamp) -> String {
    end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn soon(minutes: i64) -> String {
    at(Timestamp::now() + Span::from_mins(minutes))
}

#[test]
fn a_key_of_the_environment_or_of_a_profile_does_not_expire_and_a_session_that_nobody_renews_is_said() {
    let ward = Ward::new().set("AWS_ACCESS_KEY_ID", "AKIA-env").set("AWS_SECRET_ACCESS_KEY", "s");
    ward.is("good", &["the environment", "do not expire"], "AKIA-env");
    let ward = ward.set("AWS_SESSION_TOKEN", "t");
    ward.is("warn", &["do not tell when they end", "nothing renews them"], "AKIA-env");
    let ward = ward.set("AWS_CREDENTIAL_EXPIRATION", &soon(50));
    ward.is("warn", &["they end in ", " min, and nothing renews them"], "AKIA-env");
    let ward = ward.set("AWS_PROFILE", "ops");
    ward.is("warn", &["the environment (AWS_ACCESS_KEY_ID), before any profile"], "AKIA-env");
    let ward = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"]
        .into_iter()
        .fold(ward, Ward::unset);
    let ward = ward.config(&format!("[profile ops]\n{KEY}")).set("AWS_PROFILE", "ops");
    ward.is("good", &["profile ops", "do not expire"], "AKIA-base");
    let ward = ward.config(&format!("[profile ops]\n{KEY}aws_session_token = t\n"));
    ward.is("warn", &["profile ops", "nothing renews them"], "AKIA-base");
}

/// An hour that renews itself is no reason to warn; what a trust policy asks for is sent.
#[test]
fn a_role_and_a_role_behind_it_are_taken_as_the_profile_says() {
    let ward = Ward::new().set("AWS_PROFILE", "behind").config(&format!(
        "[profile base]\n{KEY}\n[profile ops]\nrole_arn = {ROLE}\nsource_profile = base\nexternal_id = ours\n\
         role_session_name = alice\nduration_seconds = 3600\n\
         [profile behind]\nrole_arn = {ROLE}-behind\nsource_profile = ops\n"
    ));
    ward.is("good", &["profile behind, role dr-behind", "they end in ", "renewed in good time"], "ASIA-dr-behind");
    let asked: Vec<_> = ward.stand_in.asked().into_iter().filter(|a| a.what == "AssumeRole").collect();
    let [first, second] = asked.as_slice() else { panic!("{asked:#?}") };
    assert_eq!((first.key.as_deref(), second.key.as_deref()), (Some("AKIA-base"), Some("ASIA-dr")));
    for (name, value) in
        [("RoleArn", ROLE), ("ExternalId", "ours"), ("RoleSessionName", "alice"), ("DurationSeconds", "3600")]
    {
        assert!(first.has(name, value), "{name}: {first:#?}");
    }
    let refused = Ward::new().set("AWS_PROFILE", "no").config(&format!(
        "[profile base]\n{KEY}\n[profile no]\nrole_arn = arn:aws:iam::111122223333:role/forbidden\nsource_profile = base\n"
    ));
    refused.doctor().line(
        "credentials",
        "bad",
        &["no AWS credentials: profile no, role forbidden: role forbidden is not given: AccessDenied: you are not authorized"],
    );
    assert_eq!(refused.stand_in.where_asked("AssumeRole").len(), 1, "a refusal is everybody's");
}

/// Whoever is meant comes first, then the pairs' regions, then the cluster's; what refuses or is silent is passed over.
#[test]
fn sts_is_asked_in_ones_own_region_and_then_in_the_next_of_the_list() {
    let profile = format!("[profile base]\n{KEY}\n[profile ops]\nrole_arn = {ROLE}\nsource_profile = base\n");
    let named = Ward::new().set("AWS_PROFILE", "ops").set("AWS_REGION", "eu-west-1").config(&profile);
    named.is("good", &["renewed"], "ASIA-dr");
    assert_eq!(named.stand_in.where_asked("AssumeRole"), ["eu-west-1"]);
    let own = Ward::new().set("AWS_PROFILE", "ops").config(&format!("{profile}region = ap-southeast-2\n"));
    own.is("good", &["renewed"], "ASIA-dr");
    assert_eq!(own.stand_in.where_asked("AssumeRole"), ["ap-southeast-2"]);
    let silent = |region: &str| if region == "us-east-1" { Mood::Silent } else { Mood::Well };
    let outage = Ward::with(StandIn::new(), silent).set("AWS_PROFILE", "ops").config(&profile);
    let seen = outage.doctor();
    seen.line("expiry", "good", &["renewed in good time"]);
    seen.line("enough of them", "good", &["5 of 5 answer"]);
    assert_eq!(outage.stand_in.where_asked("AssumeRole"), ["us-east-1", "us-east-2"]);
}

/// The names of FIPS endpoints are refused together with a URL, which ARC's endpoints are.
#[test]
fn fips_and_dual_stack_names_do_not_break_what_has_a_url() {
    let ward = Ward::new().set("AWS_USE_FIPS_ENDPOINT", "true").set("AWS_USE_DUALSTACK_ENDPOINT", "true");
    let ward = ward.set("AWS_PROFILE", "ops").config(&format!(
        "[profile base]\n{KEY}\n[profile ops]\nrole_arn = {ROLE}\nsource_profile = base\nuse_fips_endpoint = true\n"
    ));
    let seen = ward.is("good", &["renewed"], "ASIA-dr");
    seen.line("enough of them", "good", &["5 of 5 answer"]);
    seen.line("CloudWatch us-east-1 (GetMetricData, DescribeAlarms)", "good", &["answers in"]);
    // Without a URL the name is asked for as it was wished: it is seen at the proxy.
    let proxy = ward.stand_in.open("proxy", Mood::Well);
    let text = std::fs::read_to_string(ward.path("estate.toml")).unwrap();
    let mut estate = Estate::parse(&text, "estate.toml").unwrap();
    estate.endpoints.sts.remove(&Region::from("us-east-1"));
    let ward = ward.keep("estate.toml", &estate.to_toml().unwrap()).unset("AWS_USE_DUALSTACK_ENDPOINT");
    let ward = ward.set("HTTPS_PROXY", &proxy).set("https_proxy", &proxy);
    ward.doctor().line("expiry", "good", &["renewed"]);
    assert!(!ward.stand_in.where_asked("CONNECT sts-fips.us-east-1.amazonaws.com:443").is_empty());
}

#[test]
fn a_process_that_takes_three_seconds_makes_no_read_of_arc_fail() {
    let script = |end: &str| {
        format!(
            "sleep 3\ncat <<END\n{{\"Version\": 1, \"AccessKeyId\": \"ASIA-process\", \"SecretAccessKey\": \"s\", \
             \"SessionToken\": \"t\", \"Expiration\": \"{end}\"}}\nEND\n"
        )
    };
    let ward = Ward::new().keep("give", &script(&soon(60))).set("AWS_PROFILE", "ops");
    let command = format!("[profile ops]\ncredential_process = /bin/sh {}\n", ward.path("give").display());
    let ward = ward.config(&command);
    let seen = ward.is("good", &["profile ops, its credential_process", "renewed in good time"], "ASIA-process");
    seen.line("enough of them", "good", &["5 of 5 answer"]);
    let status = ward.run(&["status", "--json"]);
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(status.status.success() && !said.contains("no AWS credentials"), "{said}");
    // And a console never says that nobody answers.
    let mut console = ward.pages(&[]);
    console.wait("● WELL");
    let raw = String::from_utf8_lossy(&console.raw).into_owned();
    assert!(!raw.contains("NONE of") && !raw.contains("AWS credentials"), "{raw}");
}

#[test]
fn a_process_that_hangs_is_named_and_ended_and_what_it_says_when_it_fails_too() {
    let ward = Ward::new().set("AWS_PROFILE", "ops");
    let pid = ward.path("pid");
    let command = format!("credential_process = sleep 600 & echo $! > {}; wait\n", pid.display());
    let ward = ward.config(&format!("[profile ops]\n{command}"));
    ward.doctor().line("credentials", "bad", &["profile ops", "credential_process has not answered for 8 s"]);
    let pid = std::fs::read_to_string(pid).unwrap();
    let alive = || Path::new("/proc").join(pid.trim()).exists();
    // What it started ends with the program that started it; the kernel takes its time.
    let since = std::time::Instant::now();
    while alive() && since.elapsed() < std::time::Duration::from_secs(10) {
        std::thread::yield_now();
    }
    assert!(!alive(), "process {pid} is left over");
    let ward = ward.config("[profile ops]\ncredential_process = echo 'vault: sealed' >&2; exit 3\n");
    ward.doctor().line("credentials", "bad", &["credential_process failed", "vault: sealed"]);
    // Nobody is blamed who was not asked.
    let status = ward.run(&["status"]);
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(said.contains("No AWS credentials from profile ops") && said.contains("vault: sealed"), "{said}");
    assert!(!said.contains("NONE of") && !said.contains("do not answer") && !said.contains("refuse"), "{said}");
    let ward =
        ward.config("[profile ops]\ncredential_process = echo '{\"Version\": 1, \"SecretAccessKey\": \"hidden\"}'\n");
    let seen = ward.doctor();
    seen.line("credentials", "bad", &["printed no credentials: no AccessKeyId"]);
    assert!(!format!("{:?}", seen.0).contains("hidden"));
}

fn sso(session: bool) -> String {
    let place = "sso_start_url = https://example.com/start\nsso_region = us-east-1\n";
    let what = "sso_account_id = 111122223333\nsso_role_name = dr\n";
    match session {
        true => format!("[sso-session corp]\n{place}[profile ops]\nsso_session = corp\n{what}"),
        false => format!("[profile ops]\n{place}{what}"),
    }
}

/// The old form's sign-in ends, and nothing renews it.
#[test]
fn an_sso_sign_in_is_well_where_it_renews_itself_and_a_warning_where_it_does_not() {
    let sso_at = |ward: Ward| {
        let url = ward.stand_in.open("sso", Mood::Well);
        ward.set("AWS_ENDPOINT_URL_SSO", &url).set("AWS_ENDPOINT_URL_SSO_OIDC", &url).set("AWS_PROFILE", "ops")
    };
    let kept = |end: &str| {
        serde_json::json!({
            "startUrl": "https://example.com/start", "region": "us-east-1", "accessToken": "sso-token",
            "expiresAt": end, "clientId": "c", "clientSecret": "s", "refreshToken": "sso-refresh",
            "registrationExpiresAt": soon(60 * 24 * 30),
        })
    };
    // Its token has ended, and is renewed.
    let ward = sso_at(Ward::new()).config(&sso(true)).signed_in("corp", &kept(&soon(-5)));
    ward.is("good", &["profile ops, its SSO sign-in", "for as long as the sign-in lasts"], "ASIA-sso-dr");
    assert!(ward.stand_in.one("POST /token").has("refreshToken", "sso-refresh"));
    let asked = ward.stand_in.one("GET /federation/credentials");
    assert!(asked.has("role_name", "dr") && asked.has("account_id", "111122223333"), "{asked:#?}");
    assert_eq!(asked.headers["x-amz-sso_bearer_token"], "sso-token-2");
    // The old form; and a role behind it ends with it too.
    let old = serde_json::json!({ "accessToken": "sso-token", "expiresAt": soon(481), "region": "us-east-1" });
    let ward = ward.config(&sso(false)).signed_in("https://example.com/start", &old);
    ward.is("warn", &["nothing renews the sign-in, which ends in 8 h"], "ASIA-sso-dr");
    let ward = ward
        .config(&format!("{}[profile behind]\nrole_arn = {ROLE}\nsource_profile = ops\n", sso(false)))
        .set("AWS_PROFILE", "behind");
    ward.is("warn", &["role dr", "nothing renews the sign-in, which ends in 8 h"], "ASIA-dr");
    // One that nobody takes any more.
    let ward = ward.signed_in(
        "https://example.com/start",
        &serde_json::json!({ "accessToken": "another", "expiresAt": soon(481), "region": "us-east-1" }),
    );
    ward.doctor().line("credentials", "bad", &["Session token not found or invalid", "`aws sso login --profile ops`"]);
}

#[test]
fn an_aws_login_is_renewed() {
    let dpop = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIFDZHUzOG1Pzq+6F0mjMlOSp1syN9LRPBuHMoCFXTcXhoAoGCCqGSM49\n\
                AwEHoUQDQgAE9qhj+KtcdHj1kVgwxWWWw++tqoh7H7UHs7oXh8jBbgF47rrYGC+t\n\
                djiIaHK3dBvvdE7MGj5HsepzLm3Kj91bqA==\n-----END EC PRIVATE KEY-----\n";
    let kept = serde_json::json!({
        "accessToken": {
            "accessKeyId": "ASIA-old", "secretAccessKey": "s", "sessionToken": "t", "accountId": "111122223333",
            "expiresAt": soon(-1),
        },
        "tokenType": "aws_sigv4", "refreshToken": "login-refresh", "clientId": "arn:aws:signin:::devtools/same-device",
        "dpopKey": dpop,
    });
    let arn = "arn:aws:iam::111122223333:user/alice";
    let hash: String =
        <sha2::Sha256 as sha2::Digest>::digest(arn.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let ward = Ward::new().keep(&format!(".aws/login/cache/{hash}.json"), &kept.to_string());
    let url = ward.stand_in.open("signin", Mood::Well);
    let ward = ward.set("AWS_ENDPOINT_URL_SIGNIN", &url).set("AWS_PROFILE", "ops");
    let ward = ward.config(&format!("[profile ops]\nlogin_session = {arn}\nregion = us-east-2\n"));
    ward.is("good", &["its `aws login` sign-in", "for as long as the sign-in lasts"], "ASIA-login");
    assert!(ward.stand_in.one("POST /v1/token").has("refreshToken", "login-refresh"));
}

#[test]
fn a_web_identity_token_is_taken_from_the_environment_or_a_profile_and_sts_in_the_next_region_too() {
    let silent = |region: &str| if region == "us-east-1" { Mood::Silent } else { Mood::Well };
    let ward = Ward::with(StandIn::new(), silent).keep("token", "a-token\n");
    let token = ward.path("token").display().to_string();
    let profile = format!("[profile ops]\nrole_arn = {ROLE}\nweb_identity_token_file = {token}\n");
    let ward = ward.set("AWS_WEB_IDENTITY_TOKEN_FILE", &token).set("AWS_ROLE_ARN", ROLE);
    ward.doctor().line("expiry", "good", &["a web identity token", "renewed in good time"]);
    assert_eq!(ward.stand_in.where_asked("AssumeRoleWithWebIdentity"), ["us-east-1", "us-east-2"]);
    let ward =
        ward.unset("AWS_WEB_IDENTITY_TOKEN_FILE").unset("AWS_ROLE_ARN").set("AWS_PROFILE", "ops").config(&profile);
    ward.doctor().line("expiry", "good", &["profile ops, a web identity token", "renewed in good time"]);
    let ward = ward.config(&profile.replace(&token, "/nonexistent/token"));
    ward.doctor().line("credentials", "bad", &["the web identity token /nonexistent/token cannot be read"]);
}

#[test]
fn the_roles_of_an_instance_and_of_a_container_are_got_without_a_proxy() {
    let ward = Ward::new();
    let url = ward.stand_in.open("metadata", Mood::Well);
    let ward = ward.unset("AWS_EC2_METADATA_DISABLED").set("AWS_EC2_METADATA_SERVICE_ENDPOINT", &url);
    ward.is("good", &["this instance's role", "renewed in good time"], "ASIA-instance");
    let ward = ward.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{url}/container"));
    let ward = ward.keep("pod", "pod-token");
    let pod = ward.path("pod").display().to_string();
    let ward = ward.set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &pod);
    ward.is("good", &["this container's role", "renewed in good time"], "ASIA-container");
}

/// The code is asked for before there is a screen, and the role behind it can be renewed without another.
#[test]
fn an_mfa_code_is_asked_for_at_the_terminal_and_without_one_that_is_said() {
    let ward = Ward::new().set("AWS_PROFILE", "ops").config(&format!(
        "[profile base]\n{KEY}\n[profile ops]\nrole_arn = {ROLE}\nsource_profile = base\n\
         mfa_serial = arn:aws:iam::111122223333:mfa/alice\n"
    ));
    ward.doctor().line(
        "credentials",
        "bad",
        &["profile ops, role dr", "it wants an MFA code (mfa_serial), and no terminal", "aws sts get-session-token"],
    );
    let mut console = ward.pages(&[]);
    console.wait("MFA code of arn:aws:iam::111122223333:mfa/alice for profile ops, role dr:");
    for key in ["1", "\r"] {
        console.press(key);
    }
    console.wait("MultiFactorAuthentication failed");
    for key in ["1", "2", "3", "4", "5", "6", "\r"] {
        console.press(key);
    }
    console.wait("● WELL");
    let codes: Vec<_> = ward.stand_in.asked().into_iter().filter(|a| a.what == "GetSessionToken").collect();
    let [wrong, code] = codes.as_slice() else { panic!("{codes:#?}") };
    assert!(wrong.has("TokenCode", "1") && code.has("TokenCode", "123456"));
    assert!(code.has("SerialNumber", "arn:aws:iam::111122223333:mfa/alice"));
    assert_eq!(ward.stand_in.one("AssumeRole").key.as_deref(), Some("ASIA-mfa"));
}

#[test]
fn certificates_of_a_companys_own_are_trusted_where_they_are_named() {
    let ca = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/credentials/ca.pem").display().to_string();
    let profile = format!("[profile base]\n{KEY}\n[profile ops]\nrole_arn = {ROLE}\nsource_profile = base\n");
    let ward = Ward::with(StandIn::over_tls(), |_| Mood::Well).set("AWS_PROFILE", "ops").config(&profile);
    ward.doctor().line("credentials", "bad", &["STS answers in no region"]);
    for name in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let ward = Ward::with(StandIn::over_tls(), |_| Mood::Well).set("AWS_PROFILE", "ops").config(&profile);
        ward.set(name, &ca).is("good", &["renewed"], "ASIA-dr");
    }
    let ward = ward.config(&format!("{profile}ca_bundle = {ca}\n"));
    ward.is("good", &["renewed"], "ASIA-dr");
    let ward = ward.config(&profile).keep("empty.pem", "nothing\n");
    let empty = ward.path("empty.pem").display().to_string();
    for (name, file, why) in [
        ("AWS_CA_BUNDLE", "/nonexistent.pem", "which cannot be read"),
        ("SSL_CERT_FILE", &empty, "which has no certificate that can be used"),
    ] {
        let ward = Ward::with(StandIn::over_tls(), |_| Mood::Well).set("AWS_PROFILE", "ops").config(&profile);
        ward.set(name, file).doctor().line("credentials", "bad", &[&format!("{name} names {file}, {why}")]);
    }
}

/// What is outside goes by the proxy, by its name.
#[test]
fn a_proxy_is_used_for_what_is_outside() {
    let ward = Ward::new().set("AWS_PROFILE", "ops");
    let proxy = ward.stand_in.open("proxy", Mood::Well);
    let ward = ward.config(&format!(
        "[profile base]\n{KEY}\n[profile ops]\nrole_arn = {ROLE}\nsource_profile = base\nregion = eu-central-1\n"
    ));
    let ward = ward.set("HTTPS_PROXY", &proxy).set("https_proxy", &proxy);
    ward.is("good", &["renewed"], "ASIA-dr");
    assert_eq!(ward.stand_in.where_asked("CONNECT sts.eu-central-1.amazonaws.com:443"), ["proxy"]);
    assert_eq!(ward.stand_in.where_asked("AssumeRole"), ["us-east-1"], "and then the next");
}

/// Old credentials go on while new ones cannot be had; then there are none, and the sentence says whose and why.
#[test]
fn while_they_cannot_be_renewed_the_old_ones_go_on_and_the_time_left_is_said() {
    let ward = Ward::new().set("AWS_PROFILE", "ops");
    let once = ward.path("once").display().to_string();
    let script = format!(
        "[ -e {once} ] && {{ echo 'vault: sealed' >&2; exit 3; }}\n: > {once}\n\
         echo \"{{\\\"Version\\\": 1, \\\"AccessKeyId\\\": \\\"ASIA-once\\\", \\\"SecretAccessKey\\\": \\\"s\\\", \
         \\\"SessionToken\\\": \\\"t\\\", \\\"Expiration\\\": \\\"$(date -u -d '+25 seconds' +%Y-%m-%dT%H:%M:%SZ)\\\"}}\"\n"
    );
    let ward = ward.keep("give", &script);
    let command = format!("[profile ops]\ncredential_process = /bin/sh {}\n", ward.path("give").display());
    let ward = ward.config(&command).set("PATH", &std::env::var("PATH").unwrap());
    let mut console = ward.pages(&[]);
    console.wait("● WELL");
    let flat = |screen: &str| screen.split_whitespace().collect::<Vec<_>>().join(" ");
    console.wait_for("the time left", |screen| {
        let screen = flat(screen);
        screen.contains("The AWS credentials from profile ops, its credential_process end in less than 1 min")
            && screen.contains("vault: sealed")
    });
    console.wait_for("their end", |screen| {
        let screen = flat(screen);
        screen.contains("No AWS credentials from profile ops, its credential_process") && !screen.contains("NONE of")
    });
}
