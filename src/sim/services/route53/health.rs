//! Health checks, and what Route 53's checkers saw.

use super::{Marked, Mine, invalid};
use crate::sim::wire::{Fault, Request, Tree};
use crate::sim::world::{Check, CheckKind, Observation, Permission, ROUTE53_HOME};

pub(super) fn list_health_checks(request: &Request, mine: Mine<'_>) -> Result<Tree, Fault> {
    if !mine.world.with(|w| w.may(Permission::ListHealthChecks)) {
        let message = format!("User is not authorized to perform: {}", Permission::ListHealthChecks.action());
        return Err(Fault::new(403, "AccessDenied", message));
    }
    let page = Marked::of(mine.health_checks(), request, |c| &c.id)?;
    let checks = Tree::list("HealthCheck", page.items.iter().map(check));
    Ok(page.close(Tree::map().with("HealthChecks", checks)))
}

pub(super) fn get_health_check(id: &str, mine: Mine<'_>) -> Result<Tree, Fault> {
    Ok(Tree::map().with("HealthCheck", check(&find(id, mine)?)))
}

pub(super) fn get_health_check_status(id: &str, mine: Mine<'_>) -> Result<Tree, Fault> {
    let seen = observations(id, mine)?;
    Ok(Tree::map().with("HealthCheckObservations", Tree::list("HealthCheckObservation", seen.iter().map(observation))))
}

pub(super) fn get_health_check_last_failure_reason(id: &str, mine: Mine<'_>) -> Result<Tree, Fault> {
    let seen = observations(id, mine)?;
    let failed = seen.iter().filter(|o| !o.healthy).map(observation);
    Ok(Tree::map().with("HealthCheckObservations", Tree::list("HealthCheckObservation", failed)))
}

fn find(id: &str, mine: Mine<'_>) -> Result<Check, Fault> {
    let found = mine.health_checks().into_iter().find(|c| c.id == id);
    found.ok_or_else(|| Fault::new(404, "NoSuchHealthCheck", format!("A health check with id {id} does not exist.")))
}

/// What the checkers saw; only a check of an endpoint has checkers.
fn observations(id: &str, mine: Mine<'_>) -> Result<Vec<Observation>, Fault> {
    let kind = match find(id, mine)?.kind {
        CheckKind::Endpoint { .. } => "endpoint",
        CheckKind::RecoveryControl { .. } => "recovery control",
        CheckKind::Calculated { .. } => "calculated",
        CheckKind::Alarm { .. } => "CloudWatch alarm",
    };
    mine.world
        .with(|w| w.health_check_observations(id))
        .ok_or_else(|| invalid(format!("The status of {kind} health check {id} cannot be had: it has no checkers.")))
}

fn check(c: &Check) -> Tree {
    let config = match &c.kind {
        CheckKind::Endpoint { host, port, path, interval_secs, threshold } => Tree::map()
            .with("Port", *port)
            .with("Type", if *port == 443 { "HTTPS" } else { "HTTP" })
            .with("ResourcePath", path)
            .with("FullyQualifiedDomainName", host)
            .with("RequestInterval", *interval_secs)
            .with("FailureThreshold", *threshold)
            .with("MeasureLatency", false)
            .with("Inverted", c.inverted)
            .with("Disabled", c.disabled)
            .with("EnableSNI", *port == 443),
        CheckKind::RecoveryControl { control } => Tree::map()
            .with("Type", "RECOVERY_CONTROL")
            .with("Inverted", c.inverted)
            .with("Disabled", c.disabled)
            .with("RoutingControlArn", control.as_str()),
        CheckKind::Calculated { children, threshold } => Tree::map()
            .with("Type", "CALCULATED")
            .with("Inverted", c.inverted)
            .with("Disabled", c.disabled)
            .with("HealthThreshold", *threshold)
            .with("ChildHealthChecks", Tree::list("ChildHealthCheck", children)),
        CheckKind::Alarm { name, .. } => Tree::map()
            .with("Type", "CLOUDWATCH_METRIC")
            .with("Inverted", c.inverted)
            .with("Disabled", c.disabled)
            .with("AlarmIdentifier", Tree::map().with("Region", ROUTE53_HOME).with("Name", name))
            .with("InsufficientDataHealthStatus", "LastKnownStatus"),
    };
    Tree::map()
        .with("Id", &c.id)
        .with("CallerReference", c.name.chars().take(64).collect::<String>())
        .with("HealthCheckConfig", config)
        .with("HealthCheckVersion", 1)
}

fn observation(o: &Observation) -> Tree {
    let report = Tree::map().with("Status", &o.reason).with("CheckedTime", o.checked_at);
    Tree::map().with("Region", o.region.as_str()).with("IPAddress", o.ip.to_string()).with("StatusReport", report)
}
