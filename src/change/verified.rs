//! Whether a journal record proves what it says.
//!
//! A journal's file holds whatever anyone with write access put there. So nothing about a change is believed unless a
//! person's key signed it. Checked are the digest against the text, the signature against the person's keys, the order,
//! and the approvals before an intent.

use super::gate::may_approve;
use super::proof::consented;
use super::{Binding, Change, ChangeText, Changes, Digest, Presence, Rejection, Statement, Turn, Withdrawal, prove};
use crate::estate::{Estate, PersonName, Role};
use crate::record::{Kept, Record, Signed};
use crate::time::Span;

/// Clocks of two programs on one machine agree within this.
const LATE: Span = Span::from_secs(5);
/// How a proposal begins that nobody signed.
const UNSIGNED: &str = "signalbox change, version 1\n";
/// The times of a proposal are written in whole seconds.
const A_SECOND: Span = Span::from_secs(1);

/// Why a record counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untrue {
    /// It is about another estate or cluster that keeps its journal in the same folder.
    #[error("it is of another estate")]
    Foreign,
    /// It is of a version in which nobody signed what they asked for.
    #[error("it is of a version that did not sign")]
    Older,
    /// It does not prove what it says.
    #[error("{0}")]
    Unproven(String),
}

/// Checks a record against what was taken in before it.
pub(super) fn verified(changes: &Changes, estate: &Estate, binding: &Binding, kept: &Kept) -> Result<(), Untrue> {
    let no = |why: &str| Err(Untrue::Unproven(why.to_owned()));
    let known = kept.record.change().and_then(|digest| changes.get(&digest));
    // The estate as it was when the change was made: of another one than now nothing can run, but its history is true.
    let law = |text: &ChangeText| match text.binding == binding.digest() {
        true => Some(estate),
        false => changes.binding(&text.binding).map(Binding::estate),
    };
    let check = |of: &Change| match changes.is_unbound(&of.text.binding) {
        true => Err(Untrue::Foreign),
        false => Check::of(law(&of.text), kept),
    };
    match (&kept.record, known) {
        (Record::Estate { estate, text }, _) => {
            let read = Binding::read(text).map_err(Untrue::Unproven)?;
            if read.digest() == *estate { Ok(()) } else { no("its text is not the one that its SHA-256 was made of") }
        }
        (Record::Proposed { text, .. }, _) if text.starts_with(UNSIGNED) => Err(Untrue::Older),
        (
            Record::Approved { change, .. }
            | Record::Rejected { change, .. }
            | Record::Withdrawn { change, .. }
            | Record::Intent { change, .. },
            None,
        ) if !changes.is_forgotten(change) => no("its change was not proposed before it"),
        (record, Some(c)) if record.closes() && c.state.has_begun() => {
            no("its change had begun: what is being sent, or was, is taken back by nobody")
        }
        (record, Some(c)) if record.follows_an_intent() && c.state.is_open() => no(
            "no second key of its change that counts stands before it: a line was cut off, or somebody wrote this one; \
                the change is taken for sent, and runs no more",
        ),
        (record, None) if record.follows_an_intent() && record.change().is_some_and(|d| !changes.is_forgotten(&d)) => {
            no("its change was not proposed before it")
        }
        (Record::Approved { .. }, Some(c)) if kept.at.wall.duration_since(c.text.until) > LATE => {
            no("it came after the time until which the change could be approved")
        }
        (Record::Proposed { change, text, signature }, _) => {
            let parsed = ChangeText::parse(text).map_err(|e| Untrue::Unproven(e.to_string()))?;
            // Another name on the same cluster is another estate, whose changes move the same controls.
            if parsed.cluster != estate.cluster.arn || changes.is_unbound(&parsed.binding) {
                return Err(Untrue::Foreign);
            }
            if Digest::of(text) != *change {
                return no("its text is not the one that its digest was made of");
            }
            let (by, check) = (parsed.by.clone(), Check::of(law(&parsed), kept)?);
            // Somebody who signs a proposal by hand does not get to choose how long it may wait.
            let longest = check.law.policy.proposal_expires.saturating_add(A_SECOND);
            if parsed.window() > longest || !parsed.window().is_positive() {
                return no("it may wait longer for its approval than the policy allows");
            }
            if let Some(first) = parsed.misfits(check.law).first() {
                return no(first);
            }
            check.said(parsed, signature, &by, Role::Operator)
        }
        (Record::Approved { by, key, words, signature, .. }, Some(c)) => {
            let check = check(c)?;
            let proof = consented(check.law, &c.text, signature, words, kept.at.wall)
                .map_err(|e| Untrue::Unproven(e.to_string()))?;
            let who = may_approve(check.law, &c.text, proof.people()).map_err(Untrue::Unproven)?;
            match who == by {
                true if proof.key() != key => no("it names another key than the one that signed it"),
                true if c.one_key(signature).is_some_and(|_| c.approvals.iter().all(|a| a.by != *by)) => {
                    no("its key asked for the change, or approved it under another name")
                }
                true => Ok(()),
                false => no(&format!("it was signed by {who}, not by {by}")),
            }
        }
        (Record::Rejected { change, by, reason, signed }, Some(c)) => {
            if check(c)?.law.same_person(by, &c.text.by) {
                return no("who asked for a change does not reject it");
            }
            let Signed { at, nonce, signature } = signed;
            let said = Rejection { change: *change, by: by.clone(), reason: reason.clone(), at: *at, nonce: *nonce };
            check(c)?.said(said, signature, by, Role::Approver)
        }
        (Record::Withdrawn { change, by, signed }, Some(c)) => {
            if *by != c.text.by {
                return no("only who asked for a change takes it back");
            }
            let Signed { at, nonce, signature } = signed;
            let said = Withdrawal { change: *change, by: by.clone(), at: *at, nonce: *nonce };
            check(c)?.said(said, signature, by, Role::Operator)
        }
        (Record::Intent { change, by, region, signed }, Some(c)) => {
            if *by != c.text.by || *region != c.text.receiving {
                return no("only who asked for a change turns its second key, for the region that it names");
            }
            let check = check(c)?;
            if let Some(missing) = c.missing(check.law) {
                return no(&format!("approvals that count were missing: {missing}"));
            }
            let Signed { at, nonce, signature } = signed;
            let said = Turn { change: *change, by: by.clone(), region: region.clone(), at: *at, nonce: *nonce };
            check.said(said, signature, by, Role::Operator)
        }
        (Record::Present { by, key, signed }, _) => {
            let Signed { at, nonce, signature } = signed;
            let under = |law: &Estate| {
                let said = Presence { estate: law.name.clone(), at: *at, nonce: *nonce };
                Check { law, kept }.prove(said, signature)
            };
            let proof = match under(estate) {
                Ok(proof) => proof,
                // A key that has left the estate since: it was true, it counts for nothing now, and accuses nobody.
                Err(_) if changes.estates().any(|law| under(law).is_ok_and(|p| p.people().contains(by))) => {
                    return Err(Untrue::Foreign);
                }
                Err(why) => return Err(why),
            };
            match proof.people().contains(by) {
                true if proof.key() != key => no("it names another key than the one that signed it"),
                true => Ok(()),
                false => no(&format!("it was not signed by {by}")),
            }
        }
        _ => Ok(()),
    }
}

/// A record that is held against the people of an estate.
struct Check<'a> {
    law: &'a Estate,
    kept: &'a Kept,
}

impl<'a> Check<'a> {
    fn of(law: Option<&'a Estate>, kept: &'a Kept) -> Result<Self, Untrue> {
        let law = law.ok_or_else(|| Untrue::Unproven("the estate that it is bound to is not in the journal".into()))?;
        Ok(Self { law, kept })
    }

    fn prove<S: Statement>(&self, said: S, signature: &str) -> Result<super::Proven<S>, Untrue> {
        prove(self.law, said, signature, self.kept.at.wall).map_err(|e| Untrue::Unproven(e.to_string()))
    }

    /// Whether a person in a role said this.
    fn said<S: Statement>(&self, said: S, signature: &str, by: &PersonName, role: Role) -> Result<(), Untrue> {
        self.prove(said, signature)?;
        self.law.in_role(by, role).map(drop).map_err(|why| Untrue::Unproven(why.to_string()))
    }
}
