//! One person who says that they are another.

use signalbox::change::{Act, State};

use crate::attacks::chain;
use crate::attacks::desk::*;

/// Bob has his own key, all of alice's files but her key, and whatever name he likes.
#[test]
fn nobody_acts_by_anothers_name() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    desk.take_in("change.json");
    let before = chain::read(&desk.journal()).len();
    let what = "--quick --despite untimed --to us-east-2 --reason test -o forged.json";
    for (key, args) in [
        ("bob", format!("propose {what} --as alice")),
        ("bob", "flip --quick change.json --to us-east-2 --as alice".to_owned()),
        ("bob", "withdraw change.json --as alice".to_owned()),
        ("alice", "reject change.json --reason no --as bob".to_owned()),
        ("bob", "drill start d --type monthly --as alice".to_owned()),
        ("bob", "incident start i --as alice".to_owned()),
        ("bob", "incident end --as alice".to_owned()),
        ("mallory", format!("propose {what} --as alice")),
        ("mallory", "flip --quick change.json --to us-east-2 --as alice".to_owned()),
        // The public half alone is nobody's, with no agent behind it.
        ("alice.pub", "flip --quick change.json --to us-east-2 --as alice".to_owned()),
    ] {
        let said = desk.expect(&format!("{args} --key {key}"), USAGE);
        assert!(said.contains("no key here is a key of") || said.contains("no ssh-agent runs here"), "{args}: {said}");
        // The same by the environment: a login name and a key are no names either.
        let who = if args.ends_with("bob") { "bob" } else { "alice" };
        let mut command = desk.program();
        command.args(args.split(' ')).env("USER", who).env("LOGNAME", who).env("SIGNALBOX_KEY", key);
        assert_eq!(ended(&mut command).0, USAGE, "{args} by the environment");
        desk.nothing_moved(&args);
    }
    assert!(!desk.path("forged.json").exists());
    let after: Vec<_> = chain::read(&desk.journal()).split_off(before);
    assert!(after.iter().all(|line| line.kind() == "refused"), "{after:?}");
    assert_eq!(after.len(), 20, "every refusal is kept: {after:?}");
    // The change is as it was: alice herself can still take it back.
    desk.expect("withdraw change.json --as alice --key alice", DONE);
}

/// `$USER` says alice; the key says bob: it is bob who asks, and his own signature is none on his own change.
#[test]
fn a_login_name_is_nobody() {
    let desk = Desk::still(|_| {});
    let as_alice = |args: &str| {
        let mut command = desk.program();
        ended(command.args(args.split(' ')).env("USER", "alice").env("LOGNAME", "alice").env("SIGNALBOX_KEY", "bob"))
    };
    let (exit, said) = as_alice("propose --quick --despite untimed --to us-east-2 --reason test -o change.json");
    assert_eq!(exit, DONE, "{said}");
    let text = desk.text("change.json");
    assert_eq!(text.by.as_str(), "bob");
    let words = text.digest().words();
    assert_eq!(desk.run(&format!("approve change.json --key bob --code {words}")).0, REFUSED);
    desk.write("own.sig", desk.sign("bob", Act::Approve, &text.canonical()));
    let (exit, said) = as_alice("flip --quick change.json --approval own.sig --to us-east-2");
    assert_eq!(exit, NOT_APPROVED, "{said}");
    assert!(said.contains("bob asked for this change: somebody else must approve it"), "{said}");
    // An observer's and a stranger's signature are none, and bob's own for another deed is none either.
    for (file, who, act) in [
        ("a", "carol", Act::Approve),
        ("b", "mallory", Act::Approve),
        ("c", "alice", Act::Propose),
        ("d", "alice", Act::SecondKey),
    ] {
        desk.write(file, desk.sign(who, act, &text.canonical()));
        let (exit, said) = as_alice(&format!("flip --quick change.json --approval {file} --to us-east-2"));
        assert_eq!(exit, NOT_APPROVED, "{who} {act:?}: {said}");
    }
    desk.nothing_moved("a login name");
}

/// The second key is its requester's, whoever else may approve and run changes.
#[test]
fn the_approver_turns_no_second_key() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    let said =
        desk.expect("flip --quick change.json --approval change.json.sig --as bob --key bob --to us-east-2", REFUSED);
    assert!(said.contains("only alice, who asked for it, turns the second key"), "{said}");
    let said = desk.expect("withdraw change.json --as bob --key bob", REFUSED);
    assert!(said.contains("only alice, who asked for it, can withdraw it"), "{said}");
    let said = desk.expect("propose --quick --despite x --to us-east-2 --reason r --key carol -o c.json", USAGE);
    assert!(said.contains("carol does not have the operator role"), "{said}");
    desk.nothing_moved("the approver");
    assert_eq!(State::Approved.word(), "approved");
}

/// A console takes nobody's word for who sits there.
#[test]
fn a_console_asks_the_key_who_sits_there() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    desk.take_in("change.json");
    for args in ["--as alice --key bob", "--as alice --key mallory", "--as alice", "--key mallory", ""] {
        let (exit, said) = console_says(&desk, args, "second key us-east-2\nwithdraw\nbegin incident X\n");
        assert_eq!(exit, DONE, "{args}: {said}");
        assert!(said.contains("only look on"), "{args}: {said}");
        desk.nothing_moved(args);
    }
    let lines = chain::kinds(&desk.journal());
    assert!(
        !lines.iter().any(|kind| kind == "intent" || kind == "withdrawn" || kind == "session_started"),
        "{lines:?}"
    );
    let (_, said) = console_says(&desk, "--as alice --key alice", "withdraw\n");
    assert!(!said.contains("only look on"), "{said}");
}
