//! `t`: a status update that can be sent as it is, and the record that people were told.

use crate::support;

use signalbox::event::{Ask, What};
use signalbox::ui::{Screen, Setup, Wish};
use support::eye::{self, press, text};
use support::{Stage, setup};

fn seat(stage: &Stage, who: &str) -> Screen {
    Screen::new(setup(stage, who, "dark"))
}

/// The dialog as running text: where its lines break is another matter.
fn shown(screen: &mut Screen, stage: &Stage, size: (u16, u16)) -> String {
    let drawn = text(&eye::buffer(screen, stage, size));
    drawn.split(|c: char| c.is_whitespace() || c == '│').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ")
}

fn copied(screen: &mut Screen, stage: &Stage) -> String {
    let wishes = press(screen, stage, "y");
    let [Wish::Copy(text)] = wishes.as_slice() else { panic!("{wishes:?}") };
    text.clone()
}

#[test]
fn an_update_says_who_what_since_when_and_when_the_next_one_is_due() {
    let stage = Stage::until("proposed");
    let mut alice = seat(&stage, "alice");
    assert_eq!(press(&mut alice, &stage, "t"), [], "the key shows it, and records nothing");
    let sentence = stage.model.sentence(&support::east()).text;
    let code = stage.last.unwrap().words();
    let parts = [
        "DEMO, not real",
        "Status at 18:40:20Z",
        "pair east",
        sentence.as_str(),
        &format!("Change {code}: proposed by alice, "),
        "has 0 of 1 approvals",
        "Data loss as judged when it was proposed: ",
        "It began at 18:36:07Z, 00:04:13 ago",
        "RTO: 00:55:47 of 1 h left",
        "From alice. Next update by 18:55Z.",
    ];
    for size in [(150, 44), (220, 60)] {
        let shown = shown(&mut alice, &stage, size);
        for part in parts {
            assert!(shown.contains(part), "{size:?}: {part:?} is not in {shown}");
        }
    }
    let copied = copied(&mut alice, &stage);
    for part in parts {
        assert!(copied.contains(part), "{part:?} is not in {copied}");
    }
    assert!(!copied.chars().any(char::is_control), "{copied:?}");
    assert!(shown(&mut alice, &stage, (150, 44)).contains("✔ copied"));
}

/// A real one does not call itself a demo, and a calm day promises no further update.
#[test]
fn an_update_of_a_calm_day() {
    let stage = Stage::calm();
    let real = Setup { mode: signalbox::ui::Mode::Production, ..setup(&stage, "alice", "dark") };
    let mut alice = Screen::new(real);
    press(&mut alice, &stage, "t");
    let copied = copied(&mut alice, &stage);
    assert!(copied.starts_with("Status at ") && copied.contains("No incident clock runs."), "{copied}");
    assert!(copied.ends_with("From alice.") && !copied.contains("Next update"), "{copied}");
}

#[test]
fn enter_records_what_was_sent() {
    // Before step 7 it is a line of the timeline.
    let mut stage = Stage::until("proposed");
    let mut alice = seat(&stage, "alice");
    let wishes = press(&mut alice, &stage, "t\n");
    let [Wish::Ask(note @ Ask::Note { text, .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    assert_eq!(text, "a status update was sent; the next one is due by 18:55Z");
    stage.feed(What::Asked(note.clone()));
    assert!(!shown(&mut alice, &stage, (150, 44)).contains("status update, ready to send"), "enter closes it");
    // Then it is step 7.
    let mut stage = Stage::until("moved");
    assert!(shown(&mut alice, &stage, (150, 44)).contains("t tell people"));
    let wishes = press(&mut alice, &stage, "t\n");
    let [Wish::Ask(told @ Ask::Told { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(told.clone()));
    assert!(stage.model.incidents[&support::east()].ended.is_some());
}

/// Who looks on may send it too, and records nothing; behind a mask nothing of it is bare.
#[test]
fn an_update_of_somebody_who_looks_on_and_behind_a_mask() {
    let stage = Stage::until("proposed");
    let mut carol = seat(&stage, "carol");
    press(&mut carol, &stage, "t");
    assert!(copied(&mut carol, &stage).contains("From carol."));
    assert_eq!(press(&mut carol, &stage, "\n"), []);
    assert!(shown(&mut carol, &stage, (150, 44)).contains("you only look on"));
    let mut alice = seat(&stage, "alice");
    let mut secret = Stage::outage();
    secret.propose("INC-1 on 10.20.30.40");
    press(&mut alice, &secret, "t");
    assert!(copied(&mut alice, &secret).contains("10.20.30.40"));
    press(&mut alice, &secret, "P");
    assert!(!shown(&mut alice, &secret, (150, 44)).contains("10.20.30.40"));
    assert!(!copied(&mut alice, &secret).contains("10.20.30.40"));
}
