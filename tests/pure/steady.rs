//! What fails now and then, what alone fails, and what has only just stopped failing: none of it is well.

use signalbox::estate::Side;
use signalbox::event::{Place, What};
use signalbox::model::{Mark, Subject};
use signalbox::record::{Kept, Record};
use signalbox::time::Span;
use signalbox::ui::Screen;
use signalbox::words::{lag, short};

use crate::hand::{ESTATE, Hand, estate};
use crate::support::{EAST, Stage, east, eye, setup};

fn sentence(hand: &Hand) -> String {
    hand.model.sentence(&east()).text
}

/// Everything answers; the portal in us-east-1 as it is said.
fn round(hand: &mut Hand, portal: u16) {
    let well = |hand: &mut Hand| {
        hand.levers(&[]);
        hand.dns("us-east-1");
        for id in ["check-portal-1", "check-portal-2", "check-api-1", "check-api-2"] {
            hand.check(id, 16);
        }
        for (service, region) in [("portal", "us-east-2"), ("api", "us-east-1"), ("api", "us-east-2")] {
            hand.probe(service, region, 200);
        }
        for place in [Place::Active, Place::Standby] {
            hand.reading("portal-alb", "healthy", place, Some(12.0));
        }
        hand.reading("ag", "lag", Place::Link, Some(4.8));
    };
    well(hand);
    hand.probe("portal", "us-east-1", portal);
    hand.wait(10);
}

#[test]
fn an_answer_between_two_failures_is_not_well() {
    let mut hand = Hand::new(estate(&[]));
    for _ in 0..12 {
        round(&mut hand, 200);
    }
    assert!(sentence(&hand).contains("which is well"), "{}", sentence(&hand));
    let began = hand.at;
    for status in [503, 200, 200, 503, 200, 200, 503, 200, 200, 200] {
        round(&mut hand, status);
        assert!(!sentence(&hand).contains("well"), "{status}: {}", sentence(&hand));
        assert_ne!(hand.model.side_state(&east(), Side::Active).0, Mark::Ok);
    }
    let probe = Subject::Probe("portal".into(), EAST.into());
    let standing = hand.model.standing(&probe).unwrap();
    assert_eq!(standing.mark, Mark::Fail);
    assert!(standing.text.contains("fails now and then (3 of the last 10)"), "{}", standing.text);
    assert_eq!(standing.since.at(), began, "it began with the first of the failures");
    assert!(sentence(&hand).contains("impaired since 18:40:00Z"), "{}", sentence(&hand));
    for _ in 0..10 {
        round(&mut hand, 200);
    }
    assert_eq!(hand.model.standing(&probe).unwrap().mark, Mark::Ok);
}

/// Between failing and answering with one count of failures nothing new happens.
#[test]
fn one_count_of_failures_is_told_once() {
    let mut hand = Hand::new(estate(&[]));
    for _ in 0..12 {
        round(&mut hand, 200);
    }
    // Three of ten all the time: three in a row, one of which goes as another comes.
    for status in [503, 503, 503, 200, 200, 200, 200, 200, 200, 200, 503, 503, 503] {
        round(&mut hand, status);
    }
    let lines = hand.model.timeline.entries().iter().map(|e| e.text.clone());
    let lines: Vec<String> = lines.filter(|text| text.contains("portal application in us-east-1")).collect();
    let told = |count: &str| lines.iter().filter(|l| l.contains(count)).count();
    assert_eq!(told("3 of the last 10"), 1, "{lines:#?}");
    // Another count is news.
    for status in [503, 200, 200] {
        round(&mut hand, status);
    }
    for _ in 0..12 {
        round(&mut hand, 200);
    }
    let last = hand
        .model
        .timeline
        .entries()
        .iter()
        .rfind(|e| e.text.contains("portal application in us-east-1"))
        .unwrap()
        .text
        .clone();
    assert!(last.contains("is well again"), "{last}");
}

#[test]
fn a_region_that_was_impaired_is_well_when_that_has_lasted() {
    let mut hand = Hand::new(estate(&[]));
    hand.calm().wait(5);
    hand.outage().wait(20);
    assert!(sentence(&hand).contains("us-east-1 is impaired since"), "{}", sentence(&hand));
    hand.calm().wait(5);
    hand.calm();
    let said = sentence(&hand);
    assert!(
        said.contains("us-east-1 is impaired since 18:38:05Z: nothing critical has failed there since 18:38:25Z"),
        "{said}"
    );
    assert!(said.contains("after 1 min without a failure it is called well"), "{said}");
    for _ in 0..12 {
        hand.calm().wait(10);
    }
    assert!(!sentence(&hand).contains("impaired"), "{}", sentence(&hand));
    assert!(sentence(&hand).contains("which is well"), "{}", sentence(&hand));
}

/// Nobody may have been there to keep that a region is well again: who opens a console or looks once is told what is read
/// now, and nobody is called for an old record.
#[test]
fn what_an_old_record_says_is_impaired_is_well_for_who_opens_now_and_reads_no_failure() {
    let notify = "[[notify]]\non = [\"impaired\", \"recovered\"]\nbell = true\n";
    let mut estate = estate(&[]);
    estate.notify = signalbox::estate::Estate::parse(&format!("{ESTATE}\n{notify}"), "t").unwrap().notify;
    let mut hand = Hand::new(estate);
    let since = hand.at.back(Span::from_mins(30));
    let record = Record::Impaired { pair: east(), region: EAST.into(), since: since.wall, found: false };
    hand.tell(What::Resumed(vec![Kept { at: since, boot: "boot-1".into(), record }]));
    hand.calm().wait(2);
    assert!(!sentence(&hand).contains("impaired"), "{}", sentence(&hand));
    hand.model.watching = true;
    for _ in 0..8 {
        hand.calm().wait(10);
        assert!(sentence(&hand).contains("which is well"), "{}", sentence(&hand));
    }
    assert!(hand.model.running_incident(&east()).is_none());
    let told = hand.effects.iter().any(|e| matches!(e, signalbox::effect::Effect::Notify(_)));
    assert!(!told, "people were called for an old record");
}

#[test]
fn one_thing_that_fails_alone_is_named_and_looked_at_before_a_move() {
    let mut stage = Stage::calm();
    stage.sample("canary-east", "success", Place::Active, 33.0);
    stage.wait(65);
    let said = stage.model.sentence(&east()).text;
    assert!(said.contains("us-east-1 is impaired since"), "{said}");
    assert!(
        said.contains(
            "login canary success 33 % (minimum 80 %); nothing else critical fails; applications and health checks there are well"
        ),
        "{said}"
    );
    let next = stage.model.owners(&east()).unwrap().next();
    assert_eq!(next, "look at login canary first: nothing else critical fails; a move to us-east-2 is an option");
    // Where people feel it elsewhere too, it is no longer alone.
    stage.down.push(EAST);
    stage.poll();
    stage.wait(2);
    let said = stage.model.sentence(&east()).text;
    assert!(!said.contains("nothing else critical fails"), "{said}");
    assert_eq!(stage.model.owners(&east()).unwrap().next(), "draft the move to us-east-2");
}

#[test]
fn the_table_shows_the_application_that_fails() {
    let mut stage = Stage::calm();
    let source = || signalbox::event::SourceId::Probe("portal".into(), EAST.into());
    let answer = |status| {
        let took = Span::from_millis(40);
        Ok(signalbox::event::News::Probe(signalbox::event::ProbeAnswer { status, took }))
    };
    for status in [503, 200, 503] {
        stage.heard(source(), 40, 75, answer(status));
        stage.wait(5);
    }
    for (size, name) in
        [((150, 44), "portal fails now and then (2 of the last"), ((80, 24), "portal fails now and then")]
    {
        let mut screen = Screen::new(setup(&stage, "alice", "dark"));
        let shown = eye::shown(&mut screen, &stage, size);
        assert!(shown.contains(&format!("✖ {name}")), "{shown}");
    }
}

#[test]
fn a_column_has_one_unit() {
    let spans = [(74, "74s"), (119, "119s"), (120, "2m"), (7_199, "119m"), (7_200, "2h"), (172_800, "2d")];
    for (seconds, said) in spans {
        assert_eq!(short(Span::from_secs(seconds)), said);
    }
    let lags = [(0.0, "0.0 s"), (0.02, "< 0.1 s"), (0.212, "0.2 s"), (4.8, "4.8 s"), (74.0, "74 s"), (119.0, "119 s")];
    for (seconds, said) in lags.into_iter().chain([(120.0, "2 min"), (5_400.0, "90 min"), (7_200.0, "2 h")]) {
        assert_eq!(lag(seconds), said);
    }
}

#[test]
fn the_lags_title_counts_lags_and_what_is_below_is_systems() {
    let stage = Stage::outage();
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let shown = eye::shown(&mut screen, &stage, (150, 30));
    let title = shown.lines().find(|l| l.contains("╭ lag")).unwrap();
    assert!(!title.contains("below"), "{title}");
    let frame = shown.lines().find(|l| l.contains("systems below")).unwrap_or_else(|| panic!("{shown}"));
    assert!(frame.starts_with('╰'), "{frame}");
    let mut stage = Stage::calm();
    stage.sample("sql-ag-east", "lag", Place::Link, 3_600.0);
    stage.pass(1);
    let shown = eye::shown(&mut Screen::new(setup(&stage, "alice", "dark")), &stage, (150, 44));
    assert!(shown.contains("✖ 1 fails") && shown.contains("✖   60 min"), "{shown}");
}
