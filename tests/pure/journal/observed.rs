//! What consoles observe, look at and hold of a journal, and whatever order things come in.

use super::*;

#[test]
fn what_two_consoles_observe_is_kept_once() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, _) = open(dir.path());
    let (mut two, _) = open(dir.path());
    assert!(!already(&mut one, began(0, false), 5));
    let second = two.append(began(3, false), at(6)).unwrap();
    assert!(second.already && second.elsewhere.len() == 1 && second.head == one.head());
    assert!(!already(&mut two, step(1), 6));
    assert!(already(&mut one, step(1), 7));
    // A proposal while the clock runs begins nothing new.
    assert!(already(&mut two, began(8, true), 8));
    assert!(!already(&mut one, step(6), 20));
    assert!(already(&mut two, began(3, false), 21), "who restarts sees the same failure");
    // Back, and asked for again later: another move, with steps of its own.
    assert!(!already(&mut two, began(60, true), 60));
    assert!(!already(&mut one, step(1), 61));
    assert!(!already(&mut two, step(7), 70));
    assert!(already(&mut one, step(7), 71));
    assert!(!already(&mut one, began(80, false), 80), "people were told: it was over");
    // A drill has a clock of its own.
    let drill = Record::SessionStarted {
        pair: "east".into(),
        name: "d".into(),
        session: SessionKind::Monthly,
        participants: vec![],
        since: None,
        by: alice(),
    };
    assert!(!already(&mut two, drill, 90));
    assert!(!already(&mut one, began(81, false), 91));
    // A day later nobody means the same incident.
    assert!(already(&mut one, began(81, false), 92));
    assert!(!already(&mut one, began(90_000, false), 90_001));
    // Lines of the timeline: the same within half a minute.
    assert!(!already(&mut one, seen("x"), 100));
    assert!(already(&mut two, seen("x"), 129));
    assert!(!already(&mut two, seen("x"), 131));
    assert!(!already(&mut two, seen("y"), 131));
    let (mut three, _) = open(dir.path());
    assert!(already(&mut three, seen("y"), 132), "a restart forgets nothing");
}

#[test]
fn what_stands_of_regions_and_controls_is_kept_once_until_it_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let (mut one, _) = open(dir.path());
    let (mut two, _) = open(dir.path());
    let (pair, region): (signalbox::estate::PairName, signalbox::estate::Region) = ("east".into(), "us-east-1".into());
    let impaired =
        |second| Record::Impaired { pair: pair.clone(), region: region.clone(), since: at(second).wall, found: false };
    let recovered = || Record::Recovered { pair: pair.clone(), region: region.clone() };
    let over = || Record::Over { pair: pair.clone() };
    assert!(already(&mut one, recovered(), 0) && already(&mut one, over(), 0), "there is nothing to end");
    assert!(!already(&mut one, impaired(1), 2));
    assert!(already(&mut two, impaired(5), 6), "one region, one beginning");
    assert!(!already(&mut two, began(1, false), 7));
    assert!(!already(&mut one, recovered(), 700) && already(&mut two, recovered(), 701));
    assert!(!already(&mut two, over(), 702) && already(&mut one, over(), 703));
    assert!(!already(&mut two, impaired(900), 901) && !already(&mut one, began(900, false), 902));
    // A control that somebody else moved: each way once.
    let control =
        signalbox::estate::ControlArn::new("arn:aws:route53-recovery-control::1:controlpanel/x/routingcontrol/y");
    let moved =
        |from, to| Record::MovedElsewhere { control: control.clone(), from, to, since: at(1).wall, found: false };
    use signalbox::estate::ControlState::{Off, On};
    assert!(!already(&mut one, moved(On, Off), 1000) && already(&mut two, moved(On, Off), 1010));
    assert!(!already(&mut two, moved(Off, On), 1020) && !already(&mut one, moved(On, Off), 1030));
}

#[test]
fn a_console_that_looks_writes_nothing_and_follows() {
    let dir = tempfile::tempdir().unwrap();
    assert!(Journal::look(dir.path(), boot()).unwrap_err().is_missing());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    let (mut journal, _) = open(dir.path());
    journal.append(seen("a"), at(1)).unwrap();
    let whole = format!("{}{{\"entry\"", text(dir.path()));
    fs::write(dir.path().join(FILE), &whole).unwrap();
    let (mut looker, kept) = Journal::look(dir.path(), boot()).unwrap();
    assert_eq!(kept.len(), 1);
    assert!(looker.alarms().join("").contains("does not end with a whole line"));
    assert!(matches!(looker.append(seen("b"), at(2)), Err(JournalError::ReadOnly)));
    assert_eq!(text(dir.path()), whole);
    journal.append(seen("c"), at(2)).unwrap();
    assert_eq!(looker.catch_up().unwrap().len(), 1);
}

#[test]
fn a_folder_that_cannot_be_made_is_said() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let Err(error) = Journal::open(&dir.path().join("file/state"), boot()) else { panic!("opened") };
    assert!(error.to_string().contains("file/state"), "{error}");
}

#[test]
fn of_a_long_journal_the_newest_is_held_and_nothing_runs_twice() {
    let dir = tempfile::tempdir().unwrap();
    // Lines spelt once and chained by the journal itself would be flushed one by one: too slow for thousands.
    let (mut journal, _) = open(dir.path());
    for record in [proposed(1), approved(1), intent(1)] {
        journal.append(record, at(1)).unwrap();
    }
    let outcome = FlipOutcome { end: FlipEnd::Applied { endpoint: "us-east-1".into() }, attempts: vec![] };
    journal.append(Record::Outcome { change: change(1), outcome }, at(2)).unwrap();
    let (pair, region) = (PairName::from("east"), Region::from("us-east-1"));
    let since = at(2).wall;
    let named = |name: &str| Record::SessionStarted {
        pair: pair.clone(),
        name: name.into(),
        session: SessionKind::Incident,
        participants: vec![],
        since: None,
        by: "alice".into(),
    };
    // What stands is known however much is said after it; what it took the place of is a remark.
    journal.append(named("INC-1"), at(2)).unwrap();
    journal.append(Record::SessionEnded { pair: pair.clone(), by: "alice".into() }, at(2)).unwrap();
    let stands = [
        named("INC-2"),
        Record::Impaired { pair: pair.clone(), region, since, found: false },
        Record::Began { pair: pair.clone(), since, planned: false, by: None, found: false },
    ];
    for record in stands.clone() {
        journal.append(record, at(2)).unwrap();
    }
    for i in 0..2100 {
        journal.append(seen(&i.to_string()), at(3)).unwrap();
    }
    drop(journal);
    let (mut journal, kept) = open(dir.path());
    assert_eq!(kept.len(), 4 + stands.len() + signalbox::journal::KEPT_OTHERS);
    assert!(stands.iter().all(|s| kept.iter().any(|k| k.record == *s)));
    assert!(kept.iter().all(|k| k.record != named("INC-1")));
    assert_eq!(refused(journal.append(intent(1), at(9))), IntentRefused::Used);
}

#[test]
#[ignore = "a measurement, for the closing note"]
fn how_long_an_append_takes() {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let (mut journal, _) = open(dir.path());
    let mut took: Vec<_> = (0..500)
        .map(|i| {
            let start = std::time::Instant::now();
            journal.append(seen("how long"), at(i)).unwrap();
            start.elapsed()
        })
        .collect();
    took.sort();
    println!("append with fdatasync: median {:?}, p99 {:?}, worst {:?}", took[250], took[495], took[499]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Garbage in the file is never a panic, never records from nothing.
    #[test]
    fn garbage_is_named_never_believed(garbage in "\\PC{0,60}(\n\\PC{0,60}){0,4}", whole in any::<bool>()) {
        let dir = tempfile::tempdir().unwrap();
        let tail = if whole { "\n" } else { "" };
        fs::write(dir.path().join(FILE), format!("{garbage}{tail}")).unwrap();
        let report = verify(dir.path()).unwrap();
        prop_assert_eq!(report.lines, 0);
        if let Ok((_, kept)) = Journal::open(dir.path(), boot()) {
            prop_assert_eq!(kept, vec![]);
        }
    }

    /// Any flipped bit in a whole line is found.
    #[test]
    fn any_changed_byte_is_found(place in 0usize..10_000, bit in 0u8..8) {
        let dir = tempfile::tempdir().unwrap();
        let (mut journal, _) = open(dir.path());
        for i in 0..3 {
            journal.append(seen(&format!("line {i}")), at(i)).unwrap();
        }
        drop(journal);
        let mut bytes = fs::read(dir.path().join(FILE)).unwrap();
        let place = place % (bytes.len() - 1);
        bytes[place] ^= 1 << bit;
        fs::write(dir.path().join(FILE), &bytes).unwrap();
        let report = verify(dir.path()).unwrap();
        prop_assert!(report.fault.is_some(), "byte {} bit {}: {:?}", place, bit, report);
    }

    /// Whoever sees it first, in whatever order, and however often consoles start again: one record a thing.
    #[test]
    fn one_record_of_one_thing(turns in prop::collection::vec((0usize..3, 0usize..10, any::<bool>()), 1..40)) {
        let dir = tempfile::tempdir().unwrap();
        let mut consoles: Vec<_> = (0..3).map(|_| open(dir.path()).0).collect();
        let uncertain = || FlipOutcome { end: FlipEnd::Uncertain, attempts: vec![] };
        let things = [
            Record::Expired { change: change(1), why: "late".into() },
            Record::Voided { change: change(2), moved: BTreeMap::new() },
            Record::Settled { change: change(3), done: true, endpoints: vec!["us-east-1".into()] },
            Record::TierBack { change: change(3), tier: signalbox::estate::Tier::Critical },
            Record::TrafficMoved { change: change(3), how: "all".into(), late: false },
            Record::Launched { change: change(4), job: "j".into(), servers: 1, failed: vec![] },
            Record::Outcome { change: change(5), outcome: uncertain() },
            began(0, false),
            step(4),
            seen("in trouble"),
        ];
        let mut said = std::collections::BTreeSet::new();
        for (turn, (who, what, restart)) in turns.into_iter().enumerate() {
            if restart {
                consoles[who] = open(dir.path()).0;
            }
            // Each says it in its own words.
            let mut record = things[what].clone();
            if let Record::Expired { why, .. } = &mut record {
                *why = format!("late, says {who}");
            }
            // A new incident has steps of its own: begin first, here.
            if what == 8 {
                said.insert(7);
                consoles[who].append(things[7].clone(), at(0)).unwrap();
            }
            let new = said.insert(what);
            let appended = consoles[who].append(record, at((turn % 25) as i64)).unwrap();
            prop_assert_eq!(appended.already, !new);
        }
        prop_assert_eq!(verify(dir.path()).unwrap().lines, said.len() as u64);
    }
}

/// A file system that knows no locks.
#[derive(Debug)]
struct NoLocks;

impl Disk for NoLocks {
    fn lock(&self, _: &fs::File) -> Result<(), fs::TryLockError> {
        Err(fs::TryLockError::Error(std::io::ErrorKind::Unsupported.into()))
    }

    fn lock_shared(&self, file: &fs::File) -> Result<(), fs::TryLockError> {
        self.lock(file)
    }
}

#[test]
fn who_only_looks_needs_no_lock_and_who_writes_does() {
    let dir = tempfile::tempdir().unwrap();
    let (mut writer, _) = open(dir.path());
    writer.append(seen("before"), at(1)).unwrap();
    let (mut looks, kept) = Journal::look_on(dir.path(), boot(), Box::new(NoLocks)).unwrap();
    assert_eq!(kept.len(), 1);
    writer.append(seen("after"), at(2)).unwrap();
    assert_eq!(looks.catch_up().unwrap().len(), 1);
    assert!(matches!(looks.append(seen("not"), at(3)), Err(JournalError::ReadOnly)));
    assert!(Journal::open_on(dir.path(), boot(), Box::new(NoLocks)).is_err(), "two could write at once");
}
