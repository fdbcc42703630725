//! Carrying out a change: one write, and no guessing.
//!
//! All endpoints are asked to *read* at once. This costs nothing, warms the connections, and finds out which endpoint
//! answers; the write goes to the first that does. After the write, only reads show what it did
//! ([`after`](super::after)). Repeating it would run into the safety rules' wait period, and would be refused because
//! the first write had worked. If reads that are too late to be stale prove that an endpoint failed and did nothing,
//! another endpoint gets the write, once ([`Unsent::once_more`]). A refusal is no proof that nothing was done
//! ([`FlipEnd::Denied`]).

use std::collections::BTreeSet;
use std::time::Duration;

use futures::StreamExt;
use tokio::time::Instant;

use super::error::refusal;
use super::scene::{Attempts, Finding, Looks, Scene};
use super::write::{Gone, Sent, Unsent, Write};
use super::{Cluster, Endpoint, States, after};
use crate::aws::Acting;
use crate::effect::FlipOrder;
use crate::estate::Region;
use crate::event::{FlipEnd, FlipOutcome, Refusal, RefusalKind};

/// A write is not begun with less time than this left: it could only end as uncertain.
const LEAST: Duration = Duration::from_millis(100);
/// Between rounds of reading when every endpoint has failed at once.
const PAUSE: Duration = Duration::from_millis(250);
/// Rounds of reading that may find no endpoint to write to.
const ROUNDS: usize = 3;

pub(super) async fn run(cluster: &Cluster, order: &FlipOrder, acting: &Acting, deadline: Duration) -> FlipOutcome {
    let until = Instant::now() + deadline;
    let mut attempts = Attempts::default();
    let Ok(_turn) = tokio::time::timeout_at(until, cluster.turn.lock()).await else {
        if let Some(endpoint) = cluster.endpoints.first() {
            attempts.note(&endpoint.region, deadline, "not tried: an older change was still being carried out".into());
        }
        return FlipOutcome { end: FlipEnd::Unreachable, attempts: attempts.0 };
    };
    let scene = Scene::new(cluster, order, until);
    let end = carry_out(&scene, (order, acting), &mut attempts).await;
    FlipOutcome { end, attempts: attempts.0 }
}

async fn carry_out(scene: &Scene<'_>, (order, acting): (&FlipOrder, &Acting), attempts: &mut Attempts) -> FlipEnd {
    if order.flips.is_empty() {
        return FlipEnd::Moved(States::new());
    }
    let unsent = match Unsent::of(order, acting.signer(scene.cluster.account.as_ref())) {
        Ok(unsent) => unsent,
        Err(trouble) => return refusal(&trouble).map_or(FlipEnd::Unreachable, FlipEnd::Refused),
    };
    // Endpoints that could be read and not be written to.
    let mut deaf = BTreeSet::new();
    // Endpoints that showed the old states: only what they show after that is news.
    let mut old = BTreeSet::new();
    let gone = match before(scene, unsent, &mut deaf, &mut old, attempts).await {
        Ok(gone) => gone,
        Err(nothing_sent) => return nothing_sent.into(),
    };
    deaf.insert(gone.to.clone());
    let undone = match after::settle(scene, gone, &old, attempts).await {
        Ok(told) => return told.into(),
        Err(undone) => undone,
    };
    let failed = undone.refusal();
    match before(scene, Unsent::once_more(undone), &mut deaf, &mut old, attempts).await {
        Ok(gone) => {
            let Ok(told) = after::settle(scene, gone, &old, attempts).await;
            told.into()
        }
        // Somebody's doing, or the first write's after all: more reads tell.
        Err(NothingSent::Moved(_)) => FlipEnd::Uncertain,
        Err(NothingSent::Refused(_) | NothingSent::Unreachable) => FlipEnd::Denied(failed),
    }
}

/// How a flip ends that has sent nothing.
enum NothingSent {
    /// The controls are not as they were.
    Moved(States),
    /// Nobody lets us read.
    Refused(Refusal),
    /// Nobody is there.
    Unreachable,
}

impl From<NothingSent> for FlipEnd {
    fn from(end: NothingSent) -> Self {
        match end {
            NothingSent::Moved(states) => FlipEnd::Moved(states),
            NothingSent::Refused(refusal) => FlipEnd::Refused(refusal),
            NothingSent::Unreachable => FlipEnd::Unreachable,
        }
    }
}

/// Until the write has left.
async fn before<W: Write>(
    scene: &Scene<'_>,
    mut unsent: Unsent<W>,
    deaf: &mut BTreeSet<Region>,
    old: &mut BTreeSet<Region>,
    attempts: &mut Attempts,
) -> Result<Gone<W>, NothingSent> {
    // The newest error to report if no endpoint takes the write.
    let mut refused: Option<Refusal> = None;
    // What endpoints show that have not heard of the calls before this one, or before which somebody undid them.
    let mut undone: Option<States> = None;
    let mut rounds = 0;
    while rounds < ROUNDS && !refused.as_ref().is_some_and(Refusal::is_lasting) && scene.left() > LEAST {
        let hearing = scene.cluster.endpoints.iter().filter(|e| !deaf.contains(&e.region));
        let mut looks: Looks<'_> = hearing.map(|e| scene.look(e, Duration::ZERO)).collect();
        let deaf_before = deaf.len();
        while let Ok(Some(look)) = tokio::time::timeout_at(scene.until(), looks.next()).await {
            let region = &look.endpoint.region;
            let states = match look.answer {
                Ok(states) => states,
                Err(e) => {
                    attempts.note(region, look.took, format!("read: {}", e.trouble));
                    refused = refusal(&e.trouble).or(refused);
                    continue;
                }
            };
            if scene.lags(&states) {
                attempts.note(region, look.took, "read: has not heard of the call before".to_owned());
                undone.get_or_insert_with(|| scene.not_as_before(&states));
                continue;
            }
            let said = match scene.judge(&states) {
                Finding::Old => {
                    old.insert(region.clone());
                    None
                }
                Finding::New => Some("read: somebody made this change already"),
                Finding::Mixed => Some("read: the controls are not as they were"),
            };
            if let Some(said) = said {
                attempts.note(region, look.took, said.to_owned());
                return Err(NothingSent::Moved(scene.not_as_before(&states)));
            }
            if scene.left() <= LEAST {
                break;
            }
            match send(unsent, scene, look.endpoint, (&mut looks, old), attempts).await {
                Sent::Gone(gone) => return Ok(gone),
                Sent::Not(back, trouble) => {
                    unsent = back;
                    refused = refusal(&trouble).or(refused);
                    deaf.insert(region.clone());
                    // The other reads have aged meanwhile: every write has a fresh one before it.
                    break;
                }
            }
        }
        // Who has nothing to sign with has nothing at any endpoint.
        let unsigned = refused.as_ref().is_some_and(|r| r.kind == RefusalKind::NoCredentials);
        if deaf.len() > deaf_before && !unsigned {
            // One that was refused to read by one endpoint may be taken by the next.
            refused = None;
        } else {
            rounds += 1;
            if rounds < ROUNDS {
                tokio::time::sleep(PAUSE.min(scene.left())).await;
            }
        }
    }
    let unsent = refused.map_or(NothingSent::Unreachable, NothingSent::Refused);
    Err(undone.map_or(unsent, NothingSent::Moved))
}

/// Sends the write. The other reads go on meanwhile, so that their connections are open when they are needed next, and
/// show who had the old states.
async fn send<W: Write>(
    unsent: Unsent<W>,
    scene: &Scene<'_>,
    endpoint: &Endpoint,
    (looks, old): (&mut Looks<'_>, &mut BTreeSet<Region>),
    attempts: &mut Attempts,
) -> Sent<W> {
    let within = scene.cluster.patience.write.min(scene.left());
    let (began, name) = (Instant::now(), W::NAME);
    let mut sending = Box::pin(unsent.send(endpoint, within));
    let sent = loop {
        tokio::select! {
            biased;
            sent = &mut sending => break sent,
            Some(look) = looks.next() => {
                if look.answer.is_ok_and(|states| scene.judge(&states) == Finding::Old) {
                    old.insert(look.endpoint.region.clone());
                }
            }
        }
    };
    let said = match &sent {
        Sent::Not(_, trouble) => format!("{name}: not sent: {trouble}"),
        Sent::Gone(gone) => format!("{name}: {}", gone.answer.words()),
    };
    attempts.note(&endpoint.region, began.elapsed(), said);
    sent
}
