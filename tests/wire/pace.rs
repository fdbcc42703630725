//! How much of a console's time the incident folder may take, where anybody may write.

use std::sync::Arc;

use signalbox::aws::{Credentials, Sdk};
use signalbox::runtime::{Clock, Engine, Options};
use signalbox::sim::{Sim, SimOptions};
use signalbox::time::Span;

/// Files that are there when the console opens, and those of them that are waited for.
const FILES: usize = 80;
const JUDGED: u32 = 40;

/// Something that takes its time to be read, and is no signature.
fn rubbish(n: usize) -> String {
    format!("-----BEGIN SSH SIGNATURE-----\n{}{n:04}\n-----END SSH SIGNATURE-----\n", "AAAA".repeat(3500))
}

/// After each signature that was found there, the console rests from them for several times as long as it took: what else
/// there is to do has its turns meanwhile. Time goes on in small steps here, so that those are many.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_incident_folder_takes_a_small_part_of_a_consoles_time() {
    let sim = Sim::start(SimOptions::new(signalbox::estate::guiding_care().unwrap(), "calm").unwrap()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let incident = folder.path().join("incident");
    std::fs::create_dir(&incident).unwrap();
    for n in 0..FILES {
        std::fs::write(incident.join(format!("{n}.sig")), rubbish(n)).unwrap();
    }
    let estate = Arc::new(sim.estate().clone());
    let mut engine = Engine::open(Options {
        sdk: Sdk::load(&estate, Credentials::dummy()).await,
        estate,
        clock: Clock::real(),
        state: folder.path().into(),
        only_arc: true,
        tick: Span::from_millis(20),
        look_on: None,
        signer: None,
    })
    .unwrap();
    let refused = |engine: &Engine| engine.model().refusals.back().map(|r| r.at);
    let (mut judged, mut turns, mut last) = (0, 0, refused(&engine));
    while judged <= JUDGED {
        engine.next().await;
        if refused(&engine) != last {
            last = refused(&engine);
            judged += 1;
        } else if judged > 0 {
            turns += 1;
        }
    }
    // Without the rest there is little more than one behind each: the answer of the journal.
    assert!(turns >= 2 * JUDGED, "{turns} turns behind {JUDGED} signatures");
    engine.close().await;
}
