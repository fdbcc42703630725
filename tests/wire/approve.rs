//! The second person's side: `signalbox approve`, plain `ssh-keygen`, a real ssh-agent, the incident folder.

use crate::hand as support;

use std::fs;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use signalbox::change::{ChangeText, Consent, Courier, Hands, Proven, State, covers, paste, prove};
use signalbox::cli::approve::{ApproveArgs, run};
use signalbox::cli::change_file::ChangeFile;
use signalbox::cli::exit::Exit;
use signalbox::cli::io::Io;
use signalbox::effect::Effect;
use signalbox::estate::Estate;
use signalbox::event::{Ask, What};
use signalbox::record::Record;
use signalbox::signing::{Folder, SecretKey, make_key};
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
    fn proven(&self, armored: &str) -> Proven<Consent> {
        let consent = Consent { change: self.text.canonical(), words: String::new() };
        prove(&self.estate, consent, armored, self.text.at).unwrap()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn args(&self, file: &Path, key: &str) -> ApproveArgs {
        let estate = Some(self.path("estate.toml"));
        ApproveArgs {
            file: file.to_owned(),
            key: Some(self.path(key)),
            agent: false,
            estate,
            say: String::new(),
            code: None,
        }
    }

    /// Runs the command at `after` seconds since the change was asked for; gives exit, output and errors.
    fn run(&self, args: &ApproveArgs, typed: &str, after: i64) -> (Exit, String, String) {
        self.run_with(args, typed, after, None)
    }

    fn run_with(&self, args: &ApproveArgs, typed: &str, after: i64, agent: Option<PathBuf>) -> (Exit, String, String) {
        self.run_on(80, args, typed, after, agent)
    }

    fn run_on(
        &self,
        columns: usize,
        args: &ApproveArgs,
        typed: &str,
        after: i64,
        agent: Option<PathBuf>,
    ) -> (Exit, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let now: Timestamp = self.text.at + Span::from_secs(after);
        let exit = run(
            args,
            &mut Io {
                stdin: &mut BufReader::new(typed.as_bytes()),
                terminal: true,
                columns,
                out: &mut out,
                err: &mut err,
                secret: &mut |_| Ok("open sesame".to_owned()),
                now: &|| now,
                agent,
            },
        );
        (exit, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }
}

#[test]
fn the_word_code_signs_and_the_console_finds_it() {
    let s = stage();
    let mut folder = Folder::open(&s.path("incident")).unwrap();
    let file = folder.publish(&s.text.canonical(), "", "").unwrap();
    assert_eq!(folder.scan().unwrap(), []);
    let words = s.text.digest().words();
    let spoken = words.replace('-', " ").to_uppercase() + "\n";
    let (exit, out, err) = s.run(&s.args(&file, "bob"), &spoken, 60);
    assert_eq!(exit, Exit::Ok, "{err}");
    for shown in
        ["portal targets gone", "portal-us-east-1", "On → Off", "us-east-2", "9 min 0 s", "signing as          bob"]
    {
        assert!(out.contains(shown), "{shown}: {out}");
    }
    let found = folder.scan().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(s.proven(&found[0].armored).people()[0].as_str(), "bob");
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
    // A signature of the requester that is none is worse than none.
    fs::write(s.path("c.change.asked"), "x").unwrap();
    refused(&s.args(&file, "bob"), &words, 60, Exit::Refused, "did not ask for this");
    fs::remove_file(s.path("c.change.asked")).unwrap();
    refused(&s.args(&file, "bob"), &words, 601, Exit::Expired, "propose it again");
    refused(&s.args(&file, "alice"), &words, 60, Exit::Refused, "somebody else");
    make_key(&s.path("stranger"), "x", &[9; 32]).unwrap();
    refused(&s.args(&file, "stranger"), &words, 60, Exit::Refused, "nobody in the estate");
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
    s.proven(&sig);
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
    let file = folder.publish(&s.text.canonical(), "", "").unwrap();
    let mut keygen = Command::new("ssh-keygen");
    keygen.args(["-Y", "sign", "-n", "approval@signalbox", "-f"]).arg(s.path("bob")).arg(&file);
    assert!(keygen.stderr(Stdio::null()).status().unwrap().success());
    let found = folder.scan().unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(s.proven(&found[0].armored).people()[0].as_str(), "bob");
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

/// The agent has the requester's key, the approver's, and one that is nobody's: the approver's signs.
#[test]
fn a_real_agent_signs() {
    let s = stage();
    let socket = s.path("agent");
    let agent = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
    let _agent = AgentProcess(agent);
    make_key(&s.path("other"), "other", &[9; 32]).unwrap();
    for name in ["other", "alice", "bob"] {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
        let mut add = Command::new("ssh-add");
        add.arg("-q").arg(s.path(name)).env("SSH_AUTH_SOCK", &socket).stderr(Stdio::null());
        while !add.status().unwrap().success() {
            assert!(std::time::Instant::now() < end, "the agent does not start");
            std::thread::yield_now();
        }
    }
    let file = s.path("c.change");
    fs::write(&file, s.text.canonical()).unwrap();
    let with = |key: Option<&str>, estate: bool| {
        let mut args = s.args(&file, "bob");
        args.key = key.map(|k| s.path(k));
        args.estate = args.estate.filter(|_| estate);
        s.run_with(&args, &(s.text.digest().words() + "\n"), 60, Some(socket.clone()))
    };
    for (key, estate) in [(None, true), (Some("bob.pub"), true), (Some("bob.pub"), false)] {
        let (exit, out, err) = with(key, estate);
        assert_eq!(exit, Exit::Ok, "{err}");
        let armored = fs::read_to_string(s.path("c.change.sig")).unwrap();
        assert_eq!(s.proven(&armored).people()[0].as_str(), "bob");
        assert!(out.contains("asking the ssh-agent") && out.contains(armored.trim()));
    }
    let (exit, _, err) = with(None, false);
    assert_eq!(exit, Exit::Usage);
    assert!(err.contains("choose one") && err.contains("alice"), "{err}");
    let (exit, _, err) = with(Some("alice.pub"), true);
    assert_eq!(exit, Exit::Refused, "{err}");
}

/// Line ends of Windows, a mark of UTF-8, blank lines around it: the same change, in both forms.
#[test]
fn a_change_file_survives_the_way_it_came() {
    let s = stage();
    let text = s.text.canonical();
    let json = ChangeFile::of(&s.text).to_json().unwrap();
    for whole in [&text, &json] {
        let windows = whole.replace('\n', "\r\n");
        for came in [
            windows.clone(),
            format!("\u{feff}{whole}"),
            format!("\u{feff}{windows}"),
            format!("{whole}\n\n"),
            format!("{windows}\r\n\r\n"),
            format!("\n{whole}"),
            whole.trim_end().to_owned(),
        ] {
            assert_eq!(ChangeFile::parse(&came).unwrap().text, s.text, "{came:?}");
        }
    }
    // Inside it nothing is taken away.
    for edited in
        [text.replace("reason: ", "reason:\n "), text.replace("reason: ", "reason: \r"), text.replacen('\n', "\n\n", 1)]
    {
        assert!(ChangeFile::parse(&edited).is_err(), "{edited:?}");
    }
    let file = s.path("c.change");
    fs::write(&file, text.replace('\n', "\r\n")).unwrap();
    let (exit, _, err) = s.run(&s.args(&file, "bob"), &(s.text.digest().words() + "\n"), 60);
    assert_eq!(exit, Exit::Ok, "{err}");
    let armored = fs::read_to_string(s.path("c.change.sig")).unwrap();
    assert_eq!(s.proven(&armored).people()[0].as_str(), "bob");
}

/// What mail or an editor made of the file is signed as it is by plain OpenSSH, and approves the change that it is.
#[test]
fn plain_ssh_keygen_signs_what_mail_made_of_the_file() {
    let s = stage();
    let text = s.text.canonical();
    let windows = text.replace('\n', "\r\n");
    let files = [windows.clone(), format!("\u{feff}{text}"), format!("\u{feff}{windows}")];
    // As it came, and with words of the approver's own behind it.
    let said = ["", "approver says: I looked\n"];
    let all = files.iter().flat_map(|came| said.map(|said| (came, said)));
    for (n, (came, said)) in all.enumerate() {
        let file = s.path(&format!("{n}.change"));
        fs::write(&file, format!("{came}{said}")).unwrap();
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-Y", "sign", "-n", "approval@signalbox", "-f"]).arg(s.path("bob")).arg(&file);
        assert!(keygen.stderr(Stdio::null()).status().unwrap().success());
        let armored = said.to_owned() + &fs::read_to_string(s.path(&format!("{n}.change.sig"))).unwrap();
        assert!(covers(&s.text, &armored), "{n}: beside the change it is not seen to be of it");
        let mut hand = support::Hand::new(s.estate.clone());
        hand.calm();
        let draft = hand.draft();
        hand.propose("alice", draft, 7);
        let change = s.text.digest();
        let by = Courier::incident_folder();
        hand.tell(What::Asked(Ask::Signature { armored: armored.clone(), by, of: None }));
        let known = hand.model.changes.get(&change).expect("the same change");
        assert_eq!(known.state, State::Approved, "{n}: {:?}", hand.model.refusals);
        assert_eq!(known.approvals[0].by.as_str(), "bob");
        assert_eq!(known.approvals[0].words.is_empty(), said.is_empty());
        // Its approval is proven again when the second key is turned.
        let by = Hands::of(&s.estate, &"alice".into()).operator.unwrap();
        let asked = hand.tell(What::Asked(Ask::SecondKey { by, change, typed: "us-east-2".into() }));
        assert!(asked.iter().any(|e| matches!(e, Effect::Flip(..))), "{n}: {:?}", hand.model.refusals);
    }
}

/// Standard output that takes all that comes before the signature, and nothing from there on.
#[derive(Default)]
struct FullSoon(Vec<u8>);

impl Write for FullSoon {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.extend_from_slice(bytes);
        match String::from_utf8_lossy(&self.0).contains("\nsigned.") {
            true => Err(std::io::ErrorKind::StorageFull.into()),
            false => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The key has signed when printing fails: the signature is in its file, and where there can be none, with the error.
#[test]
fn what_a_key_signed_is_not_lost_when_it_cannot_be_printed() {
    let s = stage();
    let file = s.path("c.change");
    fs::write(&file, s.text.canonical()).unwrap();
    let run_full = |args: &ApproveArgs, typed: &str| {
        let (mut out, mut err) = (FullSoon::default(), Vec::new());
        let exit = run(
            args,
            &mut Io {
                stdin: &mut BufReader::new(typed.as_bytes()),
                terminal: true,
                columns: 80,
                out: &mut out,
                err: &mut err,
                secret: &mut |_| Ok(String::new()),
                now: &|| s.text.at,
                agent: None,
            },
        );
        (exit, String::from_utf8(err).unwrap())
    };
    let (exit, err) = run_full(&s.args(&file, "bob"), &(s.text.digest().words() + "\n"));
    assert_eq!(exit, Exit::Failed, "{err}");
    assert!(err.contains("signed, in ") && !err.contains("not signed"), "{err}");
    s.proven(&fs::read_to_string(s.path("c.change.sig")).unwrap());
    // It came through a pipe, or nothing can be written beside it either.
    let piped = ApproveArgs { code: Some(s.text.digest().words()), ..s.args(Path::new("-"), "bob") };
    fs::create_dir(s.path("gone")).unwrap();
    fs::write(s.path("gone/c.change"), s.text.canonical()).unwrap();
    (1..100).for_each(|n| {
        let name = if n == 1 { "c.change.sig".to_owned() } else { format!("c.change.{n}.sig") };
        fs::write(s.path("gone").join(name), "another").unwrap();
    });
    for (args, typed) in
        [(piped, s.text.canonical()), (s.args(&s.path("gone/c.change"), "bob"), s.text.digest().words() + "\n")]
    {
        let (exit, err) = run_full(&args, &typed);
        assert_eq!(exit, Exit::Failed, "{err}");
        assert!(err.contains("signalbox: signed, but") && err.contains("above"), "{err}");
        s.proven(&paste(&err).expect("the signature").armored);
    }
}

/// On a phone what happens and where to is read before any ARN, and nothing is broken in the middle for want of room.
#[test]
fn region_and_direction_come_before_any_arn() {
    let s = stage();
    let file = s.path("c.change");
    fs::write(&file, s.text.canonical()).unwrap();
    for columns in [40, 80, 150] {
        let (exit, out, err) = s.run_on(columns, &s.args(&file, "bob"), &(s.text.digest().words() + "\n"), 60, None);
        assert_eq!(exit, Exit::Ok, "{err}");
        let arn = out.find("arn:").expect("ARNs are shown");
        for first in ["traffic goes to", "us-east-2", "On → Off", "Off → On", "portal-us-east-1", "portal targets gone"]
        {
            let at = out.find(first).unwrap_or_else(|| panic!("{columns}: {first}: {out}"));
            assert!(at < arn, "{columns}: {first}: {out}");
        }
        fs::remove_file(s.path("c.change.sig")).unwrap();
    }
}

/// Whose time is over is not asked for a word code.
#[test]
fn an_expired_change_asks_for_no_code() {
    let s = stage();
    let file = s.path("c.change");
    fs::write(&file, s.text.canonical()).unwrap();
    let (exit, out, err) = s.run(&s.args(&file, "bob"), "", 601);
    assert_eq!(exit, Exit::Expired, "{err}");
    assert!(!out.contains("type the word code"), "{out}");
}
