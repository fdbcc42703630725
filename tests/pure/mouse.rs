//! The mouse: clicks, the wheel, text that is selected.

use crate::support;

use crossterm::event::{MouseButton, MouseEventKind};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use signalbox::ui::{Screen, Wish};
use support::eye::{buffer, click, find, lines, mouse, press, shown};
use support::{Stage, setup, with_servers};

const WIDE: (u16, u16) = (150, 44);
const NARROW: (u16, u16) = (80, 24);

fn screen(stage: &Stage) -> Screen {
    Screen::new(setup(stage, "alice", "dark"))
}

/// Every row that can be clicked is clicked where it is drawn: then it is the one that is picked.
#[test]
fn a_click_picks_the_row_that_is_drawn_there() {
    let mut stage = with_servers(Stage::outage());
    stage.propose("INC-4471");
    for (view, names) in [
        ("1", vec!["SQL Server AG", "MongoDB"]),
        ("3", vec!["api us-east-1", "sftp us-east-2"]),
        ("4", vec!["api.guidingcare.com", "sftp.guidingcare.com"]),
        ("5", vec!["sql-3 ", "sql-12 "]),
        ("6", vec!["AMI copies", "app servers"]),
        ("7", vec!["asked by alice"]),
        ("8", vec!["proposes"]),
        ("9", vec!["bob", "CloudWatch us-east-1"]),
    ] {
        for size in [NARROW, WIDE, (220, 60)] {
            let mut screen = screen(&stage);
            press(&mut screen, &stage, view);
            let drawn = buffer(&mut screen, &stage, size);
            let mut clicked = 0;
            for name in &names {
                // Below the sentence, which names things too.
                let top = lines(&drawn).iter().position(|l| l.contains('─')).unwrap() as u16;
                let Some((x, y)) = find_below(&drawn, name, top) else { continue };
                click(&mut screen, &stage, (x, y));
                let after = buffer(&mut screen, &stage, size);
                // Of what stands on several lines the first is the one that is lit.
                let y = if name.starts_with("asked") { y - 1 } else { y };
                assert_ne!(
                    after[(x, y)].bg,
                    after[(0, 0)].bg,
                    "view {view} {size:?} {name}: {}",
                    lines(&after).join("\n")
                );
                // Before anybody moved it, the cursor stands on a list's first row.
                let first = ["asked by alice", "proposes"].contains(name);
                assert_eq!(drawn[(x, y)].bg != drawn[(0, 0)].bg, first, "view {view} {size:?} {name}: before");
                clicked += 1;
            }
            assert!(clicked > 0 || size == NARROW, "view {view} {size:?}: {}", lines(&drawn).join("\n"));
        }
    }
}

fn find_below(buffer: &Buffer, text: &str, top: u16) -> Option<(u16, u16)> {
    let mut cut = buffer.clone();
    for y in 0..top {
        for x in 0..cut.area.width {
            cut[(x, y)].set_symbol(" ");
        }
    }
    find(&cut, text)
}

#[test]
fn a_second_click_looks_and_hints_and_tabs_are_buttons() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    let at = find(&buffer(&mut screen, &stage, WIDE), "SQL Server AG").unwrap();
    let tab = find(&buffer(&mut screen, &stage, WIDE), " 7 changes ").unwrap();
    click(&mut screen, &stage, at);
    assert!(!shown(&mut screen, &stage, WIDE).contains(" tier "));
    click(&mut screen, &stage, at);
    assert!(shown(&mut screen, &stage, WIDE).contains(" tier "));
    // Beneath a dialog nothing is clicked, but its key hint is.
    click(&mut screen, &stage, tab);
    assert!(shown(&mut screen, &stage, WIDE).contains(" tier "));
    let close = find(&buffer(&mut screen, &stage, WIDE), " esc  close").unwrap();
    click(&mut screen, &stage, close);
    assert!(!shown(&mut screen, &stage, WIDE).contains(" tier "));
    click(&mut screen, &stage, tab);
    assert!(shown(&mut screen, &stage, WIDE).contains("changes, newest first"));
    press(&mut screen, &stage, "1");
    let check = find(&buffer(&mut screen, &stage, WIDE), "api us-east-2").unwrap();
    click(&mut screen, &stage, check);
    let drawn = buffer(&mut screen, &stage, WIDE);
    let (x, y) = find(&drawn, "api us-east-2").unwrap();
    assert!(lines(&drawn).join("\n").contains("health checks and probes") && drawn[(x, y)].bg != drawn[(0, 0)].bg);
}

#[test]
fn the_wheel_scrolls_what_is_under_the_pointer() {
    let mut stage = with_servers(Stage::outage());
    for n in 0..60 {
        let by = stage.hands("alice").operator.unwrap();
        let ask = signalbox::event::Ask::Note { by, pair: support::east(), text: format!("note number {n}") };
        stage.feed(signalbox::event::What::Asked(ask));
        stage.pass(1);
    }
    let mut screen = screen(&stage);
    let drawn = buffer(&mut screen, &stage, WIDE);
    let newest = find(&drawn, "note number 59").unwrap();
    mouse(&mut screen, &stage, MouseEventKind::ScrollDown, newest);
    let after = shown(&mut screen, &stage, WIDE);
    assert!(!after.contains("note number 59") && after.contains("▲ 3 newer"), "{after}");
    mouse(&mut screen, &stage, MouseEventKind::ScrollUp, newest);
    mouse(&mut screen, &stage, MouseEventKind::ScrollUp, newest);
    assert_eq!(shown(&mut screen, &stage, WIDE), lines(&drawn).join("\n"));
    // A wheel over nothing that scrolls does nothing.
    press(&mut screen, &stage, "2");
    let before = shown(&mut screen, &stage, WIDE);
    mouse(&mut screen, &stage, MouseEventKind::ScrollDown, (3, 0));
    assert_eq!(shown(&mut screen, &stage, WIDE), before);
}

#[test]
fn the_mouse_is_switched_off_and_that_is_said() {
    let stage = Stage::calm();
    let mut screen = screen(&stage);
    buffer(&mut screen, &stage, WIDE);
    assert!(screen.mouse());
    assert_eq!(press(&mut screen, &stage, "M"), vec![Wish::Mouse(false)]);
    assert!(
        shown(&mut screen, &stage, WIDE).contains("the mouse is off: the terminal selects text again; M turns it on")
    );
    let before = shown(&mut screen, &stage, WIDE);
    let at = find(&buffer(&mut screen, &stage, WIDE), "SQL Server AG").unwrap();
    click(&mut screen, &stage, at);
    assert_eq!(shown(&mut screen, &stage, WIDE), before, "what is off does nothing");
    press(&mut screen, &stage, "↑");
    assert!(shown(&mut screen, &stage, (220, 60)).contains("mouse is off"), "the footer goes on saying it");
    assert_eq!(press(&mut screen, &stage, "M"), vec![Wish::Mouse(true)]);
    assert!(!self::screen(&stage).with_mouse(false).mouse());
}

/// Presses at one place, drags to another, and lets go there; gives what was copied.
fn select(screen: &mut Screen, stage: &Stage, from: (u16, u16), to: (u16, u16)) -> Option<String> {
    mouse(screen, stage, MouseEventKind::Down(MouseButton::Left), from);
    mouse(screen, stage, MouseEventKind::Drag(MouseButton::Left), to);
    buffer(screen, stage, WIDE);
    match mouse(screen, stage, MouseEventKind::Up(MouseButton::Left), to).as_slice() {
        [] => None,
        [Wish::Copy(text)] => Some(text.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_drag_selects_text_and_copies_it() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    let drawn = buffer(&mut screen, &stage, WIDE);
    let (x, y) = find(&drawn, "api us-east-2").unwrap();
    assert_eq!(select(&mut screen, &stage, (x, y), (x + 12, y)).as_deref(), Some("api us-east-2"));
    assert!(shown(&mut screen, &stage, WIDE).contains("copied: api us-east-2"));
    // The other way round it is the same, and what was dragged over was not pressed.
    assert_eq!(select(&mut screen, &stage, (x + 12, y), (x, y)).as_deref(), Some("api us-east-2"));
    assert!(shown(&mut screen, &stage, WIDE).contains("routing controls"), "the overview is still there");
    // While it is dragged, it is seen.
    mouse(&mut screen, &stage, MouseEventKind::Down(MouseButton::Left), (x, y));
    mouse(&mut screen, &stage, MouseEventKind::Drag(MouseButton::Left), (x + 2, y));
    let held = buffer(&mut screen, &stage, WIDE);
    assert!(held[(x + 2, y)].bg != drawn[(x + 2, y)].bg && held[(x + 3, y)].bg == drawn[(x + 3, y)].bg);
    mouse(&mut screen, &stage, MouseEventKind::Up(MouseButton::Left), (x + 2, y));
    // What is pressed in one place and let go in the next, with nothing drawn between, copies and picks nothing.
    mouse(&mut screen, &stage, MouseEventKind::Down(MouseButton::Left), (x, y));
    assert_eq!(mouse(&mut screen, &stage, MouseEventKind::Up(MouseButton::Left), (x + 1, y)), []);
}

#[test]
fn a_selection_stays_in_its_panel_and_has_no_blanks_at_the_ends_of_lines() {
    let stage = Stage::outage();
    let mut screen = screen(&stage);
    let drawn = buffer(&mut screen, &stage, WIDE);
    let (x, y) = find(&drawn, "api us-east-1").unwrap();
    let copied = select(&mut screen, &stage, (x, y), (149, y + 1)).unwrap();
    assert!(shown(&mut screen, &stage, WIDE).contains("copied: 2 lines"));
    let [first, second] = copied.lines().collect::<Vec<_>>()[..] else { panic!("{copied:?}") };
    assert!(first.starts_with("api us-east-1") && second.contains("api us-east-2"), "{copied}");
    assert!(!copied.contains('│') && !copied.contains(" → ") && copied.lines().all(|l| l == l.trim_end()), "{copied}");
    // In a dialog it is the dialog's text, whatever lies beneath.
    press(&mut screen, &stage, "?");
    let drawn = buffer(&mut screen, &stage, WIDE);
    let (x, y) = find(&drawn, "row above").unwrap();
    let copied = select(&mut screen, &stage, (x, y), (x + 8, y)).unwrap();
    assert_eq!(copied, "row above");
}

/// In presenter mode what is copied is what is seen.
#[test]
fn a_selection_is_masked_as_its_screen_is() {
    let stage = Stage::until("proposed");
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "P2");
    let drawn = buffer(&mut screen, &stage, WIDE);
    let whole = select(&mut screen, &stage, (0, 0), (149, 43)).unwrap();
    assert_eq!(whole.lines().count(), lines(&drawn).iter().rposition(|l| !l.is_empty()).unwrap() + 1);
    for arn in stage.model.estate.controls().map(|c| c.arn.as_str().to_owned()) {
        assert!(!whole.contains(&arn), "{arn}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Wherever it is pressed, dragged and let go, in whatever size: it holds, and nothing acts.
    #[test]
    fn any_drag_holds(
        moves in proptest::collection::vec((0u16..320, 0u16..90), 1..8), sizes in proptest::collection::vec((1u16..320, 1u16..90), 1..4),
        dialog in any::<bool>(),
    ) {
        static STAGE: std::sync::LazyLock<Stage> = std::sync::LazyLock::new(|| Stage::until("approved"));
        let stage = &STAGE;
        let mut screen = screen(stage);
        buffer(&mut screen, stage, WIDE);
        if dialog {
            press(&mut screen, stage, "?");
        }
        let mut wishes = mouse(&mut screen, stage, MouseEventKind::Down(MouseButton::Left), moves[0]);
        for (i, at) in moves.iter().enumerate() {
            wishes.extend(mouse(&mut screen, stage, MouseEventKind::Drag(MouseButton::Left), *at));
            buffer(&mut screen, stage, sizes[i % sizes.len()]);
        }
        wishes.extend(mouse(&mut screen, stage, MouseEventKind::Up(MouseButton::Left), moves[moves.len() - 1]));
        buffer(&mut screen, stage, WIDE);
        for wish in wishes {
            let harmless = matches!(&wish, Wish::Copy(text) if !text.contains(|c: char| c.is_control() && c != '\n'));
            prop_assert!(harmless || matches!(wish, Wish::Remember(_)), "{wish:?}");
        }
    }
}
