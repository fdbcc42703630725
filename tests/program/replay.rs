//! The program records and plays; what a recording holds stands in `tests/pure/replay.rs`.

use crate::term;

use std::process::Command;

use term::Term;

/// Runs the program without a terminal: exit code, and what it said.
fn signalbox(args: &[&str]) -> (i32, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_signalbox")).args(args).output().unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.code().unwrap(), String::from_utf8_lossy(&said).into_owned())
}

/// What stands there is not written over unasked.
#[test]
fn a_recording_overwrites_nothing_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("r.jsonl");
    std::fs::write(&file, "precious").unwrap();
    let (code, said) = signalbox(&["demo", "--plain", "--record", file.to_str().unwrap()]);
    assert!(said.contains("exists already; give another name, or --force to overwrite it"), "{said}");
    assert_eq!(code, 1);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
}

/// What the terminal showed before the program left its alternate screen.
fn last_screen(term: &Term, columns: u16, rows: u16) -> Vec<String> {
    let leave = b"\x1b[?1049l";
    let end = term.raw.windows(leave.len()).rposition(|w| w == leave).expect("it left the alternate screen");
    let size = |n: u16| std::num::NonZeroU16::new(n).unwrap();
    let mut parser = vt100::Parser::new(size(rows), size(columns), 0);
    parser.process(&term.raw[..end]);
    parser.screen().contents().lines().map(|l| l.trim_end().to_owned()).collect()
}

/// The whole program: a console on the simulator is recorded, and its recording is played on another terminal.
#[test]
fn the_program_records_and_replays_itself() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.jsonl");
    let (path, place) = (file.to_str().unwrap(), folder.path().to_str().unwrap());
    let args = ["demo", "--speed", "10", "--scenario", "region-outage", "--folder", place, "--record", path];
    let mut console = Term::start(100, 30, &args, &[]);
    console.wait("● REC");
    console.wait_for("the outage", |s| s.contains("is impaired since"));
    console.send("8");
    console.wait("timeline, newest first");
    console.send(",");
    console.wait("PAST");
    console.send(";");
    console.wait_for("the present", |s| !s.contains("PAST"));
    console.send("2");
    console.wait("safety rules");
    console.send("?");
    console.wait("moves traffic");
    console.send("\u{1b}");
    console.wait_for("the dialog's end", |s| !s.contains("moves traffic"));
    console.send("q");
    assert_eq!(console.end(), 0, "{}", console.text());
    assert!(console.text().contains("signalbox replay"), "{}", console.text());
    let last = last_screen(&console, 100, 30);

    // The estate file and the simulator are gone, and nobody needs them.
    for gone in ["estate.toml", "alice", "bob"] {
        std::fs::remove_file(folder.path().join(gone)).unwrap();
    }
    let mut replay = Term::start(100, 30, &["replay", path, "--step", "--at", "end"], &[]);
    replay.wait(" REPLAY ");
    replay.wait("end: the console was closed");
    // The last line is the replay's own. A frame that was drawn may have come too late to be written.
    let seen = |s: &str| s.lines().take(29).map(str::trim_end).eq(last[..29].iter().map(String::as_str));
    if !seen(&replay.text()) {
        replay.send("\x1b[D");
    }
    replay.wait_for("the frame that was seen last", seen);
    // To a time, by keys alone.
    replay.send("g");
    replay.wait("go to:");
    replay.send("+0s\r");
    replay.wait_for("the first frame", |s| s.contains("00:00 of"));
    replay.send("q");
    assert_eq!(replay.end(), 0, "{}", replay.text());

    // Cut off, it says so and still plays; as a cast it is a file of lines.
    let bytes = std::fs::read(&file).unwrap();
    let cut = folder.path().join("cut.jsonl");
    std::fs::write(&cut, &bytes[..bytes.len() * 3 / 4]).unwrap();
    let out = folder.path().join("out.cast");
    let (cut, out) = (cut.to_str().unwrap(), out.to_str().unwrap());
    let (code, said) = signalbox(&["export-cast", cut, "-o", out, "--size", "80x24"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("frames in") && said.contains("the recording is whole to line"), "{said}");
    let cast = std::fs::read_to_string(out).unwrap();
    assert!(cast.lines().count() > 5 && cast.lines().all(|l| serde_json::from_str::<serde_json::Value>(l).is_ok()));
    let (code, said) = signalbox(&["export-cast", cut, "-o", out]);
    assert!(code == 1 && said.contains("--force overwrites it"), "{said}");
    let (code, said) = signalbox(&["replay", place]);
    assert!(code == 1 && said.contains("failed to open the recording"), "{said}");
}
