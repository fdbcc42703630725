//! What is said of launches and flips, in every view and length.

use super::*;

/// What can come of a change, as a row of records; whether it was sent before the first of them.
fn ends(launch: bool, change: Digest, control: ControlArn) -> Vec<(bool, Vec<Record>)> {
    let outcome = |end| Record::Outcome { change, outcome: FlipOutcome { end, attempts: Vec::new() } };
    let answered = |answer| Record::LaunchAnswered { change, answer };
    let settled = |done| Record::Settled { change, done, endpoints: vec!["eu-west-1".into()] };
    let moved = || BTreeMap::from([(control.clone(), ControlState::On)]);
    let applied = || outcome(FlipEnd::Applied { endpoint: "us-west-2".into() });
    let refusal = Refusal { kind: RefusalKind::Conflict, rule: None, message: "no".into() };
    let started = || answered(LaunchEnd::Started { job: "drsjob-1".into() });
    let lost = || answered(LaunchEnd::Uncertain { why: "no answer".into() });
    let over = |failed| Record::Launched { change, job: "drsjob-1".into(), servers: 2, failed };
    let mut all = vec![
        (false, vec![Record::Expired { change, why: "not approved within 10m".into() }]),
        (false, vec![Record::EstateChanged { change, differs: vec!["a limit".into()] }]),
    ];
    all.extend(match launch {
        true => vec![
            (true, vec![started()]),
            (true, vec![answered(LaunchEnd::NotSent { why: "no connection".into() })]),
            (true, vec![outcome(FlipEnd::TooLate)]),
            (true, vec![lost()]),
            (true, vec![lost(), settled(false)]),
            (true, vec![lost(), settled(false), started()]),
            (true, vec![started(), over(Vec::new())]),
            (true, vec![started(), over(vec!["app-2".into()])]),
        ],
        false => vec![
            (false, vec![Record::Voided { change, moved: moved() }]),
            (true, vec![applied()]),
            (true, vec![outcome(FlipEnd::Refused(refusal))]),
            (true, vec![outcome(FlipEnd::Moved(moved()))]),
            (true, vec![outcome(FlipEnd::Uncertain)]),
            (true, vec![outcome(FlipEnd::Unreachable)]),
            (true, vec![outcome(FlipEnd::TooLate)]),
            (true, vec![applied(), settled(true)]),
            (true, vec![applied(), settled(false)]),
            (true, vec![outcome(FlipEnd::Uncertain), settled(false)]),
        ],
    });
    all
}

/// Timeline, notice, journal, report and commands call one outcome by one word, and name the service that it is of.
#[test]
fn all_views_say_the_same_of_what_came_of_a_change() {
    for launch in [true, false] {
        let count = ends(launch, Digest::of(""), support::arn("portal-us-east-1")).len();
        for case in 0..count {
            let (mut hand, change, mut journal) = told_of(launch);
            let (sent, records) = ends(launch, change, support::arn("portal-us-east-1")).remove(case);
            if sent {
                turn(&mut hand, change, STANDBY);
                let by = PersonName::from("alice");
                let record = Record::Intent { change, by, region: STANDBY.into(), signed: Signed::default() };
                journal.push(Kept { at: hand.at, boot: "boot-1".into(), record });
                assert_eq!(state(&hand, change), State::Executing);
            }
            let mut notices = Vec::new();
            for record in &records {
                let kept = Kept { at: hand.at, boot: "boot-1".into(), record: record.clone() };
                journal.push(kept.clone());
                let effects = hand.tell(What::Elsewhere(vec![kept]));
                let notice = |e: Effect| if let Effect::Notify(n) = e { Some(n) } else { None };
                notices.extend(effects.into_iter().filter_map(notice));
            }
            let record = records.last().unwrap();
            let known = hand.model.changes.get(&change).unwrap();
            let word = known.state.word();
            let entry = hand.model.timeline.entries().iter().rfind(|e| e.change == Some(change)).unwrap();
            assert_eq!(notices.len(), records.len(), "{record:?}: each is told: {notices:?}");
            let notice = notices.last().unwrap();
            let window = report::find(&journal, Some(&change.words())).unwrap();
            let report = report::Report::of(&journal, &window, report::Source::default());
            let line = report.timeline.last().unwrap();
            let ctx = Context::of(&hand.model.estate, Some(known));
            let says = [
                entry.text.clone(),
                notice.words(&Template::default(), "small"),
                line.text.clone(),
                report.changes[0].result.clone(),
                told(record, &ctx, Length::Whole).sentence(),
                words::ended(known, &hand.model.estate),
            ];
            for said in says {
                assert!(said.contains(word), "{record:?} is `{word}` and is told as: {said}");
                speaks_of(launch, &said);
            }
            assert_eq!((&entry.source, &line.source), (&notice.who, &notice.who));
        }
    }
}

/// A launch is DRS's and its servers; routing controls are ARC's.
fn speaks_of(launch: bool, said: &str) {
    let wrong: &[&str] = if launch { &["ARC", "arc:", "control", "cluster"] } else { &["DRS", "drs:", "server"] };
    // A window's own words are the same for both.
    assert!(!wrong.iter().any(|w| said.contains(w)), "launch: {launch}: {said}");
}

/// Whatever record and state there is, in every length: no launch is told as controls, no flip as servers, nothing empty.
#[test]
fn every_record_and_every_state_speaks_of_its_own_service() {
    for launch in [true, false] {
        let (hand, change, kept) = told_of(launch);
        let text = hand.model.changes.get(&change).unwrap().clone();
        let estate = &hand.model.estate;
        let (by, pair) = (PersonName::from("alice"), PairName::from("east"));
        let control = support::arn("portal-us-east-1");
        let signed = Signed::default;
        let mut records: Vec<Record> = kept.into_iter().map(|k| k.record).collect();
        records.extend(ends(launch, change, control.clone()).into_iter().flat_map(|(_, records)| records));
        let why = || "because".to_owned();
        records.extend([
            Record::Opened { version: "1".into(), estate: "small".into(), by: None },
            Record::Estate { estate: change, text: String::new() },
            Record::Present { by: by.clone(), key: "SHA256:x".into(), signed: signed() },
            Record::ProposalRefused { by: by.clone(), title: text.text.title.clone(), why: why() },
            Record::ApprovalRefused { change: Some(change), via: Via::Pasted, why: why(), of: None },
            Record::Rejected { change, by: by.clone(), reason: why(), signed: signed() },
            Record::Withdrawn { change, by: by.clone(), signed: signed() },
            Record::Refused { change: None, by: None, what: Tried::Propose, why: why() },
            Record::SecondKeyRefused { change, by: by.clone(), why: why() },
            Record::Intent { change, by: by.clone(), region: STANDBY.into(), signed: signed() },
            Record::Settled { change, done: true, endpoints: Vec::new() },
            Record::Step { pair: pair.clone(), step: 3, done: true },
            Record::Began { pair: pair.clone(), since: hand.at.wall, planned: false, by: None, found: false },
            Record::SessionStarted {
                pair: pair.clone(),
                name: "INC-1".into(),
                session: SessionKind::Incident,
                participants: vec!["carol".into()],
                since: Some(hand.at.wall),
                by: by.clone(),
            },
            Record::SessionEnded { pair: pair.clone(), by: by.clone() },
            Record::Moment { pair: pair.clone(), by, text: "it began".into(), was: Some(hand.at.wall) },
            Record::Seen { pair: Some(pair), source: "dns".into(), text: "it changed".into() },
            Record::Figures {
                change,
                figures: Figures {
                    targets: BTreeMap::new(),
                    tiers: Vec::new(),
                    lags: Vec::new(),
                    score: 99,
                    failed: Vec::new(),
                    unknown: Vec::new(),
                },
            },
        ]);
        if !launch {
            records.push(Record::TierBack { change, tier: signalbox::estate::Tier::Critical });
            records.push(Record::TrafficMoved { change, how: "all answers lead there".into(), late: false });
        }
        let kinds: std::collections::BTreeSet<_> = records.iter().map(Record::kind).collect();
        let other = if launch { 3 } else { 2 };
        assert_eq!(kinds.len(), 28 - other, "a kind of record is missing: {kinds:?}");
        for length in Length::ALL {
            for record in &records {
                let said = told(record, &Context::of(estate, Some(&text)), length).sentence();
                speaks_of(launch, &said);
                assert!(said.len() > 8 && !said.contains("  "), "{record:?}: {said}");
            }
        }
        let refusal = Refusal { kind: RefusalKind::Throttled, rule: None, message: "slower".into() };
        let mut states = vec![
            State::Proposed,
            State::Approved,
            State::Executing,
            State::Uncertain,
            State::Rejected { by: "bob".into(), reason: "no".into() },
            State::Withdrawn,
            State::Expired(Lapse::Approval(Span::from_mins(10))),
            State::Expired(Lapse::SecondKey(Span::from_mins(10))),
            State::OtherEstate(vec!["a limit".into()]),
        ];
        states.extend(match launch {
            true => vec![
                State::Launching { job: "drsjob-1".into() },
                State::Launched { job: "drsjob-1".into(), failed: Vec::new() },
                State::Launched { job: "drsjob-1".into(), failed: vec!["app-2".into()] },
                State::NotApplied(NotDone::NotSent("too late".into())),
                State::NotApplied(NotDone::NoJob),
                State::NotApplied(NotDone::TooLate),
            ],
            false => vec![
                State::Applied { endpoint: "us-west-2".into() },
                State::Verified { moved: None },
                State::Verified { moved: Some(hand.at) },
                State::Refused(refusal),
                State::Void(BTreeMap::from([(control, ControlState::On)])),
                State::NotApplied(NotDone::TooLate),
                State::NotApplied(NotDone::Unreachable),
                State::NotApplied(NotDone::OldStates),
                State::NotApplied(NotDone::TakenBack("us-west-2".into())),
            ],
        });
        for state in states {
            let mut change = text.clone();
            change.state = state;
            let verdict = words::verdict(&change, estate, None);
            let verdict = verdict.map(|v| [vec![v.head], v.details, v.now.into_iter().collect()].concat().join(" "));
            let open = change.state.is_open();
            assert_eq!(verdict.is_none(), open, "{:?}", change.state);
            let all =
                [Some(words::ended(&change, estate)), Some(words::standing(&change, estate, None, None)), verdict];
            for said in all.into_iter().flatten() {
                speaks_of(launch, &said);
                assert!(said.len() > 7 && !said.contains("  "), "{said}");
            }
            assert!(words::ended(&change, estate).starts_with(change.state.word()), "{:?}", change.state);
        }
    }
}
