//! Links: what a screen says is one, and where it leads.

use crate::support;

use signalbox::ui::Screen;
use support::eye::{buffer, find, press};
use support::{OHIO, Stage, setup, with_servers};

const WIDE: (u16, u16) = (150, 44);
const RUNBOOK: &str = "https://wiki.example/runbooks/east";

/// The text and the page of every link of the frame that was drawn last.
fn links(screen: &mut Screen, stage: &Stage, size: (u16, u16)) -> Vec<(String, String)> {
    let drawn = buffer(screen, stage, size);
    let text = |area: &ratatui::layout::Rect| area.positions().map(|at| drawn[at].symbol().to_owned()).collect();
    screen.links().iter().map(|(area, url)| (text(area), url.clone())).collect()
}

fn with_runbook(mut stage: Stage) -> Stage {
    let mut estate = (*stage.model.estate).clone();
    estate.pairs.iter_mut().for_each(|p| p.runbook = Some(RUNBOOK.into()));
    stage.model.estate = estate.into();
    stage
}

#[test]
fn the_runbook_stands_beside_what_comes_next_while_something_goes_on() {
    let calm = with_runbook(Stage::calm());
    assert_eq!(links(&mut Screen::new(setup(&calm, "alice", "dark")), &calm, WIDE), []);
    let stage = with_runbook(Stage::outage());
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let linked = [(RUNBOOK.to_owned(), RUNBOOK.to_owned())];
    for size in [WIDE, (220, 60), (45, 80)] {
        assert_eq!(links(&mut screen, &stage, size), linked, "{size:?}");
    }
    // Where there is no room for it, what comes next is said whole.
    assert_eq!(links(&mut screen, &stage, (80, 24)), []);
    assert!(find(&buffer(&mut screen, &stage, (80, 24)), "next: draft the move to us-east-2").is_some());
}

#[test]
fn what_a_thing_is_read_from_leads_to_its_page() {
    let stage = with_servers(Stage::outage());
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    press(&mut screen, &stage, "'portal ALB\n\n");
    let shown = links(&mut screen, &stage, WIDE);
    let (text, page) = shown.first().unwrap();
    assert!(text.starts_with("CloudWatch AWS/ApplicationELB HealthyHostCount"), "{text}");
    assert!(
        page.starts_with("https://us-east-1.console.aws.amazon.com/ec2/home?region=us-east-1#TargetGroup:"),
        "{page}"
    );
    press(&mut screen, &stage, "\u{1b}5");
    buffer(&mut screen, &stage, WIDE);
    press(&mut screen, &stage, "\n");
    let shown = links(&mut screen, &stage, WIDE);
    let (id, page) = shown.first().unwrap();
    assert!(id.starts_with("s-0000"), "{id}");
    assert_eq!(
        *page,
        format!("https://{OHIO}.console.aws.amazon.com/drs/home?region={OHIO}#/sourceServers/{}", id.trim())
    );
}

/// A link tells more than its text: behind the mask of presenter mode there is none.
#[test]
fn presenter_mode_has_no_links() {
    let stage = with_runbook(Stage::outage());
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    press(&mut screen, &stage, "P");
    let drawn = buffer(&mut screen, &stage, WIDE);
    assert!(find(&drawn, "PRESENTER").is_some());
    assert!(screen.links().is_empty());
    press(&mut screen, &stage, "'portal ALB\n\n");
    assert_eq!(links(&mut screen, &stage, WIDE), []);
}

/// What a dialog covers is no link any more: the link would be on the dialog's text.
#[test]
fn a_dialog_covers_the_links_below_it() {
    let stage = with_runbook(Stage::outage());
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    assert_eq!(links(&mut screen, &stage, WIDE).len(), 1);
    press(&mut screen, &stage, "?");
    assert_eq!(links(&mut screen, &stage, WIDE), []);
}
