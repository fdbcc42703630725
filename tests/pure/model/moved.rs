//! Controls that somebody else moved.

use super::*;

#[test]
fn a_control_that_somebody_else_moved_is_an_alarm_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seat::open(folder.path(), "boot-1", support::start());
    well(&mut one.hand);
    one.settle().hand.wait(10);
    assert!(!one.sentence().contains("SOMEBODY"));
    all_elsewhere(&mut one.hand);
    one.settle();
    // For a moment another program's change may not have been read yet.
    assert!(!one.sentence().contains("SOMEBODY"), "{}", one.sentence());
    one.hand.wait(6);
    one.settle();
    let said = one.hand.model.sentence(&east());
    let moved = "MOVED BY SOMEBODY ELSE, by no change of this journal: routing control portal-us-east-1 On → Off since \
                 18:38:10Z";
    assert!(said.text.contains(moved), "{}", said.text);
    // It is Off in both regions, which a rule forbids: nothing is called well.
    assert_eq!(said.mark, Mark::Fail);
    assert!(
        said.text.contains("The routing controls of portal are OFF IN EVERY REGION; DNS still answers us-east-1."),
        "{}",
        said.text
    );
    assert!(said.text.contains("Safety rule portal-somewhere is BROKEN as the controls are"), "{}", said.text);
    assert!(!said.text.contains("well"), "{}", said.text);
    let pair = east();
    let entry = one.hand.model.timeline.of(&pair).find(|e| e.text.contains("by no change of this journal")).unwrap();
    assert!(
        entry.text.contains("portal-us-east-1 was moved On → Off") && entry.text.contains("cloudtrailv2"),
        "{}",
        entry.text
    );
    // Who opens later is told too, with the same since.
    let mut two = Seat::open(folder.path(), "boot-2", one.hand.at);
    all_elsewhere(&mut two.hand);
    assert!(two.settle().sentence().contains(moved), "{}", two.sentence());
    // Moved back, it is over.
    for seat in [&mut one, &mut two] {
        well(&mut seat.hand);
        seat.hand.wait(6);
        assert!(!seat.settle().sentence().contains("SOMEBODY"), "{}", seat.sentence());
    }
    // And once more: it is told once more.
    all_elsewhere(&mut one.hand);
    one.hand.wait(6);
    assert!(one.settle().sentence().contains("SOMEBODY"), "{}", one.sentence());
}

fn moved_over(hand: &mut Hand) {
    use ControlState::{Off, On};
    hand.levers(&[("portal-us-east-1", Off), ("portal-us-east-2", On), ("api-us-east-1", Off), ("api-us-east-2", On)]);
}

/// What the journal knows of a control is what moved it last, also if ARC confirmed nothing, and however many changes
/// came after.
#[test]
fn a_control_is_as_the_last_change_left_it_and_a_move_by_hand_after_it_is_an_alarm() {
    let folder = tempfile::tempdir().unwrap();
    let mut one = Seat::open(folder.path(), "boot-1", support::start());
    one.hand.model.watching = true;
    well(&mut one.hand);
    one.settle();
    let by = || signalbox::change::Hands::of(&estate(&[]), &PersonName::from("alice")).operator.unwrap();
    // By hand, and back.
    for step in [all_elsewhere, well] {
        step(&mut one.hand);
        one.hand.wait(6);
        one.settle();
    }
    let draft = one.hand.draft();
    one.hand.propose("alice", draft.clone(), 1);
    one.settle();
    let digest = one.hand.model.changes.all()[0].digest;
    one.hand.approve("bob", digest);
    one.settle();
    one.hand.tell(What::Asked(Ask::SecondKey { by: by(), change: digest, typed: "us-east-2".into() }));
    one.settle();
    let flip = *one.flips.first().expect("it is sent");
    one.hand.tell(What::Flipped(flip, FlipOutcome { end: FlipEnd::Uncertain, attempts: vec![] }));
    for _ in 0..20 {
        one.hand.wait(1);
        moved_over(&mut one.hand);
        one.settle();
    }
    let state = one.hand.model.changes.get(&digest).unwrap().state.clone();
    assert!(matches!(state, State::Verified { .. }), "{state:?}");
    // More changes than are held in memory.
    for nonce in 2..110 {
        let back = signalbox::change::Draft::towards(&one.hand.model.estate, &east(), &"us-east-1".into());
        let mut back = back.expect("a draft");
        (back.reason, back.despite) = ("a drill".into(), "a drill".into());
        one.hand.propose("alice", back, nonce);
        one.settle();
        let open = one.hand.model.changes.open().next().expect("a change").digest;
        one.hand.tell(What::Asked(Ask::Withdraw { by: by(), change: open }));
        one.settle();
    }
    assert!(one.hand.model.changes.get(&digest).is_none(), "it is still in memory");
    // Who opens now finds nothing strange, and is told of what is moved by hand after that.
    let mut two = Seat::open(folder.path(), "boot-1", one.hand.at);
    two.hand.model.watching = true;
    for _ in 0..10 {
        two.hand.wait(1);
        moved_over(&mut two.hand);
        two.settle();
    }
    assert!(!two.sentence().contains("SOMEBODY"), "{}", two.sentence());
    for _ in 0..8 {
        use ControlState::{Off, On};
        two.hand.levers(&[("portal-us-east-2", On), ("api-us-east-1", Off), ("api-us-east-2", On)]);
        two.settle().hand.wait(1);
    }
    assert!(two.sentence().contains("MOVED BY SOMEBODY ELSE"), "{}", two.sentence());
}

#[test]
fn people_are_told_that_somebody_else_moved_a_control() {
    let mut estate = estate(&[]);
    let notify = "[[notify]]\non = [\"controls-moved\"]\nbell = true\n";
    estate.notify = signalbox::estate::Estate::parse(&format!("{}\n{notify}", support::ESTATE), "t").unwrap().notify;
    let mut hand = Hand::new(estate);
    hand.calm().wait(2);
    all_elsewhere(&mut hand);
    hand.wait(6);
    let told = hand.effects.iter().filter_map(|e| match e {
        Effect::Notify(notice) => Some(notice.text.clone()),
        _ => None,
    });
    let told: Vec<_> = told.collect();
    assert!(matches!(told.as_slice(), [text] if text.contains("portal-us-east-1 was moved On → Off")), "{told:?}");
}

#[test]
fn what_a_change_of_this_journal_does_is_no_alarm() {
    let mut hand = hand();
    hand.calm();
    hand.propose("alice", hand.draft(), 1);
    let digest = hand.model.changes.all()[0].digest;
    hand.approve("bob", digest);
    let by = signalbox::change::Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    let effects = hand.tell(What::Asked(Ask::SecondKey { by, change: digest, typed: "us-east-2".into() }));
    let id = effects.iter().chain(&hand.effects).find_map(|e| match e {
        Effect::Flip(id, _) => Some(*id),
        _ => None,
    });
    let end = FlipEnd::Applied { endpoint: "us-west-2".into() };
    hand.tell(What::Flipped(id.expect("it is sent"), FlipOutcome { end, attempts: vec![] }));
    use ControlState::{Off, On};
    hand.wait(1);
    hand.levers(&[("portal-us-east-1", Off), ("portal-us-east-2", On), ("api-us-east-1", Off), ("api-us-east-2", On)]);
    hand.wait(20);
    assert!(
        matches!(hand.model.changes.all()[0].state, State::Verified { .. }),
        "{:?}",
        hand.model.changes.all()[0].state
    );
    assert!(!hand.model.sentence(&east()).text.contains("SOMEBODY"), "{}", hand.model.sentence(&east()).text);
    assert!(hand.model.moved_elsewhere(&arn("portal-us-east-1")).is_none());
}
