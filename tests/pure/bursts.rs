//! What comes at once is a paste, or typed ahead: it looks around and fills in fields, and does nothing else.

use crate::support;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use signalbox::event::Ask;
use signalbox::ui::{Input, Screen, Wish};
use support::eye::{buffer, press, text};
use support::{Stage, setup};

const SIZE: (u16, u16) = (100, 40);

/// Every key that a default keymap knows, and some that it does not.
fn keys() -> Vec<KeyEvent> {
    let plain = (' '..='~').map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    let held = ('a'..='z').map(|c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL));
    let others = [KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::Left, KeyCode::Down, KeyCode::F(1)];
    plain.chain(held).chain(others.map(KeyEvent::from)).collect()
}

fn at_once(screen: &mut Screen, stage: &Stage, key: KeyEvent) -> Vec<Wish> {
    screen.input(&stage.model, Input::AtOnce(Event::Key(key)))
}

/// Whether a wish does something that a paste must not.
fn acts(wish: &Wish) -> bool {
    match wish {
        Wish::Ask(Ask::Reading { .. }) => false,
        Wish::Ask(_) | Wish::Propose { .. } | Wish::ActAsSecond { .. } | Wish::Report { .. } => true,
        Wish::Quit | Wish::Suspend | Wish::RememberTheme(_) => true,
        Wish::Copy(_) | Wish::Hurry | Wish::Mouse(_) | Wish::Remember(_) | Wish::Past(_) | Wish::Live => false,
    }
}

/// Whatever is open, and whichever key comes at once, then one that would act, then enter.
#[test]
fn no_row_of_keys_that_comes_at_once_acts() {
    let (outage, proposed, approved) = (Stage::outage(), Stage::until("proposed"), Stage::until("approved"));
    let states: [(&Stage, &str, &str); 12] = [
        (&outage, "alice", ""),
        (&outage, "alice", " "),
        (&outage, "alice", "fa reason"),
        (&outage, "alice", "iINC-4471"),
        (&outage, "alice", "na note"),
        (&outage, "alice", "Ta mark"),
        (&outage, "alice", "t"),
        (&outage, "alice", ":fail over"),
        (&outage, "alice", "5"),
        (&proposed, "alice", "cW"),
        (&proposed, "bob", "cxa reason"),
        (&approved, "alice", "cus-east-2"),
    ];
    let enter = KeyEvent::from(KeyCode::Enter);
    for (stage, who, by_hand) in states {
        let mut screen = Screen::new(setup(stage, who, "dark"));
        buffer(&mut screen, stage, SIZE);
        press(&mut screen, stage, by_hand);
        let drafted = text(&buffer(&mut screen, stage, SIZE)).contains("nothing happens yet");
        for first in keys() {
            let mut one = screen.clone();
            let mut wishes = at_once(&mut one, stage, first);
            for second in "fAxtq".chars() {
                let mut two = one.clone();
                wishes.extend(at_once(&mut two, stage, KeyEvent::from(KeyCode::Char(second))));
                wishes.extend(at_once(&mut two, stage, enter));
                assert!(!wishes.iter().any(acts), "{by_hand:?}, {first:?}, {second:?}: {wishes:?}");
                wishes.clear();
            }
            let opened = text(&buffer(&mut one, stage, SIZE)).contains("nothing happens yet");
            assert!(drafted || !opened, "{by_hand:?}, {first:?}: a draft was opened");
        }
    }
}

/// The refusal is read, and the key does its work when it is pressed by itself.
#[test]
fn what_was_not_done_is_said_and_is_done_by_hand() {
    let stage = Stage::outage();
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    buffer(&mut screen, &stage, SIZE);
    for c in "fj".chars() {
        at_once(&mut screen, &stage, KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    }
    let shown = text(&buffer(&mut screen, &stage, SIZE));
    assert!(shown.contains("f came together with other keys"), "{shown}");
    press(&mut screen, &stage, "fslowly typed");
    for _ in 0..2 {
        assert_eq!(at_once(&mut screen, &stage, KeyEvent::from(KeyCode::Enter)), vec![]);
        let shown = text(&buffer(&mut screen, &stage, (150, 40)));
        assert!(shown.contains("press enter by hand") && shown.contains("slowly typed"), "{shown}");
    }
    assert!(matches!(press(&mut screen, &stage, "\n").as_slice(), [Wish::Propose { .. }]));
}
