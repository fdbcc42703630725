//! Many who turn one second key at once.

use std::process::Stdio;

use crate::attacks::chain;
use crate::attacks::desk::*;
use crate::attacks::signals::Runs;

#[test]
fn of_twenty_flips_at_once_one_is_sent_and_all_are_told_what_it_did() {
    let desk = Desk::own(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    let flip = "flip --quick change.json --approval change.json.sig --as alice --key alice --to us-east-2";
    let started: Vec<_> = (0..20)
        .map(|_| {
            let mut command = desk.program();
            command.args(flip.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let ended: Vec<_> = started.into_iter().map(|child| told(&child.wait_with_output().unwrap())).collect();
    assert!(desk.moved(), "{ended:?}");
    assert_eq!(desk.world.writes(), 1, "one write: {ended:?}");
    for (exit, said) in &ended {
        assert_eq!(*exit, DONE, "{said}");
        assert!(said.contains("verified"), "{said}");
    }
    let kinds = chain::kinds(&desk.journal());
    assert_eq!(kinds.iter().filter(|k| *k == "intent").count(), 1);
    desk.expect("journal verify state --estate estate.toml", DONE);
    // Who comes later hears the same.
    let said = desk.expect(flip, DONE);
    assert!(said.contains("verified"), "{said}");
    assert_eq!(desk.world.writes(), 1);
    let wrong = |said: &str| said.contains("nothing was sent") || said.contains("nothing was changed");
    let wrong: Vec<_> = ended.iter().filter(|(_, said)| wrong(said)).collect();
    assert!(wrong.is_empty(), "traffic has moved, and {} of 20 say that nothing was sent: {}", wrong.len(), wrong[0].1);
}

/// Two changes of the same controls, both approved, both turned at once: whichever comes second finds another world.
#[test]
fn of_two_changes_at_once_one_is_sent() {
    let desk = Desk::own(|_| {});
    for file in ["a.json", "b.json"] {
        desk.propose(file);
        desk.approve(file);
    }
    let started: Vec<_> = (0..8)
        .map(|i| {
            let file = if i % 2 == 0 { "a.json" } else { "b.json" };
            let flip = format!("flip --quick {file} --approval {file}.sig --as alice --key alice --to us-east-2");
            let mut command = desk.program();
            command.args(flip.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped());
            (file, command.spawn().unwrap())
        })
        .collect();
    let ended: Vec<_> =
        started.into_iter().map(|(file, child)| (file, told(&child.wait_with_output().unwrap()))).collect();
    assert_eq!(desk.world.writes(), 1, "one write: {ended:?}");
    let exits = |of: &str| ended.iter().filter(|(file, _)| *file == of).map(|(_, (exit, _))| *exit).collect::<Vec<_>>();
    let mut both = [exits("a.json"), exits("b.json")];
    both.sort();
    assert_eq!(both[0], [DONE; 4], "who asked for the one that ran hears so: {ended:?}");
    assert_eq!(both[1], [REFUSED; 4], "and who asked for the other hears that: {ended:?}");
}

/// Who takes a change back while it is being sent is told what the flip did, with an exit code that does not say that nothing
/// was changed.
#[test]
fn who_ends_a_change_while_it_is_sent_is_told_what_it_did() {
    let desk = Desk::own(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    desk.world.answer_writes_late();
    let flip = "flip --quick change.json --approval change.json.sig --as alice --key alice --to us-east-2";
    let mut sent = Runs::start(&desk, flip);
    sent.until("the write", || desk.world.writes() > 0);
    for end in ["withdraw change.json --as alice --key alice", "reject change.json --reason no --as bob --key bob"] {
        let said = desk.expect(end, OVERTAKEN);
        assert!(said.contains("verified") && !said.contains("nothing was"), "{end}: {said}");
    }
    let (exit, said) = sent.ended();
    assert_eq!(exit, Some(DONE), "{said}");
}
