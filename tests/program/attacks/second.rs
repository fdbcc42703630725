//! Who does at the same moment what somebody else does: one is first, and everybody else is told so.

use std::process::Stdio;

use crate::attacks::chain;
use crate::attacks::desk::*;

/// Runs commands at once; how each ended, and what it said.
fn at_once(desk: &Desk, commands: &[String]) -> Vec<(i32, String)> {
    let started: Vec<_> = commands
        .iter()
        .map(|args| {
            let mut command = desk.program();
            command.args(args.split(' ')).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    started.into_iter().map(|child| told(&child.wait_with_output().unwrap())).collect()
}

/// The one that ended well; all others were refused.
#[track_caller]
fn winner(ended: &[(i32, String)]) -> usize {
    let done: Vec<_> = (0..ended.len()).filter(|i| ended[*i].0 == DONE).collect();
    assert_eq!(done.len(), 1, "{ended:?}");
    assert!(ended.iter().all(|(exit, _)| [DONE, REFUSED].contains(exit)), "{ended:?}");
    done[0]
}

fn count(desk: &Desk, kind: &str) -> usize {
    chain::kinds(&desk.journal()).iter().filter(|k| *k == kind).count()
}

/// Two people, and one person twice: the change ends once.
#[test]
fn of_rejections_at_once_one_counts_and_the_others_are_told() {
    let approver = [signalbox::estate::Role::Approver];
    let desk = Desk::still(|e| e.people.push(person("dave", &approver, &public(4))));
    desk.propose("change.json");
    let reject = |who: &&str| format!("reject change.json --reason no --as {who} --key {who}");
    let ended = at_once(&desk, &["bob", "dave", "bob", "dave", "bob", "dave"].iter().map(reject).collect::<Vec<_>>());
    let first = winner(&ended);
    assert_eq!(count(&desk, "rejected"), 1, "{ended:?}");
    for (_, said) in ended.iter().enumerate().filter(|(i, _)| *i != first).map(|(_, end)| end) {
        assert!(said.contains("rejected meanwhile") || said.contains("is rejected already"), "{said}");
    }
    // Whoever takes it back now is told as well.
    let said = desk.expect("withdraw change.json --as alice --key alice", REFUSED);
    assert!(said.contains("rejected"), "{said}");
    desk.expect("journal verify state --estate estate.toml", DONE);
}

#[test]
fn of_incidents_that_begin_at_once_one_does() {
    let desk = Desk::still(|_| {});
    let start = |n| format!("incident start INC-{n} --as alice --key alice");
    let ended = at_once(&desk, &(0..5).map(start).collect::<Vec<_>>());
    let first = winner(&ended);
    assert!(ended[first].1.contains(&format!("incident INC-{first} of pair")), "its own name: {ended:?}");
    assert_eq!((count(&desk, "session_started"), count(&desk, "refused")), (1, 4), "{ended:?}");
    for (_, said) in ended.iter().enumerate().filter(|(i, _)| *i != first).map(|(_, end)| end) {
        assert!(
            said.contains(&format!("incident INC-{first} of pair")) && said.contains("still runs: end it first"),
            "{said}"
        );
        assert!(!said.contains("begins"), "{said}");
    }
    let end = "incident end --as alice --key alice".to_owned();
    winner(&at_once(&desk, &[end.clone(), end.clone(), end]));
    assert_eq!(count(&desk, "session_ended"), 1);
}

/// Their signatures lie side by side, whatever lay there before.
#[test]
fn approvals_at_once_are_all_there() {
    let people = ["bob", "dave", "erin"];
    let desk = Desk::still(|e| {
        e.people.push(person("dave", &[signalbox::estate::Role::Approver], &public(4)));
        e.people.push(person("erin", &[signalbox::estate::Role::Approver], &public(5)));
    });
    signalbox::signing::make_key(&desk.path("erin"), "erin", &[5; 32]).unwrap();
    let words = desk.propose("change.json");
    desk.write("change.json.sig", "something else");
    let approve = |who: &&str| format!("approve change.json --key {who} --code {words}");
    let ended = at_once(&desk, &people.iter().map(approve).collect::<Vec<_>>());
    assert!(ended.iter().all(|(exit, _)| *exit == DONE), "{ended:?}");
    assert_eq!(desk.read("change.json.sig"), "something else");
    let mut there: Vec<String> = (2..5).map(|n| desk.read(&format!("change.json.{n}.sig"))).collect();
    there.sort();
    there.dedup();
    assert_eq!(there.len(), people.len(), "{ended:?}");
    let left = std::fs::read_dir(desk.dir.path()).unwrap().map(|e| e.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains("part")).collect();
    assert!(left.is_empty(), "{left:?}");
}
