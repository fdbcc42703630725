//! A calm screen stands still: while nothing happens and every source goes on saying the same, nothing but the clock is
//! written to the terminal.

use crate::support;

use signalbox::event::{Heard, What};
use signalbox::time::Span;
use signalbox::ui::Screen;
use support::eye::{buffer, lines, press};
use support::{Stage, setup};

/// Half an hour in which every source says the same, again and again: what stands on the screen then is calm.
fn settled() -> Stage {
    let mut stage = Stage::calm();
    for _ in 0..60 {
        again(&mut stage, 0);
        stage.wait(30);
    }
    again(&mut stage, 0);
    stage
}

/// Every source answers as it did last, as fast as networks do: never twice alike.
fn again(stage: &mut Stage, round: i64) {
    let mut answers: Vec<(signalbox::event::SourceId, Heard)> = Vec::new();
    for event in stage.events.iter().rev() {
        if let What::Heard(heard) = &event.what
            && !answers.iter().any(|(source, _)| *source == heard.source)
        {
            answers.push((heard.source.clone(), heard.clone()));
        }
    }
    for (i, (_, mut heard)) in answers.into_iter().enumerate() {
        heard.took = Span::from_millis(11 + (round * 17 + i as i64 * 7) % 60);
        let now = stage.now.wall;
        match &mut heard.news {
            Ok(signalbox::event::News::Readings(samples)) => samples.iter_mut().for_each(|s| s.measured = now),
            // One of the stage's servers is stalled: here nothing is the matter.
            Ok(signalbox::event::News::Drs { servers, .. }) => {
                let well = servers.first().cloned();
                for server in servers.iter_mut() {
                    server.state = well.as_ref().map(|w| w.state.clone()).unwrap_or_default();
                    server.snapshot = well.as_ref().and_then(|w| w.snapshot);
                }
            }
            Ok(signalbox::event::News::Probe(answer)) => answer.took = heard.took,
            _ => {}
        }
        stage.feed(What::Heard(heard));
    }
}

#[test]
fn a_calm_screen_writes_nothing_but_its_clock() {
    // DNS counts TTLs down and the feeds count to their next question: time is what those two show.
    let views = ["1", "1a", "2", "3", "5", "6", "7", "8", "0"];
    let sizes = [(80, 24), (150, 44), (220, 60)];
    let mut stage = settled();
    for keys in views {
        let mut screen = Screen::new(setup(&stage, "alice", "dark"));
        press(&mut screen, &stage, keys);
        let mut last = sizes.map(|size| buffer(&mut screen, &stage, size));
        for round in 0..30 {
            stage.wait(1);
            if round % 5 == 0 {
                again(&mut stage, round);
            }
            let now = sizes.map(|size| buffer(&mut screen, &stage, size));
            for (last, now) in last.iter().zip(&now) {
                for (y, (was, is)) in lines(last).iter().zip(lines(now)).enumerate() {
                    let (was, is) = if y == 0 { (without_clock(was), without_clock(&is)) } else { (was.clone(), is) };
                    assert_eq!(was, is, "view {keys}, {}, line {y}", last.area);
                }
            }
            last = now;
        }
    }
}

/// A line without its last word but the clock's place.
fn without_clock(line: &str) -> String {
    let (rest, clock) = line.trim_end().rsplit_once(' ').expect("words");
    assert!(clock.len() == 9 && clock.ends_with('Z'), "{line}");
    rest.to_owned()
}
