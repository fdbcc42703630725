//! A console with its disk and its world, and the clerk who watches it.

use signalbox::change::{ChangeText, Digest, Draft, Hands, NAMESPACE, Nonce, State, Turn};
use signalbox::effect::{Effect, EffectId};
use signalbox::estate::{ControlArn, ControlState, Estate, PairName, Person, PersonName, Region, Role};
use signalbox::event::*;
use signalbox::model::Model;
use signalbox::record::{Kept, Record};
use signalbox::time::{Span, Stamp};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::support;

pub fn key(n: u8) -> PrivateKey {
    PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&[n; 32])), format!("key {n}")).unwrap()
}

pub fn sign(key: &PrivateKey, namespace: &str, text: &str) -> String {
    key.sign(namespace, HashAlg::Sha512, text.as_bytes()).unwrap().to_pem(LineEnding::LF).unwrap()
}

/// Keys 1 to 7 belong to people; `alias` is alice and `robert` is bob by another name; 8 is nobody's.
pub fn estate(approvals: u32) -> Estate {
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
            groups: Vec::new(),
            keys: keys.iter().map(|n| key(*n).public_key().to_openssh().unwrap().into()).collect(),
            principals: Vec::new(),
        })
        .collect();
    // What the readings say stands in tests/gating.rs: here nothing is measured, so nothing stops a proposal.
    estate.systems.clear();
    estate.health_checks.clear();
    estate.services.iter_mut().for_each(|s| s.probes.clear());
    estate.policy.approvals = approvals;
    estate.policy.approvals_for_overrides = approvals;
    estate
}

/// The one human being behind a key, if that human may approve.
pub fn human(key: u8) -> Option<char> {
    match key {
        1 | 6 => Some('A'),
        2 | 3 | 7 => Some('B'),
        4 => Some('C'),
        _ => None,
    }
}

/// A console, its disk and its world; and what a careful clerk, who knows nothing of the code, writes down.
pub struct Desk {
    pub model: Model,
    pub at: Stamp,
    pub boot: String,
    pub disk: Vec<Kept>,
    pub waiting: Vec<(EffectId, Record)>,
    pub flips: Vec<(EffectId, Digest)>,
    pub states: BTreeMap<ControlArn, ControlState>,
    pub disputed: BTreeSet<ControlArn>,
    // The clerk's notes.
    pub texts: Vec<(ChangeText, Stamp, String)>,
    pub approvals: BTreeMap<Digest, Vec<(char, Stamp, String)>>,
    /// The journal answers only when it is asked to.
    pub hold: bool,
    /// Whose key signs when somebody's is asked; none: their own.
    pub signs: Option<u8>,
    pub over: BTreeSet<Digest>,
    pub intents: BTreeSet<Digest>,
    pub acked: BTreeSet<Digest>,
    pub sent: BTreeSet<Digest>,
    pub nonce: u128,
}

impl Desk {
    pub fn new(approvals: u32) -> Self {
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
            hold: false,
            signs: None,
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

    pub fn tell(&mut self, what: What) {
        for effect in self.model.update(Event { at: self.at, what }) {
            match effect {
                Effect::Sign(id, errand) => {
                    let own = match errand.by.as_str() {
                        "alice" => 1,
                        "bob" => 2,
                        "robert" => 3,
                        "carol" => 4,
                        "dave" => 5,
                        _ => 6,
                    };
                    let key = key(self.signs.unwrap_or(own));
                    self.tell(What::Signed(id, Ok(sign(&key, errand.act.namespace(), &errand.text))));
                }
                Effect::Record(id, record) => {
                    if let Record::Intent { change, by, region, signed } = &record {
                        self.check_intent(*change, by);
                        let (by, region) = (by.clone(), region.clone());
                        let turn = Turn { change: *change, by, region, at: signed.at, nonce: signed.nonce };
                        assert!(
                            is_signed(&turn, &signed.signature, &turn.by),
                            "the second key is signed by its requester"
                        );
                    }
                    match &record {
                        Record::Proposed { change, text, signature } => {
                            let text = ChangeText::parse(text).expect("what is proposed is canonical");
                            assert_eq!(text.digest(), *change);
                            assert!(is_signed(&text, signature, &text.by), "a proposal is signed by who asks");
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
        if !self.hold {
            self.record_all();
        }
    }

    /// The clerk's own judgement, from the notes alone.
    pub fn check_intent(&mut self, d: Digest, by: &PersonName) {
        let (text, proposed, boot) = self.texts.iter().find(|(t, ..)| t.digest() == d).expect("proposed");
        let now = self.at.mono;
        assert_eq!(&text.by, by, "only the requester turns the second key");
        let same_boot = *boot == self.boot;
        let signed_for = self.at.wall.duration_since(text.at);
        assert!(signed_for <= Span::from_mins(11), "the signed times are over: {signed_for:#}");
        assert!(same_boot || signed_for >= Span::from_secs(-5), "before its beginning, by another boot's clock");
        assert!(!self.over.contains(&d), "a closed change runs");
        let own = if text.by.as_str() == "alice" { 'A' } else { 'B' };
        let signed: Vec<_> = self.approvals.get(&d).cloned().unwrap_or_default();
        let people: BTreeSet<char> = signed.iter().map(|(who, ..)| *who).filter(|who| *who != own).collect();
        let needed = self.model.estate.policy.approvals as usize;
        assert!(people.len() >= needed, "{people:?} are not {needed} others");
        let of_boot = |of: &&(char, Stamp, String)| of.2 == *boot;
        assert!(signed.iter().filter(of_boot).all(|(_, at, _)| at.mono - proposed.mono <= Span::from_mins(10)));
        let here = signed.iter().filter(|(.., of)| *of == self.boot).map(|(_, at, _)| at.mono).max();
        assert!(here.is_none_or(|last| now - last <= Span::from_secs(60)), "the second key came too late");
        for f in text.flips() {
            assert!(!self.disputed.contains(&f.arn), "endpoints disagree");
            assert_eq!(self.states[&f.arn], f.from, "somebody moved {}", f.name);
        }
        assert!(self.intents.insert(d), "a second intent");
    }

    /// All endpoints are asked; where they are to disagree, the first says the opposite.
    pub fn look(&mut self) {
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

    pub fn wait(&mut self, seconds: i64) {
        self.at = self.at.plus(Span::from_secs(seconds));
        self.tell(What::Tick);
    }

    pub fn ask(&mut self, ask: Ask) {
        self.tell(What::Asked(ask));
    }

    pub fn hands(&self, name: &str) -> Hands {
        Hands::of(&self.model.estate, &name.into())
    }

    pub fn draft(&self, to: &str) -> Draft {
        let mut draft = Draft::towards(&self.model.estate, &PairName::from("east"), &Region::from(to)).unwrap();
        draft.reason = "portal targets gone".into();
        draft
    }

    /// Proposes a failover; gives its text where it was let through.
    pub fn propose(&mut self, by: &str) -> Option<ChangeText> {
        self.nonce += 1;
        let (before, nonce) = (self.texts.len(), Nonce(self.nonce));
        let to =
            if self.states[&support::arn("portal-us-east-1")] == ControlState::On { "us-east-2" } else { "us-east-1" };
        let (draft, by) = (self.draft(to), self.hands(by).operator.expect("an operator"));
        self.ask(Ask::Propose { by, draft, nonce });
        self.texts.get(before).map(|(t, ..)| t.clone())
    }

    pub fn signature(&mut self, armored: String) {
        let by = self.hands("alice").courier(Via::Pasted).unwrap();
        self.ask(Ask::Signature { armored, by, of: None });
    }

    /// A true signature over exactly this change.
    pub fn approve(&mut self, text: &ChangeText, n: u8) {
        let d = text.digest();
        let notes = self.approvals.entry(d).or_default();
        if let Some(who) = human(n)
            && !notes.iter().any(|(w, ..)| *w == who)
            && who != if text.by.as_str() == "alice" { 'A' } else { 'B' }
        {
            notes.push((who, self.at, self.boot.clone()));
        }
        self.signature(sign(&key(n), NAMESPACE, &text.canonical()));
    }

    pub fn second_key(&mut self, by: &str, text: &ChangeText, typed: &str) {
        let by = self.hands(by).operator.expect("an operator");
        self.ask(Ask::SecondKey { by, change: text.digest(), typed: typed.into() });
    }

    /// The journal answers.
    pub fn record_all(&mut self) {
        for (id, record) in std::mem::take(&mut self.waiting) {
            if let Record::Intent { change, .. } = record {
                self.acked.insert(change);
            }
            self.tell(What::Recorded(id));
        }
    }

    /// The disk is full: what waits for the journal is not in it.
    pub fn fail_all(&mut self) {
        for (id, record) in std::mem::take(&mut self.waiting) {
            if let Some(i) = self.disk.iter().rposition(|k| k.record == record) {
                self.disk.remove(i);
            }
            self.tell(What::RecordFailed(id, "no space left".into()));
        }
    }

    pub fn answer(&mut self, end: fn() -> FlipEnd) {
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
    pub fn restart(&mut self, same_boot: bool, lines: Vec<Kept>) {
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

    pub fn state(&self, text: &ChangeText) -> State {
        self.model.changes.get(&text.digest()).expect("the change is known").state.clone()
    }

    /// Tries everything that an honest or desperate requester could, and says whether anything was sent.
    pub fn try_to_run(&mut self, text: &ChangeText) -> bool {
        let before = self.sent.len();
        self.second_key(text.by.as_str(), text, text.receiving.as_str());
        self.record_all();
        self.sent.len() > before
    }
}

/// Whether one of a person's keys signed this, by the clerk's own look.
fn is_signed<S: signalbox::change::Statement>(said: &S, armored: &str, by: &PersonName) -> bool {
    let own: &[u8] = match by.as_str() {
        "alice" => &[1],
        "bob" => &[2, 3],
        "carol" => &[4],
        _ => &[],
    };
    let sig = ssh_key::SshSig::from_pem(armored.trim()).expect("a signature");
    let verifies = |n: &u8| key(*n).public_key().verify(S::ACT.namespace(), said.canonical().as_bytes(), &sig).is_ok();
    own.iter().any(verifies)
}

pub fn applied() -> FlipEnd {
    FlipEnd::Applied { endpoint: "us-west-2".into() }
}
