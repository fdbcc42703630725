//! Agents that say nothing, and key files that say whose they are: a command is held up by none, and names nobody by them.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixListener;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::attacks::chain;
use crate::attacks::desk::*;
use crate::attacks::signals::Runs;
use crate::ssh;

/// An agent that lists a key, if it is given one, and answers nothing else; how often it was asked.
fn agent(desk: &Desk, key: Option<Vec<u8>>) -> Arc<AtomicUsize> {
    let listener = UnixListener::bind(desk.path("agent")).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            counted.fetch_add(1, Ordering::SeqCst);
            let key = key.clone();
            std::thread::spawn(move || {
                let mut request = [0; 5];
                stream.read_exact(&mut request).unwrap();
                match key {
                    // It hangs up without a word.
                    None => {}
                    Some(key) if request[4] == 11 => {
                        let list = ssh::join(&[vec![12], 1u32.to_be_bytes().to_vec(), ssh::s(key), ssh::s("c")]);
                        stream.write_all(&ssh::s(list)).unwrap();
                    }
                    // It waits for a finger until it is left.
                    Some(_) => drop(stream.read_to_end(&mut Vec::new())),
                }
            });
        }
    });
    asked
}

#[test]
fn a_signal_ends_the_drill_of_a_key_that_hangs() {
    for name in ["INT", "TERM"] {
        let desk = Desk::still(|_| {});
        let bob = signalbox::signing::read_public(&desk.path("bob.pub")).unwrap().to_bytes().unwrap();
        let asked = agent(&desk, Some(bob));
        let mut drill = Runs::with(&desk, "drill approvers", &[("SSH_AUTH_SOCK", "agent")]);
        drill.until("the agent to be asked to sign", || asked.load(Ordering::SeqCst) >= 2);
        let began = Instant::now();
        drill.signal(name);
        let (exit, said) = drill.ended();
        assert_eq!(exit, Some(REFUSED), "{name}: {said}");
        assert!(said.contains("a signal ended this command before it had done anything"), "{name}: {said}");
        assert!(began.elapsed() < Duration::from_secs(20), "{name}: {:?}", began.elapsed());
    }
}

/// One that does not answer may cost ten seconds: once, and not again to name who was refused.
#[test]
fn an_agent_that_does_not_answer_is_asked_once() {
    for args in [
        "flip --quick change.json --to us-east-2",
        "flip --quick garbage.json --to us-east-2",
        "reject change.json --reason no",
        "propose --quick --despite x --to us-east-2 --reason r",
        "incident start INC-1",
        "drill approvers",
    ] {
        let desk = Desk::still(|_| {});
        desk.propose("change.json");
        desk.write("garbage.json", "{");
        let asked = agent(&desk, None);
        let (exit, said) = ended(desk.program().args(args.split(' ')).env("SSH_AUTH_SOCK", "agent"));
        assert_eq!(asked.load(Ordering::SeqCst), 1, "{args}: {exit} {said}");
    }
}

/// The public half in a locked file is no secret: anybody can make such a file, and a refusal names nobody by it.
#[test]
fn a_locked_key_names_nobody() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.write("garbage.json", "{");
    std::fs::copy(desk.path("bob"), desk.path("locked")).unwrap();
    let mut lock = std::process::Command::new("ssh-keygen");
    let locked = lock.args(["-q", "-p", "-P", "", "-N", "secret", "-f"]).arg(desk.path("locked"));
    assert!(locked.stdout(Stdio::null()).status().unwrap().success());
    let before = chain::read(&desk.journal()).len();
    for args in [
        "flip --quick change.json --key locked --to us-east-2",
        "flip --quick garbage.json --key locked --to us-east-2",
        "withdraw change.json --key locked --as bob",
    ] {
        let (exit, said) = desk.run(args);
        assert_ne!(exit, DONE, "{args}: {said}");
    }
    let lines = chain::read(&desk.journal()).split_off(before);
    let by: Vec<_> = lines.iter().filter(|l| l.kind() == "refused").map(|l| l.record["by"].clone()).collect();
    assert_eq!(by, [serde_json::Value::Null, serde_json::Value::Null, "somebody (as bob)".into()]);
}
