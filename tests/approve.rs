//! The second person's side: `signalbox approve`, plain `ssh-keygen`, a real ssh-agent, the incident folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/hand.rs"]
mod support;

use std::fs;
use std::io::BufReader;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use signalbox::change::{ChangeText, verify};
use signalbox::cli::approve::{ApproveArgs, run};
use signalbox::cli::change_file::ChangeFile;
use signalbox::cli::exit::Exit;
use signalbox::cli::io::Io;
use signalbox::effect::Effect;
use signalbox::estate::Estate;
use signalbox::record::Record;
use signalbox::signing::{Agent, Folder, SecretKey, make_key, pick};
use signalbox::time::{Span, Timestamp};

struct Stage {
    dir: tempfile::TempDir,
    estate: Estate,
    text: ChangeText,
}

/// Throw-away keys for alice and bob, an estate file that lists them, and a change that alice asked for.
fn stage() -> Stage {
    let dir = tempfile::tempdir().unwrap();
    let alice = make_key(&dir.path().join("alice"), "alice", &[1; 32]).unwrap().to_openssh().unwrap();
    let bob = make_key(&dir.path().join("bob"), "bob", &[2; 32]).unwrap().to_openssh().unwrap();
    let estate = support::estate(&[("alice", &alice), ("bob", &bob)]);
    fs::write(dir.path().join("estate.toml"), estate.to_toml().unwrap()).unwrap();
    let mut hand = support::Hand::new(estate.clone());
    hand.calm();
    let draft = hand.draft();
    let text = hand.propose("alice", draft, 7).into_iter().find_map(|e| match e {
        Effect::Record(_, Record::Proposed { text, .. }) => Some(ChangeText::parse(&text).unwrap()),
        _ => None,
    });
    Stage { dir, estate, text: text.expect("a proposal") }
}

impl Stage {
    fn path(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    fn args(&self, file: &Path, key: &str) -> ApproveArgs {
        let estate = Some(self.path("estate.toml"));
        ApproveArgs { file: file.to_owned(), key: Some(self.path(key)), agent: false, estate, code: None }
    }

    /// Runs the command at `after` seconds since the change was asked for; gives exit, output and errors.
    fn run(&self, args: &ApproveArgs, typed: &str, after: i64) -> (Exit, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let now: Timestamp = self.text.at + Span::from_secs(after);
        let exit = run(
            args,
            &mut Io {
                stdin: &mut BufReader::new(typed.as_bytes()),
                terminal: true,
                out: &mut out,
                err: &mut err,
                secret: &mut |_| Ok("open sesame".to_owned()),
                now: &|| now,
                agent: None,
            },
        );
        (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }
}

#[test]
fn the_word_code_signs_and_the_console_finds_it() {
    let s = stage();
    let mut folder = Folder::open(&s.path("incident")).unwrap();
    let file = folder.publish(&s.text.canonical()).unwrap();
    assert_eq!(folder.scan().unwrap(), []);
    let words = s.text.digest().words();
    let spoken = words.replace('-', " ").to_uppercase() + "\n";
    let (exit, out, err) = s.run(&s.args(&file, "bob"), &spoken, 60);
    assert_eq!(exit, Exit::Ok, "{err}");
    for shown in
        ["portal targets gone", "portal-us-east-1", "On → Off", "us-east-2", "9 min 0 s", "signing as        bob"]
    {
        assert!(out.contains(shown), "{shown}: {out}");
    }
    let found = folder.scan().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(verify(&s.estate, &s.text, &found[0].armored).unwrap().by.as_str(), "bob");
    assert!(out.contains(found[0].armored.trim()), "printed for pasting");
    assert_eq!(folder.scan().unwrap(), [], "each signature is found once");
}

#[test]
fn what_must_not_be_signed_is_not() {
    let s = stage();
    let file = s.path("c.change");
    fs::write(&file, s.text.canonical()).unwrap();
    let words = s.text.digest().words() + "\n";
    let refused = |args: &ApproveArgs, typed: &str, after, exit, why: &str| {
        let (is, _, err) = s.run(args, typed, after);
        assert_eq!(is, exit, "{err}");
        assert!(err.contains(why), "{err}");
        assert!(!s.path("c.change.sig").exists());
    };
    refused(&s.args(&file, "bob"), "y\ny\ny\ny\n", 60, Exit::Refused, "word code");
    refused(&s.args(&file, "bob"), &words, 601, Exit::Expired, "propose it again");
    refused(&s.args(&file, "alice"), &words, 60, Exit::Refused, "somebody else");
    make_key(&s.path("stranger"), "x", &[9; 32]).unwrap();
    refused(&s.args(&file, "stranger"), &words, 60, Exit::Refused, "no person");
    // A control under another's name, and an edited text.
    let mut lie = s.text.clone();
    support::flips(&mut lie)[0].name = "harmless".into();
    fs::write(&file, lie.canonical()).unwrap();
    refused(&s.args(&file, "bob"), &(lie.digest().words() + "\n"), 60, Exit::Refused, "harmless");
    fs::write(&file, s.text.canonical().replace("reason: ", "reason:  \u{202e}")).unwrap();
    refused(&s.args(&file, "bob"), &words, 60, Exit::Refused, "invisible");
}

#[test]
fn change_json_is_signed_as_its_text_and_refused_when_edited() {
    let s = stage();
    let file = s.path("change.json");
    let json = ChangeFile::of(&s.text).to_json().unwrap();
    fs::write(&file, &json).unwrap();
    let args = ApproveArgs { code: Some(s.text.digest().words()), ..s.args(&file, "bob") };
    let (exit, _, err) = s.run(&args, "", 60);
    assert_eq!(exit, Exit::Ok, "{err}");
    let sig = fs::read_to_string(s.path("change.json.sig")).unwrap();
    assert!(verify(&s.estate, &s.text, &sig).is_ok());
    for bad in [json.replace("portal targets", "portal target"), json.replace("\"version\": 1", "\"version\": 2")] {
        assert!(ChangeFile::parse(&bad).is_err());
    }
}

#[test]
fn a_key_with_a_passphrase_is_opened() {
    let s = stage();
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-q", "-p", "-P", "", "-N", "open sesame", "-f"]).arg(s.path("bob"));
    assert!(keygen.stdout(Stdio::null()).status().unwrap().success());
    let key = SecretKey::read(&s.path("bob")).unwrap();
    assert!(key.is_locked() && key.approve("x").is_err() && key.unlock("wrong").is_err());
    let file = s.path("c.change");
    fs::write(&file, s.text.canonical()).unwrap();
    let (exit, _, err) = s.run(&s.args(&file, "bob"), &(s.text.digest().words() + "\n"), 1);
    assert_eq!(exit, Exit::Ok, "{err}");
}

#[test]
fn plain_ssh_keygen_is_enough() {
    let s = stage();
    let mut folder = Folder::open(&s.path("incident")).unwrap();
    let file = folder.publish(&s.text.canonical()).unwrap();
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-Y", "sign", "-n", "approval@signalbox", "-f"]).arg(s.path("bob")).arg(&file);
    assert!(keygen.stderr(Stdio::null()).status().unwrap().success());
    let found = folder.scan().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(verify(&s.estate, &s.text, &found[0].armored).unwrap().by.as_str(), "bob");
}

#[test]
fn the_folder_reads_only_small_regular_files() {
    let s = stage();
    let mut folder = Folder::open(&s.path("incident")).unwrap();
    let dir = folder.path().to_owned();
    fs::write(dir.join("large.sig"), vec![b'a'; 17 * 1024]).unwrap();
    fs::write(s.path("outside"), "-----END SSH SIGNATURE-----").unwrap();
    std::os::unix::fs::symlink(s.path("outside"), dir.join("link.sig")).unwrap();
    fs::create_dir(dir.join("folder.sig")).unwrap();
    assert!(Command::new("mkfifo").arg(dir.join("pipe.sig")).status().unwrap().success());
    fs::write(dir.join("note.txt"), "hello").unwrap();
    assert_eq!(folder.scan().unwrap(), []);
    // Half a signature is waited for, then told as what it is.
    fs::write(dir.join("half.sig"), "-----BEGIN SSH SIGNATURE-----").unwrap();
    let found: Vec<_> = (0..6).map(|_| folder.scan().unwrap().len()).collect();
    assert_eq!(found, [0, 0, 0, 1, 0, 0]);
}

/// A real ssh-agent in the foreground, ended with the test.
struct AgentProcess(Child);

impl Drop for AgentProcess {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn a_real_agent_signs() {
    let s = stage();
    let socket = s.path("agent");
    let agent = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
    let _agent = AgentProcess(agent);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let mut client = loop {
        match Agent::connect(Some(&socket)) {
            Ok(client) => break client,
            Err(_) if std::time::Instant::now() < end => std::thread::yield_now(),
            Err(e) => panic!("{e}"),
        }
    };
    for name in ["alice", "bob"] {
        let add = Command::new("ssh-add").arg("-q").arg(s.path(name)).env("SSH_AUTH_SOCK", &socket).status();
        assert!(add.unwrap().success());
    }
    let keys = client.keys().unwrap();
    assert_eq!(keys.len(), 2);
    assert!(pick(&keys, None, None).is_err(), "two keys and nothing to choose by");
    let key = pick(&keys, None, Some((&s.estate, &s.text.by))).unwrap();
    let armored = client.approve(&key, &s.text.canonical()).unwrap();
    assert_eq!(verify(&s.estate, &s.text, &armored).unwrap().by.as_str(), "bob");
}
