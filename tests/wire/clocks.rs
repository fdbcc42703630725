//! A console on the simulator opens on what a crash left.

use std::sync::Arc;

use signalbox::model::Severity;
use signalbox::record::Record;
use signalbox::runtime::Clock;
use signalbox::time::Span;

use crate::hand::start;

/// A console that opens says what its predecessor's crash left; one that looks on leaves it as it is, and follows.
#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_opens_on_a_torn_journal_says_so() {
    use signalbox::aws::{Credentials, Sdk};
    use signalbox::runtime::{Engine, Options};
    use signalbox::sim::{Sim, SimOptions};

    let sim = Sim::start(SimOptions::new(signalbox::estate::guiding_care().unwrap(), "calm").unwrap()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let estate = Arc::new(sim.estate().clone());
    let sdk = Sdk::load(&estate, Credentials::dummy()).await;
    let options = |looks: bool| Options {
        estate: estate.clone(),
        sdk: sdk.clone(),
        clock: Clock::real(),
        state: folder.path().into(),
        only_arc: true,
        tick: Span::from_millis(50),
        look_on: looks.then(|| "to look".to_owned()),
        signer: None,
    };
    let journal = folder.path().join("journal.jsonl");
    let looking = Engine::open(options(true)).unwrap();
    assert!(!journal.exists(), "looking makes no journal");
    looking.close().await;
    let (mut first, _) =
        signalbox::journal::Journal::open(folder.path(), signalbox::journal::Boot { id: "b".into() }).unwrap();
    let seen = |text: &str| Record::Seen { pair: None, source: "test".into(), text: text.into() };
    first.append(seen("before the crash"), start()).unwrap();
    let torn = [std::fs::read(&journal).unwrap(), vec![0; 5000]].concat();
    std::fs::write(&journal, &torn).unwrap();

    let mut looking = Engine::open(options(true)).unwrap();
    assert_eq!(std::fs::read(&journal).unwrap(), torn);
    assert!(looking.alarms().join("").contains("does not end with a whole line"), "{:?}", looking.alarms());

    let engine = Engine::open(options(false)).unwrap();
    assert!(engine.alarms()[0].contains("5000 bytes") && engine.alarms()[0].contains("journal.torn-1"));
    let lines = engine.model().timeline.entries();
    assert!(lines.iter().any(|l| l.severity == Severity::Bad && l.text.contains("journal.torn-1")));
    engine.close().await;

    first.append(seen("after the crash"), start()).unwrap();
    let there = |m: &signalbox::model::Model| m.timeline.entries().iter().any(|l| l.text == "after the crash");
    assert!(looking.until(std::time::Duration::from_secs(20), there).await, "who looks on sees what others write");
    looking.close().await;
}
