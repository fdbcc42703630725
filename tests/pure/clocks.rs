//! Clocks that are set, and a journal's torn end: what is told, and by which clock a window is judged.

use proptest::prelude::*;
use signalbox::effect::Effect;
use signalbox::event::What;
use signalbox::model::Severity;
use signalbox::record::Record;
use signalbox::runtime::{Clock, boot_id};
use signalbox::time::{Moment, Passed, Span, Stamp, Timestamp, moment_of};

use crate::hand as support;

use support::{Hand, estate, start};

const SLACK: Span = Span::from_secs(5);

fn moment(boot: &str, mono: i64, wall: i64) -> Moment {
    let start = start();
    let stamp = Stamp { mono: Span::from_secs(mono), wall: start.wall + Span::from_secs(wall) };
    Moment { stamp, boot: boot.into() }
}

fn minutes(m: i64) -> Span {
    Span::from_mins(m)
}

/// A slip in a time of day never becomes a span of hours.
#[test]
fn a_moment_is_what_was_typed_or_is_refused_with_what_is_wrong() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let now = at("2026-11-30T17:34:00Z");
    for (said, meant) in [
        ("17:33", "2026-11-30T17:33:00Z"),
        ("17:33:30Z", "2026-11-30T17:33:30Z"),
        ("9:05", "2026-11-30T09:05:00Z"),
        ("12", "2026-11-30T17:22:00Z"),
        ("120", "2026-11-30T15:34:00Z"),
        ("1500 min", "2026-11-29T16:34:00Z"),
        ("1h 5m ago", "2026-11-30T16:29:00Z"),
        ("0", "2026-11-30T17:34:00Z"),
    ] {
        assert_eq!(moment_of(said, now), Ok(at(meant)), "{said}");
    }
    for (said, why) in [
        ("17:33:61", "its seconds are 61, and 59 at most"),
        ("17:61", "its minutes are 61, and 59 at most"),
        ("24:10:00", "its hours are 24, and 23 at most"),
        ("00:61:00", "its minutes are 61, and 59 at most"),
        ("17:3", "no time of day"),
        ("17:33:", "no time of day"),
        ("17:33:00:00", "no time of day"),
        ("+7:33", "no time of day"),
        ("17:33 ago", "no time of day"),
        ("1h 00:10:00", "no time of day"),
        ("17:34:30", "not come yet"),
        ("1733", "may be minutes or a time of day"),
        ("09", "may be minutes or a time of day"),
        ("", "no moment that has passed"),
        ("ago", "no moment that has passed"),
        ("-5 min", "not come yet"),
        ("200 h", "more than a week ago"),
    ] {
        let refused = moment_of(said, now);
        assert!(refused.as_ref().is_err_and(|said| said.contains(why)), "{said}: {refused:?}");
    }
}

#[test]
fn within_one_boot_both_clocks_must_say_so() {
    let asked = moment("one", 1000, 0);
    let inside = |mono: i64, wall: i64| moment("one", 1000 + mono, wall).within(&asked, minutes(10), SLACK);
    assert!(inside(0, 0) && inside(600, 600));
    assert!(!inside(601, 599) && !inside(599, 601), "the earlier of the two ends it");
    // A machine that slept an hour: both clocks went on. One that was set back: the boot clock went on.
    assert!(!inside(3600, 3600) && !inside(3600, 30));
    // A boot clock that is bent in a namespace of its own: the wall clock went on.
    assert!(!inside(30, 3600));
    assert!(inside(-5, -5) && !inside(-6, 0) && !inside(0, -6), "well before the beginning is outside");
    assert_eq!(
        moment("one", 1030, -60).since(&asked),
        Passed { by_boot: Some(Span::from_secs(30)), by_wall: Span::from_secs(-60) }
    );
}

#[test]
fn over_two_boots_only_the_wall_clock_can_tell() {
    let asked = moment("one", 1_000_000, 0);
    let inside = |mono: i64, wall: i64| moment("two", mono, wall).within(&asked, minutes(10), SLACK);
    assert!(inside(3, 60) && inside(2_000_000, 600));
    assert!(!inside(1_000_030, 601) && !inside(1_000_000, -6));
    assert_eq!(moment("two", 3, 60).since(&asked).by_boot, None);
}

proptest! {
    /// No clock of any machine, however it is set, makes a window wider than either clock sees it, or panics.
    #[test]
    fn no_clock_widens_a_window(
        from in any::<(i64, i32)>(), mono in any::<i64>(), wall in any::<i32>(), same in any::<bool>(), window in 0i64..3600
    ) {
        let earlier = moment("one", from.0, i64::from(from.1));
        let later = moment(if same { "one" } else { "two" }, mono, i64::from(wall));
        let window = Span::from_secs(window);
        let passed = later.since(&earlier);
        let inside = |span: Span| span >= -SLACK && span <= window;
        let expected = inside(passed.by_wall) && (!same || inside(passed.by_boot.unwrap()));
        prop_assert_eq!(later.within(&earlier, window, SLACK), expected);
        prop_assert_eq!(passed.by_boot.is_some(), same);
    }
}

#[test]
fn the_real_clock_is_read_each_time() {
    let clock = Clock::real();
    let (a, b) = (clock.now(), clock.now());
    assert!(b.mono > a.mono, "two readings are two");
    let real = jiff::Timestamp::now();
    assert!(real.duration_since(clock.now().wall).abs() < Span::from_secs(5));
    assert_eq!(boot_id(), boot_id());
    // A rehearsal's runs faster, and both of its halves together.
    let rehearsal = Clock::running(start().wall, 1000.0);
    let (a, b) = (rehearsal.now(), {
        std::thread::yield_now();
        rehearsal.now()
    });
    let apart = |s: Stamp| s.wall.as_duration() - s.mono;
    assert!((apart(a) - apart(b)).abs() < Span::from_millis(1) && b.mono >= a.mono);
}

fn clock_lines(hand: &Hand) -> Vec<String> {
    let all = hand.model.timeline.entries().iter().filter(|e| e.source == "clock");
    all.inspect(|e| assert_eq!(e.severity, Severity::Bad)).map(|e| e.text.clone()).collect()
}

#[test]
fn a_wall_clock_that_is_set_is_said_once_and_kept() {
    let mut hand = Hand::new(estate(&[]));
    hand.wait(30);
    // Kept right by a little, and a machine that slept: nothing to say.
    hand.at.wall += Span::from_secs(2);
    hand.wait(30);
    hand.at = hand.at.plus(Span::from_hours(8));
    hand.wait(30);
    assert_eq!(clock_lines(&hand), Vec::<String>::new());
    hand.at.wall -= Span::from_secs(90);
    hand.wait(30);
    let said = ["the wall clock was set back by 1 min 30 s: windows and durations go by the boot clock".to_owned()];
    assert_eq!(clock_lines(&hand), said);
    let kept = |e: &&Effect| matches!(e, Effect::Record(_, Record::Seen { source, .. }) if source == "clock");
    assert_eq!(hand.effects.iter().filter(kept).count(), 1);
    hand.at.wall += Span::from_hours(1);
    hand.wait(30);
    assert!(clock_lines(&hand)[1].contains("set forward by 1 h"), "{:?}", clock_lines(&hand));
    assert_eq!(clock_lines(&hand).len(), 2);
}

#[test]
fn what_was_set_aside_is_told_in_the_timeline_and_as_a_notice() {
    let mut hand = Hand::new(estate(&[]));
    hand.tell(What::SetAside(vec!["journal.torn-1: 9 bytes \u{202e}were set aside".into()]));
    let line = hand.model.timeline.entries().back().unwrap().clone();
    assert_eq!((line.source.as_str(), line.severity), ("journal", Severity::Bad));
    assert!(line.text.contains("journal.torn-1") && !line.text.contains('\u{202e}'), "{}", line.text);
    assert!(hand.model.refusals.back().unwrap().why.contains("journal.torn-1"));
}
