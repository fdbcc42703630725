//! Pipes in the place of files: nothing waits for one.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::attacks::desk::*;

/// A command ends by itself, long before anybody would write into a pipe.
#[track_caller]
fn ends(desk: &Desk, args: &str) -> (i32, String) {
    const LONG: Duration = Duration::from_secs(60);
    let mut running = desk.program().args(args.split(' ')).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while running.try_wait().unwrap().is_none() {
        if begun.elapsed() > LONG {
            running.kill().unwrap();
            running.wait().unwrap();
            panic!("signalbox {args} waits for a pipe");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    told(&running.wait_with_output().unwrap())
}

fn pipe(desk: &Desk, name: &str) {
    assert!(Command::new("mkfifo").arg(desk.path(name)).status().unwrap().success());
}

#[test]
fn a_pipe_in_the_state_folder_holds_up_no_program() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    let real = std::fs::read(desk.journal()).unwrap();
    std::fs::remove_file(desk.journal()).unwrap();
    pipe(&desk, "state/journal.jsonl");
    for args in ["status", "doctor", "journal verify", "journal show", "report", "drills"] {
        ends(&desk, args);
    }
    console(&desk, "--key alice");
    let (exit, _) = ends(&desk, "flip --quick change.json --as alice --key alice --to us-east-2");
    assert_eq!(exit, JOURNAL);
    std::fs::remove_file(desk.journal()).unwrap();
    std::fs::write(desk.journal(), real).unwrap();
    // Beside a journal that is whole.
    pipe(&desk, "state/journal.torn-1");
    pipe(&desk, "state/incident/pipe.sig");
    let today = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().unwrap();
    let log = format!("state/signalbox.log.{}", String::from_utf8(today.stdout).unwrap().trim());
    let _ = std::fs::remove_file(desk.path(&log));
    pipe(&desk, &log);
    for args in ["status", "doctor", "journal verify"] {
        ends(&desk, args);
    }
    for args in ["--key alice", "--read-only"] {
        console(&desk, args);
    }
    desk.nothing_moved("a pipe");
}
