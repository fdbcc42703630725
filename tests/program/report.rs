//! Reports: the figures of a rehearsal as an independent script has them, and what built journals are told as.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use signalbox::change::Digest;
use signalbox::estate::Tier;
use signalbox::record::{Figures, Kept, LagFigure, Record, SessionKind, Signed, TierTarget};
use signalbox::report::{self, Report, Source};
use signalbox::time::{Span, Stamp, Timestamp};

fn signalbox(args: &[&str]) -> (i32, String, String) {
    let program =
        Command::new(env!("CARGO_BIN_EXE_signalbox")).args(args).env_clear().env("HOME", "/nonexistent").output();
    let out = program.expect("signalbox runs");
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    (out.status.code().unwrap_or(-1), text(&out.stdout), text(&out.stderr))
}

/// What the script computes from the journal alone.
fn script(journal: &Path, name: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/report_figures.py");
    let out = Command::new("python3").arg(script).arg(journal).arg(name).output();
    let out = out.expect("python3 runs: this test needs it, and nothing but its standard library");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("the script's JSON")
}

/// Plays a scenario, and compares its report's figures with the script's.
fn same_figures(scenario: &str, speed: &str) -> (tempfile::TempDir, Value) {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let file = folder.path().join("report.json");
    let (file, state) = (file.to_str().unwrap(), state.to_str().unwrap());
    let (code, out, err) = signalbox(&["rehearse", scenario, "--speed", speed, "--folder", state, "--report", file]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("## Targets"), "a rehearsal ends with its report: {out}");
    let report: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let name = format!("rehearsal of {scenario}");
    assert_eq!((&report["name"], &report["kind"]), (&Value::from(name.as_str()), &Value::from("quarterly")));
    let figures = script(&Path::new(state).join("journal.jsonl"), &name);

    let near = |a: &Value, b: &Value| match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-3,
        _ => a == b,
    };
    for field in ["rto", "rpo"] {
        let ours = report[field].as_array().unwrap();
        let theirs = figures[field].as_object().unwrap();
        assert!(!ours.is_empty() && ours.len() == theirs.len(), "{field}: {ours:?} {theirs:?}");
        for row in ours {
            let other = &theirs[row["tier"].as_str().unwrap()];
            let same = near(&row["target"], &other[0]) && near(&row["achieved"], &other[1]) && row["met"] == other[2];
            assert!(same, "{field}: {row} is {other} to the script");
        }
    }
    assert!(near(&report["automation_share"], &figures["automation_share"]), "{report:#} {figures:#}");
    assert_eq!(report["failed_checks"], figures["failed_checks"]);
    assert_eq!(report["journal"]["lines"], figures["lines"]);
    let changes = report["changes"].as_array().unwrap();
    let column = |pick: &dyn Fn(&Value) -> Value| changes.iter().map(pick).collect::<Vec<_>>();
    assert_eq!(Value::from(column(&|c| c["proposed"]["by"].clone())), figures["who"]["asked"]);
    let approved: Vec<Value> = changes
        .iter()
        .flat_map(|c| c["approvals"].as_array().unwrap().clone())
        .map(|a| Value::from(vec![a["by"].clone(), a["key"].clone()]))
        .collect();
    assert_eq!(Value::from(approved), figures["who"]["approved"]);
    assert_eq!(Value::from(column(&|c| c["second_key"]["by"].clone())), figures["who"]["second_key"]);
    assert_eq!(changes.last().unwrap()["traffic_moved"].is_string(), figures["moved"] == true);
    (folder, report)
}

#[test]
fn a_rehearsals_figures_are_the_scripts() {
    let (folder, report) = same_figures("region-outage", "20");
    assert_eq!(report["planned"], false);
    // The same journal, asked afterwards: the same report, in every form.
    let state = folder.path().join("state");
    let state = state.to_str().unwrap();
    let (code, again, err) = signalbox(&["report", "--journal", state, "--format", "json"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(serde_json::from_str::<Value>(&again).unwrap(), report);
    let (_, page, _) = signalbox(&["report", "--journal", state, "--format", "html", "rehearsal of region-outage"]);
    assert!(page.contains("<svg") && page.contains("RTO, tier") && page.ends_with("</html>\n"));
    for outside in ["http:", "https:", "<script", "<link", "<img", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "the page needs {outside}");
    }
    // It counts as a quarterly drill, and so for the months; the yearly one has not been made.
    let (code, drills, err) = signalbox(&["drills", state]);
    assert_eq!(code, 8, "{err}");
    assert!(drills.contains("success rate 100 %"), "{drills}");
    assert!(drills.contains("✔ quarterly failover drill: next due on"), "{drills}");
    assert!(drills.contains("✖ yearly validation drill: none has succeeded yet"), "{drills}");
}

#[test]
fn a_planned_moves_figures_are_the_scripts() {
    let (_folder, report) = same_figures("calm", "40");
    assert_eq!(report["planned"], true);
}

#[test]
fn a_damaged_journal_is_said_and_reported_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let state = state.to_str().unwrap();
    let (code, ..) = signalbox(&["rehearse", "calm", "--speed", "40", "--folder", state]);
    assert_eq!(code, 0);
    let file = Path::new(state).join("journal.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    let last = text.lines().count();
    std::fs::write(&file, text.replace("people were told", "nobody was told")).unwrap();
    let (code, out, err) = signalbox(&["report", "--journal", state]);
    assert_eq!((code, out.as_str()), (9, ""), "{err}");
    assert!(err.contains("edited after it was written") && err.contains("--damaged"), "{err}");
    let (code, out, err) = signalbox(&["report", "--journal", state, "--damaged"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("**The journal is damaged: line ") && !out.contains("nobody was told"), "{last}: {out}");
}

// ---------------------------------------------------------------------------------------------- built journals

fn wall(second: i64) -> Timestamp {
    "2026-11-24T18:00:00Z".parse::<Timestamp>().unwrap() + Span::from_secs(second)
}

/// A record at a second of the wall clock; the other clock is another boot's and says nothing.
fn kept(second: i64, boot: &str, record: Record) -> Kept {
    let mono = if boot == "one" { Span::from_secs(9_000 + second) } else { Span::from_secs(second - 50) };
    Kept { at: Stamp { mono, wall: wall(second) }, boot: boot.into(), record }
}

fn began(second: i64, since: i64) -> Kept {
    kept(
        second,
        "one",
        Record::Began { pair: "east".into(), since: wall(since), planned: false, by: None, found: false },
    )
}

fn step(second: i64, boot: &str, step: u8) -> Kept {
    kept(second, boot, Record::Step { pair: "east".into(), step, done: true })
}

fn started(second: i64, kind: SessionKind) -> Kept {
    let (pair, name, by) = ("east".into(), "2026-Q4".into(), "alice".into());
    kept(
        second,
        "one",
        Record::SessionStarted { pair, name, session: kind, participants: vec!["bob".into()], since: None, by },
    )
}

fn figures(second: i64, lags: &[(&str, Tier, Option<f64>)]) -> Kept {
    let targets =
        [(Tier::Critical, 3600.0, 900.0), (Tier::Important, 14_400.0, 3600.0), (Tier::Standard, 28_800.0, 86_400.0)];
    let lags = lags.iter().map(|(system, tier, seconds)| LagFigure {
        system: (*system).into(),
        tier: *tier,
        seconds: *seconds,
        why: seconds.is_none().then(|| "no reading for 4 min".into()),
    });
    let figures = Figures {
        targets: BTreeMap::from(targets.map(|(t, rto, rpo)| (t, TierTarget { rto, rpo }))),
        tiers: vec![Tier::Critical],
        lags: lags.collect(),
        score: 81,
        failed: vec!["certificates left 5 d, under 7 d".into()],
        unknown: Vec::new(),
    };
    kept(second, "one", Record::Figures { change: Digest::of("a change"), figures })
}

fn proposal(second: i64) -> Kept {
    let text = include_str!("change.txt").to_owned();
    kept(second, "one", Record::Proposed { change: Digest::of("a change"), text, signature: String::new() })
}

fn the_report(records: &[Kept]) -> Report {
    let window = report::find(records, None).expect("something to tell");
    Report::of(records, &window, Source::default())
}

#[test]
fn a_lag_that_nobody_knew_is_unknown_and_not_zero() {
    let lags =
        [("SQL", Tier::Critical, Some(4.0)), ("MongoDB", Tier::Critical, None), ("S3", Tier::Important, Some(70.0))];
    let report = the_report(&[began(10, 0), proposal(12), figures(20, &lags)]);
    let [critical, important, standard] = report.rpo.as_slice() else { panic!("{:?}", report.rpo) };
    assert_eq!((critical.achieved, critical.met), (None, None));
    assert!(critical.of.contains("not known: MongoDB"), "{}", critical.of);
    assert_eq!((important.achieved, important.met), (Some(70.0), Some(true)));
    assert_eq!((standard.achieved, standard.met), (None, None));
    assert!(standard.of.contains("no replication of this class is measured"), "{}", standard.of);
    assert!(report::markdown(&report).contains("? unknown"));
}

/// A short run reads little before the second key is turned: a low score must not read as a bad region.
#[test]
fn a_readiness_that_little_was_read_of_says_so() {
    let mut looked = figures(20, &[]);
    let report = the_report(&[began(10, 0), proposal(12), looked.clone()]);
    for form in [report::markdown(&report), report::html(&report)] {
        assert!(form.contains(": 81 of 100") && !form.contains("at least"), "{form}");
    }
    let Record::Figures { figures, .. } = &mut looked.record else { panic!("{looked:?}") };
    (figures.score, figures.unknown) = (2, vec!["MongoDB no reading".into(), "SQL no reading".into()]);
    let report = the_report(&[began(10, 0), proposal(12), looked]);
    for form in [report::markdown(&report), report::html(&report)] {
        assert!(form.contains(": at least 2 of 100: 2 checks had no reading"), "{form}");
    }
}

#[test]
fn a_known_lag_past_its_target_is_missed_whatever_the_others_are() {
    let lags = [("SQL", Tier::Critical, Some(1000.0)), ("MongoDB", Tier::Critical, None)];
    let report = the_report(&[began(10, 0), proposal(12), figures(20, &lags)]);
    assert_eq!((report.rpo[0].achieved, report.rpo[0].met), (Some(1000.0), Some(false)));
}

#[test]
fn a_drill_that_goes_on_has_no_verdict_and_one_that_ended_without_a_move_failed() {
    let mut records = vec![started(0, SessionKind::Monthly), began(10, 5), step(11, "one", 1)];
    let report = the_report(&records);
    assert_eq!((report.success, report.ended, report.rto.len()), (None, None, 0));
    assert_eq!(report.participants, ["bob"]);
    records.push(kept(60, "one", Record::SessionEnded { pair: "east".into(), by: "alice".into() }));
    let report = the_report(&records);
    assert_eq!((report.success, report.ended), (Some(false), Some(wall(60))));
    assert!(report::markdown(&report).contains("✖ traffic did not move"));
}

#[test]
fn a_drill_in_which_nothing_was_tried_has_no_verdict_and_blames_no_failure() {
    let end = |second| kept(second, "one", Record::SessionEnded { pair: "east".into(), by: "alice".into() });
    let report = the_report(&[started(0, SessionKind::Monthly), end(60)]);
    assert_eq!((report.success, report.clock_ran), (None, false));
    for form in [report::markdown(&report), report::html(&report)] {
        assert!(form.contains("? nothing was tried") && form.contains("with nothing: no failure"), "{form}");
    }
    let kept_drills = report::drills(&[vec![started(0, SessionKind::Monthly), end(60)]], wall(90));
    assert_eq!((kept_drills.success_rate, kept_drills.drills[0].success), (None, None));
}

/// The command flips and goes: nobody watches DNS. And what was asked for before the drill began is told in it.
#[test]
fn a_change_that_nobody_watched_is_done_but_not_known_to_have_moved_traffic() {
    let change = Digest::of("a change");
    let journal = |done: bool| {
        vec![
            proposal(2),
            started(10, SessionKind::Quarterly),
            kept(
                20,
                "one",
                Record::Intent { change, by: "alice".into(), region: "us-east-2".into(), signed: Signed::default() },
            ),
            kept(22, "one", Record::Settled { change, done, endpoints: vec!["us-west-2".into()] }),
            kept(60, "one", Record::SessionEnded { pair: "east".into(), by: "alice".into() }),
        ]
    };
    let report = the_report(&journal(true));
    assert_eq!((report.success, report.changes.len(), report.changes[0].done), (None, 1, Some(true)));
    let said = report::markdown(&report);
    assert!(said.contains("? done, but nobody watched whether traffic moved") && !said.contains("None was"), "{said}");
    let report = the_report(&journal(false));
    assert_eq!(report.success, Some(false));
    assert!(report::markdown(&report).contains("✖ what was approved was not done"));
}

#[test]
fn steps_are_timed_over_a_restart() {
    let records =
        [began(10, 4), step(10, "one", 1), proposal(12), figures(30, &[]), step(35, "one", 4), step(100, "two", 6)];
    let report = the_report(&records);
    let after: Vec<Option<f64>> = report.steps.iter().map(|s| s.after).collect();
    assert_eq!(after, [Some(6.0), None, None, Some(31.0), None, Some(96.0), None]);
    assert_eq!(report.steps[5].took, Some(65.0));
    assert_eq!((report.rto[0].achieved, report.rto[0].met), (Some(96.0), Some(true)));
    // Three were done, and none of them by hand.
    assert_eq!(report.automation_share, Some(1.0));
}

/// The portals answered long before the reports did: each tier has its own time to be back.
#[test]
fn each_tier_is_back_in_its_own_time() {
    let back = |second, tier| kept(second, "one", Record::TierBack { change: Digest::of("a change"), tier });
    let mut looked = figures(20, &[]);
    let Record::Figures { figures, .. } = &mut looked.record else { panic!("{looked:?}") };
    figures.tiers = Tier::ALL.to_vec();
    let records = [
        began(10, 0),
        proposal(12),
        looked,
        back(95, Tier::Critical),
        // After a restart it is seen, and kept, again.
        back(99, Tier::Critical),
        back(200, Tier::Important),
    ];
    let report = the_report(&records);
    let achieved: Vec<Option<f64>> = report.rto.iter().map(|a| a.achieved).collect();
    assert_eq!(achieved, [Some(95.0), Some(200.0), None], "{:?}", report.rto);
    assert!(report.rto[2].of.contains("not been seen to answer"), "{:?}", report.rto);
}

/// The command line flips and goes. Who looks half an hour later knows that it was back by then, and no more.
#[test]
fn a_move_that_nobody_saw_has_no_time_but_a_bound() {
    let moved = Record::TrafficMoved { change: Digest::of("a change"), how: "when somebody looked".into(), late: true };
    let of = |second| {
        let records = [began(0, 0), proposal(2), figures(5, &[]), kept(second, "one", moved.clone())];
        let report = the_report(&records);
        assert!(report.steps[4].done.is_some() && report.steps[5].done == Some(wall(second)), "{:?}", report.steps);
        (report.rto[0].achieved, report.rto[0].met, report.rto[0].of.clone())
    };
    assert_eq!(of(1800), (None, Some(true), "at most 30 min: nobody looked before".into()));
    assert_eq!(of(7200).1, None);
}

/// A record by both clocks of a boot.
fn stamped(boot: &str, mono: i64, second: i64, record: Record) -> Kept {
    Kept { at: Stamp { mono: Span::from_secs(mono), wall: wall(second) }, boot: boot.into(), record }
}

fn began_at(since: i64) -> Record {
    Record::Began { pair: "east".into(), since: wall(since), planned: false, by: None, found: false }
}

fn step_done(step: u8) -> Record {
    Record::Step { pair: "east".into(), step, done: true }
}

fn back() -> Record {
    Record::TierBack { change: Digest::of("a change"), tier: Tier::Critical }
}

/// The wall clock is set back by 90 s between proposal and second key (an NTP server comes back): the boot clock tells.
#[test]
fn a_clock_that_is_set_back_makes_nothing_zero() {
    let looked = figures(0, &[]).record;
    let records = [
        stamped("one", 100, 10, began_at(8)),
        stamped("one", 105, 15, proposal(0).record),
        stamped("one", 110, 20, step_done(1)),
        stamped("one", 125, 35 - 90, looked.clone()),
        stamped("one", 130, 40 - 90, step_done(4)),
        stamped("one", 150, 60 - 90, step_done(6)),
        stamped("one", 151, 61 - 90, back()),
    ];
    let report = the_report(&records);
    let after: Vec<Option<f64>> = report.steps.iter().map(|s| s.after).collect();
    assert_eq!(after, [Some(12.0), None, None, Some(32.0), None, Some(52.0), None]);
    assert_eq!((report.steps[5].took, report.rto[0].achieved, report.rto[0].met), (Some(20.0), Some(53.0), Some(true)));
    for form in [report::markdown(&report), report::html(&report)] {
        assert!(form.contains("the clock was set back by 1 min 30 s"), "{form}");
    }
    // The same over a restart of the machine: nobody can tell, and nobody says that anything was met.
    let mut restarted = records.to_vec();
    for kept in restarted.iter_mut().skip(4) {
        kept.boot = "two".into();
    }
    for set_before_the_restart in [true, false] {
        if !set_before_the_restart {
            restarted[3].at.wall = wall(35);
        }
        let report = the_report(&restarted);
        assert_eq!((report.steps[3].after, report.steps[5].after), (None, None), "{:?}", report.steps);
        assert_eq!(report.steps[5].took, Some(20.0), "within the second boot it is known");
        assert_eq!((report.rto[0].achieved, report.rto[0].met), (None, None));
        assert_eq!(report.rto[0].of, "unknown: the clock was set back");
        let said = report::markdown(&report);
        assert!(said.contains("unknown: the clock was set back") && !said.contains("✔ met"), "{said}");
    }
}

#[test]
fn a_clock_that_is_set_forward_before_a_restart_makes_nothing_long() {
    let (asked, looked) = (proposal(0).record, figures(0, &[]).record);
    let records = [
        stamped("one", 100, 10, began_at(8)),
        stamped("one", 101, 11, asked.clone()),
        stamped("one", 101, 11, looked.clone()),
        stamped("one", 110, 7220, step_done(1)),
        stamped("two", 20, 7260, back()),
    ];
    let report = the_report(&records);
    assert_eq!((report.rto[0].achieved, report.rto[0].met), (None, None));
    assert_eq!(report.rto[0].of, "unknown: the clock was set forward");
    // A failure whose beginning is told by a clock that was set since cannot be measured from.
    let records = [
        stamped("one", 100, 0, step_done(1)),
        stamped("one", 110, 3610, began_at(5)),
        stamped("one", 111, 3611, asked),
        stamped("one", 111, 3611, looked),
        stamped("one", 120, 3620, back()),
    ];
    let report = the_report(&records);
    assert_eq!((report.rto[0].achieved, report.rto[0].met), (None, None), "{:?}", report.rto);
}

#[test]
fn over_a_restart_the_wall_clock_counts_and_that_is_said() {
    let looked = figures(0, &[]).record;
    let records = [
        stamped("one", 100, 10, began_at(8)),
        stamped("one", 101, 11, proposal(0).record),
        stamped("one", 101, 11, looked),
        stamped("two", 20, 108, back()),
    ];
    let report = the_report(&records);
    assert_eq!(report.rto[0].achieved, Some(100.0));
    assert!(report.rto[0].of.contains("by the wall clock"), "{:?}", report.rto);
    assert!(report::markdown(&report).contains("of 2 boots of machines"), "{:?}", report.clocks);
}

/// The script computes the same from such journals, which no rehearsal makes.
#[test]
fn clocks_that_are_set_and_machines_that_restart_are_the_scripts_too() {
    let looked = figures(0, &[]).record;
    let drill = |boot, mono, second| stamped(boot, mono, second, started(0, SessionKind::Quarterly).record);
    for (set, boot, restart) in [(0, "one", 0), (-90, "one", 0), (90, "one", 0), (0, "two", -100), (-90, "two", -100)] {
        for set_early in [true, false] {
            let early = if set_early { set } else { 0 };
            let records = [
                drill("one", 90, 0),
                stamped("one", 100, 10, began_at(8)),
                stamped("one", 101, 11, proposal(0).record),
                stamped("one", 125, 35 + early, looked.clone()),
                stamped(boot, 150 + restart, 60 + set, step_done(6)),
                stamped(boot, 151 + restart, 61 + set, back()),
            ];
            let dir = tempfile::tempdir().unwrap();
            for kept in &records {
                let boot = signalbox::journal::Boot { id: kept.boot.clone() };
                let (mut journal, _) = signalbox::journal::Journal::open(dir.path(), boot).unwrap();
                let mut record = kept.record.clone();
                if let (Some(bound), Record::Proposed { text, .. }) = (record.binding(), &mut record) {
                    let estate = Record::Estate { estate: Digest::of("an estate"), text: "an estate".into() };
                    journal.append(estate, kept.at).unwrap();
                    let named = text.replace(&bound.to_string(), &Digest::of("an estate").to_string());
                    *text = named.replace("c0ffee0012345678", &journal.identity());
                }
                journal.append(record, kept.at).unwrap();
            }
            let figures = script(&dir.path().join("journal.jsonl"), "2026-Q4");
            let report = the_report(&records);
            let ours = serde_json::json!([report.rto[0].target, report.rto[0].achieved, report.rto[0].met]);
            assert_eq!(ours, figures["rto"]["critical"], "set by {set}, early {set_early}, boot {boot}");
        }
    }
}

#[test]
fn what_happens_in_another_pair_is_not_told() {
    let elsewhere = Record::Seen { pair: Some("west".into()), source: "probe".into(), text: "west is down".into() };
    let report = the_report(&[began(10, 0), kept(12, "one", elsewhere), step(13, "one", 1)]);
    assert!(report.timeline.iter().all(|l| !l.text.contains("west")), "{:?}", report.timeline);
}

#[test]
fn an_incident_that_nobody_named_ends_when_people_were_told_and_is_no_drill() {
    let records = [began(0, 0), step(1, "one", 1), step(90, "one", 7), began(500, 500)];
    let windows = report::windows(&records);
    assert_eq!(windows.iter().map(|w| (w.first, w.end)).collect::<Vec<_>>(), [(0, Some(3)), (3, None)]);
    assert!(report::drills(&[records.to_vec()], wall(600)).drills.is_empty());
}

#[test]
fn text_from_the_journal_cannot_become_markup() {
    let text = "<script>alert(1)</script> | **bold** \u{202e}txet".to_owned();
    let hostile = Record::Seen { pair: None, source: "<b>".into(), text };
    let report = the_report(&[began(0, 0), kept(1, "one", hostile)]);
    let (page, lines) = (report::html(&report), report::markdown(&report));
    assert!(!page.contains("<script") && !page.contains("<b>alice") && page.contains("&lt;script&gt;"));
    assert!(!page.contains('\u{202e}') && !lines.contains('\u{202e}'));
    assert!(lines.contains(r"\<script\>alert(1)\</script\> \| \*\*bold\*\*"), "{lines}");
}

#[test]
fn a_drill_is_overdue_a_quarter_after_the_last_that_succeeded() {
    let moved = Record::TrafficMoved { change: Digest::of("a change"), how: "all".into(), late: false };
    let records = vec![
        started(0, SessionKind::Quarterly),
        began(5, 5),
        proposal(6),
        step(60, "one", 6),
        kept(61, "one", moved),
        kept(70, "one", Record::SessionEnded { pair: "east".into(), by: "alice".into() }),
    ];
    let due = |days: i64| {
        let kept = report::drills(std::slice::from_ref(&records), wall(70) + Span::from_hours(24 * days));
        assert_eq!(kept.success_rate, Some(1.0));
        kept.due.iter().map(|d| d.overdue).collect::<Vec<_>>()
    };
    assert_eq!(due(30), [false, false, true], "a failover tests its components, but is not the yearly validation");
    assert_eq!(due(32), [true, false, true]);
    assert_eq!(due(93), [true, true, true]);
}

#[test]
fn a_timeline_over_midnight_says_which_day_each_line_is_of() {
    let day = 24 * 60 * 60;
    let moment = |second, text: &str| {
        kept(second, "one", Record::Moment { pair: "east".into(), by: "alice".into(), text: text.into(), was: None })
    };
    let records = [started(0, SessionKind::Incident), moment(1, "first"), moment(day + 2, "second")];
    let report = the_report(&records);
    let days: Vec<String> = [0, day].iter().map(|s| wall(*s).strftime("%Y-%m-%d").to_string()).collect();
    let text = signalbox::report::markdown(&report);
    let timeline = text.split("## Timeline").nth(1).unwrap();
    let at = |what: &str| timeline.find(what).unwrap_or_else(|| panic!("no {what} in {timeline}"));
    assert!(at(&days[0]) < at("first") && at("first") < at(&days[1]) && at(&days[1]) < at("second"), "{timeline}");
    assert_eq!(timeline.matches(&days[0]).count(), 1);
    let page = signalbox::report::html(&report);
    let timeline = page.split("<h2>Timeline</h2>").nth(1).unwrap();
    assert!(days.iter().all(|day| timeline.contains(day.as_str())), "{timeline}");
}

/// An incident gets its name when somebody has time for that: after a minute, or after the move. It is the incident
/// that runs, or ran, and its report tells all of it.
#[test]
fn an_incident_that_gets_its_name_late_is_told_from_its_beginning() {
    let named = |second, since: Option<i64>| {
        let (pair, name, by) = ("east".into(), "INC-9".into(), "alice".into());
        let (session, since) = (SessionKind::Incident, since.map(wall));
        kept(second, "one", Record::SessionStarted { pair, name, session, participants: Vec::new(), since, by })
    };
    let done = |report: &signalbox::report::Report, step: usize| report.steps[step - 1].after;
    // Named while it ran.
    let report = the_report(&[began(10, 4), step(12, "one", 1), named(60, None), step(300, "one", 6)]);
    assert_eq!(report.started, wall(4));
    assert_eq!((done(&report, 1), done(&report, 6)), (Some(8.0), Some(296.0)));
    // Named after people were told; it is said to have begun a little before anybody saw it.
    let ran = || vec![began(10, 4), step(12, "one", 1), step(201, "one", 6), step(240, "one", 7)];
    let mut records = ran();
    records.push(named(400, Some(0)));
    let report = the_report(&records);
    assert_eq!((report.started, report.name.as_str(), report.clock_ran), (wall(0), "INC-9", true));
    assert_eq!((done(&report, 1), done(&report, 6)), (Some(12.0), Some(201.0)));
    assert_eq!(report::windows(&records).len(), 1);
    // No console ran, so there was no clock: what was done since then belongs to it.
    let report = the_report(&[step(200, "one", 6), named(400, Some(100))]);
    assert_eq!((report.started, done(&report, 6)), (wall(100), Some(100.0)));
    // What is over before the moment that was said is another incident, and so is what a drill ran into.
    let mut records = ran();
    records.push(named(400, Some(300)));
    assert_eq!(report::windows(&records).len(), 2);
    let mut records = ran();
    records.push(started(400, SessionKind::Quarterly));
    assert_eq!(report::windows(&records).len(), 2);
}
