//! `route53-recovery-control-config`: the control plane, where clusters, panels, controls and rules are read.
//!
//! REST JSON, us-west-2 only. ARNs stand in paths fully escaped.

use std::sync::Arc;

use super::{Panel, controls, owner, panels, word};
use crate::estate::{Control, Estate, Region, RuleKind, RuleTest, SafetyRule};
use crate::sim::SharedWorld;
use crate::sim::services::{caller, told};
use crate::sim::wire::{Answer, Denial, Fault, Handler, Method, Page, Protocol, Reply, Request, Tree};
use crate::sim::world::{Api, Reach};

const NAME: &str = "route53-recovery-control-config";
/// The control plane's only region.
pub const HOME: &str = "us-west-2";

/// The control plane, as a listener carries it. `endpoints` are the cluster's, by region, as it tells them.
#[must_use]
pub fn handler(world: SharedWorld, endpoints: Vec<(Region, String)>) -> Handler {
    Arc::new(move |request| {
        let reach = world.with(|w| w.reach(&Region::new(HOME), Api::ControlConfig));
        reach.dated(answer(request, &world, &endpoints))
    })
}

fn answer(request: &Request, world: &SharedWorld, endpoints: &[(Region, String)]) -> Answer {
    let protocol = Protocol::RestJson;
    let refuse = |fault: Fault| Answer::from(protocol.failure(&request.id, &fault));
    match world.with(|w| w.reach(&Region::new(HOME), Api::ControlConfig)) {
        Reach::Ok | Reach::Empty | Reach::LeapSecond => {}
        Reach::Clock(skew) => {
            if let Err(denial) = skew.check(request) {
                return protocol.denial(&request.id, &denial).into();
            }
        }
        Reach::Hang => return Answer::Hang,
        Reach::Refuse => return Answer::Close,
        Reach::Garbled => return Reply::portal().into(),
        Reach::Endless => return Answer::Endless(Reply::blanks()),
        Reach::Unavailable => return refuse(Fault::new(500, "InternalServerException", "try again later")),
        Reach::Throttle => return refuse(Fault::new(429, "ThrottlingException", "Rate exceeded")),
    }
    let home = Region::new(HOME);
    let caller = match caller(request, world, NAME, &home) {
        Ok(caller) => caller,
        Err(denial @ (Denial::Ended | Denial::Unknown)) => return protocol.denial(&request.id, &denial).into(),
        Err(denial) => return refuse(Fault::new(403, "AccessDeniedException", denial.to_string())),
    };
    if request.method != Method::Get {
        return protocol.unknown_operation(&request.id, &request.path.join("/")).into();
    }
    let done = world.with(|w| describe(request, w.estate(), endpoints));
    if let Some(done) = &done {
        let (operation, error) = match done {
            Ok((operation, _)) => (*operation, None),
            Err(fault) => (request.segments().first().copied().unwrap_or_default(), Some(fault.query_code())),
        };
        world.with(|w| w.called(&caller, Api::ControlConfig, &home, operation, error));
    }
    match done {
        Some(Ok((operation, tree))) => {
            let tree = told(tree, world, &home, Api::ControlConfig);
            protocol.success(&request.id, operation, &tree).into()
        }
        Some(Err(fault)) => refuse(fault),
        None => protocol.unknown_operation(&request.id, &request.path.join("/")).into(),
    }
}

type Described = Result<(&'static str, Tree), Fault>;

fn describe(request: &Request, estate: &Estate, endpoints: &[(Region, String)]) -> Option<Described> {
    let list = |operation: &'static str, name: &'static str, of: &str, all: Vec<Tree>| -> Described {
        Ok((operation, page(request, operation, name, of, all)?))
    };
    let cluster = || cluster(estate, endpoints);
    let one = |operation, name: &'static str, found: Option<Tree>, arn: &str| -> Described {
        let found = found.ok_or_else(|| not_found(name, arn))?;
        Ok((operation, Tree::map().with(name, found)))
    };
    let find_panel = |arn: &str| panels(estate).into_iter().find(|p| p.arn.as_str() == arn);
    let find_control = |arn: &str| controls(estate).into_iter().find(|(c, _)| c.arn.as_str() == arn);
    Some(match request.segments().as_slice() {
        ["cluster"] => list("ListClusters", "Clusters", "", vec![cluster()]),
        ["cluster", arn] => {
            let found = (estate.cluster.arn.as_str() == *arn).then(cluster);
            one("DescribeCluster", "Cluster", found, arn)
        }
        ["controlpanels"] => {
            let of = request.query.get("ClusterArn");
            match of.filter(|of| *of != estate.cluster.arn.as_str()) {
                Some(arn) => Err(not_found("Cluster", arn)),
                None => {
                    let all = panels(estate).iter().map(|p| panel(estate, p)).collect();
                    list("ListControlPanels", "ControlPanels", of.unwrap_or_default(), all)
                }
            }
        }
        ["controlpanel", arn] => {
            let found = find_panel(arn).map(|p| panel(estate, &p));
            one("DescribeControlPanel", "ControlPanel", found, arn)
        }
        ["controlpanel", arn, "routingcontrols"] => match find_panel(arn) {
            None => Err(not_found("ControlPanel", arn)),
            Some(panel) => {
                let here = controls(estate).into_iter().filter(|(_, p)| *p == panel);
                let all = here.map(|(c, p)| control(estate, c, &p)).collect();
                list("ListRoutingControls", "RoutingControls", arn, all)
            }
        },
        ["controlpanel", arn, "safetyrules"] => match find_panel(arn) {
            None => Err(not_found("ControlPanel", arn)),
            Some(panel) => {
                let here = estate.safety_rules.iter().filter(|r| r.control_panel == panel.arn);
                let all = here.map(|r| Tree::map().with(kind(r).0, rule(estate, r))).collect();
                list("ListSafetyRules", "SafetyRules", arn, all)
            }
        },
        ["routingcontrol", arn] => {
            let found = find_control(arn).map(|(c, p)| control(estate, c, &p));
            one("DescribeRoutingControl", "RoutingControl", found, arn)
        }
        ["routingcontrol", arn, "associatedRoute53HealthChecks"] => match find_control(arn) {
            None => Err(not_found("RoutingControl", arn)),
            Some((found, _)) => {
                let all = found.health_check.iter().map(|h| Tree::from(h.as_str())).collect();
                list("ListAssociatedRoute53HealthChecks", "HealthCheckIds", arn, all)
            }
        },
        ["safetyrule", arn] => match estate.safety_rules.iter().find(|r| r.arn.as_str() == *arn) {
            None => Err(not_found("SafetyRule", arn)),
            Some(found) => Ok(("DescribeSafetyRule", Tree::map().with(kind(found).1, rule(estate, found)))),
        },
        ["tags", arn] => {
            let known = estate.cluster.arn.as_str() == *arn
                || find_panel(arn).is_some()
                || find_control(arn).is_some()
                || estate.safety_rules.iter().any(|r| r.arn.as_str() == *arn);
            let tags = Tree::map().with("Estate", estate.name.as_str());
            one("ListTagsForResource", "Tags", known.then_some(tags), arn)
        }
        _ => return None,
    })
}

fn page(request: &Request, operation: &str, name: &'static str, of: &str, all: Vec<Tree>) -> Result<Tree, Fault> {
    let size = match request.query.get("MaxResults") {
        None => 100,
        Some(text) => match text.parse::<usize>() {
            Ok(n) if (1..=1000).contains(&n) => n,
            _ => return Err(Fault::new(400, "ValidationException", "MaxResults must be between 1 and 1000")),
        },
    };
    let token = request.query.get("NextToken");
    let page = Page::of(all, size, token, &format!("{operation} {of}"))
        .ok_or_else(|| Fault::new(400, "ValidationException", "NextToken was not given out by this operation"))?;
    Ok(Tree::map().with(name, page.items).with_some("NextToken", page.next))
}

fn not_found(kind: &str, arn: &str) -> Fault {
    Fault::new(404, "ResourceNotFoundException", format!("{kind} {arn} was not found"))
}

fn cluster(estate: &Estate, endpoints: &[(Region, String)]) -> Tree {
    let endpoint =
        |(region, url): &(Region, String)| Tree::map().with("Endpoint", url.as_str()).with("Region", region.as_str());
    Tree::map()
        .with("ClusterArn", estate.cluster.arn.as_str())
        .with("ClusterEndpoints", endpoints.iter().map(endpoint).collect::<Vec<_>>())
        .with("Name", word(&estate.name))
        .with("NetworkType", "IPV4")
        .with("Owner", owner(estate, estate.cluster.arn.as_str()))
        .with("Status", "DEPLOYED")
}

fn panel(estate: &Estate, panel: &Panel) -> Tree {
    let count = controls(estate).iter().filter(|(_, p)| p == panel).count();
    Tree::map()
        .with("ClusterArn", estate.cluster.arn.as_str())
        .with("ControlPanelArn", panel.arn.as_str())
        .with("DefaultControlPanel", false)
        .with("Name", panel.name.as_str())
        .with("Owner", owner(estate, panel.arn.as_str()))
        .with("RoutingControlCount", i64::try_from(count).unwrap_or(0))
        .with("Status", "DEPLOYED")
}

fn control(estate: &Estate, control: &Control, panel: &Panel) -> Tree {
    Tree::map()
        .with("ControlPanelArn", panel.arn.as_str())
        .with("Name", word(&control.name))
        .with("Owner", owner(estate, panel.arn.as_str()))
        .with("RoutingControlArn", control.arn.as_str())
        .with("Status", "DEPLOYED")
}

/// How a rule's kind is named in a list, and in its own description.
fn kind(rule: &SafetyRule) -> (&'static str, &'static str) {
    match rule.kind {
        RuleKind::Assertion { .. } => ("ASSERTION", "AssertionRule"),
        RuleKind::Gating { .. } => ("GATING", "GatingRule"),
    }
}

fn rule(estate: &Estate, rule: &SafetyRule) -> Tree {
    let arns = |list: &[crate::estate::ControlArn]| list.iter().map(|c| Tree::from(c.as_str())).collect::<Vec<_>>();
    let config = Tree::map().with("Inverted", rule.inverted).with("Threshold", i64::from(rule.threshold)).with(
        "Type",
        match rule.test {
            RuleTest::AtLeast => "ATLEAST",
            RuleTest::And => "AND",
            RuleTest::Or => "OR",
        },
    );
    let tree = Tree::map();
    let tree = match &rule.kind {
        RuleKind::Assertion { controls } => tree.with("AssertedControls", arns(controls)),
        RuleKind::Gating { gating, target } => {
            tree.with("GatingControls", arns(gating)).with("TargetControls", arns(target))
        }
    };
    tree.with("ControlPanelArn", rule.control_panel.as_str())
        .with("Name", word(&rule.name))
        .with("Owner", owner(estate, rule.control_panel.as_str()))
        .with("RuleConfig", config)
        .with("SafetyRuleArn", rule.arn.as_str())
        .with("Status", "DEPLOYED")
        .with("WaitPeriodMs", i64::try_from(rule.wait_period.as_millis()).unwrap_or(0))
}
