//! A state folder that is copied with an approval in it, so that the approval runs once in each.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::chain;
use crate::desk::*;
use crate::forged::identity;

fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

#[test]
fn an_approval_runs_in_the_folder_in_which_its_change_was_proposed() {
    let desk = Desk::own(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    desk.take_in("change.json");
    let flip = "flip --quick change.json --as alice --key alice --to us-east-2 --state";
    let copies = ["plain copy", "doctored copy", "chained anew"].map(|name| desk.path(&name.replace(' ', "-")));
    copies.iter().for_each(|to| copy(&desk.path("state"), to));
    let [_, doctored, anew] = &copies;

    // The copy says of itself that the change was proposed here: a first line of the same change, in the copy's name.
    let file = doctored.join("journal.jsonl");
    let mut lines = chain::read(&file);
    let (at, digest) = (chain::place(&lines, "proposed"), desk.digest("change.json"));
    let text = format!("journal: {} line 0 {}\n", identity(doctored), chain::hash(""));
    let fake = lines[at].saying(json!({ "kind": "proposed", "change": digest, "text": text, "signature": "" }));
    lines.insert(at, fake);
    chain::write(&file, &lines);

    // The change and its approval alone, as the only lines of another journal.
    let file = anew.join("journal.jsonl");
    let lines: Vec<_> = chain::read(&file).into_iter().filter(|l| ["proposed", "approved", "estate"].contains(&l.kind())).collect();
    chain::write(&file, &lines);

    for folder in ["plain-copy", "doctored-copy", "chained-anew"] {
        let (exit, said) = desk.run(&format!("{flip} {folder}"));
        assert!(!desk.moved(), "{folder} moved traffic: {said}");
        assert!(exit == REFUSED || exit == JOURNAL, "{folder} ends with {exit}: {said}");
        if folder != "chained-anew" {
            assert!(said.contains("proposed in another folder or a copy of it"), "{folder}: {said}");
        }
        assert_eq!(desk.world.writes(), 0, "{folder}");
    }
    // A folder that was moved is the same one.
    std::fs::rename(desk.path("state"), desk.path("moved")).unwrap();
    let said = desk.expect(&format!("{flip} moved"), DONE);
    assert!(said.contains("verified"), "{said}");
    // And after it none of the copies runs it again.
    for folder in ["plain-copy", "doctored-copy", "chained-anew"] {
        assert_ne!(desk.run(&format!("{flip} {folder}")).0, DONE, "{folder}");
        assert_eq!(desk.world.writes(), 1, "{folder}");
    }
}
