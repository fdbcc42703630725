//! A console in calm keeps nothing more, minute after minute: counted in blocks and bytes, not in what the system lends.

use crate::COUNTING;
use crate::alone::alone;
use crate::support;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use signalbox::ui::Screen;
use support::{Stage, setup};

/// What is allocated and not given back: blocks and bytes.
fn live() -> (i64, i64) {
    let stats = COUNTING.stats();
    let live = |taken: usize, given: usize| i64::try_from(taken).unwrap() - i64::try_from(given).unwrap();
    (live(stats.allocations, stats.deallocations), live(stats.bytes_allocated, stats.bytes_deallocated))
}

#[test]
fn a_long_calm_keeps_no_more_blocks_and_no_more_bytes() {
    alone("allocations::child_in_a_long_calm", |_| ());
}

/// What the child process of the test above does: nothing else may allocate meanwhile.
#[test]
#[ignore = "run by the test above, in a process of its own"]
fn child_in_a_long_calm() {
    let mut stage = Stage::calm();
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    let mut terminal = Terminal::new(TestBackend::new(150, 44)).unwrap();
    let mut pass = |minutes: i64| {
        for _ in 0..minutes {
            stage.poll();
            for _ in 0..3 {
                stage.wait(20);
                terminal.draw(|frame| screen.draw(&stage.model, frame)).unwrap();
                drop(screen.title(&stage.model));
            }
            // The stage keeps them for other tests; a console does not.
            stage.events = Vec::new();
            stage.notices = Vec::new();
        }
        live()
    };
    // A quarter of an hour fills the histories of the readings, and the rest what is kept for longer.
    let (blocks, bytes) = pass(20);
    let grown: Vec<(i64, i64)> = (0..3).map(|_| pass(10)).map(|(b, n)| (b - blocks, n - bytes)).collect();
    println!("after 20 min {blocks} blocks, {bytes} bytes; since then, every 10 min: {grown:?}");
    assert!(grown.iter().all(|(b, n)| *b < 10 && *n < 2_000), "{grown:?}");
}
