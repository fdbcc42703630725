//! What people do at the keyboard, from the draft to the second key, and what they begin and mark.

use crate::support;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use signalbox::event::{Ask, What};
use signalbox::ui::{Input, Screen, Wish};
use support::eye::{self, press, text};
use support::{Stage, east, setup};

/// A phone, and half of a split window.
const SLIM: [(u16, u16); 2] = [(45, 80), (40, 24)];

fn draw(screen: &mut Screen, stage: &Stage, width: u16, height: u16) -> Buffer {
    eye::buffer(screen, stage, (width, height))
}

fn screen(stage: &Stage) -> Screen {
    Screen::new(setup(stage, "alice", "dark"))
}

/// The whole way by hand: the sentence, the dialog, the second key, and the wishes on the way.
#[test]
fn a_change_by_hand() {
    let mut stage = Stage::outage();
    let mut screen = screen(&stage);
    draw(&mut screen, &stage, 80, 24);
    // Without a reason nothing is proposed.
    assert!(press(&mut screen, &stage, "f\n").is_empty());
    assert!(text(&draw(&mut screen, &stage, 80, 24)).contains("needs a reason"));
    // Closing keeps the draft.
    press(&mut screen, &stage, "quarterly q\u{1b}");
    assert!(!text(&draw(&mut screen, &stage, 80, 24)).contains("nothing happens yet"));
    let wishes = press(&mut screen, &stage, "fdrill\n");
    let [Wish::Propose { by, draft }] = wishes.as_slice() else { panic!("{wishes:?}") };
    assert_eq!(draft.reason, "quarterly qdrill");
    assert_eq!(draft.to().len(), 10);
    // A second enter does not ask twice.
    assert!(press(&mut screen, &stage, "\n").is_empty());
    let nonce = signalbox::change::Nonce(3);
    stage.feed(What::Asked(Ask::Propose { by: by.clone(), draft: draft.clone(), nonce }));
    let digest = stage.model.changes.all()[0].digest;
    stage.last = Some(digest);
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    let spaced: Vec<String> = digest
        .words()
        .to_uppercase()
        .split('-')
        .map(|w| w.chars().map(String::from).collect::<Vec<_>>().join(" "))
        .collect();
    assert!(spaced.iter().all(|w| shown.contains(w)), "{shown}");
    assert!(shown.contains(&format!("{}.change", digest.words())), "{shown}");
    // The key of the demo asks the runtime, and only asks.
    let by = signalbox::change::Hands::of(&stage.model.estate, &"alice".into()).operator.unwrap();
    assert_eq!(press(&mut screen, &stage, "A"), vec![Wish::ActAsSecond { by, change: digest }]);
    // A pasted signature goes to the gate as it is.
    let armored = stage.armored(2);
    let wishes = screen.input(&stage.model, Event::Paste(format!("$ cat sig\n{armored}")));
    let [Wish::Ask(ask @ Ask::Signature { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("SECOND KEY: type us-east-2"), "{shown}");
    let wishes = press(&mut screen, &stage, "us-east-1\n");
    let [Wish::Ask(ask)] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    assert!(text(&draw(&mut screen, &stage, 80, 24)).contains("is not the receiving region's name"));
    let wishes = press(&mut screen, &stage, "us-east-2\n");
    let [Wish::Ask(ask @ Ask::SecondKey { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    stage.wait(2);
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("VERIFIED"), "{shown}");
}

/// A broken rule wants a switch of its own, and the wish carries the rule.
#[test]
fn an_override_is_a_separate_switch() {
    let mut stage = Stage::outage();
    let gate = stage.model.estate.gates[0].arn.clone();
    stage.states.insert(gate, signalbox::estate::ControlState::Off);
    stage.poll();
    stage.pass(1);
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "fno gate");
    let shown = text(&draw(&mut screen, &stage, 150, 44));
    assert!(shown.contains("WOULD REFUSE") && shown.contains("failover-allowed-east-first"), "{shown}");
    let mut plain = Screen::new(setup(&stage, "alice", "dark"));
    let wishes = press(&mut plain, &stage, "fno gate\n");
    assert!(matches!(wishes.as_slice(), [Wish::Propose { draft, .. }] if draft.overrides().is_empty()), "{wishes:?}");
    press(&mut screen, &stage, "\t ");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("OVERRIDING SAFETY RULES: 1 of 1"), "{shown}");
    let wishes = press(&mut screen, &stage, "\n");
    let rule = &stage.model.estate.safety_rules[0].arn;
    assert!(
        matches!(wishes.as_slice(), [Wish::Propose { draft, .. }] if draft.overrides() == [rule.clone()]),
        "{wishes:?}"
    );
}

/// Whatever is typed at 80 columns can be read whole: a command is never cut.
#[test]
fn the_command_is_never_cut() {
    let stage = Stage::until("proposed");
    for width in [60, 72, 80, 99] {
        let mut s = setup(&stage, "alice", "dark");
        s.approve.folder =
            "/home/alice/.local/state/signalbox/a folder with a long name/incidents/2026-11-24T18-40-07Z-east".into();
        s.approve.key =
            Some("/home/bob/.ssh/keys/that/are/kept/in/a/very/deep/place/indeed/id_ed25519_sk_operations_2026".into());
        let mut screen = Screen::new(s);
        press(&mut screen, &stage, "c");
        let shown = text(&draw(&mut screen, &stage, width, 60));
        let start = shown.find("$ cargo").unwrap();
        let end = shown[start..].find("or with nothing").unwrap();
        let mut joined = String::new();
        for line in shown[start..start + end].lines() {
            let line = line.trim_matches(|c| c == '│' || c == ' ');
            // As the shell reads it: a backslash at the end joins the lines.
            joined.push_str(line.strip_suffix('\\').unwrap_or(line));
        }
        let joined = joined.replace("\\ ", " ");
        let words = stage.last.unwrap().words();
        for part in [
            format!("/a folder with a long name/incidents/2026-11-24T18-40-07Z-east/{words}.change"),
            "id_ed25519_sk_operations_2026".into(),
        ] {
            assert!(joined.contains(&part), "{width}: {joined}");
        }
    }
}

/// What ARC refused is proposed again from its dialog: the same controls, and the reason that was given.
#[test]
fn a_refused_change_is_drafted_again_from_its_dialog() {
    let stage = Stage::until("refused");
    let mut screen = screen(&stage);
    press(&mut screen, &stage, "c");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains(" f  propose it again"), "{shown}");
    press(&mut screen, &stage, "f");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("nothing happens yet"), "{shown}");
    let wishes = press(&mut screen, &stage, "\n");
    let was = &stage.model.changes.all()[0].text;
    let [Wish::Propose { draft, .. }] = wishes.as_slice() else { panic!("{wishes:?}") };
    assert_eq!((&draft.reason, draft.to().len()), (&was.reason, 10));
    // Any other change is not: the key says why.
    let stage = Stage::until("verified");
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    press(&mut screen, &stage, "cf");
    let shown = text(&draw(&mut screen, &stage, 80, 24));
    assert!(shown.contains("only a change that came to nothing"), "{shown}");
}

/// The price and what speaks against a move are in sight where one answers for it, on the smallest screen too.
#[test]
fn a_draft_hides_neither_its_price_nor_a_warning() {
    let stage = Stage::outage();
    // On the smallest, they begin what scrolls; what it is, the field and the keys stay, whatever is complained of.
    for keys in ["f", "f\n"] {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, keys);
        let shown = text(&draw(&mut screen, &stage, 40, 18));
        for words in ["traffic goes to us-east-2", "reason", "propose", "data loss"] {
            assert!(shown.contains(words), "40x18 {keys:?} {words}: {shown}");
        }
        assert!(!shown.contains("–0 of"), "{shown}");
    }
    for (width, height) in [(60, 18), (80, 24), (150, 44)] {
        let mut screen = screen(&stage);
        press(&mut screen, &stage, "f");
        let shown = text(&draw(&mut screen, &stage, width, height));
        for words in ["data loss", "up to 2 min 15 s of writes would be lost", "7 allow", "ARC cluster endpoints"] {
            assert!(shown.contains(words), "{width}x{height} {words}: {shown}");
        }
    }
}

/// Every line of a dialog, read from its first to its last.
fn read_whole(screen: &mut Screen, stage: &Stage, (width, height): (u16, u16)) -> String {
    press(screen, stage, "⇱");
    let mut all = text(&draw(screen, stage, width, height));
    for _ in 0..120 {
        press(screen, stage, "↓");
        all.push_str(&text(&draw(screen, stage, width, height)));
    }
    let words = all.lines().map(|l| l.trim_matches(|c| c == '│' || c == ' '));
    words.collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// On a phone a change is proposed, read, approved and run, as everywhere.
#[test]
fn a_change_by_hand_on_a_slim_screen() {
    for size in SLIM {
        let mut stage = Stage::outage();
        let mut screen = screen(&stage);
        let shown = text(&draw(&mut screen, &stage, size.0, size.1));
        assert!(shown.contains("f drafts the move to"), "the next step: {shown}");
        assert!(shown.contains(" controls ─") && shown.contains("IMPAIRED"), "{shown}");
        let wishes = press(&mut screen, &stage, "fportal targets gone\n");
        let [Wish::Propose { by, draft }] = wishes.as_slice() else { panic!("{wishes:?}") };
        let nonce = signalbox::change::Nonce(3);
        stage.feed(What::Asked(Ask::Propose { by: by.clone(), draft: draft.clone(), nonce }));
        let change = stage.model.changes.all()[0].clone();
        stage.last = Some(change.digest);
        draw(&mut screen, &stage, size.0, size.1);
        let read = read_whole(&mut screen, &stage, size);
        for flip in change.text.flips() {
            assert!(read.contains(&flip.name), "{} is read whole at {size:?}: {read}", flip.name);
        }
        assert!(read.contains("portal targets gone") && read.contains("traffic goes to us-east-2"), "{read}");
        let armored = stage.armored(2);
        let wishes = screen.input(&stage.model, Event::Paste(armored));
        let [Wish::Ask(ask @ Ask::Signature { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
        stage.feed(What::Asked(ask.clone()));
        let shown = text(&draw(&mut screen, &stage, size.0, size.1));
        assert!(shown.contains("SECOND KEY: type us-east-2"), "{shown}");
        let wishes = press(&mut screen, &stage, "us-east-2\n");
        let [Wish::Ask(ask @ Ask::SecondKey { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
        stage.feed(What::Asked(ask.clone()));
        stage.wait(2);
        assert!(text(&draw(&mut screen, &stage, size.0, size.1)).contains("VERIFIED"));
    }
}

/// The second person's own console: all of it is read, the word code typed, and their key signs there.
#[test]
fn an_approver_signs_at_their_own_console() {
    let mut stage = Stage::until("proposed");
    let change = stage.model.changes.all()[0].clone();
    let mut bob = Screen::new(setup(&stage, "bob", "dark"));
    draw(&mut bob, &stage, 40, 24);
    let wishes = press(&mut bob, &stage, "a");
    assert!(matches!(wishes.as_slice(), [Wish::Ask(Ask::Reading { .. })]), "it is opened first: {wishes:?}");
    let shown = text(&draw(&mut bob, &stage, 40, 24));
    assert!(!shown.contains("YOUR KEY SIGNS IT"), "{shown}");
    assert_eq!(press(&mut bob, &stage, "a"), vec![]);
    let shown = text(&draw(&mut bob, &stage, 40, 24)).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("read all of it first"), "{shown}");
    // The end alone is not all of it.
    press(&mut bob, &stage, "⇲");
    draw(&mut bob, &stage, 40, 24);
    press(&mut bob, &stage, "a");
    assert!(!text(&draw(&mut bob, &stage, 40, 24)).contains("YOUR KEY SIGNS IT"));
    let read = read_whole(&mut bob, &stage, (40, 24));
    assert!(!read.contains("another of alice") && !read.contains("another of bob"), "nobody waits for themselves");
    press(&mut bob, &stage, "a");
    let shown = text(&draw(&mut bob, &stage, 40, 24));
    assert!(shown.contains("YOUR KEY SIGNS IT"), "{shown}");
    assert_eq!(press(&mut bob, &stage, "\n"), vec![], "nothing typed is no word code");
    // Pasted whole, by a terminal that marks no pastes: the enter is no hand's, and what was typed stays.
    let spoken = change.digest.words().replace('-', " ");
    press(&mut bob, &stage, &spoken);
    let enter = Event::Key(KeyEvent::from(KeyCode::Enter));
    assert_eq!(bob.input(&stage.model, Input::AtOnce(enter)), vec![]);
    let shown = text(&draw(&mut bob, &stage, 40, 24)).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("by hand") && shown.contains(&spoken), "{shown}");
    bob.input(&stage.model, Event::Key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    let wishes = press(&mut bob, &stage, "copper lantern seven\n");
    let [Wish::Ask(ask @ Ask::Approve { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    let shown = text(&draw(&mut bob, &stage, 80, 24));
    assert!(shown.contains("is not its word code"), "{shown}");
    assert_eq!(stage.model.changes.all()[0].approvals.len(), 0);
    let wishes = press(&mut bob, &stage, &format!("{spoken}\n"));
    let [Wish::Ask(ask @ Ask::Approve { .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    stage.feed(What::Asked(ask.clone()));
    let approved = &stage.model.changes.all()[0];
    assert_eq!(approved.state, signalbox::change::State::Approved);
    assert_eq!(approved.approvals[0].by.as_str(), "bob");
}

/// Who asked does not approve, who looks on neither, and nobody behind a mask or twice.
#[test]
fn nobody_else_signs_at_a_console() {
    let mut stage = Stage::until("proposed");
    let read = |who: &str, stage: &Stage| {
        let mut screen = Screen::new(setup(stage, who, "dark"));
        press(&mut screen, stage, "c");
        read_whole(&mut screen, stage, (150, 44));
        screen
    };
    let said = |screen: &mut Screen, stage: &Stage| {
        press(screen, stage, "a");
        text(&draw(screen, stage, 150, 44))
    };
    assert!(said(&mut read("alice", &stage), &stage).contains("somebody else must approve it"));
    assert!(said(&mut read("carol", &stage), &stage).contains("only an approver approves a change"));
    let mut bob = read("bob", &stage);
    press(&mut bob, &stage, "P");
    assert!(said(&mut bob, &stage).contains("names are masked here"));
    // The gate asks again, whatever a screen let through.
    let approver = |stage: &Stage, who: &str| stage.hands(who).approver.unwrap();
    let change = stage.last.unwrap();
    let ask = |stage: &mut Stage, who: &str| {
        let (by, typed) = (approver(stage, who), change.words());
        stage.feed(What::Asked(Ask::Approve { by, change, typed }));
        stage.model.refusals.back().map(|r| r.why.clone()).unwrap_or_default()
    };
    assert!(ask(&mut stage, "alice").contains("somebody else must approve it"));
    stage.approve();
    assert!(ask(&mut stage, "bob").contains("waits for no approval"));
    let mut late = Stage::until("proposed");
    late.wait(3600);
    assert!(ask(&mut late, "bob").contains("can never run"), "{:?}", late.model.refusals);
}

/// A window that is about to close is said, and rings, for who asked and for who can approve; once.
#[test]
fn a_window_that_closes_warns_both() {
    let mut stage = Stage::until("proposed");
    let digest = stage.last.unwrap();
    let left = |stage: &Stage| stage.model.window(stage.model.changes.get(&digest).unwrap()).unwrap().left.as_secs();
    let seat = |stage: &Stage, who: &str| Screen::new(setup(stage, who, "dark"));
    let (mut alice, mut bob, mut carol) = (seat(&stage, "alice"), seat(&stage, "bob"), seat(&stage, "carol"));
    stage.wait(left(&stage) - 61);
    assert!(!alice.rings(&stage.model) && !bob.rings(&stage.model));
    stage.wait(2);
    assert!(alice.rings(&stage.model) && bob.rings(&stage.model) && !carol.rings(&stage.model));
    assert!(!alice.rings(&stage.model), "once");
    for who in [&mut alice, &mut bob] {
        let shown = text(&draw(who, &stage, 150, 44));
        assert!(shown.contains("left to approve"), "{shown}");
    }
    let told =
        |stage: &Stage, words: &str| stage.model.timeline.entries().iter().filter(|e| e.text.contains(words)).count();
    stage.wait(3);
    assert_eq!(told(&stage, "left to approve"), 1);
    stage.approve();
    stage.wait(left(&stage) - 19);
    assert!(alice.rings(&stage.model) && bob.rings(&stage.model));
    assert!(told(&stage, "left for alice to turn the second key") == 1);
    assert!(text(&draw(&mut bob, &stage, 150, 44)).contains("for alice to turn the second key"));
}

/// What expired, was rejected or withdrawn is proposed again with one key, and its reason stays.
#[test]
fn what_came_to_nothing_is_proposed_again() {
    let ended: [fn(&mut Stage); 3] = [
        |stage| stage.wait(3600),
        |stage| {
            let (by, change) = (stage.hands("bob").approver.unwrap(), stage.last.unwrap());
            stage.feed(What::Asked(Ask::Reject { by, change, reason: "not now".into() }));
        },
        |stage| {
            let (by, change) = (stage.hands("alice").operator.unwrap(), stage.last.unwrap());
            stage.feed(What::Asked(Ask::Withdraw { by, change }));
        },
    ];
    for end in ended {
        let mut stage = Stage::until("proposed");
        end(&mut stage);
        stage.poll();
        let change = stage.model.changes.all()[0].clone();
        assert!(!change.state.is_open());
        let mut screen = screen(&stage);
        press(&mut screen, &stage, "c");
        let shown = text(&draw(&mut screen, &stage, 150, 44));
        assert!(shown.contains(" f  propose it again"), "{:?}: {shown}", change.state);
        press(&mut screen, &stage, "f");
        let wishes = press(&mut screen, &stage, "\n");
        let [Wish::Propose { draft, .. }] = wishes.as_slice() else { panic!("{:?} {wishes:?}", change.state) };
        assert_eq!((&draft.reason, draft.to().len()), (&change.text.reason, 10));
    }
}

/// During an outage `i`, a name and enter begin an incident; its clock can be set back to when it began.
#[test]
fn an_incident_is_begun_during_an_outage() {
    use signalbox::record::SessionKind;
    let begun = |stage: &Stage, keys: &str| {
        let mut screen = screen(stage);
        let wishes = press(&mut screen, stage, keys);
        let [Wish::Ask(Ask::Begin { session, .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
        session.clone()
    };
    // A side that has no traffic is impaired: no clock runs, and yet it is no drill.
    let mut other = Stage::calm();
    other.down.push("us-east-2");
    for _ in 0..3 {
        other.wait(60);
        other.poll();
    }
    for stage in [&Stage::outage(), &Stage::until("proposed"), &other] {
        assert_eq!(begun(stage, "iINC-4471\n").kind, SessionKind::Incident);
    }
    assert_eq!(begun(&Stage::calm(), "i2026-Q4\n").kind, SessionKind::Quarterly);

    // Nothing was seen to fail: the clock runs because somebody says so, and since when they say.
    let mut stage = Stage::calm();
    let mut alice = screen(&stage);
    press(&mut alice, &stage, "i↑↑INC-1\t\tnonsense\n");
    let shown = text(&draw(&mut alice, &stage, 80, 24));
    assert!(shown.contains("is no moment that has passed"), "{shown}");
    let session = begun(&stage, "i↑↑INC-1\t\t12 min\n");
    assert_eq!(session.kind, SessionKind::Incident);
    let by = stage.hands("alice").operator.unwrap();
    assert!(stage.model.incidents.is_empty());
    stage.feed(What::Asked(Ask::Begin { by, session }));
    let incident = &stage.model.incidents[&east()];
    assert_eq!(incident.lasted(stage.model.now).map(|l| l.span.as_secs()), Some(720));
    let shown = text(&draw(&mut alice, &stage, 150, 44));
    assert!(shown.contains("T+00:12:00"), "{shown}");
    let by = stage.hands("alice").operator.unwrap();
    stage.feed(What::Asked(Ask::End { by, pair: east() }));
    assert!(stage.model.incidents[&east()].ended.is_some());
}

/// A mark is set on a moment that has passed, and stands there on the scale of the steps.
#[test]
fn a_mark_is_set_on_a_past_moment() {
    let mut stage = Stage::outage();
    let mut alice = screen(&stage);
    press(&mut alice, &stage, "T");
    let wishes = press(&mut alice, &stage, "first call\t1 min ago\n");
    let [Wish::Ask(ask @ Ask::Moment { was: Some(was), .. })] = wishes.as_slice() else { panic!("{wishes:?}") };
    assert_eq!(stage.model.now.wall.duration_since(*was).as_secs(), 60);
    stage.feed(What::Asked(ask.clone()));
    press(&mut alice, &stage, "8");
    let shown = text(&draw(&mut alice, &stage, 150, 44));
    assert!(shown.contains("first call (it was 18:39:08Z)"), "{shown}");
}
