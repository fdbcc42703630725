//! Roles, MFA sessions and web identities as `moto` gives them, which nobody here wrote. Opt-in, as
//! `tests/wire/elsewhere` is:
//!
//!     SIGNALBOX_PYTHON=venv/bin/python cargo test --test program credentials::elsewhere -- --ignored

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{KEY, ROLE, Ward};

struct Moto {
    child: Child,
    url: String,
}

impl Moto {
    fn start() -> Self {
        let python = std::env::var("SIGNALBOX_PYTHON").unwrap_or_else(|_| "python3".into());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/elsewhere/serve.py");
        let command =
            Command::new(&python).arg(script).arg("moto").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = command.unwrap_or_else(|e| panic!("{python} does not start: {e}"));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let about: serde_json::Value = serde_json::from_str(&line).expect("serve.py says what it needs");
        Self { child, url: about["url"].as_str().unwrap().to_owned() }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}

#[test]
#[ignore = "needs moto from PyPI"]
fn moto_gives_a_role_and_a_web_identity() {
    let moto = Moto::start();
    let ward = Ward::new().set("AWS_PROFILE", "ops").set("AWS_REGION", "us-east-2").sts_at(&moto.url).config(&format!(
        "[profile base]\n{KEY}\n[profile ops]\nrole_arn = {ROLE}\nsource_profile = base\nrole_session_name = alice\n"
    ));
    let seen = ward.doctor();
    seen.line("expiry", "good", &["profile ops, role dr", "they end in ", "renewed in good time"]);
    seen.line("identity (GetCallerIdentity)", "good", &["arn:aws:sts::111122223333:assumed-role/dr/alice"]);
    let ward = ward.keep("token", "a-token");
    let token = ward.path("token").display().to_string();
    let ward = ward.config(&format!(
        "[profile ops]\nrole_arn = {ROLE}\nweb_identity_token_file = {token}\nrole_session_name = pod\n"
    ));
    let seen = ward.doctor();
    seen.line("expiry", "good", &["a web identity token", "renewed in good time"]);
    seen.line("identity (GetCallerIdentity)", "good", &["assumed-role/dr/pod"]);
}
