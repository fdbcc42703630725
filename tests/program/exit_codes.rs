//! `docs/exit-codes.md`, a row a code and a row for each way to it, through the built program against the simulator.

use crate::attacks::chain;
use crate::attacks::desk;

use std::process::Command;

use desk::*;
use signalbox::estate::{ControlState, Role};
use signalbox::time::{Span, Timestamp};

/// Arguments, how they end, and what is said.
type Row<'a> = (&'a str, i32, &'a str);

#[track_caller]
fn rows(desk: &Desk, rows: &[Row<'_>]) {
    for (args, code, word) in rows {
        let said = desk.expect(args, *code);
        assert!(said.contains(word), "signalbox {args}: `{word}` is not said:\n{said}");
    }
}

/// The program on a disk that takes not a byte more.
fn on_a_full_disk(desk: &Desk, args: &str) -> (i32, String) {
    let program = desk.program();
    let mut shell = Command::new("sh");
    shell.current_dir(desk.dir.path()).env_clear();
    for (name, value) in program.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    let run = "ulimit -f 0; exec \"$0\" \"$@\"";
    ended(shell.args(["-c", run]).arg(program.get_program()).args(args.split(' ')))
}

#[track_caller]
fn full(desk: &Desk, args: &str) {
    let journal = std::fs::read(desk.journal()).unwrap();
    let (exit, said) = on_a_full_disk(desk, args);
    assert_eq!(exit, JOURNAL, "{args} on a full disk: {said}");
    assert!(std::fs::read(desk.journal()).unwrap() == journal, "{args}: the journal is as it was");
    desk.nothing_moved(args);
}

/// An estate whose cluster nobody reaches. Addresses are not bound: the change is the same.
fn cut_off(desk: &Desk) {
    let mut estate = desk.estate.clone();
    estate.cluster.endpoints.iter_mut().for_each(|e| e.url = "http://127.0.0.1:9/v1".into());
    desk.write_estate("dark.toml", &estate);
}

const PROPOSE: &str = "propose --quick --despite untimed --as alice --key alice";
const ME: &str = "--as alice --key alice";

#[test]
fn propose() {
    let desk = Desk::still(|_| {});
    cut_off(&desk);
    desk.write("bad.toml", "name = 3\n");
    let row = |rest: &str| format!("{PROPOSE} {rest}");
    let with = |rest: &str| row(&format!("--to us-east-2 --reason r {rest}"));
    rows(
        &desk,
        &[
            (&with("-o a.json"), DONE, "word code: "),
            (&row("--set portal-us-east-1=Off --reason r -o b.json"), DONE, "word code: "),
            (&with("-o no/such/folder/c.json"), FAILED, "nothing was proposed"),
            (&with("-o c.json --estate nowhere.toml"), FAILED, "nowhere.toml"),
            (&with("-o c.json --estate bad.toml"), USAGE, "bad.toml"),
            (&row("--reason r"), USAGE, "required"),
            (&row("--to us-east-2"), USAGE, "--reason"),
            (&with("--set portal-us-east-1=Off"), USAGE, "cannot be used with"),
            (&with("--pair nope"), USAGE, "failed to find pair `nope`"),
            (&with("--override nope"), USAGE, "failed to find safety rule `nope`"),
            (&row("--set nope=On --reason r"), USAGE, "failed to find routing control `nope`"),
            (&row("--set portal-us-east-1=Maybe --reason r"), USAGE, "is no state"),
            (&row("--set portal-us-east-1 --reason r"), USAGE, "is not CONTROL=On"),
            ("propose --to us-east-2 --reason r --as alice --key bob", USAGE, "no key here is a key of alice"),
            ("propose --to us-east-2 --reason r --as nobody --key alice", USAGE, "failed to find `nobody`"),
            ("propose --to us-east-2 --reason r --as carol --key carol", USAGE, "operator role"),
            ("propose --to us-east-2 --reason r", USAGE, "no ssh-agent"),
            (&row("--to us-east-1 --reason r -o c.json"), REFUSED, "nothing to change"),
            (&format!("propose --quick {ME} --to us-east-2 --reason r -o c.json"), REFUSED, "preflight fails"),
            (&with("-o c.json --estate dark.toml"), UNREACHABLE, "the states of the controls are not known"),
        ],
    );
    let mut command = desk.program();
    command.args(row("--to us-east-2 -o c.json --reason").split(' ')).arg("  ");
    assert_eq!(ended(&mut command).0, REFUSED, "no reason");
    full(&desk, &with("-o c.json"));
    assert!(!desk.path("c.json").exists(), "a change that is not proposed has no file");
    assert!(
        !std::fs::read_dir(desk.dir.path()).unwrap().any(|e| e
            .unwrap()
            .file_name()
            .to_string_lossy()
            .contains(".part"))
    );
    desk.write("file", "");
    rows(&desk, &[(&with("-o c.json --state file"), JOURNAL, "nothing was changed")]);
    desk.write("state/journal.jsonl", desk.read("state/journal.jsonl").replacen("alice", "malice", 1));
    rows(&desk, &[(&with("-o c.json"), JOURNAL, "is damaged")]);
}

/// The journal has it that somebody else moved a control, and it stands as they left it.
#[test]
fn status_where_somebody_else_moved_controls() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.expect("status --pair east", DONE);
    let control = desk.estate.controls().find(|c| c.name == "portal-us-east-1").unwrap().arn.clone();
    let (from, to) = (ControlState::Off, ControlState::On);
    let since = Timestamp::now() - Span::from_secs(30);
    let moved = signalbox::record::Record::MovedElsewhere { control, from, to, since, found: false };
    let mut lines = chain::read(&desk.journal());
    let last = lines.last().unwrap().saying(serde_json::to_value(moved).unwrap());
    lines.push(last);
    chain::write(&desk.journal(), &lines);
    let said = desk.expect("status --pair east", IMPAIRED);
    assert!(said.contains("portal-us-east-1"), "{said}");
}

#[test]
fn a_region_that_is_none_is_asked_wrongly() {
    let desk = Desk::still(|_| {});
    rows(&desk, &[(&format!("{PROPOSE} --to nowhere --reason r -o c.json"), USAGE, "nowhere")]);
}

#[test]
fn approve() {
    let desk = Desk::still(|_| {});
    let words = desk.propose("change.json");
    let tampered = desk.read("change.json").replace("reason: test", "reason: tess");
    desk.write("tampered.json", tampered);
    let row = |rest: &str| format!("approve change.json {rest}");
    rows(
        &desk,
        &[
            (&row(&format!("--key bob --code {words}")), DONE, "signed."),
            (&row("--key bob --code no-such-words"), REFUSED, "word code"),
            (&row("--key bob"), REFUSED, "was not typed"),
            (&row(&format!("--key alice --code {words}")), REFUSED, "somebody else must approve"),
            (&row(&format!("--key carol --code {words}")), REFUSED, "approver role"),
            (&row(&format!("--key mallory --code {words}")), REFUSED, "nobody in the estate has this key"),
            (&format!("approve tampered.json --key bob --code {words}"), REFUSED, "not signed"),
            (&row("--say"), USAGE, "--say"),
        ],
    );
    std::fs::create_dir(desk.path("change.json.sig.d")).unwrap();
    std::fs::remove_file(desk.path("change.json.sig")).unwrap();
    let (exit, said) = on_a_full_disk(&desk, &row(&format!("--key bob --code {words}")));
    assert_eq!(exit, FAILED, "a signature that is not kept: {said}");
    assert!(!desk.path("change.json.sig").exists());
}

/// "The same for every command": a file that is not there, one that is no change, a key that is not there.
#[test]
fn approve_ends_as_the_others_do() {
    let desk = Desk::still(|_| {});
    let words = desk.propose("change.json");
    desk.write("garbage.json", "{");
    let code = format!("--key bob --code {words}");
    for (what, args, as_others) in [
        ("a change that is not there", format!("approve nowhere.json {code}"), FAILED),
        ("a change that is none", format!("approve garbage.json {code}"), USAGE),
        ("an estate that is not there", format!("approve change.json {code} --estate nowhere.toml"), FAILED),
        ("a key that is not there", format!("approve change.json --key nowhere --code {words}"), USAGE),
        ("no key", format!("approve change.json --code {words}"), USAGE),
    ] {
        let other = args.replace(&code, ME).replace(&format!("--code {words}"), "").replace("approve", "withdraw");
        let other = other.replace("--key nowhere", "--as alice --key nowhere");
        let withdraw = desk.run(other.trim());
        assert_eq!(withdraw.0, as_others, "withdraw, {what}: {}", withdraw.1);
        let (exit, said) = desk.run(&args);
        assert_eq!(exit, as_others, "approve, {what}: {said}");
    }
}

#[test]
fn flip_of_what_must_not_run() {
    let desk = Desk::still(|_| {});
    cut_off(&desk);
    desk.propose("change.json");
    desk.propose("waits.json");
    desk.propose("gone.json");
    desk.expect(&format!("withdraw gone.json {ME}"), DONE);
    desk.write("garbage.json", "{");
    desk.write("garbage.sig", "no signature at all");
    desk.write("tampered.json", desk.read("change.json").replace("reason: test", "reason: tess"));
    desk.expect(&format!("{PROPOSE} --to us-east-2 --reason r -o other.json --state other"), DONE);
    desk.approve("change.json");
    let row = |file: &str, rest: &str| format!("flip --quick {file} {ME} --to us-east-2 {rest}").trim().to_owned();
    rows(
        &desk,
        &[
            (&row("waits.json", ""), NOT_APPROVED, "proposed"),
            (&row("waits.json", "--approval garbage.sig"), NOT_APPROVED, "no OpenSSH signature"),
            (&row("waits.json", "--approval change.json.sig"), NOT_APPROVED, "the signature is over change"),
            (&row("waits.json", "--approval nowhere.sig"), FAILED, "nowhere.sig"),
            (&row("nowhere.json", ""), FAILED, "nowhere.json"),
            (&row("waits.json", "--estate nowhere.toml"), FAILED, "nowhere.toml"),
            (&row("garbage.json", ""), USAGE, "no change file"),
            ("flip --quick waits.json --as alice --key bob --to us-east-2", USAGE, "no key here"),
            ("flip --quick waits.json --as nobody --key bob --to us-east-2", USAGE, "failed to find `nobody`"),
            ("flip --quick waits.json --to us-east-2", USAGE, "no ssh-agent"),
            ("flip", USAGE, "required"),
            (&row("tampered.json", ""), REFUSED, "digest"),
            (&row("other.json", ""), REFUSED, "not proposed from this journal"),
            (&row("gone.json", ""), REFUSED, "withdrawn already"),
        ],
    );
    let approved = "--approval change.json.sig";
    rows(
        &desk,
        &[
            (&format!("flip --quick change.json {approved} {ME} --to us-east-1"), REFUSED, "not the receiving region"),
            ("flip --quick change.json --as bob --key bob --to us-east-2", REFUSED, "only alice"),
            ("flip --quick waits.json --as bob --key bob --to us-east-2", REFUSED, "only alice"),
            ("flip --quick waits.json --as alice --key alice --to us-east-2", NOT_APPROVED, "approvals are missing"),
            (&row("change.json", "--estate dark.toml"), UNREACHABLE, "nothing was sent"),
        ],
    );
    // In a copy of its folder no approval would help.
    assert!(Command::new("cp").arg("-a").args([desk.path("state"), desk.path("copy")]).status().unwrap().success());
    rows(&desk, &[(&row("waits.json", "--state copy"), REFUSED, "another folder or a copy of it")]);
    full(&desk, &row("change.json", ""));
    desk.write("state/journal.jsonl", desk.read("state/journal.jsonl").replacen("alice", "malice", 1));
    rows(&desk, &[(&row("change.json", ""), JOURNAL, "is damaged")]);
    desk.nothing_moved("what must not run");
}

#[test]
fn flip_of_what_may_run() {
    let desk = Desk::own(|_| {});
    desk.propose("first.json");
    desk.propose("second.json");
    desk.approve("first.json");
    desk.approve("second.json");
    let row = |file: &str| format!("flip --quick {file} --approval {file}.sig {ME} --to us-east-2");
    rows(&desk, &[(&row("first.json"), DONE, "showed the new states")]);
    assert!(desk.moved());
    // Again: it is done, and is said to be; nothing is sent a second time.
    rows(&desk, &[("reject first.json --reason no --as bob --key bob", OVERTAKEN, "verified")]);
    rows(
        &desk,
        &[(&row("first.json"), DONE, "verified"), (&format!("withdraw first.json {ME}"), OVERTAKEN, "verified")],
    );
    assert_eq!(desk.world.writes(), 1);
    // The world is another one than when this was asked for.
    rows(&desk, &[(&row("second.json"), REFUSED, "void")]);
    assert_eq!(desk.world.writes(), 1);
    // What ARC refuses: the last region's control goes off.
    desk.expect(&format!("{PROPOSE} --set portal-us-east-2=Off --reason r -o off.json"), DONE);
    desk.approve("off.json");
    let said = desk.expect(&format!("flip --quick off.json --approval off.json.sig {ME} --to us-east-1"), REFUSED);
    assert!(said.contains("refused by"), "{said}");
    let on = desk.world.states().into_iter().filter(|(_, state)| *state == ControlState::On).count();
    assert!(on > 0);
}

#[test]
fn a_flip_that_nobody_confirms_is_uncertain() {
    let desk = Desk::own(|_| {});
    desk.propose("change.json");
    desk.approve("change.json");
    desk.world.go_dark_at_the_next_write();
    let flip = format!("flip --quick change.json --approval change.json.sig {ME} --to us-east-2");
    let said = desk.expect(&flip, UNCERTAIN);
    assert!(said.contains("uncertain: not confirmed"), "{said}");
    assert!(!said.contains("nothing was changed") && !said.contains("nothing was sent"), "{said}");
}

#[test]
fn what_came_too_late_is_expired() {
    let short = |e: &mut signalbox::estate::Estate| e.policy.proposal_expires = Span::from_secs(4);
    let desk = Desk::still(short);
    desk.propose("late.json");
    let words = desk.digest("late.json").words();
    let end = desk.text("late.json").until;
    let until = |args: &str, code: i32, before: i32| loop {
        let (exit, said) = desk.run(args);
        if exit == code {
            break said;
        }
        assert_eq!(exit, before, "{args}: {said}");
        assert!(Timestamp::now() < end + Span::from_secs(40), "it never expires: {said}");
    };
    let said = until(&format!("flip --quick late.json {ME} --to us-east-2"), EXPIRED, NOT_APPROVED);
    assert!(said.contains("not approved within 4s"), "{said}");
    rows(
        &desk,
        &[
            // Final, for every command.
            (&format!("flip --quick late.json {ME} --to us-east-2"), EXPIRED, "expired"),
            (&format!("withdraw late.json {ME}"), EXPIRED, "expired"),
            ("reject late.json --reason no --as bob --key bob", EXPIRED, "expired"),
            (&format!("approve late.json --key bob --code {words}"), EXPIRED, "propose it again"),
        ],
    );
    let kinds = chain::kinds(&desk.journal());
    assert_eq!(kinds.iter().filter(|k| *k == "expired").count(), 1, "that it expired is kept, once: {kinds:?}");
    desk.nothing_moved("what came too late");

    // The second key's own window.
    let desk = Desk::still(|e| e.policy.second_key_within = Span::from_secs(3));
    desk.propose("change.json");
    desk.approve("change.json");
    desk.take_in("change.json");
    let begun = Timestamp::now();
    let said = loop {
        let (exit, said) = desk.run(&format!("flip --quick change.json {ME} --to us-east-1"));
        if exit == EXPIRED {
            break said;
        }
        assert_eq!(exit, REFUSED, "{said}");
        assert!(Timestamp::now() < begun + Span::from_secs(40), "it never expires: {said}");
    };
    assert!(said.contains("the second key was not turned within 3s of the approval"), "{said}");
    rows(&desk, &[(&format!("flip --quick change.json {ME} --to us-east-2"), EXPIRED, "expired")]);
    desk.nothing_moved("a second key that came too late");
}

#[test]
fn withdraw_and_reject() {
    let desk = Desk::still(|e| e.people.push(person("dave", &[Role::Approver], &public(4))));
    for file in ["a.json", "b.json", "c.json"] {
        desk.propose(file);
    }
    desk.write("garbage.json", "{");
    desk.write("tampered.json", desk.read("a.json").replace("reason: test", "reason: tess"));
    full(&desk, &format!("withdraw a.json {ME}"));
    full(&desk, "reject a.json --reason no --as bob --key bob");
    rows(
        &desk,
        &[
            (&format!("withdraw a.json {ME}"), DONE, "withdrawn"),
            (&format!("withdraw a.json {ME}"), REFUSED, "withdrawn"),
            ("withdraw b.json --as bob --key bob", REFUSED, "only alice"),
            (&format!("withdraw nowhere.json {ME}"), FAILED, "nowhere.json"),
            (&format!("withdraw garbage.json {ME}"), USAGE, "no change file"),
            (&format!("withdraw tampered.json {ME}"), REFUSED, "digest"),
            ("withdraw b.json --as alice --key bob", USAGE, "no key here"),
            ("withdraw b.json --as dave --key dave", USAGE, "operator role"),
            ("reject b.json --reason no --as dave --key dave", DONE, "rejected"),
            ("reject b.json --reason no --as bob --key bob", REFUSED, "rejected"),
            ("reject c.json --as bob --key bob", USAGE, "--reason"),
            ("reject c.json --reason no --as carol --key carol", USAGE, "approver role"),
            ("reject c.json --reason no --as bob --key alice", USAGE, "no key here"),
            ("reject nowhere.json --reason no --as bob --key bob", FAILED, "nowhere.json"),
            (&format!("flip --quick b.json {ME} --to us-east-2"), REFUSED, "rejected already"),
        ],
    );
    desk.write("state/journal.jsonl", desk.read("state/journal.jsonl").replacen("alice", "malice", 1));
    rows(
        &desk,
        &[
            (&format!("withdraw c.json {ME}"), JOURNAL, "is damaged"),
            ("reject c.json --reason no --as bob --key bob", JOURNAL, "is damaged"),
        ],
    );
}

#[test]
fn drill_and_incident() {
    let desk = Desk::still(|_| {});
    rows(
        &desk,
        &[
            (&format!("drill start one --type monthly {ME}"), DONE, "begins"),
            (&format!("drill start two --type monthly {ME}"), REFUSED, "still runs"),
            (&format!("incident end {ME}"), REFUSED, "`signalbox drill end` ends it"),
        ],
    );
    full(&desk, &format!("drill end {ME}"));
    rows(
        &desk,
        &[
            (&format!("drill end {ME}"), DONE, "is over"),
            (&format!("drill end {ME}"), REFUSED, "no named incident or drill"),
            (&format!("drill start one --type weekly {ME}"), USAGE, "weekly"),
            ("drill start one --type monthly --as alice --key bob", USAGE, "no key here"),
            (&format!("incident start one --pair nope {ME}"), USAGE, "failed to find pair `nope`"),
            (&format!("incident start one {ME} --estate nowhere.toml"), FAILED, "nowhere.toml"),
            (&format!("incident start one {ME} --ago=24:10:00"), USAGE, "its hours are 24, and 23 at most"),
            (&format!("incident start one {ME}"), DONE, "begins"),
            (&format!("drill end {ME}"), REFUSED, "`signalbox incident end` ends it"),
            (&format!("incident end {ME}"), DONE, "is over"),
            (&format!("drill approvers {ME}"), IMPAIRED, "! bob: has not signed under this estate file"),
            ("drill approvers --as bob --key bob", DONE, "✔ bob: signed today"),
            ("drill approvers --as bob --key alice", USAGE, "no key here"),
        ],
    );
    full(&desk, &format!("drill start one --type monthly {ME}"));
    full(&desk, &format!("incident start one {ME}"));
    full(&desk, "drill approvers --as bob --key bob");
}

#[test]
fn journal_report_and_status() {
    let desk = Desk::still(|_| {});
    desk.propose("change.json");
    desk.write("bad.toml", "name = 3\n");
    rows(
        &desk,
        &[
            ("journal verify", DONE, "lines proves what it says"),
            ("journal verify state", DONE, "the chain is whole"),
            ("journal verify state --estate estate.toml", DONE, "lines proves what it says"),
            ("journal verify nowhere", FAILED, "nowhere"),
            ("journal verify state --estate bad.toml", USAGE, "bad.toml"),
            ("journal show state", DONE, "alice proposes"),
            ("journal show nowhere", FAILED, "nowhere"),
            ("journal look", USAGE, "look"),
            ("report nothing", FAILED, "failed to find nothing"),
            ("status", DONE, "5 of 5 endpoints answer"),
            ("status --estate nowhere.toml", FAILED, "nowhere.toml"),
            ("status --estate bad.toml", USAGE, "bad.toml"),
            ("status --pair nope", USAGE, "failed to find pair `nope`"),
        ],
    );
    let mut nameless = desk.program();
    nameless.args(["journal", "verify"]).env_remove("SIGNALBOX_STATE").env_remove("SIGNALBOX_ESTATE");
    assert_eq!(ended(&mut nameless).0, USAGE, "no journal is named");
    // Figures that fail on the active side.
    let mut estate = desk.estate.clone();
    for reading in estate.systems.iter_mut().flat_map(|s| &mut s.readings) {
        (reading.warn, reading.fail) = (reading.warn.map(|_| 0.0), reading.fail.map(|_| 0.0));
    }
    desk.write_estate("strict.toml", &estate);
    desk.expect("status --estate strict.toml", IMPAIRED);

    let lines = chain::read(&desk.journal());
    let mut more = lines.clone();
    more.push(lines[0].saying(chain::approved(&desk.digest("change.json"), "bob", "SHA256:x", "x")));
    chain::write(&desk.journal(), &more);
    rows(
        &desk,
        &[
            ("journal verify state --estate estate.toml", JOURNAL, "it counts for nothing"),
            ("journal show state", DONE, "alice proposes"),
        ],
    );
    chain::write(&desk.journal(), &lines);
    desk.write("state/journal.jsonl", desk.read("state/journal.jsonl").replacen("alice", "malice", 1));
    rows(
        &desk,
        &[
            ("journal verify state", JOURNAL, "edited after it was written"),
            ("journal verify state --estate estate.toml", JOURNAL, "edited after it was written"),
            ("journal show state", JOURNAL, "edited after it was written"),
            ("report nothing", JOURNAL, "edited after it was written"),
        ],
    );
}

/// Without its cluster the estate is impaired; where nothing at all answers, nothing can be told.
#[test]
fn status_of_what_does_not_answer() {
    let desk = Desk::still(|_| {});
    cut_off(&desk);
    let dead = "http://127.0.0.1:9";
    let mut estate = desk.estate.clone();
    estate.cluster.endpoints.iter_mut().for_each(|e| e.url = format!("{dead}/v1"));
    for places in [&mut estate.endpoints.cloudwatch, &mut estate.endpoints.ec2, &mut estate.endpoints.drs] {
        places.values_mut().for_each(|url| *url = dead.into());
    }
    estate.endpoints.route53 = Some(dead.into());
    estate.services.iter_mut().flat_map(|s| &mut s.probes).for_each(|p| p.url = format!("{dead}/"));
    estate.resolvers.clear();
    desk.write_estate("dead.toml", &estate);
    rows(
        &desk,
        &[
            ("status --estate dark.toml", IMPAIRED, "NONE of 5 ARC cluster endpoints has answered since before"),
            ("status --estate dead.toml", UNREACHABLE, "0 of 5 endpoints answer"),
        ],
    );
}

/// Every code of the table has a row here.
#[test]
fn the_table_is_the_programs() {
    let codes: Vec<u8> = signalbox::cli::Exit::ALL.iter().map(|exit| exit.code()).collect();
    let rows = [
        DONE,
        FAILED,
        USAGE,
        REFUSED,
        EXPIRED,
        UNCERTAIN,
        UNREACHABLE,
        NOT_APPROVED,
        IMPAIRED,
        JOURNAL,
        OVERTAKEN,
        PARTLY,
    ];
    assert_eq!(codes, rows.map(|code| u8::try_from(code).unwrap()));
    let table = include_str!("../../docs/exit-codes.md");
    assert!(codes.iter().all(|code| table.contains(&format!("| {code} | "))), "{table}");
}
