//! `signalbox doctor`: looks at what an incident will need before there is one.
//!
//! It makes every call of the console once, through the console's own feeds, and writes nothing to AWS. For calls that
//! would do harm, it asks IAM whether they are allowed, and says so if it cannot ask.

mod account;
mod guarded;
mod here;
mod permissions;
mod round;
mod seats;
mod without;

pub use guarded::guarded;
pub use without::examine_without;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use color_eyre::Result;
use serde::Serialize;

use super::common::{EstateArgs, sdk};
use super::exit::{Exit, asked};
use crate::aws::{Gone, Sdk};
use crate::cli::io::{put, say};
use crate::estate::Estate;
use crate::estate::PersonName;
use crate::fault::one_line;
use crate::hygiene::visible;
use crate::runtime::Signer;
use crate::signing::Ring;
use crate::time::Timestamp;

/// All of it ends within this time, once it is known whether there are credentials.
const LIMIT: Duration = Duration::from_secs(12);

/// Checks what an incident will need: credentials, permissions, endpoints, clock, resolvers, keys, terminal.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    estate: EstateArgs,
    /// Who you are: a name from the estate's people [default: your login name, if it is listed]
    #[arg(long = "as", value_name = "NAME")]
    who: Option<String>,
    /// Say what would still work without this region, `identity-center` or `internet-dns`; may be given again
    #[arg(long, value_name = "WHAT")]
    without: Vec<Gone>,
    /// JSON, version 1
    #[arg(long)]
    json: bool,
}

/// How a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// ✔ as it should be.
    Good,
    /// ? not tried, or not known.
    Unknown,
    /// ▲ an incident would suffer from it.
    Warn,
    /// ✖ an incident would fail on it.
    Bad,
}

impl Verdict {
    fn sign(self) -> &'static str {
        match self {
            Verdict::Good => "✔",
            Verdict::Unknown => "?",
            Verdict::Warn => "▲",
            Verdict::Bad => "✖",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The heading of its section.
    pub group: &'static str,
    /// How it stands.
    pub verdict: Verdict,
    /// What was looked at.
    pub what: String,
    /// What was found.
    pub found: String,
    /// What to do; none where all is well.
    pub remedy: Option<String>,
}

impl Line {
    fn good(group: &'static str, what: impl Into<String>, found: impl Into<String>) -> Self {
        Self { group, verdict: Verdict::Good, what: what.into(), found: found.into(), remedy: None }
    }

    fn other(
        verdict: Verdict,
        group: &'static str,
        what: impl Into<String>,
        found: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        // A message from a library or a service may have several lines; here it is put on one.
        let found = one_line(&found.into());
        Self { group, verdict, what: what.into(), found, remedy: Some(remedy.into()) }
    }

    /// What was not tried, because AWS is not asked for anything.
    fn skipped(group: &'static str, what: impl Into<String>, why: &str) -> Self {
        Self::other(Verdict::Unknown, group, what, format!("not tried: {why}"), "fix the credentials first, see above")
    }
}

/// What is looked at, and by whom.
pub struct Patient {
    /// The estate.
    pub estate: Arc<Estate>,
    /// AWS clients.
    pub sdk: Sdk,
    /// The folder of the journal.
    pub state: std::path::PathBuf,
    /// Who sits here, where that is known.
    pub person: Option<crate::estate::PersonName>,
    /// The ssh-agent's socket.
    pub agent: Option<std::path::PathBuf>,
    /// What this machine's clock shows.
    pub now: fn() -> Timestamp,
    /// An environment variable.
    pub variable: fn(&str) -> Option<String>,
}

/// Looks at everything; within [`LIMIT`], after a few seconds at most in which the credentials come.
pub async fn examine(patient: &Patient) -> Vec<Line> {
    let (mut lines, caller) = account::credentials(patient).await;
    let (calls, permissions, clock) = tokio::join!(
        account::calls(patient, LIMIT, &caller),
        async {
            let (accounts, seats) = seats::take(patient, caller.clone()).await;
            (accounts, permissions::lines(patient, &seats).await)
        },
        account::clock(patient)
    );
    let (accounts, permissions) = permissions;
    lines.extend(accounts);
    lines.extend(calls);
    lines.extend(permissions);
    lines.extend(clock);
    lines.extend(here::people(patient));
    lines.extend(here::proofs(patient));
    lines.extend(here::folder(patient));
    lines.extend(guarded(&patient.state, rustix::process::geteuid().as_raw()));
    lines.extend(here::told(patient));
    lines.extend(here::terminal());
    lines
}

/// Whose keys are looked for: the name given, or whose the ssh-agent holds, or the login name where the estate lists it.
/// Nobody acts here.
fn person(estate: &Arc<Estate>, given: Option<&str>, agent: Option<&Path>) -> Result<Option<PersonName>> {
    let listed = |name: &str| estate.person(&PersonName::from(name)).map(|p| p.name.clone());
    match given {
        Some(name) => listed(name).map(Some).ok_or_else(|| {
            let names: Vec<_> = estate.people.iter().map(|p| p.name.as_str()).collect();
            asked(format!("failed to find `{name}` in the estate's people; it lists {}", names.join(", ")))
        }),
        None => {
            let held = Ring::open(None, agent).map(|ring| Signer::new(estate.clone(), ring).people(now())).ok();
            let one = match held.as_deref() {
                Some([first, rest @ ..]) if rest.iter().all(|p| estate.same_person(first, p)) => Some(first.clone()),
                _ => None,
            };
            Ok(one.or_else(|| std::env::var("USER").ok().as_deref().and_then(listed)))
        }
    }
}

fn now() -> Timestamp {
    crate::runtime::Clock::real().now().wall
}

/// Runs `signalbox doctor`: 0 when nothing is bad, 8 when something is.
///
/// # Errors
/// When the estate file cannot be read: `signalbox check` says what is wrong with it.
pub async fn run(args: DoctorArgs) -> Result<Exit> {
    let estate = args.estate.load()?;
    let state = args.estate.state(&estate)?;
    let sdk = sdk(&estate).await;
    let agent = std::env::var_os("SSH_AUTH_SOCK").filter(|s| !s.is_empty()).map(std::path::PathBuf::from);
    let person = person(&estate, args.who.as_deref(), agent.as_deref())?;
    let variable = |name: &str| std::env::var(name).ok();
    let patient = Patient { estate, sdk, state, person, agent, now, variable };
    let lines = match args.without.as_slice() {
        [] => examine(&patient).await,
        gone => examine_without(&patient, gone).await,
    };
    let worst = lines.iter().map(|l| l.verdict).max().unwrap_or(Verdict::Good);
    if args.json {
        let without: Vec<String> = args.without.iter().map(ToString::to_string).collect();
        say!("{:#}", serde_json::json!({ "version": 1, "without": without, "worst": worst, "lines": lines }));
    } else {
        if !args.without.is_empty() {
            say!("{}\n", tried(&args.without));
        }
        put!("{}", shown(&lines));
    }
    Ok(if worst == Verdict::Bad { Exit::Impaired } else { Exit::Ok })
}

/// What the report is about, above its lines.
fn tried(without: &[Gone]) -> String {
    let gone: Vec<String> = without.iter().map(ToString::to_string).collect();
    format!(
        "What would still work without {}: tried from here, by refusing this program's calls to it. Nothing was switched \
         off, and nothing was changed.",
        gone.join(" and ")
    )
}

/// The lines under their headings, and how many there are of each kind. Lines with the same remedy are grouped, and the
/// remedy is given once.
#[must_use]
pub fn shown(lines: &[Line]) -> String {
    let mut out = String::new();
    for group in lines.chunk_by(|a, b| a.group == b.group) {
        let heading = group.first().map_or("", |l| l.group);
        out.push_str(&format!("{}{heading}\n", if out.is_empty() { "" } else { "\n" }));
        let mut said: Vec<&str> = Vec::new();
        for line in group {
            let Some(remedy) = line.remedy.as_deref() else {
                out.push_str(&shown_line(line));
                continue;
            };
            if said.contains(&remedy) {
                continue;
            }
            said.push(remedy);
            let alike: Vec<&Line> = group.iter().filter(|l| l.remedy.as_deref() == Some(remedy)).collect();
            alike.iter().for_each(|l| out.push_str(&shown_line(l)));
            let of = if alike.len() > 1 { format!("the {} above: ", alike.len()) } else { String::new() };
            out.push_str(&format!("      → {of}{}\n", visible(remedy)));
        }
    }
    let count = |v| lines.iter().filter(|l| l.verdict == v).count();
    out.push_str(&format!(
        "\n{} good, {} bad, {} to watch, {} not tried\n",
        count(Verdict::Good),
        count(Verdict::Bad),
        count(Verdict::Warn),
        count(Verdict::Unknown)
    ));
    out
}

fn shown_line(line: &Line) -> String {
    format!("  {} {:<38} {}\n", line.verdict.sign(), visible(&line.what), visible(&line.found))
}
