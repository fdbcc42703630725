//! The whole program in a pseudo-terminal, as its user has it: type, and wait for text.

use crate::term;

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use term::{PATIENCE, Term};

fn demo<'a>(folder: &'a Path, scenario: &'a str) -> Vec<&'a str> {
    vec!["demo", "--speed", "10", "--scenario", scenario, "--folder", folder.to_str().expect("a plain path")]
}

fn kill(console: &Term, signal: &str) {
    let killed = Command::new("kill").args([format!("-{signal}"), console.pid().to_string()]).status();
    assert!(killed.expect("kill runs").success());
}

/// The word code of the one change in the incident folder.
fn words(folder: &Path) -> String {
    let end = Instant::now() + PATIENCE;
    // The file follows the screen by a few milliseconds: it waits for the journal.
    while Instant::now() < end {
        let incident = std::fs::read_dir(folder.join("incident")).expect("the incident folder");
        let names = incident.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned());
        if let Some(words) = names.filter_map(|n| n.strip_suffix(".change").map(str::to_owned)).next() {
            return words;
        }
        std::thread::yield_now();
    }
    panic!("no change came into the incident folder");
}

/// Two people move traffic: one at the console, the other in a second terminal.
fn two_people_move_traffic(columns: u16, rows: u16) {
    let folder = tempfile::tempdir().expect("a folder");
    // A proxy of the environment must not come between the console and loopback.
    let proxies = [("HTTP_PROXY", "http://127.0.0.1:9"), ("http_proxy", "http://127.0.0.1:9")];
    let mut console = Term::start(columns, rows, &demo(folder.path(), "region-outage"), &proxies);
    console.wait_for("the outage", |s| s.contains("is impaired since"));
    // A proposal is stopped while checks have not been read.
    console.wait_for("the other region", |s| s.contains("us-east-2 is ready"));
    console.send("f");
    console.wait("reason");
    console.send("INC-4471 portal is gone\r");
    console.wait_for("the proposal", |s| s.contains("approve") && s.contains(".change"));

    let words = words(folder.path());
    let change = folder.path().join("incident").join(format!("{words}.change"));
    let key = folder.path().join("bob");
    let paths = [change.to_str().expect("a path"), key.to_str().expect("a path")];
    let mut second = Term::start(columns, rows, &["approve", paths[0], "--key", paths[1]], &[]);
    second.wait("word code");
    second.send(&format!("{words}\r"));
    second.wait("END SSH SIGNATURE");
    assert_eq!(second.end(), 0);

    console.wait("SECOND KEY");
    console.send("us-east-1\r");
    console.wait("is not the receiving region");
    console.send("\x15us-east-2\r");
    console.wait_for("the end of the move", |s| s.contains("TRAFFIC HAS MOVED"));
    console.send("\x1b");
    console.wait_for("the sentence", |s| s.contains("Traffic moved to") && !s.contains("TRAFFIC HAS MOVED"));
    console.send("q");
    assert_eq!(console.end(), 0, "{}", console.text());
    assert!(console.raw.windows(8).any(|w| w == b"\x1b[?1049l"), "the alternate screen was not left");
}

#[test]
fn two_people_move_traffic_at_150x44() {
    two_people_move_traffic(150, 44);
}

#[test]
fn two_people_move_traffic_at_80x24() {
    two_people_move_traffic(80, 24);
}

#[test]
fn one_person_with_one_terminal_acts_as_the_second_in_the_demo() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Term::start(150, 44, &demo(folder.path(), "calm"), &[]);
    // A proposal is refused while the levers have not been read, and stopped while checks have not been.
    console.wait("5 of 5 answer");
    console.wait("READY 100");
    console.send("f");
    console.wait("reason");
    console.send("a drill\r");
    console.wait("DEMO");
    console.wait("approve");
    console.send("A");
    console.wait("SECOND KEY");
    console.send("us-east-2\r");
    console.wait("VERIFIED");
}

/// Whatever ends a console, what it sent has an outcome in the journal.
#[test]
fn a_signal_behind_the_second_key_leaves_no_intent_without_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Term::start(150, 44, &demo(folder.path(), "calm"), &[]);
    console.wait("5 of 5 answer");
    console.wait("READY 100");
    console.send("f");
    console.wait("reason");
    console.send("a drill\r");
    console.wait("DEMO");
    console.wait("approve");
    console.send("A");
    console.wait("SECOND KEY");
    console.send("us-east-2\r");
    let kept = |kind: &str| {
        let journal = std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap_or_default();
        journal.contains(&format!("\"kind\":\"{kind}\""))
    };
    let end = Instant::now() + PATIENCE;
    while !kept("intent") && Instant::now() < end {
        std::thread::yield_now();
    }
    assert!(kept("intent"), "{}", console.text());
    kill(&console, "TERM");
    console.end();
    assert!(kept("outcome"), "nobody knows what came of it");
}

/// An estate whose every endpoint accepts connections and never answers.
fn hanging_estate(folder: &Path, listeners: &mut Vec<TcpListener>) -> String {
    let mut silent = || {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        listeners.push(listener);
        format!("http://127.0.0.1:{port}")
    };
    let small = include_str!("../support/small.toml");
    let mut text = String::new();
    for line in small.lines() {
        let hangs = ["https://e", "https://portal", "https://api"].iter().any(|u| line.contains(u));
        match (hangs, line.find("https://")) {
            (true, Some(start)) => {
                let end = start + line[start..].find('"').expect("a closed text");
                let path = if line[start..end].ends_with("/v1") { "/v1" } else { "/healthz" };
                text.push_str(&format!("{}{}{path}{}\n", &line[..start], silent(), &line[end..]));
            }
            _ => text.push_str(&format!("{line}\n")),
        }
    }
    let clouds = ["cloudwatch", "ec2", "drs", "sts"]
        .map(|s| format!("{s} = {{ us-east-1 = \"{0}\", us-east-2 = \"{0}\" }}\n", silent()));
    text.push_str(&format!("\n[endpoints]\n{}route53 = \"{}\"\n", clouds.concat(), silent()));
    let file = folder.join("estate.toml");
    std::fs::write(&file, text).expect("an estate file");
    file.to_str().expect("a plain path").to_owned()
}

const KEYS: [(&str, &str); 3] =
    [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_EC2_METADATA_DISABLED", "true")];

#[test]
fn keys_are_answered_while_every_feed_hangs_and_every_signal_gives_the_terminal_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut listeners = Vec::new();
    let estate = hanging_estate(folder.path(), &mut listeners);
    let state = folder.path().join("state").to_str().expect("a path").to_owned();
    for signal in ["TERM", "HUP", "INT", "QUIT"] {
        let args = ["console", "--estate", &estate, "--state", &state, "--as", "alice"];
        let mut console = Term::start(100, 30, &args, &KEYS);
        console.wait("us-east-1");
        for (key, shows) in
            [("2", "safety rules"), ("4", "resolver"), ("?", "keys"), ("\x1b", "resolver"), ("1", "levers")]
        {
            console.send(key);
            console.wait_for(&format!("the answer to {key:?}"), |s| {
                s.contains(shows) || (shows == "levers" && s.contains("routing controls"))
            });
        }
        kill(&console, signal);
        console.end();
        let left = |bytes: &[u8]| console.raw.windows(bytes.len()).any(|w| w == bytes);
        assert!(
            left(b"\x1b[?1049l") && left(b"\x1b[?25h") && left(b"\x1b[?2004l"),
            "SIG{signal} left the terminal broken"
        );
    }
}

#[test]
fn only_what_changes_is_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut listeners = Vec::new();
    let estate = hanging_estate(folder.path(), &mut listeners);
    let state = folder.path().join("state").to_str().expect("a path").to_owned();
    let mut console = Term::start(150, 44, &["console", "--estate", &estate, "--state", &state], &KEYS);
    console.wait("us-east-1");
    // Ten ticks of the clock, counted on the screen, not on ours.
    let clock = |s: &str| s.lines().next().unwrap_or_default().split_whitespace().last().unwrap_or_default().to_owned();
    let mut last = clock(&console.text());
    console.wait_for("a tick", |s| clock(s) != last);
    let mut ticks = 0;
    let before = console.raw.len();
    last = clock(&console.text());
    while ticks < 10 {
        console.wait_for("a tick", |s| clock(s) != last);
        last = clock(&console.text());
        ticks += 1;
    }
    let written = &console.raw[before..];
    let frames = written.windows(8).filter(|w| *w == b"\x1b[?2026h").count();
    // The clock ticks, the ages of silent sources count up, and now and then a source fails once more: that is
    // drawn. Not drawn is the rest: a loop that draws for ever gives hundreds of frames, a whole frame is 20 kB.
    assert!(frames <= 60, "{frames} frames for ten ticks");
    assert!(written.len() < 10 * 5_000, "{} bytes for ten ticks", written.len());
}

/// The program itself: five ticks of the clock in a row, each a handful of bytes.
#[test]
fn the_terminal_is_sent_little_more_than_the_clock() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().to_str().expect("a plain path");
    let mut console = Term::start(80, 24, &["demo", "--scenario", "calm", "--folder", folder], &[]);
    console.wait("● WELL");
    let clock = |s: &str| s.lines().next().unwrap_or_default().split_whitespace().last().unwrap_or_default().to_owned();
    let (mut last, mut written, mut quiet) = (clock(&console.text()), console.raw.len(), 0);
    // A figure that moves is drawn, and a round of figures comes once a minute: between two of them it is quiet.
    while quiet < 5 {
        console.wait_for("a tick", |s| clock(s) != last);
        quiet = if console.raw.len() - written <= 200 { quiet + 1 } else { 0 };
        (last, written) = (clock(&console.text()), console.raw.len());
    }
}
