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

/// Two approvers who sign on one file: neither takes the other's signature away, nor what else lies there.
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
    assert_eq!(desk.read("change.json.sig"), "something else");
    // Again by the same key: it is there already.
    desk.expect(&format!("approve change.json --key dave --code {words}"), DONE);
    assert!(!desk.path("change.json.4.sig").exists());
    let said = desk
        .expect("flip --quick change.json --approval change.json.sig --as alice --key alice --to us-east-1", REFUSED);
    assert!(said.contains("not the receiving region's name"), "both count: {said}");
    desk.nothing_moved("two signatures");
}

/// Whatever lies where a signature should go, the next free name is taken.
#[test]
fn a_signature_goes_beside_whatever_is_there() {
    let desk = Desk::still(|_| {});
    let words = desk.propose("change.json");
    let sig = desk.path("change.json.sig");
    let put: [&dyn Fn(); 5] = [
        &|| std::os::unix::fs::symlink("/nowhere/at/all", &sig).unwrap(),
        &|| std::os::unix::fs::symlink("/dev/zero", &sig).unwrap(),
        &|| std::fs::create_dir(&sig).unwrap(),
        &|| std::fs::write(&sig, vec![b'x'; 2 << 20]).unwrap(),
        &|| assert!(Command::new("mkfifo").arg(&sig).status().unwrap().success()),
    ];
    for put in put {
        put();
        let before = std::fs::symlink_metadata(&sig).unwrap();
        let said = desk.expect(&format!("approve change.json --key bob --code {words}"), DONE);
        assert!(said.contains("also in change.json.2.sig"), "{said}");
        let after = std::fs::symlink_metadata(&sig).unwrap();
        assert_eq!((before.len(), before.file_type()), (after.len(), after.file_type()));
        assert!(desk.read("change.json.2.sig").contains("BEGIN SSH SIGNATURE"));
        std::fs::remove_file(desk.path("change.json.2.sig")).unwrap();
        std::fs::remove_file(&sig).or_else(|_| std::fs::remove_dir(&sig)).unwrap();
    }
}

/// What a key has signed is never said to be unsigned: it can be pasted.
#[test]
fn a_signature_without_a_file_is_signed_all_the_same() {
    let desk = Desk::still(|_| {});
    let words = desk.propose("change.json");
    // Its own name fits into a folder, and that of its signature does not.
    let long = "c".repeat(253);
    std::fs::copy(desk.path("change.json"), desk.path(&long)).unwrap();
    let said = desk.expect(&format!("approve {long} --key bob --code {words}"), FAILED);
    assert!(said.contains("END SSH SIGNATURE") && said.contains("signed: paste the signature printed above"), "{said}");
    assert!(!said.contains("not signed"), "{said}");
    let (out, file) = (std::fs::File::options().write(true).open("/dev/full").unwrap(), desk.path("change.json.sig"));
    let mut approve = desk.program();
    approve.args(["approve", "change.json", "--key", "bob", "--code", &words]).stdout(out);
    let (exit, said) = ended(&mut approve);
    assert!(file.exists() || exit != DONE, "{exit} {said}");
}

/// What no journal could keep, no change is proposed with; what one can keep is proposed, kept and proven.
#[test]
fn a_long_estate_is_kept_or_a_fault() {
    let long = |bytes: usize| move |e: &mut signalbox::estate::Estate| e.systems[0].name = "n".repeat(bytes);
    let desk = Desk::still(long(600 * 1024));
    desk.propose("change.json");
    desk.approve("change.json");
    let kinds = chain::kinds(&desk.journal());
    assert!(kinds.contains(&"estate".to_owned()), "{kinds:?}");
    desk.expect("journal verify state --estate estate.toml", DONE);
    desk.take_in("change.json");
    let desk = Desk::still(long(5 << 20));
    for args in ["check estate.toml", &format!("{PROPOSE} change.json")] {
        let (exit, said) = desk.run(args);
        assert!(exit == USAGE && said.contains("a journal keeps at most 4194304"), "{args}: {exit} {said}");
    }
    assert!(!desk.journal().exists() && !desk.path("change.json").exists());
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
