//! The title of the terminal: the state in a few words, for whoever looks at a row of tabs.

use crate::support;

use signalbox::estate::PairName;
use signalbox::ui::{Mode, Screen, Setup};
use support::eye::press;
use support::{Stage, setup};

fn production(stage: &Stage) -> Screen {
    Screen::new(Setup { mode: Mode::Production, ..setup(stage, "alice", "dark") })
}

#[test]
fn it_says_the_state_and_how_long_it_has_lasted() {
    let title = |stage: &Stage| production(stage).title(&stage.model);
    assert_eq!(title(&Stage::new()), "? east · nothing known yet · signalbox");
    assert_eq!(title(&Stage::calm()), "● east · traffic in us-east-1 · signalbox");
    assert_eq!(title(&Stage::outage()), "✖ east · us-east-1 IMPAIRED · for 4 min · signalbox");
    assert_eq!(
        title(&Stage::until("proposed")),
        "✖ east · us-east-1 IMPAIRED · change proposed · for 4 min · signalbox"
    );
    let moved = title(&Stage::until("moved"));
    assert!(moved.contains("us-east-1 IMPAIRED, traffic in us-east-2"), "{moved}");
}

#[test]
fn a_demo_is_never_taken_for_the_real_thing() {
    let stage = Stage::outage();
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    assert!(screen.title(&stage.model).starts_with("DEMO ✖ east"), "{}", screen.title(&stage.model));
}

/// A pair's name is text from outside: nothing in it speaks to the terminal, and none of it is endless.
#[test]
fn nothing_hides_in_it_and_presenter_mode_masks_it() {
    let pair =
        PairName::from("east\u{1b}]2;pwned\u{7}\u{202e} 123456789012 and a name that does not end ".repeat(9).as_str());
    let mut estate = support::estate();
    estate.pairs.iter_mut().filter(|p| p.name == support::east()).for_each(|p| p.name = pair.clone());
    estate.services.iter_mut().filter(|s| s.pair == support::east()).for_each(|s| s.pair = pair.clone());
    estate.systems.iter_mut().filter(|s| s.pair == support::east()).for_each(|s| s.pair = pair.clone());
    let stage = Stage::of(estate);
    let mut screen = Screen::new(Setup { pair, ..setup(&stage, "alice", "dark") });
    let title = screen.title(&stage.model);
    assert!(!title.chars().any(|c| c.is_control() || c == '\u{202e}'), "{title:?}");
    assert!(title.contains("pwned") && title.chars().count() <= 120, "{title:?}");
    assert!(title.contains("123456789012"), "{title:?}");
    press(&mut screen, &stage, "P");
    assert!(!screen.title(&stage.model).contains("123456789012"), "{:?}", screen.title(&stage.model));
}
