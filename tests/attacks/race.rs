//! Many who turn one second key at once.

use std::process::Stdio;

use crate::chain;
use crate::desk::*;

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
        assert!(!said.contains("nothing was sent") && !said.contains("nothing was changed"), "{said}");
    }
    let kinds = chain::kinds(&desk.journal());
    assert_eq!(kinds.iter().filter(|k| *k == "intent").count(), 1);
    assert_eq!(kinds.iter().filter(|k| *k == "approved").count(), 1, "one approval: {kinds:?}");
    desk.expect("journal verify state --estate estate.toml", DONE);
    // Who comes later hears the same.
    let said = desk.expect(flip, DONE);
    assert!(said.contains("verified"), "{said}");
    assert_eq!(desk.world.writes(), 1);
}
