//! The two-person rule under attack: each "must hold" line of its design, then whole lives at random.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/hand.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use signalbox::change::{ChangeText, Digest, Draft, Hands, NAMESPACE, Nonce, State};
use signalbox::effect::{Effect, EffectId};
use signalbox::estate::{ControlArn, ControlState, Estate, PairName, Person, PersonName, Region, Role};
use signalbox::event::*;
use signalbox::model::Model;
use signalbox::record::{Kept, Record};
use signalbox::time::{Span, Stamp};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};

fn key(n: u8) -> PrivateKey {
    PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&[n; 32])), format!("key {n}")).unwrap()
}

fn sign(key: &PrivateKey, namespace: &str, text: &str) -> String {
    key.sign(namespace, HashAlg::Sha512, text.as_bytes()).unwrap().to_pem(LineEnding::LF).unwrap()
}

/// Keys 1 to 7 belong to people; `alias` is alice and `robert` is bob by another name; 8 is nobody's.
fn estate(approvals: u32) -> Estate {
    use Role::{Approver, Observer, Operator};
    let mut estate = support::estate(&[]);
    let people: [(&str, &[Role], &[u8]); 6] = [
        ("alias", &[Approver], &[1, 6]),
        ("alice", &[Operator, Approver], &[1]),
        ("bob", &[Operator, Approver], &[2, 3]),
        ("carol", &[Approver], &[4]),
        ("dave", &[Observer], &[5]),
        ("robert", &[Approver], &[3, 7]),
    ];
    estate.people = people
        .into_iter()
        .map(|(name, roles, keys)| Person {
            name: name.into(),
            roles: roles.to_vec(),
            keys: keys.iter().map(|n| key(*n).public_key().to_openssh().unwrap()).collect(),
        })
        .collect();
    estate.policy.approvals = approvals;
    estate.policy.approvals_for_overrides = approvals;
    estate
}

/// The one human being behind a key, if that human may approve.
fn human(key: u8) -> Option<char> {
    match key {
        1 | 6 => Some('A'),
        2 | 3 | 7 => Some('B'),
        4 => Some('C'),
        _ => None,
    }
}

/// A console, its disk and its world; and what a careful clerk, who knows nothing of the code, writes down.
struct Desk {
    model: Model,
    at: Stamp,
    boot: String,
    disk: Vec<Kept>,
    waiting: Vec<(EffectId, Record)>,
    flips: Vec<(EffectId, Digest)>,
    states: BTreeMap<ControlArn, ControlState>,
    disputed: BTreeSet<ControlArn>,
    // The clerk's notes.
    texts: Vec<(ChangeText, Stamp, String)>,
    approvals: BTreeMap<Digest, Vec<(char, Stamp)>>,
    over: BTreeSet<Digest>,
    intents: BTreeSet<Digest>,
    acked: BTreeSet<Digest>,
    sent: BTreeSet<Digest>,
    nonce: u128,
}

impl Desk {
    fn new(approvals: u32) -> Self {
        let at = support::start();
        let estate = estate(approvals);
        let states = estate
            .controls()
            .map(|c| {
                let on = c.region.as_ref().is_none_or(|r| r.as_str() == "us-east-1");
                (c.arn.clone(), if on { ControlState::On } else { ControlState::Off })
            })
            .collect();
        let mut desk = Self {
            model: Model::new(Arc::new(estate), "boot-0", at),
            at,
            boot: "boot-0".into(),
            disk: vec![],
            waiting: vec![],
            flips: vec![],
            states,
            disputed: BTreeSet::new(),
            texts: vec![],
            approvals: BTreeMap::new(),
            over: BTreeSet::new(),
            intents: BTreeSet::new(),
            acked: BTreeSet::new(),
            sent: BTreeSet::new(),
            nonce: 0,
        };
        desk.tell(What::Resumed(vec![]));
        desk.look();
        desk
    }

    fn tell(&mut self, what: What) {
        for effect in self.model.update(Event { at: self.at, what }) {
            match effect {
                Effect::Record(id, record) => {
                    if let Record::Intent { change, by } = &record {
                        self.check_intent(*change, by);
                    }
                    match &record {
                        Record::Proposed { change, text } => {
                            let text = ChangeText::parse(text).expect("what is proposed is canonical");
                            assert_eq!(text.digest(), *change);
                            self.texts.push((text, self.at, self.boot.clone()));
                        }
                        Record::Rejected { change, .. }
                        | Record::Withdrawn { change, .. }
                        | Record::Expired { change, .. }
                        | Record::Voided { change, .. } => {
                            self.over.insert(*change);
                        }
                        _ => {}
                    }
                    self.disk.push(Kept { at: self.at, boot: self.boot.clone(), record: record.clone() });
                    self.waiting.push((id, record));
                }
                Effect::Flip(id, order) => {
                    let d = order.change;
                    assert!(self.acked.contains(&d), "sent before the intent was on disk");
                    assert!(self.sent.insert(d), "sent twice");
                    let (text, ..) = self.texts.iter().find(|(t, ..)| t.digest() == d).expect("proposed");
                    assert_eq!(order.flips, text.flips(), "what is sent is what was signed");
                    let overrides: Vec<_> = text.overrides().iter().map(|o| o.arn.clone()).collect();
                    assert_eq!(order.overrides, overrides);
                    self.flips.push((id, d));
                }
                _ => {}
            }
        }
    }

    /// The clerk's own judgement, from the notes alone.
    fn check_intent(&mut self, d: Digest, by: &PersonName) {
        let (text, proposed, boot) = self.texts.iter().find(|(t, ..)| t.digest() == d).expect("proposed");
        let now = self.at.mono;
        assert_eq!(&text.by, by, "only the requester turns the second key");
        assert_eq!(boot, &self.boot, "another boot's clock cannot tell");
        assert!(!self.over.contains(&d), "a closed change runs");
        let own = if text.by.as_str() == "alice" { 'A' } else { 'B' };
        let signed: Vec<_> = self.approvals.get(&d).cloned().unwrap_or_default();
        let people: BTreeSet<char> = signed.iter().map(|(who, _)| *who).filter(|who| *who != own).collect();
        let needed = self.model.estate.policy.approvals as usize;
        assert!(people.len() >= needed, "{people:?} are not {needed} others");
        assert!(signed.iter().all(|(_, at)| at.mono - proposed.mono <= Span::from_mins(10)));
        let last = signed.iter().map(|(_, at)| at.mono).max().expect("an approval");
        assert!(now - last <= Span::from_secs(60), "the second key came too late");
        for f in text.flips() {
            assert!(!self.disputed.contains(&f.arn), "endpoints disagree");
            assert_eq!(self.states[&f.arn], f.from, "somebody moved {}", f.name);
        }
        assert!(self.intents.insert(d), "a second intent");
    }

    /// All endpoints are asked; where they are to disagree, the first says the opposite.
    fn look(&mut self) {
        let endpoints: Vec<_> = self.model.estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
        for (i, endpoint) in endpoints.into_iter().enumerate() {
            let mut states = self.states.clone();
            for arn in self.disputed.iter().filter(|_| i == 0) {
                states.entry(arn.clone()).and_modify(|s| *s = s.flipped());
            }
            self.tell(What::Heard(Heard {
                source: SourceId::Arc(endpoint),
                took: Span::from_millis(30),
                fresh_for: Span::from_secs(20),
                news: Ok(News::Controls(states)),
            }));
        }
    }

    fn wait(&mut self, seconds: i64) {
        self.at = self.at.plus(Span::from_secs(seconds));
        self.tell(What::Tick);
    }

    fn ask(&mut self, ask: Ask) {
        self.tell(What::Asked(ask));
    }

    fn hands(&self, name: &str) -> Hands {
        Hands::of(&self.model.estate, &name.into())
    }

    fn draft(&self, to: &str) -> Draft {
        let mut draft = Draft::towards(&self.model.estate, &PairName::from("east"), &Region::from(to)).unwrap();
        draft.reason = "portal targets gone".into();
        draft
    }

    /// Proposes a failover; gives its text where it was let through.
    fn propose(&mut self, by: &str) -> Option<ChangeText> {
        self.nonce += 1;
        let (before, nonce) = (self.texts.len(), Nonce(self.nonce));
        let to =
            if self.states[&support::arn("portal-us-east-1")] == ControlState::On { "us-east-2" } else { "us-east-1" };
        let (draft, by) = (self.draft(to), self.hands(by).operator.expect("an operator"));
        self.ask(Ask::Propose { by, draft, nonce });
        self.texts.get(before).map(|(t, ..)| t.clone())
    }

    fn signature(&mut self, armored: String) {
        let by = self.hands("alice").courier(Via::Pasted).unwrap();
        self.ask(Ask::Signature { armored, by });
    }

    /// A true signature over exactly this change.
    fn approve(&mut self, text: &ChangeText, n: u8) {
        let d = text.digest();
        let proposed = self.texts.iter().find(|(t, ..)| t.digest() == d).map_or(self.at, |(_, at, _)| *at);
        let notes = self.approvals.entry(d).or_default();
        if let Some(who) = human(n)
            && !notes.iter().any(|(w, _)| *w == who)
            && self.at.mono - proposed.mono <= Span::from_mins(10)
            && who != if text.by.as_str() == "alice" { 'A' } else { 'B' }
        {
            notes.push((who, self.at));
        }
        self.signature(sign(&key(n), NAMESPACE, &text.canonical()));
    }

    fn second_key(&mut self, by: &str, text: &ChangeText, typed: &str) {
        let by = self.hands(by).operator.expect("an operator");
        self.ask(Ask::SecondKey { by, change: text.digest(), typed: typed.into() });
    }

    /// The journal answers.
    fn record_all(&mut self) {
        for (id, record) in std::mem::take(&mut self.waiting) {
            if let Record::Intent { change, .. } = record {
                self.acked.insert(change);
            }
            self.tell(What::Recorded(id));
        }
    }

    /// The disk is full: what waits for the journal is not in it.
    fn fail_all(&mut self) {
        for (id, record) in std::mem::take(&mut self.waiting) {
            if let Some(i) = self.disk.iter().rposition(|k| k.record == record) {
                self.disk.remove(i);
            }
            self.tell(What::RecordFailed(id, "no space left".into()));
        }
    }

    fn answer(&mut self, end: fn() -> FlipEnd) {
        for (id, d) in std::mem::take(&mut self.flips) {
            let end = end();
            if matches!(end, FlipEnd::Applied { .. }) {
                let (text, ..) = self.texts.iter().find(|(t, ..)| t.digest() == d).unwrap();
                for f in text.flips() {
                    self.states.insert(f.arn.clone(), f.to);
                }
            }
            self.tell(What::Flipped(id, FlipOutcome { end, attempts: vec![] }));
            self.wait(1);
            self.look();
        }
    }

    /// The console is started again on these lines.
    fn restart(&mut self, same_boot: bool, lines: Vec<Kept>) {
        if !same_boot {
            self.boot = format!("{}+", self.boot);
            self.at.mono = Span::from_secs(7);
        }
        self.at = self.at.plus(Span::from_secs(2));
        self.waiting.clear();
        self.flips.clear();
        self.model = Model::new(self.model.estate.clone(), self.boot.clone(), self.at);
        self.tell(What::Resumed(lines));
        self.look();
    }

    fn state(&self, text: &ChangeText) -> State {
        self.model.changes.get(&text.digest()).expect("the change is known").state.clone()
    }

    /// Tries everything that an honest or desperate requester could, and says whether anything was sent.
    fn try_to_run(&mut self, text: &ChangeText) -> bool {
        let before = self.sent.len();
        self.second_key(text.by.as_str(), text, text.receiving.as_str());
        self.record_all();
        self.sent.len() > before
    }
}

fn applied() -> FlipEnd {
    FlipEnd::Applied { endpoint: "us-west-2".into() }
}

#[test]
fn two_people_move_traffic() {
    for n in [2, 3, 4, 7] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").expect("a proposal");
        desk.record_all();
        desk.wait(10);
        desk.look();
        desk.approve(&text, n);
        desk.wait(5);
        assert!(desk.try_to_run(&text), "key {n}");
        desk.answer(applied);
        assert!(matches!(desk.state(&text), State::Verified { .. }), "{:?}", desk.state(&text));
    }
}

#[test]
fn must_hold_the_requesters_key_never_counts_under_any_name() {
    for n in [1, 6] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, n);
        assert!(!desk.try_to_run(&text), "key {n} of alice's");
        assert_eq!(desk.state(&text), State::Proposed);
    }
    // `alias` may approve what bob asks: it is alice.
    let mut desk = Desk::new(1);
    let text = desk.propose("bob").unwrap();
    desk.approve(&text, 6);
    assert!(desk.try_to_run(&text));
}

#[test]
fn must_hold_one_person_with_two_keys_or_two_names_is_one_person() {
    for (first, second) in [(2, 3), (2, 7), (3, 7), (7, 2)] {
        let mut desk = Desk::new(2);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, first);
        desk.approve(&text, second);
        assert!(!desk.try_to_run(&text), "keys {first} and {second} are both bob's");
        desk.approve(&text, 4);
        assert!(desk.try_to_run(&text), "bob and carol are two");
    }
}

#[test]
fn must_hold_without_the_approver_role_nobody_counts() {
    for n in [5, 8] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, n);
        assert!(!desk.try_to_run(&text));
    }
}

#[test]
fn must_hold_two_approvals_by_one_person_count_once() {
    let mut desk = Desk::new(2);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 4);
    desk.approve(&text, 4);
    assert!(!desk.try_to_run(&text));
    assert_eq!(desk.model.changes.get(&text.digest()).unwrap().approvals.len(), 1);
}

#[test]
fn must_hold_an_approval_is_for_exactly_one_change() {
    let twists: [fn(&mut ChangeText); 9] = [
        |t| t.reason.push('!'),
        |t| t.estate = "other".into(),
        |t| t.cluster = "arn:aws:route53-recovery-control::111122223333:cluster/other".into(),
        |t| support::flips(t).reverse(),
        |t| drop(support::flips(t).pop()),
        |t| support::flips(t)[0].to = support::flips(t)[0].to.flipped(),
        |t| t.until += Span::from_mins(1),
        |t| t.nonce = Nonce(999),
        |t| t.by = "bob".into(),
    ];
    for (i, twist) in twists.into_iter().enumerate() {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        let mut other = text.clone();
        twist(&mut other);
        desk.signature(sign(&key(2), NAMESPACE, &other.canonical()));
        assert!(!desk.try_to_run(&text), "twist {i}");
    }
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.signature(sign(&key(2), "file", &text.canonical()));
    assert!(!desk.try_to_run(&text), "signed for something else");
    // The same change proposed again is another change.
    desk.approve(&text, 2);
    let again = desk.propose("alice").unwrap();
    assert!(!desk.try_to_run(&again));
    assert!(desk.try_to_run(&text));
}

#[test]
fn must_hold_no_approval_and_no_run_after_expiry() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.at = desk.at.plus(Span::from_secs(601));
    desk.approve(&text, 2);
    desk.look();
    assert!(!desk.try_to_run(&text));
    assert!(matches!(desk.state(&text), State::Expired(_)));
    // The second key has its minute, and further approvals after the ten do not open it again.
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.wait(590);
    desk.look();
    desk.approve(&text, 2);
    desk.wait(50);
    desk.look();
    desk.approve(&text, 4);
    desk.wait(20);
    desk.look();
    assert!(!desk.try_to_run(&text), "70 s after the last approval in time");
}

#[test]
fn must_hold_a_used_rejected_withdrawn_or_expired_change_never_runs() {
    type End = fn(&mut Desk, &ChangeText);
    let ends: [(&str, End); 5] = [
        ("used", |d, t| {
            assert!(d.try_to_run(t));
            d.answer(|| FlipEnd::Unreachable);
        }),
        ("refused by ARC", |d, t| {
            assert!(d.try_to_run(t));
            d.answer(|| FlipEnd::Refused(Refusal { kind: RefusalKind::SafetyRule, rule: None, message: "no".into() }));
        }),
        ("rejected", |d, t| {
            let by = d.hands("carol").approver.unwrap();
            d.ask(Ask::Reject { by, change: t.digest(), reason: "wrong region".into() });
        }),
        ("withdrawn", |d, t| {
            let by = d.hands("alice").operator.unwrap();
            d.ask(Ask::Withdraw { by, change: t.digest() });
        }),
        ("expired", |d, _| d.wait(700)),
    ];
    for (name, end) in ends {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.approve(&text, 2);
        end(&mut desk, &text);
        desk.look();
        let attack = |desk: &mut Desk, how: &str| {
            desk.approve(&text, 4);
            desk.approve(&text, 2);
            assert!(!desk.try_to_run(&text), "{name}, {how}");
        };
        attack(&mut desk, "live");
        let lines = desk.disk.clone();
        desk.tell(What::Elsewhere(lines.clone()));
        attack(&mut desk, "lines told again");
        for same_boot in [true, false] {
            desk.restart(same_boot, lines.clone());
            attack(&mut desk, "restarted");
            desk.restart(same_boot, lines.iter().chain(&lines).cloned().collect());
            attack(&mut desk, "doubled lines");
            desk.restart(same_boot, lines.iter().rev().cloned().collect());
            desk.tell(What::Elsewhere(lines.clone()));
            attack(&mut desk, "lines backwards, then forwards");
        }
    }
}

#[test]
fn must_hold_a_forgotten_change_stays_dead() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    let lines = desk.disk.clone();
    let by = desk.hands("alice").operator.unwrap();
    desk.ask(Ask::Withdraw { by: by.clone(), change: text.digest() });
    for _ in 0..120 {
        let next = desk.propose("alice").unwrap();
        desk.ask(Ask::Withdraw { by: by.clone(), change: next.digest() });
    }
    assert_eq!(desk.model.changes.get(&text.digest()), None, "memory is bounded");
    desk.tell(What::Elsewhere(lines));
    desk.approve(&text, 4);
    assert!(!desk.try_to_run(&text));
}

#[test]
fn must_hold_the_from_states_are_still_true() {
    let arn = support::arn("api-us-east-2");
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.states.insert(arn.clone(), ControlState::On);
    desk.look();
    assert!(!desk.try_to_run(&text));
    let State::Void(moved) = desk.state(&text) else { panic!("{:?}", desk.state(&text)) };
    assert_eq!(moved, BTreeMap::from([(arn.clone(), ControlState::On)]), "it says what moved");
    // Endpoints that disagree, or say nothing, are no ground to act on.
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.disputed.insert(arn);
    desk.look();
    assert!(!desk.try_to_run(&text), "endpoints disagree");
    desk.disputed.clear();
    desk.wait(40);
    assert!(!desk.try_to_run(&text), "nothing was heard for 40 s");
    desk.look();
    assert!(desk.try_to_run(&text));
}

#[test]
fn must_hold_a_wrong_clock_widens_no_window() {
    for jump in [-3_600, -300, 300, 3_600] {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.at.wall += Span::from_secs(jump);
        desk.wait(1);
        desk.look();
        desk.approve(&text, 2);
        assert_eq!(desk.state(&text), State::Approved, "{jump}: nor does it narrow one");
        desk.at.wall -= Span::from_secs(jump);
        desk.wait(61);
        desk.look();
        assert!(!desk.try_to_run(&text), "{jump}");
    }
    // Another machine's lines count from another boot: nothing can be told from them.
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    let lines = desk.disk.clone();
    desk.restart(false, lines);
    assert!(!desk.try_to_run(&text));
}

#[test]
fn must_hold_the_intent_is_on_disk_before_anything_is_sent() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.second_key("alice", &text, "us-east-2");
    assert_eq!(desk.flips, vec![], "nothing is sent while the disk works");
    desk.fail_all();
    assert_eq!(desk.flips, vec![], "nothing is sent when the disk is full");
    assert!(!desk.try_to_run(&text), "and never later");
    // A crash between intent and outcome is found at the next start.
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    assert!(desk.try_to_run(&text));
    let lines = desk.disk.clone();
    desk.restart(true, lines);
    let after = desk.state(&text);
    assert!(matches!(after, State::Uncertain), "{after:?}");
    assert!(!desk.try_to_run(&text));
}

#[test]
fn must_hold_refusals_are_kept() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.signature("garbage".into());
    desk.second_key("alice", &text, "us-east-2");
    desk.second_key("bob", &text, "us-east-2");
    let kept = |f: fn(&Record) -> bool| desk.disk.iter().filter(|k| f(&k.record)).count();
    assert_eq!(kept(|r| matches!(r, Record::ApprovalRefused { .. })), 1);
    assert_eq!(kept(|r| matches!(r, Record::SecondKeyRefused { .. })), 2);
}

#[test]
fn must_hold_only_the_requester_turns_the_second_key_by_the_right_word() {
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    for (by, typed) in [("bob", "us-east-2"), ("alice", "us-east-1"), ("alice", ""), ("alice", "us-east-2\u{200b}")] {
        desk.second_key(by, &text, typed);
        desk.record_all();
        assert_eq!(desk.flips, vec![], "{by} {typed:?}");
    }
    assert!(desk.try_to_run(&text));
}

#[test]
fn must_hold_observers_and_read_only_consoles_have_no_way_to_write() {
    let estate = estate(1);
    assert_eq!(Hands::of(&estate, &"dave".into()), Hands::empty());
    assert_eq!(Hands::of(&estate, &"nobody".into()), Hands::empty());
    assert_eq!(Hands::of(&estate, &"dave".into()).courier(Via::Pasted), None);
    let mut desk = Desk::new(1);
    let text = desk.propose("alice").unwrap();
    desk.approve(&text, 2);
    desk.record_all();
    desk.model.read_only = Some("looking".into());
    assert!(!desk.try_to_run(&text));
    assert_eq!(desk.propose("alice"), None);
}

#[test]
fn must_hold_another_estates_change_is_nothing_here() {
    let mut desk = Desk::new(1);
    let mut text = desk.propose("alice").unwrap();
    text.estate = "elsewhere".into();
    let record = Record::Proposed { change: text.digest(), text: text.canonical() };
    desk.tell(What::Elsewhere(vec![Kept { at: desk.at, boot: desk.boot.clone(), record }]));
    desk.approve(&text, 2);
    assert!(!desk.try_to_run(&text));
}

#[test]
fn must_hold_what_is_signed_holds_nothing_hidden() {
    let mut desk = Desk::new(1);
    let mut draft = desk.draft("us-east-2");
    draft.reason = "fine\nreason: another\u{202e}\u{200b}\x1b[31m\u{e0041}".into();
    let by = desk.hands("alice").operator.unwrap();
    desk.ask(Ask::Propose { by, draft, nonce: Nonce(77) });
    let (text, ..) = desk.texts.last().unwrap();
    let canonical = text.canonical();
    assert!(canonical.chars().all(|c| c == '\n' || !signalbox::hygiene::is_hidden(c)));
    assert_eq!(canonical.matches("\nreason: ").count(), 1);
    assert!(text.reason.contains("‹U+202E›"), "{}", text.reason);
}

#[derive(Clone, Debug)]
enum Op {
    Propose(bool),
    Sign { change: usize, key: u8 },
    Twisted { change: usize, key: u8, twist: u8 },
    SecondKey { change: usize, own: bool, right: bool },
    Reject(usize),
    Withdraw(usize),
    Move(usize),
    Dispute(usize),
    Agree,
    Wait(i64),
    Wall(i64),
    Record,
    DiskFull,
    Answer(u8),
    Look,
    Replay { from: usize, backwards: bool },
    Restart { same_boot: bool, twist: u8 },
}

fn op() -> impl Strategy<Value = Op> {
    let change = 0usize..4;
    prop_oneof![
        4 => any::<bool>().prop_map(Op::Propose),
        6 => (change.clone(), 1u8..9).prop_map(|(change, key)| Op::Sign { change, key }),
        2 => (change.clone(), 1u8..9, 0u8..5).prop_map(|(change, key, twist)| Op::Twisted { change, key, twist }),
        6 => (change.clone(), prop::bool::weighted(0.8), prop::bool::weighted(0.8))
            .prop_map(|(change, own, right)| Op::SecondKey { change, own, right }),
        1 => change.clone().prop_map(Op::Reject),
        1 => change.prop_map(Op::Withdraw),
        1 => (0usize..5).prop_map(Op::Move),
        1 => (0usize..5).prop_map(Op::Dispute),
        1 => Just(Op::Agree),
        3 => prop_oneof![Just(1i64), Just(15), Just(45), Just(59), Just(61), Just(300), Just(590)].prop_map(Op::Wait),
        1 => (-600i64..600).prop_map(Op::Wall),
        5 => Just(Op::Record),
        1 => Just(Op::DiskFull),
        3 => (0u8..5).prop_map(Op::Answer),
        4 => Just(Op::Look),
        1 => (0usize..40, any::<bool>()).prop_map(|(from, backwards)| Op::Replay { from, backwards }),
        1 => (any::<bool>(), 0u8..3).prop_map(|(same_boot, twist)| Op::Restart { same_boot, twist }),
    ]
}

fn play(desk: &mut Desk, op: Op) {
    // The newest changes are the interesting ones.
    let nth = |desk: &Desk, n: usize| desk.texts.iter().rev().nth(n).map(|(t, ..)| t.clone());
    match op {
        Op::Propose(alice) => drop(desk.propose(if alice { "alice" } else { "bob" })),
        Op::Sign { change, key } => {
            if let Some(text) = nth(desk, change) {
                desk.approve(&text, key);
            }
        }
        Op::Twisted { change, key: n, twist } => {
            if let Some(mut text) = nth(desk, change) {
                let mut namespace = NAMESPACE;
                match twist {
                    0 => namespace = "file",
                    1 => text.reason.push('.'),
                    2 => support::flips(&mut text).reverse(),
                    3 => text.estate.push('x'),
                    _ => text.nonce = Nonce(u128::MAX),
                }
                desk.signature(sign(&key(n), namespace, &text.canonical()));
            }
        }
        Op::SecondKey { change, own, right } => {
            if let Some(text) = nth(desk, change) {
                let other = if text.by.as_str() == "alice" { "bob" } else { "alice" };
                let by = if own { text.by.to_string() } else { other.to_owned() };
                desk.second_key(&by, &text, if right { text.receiving.as_str() } else { "eu-west-1" });
            }
        }
        Op::Reject(n) => {
            if let Some(text) = nth(desk, n) {
                let by = desk.hands("carol").approver.unwrap();
                desk.ask(Ask::Reject { by, change: text.digest(), reason: "no".into() });
            }
        }
        Op::Withdraw(n) => {
            if let Some(text) = nth(desk, n) {
                let by = desk.hands(text.by.as_str()).operator.unwrap();
                desk.ask(Ask::Withdraw { by, change: text.digest() });
            }
        }
        Op::Move(n) => {
            let arn = desk.states.keys().nth(n).cloned();
            if let Some(state) = arn.and_then(|a| desk.states.get_mut(&a)) {
                *state = state.flipped();
            }
            desk.look();
        }
        Op::Dispute(n) => {
            desk.disputed.extend(desk.states.keys().nth(n).cloned());
            desk.look();
        }
        Op::Agree => {
            desk.disputed.clear();
            desk.look();
        }
        Op::Wait(seconds) => desk.wait(seconds),
        Op::Wall(seconds) => desk.at.wall += Span::from_secs(seconds),
        Op::Record => desk.record_all(),
        Op::DiskFull => desk.fail_all(),
        Op::Answer(n) => desk.answer(match n {
            0 | 1 => applied,
            2 => || FlipEnd::Refused(Refusal { kind: RefusalKind::Conflict, rule: None, message: "no".into() }),
            3 => || FlipEnd::Uncertain,
            _ => || FlipEnd::Unreachable,
        }),
        Op::Look => desk.look(),
        Op::Replay { from, backwards } => {
            let mut lines: Vec<_> = desk.disk.iter().skip(from).cloned().collect();
            if backwards {
                lines.reverse();
            }
            desk.tell(What::Elsewhere(lines));
        }
        Op::Restart { same_boot, twist } => {
            let mut lines = desk.disk.clone();
            match twist {
                1 => lines = lines.iter().flat_map(|k| [k.clone(), k.clone()]).collect(),
                2 => lines.extend(lines.clone()),
                _ => {}
            }
            desk.restart(same_boot, lines);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order, nothing is sent that the clerk would not have let through.
    #[test]
    fn must_hold_over_whole_lives(approvals in 1u32..3, ops in prop::collection::vec(op(), 1..60)) {
        let mut desk = Desk::new(approvals);
        for op in ops {
            play(&mut desk, op);
        }
    }

    /// Lives that come close: proposed, signed, turned, with one thing from outside between any two steps.
    #[test]
    fn must_hold_over_lives_that_come_close(
        approvals in 1u32..3,
        steps in prop::collection::vec((op(), 0u8..4), 1..12),
    ) {
        let mut desk = Desk::new(approvals);
        for (op, _) in steps {
            desk.look();
            let text = desk.propose("alice");
            desk.record_all();
            if let Some(text) = text {
                desk.approve(&text, 2);
                play(&mut desk, op);
                desk.approve(&text, 4);
                desk.look();
                desk.second_key("alice", &text, text.receiving.as_str());
                desk.record_all();
                desk.answer(applied);
            } else {
                play(&mut desk, op);
            }
        }
    }

    /// Any text: no panic; what is read is spelt the same again.
    #[test]
    fn any_text_is_refused_or_canonical(text in "(?s).{0,400}") {
        if let Ok(change) = ChangeText::parse(&text) {
            prop_assert_eq!(change.canonical(), text);
        }
    }

    /// One character changed in a canonical text: refused, or another change with its own spelling and digest.
    #[test]
    fn an_edited_text_is_refused_or_another_change(place in 0usize..4000, with in any::<char>(), how in 0u8..3) {
        let text = Desk::new(1).propose("alice").unwrap();
        let mut chars: Vec<char> = text.canonical().chars().collect();
        let place = place % chars.len();
        match how {
            0 => chars[place] = with,
            1 => chars.insert(place, with),
            _ => drop(chars.remove(place)),
        }
        let edited: String = chars.into_iter().collect();
        if let Ok(change) = ChangeText::parse(&edited) {
            prop_assert_eq!(&change.canonical(), &edited);
            prop_assert_eq!(change == text, edited == text.canonical());
        }
    }

    /// Garbage that claims to be a signature: no panic, never an approval.
    #[test]
    fn armored_garbage_never_counts(body in "[A-Za-z0-9+/=\n]{0,300}", cut in 0usize..400, flip in any::<u8>()) {
        let mut desk = Desk::new(1);
        let text = desk.propose("alice").unwrap();
        desk.signature(format!("-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n"));
        let good = sign(&key(2), NAMESPACE, &text.canonical());
        let mut bytes = good.clone().into_bytes();
        let cut = cut % bytes.len();
        bytes[cut] ^= flip & 0x7f;
        let bad = String::from_utf8_lossy(&bytes).into_owned();
        if signalbox::change::verify(&desk.model.estate, &text, &bad).is_err() {
            desk.signature(bad);
            prop_assert!(!desk.try_to_run(&text));
        } else {
            // Only what spells the same signature may pass.
            let same = ssh_key::SshSig::from_pem(bad.trim().as_bytes()) == ssh_key::SshSig::from_pem(good.as_bytes());
            prop_assert!(same);
        }
    }
}
