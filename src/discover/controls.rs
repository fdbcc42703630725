//! ARC's cluster, panels, controls and rules; Route 53's checks and names; the pairs that they make.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_route53::Client as Route53;
use aws_sdk_route53recoverycontrolconfig::Client as Config;
use aws_sdk_route53recoverycontrolconfig::types::{Cluster as Found, Rule, RuleType};

use super::names::{region_in, shown, slug, title, unique, without_region};
use super::patience::Patience;
use super::records::{self, Steered, missing_targets};
use super::{Ask, DiscoverError, Notes, Wanted};
use crate::arc::{Cluster as Arc, States};
use crate::aws::pages::{self, Listed, Page};
use crate::aws::{Deadlines, Sdk, Trouble};
use crate::estate::{
    AccountName, ClusterArn, ClusterEndpoint, Control, ControlArn, ControlState, Estate, HealthCheck, HealthCheckId,
    Pair, PairName, PanelArn, Region, RegionInfo, RuleArn, RuleKind, RuleTest, SafetyRule, Service, ServiceName, Site,
    Tier,
};
use crate::hygiene::shell;
use crate::time::Span;

/// Pages of one list: ten thousand zones, or records of a zone.
pub(super) const PAGES: usize = 100;
/// Calls of Route 53 a second: an account has five, and others need theirs.
const ROUTE53: u32 = 4;
/// Calls of the other control planes a second.
const OTHERS: u32 = 8;

/// Discovery is no incident: it may wait.
pub(super) fn patient() -> Deadlines {
    Deadlines { connect: Duration::from_secs(5), attempt: Duration::from_secs(15) }
}

/// A control panel with what is in it.
struct Panel {
    arn: String,
    name: String,
    controls: Vec<Control>,
}

pub(super) async fn find(
    sdk: &Sdk,
    ask: Ask<'_>,
    estate: &mut Estate,
    notes: &mut Notes<'_>,
) -> Result<(), DiscoverError> {
    let anywhere = Region::new("us-east-1");
    let identity = sdk.sts(&Site::from(anywhere), patient()).get_caller_identity().send().await;
    estate.account = identity.map_err(|e| DiscoverError::Account(e.into()))?.account.unwrap_or_default();
    let (account, mut clusters) = clusters(sdk, estate, notes).await?;
    let config = sdk.control_config(account.as_ref(), patient());
    let config = &Asked { client: config, patience: Patience::calls_a_second(OTHERS) };
    estate.cluster.account = account;
    let is = |c: &Found, wanted: &str| c.name() == Some(wanted) || c.cluster_arn() == Some(wanted);
    if let Some(wanted) = ask.cluster {
        let Some(at) = clusters.iter().position(|c| is(c, wanted)) else {
            let names: Vec<String> = clusters.iter().map(|c| shown(c.name().unwrap_or_default())).collect();
            return Err(DiscoverError::OtherClusters(shown(wanted), names.join(", ")));
        };
        clusters.swap(0, at);
    }
    let mut clusters = clusters.into_iter();
    let cluster = clusters.next().ok_or(DiscoverError::NoCluster)?;
    for other in clusters {
        let name = shown(other.name().unwrap_or_default());
        notes
            .remarks
            .push(format!("There is another cluster, {name}, which is not in this file: one file, one cluster. `--cluster {}` takes it.",
            shell::word(other.name().unwrap_or_default())));
    }
    estate.name = slug(cluster.name().unwrap_or_default());
    estate.cluster.arn = ClusterArn::new(cluster.cluster_arn().unwrap_or_default());
    for endpoint in cluster.cluster_endpoints() {
        if let (Some(region), Some(url)) = (endpoint.region(), endpoint.endpoint()) {
            estate.cluster.endpoints.push(ClusterEndpoint { region: Region::new(region), url: url.to_owned() });
        }
    }
    let panels = panels(config, &estate.cluster.arn, notes).await;
    for panel in &panels {
        let rules = rules(config, panel).await;
        let rules = notes.listed(&format!("safety rules of panel {}", shown(&panel.name)), rules);
        estate.safety_rules.extend(rules);
    }
    let (checks, steered) = everywhere(sdk, estate, notes).await;
    let all: Vec<Control> = panels.iter().flat_map(|p| p.controls.clone()).collect();
    let states = states(sdk, estate, all, notes).await;
    pairs(panels, ask.pairs, &states, &steered, estate, notes);
    if !estate.services.is_empty() {
        // AWS does not know which page shows that an application works: only people do.
        notes.remarks.push(
            "No service has a probe: nothing sees whether an application itself answers. The comment at each service says \
             how to add one."
                .to_owned(),
        );
    }
    endpoint_checks(&checks, estate, notes);
    let mut regions: BTreeSet<Region> = BTreeSet::new();
    regions.extend(estate.pairs.iter().flat_map(|p| [p.active.clone(), p.standby.clone()]));
    estate.regions = regions
        .into_iter()
        .map(|name| RegionInfo { title: title(&name).to_owned(), name })
        .map(|r| if r.title.is_empty() { RegionInfo { title: r.name.to_string(), ..r } } else { r })
        .collect();
    Ok(())
}

/// The clusters of the first account that has any, and that account: its own first, then those that are shared with it.
async fn clusters(
    sdk: &Sdk,
    estate: &Estate,
    notes: &mut Notes<'_>,
) -> Result<(Option<AccountName>, Vec<Found>), DiscoverError> {
    let mut found: Option<(Option<AccountName>, Vec<Found>)> = None;
    for account in estate.walk() {
        let config = sdk.control_config(account.as_ref(), patient());
        let config = &Asked { client: config, patience: Patience::calls_a_second(OTHERS) };
        let listed = pages::all(PAGES, "ARC clusters", |token: Option<String>| async move {
            let ask = || async { Ok(config.client.list_clusters().set_next_token(token.clone()).send().await?) };
            let page = config.patience.ask(ask).await?;
            Ok(Page::of(page.clusters.unwrap_or_default(), page.next_token))
        });
        let here = match listed.await {
            Ok(here) => here,
            Err(trouble) if estate.accounts.is_empty() => return Err(DiscoverError::Clusters(trouble)),
            Err(trouble) => {
                notes.not_read(&format!("ARC clusters{} (ListClusters)", of(account.as_ref())), &trouble);
                continue;
            }
        };
        let owns = here.iter().any(|c| c.owner() == Some(estate.account_id(account.as_ref())));
        if !here.is_empty() && (owns || found.is_none()) {
            found = Some((account, here));
        }
        if owns {
            break;
        }
    }
    found.ok_or(DiscoverError::NoCluster)
}

/// Route 53's endpoint checks with their accounts, and what records with a check are: of every account.
async fn everywhere(sdk: &Sdk, estate: &mut Estate, notes: &mut Notes<'_>) -> (Vec<Looks>, BTreeMap<String, Steered>) {
    let (mut all, mut steered) = (Vec::new(), BTreeMap::<String, Steered>::new());
    let mut most = 0;
    for account in estate.walk() {
        let client = sdk.route53(account.as_ref(), patient());
        let route53 = &Asked { client, patience: Patience::calls_a_second(ROUTE53) };
        let what = format!("Route 53 health checks{} (ListHealthChecks)", of(account.as_ref()));
        let here = notes.listed(&what, checks(route53).await);
        let given = records::find(route53, notes).await;
        // Where most of it is, is where Route 53 is.
        let much = here.len() + given.len();
        if much > most {
            (most, estate.route53.account) = (much, account.clone());
        }
        all.extend(here.into_iter().map(|(id, target)| Looks { id, target, account: account.clone() }));
        for (check, some) in given {
            steered.entry(check).or_default().and(some);
        }
    }
    records::keep_own(&mut steered);
    (all, steered)
}

/// An endpoint check, what it looks at, and the account that it is in.
struct Looks {
    id: String,
    target: String,
    account: Option<AccountName>,
}

/// The account, behind what is read there.
fn of(account: Option<&AccountName>) -> String {
    account.map_or_else(String::new, |name| format!(" of {name}"))
}

/// A client, and how it is asked.
pub(super) struct Asked<C> {
    pub(super) client: C,
    pub(super) patience: Patience,
}

async fn panels(config: &Asked<Config>, cluster: &ClusterArn, notes: &mut Notes<'_>) -> Vec<Panel> {
    let listed = pages::up_to(PAGES, |token: Option<String>| async move {
        let call = || config.client.list_control_panels().cluster_arn(cluster.as_str()).set_next_token(token.clone());
        let page = config.patience.ask(|| async { Ok(call().send().await?) }).await?;
        let all = page.control_panels.unwrap_or_default().into_iter();
        Ok(Page::of(all.filter_map(|p| Some((p.control_panel_arn?, p.name?))).collect(), page.next_token))
    });
    let listed = notes.listed("control panels", listed.await);
    let mut panels = Vec::new();
    for (arn, name) in listed {
        let controls = controls(config, &arn).await;
        let controls = notes.listed(&format!("routing controls of panel {}", shown(&name)), controls);
        panels.push(Panel { arn, name, controls });
    }
    panels
}

async fn controls(config: &Asked<Config>, panel: &str) -> Result<Listed<Control>, Trouble> {
    pages::up_to(PAGES, |token: Option<String>| async move {
        let call = || config.client.list_routing_controls().control_panel_arn(panel).set_next_token(token.clone());
        let page = config.patience.ask(|| async { Ok(call().send().await?) }).await?;
        let mut controls = Vec::new();
        for found in page.routing_controls.unwrap_or_default() {
            let (Some(arn), Some(name)) = (found.routing_control_arn, found.name) else { continue };
            let call = || config.client.list_associated_route53_health_checks().routing_control_arn(&arn);
            let checks = config.patience.ask(|| async { Ok(call().send().await?) }).await?;
            let health_check = checks.health_check_ids.unwrap_or_default().into_iter().next().map(HealthCheckId::new);
            let region = region_in(&name);
            controls.push(Control { arn: ControlArn::new(arn), name, region, health_check, target: Vec::new() });
        }
        Ok(Page::of(controls, page.next_token))
    })
    .await
}

async fn rules(config: &Asked<Config>, panel: &Panel) -> Result<Listed<SafetyRule>, Trouble> {
    pages::up_to(PAGES, |token: Option<String>| async move {
        let call = || config.client.list_safety_rules().control_panel_arn(&panel.arn).set_next_token(token.clone());
        let page = config.patience.ask(|| async { Ok(call().send().await?) }).await?;
        let rules = page.safety_rules.unwrap_or_default();
        Ok(Page::of(rules.iter().filter_map(|r| rule(r, &panel.arn)).collect(), page.next_token))
    })
    .await
}

fn rule(rule: &Rule, panel: &str) -> Option<SafetyRule> {
    let arns = |list: &[String]| list.iter().map(ControlArn::new).collect::<Vec<_>>();
    let (arn, name, wait, how, kind) = match (rule.assertion(), rule.gating()) {
        (Some(a), _) => {
            let kind = RuleKind::Assertion { controls: arns(a.asserted_controls()) };
            (a.safety_rule_arn()?, a.name()?, a.wait_period_ms()?, a.rule_config()?, kind)
        }
        (None, Some(g)) => {
            let kind = RuleKind::Gating { gating: arns(g.gating_controls()), target: arns(g.target_controls()) };
            (g.safety_rule_arn()?, g.name()?, g.wait_period_ms()?, g.rule_config()?, kind)
        }
        (None, None) => return None,
    };
    let test = match how.r#type()? {
        RuleType::Atleast => RuleTest::AtLeast,
        RuleType::And => RuleTest::And,
        RuleType::Or => RuleTest::Or,
        _ => return None,
    };
    Some(SafetyRule {
        arn: RuleArn::new(arn),
        name: name.to_owned(),
        control_panel: PanelArn::new(panel),
        kind,
        test,
        threshold: u32::try_from(how.threshold().unwrap_or(0)).unwrap_or(0),
        inverted: how.inverted().unwrap_or(false),
        wait_period: Span::from_millis(i64::from(wait)),
    })
}

/// Endpoint checks: id and what they look at.
async fn checks(route53: &Asked<Route53>) -> Result<Listed<(String, String)>, Trouble> {
    pages::up_to(PAGES, |marker: Option<String>| async move {
        let call = || route53.client.list_health_checks().set_marker(marker.clone());
        let page = route53.patience.ask(|| async { Ok(call().send().await?) }).await?;
        let mut found = Vec::new();
        for check in page.health_checks() {
            let Some(config) = check.health_check_config() else { continue };
            // Route 53's API does not answer for these; ARC does.
            if matches!(config.r#type().as_str(), "RECOVERY_CONTROL" | "CALCULATED" | "CLOUDWATCH_METRIC") {
                continue;
            }
            let target = config.fully_qualified_domain_name().or(config.ip_address()).unwrap_or_default();
            found.push((check.id().to_owned(), target.to_owned()));
        }
        Ok(Page::of(found, page.next_marker().filter(|_| page.is_truncated()).map(str::to_owned)))
    })
    .await
}

/// What the cluster's endpoints say now: where traffic is, is where it belongs on a normal day, for all that we know.
async fn states(sdk: &Sdk, estate: &Estate, controls: Vec<Control>, notes: &mut Notes<'_>) -> States {
    let mut cluster_only = super::bare(estate.endpoints.clone(), estate.accounts.clone());
    cluster_only.cluster = estate.cluster.clone();
    cluster_only.gates = controls;
    let arc = Arc::new(&cluster_only, sdk);
    let mut why = None;
    for endpoint in &estate.cluster.endpoints {
        match arc.read(&endpoint.region).await {
            Ok(states) => return states,
            Err(e) => why = Some(e.to_string()),
        }
    }
    let why = why.unwrap_or_else(|| "the cluster has no endpoints".into());
    notes.unread.push(format!("states of the routing controls: {why}"));
    States::new()
}

fn pairs(
    panels: Vec<Panel>,
    wanted: &[Wanted],
    states: &States,
    steered: &BTreeMap<String, Steered>,
    estate: &mut Estate,
    notes: &mut Notes<'_>,
) {
    let mut pair_names = BTreeSet::new();
    let mut service_names = BTreeSet::new();
    for panel in panels {
        let mut count: BTreeMap<Region, (usize, usize)> = BTreeMap::new();
        for control in &panel.controls {
            let Some(region) = &control.region else { continue };
            let (all, on) = count.entry(region.clone()).or_default();
            *all += 1;
            *on += usize::from(states.get(&control.arn) == Some(&ControlState::On));
        }
        let mut regions: Vec<(Region, (usize, usize))> = count.into_iter().collect();
        regions.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        let by_hand = wanted.iter().find(|w| regions.iter().any(|(r, _)| *r == w.active || *r == w.standby));
        let shown_name = shown(&panel.name);
        let (name, active, standby, how) = match (by_hand, regions.as_slice()) {
            (Some(w), _) => (w.name.to_string(), w.active.clone(), w.standby.clone(), "Given by hand.".to_owned()),
            (None, [(one, _), (other, _), ..]) => {
                // The more controls On, the more it is where traffic belongs.
                let (active, standby) = if regions_on(&regions, one) >= regions_on(&regions, other) {
                    (one.clone(), other.clone())
                } else {
                    (other.clone(), one.clone())
                };
                let word = panel.name.rsplit(['-', ' ', '_']).next().unwrap_or_default();
                let name = if word.is_empty() { slug(&panel.name) } else { slug(word) };
                let how = format!(
                    "Guessed from the controls of panel {shown_name}: more of them are On in {active} now than in \
                     {standby}. Swap the two if traffic was moved when this was written."
                );
                (name, active, standby, how)
            }
            (None, _) => {
                notes.remarks.push(format!(
                    "Panel {shown_name} makes no pair: the names of its {} routing controls do not tell two regions.",
                    panel.controls.len()
                ));
                estate.gates.extend(panel.controls.into_iter().map(|c| Control { region: None, ..c }));
                continue;
            }
        };
        let name = unique(name, &mut pair_names);
        notes.note("pairs", name.clone(), how);
        let pair = PairName::new(name.as_str());
        estate.pairs.push(Pair {
            name: pair.clone(),
            active: active.clone(),
            standby: standby.clone(),
            control_panel: PanelArn::new(panel.arn.as_str()),
            panel_name: panel.name.clone(),
            account: None,
            runbook: None,
        });
        let mut services: Vec<(String, Vec<Control>)> = Vec::new();
        for control in panel.controls {
            match control.region.clone().filter(|r| *r == active || *r == standby) {
                Some(region) => {
                    let service = without_region(&control.name, &region);
                    match services.iter_mut().find(|(s, _)| *s == service) {
                        Some((_, controls)) => controls.push(control),
                        None => services.push((service, vec![control])),
                    }
                }
                None => {
                    let what = "No region in its name, so it is taken to be a control that steers no traffic: a gate.";
                    notes.note("gates", control.name.clone(), what);
                    estate.gates.push(Control { region: None, ..control });
                }
            }
        }
        for (service, mut controls) in services {
            controls.sort_by_key(|c| c.region.as_ref() != Some(&active));
            let taken = service_names.contains(&service);
            let service = unique(if taken { format!("{service}-{name}") } else { service }, &mut service_names);
            let mut dns: BTreeSet<String> = BTreeSet::new();
            for control in &mut controls {
                let Some(of) = control.health_check.as_ref().and_then(|id| steered.get(id.as_str())) else { continue };
                dns.extend(of.names.iter().cloned());
                control.target = of.targets.iter().cloned().collect();
            }
            let from = if dns.is_empty() {
                "No DNS record uses its health checks: add the DNS names that it steers to `dns`.".to_owned()
            } else {
                let missing =
                    missing_targets(&controls, [&active, &standby]).map_or_else(String::new, |m| format!("\n{m}"));
                format!(
                    "Its DNS names are those of the records that use its health checks, its targets those that they lead to.{missing}"
                )
            };
            let probes = format!(
                "No probe: nothing sees whether the application itself answers. Below its controls, one for each region:\n    \
                 [[services.probes]]\n    region = \"{active}\"\n    url = \"https://…\"   # a page that needs what the \
                 service needs"
            );
            notes.note(
                "services",
                service.clone(),
                format!("The tier is guessed: RTO and order depend on it. {from}\n{probes}"),
            );
            let (name, dns) = (ServiceName::new(service.as_str()), dns.into_iter().collect());
            let (tier, probes) = (Tier::Critical, Vec::new());
            estate.services.push(Service {
                name,
                pair: pair.clone(),
                tier,
                account: None,
                dns,
                controls,
                records: Vec::new(),
                probes,
            });
        }
    }
}

fn regions_on(regions: &[(Region, (usize, usize))], region: &Region) -> usize {
    regions.iter().find(|(r, _)| r == region).map_or(0, |(_, (_, on))| *on)
}

fn endpoint_checks(checks: &[Looks], estate: &mut Estate, notes: &mut Notes<'_>) {
    for Looks { id, target, account } in checks {
        let region = region_in(target);
        // The service whose name is in the target, from a pair with that region; the longest name wins.
        let here = |s: &&Service| {
            let pair = estate.pairs.iter().find(|p| p.name == s.pair);
            let first = s.name.as_str().split('-').next().unwrap_or_default();
            pair.zip(region.as_ref()).is_some_and(|(p, r)| p.side(r).is_some()) && target.contains(first)
        };
        let exact = |s: &Service| usize::from(target.contains(s.name.as_str())) * 100 + s.name.as_str().len();
        let service = estate.services.iter().filter(here).max_by_key(|s| exact(s)).map(|s| s.name.clone());
        let (Some(service), Some(region)) = (service, region) else {
            notes.remarks.push(format!(
                "Health check {id} looks at {}, which tells no service and region of this file.",
                shown(target)
            ));
            continue;
        };
        notes.note(
            "health_checks",
            id.clone(),
            format!("Looks at {}: service and region are guessed from that.", shown(target)),
        );
        if *account != estate.route53.account
            && let Some(own) = estate.services.iter_mut().find(|s| s.name == service)
        {
            own.account.clone_from(account);
        }
        let name = format!("{service} {region}");
        estate.health_checks.push(HealthCheck { id: HealthCheckId::new(id.as_str()), name, service, region });
    }
}
