//! Panes that grow and shrink, by keys and by the mouse, and are remembered.

use crate::support;

use crossterm::event::{MouseButton, MouseEventKind};
use signalbox::ui::{Layout, Screen, Wish};
use support::eye::{buffer, find, lines, mouse, press, shown};
use support::{Stage, setup};

const WIDE: (u16, u16) = (150, 44);
const NARROW: (u16, u16) = (80, 24);

fn screen(stage: &Stage) -> Screen {
    Screen::new(setup(stage, "alice", "dark"))
}

#[test]
fn panes_grow_shrink_and_are_remembered() {
    let stage = Stage::outage();
    for size in [(60, 18), NARROW, WIDE, (300, 80)] {
        let mut screen = screen(&stage);
        let drawn = buffer(&mut screen, &stage, size);
        let levers = find(&drawn, "▸ portal").unwrap();
        let before = lines(&drawn).join("\n");
        if size == (60, 18) {
            // There is no line to spare, and that is said.
            assert!(press(&mut screen, &stage, "+").is_empty());
            continue;
        }
        let Some(Wish::Remember(layout)) = press(&mut screen, &stage, "+").pop() else { panic!("nothing to remember") };
        assert_eq!(layout, Layout { timeline_lines: 1, lag_columns: 0 });
        let drawn = buffer(&mut screen, &stage, size);
        assert_eq!(find(&drawn, "▸ portal"), Some((levers.0, levers.1 - 1)), "{size:?}");
        // Another console that is given it looks the same.
        let mut again = self::screen(&stage).arranged(layout);
        assert_eq!(shown(&mut again, &stage, size), lines(&drawn).join("\n"));
        // Down to the end: it stops, says so, and one step the other way is one line.
        let mut steps = 0;
        while !press(&mut screen, &stage, "-").is_empty() {
            buffer(&mut screen, &stage, size);
            steps += 1;
            assert!(steps < 100);
        }
        assert!(shown(&mut screen, &stage, size).contains("the timeline cannot have fewer lines"));
        let lowest = find(&buffer(&mut screen, &stage, size), "▸ portal").unwrap();
        press(&mut screen, &stage, "+");
        assert_eq!(find(&buffer(&mut screen, &stage, size), "▸ portal").unwrap().1, lowest.1 - 1);
        press(&mut screen, &stage, "+");
        buffer(&mut screen, &stage, size);
        assert_eq!(press(&mut screen, &stage, "="), vec![Wish::Remember(Layout::default())], "{size:?}");
        assert_eq!(shown(&mut screen, &stage, size), before);
    }
}

#[test]
fn the_lag_column_grows_where_there_is_one_and_the_frame_is_dragged() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    let at = |screen: &mut Screen| find(&buffer(screen, &stage, WIDE), "lag, 15 min").unwrap();
    let before = at(&mut screen);
    assert_eq!(press(&mut screen, &stage, "}").len(), 1);
    buffer(&mut screen, &stage, WIDE);
    press(&mut screen, &stage, "}");
    assert_eq!(at(&mut screen).0, before.0 - 1);
    // What is wished for at one size is kept for it while another has no room.
    buffer(&mut screen, &stage, NARROW);
    press(&mut screen, &stage, "}");
    assert!(shown(&mut screen, &stage, NARROW).contains("a column of its own from 110 columns on"));
    assert_eq!(at(&mut screen).0, before.0 - 1);
    let levers = find(&buffer(&mut screen, &stage, WIDE), "▸ portal").unwrap();
    let (x, y) = find(&buffer(&mut screen, &stage, WIDE), " timeline ").unwrap();
    mouse(&mut screen, &stage, MouseEventKind::Down(MouseButton::Left), (x, y));
    mouse(&mut screen, &stage, MouseEventKind::Drag(MouseButton::Left), (x, y - 2));
    let wishes = mouse(&mut screen, &stage, MouseEventKind::Up(MouseButton::Left), (x, y - 2));
    assert!(matches!(wishes.as_slice(), [Wish::Remember(l)] if l.timeline_lines == 2), "{wishes:?}");
    assert_eq!(find(&buffer(&mut screen, &stage, WIDE), "▸ portal"), Some((levers.0, levers.1 - 2)));
}

#[test]
fn a_layout_is_kept_in_a_small_file_and_a_damaged_one_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout { timeline_lines: -3, lag_columns: 12 };
    assert_eq!(signalbox::runtime::layout::remembered(folder.path()), Layout::default());
    signalbox::runtime::layout::remember(folder.path(), &layout);
    assert_eq!(signalbox::runtime::layout::remembered(folder.path()), layout);
    for damaged in ["", "timeline_lines = \"many\"", "[[", &"#".repeat(100_000), "of_a_later_version = true\n"] {
        std::fs::write(folder.path().join("screen.toml"), damaged).unwrap();
        assert_eq!(signalbox::runtime::layout::remembered(folder.path()), Layout::default(), "{damaged:.40}");
    }
    // However far off what stands there, it is drawn.
    let stage = Stage::calm();
    for far in [i16::MIN, i16::MAX] {
        for size in [(60, 18), NARROW, WIDE, (300, 80)] {
            let mut screen = screen(&stage).arranged(Layout { timeline_lines: far, lag_columns: far });
            assert!(shown(&mut screen, &stage, size).contains("portal"), "{far} {size:?}");
        }
    }
}
