//! The whole program in a pseudo-terminal, as its user has it: type, and wait for text.

use crate::term;

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use term::{PATIENCE, Term};

fn demo<'a>(folder: &'a Path, scenario: &'a str) -> Vec<&'a str> {
    vec!["demo", "--speed", "10", "--scenario", scenario, "--folder", folder.to_str().expect("a plain path")]
}

/// The window of the second key is a minute of the demo's: typing takes its time on a busy machine.
fn unhurried<'a>(folder: &'a Path, scenario: &'a str) -> Vec<&'a str> {
    demo(folder, scenario).into_iter().map(|a| if a == "10" { "4" } else { a }).collect()
}

fn kill(console: &Term, signal: &str) {
    let killed = Command::new("kill").args([format!("-{signal}"), console.pid().to_string()]).status();
    assert!(killed.expect("kill runs").success());
}

/// The word code of the one change in the incident folder.
fn words(console: &mut Term, folder: &Path) -> String {
    let find = || {
        let incident = std::fs::read_dir(folder.join("incident")).expect("the incident folder");
        let names = incident.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned());
        names.filter_map(|n| n.strip_suffix(".change").map(str::to_owned)).next()
    };
    // The file follows the screen by a few milliseconds: it waits for the journal.
    console.until("a change in the incident folder", |_| find().is_some());
    find().expect("a change")
}

/// Whether the journal of a folder holds a record of a kind.
fn kept(folder: &Path, kind: &str) -> bool {
    let journal = std::fs::read_to_string(folder.join("journal.jsonl")).unwrap_or_default();
    journal.contains(&format!("\"kind\":\"{kind}\""))
}

/// A demo whose second key can be turned.
fn approved(folder: &Path) -> Term {
    approved_in(folder, "calm")
}

/// The same in a scenario, or a scenario's file.
fn approved_in(folder: &Path, scenario: &str) -> Term {
    let mut console = Term::start(150, 44, &unhurried(folder, scenario), &[]);
    // A proposal is refused while the levers have not been read, and stopped while checks have not been.
    console.wait("5 of 5 answer");
    console.wait("READY 100");
    console.send("f");
    console.wait("reason");
    console.send("a drill");
    console.press("\r");
    console.wait("DEMO");
    console.wait("approve");
    console.send("A");
    console.wait("SECOND KEY");
    console
}

/// Two people move traffic: one at the console, the other in a second terminal.
fn two_people_move_traffic(columns: u16, rows: u16) {
    let folder = tempfile::tempdir().expect("a folder");
    // A proxy of the environment must not come between the console and loopback.
    let proxies = [("HTTP_PROXY", "http://127.0.0.1:9"), ("http_proxy", "http://127.0.0.1:9")];
    let mut console = Term::start(columns, rows, &unhurried(folder.path(), "region-outage"), &proxies);
    console.wait_for("the outage", |s| s.contains("is impaired since"));
    // A proposal is stopped while checks have not been read.
    console.wait_for("the other region", |s| s.contains("us-east-2 is ready"));
    console.send("f");
    console.wait("reason");
    console.send("INC-4471 portal is gone");
    console.press("\r");
    console.wait_for("the proposal", |s| s.contains("approve") && s.contains(".change"));

    let words = words(&mut console, folder.path());
    let change = folder.path().join("incident").join(format!("{words}.change"));
    let key = folder.path().join("bob");
    let paths = [change.to_str().expect("a path"), key.to_str().expect("a path")];
    let mut second = Term::start(columns, rows, &["approve", paths[0], "--key", paths[1]], &[]);
    second.wait("word code");
    second.send(&format!("{words}\r"));
    second.wait("END SSH SIGNATURE");
    assert_eq!(second.end(), 0);

    console.wait("SECOND KEY");
    console.by_hand("region", "us-east-1");
    console.send("\r");
    console.wait("is not the receiving region");
    console.by_hand("region", "us-east-2");
    console.send("\r");
    console.wait_for("the end of the move", |s| s.contains("TRAFFIC HAS MOVED"));
    console.send("\x1b");
    console.wait_for("the sentence", |s| s.contains("Traffic moved to") && !s.contains("TRAFFIC HAS MOVED"));
    console.press("q");
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
    let mut console = approved(folder.path());
    console.by_hand("region", "us-east-2");
    console.send("\r");
    console.wait("VERIFIED");
}

/// Endpoints that take 0.7 s to answer, at a speed of 4.
const LATE_ANSWERS: &str = r#"
title = "Late answers"
about = "Every cluster endpoint takes its time."
seed = 1

[[happening]]
at = "0 s"
what = "endpoints"
endpoints = ["1", "2", "3", "4", "5"]
answer = "slow"
latency = "2800 ms"
"#;

/// Whatever ends a console, what it sent has an outcome in the journal.
#[test]
fn a_signal_behind_the_second_key_leaves_no_intent_without_its_end() {
    let folder = tempfile::tempdir().expect("a folder");
    // Its end must be waited for: the answer is not there before the signal.
    let late = folder.path().join("late.toml");
    std::fs::write(&late, LATE_ANSWERS).expect("a scenario");
    let mut console = approved_in(folder.path(), late.to_str().expect("a plain path"));
    console.by_hand("region", "us-east-2");
    console.send("\r");
    console.until("the intent", |_| kept(folder.path(), "intent"));
    assert!(!kept(folder.path(), "outcome"), "ARC has answered already");
    kill(&console, "TERM");
    console.end();
    assert!(kept(folder.path(), "outcome"), "nobody knows what came of it");
}

/// A terminal that reads nothing holds up neither signals nor the journal, and is given back as far as it takes bytes.
#[test]
fn a_terminal_that_nobody_reads_holds_up_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = approved(folder.path());
    console.by_hand("region", "us-east-2");
    console.send("\r");
    console.until("the intent", |_| kept(folder.path(), "intent"));
    console.reads(false);
    // Each is a sequence for the clipboard: far more bytes than the terminal takes. What comes behind them is done all
    // the same.
    console.send(&"y".repeat(400));
    console.press("\x1b");
    console.press("+");
    let layout = folder.path().join("screen.toml");
    console.until("the layout", |_| std::fs::read_to_string(&layout).is_ok_and(|kept| kept.contains("timeline_lines")));
    kill(&console, "TERM");
    assert_eq!(console.end_within(Duration::from_secs(20)), 0);
    assert!(kept(folder.path(), "outcome"), "nobody knows what came of it");
    let verify = Command::new(env!("CARGO_BIN_EXE_signalbox")).args(["journal", "verify"]).arg(folder.path()).output();
    let verify = verify.expect("the program runs");
    assert!(verify.status.success() && String::from_utf8_lossy(&verify.stdout).contains("the chain is whole"));
    console.reads(true);
    console.until("the screen that is left", |console| console.raw.windows(8).any(|w| w == b"\x1b[?1049l"));
}

/// What is pasted turns no key, however short it is and whatever the terminal makes of it.
#[test]
fn an_enter_that_comes_with_its_text_turns_no_second_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = approved(folder.path());
    for pasted in ["us-east-2\r", "u\r", "\x1b[200~us-east-2\x1b[201~\r"] {
        console.send(&format!("\x15{pasted}"));
        console.wait_for("the refusal", |s| s.contains("by hand") && s.contains("SECOND KEY"));
        assert!(!kept(folder.path(), "intent"), "{pasted:?} turned the second key");
        // Another key takes the sentence away.
        console.press("\x1b[D");
        console.wait_for("its end", |s| !s.contains("by hand"));
    }
    // What comes within a third of a second behind a paste is no hand's either.
    console.press("\x15");
    console.by_hand("region", "us-east-2");
    console.send("\r");
    console.wait("VERIFIED");
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
            [("2", "safety rules"), ("4", "resolver"), ("?", "keys"), ("\x1b", "resolver"), ("1", "routing controls")]
        {
            console.send(key);
            console.wait_for(&format!("the answer to {key:?}"), |s| s.contains(shows));
        }
        kill(&console, signal);
        console.end();
        let left = |bytes: &[u8]| console.raw.windows(bytes.len()).any(|w| w == bytes);
        assert!(
            left(b"\x1b[?1049l") && left(b"\x1b[?25h") && left(b"\x1b[?2004l") && left(b"\x1b[23;2t"),
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

/// What terminals say among the keys, asked or not.
const ANSWERS: [&str; 8] = [
    "\x1b]11;rgb:1d1d/1f1f/2121\x1b\\",
    "\x1b]11;rgb:1d1d/1f1f/2121\x07",
    "\x1b]10;rgb:1/1/1\x07",
    "\x1b]52;c;SGVsbG8=\x07",
    "\x1bP>|xterm(1)\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
    "\x1b[>41;354;0c",
    "\x1b[?2026;2$y",
];

#[test]
fn the_answers_of_a_terminal_press_no_keys_and_none_is_left_on_the_shell() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Term::start(100, 30, &demo(folder.path(), "calm"), &[]);
    console.wait("5 of 5 answer");
    console.send("n");
    console.wait("a note for the timeline");
    for answer in ANSWERS {
        console.send(answer);
    }
    // In two reads, as a slow line brings it.
    console.send("he\x1b]11;rgb:1d1d/");
    console.wait_for("the note's beginning", |s| s.contains("he"));
    console.send("1f1f/2121\x1b\\llo");
    let shown = console.wait_for("the note", |s| s.contains("hello"));
    assert!(!shown.contains("rgb") && !shown.contains("SGV") && !shown.contains("xterm"), "{shown}");
    console.press("\x1b");
    console.wait_for("the end of the dialog", |s| !s.contains("a note for the timeline"));
    console.press("q");
    console.wait_for("the shell's screen", |s| s.trim().is_empty());
    console.send(ANSWERS[0]);
    assert_eq!(console.end(), 0);
    let text = String::from_utf8_lossy(&console.raw).into_owned();
    let (_, after) = text.rsplit_once("\x1b[?1049l").expect("the alternate screen was left");
    assert!(!after.contains("rgb:"), "{after:?}");
}

#[test]
fn lines_that_come_at_once_are_a_paste_and_press_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Term::start(150, 44, &demo(folder.path(), "calm"), &[]);
    console.wait("5 of 5 answer");
    console.wait("READY 100");
    console.send("second line q\rfb");
    console.wait("no open field takes it");
    console.press("\x1b");
    console.wait_for("the end of the complaint", |s| !s.contains("no open field"));
    console.send("f");
    console.wait("reason");
    console.send("INC-4471 portal gone\rsecond line q\r");
    let joined = |s: &str| s.contains("INC-4471 portal gone second line q") && s.contains("2 lines were joined");
    let shown = console.wait_for("the lines, joined", joined);
    assert!(!shown.contains("approve "), "{shown}");
    // With brackets it is the same.
    console.send("\x15\x1b[200~\nINC-4472\tgone\nq\n\x1b[201~");
    console.wait("INC-4472 gone q");
    console.send(&format!("\x1b[200~{}\x1b[201~", "x".repeat(20_000)));
    console.wait("has 20000 characters, this field takes 400");
    // A line with its enter is text, and proposes nothing.
    console.press("\x15");
    console.press("a drill of ours\r");
    let shown = console.wait("press enter by hand");
    assert!(shown.contains("a drill of ours") && !shown.contains("approve "), "{shown}");
    console.press("\r");
    console.wait("approve");
    console.press("q");
    console.wait("leave");
}

/// A short paste without brackets, at once or a few milliseconds apart, opens and proposes nothing.
#[test]
fn a_short_paste_is_no_row_of_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Term::start(100, 30, &demo(folder.path(), "calm"), &[]);
    console.wait("5 of 5 answer");
    console.wait("READY 100");
    for pasted in ["fail\r", "iq\r", "qf", "ff\r", "bad\r", "d\r", "\u{1b}[Df\u{1b}[Dx\u{1b}[D\r"] {
        console.press(pasted);
        console.wait_for(&format!("the answer to {pasted:?}"), |s| s.contains("not done:"));
        console.press("\x1b[C");
        console.wait_for("its end", |s| !s.contains("not done:"));
        let shown = console.text();
        assert!(!shown.contains("nothing happens yet") && !shown.contains("╭ begin"), "{pasted:?} opened: {shown}");
    }
    assert!(!kept(folder.path(), "proposed"));
    console.press("f");
    console.wait("nothing happens yet");
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_brings_the_whole_screen_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let args = ["--norc", "--noprofile", "-i"];
    let mut shell = Term::of("bash", 100, 30, &args, &[("PS1", "the-shell$ ")]);
    shell.wait("the-shell$");
    let words = demo(folder.path(), "calm").join(" ");
    shell.send(&format!("{} {words}\r", env!("CARGO_BIN_EXE_signalbox")));
    shell.wait("5 of 5 answer");
    shell.send("n");
    shell.wait("a note for the timeline");
    shell.send("half");
    shell.wait("half");
    shell.press("\x1a");
    // Keys are the shell's now, and its screen is there.
    shell.wait_for("the shell", |s| s.contains("Stopped") && s.trim_end().ends_with("the-shell$"));
    shell.send("echo st''ill here\r");
    shell.wait("still here");
    shell.send("fg\r");
    let shown = shell.wait_for("the console", |s| s.contains("a note for the timeline") && s.contains("half"));
    assert!(shown.contains("us-east-1") && !shown.contains("the-shell$"), "{shown}");
    shell.send("way\x1b");
    shell.wait_for("the end of the dialog", |s| !s.contains("a note for the timeline"));
    shell.press("q");
    // What is typed before the prompt is there may still be the console's.
    shell.wait_for("the prompt", |s| s.contains("are in ") && s.trim_end().ends_with("the-shell$"));
    shell.send("exit\r");
    shell.end();
}

#[test]
fn ctrl_z_says_why_where_there_is_no_shell() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Term::start(100, 30, &demo(folder.path(), "calm"), &[]);
    console.wait("5 of 5 answer");
    console.send("n");
    console.wait("a note for the timeline");
    console.send("half");
    console.wait("half");
    console.press("\x1a");
    console.wait("cannot be suspended here");
    typed_for_a_shell(&mut console);
    console.wait_for("the note again", |s| s.contains("a note for the timeline") && s.contains("half"));
    console.press("\x1b");
    console.wait_for("its end", |s| !s.contains("a note for the timeline"));
    console.press("2");
    console.wait("safety rules");
}

/// A shell without job control leads the session: the console's group is an orphan, and its stop signal is thrown away.
#[test]
fn ctrl_z_says_why_in_an_orphaned_group() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = demo(folder.path(), "calm").join(" ");
    let command = format!("{} {words}; echo ended", env!("CARGO_BIN_EXE_signalbox"));
    let mut console = Term::of("sh", 100, 30, &["-c", &command], &[]);
    console.wait("5 of 5 answer");
    console.send("\x1a");
    console.wait("cannot be suspended here");
    typed_for_a_shell(&mut console);
    console.wait("routing controls");
    assert!(!console.raw.windows(8).any(|w| w == b"\x1b[?1049l"), "the screen was left meanwhile");
}

/// `fg`, enter, as one types it to come back, a key at a time: nothing of it is done until esc goes on.
fn typed_for_a_shell(console: &mut Term) {
    for key in ["f", "g", "\r"] {
        console.press(key);
        let shown = console.wait("no shell reads your keys");
        assert!(!shown.contains("nothing happens yet") && shown.contains("cannot be suspended"), "{shown}");
    }
    console.press("\x1b");
    console.wait_for("the end of the dialog", |s| !s.contains("cannot be suspended"));
}

#[test]
fn a_dumb_terminal_gets_lines_and_one_without_utf_8_gets_ascii() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut dumb = Term::start(100, 30, &demo(folder.path(), "calm"), &[("TERM", "dumb")]);
    dumb.wait("TERM=dumb");
    dumb.wait("us-east-1");
    dumb.send("quit\r");
    assert_eq!(dumb.end(), 0);
    assert!(!dumb.raw.contains(&0x1b), "{}", String::from_utf8_lossy(&dumb.raw));

    let mut plain = Term::start(100, 30, &demo(folder.path(), "calm"), &[("LANG", "C")]);
    plain.wait("5 of 5 answer");
    plain.send("f");
    plain.wait("reason");
    let more: Vec<u8> = plain.raw.iter().copied().filter(|b| !b.is_ascii()).collect();
    assert!(more.is_empty(), "{}", String::from_utf8_lossy(&more));
    let mut utf = Term::start(100, 30, &demo(folder.path(), "calm"), &[("LANG", "C.UTF-8")]);
    utf.wait("●");
}

/// On a line of 1.2 kB a second a small dialog is there in about a second, and a large one sends what it says, not the
/// dimmed world beneath it.
#[test]
fn a_dialog_opens_in_few_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let args: Vec<_> = demo(folder.path(), "calm").into_iter().map(|a| if a == "10" { "1" } else { a }).collect();
    let mut console = Term::start(80, 24, &args, &[]);
    console.wait("routing controls");
    for (key, shows, most) in
        [("n", "a note for the timeline", 1_600), ("f", "reason", 5_000), ("?", "keys default", 6_000)]
    {
        // What is read meanwhile is written too: the fewest of some times are the dialog's own.
        let fewest = (0..5).map(|_| {
            let before = console.raw.len();
            console.send(key);
            console.wait(shows);
            let bytes = console.raw.len() - before;
            console.send("\x1b");
            console.wait_for("its end", |s| !s.contains(shows));
            bytes
        });
        let fewest = fewest.min().unwrap();
        assert!(fewest < most, "{key:?} costs {fewest} bytes");
    }
}

/// A simulated world that consoles of this test look at, with the clocks of life.
struct Sim {
    folder: tempfile::TempDir,
    child: std::process::Child,
}

impl Sim {
    fn new(scenario: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_signalbox"))
            .args(["sim", "--scenario", scenario, "--folder"])
            .arg(folder.path())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the simulator starts");
        let said = std::io::BufReader::new(child.stdout.take().expect("its output"));
        let ready = std::io::BufRead::lines(said).map_while(Result::ok).any(|l| l.starts_with("# ready"));
        assert!(ready, "the simulator starts");
        Self { folder, child }
    }

    fn args<'a>(&'a self, command: &'a str, names: &'a [String; 3]) -> Vec<&'a str> {
        let mut words = vec![command, "--estate", &names[0], "--state", &names[1]];
        if command == "console" {
            // Who only looks on writes nothing, and so begins no clock.
            words.extend(["--as", "alice", "--key", &names[2]]);
        }
        words
    }

    fn names(&self) -> [String; 3] {
        ["estate.toml", "state", "alice"]
            .map(|name| self.folder.path().join(name).to_str().expect("a plain path").to_owned())
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What stands behind a word, to the next blank.
fn after(screen: &str, word: &str) -> Option<String> {
    Some(screen.split(word).nth(1)?.split([' ', ',', ':']).next()?.to_owned())
}

/// `T+00:01:08` in seconds.
fn clock(screen: &str) -> Option<u64> {
    let shown = screen.split("T+").nth(1)?.get(..8)?;
    shown.split(':').try_fold(0, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?))
}

#[test]
fn two_consoles_and_a_status_on_one_journal_have_one_clock() {
    let sim = Sim::new("region-outage");
    let names = sim.names();
    let mut first = Term::start(150, 44, &sim.args("console", &names), &KEYS);
    let is_impaired = |s: &str| s.contains("is impaired since") && clock(s).is_some();
    first.wait_for("the outage", is_impaired);
    // The second one comes when the clock of the first has run for a while.
    first.wait_for("twelve seconds", |s| clock(s).is_some_and(|t| t >= 12));
    let mut second = Term::start(80, 24, &sim.args("console", &names), &KEYS);
    let shown = second.wait_for("the same outage", is_impaired);
    assert!(clock(&shown).is_some_and(|t| t >= 12), "the clock began anew:\n{shown}");
    let since = |shown: &str| shown.split("impaired since").nth(1).map(|rest| rest.trim_start()[..8].to_owned());
    let began = since(&first.text());
    assert!(began.is_some() && since(&second.text()) == began, "{}\n{}", first.text(), second.text());
    let status = Command::new(env!("CARGO_BIN_EXE_signalbox"))
        .args(sim.args("status", &names))
        .envs(KEYS)
        .output()
        .expect("the program runs");
    let said = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(clock(&said).is_some_and(|t| t >= 12), "{said}");
    assert_eq!(since(&said), began, "{said}");
    assert_eq!(
        after(&said, "incident since "),
        began.map(|began| began.split(':').next().unwrap().to_owned()),
        "{said}"
    );
}

/// The titles that were told, in their order.
fn titles(console: &Term) -> Vec<String> {
    let raw = String::from_utf8_lossy(&console.raw).into_owned();
    raw.split("\x1b]2;").skip(1).map(|rest| rest.split('\x07').next().unwrap_or_default().to_owned()).collect()
}

/// The tab says the state, and has its own title back however the console ends.
#[test]
fn the_terminals_title_says_the_state_and_is_given_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Term::start(100, 30, &demo(folder.path(), "region-outage"), &[]);
    console.wait_for("the outage", |s| s.contains("is impaired since"));
    let at = |console: &Term, bytes: &[u8]| console.raw.windows(bytes.len()).position(|w| w == bytes);
    let (pushed, first) = (at(&console, b"\x1b[22;2t"), at(&console, b"\x1b]2;"));
    assert!(pushed.is_some() && pushed < first, "its own title is kept first: {pushed:?} {first:?}");
    let end = Instant::now() + PATIENCE;
    while !titles(&console).iter().any(|t| t.contains("us-east-1 IMPAIRED") && t.contains(" · for less than 1 min · "))
    {
        assert!(Instant::now() < end, "{:?}", titles(&console));
        let before = console.raw.len();
        let clock = console.text();
        console.wait_for("a tick", |s| s != clock);
        assert!(console.raw.len() > before);
    }
    let told = titles(&console);
    assert!(told.windows(2).all(|two| two[0] != two[1]), "only what changed is told: {told:?}");
    assert!(told.iter().all(|t| t.starts_with("DEMO ") && !t.chars().any(char::is_control)), "{told:?}");
    kill(&console, "TERM");
    console.end();
    assert_eq!(titles(&console).last().map(String::as_str), Some(""), "{:?}", titles(&console));
    assert!(console.raw.windows(12).any(|w| w == b"\x1b]2;\x07\x1b[23;2t"), "it is given back");
}

/// What takes no titles is told none.
#[test]
fn the_linux_console_is_told_no_title() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut console = Term::start(100, 30, &demo(folder.path(), "calm"), &[("TERM", "linux")]);
    console.wait("5 of 5 answer");
    console.send("q");
    console.end();
    assert!(titles(&console).is_empty() && !console.raw.windows(7).any(|w| w == b"\x1b[22;2t"));
}
