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
