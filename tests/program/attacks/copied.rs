//! A state folder that is copied with an approval in it, so that the approval runs once in each.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::attacks::chain;
use crate::attacks::desk::*;
use crate::attacks::forged::identity;

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

/// A change of alice's, approved, and its folder copied so many times.
fn approved(desk: &Desk, copies: &[&str]) {
    desk.propose("change.json");
    desk.approve("change.json");
    desk.take_in("change.json");
    copies.iter().for_each(|to| copy(&desk.path("state"), &desk.path(to)));
}

fn flip(desk: &Desk, state: &str) -> (i32, String) {
    desk.run(&format!("flip --quick change.json --as alice --key alice --to us-east-2 --state {state}"))
}

#[test]
fn an_approval_runs_in_the_folder_in_which_its_change_was_proposed() {
    let desk = Desk::own(|_| {});
    approved(&desk, &["copy", "anew"]);
    // The change and its approval alone, as the only lines of another journal.
    let file = desk.path("anew/journal.jsonl");
    let of_it = |line: &chain::Line| ["proposed", "approved", "estate"].contains(&line.kind());
    chain::write(&file, &chain::read(&file).into_iter().filter(of_it).collect::<Vec<_>>());
    let (exit, said) = flip(&desk, "copy");
    assert!(exit == REFUSED || exit == JOURNAL, "a copy ends with {exit}: {said}");
    assert!(said.contains("proposed in another folder or a copy of it"), "{said}");
    assert_eq!(flip(&desk, "anew").0, JOURNAL, "chained anew");
    assert_eq!((desk.world.writes(), desk.moved()), (0, false));
    // A folder that was moved is the same one.
    std::fs::rename(desk.path("state"), desk.path("moved")).unwrap();
    let (exit, said) = flip(&desk, "moved");
    assert_eq!(exit, DONE, "{said}");
    // And after it none of the copies runs it again.
    for folder in ["copy", "anew"] {
        assert_ne!(flip(&desk, folder).0, DONE, "{folder}");
    }
    assert_eq!(desk.world.writes(), 1);
}

/// The copy says of itself that the change was proposed there: a line of the same change, in the copy's own name.
#[test]
fn a_copy_cannot_say_that_the_change_was_proposed_there() {
    let desk = Desk::own(|_| {});
    approved(&desk, &["copy"]);
    let file = desk.path("copy/journal.jsonl");
    let mut lines = chain::read(&file);
    let (at, digest) = (chain::place(&lines, "proposed"), desk.digest("change.json"));
    let text = format!("journal: {} line 0 {}\n", identity(&desk.path("copy")), chain::hash(""));
    let fake = lines[at].saying(json!({ "kind": "proposed", "change": digest, "text": text, "signature": "" }));
    lines.insert(at, fake);
    chain::write(&file, &lines);
    let (exit, said) = flip(&desk, "copy");
    desk.nothing_moved("a copy that names itself");
    assert!(exit == REFUSED || exit == JOURNAL, "{exit}: {said}");
}
