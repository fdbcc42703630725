//! `credential_process`: a program that prints credentials as JSON.
//!
//! The SDK's own waits for it without an end, and leaves it running when nobody waits any more.

use std::process::Stdio;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;

use super::Refused;

/// How long it may take: some of them wait for a browser.
const LONGEST: Duration = Duration::from_secs(60);
/// What it may print, in bytes.
const MOST: u64 = 1 << 20;

/// What it prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    version: i64,
    access_key_id: Option<String>,
    secret_access_key: Option<String>,
    session_token: Option<String>,
    expiration: Option<String>,
}

/// Runs it, and ends it if it takes too long, with all that it has started.
pub(super) async fn run(command: &str) -> Result<Credentials, Refused> {
    let mut shell = tokio::process::Command::new("sh");
    // In a group of its own, without a terminal: the screen is ours.
    shell.args(["-c", command]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = shell.process_group(0).kill_on_drop(true).spawn();
    let mut child = started.map_err(|e| Refused::new(format!("its credential_process does not start: {e}")))?;
    let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(rustix::process::Pid::from_raw);
    let group = Group(group);
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let ended = tokio::time::timeout(LONGEST, async {
        let (printed, said) = tokio::join!(all(out), all(err));
        (child.wait().await, printed, said)
    });
    let Ok((status, printed, said)) = ended.await else {
        drop(group);
        let why = format!(
            "its credential_process had not ended after {} s, and was ended; here it cannot ask anybody anything",
            LONGEST.as_secs()
        );
        return Err(Refused::new(why));
    };
    group.has_ended();
    let status = status.map_err(|e| Refused::new(format!("its credential_process cannot be waited for: {e}")))?;
    if !status.success() {
        let said = String::from_utf8_lossy(&said);
        let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
        let last = last.map_or_else(String::new, |line| format!(": {}", super::super::clip(line, 300)));
        return Err(Refused::new(format!("its credential_process failed ({status}){last}")));
    }
    read(&printed)
}

async fn all(pipe: Option<impl tokio::io::AsyncRead + Unpin>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What cannot be read is missing from what is understood.
        let _ = pipe.take(MOST).read_to_end(&mut bytes).await;
    }
    bytes
}

fn read(printed: &[u8]) -> Result<Credentials, Refused> {
    let wrong = |why: &str| Refused::new(format!("its credential_process printed no credentials: {why}"));
    // What it printed may hold a secret: of the fault only the kind and the place are said.
    let printed: Printed = serde_json::from_slice(printed).map_err(|e| {
        wrong(&format!("{:?} at line {}, column {}", e.classify(), e.line(), e.column()).to_lowercase())
    })?;
    if printed.version != 1 {
        return Err(wrong(&format!("its Version is {}, not 1", printed.version)));
    }
    let id = printed.access_key_id.ok_or_else(|| wrong("no AccessKeyId"))?;
    let secret = printed.secret_access_key.ok_or_else(|| wrong("no SecretAccessKey"))?;
    let expiry = printed.expiration.map(|text| {
        let at =
            DateTime::from_str(&text, Format::DateTimeWithOffset).map_err(|_| wrong("its Expiration is no time"))?;
        std::time::SystemTime::try_from(at).map_err(|_| wrong("its Expiration is out of range"))
    });
    Ok(Credentials::new(id, secret, printed.session_token, expiry.transpose()?, "CredentialProcess"))
}

/// Its process group, which ends with this.
struct Group(Option<rustix::process::Pid>);

impl Group {
    /// Its number may be somebody else's from now on.
    fn has_ended(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
