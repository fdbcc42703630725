//! What a screen looks like: modes told apart at a glance, themes chosen with a preview, what was copied said.

use crate::support;

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::style::Color;
use signalbox::event::{Ask, NewSession, What};
use signalbox::record::SessionKind;
use signalbox::runtime::themes::ThemeFiles;
use signalbox::ui::{Depth, Mode, Role, Screen, Setup, Theme, ThemeOffer, Wish};
use support::eye::{self, press, text};
use support::{Stage, east, setup};

fn draw(screen: &mut Screen, stage: &Stage, width: u16, height: u16) -> Buffer {
    eye::buffer(screen, stage, (width, height))
}

/// The colour of the frames: of the first rule or corner.
fn frame(buffer: &Buffer) -> Color {
    let cell = buffer.content.iter().find(|c| matches!(c.symbol(), "╭" | "─")).unwrap();
    cell.fg
}

#[test]
fn modes_are_told_apart_by_word_and_by_colour() {
    let stage = Stage::calm();
    for name in Theme::names() {
        let mut badges = BTreeSet::new();
        let mut frames = BTreeSet::new();
        for mode in Mode::ALL {
            for (width, word) in [(80, mode.short()), (150, mode.word())] {
                let mut screen = Screen::new(Setup { mode, ..setup(&stage, "alice", name) });
                let shown = draw(&mut screen, &stage, width, 44);
                let top = text(&shown).lines().next().unwrap().to_owned();
                assert!(top.contains(&format!(" {word} ")), "{name} {width}: {top}");
                let at = top.find(word).unwrap();
                let cell = &shown[(at as u16, 0)];
                badges.insert(format!("{word}{:?}{:?}", cell.fg, cell.bg));
                if width == 150 {
                    frames.insert(format!("{:?}", frame(&shown)));
                }
            }
        }
        assert!(badges.len() >= Mode::ALL.len(), "{name}: {badges:?}");
        let colours = if name == "monochrome" { 1 } else { Mode::ALL.len() };
        assert_eq!(frames.len(), colours, "{name}: {frames:?}");
    }
}

#[test]
fn a_drill_has_its_name_and_frames_of_its_own_whatever_the_mode() {
    let mut stage = Stage::calm();
    let by = stage.hands("alice").operator.unwrap();
    let session =
        |name: &str, kind| NewSession { pair: east(), name: name.into(), kind, participants: Vec::new(), since: None };
    let of = |stage: &Stage, mode, width| {
        let mut screen = Screen::new(Setup { mode, ..setup(stage, "alice", "dark") });
        screen.present(true);
        let shown = draw(&mut screen, stage, width, 24);
        (text(&shown).lines().next().unwrap().to_owned(), frame(&shown))
    };
    let plain = of(&stage, Mode::Production, 80).1;
    let others = [Mode::Production, Mode::Demo, Mode::ReadOnly].map(|mode| format!("{:?}", of(&stage, mode, 80).1));
    let drill = session("2026-Q4", SessionKind::Quarterly);
    stage.feed(What::Asked(Ask::Begin { by: by.clone(), session: drill }));
    stage.pass(1);
    let mut drills = BTreeSet::new();
    for mode in [Mode::Production, Mode::Demo] {
        let (top, frame) = of(&stage, mode, 80);
        for word in [mode.short(), "PRESENTER", "DRILL 2026-Q4", "18:"] {
            assert!(top.contains(word), "{word} fits at 80 columns: {top}");
        }
        drills.insert(format!("{frame:?}"));
    }
    assert!(others.iter().all(|other| !drills.contains(other)), "{drills:?} {others:?}");
    assert_eq!(drills.len(), 1, "a drill's frames are a drill's, whatever the mode: {drills:?}");
    let (top, _) = of(&stage, Mode::Production, 60);
    assert!(top.contains("PROD") && top.contains("PRESENTER"), "{top}");
    let past = format!("{:?}", of(&stage, Mode::Past, 80).1);
    assert!(!drills.contains(&past), "what is past is past, also a drill");
    stage.feed(What::Asked(Ask::End { by: by.clone(), pair: east() }));
    stage.feed(What::Asked(Ask::Begin { by, session: session("INC-4471", SessionKind::Incident) }));
    stage.pass(1);
    let (top, frame) = of(&stage, Mode::Production, 150);
    assert!(top.contains("PRODUCTION") && top.contains("INCIDENT INC-4471"), "{top}");
    assert_eq!(frame, plain, "an incident is what the everyday look is for");
}

fn offers(texts: &[(&str, &str)]) -> (tempfile::TempDir, ThemeFiles) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in texts {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let files = ThemeFiles { folder: Some(folder.path().to_owned()), file: None, depth: Depth::True };
    (folder, files)
}

const MINE: &str = "name = \"mine\"\ninherits = \"dark\"\n[palette]\nground = \"#001020\"\n";
const BROKEN: &str = "name = \"mine\"\ninherits = \"dark\"\n[palette]\nground = \"#00102\"\n";

#[test]
fn a_theme_is_previewed_kept_or_put_back() {
    let stage = Stage::calm();
    let (_folder, files) = offers(&[("mine.toml", MINE)]);
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    screen.offer_themes(files.read());
    let ground = |screen: &mut Screen| draw(screen, &stage, 80, 24)[(79, 23)].bg;
    let of = |name: &str| Theme::builtin(name).unwrap().style(Role::Text).bg.unwrap();
    assert_eq!(ground(&mut screen), of("dark"));
    press(&mut screen, &stage, "C↓");
    assert_eq!(ground(&mut screen), of("light"), "what is under the cursor is shown at once");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    for name in Theme::names().chain(["mine"]) {
        assert!(shown.contains(name), "{name} is in the list:\n{shown}");
    }
    press(&mut screen, &stage, "\u{1b}");
    assert_eq!(ground(&mut screen), of("dark"), "esc brings back what was");
    let wishes = press(&mut screen, &stage, "C↓↓↓↓↓↓↓↓\n");
    assert_eq!(wishes, [Wish::RememberTheme("mine".into())], "what is chosen is kept for the next time");
    assert_eq!(ground(&mut screen), Color::Rgb(0, 0x10, 0x20));
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(!shown.contains("shipped"), "enter closes the list:\n{shown}");
    // Help says what is in force.
    press(&mut screen, &stage, "?");
    assert!(text(&draw(&mut screen, &stage, 80, 24)).contains("theme mine"));
}

#[test]
fn a_theme_with_faults_is_seen_and_never_in_the_way() {
    let stage = Stage::calm();
    let (folder, files) = offers(&[("mine.toml", MINE), ("notes.txt", "no theme")]);
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    screen.offer_themes(files.read());
    screen.choose_theme("mine");
    let mine = Color::Rgb(0, 0x10, 0x20);
    assert_eq!(draw(&mut screen, &stage, 80, 24)[(79, 23)].bg, mine);
    // Saved with a fault while it is in use: it stays, and the fault is said with its place.
    std::fs::write(folder.path().join("mine.toml"), BROKEN).unwrap();
    screen.offer_themes(files.read());
    let shown = draw(&mut screen, &stage, 80, 24);
    assert_eq!(shown[(79, 23)].bg, mine);
    let words = text(&shown);
    assert!(words.contains("mine.toml:4:10: `#00102` is no colour"), "{words}");
    // In the list it says why it cannot be kept.
    press(&mut screen, &stage, "C\n");
    let words = text(&draw(&mut screen, &stage, 150, 44));
    assert!(words.contains("not done: this theme has faults") && words.contains("mine.toml:4:10"), "{words}");
    press(&mut screen, &stage, "\u{1b}");
    // Mended, it is taken by itself.
    std::fs::write(folder.path().join("mine.toml"), MINE.replace("1020", "2030")).unwrap();
    screen.offer_themes(files.read());
    let shown = draw(&mut screen, &stage, 80, 24);
    assert_eq!(shown[(79, 23)].bg, Color::Rgb(0, 0x20, 0x30));
    assert!(!text(&shown).contains("is not taken"), "{}", text(&shown));
    // One that is not there at all is said, too.
    screen.choose_theme("moon");
    let words = text(&draw(&mut screen, &stage, 80, 24));
    assert!(words.contains("no theme is called `moon`"), "{words}");
}

#[test]
fn a_persons_own_theme_takes_the_place_of_a_shipped_one() {
    let (folder, mut files) = offers(&[("dark.toml", &MINE.replace("mine", "dark"))]);
    let offers = files.read();
    assert_eq!(offers.len(), Theme::names().count());
    assert!(offers.iter().any(|o| o.name == "dark" && o.own));
    // A file that was named is offered by the path that it was named with; one that is not there says so.
    let named = folder.path().join("elsewhere.toml");
    files.file = Some(named.clone());
    let last = files.read().pop().unwrap();
    assert_eq!(last.name, named.display().to_string());
    assert!(last.theme.unwrap_err().contains("failed to read the theme file"));
}

#[test]
fn the_terminals_ground_decides_only_where_nobody_has() {
    let stage = Stage::calm();
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let name = |screen: &mut Screen| {
        press(screen, &stage, "?");
        let shown = text(&draw(screen, &stage, 80, 24));
        press(screen, &stage, "\u{1b}");
        shown.split("theme ").nth(1).unwrap().split([' ', '▲']).next().unwrap().to_owned()
    };
    screen.ground_is(true);
    assert_eq!(name(&mut screen), "light");
    screen.ground_is(false);
    assert_eq!(name(&mut screen), "dark");
    screen.choose_theme("projector");
    screen.ground_is(true);
    assert_eq!(name(&mut screen), "projector");
    let other = ThemeOffer { name: "light".into(), own: true, theme: Ok(Theme::builtin("monochrome").unwrap()) };
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    screen.offer_themes(vec![other]);
    screen.ground_is(true);
    assert_eq!(name(&mut screen), "monochrome", "one's own light theme is the light theme");
}

fn copied(screen: &mut Screen, stage: &Stage, keys: &str) -> String {
    draw(screen, stage, 150, 44);
    for key in keys.chars() {
        press(screen, stage, &key.to_string());
        draw(screen, stage, 150, 44);
    }
    let wishes = press(screen, stage, "y");
    let [Wish::Copy(text)] = wishes.as_slice() else { panic!("{keys:?}: {wishes:?}") };
    text.clone()
}

#[test]
fn what_is_selected_is_copied_and_said_until_the_next_key() {
    let mut stage = Stage::outage();
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let sentence = copied(&mut screen, &stage, "");
    assert!(sentence.starts_with("us-east-1 is impaired since"), "{sentence}");
    let shown = text(&draw(&mut screen, &stage, 150, 44));
    assert!(shown.contains("✔ copied: us-east-1 is impaired since"), "{shown}");
    stage.pass(60);
    assert!(text(&draw(&mut screen, &stage, 80, 24)).contains("✔ copied:"), "no clock takes it away");
    press(&mut screen, &stage, "z");
    assert!(!text(&draw(&mut screen, &stage, 80, 24)).contains("✔ copied:"), "the next key does");

    // A lever, a system of the side that is looked at, a system in its dialog.
    assert_eq!(copied(&mut screen, &stage, "1↓"), "api: api-us-east-1 ON, api-us-east-2 OFF");
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let line = copied(&mut screen, &stage, "↑");
    assert!(line.contains(" in us-east-1: ") && line.ends_with('Z'), "{line}");
    let both = copied(&mut screen, &stage, "\n");
    assert!(both.contains(" in us-east-1: ") && both.contains("; ") && both.contains(" in us-east-2: "), "{both}");

    // A change: what the second person types while it waits; in the timeline, its line.
    let digest = stage.propose("INC-4471");
    for keys in ["c", "7↓"] {
        let mut screen = Screen::new(setup(&stage, "alice", "dark"));
        let command = copied(&mut screen, &stage, keys);
        let file = format!("/tmp/signalbox-demo/incident/{}.change", digest.words());
        assert_eq!(command, format!("cargo run -q -- approve {file} --key /tmp/signalbox-demo/keys/bob"), "{keys}");
    }
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let entry = copied(&mut screen, &stage, "8");
    assert!(entry.contains("Z alice: proposes ") && entry.contains(&digest.words()), "{entry}");
    stage.approve();
    stage.pass(1);
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let change = copied(&mut screen, &stage, "7↓");
    assert!(change.starts_with(&digest.words()) && change.contains("approved, asked by alice: INC-4471"), "{change}");
}

#[test]
fn a_dialog_says_what_was_copied_as_well() {
    let stage = Stage::until("proposed");
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    copied(&mut screen, &stage, "c");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("✔ copied: cargo run"), "{shown}");
}

#[test]
fn no_terminal_is_too_wide_or_too_tall() {
    let stage = Stage::calm();
    for (width, height) in [(1_599, 45), (10_923, 20), (60, 21_846)] {
        for key in ["1", "2", "7"] {
            let mut screen = Screen::new(setup(&stage, "alice", "dark"));
            press(&mut screen, &stage, key);
            let shown = draw(&mut screen, &stage, width, height);
            assert!(!text(&shown).trim().is_empty(), "{width}×{height}, {key}");
        }
    }
}
