//! Theme files through their public door: the shipped ones, and folders of valid and invalid ones.
//!
//! Beside each `tests/themes/invalid/NAME.toml` stands `NAME.expected`, every fault of it as a user sees it. To
//! write them anew, run the test with `WRITE_EXPECTED=1` and read the difference before committing it.

use crate::corpus;

use ratatui::style::{Color, Modifier};
use signalbox::ui::{Depth, Role, Theme};

#[test]
fn every_shipped_theme_is_complete_and_can_be_read() {
    let files = corpus::files("themes");
    for name in Theme::names() {
        assert!(Theme::builtin(name).is_some(), "{name}");
    }
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap();
        let theme = Theme::parse(&text, name).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(theme.name(), name);
        assert!(Theme::names().any(|n| n == name), "{name} is not shipped");
    }
    assert!(files.len() >= 6, "{files:?}");
}

#[test]
fn valid_files_are_taken() {
    for file in corpus::files("tests/themes/valid") {
        let text = std::fs::read_to_string(&file).unwrap();
        Theme::parse(&text, "mine.toml").unwrap_or_else(|faults| panic!("{}: {faults}", file.display()));
    }
}

#[test]
fn invalid_files_are_refused_with_every_fault() {
    corpus::expected("tests/themes/invalid", |text, name| Theme::parse(text, name).unwrap_err().to_string());
}

#[test]
fn a_theme_inherits_from_one_beside_it_and_a_circle_is_said() {
    let beside = |name: &str| match name {
        "night" => Some("name = \"night\"\ninherits = \"dark\"\n[palette]\ngreen = \"#00ff00\"\n".to_owned()),
        "one" => Some("name = \"one\"\ninherits = \"two\"\n".to_owned()),
        "two" => Some("name = \"two\"\ninherits = \"one\"\n".to_owned()),
        _ => None,
    };
    let mine = Theme::parse_beside("name = \"mine\"\ninherits = \"night\"\n", "mine.toml", beside).unwrap();
    assert_eq!(mine.style(Role::Ok).fg, Some(Color::Rgb(0, 255, 0)));
    assert_eq!(mine.style(Role::Warn), Theme::default().style(Role::Warn));
    let round = Theme::parse_beside("name = \"mine\"\ninherits = \"one\"\n", "mine.toml", beside).unwrap_err();
    let said = "mine.toml:2:12: themes inherit from each other in a circle: mine → one → two → one";
    assert_eq!(round.to_string(), said);
}

#[test]
fn fewer_colours_keep_text_and_ground_apart() {
    for name in Theme::names() {
        let theme = Theme::builtin(name).unwrap();
        for depth in [Depth::Sixteen, Depth::Xterm] {
            let fitted = theme.at(depth);
            let ground = fitted.style(Role::Text).bg;
            for role in Role::ALL {
                let style = fitted.style(*role);
                for colour in [style.fg, style.bg].into_iter().flatten() {
                    assert!(!matches!(colour, Color::Rgb(..)), "{name} {role:?} at {depth:?}");
                }
                if style.fg.is_some() {
                    assert_ne!(style.fg, style.bg.or(ground), "{name} {role:?} at {depth:?}");
                }
            }
        }
    }
}

/// The badge of the real thing stands out more from the ground than that of the demo, which looks like no state.
#[test]
fn the_real_thing_is_the_loudest_badge_and_the_demo_is_no_state() {
    let luminance = |colour: Option<Color>| match colour {
        Some(Color::Rgb(r, g, b)) => 0.2126 * f64::from(r) + 0.7152 * f64::from(g) + 0.0722 * f64::from(b),
        other => panic!("{other:?}"),
    };
    for name in Theme::names().filter(|name| *name != "monochrome") {
        let theme = Theme::builtin(name).unwrap();
        let ground = luminance(theme.style(Role::Text).bg);
        let away = |role| (luminance(theme.style(role).bg) - ground).abs();
        for role in [Role::Demo, Role::ReadOnly, Role::Past] {
            assert!(away(Role::Production) > away(role), "{name} {role:?}");
        }
        for state in [Role::Ok, Role::Warn, Role::Fail, Role::Unknown] {
            assert_ne!(theme.style(Role::Demo).bg, theme.style(state).fg, "{name} {state:?}");
        }
    }
}

#[test]
fn without_colours_what_matters_still_stands_out() {
    let plain = Theme::default().at(Depth::None);
    for role in Role::ALL {
        let style = plain.style(*role);
        assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
    }
    for role in [Role::Loud, Role::Production, Role::Key] {
        assert!(plain.style(role).add_modifier.contains(Modifier::REVERSED), "{role:?}");
    }
    // A row under the cursor, or a banner of success, is not the same white block as what nobody may overlook.
    for role in [Role::Selected, Role::Notice, Role::Good, Role::Demo] {
        let style = plain.style(role).add_modifier;
        assert!(style.contains(Modifier::BOLD) && !style.contains(Modifier::REVERSED), "{role:?}");
    }
    assert_ne!(plain.style(Role::Fail), plain.style(Role::Ok));
}
