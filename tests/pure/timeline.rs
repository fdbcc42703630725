//! The timeline that stays where one reads, moments that everybody sees, visits to the past, and what changed while
//! somebody was away.

use crate::desk;
use crate::support;

use std::sync::Arc;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use desk::{Desk, press};
use proptest::prelude::*;
use signalbox::event::{Ask, What};
use signalbox::model::{Model, Past, Severity};
use signalbox::record::{Kept, Record, SessionKind};
use signalbox::time::Span;
use signalbox::ui::Wish;
use support::{Stage, east, setup, start};

fn desk(stage: Stage) -> Desk {
    let setup = setup(&stage, "alice", "dark");
    Desk::new(stage, setup, None)
}

fn note(desk: &mut Desk, text: &str) {
    let by = desk.stage.hands("alice").operator.unwrap();
    desk.on(|s| s.feed(What::Asked(Ask::Note { by, pair: east(), text: text.into() })));
}

/// The lines of the timeline's list that are on the screen.
fn listed(shown: &str) -> Vec<&str> {
    let lines = shown.lines().skip_while(|l| !l.contains("timeline, newest first")).skip(1);
    lines.take_while(|l| l.starts_with('│')).map(|l| l.trim_matches(['│', ' '])).collect()
}

#[test]
fn what_is_read_stays_where_it_is_while_new_lines_come() {
    let mut desk = desk(Stage::calm());
    desk.size = (100, 24);
    for i in 0..60 {
        note(
            &mut desk,
            &format!("remark {i}, which is so long that it stands on two lines of a screen of this width, or of three"),
        );
    }
    desk.type_in("8");
    // At the top it follows.
    assert!(listed(&desk.draw())[0].contains("remark 59"));
    note(&mut desk, "remark 60");
    assert!(listed(&desk.draw())[0].contains("remark 60"));
    // Away from it nothing moves.
    desk.type_in("⇟↓↓↓");
    let before = desk.draw();
    for i in 61..73 {
        note(&mut desk, &format!("remark {i}"));
        let now = desk.draw();
        assert_eq!(listed(&now), listed(&before), "after remark {i}");
    }
    let now = desk.draw();
    assert!(now.contains("12 newer ↑") || now.lines().any(|l| l.contains("newer ↑")), "{now}");
    // On by one line is by one line, whatever came.
    desk.type_in("↓");
    let on = desk.draw();
    assert!(listed(&before).contains(&listed(&on)[0]), "{on}");
    desk.type_in("F");
    let newest = desk.draw();
    assert!(listed(&newest)[0].contains("remark 72") && !newest.contains("newer ↑"), "{newest}");
    note(&mut desk, "remark 73");
    assert!(listed(&desk.draw())[0].contains("remark 73"));
    // Home is the newest line as well, however many came meanwhile.
    desk.type_in("⇟");
    note(&mut desk, "remark 74");
    desk.draw();
    desk.type_in("⇱");
    note(&mut desk, "remark 75");
    assert!(listed(&desk.draw())[0].contains("remark 75"));
    // To the end and back.
    desk.type_in("⇲");
    let end = desk.draw();
    note(&mut desk, "remark 76");
    assert_eq!(listed(&desk.draw()), listed(&end));
}

#[test]
fn the_number_of_newer_lines_counts_entries_and_not_rows() {
    let mut desk = desk(Stage::calm());
    desk.size = (100, 24);
    for i in 0..60 {
        note(&mut desk, &format!("remark {i}"));
    }
    desk.type_in("8⇟");
    let newer =
        |shown: &str| shown.split(" newer ↑").next().unwrap().rsplit(' ').next().unwrap().parse::<usize>().unwrap();
    let before = newer(&desk.draw());
    note(&mut desk, &"a remark that needs many lines ".repeat(12));
    note(&mut desk, "and a short one");
    assert_eq!(newer(&desk.draw()), before + 2);
}

#[test]
fn a_line_under_the_cursor_keeps_its_place() {
    let mut desk = desk(Stage::until("proposed"));
    desk.size = (80, 24);
    for i in 0..20 {
        note(&mut desk, &format!("remark {i}"));
    }
    desk.type_in("8↓");
    let before = desk.draw();
    note(&mut desk, "a remark");
    assert_eq!(listed(&desk.draw()), listed(&before));
    desk.type_in("F");
    assert!(listed(&desk.draw())[0].contains("a remark"));
}

#[test]
fn the_timeline_is_filtered_by_source_and_by_severity() {
    let mut desk = desk(Stage::until("moved"));
    note(&mut desk, "coffee");
    desk.type_in("S");
    let all = desk.draw();
    assert!(all.contains("timeline, newest first") && !all.contains("only "), "the first key opens the view: {all}");
    let mut seen = Vec::new();
    for words in ["deeds, warnings and failures", "warnings and failures", "failures"] {
        desk.type_in("S");
        let shown = desk.draw();
        assert!(shown.contains(&format!("only {words}")), "{shown}");
        seen.push(listed(&shown).iter().filter(|l| !l.is_empty()).count());
        assert!(!shown.contains("coffee"));
    }
    assert!(seen.is_sorted_by(|a, b| a >= b), "{seen:?}");
    assert!(listed(&desk.draw()).iter().filter(|l| !l.is_empty()).all(|l| l.contains('✖') || l.starts_with(' ')));
    desk.type_in("S");
    assert!(desk.draw().contains("coffee"));
    // Sources in the order of the alphabet, then all of them again.
    desk.type_in("s");
    let alice = desk.draw();
    assert!(alice.contains("only alice") && alice.contains("coffee") && !alice.contains("  arc "), "{alice}");
    let mut round = 0;
    while desk.draw().contains("only ") {
        desk.type_in("s");
        round += 1;
        assert!(round < 20);
    }
    assert!(round > 3, "{round} sources");
    // Nothing left says why.
    desk.type_in("sSSS");
    let none = desk.draw();
    assert!(none.contains("nothing: it shows only failures of alice"), "{none}");
}

#[test]
fn a_moment_is_marked_for_everybody_and_no_filter_hides_it() {
    let mut desk = desk(Stage::outage());
    desk.type_in("T");
    assert!(desk.draw().contains("mark a moment for everybody"));
    let wishes = desk.type_in("start of outage\n");
    let [Wish::Ask(ask @ Ask::Moment { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    let ask = ask.clone();
    desk.on(|s| s.feed(What::Asked(ask)));
    let pair = east();
    let entry = desk.model.timeline.of(&pair).next().unwrap();
    assert_eq!((entry.severity, entry.source.as_str()), (Severity::Moment, "alice"));
    desk.type_in("8SSS");
    let shown = desk.draw();
    assert!(shown.contains("only failures") && shown.contains("◆ alice"), "{shown}");
    // It is kept, and another console that reads the journal shows it.
    let record = Record::Moment { pair: east(), by: "alice".into(), text: "start of outage".into(), was: None };
    let kept = Kept { at: desk.model.now, boot: "boot".into(), record };
    let mut other = Stage::calm();
    other.feed(What::Elsewhere(vec![kept.clone()]));
    assert_eq!(other.model.timeline.of(&east()).next().unwrap().text, "start of outage");
    let json = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<Kept>(&json).unwrap(), kept);
    // Who only looks on marks nothing.
    let stage = Stage::outage();
    let observer = setup(&stage, "carol", "dark");
    let mut desk = Desk::new(stage, observer, None);
    assert!(desk.type_in("Nx\n").is_empty());
    assert!(desk.stage.events.iter().all(|e| !matches!(e.what, What::Asked(_))));
}

#[test]
fn the_past_is_what_was_known_then() {
    // Each moment of an outage with a move, found again from the events that made it.
    let stage = Stage::until("moved");
    let (mut past, mut model) = (Past::default(), Model::new(stage.model.estate.clone(), "boot", start()));
    let mut moments = Vec::new();
    for (i, event) in stage.events.iter().enumerate() {
        let later = moments.last().is_none_or(|m: &Model| event.at.since(m.now) > Span::from_secs(30));
        past.keep(&model, &Arc::new(event.clone()));
        drop(model.update(event.clone()));
        let next = stage.events.get(i + 1).map(|e| e.at.mono);
        if later && next.is_none_or(|n| n > event.at.mono) {
            moments.push(model.clone());
        }
    }
    moments.push(model.clone());
    assert!(moments.len() > 8, "{} moments", moments.len());
    for then in moments {
        assert_eq!(past.at(then.now).unwrap(), then);
    }
    assert_eq!(past.at(model.now.plus(Span::from_hours(9))).unwrap(), model);
    assert_eq!(past.oldest(), Some(start()));
    assert_eq!(past.at(start().plus(Span::from_secs(-9))).unwrap().timeline.entries().len(), 0);
}

#[test]
fn the_past_is_bounded_and_still_begins_with_a_whole_model() {
    let stage = Stage::until("moved");
    let (mut past, mut model) = (Past::within(1_500_000), Model::new(stage.model.estate.clone(), "boot", start()));
    for event in &stage.events {
        past.keep(&model, &Arc::new(event.clone()));
        drop(model.update(event.clone()));
        assert!(past.weight() < 3_000_000, "{} bytes", past.weight());
    }
    let oldest = past.oldest().unwrap();
    assert!(oldest.mono > start().mono, "nothing was dropped: the test shows nothing");
    let first = past.at(start()).unwrap();
    assert_eq!(first.now.mono.max(oldest.mono), first.now.mono.min(oldest.mono).max(oldest.mono));
    assert_eq!(past.at(model.now).unwrap(), model);
}

#[test]
fn the_whole_console_shows_the_moment_and_says_that_it_is_past() {
    let mut desk = desk(Stage::until("moved"));
    let now = desk.draw();
    assert!(now.contains("Traffic moved to"), "{now}");
    for (columns, rows) in [(80, 24), (150, 44), (220, 60)] {
        desk.size = (columns, rows);
        desk.type_in("(");
        let then = desk.draw();
        let head = then.lines().next().unwrap();
        let foot = then.lines().last().unwrap();
        assert!(head.contains(" PAST 5m ago ") || head.contains(" PAST 300s ago "), "{head}");
        assert!(foot.starts_with(" PAST ") && foot.contains("ago") && foot.contains("now"), "{foot}");
        assert!(!then.contains("Traffic moved to") && !then.contains("traffic moved"), "{then}");
        // The present goes on meanwhile, the moment does not.
        desk.on(|s| {
            s.poll();
            s.wait(30);
        });
        let later = desk.draw();
        let body = |t: &str| t.lines().skip(1).take(usize::from(rows) - 2).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(body(&later), body(&then));
        // Who may act is told why not here, and the way back: nothing of who they are.
        for key in ["f", "n", "i"] {
            assert!(desk.type_in(key).is_empty());
            let said = desk.draw();
            assert!(said.contains("nothing can be done in the past: ; returns"), "{key}: {said}");
        }
        desk.type_in(";");
        let back = desk.draw();
        assert!(!back.contains("PAST") && back.contains("Traffic moved to"), "{back}");
    }
    // Two screens look at two moments of one model.
    desk.size = (150, 44);
    let mut other = signalbox::ui::Seat::new(signalbox::ui::Screen::new(setup(&desk.stage, "bob", "dark")));
    desk.type_in("(");
    other.input(&desk.model, &desk.past, press(','));
    assert!(other.is_past() && desk.seat.is_past());
    other.input(&desk.model, &desk.past, press('\u{1b}'));
    assert!(!other.is_past() && desk.seat.is_past());
    // Forward past the newest is now; back past the oldest says so.
    desk.type_in(")");
    assert!(!desk.seat.is_past());
    desk.type_in(&"(".repeat(20));
    let oldest = desk.draw();
    assert!(oldest.contains("this console knows nothing from before"), "{oldest}");
}

/// A moment that somebody finds in the past is marked at its own time, from the present.
#[test]
fn a_moment_in_the_past_is_marked_at_its_own_time() {
    let mut desk = desk(Stage::until("moved"));
    desk.size = (100, 30);
    desk.type_in("(");
    let then = desk.draw();
    let foot = then.lines().last().unwrap();
    let at = foot.split_whitespace().find_map(|word| word.strip_suffix(',')).unwrap().to_owned();
    assert!(at.ends_with('Z'), "{foot}");
    desk.type_in("T");
    let asked = desk.draw();
    assert!(!asked.contains("PAST") && asked.contains(&at), "{at}: {asked}");
    let wishes = desk.type_in("seen late\n");
    assert!(!wishes.is_empty(), "{}", desk.draw());
}

#[test]
fn who_reads_back_is_led_to_the_moment_that_they_read_of() {
    let mut desk = desk(Stage::calm());
    desk.size = (100, 24);
    for i in 0..40 {
        note(&mut desk, &format!("remark {i}"));
        desk.on(|s| {
            s.wait(4);
            s.poll();
        });
    }
    desk.type_in("8⇟");
    // A page down the cursor stands on the last line that is shown.
    let read = listed(&desk.draw()).last().map(|line| (*line).to_owned());
    desk.type_in(",");
    let then = desk.draw();
    assert!(then.contains("PAST"), "{then}");
    desk.type_in("F");
    assert_eq!(listed(&desk.draw()).first().map(|l| (*l).to_owned()), read, "the newest line of that moment");
}

#[test]
fn what_waits_in_the_present_is_said_in_the_past_and_before_leaving() {
    let mut desk = desk(Stage::outage());
    desk.type_in("(");
    desk.on(|s| {
        s.propose("INC-4471");
    });
    let words = desk.stage.model.changes.all()[0].digest.words();
    let shown = desk.draw();
    assert!(shown.contains(&format!("now: {words} is proposed")), "{shown}");
    assert!(desk.type_in("q").is_empty());
    assert!(!desk.seat.is_past());
}

fn any_input() -> impl Strategy<Value = Event> {
    let keys = "fbcovywxANntrmuzjkhlGgqp?12345678[] us-eatDdiRsSFW,.{}".chars().collect::<Vec<_>>();
    let code = prop_oneof![
        20 => proptest::sample::select(keys).prop_map(KeyCode::Char),
        6 => proptest::sample::select(vec![
            KeyCode::Enter, KeyCode::Tab, KeyCode::Up, KeyCode::Down, KeyCode::PageDown, KeyCode::Home, KeyCode::End,
        ]),
    ];
    prop_oneof![
        20 => code.prop_map(|c| Event::Key(KeyEvent::new(c, KeyModifiers::NONE))),
        1 => Just(Event::Paste("-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n".into())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever an operator presses in the past, nothing that acts comes out of it; and their hands hold the same again
    /// when they are back.
    #[test]
    fn nobody_acts_in_the_past(inputs in proptest::collection::vec(any_input(), 1..40)) {
        let mut desk = desk(Stage::until("approved"));
        let hands = desk.seat.screen().setup().hands.clone();
        prop_assert!(hands.operator.is_some());
        desk.type_in("(");
        prop_assert!(desk.seat.is_past());
        for input in inputs {
            let was_past = desk.seat.is_past();
            let wishes = desk.input(input);
            if !was_past {
                break;
            }
            for wish in wishes {
                prop_assert!(matches!(wish, Wish::Quit | Wish::Suspend | Wish::Copy(_) | Wish::Hurry | Wish::Mouse(_) | Wish::Remember(_) | Wish::RememberTheme(_)), "{wish:?}");
            }
            if desk.seat.is_past() {
                prop_assert_eq!(&desk.seat.screen().setup().hands, &signalbox::change::Hands::empty());
            } else {
                prop_assert_eq!(&desk.seat.screen().setup().hands, &hands);
            }
        }
    }
}

#[test]
fn who_was_away_is_told_what_changed() {
    let mut desk = desk(Stage::calm());
    desk.draw();
    desk.type_in("2");
    // Nine minutes are no absence.
    desk.on(|s| {
        for _ in 0..9 {
            s.wait(60);
            s.poll();
        }
    });
    desk.type_in("1");
    assert!(!desk.draw().contains("while you were away"));
    let then = desk.model.now;
    desk.on(|s| {
        s.down.push(support::EAST);
        for _ in 0..4 {
            s.poll();
            s.pass(60);
        }
        s.propose("portal targets gone");
        s.wait(5);
        s.approve();
        s.wait(5);
        s.second_key();
        s.answers = vec![support::OHIO; 4];
        s.wait(40);
        s.poll();
        s.wait(330);
        s.poll();
        s.wait(2);
    });
    // The key that wakes the screen does what it does, and what changed is told over it.
    assert!(desk.type_in("2").is_empty());
    for (columns, rows) in [(80, 24), (150, 44), (220, 60)] {
        desk.size = (columns, rows);
        let shown = desk.draw();
        assert!(shown.contains("while you were away"), "{shown}");
        assert!(shown.contains(&format!("since {}Z", then.wall.strftime("%H:%M:%S"))), "{shown}");
        assert!(shown.contains("then ") && shown.contains("now "), "{shown}");
    }
    let words = desk.model.changes.all()[0].digest.words();
    for wanted in [
        &format!("{words} new, by alice → verified"),
        "portal-us-east-1 On → Off",
        "✖ portal application in us-east-1  ok → failed since",
        "turns the second key",
    ] {
        let mut shown = desk.draw();
        let mut pages = 0;
        while !shown.contains(wanted) && pages < 8 {
            shown = {
                desk.type_in("⇟");
                desk.draw()
            };
            pages += 1;
        }
        assert!(shown.contains(wanted), "{wanted}: {shown}");
        desk.type_in("⇱");
    }
    desk.type_in("\u{1b}");
    let behind = desk.draw();
    assert!(!behind.contains("while you were away") && behind.contains("safety rules"), "{behind}");
    // It can be read again.
    desk.type_in("w");
    assert!(desk.draw().contains("new, by alice"));
}

#[test]
fn an_absence_in_which_nothing_happened_says_so_and_a_dialog_is_not_covered() {
    let mut desk = desk(Stage::calm());
    desk.draw();
    desk.type_in("2");
    desk.on(|s| {
        for _ in 0..11 {
            s.poll();
            s.wait(60);
        }
    });
    desk.type_in("1");
    let shown = desk.draw();
    assert!(shown.contains("while you were away") && shown.contains("nothing else has changed"), "{shown}");
    desk.type_in("\u{1b}?");
    desk.on(|s| s.wait(700));
    desk.type_in("↓");
    assert!(!desk.draw().contains("while you were away ─"));
    // The next key passes by what is told, and acts as well.
    desk.type_in("\u{1b}");
    desk.on(|s| s.wait(700));
    desk.type_in("1");
    assert!(desk.draw().contains("while you were away"));
    desk.type_in("4");
    let shown = desk.draw();
    assert!(!shown.contains("while you were away") && shown.contains("what each resolver answers"), "{shown}");
    // A key that opens something opens it, and what changed can be asked for.
    desk.on(|s| s.wait(700));
    desk.type_in("n");
    let shown = desk.draw();
    assert!(shown.contains("a note for the timeline") && shown.contains("you were away for a while: w"), "{shown}");
    // Who leaves is not held up.
    desk.type_in("\u{1b}");
    desk.on(|s| s.wait(700));
    assert_eq!(desk.type_in("q"), vec![Wish::Quit]);
}

#[test]
fn what_came_and_went_meanwhile_is_told_too() {
    let mut desk = desk(Stage::calm());
    desk.draw();
    desk.type_in("2");
    desk.on(|s| {
        s.down.push(support::EAST);
        s.poll();
        s.wait(60);
        s.poll();
        s.wait(60);
        s.down.clear();
        for _ in 0..9 {
            s.poll();
            s.wait(60);
        }
        s.poll();
    });
    desk.type_in("1");
    let shown = desk.draw();
    assert!(shown.contains("came and went") && shown.contains("ok → ok since"), "{shown}");
}

#[test]
fn sources_are_turned_both_ways_and_what_they_leave_out_is_counted() {
    let mut desk = desk(Stage::outage());
    desk.type_in("8");
    let title = |desk: &mut Desk| {
        let shown = desk.draw();
        shown
            .lines()
            .find(|l| l.contains("left out"))
            .map(|l| l.split("only ").nth(1).unwrap().split(',').next().unwrap().to_owned())
    };
    assert_eq!(title(&mut desk), None);
    let mut on = Vec::new();
    for _ in 0..20 {
        desk.type_in("s");
        let Some(source) = title(&mut desk) else { break };
        on.push(source);
    }
    assert!(on.len() > 1, "{on:?}");
    let mut back = Vec::new();
    for _ in 0..20 {
        desk.input(Event::Key(KeyEvent::new(KeyCode::Char('s'), KeyModifiers::ALT)));
        let Some(source) = title(&mut desk) else { break };
        back.push(source);
    }
    back.reverse();
    assert_eq!(on, back);
}

#[test]
fn back_in_time_is_the_moment_under_the_cursor() {
    let mut desk = desk(Stage::outage());
    desk.on(|s| {
        for _ in 0..12 {
            s.wait(30);
            s.poll();
        }
    });
    desk.type_in("8↓↓");
    let shown = desk.draw();
    let number = desk.model.timeline.numbered(&desk.model.estate.pairs[0].name).count();
    assert!(number > 3, "{shown}");
    let wishes =
        desk.seat.screen_mut().input(&desk.model, Event::Key(KeyEvent::new(KeyCode::Char(','), KeyModifiers::NONE)));
    let Some(Wish::Past(at)) = wishes.first() else { panic!("{wishes:?}") };
    let entry = desk.model.timeline.of(&desk.model.estate.pairs[0].name).find(|e| e.at == *at);
    assert!(entry.is_some_and(|e| at.mono < desk.model.now.mono && shown.contains(&e.text[..12])), "{at:?}: {shown}");
}

#[test]
fn a_line_with_the_day_stands_where_days_change() {
    let mut desk = desk(Stage::calm());
    note(&mut desk, "yesterday");
    desk.on(|s| s.now = s.now.plus(Span::from_hours(24)));
    note(&mut desk, "today");
    let shown = desk.draw();
    let line =
        |what: &str| shown.lines().position(|l| l.contains(what)).unwrap_or_else(|| panic!("no {what}: {shown}"));
    assert!(line("today") < line("── 2026-11-24") && line("── 2026-11-24") < line("yesterday"), "{shown}");
    desk.type_in("8");
    let shown = desk.draw();
    let lines = listed(&shown);
    let at = |what: &str| lines.iter().position(|l| l.contains(what)).unwrap_or_else(|| panic!("no {what}: {shown}"));
    assert!(at("today") < at("── 2026-11-24") && at("── 2026-11-24") < at("yesterday"), "{shown}");
    // A filter leaves the day of what it leaves.
    desk.type_in("/yesterday\n");
    let shown = desk.draw();
    assert!(shown.contains("── 2026-11-24") && !listed(&shown).iter().any(|l| l.contains("today")), "{shown}");
}

/// An incident that began before it got its name, and a moment that was marked later: timeline, journal and notice say
/// when that was, with the day where it is another one.
#[test]
fn what_was_before_it_was_said_is_told_with_its_time() {
    use signalbox::words::{Context, Length, notice, told};
    let stage = Stage::calm();
    let at: signalbox::time::Timestamp = "2026-11-24T18:42:07Z".parse().unwrap();
    let ctx = Context::of(&stage.model.estate, None);
    for (hours, kept, other) in
        [(1, "17:42:07Z", "2026-11-24 17:42:07Z"), (24, "2026-11-23 18:42:07Z", "2026-11-23 18:42:07Z")]
    {
        let before = Some(at - Span::from_hours(hours));
        let (pair, name, session, by) = (east(), "INC-1".into(), SessionKind::Incident, "alice".into());
        let begun = Record::SessionStarted { pair, name, session, participants: Vec::new(), since: before, by };
        let mark = Record::Moment { pair: east(), by: "alice".into(), text: "first call".into(), was: before };
        for (record, start) in [(&begun, "begins incident INC-1, since "), (&mark, "first call (it was ")] {
            assert!(told(record, &ctx.kept_at(at), Length::Line).text.starts_with(&format!("{start}{kept}")));
            assert!(told(record, &ctx, Length::Line).text.starts_with(&format!("{start}{other}")));
        }
        assert_eq!(notice(&begun, &stage.model.estate, None), Some(format!("incident INC-1, since {other}")));
    }
}
