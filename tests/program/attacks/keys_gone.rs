//! Keys and roles that go between the approval and the second key.

use signalbox::estate::{Estate, Role};
use signalbox::time::{Span, Timestamp};

use crate::attacks::desk::*;

type Edit = fn(&mut Estate);

fn of<'e>(estate: &'e mut Estate, name: &str) -> &'e mut signalbox::estate::Person {
    estate.people.iter_mut().find(|p| p.name.as_str() == name).unwrap()
}

#[test]
fn an_approval_is_worth_what_its_key_is_worth_when_the_second_key_is_turned() {
    let edits: [(&str, &str, Edit); 7] = [
        ("bob's key is gone", "people.bob.keys", |e| of(e, "bob").keys = vec![public(8).into()]),
        ("bob's key is revoked", "policy.revoked_keys", |e| e.policy.revoked_keys = vec![public(2)]),
        ("bob is gone", "people.bob", |e| e.people.retain(|p| p.name.as_str() != "bob")),
        ("bob approves no more", "people.bob.roles", |e| of(e, "bob").roles = vec![Role::Operator]),
        ("bob is no dba any more", "people.bob.groups", |e| of(e, "bob").groups.clear()),
        ("bob's key has ended", "people.bob.keys", |e| {
            let end = Timestamp::now() - Span::from_secs(60);
            of(e, "bob").keys = vec![signalbox::estate::ListedKey::from(public(2)).until(end)];
        }),
        ("alice runs nothing any more", "people.alice.roles", |e| of(e, "alice").roles = vec![Role::Approver]),
    ];
    for (what, place, edit) in edits {
        // Dave may approve as well, so that the file is a good one without bob.
        let desk = Desk::still(|e| {
            of(e, "bob").groups = vec!["dba".into()];
            e.people.push(person("dave", &[Role::Operator, Role::Approver], &public(4)));
        });
        desk.propose("change.json");
        desk.approve("change.json");
        desk.take_in("change.json");
        let mut estate = desk.estate.clone();
        edit(&mut estate);
        desk.write_estate("estate.toml", &estate);
        let (exit, said) = desk.flip("change.json");
        desk.nothing_moved(what);
        if what.starts_with("alice") {
            assert_eq!(exit, USAGE, "{what}: {said}");
            continue;
        }
        assert_eq!(exit, REFUSED, "{what}: {said}");
        assert!(said.contains("void") && said.contains(place), "{what} is told: {said}");
        // Void is void, also under the file that it was proposed with.
        desk.write_estate("estate.toml", &desk.estate);
        desk.expect("flip --quick change.json --as alice --key alice --to us-east-2", REFUSED);
        desk.nothing_moved(what);
        // What happened under the former file is still true.
        desk.write_estate("estate.toml", &estate);
        desk.expect("journal verify state --estate estate.toml", DONE);
    }
}

/// The file says from the beginning when the key ends; the approval came before, the second key after.
#[test]
fn a_key_that_ends_between_the_approval_and_the_second_key_counts_no_more() {
    let end = Timestamp::now() + Span::from_secs(6);
    let desk = Desk::still(|e| {
        of(e, "bob").keys = vec![signalbox::estate::ListedKey::from(public(2)).until(end)];
        e.people.push(person("dave", &[Role::Operator, Role::Approver], &public(4)));
    });
    desk.propose("change.json");
    desk.approve("change.json");
    desk.take_in("change.json");
    let said = loop {
        // The wrong region, so that nothing moves while the key still counts.
        let (exit, said) = desk.run("flip --quick change.json --as alice --key alice --to us-east-1");
        if !said.contains("not the receiving region's name") {
            assert_eq!(exit, NOT_APPROVED, "{said}");
            break said;
        }
        assert!(Timestamp::now() < end + Span::from_secs(30), "it never ends: {said}");
    };
    assert!(said.contains("approvals that count are missing: one approver"), "{said}");
    let (exit, said) = desk.flip("change.json");
    assert_eq!(exit, NOT_APPROVED, "{said}");
    desk.nothing_moved("a key that ended");
}

/// A key that was revoked signs nothing new, and neither does a person without the role.
#[test]
fn what_is_revoked_signs_nothing_new() {
    let desk = Desk::still(|e| {
        e.policy.revoked_keys = vec![public(2)];
        e.people.push(person("dave", &[Role::Operator, Role::Approver], &public(4)));
    });
    desk.propose("change.json");
    let words = desk.digest("change.json").words();
    let said = desk.expect(&format!("approve change.json --key bob --code {words}"), REFUSED);
    assert!(said.contains("revoked"), "{said}");
    let text = desk.text("change.json").canonical();
    desk.write("bob.sig", desk.sign("bob", signalbox::change::Act::Approve, &text));
    let said =
        desk.expect("flip --quick change.json --approval bob.sig --as alice --key alice --to us-east-2", NOT_APPROVED);
    assert!(said.contains("revoked"), "{said}");
    desk.expect("drill start d --type monthly --as bob --key bob", USAGE);
    desk.nothing_moved("a revoked key");
}
