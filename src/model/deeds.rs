//! What people ask for. A deed has two steps: first the gate says what must be signed; then the person's key signs it,
//! and only the resulting proof is judged and kept.

use super::lifecycle::Pending;
use super::points::Wish;
use super::{Model, Severity};
use crate::change::gate::{self, NotRun};
use crate::change::{
    Act, ChangeText, Consent, Digest, Draft, Handed, Nonce, Operator, Presence, ProofError, Proven, Rejection,
    Statement, Turn, Withdrawal, prove,
};
use crate::effect::{Effect, EffectId, Errand};
use crate::estate::{PairName, PersonName};
use crate::event::{Ask, Via};
use crate::record::{Record, Signed, Tried};
use crate::time::Span;
use crate::words::ended_by_signal;

/// How long after a second key what was known at it is gathered.
const GATHERED_WITHIN: Span = Span::from_secs(1);
/// A key that answers within this was not waited for.
const AT_ONCE: Span = Span::from_millis(400);
/// How long a key counts as proven to work.
const PROOF_LASTS: Span = Span::from_hours(24 * 30);

/// A deed that waits for its person's key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Deed {
    Propose(Box<ChangeText>),
    Approve { by: PersonName, change: Digest, consent: Consent },
    Reject(Rejection),
    Withdraw(Withdrawal),
    Turn(Turn),
}

impl Deed {
    fn by(&self) -> &PersonName {
        match self {
            Deed::Propose(text) => &text.by,
            Deed::Approve { by, .. } => by,
            Deed::Reject(said) => &said.by,
            Deed::Withdraw(said) => &said.by,
            Deed::Turn(said) => &said.by,
        }
    }

    fn act(&self) -> Act {
        match self {
            Deed::Propose(_) => ChangeText::ACT,
            Deed::Approve { .. } => Consent::ACT,
            Deed::Reject(_) => Rejection::ACT,
            Deed::Withdraw(_) => Withdrawal::ACT,
            Deed::Turn(_) => Turn::ACT,
        }
    }

    fn text(&self) -> String {
        match self {
            Deed::Propose(text) => text.canonical(),
            Deed::Approve { consent, .. } => consent.canonical(),
            Deed::Reject(said) => said.canonical(),
            Deed::Withdraw(said) => said.canonical(),
            Deed::Turn(said) => said.canonical(),
        }
    }

    fn change(&self) -> Option<Digest> {
        match self {
            Deed::Propose(_) => None,
            Deed::Approve { change, .. } => Some(*change),
            Deed::Reject(said) => Some(said.change),
            Deed::Withdraw(said) => Some(said.change),
            Deed::Turn(said) => Some(said.change),
        }
    }
}

impl Model {
    pub(crate) fn asked(&mut self, ask: Ask) {
        if let Some(why) = self.read_only.clone() {
            let by = ask.who().cloned();
            self.refuse(by.as_ref(), format!("this console is read-only: {why}"));
            return;
        }
        if self.leaving {
            let (by, why) = (ask.who().cloned(), ended_by_signal().to_owned());
            return match ask.tried() {
                Some(tried) => self.refused_to(ask.change(), by, tried, why),
                None => self.refuse(by.as_ref(), why),
            };
        }
        match ask {
            Ask::Propose { by, draft, nonce } => match self.wanted_points(&draft) {
                Some(_) => self.find_points(Wish { by, draft, nonce }),
                None => self.propose(&by, draft, nonce),
            },
            // Nothing is spent on what cannot be sent: the change stays approved.
            Ask::SecondKey { by, change, .. } if self.may_not_act(&change).is_some() => {
                let why = self.may_not_act(&change).unwrap_or_default();
                self.refused_to(Some(change), Some(by.name().clone()), Tried::SecondKey, why);
            }
            Ask::SecondKey { by, change, typed } => {
                let nonce = self.fresh(by.name());
                match self.gate(|w| gate::turn(w, by.name(), &change, &typed, nonce)) {
                    Ok(turn) => self.have_signed(Deed::Turn(turn)),
                    Err(why) => {
                        let why = why.to_string();
                        self.refuse(Some(by.name()), why.clone());
                        if let Some(outdated) = self.gate(|w| gate::outdated(w, by.name(), &change)) {
                            return self.keep(outdated);
                        }
                        self.keep(Record::SecondKeyRefused { change, by: by.name().clone(), why });
                    }
                }
            }
            Ask::Withdraw { by, change } => {
                let nonce = self.fresh(by.name());
                match self.gate(|w| gate::withdrawal(w, by.name(), &change, nonce)) {
                    Ok(said) => self.have_signed(Deed::Withdraw(said)),
                    Err(why) => self.refused(Some(change), by.name(), Tried::Withdraw, why),
                }
            }
            Ask::Reject { by, change, reason } => {
                let nonce = self.fresh(by.name());
                match self.gate(|w| gate::rejection(w, by.name(), &change, &reason, nonce)) {
                    Ok(said) => self.have_signed(Deed::Reject(said)),
                    Err(why) => self.refused(Some(change), by.name(), Tried::Reject, why),
                }
            }
            Ask::Approve { by, change, typed } => match self.gate(|w| gate::approve(w, by.name(), &change, &typed)) {
                Ok(consent) => self.have_signed(Deed::Approve { by: by.name().clone(), change, consent }),
                Err(why) => self.refused(Some(change), by.name(), Tried::Approve, why),
            },
            // A folder is read again after a restart; what was counted before is no news.
            Ask::Signature { armored, by, .. } if by.via() == Via::Folder && self.changes.has_counted(&armored) => {}
            Ask::Signature { armored, by, of } => self.signature(&armored, by.via(), of.as_ref()),
            Ask::Present { by, key, signed } => self.keep(Record::Present { by, key, signed }),
            Ask::Reading { by, change } => {
                if self.changes.reading(&change, by.name())
                    && let Some(pair) = self.changes.get(&change).map(|c| c.text.pair.clone())
                {
                    let text = format!("is reading change {}", change.words());
                    self.note(Some(pair), by.name().as_str(), Severity::Info, text);
                }
            }
            Ask::Note { by, pair, text } => {
                self.keep(Record::Seen { pair: Some(pair), source: by.name().to_string(), text });
            }
            Ask::Moment { by, pair, text, was } => {
                match was.map_or(Ok(()), |at| crate::time::may_have_been(at, self.now.wall)) {
                    Ok(()) => self.keep(Record::Moment { pair, by: by.name().clone(), text, was }),
                    Err(why) => self.refused(None, by.name(), Tried::Moment, why),
                }
            }
            Ask::Told { by, pair } => self.told(&by, &pair),
            Ask::Begin { by, session } => self.begin(&by, session),
            Ask::End { by, pair } => self.end(&by, &pair),
        }
    }

    /// Has a draft frozen and signed by its requester's key, or refuses it.
    pub(crate) fn propose(&mut self, by: &Operator, draft: Draft, nonce: Nonce) {
        let loss = self.loss_of(&draft);
        let stops = self.stops(&draft);
        match self.gate_with(&stops, |w| gate::propose(w, by.name(), &draft, &loss, nonce)) {
            Ok(text) => self.have_signed(Deed::Propose(Box::new(text))),
            Err(why) => self.proposal_refused(by, draft.title, why),
        }
    }

    pub(crate) fn proposal_refused(&mut self, by: &Operator, title: String, why: String) {
        self.refuse(Some(by.name()), why.clone());
        self.keep(Record::ProposalRefused { by: by.name().clone(), title, why });
    }

    /// A signal told this command to end: what a key is still being asked for is dropped, and nothing is begun any more.
    pub(crate) fn leave(&mut self) {
        self.leaving = true;
        let asked = |p: &Pending| match p {
            Pending::Deed(deed, _) => Some((deed.change(), deed.by().clone(), deed.act())),
            Pending::Points(wish) => Some((None, wish.by.name().clone(), Act::Propose)),
            _ => None,
        };
        let dropped: Vec<_> = self.pending.values().filter_map(asked).collect();
        self.pending.retain(|_, p| !matches!(p, Pending::Deed(..) | Pending::Points(_)));
        for (change, by, act) in dropped {
            self.refused(change, &by, act, ended_by_signal().to_owned());
        }
    }

    /// Whether this command was told to end and may: nothing that was asked for or sent has yet to be answered.
    #[must_use]
    pub fn may_leave(&self) -> bool {
        let under_way = self.sent_here.iter().any(|d| self.changes.get(d).is_some_and(|c| c.state.is_running()));
        self.leaving && !under_way && !self.is_busy() && !self.is_sending()
    }

    /// Says no, and keeps that it was said.
    pub(crate) fn refused(&mut self, change: Option<Digest>, by: &PersonName, what: impl Into<Tried>, why: String) {
        self.refused_to(change, Some(by.clone()), what.into(), why);
    }

    fn refused_to(&mut self, change: Option<Digest>, by: Option<PersonName>, what: Tried, why: String) {
        self.refuse(by.as_ref(), why.clone());
        self.keep(Record::Refused { change, by, what, why });
    }

    /// A number that no other statement has.
    fn fresh(&self, by: &PersonName) -> Nonce {
        let at = self.now.mono.as_nanos();
        Nonce::made_of(&[&self.anchor, &self.boot, &self.now.wall, &at, &self.next_effect, by])
    }

    fn have_signed(&mut self, deed: Deed) {
        if self.pending.values().any(|p| matches!(p, Pending::Deed(other, _) if other.by() == deed.by())) {
            let why = "your key is asked already: touch it if it blinks, or answer your ssh-agent".to_owned();
            return self.refused(deed.change(), deed.by(), deed.act(), why);
        }
        let errand = Errand { by: deed.by().clone(), act: deed.act(), text: deed.text() };
        self.effect(Some(Pending::Deed(deed, self.now)), |id| Effect::Sign(id, errand));
    }

    /// What a person's key is being asked for, where it does not answer at once: it waits for a touch, or an answer.
    #[must_use]
    pub fn signing(&self, by: &PersonName) -> Option<Act> {
        self.pending.values().find_map(|p| match p {
            Pending::Deed(deed, since) if deed.by() == by && self.now.since(*since) >= AT_ONCE => Some(deed.act()),
            _ => None,
        })
    }

    /// A person's key has signed, or has not.
    pub(crate) fn signed(&mut self, id: EffectId, answer: Result<String, String>) {
        let Some(Pending::Deed(deed, _)) = self.pending.remove(&id) else { return };
        let (by, change, act) = (deed.by().clone(), deed.change(), deed.act());
        let judged = match answer {
            Err(why) => Err(format!("not signed: {why}")),
            Ok(armored) => self.judge_deed(deed, &armored).map_err(|e| format!("the signature does not count: {e}")),
        };
        match judged {
            Ok(()) => {}
            Err(why) => self.refused(change, &by, act, why),
        }
    }

    fn judge_deed(&mut self, deed: Deed, armored: &str) -> Result<(), ProofError> {
        let (estate, at) = (self.estate.clone(), self.now.wall);
        match deed {
            Deed::Propose(text) => {
                let proof = prove(&estate, *text, armored, at)?;
                let record = self.gate(|w| gate::proposed(w, &proof));
                if let Record::ProposalRefused { why, .. } = &record {
                    self.refuse(proof.people().first(), why.clone());
                } else {
                    self.keep_binding();
                }
                self.keep(record);
            }
            // The same door as for one that is pasted or found: the gate asks again whose key it is, and over what.
            Deed::Approve { change, .. } => self.signature(armored, Via::Console, Some(&change)),
            Deed::Turn(turn) => {
                let proof = prove(&estate, turn, armored, at)?;
                self.turned(&proof);
            }
            Deed::Reject(said) => {
                let proof = prove(&estate, said, armored, at)?;
                let judged = self.gate(|w| gate::reject(w, &proof));
                self.keep_or_refuse(proof.statement().change, &proof.statement().by.clone(), Tried::Reject, judged);
            }
            Deed::Withdraw(said) => {
                let proof = prove(&estate, said, armored, at)?;
                let judged = self.gate(|w| gate::withdraw(w, &proof));
                self.keep_or_refuse(proof.statement().change, &proof.statement().by.clone(), Tried::Withdraw, judged);
            }
        }
        Ok(())
    }

    fn keep_or_refuse(&mut self, change: Digest, by: &PersonName, what: Tried, judged: Result<Record, String>) {
        match judged {
            Ok(record) => self.keep(record),
            Err(why) => self.refused(Some(change), by, what, why),
        }
    }

    /// Whether approvals are what keeps a person from running a change.
    #[must_use]
    pub fn lacks_approvals(&self, by: &PersonName, change: &Digest, typed: &str) -> bool {
        matches!(self.gate(|w| gate::turn(w, by, change, typed, Nonce(0))), Err(NotRun::Unapproved(_)))
    }

    fn turned(&mut self, proof: &Proven<Turn>) {
        let record = self.gate(|w| gate::second_key(w, proof));
        if let Record::SecondKeyRefused { why, .. } = &record {
            self.refuse(Some(&proof.statement().by), why.clone());
        }
        self.keep(record);
    }

    /// Whether what is known at a change's second key is still being gathered. The move itself waits for none of it.
    #[must_use]
    pub fn gathers(&self, change: &Digest) -> bool {
        self.figures_due.contains_key(change)
    }

    /// Keeps what was known when a second key was turned, which nobody can find out afterwards: once all sources but ARC
    /// have spoken, or a moment is over.
    pub(crate) fn follow_figures(&mut self) {
        if self.figures_due.is_empty() {
            return;
        }
        let due = std::mem::take(&mut self.figures_due);
        let heard = self.only_arc || self.all_but_arc_heard();
        for (change, asked) in due {
            if !heard && self.now.since(asked) < GATHERED_WITHIN {
                self.figures_due.insert(change, asked);
            } else if let Some(figures) = self.figures(&change) {
                self.keep(Record::Figures { change, figures });
            }
        }
    }

    /// The estate that a proposal is bound to is in the journal before it, once.
    fn keep_binding(&mut self) {
        // What the journal has, the journal knows: it may have been cut meanwhile.
        self.keep(Record::Estate { estate: self.binding.digest(), text: self.binding.text().to_owned() });
    }

    fn signature(&mut self, armored: &str, via: Via, of: Option<&Digest>) {
        let handed = Handed::of(&self.estate, &self.changes, armored, self.now.wall);
        let record = self.gate(|w| gate::approved(w, &handed, via, of));
        if let Record::ApprovalRefused { why, .. } = &record {
            self.refuse(None, format!("the signature does not count: {why}"));
        }
        self.keep(record);
    }

    fn told(&mut self, by: &Operator, pair: &PairName) {
        if self.running_incident(pair).is_some() {
            self.keep(Record::Step { pair: pair.clone(), step: 7, done: true });
            let text = "people were told".to_owned();
            self.keep(Record::Seen { pair: Some(pair.clone()), source: by.name().to_string(), text });
        } else {
            self.refuse(Some(by.name()), "nothing is going on that people could be told of".into());
        }
    }

    /// Remembers who proved that their key works, from any record that it signed.
    pub(crate) fn proved(&mut self, kept: &crate::record::Kept) {
        // Of another estate's changes the journal itself says who people are.
        let ours = |digest: &Digest| self.changes.get(digest).filter(|c| c.is_ours);
        let text = |change: &Digest| ours(change).map(|c| &c.text);
        if kept.record.change().is_some_and(|digest| ours(&digest).is_none()) {
            return;
        }
        // By what was signed, as far as that says it: somebody can write a line again later.
        let (by, key, signed) = match &kept.record {
            Record::Present { by, key, signed } => (by.clone(), Some(key.clone()), signed.at),
            Record::Approved { by, key, change, .. } => match text(change) {
                Some(text) => (by.clone(), Some(key.clone()), text.until),
                None => return,
            },
            Record::Rejected { by, signed, .. }
            | Record::Withdrawn { by, signed, .. }
            | Record::Intent { by, signed, .. } => (by.clone(), None, signed.at),
            Record::Proposed { change, .. } => match text(change) {
                Some(text) => (text.by.clone(), None, text.at),
                None => return,
            },
            _ => return,
        };
        let proof = super::LastSigned { at: signed.min(kept.at.wall), key };
        match self.proofs.get_mut(&by) {
            Some(known) if known.at > proof.at => {}
            Some(known) => *known = proof,
            None => drop(self.proofs.insert(by, proof)),
        }
    }

    /// Whether it is too long ago that a person proved that their key works, or they never did.
    #[must_use]
    pub fn proof_is_due(&self, name: &PersonName) -> bool {
        self.proofs.get(name).is_none_or(|p| self.now.wall.duration_since(p.at) > PROOF_LASTS)
    }

    /// When a person last proved that their key works.
    #[must_use]
    pub fn proof_words(&self, name: &PersonName) -> String {
        match self.proofs.get(name) {
            None => "has not signed under this estate file".to_owned(),
            Some(proof) => {
                let days = self.now.wall.duration_since(proof.at).as_hours() / 24;
                let when = proof.at.strftime("%Y-%m-%d");
                match days {
                    ..=0 => format!("signed today ({when})"),
                    1 => format!("signed a day ago ({when})"),
                    _ => format!("signed {days} days ago ({when})"),
                }
            }
        }
    }
}

impl Ask {
    /// The requester; none for a signature, whose maker is found by its key.
    #[must_use]
    pub fn who(&self) -> Option<&PersonName> {
        match self {
            Ask::Propose { by, .. }
            | Ask::SecondKey { by, .. }
            | Ask::Withdraw { by, .. }
            | Ask::Note { by, .. }
            | Ask::Moment { by, .. }
            | Ask::Told { by, .. }
            | Ask::Begin { by, .. }
            | Ask::End { by, .. } => Some(by.name()),
            Ask::Reject { by, .. } | Ask::Reading { by, .. } | Ask::Approve { by, .. } => Some(by.name()),
            Ask::Present { by, .. } => Some(by),
            Ask::Signature { .. } => None,
        }
    }

    /// What they try to do; none of what is no deed of a person.
    fn tried(&self) -> Option<Tried> {
        Some(match self {
            Ask::Propose { .. } => Tried::Propose,
            Ask::SecondKey { .. } => Tried::SecondKey,
            Ask::Withdraw { .. } => Tried::Withdraw,
            Ask::Reject { .. } => Tried::Reject,
            Ask::Approve { .. } => Tried::Approve,
            Ask::Begin { .. } => Tried::Begin,
            Ask::End { .. } => Tried::End,
            Ask::Moment { .. } => Tried::Moment,
            Ask::Note { .. } => Tried::Note,
            Ask::Told { .. } => Tried::Told,
            Ask::Signature { .. } | Ask::Present { .. } | Ask::Reading { .. } => return None,
        })
    }

    /// The change that it is about.
    fn change(&self) -> Option<Digest> {
        match self {
            Ask::SecondKey { change, .. }
            | Ask::Withdraw { change, .. }
            | Ask::Reject { change, .. }
            | Ask::Approve { change, .. }
            | Ask::Reading { change, .. } => Some(*change),
            Ask::Signature { of, .. } => *of,
            Ask::Propose { .. }
            | Ask::Present { .. }
            | Ask::Note { .. }
            | Ask::Moment { .. }
            | Ask::Begin { .. }
            | Ask::End { .. }
            | Ask::Told { .. } => None,
        }
    }
}

impl Ask {
    /// Keeps that somebody's key answered a challenge.
    #[must_use]
    pub fn present(by: &PersonName, proof: &Proven<Presence>) -> Self {
        let Presence { at, nonce, .. } = proof.statement();
        let signed = Signed { at: *at, nonce: *nonce, signature: proof.signature().to_owned() };
        Ask::Present { by: by.clone(), key: proof.key().to_owned(), signed }
    }
}
