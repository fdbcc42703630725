//! Standard streams that are full, closed, or whose reader has gone: no command dies of it, and the exit code tells what
//! was done.

use std::process::Command;

use crate::attacks::desk::{DONE, Desk, FAILED, IMPAIRED, NOT_APPROVED, REFUSED, USAGE, ended};

/// What a shell does to a command's streams. Of the last two the results are lost, and the program can know it.
const STREAMS: [(&str, bool); 7] = [
    ("2>/dev/full", false),
    ("2>&-", false),
    (">&-", false),
    (">&- 2>&-", false),
    ("<&- >&- 2>&-", false),
    (">/dev/full", true),
    (">/dev/full 2>/dev/full", true),
];

/// Runs a command in front of a desk with its streams so; the exit code, or that it died of a signal.
fn run(desk: &Desk, args: &str, streams: &str) -> (i32, String) {
    let program = desk.program();
    let mut shell = Command::new("sh");
    shell.current_dir(desk.dir.path()).env_clear();
    for (name, value) in program.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    let line = format!("exec \"$0\" \"$@\" {streams}");
    ended(shell.args(["-c", &line]).arg(program.get_program()).args(args.split(' ')))
}

/// Lines that say something and change nothing, and how each ends.
const LINES: &[(&str, i32)] = &[
    ("status", DONE),
    ("status --json", DONE),
    ("status --pair nowhere", USAGE),
    ("status --estate nowhere.toml", FAILED),
    ("journal verify", DONE),
    ("journal show", DONE),
    ("report nowhere", USAGE),
    ("drills", IMPAIRED),
    ("check estate.toml", DONE),
    ("check nowhere.toml", FAILED),
    ("keys", DONE),
    ("schema", DONE),
    ("config show", DONE),
    ("completions bash", DONE),
    ("--help", DONE),
    ("--version", DONE),
    ("--nonsense", USAGE),
    ("flip nowhere.json --as alice --key alice --to us-east-2", FAILED),
    ("flip --quick waits.json --as alice --key bob --to us-east-2", USAGE),
    ("flip --quick waits.json --as bob --key bob --to us-east-2", REFUSED),
];

#[test]
fn no_command_dies_of_its_streams() {
    let desk = Desk::still(|_| {});
    desk.propose("waits.json");
    let mut wrong = Vec::new();
    for (line, code) in LINES {
        // As the world is, whatever this desk expects of it.
        let (well, said) = desk.run(line);
        if well != *code && *line != "status" && *line != "status --json" && *line != "report nowhere" {
            wrong.push(format!("{line}: {well}, {said}"));
        }
        for (streams, lost) in STREAMS {
            let (exit, said) = run(&desk, line, streams);
            // Results that cannot be printed make a success none.
            let prints = !matches!(well, USAGE | FAILED | REFUSED | NOT_APPROVED);
            let wanted = if lost && prints { FAILED } else { well };
            if exit != wanted {
                wrong.push(format!("{line} {streams}: {exit} for {wanted}: {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    desk.nothing_moved("a closed stream");
}

/// Traffic moved: the code says so, whether anybody could be told or not.
#[test]
fn a_flip_that_was_done_is_done_whatever_became_of_its_streams() {
    for (streams, lost) in [("2>/dev/full", false), (">&- 2>&-", false), (">/dev/full 2>/dev/full", true)] {
        let desk = Desk::own(|_| {});
        desk.propose("change.json");
        desk.approve("change.json");
        let args = "flip --quick change.json --approval change.json.sig --as alice --key alice --to us-east-2";
        let (exit, said) = run(&desk, args, streams);
        assert!(desk.moved(), "{streams}: {said}");
        assert_eq!(exit, if lost { FAILED } else { DONE }, "{streams}: {said}");
    }
}

/// What somebody's key signed is kept, and the next person goes on with it; that it could not be told is a failure.
#[test]
fn what_was_signed_is_kept_whatever_became_of_the_streams() {
    for (streams, code) in [(">/dev/full", FAILED), (">/dev/full 2>/dev/full", FAILED), (">&- 2>&-", DONE)] {
        let desk = Desk::own(|_| {});
        let args = "--quick --despite untimed --as alice --key alice --to us-east-2 --reason test -o change.json";
        let (exit, said) = run(&desk, &format!("propose {args}"), streams);
        assert_eq!(exit, code, "{streams}: {said}");
        let words = desk.digest("change.json").words();
        // What cannot be shown is not signed either.
        let approve = format!("approve change.json --key bob --code {words}");
        let (exit, said) = run(&desk, &approve, streams);
        assert_eq!(exit, code, "{streams}: {said}");
        assert_eq!(desk.path("change.json.sig").exists(), code == DONE, "{streams}: {said}");
        desk.approve("change.json");
        let (exit, said) = desk.flip("change.json --approval change.json.sig");
        assert_eq!(exit, DONE, "{streams}: {said}");
        assert!(desk.moved());
    }
    let desk = Desk::still(|_| {});
    for (line, kind) in [
        ("withdraw one.json --as alice --key alice", "withdrawn"),
        ("reject two.json --as bob --key bob --reason no", "rejected"),
        ("incident start INC-1 --as alice --key alice", "session_started"),
        ("incident end --as alice --key alice", "session_ended"),
    ] {
        if let Some(file) = line.split(' ').find(|word| word.ends_with(".json")) {
            desk.propose(file);
        }
        let (exit, said) = run(&desk, line, ">/dev/full");
        let kinds = crate::attacks::chain::kinds(&desk.journal());
        assert_eq!((exit, kinds.last().map(String::as_str)), (FAILED, Some(kind)), "{line}: {said}");
    }
}

/// A reader of complaints that goes away is no reason to die, and a panic is told to nobody without an abort.
#[test]
fn a_reader_of_stderr_that_has_gone_ends_nothing() {
    let desk = Desk::still(|_| {});
    for (line, code) in [("--nonsense", USAGE), ("check nowhere.toml", FAILED)] {
        let mut command = desk.program();
        let mut child = command
            .args(line.split(' '))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stderr.take());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{line}");
    }
}
