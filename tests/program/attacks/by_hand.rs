//! Proposals that their requester wrote and signed with tools of their own, in ways in which no console would.

use serde_json::json;
use signalbox::change::{Act, ChangeText, Despite, Nonce, Override, Work};
use signalbox::estate::{ControlState, Estate};

use crate::attacks::chain;
use crate::attacks::desk::*;

/// The desk, its honest change, and the journal with the estate in it.
fn honest() -> (Desk, ChangeText) {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    let text = desk.text("change.json");
    (desk, text)
}

/// What alice would sign by hand, each with its own nonce.
fn by_hand(text: &ChangeText, estate: &Estate) -> Vec<(&'static str, ChangeText)> {
    let despite = |checks: Vec<String>, reason: &str| Some(Despite { checks, reason: reason.into() });
    let other = |change: &dyn Fn(&mut ChangeText)| {
        let mut other = text.clone();
        change(&mut other);
        other
    };
    let overriding = |arn: &str, times: usize| {
        other(&|t| {
            let rule = estate.safety_rules.iter().find(|r| r.arn.as_str().ends_with(arn)).unwrap();
            let rule = Override { arn: rule.arn.clone(), name: rule.name.clone() };
            if let Work::Controls { overrides, .. } = &mut t.work {
                *overrides = vec![rule; times];
            }
        })
    };
    let untouched = estate.safety_rules.iter().find(|rule| {
        let of = |arn| text.flips().iter().any(|f| f.arn == arn);
        match &rule.kind {
            signalbox::estate::RuleKind::Assertion { controls } => !controls.iter().any(|c| of(c.clone())),
            signalbox::estate::RuleKind::Gating { target, .. } => !target.iter().any(|c| of(c.clone())),
        }
    });
    let mut all = vec![
        ("a reason that fills the screen", other(&|t| t.reason = "x".repeat(401))),
        ("no reason", other(&|t| t.reason = String::new())),
        ("2,000 failing checks", other(&|t| t.despite = despite(vec!["c".into(); 2000], "r"))),
        ("a failing check that fills the screen", other(&|t| t.despite = despite(vec!["c".repeat(201)], "r"))),
        ("checks that are overridden without a reason", other(&|t| t.despite = despite(vec!["c".into()], ""))),
        (
            "an override's reason that fills the screen",
            other(&|t| t.despite = despite(vec!["c".into()], &"r".repeat(401))),
        ),
        ("a loss that fills the screen", other(&|t| t.loss = "l".repeat(1001))),
        ("a loss that is none", other(&|t| t.loss = "None at all".into())),
        ("a failover that is called a failback", other(&|t| t.title = t.title.replace("fail over", "fail back"))),
        ("a title of one's own", other(&|t| t.title = "a test of the keys".into())),
        (
            "a control back to where traffic is, called a failover",
            other(&|t| {
                if let Work::Controls { flips, .. } = &mut t.work {
                    flips.truncate(1);
                    let f = flips.first_mut().unwrap();
                    (f.from, f.to) = (ControlState::Off, ControlState::On);
                }
            }),
        ),
    ];
    if let Some(rule) = untouched {
        let arn = rule.arn.as_str().to_owned();
        all.push(("an override of a rule that it does not touch", overriding(&arn, 1)));
        all.push(("an override twice", overriding(&arn, 2)));
    }
    for (i, (_, text)) in all.iter_mut().enumerate() {
        text.nonce = Nonce(1000 + i as u128);
    }
    all
}

#[test]
fn what_no_console_would_propose_counts_for_nothing_though_its_requester_signed_it() {
    let (desk, text) = honest();
    let base = chain::read(&desk.journal());
    for (what, text) in by_hand(&text, &desk.estate) {
        let (canonical, digest) = (text.canonical(), text.digest());
        let signature = desk.sign("alice", Act::Propose, &canonical);
        let record = json!({ "kind": "proposed", "change": digest, "text": canonical, "signature": signature });
        let mut lines = base.clone();
        lines.push(base.last().unwrap().saying(record));
        let bad = lines.len();
        chain::write(&desk.journal(), &lines);
        let said = desk.expect("journal verify state --estate estate.toml", JOURNAL);
        assert!(said.contains(&format!("signalbox: line {bad}:")), "{what}: {said}");
        // Bob approves it by hand as well: it runs nowhere, and everybody who opens the journal hears why.
        desk.write("hand.sig", desk.sign("bob", Act::Approve, &canonical));
        desk.write("hand.change", &canonical);
        let (exit, said) =
            desk.run("flip --quick hand.change --approval hand.sig --as alice --key alice --to us-east-2");
        assert!(exit == REFUSED || exit == USAGE, "{what}: {exit} {said}");
        let told = |said: &str| said.contains("counts for nothing");
        let said = desk.expect("status", DONE);
        assert!(told(&said), "{what}: {said}");
        desk.nothing_moved(what);
    }
}

/// A title that says that a pair moves, over one control of it: every other stays behind.
#[test]
fn a_change_that_does_less_than_its_title_says_is_not_approved() {
    let (desk, text) = honest();
    let mut less = ChangeText { nonce: Nonce(77), ..text };
    if let Work::Controls { flips, .. } = &mut less.work {
        assert!(flips.len() > 2);
        flips.truncate(2);
    }
    let canonical = less.canonical();
    let signature = desk.sign("alice", Act::Propose, &canonical);
    let mut lines = chain::read(&desk.journal());
    let record = json!({ "kind": "proposed", "change": less.digest(), "text": canonical, "signature": signature });
    lines.push(lines.last().unwrap().saying(record));
    chain::write(&desk.journal(), &lines);
    desk.write("less.sig", desk.sign("bob", Act::Approve, &canonical));
    desk.write("less.change", &canonical);
    let said =
        desk.expect("flip --quick less.change --approval less.sig --as alice --key alice --to us-east-2", REFUSED);
    assert!(said.contains("would not move"), "{said}");
    desk.nothing_moved("half a failover");
}
