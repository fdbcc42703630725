//! Notices on their way: webhooks and commands against real sockets and programs, good and bad ones; and a flip that
//! goes out whatever they do.

use crate::people;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use signalbox::change::{Courier, Digest, Draft, Hands, Nonce, State};
use signalbox::effect::Notice;
use signalbox::estate::{Estate, Notify, Occasion, PairName, PersonName, Region, guiding_care};
use signalbox::event::{Ask, What};
use signalbox::model::Lever;
use signalbox::runtime::notify::{Alert, Notifier, Timing, sequence};
use signalbox::runtime::{Clock, Engine, Options};
use signalbox::signing::SecretKey;
use signalbox::sim::{Sim, SimOptions};
use signalbox::time::{Span, Stamp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Longer than anything takes here.
const PATIENCE: Duration = Duration::from_secs(60);

const QUICK: Timing = Timing {
    tries: 3,
    attempt: Duration::from_millis(400),
    pause: Duration::from_millis(20),
    whole: Duration::from_secs(5),
    stale: Duration::from_secs(60),
    longest: Duration::from_secs(60),
    collect: Duration::from_millis(20),
};

fn rule(text: &str) -> Notify {
    toml::from_str(text).unwrap_or_else(|e| panic!("{e}"))
}

fn estate(rules: &[String]) -> Estate {
    let mut estate = guiding_care().unwrap();
    estate.notify = rules.iter().map(|r| rule(r)).collect();
    estate
}

fn notice(on: Occasion, text: &str) -> Notice {
    Notice {
        on,
        at: Stamp { mono: Span::from_secs(9), wall: "2026-11-24T18:42:07Z".parse().unwrap() },
        pair: Some(PairName::from("east")),
        change: Some(Digest::of("a change")),
        who: "alice".into(),
        text: text.into(),
        own: true,
    }
}

/// A web server that gives its answers one after another, the last of them again and again.
struct Hook {
    url: String,
    bodies: UnboundedReceiver<String>,
}

/// `0` is a server that reads and never answers.
async fn hook(answers: &[(u16, &str)]) -> Hook {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/T0/very-secret", listener.local_addr().unwrap());
    let (tell, bodies) = unbounded_channel();
    let mut left: VecDeque<(u16, String)> = answers.iter().map(|(code, more)| (*code, (*more).to_owned())).collect();
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = Vec::new();
            let body = loop {
                let mut some = [0u8; 4096];
                let n = stream.read(&mut some).await.unwrap_or(0);
                read.extend_from_slice(&some[..n]);
                let text = String::from_utf8_lossy(&read).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
                if n == 0 || body.len() >= length.unwrap_or(0) {
                    break body.to_owned();
                }
            };
            let _ = tell.send(body);
            let (code, more) = if left.len() > 1 { left.pop_front() } else { left.front().cloned() }.unwrap();
            if code == 0 {
                held.push(stream);
                continue;
            }
            let answer = format!("HTTP/1.1 {code} x\r\n{more}content-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    Hook { url, bodies }
}

async fn next<T>(from: &mut UnboundedReceiver<T>) -> T {
    tokio::time::timeout(PATIENCE, from.recv()).await.expect("in time").expect("somebody is there")
}

/// What the timeline is told of a failure.
async fn complaint(answers: &mut UnboundedReceiver<What>) -> (String, String) {
    match next(answers).await {
        What::NotTold { whom, why } => (whom, why),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_webhook_gets_slacks_json_and_what_is_outside_makes_no_mentions() {
    let mut hook = hook(&[(200, "")]).await;
    let rules =
        [format!("on = [\"proposed\"]\nwebhook = \"{}\"\ntemplate = \"<!here> {{estate}}: {{text}}\"", hook.url)];
    let (answer, mut answers) = unbounded_channel();
    let mut notifier = Notifier::start(&estate(&rules), QUICK, &answer);
    notifier.tell(&notice(Occasion::Proposed, "“<!channel> & <https://x|y>” \u{202e}"));
    notifier.tell(&notice(Occasion::Rejected, "not asked for"));
    notifier.finish(PATIENCE).await;
    let body: serde_json::Value = serde_json::from_str(&next(&mut hook.bodies).await).unwrap();
    let text = "<!here> guiding-care: “&lt;!channel&gt; &amp; &lt;https://x|y&gt;” ‹U+202E›";
    assert_eq!(body, serde_json::json!({ "text": text }));
    assert!(hook.bodies.try_recv().is_err(), "one notice, one request");
    assert!(answers.try_recv().is_err());
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_what_will_not_is_given_up_at_once() {
    for (answers, requests, why) in [
        (vec![(500, ""), (408, ""), (204, "")], 3, None),
        (vec![(500, "")], 3, Some("“proposed”: it answers 500, 3 times")),
        (vec![(404, "")], 1, Some("“proposed”: it answers 404")),
        (vec![(0, "")], 3, Some("“proposed”: no answer within 0.4 s, 3 times")),
    ] {
        let mut hook = hook(&answers).await;
        let (answer, mut told) = unbounded_channel();
        let rules = [format!("on = [\"proposed\"]\nwebhook = \"{}\"", hook.url)];
        let mut notifier = Notifier::start(&estate(&rules), QUICK, &answer);
        notifier.tell(&notice(Occasion::Proposed, "x"));
        notifier.finish(PATIENCE).await;
        let mut seen = 0;
        while hook.bodies.try_recv().is_ok() {
            seen += 1;
        }
        assert_eq!(seen, requests, "{answers:?}");
        match why {
            Some(why) => assert_eq!(complaint(&mut told).await, ("webhook 127.0.0.1".into(), why.into())),
            None => assert!(told.try_recv().is_err()),
        }
    }
}

/// Who is asked too often says how long to wait, in seconds or by its own clock: that is waited out however few tries
/// there are and however long all may take, and then everything goes out in order.
#[tokio::test]
async fn a_wait_that_is_asked_for_is_waited_out_and_nothing_is_lost() {
    let date = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:49:38 GMT\r\n";
    for (asks, says) in [
        (vec![(429, "retry-after: 1\r\n")], "asks to wait 1 s"),
        (vec![(503, date)], "asks to wait 1 s"),
        // More often than there are tries of one notice.
        (vec![(429, "retry-after: 0\r\n"); 9], "asks to wait 0 s"),
        (vec![(429, ""); 4], "is asked too often (429)"),
    ] {
        let answers = [asks.clone(), vec![(200, "")]].concat();
        let mut hook = hook(&answers).await;
        let (answer, mut told) = unbounded_channel();
        let rules = [format!("on = [\"proposed\"]\nwebhook = \"{}\"", hook.url)];
        // No notice may take so long that a wait of a second fits into it.
        let short = Timing { whole: Duration::from_millis(900), stale: Duration::from_millis(900), ..QUICK };
        let mut notifier = Notifier::start(&estate(&rules), short, &answer);
        let began = Instant::now();
        (0..3).for_each(|i| notifier.tell(&notice(Occasion::Proposed, &format!("number {i}"))));
        assert!(notifier.finish(PATIENCE).await.is_empty());
        if says.contains("1 s") {
            assert!(began.elapsed() >= Duration::from_secs(1), "{asks:?}: {:?}", began.elapsed());
        }
        let mut bodies = Vec::new();
        while let Ok(body) = hook.bodies.try_recv() {
            bodies.push(body);
        }
        assert_eq!(bodies.len(), asks.len() + 3, "{asks:?}: {bodies:?}");
        for (i, body) in bodies.iter().skip(asks.len()).enumerate() {
            assert!(body.contains(&format!("number {i}")), "{asks:?}: {bodies:?}");
        }
        let whom = "webhook 127.0.0.1".to_owned();
        assert_eq!(next(&mut told).await, What::ToldLater { whom: whom.clone(), why: says.into() });
        assert_eq!(next(&mut told).await, What::ToldAtLast { whom });
        assert!(told.try_recv().is_err(), "{asks:?}");
    }
}

/// A wait without a bound is none; what cannot be read is no wait; and who leaves meanwhile hears what was not sent.
#[tokio::test]
async fn a_wait_has_a_bound_and_what_it_cost_is_told() {
    for header in ["retry-after: 86400\r\n", "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n"] {
        let mut hook = hook(&[(429, header), (200, "")]).await;
        let (answer, mut told) = unbounded_channel();
        let rules = [format!("on = [\"proposed\"]\nwebhook = \"{}\"", hook.url)];
        let bound = Timing { longest: Duration::from_millis(10), ..QUICK };
        let mut notifier = Notifier::start(&estate(&rules), bound, &answer);
        notifier.tell(&notice(Occasion::Proposed, "x"));
        assert!(notifier.finish(PATIENCE).await.is_empty());
        assert!(hook.bodies.try_recv().is_ok() && hook.bodies.try_recv().is_ok());
        assert!(matches!(next(&mut told).await, What::ToldLater { .. }));
        assert!(matches!(next(&mut told).await, What::ToldAtLast { .. }));
    }
    for header in ["retry-after: soon\r\n", "retry-after: NaN\r\n", "retry-after: -5\r\n", "retry-after: \r\n"] {
        let hook = hook(&[(429, header), (200, "")]).await;
        let (answer, _told) = unbounded_channel();
        let rules = [format!("on = [\"proposed\"]\nwebhook = \"{}\"", hook.url)];
        let mut notifier = Notifier::start(&estate(&rules), QUICK, &answer);
        notifier.tell(&notice(Occasion::Proposed, "x"));
        assert!(notifier.finish(PATIENCE).await.is_empty(), "{header}");
    }
    let hook = hook(&[(429, "retry-after: 600\r\n")]).await;
    let (answer, mut told) = unbounded_channel();
    let rules = [format!("on = [\"proposed\"]\nwebhook = \"{}\"", hook.url)];
    let mut notifier = Notifier::start(&estate(&rules), QUICK, &answer);
    (0..2).for_each(|_| notifier.tell(&notice(Occasion::Proposed, "x")));
    assert!(matches!(next(&mut told).await, What::ToldLater { .. }));
    let left = notifier.finish(Duration::ZERO).await;
    assert_eq!(left.lost, ["webhook 127.0.0.1 was not told: the program ended before 2 notices could be sent"]);
}

/// What a program could not send before its end, another one sends, and not before it may: nothing is lost, and of several
/// programs one sends it.
#[tokio::test]
async fn what_was_not_sent_is_kept_and_the_next_program_sends_it() {
    let state = tempfile::tempdir().unwrap();
    let mut hook = hook(&[(429, "retry-after: 2\r\n"), (200, "")]).await;
    let rules = [format!("on = [\"proposed\"]\nwebhook = \"{}\"", hook.url)];
    let (answer, mut told) = unbounded_channel();
    let start = || Notifier::start(&estate(&rules), QUICK, &answer).keeping(state.path());
    let mut first = start();
    let now = notice(Occasion::Proposed, "x");
    first.tell(&Notice { at: Stamp { wall: jiff::Timestamp::now(), ..now.at }, ..now });
    assert!(matches!(next(&mut told).await, What::ToldLater { .. }));
    next(&mut hook.bodies).await;
    let asked = Instant::now();
    let left = first.finish(Duration::ZERO).await;
    assert!(left.lost.is_empty(), "{left:?}");
    assert_eq!(left.kept.len(), 1, "{left:?}");
    let files = || std::fs::read_dir(state.path().join("notices")).unwrap().count();
    assert_eq!(files(), 1);
    let secret = std::fs::read_dir(state.path().join("notices"))
        .unwrap()
        .any(|file| std::fs::read_to_string(file.unwrap().path()).unwrap().contains("very-secret"));
    assert!(!secret, "a webhook's URL is in no file");

    let mut others: Vec<Notifier> = (0..3).map(|_| start()).collect();
    let body = loop {
        others.iter_mut().for_each(Notifier::collect);
        if let Ok(body) = tokio::time::timeout(Duration::from_millis(30), hook.bodies.recv()).await {
            break body.unwrap();
        }
        assert!(asked.elapsed() < PATIENCE, "it is never sent");
    };
    assert!(asked.elapsed() > Duration::from_millis(1500), "they asked not to be told before");
    assert!(body.contains('x'));
    for other in others {
        assert!(other.finish(PATIENCE).await.is_empty());
    }
    assert!(hook.bodies.try_recv().is_err(), "once");
    assert_eq!(files(), 0);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut elsewhere = hook(&[(200, "")]).await;
    let to = format!("location: {}\r\n", elsewhere.url);
    let hook = hook(&[(307, &to)]).await;
    let (answer, mut answers) = unbounded_channel();
    let rules = [format!("on = [\"proposed\"]\nwebhook = \"{}\"", hook.url)];
    let mut notifier = Notifier::start(&estate(&rules), QUICK, &answer);
    notifier.tell(&notice(Occasion::Proposed, "x"));
    notifier.finish(PATIENCE).await;
    assert_eq!(complaint(&mut answers).await.1, "“proposed”: it answers 307, a redirect, which is not followed");
    assert!(elsewhere.bodies.try_recv().is_err(), "the redirect was followed");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// On one thread, so that the log of every task is caught.
#[tokio::test(flavor = "current_thread")]
async fn no_log_and_no_complaint_shows_a_webhooks_url() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    // A port that nobody listens on any more.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let good = hook(&[(200, "")]).await;
    let bad = hook(&[(403, "")]).await;
    let rules = [
        format!("on = [\"proposed\"]\nwebhook = \"http://{gone}/T0/very-secret\""),
        format!("on = [\"proposed\"]\nwebhook = \"{}\"", good.url),
        format!("on = [\"proposed\"]\nwebhook = \"{}\"", bad.url),
        "on = [\"proposed\"]\nwebhook_env = \"SIGNALBOX_TEST_NO_SUCH_VARIABLE\"".to_owned(),
    ];
    let (answer, mut answers) = unbounded_channel();
    let mut notifier = Notifier::start(&estate(&rules), QUICK, &answer);
    assert_eq!(
        complaint(&mut answers).await,
        ("webhook $SIGNALBOX_TEST_NO_SUCH_VARIABLE".into(), "the environment variable is not set".into())
    );
    notifier.tell(&notice(Occasion::Proposed, "x"));
    notifier.finish(PATIENCE).await;
    let mut said = vec![complaint(&mut answers).await.1, complaint(&mut answers).await.1];
    said.sort();
    assert!(said[1].contains("it answers 403"), "{said:?}");
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("told") && log.contains("gave up telling"), "{log}");
    assert!(!log.contains("very-secret"), "{log}");
    assert!(!said.iter().any(|s| s.contains("very-secret")), "{said:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_gets_the_event_and_no_shell_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("page me");
    let script = "#!/bin/sh\ncat > \"$1\"\nprintf '%s|%s|%s' \"$SIGNALBOX_NOTICE_ON\" \"$SIGNALBOX_NOTICE_WORDS\" \"$SIGNALBOX_NOTICE_MESSAGE\" > \"$1.env\"\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let out = dir.path().join("out; touch gone $(id)");
    let rules =
        [format!("on = [\"traffic-moved\"]\ncommand = [{program:?}, {out:?}]\ntemplate = \"{{what}}: {{text}}\"")];
    let (answer, mut answers) = unbounded_channel();
    let mut notifier = Notifier::start(&estate(&rules), QUICK, &answer);
    notifier.tell(&notice(Occasion::TrafficMoved, "$(id) `id` \"quoted\""));
    notifier.finish(PATIENCE).await;
    assert!(answers.try_recv().is_err());
    let event: serde_json::Value = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    let words = Digest::of("a change").words();
    assert_eq!(event["on"], "traffic-moved");
    assert_eq!(event["version"], 1);
    assert_eq!(event["pair"], "east");
    assert_eq!(event["who"], "alice");
    assert_eq!(event["change"]["words"], words.as_str());
    assert_eq!(event["message"], "traffic moved: $(id) `id` \"quoted\"");
    let env = std::fs::read_to_string(format!("{}.env", out.display())).unwrap();
    assert_eq!(env, format!("traffic-moved|{words}|traffic moved: $(id) `id` \"quoted\""));
}

#[cfg(unix)]
#[tokio::test]
async fn a_command_that_fails_hangs_or_is_not_there_is_given_up_with_its_reason() {
    for (command, why) in [
        ("[\"sh\", \"-c\", \"echo no pager >&2; exit 3\"]", "“proposed”: exit status: 3: no pager, 3 times"),
        ("[\"sh\", \"-c\", \"exec sleep 1000\"]", "“proposed”: no answer within 0.4 s, 3 times"),
        ("[\"/nonexistent/page\"]", "“proposed”: it does not start: No such file or directory (os error 2)"),
        // It closes its input unread, and leaves something behind that keeps its error stream open.
        ("[\"sh\", \"-c\", \"exec <&-; sleep 5 & exit 4\"]", "“proposed”: exit status: 4, 3 times"),
    ] {
        let (answer, mut answers) = unbounded_channel();
        let rules = [format!("on = [\"proposed\"]\ncommand = {command}")];
        let mut notifier = Notifier::start(&estate(&rules), QUICK, &answer);
        notifier.tell(&notice(Occasion::Proposed, &"x".repeat(100_000)));
        notifier.finish(PATIENCE).await;
        assert_eq!(complaint(&mut answers).await.1, why, "{command}");
    }
}

/// The one who hangs has a queue of their own, and it has an end.
#[tokio::test]
async fn a_thousand_notices_at_once_wait_for_nobody() {
    let hanging = hook(&[(0, "")]).await;
    let mut well = hook(&[(200, "")]).await;
    let rules = [&hanging, &well].map(|h| format!("on = [\"proposed\"]\nwebhook = \"{}\"", h.url));
    let (answer, mut answers) = unbounded_channel();
    let slow = Timing { attempt: PATIENCE, whole: PATIENCE, ..QUICK };
    let mut notifier = Notifier::start(&estate(&rules), slow, &answer);
    let began = Instant::now();
    for i in 0..1000 {
        notifier.tell(&notice(Occasion::Proposed, &format!("number {i}")));
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(2), "telling took {took:?}");
    let first = next(&mut well.bodies).await;
    assert!(first.contains("number 0"), "{first}");
    let (_, why) = complaint(&mut answers).await;
    assert!(why.contains("64 notices wait already"), "{why}");
    // The end does not wait for the one who hangs.
    let began = Instant::now();
    notifier.finish(Duration::from_millis(300)).await;
    assert!(began.elapsed() < Duration::from_secs(10));
    // Complaints are few: one for each who is not told.
    let mut more = 0;
    while answers.try_recv().is_ok() {
        more += 1;
    }
    assert!(more <= 3, "{more} more complaints");
}

#[test]
fn what_rings_is_clean_bounded_and_quiet_while_presenting() {
    let evil = "a\x07b\x1b\\c\u{9c}d\u{9d}e;f\u{202e}g“h”Ü ";
    let alert = |way: &str| rule(&format!("on = [\"proposed\"]\n{way}"));
    let of = |rule: &Notify, words: &str| Alert { osc: rule.osc, presenting: rule.presenting, words: words.to_owned() };
    for (osc, begin) in [("osc = 9", "\x1b]9;signalbox: "), ("osc = 777", "\x1b]777;notify;signalbox;")] {
        let bytes = sequence(&[of(&alert(osc), &evil.repeat(40))], false);
        let inside = bytes.strip_prefix(begin.as_bytes()).and_then(|b| b.strip_suffix(b"\x07")).expect("begin and end");
        assert!(!inside.iter().any(|b| *b < 0x20 || *b == 0x7f || *b == 0x9c), "{inside:?}");
        assert!(!inside.contains(&b';'));
        let text = std::str::from_utf8(inside).unwrap();
        assert!(!text.chars().any(signalbox::hygiene::is_hidden) && text.chars().count() <= 200, "{text}");
        assert!(sequence(&[of(&alert(osc), "x")], true).is_empty(), "a presented screen is quiet");
        let loud = alert(&format!("{osc}\npresenting = true"));
        assert!(!sequence(&[of(&loud, "x")], true).is_empty());
    }
    let bell = of(&alert("bell = true"), "x");
    assert_eq!(sequence(&[bell.clone(), bell.clone(), bell], false), b"\x07");
    let many = vec![of(&alert("osc = 9"), "x"); 8];
    assert_eq!(sequence(&many, false).iter().filter(|b| **b == 0x1b).count(), 3);
}

/// Only a screen's own rules make alerts, also for what happened at another console; its webhooks stay silent then.
#[tokio::test]
async fn what_happened_elsewhere_rings_and_is_not_told_again() {
    let mut hook = hook(&[(200, "")]).await;
    let rules =
        ["on = [\"proposed\"]\nbell = true".to_owned(), format!("on = [\"proposed\"]\nwebhook = \"{}\"", hook.url)];
    let (answer, _answers) = unbounded_channel();
    let mut notifier = Notifier::start(&estate(&rules), QUICK, &answer);
    notifier.tell(&Notice { own: false, ..notice(Occasion::Proposed, "theirs") });
    assert_eq!(notifier.alerts().len(), 1);
    assert!(notifier.alerts().is_empty());
    notifier.finish(PATIENCE).await;
    assert!(hook.bodies.try_recv().is_err());
}

/// The real engine on the simulator: every webhook and command hangs, a thousand signatures are refused at once, and
/// the flip goes out and is verified.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_hangs_holds_up_a_flip() {
    let dir = tempfile::tempdir().unwrap();
    let mut hanging = hook(&[(0, "")]).await;
    let names: Vec<_> = Occasion::ALL.iter().map(|on| format!("{:?}", on.name())).collect();
    let on = format!("on = [{}]", names.join(", "));
    let mut base = guiding_care().unwrap();
    base.notify = vec![
        rule(&format!("{on}\nwebhook = \"{}\"", hanging.url)),
        rule(&format!("{on}\ncommand = [\"sleep\", \"1000\"]")),
        rule(&format!("{on}\nbell = true")),
    ];
    people::give_keys(dir.path(), &mut base, &[(1, "alice"), (2, "bob")]);
    let sim = Sim::start(SimOptions::new(base, "calm").unwrap().speed(10.0)).await.unwrap();
    let estate = Arc::new(sim.estate().clone());
    assert_eq!(estate.notify.len(), 3);
    let sdk = signalbox::aws::Sdk::load(&estate, signalbox::aws::Credentials::dummy()).await;
    let mut engine = Engine::open(Options {
        estate: estate.clone(),
        sdk,
        clock: Clock::running(sim.clock().now(), 10.0),
        state: dir.path().join("state"),
        only_arc: false,
        tick: Span::from_secs(1),
        look_on: None,
        signer: Some(signalbox::runtime::Signer::new(
            estate.clone(),
            signalbox::signing::Ring::open(Some(&dir.path().join("alice")), None).unwrap(),
        )),
    })
    .unwrap();
    engine.watch();
    let pair = PairName::from("east");
    let receiving = Region::from("us-east-2");
    let by = Hands::of(&estate, &PersonName::from("alice")).operator.unwrap();
    let mut draft = Draft::towards(&estate, &pair, &receiving).unwrap();
    draft.reason = "planned".into();
    draft.despite = "a test".into();
    let known = draft.to().to_vec();
    let ready = engine.until(PATIENCE, |m| {
        known.iter().all(|(arn, _)| matches!(m.levers.get(arn, m.now), Lever::Agreed(_))) && m.all_heard()
    });
    assert!(ready.await, "the controls are read");
    engine.ask(Ask::Propose { by: by.clone(), draft, nonce: Nonce(1) });
    assert!(engine.until(PATIENCE, |m| !m.is_busy()).await, "the proposal is signed and kept");
    let refusals = engine.model().refusals.clone();
    let change = engine.model().changes.all().first().unwrap_or_else(|| panic!("{refusals:?}")).clone();
    let began = Instant::now();
    for i in 0..1000 {
        engine.ask(Ask::Signature { armored: format!("nonsense {i}"), by: Courier::incident_folder(), of: None });
    }
    let asked = began.elapsed();
    assert!(asked < Duration::from_secs(10), "asking took {asked:?}");
    let armored = SecretKey::read(&dir.path().join("bob")).unwrap().approve(&change.text.canonical()).unwrap();
    engine.ask(Ask::Signature { armored, by: Courier::incident_folder(), of: None });
    let digest = change.digest;
    let state = |m: &signalbox::model::Model| m.changes.get(&digest).map(|c| c.state.clone());
    assert!(engine.until(PATIENCE, |m| state(m) == Some(State::Approved)).await, "{:?}", state(engine.model()));
    engine.ask(Ask::SecondKey { by, change: digest, typed: receiving.to_string() });
    let began = Instant::now();
    let verified = engine.until(PATIENCE, |m| matches!(state(m), Some(State::Verified { .. }))).await;
    assert!(verified, "{:?}", state(engine.model()));
    assert!(began.elapsed() < Duration::from_secs(20), "the flip took {:?}", began.elapsed());
    assert!(change.text.flips().iter().all(|f| sim.control_states().get(&f.arn) == Some(&f.to)), "the world has moved");
    // It was tried all the while, and the person is told that it does not work.
    next(&mut hanging.bodies).await;
    let told = engine.until(PATIENCE, |m| m.timeline.entries().iter().any(|e| e.text.contains("was not told: "))).await;
    assert!(told, "the timeline says that somebody is not told");
    assert!(!engine.alerts().is_empty());
    let began = Instant::now();
    engine.close().await;
    assert!(began.elapsed() < Duration::from_secs(15), "closing took {:?}", began.elapsed());
}
