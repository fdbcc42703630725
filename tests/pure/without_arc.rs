//! An estate without an ARC cluster: it is watched like any other, and claims nothing of levers.

use ratatui::{Terminal, backend::TestBackend};
use signalbox::change::{Draft, DraftError};
use signalbox::estate::Estate;
use signalbox::event::{CheckStatus, Checkers, News, SourceId};
use signalbox::ui::{Screen, Setup};

use crate::hand::Hand;
use crate::support::Stage;

const TEXT: &str = include_str!("../estate/valid/without-arc.toml");
const EAST: &str = "00000000-0000-4000-8000-000000000001";
const WEST: &str = "00000000-0000-4000-8000-000000000002";

fn hand() -> Hand {
    Hand::new(Estate::parse(TEXT, "without-arc.toml").unwrap())
}

fn checked(hand: &mut Hand, id: &str, healthy: u16) {
    let status = CheckStatus::of_endpoint(id.into(), Checkers { healthy, of: 16, reason: None });
    hand.heard(SourceId::Route53(id.into()), News::Check(status));
}

fn shown(hand: &Hand, width: u16, height: u16) -> String {
    let stage = Stage::new();
    let setup = Setup {
        pair: "main".into(),
        hands: Default::default(),
        person: None,
        ..crate::support::setup(&stage, "alice", "dark")
    };
    let mut screen = Screen::new(setup);
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| screen.draw(&hand.model, frame)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn the_records_are_shown_as_what_would_switch_and_no_endpoint_is_missed() {
    let mut hand = hand();
    for (width, height) in [(80, 24), (150, 44), (60, 18)] {
        let screen = shown(&hand, width, height);
        assert!(screen.contains("failover records"), "{screen}");
        assert!(!screen.contains("0 of 0") && !screen.contains("no endpoint"), "{screen}");
    }
    assert!(shown(&hand, 150, 44).contains("→ ?"), "no check has been read");
    checked(&mut hand, EAST, 16);
    checked(&mut hand, WEST, 16);
    let screen = shown(&hand, 150, 44);
    assert!(screen.contains("primary") && screen.contains("→ us-east-1"), "{screen}");
    assert!(screen.contains("─ no ARC cluster ─"), "{screen}");
    // The primary's check fails: Route 53 turns to the secondary, and with both ill, back to the primary.
    checked(&mut hand, EAST, 0);
    assert!(shown(&hand, 150, 44).contains("→ us-west-2"));
    checked(&mut hand, WEST, 0);
    assert!(shown(&hand, 150, 44).contains("→ us-east-1"));
}

#[test]
fn nothing_can_be_proposed_and_the_reason_is_said() {
    let hand = hand();
    let estate = &hand.model.estate;
    let made = Draft::towards(estate, &"main".into(), &"us-west-2".into());
    assert!(matches!(&made, Err(DraftError::NoCluster)), "{made:?}");
    assert!(made.unwrap_err().to_string().contains("no ARC cluster"));
    let checks = hand.model.preflight(&"main".into(), signalbox::estate::Side::Standby);
    assert!(checks.checks.iter().all(|c| !c.name.contains("ARC")), "{:?}", checks.checks);
}
