//! DRS launches under the two-person gate: nothing is launched by one, nothing twice, and a COMPLETED job with a
//! failed server is a failure.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/hand.rs"]
mod support;

use signalbox::change::{ChangeText, Digest, Draft, Hands, Launch, State};
use signalbox::effect::Effect;
use signalbox::estate::{PairName, PersonName, Region};
use signalbox::event::*;
use signalbox::model::drs::progress;
use signalbox::record::{Kept, Record, SessionKind, Signed};
use signalbox::report;
use support::{Hand, estate};

const STANDBY: &str = "us-east-2";

fn server(n: u8) -> DrsServer {
    DrsServer {
        id: format!("s-{n:017}"),
        name: format!("app-{n}"),
        state: "CONTINUOUS".into(),
        lag: None,
        backlog: None,
        last_launch: None,
        snapshot: None,
    }
}

fn job(change: Option<Digest>, status: &str, servers: &[(u8, &str)]) -> DrsJob {
    DrsJob {
        id: "drsjob-00000000000000001".into(),
        kind: "LAUNCH".into(),
        initiated_by: "START_DRILL".into(),
        status: status.into(),
        servers: servers.iter().map(|(n, s)| (server(*n).id, (*s).to_owned())).collect(),
        created: None,
        change,
        log: Vec::new(),
    }
}

fn drs(hand: &mut Hand, jobs: Vec<DrsJob>) {
    let news = News::Drs { servers: vec![server(1), server(2)], jobs, samples: Vec::new() };
    hand.heard(SourceId::Drs(Region::from(STANDBY)), news);
}

fn ready() -> Hand {
    let mut hand = Hand::new(estate(&[]));
    hand.calm();
    drs(&mut hand, Vec::new());
    hand
}

fn draft(hand: &Hand, ids: &[&str], drill: bool) -> Draft {
    let region = Region::from(STANDBY);
    let launch = hand.model.launch_of(&region, ids, drill);
    let mut draft = Draft::launching(&hand.model.estate, &PairName::from("east"), &region, launch).unwrap();
    draft.reason = "monthly component drill".into();
    draft
}

/// Proposes and approves; gives the change.
fn approved(hand: &mut Hand, drill: bool) -> Digest {
    let wanted = draft(hand, &[], drill);
    hand.propose("alice", wanted, 1);
    let change = hand.model.changes.all().last().expect("a change").digest;
    approve(hand, change);
    change
}

fn approve(hand: &mut Hand, change: Digest) {
    hand.approve("bob", change);
}

fn turn(hand: &mut Hand, change: Digest, typed: &str) -> Vec<Effect> {
    let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    hand.effects.clear();
    let mut effects = hand.tell(What::Asked(Ask::SecondKey { by, change, typed: typed.into() }));
    effects.extend(hand.record_all());
    effects
}

fn sent(effects: &[Effect]) -> Vec<(signalbox::effect::EffectId, Launch)> {
    let launch = |e: &Effect| if let Effect::Launch(id, order) = e { Some((*id, order.launch.clone())) } else { None };
    effects.iter().filter_map(launch).collect()
}

fn state(hand: &Hand, change: Digest) -> State {
    hand.model.changes.get(&change).unwrap().state.clone()
}

#[test]
fn must_hold_what_is_signed_says_drill_or_real_and_every_server() {
    for (drill, line) in [(true, "drill launch in: us-east-2"), (false, "recovery in: us-east-2")] {
        let mut hand = ready();
        let wanted = draft(&hand, &[], drill);
        hand.propose("alice", wanted, 1);
        let text = hand.model.changes.all()[0].text.clone();
        let canonical = text.canonical();
        assert!(canonical.contains(line), "{canonical}");
        assert!(canonical.contains(&format!("server: {} app-2", server(2).id)), "{canonical}");
        assert_eq!(ChangeText::parse(&canonical).unwrap(), text);
        // Nobody can sign a drill and have a recovery made of it.
        let other = canonical.replace("drill launch in: ", "recovery in: ");
        assert!(!drill || Digest::of(&other) != text.digest());
    }
}

#[test]
fn must_hold_nothing_is_launched_by_one_person_alone() {
    let mut hand = ready();
    let wanted = draft(&hand, &[], true);
    hand.propose("alice", wanted, 1);
    let change = hand.model.changes.all()[0].digest;
    assert_eq!(sent(&turn(&mut hand, change, STANDBY)), [], "without an approval");
    approve(&mut hand, change);
    assert_eq!(sent(&turn(&mut hand, change, "us-east-1")), [], "another region typed");
    assert_eq!(sent(&turn(&mut hand, change, STANDBY)).len(), 1);
    assert_eq!(sent(&turn(&mut hand, change, STANDBY)), [], "it counts once");
}

#[test]
fn must_hold_the_intent_is_on_disk_before_drs_is_asked() {
    let mut hand = ready();
    let change = approved(&mut hand, true);
    let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
    hand.hold = true;
    let effects = hand.tell(What::Asked(Ask::SecondKey { by, change, typed: STANDBY.into() }));
    assert_eq!(sent(&effects), []);
    let [Effect::Sign(..), Effect::Record(id, Record::Intent { .. })] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    let launches = sent(&hand.tell(What::Recorded(*id)));
    assert!(matches!(launches.as_slice(), [(_, l)] if l.drill && l.servers.len() == 2), "{launches:?}");
}

#[test]
fn must_hold_only_known_idle_servers_are_launched() {
    let refused = |hand: &mut Hand, wanted: Draft| {
        hand.propose("alice", wanted, 9);
        assert_eq!(hand.model.changes.all().len(), 0);
        hand.model.refusals.back().expect("a refusal").why.clone()
    };
    let mut hand = ready();
    let mut unknown = draft(&hand, &[], true);
    let signalbox::change::Wanted::Launch(launch) = &mut unknown.wanted else { panic!("no launch") };
    launch.servers[0].id = "s-99999999999999999".into();
    assert!(refused(&mut hand, unknown).contains("no source server s-99999999999999999"));
    let wanted = draft(&hand, &[], true);
    drs(&mut hand, vec![job(None, "STARTED", &[(2, "IN_PROGRESS")])]);
    assert!(refused(&mut hand, wanted.clone()).contains("app-2 is part of drsjob-00000000000000001"));
    hand.wait(60);
    assert!(refused(&mut hand, wanted).contains("does not answer now"));
}

#[test]
fn must_hold_servers_that_became_busy_meanwhile_stop_the_second_key() {
    let mut hand = ready();
    let change = approved(&mut hand, false);
    drs(&mut hand, vec![job(None, "PENDING", &[(1, "PENDING")])]);
    assert_eq!(sent(&turn(&mut hand, change, STANDBY)), []);
    assert!(hand.model.refusals.back().unwrap().why.contains("still running"));
}

/// A launch that DRS has taken on.
fn launching(hand: &mut Hand, answer: LaunchEnd) -> Digest {
    let change = approved(hand, true);
    let launches = sent(&turn(hand, change, STANDBY));
    hand.tell(What::LaunchAnswered(launches[0].0, answer));
    change
}

#[test]
fn a_completed_job_with_a_failed_server_is_a_failure() {
    for (end, failed) in [("LAUNCHED", vec![]), ("FAILED", vec!["app-2".to_owned()])] {
        let mut hand = ready();
        let id = "drsjob-00000000000000001".to_owned();
        let change = launching(&mut hand, LaunchEnd::Started { job: id.clone() });
        assert_eq!(state(&hand, change), State::Launching { job: id.clone() });
        hand.wait(1);
        drs(&mut hand, vec![job(Some(change), "STARTED", &[(1, "LAUNCHED"), (2, "IN_PROGRESS")])]);
        assert_eq!(state(&hand, change), State::Launching { job: id.clone() }, "it goes on");
        drs(&mut hand, vec![job(Some(change), "COMPLETED", &[(1, "LAUNCHED"), (2, end)])]);
        assert_eq!(state(&hand, change), State::Launched { job: id, failed: failed.clone() });
        let told = hand.model.timeline.of(&PairName::from("east")).next().unwrap().clone();
        assert_eq!(told.text.contains("FAILED: app-2"), !failed.is_empty(), "{}", told.text);
    }
}

#[test]
fn a_launch_that_nobody_confirmed_is_found_by_its_tag_or_surely_not_there() {
    let lost = || LaunchEnd::Uncertain { why: "no answer within 10 s".into() };
    let mut hand = ready();
    let change = launching(&mut hand, lost());
    assert_eq!(state(&hand, change), State::Uncertain);
    hand.wait(5);
    drs(&mut hand, vec![job(None, "STARTED", &[(1, "PENDING")])]);
    assert_eq!(state(&hand, change), State::Uncertain, "somebody else's job");
    drs(&mut hand, vec![job(Some(change), "STARTED", &[(1, "PENDING"), (2, "PENDING")])]);
    assert!(matches!(state(&hand, change), State::Launching { .. }));

    let mut hand = ready();
    let change = launching(&mut hand, lost());
    hand.wait(5);
    drs(&mut hand, Vec::new());
    assert_eq!(state(&hand, change), State::Uncertain, "too early to tell");
    hand.wait(40);
    assert_eq!(state(&hand, change), State::Uncertain, "nothing was read");
    drs(&mut hand, Vec::new());
    assert!(matches!(state(&hand, change), State::NotApplied(why) if why.contains("did not happen")));
}

#[test]
fn must_hold_a_launch_stands_in_no_flips_way_and_is_no_incident() {
    let mut hand = ready();
    launching(&mut hand, LaunchEnd::Uncertain { why: "no answer".into() });
    assert!(hand.model.incidents.is_empty(), "a drill launch is no planned move");
    hand.propose("alice", hand.draft(), 2);
    let change = hand.model.changes.all().last().unwrap().digest;
    approve(&mut hand, change);
    let effects = turn(&mut hand, change, STANDBY);
    assert!(effects.iter().any(|e| matches!(e, Effect::Flip(..))), "{:?}", hand.model.refusals.back());
}

#[test]
fn must_hold_a_crash_between_intent_and_answer_is_uncertain_after_the_restart_and_never_sent_again() {
    let mut hand = ready();
    let change = approved(&mut hand, true);
    let at = hand.at;
    let mut journal: Vec<Kept> = Vec::new();
    let mut keep = |effects: &[Effect]| {
        for effect in effects {
            if let Effect::Record(_, record) = effect {
                journal.push(Kept { at, boot: "boot-1".into(), record: record.clone() });
            }
        }
    };
    keep(&hand.effects);
    keep(&turn(&mut hand, change, STANDBY));
    let mut again = Hand::new(estate(&[]));
    again.tell(What::Resumed(journal));
    assert_eq!(state(&again, change), State::Uncertain);
    again.calm().wait(2);
    drs(&mut again, Vec::new());
    assert_eq!(sent(&turn(&mut again, change, STANDBY)), []);
    assert_eq!(sent(&again.effects), []);
}

#[test]
fn progress_counts_servers_not_words() {
    let p = progress(&job(None, "COMPLETED", &[(1, "LAUNCHED"), (2, "PENDING")]));
    assert_eq!((p.of, p.done, p.failed.len(), p.over), (2, 1, 1, true), "what is over and not launched has failed");
    let p = progress(&job(None, "STARTED", &[(1, "LAUNCHED"), (2, "PENDING")]));
    assert_eq!((p.done, p.failed.len(), p.share()), (1, 0, 0.5));
}

/// A monthly drill launches servers and moves no traffic: it succeeds by what it is for.
#[test]
fn a_drill_of_launches_succeeds_when_every_server_was_launched() {
    let mut hand = ready();
    let wanted = draft(&hand, &[], true);
    let effects = hand.propose("alice", wanted, 1);
    let is_proposal = |e: &&Effect| matches!(e, Effect::Record(_, Record::Proposed { .. }));
    let Some(Effect::Record(_, proposed)) = effects.iter().find(is_proposal) else { panic!("{effects:?}") };
    let change = proposed.change().unwrap();
    let report = |failed: Vec<String>| {
        let (pair, by) = (PairName::from("east"), PersonName::from("alice"));
        let records = [
            Record::SessionStarted {
                pair: pair.clone(),
                name: "2026-11".into(),
                session: SessionKind::Monthly,
                participants: Vec::new(),
                since: None,
                by: by.clone(),
            },
            proposed.clone(),
            Record::Intent { change, by: by.clone(), region: STANDBY.into(), signed: Signed::default() },
            Record::Launched { change, job: "drsjob-1".into(), servers: 2, failed },
            Record::SessionEnded { pair, by },
        ];
        let at = hand.model.now;
        let kept: Vec<Kept> = records.into_iter().map(|record| Kept { at, boot: "one".into(), record }).collect();
        report::Report::of(&kept, &report::find(&kept, None).unwrap(), report::Source::default())
    };
    let all = report(Vec::new());
    assert_eq!(all.success, Some(true));
    assert!(report::markdown(&all).contains("✔ every server was launched"));
    let some = report(vec!["app-2".into()]);
    assert_eq!(some.success, Some(false));
    assert!(report::markdown(&some).contains("✖ what was approved was not done, or not all of it"));
}

/// A stalled server, one whose snapshot is of yesterday, and no room: what a launch is put together from is looked at
/// like a move, and what speaks against it is signed.
#[test]
fn what_speaks_against_a_launch_stops_it_until_somebody_signs_why_not() {
    let watched = format!(
        "{}\n[[systems]]\nid = \"drs\"\nname = \"DRS\"\npair = \"east\"\nlayer = \"compute\"\ntier = \"critical\"\n{}{}{}",
        support::ESTATE,
        "\n[[systems.readings]]\nid = \"replicating\"\nlabel = \"replicating\"\nmeaning = \"ready\"\nsides = \"standby\"\n\
         unit = \"count\"\nbad = \"below\"\nfail = 1\nsource = { from = \"drs_replicating\" }\n",
        "\n[[systems.readings]]\nid = \"snapshot\"\nlabel = \"snapshot age\"\nmeaning = \"lag\"\nsides = \"standby\"\n\
         unit = \"seconds\"\nfail = 3600\nsource = { from = \"drs_snapshot_age\" }\n",
        "\n[[systems.readings]]\nid = \"reserved\"\nlabel = \"reserved\"\nmeaning = \"capacity\"\nsides = \"standby\"\n\
         unit = \"count\"\nbad = \"below\"\nfail = 2\nsource = { from = \"ec2_capacity_reservations\" }\n",
    );
    let mut hand = Hand::new(signalbox::estate::Estate::parse(&watched, "small.toml").unwrap());
    hand.calm();
    let now = hand.at.wall;
    let ago = |minutes: i64| now.checked_sub(signalbox::time::Span::from_mins(minutes)).ok();
    let servers = vec![
        DrsServer { state: "STALLED".into(), snapshot: ago(5), ..server(1) },
        DrsServer { snapshot: ago(26 * 60), ..server(2) },
        DrsServer { snapshot: ago(5), ..server(3) },
    ];
    hand.heard(SourceId::Drs(Region::from(STANDBY)), News::Drs { servers, jobs: Vec::new(), samples: Vec::new() });
    hand.reading("drs", "reserved", Place::Standby, Some(1.0));
    let refused = |hand: &mut Hand, ids: &[&str]| {
        let draft = draft(hand, ids, true);
        let stops = hand.model.stops(&draft);
        hand.propose("alice", draft, 1);
        assert!(hand.model.changes.all().is_empty(), "{stops:?}");
        stops
    };
    let all = refused(&mut hand, &[]);
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all.iter().any(|c| c.starts_with("DRS 1 reserved")), "{all:?}");
    assert!(all.iter().any(|c| c.starts_with("app-1 replication is stalled")), "{all:?}");
    assert!(all.iter().any(|c| c.starts_with("app-2 newest snapshot 26 h old (limit 1 h)")), "{all:?}");
    // Of a server that is well only the room speaks against it.
    let (third, second) = (server(3).id, server(2).id);
    assert_eq!(refused(&mut hand, &[&third]).len(), 1);
    hand.reading("drs", "reserved", Place::Standby, Some(8.0));
    let well = draft(&hand, &[&third], true);
    assert_eq!(hand.model.stops(&well), Vec::<String>::new());
    let signed = Draft { despite: "its data is of last week anyway".into(), ..draft(&hand, &[&second], true) };
    hand.propose("alice", signed, 2);
    let text = &hand.model.changes.all().last().expect("a change").text;
    assert!(text.canonical().contains("failing check: app-2 newest snapshot 26 h old (limit 1 h)\n"));
}
