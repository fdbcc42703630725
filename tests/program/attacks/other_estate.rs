//! Copies of the estate file in which something else stands: the requester's, that lets more through.

use signalbox::estate::Estate;

use crate::attacks::desk::*;

type Edit = fn(&mut Estate);

/// What an attacker would rather have in the file, and where an honest program finds it.
const EDITS: &[(&str, Edit)] = &[
    ("systems.", |e| {
        let lag = |r: &&mut signalbox::estate::Reading| r.id.as_str() == "lag" && r.fail.is_some();
        for reading in e.systems.iter_mut().flat_map(|s| &mut s.readings).filter(lag) {
            reading.fail = Some(9e9);
        }
    }),
    ("systems.", |e| drop(e.systems.pop())),
    ("health_checks", |e| e.health_checks.clear()),
    ("policy.second_key_within", |e| e.policy.second_key_within = "30m".parse().unwrap()),
    ("policy.proposal_expires", |e| e.policy.proposal_expires = "59m".parse().unwrap()),
    ("policy.approvals", |e| (e.policy.approvals, e.policy.approvals_for_overrides) = (1, 1)),
    ("policy.touch_required", |e| e.policy.touch_required = false),
    ("people.bob.keys", |e| {
        for person in e.people.iter_mut().filter(|p| p.name.as_str() == "bob") {
            person.keys.push(public(9).into());
        }
    }),
    ("people.mallory", |e| e.people.push(person("mallory", &[signalbox::estate::Role::Approver], &public(9)))),
    ("people.carol.roles", |e| {
        for person in e.people.iter_mut().filter(|p| p.name.as_str() == "carol") {
            person.roles.push(signalbox::estate::Role::Approver);
        }
    }),
    ("safety_rules.", |e| {
        let mut rules = e.safety_rules.iter_mut();
        rules.find(|r| r.name == "portal-stays-on").unwrap().inverted = true;
    }),
    ("services.", |e| e.services[0].tier = signalbox::estate::Tier::Standard),
];

/// Alice proposes with her own copy; bob's program has the honest one.
#[test]
fn the_approvers_program_refuses_another_estate_and_shows_what_differs() {
    let desk = Desk::still(|e| {
        (e.policy.approvals, e.policy.approvals_for_overrides) = (2, 2);
        e.people.push(person("dave", &[signalbox::estate::Role::Approver], &public(4)));
    });
    for (i, (place, edit)) in EDITS.iter().enumerate() {
        let mut copy = desk.estate.clone();
        edit(&mut copy);
        assert_ne!(copy, desk.estate, "{place}");
        desk.write_estate("copy.toml", &copy);
        let propose =
            "propose --quick --despite untimed --as alice --key alice --to us-east-2 --reason test -o change.json";
        let state = format!("state-{i}");
        desk.expect(&format!("{propose} --estate copy.toml --state {state}"), DONE);
        let words = desk.digest("change.json").words();
        let said = desk.expect(&format!("approve change.json --key bob --code {words}"), REFUSED);
        let line = said.lines().find(|l| l.trim_start().starts_with(&format!("their estate is not yours: {place}")));
        assert!(line.is_some_and(|l| l.contains(" there, ") && l.ends_with(" here")), "{place}: {said}");
        assert!(!desk.path("change.json.sig").exists(), "{place}: nothing was signed");
        // Somebody took what tells of it out of the file: it is refused all the same.
        desk.write("bare.json", desk.read("change.json").replace("\"estate\": \"signalbox-estate", "\"estate\": \"x"));
        let said = desk.expect(&format!("approve bare.json --key bob --code {words}"), REFUSED);
        assert!(said.contains("bound to another estate file than yours"), "{place}: {said}");
    }
    desk.nothing_moved("another estate");
}

/// Both have signed under the honest file; the second key is turned under another.
#[test]
fn a_second_key_under_another_estate_makes_the_change_void_and_says_what_changed() {
    let desk = Desk::still(|e| e.people.push(person("dave", &[signalbox::estate::Role::Approver], &public(4))));
    desk.propose("change.json");
    desk.approve("change.json");
    desk.take_in("change.json");
    let journal = desk.read("state/journal.jsonl");
    for (place, edit) in EDITS.iter().filter(|(place, _)| *place != "policy.approvals") {
        // As it was: each edit meets a change that is approved.
        desk.write("state/journal.jsonl", &journal);
        let mut copy = desk.estate.clone();
        edit(&mut copy);
        assert_ne!(copy, desk.estate, "{place}");
        desk.write_estate("copy.toml", &copy);
        let flip = "flip --quick change.json --as alice --key alice --to us-east-2";
        let said = desk.expect(&format!("{flip} --estate copy.toml"), REFUSED);
        assert!(
            said.contains("void: the estate is not the one that it was proposed with") && said.contains(place),
            "{said}"
        );
        let said = desk.expect(flip, REFUSED);
        assert!(said.contains("void"), "it stays void: {said}");
        desk.nothing_moved(place);
    }
}

/// What only says where to ask, how often, and whom to tell.
#[test]
fn addresses_order_comments_and_polling_bind_nothing() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    desk.take_in("change.json");
    let edits: [(&str, Edit); 5] = [
        ("polling", |e| e.poll.arc = "7s".parse().unwrap()),
        ("resolvers", |e| e.resolvers.clear()),
        ("order", |e| {
            e.people.reverse();
            e.systems.reverse();
            e.services.reverse();
        }),
        // But for STS: whoever cannot sign in has nothing to compare.
        ("endpoints", |e| {
            let sts = std::mem::take(&mut e.endpoints.sts);
            e.endpoints = signalbox::estate::Endpoints { sts, ..Default::default() };
        }),
        ("presenter", |e| e.presenter.keep = vec!["portal".into()]),
    ];
    let text = format!("# a comment of our own\n\n{}\n# and one at the end\n", desk.estate.to_toml().unwrap());
    let mut files = vec![("comments", text)];
    for (what, edit) in edits {
        let mut copy = desk.estate.clone();
        edit(&mut copy);
        files.push((what, copy.to_toml().unwrap()));
    }
    for (what, text) in files {
        desk.write("copy.toml", text);
        let words = desk.digest("change.json").words();
        let (exit, said) = desk.run(&format!("approve change.json --key bob --code {words} --estate copy.toml"));
        assert_eq!(exit, DONE, "{what}: {said}");
        // Still approved: only the region is wrong.
        let said =
            desk.expect("flip --quick change.json --as alice --key alice --to us-east-1 --estate copy.toml", REFUSED);
        assert!(said.contains("not the receiving region's name"), "{what}: {said}");
    }
}
