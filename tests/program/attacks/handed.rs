//! A signature that is handed in for another change than it was made over.

use signalbox::change::Act;

use crate::attacks::chain;
use crate::attacks::desk::*;

#[test]
fn a_signature_for_one_change_approves_nothing_where_another_was_named() {
    let desk = Desk::still(|_| {});
    desk.propose("a.json");
    desk.propose("b.json");
    let (a, b) = (desk.digest("a.json"), desk.digest("b.json"));
    desk.write("a.sig", desk.sign("bob", Act::Approve, &desk.text("a.json").canonical()));
    let flip =
        |file: &str, sig: &str| desk.run(&format!("flip --quick {file} {sig} --as alice --key alice --to us-east-2"));
    let (exit, said) = desk.run("flip --quick b.json --approval a.sig --as alice --key alice --to us-east-2");
    assert_eq!(exit, NOT_APPROVED, "{said}");
    assert!(said.contains(&format!("the signature is over change {}, not over {}", a.words(), b.words())), "{said}");
    let lines = chain::read(&desk.journal());
    assert!(!lines.iter().any(|l| l.kind() == "approved"), "nothing is approved, least of all the other one");
    let refused = &lines[chain::place(&lines, "approval_refused")].record;
    assert_eq!(refused["change"], serde_json::json!(b), "the refusal is kept, with the change that was named");
    // A's minute has not begun: it still has no approval.
    let (exit, said) = flip("a.json", "--approval b.sig");
    assert_eq!(exit, FAILED, "{said}");
    desk.expect("flip --quick a.json --as alice --key alice --to us-east-2", NOT_APPROVED);
    desk.nothing_moved("a signature for another change");
    // And it is none the worse for it: handed in for A, it counts.
    desk.expect("flip --quick a.json --approval a.sig --as alice --key alice --to us-east-1", REFUSED);
    assert!(chain::kinds(&desk.journal()).iter().any(|k| k == "approved"));
    // Once for A is not once for B.
    desk.expect("flip --quick b.json --approval a.sig --as alice --key alice --to us-east-2", NOT_APPROVED);
    desk.nothing_moved("a signature that was counted for another change");
}
