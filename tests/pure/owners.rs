//! One line says who commands, who may still approve, and what comes next.

use crate::support;

use signalbox::estate::Estate;
use signalbox::event::{Ask, NewSession, What};
use signalbox::record::SessionKind;
use signalbox::ui::Screen;
use support::eye::{self, text};
use support::{Stage, east, setup};

const SIZES: [(u16, u16); 4] = [(150, 44), (80, 24), (45, 80), (220, 60)];

/// The line as somebody sees it; none where there is none.
fn line(stage: &Stage, who: &str, size: (u16, u16)) -> Option<String> {
    let mut screen = Screen::new(setup(stage, who, "dark"));
    let drawn = text(&eye::buffer(&mut screen, stage, size));
    let at = drawn.lines().position(|l| l.trim_start().starts_with("▸ ") && l.contains(" commands"))?;
    let lines = drawn.lines().skip(at).take(if size.0 < 60 { 3 } else { 1 });
    Some(lines.map(str::trim).collect::<Vec<_>>().join(" "))
}

fn at_every_size(stage: &Stage, who: &str, parts: &[&str]) {
    for size in SIZES {
        let line = line(stage, who, size).unwrap_or_default();
        // Below 60 columns the person's own next step says what comes next.
        let said = if size.0 < 60 { &parts[..1] } else { parts };
        for part in said {
            assert!(line.contains(part), "{size:?}, {who}: {part:?} is not in {line:?}");
        }
    }
}

#[test]
fn a_calm_day_has_no_such_line() {
    for size in SIZES {
        assert_eq!(line(&Stage::calm(), "alice", size), None, "{size:?}");
    }
}

#[test]
fn it_follows_the_incident_from_its_first_minute_to_its_last() {
    let mut stage = Stage::outage();
    at_every_size(&stage, "alice", &["nobody commands"]);
    for size in SIZES {
        // Below 60 columns the person's own next step says it, and nothing says it twice.
        let next = if size.0 < 60 { "f drafts the move to us-east-2" } else { "next: draft the move to us-east-2: f" };
        let drawn = text(&eye::buffer(&mut Screen::new(setup(&stage, "alice", "dark")), &stage, size));
        assert!(drawn.contains(next), "{size:?}: {drawn}");
        assert_eq!(drawn.matches("the move to us-east-2").count(), 1, "{size:?}: {drawn}");
    }
    let by = stage.hands("bob").operator.or(stage.hands("alice").operator).unwrap();
    let session = NewSession {
        pair: east(),
        name: "INC-1".into(),
        kind: SessionKind::Incident,
        participants: Vec::new(),
        since: None,
    };
    let commander = by.name().to_string();
    stage.feed(What::Asked(Ask::Begin { by, session }));
    at_every_size(&stage, "carol", &[&format!("{commander} commands")]);

    let stage = Stage::until("proposed");
    let left = "within 9 min 48 s";
    at_every_size(&stage, "bob", &["alice commands", "bob approves", left, ": a"]);
    // Who cannot approve is shown no key for it.
    for who in ["alice", "carol"] {
        let line = line(&stage, who, (150, 44)).unwrap();
        assert!(line.contains("bob approves") && !line.ends_with(": a"), "{line}");
    }
    let mut stage = Stage::until("approved");
    at_every_size(&stage, "bob", &["alice commands", "alice turns the second key within 51 s"]);
    stage.wait(3);
    at_every_size(&stage, "alice", &["alice commands", "alice turns the second key within 48 s"]);
    at_every_size(&Stage::until("executing"), "alice", &["alice commands", "next: wait for ARC"]);
    at_every_size(&Stage::until("uncertain"), "alice", &["alice commands", "repeat nothing"]);
    at_every_size(&Stage::until("moved"), "alice", &["alice commands", "tell people: t"]);
}

/// Whoever may still approve is named by the policy: not the one who asked, not who approved, and of a group only its own.
#[test]
fn approvers_are_those_whose_approval_would_count() {
    let mut more =
        "[[policy.rules]]\nkinds = [\"failover\"]\napprovals = [{ group = \"dba\", count = 2 }]\n".to_owned();
    for (name, seed) in [("dave", 4), ("erin", 5)] {
        let key = support::key(seed).public_key().to_openssh().unwrap();
        more +=
            &format!("[[people]]\nname = \"{name}\"\nroles = [\"approver\"]\ngroups = [\"dba\"]\nkeys = [\"{key}\"]\n");
    }
    let text = include_str!("../../assets/guiding-care.toml").to_owned() + "\n" + &more;
    let mut estate = Estate::parse(&text, "owners.toml").unwrap_or_else(|f| panic!("{f}"));
    for (person, seed) in estate.people.iter_mut().zip(1..) {
        person.keys = vec![support::key(seed).public_key().to_openssh().unwrap().into()];
    }
    let mut stage = Stage::of(estate);
    stage.poll();
    for _ in 0..16 {
        stage.pass(60);
        stage.figures();
    }
    stage.poll();
    stage.pass(6);
    stage.poll();
    stage.propose("a drill");
    let seen = line(&stage, "carol", (220, 60)).unwrap();
    assert!(seen.contains("dave and erin approve"), "bob is in no group that counts: {seen}");
    let armored = stage.armored(4);
    let by = signalbox::change::Courier::incident_folder();
    stage.feed(What::Asked(Ask::Signature { armored, by, of: None }));
    let seen = line(&stage, "carol", (220, 60)).unwrap();
    assert!(seen.contains("dave approved · next: erin approves within"), "{seen}");
}
