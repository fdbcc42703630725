//! Carrying a change out, so that at every moment at most one write is under way and nothing is guessed.
//!
//! All endpoints are asked to *read* at once, which costs nothing, warms the connections and finds the one
//! that is there; the write goes to the first that answers. Every write has a fresh read before it: after a
//! write that may have happened the next read settles whether it did, because a repeat would run into the
//! safety rules' wait period and be refused for having worked.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_route53recoverycluster::operation::RequestId;
use aws_sdk_route53recoverycluster::types::{RoutingControlState, UpdateRoutingControlStateEntry};
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::time::Instant;

use super::error::refusal;
use super::{ArcError, Cluster, Endpoint, States, read};
use crate::aws::{Kind, Trouble};
use crate::effect::FlipOrder;
use crate::estate::{ControlArn, ControlState, Region};
use crate::event::{Attempt, FlipEnd, FlipOutcome, Refusal};
use crate::time::Span;

/// A write is not begun with less time than this left: it could only end as uncertain.
const LEAST: Duration = Duration::from_millis(100);
/// Between rounds of reading when every endpoint has failed at once.
const PAUSE: Duration = Duration::from_millis(250);
/// Rounds of reading before the first write.
const ROUNDS: usize = 3;

pub(super) async fn run(cluster: &Cluster, order: &FlipOrder, deadline: Duration) -> FlipOutcome {
    let until = Instant::now() + deadline;
    let Ok(_turn) = tokio::time::timeout_at(until, cluster.turn.lock()).await else {
        let said = "not tried: an older change was still being carried out".to_owned();
        let attempts = cluster.endpoints().into_iter().take(1);
        let attempts = attempts.map(|endpoint| Attempt { endpoint, took: span(deadline), said: said.clone() });
        return FlipOutcome { end: FlipEnd::Unreachable, attempts: attempts.collect() };
    };
    let mut run = Run {
        cluster,
        order,
        controls: order.flips.iter().map(|f| f.arn.clone()).collect(),
        until,
        attempts: Vec::new(),
        written: BTreeSet::new(),
        maybe_done: false,
    };
    let end = run.end().await;
    FlipOutcome { end, attempts: run.attempts }
}

/// What a read says of the change.
enum Finding {
    /// All controls are in their *to* states.
    Done,
    /// All controls are in their *from* states.
    Due,
    /// Neither: these are not as they were.
    Moved(States),
}

/// What reading says after a write that may have happened.
enum Settled {
    /// This endpoint shows it done.
    Done(Region),
    /// The endpoint that must know shows it not done.
    Due,
    /// Nobody can tell.
    Unknown,
}

type Reads<'a> = FuturesUnordered<BoxFuture<'a, (&'a Endpoint, Duration, Result<States, ArcError>)>>;

struct Run<'a> {
    cluster: &'a Cluster,
    order: &'a FlipOrder,
    controls: BTreeSet<ControlArn>,
    until: Instant,
    attempts: Vec<Attempt>,
    /// Endpoints that had their write.
    written: BTreeSet<Region>,
    /// A write was sent that may have been carried out, or may be yet.
    maybe_done: bool,
}

impl Run<'_> {
    async fn end(&mut self) -> FlipEnd {
        if self.order.flips.is_empty() {
            return FlipEnd::Moved(States::new());
        }
        // What to say if nobody lets us write, the most telling first.
        let mut refused: Option<Refusal> = None;
        let mut rounds = 0;
        while self.left() > LEAST && self.written.len() < self.cluster.endpoints.len() {
            rounds += 1;
            let controls = self.controls.clone();
            let mut reads = self.ask_all(&controls);
            let mut wrote = false;
            while let Some((endpoint, took, answer)) = self.next(&mut reads).await {
                let states = match answer {
                    Ok(states) => states,
                    Err(e) => {
                        self.note(endpoint, took, format!("read: {}", e.trouble));
                        refused = refusal(&e.trouble).or(refused);
                        continue;
                    }
                };
                match self.judge(&states) {
                    Finding::Done if self.maybe_done => {
                        self.note(endpoint, took, "read: the new states are in force".to_owned());
                        return FlipEnd::Applied { endpoint: endpoint.region.clone() };
                    }
                    Finding::Due if self.written.contains(&endpoint.region) => continue,
                    Finding::Due => {}
                    // After a write of ours a mixture is nobody's state; somebody else may tell more.
                    Finding::Moved(_) if self.maybe_done => continue,
                    Finding::Done => {
                        self.note(endpoint, took, "read: somebody made this change already".to_owned());
                        return FlipEnd::Moved(self.not_as_before(&states));
                    }
                    Finding::Moved(moved) => {
                        self.note(endpoint, took, "read: the controls are not as they were".to_owned());
                        return FlipEnd::Moved(moved);
                    }
                }
                if self.left() <= LEAST {
                    break;
                }
                match self.write(endpoint, &mut reads).await {
                    Ok(()) => return FlipEnd::Applied { endpoint: endpoint.region.clone() },
                    Err(trouble) => match refusal(&trouble) {
                        Some(r) if trouble.kind != Kind::Throttled || r.rule.is_some() => {
                            return self.refused(r, endpoint).await;
                        }
                        said => refused = said.or(refused),
                    },
                }
                // What the other reads say is older than that write: ask again before the next.
                wrote = true;
                break;
            }
            if !wrote {
                if self.maybe_done || rounds >= ROUNDS || refused.is_some() {
                    break;
                }
                tokio::time::sleep(PAUSE.min(self.left())).await;
            }
        }
        if self.maybe_done {
            return match self.settle(None).await {
                Settled::Done(endpoint) => FlipEnd::Applied { endpoint },
                Settled::Due | Settled::Unknown => FlipEnd::Uncertain,
            };
        }
        refused.map_or(FlipEnd::Unreachable, FlipEnd::Refused)
    }

    /// A refusal is the last word, unless an attempt before it may have done what was asked: then the wait
    /// period refuses the repeat, and only a read can tell. The endpoint that refused knows best.
    async fn refused(&mut self, refusal: Refusal, by: &Endpoint) -> FlipEnd {
        if !self.maybe_done {
            return FlipEnd::Refused(refusal);
        }
        match self.settle(Some(by)).await {
            Settled::Done(endpoint) => FlipEnd::Applied { endpoint },
            Settled::Due => FlipEnd::Refused(refusal),
            Settled::Unknown => FlipEnd::Uncertain,
        }
    }

    /// Reads everywhere until one endpoint shows the change done, or until `judge` answers that it is not.
    /// Without a judge a change that shows nowhere stays unknown: a write that hangs may still arrive.
    async fn settle(&mut self, judge: Option<&Endpoint>) -> Settled {
        let controls = self.controls.clone();
        let mut reads = self.ask_all(&controls);
        while let Some((endpoint, took, answer)) = self.next(&mut reads).await {
            let finding = answer.ok().map(|states| self.judge(&states));
            if let Some(Finding::Done) = finding {
                self.note(endpoint, took, "read: the new states are in force".to_owned());
                return Settled::Done(endpoint.region.clone());
            }
            if judge.is_some_and(|e| e.region == endpoint.region) {
                return if let Some(Finding::Due) = finding { Settled::Due } else { Settled::Unknown };
            }
        }
        Settled::Unknown
    }

    /// One write to one endpoint; the other reads go on meanwhile, so that their connections are warm if this
    /// fails.
    async fn write(&mut self, endpoint: &Endpoint, reads: &mut Reads<'_>) -> Result<(), Trouble> {
        self.written.insert(endpoint.region.clone());
        let entries = self.order.flips.iter().map(|f| {
            UpdateRoutingControlStateEntry::builder()
                .routing_control_arn(f.arn.as_str())
                .routing_control_state(match f.to {
                    ControlState::On => RoutingControlState::On,
                    ControlState::Off => RoutingControlState::Off,
                })
                .build()
        });
        let entries = entries.collect::<Result<Vec<_>, _>>();
        let entries =
            entries.map_err(|e| Trouble { maybe_done: false, ..Trouble::said(Kind::Validation, e.to_string()) })?;
        let overrides = self.order.overrides.iter().map(|r| r.as_str().to_owned()).collect::<Vec<_>>();
        let call = endpoint
            .writer
            .update_routing_control_states()
            .set_update_routing_control_state_entries(Some(entries))
            .set_safety_rules_to_override((!overrides.is_empty()).then_some(overrides));
        let within = self.cluster.patience.write.min(self.left());
        let began = Instant::now();
        let mut sent = Box::pin(tokio::time::timeout(within, call.send()));
        let answer = loop {
            tokio::select! {
                biased;
                answer = &mut sent => break answer,
                Some(_) = reads.next() => {}
            }
        };
        let answer = match answer {
            // A captive portal says 200 to everything. AWS numbers its answers.
            Ok(Ok(output)) if output.request_id().is_none() => {
                Err(Trouble::said(Kind::Garbled, "HTTP 200 without a request id: this is not ARC's answer"))
            }
            Ok(Ok(_)) => Ok(()),
            Ok(Err(e)) => Err(Trouble::from(e)),
            Err(_) => Err(Trouble::timeout(within)),
        };
        let said = match &answer {
            Ok(()) => "write: confirmed".to_owned(),
            Err(trouble) => format!("write: {trouble}"),
        };
        self.maybe_done |= answer.as_ref().err().is_some_and(|t| t.maybe_done);
        self.note(endpoint, began.elapsed(), said);
        answer
    }

    fn ask_all<'b>(&self, controls: &'b BTreeSet<ControlArn>) -> Reads<'b>
    where
        Self: 'b,
    {
        let reads = Reads::new();
        let cluster = self.cluster;
        for endpoint in &cluster.endpoints {
            reads.push(Box::pin(async move {
                let began = Instant::now();
                let answer = cluster.ask(endpoint, controls, read::Unknown::Refuse).await;
                (endpoint, began.elapsed(), answer)
            }));
        }
        reads
    }

    async fn next<'b>(&self, reads: &mut Reads<'b>) -> Option<(&'b Endpoint, Duration, Result<States, ArcError>)> {
        tokio::time::timeout_at(self.until, reads.next()).await.ok().flatten()
    }

    fn judge(&self, states: &States) -> Finding {
        let mut flips = self.order.flips.iter();
        let as_before = flips.clone().all(|f| states.get(&f.arn) == Some(&f.from));
        let as_asked = flips.all(|f| states.get(&f.arn) == Some(&f.to));
        if as_before && !(self.maybe_done && as_asked) {
            Finding::Due
        } else if as_asked {
            Finding::Done
        } else {
            Finding::Moved(self.not_as_before(states))
        }
    }

    fn not_as_before(&self, states: &States) -> States {
        let moved = self.order.flips.iter().filter_map(|f| {
            let now = *states.get(&f.arn)?;
            (now != f.from).then(|| (f.arn.clone(), now))
        });
        moved.collect()
    }

    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    fn note(&mut self, endpoint: &Endpoint, took: Duration, said: String) {
        self.attempts.push(Attempt { endpoint: endpoint.region.clone(), took: span(took), said });
    }
}

fn span(d: Duration) -> Span {
    Span::try_from(d).unwrap_or(Span::MAX)
}
