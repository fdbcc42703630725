//! DRS launches under the two-person gate: nothing is launched by one, nothing twice, and a COMPLETED job with a
//! failed server is a failure.

mod point;
mod said;

use crate::hand as support;

use std::collections::BTreeMap;

use signalbox::change::{ChangeText, Digest, Draft, Hands, Lapse, Launch, NotDone, State};
use signalbox::cli::exit::Exit;
use signalbox::cli::flip::exit_of;
use signalbox::effect::Effect;
use signalbox::estate::{ControlArn, ControlState, Occasion, PairName, PersonName, Region, Template};
use signalbox::event::*;
use signalbox::model::drs::progress;
use signalbox::record::{Figures, Kept, Record, SessionKind, Signed, Tried};
use signalbox::report;
use signalbox::time::Span;
use signalbox::words::{self, Context, Length, told};
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
        log_failure: None,
    }
}

fn drs(hand: &mut Hand, jobs: Vec<DrsJob>) {
    drs_that_took(hand, Ok(jobs), Span::from_millis(40));
}

/// DRS tells its servers, and not its jobs.
fn drs_without_jobs(hand: &mut Hand) {
    let failure = Failure { kind: FailureKind::Throttled, why: "DRS in us-east-2: ThrottlingException".into() };
    drs_that_took(hand, Err(failure), Span::from_millis(40));
}

fn drs_that_took(hand: &mut Hand, jobs: Result<Vec<DrsJob>, Failure>, took: Span) {
    let news = Ok(News::Drs { servers: vec![server(1), server(2)], jobs, apart: Vec::new(), samples: Vec::new() });
    let source = SourceId::Drs(Region::from(STANDBY));
    hand.tell(What::Heard(Heard { source, took, fresh_for: Span::from_secs(30), news }));
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

/// A hand over an estate that tells of everything, with a change that waits for its second key, and what was kept.
fn told_of(launch: bool) -> (Hand, Digest, Vec<Kept>) {
    let mut estate = estate(&[]);
    let names: Vec<_> = Occasion::ALL.iter().map(|on| format!("{:?}", on.name())).collect();
    estate.notify = vec![toml::from_str(&format!("on = [{}]\nbell = true", names.join(", "))).unwrap()];
    let mut hand = Hand::new(estate);
    hand.calm();
    drs(&mut hand, Vec::new());
    let wanted = if launch { draft(&hand, &[], true) } else { hand.draft() };
    hand.propose("alice", wanted, 1);
    let change = hand.model.changes.all().last().expect("a change").digest;
    approve(&mut hand, change);
    let kept = kept_of(&hand);
    (hand, change, kept)
}

fn kept_of(hand: &Hand) -> Vec<Kept> {
    let record = |e: &Effect| if let Effect::Record(_, record) = e { Some(record.clone()) } else { None };
    let keep = |record| Kept { at: hand.at, boot: "boot-1".into(), record };
    hand.effects.iter().filter_map(record).map(keep).collect()
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
    assert!(matches!(state(&hand, change), State::NotApplied(NotDone::NoJob)));
    hand.wait(60);
    drs(&mut hand, vec![job(None, "STARTED", &[(1, "PENDING")])]);
    assert!(matches!(state(&hand, change), State::NotApplied(NotDone::NoJob)), "somebody else's job");
    let late = job(Some(change), "STARTED", &[(1, "PENDING"), (2, "PENDING")]);
    drs(&mut hand, vec![late.clone()]);
    assert_eq!(state(&hand, change), State::Launching { job: late.id }, "DRS listed it late");
}

#[test]
fn must_hold_only_a_whole_list_of_jobs_from_after_a_launch_shows_that_it_did_not_happen() {
    let mut hand = ready();
    let change = launching(&mut hand, LaunchEnd::Uncertain { why: "ThrottlingException".into() });
    for _ in 0..20 {
        hand.wait(5);
        drs_without_jobs(&mut hand);
        assert_eq!(state(&hand, change), State::Uncertain, "its servers are known, its jobs are not");
    }
    let drs_job = job(Some(change), "STARTED", &[(1, "PENDING"), (2, "PENDING")]);
    drs(&mut hand, vec![drs_job.clone()]);
    assert_eq!(state(&hand, change), State::Launching { job: drs_job.id }, "it was there all the time");

    let mut hand = ready();
    let change = launching(&mut hand, LaunchEnd::Uncertain { why: "no answer".into() });
    hand.wait(40);
    drs_that_took(&mut hand, Ok(Vec::new()), Span::from_secs(39));
    assert_eq!(state(&hand, change), State::Uncertain, "its first pages are from right after the launch");
    drs(&mut hand, Vec::new());
    assert_eq!(state(&hand, change), State::NotApplied(NotDone::NoJob));
}

#[test]
fn must_hold_while_jobs_are_not_known_nothing_is_launched() {
    let why = |hand: &Hand| hand.model.refusals.back().expect("a refusal").why.clone();
    let unknown = "the jobs of DRS in us-east-2 are not known now, and app-1 may be part of one that runs: \
                   DRS in us-east-2: ThrottlingException";
    let mut hand = Hand::new(estate(&[]));
    hand.calm();
    drs_without_jobs(&mut hand);
    let wanted = draft(&hand, &[], true);
    hand.propose("alice", wanted, 1);
    assert!(hand.model.changes.all().is_empty());
    assert_eq!(why(&hand), unknown);
    // They were known when it was proposed.
    let mut hand = ready();
    let change = approved(&mut hand, true);
    for _ in 0..4 {
        hand.wait(10);
        drs_without_jobs(&mut hand);
    }
    assert_eq!(sent(&turn(&mut hand, change, STANDBY)), []);
    assert_eq!(why(&hand), unknown);
    drs(&mut hand, Vec::new());
    assert_eq!(sent(&turn(&mut hand, change, STANDBY)).len(), 1);
}

#[test]
fn must_hold_a_list_from_before_a_launch_was_taken_on_does_not_show_its_servers_idle() {
    let mut hand = ready();
    let wanted = draft(&hand, &[], true);
    hand.propose("alice", wanted, 2);
    let second = hand.model.changes.all().last().expect("a change").digest;
    approve(&mut hand, second);
    let id = "drsjob-00000000000000001".to_owned();
    let first = launching(&mut hand, LaunchEnd::Started { job: id });
    assert_eq!(sent(&turn(&mut hand, second, STANDBY)), []);
    let why = hand.model.refusals.back().unwrap().why.clone();
    assert!(why.contains(&format!("they were not read since DRS took on {}", first.words())), "{why}");
    hand.wait(2);
    drs(&mut hand, vec![job(Some(first), "STARTED", &[(1, "PENDING"), (2, "PENDING")])]);
    assert_eq!(sent(&turn(&mut hand, second, STANDBY)), []);
    assert!(hand.model.refusals.back().unwrap().why.contains("still running"));
}

/// The journal keeps the intent only when the second key's window is over.
#[test]
fn a_launch_that_is_too_late_ends_like_a_flip_that_is() {
    for launch in [true, false] {
        let (mut hand, change, _) = told_of(launch);
        let by = Hands::of(&hand.model.estate, &PersonName::from("alice")).operator.unwrap();
        hand.hold = true;
        let effects = hand.tell(What::Asked(Ask::SecondKey { by, change, typed: STANDBY.into() }));
        let Some(Effect::Record(id, _)) = effects.last() else { panic!("{effects:?}") };
        hand.hold = false;
        // The whole console hung with its disk: it saw no time pass.
        hand.at = hand.at.plus(Span::from_hours(1));
        let effects = hand.tell(What::Recorded(*id));
        assert!(!effects.iter().any(|e| matches!(e, Effect::Flip(..) | Effect::Launch(..))), "{effects:?}");
        assert_eq!(state(&hand, change), State::NotApplied(NotDone::TooLate), "launch: {launch}");
        assert_eq!(exit_of(hand.model.changes.get(&change).unwrap()), Exit::Journal, "launch: {launch}");
    }
}

#[test]
fn a_launch_ends_with_the_documented_codes() {
    let ends = [
        (LaunchEnd::Started { job: "drsjob-1".into() }, Exit::Ok),
        (LaunchEnd::Uncertain { why: "ConflictException".into() }, Exit::Uncertain),
        (LaunchEnd::NotSent { why: "DRS cannot be reached".into() }, Exit::Unreachable),
    ];
    for (end, code) in ends {
        let mut hand = ready();
        let change = launching(&mut hand, end.clone());
        assert_eq!(exit_of(hand.model.changes.get(&change).unwrap()), code, "{end:?}");
    }
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
    hand.heard(
        SourceId::Drs(Region::from(STANDBY)),
        News::Drs { servers, jobs: Ok(Vec::new()), apart: Vec::new(), samples: Vec::new() },
    );
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
