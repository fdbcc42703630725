//! Keymaps through their public doors: the shipped ones, folders of valid and invalid ones, and sequences as they are
//! pressed on a screen.
//!
//! Beside each `tests/keymaps/invalid/NAME.toml` stands `NAME.expected`, every fault of it as a user sees it. To
//! write them anew, run the test with `WRITE_EXPECTED=1` and read the difference before committing it.

use crate::corpus;
use crate::support;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use signalbox::ui::{Action, Context, Danger, Keymap, Screen, Setup, Wish};
use support::{Stage, setup};

/// Shown while a sequence waits, and never else.
const WAITS: &str = "esc breaks it off";

static CALM: LazyLock<Stage> = LazyLock::new(Stage::calm);
static PROPOSED: LazyLock<Stage> = LazyLock::new(|| Stage::until("proposed"));

fn parse(text: &str) -> Keymap {
    Keymap::parse(text, "mine.toml").unwrap_or_else(|faults| panic!("{faults}"))
}

fn screen(stage: &Stage, keymap: Keymap) -> Screen {
    Screen::new(Setup { keymap, ..setup(stage, "alice", "dark") })
}

fn named(name: &str) -> Keymap {
    Keymap::builtin(name).unwrap()
}

/// The screen as text.
fn shown(screen: &mut Screen, stage: &Stage, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| screen.draw(&stage.model, frame)).unwrap();
    let buffer = terminal.backend().buffer();
    let line = |y| (0..width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned() + "\n";
    (0..height).map(line).collect()
}

/// Presses keys as a terminal sends them; `^x` is ctrl-x, `!x` is alt-x.
fn press(screen: &mut Screen, stage: &Stage, keys: &str) -> Vec<Wish> {
    let mut wishes = Vec::new();
    for key in keys.split(' ') {
        let (modifiers, name) = match (key.strip_prefix('^'), key.strip_prefix('!')) {
            (Some(rest), _) if !rest.is_empty() => (KeyModifiers::CONTROL, rest),
            (_, Some(rest)) if !rest.is_empty() => (KeyModifiers::ALT, rest),
            _ => (KeyModifiers::NONE, key),
        };
        let code = match name {
            "esc" => KeyCode::Esc,
            "enter" => KeyCode::Enter,
            "tab" => KeyCode::Tab,
            "down" => KeyCode::Down,
            name => KeyCode::Char(name.chars().next().unwrap()),
        };
        wishes.extend(screen.input(&stage.model, Event::Key(KeyEvent::new(code, modifiers))));
    }
    wishes
}

#[test]
fn every_shipped_keymap_is_complete_and_faultless() {
    let files = corpus::files("keymaps");
    assert_eq!(files.len(), Keymap::names().count(), "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap();
        let keymap = Keymap::parse(&text, name).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(keymap.name(), name);
        assert!(Keymap::builtin(name).is_some(), "{name} is not shipped");
        let bound: BTreeSet<Action> = keymap.table().into_iter().map(|b| b.action).collect();
        for action in Action::ALL {
            assert!(bound.contains(action), "{name}: {}", action.name());
            assert!(!keymap.key(*action).is_empty(), "{name}: {}", action.name());
        }
    }
    assert_eq!(Keymap::default().name(), "default");
}

#[test]
fn no_name_is_both_an_action_and_a_context() {
    for context in Context::ALL {
        assert!(Action::ALL.iter().all(|a| a.name() != context.name()), "{}", context.name());
    }
    let names: BTreeSet<&str> = Context::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(names.len(), Context::ALL.len());
}

#[test]
fn valid_files_are_taken() {
    for file in corpus::files("tests/keymaps/valid") {
        let text = std::fs::read_to_string(&file).unwrap();
        Keymap::parse(&text, "mine.toml").unwrap_or_else(|faults| panic!("{}: {faults}", file.display()));
    }
}

#[test]
fn invalid_files_are_refused_with_every_fault() {
    corpus::expected("tests/keymaps/invalid", |text, name| match Keymap::parse(text, name) {
        Ok(_) => "no fault was found".into(),
        Err(faults) => faults.to_string().lines().map(steady).collect::<Vec<_>>().join("\n"),
    });
}

/// Without what changes with each new action: the lines of the shipped keymaps, and the list of all actions.
fn steady(fault: &str) -> String {
    let mut fault = fault.to_owned();
    for (from, to) in [("(default.toml:", ")"), ("(vim.toml:", ")"), ("the actions `", "` have no key")] {
        if let Some(start) = fault.find(from).map(|at| at + from.len())
            && let Some(length) = fault[start..].find(to)
        {
            fault.replace_range(start..start + length, "…");
        }
    }
    fault
}

#[test]
fn a_line_replaces_the_line_that_it_inherits() {
    let mine =
        parse("name = \"m\"\ninherits = \"default\"\n[keys]\nfirst = [\"g g\"]\nnote = [\"k\"]\nup = [\"up\"]\n");
    assert_eq!(mine.keys(Action::First), ["g g"]);
    assert_eq!(mine.keys(Action::Note), ["k"]);
    assert_eq!(mine.keys(Action::Up), ["↑"], "`k` went to the note");
    assert_eq!(mine.keys(Action::Down), ["↓", "j"]);
    let beside = |name: &str| match name {
        "night" => Some("name = \"night\"\ninherits = \"vim\"\n[keys]\nnote = [\"N\"]\n".to_owned()),
        "one" => Some("name = \"one\"\ninherits = \"two\"\n".to_owned()),
        "two" => Some("name = \"two\"\ninherits = \"one\"\n".to_owned()),
        "bad" => Some("name = \"bad\"\n[keys]\nqiut = [\"q\"]\n".to_owned()),
        _ => None,
    };
    let of = |parent: &str| {
        Keymap::parse_beside(&format!("name = \"mine\"\ninherits = \"{parent}\"\n"), "mine.toml", beside)
    };
    let mine = of("night").unwrap();
    assert_eq!((mine.key(Action::Note), mine.key(Action::Quit)), ("N".into(), "Z Z".into()));
    let round = of("one").unwrap_err().to_string();
    assert_eq!(round, "mine.toml:2:12: keymaps inherit from each other in a circle: mine → one → two → one");
    let bad = of("bad").unwrap_err().to_string();
    let said = "mine.toml:2:12: the keymap `bad` has faults of its own: bad.toml:3:1: no action is called `qiut`; did you mean `quit`?";
    assert_eq!(bad, said);
    // A user's own `vim` may build on the shipped one.
    let own = |name: &str| (name == "vim").then(|| "name = \"vim\"\ninherits = \"vim\"\n".to_owned());
    assert!(Keymap::parse_beside("name = \"vim\"\ninherits = \"vim\"\n", "vim.toml", own).is_ok());
}

#[test]
fn a_keymap_is_written_out_whole_and_read_again() {
    let folders = ["keymaps", "tests/keymaps/valid"];
    for file in folders.into_iter().flat_map(corpus::files) {
        let keymap = parse(&std::fs::read_to_string(&file).unwrap());
        let text = keymap.text();
        let again = Keymap::recorded(&text, "recording").unwrap_or_else(|faults| panic!("{faults}\n{text}"));
        assert_eq!((again.name(), again.table()), (keymap.name(), keymap.table()), "{text}");
        assert_eq!(again.text(), text);
    }
    let newer = Keymap::recorded("name = \"n\"\n[keys]\nfly = [\"f\"]\n", "recording").unwrap_err().to_string();
    assert!(newer.starts_with("recording:3:1: no action is called `fly`"), "{newer}");
    assert!(Keymap::recorded("name = \"older\"\n[keys]\nquit = [\"q\"]\n", "recording").is_ok());
}

#[test]
fn a_sequence_waits_says_what_may_follow_and_acts() {
    let stage = &*CALM;
    for (width, height) in [(80, 24), (150, 44), (220, 60)] {
        let mut screen = screen(stage, named("vim"));
        let before = shown(&mut screen, stage, width, height);
        assert!(!before.contains(WAITS));
        assert!(press(&mut screen, stage, "g").is_empty());
        let waits = shown(&mut screen, stage, width, height);
        assert!(waits.contains(WAITS) && waits.contains("g  first row"), "{waits}");
        assert!(waits.contains("p  next region pair"), "{waits}");
        // It waits for as long as it takes: drawing it again changes nothing.
        assert_eq!(waits, shown(&mut screen, stage, width, height));
        press(&mut screen, stage, "t");
        let after = shown(&mut screen, stage, width, height);
        assert!(!after.contains(WAITS) && after != before, "{after}");
        press(&mut screen, stage, "g T");
        assert_eq!(shown(&mut screen, stage, width, height), before);
    }
}

#[test]
fn quit_and_fail_over_as_sequences() {
    let stage = &*CALM;
    let mut vim = screen(stage, named("vim"));
    assert_eq!(press(&mut vim, stage, "Z Z"), [Wish::Quit]);
    let mut emacs = screen(stage, named("emacs"));
    assert_eq!(press(&mut emacs, stage, "f"), [], "one key alone moves nothing here");
    assert!(!shown(&mut emacs, stage, 150, 44).contains("reason"));
    press(&mut emacs, stage, "^c");
    let waits = shown(&mut emacs, stage, 150, 44);
    assert!(waits.contains("fail the pair over, or change what is marked ▲"), "{waits}");
    press(&mut emacs, stage, "f");
    assert!(shown(&mut emacs, stage, 150, 44).contains("propose"));
    // In the field that is open now, letters are text, and the same sequences work.
    assert_eq!(press(&mut emacs, stage, "q f g x"), []);
    assert!(shown(&mut emacs, stage, 150, 44).contains("qfgx"));
    press(&mut emacs, stage, "^g");
    let closed = shown(&mut emacs, stage, 150, 44);
    assert!(!closed.contains("qfgx") && !closed.contains("propose"), "{closed}");
}

#[test]
fn a_sequence_is_broken_off_by_esc_and_by_another_key() {
    let stage = &*CALM;
    let mut screen = screen(stage, named("vim"));
    let calm = shown(&mut screen, stage, 150, 44);
    press(&mut screen, stage, "g esc");
    assert_eq!(shown(&mut screen, stage, 150, 44), calm);
    // `q` would quit, but after `g` nobody knows what was meant.
    assert_eq!(press(&mut screen, stage, "g q"), []);
    let said = shown(&mut screen, stage, 150, 44);
    assert!(said.contains("g q is no key here") && !said.contains(WAITS), "{said}");
    assert_eq!(press(&mut screen, stage, "q"), [Wish::Quit]);
    // A click or a paste breaks it off, too.
    press(&mut screen, stage, "Z");
    screen.input(&stage.model, Event::Paste("x".into()));
    assert_eq!(press(&mut screen, stage, "Z"), []);
    assert!(shown(&mut screen, stage, 150, 44).contains(WAITS), "the second Z began anew");
    // In the dialog of a change too: esc ends the sequence, and only then the dialog.
    let stage = &*PROPOSED;
    let mut screen = self::screen(stage, named("vim"));
    press(&mut screen, stage, "c");
    let open = shown(&mut screen, stage, 150, 44);
    press(&mut screen, stage, "g esc");
    assert_eq!(shown(&mut screen, stage, 150, 44), open);
    press(&mut screen, stage, "esc");
    assert_ne!(shown(&mut screen, stage, 150, 44), open);
}

#[test]
fn a_narrow_context_comes_before_a_wide_one() {
    let mine = "name = \"m\"\ninherits = \"default\"\n[keys]\nreject = [\"X\"]\n[keys.view]\nhelp = [\"x\", \"?\"]\n[keys.drs-view]\nquit = [\"x\"]\nhelp = [\"?\"]\n";
    let stage = &*CALM;
    let mut screen = screen(stage, parse(mine));
    assert_eq!(press(&mut screen, stage, "x"), []);
    assert!(shown(&mut screen, stage, 150, 44).contains("╭ keys "), "the view's own");
    assert_eq!(press(&mut screen, stage, "esc 5 x"), [Wish::Quit]);
    // The hint in the last line says the key that does it there.
    let foot = |screen: &mut Screen| shown(screen, stage, 150, 44).lines().last().unwrap().to_owned();
    assert!(foot(&mut screen).contains(" x  quit"), "{}", foot(&mut screen));
    press(&mut screen, stage, "1");
    assert!(foot(&mut screen).contains(" q  quit"), "{}", foot(&mut screen));
}

#[test]
fn the_help_screen_shows_the_keymap_that_is_in_force() {
    let stage = &*CALM;
    let mut screen = screen(stage, named("emacs"));
    press(&mut screen, stage, "?");
    let mut all = String::new();
    for _ in 0..8 {
        all.push_str(&shown(&mut screen, stage, 150, 44));
        press(&mut screen, stage, "^v");
    }
    assert!(all.contains("keys emacs, theme dark"), "{all}");
    for action in Action::ALL {
        let key = Keymap::builtin("emacs").unwrap().key(*action);
        let words: String = action.words().chars().take(24).collect();
        assert!(all.lines().any(|l| l.contains(&words) && l.contains(&key)), "{}: {all}", action.name());
    }
    // What a narrower context adds stands at the end: `q` closes a dialog there, and quits everywhere else.
    assert!(all.contains("only while a dialog is open") && !all.contains("only while typing"), "{all}");
}

/// What moves traffic opens a dialog; what would act at once is named so, and its keys are guarded.
#[test]
fn nothing_dangerous_acts_at_its_key_unless_it_says_so() {
    for stage in [&*CALM, &*PROPOSED] {
        for action in Action::ALL.iter().filter(|a| a.danger() == Danger::Confirmed) {
            let keys = named("default").key(*action);
            for view in ["1", "2", "5", "7"] {
                let mut screen = screen(stage, named("default"));
                assert_eq!(press(&mut screen, stage, &format!("{view} {keys}")), [], "{}", action.name());
                assert_eq!(press(&mut screen, stage, &keys), [], "{} twice", action.name());
            }
        }
    }
    let direct: Vec<_> = Action::ALL.iter().filter(|a| a.danger() == Danger::Direct).collect();
    assert_eq!(direct, [&Action::ActAsSecond]);
    let mut screen = screen(&PROPOSED, named("default"));
    let wishes = press(&mut screen, &PROPOSED, "A");
    assert!(wishes.iter().any(|w| matches!(w, Wish::ActAsSecond { .. })), "{wishes:?}");
}

#[test]
fn what_is_wrong_with_a_keymap_is_seen_until_esc() {
    let stage = &*CALM;
    let mut screen = screen(stage, Keymap::default());
    let mut fresh = self::screen(stage, Keymap::default());
    screen.notice("the keymap is not used: mine.toml:3:9: `q` is \u{1b}[31mbound twice");
    for key in ["4", "tab", "1", "down"] {
        press(&mut screen, stage, key);
        press(&mut fresh, stage, key);
        let said = shown(&mut screen, stage, 80, 24).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("▲ the keymap is not used: mine.toml:3:9: `q` is ‹U+001B›[31mbound twice"), "{said}");
        assert!(said.contains("esc takes this away"), "{said}");
    }
    press(&mut screen, stage, "esc");
    assert_eq!(shown(&mut screen, stage, 80, 24), shown(&mut fresh, stage, 80, 24));
}

fn any_key() -> impl Strategy<Value = KeyEvent> {
    let often = "gGZzyqcxtTfbdDAomvwnuprokjhl?1258 \u{e9}".chars().collect::<Vec<_>>();
    let code = prop_oneof![
        16 => proptest::sample::select(often).prop_map(KeyCode::Char),
        4 => proptest::sample::select("xcgnpvo ".chars().collect::<Vec<_>>()).prop_map(KeyCode::Char),
        2 => any::<char>().prop_map(KeyCode::Char),
        4 => proptest::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down, KeyCode::Left,
            KeyCode::Right, KeyCode::PageUp, KeyCode::Home, KeyCode::Backspace, KeyCode::Null, KeyCode::F(1),
            KeyCode::F(255), KeyCode::Insert, KeyCode::CapsLock,
        ]),
    ];
    let modifiers = prop_oneof![
        4 => Just(KeyModifiers::NONE), 4 => Just(KeyModifiers::CONTROL), 1 => Just(KeyModifiers::ALT),
        1 => any::<u8>().prop_map(KeyModifiers::from_bits_truncate),
    ];
    (code, modifiers).prop_map(|(code, modifiers)| KeyEvent::new(code, modifiers))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Whatever is pressed, on whichever keymap, esc leads out of the sequence that waits, and does no more then.
    #[test]
    fn esc_always_leads_out_of_a_sequence(
        keys in proptest::collection::vec(any_key(), 1..40), name in 0usize..3, proposed in any::<bool>(),
    ) {
        let stage = if proposed { &*PROPOSED } else { &*CALM };
        let name = Keymap::names().nth(name).unwrap();
        let mut screen = screen(stage, named(name));
        for key in keys {
            screen.input(&stage.model, Event::Key(key));
            if shown(&mut screen, stage, 80, 24).contains(WAITS) {
                let wishes = screen.input(&stage.model, Event::Key(KeyEvent::from(KeyCode::Esc)));
                prop_assert!(wishes.is_empty(), "{wishes:?}");
                prop_assert!(!shown(&mut screen, stage, 80, 24).contains(WAITS));
                screen.input(&stage.model, Event::Key(key));
            }
        }
    }

    /// Whatever stands in a file, reading it ends, and each fault has a place in it.
    #[test]
    fn any_text_is_read(
        lines in proptest::collection::vec(
            prop_oneof![
                4 => ("(note|first|last|quit|act-as-second|x)", "[a-z g-]{0,6}").prop_map(|(a, k)| format!("{a} = [\"{k}\"]")),
                1 => "\\[keys(\\.(view|dialog|field|drs-view|x))?\\]",
                1 => any::<String>(),
            ],
            0..12,
        ),
    ) {
        let text = format!("name = \"m\"\ninherits = \"vim\"\n[keys]\n{}\n", lines.join("\n"));
        if let Err(faults) = Keymap::parse(&text, "m.toml") {
            prop_assert!(!faults.0.is_empty());
            for fault in &faults.0 {
                prop_assert!(fault.line >= 1 && fault.line <= text.matches('\n').count() + 1, "{fault}");
                prop_assert!(!fault.message.chars().any(signalbox::hygiene::is_hidden), "{fault:?}");
            }
        }
    }
}
