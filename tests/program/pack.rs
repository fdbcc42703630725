//! `signalbox pack`: its lines are run in a shell, with a stand-in for the AWS CLI that does what ARC would.

use std::collections::BTreeMap;
use std::process::Command;

use signalbox::estate::{Control, ControlState, Estate, Side};
use signalbox::pack::{Page, markdown};
use signalbox::time::Timestamp;

const PROGRAM: &str = env!("CARGO_BIN_EXE_signalbox");

/// The page of an estate, by the program.
fn page(dir: &tempfile::TempDir, estate: &Estate, more: &[&str]) -> String {
    let file = dir.path().join("estate.toml");
    std::fs::write(&file, estate.to_toml().unwrap()).unwrap();
    let out = Command::new(PROGRAM).arg("pack").arg("--estate").arg(&file).args(more).env_clear().output().unwrap();
    assert!(out.status.success(), "{out:?}");
    String::from_utf8(out.stdout).unwrap()
}

/// The commands below a heading, up to the next one.
fn commands<'p>(page: &'p str, heading: &str) -> Vec<&'p str> {
    let from = page.find(heading).unwrap_or_else(|| panic!("no {heading} in {page}")) + heading.len();
    let part = page[from..].split("\n#").next().unwrap();
    part.split("```sh\n").skip(1).flat_map(|b| b.split("\n```").next().unwrap().split("\n\n")).collect()
}

/// What the AWS CLI is called with, a list of words for each call.
fn called(commands: &[&str]) -> Vec<Vec<String>> {
    let script = format!("sleep() {{ :; }}\naws() {{ printf '%s\\n' \"$@\" ''; }}\n{}", commands.join("\n"));
    let out = Command::new("sh").args(["-euc", &script]).env_clear().output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{out:?}");
    let said = String::from_utf8(out.stdout).unwrap();
    said.trim_end().split("\n\n").map(|call| call.lines().map(str::to_owned).collect()).collect()
}

/// Does what a call asks of ARC, as its service model has the parameters.
fn done(call: &[String], states: &mut BTreeMap<String, ControlState>) {
    let [service, operation, region, region_is, endpoint, endpoint_is, within, .., entries] =
        call.split(|w| w.starts_with("RoutingControlArn=")).next().unwrap()
    else {
        panic!("{call:?}")
    };
    let rest: Vec<&String> = call.iter().filter(|w| w.starts_with("RoutingControlArn=")).collect();
    assert_eq!(within, "--cli-connect-timeout", "nobody waits a minute for a region that is gone");
    assert_eq!((service.as_str(), operation.as_str()), ("route53-recovery-cluster", "update-routing-control-states"));
    assert_eq!((region.as_str(), region_is.as_str()), ("--region", "us-east-1"));
    assert_eq!(endpoint, "--endpoint-url");
    assert!(endpoint_is.starts_with("https://") && endpoint_is.ends_with("/v1"), "{endpoint_is}");
    assert_eq!(entries, "--update-routing-control-state-entries");
    assert!((1..=10).contains(&rest.len()), "ARC takes one to ten: {}", rest.len());
    for entry in rest {
        let (arn, state) =
            entry.strip_prefix("RoutingControlArn=").unwrap().split_once(",RoutingControlState=").unwrap();
        let state = if state == "On" { ControlState::On } else { ControlState::Off };
        states.insert(arn.to_owned(), state);
    }
}

/// Runs a part of the page; after each call, every service is On somewhere.
fn play(page: &str, heading: &str, estate: &Estate, states: &mut BTreeMap<String, ControlState>) {
    let export = commands(page, "## Endpoints of the ARC cluster")[0];
    assert!(export.starts_with("export AWS_MAX_ATTEMPTS=1 "), "the AWS CLI would send a change again: {export}");
    let mut all = vec![export];
    all.extend(commands(page, heading));
    let calls = called(&all);
    // What opened the safety rules' gates closes them again, once the change is done.
    let [gates, .., locks] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!(locks.last().map(|w| w.replace("=Off", "=On")).as_ref(), gates.last());
    for call in calls {
        done(&call, states);
        for service in estate.services_of(&estate.pairs[0].name) {
            let on = |c: &&Control| states.get(c.arn.as_str()) == Some(&ControlState::On);
            assert!(service.controls.iter().any(|c| on(&c)), "{} is Off everywhere", service.name);
        }
    }
}

/// As `estate`, with the first pair's first service many times over.
fn with_services(many: usize) -> Estate {
    let mut estate = signalbox::estate::guiding_care().unwrap();
    let pair = estate.pairs[0].name.clone();
    let first = estate.services_of(&pair).next().unwrap().clone();
    for n in 0..many {
        let mut service = first.clone();
        service.name = format!("more-{n}").as_str().into();
        service.dns = vec![format!("more-{n}.example.com")];
        for control in &mut service.controls {
            let arn = control.arn.as_str();
            control.arn = format!("{}{n:04x}", &arn[..arn.len() - 4]).as_str().into();
            control.name = format!("{}-{n}", control.name);
            control.health_check = None;
        }
        estate.services.push(service);
    }
    estate
}

#[test]
fn its_lines_move_a_pair_and_undo_it_however_many_controls_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let shipped = signalbox::estate::guiding_care().unwrap();
    let small = page(&dir, &shipped, &[]);
    let large = with_services(9);
    let pages = [(shipped, small), (large.clone(), markdown(&Page::of(&large, Timestamp::UNIX_EPOCH, None)))];
    for (estate, page) in pages {
        let pair = &estate.pairs[0];
        let at = |side: Side, states: &BTreeMap<String, ControlState>, state| {
            let controls = estate.services_of(&pair.name).filter_map(|s| s.control(pair.region(side)));
            controls.map(|c| states[c.arn.as_str()]).all(|s| s == state)
        };
        let mut states = BTreeMap::new();
        for service in estate.services_of(&pair.name) {
            let active = service.control(&pair.active).unwrap();
            states.insert(active.arn.to_string(), ControlState::On);
        }
        play(&page, "### Fail over: traffic to us-east-2, none to us-east-1", &estate, &mut states);
        assert!(at(Side::Standby, &states, ControlState::On) && at(Side::Active, &states, ControlState::Off));
        play(&page, "### Undo: traffic to us-east-1, none to us-east-2", &estate, &mut states);
        assert!(at(Side::Active, &states, ControlState::On) && at(Side::Standby, &states, ControlState::Off));
    }
}

#[test]
fn both_formats_have_the_same_commands_and_the_runbooks_words() {
    let estate = signalbox::estate::guiding_care().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let runbook = dir.path().join("runbook.md");
    std::fs::write(&runbook, "Wake <the DBA>.\n```\nthen & only then\n```\n\u{202e}not this way\n").unwrap();
    let more = ["--runbook", runbook.to_str().unwrap()];
    let markdown = page(&dir, &estate, &more);
    let html = page(&dir, &estate, &[&more[..], &["--format", "html"]].concat());
    let plain = |t: &str| {
        t.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    };
    let of_html: Vec<String> = html.split("<pre>").skip(1).map(|p| plain(p.split("</pre>").next().unwrap())).collect();
    let mut of_markdown: Vec<String> = Vec::new();
    for fenced in markdown.split("```sh\n").skip(1) {
        of_markdown.extend(fenced.split("\n```").next().unwrap().split("\n\n").map(str::to_owned));
    }
    let (words, commands) = of_html.split_last().unwrap();
    assert_eq!(commands, of_markdown);
    assert_eq!(words, "Wake <the DBA>.\n```\nthen & only then\n```\n‹U+202E›not this way");
    assert!(markdown.contains("````text\nWake <the DBA>."), "a fence that the runbook's own do not end: {markdown}");
    for person in &estate.people {
        assert!(
            markdown.contains(&format!("| {} |", person.name)) && html.contains(&format!("<td>{}</td>", person.name))
        );
    }
    assert!(!html.contains("<script") && !html.contains("src="), "nothing from elsewhere");
}

#[test]
fn faults_have_their_places_and_nothing_is_written() {
    let dir = tempfile::tempdir().unwrap();
    let (bad, out) = (dir.path().join("bad.toml"), dir.path().join("page.md"));
    std::fs::write(&bad, "name = 3\n").unwrap();
    let run = |estate: &std::path::Path| {
        Command::new(PROGRAM).args(["pack", "-o"]).arg(&out).arg("--estate").arg(estate).env_clear().output().unwrap()
    };
    let said = run(&bad);
    assert_eq!(said.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&said.stderr).contains("bad.toml:1:8"), "{said:?}");
    assert_eq!(run(&dir.path().join("none.toml")).status.code(), Some(1));
    assert!(!out.exists());
}

/// Two accounts behind whoever signs in: the roles are taken one with the other, and both people are in every call.
#[test]
fn the_role_that_may_act_is_taken_first_and_names_both_people() {
    let dir = tempfile::tempdir().unwrap();
    let text = include_str!("../estate/valid/every-part.toml");
    let page = page(&dir, &Estate::parse(text, "f").unwrap(), &[]);
    let lines = commands(&page, "Take the role that may act");
    let taken = "aws() { printf '%s\\n' \"$@\" \"key=${AWS_ACCESS_KEY_ID-none}\" '' >&2; printf 'AKIA%s\\tsecret\\ttoken\\n' \"${6-}\"; }";
    let script = format!("{taken}\n{}\necho \"$AWS_SESSION_TOKEN\"", lines.join("\n"));
    let out = Command::new("sh").args(["-euc", &script]).env_clear().output().unwrap();
    assert!(out.status.success(), "{out:?}");
    let said = String::from_utf8(out.stderr).unwrap();
    let calls: Vec<Vec<&str>> = said.trim_end().split("\n\n").map(|call| call.lines().collect()).collect();
    let roles = ["arn:aws:iam::444455556666:role/signalbox-look", "arn:aws:iam::444455556666:role/dr/signalbox-act"];
    assert_eq!(calls.len(), 3, "{said}");
    for (call, role) in calls.iter().zip(roles) {
        assert_eq!(call[..6], ["sts", "assume-role", "--region", "us-west-2", "--role-arn", role], "{call:?}");
        assert!(call.contains(&"YOUR-NAME@by-hand-THEIR-NAME") && call.contains(&"--external-id"), "{call:?}");
    }
    assert!(calls[0].contains(&"key=none") && !calls[0].contains(&"--source-identity"), "{said}");
    assert!(calls[1].contains(&&*format!("key=AKIA{}", roles[0])) && calls[1].contains(&"--source-identity"), "{said}");
    assert_eq!(calls[2][..2], ["sts", "get-caller-identity"], "{said}");
    assert!(page.contains("must show `assumed-role/signalbox-act/`"), "{page}");
}
