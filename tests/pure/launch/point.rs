//! A launch from a point in time: its snapshots are found before anybody signs, and stand in what is signed.

use super::*;
use signalbox::change::{ChangeText, Point, Wanted};
use signalbox::effect::{EffectId, PointsOrder};
use signalbox::time::Timestamp;

fn at(minutes_ago: i64) -> Timestamp {
    support::start().wall.checked_sub(Span::from_mins(minutes_ago)).unwrap()
}

fn point(n: u8, taken: Timestamp) -> Point {
    Point::new(&format!("pit-{n:017}"), taken).unwrap()
}

fn drafted(hand: &Hand, from: Timestamp) -> Draft {
    draft(hand, &[], false).as_of(from)
}

fn wanted(hand: &mut Hand, from: Timestamp) -> Vec<(EffectId, PointsOrder)> {
    hand.effects.clear();
    let draft = drafted(hand, from);
    let effects = hand.propose("alice", draft, 1);
    let order = |e: &Effect| if let Effect::FindPoints(id, order) = e { Some((*id, order.clone())) } else { None };
    effects.iter().filter_map(order).collect()
}

fn has(n: u8, has: Has) -> Pointed {
    Pointed { server: server(n).id, has }
}

#[test]
fn must_hold_what_is_signed_and_sent_is_the_time_and_each_servers_snapshot() {
    let mut hand = ready();
    let from = at(60);
    let orders = wanted(&mut hand, from);
    let [(id, order)] = orders.as_slice() else { panic!("{orders:?}") };
    assert_eq!((order.at, order.servers.len(), order.site.region.as_str()), (from, 2, STANDBY));
    assert!(hand.model.changes.all().is_empty() && hand.model.is_busy(), "nothing is signed before they are found");
    let (one, two) = (point(1, at(61)), point(2, at(75)));
    hand.tell(What::Points(*id, Ok(vec![has(1, Has::Point(one.clone())), has(2, Has::Point(two.clone()))])));
    let change = hand.model.changes.all().last().expect("a change").clone();
    let text = change.text.canonical();
    let lines = [
        format!("change: DRS recovery of 2 servers in us-east-2 as of {from}"),
        format!("as of: {from}"),
        format!("server: {} app-1", server(1).id),
        format!("from snapshot: {} {}", one.id, one.taken),
        format!("from snapshot: {} {}", two.id, two.taken),
    ];
    for line in &lines {
        assert!(text.lines().any(|l| l == line), "`{line}` of\n{text}");
    }
    assert!(text.contains("data loss: all that was written on these servers after"), "{text}");
    assert_eq!(ChangeText::parse(&text).unwrap(), change.text);
    approve(&mut hand, change.digest);
    let sent = sent(&turn(&mut hand, change.digest, STANDBY));
    let points: Vec<_> = sent[0].1.servers.iter().map(|s| s.point.clone()).collect();
    assert_eq!(points, [Some(one), Some(two)], "the second key sends just these");
}

#[test]
fn a_server_without_a_snapshot_for_that_time_is_refused_by_name_with_its_oldest() {
    let mut hand = ready();
    let (from, oldest) = (at(60), at(20));
    let id = wanted(&mut hand, from)[0].0;
    hand.tell(What::Points(id, Ok(vec![has(1, Has::Younger(oldest)), has(2, Has::Nothing)])));
    assert!(hand.model.changes.all().is_empty() && !hand.model.is_busy());
    let why = &hand.model.refusals.back().unwrap().why;
    let said = format!("not younger than {from}: app-1 (its oldest is of {oldest}) and app-2 (it has none)");
    assert!(why.contains(&said), "{why}");
    let failed = Failure { kind: FailureKind::Throttled, why: "ThrottlingException".into() };
    let id = wanted(&mut hand, from)[0].0;
    hand.tell(What::Points(id, Err(failed)));
    let why = &hand.model.refusals.back().unwrap().why;
    assert!(why.contains("the recovery snapshots in us-east-2 are not known: ThrottlingException"), "{why}");
    assert!(hand.model.changes.all().is_empty());
}

#[test]
fn a_time_to_come_and_an_answer_that_is_too_young_launch_nothing() {
    let mut hand = ready();
    let orders = wanted(&mut hand, at(-5));
    assert!(orders.is_empty() && hand.model.refusals.back().unwrap().why.contains("has not come yet"));
    // DRS is not believed what the change's own text contradicts.
    let id = wanted(&mut hand, at(60))[0].0;
    hand.tell(What::Points(id, Ok(vec![has(1, Has::Point(point(1, at(59)))), has(2, Has::Point(point(2, at(61))))])));
    assert!(hand.model.changes.all().is_empty());
    assert!(hand.model.refusals.back().unwrap().why.contains("not younger"), "{:?}", hand.model.refusals);
}

#[test]
fn a_text_from_before_is_read_as_it_was_and_a_half_one_is_not_read() {
    let mut hand = ready();
    let wanted = draft(&hand, &[], true);
    hand.propose("alice", wanted, 1);
    let latest = hand.model.changes.all()[0].text.clone();
    assert!(!latest.canonical().contains("as of") && !latest.canonical().contains("from snapshot"));
    assert_eq!(ChangeText::parse(&latest.canonical()).unwrap(), latest);
    let from = at(60);
    let head = "drill launch in: us-east-2\n";
    let half = latest.canonical().replace(head, &format!("{head}as of: {from}\n"));
    assert!(ChangeText::parse(&half).is_err(), "a time, and no snapshots");
    let line = format!("server: {} app-1\n", server(1).id);
    let point = point(1, at(61));
    let other = latest.canonical().replace(&line, &format!("{line}from snapshot: {} {}\n", point.id, point.taken));
    assert!(ChangeText::parse(&other).is_err(), "a snapshot, and no time");
}

#[test]
fn a_launch_of_more_servers_than_one_call_takes_says_so() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm();
    let servers: Vec<DrsServer> = (0..201_u32).map(|n| DrsServer { id: format!("s-{n:017}"), ..server(1) }).collect();
    let news = News::Drs { servers, apart: Vec::new(), jobs: Ok(Vec::new()), samples: Vec::new() };
    hand.heard(SourceId::Drs(Region::from(STANDBY)), news);
    let all = draft(&hand, &[], true);
    hand.propose("alice", all, 1);
    let why = &hand.model.refusals.back().unwrap().why;
    assert!(why.contains("DRS takes 200 servers in one call") && why.contains("has 201: mark fewer"), "{why}");
}

#[test]
fn a_server_of_the_other_direction_is_neither_offered_nor_launched() {
    let mut hand = ready();
    let why = Apart::Reversed(Some(Region::from("us-east-1")));
    let apart = vec![ApartServer { id: server(2).id, name: server(2).name, why }];
    let news = News::Drs { servers: vec![server(1)], apart, jobs: Ok(Vec::new()), samples: Vec::new() };
    let before = draft(&hand, &[], false);
    hand.heard(SourceId::Drs(Region::from(STANDBY)), news);
    let Wanted::Launch(launch) = draft(&hand, &[], false).wanted else { panic!() };
    assert_eq!(launch.servers.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["app-1"]);
    let why = hand.model.servers_of(&Region::from(STANDBY), &["app-2"]).unwrap_err();
    assert!(
        why.contains("app-2 is not launched in us-east-2: its replication was reversed, and goes to us-east-1"),
        "{why}"
    );
    hand.propose("alice", before, 7);
    let why = &hand.model.refusals.back().unwrap().why;
    assert!(why.contains("app-2 is not launched in us-east-2"), "{why}");
}

/// The draft has a field for it, and what is no time is not proposed.
#[test]
fn the_consoles_draft_takes_a_point_in_time() {
    use crate::support::{Stage, eye, setup};
    use signalbox::ui::{Screen, Wish};
    let stage = Stage::calm();
    let drafted = |at: &str| {
        let mut screen = Screen::new(setup(&stage, "alice", "dark"));
        eye::buffer(&mut screen, &stage, (150, 44));
        eye::press(&mut screen, &stage, "D");
        let form = eye::shown(&mut screen, &stage, (150, 44));
        assert!(form.contains("as of (empty: the latest data)"), "{form}");
        eye::press(&mut screen, &stage, "ransomware");
        // Where preflight has something against it, that has a field between the two.
        if form.contains("despite that because") {
            eye::press(&mut screen, &stage, "\tthe standby has room");
        }
        let wishes = eye::press(&mut screen, &stage, &format!("\t{at}\n"));
        (wishes, eye::shown(&mut screen, &stage, (150, 44)))
    };
    let (wishes, shown) = drafted("tomorrow");
    assert!(wishes.is_empty() && shown.contains("is no moment that has passed"), "{wishes:?} {shown}");
    let (wishes, _) = drafted("1 h");
    let [Wish::Propose { draft, .. }] = wishes.as_slice() else { panic!("{wishes:?}") };
    let Wanted::Launch(launch) = &draft.wanted else { panic!("{draft:?}") };
    let hour_ago = stage.now.wall.checked_sub(Span::from_hours(1)).unwrap();
    assert_eq!((launch.at, launch.drill), (Some(hour_ago), false));
    assert!(draft.title.ends_with(&format!("as of {hour_ago}")), "{}", draft.title);
    let (wishes, _) = drafted("");
    assert!(matches!(wishes.as_slice(), [Wish::Propose { draft, .. }] if !draft.title.contains("as of")), "{wishes:?}");
}
