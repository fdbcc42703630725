//! What people see: snapshots at three sizes, and attacks on the screen by size, key and text.

use crate::support;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use signalbox::estate::{PersonName, Side};
use signalbox::event::{Ask, Place, What};
use signalbox::model::Lever;
use signalbox::ui::{Input, Screen, Setup, Wish};
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

/// The whole way by hand: the sentence, the dialog, the second key, and the wishes on the way.
#[test]
fn a_change_by_hand() {
    let mut stage = Stage::outage();
    let mut screen = screen(&stage);
    draw(&mut screen, &stage, 80, 24);
    // Without a reason nothing is proposed.
    assert!(press(&mut screen, &stage, "f\n").is_empty());
    assert!(text(&draw(&mut screen, &stage, 80, 24)).contains("needs a reason"));
    // Closing keeps the draft.
    press(&mut screen, &stage, "quarterly q\u{1b}");
    assert!(!text(&draw(&mut screen, &stage, 80, 24)).contains("nothing happens yet"));
    let wishes = press(&mut screen, &stage, "fdrill\n");
    let [Wish::Propose { by, draft }] = wishes.as_slice() else { panic!("{wishes:?}") };
    assert_eq!(draft.reason, "quarterly qdrill");
    assert_eq!(draft.to().len(), 10);
    // A second enter does not ask twice.
    assert!(press(&mut screen, &stage, "\n").is_empty());
    let nonce = signalbox::change::Nonce(3);
    stage.feed(What::Asked(Ask::Propose { by: by.clone(), draft: draft.clone(), nonce }));
    let digest = stage.model.changes.all()[0].digest;
    stage.last = Some(digest);
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    let spaced: Vec<String> = digest
        .words()
        .to_uppercase()
        .split('-')
        .map(|w| w.chars().map(String::from).collect::<Vec<_>>().join(" "))
        .collect();
    assert!(spaced.iter().all(|w| shown.contains(w)), "{shown}");
    assert!(shown.contains(&format!("{}.change", digest.words())), "{shown}");
    // The key of the demo asks the runtime, and only asks.
    let by = signalbox::change::Hands::of(&stage.model.estate, &"alice".into()).operator.unwrap();
    assert_eq!(press(&mut screen, &stage, "A"), vec![Wish::ActAsSecond { by, change: digest }]);
    // A pasted signature goes to the gate as it is.
    let armored = stage.armored(2);
    let wishes = screen.input(&stage.model, Event::Paste(format!("$ cat sig\n{armored}")));
    let [Wish::Ask(ask @ Ask::Signature { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("SECOND KEY: type us-east-2"), "{shown}");
    let wishes = press(&mut screen, &stage, "us-east-1\n");
    let [Wish::Ask(ask)] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    assert!(text(&draw(&mut screen, &stage, 80, 24)).contains("is not the receiving region's name"));
    let wishes = press(&mut screen, &stage, "us-east-2\n");
    let [Wish::Ask(ask @ Ask::SecondKey { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    stage.wait(2);
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("VERIFIED"), "{shown}");
}

/// A broken rule wants a switch of its own, and the wish carries the rule.
#[test]
fn an_override_is_a_separate_switch() {
    let mut stage = Stage::outage();
    let gate = stage.model.estate.gates[0].arn.clone();
    stage.states.insert(gate, signalbox::estate::ControlState::Off);
    stage.poll();
    stage.pass(1);
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "fno gate");
    let shown = text(&draw(&mut screen, &stage, 150, 44));
    assert!(shown.contains("WOULD REFUSE") && shown.contains("failover-allowed-east-first"), "{shown}");
    let mut plain = Screen::new(setup(&stage, "alice", "dark"));
    let wishes = press(&mut plain, &stage, "fno gate\n");
    assert!(matches!(wishes.as_slice(), [Wish::Propose { draft, .. }] if draft.overrides().is_empty()), "{wishes:?}");
    press(&mut screen, &stage, "\t ");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("OVERRIDING SAFETY RULES: 1 of 1"), "{shown}");
    let wishes = press(&mut screen, &stage, "\n");
    let rule = &stage.model.estate.safety_rules[0].arn;
    assert!(
        matches!(wishes.as_slice(), [Wish::Propose { draft, .. }] if draft.overrides() == [rule.clone()]),
        "{wishes:?}"
    );
}

/// Whatever is typed at 80 columns can be read whole: a command is never cut.
#[test]
fn the_command_is_never_cut() {
    let stage = Stage::until("proposed");
    for width in [60, 72, 80, 99] {
        let mut s = setup(&stage, "alice", "dark");
        s.approve.folder =
            "/home/alice/.local/state/signalbox/a folder with a long name/incidents/2026-11-24T18-40-07Z-east".into();
        s.approve.key =
            Some("/home/bob/.ssh/keys/that/are/kept/in/a/very/deep/place/indeed/id_ed25519_sk_operations_2026".into());
        let mut screen = Screen::new(s);
        press(&mut screen, &stage, "c");
        let shown = text(&draw(&mut screen, &stage, width, 60));
        let start = shown.find("$ cargo").unwrap();
        let end = shown[start..].find("or with nothing").unwrap();
        let mut joined = String::new();
        for line in shown[start..start + end].lines() {
            let line = line.trim_matches(|c| c == '│' || c == ' ');
            // As the shell reads it: a backslash at the end joins the lines.
            joined.push_str(line.strip_suffix('\\').unwrap_or(line));
        }
        let joined = joined.replace("\\ ", " ");
        let words = stage.last.unwrap().words();
        for part in [
            format!("/a folder with a long name/incidents/2026-11-24T18-40-07Z-east/{words}.change"),
            "id_ed25519_sk_operations_2026".into(),
        ] {
            assert!(joined.contains(&part), "{width}: {joined}");
        }
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
    assert!(said(&stage).contains("DNS last led to us-east-1, which proves nothing."), "{}", said(&stage));
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
            "Only 1 of 5 ARC cluster endpoints answers (ap-southeast-2): if a move is needed, that one alone can send it."
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

/// What ARC refused is proposed again from its dialog: the same controls, and the reason that was given.
#[test]
fn a_refused_change_is_drafted_again_from_its_dialog() {
    let stage = Stage::until("refused");
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "c");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains(" f  propose it again"), "{shown}");
    press(&mut screen, &stage, "f");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("nothing happens yet"), "{shown}");
    let wishes = press(&mut screen, &stage, "\n");
    let was = &stage.model.changes.all()[0].text;
    let [Wish::Propose { draft, .. }] = wishes.as_slice() else { panic!("{wishes:?}") };
    assert_eq!((&draft.reason, draft.to().len()), (&was.reason, 10));
    // Any other change is not: the key says why.
    let stage = Stage::until("verified");
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    press(&mut screen, &stage, "cf");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("only a change that came to nothing"), "{shown}");
}

/// The price and what speaks against a move are in sight where one answers for it, on the smallest screen too.
#[test]
fn a_draft_hides_neither_its_price_nor_a_warning() {
    let stage = Stage::outage();
    // On the smallest, they begin what scrolls; what it is, the field and the keys stay, whatever is complained of.
    for keys in ["f", "f\n"] {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, keys);
        let shown = text(&draw(&mut screen, &stage, 40, 18));
        for words in ["traffic goes to us-east-2", "reason", "propose", "data loss"] {
            assert!(shown.contains(words), "40x18 {keys:?} {words}: {shown}");
        }
        assert!(!shown.contains("–0 of"), "{shown}");
    }
    for (width, height) in [(60, 18), (80, 24), (150, 44)] {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, "f");
        let shown = text(&draw(&mut screen, &stage, width, height));
        for words in ["data loss", "up to 2 min 15 s of writes would be lost", "7 allow", "ARC cluster endpoints"] {
            assert!(shown.contains(words), "{width}x{height} {words}: {shown}");
        }
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

/// Every line of a dialog, read from its first to its last.
fn read_whole(screen: &mut Screen, stage: &Stage, (width, height): (u16, u16)) -> String {
    press(screen, stage, "⇱");
    let mut all = text(&draw(screen, stage, width, height));
    for _ in 0..120 {
        press(screen, stage, "↓");
        all.push_str(&text(&draw(screen, stage, width, height)));
    }
    let words = all.lines().map(|l| l.trim_matches(|c| c == '│' || c == ' '));
    words.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// On a phone a change is proposed, read, approved and run, as everywhere.
#[test]
fn a_change_by_hand_on_a_slim_screen() {
    for size in SLIM {
        let mut stage = Stage::outage();
        let mut screen = screen(&stage);
        let shown = text(&draw(&mut screen, &stage, size.0, size.1));
        assert!(shown.contains("f drafts the move to"), "the next step: {shown}");
        assert!(shown.contains("levers") && shown.contains("IMPAIRED"), "{shown}");
        let wishes = press(&mut screen, &stage, "fportal targets gone\n");
        let [Wish::Propose { by, draft }] = wishes.as_slice() else { panic!("{wishes:?}") };
        let nonce = signalbox::change::Nonce(3);
        stage.feed(What::Asked(Ask::Propose { by: by.clone(), draft: draft.clone(), nonce }));
        let change = stage.model.changes.all()[0].clone();
        stage.last = Some(change.digest);
        draw(&mut screen, &stage, size.0, size.1);
        let read = read_whole(&mut screen, &stage, size);
        for flip in change.text.flips() {
            assert!(read.contains(&flip.name), "{} is read whole at {size:?}: {read}", flip.name);
        }
        assert!(read.contains("portal targets gone") && read.contains("traffic goes to us-east-2"), "{read}");
        let armored = stage.armored(2);
        let wishes = screen.input(&stage.model, Event::Paste(armored));
        let [Wish::Ask(ask @ Ask::Signature { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
        stage.feed(What::Asked(ask.clone()));
        let shown = text(&draw(&mut screen, &stage, size.0, size.1));
        assert!(shown.contains("SECOND KEY: type us-east-2"), "{shown}");
        let wishes = press(&mut screen, &stage, "us-east-2\n");
        let [Wish::Ask(ask @ Ask::SecondKey { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
        stage.feed(What::Asked(ask.clone()));
        stage.wait(2);
        assert!(text(&draw(&mut screen, &stage, size.0, size.1)).contains("VERIFIED"));
    }
}

/// The second person's own console: all of it is read, the word code typed, and their key signs there.
#[test]
fn an_approver_signs_at_their_own_console() {
    let mut stage = Stage::until("proposed");
    let change = stage.model.changes.all()[0].clone();
    let mut bob = Screen::new(setup(&stage, "bob", "dark"));
    draw(&mut bob, &stage, 40, 24);
    let wishes = press(&mut bob, &stage, "a");
    assert!(matches!(wishes.as_slice(), [Wish::Ask(Ask::Reading { .. })]), "it is opened first: {wishes:?}");
    let shown = text(&draw(&mut bob, &stage, 40, 24));
    assert!(!shown.contains("YOUR KEY SIGNS IT"), "{shown}");
    assert_eq!(press(&mut bob, &stage, "a"), vec![]);
    let shown = text(&draw(&mut bob, &stage, 40, 24)).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("read all of it first"), "{shown}");
    // The end alone is not all of it.
    press(&mut bob, &stage, "⇲");
    draw(&mut bob, &stage, 40, 24);
    press(&mut bob, &stage, "a");
    assert!(!text(&draw(&mut bob, &stage, 40, 24)).contains("YOUR KEY SIGNS IT"));
    let read = read_whole(&mut bob, &stage, (40, 24));
    assert!(!read.contains("another of alice") && !read.contains("another of bob"), "nobody waits for themselves");
    press(&mut bob, &stage, "a");
    let shown = text(&draw(&mut bob, &stage, 40, 24));
    assert!(shown.contains("YOUR KEY SIGNS IT"), "{shown}");
    assert_eq!(press(&mut bob, &stage, "\n"), vec![], "nothing typed is no word code");
    // Pasted whole, by a terminal that marks no pastes: the enter is no hand's, and what was typed stays.
    let spoken = change.digest.words().replace('-', " ");
    press(&mut bob, &stage, &spoken);
    let enter = Event::Key(KeyEvent::from(KeyCode::Enter));
    assert_eq!(bob.input(&stage.model, Input::AtOnce(enter)), vec![]);
    let shown = text(&draw(&mut bob, &stage, 40, 24)).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("by hand") && shown.contains(&spoken), "{shown}");
    bob.input(&stage.model, Event::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    let wishes = press(&mut bob, &stage, "copper lantern seven\n");
    let [Wish::Ask(ask @ Ask::Approve { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    let shown = text(&draw(&mut bob, &stage, 80, 24));
    assert!(shown.contains("is not its word code"), "{shown}");
    assert_eq!(stage.model.changes.all()[0].approvals.len(), 0);
    let wishes = press(&mut bob, &stage, &format!("{spoken}\n"));
    let [Wish::Ask(ask @ Ask::Approve { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    let approved = &stage.model.changes.all()[0];
    assert_eq!(approved.state, signalbox::change::State::Approved);
    assert_eq!(approved.approvals[0].by.as_str(), "bob");
}

/// Who asked does not approve, who looks on neither, and nobody behind a mask or twice.
#[test]
fn nobody_else_signs_at_a_console() {
    let mut stage = Stage::until("proposed");
    let read = |who: &str, stage: &Stage| {
        let mut screen = Screen::new(setup(stage, who, "dark"));
        press(&mut screen, stage, "c");
        read_whole(&mut screen, stage, (150, 44));
        screen
    };
    let said = |screen: &mut Screen, stage: &Stage| {
        press(screen, stage, "a");
        text(&draw(screen, stage, 150, 44))
    };
    assert!(said(&mut read("alice", &stage), &stage).contains("somebody else must approve it"));
    assert!(said(&mut read("carol", &stage), &stage).contains("only an approver approves a change"));
    let mut bob = read("bob", &stage);
    press(&mut bob, &stage, "P");
    assert!(said(&mut bob, &stage).contains("names are masked here"));
    // The gate asks again, whatever a screen let through.
    let approver = |stage: &Stage, who: &str| stage.hands(who).approver.unwrap();
    let change = stage.last.unwrap();
    let ask = |stage: &mut Stage, who: &str| {
        let (by, typed) = (approver(stage, who), change.words());
        stage.feed(What::Asked(Ask::Approve { by, change, typed }));
        stage.model.refusals.back().map(|r| r.why.clone()).unwrap_or_default()
    };
    assert!(ask(&mut stage, "alice").contains("somebody else must approve it"));
    stage.approve();
    assert!(ask(&mut stage, "bob").contains("waits for no approval"));
    let mut late = Stage::until("proposed");
    late.wait(3600);
    assert!(ask(&mut late, "bob").contains("can never run"), "{:?}", late.model.refusals);
}

/// A window that is about to close is said, and rings, for who asked and for who can approve; once.
#[test]
fn a_window_that_closes_warns_both() {
    let mut stage = Stage::until("proposed");
    let digest = stage.last.unwrap();
    let left = |stage: &Stage| stage.model.window(stage.model.changes.get(&digest).unwrap()).unwrap().left.as_secs();
    let seat = |stage: &Stage, who: &str| Screen::new(setup(stage, who, "dark"));
    let (mut alice, mut bob, mut carol) = (seat(&stage, "alice"), seat(&stage, "bob"), seat(&stage, "carol"));
    stage.wait(left(&stage) - 61);
    assert!(!alice.rings(&stage.model) && !bob.rings(&stage.model));
    stage.wait(2);
    assert!(alice.rings(&stage.model) && bob.rings(&stage.model) && !carol.rings(&stage.model));
    assert!(!alice.rings(&stage.model), "once");
    for who in [&mut alice, &mut bob] {
        let shown = text(&draw(who, &stage, 150, 44));
        assert!(shown.contains("left to approve"), "{shown}");
    }
    let told =
        |stage: &Stage, words: &str| stage.model.timeline.entries().iter().filter(|e| e.text.contains(words)).count();
    stage.wait(3);
    assert_eq!(told(&stage, "left to approve"), 1);
    stage.approve();
    stage.wait(left(&stage) - 19);
    assert!(alice.rings(&stage.model) && bob.rings(&stage.model));
    assert!(told(&stage, "left for alice to turn the second key") == 1);
    assert!(text(&draw(&mut bob, &stage, 150, 44)).contains("for alice to turn the second key"));
}

/// What expired, was rejected or withdrawn is proposed again with one key, and its reason stays.
#[test]
fn what_came_to_nothing_is_proposed_again() {
    let ended: [fn(&mut Stage); 3] = [
        |stage| stage.wait(3600),
        |stage| {
            let (by, change) = (stage.hands("bob").approver.unwrap(), stage.last.unwrap());
            stage.feed(What::Asked(Ask::Reject { by, change, reason: "not now".into() }));
        },
        |stage| {
            let (by, change) = (stage.hands("alice").operator.unwrap(), stage.last.unwrap());
            stage.feed(What::Asked(Ask::Withdraw { by, change }));
        },
    ];
    for end in ended {
        let mut stage = Stage::until("proposed");
        end(&mut stage);
        stage.poll();
        let change = stage.model.changes.all()[0].clone();
        assert!(!change.state.is_open());
        let mut screen = screen(&stage);
        press(&mut screen, &stage, "c");
        let shown = text(&draw(&mut screen, &stage, 150, 44));
        assert!(shown.contains(" f  propose it again"), "{:?}: {shown}", change.state);
        press(&mut screen, &stage, "f");
        let wishes = press(&mut screen, &stage, "\n");
        let [Wish::Propose { draft, .. }] = wishes.as_slice() else { panic!("{:?} {wishes:?}", change.state) };
        assert_eq!((&draft.reason, draft.to().len()), (&change.text.reason, 10));
    }
}

/// During an outage `i`, a name and enter begin an incident; its clock can be set back to when it began.
#[test]
fn an_incident_is_begun_during_an_outage() {
    use signalbox::record::SessionKind;
    let begun = |stage: &Stage, keys: &str| {
        let mut screen = screen(stage);
        let wishes = press(&mut screen, stage, keys);
        let [Wish::Ask(Ask::Begin { session, .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
        session.clone()
    };
    // A side that has no traffic is impaired: no clock runs, and yet it is no drill.
    let mut other = Stage::calm();
    other.down.push("us-east-2");
    for _ in 0..3 {
        other.wait(60);
        other.poll();
    }
    for stage in [&Stage::outage(), &Stage::until("proposed"), &other] {
        assert_eq!(begun(stage, "iINC-4471\n").kind, SessionKind::Incident);
    }
    assert_eq!(begun(&Stage::calm(), "i2026-Q4\n").kind, SessionKind::Quarterly);

    // Nothing was seen to fail: the clock runs because somebody says so, and since when they say.
    let mut stage = Stage::calm();
    let mut alice = screen(&stage);
    press(&mut alice, &stage, "i↑↑INC-1\t\tnonsense\n");
    let shown = text(&draw(&mut alice, &stage, 80, 24));
    assert!(shown.contains("is no moment that has passed"), "{shown}");
    let session = begun(&stage, "i↑↑INC-1\t\t12 min\n");
    assert_eq!(session.kind, SessionKind::Incident);
    let by = stage.hands("alice").operator.unwrap();
    assert!(stage.model.incidents.is_empty());
    stage.feed(What::Asked(Ask::Begin { by, session }));
    let incident = &stage.model.incidents[&east()];
    assert_eq!(incident.lasted(stage.model.now).map(|l| l.as_secs()), Some(720));
    let shown = text(&draw(&mut alice, &stage, 150, 44));
    assert!(shown.contains("T+00:12:00"), "{shown}");
    let by = stage.hands("alice").operator.unwrap();
    stage.feed(What::Asked(Ask::End { by, pair: east() }));
    assert!(stage.model.incidents[&east()].ended.is_some());
}

/// A mark is set on a moment that has passed, and stands there on the scale of the steps.
#[test]
fn a_mark_is_set_on_a_past_moment() {
    let mut stage = Stage::outage();
    let mut alice = screen(&stage);
    press(&mut alice, &stage, "T");
    let wishes = press(&mut alice, &stage, "first call\t1 min ago\n");
    let [Wish::Ask(ask @ Ask::Moment { was: Some(was), .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    assert_eq!(stage.model.now.wall.duration_since(*was).as_secs(), 60);
    stage.feed(What::Asked(ask.clone()));
    press(&mut alice, &stage, "8");
    let shown = text(&draw(&mut alice, &stage, 150, 44));
    assert!(shown.contains("first call (it was 18:39:08Z)"), "{shown}");
}
