//! Finding things: the palette and why an action is not to be had, filters, jumps, the way back.

use crate::support;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use signalbox::ui::{Action, Keymap, Screen, Wish};
use support::eye::{buffer, find, lines, press, shown};
use support::{Stage, setup, with_servers};

const WIDE: (u16, u16) = (150, 44);
const NARROW: (u16, u16) = (80, 24);

fn screen(stage: &Stage) -> Screen {
    Screen::new(setup(stage, "alice", "dark"))
}

fn code(screen: &mut Screen, stage: &Stage, code: KeyCode, modifiers: KeyModifiers) -> Vec<Wish> {
    screen.input(&stage.model, Event::Key(KeyEvent::new(code, modifiers)))
}

/// The key of an action, as an event; every action's first key of the shipped keymap.
fn key_of(action: Action) -> (KeyCode, KeyModifiers) {
    let key = Keymap::default().key(action);
    let last = KeyCode::Char(key.chars().last().unwrap_or(' ').to_ascii_lowercase());
    if key.starts_with('^') && key.len() == 2 {
        return (last, KeyModifiers::CONTROL);
    }
    if key.starts_with("Alt-") && key.len() == 5 {
        return (last, KeyModifiers::ALT);
    }
    let code = match key.as_str() {
        "↑" => KeyCode::Up,
        "↓" => KeyCode::Down,
        "←" => KeyCode::Left,
        "→" => KeyCode::Right,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "Tab" => KeyCode::Tab,
        "Shift-Tab" => KeyCode::BackTab,
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "space" => KeyCode::Char(' '),
        one => KeyCode::Char(one.chars().next().unwrap_or_else(|| panic!("{action:?} has no key"))),
    };
    (code, KeyModifiers::NONE)
}
/// The line of the palette's cursor: the name that stands there.
fn picked(screen: &mut Screen, stage: &Stage) -> String {
    let all = lines(&buffer(screen, stage, WIDE));
    let line = all.iter().find(|l| l.contains("│ ▸ ")).unwrap_or_else(|| panic!("{}", all.join("\n")));
    line.split("▸ ").nth(1).unwrap().split("  ").next().unwrap().trim().to_owned()
}

#[test]
fn the_palette_reaches_every_action_by_its_name_and_shows_its_keys() {
    let stage = Stage::calm();
    let keymap = Keymap::default();
    for action in Action::ALL {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, ":");
        press(&mut screen, &stage, action.name());
        let found = picked(&mut screen, &stage);
        assert_eq!(found, action.name());
        let line = lines(&buffer(&mut screen, &stage, WIDE)).into_iter().find(|l| l.contains("│ ▸ ")).unwrap();
        let keys = keymap.keys(*action).join("  ");
        assert!(line.contains(keys.as_str()), "{action:?}: `{keys}` is not in {line}");
        // And by its words, whatever the order.
        let mut screen = self::screen(&stage);
        press(&mut screen, &stage, ":");
        let words: Vec<&str> = action.words().split([',', ':', ';']).next().unwrap().split(' ').rev().collect();
        press(&mut screen, &stage, &words.join(" "));
        let all = shown(&mut screen, &stage, WIDE);
        assert!(all.lines().any(|l| l.contains(action.name())), "{action:?} is not found by its words:\n{all}");
    }
}

#[test]
fn enter_does_what_the_key_does() {
    for (stage, who) in [
        (Stage::outage(), "alice"),
        (Stage::until("proposed"), "alice"),
        (Stage::until("proposed"), "bob"),
        (Stage::calm(), "carol"),
    ] {
        for action in Action::ALL.iter().filter(|a| !matches!(a, Action::Commands)) {
            let (mut by_key, mut by_name) =
                (Screen::new(setup(&stage, who, "dark")), Screen::new(setup(&stage, who, "dark")));
            for screen in [&mut by_key, &mut by_name] {
                buffer(screen, &stage, WIDE);
            }
            let (key, modifiers) = key_of(*action);
            let one = code(&mut by_key, &stage, key, modifiers);
            press(&mut by_name, &stage, ":");
            press(&mut by_name, &stage, action.name());
            let other = press(&mut by_name, &stage, "\n");
            assert_eq!(one, other, "{who}: {action:?}");
            let (one, other) = (shown(&mut by_key, &stage, WIDE), shown(&mut by_name, &stage, WIDE));
            assert_eq!(one, other, "{who}: {action:?}");
        }
    }
}

/// The reason that the palette gives is the one that the key complains with; without a reason nobody complains.
#[test]
fn palette_and_keys_never_disagree() {
    let quiet = [Action::Back, Action::LeftRegion, Action::RightRegion, Action::NextView, Action::PreviousView];
    let mut refused = 0;
    for state in ["calm", "proposed", "approved", "moved"] {
        let stage = match state {
            "calm" => Stage::calm(),
            other => Stage::until(other),
        };
        for (who, view) in [("alice", "1"), ("alice", "5"), ("bob", "1"), ("carol", "5")] {
            for action in Action::ALL.iter().filter(|a| !quiet.contains(a) && **a != Action::Look) {
                let mut screen = Screen::new(setup(&stage, who, "dark"));
                press(&mut screen, &stage, view);
                buffer(&mut screen, &stage, WIDE);
                press(&mut screen, &stage, ":");
                press(&mut screen, &stage, action.name());
                let told = shown(&mut screen, &stage, (240, 18));
                let why = told
                    .lines()
                    .find_map(|l| l.split("▲ not now: ").nth(1))
                    .map(|l| l.split('│').next().unwrap().trim().to_owned());
                press(&mut screen, &stage, "\u{1b}");
                let (key, modifiers) = key_of(*action);
                code(&mut screen, &stage, key, modifiers);
                let after = shown(&mut screen, &stage, (240, 18));
                let complaint = after.lines().find_map(|l| l.split("✖ not done: ").nth(1)).map(|l| l.trim().to_owned());
                let complaint = complaint.map(|c| c.split('│').next().unwrap().trim().to_owned());
                assert_eq!(why, complaint, "{who}, {state}, view {view}, {action:?}");
                refused += usize::from(why.is_some());
            }
        }
    }
    assert!(refused > 100, "only {refused} were refused: the test looks at nothing");
}

#[test]
fn what_is_not_to_be_had_says_why() {
    let why = |stage: &Stage, who: &str, name: &str| {
        let mut screen = Screen::new(setup(stage, who, "dark"));
        press(&mut screen, stage, ":");
        press(&mut screen, stage, name);
        shown(&mut screen, stage, (200, 44))
    };
    let calm = Stage::calm();
    let proposed = Stage::until("proposed");
    for (stage, who, name, reason) in [
        (&calm, "carol", "fail-over", "you only look on, and cannot propose changes"),
        (&calm, "alice", "paste", "no change waits for an approval"),
        (&calm, "alice", "go-back", "there is no place to go back to"),
        (&calm, "alice", "clear-marks", "nothing is marked"),
        (&calm, "alice", "override", "safety rules are overridden in the draft"),
        (&proposed, "bob", "withdraw", "only alice, who asked for"),
        (&proposed, "carol", "reject", "only an approver rejects a change"),
    ] {
        let shown = why(stage, who, name);
        assert!(shown.contains(&format!("not now: {reason}")), "{who} {name}:\n{shown}");
        assert!(shown.contains(&format!("– {reason}")), "the row says it too: {shown}");
    }
    let mut read_only = Stage::calm();
    read_only.model.read_only = Some("it was opened with --read-only".into());
    assert!(why(&read_only, "alice", "fail-over").contains("read-only"), "a console that cannot write says so");
}

#[test]
fn the_palette_opens_over_a_field_and_leaves_it_as_it_was() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    // `:` and `/` are characters of a reason; ctrl-p opens the palette all the same.
    press(&mut screen, &stage, "fa: b/c'<");
    assert!(shown(&mut screen, &stage, WIDE).contains("a: b/c'<"));
    code(&mut screen, &stage, KeyCode::Char('p'), KeyModifiers::CONTROL);
    press(&mut screen, &stage, "people");
    let all = shown(&mut screen, &stage, WIDE);
    assert!(all.contains("not now: close the dialog first: esc"), "{all}");
    press(&mut screen, &stage, "\u{1b}");
    assert!(shown(&mut screen, &stage, WIDE).contains("a: b/c'<"));
    // Nothing of it was typed into the palette of the view that it opens next.
    press(&mut screen, &stage, "\u{1b}:");
    assert!(shown(&mut screen, &stage, WIDE).contains("commands: every action"));
    // What is pasted goes into the line, and presses nothing.
    assert!(screen.input(&stage.model, Event::Paste("quit\nq".into())).is_empty());
    assert_eq!(picked(&mut screen, &stage), "quit");
}

#[test]
fn a_filter_narrows_a_list_says_how_much_and_keeps_the_order() {
    let stage = with_servers(Stage::outage());
    // View, what is typed, a row that stays, one that goes, a heading that stays with its rows.
    for (view, typed, stays, goes, heading) in [
        ("1", "sql", "SQL Server AG", "DocumentDB", "database"),
        ("3", "api us", "api us-east-2", "portal us-east-2", "Route 53 health checks"),
        ("4", "api.", "api.guidingcare.com", "portal.guidingcare.com", "name"),
        ("5", "stalled", "sql-7 ", "sql-8 ", "▌us-east-2"),
        ("6", "documentdb", "DocumentDB", "Redis", "replication lag"),
        ("8", "route53 api", "api us-east-1", "reads", ""),
        ("9", "bob", "bob", "alice,", "people"),
    ] {
        for size in [WIDE, NARROW] {
            let mut screen = screen(&stage);
            press(&mut screen, &stage, view);
            let before = shown(&mut screen, &stage, size);
            press(&mut screen, &stage, "/");
            press(&mut screen, &stage, typed);
            let narrowed = shown(&mut screen, &stage, size);
            assert!(narrowed.contains(stays), "{view} {size:?} {typed}: {narrowed}");
            // What people did stays on the overview's timeline; the row in question is of the list.
            assert!(view == "8" || !narrowed.contains(goes), "{view} {size:?} {typed}: {narrowed}");
            assert!(narrowed.contains(heading) || (view == "1" && size == NARROW), "{view} {size:?}: {narrowed}");
            assert!(narrowed.contains(" of "), "{narrowed}");
            let said = narrowed.lines().last().unwrap();
            assert!(said.contains(" shown ") && said.contains("esc") && said.contains("shows all"), "{said}");
            // Kept with enter, it is still said; esc shows everything again.
            press(&mut screen, &stage, "\n");
            let kept = shown(&mut screen, &stage, size);
            let said = kept.lines().last().unwrap();
            assert!(said.contains(typed) && said.contains("esc"), "{said}");
            press(&mut screen, &stage, "\u{1b}");
            assert_eq!(shown(&mut screen, &stage, size), before, "{view}");
        }
    }
}

#[test]
fn the_order_stays_and_nothing_found_is_said() {
    let stage = with_servers(Stage::outage());
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "5/sql-1");
    let narrowed = shown(&mut screen, &stage, WIDE);
    let names: Vec<usize> = (10..=19).map(|n| narrowed.find(&format!("sql-{n} ")).expect("shown")).collect();
    assert!(names.is_sorted(), "{narrowed}");
    assert!(narrowed.contains("11 of 40 shown"), "{narrowed}");
    press(&mut screen, &stage, "zzz");
    let nothing = shown(&mut screen, &stage, WIDE);
    assert!(nothing.contains("no row matches “sql-1zzz”") && nothing.contains("0 of 40 shown"), "{nothing}");
    // A filter belongs to its view.
    press(&mut screen, &stage, "\n9");
    assert!(shown(&mut screen, &stage, WIDE).contains("alice"));
    press(&mut screen, &stage, "5");
    assert!(shown(&mut screen, &stage, WIDE).contains("0 of 40 shown"));
}

/// On a small screen most systems are below: how many, and how many of them are bad, stands in the title.
#[test]
fn what_is_below_the_last_line_is_counted() {
    let mut stage = Stage::calm();
    stage.sample("mongodb-east", "lag", signalbox::event::Place::Link, 1e9);
    stage.sample("mongodb-east", "members_active", signalbox::event::Place::Active, 0.0);
    for size in [(60, 18), NARROW, WIDE] {
        let all = shown(&mut screen(&stage), &stage, size);
        let title = all.lines().find(|l| l.contains(" below")).unwrap_or_else(|| panic!("{all}"));
        let listed = all.contains("✖ MongoDB");
        assert_eq!(title.contains("below, ✖ 1"), !listed, "{size:?}: {title}\n{all}");
    }
}

/// Levers stay where they are while the systems above them are filtered.
#[test]
fn a_filter_moves_no_lever() {
    let stage = Stage::outage();
    for size in [NARROW, WIDE, (220, 60)] {
        let mut screen = screen(&stage);
        let before = find(&buffer(&mut screen, &stage, size), "▸ portal").unwrap();
        press(&mut screen, &stage, "/redis\n");
        assert_eq!(find(&buffer(&mut screen, &stage, size), "▸ portal").unwrap(), before);
    }
}

#[test]
fn a_filter_leaves_levers_rules_and_what_endpoints_say_but_a_move_takes_all_services() {
    let stage = Stage::outage();
    for size in [NARROW, WIDE] {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, "2");
        let lever = find(&buffer(&mut screen, &stage, size), "▸ portal").unwrap();
        press(&mut screen, &stage, "/PORT\n");
        let left = shown(&mut screen, &stage, size);
        assert!(left.contains("/ PORT  9 of 24 shown"), "2 levers, 3 rules, 4 controls of two services: {left}");
        assert!(
            left.contains("▸ portal") && left.contains("  reporting ") && left.contains("portal-stays-on"),
            "{left}"
        );
        for gone in ["  database ", "sftp-stays-on", "api-us-east-1 "] {
            assert!(!left.contains(gone), "{gone}: {left}");
        }
        assert!(left.contains("✖ us-east-1       fails"), "how the endpoints are is never hidden: {left}");
        assert_eq!(find(&buffer(&mut screen, &stage, size), "▸ portal").unwrap(), lever);
        // The cursor goes from lever to lever that is left.
        press(&mut screen, &stage, "↓");
        assert!(shown(&mut screen, &stage, size).contains("▸ reporting"));
        press(&mut screen, &stage, "f");
        let mut draft = String::new();
        for _ in 0..6 {
            draft.push_str(&shown(&mut screen, &stage, size));
            press(&mut screen, &stage, "⇟");
        }
        assert!(draft.contains("database-us-east-1") && draft.contains("sftp-us-east-2"), "{draft}");
    }
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "2/nonsense\n");
    let none = shown(&mut screen, &stage, WIDE);
    assert!(none.contains("0 of 24 shown") && none.matches("no row matches “nonsense”").count() == 2, "{none}");
    press(&mut screen, &stage, "↓ \u{1b}");
    assert!(shown(&mut screen, &stage, WIDE).contains("▸ portal"));
}

#[test]
fn a_jump_goes_to_things_of_every_kind_and_pair() {
    let mut stage = with_servers(Stage::outage());
    let digest = stage.propose("INC-4471");
    let west = stage.model.estate.pairs.iter().find(|p| p.name.as_str() == "west").unwrap().active.to_string();
    for (typed, title, there) in [
        ("documentdb east".to_owned(), "us-east-1", "▸· DocumentDB global".to_owned()),
        ("west documentdb".into(), west.as_str(), "▸· DocumentDB global".into()),
        ("service reporting".into(), "routing controls", "▸ reporting".into()),
        ("sftp us-east-2".into(), "health checks and probes", "sftp us-east-2".into()),
        ("sql-31".into(), "drs: source servers", "sql-31".into()),
        (digest.words(), "fail over pair east", "digest".into()),
        ("pair west".into(), west.as_str(), "west".into()),
    ] {
        let mut screen = screen(&stage);
        buffer(&mut screen, &stage, WIDE);
        // A filter of the view that would hide it is taken off.
        press(&mut screen, &stage, "3/nothing\n1'");
        press(&mut screen, &stage, &typed);
        press(&mut screen, &stage, "\n");
        let drawn = buffer(&mut screen, &stage, WIDE);
        let all = lines(&drawn).join("\n");
        assert!(all.contains(title) && all.contains(&there), "{typed}:\n{all}");
        if let (Some((x, y)), false) = (find(&drawn, &there), typed.starts_with("pair") || there == "digest") {
            let ground = drawn[(0, 0)].bg;
            let beside = if there.starts_with("▸ r") { x + 12 } else { x };
            assert_ne!(drawn[(beside, y)].bg, ground, "the cursor stands on {there}:\n{all}");
        }
    }
}

/// A thing that slips in above does not slip in under the hand.
#[test]
fn what_is_under_the_palettes_cursor_stays_there() {
    let mut stage = Stage::outage();
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "'east↓↓↓");
    let before = picked(&mut screen, &stage);
    stage = with_servers(stage);
    stage.propose("INC-4471");
    assert_eq!(picked(&mut screen, &stage), before);
}

#[test]
fn back_and_forward_lead_through_the_places() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    buffer(&mut screen, &stage, WIDE);
    press(&mut screen, &stage, "6");
    buffer(&mut screen, &stage, WIDE);
    press(&mut screen, &stage, "↓↓↓");
    let readiness = shown(&mut screen, &stage, WIDE);
    press(&mut screen, &stage, "\n");
    let system = shown(&mut screen, &stage, WIDE);
    assert_ne!(readiness, system);
    press(&mut screen, &stage, "\u{1b}p8");
    let west = shown(&mut screen, &stage, WIDE);
    let back = |screen: &mut Screen| code(screen, &stage, KeyCode::Left, KeyModifiers::ALT);
    // Over the pair's readiness and the system's dialog to the list with its cursor.
    back(&mut screen);
    assert!(shown(&mut screen, &stage, WIDE).contains("west"));
    back(&mut screen);
    assert_eq!(shown(&mut screen, &stage, WIDE), readiness);
    back(&mut screen);
    assert_eq!(shown(&mut screen, &stage, WIDE), system);
    press(&mut screen, &stage, "<<");
    assert!(shown(&mut screen, &stage, WIDE).contains("lag, 15 min"));
    press(&mut screen, &stage, "<");
    assert!(shown(&mut screen, &stage, WIDE).contains("there is no place to go back to"));
    press(&mut screen, &stage, ">>>>>");
    assert_eq!(shown(&mut screen, &stage, WIDE), west);
    press(&mut screen, &stage, ">");
    assert!(shown(&mut screen, &stage, WIDE).contains("there is no place to go forward to"));
    // Going elsewhere from the middle forgets what was ahead.
    press(&mut screen, &stage, "<2>");
    assert!(shown(&mut screen, &stage, WIDE).contains("there is no place to go forward to"));
}

#[test]
fn the_history_is_bounded() {
    let stage = Stage::calm();
    let mut screen = screen(&stage);
    for _ in 0..200 {
        press(&mut screen, &stage, "78");
    }
    let mut steps = 0;
    loop {
        press(&mut screen, &stage, "<");
        if shown(&mut screen, &stage, WIDE).contains("no place to go back") {
            break;
        }
        steps += 1;
    }
    assert_eq!(steps, 50);
}

#[test]
fn the_palette_ranks_what_was_typed() {
    let stage = Stage::outage();
    for (typed, wanted) in [
        ("failover", "fail-over"),
        ("fail over", "fail-over"),
        ("over fail", "fail-over"),
        ("failback", "fail-back"),
        ("mark moment", "mark-moment"),
        ("drill", "launch-drill"),
        ("incident", "begin"),
        ("resolver", "dns"),
    ] {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, &format!(":{typed}"));
        assert_eq!(picked(&mut screen, &stage), wanted, "{typed:?}");
    }
}

#[test]
fn a_key_that_does_nothing_says_why() {
    let stage = Stage::outage();
    for (key, why) in [
        ('а', "the keyboard writes Cyrillic letters"),
        ('φ', "the keyboard writes Greek letters"),
        ('ｆ', "the keyboard writes full-width characters"),
        ('Q', "is caps lock on?"),
        ('~', "~ is no key here: ? shows the keys"),
    ] {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, &key.to_string());
        let all = shown(&mut screen, &stage, WIDE);
        assert!(all.contains(why), "{key:?}: {all}");
        // And the next one takes it away.
        press(&mut screen, &stage, "2");
        assert!(!shown(&mut screen, &stage, WIDE).contains(why));
    }
}

#[test]
fn what_is_pasted_is_one_line_or_says_why_not() {
    let stage = Stage::outage();
    let paste = |screen: &mut Screen, text: &str| {
        assert!(screen.input(&stage.model, Event::Paste(text.into())).is_empty());
    };
    let mut screen = screen(&stage);
    paste(&mut screen, "INC-4471 portal gone\nq\n");
    let all = shown(&mut screen, &stage, WIDE);
    assert!(all.contains("no open field takes it"), "{all}");
    press(&mut screen, &stage, "f");
    paste(&mut screen, "\nINC-4471\tportal gone\r\nsecond line q\r\n");
    let all = shown(&mut screen, &stage, WIDE);
    assert!(all.contains("INC-4471 portal gone second line q"), "{all}");
    assert!(all.contains("2 lines were joined into one"), "{all}");
    paste(&mut screen, &"x".repeat(20_480));
    let all = shown(&mut screen, &stage, WIDE);
    assert!(all.contains("the pasted text has 20480 characters, this field takes 400, and 366 are left"), "{all}");
    assert!(!all.contains("signature"), "{all}");
    // A field that is full says so too.
    paste(&mut screen, &"y".repeat(366));
    press(&mut screen, &stage, "z");
    assert!(shown(&mut screen, &stage, WIDE).contains("this field is full: it takes 400 characters"));
}

#[test]
fn what_a_filter_hides_and_has_failed_is_counted() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "3/nothing-like-it\n");
    let all = shown(&mut screen, &stage, WIDE);
    assert!(all.contains("0 of ") && all.contains(" hidden)"), "{all}");
}

#[test]
fn behind_a_dialog_little_changes_where_the_line_is_slow() {
    let stage = Stage::outage();
    for size in [NARROW, WIDE] {
        let cells = |slow: bool| {
            let mut screen = screen(&stage);
            screen.spare(slow);
            let before = buffer(&mut screen, &stage, size);
            press(&mut screen, &stage, "n");
            let after = buffer(&mut screen, &stage, size);
            before.diff(&after).len()
        };
        assert!(cells(true) * 2 < cells(false), "{size:?}: {} of {}", cells(true), cells(false));
    }
}

#[test]
fn an_ascii_picture_has_every_mark() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    for view in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "1f"] {
        press(&mut screen, &stage, view);
        let mut seen = buffer(&mut screen, &stage, WIDE);
        let before = lines(&seen);
        signalbox::ui::ascii(&mut seen);
        let after = lines(&seen);
        assert!(after.iter().all(|line| line.is_ascii()), "{}", after.join("\n"));
        let count = |lines: &[String], c: char| lines.iter().flat_map(|l| l.chars()).filter(|x| *x == c).count();
        // What failed is not less to be seen, and nothing became unknown.
        assert!(count(&after, 'X') >= count(&before, '✖') && count(&after, '?') == count(&before, '?'), "{view}");
    }
}
