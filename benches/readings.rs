//! How the console keeps up with many readings: the whole of it, with the real SDK clients, against the simulator.
//!
//! ```text
//! cargo bench --bench readings -- [--readings N]… [--seconds S]        (release build)
//! cargo bench --profile dev --bench readings                           (what `cargo run` gives)
//! ```
//!
//! The estate is the shipped one, its systems copied until it has N readings (a reading in two regions counts as
//! two). Simulator and console share this process and this machine's cores. For each N:
//!
//! - `all heard`: from the console's start until every reading has a value;
//! - `report`: taking in one CloudWatch answer of all readings of a region (`Model::update`), median;
//! - `draw`: drawing the systems view and the overview at 220×60, median of each;
//! - `key`: from a key's press until the frame that shows it has been drawn, while all feeds report: median, worst.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a bench fails by panicking")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event as Input, KeyCode, KeyEvent};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use signalbox::aws::{Credentials, Sdk};
use signalbox::change::{ApproveHint, Hands};
use signalbox::estate::{Estate, PersonName, Sides, System, SystemId};
use signalbox::event::{Event, Heard, News, Place, Said, Sample, SourceId, What};
use signalbox::model::Model;
use signalbox::runtime::{Clock, Engine, Options};
use signalbox::sim::{Sim, SimOptions};
use signalbox::time::Span;
use signalbox::ui::{Keymap, Screen, Setup, Theme};

/// As in the console.
const FRAME: Duration = Duration::from_millis(33);
/// Between two keys.
const KEYS: Duration = Duration::from_millis(211);

#[tokio::main]
async fn main() {
    let (sizes, seconds) = arguments();
    println!(
        "{:>9} {:>10} {:>10} {:>12} {:>14} {:>10} {:>10} {:>7}",
        "readings", "all heard", "report", "draw systems", "draw overview", "key median", "key worst", "keys"
    );
    for size in sizes {
        one(size, seconds).await;
    }
}

fn arguments() -> (Vec<usize>, u64) {
    let (mut sizes, mut seconds) = (Vec::new(), 20);
    let mut given = std::env::args().skip(1).filter(|a| a != "--bench");
    while let Some(name) = given.next() {
        let value = given.next().unwrap_or_else(|| panic!("{name} needs a number"));
        match name.as_str() {
            "--readings" => sizes.push(value.parse().unwrap()),
            "--seconds" => seconds = value.parse().unwrap(),
            _ => panic!("there is only --readings N and --seconds S, not {name}"),
        }
    }
    if sizes.is_empty() {
        sizes = vec![0, 2_000];
    }
    (sizes, seconds)
}

/// How many figures an estate has: one for each place of each reading.
fn figures(estate: &Estate) -> usize {
    estate.systems.iter().map(figures_of).sum()
}

fn figures_of(system: &System) -> usize {
    // What replicates back has no figure before traffic has moved.
    let readings = system.readings.iter().filter(|r| r.sides != Sides::Back);
    readings.map(|r| if r.sides == Sides::Each { 2 } else { 1 }).sum()
}

/// The shipped estate, its systems copied until there are `wanted` figures.
fn estate(wanted: usize) -> Estate {
    let mut estate = signalbox::estate::guiding_care().unwrap();
    let shipped = estate.systems.clone();
    let mut have = figures(&estate);
    for round in 2.. {
        for system in &shipped {
            if have >= wanted {
                return estate;
            }
            let mut copy = system.clone();
            copy.id = SystemId::new(format!("{}-{round}", system.id));
            copy.name = format!("{} {round}", system.name);
            have += figures_of(&copy);
            estate.systems.push(copy);
        }
    }
    estate
}

fn screen(estate: &Estate) -> Screen {
    let person = PersonName::from("alice");
    Screen::new(Setup {
        hands: Hands::of(estate, &person),
        person: Some(person),
        pair: estate.pairs[0].name.clone(),
        theme: Theme::default(),
        keymap: Keymap::default(),
        approve: ApproveHint {
            program: "signalbox".into(),
            folder: "incident".into(),
            key: None,
            estate: None,
            second_person: None,
        },
        mode: signalbox::ui::Mode::Production,
    })
}

async fn one(wanted: usize, seconds: u64) {
    let sim = Sim::start(SimOptions::new(estate(wanted), "calm").unwrap()).await.unwrap();
    let estate = Arc::new(sim.estate().clone());
    let folder = tempfile::tempdir().unwrap();
    let mut engine = Engine::open(Options {
        estate: estate.clone(),
        sdk: Sdk::load(&estate, Credentials::dummy()).await,
        clock: Clock::running(sim.clock().now(), 1.0),
        state: folder.path().to_owned(),
        only_arc: false,
        tick: Span::from_secs(1),
        look_on: None,
        signer: None,
    })
    .unwrap();
    let all = figures(&estate);
    let began = Instant::now();
    let heard = |m: &Model| m.readings.values().filter(|r| r.value.is_some() || r.idle).count();
    let mut most = 0;
    let told = engine.until(Duration::from_secs(120), |m| {
        most = heard(m);
        most >= all
    });
    let all_heard = if told.await { seconds_of(began.elapsed()) } else { format!("{most} only") };

    let mut terminal = Terminal::new(TestBackend::new(220, 60)).unwrap();
    let mut screen = screen(&estate);
    let mut keys = while_it_runs(&mut engine, &mut screen, &mut terminal, Duration::from_secs(seconds)).await;
    keys.sort();
    let report = report(engine.model(), &estate);
    let systems = draws(engine.model(), &mut screen, &mut terminal, '5');
    let overview = draws(engine.model(), &mut screen, &mut terminal, '1');
    engine.close().await;
    println!(
        "{:>9} {:>10} {:>10} {:>12} {:>14} {:>10} {:>10} {:>7}",
        all,
        all_heard,
        millis(report),
        millis(systems),
        millis(overview),
        millis(keys[keys.len() / 2]),
        millis(keys[keys.len() - 1]),
        keys.len()
    );
}

fn seconds_of(took: Duration) -> String {
    format!("{:.1} s", took.as_secs_f64())
}

fn millis(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}

fn press(screen: &mut Screen, model: &Model, key: KeyCode) {
    screen.input(model, Input::Key(KeyEvent::from(key)));
}

/// The console's own loop (`runtime::console`) with keys pressed at set times; how long each took to be seen.
async fn while_it_runs(
    engine: &mut Engine,
    screen: &mut Screen,
    terminal: &mut Terminal<TestBackend>,
    lasts: Duration,
) -> Vec<Duration> {
    let mut frames = tokio::time::interval(FRAME);
    frames.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let end = Instant::now() + lasts;
    let mut due = Instant::now() + KEYS;
    let (mut waiting, mut took, mut dirty) = (None, Vec::new(), true);
    // The systems view has a row for each system and is the most work.
    press(screen, engine.model(), KeyCode::Char('5'));
    while Instant::now() < end {
        tokio::select! {
            biased;
            () = tokio::time::sleep_until(due.into()), if waiting.is_none() => {
                press(screen, engine.model(), if took.len() % 2 == 0 { KeyCode::Down } else { KeyCode::Up });
                (waiting, dirty) = (Some(due), true);
                due += KEYS;
            }
            _ = frames.tick(), if dirty => {
                terminal.draw(|frame| screen.draw(engine.model(), frame)).unwrap();
                dirty = false;
                // From the moment that it was pressed, not from when the loop came to it.
                took.extend(waiting.take().map(|pressed| pressed.elapsed()));
            }
            () = engine.next() => dirty = true,
        }
    }
    took
}

/// Taking in a report of all readings of the busiest region.
fn report(model: &Model, estate: &Estate) -> Duration {
    let pair = &estate.pairs[0];
    let source = SourceId::Cloudwatch(pair.standby.clone().into());
    let mut model = model.clone();
    let mut times = Vec::new();
    for round in 1..=20 {
        let at = model.now.plus(Span::from_secs(round));
        let mut samples = Vec::new();
        for system in estate.systems.iter().filter(|s| s.pair == pair.name) {
            for reading in system.readings.iter().filter(|r| !matches!(r.sides, Sides::Active | Sides::Back)) {
                let place = if reading.sides == Sides::Link { Place::Link } else { Place::Standby };
                let key = Model::key(system, reading, place);
                #[allow(clippy::cast_precision_loss, reason = "a small number")]
                let value = Said::Is(round as f64);
                samples.push(Sample { key, value, measured: at.wall, fresh_for: Span::from_secs(120) });
            }
        }
        let (took, fresh_for) = (Span::from_millis(200), Span::from_secs(120));
        let heard = Heard { source: source.clone(), took, fresh_for, news: Ok(News::Readings(samples)) };
        let began = Instant::now();
        model.update(Event { at, what: What::Heard(heard) });
        times.push(began.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}

fn draws(model: &Model, screen: &mut Screen, terminal: &mut Terminal<TestBackend>, view: char) -> Duration {
    press(screen, model, KeyCode::Char(view));
    let mut times: Vec<Duration> = (0..50)
        .map(|_| {
            let began = Instant::now();
            terminal.draw(|frame| screen.draw(model, frame)).unwrap();
            began.elapsed()
        })
        .collect();
    times.sort();
    times[times.len() / 2]
}
