//! The same change without a screen: `sim`, `propose`, `approve`, `flip`, `status` and `journal` as a script uses them,
//! the built program each time, told apart by exit codes.

use crate::people;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use signalbox::estate::{Estate, guiding_care};
use signalbox::signing::SecretKey;
use signalbox::time::Span;
use unicode_width::UnicodeWidthStr as _;

const DONE: i32 = 0;
const REFUSED: i32 = 3;
const EXPIRED: i32 = 4;
const UNREACHABLE: i32 = 6;
const NOT_APPROVED: i32 = 7;
const JOURNAL: i32 = 9;

/// A simulator of its own, and the files of two people in front of it.
struct Desk {
    dir: tempfile::TempDir,
    sim: Child,
}

impl Desk {
    fn new(change: impl FnOnce(&mut Estate)) -> Self {
        Self::at("1", change)
    }

    /// In front of a world that runs so many times faster.
    fn at(speed: &str, change: impl FnOnce(&mut Estate)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut estate = guiding_care().unwrap();
        people::give_keys(dir.path(), &mut estate, &[(1, "alice"), (2, "bob")]);
        change(&mut estate);
        std::fs::write(dir.path().join("own.toml"), estate.to_toml().unwrap()).unwrap();
        let mut sim = program(dir.path())
            .args(["sim", "--scenario", "calm", "--estate", "own.toml", "--write-estate", "estate.toml"])
            .args(["--speed", speed])
            // At sixty times the pace of life, what comes late and what is not known yet is most of what there is.
            .args((speed != "1").then_some("--kind"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = BufReader::new(sim.stdout.take().unwrap());
        assert!(said.lines().map_while(Result::ok).any(|l| l.starts_with("# ready")), "the simulator starts");
        Self { dir, sim }
    }

    fn run(&self, args: &str) -> (i32, String) {
        let output = program(self.dir.path()).args(args.split(' ')).output().unwrap();
        (output.status.code().unwrap(), both(&output))
    }

    #[track_caller]
    fn expect(&self, args: &str, code: i32) -> String {
        let (exit, said) = self.run(args);
        assert_eq!(exit, code, "signalbox {args}\n{said}");
        said
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The word code of a change, as somebody reads it off the file.
    fn words(&self, file: &str) -> String {
        let json: serde_json::Value = serde_json::from_slice(&std::fs::read(self.path(file)).unwrap()).unwrap();
        json["change"]["words"].as_str().unwrap().to_owned()
    }

    fn propose(&self, what: &str, file: &str) -> String {
        self.expect(
            &format!("propose --as alice --key alice {what} --reason test --quick --despite untimed -o {file}"),
            DONE,
        );
        self.words(file)
    }

    fn approve(&self, file: &str, words: &str) {
        self.expect(&format!("approve {file} --key bob --code {words}"), DONE);
    }

    fn state_of(&self, control: &str) -> String {
        let json = program(self.dir.path()).args(["status", "--json", "--pair", "east"]).output().unwrap().stdout;
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        let controls = json["pairs"][0]["controls"].as_array().unwrap().clone();
        let found = controls.iter().find(|c| c["name"] == control).expect("the control is listed");
        found["state"].as_str().unwrap().to_owned()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.sim.kill();
        let _ = self.sim.wait();
    }
}

/// The program in `dir`, with no credentials but made-up ones and nothing of this machine's own set-up.
fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_signalbox"));
    command.current_dir(dir).env_clear().env("HOME", dir).env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("SIGNALBOX_ESTATE", "estate.toml").env("SIGNALBOX_STATE", "state").stdin(Stdio::null());
    // A proxy that is not there: nothing on loopback may go through it.
    command.env("HTTP_PROXY", "http://127.0.0.1:9").env("http_proxy", "http://127.0.0.1:9");
    command
}

fn both(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What `propose` prints is pasted into a shell that has none of its environment, at a moment at which nobody edits it.
#[test]
fn the_commands_that_are_printed_run_as_they_are() {
    let desk = Desk::new(|_| {});
    let mut propose = program(desk.dir.path());
    propose.env_remove("SIGNALBOX_ESTATE").env_remove("SIGNALBOX_STATE");
    let args = "propose --estate estate.toml --state the+folder --as alice --key alice --to us-east-2 --reason test --quick \
                --despite untimed -o=-x.json";
    let said = both(&propose.args(args.split_whitespace()).output().unwrap());
    let words = desk.words("-x.json");
    let printed = |begins: &str| {
        let line = said.lines().map(str::trim).find(|line| line.starts_with(begins));
        line.unwrap_or_else(|| panic!("no `{begins}` in {said}")).to_owned()
    };
    let bin = Path::new(env!("CARGO_BIN_EXE_signalbox")).parent().unwrap().display().to_string();
    let paste = |line: &str| {
        let mut shell = Command::new("sh");
        shell.current_dir(desk.dir.path()).env_clear().env("HOME", desk.dir.path());
        shell.env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap()));
        shell.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        let done = shell.args(["-c", line]).stdin(Stdio::null()).output().unwrap();
        assert_eq!(done.status.code(), Some(DONE), "{line}\n{}", both(&done));
    };
    paste(&format!("{} --key bob --code {words}", printed("signalbox approve")));
    paste(&printed("signalbox flip"));
}

#[test]
fn two_people_move_traffic_without_a_screen() {
    let desk = Desk::new(|_| {});
    let words = desk.propose("--to us-east-2", "change.json");
    assert_eq!(desk.state_of("portal-us-east-2"), "Off");

    // Her own signature is one that she can make, and one that never counts.
    let own = desk.expect(&format!("approve change.json --key alice --code {words} --estate estate.toml"), REFUSED);
    assert!(own.contains("alice"), "{own}");
    assert!(!desk.path("change.json.sig").exists(), "nothing was signed");
    let text = signalbox::cli::change_file::ChangeFile::read(&desk.path("change.json")).unwrap().text;
    let own = SecretKey::read(&desk.path("alice")).unwrap().approve(&text.canonical()).unwrap();
    std::fs::write(desk.path("change.json.sig"), own).unwrap();
    desk.expect("flip change.json --approval change.json.sig --as alice --key alice --to us-east-2", NOT_APPROVED);
    std::fs::write(desk.path("garbage.sig"), "no signature at all").unwrap();
    desk.expect("flip change.json --approval garbage.sig --as alice --key alice --to us-east-2", NOT_APPROVED);

    desk.expect("approve change.json --key bob --code wrong-words-here", REFUSED);
    desk.approve("change.json", &words);
    let wrong =
        desk.expect("flip change.json --approval change.json.sig --as alice --key alice --to us-east-1", REFUSED);
    assert!(wrong.contains("not the receiving region"), "{wrong}");
    let said = desk.expect("flip change.json --approval change.json.sig --as alice --key alice --to us-east-2", DONE);
    assert!(said.contains("verified"), "{said}");
    assert_eq!((desk.state_of("portal-us-east-1"), desk.state_of("portal-us-east-2")), ("Off".into(), "On".into()));

    // Who asks again is told what has happened: it is done, and runs once.
    let again = desk.expect("flip change.json --approval change.json.sig --as alice --key alice --to us-east-2", DONE);
    assert!(again.contains("verified already; a change runs once"), "{again}");

    let shown = desk.expect("journal show", DONE);
    for word in ["alice proposes", "bob approves", "about to be sent", "changed through", "verified"] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let verified = desk.expect("journal verify", DONE);
    assert!(verified.contains("the chain is whole"), "{verified}");
    let file = desk.path("state/journal.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    let edited = text.replacen("bob", "eve", 1);
    assert_ne!(edited, text);
    std::fs::write(&file, edited).unwrap();
    desk.expect("journal verify", JOURNAL);
    // A damaged journal takes no further change.
    desk.expect(
        "propose --as alice --key alice --to us-east-1 --reason test --quick --despite untimed -o back.json",
        JOURNAL,
    );
}

#[test]
fn what_arc_refuses_is_said_with_the_rules_name() {
    let desk = Desk::new(|_| {});
    let words = desk.propose("--set failover-allowed-east=Off", "lock.json");
    desk.approve("lock.json", &words);
    desk.expect("flip lock.json --approval lock.json.sig --as alice --key alice --to us-east-1", DONE);
    let words = desk.propose("--to us-east-2", "move.json");
    desk.approve("move.json", &words);
    let said = desk.expect("flip move.json --approval move.json.sig --as alice --key alice --to us-east-2", REFUSED);
    assert!(said.contains("refused by safety rule"), "{said}");
    assert_eq!(desk.state_of("portal-us-east-2"), "Off");
}

#[test]
fn expired_and_unreachable_are_told_apart() {
    let mut desk = Desk::new(|estate| estate.policy.proposal_expires = Span::from_secs(2));
    desk.propose("--to us-east-2", "late.json");
    std::fs::write(desk.path("none.sig"), "no signature at all").unwrap();
    let begun = Instant::now();
    loop {
        let (exit, said) = desk.run("flip late.json --approval none.sig --as alice --key alice --to us-east-2");
        if exit == EXPIRED {
            break;
        }
        assert_eq!(exit, NOT_APPROVED, "{said}");
        assert!(begun.elapsed() < Duration::from_secs(60), "it never expires: {said}");
    }

    desk.sim.kill().unwrap();
    desk.sim.wait().unwrap();
    let said = desk.expect(
        "propose --as alice --key alice --to us-east-2 --reason test --quick --despite untimed -o gone.json",
        UNREACHABLE,
    );
    assert!(said.contains("ap-southeast-2"), "each endpoint is named: {said}");
    assert!(!desk.path("gone.json").exists());
}

#[test]
fn a_flip_with_no_endpoint_left_sends_nothing_and_says_so() {
    let mut desk = Desk::new(|_| {});
    let words = desk.propose("--to us-east-2", "change.json");
    desk.approve("change.json", &words);
    desk.sim.kill().unwrap();
    desk.sim.wait().unwrap();
    let said =
        desk.expect("flip change.json --approval change.json.sig --as alice --key alice --to us-east-2", UNREACHABLE);
    assert!(said.contains("nothing was sent"), "{said}");
}

#[test]
fn check_tells_every_fault_and_what_is_unwise() {
    let dir = tempfile::tempdir().unwrap();
    let check = |file: &str, more: &[&str]| {
        let output = program(dir.path()).args(["check", file]).args(more).output().unwrap();
        (output.status.code().unwrap(), both(&output))
    };
    let good = signalbox::estate::guiding_care().unwrap();
    std::fs::write(dir.path().join("good.toml"), good.to_toml().unwrap()).unwrap();
    let (exit, said) = check("good.toml", &["--strict"]);
    assert_eq!(exit, DONE, "{said}");
    assert!(said.contains("estate guiding-care: 4 accounts, 2 pairs"), "{said}");

    let mut thin = good.clone();
    thin.services[0].probes.clear();
    thin.resolvers.clear();
    std::fs::write(dir.path().join("thin.toml"), thin.to_toml().unwrap()).unwrap();
    let (exit, said) = check("thin.toml", &[]);
    assert_eq!(exit, DONE, "{said}");
    assert!(said.contains("service portal has no probe in us-east-1") && said.contains("no resolver"), "{said}");
    assert_eq!(check("thin.toml", &["--strict"]).0, 2);

    let text = good.to_toml().unwrap().replacen("pair = \"east\"", "pair = \"eats\"", 2);
    std::fs::write(dir.path().join("bad.toml"), text).unwrap();
    let (exit, said) = check("bad.toml", &[]);
    assert_eq!(exit, 2, "{said}");
    assert!(said.contains("bad.toml:") && said.contains("2 faults") && said.contains("east"), "{said}");
    assert_eq!(check("nothing.toml", &[]).0, 1);
}

#[test]
fn check_tells_what_a_file_is_and_every_fault_of_a_theme_and_a_keymap() {
    let dir = tempfile::tempdir().unwrap();
    let check = |files: &[&str]| {
        let output = program(dir.path()).arg("check").args(files).output().unwrap();
        (output.status.code().unwrap(), both(&output))
    };
    let write = |name: &str, text: &str| {
        let file = dir.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    };
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (folder, kind) in [("themes", "theme"), ("keymaps", "keymap")] {
        for file in std::fs::read_dir(repository.join(folder)).unwrap().map(|e| e.unwrap().path()) {
            let (exit, said) = check(&[file.to_str().unwrap()]);
            assert_eq!(exit, DONE, "{said}");
            assert!(said.ends_with(&format!(": {kind} {}\n", file.file_stem().unwrap().to_str().unwrap())), "{said}");
        }
    }
    write("a.toml", "name = \"a\"\n[palette]\nred = \"#f00\"\n");
    write("b.toml", "name = \"b\"\ninherits = \"default\"\n[keys]\nnote = [\"x\", \"Enter\"]\n");
    write("c.toml", "name = \"c\"\ninherits = \"vmi\"\n");
    write("keymaps/d.toml", "name = \"d\"\ninherits = \"vmi\"\n");
    write("e.toml", "name = \"e\"\ninherits = \"vim\"\nkyes = {}\n");
    for (file, kind, faults) in [
        ("a.toml", "a theme", &["a.toml:3:7: `#f00` is no colour"][..]),
        ("b.toml", "a keymap", &["b.toml:4:9: `x` is bound to both `note` and", "b.toml:4:14: `Enter` is no key"]),
        ("c.toml", "a theme", &["c.toml:2:12: no theme is called `vmi`"]),
        ("keymaps/d.toml", "a keymap", &["keymaps/d.toml:2:12: no keymap is called `vmi`; did you mean `vim`?"]),
        ("e.toml", "a keymap", &["e.toml:3:1: no field is called `kyes`; did you mean `keys`?"]),
    ] {
        let (exit, said) = check(&[file]);
        assert_eq!(exit, 2, "{said}");
        let n = if faults.len() == 1 { "1 fault\n".into() } else { format!("{} faults\n", faults.len()) };
        assert!(said.ends_with(&format!("✖ {file}, read as {kind}: {n}")), "{said}");
        assert!(faults.iter().all(|fault| said.contains(fault)), "{said}");
    }
    // One that lies beside it is built upon, and one file with faults is enough.
    write("keymaps/team.toml", "name = \"team\"\ninherits = \"vim\"\n");
    write("keymaps/mine.toml", "name = \"mine\"\ninherits = \"team\"\n");
    assert_eq!(check(&["keymaps/mine.toml"]), (DONE, "● keymaps/mine.toml: keymap mine\n".into()));
    assert_eq!(check(&["a.toml", "keymaps/mine.toml"]).0, 2);
}

#[test]
fn what_is_asked_wrongly_ends_with_2_and_a_file_that_is_not_there_with_1() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("estate.toml", &guiding_care().unwrap().to_toml().unwrap());
    write("bad.toml", "name = 3\n");
    write("empty.jsonl", "");
    write("other.jsonl", "{\"signalbox\":\"recording\",\"version\":99,\"program\":\"9.9.9\"}\n");
    for (args, code) in [
        ("replay empty.jsonl", 2),
        ("replay other.jsonl", 2),
        ("replay nowhere.jsonl", 1),
        ("export-cast empty.jsonl", 2),
        ("status --estate estate.toml --pair nope", 2),
        ("status --estate bad.toml", 2),
        ("status --estate nowhere.toml", 1),
        ("console --estate estate.toml --state box --as nobody --plain", 2),
        ("console --estate estate.toml --state box --pair nope --plain", 2),
        ("demo --scenario nosuch --plain --folder box", 2),
        ("demo --scenario bad.toml --plain --folder box", 2),
        ("rehearse nosuch", 2),
        ("sim --scenario nosuch", 2),
        ("sim --scenario calm --speed 0", 2),
        ("drill start x --type monthly --estate estate.toml --state box --as nobody", 2),
    ] {
        let output = program(dir.path()).args(args.split(' ')).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args}: {}", both(&output));
    }
}

#[test]
fn status_is_aligned_whatever_the_names_and_its_json_has_no_noise() {
    let (long, wide) = ("a system with a name that is longer than the others", "データベース東京リージョン主系統");
    let desk = Desk::new(|estate| {
        let mut systems = estate.systems.iter_mut().filter(|s| s.pair.as_str() == "east");
        systems.next().unwrap().name = long.into();
        systems.next().unwrap().name = wide.into();
    });
    let said = desk.expect("status --pair east", DONE);
    let rows: Vec<&str> = said.lines().filter(|l| l.starts_with(['●', '▲', '?', '✖'])).collect();
    assert!(rows.iter().any(|r| r.contains(long)) && rows.iter().any(|r| r.contains(wide)), "{said}");
    let column = "● replication  ".width() + long.width();
    for row in rows {
        let before = row.char_indices().map(|(at, _)| row.split_at(at)).find(|(before, _)| before.width() > column);
        let (before, text) = before.unwrap();
        assert!(before.ends_with(' ') && before.width() == column + 1 && !text.starts_with(' '), "{row}\n{said}");
    }
    let json = desk.expect("status --json", DONE);
    let figures: Vec<&str> =
        json.lines().filter_map(|l| l.split(": ").nth(1)).map(|v| v.trim_end_matches(',')).collect();
    let digits = |figure: &str| figure.replace('.', "").trim_start_matches('0').len();
    let noise = |figure: &&&str| figure.contains('.') && figure.parse::<f64>().is_ok() && digits(figure) > 6;
    assert_eq!(figures.iter().filter(noise).count(), 0, "{json}");
}

#[test]
fn a_drill_has_a_name_and_a_report() {
    let desk = Desk::new(|_| {});
    let said = desk.expect("drill start 2026-Q4 --type quarterly --with bob,carol --as alice --key alice", DONE);
    assert!(said.contains("quarterly failover drill 2026-Q4 of pair east begins"), "{said}");
    let twice = desk.expect("drill start again --type monthly --as alice --key alice", REFUSED);
    assert!(twice.contains("quarterly failover drill 2026-Q4 of pair east still runs"), "{twice}");
    let words = desk.propose("--to us-east-2", "change.json");
    desk.approve("change.json", &words);
    desk.expect("flip change.json --approval change.json.sig --as alice --key alice --to us-east-2", DONE);
    // An incident's end does not end a drill, and says what does.
    let said = desk.expect("incident end --as alice --key alice", REFUSED);
    assert!(said.contains("`signalbox drill end` ends it"), "{said}");
    desk.expect("drill end --as alice --key alice", DONE);
    desk.expect("drill end --as alice --key alice", REFUSED);
    let report = desk.expect("report 2026-Q4", DONE);
    for part in [
        "# quarterly failover drill: 2026-Q4",
        "- with bob, carol",
        "- approved by bob",
        "- second key turned by alice",
    ] {
        assert!(report.contains(part), "{part}: {report}");
    }
    desk.expect("report 2026-Q4 --format html -o report.html", DONE);
    assert!(std::fs::read_to_string(desk.path("report.html")).unwrap().contains("2026-Q4"));
    let missing = desk.expect("report 2025-Q1", 1);
    assert!(missing.contains("failed to find 2025-Q1") && missing.contains("2026-Q4"), "{missing}");
    let drills = desk.expect("drills", 8);
    assert!(drills.contains("2026-Q4"), "{drills}");
}

#[test]
fn a_failing_check_stops_a_proposal_until_somebody_says_why_not() {
    let desk = Desk::new(|_| {});
    // What the world takes for calm, this console's file does not.
    let mut estate = Estate::parse(&std::fs::read_to_string(desk.path("estate.toml")).unwrap(), "estate.toml").unwrap();
    let redis = estate.systems.iter_mut().find(|s| s.id.as_str() == "redis-east").unwrap();
    let lag = redis.readings.iter_mut().find(|r| r.id.as_str() == "lag").unwrap();
    (lag.warn, lag.fail) = (Some(0.0), Some(0.0));
    std::fs::write(desk.path("estate.toml"), estate.to_toml().unwrap()).unwrap();
    let refused = desk.expect("propose --as alice --key alice --to us-east-2 --reason test -o change.json", REFUSED);
    assert!(refused.contains("✖ Redis global lag") && refused.contains("--despite"), "{refused}");
    let said = desk
        .expect("propose --as alice --key alice --to us-east-2 --reason test --despite cached -o change.json", DONE);
    assert!(
        said.contains("failing check: Redis global lag") && said.contains("despite that because: cached"),
        "{said}"
    );
    let words = desk.words("change.json");
    let shown = desk.expect(&format!("approve change.json --key bob --code {words}"), DONE);
    assert!(shown.contains("PREFLIGHT FAILS, and this is asked for in spite of it:"), "{shown}");
    desk.expect("flip change.json --approval change.json.sig --as alice --key alice --to us-east-2", DONE);
}

#[test]
fn an_account_is_discovered_and_examined() {
    let desk = Desk::new(|_| {});
    let said = desk.expect("discover --endpoints estate.toml -o found.toml", DONE);
    assert!(said.contains("found 2 pairs, 10 services, 22 routing controls, 14 safety rules"), "{said}");
    desk.expect("check found.toml", DONE);
    let again = desk.expect("discover --refresh found.toml", DONE);
    assert!(again.contains("found.toml is up to date"), "{again}");
    // A file that is there is somebody's work.
    std::fs::write(desk.path("found.toml"), "mine").unwrap();
    let refused = desk.expect("discover --endpoints estate.toml -o found.toml", 2);
    assert!(refused.contains("exists already") && refused.contains("--refresh found.toml"), "{refused}");
    assert_eq!(std::fs::read_to_string(desk.path("found.toml")).unwrap(), "mine");
    desk.expect("discover --endpoints estate.toml -o found.toml --force", DONE);
    desk.expect("check found.toml", DONE);
    let broken = desk.expect("discover --endpoints estate.toml --pair east", 2);
    assert!(broken.contains("'east'") && broken.contains("it is not NAME=ACTIVE,STANDBY"), "{broken}");
    let doctor = desk.expect("doctor --as alice", DONE);
    assert!(doctor.contains("✔ identity (GetCallerIdentity)") && doctor.contains("0 bad"), "{doctor}");
}

#[test]
fn without_credentials_the_doctor_says_how_to_get_some() {
    let desk = Desk::new(|_| {});
    let mut command = program(desk.dir.path());
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let output = command.args(["doctor", "--as", "alice"]).output().unwrap();
    let said = both(&output);
    assert_eq!(output.status.code(), Some(8), "{said}");
    for how in ["aws sso login", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "instance role"] {
        assert_eq!(said.matches(how).count(), 1, "{how}\n{said}");
    }
    assert_eq!(said.matches("not tried: no credentials").count(), 5, "{said}");
    assert!(!said.contains("give this identity") && said.contains(", 1 bad, "), "{said}");
}

/// The innermost cause, and the profile that was asked for, in `doctor` and at a command that needs ARC.
#[test]
fn why_there_are_no_credentials_is_said_with_the_profiles_name() {
    let desk = Desk::new(|_| {});
    let config = desk.path("aws-config");
    let role = "role_arn = arn:aws:iam::111122223333:role/dr";
    let profiles = format!(
        "[profile prod]\ncredential_process = /bin/sh -c \"echo 'vault: token expired' >&2; exit 3\"\n\
         [profile sourceless]\n{role}\nsource_profile = nobody\n\
         [profile one]\n{role}\nsource_profile = two\n[profile two]\n{role}\nsource_profile = one\n\
         [profile half]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
         [profile sso1]\nsso_start_url = https://example.com/start\nsso_region = us-east-1\n\
         sso_account_id = 111122223333\nsso_role_name = dr\n\
         [profile behind]\n{role}\nsource_profile = sso1\n"
    );
    std::fs::write(&config, profiles).unwrap();
    let not_in = format!("is neither in {} nor in /dev/null", config.display());
    let mend = |name: &str| format!("mend profile {name} in {}", config.display());
    let (sourceless, one, half) = (mend("sourceless"), mend("one"), mend("half"));
    let sso = "`aws sso login --profile sso1` signs in";
    for (profile, wanted) in [
        ("prod", ["vault: token expired", "profile prod"]),
        ("prdo", ["profile prdo", &not_in]),
        ("", ["AWS_PROFILE is set to nothing", "unset it"]),
        ("sourceless", ["could not find source profile nobody referenced from sourceless", &sourceless]),
        ("one", ["infinite loop", &one]),
        ("half", ["aws_secret_access_key", &half]),
        ("sso1", [".aws/sso/cache/", sso]),
        ("behind", [".aws/sso/cache/", sso]),
    ] {
        for words in ["doctor --as alice", "propose --as alice --key alice --to us-east-2 --reason x -o x.json"] {
            let mut command = program(desk.dir.path());
            command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").env("AWS_PROFILE", profile);
            command.env("AWS_CONFIG_FILE", &config).env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
            let said = both(&command.args(words.split(' ')).output().unwrap());
            assert!(wanted.iter().all(|w| said.contains(w)), "{profile}, {words}: {said}");
            assert!(!said.contains("already taken"), "{profile}, {words}: {said}");
        }
    }
}

#[test]
fn a_drill_launch_takes_two_people_and_ends_as_a_job_that_carries_the_change() {
    let desk = Desk::new(|_| {});
    let said = desk.expect(
        "propose --as alice --key alice --drill-launch us-east-2 --server nobody --reason drill -o launch.json",
        2,
    );
    assert!(said.contains("no source server of us-east-2 is called `nobody`; DRS has "), "{said}");
    let said =
        desk.expect("propose --as alice --key alice --drill-launch us-east-2 --reason drill -o launch.json", DONE);
    assert!(said.contains("drill launch in: us-east-2"), "{said}");
    let words = desk.words("launch.json");
    // Her own key is nobody else's.
    desk.expect(&format!("approve launch.json --key alice --estate estate.toml --code {words}"), REFUSED);
    desk.approve("launch.json", &words);
    let flip = "flip launch.json --approval launch.json.sig --as alice --key alice --to";
    desk.expect(&format!("{flip} us-east-1"), REFUSED);
    let said = desk.expect(&format!("{flip} us-east-2"), DONE);
    assert!(said.contains("DRS has taken it on as drsjob-"), "{said}");
    let said = desk.expect(&format!("{flip} us-east-2"), DONE);
    assert!(said.contains("launching already: it was sent"), "{said}");
    let journal = desk.expect("journal show state", DONE);
    assert!(journal.contains("DRS has taken it on as drsjob-"), "{journal}");
}

/// Nobody's console runs when traffic moves: who looks later does not know when it did.
#[test]
fn who_looks_after_a_move_knows_a_bound_and_no_time() {
    let desk = Desk::at("60", |_| {});
    let words = desk.propose("--to us-east-2", "move.json");
    desk.approve("move.json", &words);
    desk.expect("flip move.json --approval move.json.sig --as alice --key alice --to us-east-2", DONE);
    let moved = (0..60).map(|_| desk.run("status --pair east").1).find(|said| said.contains("had moved to"));
    assert!(moved.is_some_and(|said| said.contains("when it was first looked at")), "{}", desk.run("status").1);
    // A command that looks keeps nothing of what it sees; a console with somebody in front of it does.
    let report = desk.expect("report", DONE);
    assert!(!report.contains("nobody looked before"), "{report}");
    let mut console = program(desk.dir.path());
    console.args(["console", "--plain", "--key", "alice"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut console = console.stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(console.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("when it was first looked at")), "the console sees where traffic is");
    console.kill().unwrap();
    console.wait().unwrap();
    let report = desk.expect("report", DONE);
    assert!(report.contains("nobody looked before") && !report.contains("not been seen"), "{report}");
}

#[test]
fn a_launch_that_is_waited_for_ends_as_its_servers_do_and_has_a_report() {
    let desk = Desk::at("120", |_| {});
    desk.expect(
        "propose --as alice --key alice --drill-launch us-east-2 --server api-01 --reason drill -o launch.json",
        DONE,
    );
    let words = desk.words("launch.json");
    desk.approve("launch.json", &words);
    let said =
        desk.expect("flip launch.json --approval launch.json.sig --as alice --key alice --to us-east-2 --wait", DONE);
    assert!(said.contains("launched"), "{said}");
    let report = desk.expect(&format!("report {words}"), DONE);
    assert!(report.contains("launched: 1 of 1 servers") && report.contains("every server was launched"), "{report}");
}

/// The approver signs the time and each server's snapshot, and just these are sent.
#[test]
fn a_recovery_from_a_point_in_time_is_signed_with_its_snapshots() {
    let desk = Desk::new(|_| {});
    let propose =
        "propose --as alice --key alice --server api-01 --reason ransomware -o launch.json --recover us-east-2";
    let said = desk.expect(&format!("{propose} --at 1d-ago"), REFUSED);
    assert!(said.contains("not younger than") && said.contains("api-01 (its oldest is of "), "{said}");
    let said = desk.expect(&format!("{propose} --at 2030-01-01T00:00Z"), 2);
    assert!(said.contains("has not come yet"), "{said}");
    let said = desk.expect(&format!("{propose} --at 40min-ago"), DONE);
    assert!(said.contains("\nas of: ") && said.contains("\nfrom snapshot: pit-"), "{said}");
    let words = desk.words("launch.json");
    desk.approve("launch.json", &words);
    let flip = "flip launch.json --approval launch.json.sig --as alice --key alice --to us-east-2";
    let said = desk.expect(flip, DONE);
    assert!(said.contains("DRS has taken it on as drsjob-"), "{said}");
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let desk = Desk::new(|_| {});
    for args in [&["status"][..], &["status", "--json"], &["doctor"]] {
        let mut command = program(desk.dir.path());
        let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = both(&output);
        assert!(!said.contains("panicked") && output.status.code().is_some_and(|code| code < 100), "{args:?}: {said}");
    }
}
