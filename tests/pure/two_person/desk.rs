//! A console with its disk and its world, and the clerk who watches it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use signalbox::change::{
    Act, ChangeText, Digest, Draft, Hands, NAMESPACE, Nonce, Rejection, State, Statement, Turn, Withdrawal,
};
use signalbox::effect::{Effect, EffectId, Errand};
use signalbox::estate::{ControlArn, ControlState, Estate, PairName, PersonName, Region};
use signalbox::event::*;
use signalbox::model::Model;
use signalbox::record::{Kept, Record, Signed};
use signalbox::time::{Span, Stamp};
use ssh_key::{PublicKey, SshSig};

use crate::hand as support;
use crate::two_person::law::Law;
pub use crate::two_person::voices::sign;
use crate::two_person::voices::{How, line, of};

/// The estate of a law whose changes need so many approvals.
pub fn estate(approvals: u32) -> Estate {
    Law::new(approvals).estate(0)
}

/// A proposal as the clerk wrote it down.
#[derive(Clone)]
pub struct Noted {
    pub digest: Digest,
    pub text: ChangeText,
    pub at: Stamp,
    pub boot: String,
    pub law: Law,
}

/// An approval that some voice gave.
#[derive(Clone, Debug)]
pub struct Yes {
    pub who: char,
    pub voice: u8,
    pub at: Stamp,
    pub boot: String,
}

/// A console, its disk and its world; and what a careful clerk, who knows nothing of the code, writes down.
pub struct Desk {
    pub model: Model,
    pub at: Stamp,
    pub boot: String,
    pub disk: Vec<Kept>,
    pub waiting: VecDeque<(EffectId, Kept)>,
    pub flips: Vec<(EffectId, Digest)>,
    pub states: BTreeMap<ControlArn, ControlState>,
    pub disputed: BTreeSet<ControlArn>,
    /// The journal answers only when it is asked to.
    pub hold: bool,
    /// Whose key signs when somebody's is asked; none: their own.
    pub signs: Option<u8>,
    /// Keys answer only when they are asked to.
    pub keys_wait: bool,
    pub errands: Vec<(EffectId, Errand)>,
    // The clerk's notes.
    pub law: Law,
    pub spelling: u8,
    pub texts: Vec<Noted>,
    pub approvals: BTreeMap<Digest, Vec<Yes>>,
    /// What is over as the journal has it, and what a full disk kept out of it.
    pub over: BTreeSet<Digest>,
    pub acked: BTreeSet<Digest>,
    pub sent: BTreeSet<Digest>,
    pub nonce: u128,
}

impl Desk {
    pub fn new(approvals: u32) -> Self {
        Self::of(Law::new(approvals))
    }

    pub fn of(law: Law) -> Self {
        let at = support::start();
        let estate = law.estate(0);
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
            waiting: VecDeque::new(),
            flips: vec![],
            states,
            disputed: BTreeSet::new(),
            hold: false,
            signs: None,
            keys_wait: false,
            errands: vec![],
            law,
            spelling: 0,
            texts: vec![],
            approvals: BTreeMap::new(),
            over: BTreeSet::new(),
            acked: BTreeSet::new(),
            sent: BTreeSet::new(),
            nonce: 0,
        };
        desk.tell(What::Resumed(vec![]));
        desk.look();
        desk
    }

    pub fn tell(&mut self, what: What) {
        self.take(what);
        if !self.hold {
            self.record_all();
        }
    }

    fn take(&mut self, what: What) {
        for effect in self.model.update(Event { at: self.at, what }) {
            match effect {
                Effect::Sign(id, errand) if self.keys_wait => self.errands.push((id, errand)),
                Effect::Sign(id, errand) => self.sign(id, &errand),
                Effect::Record(id, record) => {
                    self.check_record(&record);
                    self.waiting.push_back((id, Kept { at: self.at, boot: self.boot.clone(), record }));
                }
                Effect::Flip(id, order) => {
                    let d = order.change;
                    assert!(self.acked.contains(&d), "sent before the intent was on disk");
                    assert!(self.sent.insert(d), "sent twice");
                    let text = self.noted(d).text.clone();
                    assert_eq!(order.flips, text.flips(), "what is sent is what was signed");
                    let overrides: Vec<_> = text.overrides().iter().map(|o| o.arn.clone()).collect();
                    assert_eq!(order.overrides, overrides);
                    self.flips.push((id, d));
                }
                _ => {}
            }
        }
        self.audit();
    }

    fn sign(&mut self, id: EffectId, errand: &Errand) {
        let own = support::seed_of(errand.by.as_str());
        let armored = sign(self.signs.unwrap_or(own), errand.act.namespace(), &errand.text);
        self.take(What::Signed(id, Ok(armored)));
    }

    /// The keys that are asked answer.
    pub fn answer_keys(&mut self) {
        for (id, errand) in std::mem::take(&mut self.errands) {
            self.sign(id, &errand);
        }
        if !self.hold {
            self.record_all();
        }
    }

    pub fn noted(&self, d: Digest) -> &Noted {
        self.texts.iter().find(|n| n.digest == d).expect("the clerk knows of no such proposal")
    }

    /// Whoever did what is to be kept has signed it.
    fn check_record(&mut self, record: &Record) {
        match record {
            Record::Proposed { change, text, signature } => {
                let text = ChangeText::parse(text).expect("what is proposed is canonical");
                assert_eq!(text.digest(), *change);
                self.is_signed(&text, signature, &text.by);
                let (at, boot, law) = (self.at, self.boot.clone(), self.law.clone());
                self.texts.push(Noted { digest: *change, text, at, boot, law });
            }
            Record::Intent { change, by, region, signed } => {
                self.check_intent(*change, by);
                let Signed { at, nonce, signature } = signed;
                let turn = Turn { change: *change, by: by.clone(), region: region.clone(), at: *at, nonce: *nonce };
                self.is_signed(&turn, signature, by);
            }
            Record::Rejected { change, by, reason, signed } => {
                let Signed { at, nonce, signature } = signed;
                let said =
                    Rejection { change: *change, by: by.clone(), reason: reason.clone(), at: *at, nonce: *nonce };
                self.is_signed(&said, signature, by);
            }
            Record::Withdrawn { change, by, signed } => {
                assert_eq!(*by, self.noted(*change).text.by);
                let Signed { at, nonce, signature } = signed;
                self.is_signed(&Withdrawal { change: *change, by: by.clone(), at: *at, nonce: *nonce }, signature, by);
            }
            _ => {}
        }
    }

    /// One of a person's keys, which is good now, signed this: by the clerk's own look.
    fn is_signed<S: Statement>(&self, said: &S, armored: &str, by: &PersonName) {
        let own: &[u8] = match by.as_str() {
            "alice" => &[1],
            "bob" => &[2, 3, 9, 17, 19],
            "carol" => &[4, 11, 15],
            _ => &[],
        };
        let sig = SshSig::from_pem(armored.trim()).expect("a signature");
        let bytes = sig.signature().as_bytes();
        let signed = |n: &&u8| {
            let key = PublicKey::from_openssh(&line(**n)).unwrap();
            let flags = match of(**n) {
                // Five bytes at the end: the flags and a counter.
                How::Hardware { flags, .. } => bytes.len() > 5 && bytes[bytes.len() - 5] == flags,
                _ => true,
            };
            flags && key.verify(S::ACT.namespace(), said.canonical().as_bytes(), &sig).is_ok()
        };
        let voice = own.iter().find(signed);
        let good = voice.is_some_and(|n| self.law.is_good(*n, self.at.wall));
        assert!(good, "{} by {by} is signed by {voice:?}, under {:?}", S::ACT.words(), self.law);
    }

    /// The clerk's own judgement, from the notes alone.
    fn check_intent(&mut self, d: Digest, by: &PersonName) {
        let Noted { text, at: proposed, boot, law, .. } = self.noted(d).clone();
        let now = self.at;
        assert_eq!(&text.by, by, "only the requester turns the second key");
        assert_eq!(law, self.law, "the estate is another one now");
        let same_boot = boot == self.boot;
        let signed_for = now.wall.duration_since(text.at);
        assert!(signed_for <= Span::from_mins(11), "the signed times are over: {signed_for:#}");
        assert!(same_boot || signed_for >= Span::from_secs(-5), "before its beginning, by another boot's clock");
        assert!(
            !same_boot || now.mono - proposed.mono <= Span::from_mins(11),
            "the windows are over by the boot clock"
        );
        assert!(!self.over.contains(&d), "a closed change runs");
        assert!(!self.sent.contains(&d), "a change that was sent runs again");
        let own = law.called(text.by.as_str());
        let in_time = |yes: &&Yes| {
            let by_boot = yes.boot != boot || yes.at.mono - proposed.mono <= Span::from_mins(10);
            by_boot && yes.at.wall.duration_since(text.at) <= Span::from_mins(10)
        };
        let given = self.approvals.get(&d).map(Vec::as_slice).unwrap_or_default();
        let given: Vec<&Yes> = given.iter().filter(in_time).collect();
        let good = given.iter().filter(|yes| law.human(yes.voice, now.wall) == Some(yes.who));
        let people: BTreeSet<char> = good.map(|yes| yes.who).filter(|who| *who != own).collect();
        assert!(law.is_enough(&people, &text), "{people:?} besides {own} are not enough under {law:?}");
        let fresh = |yes: &&Yes| {
            let by_boot = yes.boot != self.boot || now.mono - yes.at.mono <= Span::from_secs(60);
            by_boot && now.wall.duration_since(yes.at.wall) <= Span::from_secs(60)
        };
        assert!(given.iter().any(fresh), "the second key came too late");
        for f in text.flips() {
            assert!(!self.disputed.contains(&f.arn), "endpoints disagree");
            assert_eq!(self.states[&f.arn], f.from, "somebody moved {}", f.name);
        }
    }

    /// What the console counts, the clerk has heard.
    fn audit(&self) {
        for change in self.model.changes.all() {
            let Some(noted) = self.texts.iter().find(|n| n.digest == change.digest) else { continue };
            let heard = self.approvals.get(&change.digest).map(Vec::as_slice).unwrap_or_default();
            let mut people = BTreeSet::new();
            for approval in &change.approvals {
                let who = noted.law.called(approval.by.as_str());
                assert!(heard.iter().any(|yes| yes.who == who), "{} approved nothing", approval.by);
                assert!(people.insert(who), "{who} counts twice");
                assert_ne!(who, noted.law.called(noted.text.by.as_str()), "who asked approves");
            }
            let enough = noted.law.is_enough(&people, &noted.text);
            assert!(change.state != State::Approved || enough, "{people:?} are not enough under {:?}", noted.law);
        }
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
        let to =
            if self.states[&support::arn("portal-us-east-1")] == ControlState::On { "us-east-2" } else { "us-east-1" };
        let draft = self.draft(to);
        self.propose_draft(by, draft)
    }

    /// Proposes other states of controls of one's own choice.
    pub fn propose_marks(&mut self, by: &str, names: &[&str]) -> Option<ChangeText> {
        let marks = names.iter().map(|n| support::arn(n)).map(|arn| (arn.clone(), self.states.get(&arn).copied()));
        let mut draft = Draft::of_marks(&self.model.estate, &PairName::from("east"), marks).unwrap();
        draft.reason = "one by one".into();
        self.propose_draft(by, draft)
    }

    fn propose_draft(&mut self, by: &str, draft: Draft) -> Option<ChangeText> {
        self.nonce += 1;
        let (before, nonce) = (self.texts.len(), Nonce(self.nonce));
        let by = self.hands(by).operator?;
        self.ask(Ask::Propose { by, draft, nonce });
        self.texts.get(before).map(|n| n.text.clone())
    }

    pub fn signature(&mut self, armored: String) {
        self.signature_for(armored, None);
    }

    pub fn signature_for(&mut self, armored: String, of: Option<Digest>) {
        let by = self.hands("alice").courier(Via::Pasted).unwrap();
        self.ask(Ask::Signature { armored, by, of });
    }

    /// Writes down that a voice truly signed a change, at this console or at one of another boot.
    pub fn note(&mut self, text: &ChangeText, n: u8, at: Stamp, boot: String) {
        // An approval is judged by the people that its change is bound to: of another estate it is history.
        let noted = self.texts.iter().find(|noted| noted.digest == text.digest());
        let law = noted.map_or(&self.law, |noted| &noted.law);
        if let Some(who) = law.human(n, at.wall)
            && who != law.called(text.by.as_str())
        {
            self.approvals.entry(text.digest()).or_default().push(Yes { who, voice: n, at, boot });
        }
    }

    /// A true signature over exactly this change.
    pub fn approve(&mut self, text: &ChangeText, n: u8) {
        self.note(text, n, self.at, self.boot.clone());
        self.signature(sign(n, NAMESPACE, &text.canonical()));
    }

    pub fn second_key(&mut self, by: &str, text: &ChangeText, typed: &str) {
        let Some(by) = self.hands(by).operator else { return };
        self.ask(Ask::SecondKey { by, change: text.digest(), typed: typed.into() });
    }

    /// The journal answers, in the order in which it was asked. It takes an intent once, and none for what is over.
    pub fn record_all(&mut self) {
        while let Some((id, kept)) = self.waiting.pop_front() {
            let answer = match (&kept.record, kept.record.change()) {
                (Record::Intent { .. }, Some(d)) if self.acked.contains(&d) => {
                    What::Lost(id, "a change runs once".into())
                }
                (Record::Intent { .. }, Some(d)) if self.over.contains(&d) => {
                    What::RecordFailed(id, "it is over".into())
                }
                (record, Some(d)) => {
                    match record {
                        Record::Intent { .. } => drop(self.acked.insert(d)),
                        record if record.closes() => drop(self.over.insert(d)),
                        _ => {}
                    }
                    self.disk.push(kept);
                    What::Recorded(id)
                }
                (_, None) => {
                    self.disk.push(kept);
                    What::Recorded(id)
                }
            };
            self.take(answer);
        }
    }

    /// The disk is full: what waits for the journal is not in it.
    pub fn fail_all(&mut self) {
        for (id, _) in std::mem::take(&mut self.waiting) {
            self.take(What::RecordFailed(id, "no space left".into()));
        }
    }

    pub fn answer(&mut self, end: fn() -> FlipEnd) {
        for (id, d) in std::mem::take(&mut self.flips) {
            let end = end();
            if matches!(end, FlipEnd::Applied { .. }) {
                for f in self.noted(d).text.clone().flips() {
                    self.states.insert(f.arn.clone(), f.to);
                }
            }
            self.tell(What::Flipped(id, FlipOutcome { end, attempts: vec![] }));
            self.wait(1);
            self.look();
        }
    }

    /// The console is started again on these lines, with the estate as it is now.
    pub fn restart(&mut self, same_boot: bool, lines: Vec<Kept>) {
        if !same_boot {
            self.boot = format!("{}+", self.boot);
            self.at.mono = Span::from_secs(7);
        }
        self.at = self.at.plus(Span::from_secs(2));
        self.waiting.clear();
        self.flips.clear();
        self.errands.clear();
        let estate = Arc::new(self.law.estate(self.spelling));
        self.model = Model::new(estate, self.boot.clone(), self.at);
        self.tell(What::Resumed(lines));
        self.look();
    }

    /// What somebody wrote into the journal besides this console: it is told, and is there after a restart.
    pub fn forge(&mut self, at: Stamp, boot: &str, record: Record) {
        let kept = Kept { at, boot: boot.into(), record };
        self.disk.push(kept.clone());
        self.tell(What::Elsewhere(vec![kept]));
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

pub fn applied() -> FlipEnd {
    FlipEnd::Applied { endpoint: "us-west-2".into() }
}

/// The namespace of each deed.
pub const ACTS: [Act; 6] = [Act::Propose, Act::Approve, Act::Reject, Act::Withdraw, Act::SecondKey, Act::Presence];
