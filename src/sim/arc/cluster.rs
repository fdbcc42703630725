//! `route53-recovery-cluster`: the data plane, five endpoints with one state behind them.
//!
//! JSON 1.0, `X-Amz-Target: ToggleCustomerAPI.<Operation>`. Each endpoint is signed for in its own region, allows
//! three changing calls a second, and hears of the others' changes a moment late.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::rules::{self, Bench, Entry};
use super::{controls, is_arn, panels};
use crate::estate::{ControlArn, ControlState, Region, RuleArn};
use crate::sim::SharedWorld;
use crate::sim::scenario::EndpointAnswer;
use crate::sim::services::{caller, not_allowed};
use crate::sim::wire::{
    Answer, Args, Denial, Fault, Handler, Input, Method, Page, Protocol, Reply, Request, Tree, Wrong,
};
use crate::sim::world::{Api, Caller, Permission, World};
use crate::time::{Span, Timestamp};

/// Controls in one call.
const MOST_ENTRIES: usize = 10;
/// Changing calls a second.
const CHANGES_A_SECOND: usize = 3;
const NAME: &str = "route53-recovery-cluster";
const TARGET: &str = "ToggleCustomerAPI";

/// One endpoint of the cluster, as a listener carries it.
#[must_use]
pub fn handler(world: SharedWorld, region: Region) -> Handler {
    let endpoint = Endpoint { world, region, changes: Mutex::new(VecDeque::new()) };
    Arc::new(move |request| endpoint.answer(request))
}

struct Endpoint {
    world: SharedWorld,
    region: Region,
    /// When changing calls came in the last second.
    changes: Mutex<VecDeque<Timestamp>>,
}

type Call = fn(&Endpoint, &Args<'_>, &Caller) -> Result<Tree, Fault>;

impl Endpoint {
    fn answer(&self, request: &Request) -> Answer {
        match self.world.with(|w| w.endpoint_answer(&self.region)) {
            Some(EndpointAnswer::Hang) => Answer::Hang,
            Some(EndpointAnswer::Refuse) => Answer::Close,
            Some(EndpointAnswer::HangAfter) => {
                self.carry_out(request);
                Answer::Hang
            }
            Some(EndpointAnswer::Slow(late)) => {
                Answer::Later(self.world.clock().real_duration(late), self.carry_out(request))
            }
            Some(EndpointAnswer::Unavailable) => refuse(request, &unavailable()),
            Some(EndpointAnswer::Internal) => {
                let fault = Fault::new(500, "InternalServerException", "an internal error, try again");
                refuse(request, &fault.with("retryAfterSeconds", 1))
            }
            Some(EndpointAnswer::Throttle) => refuse(request, &throttled()),
            Some(EndpointAnswer::Garbled) => Reply::portal().into(),
            Some(EndpointAnswer::Endless) => Answer::Endless(Reply::blanks()),
            Some(EndpointAnswer::Clock(skew)) => skew.dated(match skew.check(request) {
                Ok(()) => self.carry_out(request).into(),
                Err(denial) => Protocol::Json.denial(&request.id, &denial).into(),
            }),
            Some(EndpointAnswer::Empty | EndpointAnswer::Conflict) | None => self.carry_out(request).into(),
        }
    }

    fn carry_out(&self, request: &Request) -> Reply {
        let protocol = Protocol::Json;
        if !matches!(request.segments().as_slice(), ["v1"]) || request.method != Method::Post {
            return protocol.failure(&request.id, &invalid("unknownOperation", "POST to /v1", ""));
        }
        let caller = match caller(request, &self.world, NAME, &self.region) {
            Ok(caller) => caller,
            Err(denial) => return protocol.failure(&request.id, &not_let_in(&denial, protocol)),
        };
        let operation = request.target(TARGET).unwrap_or_default();
        let call: Call = match operation {
            "ListRoutingControls" => Self::list,
            "GetRoutingControlState" => Self::get,
            "UpdateRoutingControlState" => Self::update_one,
            "UpdateRoutingControlStates" => Self::update_many,
            _ => return protocol.unknown_operation(&request.id, operation),
        };
        let done = match Input::json(&request.body) {
            Ok(input) => match input.args() {
                Ok(args) => call(self, &args, &caller),
                Err(wrong) => Err(fault(wrong)),
            },
            Err(wrong) => Err(fault(wrong)),
        };
        let error = done.as_ref().err().map(Fault::query_code);
        self.world.with(|w| w.called(&caller, Api::ArcEndpoint, &self.region, operation, error));
        match done {
            Ok(tree) => {
                let empty = self.world.with(|w| w.endpoint_answer(&self.region)) == Some(EndpointAnswer::Empty);
                let tree = if empty { tree.emptied() } else { tree };
                protocol.success(&request.id, operation, &tree)
            }
            Err(fault) => protocol.failure(&request.id, &fault),
        }
    }

    fn list(&self, args: &Args<'_>, _: &Caller) -> Result<Tree, Fault> {
        let size = args.int("MaxResults", 1..=i64::from(i32::MAX)).map_err(fault)?.unwrap_or(500).min(500);
        let token = args.text("NextToken").map_err(fault)?;
        let wanted = optional_arn(args, "ControlPanelArn")?;
        let all = self.world.with(|w| {
            let estate = w.estate();
            if let Some(arn) = wanted.filter(|a| !panels(estate).iter().any(|p| p.arn.as_str() == *a)) {
                return Err(not_found(arn, "ControlPanel"));
            }
            let of_panel = controls(estate).into_iter().filter(|(_, p)| wanted.is_none_or(|a| p.arn.as_str() == a));
            let view = of_panel.filter_map(|(control, panel)| {
                let seen = w.control_seen(&control.arn, &self.region)?;
                let tree = Tree::map()
                    .with("ControlPanelArn", panel.arn.as_str())
                    .with("ControlPanelName", panel.name)
                    .with("Owner", super::owner(estate, panel.arn.as_str()))
                    .with("RoutingControlArn", seen.arn.as_str())
                    .with("RoutingControlName", super::word(&seen.name));
                Some(tree.with("RoutingControlState", seen.state.to_string()))
            });
            Ok(view.collect::<Vec<Tree>>())
        })?;
        // A token of one panel's list is worth nothing for another's.
        let list = format!("ListRoutingControls {}", wanted.unwrap_or_default());
        let page = Page::of(all, usize::try_from(size).unwrap_or(1), token, &list)
            .ok_or_else(|| fault(args.wrong("NextToken", "was not given out by this operation")))?;
        Ok(Tree::map().with("RoutingControls", page.items).with_some("NextToken", page.next))
    }

    fn get(&self, args: &Args<'_>, _: &Caller) -> Result<Tree, Fault> {
        let arn = needed_arn(args, "RoutingControlArn")?;
        let seen = self.world.with(|w| w.control_seen(&ControlArn::new(arn), &self.region));
        let seen = seen.ok_or_else(|| not_found(arn, "RoutingControl"))?;
        Ok(Tree::map()
            .with("RoutingControlArn", seen.arn.as_str())
            .with("RoutingControlName", super::word(&seen.name))
            .with("RoutingControlState", seen.state.to_string()))
    }

    /// Whether whoever calls may change controls. The policies of the documents never give the one call without the
    /// other, and never to what only looks.
    fn allowed(&self, caller: &Caller, entries: &[Entry]) -> Result<(), Fault> {
        let permission = Permission::UpdateRoutingControlStates;
        if self.world.with(|w| w.may(permission) && w.may_act(caller, w.owner_of_cluster())) {
            return Ok(());
        }
        let on = entries.first().map_or("*", |(control, _)| control.as_str());
        Err(Fault::new(403, "AccessDeniedException", not_allowed(caller, permission.action(), on)))
    }

    fn update_one(&self, args: &Args<'_>, caller: &Caller) -> Result<Tree, Fault> {
        self.count_change()?;
        let entry = entry(args)?;
        self.allowed(caller, std::slice::from_ref(&entry))?;
        self.update(args, &[entry])
    }

    fn update_many(&self, args: &Args<'_>, caller: &Caller) -> Result<Tree, Fault> {
        const ENTRIES: &str = "UpdateRoutingControlStateEntries";
        self.count_change()?;
        if !args.has(ENTRIES) {
            return Err(fault(args.wrong(ENTRIES, "is required")));
        }
        let entries = args.list(ENTRIES, 10_000).map_err(fault)?;
        if entries.is_empty() {
            return Err(fault(args.wrong(ENTRIES, "must not be empty")));
        }
        if entries.len() > MOST_ENTRIES {
            let message = format!("{} routing controls in one call, {MOST_ENTRIES} at most are allowed", entries.len());
            return Err(Fault::new(402, "ServiceLimitExceededException", message)
                .with("limitCode", "UpdateRoutingControlStateEntriesPerCall")
                .with("serviceCode", NAME));
        }
        let mut wanted: Vec<Entry> = Vec::new();
        for args in &entries {
            let entry = entry(args)?;
            if wanted.iter().any(|(c, _)| *c == entry.0) {
                return Err(fault(args.wrong("RoutingControlArn", "is in the list twice")));
            }
            wanted.push(entry);
        }
        self.allowed(caller, &wanted)?;
        self.update(args, &wanted)
    }

    /// Judges and carries out a transaction: all of it or nothing.
    fn update(&self, args: &Args<'_>, entries: &[Entry]) -> Result<Tree, Fault> {
        let overridden = args.texts("SafetyRulesToOverride", 1_000).map_err(fault)?;
        if overridden.iter().any(|o| !is_arn(o)) {
            return Err(fault(args.wrong("SafetyRulesToOverride", "holds what is no ARN")));
        }
        let overridden: Vec<RuleArn> = overridden.into_iter().map(RuleArn::new).collect();
        self.world.with(|w: &mut World| {
            for (control, _) in entries {
                w.estate().control(control).ok_or_else(|| not_found(control.as_str(), "RoutingControl"))?;
            }
            for rule in &overridden {
                w.estate().rule(rule).ok_or_else(|| not_found(rule.as_str(), "SafetyRule"))?;
            }
            if w.conflicts(&self.region) {
                return Err(conflict(entries));
            }
            let bench = Bench { state: &|c| w.control_state(c), last_change: &|of| w.last_change(of), now: w.now() };
            rules::judge(&w.estate().safety_rules, entries, &overridden, &bench).map_err(|refusal| {
                Fault::new(409, "ConflictException", format!("The request conflicts with a safety rule: {refusal}"))
                    .with("resourceId", refusal.rule().as_str())
                    .with("resourceType", "SafetyRule")
            })?;
            w.set_controls(&self.region, entries);
            Ok(Tree::map())
        })
    }

    /// Counts a changing call, whatever will become of it.
    fn count_change(&self) -> Result<(), Fault> {
        let now = self.world.with(|w| w.now());
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        while changes.front().is_some_and(|t| now.duration_since(*t) >= Span::from_secs(1)) {
            changes.pop_front();
        }
        if changes.len() >= CHANGES_A_SECOND {
            return Err(throttled());
        }
        changes.push_back(now);
        Ok(())
    }
}

fn entry(args: &Args<'_>) -> Result<Entry, Fault> {
    let arn = needed_arn(args, "RoutingControlArn")?;
    let state = match args.text("RoutingControlState").map_err(fault)? {
        Some("On") => ControlState::On,
        Some("Off") => ControlState::Off,
        Some(_) => return Err(fault(args.wrong("RoutingControlState", "must be On or Off"))),
        None => return Err(fault(args.wrong("RoutingControlState", "is required"))),
    };
    Ok((ControlArn::new(arn), state))
}

fn needed_arn<'a>(args: &Args<'a>, name: &str) -> Result<&'a str, Fault> {
    optional_arn(args, name)?.ok_or_else(|| fault(args.wrong(name, "is required")))
}

fn optional_arn<'a>(args: &Args<'a>, name: &str) -> Result<Option<&'a str>, Fault> {
    match args.text(name).map_err(fault)? {
        Some(text) if !is_arn(text) => Err(fault(args.wrong(name, "is not an ARN"))),
        other => Ok(other),
    }
}

fn fault(wrong: Wrong) -> Fault {
    let reason = if wrong.unreadable { "cannotParse" } else { "fieldValidationFailed" };
    invalid(reason, &wrong.why, &wrong.field)
}

fn invalid(reason: &'static str, why: &str, field: &str) -> Fault {
    let fault = Fault::new(400, "ValidationException", why).with("reason", reason);
    if field.is_empty() {
        return fault;
    }
    fault.with("fields", vec![Tree::map().with("name", field).with("message", why)])
}

fn not_found(id: &str, kind: &'static str) -> Fault {
    Fault::new(404, "ResourceNotFoundException", format!("{kind} {id} was not found"))
        .with("resourceId", id)
        .with("resourceType", kind)
}

/// ARC's own words: nothing that is asked for is wrong, and no safety rule is named.
fn conflict(entries: &[Entry]) -> Fault {
    let of = entries.first().map(|(control, _)| control.as_str().to_owned()).unwrap_or_default();
    Fault::new(409, "ConflictException", "There was a conflict with this request. Try again.")
        .with("resourceId", of)
        .with("resourceType", "RoutingControl")
}

/// The data plane says so itself where the signature's scope is wrong; what stands before it speaks of sessions.
fn not_let_in(denial: &Denial, protocol: Protocol) -> Fault {
    match denial {
        Denial::Ended | Denial::Unknown => denial.fault(protocol),
        other => Fault::new(403, "AccessDeniedException", other.to_string()),
    }
}

fn throttled() -> Fault {
    Fault::new(429, "ThrottlingException", "Rate exceeded").with("retryAfterSeconds", 1)
}

fn unavailable() -> Fault {
    let message = "The cluster endpoint isn't available. Try another cluster endpoint.";
    Fault::new(503, "EndpointTemporarilyUnavailableException", message)
}

fn refuse(request: &Request, fault: &Fault) -> Answer {
    Protocol::Json.failure(&request.id, fault).into()
}
