//! Every view holds its frames at every size, whatever names an estate has.

use crate::support;

use crossterm::event::MouseEventKind;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use signalbox::estate::Estate;
use signalbox::ui::Screen;
use support::eye::{buffer, find, lines, mouse, press, text};
use support::{Stage, setup, with_servers};

const WIDE: (u16, u16) = (150, 44);

fn screen(stage: &Stage) -> Screen {
    Screen::new(setup(stage, "alice", "dark"))
}

/// The whole estate with names as long and as wide as they come.
fn long_names() -> Stage {
    let mut estate: Estate = support::estate();
    for (i, s) in estate.systems.iter_mut().enumerate() {
        match i % 4 {
            0 => s.name = format!("{} データベース東京リージョン主系統", s.name),
            1 => s.name = format!("{} with a name that nobody wanted to be as long as this", s.name),
            _ => {}
        }
    }
    for (i, c) in estate.health_checks.iter_mut().enumerate() {
        if i % 2 == 0 {
            c.name = format!("{} 健康確認 of the whole portal", c.name);
        }
    }
    estate.name = "guiding-care-of-all-the-regions 東京".into();
    let mut stage = Stage::of(estate);
    stage.poll();
    stage.pass(6);
    stage.poll();
    stage.down.push(support::EAST);
    for _ in 0..4 {
        stage.poll();
        stage.pass(60);
    }
    stage = with_servers(stage);
    stage.propose(
        "a reason of some length, 理由, that says what has happened and why this has to be done now, INC-4471",
    );
    stage.pass(1);
    stage
}

/// Nothing is torn: every frame's left side has its right side, on every line, at every size.
#[test]
fn every_view_holds_its_frames_at_every_size() {
    let stage = long_names();
    let keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ":", "'", "'data", "c", "?", "f", "/a"];
    for size in [(60, 18), (80, 24), (110, 30), (150, 44), (220, 60), (300, 80), (1_700, 30)] {
        for keys in keys {
            let mut screen = screen(&stage);
            buffer(&mut screen, &stage, size);
            press(&mut screen, &stage, keys);
            let drawn = buffer(&mut screen, &stage, size);
            if let Some(folder) = std::env::var_os("SIGNALBOX_TEST_SCREENS") {
                let name = format!("{}x{}-{}.txt", size.0, size.1, keys.replace(['/', '?', ':', '\''], "_"));
                std::fs::write(std::path::Path::new(&folder).join(name), text(&drawn)).unwrap();
            }
            // A dialog covers what is beneath it: where it is as wide as the screen, only whole lines of it.
            if size.0 < 100 || keys.starts_with(|c: char| c.is_ascii_digit() || c == '/') {
                framed(&drawn, &format!("{keys} at {size:?}"));
            }
        }
    }
}

/// Wherever the edge of the palette falls, it cuts no wide character of what is beneath it in half.
#[test]
fn no_dialog_cuts_a_wide_character() {
    let stage = long_names();
    for width in 120..190 {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, ":");
        let drawn = buffer(&mut screen, &stage, (width, 30));
        let (x, y) = find(&drawn, "╭ commands").unwrap();
        let side: String = (y + 1..drawn.area.height).map(|y| drawn[(x, y)].symbol()).collect();
        let bottom = side.find('╰').unwrap();
        assert!(side[..bottom].chars().all(|c| c == '│'), "{width}: {side}\n{}", text(&drawn));
    }
}

/// Corners come in pairs, and between them stand sides.
fn framed(buffer: &Buffer, what: &str) {
    let at = |x: u16, y: u16| buffer[(x, y)].symbol();
    for y in 0..buffer.area.height {
        for x in 0..buffer.area.width {
            if at(x, y) != "╭" {
                continue;
            }
            let right = (x + 1..buffer.area.width).find(|r| at(*r, y) == "╮" || at(*r, y) == "╭");
            // A dialog may cover a corner of what is beneath it.
            let Some(right) = right.filter(|r| at(*r, y) == "╮") else { continue };
            let Some(bottom) = (y + 1..buffer.area.height).find(|b| at(x, *b) != "│") else { continue };
            // Beneath a panel another one may begin; what is left open by anything else is torn.
            assert!(matches!(at(x, bottom), "╰" | "╭"), "{what}: torn at {x},{bottom}\n{}", text(buffer));
            if at(x, bottom) != "╰" {
                continue;
            }
            for side in y + 1..bottom {
                let symbol = at(right, side);
                assert!(
                    matches!(symbol, "│" | "╭" | "╰" | "─"),
                    "{what}: torn at {right},{side} by {symbol:?}\n{}",
                    text(buffer)
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// A storm of sizes with keys and clicks between: it holds, and what was picked stays picked.
    #[test]
    fn a_storm_of_sizes(
        sizes in proptest::collection::vec((1u16..320, 1u16..90), 1..12),
        view in proptest::sample::select(vec!["1", "3", "4", "5", "6", "7", "8", "9"]),
        wheel in proptest::collection::vec((0u16..320, 0u16..90, any::<bool>()), 0..6),
        down in 1usize..8,
    ) {
        let stage = storm();
        let mut screen = screen(stage);
        press(&mut screen, stage, view);
        buffer(&mut screen, stage, WIDE);
        for _ in 0..down {
            press(&mut screen, stage, "↓");
        }
        let before = lit(&buffer(&mut screen, stage, WIDE));
        for (i, size) in sizes.iter().enumerate() {
            framed(&buffer(&mut screen, stage, *size), &format!("{view} {size:?}"));
            if let Some((x, y, up)) = wheel.get(i) {
                let kind = if *up { MouseEventKind::ScrollUp } else { MouseEventKind::ScrollDown };
                mouse(&mut screen, stage, kind, (*x, *y));
            }
        }
        // The wheel may have left it out of sight; sizes alone may not.
        if wheel.is_empty() {
            prop_assert_eq!(lit(&buffer(&mut screen, stage, WIDE)), before);
        }
    }
}

fn storm() -> &'static Stage {
    use std::sync::OnceLock;
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(long_names)
}

/// The text of the row under the cursor.
fn lit(buffer: &Buffer) -> Option<String> {
    let ground = buffer[(0, 0)].bg;
    let text = lines(buffer);
    (6..buffer.area.height - 3)
        .find(|y| (2..6).all(|x| buffer[(x, *y)].bg != ground))
        .map(|y| text.get(usize::from(y)).cloned().unwrap_or_default())
}
