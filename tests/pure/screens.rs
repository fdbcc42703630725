//! What people see: snapshots at three sizes, and attacks on the screen by size, key and text.

use crate::support;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use proptest::prelude::*;

use ratatui::buffer::Buffer;

use ratatui::style::{Color, Modifier};

use signalbox::estate::{PersonName, Side};

use signalbox::event::{Ask, Place, What};

use signalbox::model::Lever;

use signalbox::ui::{Screen, Setup, Wish};

use support::eye::{self, press, text};

use support::{Stage, east, setup};

fn draw(screen: &mut Screen, stage: &Stage, width: u16, height: u16) -> Buffer {
    eye::buffer(screen, stage, (width, height))
}

fn screen(stage: &Stage) -> Screen {
    Screen::new(setup(stage, "alice", "dark"))
}

/// The text, and below it the styles: one letter a style and cell, with a key.
fn styled(buffer: &Buffer) -> String {
    let mut known: Vec<(Color, Color, Modifier)> = Vec::new();
    let mut styles = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            let style = (cell.fg, cell.bg, cell.modifier);
            let i = known.iter().position(|k| *k == style).unwrap_or_else(|| {
                known.push(style);
                known.len() - 1
            });
            line.push(char::from_u32(u32::from('a') + i as u32).unwrap());
        }
        styles.push_str(line.trim_end_matches('a'));
        styles.push('\n');
    }
    let key: String = known
        .iter()
        .enumerate()
        .map(|(i, (fg, bg, m))| format!("{} {fg} on {bg} {m:?}\n", char::from_u32(u32::from('a') + i as u32).unwrap()))
        .collect();
    format!("{}\n{styles}\n{key}", text(buffer))
}

const SIZES: [(u16, u16); 3] = [(80, 24), (150, 44), (220, 60)];

/// Snapshots of a state at the three sizes, as the keys lead to it.
fn snapshots(name: &str, stage: &Stage, keys: &str) {
    for (width, height) in SIZES {
        let mut screen = screen(stage);
        draw(&mut screen, stage, width, height);
        press(&mut screen, stage, keys);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), styled(&draw(&mut screen, stage, width, height)));
    }
}

#[test]
fn overview_of_every_state() {
    snapshots("calm", &Stage::calm(), "");
    snapshots("outage", &Stage::outage(), "");
    snapshots("empty", &Stage::new(), "");
    snapshots("moved", &Stage::until("moved"), "");
}

#[test]
fn dialogs_of_every_state() {
    snapshots("draft", &Stage::outage(), "fportal targets gone");
    for state in ["proposed", "approved", "executing", "verified", "refused", "uncertain"] {
        snapshots(&format!("change_{state}"), &Stage::until(state), "c");
    }
    snapshots("begin", &Stage::outage(), "iINC-4471");
    snapshots("launch_draft", &Stage::outage(), "5d");
}

#[test]
fn dark_endpoints() {
    let mut stage = Stage::calm();
    stage.dark = vec!["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"];
    stage.wait(80);
    stage.poll();
    stage.pass(1);
    snapshots("dark_overview", &stage, "");
    snapshots("dark_controls", &stage, "2");
    // The one that answers is enough to know the states, and the screen says that it is one.
    let shown = text(&draw(&mut screen(&stage), &stage, 150, 44));
    assert!(shown.contains("1 of 5 answer"), "{shown}");
    stage.dark.push("ap-southeast-2");
    stage.wait(80);
    stage.poll();
    stage.pass(1);
    let shown = text(&draw(&mut screen(&stage), &stage, 150, 44));
    assert!(shown.contains("0 of 5 answer") && shown.contains("? (ON"), "{shown}");
    assert!(!shown.contains("● ON"), "an old state is not shown as if it were known: {shown}");
}

#[test]
fn every_view() {
    let stage = Stage::until("moved");
    for (key, name) in "234567890?".chars().zip([
        "controls",
        "checks",
        "dns",
        "drs",
        "readiness",
        "changes",
        "timeline",
        "people",
        "log",
        "help",
    ]) {
        snapshots(&format!("view_{name}"), &stage, &key.to_string());
    }
}

#[test]
fn several_screens_draw_one_changing_model() {
    let mut stage = Stage::outage();
    let mut bridge = Screen::new(setup(&stage, "alice", "dark"));
    let mut phone = Screen::new(setup(&stage, "bob", "monochrome"));
    press(&mut phone, &stage, "8");
    let before = (draw(&mut bridge, &stage, 150, 44), draw(&mut phone, &stage, 80, 24));
    let digest = stage.propose("one model, two screens");
    let words = digest.words();
    let after = (draw(&mut bridge, &stage, 150, 44), draw(&mut phone, &stage, 80, 24));
    assert!(!text(&before.0).contains(&words) && !text(&before.1).contains(&words));
    assert!(text(&after.0).contains(&words) && text(&after.1).contains(&words));
    assert!(text(&after.1).contains("alice asks for your approval"), "{}", text(&after.1));
    assert!(!text(&after.0).contains("asks for your approval"));
    // What one looks at does not turn the other's page, and drawing one changes nothing for the other.
    assert_eq!(draw(&mut bridge, &stage, 150, 44), after.0);
    assert!(after.1.content.iter().all(|c| c.fg == Color::Reset && c.bg == Color::Reset), "monochrome has no colours");
}

#[test]
fn the_same_events_give_the_same_pixels() {
    for state in ["proposed", "verified", "moved"] {
        let (one, two) = (Stage::until(state), Stage::until(state));
        for (w, h) in SIZES {
            let (mut a, mut b) = (screen(&one), screen(&two));
            assert_eq!(draw(&mut a, &one, w, h), draw(&mut b, &two, w, h), "{state} {w}x{h}");
            assert_eq!(draw(&mut a, &one, w, h), draw(&mut b, &two, w, h), "drawing twice changes nothing");
        }
    }
}

#[test]
fn the_cursor_stays_while_data_streams_and_the_window_changes() {
    let mut stage = Stage::calm();
    let mut screen = screen(&stage);
    draw(&mut screen, &stage, 150, 44);
    press(&mut screen, &stage, "↑↑↑");
    let line = |b: &Buffer| {
        let shown = text(b);
        // The line that says who commands begins with the same sign.
        shown.lines().find(|l| l.contains('▸') && !l.contains("next: ")).map(str::to_owned).unwrap()
    };
    let before = line(&draw(&mut screen, &stage, 150, 44));
    let name = before.split('▸').nth(1).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    stage.down.push("us-east-1");
    stage.poll();
    stage.wait(3);
    for (w, h) in [(80, 24), (220, 60), (61, 18), (150, 44)] {
        let now = line(&draw(&mut screen, &stage, w, h));
        assert!(now.contains(&name), "{w}x{h}: {now}");
    }
}

#[test]
fn a_move_counts_from_when_arc_took_it_and_a_failure_of_any_tier_is_not_well() {
    let mut stage = Stage::until("taken");
    let said = |stage: &Stage| stage.model.sentence(&east()).text;
    let begins = "Traffic is moving to us-east-2 since 18:40:29Z: 0 of 32 DNS answers lead there.";
    assert!(said(&stage).starts_with(begins), "{}", said(&stage));
    stage.poll();
    assert!(said(&stage).starts_with(begins), "{}", said(&stage));

    // A side that traffic moves to is spoken of as one that serves.
    stage.sample("certificates-east", "days_standby", Place::Standby, 5.0);
    assert!(said(&stage).contains("us-east-2 serves, with one thing wrong since "), "{}", said(&stage));
    assert!(!said(&stage).contains("could take the traffic"), "{}", said(&stage));

    let mut stage = Stage::until("moved");
    let title = |stage: &Stage| stage.model.side_state(&east(), Side::Standby).1;
    assert_eq!(title(&stage), "WELL");
    assert!(said(&stage).contains("; us-east-2 is well."), "{}", said(&stage));
    stage.sample("certificates-east", "days_standby", Place::Standby, 5.0);
    assert_eq!(title(&stage), "1 FAILURE");
    assert!(!said(&stage).contains("us-east-2 is well"), "{}", said(&stage));
    let wrong = "us-east-2 serves, with one thing wrong since 18:41:15Z: certificates valid for 5 d (minimum 7 d).";
    assert!(said(&stage).contains(wrong), "{}", said(&stage));
}

#[test]
fn what_was_read_before_a_change_was_sent_proves_nothing() {
    let mut stage = Stage::until("uncertain");
    let said = |stage: &Stage| stage.model.sentence(&east()).text;
    assert!(
        said(&stage).starts_with("NOT known whether it happened: \"fail over pair east to us-east-2\" ("),
        "{}",
        said(&stage)
    );
    assert!(
        said(&stage).contains("DNS last led to us-east-1; whether it still does is not known yet."),
        "{}",
        said(&stage)
    );
    assert!(!said(&stage).contains("Traffic still enters"), "{}", said(&stage));
    let flips = stage.model.changes.all()[0].text.flips().to_vec();
    assert!(flips.iter().all(|f| stage.model.lever(&f.arn) == Lever::Unknown));
    assert!(
        flips.iter().all(|f| stage.model.levers.get(&f.arn, stage.model.now) != Lever::Unknown),
        "it was read before"
    );
    let shown = text(&draw(&mut screen(&stage), &stage, 150, 44));
    let lever = |shown: &str| shown.lines().find(|l| l.contains("▸ portal")).unwrap().to_owned();
    assert!(lever(&shown).contains("? ON → OFF") && lever(&shown).contains("? OFF → ON"), "{shown}");
    assert!(!lever(&shown).contains("● ON"), "{shown}");
    let wide = text(&draw(&mut screen(&stage), &stage, 220, 60));
    assert!(lever(&wide).contains("sent 2s ago"), "{wide}");
    // One answer that is newer is one that counts.
    stage.poll();
    let shown = text(&draw(&mut screen(&stage), &stage, 150, 44));
    assert!(!lever(&shown).contains("? ON → OFF"), "{shown}");
    for (state, news) in [
        ("refused", "REFUSED by ARC at 18:40:29Z: safety rule failover-allowed-east-first forbids \"fail over"),
        ("executing", "Being sent to ARC: "),
    ] {
        let stage = Stage::until(state);
        let sentence = said(&stage);
        assert!(sentence.starts_with(news), "{state}: {sentence}");
    }
    let mut dark = Stage::calm();
    dark.dark = vec!["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"];
    dark.wait(120);
    dark.poll();
    assert!(
        said(&dark).contains(
            "Only 1 of 5 ARC cluster endpoints has answered since 18:38:07Z (ap-southeast-2): it alone can take a change."
        ),
        "{}",
        said(&dark)
    );
}

#[test]
fn old_is_not_green() {
    let mut stage = Stage::calm();
    stage.wait(400);
    let shown = draw(&mut screen(&stage), &stage, 150, 44);
    let text = text(&shown);
    for line in text.lines().filter(|l| l.contains("portal ALB")) {
        assert!(!line.contains('●') && line.contains("? portal ALB"), "{line}");
        assert!(line.contains("no reading 6m, was 12/12"), "{line}");
    }
    assert!(text.contains("nothing heard for"), "{text}");
}

/// Text from outside cannot leave its cells: lines around a hostile name are what they are around a plain one.
#[test]
fn hostile_names_disturb_nobody() {
    let draw_with = |name: &str| {
        let mut estate = support::estate();
        estate.systems[1].name = name.into();
        estate.health_checks[0].name = name.into();
        estate.pairs[0].panel_name = name.into();
        estate.regions[0].title = name.into();
        let mut stage = Stage::of(estate);
        stage.poll();
        stage.pass(1);
        let by = stage.hands("alice").operator.unwrap();
        stage.feed(What::Asked(Ask::Note { by, pair: support::east(), text: name.into() }));
        let mut all = Vec::new();
        for keys in ["", "2", "3", "5", "6", "8"] {
            let mut screen = screen(&stage);
            press(&mut screen, &stage, keys);
            all.push(draw(&mut screen, &stage, 150, 44));
        }
        all
    };
    let names = [
        "\u{1b}[31mred\u{1b}[2J",
        "a\u{202e}gnp.exe",
        "zero\u{200b}\u{200d}width\u{feff}",
        "データベース東京リージョン主系統の監視対象サーバー群",
        "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}",
        "\u{301}\u{302}",
        "line\nbreak\r\ttab",
        "\u{9b}31m\u{7f}\u{0}",
        &"x".repeat(5000),
        "👩‍👩‍👧‍👦 family ﷽﷽﷽",
    ];
    for name in names {
        for buffer in draw_with(name) {
            for cell in &buffer.content {
                assert!(!cell.symbol().chars().any(signalbox::hygiene::is_hidden), "{name:?}: {:?}", cell.symbol());
                assert!(cell.symbol().chars().count() <= 4, "{:?}", cell.symbol());
            }
            let shown = text(&buffer);
            for line in shown.lines() {
                let width: usize = unicode_width::UnicodeWidthStr::width(line);
                assert!(width <= 150, "{name:?}: {width} {line}");
            }
            // Frames stand where they stood: every line that begins with a frame ends with one.
            for line in shown.lines().filter(|l| l.starts_with('│')) {
                assert!(line.ends_with('│') && unicode_width::UnicodeWidthStr::width(line) == 150, "{name:?}: {line}");
            }
        }
    }
}

#[test]
fn below_the_smallest_size_it_says_so() {
    let stage = Stage::outage();
    let shown = text(&draw(&mut screen(&stage), &stage, 39, 30));
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("needs 40×18") && shown.contains("has 39×30"), "{shown}");
    assert!(!text(&draw(&mut screen(&stage), &stage, 40, 18)).contains("40×18"));
}

#[test]
fn what_nobody_can_see_no_key_does() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    draw(&mut screen, &stage, 39, 80);
    let key = |code| Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
    let keys = "fINC-4471 gone\nus-east-2\n".chars();
    for code in keys.map(|c| if c == '\n' { KeyCode::Enter } else { KeyCode::Char(c) }) {
        assert_eq!(screen.input(&stage.model, key(code)), []);
    }
    assert_eq!(screen.input(&stage.model, Event::Paste("x".into())), []);
    let shown = text(&draw(&mut screen, &stage, 150, 44));
    assert!(!shown.contains("fail over pair east to"), "{shown}");
    draw(&mut screen, &stage, 39, 80);
    assert_eq!(screen.input(&stage.model, key(KeyCode::Char('q'))), [Wish::Quit]);
}

/// A key, a paste, a click or a size.
fn any_input() -> impl Strategy<Value = Vec<Event>> {
    let click = |at: (u16, u16)| {
        let kinds = [MouseEventKind::Down(MouseButton::Left), MouseEventKind::Up(MouseButton::Left)];
        kinds
            .map(|kind| Event::Mouse(MouseEvent { kind, column: at.0, row: at.1, modifiers: KeyModifiers::NONE }))
            .into()
    };
    let one = |event| vec![event];
    let code = prop_oneof![
        8 => any::<char>().prop_map(KeyCode::Char),
        16 => proptest::sample::select("fbcovywxAntrmuzjkhlGgqp?12345678[] us-eat".chars().collect::<Vec<_>>()).prop_map(KeyCode::Char),
        8 => proptest::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down, KeyCode::Left,
            KeyCode::Right, KeyCode::PageUp, KeyCode::PageDown, KeyCode::Home, KeyCode::End, KeyCode::Backspace,
            KeyCode::Delete, KeyCode::F(1),
        ]),
    ];
    let modifiers = prop_oneof![
        6 => Just(KeyModifiers::NONE), 1 => Just(KeyModifiers::CONTROL), 1 => Just(KeyModifiers::SHIFT), 1 => Just(KeyModifiers::ALT),
    ];
    prop_oneof![
        12 => (code, modifiers).prop_map(move |(c, m)| one(Event::Key(KeyEvent::new(c, m)))),
        1 => any::<String>().prop_map(move |text| one(Event::Paste(text))),
        1 => Just(one(Event::Paste("-----BEGIN SSH SIGNATURE-----\nx\n-----END SSH SIGNATURE-----\n".into()))),
        1 => (0u16..160, 0u16..50).prop_map(click),
        1 => Just(one(Event::Resize(80, 24))),
    ]
}

fn observer(stage: &Stage) -> Setup {
    let setup = setup(stage, "carol", "dark");
    assert!(setup.hands.operator.is_none() && setup.hands.approver.is_none());
    Setup { person: Some(PersonName::from("carol")), ..setup }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever an observer presses, nothing that acts comes out.
    #[test]
    fn an_observer_cannot_act(keys in proptest::collection::vec(any_input(), 1..60), state in 0usize..3) {
        let stage = stages(state);
        let mut screen = Screen::new(observer(stage));
        for key in keys.concat() {
            for wish in screen.input(&stage.model, key) {
                let harmless = matches!(
                    wish,
                    Wish::Quit | Wish::Suspend | Wish::Copy(_) | Wish::Hurry | Wish::Report { .. } | Wish::Mouse(_) | Wish::Remember(_) | Wish::RememberTheme(_) | Wish::Past(_) | Wish::Live
                );
                prop_assert!(harmless, "{wish:?}");
            }
        }
    }

    /// No key, on no view, at no size, brings the screen down; and it draws within its cells.
    #[test]
    fn nothing_brings_it_down(
        keys in proptest::collection::vec(any_input(), 1..30),
        width in 1u16..300, height in 1u16..80, state in 0usize..3,
    ) {
        let stage = stages(state);
        let mut screen = screen(stage);
        draw(&mut screen, stage, 150, 44);
        for (i, key) in keys.concat().into_iter().enumerate() {
            screen.input(&stage.model, key);
            if i % 5 == 0 {
                draw(&mut screen, stage, width, height);
            }
        }
        draw(&mut screen, stage, width, height);
        draw(&mut screen, stage, 80, 24);
    }
}

fn stages(n: usize) -> &'static Stage {
    use std::sync::OnceLock;
    static STAGES: [OnceLock<Stage>; 3] = [const { OnceLock::new() }; 3];
    STAGES[n].get_or_init(|| match n {
        0 => Stage::until("proposed"),
        1 => Stage::until("approved"),
        _ => {
            let mut stage = Stage::until("moved");
            stage.sample("redis-east", "lag", Place::Link, 0.7);
            stage
        }
    })
}

#[test]
fn enter_follows_a_row_to_its_source_and_esc_leads_back() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    // From the readiness score, over a check, to the readings that it is made of.
    press(&mut screen, &stage, "6");
    draw(&mut screen, &stage, 150, 44);
    press(&mut screen, &stage, "↓");
    let list = text(&draw(&mut screen, &stage, 150, 44));
    press(&mut screen, &stage, "\n");
    let detail = text(&draw(&mut screen, &stage, 150, 44));
    assert!(detail.contains("AWS/ApplicationELB HealthyHostCount, Minimum over 1 min"), "{detail}");
    assert!(detail.contains("LoadBalancer=app/portal-us-east-1/"), "{detail}");
    press(&mut screen, &stage, "\u{1b}");
    assert_eq!(text(&draw(&mut screen, &stage, 150, 44)), list);
    // Down to the end and up again: the cursor is always on the screen, and the list comes back to its head.
    for _ in 0..200 {
        press(&mut screen, &stage, "↓");
        draw(&mut screen, &stage, 150, 44);
    }
    let end = text(&draw(&mut screen, &stage, 150, 44));
    assert!(end.contains("replication lag"), "{end}");
    for _ in 0..220 {
        press(&mut screen, &stage, "↑");
        draw(&mut screen, &stage, 150, 44);
    }
    assert!(text(&draw(&mut screen, &stage, 150, 44)).contains("to receive the traffic"));
}

#[test]
fn a_change_is_followed_from_the_list_and_from_the_timeline() {
    let mut stage = Stage::outage();
    stage.propose("INC-4471");
    for view in ["7", "8"] {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, view);
        draw(&mut screen, &stage, 150, 44);
        // The cursor stands on the newest already.
        press(&mut screen, &stage, "\n");
        let shown = text(&draw(&mut screen, &stage, 150, 44));
        assert!(shown.contains("digest") && shown.contains("asked by"), "view {view}: {shown}");
    }
}

/// After the last reading a chart has no bars, and many DNS answers of one moment are one line.
#[test]
fn what_is_not_known_has_no_bars_and_dns_does_not_bury_deeds() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "'portal ALB\n\n");
    let shown = text(&draw(&mut screen, &stage, 150, 44));
    let silent = shown.lines().filter(|l| l.contains("????????")).collect::<Vec<_>>();
    assert!(!silent.is_empty(), "{shown}");
    for line in silent {
        let after = line.split_once("????????").map(|(_, after)| after).unwrap_or_default();
        assert!(!after.contains(['█', '▁', '▂']), "{line}");
    }
    let stage = Stage::until("moved");
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    press(&mut screen, &stage, "8");
    let whole = text(&draw(&mut screen, &stage, 150, 44));
    assert!(whole.contains("32 answers us-east-1 → us-east-2 (8 names, 4 resolvers)"), "{whole}");
    press(&mut screen, &stage, "/reports");
    let each = text(&draw(&mut screen, &stage, 150, 44));
    assert!(each.contains("reports.guidingcare.com at quad9"), "a filter finds each of them: {each}");
}

/// A window too small to show anything takes no key but the one that leaves, whatever was open before.
#[test]
fn keys_do_nothing_while_nothing_is_shown() {
    let stage = Stage::outage();
    let mut one = screen(&stage);
    draw(&mut one, &stage, 39, 80);
    assert_eq!(press(&mut one, &stage, "f\nportal targets gone\nus-east-2\n:fail-over\n"), vec![]);
    assert_eq!(one.input(&stage.model, Event::Paste("anything\n".into())), vec![]);
    let calm = text(&draw(&mut screen(&stage), &stage, 80, 24));
    assert_eq!(text(&draw(&mut one, &stage, 80, 24)), calm, "nothing was opened, moved or typed");
    draw(&mut one, &stage, 80, 17);
    assert_eq!(press(&mut one, &stage, "q"), vec![Wish::Quit]);

    // The second key's field stands open, and the window shrinks.
    let stage = Stage::until("approved");
    let mut one = screen(&stage);
    press(&mut one, &stage, "c");
    let before = text(&draw(&mut one, &stage, 80, 24));
    assert!(before.contains("SECOND KEY: type us-east-2"), "{before}");
    let small = text(&draw(&mut one, &stage, 30, 10)).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(small.contains("Keys do nothing"), "{small}");
    assert_eq!(press(&mut one, &stage, "us-east-2\n"), vec![]);
    assert_eq!(text(&draw(&mut one, &stage, 80, 24)), before, "the field is as it was");
    // With a change open leaving asks, in words that fit there, and a second key answers.
    draw(&mut one, &stage, 30, 10);
    let ctrl_c = || Event::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    assert_eq!(one.input(&stage.model, ctrl_c()), vec![]);
    let asked = text(&draw(&mut one, &stage, 30, 10)).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(asked.contains("goes on waiting in the journal") && asked.contains("again leaves"), "{asked}");
    assert_eq!(one.input(&stage.model, ctrl_c()), vec![Wish::Quit]);
}

/// A phone, and half of a split window.
const SLIM: [(u16, u16); 2] = [(45, 80), (40, 24)];

#[test]
fn slim_screens_of_every_state() {
    let mut stages = vec![
        ("calm", Stage::calm(), ""),
        ("outage", Stage::outage(), ""),
        ("draft", Stage::outage(), "fportal targets gone"),
    ];
    for (name, state) in [("proposed", "proposed"), ("approved", "approved"), ("verified", "verified")] {
        stages.push((name, Stage::until(state), "c"));
    }
    for (name, stage, keys) in &stages {
        for (width, height) in SLIM {
            let mut screen = screen(stage);
            draw(&mut screen, stage, width, height);
            press(&mut screen, stage, keys);
            let shown = draw(&mut screen, stage, width, height);
            insta::assert_snapshot!(format!("slim_{name}_{width}x{height}"), text(&shown));
        }
    }
}
