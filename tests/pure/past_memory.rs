//! What a console's past takes of this machine's memory, measured.
#![cfg(target_os = "linux")]

use crate::alone::alone;
use crate::support;

use std::sync::Arc;
use std::time::Instant;

use signalbox::model::{Model, Past};
use signalbox::time::Span;
use support::{Stage, start};

/// Memory of this process in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
fn the_past_takes_the_memory_that_it_may_and_no_more() {
    alone("past_memory::child_with_a_past", |_| ());
}

/// What the child process of the test above does: nothing else may allocate meanwhile.
#[test]
#[ignore = "run by the test above, in a process of its own"]
fn child_with_a_past() {
    const MOST: usize = 12 * 1024 * 1024;
    let mut stage = Stage::new();
    let mut model = Model::new(stage.model.estate.clone(), "boot", start());
    let mut past = Past::within(MOST);
    let mut before = None;
    let mut minutes = 0;
    // A minute's reports, and a tick a second.
    while past.oldest().is_none_or(|o| o == start()) || minutes < 40 {
        minutes += 1;
        assert!(minutes < 400, "the past is never full: {} bytes", past.weight());
        stage.poll();
        stage.wait(60);
        for event in std::mem::take(&mut stage.events) {
            past.keep(&model, &Arc::new(event.clone()));
            drop(model.update(event));
        }
        // Quarter of an hour fills the models' own histories: they are not the past's.
        if minutes == 16 {
            before = Some((resident(), past.weight()));
        }
    }
    let (resident_before, weight_before) = before.unwrap();
    let (grown, weighed) = (resident() - resident_before, past.weight() - weight_before);
    let reach = model.now.since(past.oldest().unwrap());
    let mut slowest = std::time::Duration::ZERO;
    for back in 0..40 {
        let began = Instant::now();
        drop(past.at(model.now.plus(Span::from_secs(-7 * back))));
        slowest = slowest.max(began.elapsed());
    }
    println!(
        "{minutes} min; the past reaches {} min back and weighs {:.1} MB; of the last {:.1} MB the process took {:.1}; \
         a look back takes {slowest:?} at most",
        reach.as_secs() / 60,
        past.weight() as f64 / 1e6,
        weighed as f64 / 1e6,
        grown as f64 / 1e6,
    );
    assert!(past.weight() <= MOST, "{} bytes", past.weight());
    assert!(grown < weighed * 3 / 2 + 1_000_000, "{grown} bytes for an estimate of {weighed}");
}

#[test]
fn calm_takes_no_more_memory_once_the_past_is_full() {
    alone("past_memory::child_in_a_long_calm", |_| ());
}

/// What the child process of the test above does: once the histories and the past are full, nothing grows any more.
#[test]
#[ignore = "run by the test above, in a process of its own"]
fn child_in_a_long_calm() {
    const MOST: usize = 4 * 1024 * 1024;
    let mut stage = Stage::new();
    let mut model = Model::new(stage.model.estate.clone(), "boot", start());
    let mut past = Past::within(MOST);
    let mut pass = |minutes: i64| {
        for _ in 0..minutes {
            stage.poll();
            stage.wait(60);
            for event in std::mem::take(&mut stage.events) {
                past.keep(&model, &Arc::new(event.clone()));
                drop(model.update(event));
            }
        }
        assert!(past.oldest().is_some_and(|oldest| oldest != start()), "the past is not full");
        resident()
    };
    let first = pass(25);
    let grown: Vec<i64> = (0..3).map(|_| pass(15) as i64 - first as i64).collect();
    println!(
        "after 25 min {:.1} MB; grown by {grown:?} bytes in the three quarters of an hour after them",
        first as f64 / 1e6
    );
    // An allocator keeps what it was given back; what is kept for good would be some megabytes an hour.
    assert!(grown.iter().all(|bytes| *bytes < 1_500_000), "{grown:?}");
    assert!(grown[2] - grown[0] < 500_000, "it goes on growing: {grown:?}");
}
