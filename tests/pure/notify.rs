//! Who is told of what: derived once, only live, by one console; and carried out without ever holding anything up.

use crate::support;

use signalbox::change::Courier;
use signalbox::effect::{Effect, EffectId, Notice};
use signalbox::estate::{Estate, Field, Occasion, Template};
use signalbox::event::{Ask, Event, FlipEnd, FlipOutcome, What};
use signalbox::model::Severity;
use signalbox::record::{Kept, Record};
use signalbox::time::Span;
use support::{Stage, estate};

fn rule(text: &str) -> signalbox::estate::Notify {
    toml::from_str(text).unwrap_or_else(|e| panic!("{e}"))
}

/// An estate that tells everything to somebody.
fn telling() -> Estate {
    let mut estate = estate();
    let names: Vec<_> = Occasion::ALL.iter().map(|on| format!("{:?}", on.name())).collect();
    estate.notify = vec![rule(&format!("on = [{}]\nbell = true", names.join(", ")))];
    estate
}

fn stage() -> Stage {
    let mut stage = Stage::of(telling());
    stage.poll();
    stage.pass(1);
    stage
}

fn told(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|n| n.on.name()).collect()
}

/// Everything a model asks for because of something.
/// Asks, and has the person's key sign.
fn signed(stage: &mut Stage, ask: Ask) -> Vec<Effect> {
    let mut effects = update(stage, What::Asked(ask));
    let errands: Vec<_> = effects
        .iter()
        .filter_map(|e| if let Effect::Sign(id, errand) = e { Some((*id, errand.clone())) } else { None })
        .collect();
    for (id, errand) in errands {
        let armored = stage.signed(&errand);
        effects.extend(update(stage, What::Signed(id, Ok(armored))));
    }
    effects
}

fn update(stage: &mut Stage, what: What) -> Vec<Effect> {
    stage.model.update(Event { at: stage.now, what })
}

fn notices(effects: &[Effect]) -> Vec<Notice> {
    let notice = |e: &Effect| match e {
        Effect::Notify(n) => Some(n.clone()),
        _ => None,
    };
    effects.iter().filter_map(notice).collect()
}

fn records(effects: &[Effect]) -> Vec<(EffectId, Record)> {
    let record = |e: &Effect| match e {
        Effect::Record(id, r) => Some((*id, r.clone())),
        _ => None,
    };
    effects.iter().filter_map(record).collect()
}

fn kept(stage: &Stage, record: Record) -> Kept {
    Kept { at: stage.now, boot: "boot".into(), record }
}

#[test]
fn a_move_is_told_step_by_step_and_each_step_once() {
    let mut stage = stage();
    stage.propose("planned");
    stage.approve();
    stage.second_key();
    stage.answers = vec![support::OHIO; 4];
    stage.wait(5);
    stage.poll();
    stage.wait(5);
    let by = stage.hands("alice").operator.unwrap();
    stage.feed(What::Asked(Ask::Told { by, pair: support::east() }));
    let steps = ["proposed", "approved", "executing", "executed", "verified", "traffic-moved", "told"];
    assert_eq!(told(&stage.notices), steps);
    assert!(stage.notices.iter().all(|n| n.own && n.pair == Some(support::east())), "{:#?}", stage.notices);
    assert_eq!(stage.notices[0].who, "alice");
    assert_eq!(stage.notices[1].who, "bob");
    let words = stage.notices[0].words(&Template::default(), "guiding-care");
    let code = stage.last.unwrap().words();
    assert!(words.starts_with(&format!("guiding-care east: proposed {code} by alice: fail over pair east")), "{words}");
}

#[test]
fn nothing_is_told_before_the_journal_has_it_and_nothing_that_it_did_not_take() {
    let mut stage = stage();
    let by = stage.hands("alice").operator.unwrap();
    let draft = |stage: &Stage| {
        let mut draft =
            signalbox::change::Draft::towards(&stage.model.estate, &support::east(), &support::OHIO.into()).unwrap();
        draft.reason = "planned".into();
        draft
    };
    let propose =
        |stage: &Stage, n| Ask::Propose { by: by.clone(), draft: draft(stage), nonce: signalbox::change::Nonce(n) };
    let ask = propose(&stage, 1);
    let effects = signed(&mut stage, ask);
    assert!(notices(&effects).is_empty());
    let proposed = |effects: &[Effect]| {
        let found = records(effects).into_iter().find(|(_, r)| matches!(r, Record::Proposed { .. }));
        found.expect("a proposal").0
    };
    let id = proposed(&effects);
    assert_eq!(told(&notices(&update(&mut stage, What::Recorded(id)))), ["proposed"]);
    assert!(notices(&update(&mut stage, What::Recorded(id))).is_empty(), "told twice");

    let ask = propose(&stage, 2);
    let effects = signed(&mut stage, ask);
    let id = proposed(&effects);
    assert!(notices(&update(&mut stage, What::RecordFailed(id, "the disk is full".into()))).is_empty());
}

/// What happened in the world has happened, whether the disk is full or not.
#[test]
fn an_outcome_is_told_although_the_journal_did_not_take_it() {
    let mut stage = stage();
    stage.arc = support::Arc5::Hangs;
    stage.propose("planned");
    stage.approve();
    let by = stage.hands("alice").operator.unwrap();
    let change = stage.last.unwrap();
    let mut effects = signed(&mut stage, Ask::SecondKey { by, change, typed: support::OHIO.into() });
    let mut flip = None;
    while let Some(effect) = effects.pop() {
        match effect {
            Effect::Record(id, _) => effects.extend(update(&mut stage, What::Recorded(id))),
            Effect::Flip(id, _) => flip = Some(id),
            _ => {}
        }
    }
    let outcome = FlipOutcome { end: FlipEnd::Unreachable, attempts: Vec::new() };
    let effects = update(&mut stage, What::Flipped(flip.expect("a flip"), outcome));
    let (id, _) = records(&effects).into_iter().find(|(_, r)| matches!(r, Record::Outcome { .. })).expect("an outcome");
    let effects = update(&mut stage, What::RecordFailed(id, "the disk is full".into()));
    assert_eq!(told(&notices(&effects)), ["not-applied"]);
}

#[test]
fn a_restart_tells_nothing_again() {
    let mut before = stage();
    let mut journal = Vec::new();
    let by = before.hands("alice").operator.unwrap();
    let mut draft =
        signalbox::change::Draft::towards(&before.model.estate, &support::east(), &support::OHIO.into()).unwrap();
    draft.reason = "planned".into();
    let nonce = signalbox::change::Nonce(1);
    for (id, record) in records(&signed(&mut before, Ask::Propose { by: by.clone(), draft, nonce })) {
        journal.push(kept(&before, record));
        update(&mut before, What::Recorded(id));
    }
    let change = before.model.changes.all()[0].digest;
    for (_, record) in records(&signed(&mut before, Ask::Withdraw { by, change })) {
        journal.push(kept(&before, record));
    }
    assert!(journal.len() >= 2);
    let mut after = Stage::of(telling());
    after.feed(What::Resumed(journal));
    assert_eq!(after.model.changes.all().len(), 1);
    assert!(after.notices.is_empty(), "{:#?}", after.notices);
}

/// Two consoles on one journal see the same change expire; the one that is first on disk tells it.
#[test]
fn of_two_consoles_one_tells_and_each_rings_once() {
    let mut first = stage();
    let change = first.propose("planned");
    let text = first.model.changes.get(&change).unwrap().text.canonical();
    let mut second = stage();
    let signature = first.model.changes.get(&change).unwrap().signature.clone();
    let proposed = kept(&first, Record::Proposed { change, text, signature });
    second.now = first.now;
    second.feed(What::Elsewhere(vec![proposed.clone()]));
    assert_eq!(told(&second.notices), ["proposed"]);
    assert!(!second.notices[0].own, "the first console has told it already");
    // A line that is doubled changes nothing and is told to nobody.
    second.feed(What::Elsewhere(vec![proposed]));
    assert_eq!(second.notices.len(), 1);

    let late = first.now.plus(Span::from_mins(11));
    (first.now, second.now) = (late, late);
    let expired = |effects: &[Effect]| {
        records(effects).into_iter().find(|(_, r)| matches!(r, Record::Expired { .. })).expect("it expires")
    };
    let (first_id, record) = expired(&update(&mut first, What::Tick));
    let (second_id, same) = expired(&update(&mut second, What::Tick));
    // The first one's line is on disk first: the second one hears of it with the answer to its own.
    let own = notices(&update(&mut first, What::Recorded(first_id)));
    let line = kept(&first, record);
    let rung = notices(&update(&mut second, What::Elsewhere(vec![line])));
    let theirs = notices(&update(&mut second, What::Already(second_id)));
    let line = kept(&second, same);
    let again = notices(&update(&mut first, What::Elsewhere(vec![line])));
    assert_eq!(
        (told(&own), told(&rung), told(&theirs), told(&again)),
        (vec!["expired"], vec!["expired"], vec![], vec![])
    );
    assert!(own[0].own && !rung[0].own);
}

#[test]
fn an_impaired_region_is_told_once_by_who_watches_and_so_is_its_recovery() {
    let mut stage = Stage::of(telling());
    stage.poll();
    stage.pass(1);
    let break_it = |stage: &mut Stage| {
        stage.down.push(support::EAST);
        stage.poll();
        stage.pass(60);
        stage.poll();
        stage.wait(2);
    };
    break_it(&mut stage);
    assert!(stage.model.impaired_since(&support::east(), signalbox::estate::Side::Active).is_some());
    assert!(stage.notices.is_empty(), "a command that looks once tells nobody");
    stage.model.watching = true;
    stage.wait(3);
    let east: Vec<_> = stage.notices.iter().filter(|n| n.pair == Some(support::east())).cloned().collect();
    assert_eq!(told(&east), ["impaired"]);
    assert!(east[0].text.contains("us-east-1 is impaired since"), "{}", east[0].text);
    stage.notices.clear();
    // Well for half a minute, and ill again: that is one and the same trouble.
    stage.down.clear();
    stage.poll();
    stage.wait(30);
    break_it(&mut stage);
    assert_eq!(told(&stage.notices), Vec::<&str>::new());
    stage.down.clear();
    for _ in 0..30 {
        stage.poll();
        stage.wait(10);
    }
    let east: Vec<_> = stage.notices.iter().filter(|n| n.pair == Some(support::east())).cloned().collect();
    assert_eq!(told(&east), ["recovered"]);
}

#[test]
fn only_what_is_asked_for_is_told_and_what_is_told_is_made_visible() {
    let mut estate = estate();
    estate.notify = vec![rule("on = [\"signature-refused\", \"rejected\"]\ncommand = [\"page\"]")];
    let mut stage = Stage::of(estate);
    stage.poll();
    stage.pass(1);
    let change = stage.propose("planned");
    stage.feed(What::Asked(Ask::Signature { armored: "nonsense".into(), by: Courier::incident_folder(), of: None }));
    let by = stage.hands("bob").approver.unwrap();
    stage.feed(What::Asked(Ask::Reject { by, change, reason: "no\u{202e}\x1b]0;x\x07".into() }));
    assert_eq!(told(&stage.notices), ["signature-refused", "rejected"]);
    let text = &stage.notices[1].text;
    assert!(!text.chars().any(signalbox::hygiene::is_hidden) && text.contains("‹U+202E›"), "{text}");
}

#[test]
fn a_failure_to_tell_is_a_warning_of_the_timeline_and_no_record() {
    let mut stage = stage();
    let effects =
        update(&mut stage, What::NotTold { whom: "webhook hooks.example.com".into(), why: "it answers 404".into() });
    assert!(records(&effects).is_empty(), "{effects:?}");
    let last = stage.model.timeline.entries().back().unwrap();
    assert_eq!(last.text, "webhook hooks.example.com was not told: it answers 404");
    assert_eq!(last.severity, Severity::Warn);
}

/// Who asks to wait is named with what they ask for, and the complaint has an end.
#[test]
fn a_webhook_that_asks_to_wait_is_a_warning_until_it_was_told() {
    let mut stage = stage();
    let whom = "webhook hooks.example.com".to_owned();
    let asks = What::ToldLater { whom: whom.clone(), why: "asks to wait 30 s".into() };
    for (what, text, severity) in [
        (asks, "webhook hooks.example.com asks to wait 30 s: notices are kept for it", Severity::Warn),
        (
            What::ToldAtLast { whom },
            "webhook hooks.example.com takes notices again: what was kept is sent",
            Severity::Info,
        ),
    ] {
        let effects = update(&mut stage, what);
        assert!(records(&effects).is_empty(), "{effects:?}");
        let last = stage.model.timeline.entries().back().unwrap();
        assert_eq!((last.text.as_str(), last.severity), (text, severity));
    }
}

#[test]
fn templates_close_the_gaps_of_empty_fields_and_say_what_is_wrong_with_them() {
    let fill = |text: &str, who: &str| {
        let who = who.to_owned();
        Template::new(text).fill(move |field| match field {
            Field::Who => who.clone(),
            Field::Words => String::new(),
            Field::Text => "a  b : {c}".into(),
            _ => "x".into(),
        })
    };
    assert_eq!(fill("{estate}: {what} {words} by {who}: {text}", "bob"), "x: x by bob: a  b : {c}");
    assert_eq!(fill("{what} {words}", ""), "x");
    assert_eq!(fill("{words} {{{who}}}", "bob"), " {bob}");
    let faults = |text: &str| Template::new(text).faults();
    assert!(faults("{{{estate}}} {pair} {what} {words} {who} {text} {at}").is_empty());
    assert_eq!(faults("{wht}"), ["no field of a notification is called `wht`; did you mean `what`?"]);
    assert_eq!(faults("{what").len(), 1);
    assert_eq!(faults("what}").len(), 1);
    assert_eq!(faults("{what {who}").len(), 1);
}

#[test]
fn a_secret_is_not_shown_by_debug() {
    let rule = rule("on = [\"proposed\"]\nwebhook = \"https://hooks.example.com/T0/very-secret\"");
    assert!(!format!("{rule:?}").contains("very-secret"));
}
