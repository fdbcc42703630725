//! The console as lines: a full summary, then only what changed, each thing once; and the main job by typed words.

use crate::support;

use signalbox::change::{ApproveHint, Hands, Nonce, State};
use signalbox::estate::PairName;
use signalbox::event::{Ask, Place, What};
use signalbox::plain::{Act, Plain, Setup};
use signalbox::time::Span;
use support::{Arc5, EAST, OHIO, Stage, east};

/// A plain console in front of a stage.
struct Desk {
    stage: Stage,
    plain: Plain,
    nonce: u128,
}

impl Desk {
    /// Somebody's console that has said its summary.
    fn of(stage: Stage, who: &str) -> Self {
        let setup = setup(&stage, who);
        Self::with(stage, setup)
    }

    fn with(stage: Stage, setup: Setup) -> Self {
        let mut desk = Self { stage, plain: Plain::new(setup), nonce: 1 };
        assert_eq!(desk.look().first().map(|l| l.starts_with("Summary at ")), Some(true));
        desk
    }

    fn look(&mut self) -> Vec<String> {
        self.plain.follow(&self.stage.model)
    }

    /// Time goes on, with a look each second.
    fn wait(&mut self, seconds: i64) -> Vec<String> {
        let mut lines = Vec::new();
        for _ in 0..seconds {
            self.stage.pass(1);
            lines.extend(self.look());
        }
        lines
    }

    /// Types a line, has done what it wants, and hears what comes of it.
    fn types(&mut self, line: &str) -> Vec<String> {
        let mut said = Vec::new();
        for act in self.plain.command(&self.stage.model, line) {
            match act {
                Act::Say(line) => said.push(line),
                Act::Ask(ask) => self.stage.feed(What::Asked(ask)),
                Act::Propose { by, draft } => {
                    self.nonce += 1;
                    self.stage.feed(What::Asked(Ask::Propose { by, draft, nonce: Nonce(self.nonce) }));
                    self.stage.last = self.stage.model.changes.all().last().map(|c| c.digest);
                }
                Act::ActAsSecond { .. } => self.stage.approve(),
                Act::Hurry | Act::Quit => {}
            }
        }
        said.extend(self.look());
        said
    }

    fn state(&self) -> State {
        self.stage.model.changes.all().last().expect("a change").state.clone()
    }
}

fn setup(stage: &Stage, who: &str) -> Setup {
    let person = who.into();
    Setup {
        hands: Hands::of(&stage.model.estate, &person),
        person: Some(person),
        pair: east(),
        approve: ApproveHint {
            program: "signalbox".into(),
            folder: "/srv/signal box/incident".into(),
            estate: None,
            key: None,
            second_person: None,
        },
        banner: None,
        presenter: false,
        heartbeat: None,
    }
}

/// Lines that hold a text.
fn with<'a>(lines: &'a [String], text: &str) -> Vec<&'a String> {
    lines.iter().filter(|l| l.contains(text)).collect()
}

#[track_caller]
fn one<'a>(lines: &'a [String], text: &str) -> &'a str {
    match with(lines, text).as_slice() {
        [line] => line,
        found => panic!("{} lines hold `{text}`:\n{}", found.len(), lines.join("\n")),
    }
}

#[test]
fn the_summary_says_both_pairs_controls_and_changes_in_sentences() {
    let mut stage = Stage::outage();
    stage.propose("portal targets gone, INC-4471");
    let mut plain = Plain::new(setup(&stage, "alice"));
    let greeting = plain.greeting(&stage.model).join("\n");
    assert!(greeting.contains("You are alice and may propose, turn the second key"), "{greeting}");
    let lines = plain.follow(&stage.model);
    for text in [
        "Pair east: us-east-1 is impaired since",
        "Pair west: ",
        "us-east-1, N. Virginia, active side of pair east: impaired.",
        "Routing controls of pair east: portal On in us-east-1 and Off in us-east-2;",
        "DNS answers of pair east: of ",
        "ARC cluster: 4 of 5 endpoints answer; not us-east-1.",
        "The clock of pair east runs since",
        "waits for 1 approval: fail over pair east to us-east-2, 10 controls, because \"portal targets gone, INC-4471\"",
        "End of summary.",
    ] {
        one(&lines, text);
    }
    for line in &lines {
        let strange = |c: char| c.is_control() || "●▲✖?→·│█“”".replace('?', "").contains(c);
        assert!(!line.contains(strange), "{line}");
    }
}

#[test]
fn calm_says_nothing_but_the_heartbeat() {
    let mut desk = Desk::of(Stage::calm(), "alice");
    let mut lines = desk.wait(30);
    desk.stage.poll();
    lines.extend(desk.wait(30));
    assert_eq!(lines, Vec::<String>::new());
    let stage = Stage::calm();
    let setup = Setup { heartbeat: Some(Span::from_mins(1)), ..setup(&stage, "alice") };
    let mut desk = Desk::with(stage, setup);
    let mut lines = desk.wait(50);
    desk.stage.poll();
    lines.extend(desk.wait(50));
    one(&lines, "signalbox, heartbeat: still watching");
    assert_eq!(with(&lines, ", now, good: ").len(), 2, "{lines:#?}");
}

#[test]
fn each_failure_is_said_once_with_its_word_its_region_and_the_pair() {
    let mut desk = Desk::of(Stage::calm(), "alice");
    desk.stage.down.push(EAST);
    let mut lines = Vec::new();
    for _ in 0..4 {
        desk.stage.poll();
        lines.extend(desk.wait(60));
    }
    let failed = one(&lines, "portal application in us-east-1 failed");
    assert!(failed.contains("Z pair east, probe, failure: "), "{failed}");
    // The timeline told it; as a state it is not told again.
    assert!(with(&lines, "has failed").is_empty() && with(&lines, "have failed").is_empty(), "{}", lines.join("\n"));
    // What has grown old is said too, many things in one line.
    let unknown = with(&lines, "of what is watched in us-east-1 are not known: ");
    assert!(!unknown.is_empty() && unknown.len() <= 3, "{}", lines.join("\n"));
    one(&lines, "us-east-1 is impaired and has traffic: the clock runs");
    one(&lines, "step 1 of 7, detected, is done");
    let sentence = with(&lines, "pair east, now, failure: us-east-1 is impaired since");
    assert!((1..=6).contains(&sentence.len()), "{}", lines.join("\n"));
    // Of the other pair nothing but that one cluster endpoint of both is gone.
    one(
        &lines,
        "pair west, now, good: Traffic enters us-west-2, which is well. us-west-1 is ready (score 99 of 100). To watch: ARC cluster endpoints 4 of 5 answer since 18:36:07Z.",
    );
}

#[test]
fn a_system_that_warns_and_is_well_again_is_said_both_ways() {
    let mut desk = Desk::of(Stage::calm(), "alice");
    desk.stage.sample("portal-alb-east", "latency", Place::Active, 2.0);
    let system = desk.stage.model.estate.systems.iter().find(|s| s.id.as_str() == "portal-alb-east").unwrap();
    let reading = system.readings.iter().find(|r| r.warn.is_some()).unwrap().clone();
    let name = system.name.clone();
    let mut lines = desk.wait(2);
    let bad = match reading.bad {
        signalbox::estate::Direction::Above => reading.warn.unwrap() * 1.01,
        signalbox::estate::Direction::Below => reading.warn.unwrap() - 0.5,
    };
    desk.stage.sample("portal-alb-east", reading.id.as_str(), Place::Active, bad);
    lines.extend(desk.wait(2));
    one(&lines, &format!("systems, warning: {name} in us-east-1: "));
    desk.stage.figures();
    let lines = desk.wait(2);
    one(&lines, &format!("systems, good: {name} in us-east-1 is ok now: "));
}

/// Two people move traffic by nothing but typed words and lines.
#[test]
fn the_main_job_is_done_by_typed_words() {
    let mut desk = Desk::of(Stage::outage(), "alice");
    let lines = desk.types("fail over");
    one(&lines, "REASON is missing: fail over REASON");
    let lines = desk.types("Fail Over  portal targets gone, INC-4471");
    one(&lines, "proposing to fail over pair east to us-east-2. Readiness of us-east-2: ");
    let waits = one(&lines, "waits for 1 approval");
    let words = desk.stage.last.unwrap().words();
    assert!(waits.contains(&format!("signalbox approve /srv/signal\\ box/incident/{words}.change")), "{waits}");
    assert_eq!(desk.stage.model.changes.all()[0].text.reason, "portal targets gone, INC-4471");
    one(&desk.types("second key us-east-2"), "second key refused");
    desk.stage.approve();
    let lines = desk.wait(1);
    let approved = one(&lines, "must turn the second key within 59 s");
    assert!(approved.contains(&words) && approved.ends_with("To turn it type: second key us-east-2"), "{approved}");
    let lines = desk.wait(55);
    one(&lines, "30 s left to turn its second key");
    one(&lines, "10 s left to turn its second key");
    one(&desk.types("second key us-east-1"), "is not the receiving region");
    assert_eq!(desk.state(), State::Approved);
    let mut lines = desk.types("second key us-east-2");
    lines.extend(desk.wait(2));
    assert!(matches!(desk.state(), State::Verified { .. }), "{:?}", desk.state());
    one(&lines, &format!("change {words} is verified: ap-northeast-1 and eu-west-1 showed the new states"));
    // Ten controls moved at once: that is one line, not ten, and another for those that came on.
    assert_eq!(with(&lines, "5 alike, routing control ").len(), 2, "{}", lines.join("\n"));
    one(&lines, "step 4 of 7, routing, is done");
    assert!(with(&lines, "disputed").is_empty(), "{}", lines.join("\n"));
    desk.stage.answers = vec![OHIO; 4];
    desk.stage.poll();
    let lines = desk.wait(5);
    one(&lines, "is done: traffic has moved to us-east-2. When people have been told type: told");
    let lines = desk.types("told");
    one(&lines, "people were told");
    one(&lines, "step 7 of 7, told, is done");
    one(&desk.types("told"), "refused: nothing is going on that people could be told of");
}

#[test]
fn a_change_is_heard_whole_withdrawn_and_rejected() {
    let mut desk = Desk::of(Stage::calm(), "alice");
    desk.types("fail over a drill");
    one(&desk.types("withdraw"), "was withdrawn by alice");
    one(&desk.types("withdraw"), "refused: no change of yours waits in pair east");
    desk.types("fail over a drill again");

    let mut bob = setup(&desk.stage, "bob");
    bob.person = Some("bob".into());
    desk.plain = Plain::new(bob);
    desk.look();
    let lines = desk.types("read");
    one(&lines, "alice asks for it, because \"a drill again\".");
    assert_eq!(with(&lines, "Routing control ").len(), 10);
    one(&lines, "Routing control portal-us-east-1 goes from On to Off; now it is On.");
    one(&lines, "To refuse it type: reject WHY");
    one(&lines, "bob, info: is reading change");
    one(&desk.types("reject"), "WHY is missing: reject WHY");
    one(&desk.types("reject not during the month end"), "was rejected by bob: \"not during the month end\"");
    one(&desk.types("reject again"), "refused: no change of pair east waits");
}

#[test]
fn failing_checks_stop_a_proposal_until_somebody_says_why_not() {
    let mut stage = Stage::calm();
    stage.down.push(OHIO);
    stage.poll();
    stage.wait(3);
    let mut desk = Desk::of(stage, "alice");
    one(&desk.types("despite it must go on"), "there is no draft");
    let lines = desk.types("fail over a drill");
    let stopped = one(&lines, "NOT proposed yet: ");
    assert!(stopped.ends_with("To go on anyway, type: despite WHY"), "{stopped}");
    assert!(desk.stage.model.changes.all().is_empty());
    let lines = desk.types("despite it must go on");
    one(&lines, "proposing to fail over");
    let despite = desk.stage.model.changes.all()[0].text.despite.clone().expect("a despite");
    assert_eq!(despite.reason, "it must go on");
    one(&desk.types("read"), "In spite of that because \"it must go on\".");
    desk.types("withdraw");
    desk.types("fail over a drill");
    one(&desk.types("drop"), "fail over pair east to us-east-2 is forgotten");
    one(&desk.types("propose"), "there is no draft");
}

#[test]
fn a_rule_that_would_refuse_is_named_and_can_be_overridden() {
    let mut stage = Stage::calm();
    let gates: Vec<_> = stage.model.estate.gates.iter().map(|g| g.arn.clone()).collect();
    for gate in gates {
        stage.states.insert(gate, signalbox::estate::ControlState::Off);
    }
    stage.poll();
    stage.wait(2);
    let mut desk = Desk::of(stage, "alice");
    let lines = desk.types("fail over a drill");
    one(&lines, "NOT proposed yet: ARC would refuse it by safety ");
    let draft = {
        let mut draft = signalbox::change::Draft::towards(&desk.stage.model.estate, &east(), &OHIO.into()).unwrap();
        draft.reason = "x".into();
        draft
    };
    let refusing: Vec<_> =
        desk.stage.model.predict(&draft).into_iter().filter(|v| v.allows == Some(false)).map(|v| v.name).collect();
    one(&desk.types("override nothing-at-all"), "no safety rule called `nothing-at-all` would refuse it");
    let mut said = Vec::new();
    for name in &refusing {
        said = desk.types(&format!("override {name}"));
    }
    one(&said, "proposing to fail over");
    let change = &desk.stage.model.changes.all()[0];
    assert_eq!(change.text.overrides().len(), refusing.len());
    one(&desk.types("read"), &format!("It OVERRIDES safety rule {}.", refusing[0]));
    desk.types("withdraw");
    desk.types("fail over a drill");
    one(&desk.types("propose"), "proposing to fail over");
    assert!(desk.stage.model.changes.all()[1].text.overrides().is_empty(), "proposed as it is");
}

/// Whatever an observer types, nothing that acts comes out of it: their hands hold no token to make it with.
#[test]
fn an_observer_hears_all_and_does_nothing() {
    let mut stage = Stage::outage();
    stage.propose("planned");
    let mut observer = setup(&stage, "carol");
    observer.hands = Hands::empty();
    observer.approve.second_person = Some("bob".into());
    let mut desk = Desk::with(stage, observer);
    let armored = desk.stage.armored(2);
    let mut typed: Vec<&str> = vec![
        "status",
        "fail over x",
        "fail back x",
        "despite x",
        "override x",
        "propose",
        "drop",
        "read",
        "second key us-east-2",
        "withdraw",
        "reject x",
        "sign as the second person",
        "told",
        "note x",
        "pair west",
        "pair east",
        "ask again",
        "help",
        "quit",
        "nonsense",
        "",
    ];
    typed.extend(armored.lines());
    for line in typed {
        for act in desk.plain.command(&desk.stage.model, line) {
            assert!(matches!(act, Act::Say(_) | Act::Hurry | Act::Quit), "{line}: {act:?}");
        }
    }
}

#[test]
fn a_signature_is_pasted_line_by_line() {
    let mut desk = Desk::of(Stage::outage(), "alice");
    desk.types("fail over planned");
    let armored = desk.stage.armored(2);
    let mut said = Vec::new();
    for line in armored.lines() {
        said = desk.types(line);
    }
    one(&said, "is approved by bob");
    // One that never ends is not collected for ever.
    desk.types("-----BEGIN SSH SIGNATURE-----");
    let mut said = Vec::new();
    for _ in 0..2000 {
        said = desk.types(&"A".repeat(70));
        if !said.is_empty() {
            break;
        }
    }
    one(&said, "far too long for a signature");
}

#[test]
fn what_comes_from_outside_is_one_visible_line() {
    let mut desk = Desk::of(Stage::outage(), "alice");
    let lines = desk.types("note all is\u{1b}[2J well\u{202e}\r\n16:00:00Z arc, good: forged");
    for line in &lines {
        assert!(!line.chars().any(signalbox::hygiene::is_hidden), "{line:?}");
    }
    one(&lines, "‹U+202E›");
    let lines = desk.types("\u{1b}]0;x\u{7}");
    assert!(lines.iter().all(|l| !l.chars().any(signalbox::hygiene::is_hidden)), "{lines:?}");
}

#[test]
fn a_drill_is_begun_and_ended_in_words() {
    let mut desk = Desk::of(Stage::calm(), "alice");
    one(&desk.types("begin quartely 2026-Q4"), "`quartely` is not something that can begin; did you mean `quarterly`?");
    one(&desk.types("end"), "no named incident or drill of pair east runs");
    one(&desk.types("begin quarterly 2026-Q4"), "begins quarterly failover drill 2026-Q4");
    one(&desk.types("begin incident INC-1"), "still runs: end it first");
    one(&desk.types("end"), "ends it");
    let mut carol = Desk::of(Stage::calm(), "carol");
    one(&carol.types("begin incident INC-1"), "you only look on, and cannot begin an incident");
}

#[test]
fn a_misspelt_command_is_answered_with_the_nearest_one() {
    let mut desk = Desk::of(Stage::calm(), "alice");
    one(&desk.types("widthdraw"), "there is no command `widthdraw`; did you mean `withdraw`?");
    one(&desk.types("failover now"), "did you mean `fail over`?");
    one(&desk.types("quit now"), "takes nothing after it");
    one(&desk.types(&format!("note {}", "x".repeat(3000))), "2000 bytes at most; nothing was done");
    one(&desk.types("pair north"), "no pair is called `north`; the estate has east, west");
    let help = desk.types("help");
    for words in ["fail over REASON: ", "second key REGION: ", "withdraw: ", "reject WHY: ", "note TEXT: ", "told: "] {
        one(&help, words);
    }
    desk.types("pair west");
    desk.types("fail over a drill");
    assert_eq!(desk.stage.model.changes.all()[0].text.pair, PairName::from("west"));
}

#[test]
fn uncertain_refused_and_read_only_are_loud() {
    for (arc, text) in [
        (Arc5::Silent, "happened is NOT known: the states are being read, and nothing is repeated"),
        (Arc5::Refuses, "was refused by ARC under safety rule failover-allowed-east-first, nothing changed: "),
    ] {
        let mut desk = Desk::of(Stage::outage(), "alice");
        desk.types("fail over planned");
        desk.stage.approve();
        desk.stage.arc = arc;
        let mut lines = desk.types("second key us-east-2");
        lines.extend(desk.wait(2));
        assert!(one(&lines, text).contains("change, failure: "));
    }
    let mut stage = Stage::outage();
    stage.model.read_only = Some("it was opened with --read-only".into());
    let mut desk = Desk::of(stage, "alice");
    one(&desk.types("fail over planned"), "this console is read-only: it was opened with --read-only");
    assert!(desk.plain.greeting(&desk.stage.model)[0].contains("may look on"));
}

/// Endpoints that disagree are said once, and again when they agree, not at each poll.
#[test]
fn endpoints_that_disagree_are_said_once() {
    use signalbox::event::{News, SourceId};
    let mut desk = Desk::of(Stage::calm(), "alice");
    let old = desk.stage.states.clone();
    let new: std::collections::BTreeMap<_, _> = old.iter().map(|(arn, s)| (arn.clone(), s.flipped())).collect();
    let hear = |desk: &mut Desk, endpoint: &str, states: &std::collections::BTreeMap<_, _>| {
        desk.stage.heard(SourceId::Arc(endpoint.into()), 40, 75, Ok(News::Controls(states.clone())));
        desk.look()
    };
    let lines = hear(&mut desk, "us-west-2", &new);
    // One line for those that are On elsewhere, one for the others.
    let said = with(&lines, "disputed (");
    assert_eq!(said.len(), 2, "{lines:#?}");
    assert!(said.iter().all(|l| l.contains("Z arc, warning: routing controls ")), "{said:?}");
    assert_eq!(hear(&mut desk, "eu-west-1", &new), Vec::<String>::new());
    hear(&mut desk, "eu-west-1", &old);
    let lines = hear(&mut desk, "us-west-2", &old);
    assert!(!with(&lines, " are On").is_empty() && !with(&lines, " are Off").is_empty(), "{lines:#?}");
}

/// Traffic that enters the other region is another sentence, though only a digit differs.
#[test]
fn a_region_is_no_figure() {
    let mut desk = Desk::of(Stage::calm(), "alice");
    desk.stage.answers = vec![OHIO; 4];
    desk.stage.poll();
    let lines = desk.wait(30);
    assert!(!with(&lines, "pair east, now, ").is_empty(), "{}", lines.join("\n"));
}

#[test]
fn servers_are_launched_by_name_under_the_same_rule() {
    let mut desk = Desk::of(Stage::calm(), "alice");
    for (typed, why) in [
        ("launch drill to see them start", "say which servers and why"),
        ("launch drill : to see them start", "name the servers, or say all"),
        ("launch drill app-99: to see", "no source server of us-east-2 is called `app-99`; DRS has app-01, "),
        ("launch drill all", "say which servers and why"),
    ] {
        let said = desk.types(typed);
        assert!(one(&said, "refused").contains(why), "{typed}: {said:?}");
    }
    let said = desk.types("launch drill app-01, app-02: to see them start");
    one(&said, "proposing a drill launch of 2 servers in us-east-2");
    let (change, work) = {
        let change = desk.stage.model.changes.all().last().expect("a change");
        (change.text.reason.clone(), change.text.launch().cloned().expect("a launch"))
    };
    assert_eq!((change.as_str(), work.drill, work.servers.len()), ("to see them start", true, 2));
    one(&desk.types("read"), "A drill of 2 servers: app-01, app-02");
    // The second key is the region's name, and comes after somebody else's signature.
    desk.types("second key us-east-2");
    assert_eq!(desk.state(), State::Proposed);
    desk.stage.approve();
    assert_eq!(desk.state(), State::Approved);
    let mut onlooker = Desk::of(Stage::calm(), "carol");
    one(&onlooker.types("recover all: a region is gone"), "you only look on, and cannot propose changes");
    let mut real = Desk::of(Stage::calm(), "alice");
    one(&real.types("recover app-01: a region is gone"), "proposing a recovery of 1 server in us-east-2");
    one(&real.types("read"), "A REAL RECOVERY of 1 server: app-01");
}

#[test]
fn in_presenter_mode_no_line_holds_an_account_a_host_or_a_key() {
    let secrets = ["SHA256:", "s-0000", "app-0", "arn:aws"];
    let heard = |presenter| {
        let mut stage = Stage::outage();
        stage.propose("arn:aws:sns:us-east-1:999988887777:pager is silent");
        let setup = Setup { presenter, ..setup(&stage, "alice") };
        let mut desk = Desk::with(stage, setup);
        let mut lines = desk.plain.greeting(&desk.stage.model);
        lines.extend(desk.types("read"));
        lines.extend(desk.types("launch drill app-99: to see"));
        desk.stage.approve();
        lines.extend(desk.wait(3));
        lines.extend(desk.types("status"));
        lines.join("\n")
    };
    let (open, masked) = (heard(false), heard(true));
    assert!(secrets.iter().filter(|s| open.contains(**s)).count() >= 3, "{open}");
    for secret in secrets {
        assert!(!masked.contains(secret), "{secret}: {masked}");
    }
    assert!(masked.contains("Presenter mode: ") && masked.contains("arn-"), "{masked}");
}

/// The summary says of a silent region what the screen says of it.
#[test]
fn a_silent_region_is_said_to_be_silent() {
    let mut plain = Plain::new(setup(&Stage::outage(), "alice"));
    let lines = plain.follow(&Stage::outage().model);
    assert_eq!(
        with(&lines, "stopped answering"),
        [
            "us-east-1 failed at 18:36:07Z. CloudWatch in us-east-1 stopped answering at 18:36:07Z: figures in brackets are what was said last."
        ]
    );
}
