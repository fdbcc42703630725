//! The gate: every decision about a change is made here, and comes out as records to keep.
//!
//! Nothing here changes anything. The model keeps the records and folds them (`Changes::apply`). A deed has two halves.
//! The first says what must be signed (`propose`, `turn`, …), so that nobody is asked for a touch in vain. The second
//! judges what was signed (`proposed`, `second_key`, …); it takes proofs ([`Proven`]) and nothing else.

use std::collections::{BTreeMap, BTreeSet};

mod approving;
mod launch;

pub use approving::consent as approve;

use super::batches::{MOST_CONTROLS, batches, predict_all, stops_half_way};
use super::limits::{self, LONGEST_CHECK, LONGEST_LOSS, MOST_CHECKS, clip};
use super::{
    Anchor, Binding, Change, ChangeText, Changes, Consent, Despite, Digest, Draft, Flip, Handed, Lapse, Nonce,
    NotConsent, Override, Proven, Rejection, State, Turn, Wanted, Withdrawal, Work, consented, drop_blinding,
};
use crate::estate::{ControlArn, ControlState, Estate, Need, Person, PersonName, Region, Role, RuleArn};
use crate::event::{ApartServer, DrsJob, DrsServer, Via};
use crate::hygiene::one_line;
use crate::record::{Record, Signed};
use crate::time::{Moment, Span, Stamp, Timestamp};

/// Changes that may wait at the same time; more would be confusion, not work.
const MOST_OPEN: usize = 8;
/// Events that were stamped in parallel may come in this far out of order.
const OUT_OF_ORDER: Span = Span::from_secs(5);
/// A change may be asked for so far ahead of this machine's wall clock: people's clocks differ, and a clock set back keeps
/// nothing open (the boot clock holds as well).
pub const AHEAD: Span = Span::from_mins(2);

/// What the gate needs to know of the world to judge.
pub struct World<'a> {
    /// The estate.
    pub estate: &'a Estate,
    /// What the endpoints agree on now; a control that is missing is not known, or disagreed upon.
    pub states: &'a BTreeMap<ControlArn, ControlState>,
    /// The changes so far.
    pub changes: &'a Changes,
    /// What DRS says now, by region; a region that is missing is not known.
    pub drs: BTreeMap<&'a Region, DrsNow<'a>>,
    /// Preflight checks that stop a proposal, in words, unless it says why they are overridden.
    pub stops: &'a [String],
    /// What decides in the estate, and its digest.
    pub binding: &'a Binding,
    /// The journal and its last line.
    pub anchor: &'a Anchor,
    /// The boot that `at.mono` belongs to.
    pub boot: &'a str,
    /// Now.
    pub at: Stamp,
}

impl World<'_> {
    fn now(&self) -> Moment {
        Moment { stamp: self.at, boot: self.boot.to_owned() }
    }

    fn may(&self, by: &PersonName, role: Role) -> Result<&Person, String> {
        self.estate.in_role(by, role).map_err(|why| why.to_string())
    }
}

/// DRS of a region as it answered a moment ago.
#[derive(Clone, Debug)]
pub struct DrsNow<'a> {
    /// Its source servers.
    pub servers: &'a [DrsServer],
    /// What else DRS lists there, which is not launched.
    pub apart: &'a [ApartServer],
    /// All of its jobs that are not over; or why they are not known.
    pub jobs: Result<&'a [DrsJob], String>,
}

/// Freezes a draft: the text that the requester is to sign.
///
/// # Errors
/// In words, what the requester must mend.
pub fn propose(w: &World<'_>, by: &PersonName, draft: &Draft, loss: &str, nonce: Nonce) -> Result<ChangeText, String> {
    w.may(by, Role::Operator)?;
    let reason = one_line(&draft.reason);
    limits::reason("the reason, which the approver and the report show,", &reason).map_or(Ok(()), Err)?;
    room(w, by)?;
    let pair = w.estate.pair(&draft.pair).ok_or_else(|| format!("no pair is called `{}`", draft.pair))?;
    if pair.side(&draft.receiving).is_none() {
        return Err(format!("region {} is not part of pair {}", draft.receiving, draft.pair));
    }
    let work = match &draft.wanted {
        Wanted::Controls { to, overrides } => controls(w, to, overrides)?,
        Wanted::Launch(wanted) => Work::Launch(launch::wanted(w, &draft.receiving, wanted)?),
    };
    let despite = despite(w, draft)?;
    let mut text = ChangeText {
        estate: one_line(&w.estate.name).into_owned(),
        binding: w.binding.digest(),
        cluster: w.estate.cluster.arn.clone(),
        pair: draft.pair.clone(),
        title: draft.title.clone(),
        receiving: draft.receiving.clone(),
        work,
        despite,
        loss: clip(&one_line(loss), LONGEST_LOSS),
        reason: reason.into_owned(),
        by: by.clone(),
        at: whole_seconds(w.at.wall),
        until: whole_seconds(w.at.plus(w.estate.policy.proposal_expires).wall),
        anchor: w.anchor.clone(),
        nonce,
    };
    let pretends = text.leaves_behind(w.estate, w.states).is_some();
    if pretends || !text.titles(w.estate).contains(&text.title) {
        text.title = text.own_title();
    }
    if let Some(first) = text.misfits(w.estate).into_iter().next() {
        return Err(first);
    }
    // What is kept and signed is what parsing the canonical text gives: one meaning, one spelling.
    ChangeText::parse(&text.canonical()).map_err(|e| e.to_string())
}

/// Whether a person may propose one more. Nobody's proposals count against anybody else's limit.
fn room(w: &World<'_>, by: &PersonName) -> Result<(), String> {
    let own: Vec<String> =
        w.changes.open().filter(|c| w.estate.same_person(&c.text.by, by)).map(|c| c.digest.words()).collect();
    match own.len() < MOST_OPEN {
        true => Ok(()),
        false => Err(format!("{MOST_OPEN} changes of yours are waiting: withdraw one first ({})", own.join(", "))),
    }
}

/// The controls that have to move.
fn controls(w: &World<'_>, to: &[(ControlArn, ControlState)], overridden: &[RuleArn]) -> Result<Work, String> {
    let mut flips = Vec::new();
    let mut seen = BTreeSet::new();
    for (arn, to) in to {
        let control = w.estate.control(arn).ok_or_else(|| format!("the estate has no routing control {arn}"))?;
        if !seen.insert(arn) {
            return Err(format!("{} stands in the change twice", control.name));
        }
        let from = *w.states.get(arn).ok_or_else(|| {
            format!("the state of {} is not known now: no cluster endpoint answers, or they disagree", control.name)
        })?;
        if from != *to {
            flips.push(Flip { arn: arn.clone(), name: control.name.clone(), from, to: *to });
        }
    }
    if flips.is_empty() {
        return Err("every control is in the state asked for already: there is nothing to change".into());
    }
    if flips.len() > MOST_CONTROLS {
        return Err(format!("a cluster has {MOST_CONTROLS} controls at most, this change has {}", flips.len()));
    }
    // They stand in the text as they are sent.
    let flips = batches(&flips).concat();
    // What nobody would refuse needs no override: it would only make the rule blind.
    let mut needed = overridden.to_vec();
    for arn in overridden {
        w.estate.rule(arn).ok_or_else(|| format!("the estate has no safety rule {arn}"))?;
    }
    drop_blinding(&mut needed, &predict_all(&w.estate.safety_rules, w.states, &flips, overridden));
    if let Some(why) = stops_half_way(&w.estate.safety_rules, w.states, &flips, &needed) {
        return Err(why);
    }
    let mut overrides = Vec::new();
    for arn in &needed {
        let rule = w.estate.rule(arn).ok_or_else(|| format!("the estate has no safety rule {arn}"))?;
        overrides.push(Override { arn: arn.clone(), name: rule.name.clone() });
    }
    let steers = flips.iter().any(|f| w.estate.service_of_control(&f.arn).is_some());
    Ok(Work::Controls { steers, flips, overrides })
}

/// Failing checks stop a proposal, unless somebody says why not: the approver then signs both.
fn despite(w: &World<'_>, draft: &Draft) -> Result<Option<Despite>, String> {
    let Some(first) = w.stops.first() else { return Ok(None) };
    let reason = one_line(&draft.despite);
    let others = match w.stops.len() {
        1 => String::new(),
        n => format!(" and {} more", n - 1),
    };
    if reason.is_empty() {
        let do_that = "fix that, or override it with a reason, which the approver signs";
        return Err(format!("preflight fails: {first}{others}; {do_that}"));
    }
    limits::reason("the reason for the override", &reason).map_or(Ok(()), Err)?;
    let mut checks: Vec<String> = w.stops.iter().take(MOST_CHECKS).map(|c| clip(&one_line(c), LONGEST_CHECK)).collect();
    if w.stops.len() > MOST_CHECKS {
        checks.push(format!("and {} more", w.stops.len() - MOST_CHECKS));
    }
    Ok(Some(Despite { checks, reason: reason.into_owned() }))
}

/// A proposal that its requester has signed: the record that makes it one, or why not. The world may have gone on while
/// the key was asked.
#[must_use]
pub fn proposed(w: &World<'_>, proof: &Proven<ChangeText>) -> Record {
    let text = proof.statement();
    let refuse = |why: String| Record::ProposalRefused { by: text.by.clone(), title: text.title.clone(), why };
    if let Err(why) = w.may(&text.by, Role::Operator) {
        return refuse(why);
    }
    if text.binding != w.binding.digest() {
        return refuse("the estate changed while it was being signed; propose again".into());
    }
    if w.at.wall.duration_since(text.at) > text.window() {
        return refuse("the signature took longer than the proposal may wait; propose again".into());
    }
    if let Err(why) = room(w, &text.by) {
        return refuse(why);
    }
    let canonical = text.canonical();
    Record::Proposed { change: Digest::of(&canonical), text: canonical, signature: proof.signature().to_owned() }
}

/// People read these times aloud; the windows are measured elsewhere.
fn whole_seconds(at: crate::time::Timestamp) -> crate::time::Timestamp {
    crate::time::Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// Judges a signature that was handed in or found: either an approval of the one open change that it was proven to be
/// over, or a refusal. `of` is the change that it was handed in for, if one was named: a signature over another change
/// then approves nothing.
#[must_use]
pub fn approved(w: &World<'_>, handed: &Handed, via: Via, of: Option<&Digest>) -> Record {
    let refuse = |change, why| Record::ApprovalRefused { change, via, why, of: Some(handed.signature) };
    let (digest, proof) = match &handed.proof {
        Ok(proven) => proven,
        Err(NotConsent { change, why }) => return refuse(change.or(of.copied()), why.clone()),
    };
    if let Some(named) = of.filter(|named| **named != *digest) {
        let (this, that) = (digest.words(), named.words());
        let why = format!("the signature is over change {this}, not over {that}: nothing is approved");
        return refuse(Some(*named), why);
    }
    match w.changes.get(digest) {
        Some(change) => approval(w, change, proof, handed.signature, via),
        None => refuse(Some(*digest), "there is no change to approve".into()),
    }
}

fn approval(w: &World<'_>, change: &Change, proof: &Proven<Consent>, signature: Digest, via: Via) -> Record {
    let of = Some(signature);
    let refuse = |why: String| Record::ApprovalRefused { change: Some(change.digest), via, why, of };
    let by = match approver(w, change, proof.people()) {
        Ok(by) => by.clone(),
        Err(why) => return refuse(why),
    };
    if let Some(why) = shut(w, change) {
        return refuse(why);
    }
    if too_late(w, change) {
        return refuse(format!("not approved within {:#}", change.text.window()));
    }
    if let Some(why) = change.one_key(proof.signature()) {
        return refuse(why);
    }
    if change.approvals.iter().any(|a| w.estate.same_person(&a.by, &by)) {
        return refuse(format!("{by} has approved this change already and counts once"));
    }
    Record::Approved {
        change: change.digest,
        by,
        key: proof.key().to_owned(),
        via,
        words: proof.statement().words.clone(),
        signature: proof.signature().to_owned(),
    }
}

/// Which of a key's names may approve a change: an approver who is not the requester under any name.
pub(super) fn may_approve<'p>(
    estate: &Estate,
    text: &ChangeText,
    people: &'p [PersonName],
) -> Result<&'p PersonName, String> {
    if estate.person(&text.by).is_none() {
        return Err(format!("{}, who asked for this change, is not in the estate file; propose it again", text.by));
    }
    if people.iter().any(|p| estate.same_person(p, &text.by)) {
        return Err(format!("{} asked for this change: somebody else must approve it", text.by));
    }
    let mut first = None;
    for name in people {
        match estate.in_role(name, Role::Approver) {
            Ok(_) => return Ok(name),
            Err(why) => drop(first.get_or_insert(why)),
        }
    }
    Err(first.map_or_else(|| "nobody's key signed it".to_owned(), |why| why.to_string()))
}

fn approver<'p>(w: &World<'_>, change: &Change, people: &'p [PersonName]) -> Result<&'p PersonName, String> {
    may_approve(w.estate, &change.text, people)
}

/// Whether a change takes no approval any more. A change that is approved waits for its second key only; a further
/// approval must not open that window again for ever.
fn too_late(w: &World<'_>, change: &Change) -> bool {
    lapsed(w, &change.proposed_at, change.text.at, change.text.window())
}

/// Whether an approved change waits too long for its second key: since the approval, and by the signed times, which
/// allow one window behind the other.
fn turned_too_late(w: &World<'_>, change: &Change) -> bool {
    let window = w.estate.policy.second_key_within;
    let both = change.text.window() + window;
    lapsed(w, &change.since_at, change.since.wall, window) || w.at.wall.duration_since(change.text.at) > both
}

/// Whether a window is over, or cannot be judged. The wall clock can end it whatever the boot clock says. Within one
/// boot the boot clock can end it too, so a wall clock that was set back keeps nothing open. For a moment of another
/// boot or machine there is only the wall clock, so a moment before the beginning says nothing.
fn lapsed(w: &World<'_>, began: &Moment, signed: Timestamp, window: Span) -> bool {
    let by_wall = w.at.wall.duration_since(signed);
    let out_of_order = |passed: Span| passed < -OUT_OF_ORDER;
    by_wall > window
        || match w.now().since(began).by_boot {
            Some(passed) => passed > window || out_of_order(passed),
            None => out_of_order(by_wall),
        }
}

/// What of a change's approvals is missing now: only those count whose keys are still theirs.
fn missing(w: &World<'_>, change: &Change) -> Vec<Need> {
    let stand: Vec<&PersonName> = change
        .approvals
        .iter()
        .filter(|a| {
            consented(w.estate, &change.text, &a.signature, &a.words, w.at.wall)
                .is_ok_and(|proof| approver(w, change, proof.people()).is_ok() && proof.people().contains(&a.by))
        })
        .map(|a| &a.by)
        .collect();
    w.estate.met(&change.needs(w.estate), &stand).err().unwrap_or_default()
}

/// Why a change takes neither an approval nor a second key: it is closed, or it is what no console would propose now.
/// Somebody who signs a proposal by hand is not kept from that by any console's own proposing.
fn shut(w: &World<'_>, change: &Change) -> Option<String> {
    closed(w, change).or_else(|| unlike(w, &change.text))
}

/// What of a change no console would propose, as the world is now.
fn unlike(w: &World<'_>, text: &ChangeText) -> Option<String> {
    let why = text.blinds(w.estate, w.states).or_else(|| text.leaves_behind(w.estate, w.states));
    let why = why.or_else(|| launch::misnamed(w, &text.receiving, text.launch()?));
    why.map(|why| format!("{why}; propose it again"))
}

/// Why a change can be neither approved nor run; none while it can.
fn closed(w: &World<'_>, change: &Change) -> Option<String> {
    match expired(w, change) {
        Some(Record::Expired { why, .. }) => return Some(why),
        Some(_) => return Some("it is over".into()),
        None => {}
    }
    if change.state.is_open() && change.text.binding != w.binding.digest() {
        return Some("the estate is not the one that it was proposed with; propose it again".into());
    }
    if change.state.is_open() && change.text.anchor.journal != w.anchor.journal {
        return Some(
            "it was proposed in another folder or a copy of it, which may have run it; propose it again".into(),
        );
    }
    if w.at.wall.duration_since(change.text.at) < -AHEAD {
        return Some("it was proposed at a time in the future: one of the clocks is wrong".into());
    }
    (!change.state.is_open()).then(|| format!("this change {}", change.state.past_words()))
}

/// The record that closes a change whose window is over.
#[must_use]
pub fn expired(w: &World<'_>, change: &Change) -> Option<Record> {
    let why = match change.state {
        State::Proposed if too_late(w, change) => Lapse::Approval(change.text.window()),
        State::Approved if turned_too_late(w, change) => Lapse::SecondKey(w.estate.policy.second_key_within),
        _ => return None,
    };
    Some(Record::Expired { change: change.digest, why: why.to_string() })
}

/// The record that closes a change whose estate differs from that of the requester who wants to run it now, with the
/// differences. Nobody else's estate file closes it: that file may be the older one.
#[must_use]
pub fn outdated(w: &World<'_>, by: &PersonName, digest: &Digest) -> Option<Record> {
    let change = w.changes.get(digest).filter(|c| c.state.is_open() && c.text.by == *by)?;
    if change.text.binding == w.binding.digest() {
        return None;
    }
    let then = w.changes.binding(&change.text.binding);
    let differs = then.map(|then| then.differences(w.binding)).unwrap_or_default();
    Some(Record::EstateChanged { change: change.digest, differs })
}

/// The record that closes a change whose controls somebody else has moved.
#[must_use]
pub fn voided(w: &World<'_>, change: &Change) -> Option<Record> {
    if !change.state.is_open() {
        return None;
    }
    let moved: BTreeMap<_, _> = change
        .text
        .flips()
        .iter()
        .filter_map(|f| w.states.get(&f.arn).filter(|now| **now != f.from).map(|now| (f.arn.clone(), *now)))
        .collect();
    (!moved.is_empty()).then_some(Record::Voided { change: change.digest, moved })
}

/// Why a change cannot be run now.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotRun {
    /// It waits for approvals.
    #[error("{0}")]
    Unapproved(String),
    /// It would not run with all approvals either.
    #[error("{0}")]
    Other(String),
}

/// What the requester is to sign for the second key.
///
/// # Errors
/// Why it would not count.
pub fn turn(w: &World<'_>, by: &PersonName, digest: &Digest, typed: &str, nonce: Nonce) -> Result<Turn, NotRun> {
    let region = Region::from(typed.trim());
    may_run(w, by, digest, &region)?;
    Ok(Turn { change: *digest, by: by.clone(), region, at: w.at.wall, nonce })
}

/// Judges a second key that its requester has signed: the intent to run the change, or why not.
#[must_use]
pub fn second_key(w: &World<'_>, proof: &Proven<Turn>) -> Record {
    let turn = proof.statement();
    let intent = Record::Intent {
        change: turn.change,
        by: turn.by.clone(),
        region: turn.region.clone(),
        signed: Signed { at: turn.at, nonce: turn.nonce, signature: proof.signature().to_owned() },
    };
    match stands(w, &intent) {
        Err(why) => Record::SecondKeyRefused { change: turn.change, by: turn.by.clone(), why },
        Ok(()) => intent,
    }
}

/// Whether an intent that was minted here may still go into the journal, now that more is known.
///
/// # Errors
/// Why it may not.
pub fn stands(w: &World<'_>, intent: &Record) -> Result<(), String> {
    let Record::Intent { change, by, region, signed } = intent else { return Err("it is no intent".into()) };
    if w.at.wall.duration_since(signed.at) > w.estate.policy.second_key_within {
        return Err("the signature took longer than the second key may; turn it again".into());
    }
    may_run(w, by, change, region).map_err(|why| why.to_string())
}

fn may_run(w: &World<'_>, by: &PersonName, digest: &Digest, region: &Region) -> Result<(), NotRun> {
    let no = |why: String| Err(NotRun::Other(why));
    let change = w.changes.known(digest).map_err(|why| NotRun::Other(why.to_string()))?;
    if *by != change.text.by {
        return no(format!("only {}, who asked for it, turns the second key", change.text.by));
    }
    w.may(by, Role::Operator).map_err(NotRun::Other)?;
    if let Some(why) = shut(w, change) {
        return no(why);
    }
    let missing = missing(w, change);
    if !missing.is_empty() {
        // Of one that is approved, an approval has ceased to count.
        let that_count = if change.state == State::Approved { " that count" } else { "" };
        let needs = super::needs_words(&missing);
        return Err(NotRun::Unapproved(format!("approvals{that_count} are missing: {needs}")));
    }
    if *region != change.text.receiving {
        return no(format!("`{}` is not the receiving region's name", crate::hygiene::visible(region.as_str())));
    }
    match &change.text.work {
        Work::Controls { flips, overrides, .. } => still(w, flips, overrides),
        Work::Launch(launch) => launch::still(w, &change.text.receiving, launch),
    }
    .map_err(NotRun::Other)
}

/// Whether the controls are as they were when the change was proposed, and no other change is under way.
fn still(w: &World<'_>, flips: &[Flip], overrides: &[Override]) -> Result<(), String> {
    if let Some(running) = w.changes.running() {
        let (words, state) = (running.digest.words(), running.state.word());
        return Err(format!(
            "{words} is {state}: nothing else is sent before the endpoints show its outcome (two, to show that nothing \
             changed). Keep a console open, or run `signalbox flip` of it again"
        ));
    }
    for flip in flips {
        match w.states.get(&flip.arn) {
            Some(now) if *now == flip.from => {}
            Some(now) => return Err(format!("{} is {now} now, not {}", flip.name, flip.from)),
            None => return Err(format!("the state of {} is not known now, or endpoints disagree", flip.name)),
        }
    }
    let overrides: Vec<RuleArn> = overrides.iter().map(|o| o.arn.clone()).collect();
    stops_half_way(&w.estate.safety_rules, w.states, flips, &overrides).map_or(Ok(()), Err)
}

/// What an approver is to sign to say no.
///
/// # Errors
/// Why it would not count.
pub fn rejection(
    w: &World<'_>,
    by: &PersonName,
    digest: &Digest,
    reason: &str,
    nonce: Nonce,
) -> Result<Rejection, String> {
    let reason = one_line(reason);
    limits::reason("the reason", &reason).map_or(Ok(()), Err)?;
    may_reject(w, by, digest)?;
    Ok(Rejection { change: *digest, by: by.clone(), reason: reason.into_owned(), at: w.at.wall, nonce })
}

fn may_reject(w: &World<'_>, by: &PersonName, digest: &Digest) -> Result<(), String> {
    w.may(by, Role::Approver)?;
    let change = w.changes.known(digest).map_err(|why| why.to_string())?;
    if w.estate.same_person(by, &change.text.by) {
        return Err("who asked for a change withdraws it; to reject is for somebody else".into());
    }
    closed(w, change).map_or(Ok(()), Err)
}

/// Judges a rejection that an approver has signed.
///
/// # Errors
/// Why it does not count.
pub fn reject(w: &World<'_>, proof: &Proven<Rejection>) -> Result<Record, String> {
    let Rejection { change, by, reason, at, nonce } = proof.statement();
    may_reject(w, by, change)?;
    let signed = Signed { at: *at, nonce: *nonce, signature: proof.signature().to_owned() };
    Ok(Record::Rejected { change: *change, by: by.clone(), reason: reason.clone(), signed })
}

/// What the requester is to sign to take a change back.
///
/// # Errors
/// Why it would not count.
pub fn withdrawal(w: &World<'_>, by: &PersonName, digest: &Digest, nonce: Nonce) -> Result<Withdrawal, String> {
    may_withdraw(w, by, digest)?;
    Ok(Withdrawal { change: *digest, by: by.clone(), at: w.at.wall, nonce })
}

fn may_withdraw(w: &World<'_>, by: &PersonName, digest: &Digest) -> Result<(), String> {
    let change = w.changes.known(digest).map_err(|why| why.to_string())?;
    if *by != change.text.by {
        return Err(format!("only {}, who asked for it, can withdraw it", change.text.by));
    }
    closed(w, change).map_or(Ok(()), Err)
}

/// Judges a withdrawal that the requester has signed.
///
/// # Errors
/// Why it does not count.
pub fn withdraw(w: &World<'_>, proof: &Proven<Withdrawal>) -> Result<Record, String> {
    let Withdrawal { change, by, at, nonce } = proof.statement();
    may_withdraw(w, by, change)?;
    let signed = Signed { at: *at, nonce: *nonce, signature: proof.signature().to_owned() };
    Ok(Record::Withdrawn { change: *change, by: by.clone(), signed })
}
