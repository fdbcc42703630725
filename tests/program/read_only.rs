//! Looking on a disk that cannot be written, and in a state folder that is none: what there is can be read, and nothing
//! is asked of the disk for it.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::attacks::desk::{DONE, Desk, IMPAIRED, JOURNAL, console, ended, told};

/// Commands that only look.
const LOOKING: [&str; 7] =
    ["status", "status --json", "doctor", "journal show", "journal verify", "report D1", "drills"];

/// The program where a folder of the desk cannot be written; none where this machine has no way to do it.
fn on_a_read_only_disk(desk: &Desk, folder: &str) -> Option<Command> {
    let path = desk.path(folder);
    allow(&path, 0o555);
    if std::fs::File::create(path.join("probe")).is_err() {
        return Some(desk.program());
    }
    // Root writes all the same, but for a mount of its own.
    std::fs::remove_file(path.join("probe")).unwrap();
    allow(&path, 0o755);
    let mounted = |program: &OsStr| {
        let mut shell = Command::new("unshare");
        shell.current_dir(desk.dir.path()).env_clear().stdin(Stdio::null());
        for (name, value) in desk.program().get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        let mount =
            format!("mount --bind {folder} {folder} && mount -o remount,bind,ro {folder} && exec \"$0\" \"$@\"");
        shell.args(["-m", "sh", "-c", &mount]).arg(program);
        shell
    };
    let works = mounted("true".as_ref()).output().is_ok_and(|out| out.status.success());
    works.then(|| mounted(desk.program().get_program()))
}

fn allow(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs a console, and types.
fn says(command: &mut Command, typed: &str) -> (i32, String) {
    use std::io::Write as _;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    told(&child.wait_with_output().unwrap())
}

fn with_a_drill() -> Desk {
    let desk = Desk::still(|_| {});
    desk.propose("waits.json");
    desk.expect("drill start D1 --type monthly --as alice --key alice", DONE);
    desk.expect("drill end --as alice --key alice", DONE);
    desk
}

#[test]
fn looking_works_on_a_disk_that_cannot_be_written() {
    let desk = with_a_drill();
    let before = std::fs::read(desk.journal()).unwrap();
    for line in LOOKING {
        let (well, _) = desk.run(line);
        let Some(mut command) = on_a_read_only_disk(&desk, "state") else {
            println!("no read-only disk can be had here");
            return;
        };
        let (exit, said) = ended(command.args(line.split(' ')));
        allow(&desk.path("state"), 0o755);
        // The doctor is there to find it; to everybody else it is nothing.
        let wanted = if line == "doctor" { IMPAIRED } else { well };
        assert_eq!(exit, wanted, "{line}: {said}");
        assert!(!said.contains("panicked"), "{line}: {said}");
    }
    assert_eq!(std::fs::read(desk.journal()).unwrap(), before, "looking wrote something");
    let Some(mut command) = on_a_read_only_disk(&desk, "state") else { return };
    let (exit, said) = says(command.args(["console", "--plain", "--read-only"]), "status\nquit\n");
    allow(&desk.path("state"), 0o755);
    assert!(exit == DONE && !said.contains("panicked"), "{said}");
    // Who would write is told before anything is asked, and nothing is done.
    let mut command = on_a_read_only_disk(&desk, "state").unwrap();
    let (exit, said) = ended(command.args("flip --quick waits.json --as alice --key alice --to us-east-2".split(' ')));
    allow(&desk.path("state"), 0o755);
    assert_eq!(exit, JOURNAL, "{said}");
    desk.nothing_moved("a read-only disk");
}

/// A state folder that is a file, or lies below one, or is not there: there is no journal, and the world is read.
#[test]
fn looking_needs_no_state_folder() {
    let desk = Desk::still(|_| {});
    desk.write("file", "no folder");
    for state in ["file", "file/state", "nowhere/state", "/dev/null/state"] {
        for (line, word) in [("status", "cluster: 5 of 5 endpoints answer"), ("status --json", "\"version\": 1")] {
            let (exit, said) = ended(desk.program().env("SIGNALBOX_STATE", state).args(line.split(' ')));
            assert!(exit == DONE || exit == IMPAIRED, "{line} in {state}: {exit}, {said}");
            assert!(said.contains(word) && !said.contains("panicked"), "{line} in {state}: {said}");
        }
        let (exit, said) = console(&desk, &format!("--read-only --state {state}"));
        assert!(exit == DONE && said.contains("read-only"), "console in {state}: {exit}, {said}");
        let (exit, said) = ended(desk.program().env("SIGNALBOX_STATE", state).arg("doctor"));
        assert!(exit == DONE || exit == IMPAIRED, "doctor in {state}: {exit}, {said}");
    }
}
