//! The incident folder filled without end: anybody may write there. It holds up no flip, and no signal.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use signalbox::change::Act;
use signalbox::estate::Role;

use crate::attacks::chain;
use crate::attacks::desk::*;
use crate::attacks::signals::Runs;

/// Files that are written anew all the time.
const FILES: usize = 64;
const AGAIN: Duration = Duration::from_millis(60);
/// Changes that one person may have open.
const MOST_OPEN: usize = 8;

/// A key whose signatures take the longest to verify.
struct Slow {
    dir: tempfile::TempDir,
}

impl Slow {
    fn new() -> Self {
        let slow = Self { dir: tempfile::tempdir().unwrap() };
        slow.keygen(&["-q", "-t", "ecdsa", "-b", "521", "-N", "", "-f", "key"]);
        slow
    }

    fn keygen(&self, args: &[&str]) {
        let done = Command::new("ssh-keygen").args(args).current_dir(self.dir.path()).output().unwrap();
        assert!(done.status.success(), "{done:?}");
    }

    fn public(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("key.pub")).unwrap().trim().to_owned()
    }

    fn sign(&self, text: &str) -> String {
        std::fs::write(self.dir.path().join("text"), text).unwrap();
        self.keygen(&["-Y", "sign", "-n", Act::Approve.namespace(), "-f", "key", "text"]);
        std::fs::read_to_string(self.dir.path().join("text.sig")).unwrap()
    }
}

/// Somebody who writes signatures of an approver over something else, each time with other words above.
struct Flood {
    over: Arc<AtomicBool>,
    writer: Option<JoinHandle<()>>,
}

impl Flood {
    fn of(desk: &Desk, key: &Slow) -> Self {
        let incident = desk.path("state/incident");
        std::fs::create_dir_all(&incident).unwrap();
        let armored = key.sign("something else");
        let over = Arc::new(AtomicBool::new(false));
        let ends = over.clone();
        let writer = std::thread::spawn(move || {
            for round in 0.. {
                for n in 0..FILES {
                    if ends.load(Ordering::SeqCst) {
                        return;
                    }
                    let text = format!("*approver says: *{round} {n}*\nsecond line*\n{armored}");
                    std::fs::write(incident.join(format!("x{n}.part")), text).unwrap();
                    std::fs::rename(incident.join(format!("x{n}.part")), incident.join(format!("x{n}.sig"))).unwrap();
                }
                std::thread::park_timeout(AGAIN);
            }
        });
        Self { over, writer: Some(writer) }
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

#[test]
fn a_folder_that_is_filled_without_end_holds_up_no_flip_and_no_signal() {
    let key = Slow::new();
    let desk = Desk::own(|e| e.people.push(person("dora", &[Role::Approver], &key.public())));
    // Each is tried with each of them.
    desk.propose("change.json");
    (2..=MOST_OPEN).for_each(|n| drop(desk.propose(&format!("{n}.json"))));
    desk.approve("change.json");
    let _flood = Flood::of(&desk, &key);

    let kept = |wanted: &str| chain::kinds(&desk.journal()).iter().any(|kind| kind == wanted);
    let args = "flip --quick change.json --approval change.json.sig --as alice --key alice --to us-east-2";
    // It waits for the states of the controls, and is told to end.
    let mut dark = desk.estate.clone();
    dark.cluster.endpoints.iter_mut().for_each(|e| e.url = "http://127.0.0.1:9/v1".into());
    desk.write_estate("dark.toml", &dark);
    let mut flip = Runs::start(&desk, &format!("{args} --estate dark.toml"));
    flip.until("the approval", || kept("approved"));
    flip.signal("TERM");
    let (exit, said) = flip.ended();
    assert_eq!(exit, Some(REFUSED), "{said}");
    assert!(!kept("intent"), "{said}");

    desk.world.answer_writes_late();
    let mut flip = Runs::start(&desk, args);
    flip.until("what came of it", || kept("settled"));
    let (exit, said) = flip.ended();
    assert_eq!(exit, Some(DONE), "{said}");
    assert!(desk.moved(), "{said}");
}
