//! What is told of a change where its output, its file or the folder that others read it from cannot be had.

use std::os::unix::fs::FileTypeExt as _;
use std::process::Command;

use crate::attacks::chain;
use crate::attacks::desk::*;

const PROPOSE: &str = "propose --quick --despite untimed --as alice --key alice --to us-east-2 --reason test -o";

#[test]
fn a_change_file_takes_the_place_of_no_pipe_and_no_device() {
    let desk = Desk::still(|_| {});
    let made = Command::new("mkfifo").arg(desk.path("pipe")).status().unwrap();
    assert!(made.success());
    for place in ["pipe", "/dev/null"] {
        let said = desk.expect(&format!("{PROPOSE} {place}"), USAGE);
        assert!(said.contains("is no regular file: nothing was proposed"), "{said}");
    }
    assert!(desk.path("pipe").metadata().unwrap().file_type().is_fifo());
    assert!(!desk.journal().exists() || !chain::kinds(&desk.journal()).contains(&"proposed".to_owned()));
}

/// The change stands in the journal; who looks for its file in the incident folder does not find it, and that is told.
#[test]
fn what_the_incident_folder_does_not_take_is_told() {
    let desk = Desk::still(|_| {});
    // Whatever a change is called there, its name is a folder's already.
    desk.propose("first.json");
    let incident = desk.path("state/incident");
    let names: Vec<_> = std::fs::read_dir(&incident).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!names.is_empty(), "the change is there when all is well");
    std::fs::remove_dir_all(&incident).unwrap();
    std::os::unix::fs::symlink("/proc/self", &incident).unwrap();
    let (exit, said) = desk.run(&format!("{PROPOSE} second.json"));
    assert!(exit != DONE && said.contains("incident"), "{exit} {said}");
    desk.nothing_moved("propose");
}

#[test]
fn a_flip_whose_output_is_lost_says_what_became_of_it_all_the_same() {
    let desk = Desk::own(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    let flip = "flip --quick change.json --approval change.json.sig --as alice --key alice --to us-east-2";
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = desk.program().args(flip.split(' ')).stdout(full).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(desk.moved(), "{said}");
    assert_eq!(output.status.code(), Some(FAILED), "{said}");
    let words = desk.text("change.json").digest().words();
    assert!(said.contains(&format!("signalbox: {words}: verified")), "{said}");
    assert!(said.contains("failed to print: No space left"), "{said}");
}

/// What a crash tore off the journal is told by whoever reads it, also where only a report is made of it.
#[test]
fn a_torn_end_of_the_journal_is_told_by_every_reader() {
    let desk = Desk::still(|_| {});
    desk.expect("drill start one --type monthly --as alice --key alice", DONE);
    desk.expect("drill end --as alice --key alice", DONE);
    let whole = desk.read("state/journal.jsonl");
    desk.write("state/journal.jsonl", format!("{whole}{{\"entry\":{{\"seq\":"));
    for args in ["report one", "drills state", "journal show state", "journal verify state", "status"] {
        let (_, said) = desk.run(args);
        assert!(said.contains("torn by a crash"), "{args}: {said}");
    }
    // A command that writes sets it aside, and says so; then it lies beside the journal.
    let (_, said) = desk.run("incident start INC-1 --as alice --key alice");
    assert!(said.contains("torn end were set aside"), "{said}");
    for args in ["report one", "drills state", "journal show state"] {
        let (_, said) = desk.run(args);
        assert!(said.contains("torn end were set aside"), "{args}: {said}");
    }
}

/// Two approvers who sign on one file: neither takes the other's signature away, and a signature of something else gives way.
#[test]
fn a_second_signature_overwrites_none() {
    let desk = Desk::still(|e| {
        (e.policy.approvals, e.policy.approvals_for_overrides) = (2, 2);
        e.people.push(person("dave", &[signalbox::estate::Role::Approver], &public(4)));
    });
    let words = desk.propose("change.json");
    desk.write("change.json.sig", "something else");
    for who in ["bob", "dave"] {
        desk.expect(&format!("approve change.json --key {who} --code {words}"), DONE);
    }
    assert_eq!(desk.read("change.json.2.sig"), "something else");
    let said = desk.expect(
        "flip --quick change.json --approval change.json.sig --approval change.json.3.sig --as alice --key alice --to us-east-1",
        REFUSED,
    );
    assert!(said.contains("not the receiving region's name"), "both count: {said}");
    desk.nothing_moved("two signatures");
}

/// Who was refused is told by the key that was here, where nobody gave a name.
#[test]
fn a_refusal_names_whose_key_was_here() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.expect("flip --quick change.json --key carol --to us-east-2", USAGE);
    desk.expect("reject change.json --reason no --key mallory", USAGE);
    let lines = chain::read(&desk.journal());
    let by: Vec<_> = lines.iter().filter(|l| l.kind() == "refused").map(|l| l.record["by"].clone()).collect();
    assert_eq!(by.len(), 2, "{by:?}");
    assert_eq!(by[0], "carol");
    assert!(by[1].as_str().unwrap().starts_with("SHA256:"), "{by:?}");
}
