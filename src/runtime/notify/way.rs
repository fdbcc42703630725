//! One attempt after another to notify somebody: a webhook's POST, or a program with the event on its standard input.
//!
//! A webhook's URL is a secret: errors and logs name only its host, or the variable that it came from.

use std::process::Stdio;
use std::time::Duration;

use reqwest::redirect::Policy;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Timing, later};
use crate::aws::{clip, is_loopback};
use crate::change::Digest;
use crate::effect::Notice;
use crate::estate::{Notify, Occasion, Template};
use crate::hygiene::visible;
use crate::time::Timestamp;

/// The longest message, in bytes.
const LONGEST: usize = 3000;
/// How much of a failing program's output is kept, in bytes.
const LONGEST_COMPLAINT: u64 = 2048;
/// How long what a program said is read once it has ended.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// A way to notify somebody.
pub(super) enum Way {
    Webhook { name: String, url: reqwest::Url, client: reqwest::Client },
    Command { program: String, arguments: Vec<String> },
}

/// Who cannot be notified, and why.
pub(super) struct Failed {
    pub(super) whom: String,
    pub(super) why: String,
}

/// One try that failed.
enum Miss {
    Failed {
        why: String,
        /// Whether another try may do better.
        again: bool,
    },
    /// The other side asks to wait, and may say how long.
    Later(Option<Duration>),
}

/// Why no more is tried for now.
pub(super) enum Stop {
    /// It is given up.
    Failed(String),
    /// After so many tries the other side asks to wait, and may say how long.
    Later(u32, Option<Duration>),
}

impl Way {
    /// The way of a notification; none for one that is the screen's.
    pub(super) fn of(notify: &Notify, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Failed> {
        let fail = |whom: &str, why: &str| Failed { whom: whom.to_owned(), why: why.to_owned() };
        if let Some([program, arguments @ ..]) = notify.command.as_deref() {
            return Ok(Some(Way::Command { program: program.clone(), arguments: arguments.to_vec() }));
        }
        let (url, name) = match (&notify.webhook, &notify.webhook_env) {
            (Some(url), _) => (url.reveal().to_owned(), None),
            (None, Some(variable_name)) => {
                let whom = format!("webhook ${variable_name}");
                match variable(variable_name).filter(|v| !v.trim().is_empty()) {
                    Some(url) => (url.trim().to_owned(), Some(whom)),
                    None => return Err(fail(&whom, "the environment variable is not set")),
                }
            }
            (None, None) => return Ok(None),
        };
        let whom = name.as_deref().unwrap_or("webhook");
        // The error of a URL that cannot be read would not quote it either, but says no more than this.
        let Ok(url) = reqwest::Url::parse(&url) else { return Err(fail(whom, "its URL cannot be read")) };
        let here = is_loopback(url.as_str());
        if url.scheme() != "https" && !(here && url.scheme() == "http") {
            return Err(fail(whom, "its URL does not begin with https://"));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let name = name.unwrap_or_else(|| format!("webhook {host}"));
        let client = reqwest::Client::builder()
            // Where a redirect leads nobody has agreed to tell.
            .redirect(Policy::none())
            .user_agent(concat!("signalbox/", env!("CARGO_PKG_VERSION")));
        let client = if here { client.no_proxy() } else { client };
        match client.build() {
            Ok(client) => Ok(Some(Way::Webhook { name, url, client })),
            Err(_) => Err(fail(&name, "no HTTP client can be made")),
        }
    }

    /// What it is called where people can read it.
    pub(super) fn name(&self) -> String {
        match self {
            Way::Webhook { name, .. } => name.clone(),
            Way::Command { program, .. } => format!("command {}", visible(program)),
        }
    }

    /// By what it is known where no secret may stand: a SHA-256.
    pub(super) fn key(&self, on: &[Occasion]) -> Digest {
        let to = match self {
            Way::Webhook { url, .. } => url.to_string(),
            Way::Command { program, arguments } => format!("{program:?} {arguments:?}"),
        };
        Digest::of(&format!("{to} {on:?}"))
    }

    /// Tries until somebody was told, asks to wait, or it is given up; how many tries it took, or why not.
    pub(super) async fn deliver(
        &self,
        notice: &Notice,
        template: &Template,
        estate: &str,
        timing: Timing,
    ) -> Result<u32, Stop> {
        let mut pause = timing.pause;
        let mut tries = 0;
        loop {
            tries += 1;
            let attempt = async {
                match self {
                    Way::Webhook { url, client, .. } => post(client, url, notice, template, estate).await,
                    Way::Command { program, arguments } => run(program, arguments, notice, template, estate).await,
                }
            };
            let (why, again) = match tokio::time::timeout(timing.attempt, attempt).await {
                Ok(Ok(())) => return Ok(tries),
                Ok(Err(Miss::Later(wait))) => return Err(Stop::Later(tries, wait)),
                Ok(Err(Miss::Failed { why, again })) => (why, again),
                Err(_) => (format!("no answer within {} s", timing.attempt.as_secs_f64()), true),
            };
            if !again || tries >= timing.tries {
                let times = if tries == 1 { String::new() } else { format!(", {tries} times") };
                return Err(Stop::Failed(format!("{why}{times}")));
            }
            tokio::time::sleep(pause).await;
            pause *= 3;
        }
    }
}

/// A value in a webhook's text: what came from outside makes no mentions and no links there.
fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

async fn post(
    client: &reqwest::Client,
    url: &reqwest::Url,
    notice: &Notice,
    template: &Template,
    estate: &str,
) -> Result<(), Miss> {
    let text = template.fill(|field| escaped(&visible(&notice.field(field, estate))));
    let body = json!({ "text": clip(&text, LONGEST) }).to_string();
    let request = client.post(url.clone()).header("content-type", "application/json").body(body);
    let answer = request.send().await.map_err(|e| Miss::Failed { why: network(&e.without_url()), again: true })?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let wait = later::asked(answer.headers(), Timestamp::now());
    if status.as_u16() == 429 || (status.as_u16() == 503 && wait.is_some()) {
        return Err(Miss::Later(wait));
    }
    let again = status.is_server_error() || status.as_u16() == 408;
    let why = if status.is_redirection() {
        format!("it answers {}, a redirect, which is not followed", status.as_u16())
    } else {
        format!("it answers {}", status.as_u16())
    };
    Err(Miss::Failed { why, again })
}

/// The innermost cause, which names no URL.
fn network(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    clip(&visible(&cause.to_string()), 300)
}

async fn run(
    program: &str,
    arguments: &[String],
    notice: &Notice,
    template: &Template,
    estate: &str,
) -> Result<(), Miss> {
    let message = clip(&visible(&notice.words(template, estate)), LONGEST);
    let text = clip(&notice.text, LONGEST);
    let at = notice.at.wall.to_string();
    let pair = notice.pair.as_ref().map(ToString::to_string);
    let words = notice.change.map(|d| d.words());
    let event = json!({
        "version": 1,
        "on": notice.on.name(),
        "at": at,
        "estate": estate,
        "pair": pair,
        "change": notice.change.map(|digest| json!({ "digest": digest, "words": digest.words() })),
        "who": notice.who,
        "text": text,
        "message": message,
    });
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    // Ctrl-C at the console is not meant for it.
    command.process_group(0);
    let values = [
        // `SIGNALBOX_ESTATE` is where the estate file is, also for a signalbox that the program calls.
        ("SIGNALBOX_NOTICE_ON", notice.on.name()),
        ("SIGNALBOX_NOTICE_AT", &at),
        ("SIGNALBOX_NOTICE_ESTATE", estate),
        ("SIGNALBOX_NOTICE_PAIR", pair.as_deref().unwrap_or_default()),
        ("SIGNALBOX_NOTICE_WORDS", words.as_deref().unwrap_or_default()),
        ("SIGNALBOX_NOTICE_WHO", &notice.who),
        ("SIGNALBOX_NOTICE_TEXT", &text),
        ("SIGNALBOX_NOTICE_MESSAGE", &message),
    ];
    command.envs(values.map(|(name, value)| (name, value.replace('\0', ""))));
    let mut child =
        command.spawn().map_err(|e| Miss::Failed { why: format!("it does not start: {e}"), again: false })?;
    let mut said = child.stderr.take();
    let mut stdin = child.stdin.take();
    let feed = async {
        if let Some(stdin) = &mut stdin {
            // A program that reads nothing closes it early; that is its business.
            let _ = stdin.write_all(format!("{event}\n").as_bytes()).await;
        }
        drop(stdin.take());
    };
    let listen = async {
        let mut kept = Vec::new();
        if let Some(said) = &mut said {
            let _ = said.take(LONGEST_COMPLAINT).read_to_end(&mut kept).await;
            let _ = tokio::io::copy(said, &mut tokio::io::sink()).await;
        }
        kept
    };
    let end = async {
        let ((), status) = tokio::join!(feed, child.wait());
        status
    };
    tokio::pin!(end, listen);
    let (status, said) = tokio::select! {
        status = &mut end => {
            // A grandchild may hold it open for ever.
            (status, tokio::time::timeout(LAST_WORDS, &mut listen).await.unwrap_or_default())
        }
        said = &mut listen => (end.await, said),
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            let said = String::from_utf8_lossy(&said);
            let said = said.lines().map(str::trim).find(|l| !l.is_empty()).map(|l| format!(": {}", visible(l)));
            Err(Miss::Failed { why: clip(&format!("{status}{}", said.unwrap_or_default()), 300), again: true })
        }
        Err(e) => Err(Miss::Failed { why: format!("it cannot be waited for: {e}"), again: true }),
    }
}
