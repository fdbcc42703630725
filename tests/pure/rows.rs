//! Enter leads somewhere from every row: what the sheets of DRS jobs, checks, people and entries say.

use crate::support;

use ratatui::buffer::Buffer;
use signalbox::change::{Hands, Nonce};
use signalbox::estate::{ControlState, RuleKind};
use signalbox::event::{Ask, DrsJob, Failure, FailureKind, News, SourceId, What};
use signalbox::ui::Screen;
use ssh_key::HashAlg;
use support::eye::{self, lines, press};
use support::{OHIO, Stage, east, key, setup};

fn screen(stage: &Stage) -> Screen {
    Screen::new(setup(stage, "alice", "dark"))
}

fn buffer(screen: &mut Screen, stage: &Stage) -> Buffer {
    eye::buffer(screen, stage, (150, 44))
}

fn shown(screen: &mut Screen, stage: &Stage) -> String {
    lines(&buffer(screen, stage)).join("\n")
}

/// What the open sheet says, on one line and without frames: wrapped sentences read as they are written.
fn said(screen: &mut Screen, stage: &Stage) -> String {
    // The sheet is 118 columns wide and stands in the middle.
    let inside = |line: &String| line.chars().skip(17).take(116).collect::<String>();
    let all: Vec<String> = lines(&buffer(screen, stage)).iter().map(inside).collect();
    let words: Vec<&str> = all.iter().flat_map(|line| line.split_whitespace()).filter(|w| *w != "▌").collect();
    words.join(" ").replace('▌', "")
}

/// The row under the cursor.
fn lit(buffer: &Buffer) -> Option<String> {
    let ground = buffer[(0, 0)].bg;
    let y = (3..buffer.area.height - 2).find(|y| (2..6).all(|x| buffer[(x, *y)].bg != ground))?;
    lines(buffer).get(usize::from(y)).cloned()
}

/// A screen whose cursor stands on the row with this text, in the view of a key.
fn on_row(stage: &Stage, view: &str, text: &str) -> Screen {
    let mut screen = screen(stage);
    press(&mut screen, stage, view);
    for _ in 0..300 {
        if lit(&buffer(&mut screen, stage)).is_some_and(|row| row.contains(text)) {
            return screen;
        }
        press(&mut screen, stage, "↓");
    }
    panic!("no row of view {view} says `{text}`:\n{}", shown(&mut screen, stage));
}

/// What enter opens from a row.
fn entered(stage: &Stage, view: &str, text: &str) -> (Screen, String) {
    let mut screen = on_row(stage, view, text);
    press(&mut screen, stage, "\n");
    let said = said(&mut screen, stage);
    (screen, said)
}

fn holds(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "`{word}` is missing: {said}");
    }
}

#[test]
fn every_row_of_every_list_leads_somewhere_and_back() {
    let mut stage = Stage::until("moved");
    let by = stage.hands("alice").operator.unwrap();
    stage.feed(What::Asked(Ask::Note { by, pair: east(), text: "the bridge is open".into() }));
    let mut opened = 0;
    for view in ["3", "4", "5", "6", "7", "8", "9"] {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, view);
        let mut last = buffer(&mut screen, &stage);
        loop {
            press(&mut screen, &stage, "↓");
            let list = buffer(&mut screen, &stage);
            if list == last {
                break;
            }
            press(&mut screen, &stage, "\n");
            let sheet = buffer(&mut screen, &stage);
            assert_ne!(sheet, list, "view {view}: enter does nothing");
            let sheet = lines(&sheet).join("\n");
            assert!(!sheet.contains("nothing more is known"), "view {view}: {sheet}");
            press(&mut screen, &stage, "\u{1b}");
            assert_eq!(buffer(&mut screen, &stage), list, "view {view}: esc leads back");
            // The palette agrees that it can be looked at.
            press(&mut screen, &stage, ":look");
            let palette = shown(&mut screen, &stage);
            assert!(!palette.contains("nothing under the cursor"), "view {view}: {palette}");
            press(&mut screen, &stage, "\u{1b}");
            last = list;
            opened += 1;
        }
    }
    assert!(opened > 100, "only {opened} rows were followed: the test looks at nothing");
}

/// The overview's panels are lists, too: beneath the levers the cursor goes on to checks, names and entries.
#[test]
fn what_the_overviews_panels_show_is_followed_from_there() {
    let mut stage = Stage::until("moved");
    let (by, pair) = (stage.hands("alice").operator.unwrap(), support::east());
    stage.feed(What::Asked(Ask::Note { by, pair, text: "the bridge is open".into() }));
    let mut screen = screen(&stage);
    buffer(&mut screen, &stage);
    press(&mut screen, &stage, "⇱");
    let mut last = buffer(&mut screen, &stage);
    let mut sheets = Vec::new();
    loop {
        press(&mut screen, &stage, "↓");
        let list = buffer(&mut screen, &stage);
        if list == last {
            break;
        }
        press(&mut screen, &stage, "\n");
        let opened = shown(&mut screen, &stage);
        if opened.contains("routing controls  panel") {
            // A lever leads to the controls.
            press(&mut screen, &stage, "1");
        } else {
            assert_ne!(opened, lines(&list).join("\n"), "enter does nothing");
            sheets.push(said(&mut screen, &stage));
            press(&mut screen, &stage, "\u{1b}");
        }
        assert_eq!(buffer(&mut screen, &stage), list, "the cursor stands where it stood");
        last = list;
    }
    for source in
        ["Route 53 GetHealthCheckStatus, us-east-1", "sftp.guidingcare.com", "the bridge is open", "TRAFFIC HAS MOVED"]
    {
        assert!(sheets.iter().any(|s| s.contains(source)), "`{source}`: {sheets:#?}");
    }
    press(&mut screen, &stage, "y");
    let copied = shown(&mut screen, &stage);
    assert!(copied.contains("copied: "), "{copied}");
}

#[test]
fn a_job_tells_its_servers_and_that_one_failed() {
    let stage = Stage::outage();
    let (_, said) = entered(&stage, "5", "drsjob-0123456789abcdef0");
    holds(
        &said,
        &[
            "DRS job, us-east-2",
            "kind drill launch",
            "started by somebody outside signalbox (start drill)",
            "✖ a failure, although DRS calls it completed: 1 of 3 not launched (app-03)",
            "created 2026-11-24 ",
            "change none: it carries no tag of a change",
            "● app-01 s-00000000000000001 launched",
            "✖ app-03 s-00000000000000003 failed",
            "LAUNCH_FAILED app-03 (s-00000000000000003) InsufficientInstanceCapacity",
            "DRS DescribeJobs and DescribeJobLogItems, us-east-2, ",
        ],
    );
}

/// A job of a change of this journal, whose one server was never launched.
fn launched() -> (Stage, String) {
    let mut stage = Stage::calm();
    let by = stage.hands("alice").operator.unwrap();
    let pair = stage.model.estate.pair(&east()).unwrap().clone();
    let launch = stage.model.launch_of(&OHIO.into(), &["s-00000000000000001"], true);
    let mut draft = signalbox::change::Draft::launching(&stage.model.estate, &pair.name, &OHIO.into(), launch).unwrap();
    draft.reason = "quarterly drill".into();
    stage.feed(What::Asked(Ask::Propose { by, draft, nonce: Nonce(9) }));
    let change = stage.model.changes.all().last().unwrap_or_else(|| panic!("{:?}", stage.model.refusals)).digest;
    let servers = stage.model.drs[OHIO].value.servers.clone();
    let job = DrsJob {
        id: "drsjob-of-a-change".into(),
        kind: "LAUNCH".into(),
        initiated_by: "START_DRILL".into(),
        status: "COMPLETED".into(),
        servers: vec![("s-00000000000000001".into(), "PENDING".into())],
        created: None,
        change: Some(change),
        log: Vec::new(),
        log_failure: None,
    };
    let news = News::Drs { servers, jobs: Ok(vec![job]), apart: Vec::new(), samples: Vec::new() };
    stage.heard(SourceId::Drs(OHIO.into()), 90, 100, Ok(news));
    (stage, change.words())
}

#[test]
fn jobs_and_logs_that_cannot_be_read_are_said_not_to_be_known() {
    let (mut stage, _) = launched();
    let failure = |why: &str| Failure { kind: FailureKind::Throttled, why: why.into() };
    let servers = stage.model.drs[OHIO].value.servers.clone();
    let mut jobs = stage.model.drs[OHIO].value.jobs.last().unwrap().to_vec();
    jobs[0].log_failure = Some(failure("DescribeJobLogItems: Rate exceeded"));
    let news = News::Drs { servers: servers.clone(), jobs: Ok(jobs), apart: Vec::new(), samples: Vec::new() };
    stage.heard(SourceId::Drs(OHIO.into()), 90, 100, Ok(news));
    let unread = "its log is not known now: DescribeJobLogItems: Rate exceeded";
    let (mut screen, sheet) = entered(&stage, "5", "drsjob-of-a-change");
    holds(&sheet, &[unread]);
    for _ in 0..2 {
        stage.pass(80);
        let jobs = Err(failure("DescribeJobs: Rate exceeded"));
        let news = News::Drs { servers: servers.clone(), jobs, apart: Vec::new(), samples: Vec::new() };
        stage.heard(SourceId::Drs(OHIO.into()), 90, 100, Ok(news));
    }
    let unknown = "the jobs of DRS in us-east-2 are not known now: DescribeJobs: Rate exceeded";
    holds(&said(&mut screen, &stage), &[unknown]);
    let mut screen = self::screen(&stage);
    press(&mut screen, &stage, "5");
    let view = shown(&mut screen, &stage);
    assert!(view.contains(&format!("? {unknown}")) && view.contains("? drill launch"), "{view}");
    assert!(!view.contains("1 kept"), "how many there are is not known: {view}");
    let (_, sheet) = entered(&stage, "5", "app-01");
    holds(&sheet, &[unknown]);
}

#[test]
fn a_job_leads_to_its_change_and_a_gone_one_says_so() {
    let (mut stage, change) = launched();
    let (mut screen, said) = entered(&stage, "5", "drsjob-of-a-change");
    holds(
        &said,
        &[
            "started by signalbox, as alice asked and others approved",
            "1 of 1 not launched (app-01)",
            "app-01 s-00000000000000001 pending, and the job is over",
            "created ? DRS does not tell",
            &change,
            "“quarterly drill”",
            "DRS has told nothing of it yet",
        ],
    );
    // The sheet is open, and DRS forgets the job.
    let servers = stage.model.drs[OHIO].value.servers.clone();
    let news = News::Drs { servers, jobs: Ok(Vec::new()), apart: Vec::new(), samples: Vec::new() };
    stage.heard(SourceId::Drs(OHIO.into()), 90, 100, Ok(news));
    let said = self::said(&mut screen, &stage);
    holds(
        &said,
        &["drsjob-of-a-change", "? DRS in us-east-2 does not list this job any more (DescribeJobs, 0 s ago)."],
    );
}

#[test]
fn an_old_job_says_how_old_it_is() {
    let mut stage = Stage::outage();
    let mut screen = on_row(&stage, "5", "drsjob-0123456789abcdef0");
    press(&mut screen, &stage, "\n");
    stage.pass(300);
    holds(&said(&mut screen, &stage), &["us-east-2, 5 min 1 s ago, OLD"]);
}

#[test]
fn the_check_of_the_endpoints_lists_each_of_them() {
    let mut stage = Stage::calm();
    stage.dark = vec!["eu-west-1"];
    stage.wait(80);
    stage.poll();
    stage.pass(1);
    let (_, said) = entered(&stage, "6", "ARC cluster endpoints");
    holds(
        &said,
        &[
            "group readiness",
            "stands ▲ warning",
            "figure 4 of 5 answer",
            "of the 100 points of readiness",
            "are counted, because a warning counts half",
            "AWS promises three of five",
            "to pass all endpoints answer",
            "ARC ListRoutingControls of each endpoint, the newest answer is 1.0 s old",
            "✖ eu-west-1 ListRoutingControls: no answer within 2 s; last answer 1 min 22 s ago",
            "● us-east-1 answered 1.0 s ago in 41 ms",
        ],
    );
}

#[test]
fn the_check_of_a_rule_tells_its_text_and_its_controls() {
    let mut stage = Stage::calm();
    let estate = stage.model.estate.clone();
    let panel = &estate.pair(&east()).unwrap().control_panel;
    let gates = |k: &RuleKind| if let RuleKind::Gating { gating, .. } = k { Some(gating.clone()) } else { None };
    let of_pair = || estate.safety_rules.iter().filter(|r| r.control_panel == *panel);
    let (rule, gating) = of_pair().find_map(|r| Some((r, gates(&r.kind)?))).expect("a gating rule");
    let gate = estate.control(&gating[0]).unwrap();
    stage.states.insert(gate.arn.clone(), ControlState::Off);
    stage.wait(2);
    stage.poll();
    stage.pass(1);
    let (_, said) = entered(&stage, "6", &rule.name);
    holds(
        &said,
        &[
            "stands ✖ failed",
            "none is counted, because it fails",
            "ARC refuses every move of the controls that this rule locks until it holds.",
            &format!("to pass {} must be On", gate.name),
            "rule unlocks ",
            "Wait period",
            &rule.arn.as_str()[..40],
            "controls that gate",
            &format!("{} ○ OFF", gate.name),
            "controls that it locks",
            "portal-us-east-1 ● ON",
        ],
    );
}

#[test]
fn the_checks_of_the_file_say_what_to_write_into_it() {
    let mut estate = support::estate();
    estate.readiness.allowed_regions = vec!["us-east-1".into()];
    for system in &mut estate.systems {
        system.readings.retain(|r| r.meaning != signalbox::estate::Meaning::Lag);
    }
    let mut stage = Stage::of(estate);
    stage.poll();
    stage.pass(1);
    let (_, said) = entered(&stage, "6", "data stays in the allowed");
    holds(
        &said,
        &[
            "group compliance and data",
            "us-east-2 is NOT allowed",
            "The data may only be in these regions: us-east-1.",
            "`allowed_regions` must hold us-east-2",
            "source the estate file, read when this console opened",
        ],
    );
    let (mut screen, said) = entered(&stage, "6", "nothing measures it");
    holds(&said, &["stands ? unknown", "none is counted, because it is not known", "`sides = \"link\"`"]);
    // Traffic moves under the open sheet: the other region is the one that is checked now.
    let pair = stage.model.estate.pair(&east()).unwrap().clone();
    for service in stage.model.estate.services_of(&pair.name) {
        for c in &service.controls {
            let on = c.region.as_ref() == Some(&pair.standby);
            stage.states.insert(c.arn.clone(), if on { ControlState::On } else { ControlState::Off });
        }
    }
    stage.answers = vec![OHIO; 4];
    stage.poll();
    stage.pass(1);
    let said = self::said(&mut screen, &stage);
    assert!(said.contains("`sides = \"back\"`") || said.contains("this check is not made any more"), "{said}");
}

#[test]
fn a_person_tells_their_keys_and_what_they_did() {
    let mut stage = Stage::until("approved");
    let by = stage.hands("alice").operator.unwrap();
    stage.feed(What::Asked(Ask::Withdraw { by, change: stage.last.unwrap() }));
    stage.wait(5);
    stage.propose("again, because of INC-4472");
    let by = Hands::of(&stage.model.estate, &"bob".into()).approver.unwrap();
    let change = stage.last.unwrap();
    stage.feed(What::Asked(Ask::Reject { by, change, reason: "not now".into() }));
    let print = key(2).public_key().fingerprint(HashAlg::Sha256).to_string();
    let (_, said) = entered(&stage, "9", " bob ");
    holds(
        &said,
        &[
            "approver: approve or reject what somebody else proposed",
            &print,
            "(ssh-ed25519)",
            "0 proposed, 1 approved, 1 rejected",
            "11-24 18:",
            &format!("rejected {} rejected", change.words()),
            "withdrawn",
            "rejects",
            "“not now”",
        ],
    );
    let first = |deed: &str| said.find(&format!("Z {deed} ")).unwrap_or_else(|| panic!("{deed}: {said}"));
    assert!(first("rejected") < first("approved"), "the latest comes first: {said}");
    let (_, said) = entered(&stage, "9", " alice ");
    holds(
        &said,
        &["operator: propose changes and turn the second key", "2 proposed, 0 approved, 0 rejected", "withdraws"],
    );
    let (_, said) = entered(&stage, "9", " carol ");
    holds(&said, &["none that they had a part in"]);
}

#[test]
fn an_entry_is_told_whole_with_what_stood_next_to_it() {
    let mut stage = Stage::outage();
    let note = |stage: &mut Stage, text: &str| {
        let by = stage.hands("alice").operator.unwrap();
        stage.feed(What::Asked(Ask::Note { by, pair: east(), text: text.to_owned() }));
    };
    let long = format!("a long note {}and its very end", "that goes on and on ".repeat(20));
    // All at one moment: the time does not tell them apart.
    note(&mut stage, "the one before");
    note(&mut stage, &long);
    note(&mut stage, "the one after");
    let at = stage.model.timeline.entries().back().unwrap().at.wall;
    let (_, said) = entered(&stage, "8", "a long note");
    holds(
        &said,
        &[
            &long,
            &format!("when {}", at.strftime("%Y-%m-%d %H:%M:%S%.3fZ")),
            "source alice",
            "severity · worth knowing",
            "pair east",
        ],
    );
    let (after, before) = (said.find("the one after").unwrap(), said.find("the one before").unwrap());
    let between = said.find("just before").unwrap();
    assert!(after < between && between < before, "{said}");
    // What the console itself lets go is not shown as if it had never been.
    let mut screen = on_row(&stage, "8", "the one before");
    press(&mut screen, &stage, "\n");
    for n in 0..2100 {
        note(&mut stage, &format!("note {n}"));
    }
    holds(&self::said(&mut screen, &stage), &["this entry is not kept any more", "the journal keeps them all"]);
}
