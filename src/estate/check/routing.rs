//! Checks of the cluster, the pairs, the services with their controls, health checks and resolvers.

use std::collections::BTreeMap;

use super::super::{Control, Estate, FailoverRecord, Pair, Service, Side};
use super::{Check, shapes};

/// Routing controls of a cluster; a change of more than ten goes in several calls.
const MOST_CONTROLS: usize = 300;

/// The kinds of ARC resources.
#[derive(Clone, Copy)]
pub enum Kind {
    Cluster,
    Panel,
    Control,
    Rule,
}

impl Check<'_> {
    pub fn routing(&mut self, e: &Estate) {
        if self.whole("name") && e.name.trim().is_empty() {
            self.fault("name", "an estate needs a name: people compare it before they approve");
        }
        if self.whole("account") && !shapes::is_account(&e.account) {
            self.fault("account", format!("an AWS account number has twelve digits, `{}` has not", e.account));
        }
        self.unique("regions", "name", "region", e.regions.iter().map(|r| r.name.as_str()));
        self.unique("pairs", "name", "pair", e.pairs.iter().map(|p| p.name.as_str()));
        self.unique("services", "name", "service", e.services.iter().map(|s| s.name.as_str()));
        self.unique("resolvers", "name", "resolver", e.resolvers.iter().map(|r| r.name.as_str()));
        self.unique("health_checks", "id", "health check", e.health_checks.iter().map(|h| h.id.as_str()));
        if self.whole("cluster") && self.tree.contains_key("cluster") {
            self.cluster(e);
        }
        if self.whole("cluster") && e.cluster.is_none() {
            self.without_cluster(e);
        }
        self.endpoints(e);
        for (i, pair) in e.pairs.iter().enumerate() {
            self.pair(e, i, pair);
        }
        for (i, service) in e.services.iter().enumerate() {
            self.service(e, i, service);
        }
        for (i, gate) in e.gates.iter().enumerate() {
            self.control(e, &format!("gates.{i}"), gate);
        }
        self.doubles(e);
        self.health_checks(e);
    }

    fn cluster(&mut self, e: &Estate) {
        self.arn(e, "cluster.arn", e.cluster.arn.as_str(), Kind::Cluster);
        if e.cluster.endpoints.is_empty() {
            self.fault("cluster", "the cluster has no endpoints: an incident cannot look them up");
        }
        let mut regions: Vec<&str> = Vec::new();
        for (i, endpoint) in e.cluster.endpoints.iter().enumerate() {
            let path = format!("cluster.endpoints.{i}");
            if regions.contains(&endpoint.region.as_str()) {
                self.fault(&format!("{path}.region"), format!("a second cluster endpoint in `{}`", endpoint.region));
            }
            regions.push(endpoint.region.as_str());
            let url = format!("{path}.url");
            self.url(&url, &endpoint.url);
            if shapes::url_fault(&endpoint.url).is_none() && !endpoint.url.ends_with("/v1") {
                self.fault(&url, format!("the endpoint `{}` does not end in /v1, as AWS's do", endpoint.url));
            }
        }
    }

    /// What belongs to a cluster that the file does not name.
    fn without_cluster(&mut self, e: &Estate) {
        let panels = e.pairs.iter().enumerate().filter(|(_, p)| !p.control_panel.as_str().is_empty());
        let panels = panels.map(|(i, _)| (format!("pairs.{i}.control_panel"), "a control panel"));
        let controls = e.services.iter().enumerate().filter(|(_, s)| !s.controls.is_empty());
        let controls = controls.map(|(i, _)| (format!("services.{i}.controls"), "routing controls"));
        let gates = Some(("gates".to_owned(), "a gate")).filter(|_| !e.gates.is_empty());
        let rules = Some(("safety_rules".to_owned(), "a safety rule")).filter(|_| !e.safety_rules.is_empty());
        for (path, what) in panels.chain(controls).chain(gates).chain(rules).collect::<Vec<_>>() {
            self.fault(&path, format!("{what} without a cluster: `[cluster]` is missing"));
        }
    }

    fn endpoints(&mut self, e: &Estate) {
        let by_region = [
            ("cloudwatch", &e.endpoints.cloudwatch),
            ("ec2", &e.endpoints.ec2),
            ("drs", &e.endpoints.drs),
            ("sts", &e.endpoints.sts),
        ];
        for (service, urls) in by_region {
            for (region, url) in urls {
                self.url(&format!("endpoints.{service}.{region}"), url);
            }
        }
        let global = [
            ("route53", &e.endpoints.route53),
            ("iam", &e.endpoints.iam),
            ("recovery_control_config", &e.endpoints.recovery_control_config),
        ];
        for (service, url) in global {
            if let Some(url) = url {
                self.url(&format!("endpoints.{service}"), url);
            }
        }
    }

    pub(super) fn url(&mut self, path: &str, url: &str) {
        if let Some(why) = shapes::url_fault(url) {
            self.fault(path, format!("the URL `{url}` {why}"));
        }
    }

    fn pair(&mut self, e: &Estate, i: usize, pair: &Pair) {
        let regions = self.names("regions", "name");
        self.known(&format!("pairs.{i}.active"), "region", pair.active.as_str(), &regions);
        self.known(&format!("pairs.{i}.standby"), "region", pair.standby.as_str(), &regions);
        if pair.active == pair.standby {
            let message = format!("`{}` is both the active and the standby region", pair.active);
            self.fault(&format!("pairs.{i}.standby"), message);
        }
        if let Some(runbook) = &pair.runbook {
            self.url(&format!("pairs.{i}.runbook"), runbook);
        }
        if !e.cluster.is_none() || !self.whole("cluster") {
            self.arn(e, &format!("pairs.{i}.control_panel"), pair.control_panel.as_str(), Kind::Panel);
        }
        let used = self.names("services", "pair");
        let pairs = self.names("pairs", "name");
        // A service whose pair is misspelt is a fault of its own, and may be the one that is missed here.
        let strays = used.iter().any(|p| !pairs.contains(p));
        if !used.contains(&pair.name.as_str()) && !strays && self.whole("services") {
            self.fault(&format!("pairs.{i}"), format!("pair `{}` has no services: nothing could be moved", pair.name));
        }
        let controls: usize = e.services_of(&pair.name).map(|s| s.controls.len()).sum();
        if controls > MOST_CONTROLS {
            let message = format!(
                "a failover of pair `{}` would set {controls} routing controls; a cluster has {MOST_CONTROLS} at most",
                pair.name
            );
            self.fault(&format!("pairs.{i}"), message);
        }
    }

    fn service(&mut self, e: &Estate, i: usize, service: &Service) {
        let pairs = self.names("pairs", "name");
        self.known(&format!("services.{i}.pair"), "pair", service.pair.as_str(), &pairs);
        for (j, control) in service.controls.iter().enumerate() {
            self.control(e, &format!("services.{i}.controls.{j}"), control);
        }
        for (j, probe) in service.probes.iter().enumerate() {
            self.url(&format!("services.{i}.probes.{j}.url"), &probe.url);
        }
        for (j, name) in service.dns.iter().enumerate() {
            if let Some(why) = shapes::dns_fault(name) {
                self.fault(&format!("services.{i}.dns.{j}"), format!("the DNS name `{name}` {why}"));
            }
        }
        if let Some(pair) = e.pair(&service.pair).filter(|p| p.active != p.standby) {
            if !e.cluster.is_none() {
                self.sides(i, service, pair);
            }
            self.records(i, service, pair);
            self.probes(i, service, pair);
        }
    }

    /// Failover records: one a region, a primary and a secondary, each with a health check that is watched.
    fn records(&mut self, i: usize, service: &Service, pair: &Pair) {
        let regions = [pair.active.as_str(), pair.standby.as_str()];
        let checks = self.names("health_checks", "id");
        let mut known: Vec<&FailoverRecord> = Vec::new();
        for (j, record) in service.records.iter().enumerate() {
            let path = format!("services.{i}.records.{j}");
            self.of_pair(&format!("{path}.region"), pair, record.region.as_str(), &regions);
            if known.iter().any(|k| k.region == record.region) {
                let message =
                    format!("service `{}` has a second failover record for `{}`", service.name, record.region);
                self.fault(&format!("{path}.region"), message);
            }
            if known.iter().any(|k| k.failover == record.failover) {
                let message = format!(
                    "service `{}` has two records of one kind: one is primary, the other secondary",
                    service.name
                );
                self.fault(&format!("{path}.failover"), message);
            }
            if let Some(check) = &record.health_check {
                self.known(&format!("{path}.health_check"), "health check", check.as_str(), &checks);
            }
            if let Some((target, why)) = record.target.as_ref().and_then(|t| Some((t, shapes::dns_fault(t)?))) {
                self.fault(&format!("{path}.target"), format!("the DNS name `{target}` {why}"));
            }
            known.push(record);
        }
    }

    /// Exactly one control for each region of the service's pair.
    fn sides(&mut self, i: usize, service: &Service, pair: &Pair) {
        let regions = [pair.active.as_str(), pair.standby.as_str()];
        for side in Side::BOTH {
            let region = pair.region(side);
            let mut of_side = service.controls.iter().enumerate().filter(|(_, c)| c.region.as_ref() == Some(region));
            match (of_side.next(), of_side.next()) {
                (None, _) => {
                    let message = format!("service `{}` has no routing control for `{region}`", service.name);
                    self.fault(&format!("services.{i}"), message);
                }
                (Some(_), Some((second, _))) => {
                    let message = format!("service `{}` has a second routing control for `{region}`", service.name);
                    self.fault(&format!("services.{i}.controls.{second}"), message);
                }
                (Some(_), None) => {}
            }
        }
        let panel = format!("{}/", pair.control_panel);
        for (j, control) in service.controls.iter().enumerate() {
            let path = format!("services.{i}.controls.{j}");
            match &control.region {
                Some(region) => {
                    self.of_pair(&format!("{path}.region"), pair, region.as_str(), &regions);
                }
                None => self.fault(&path, format!("control `{}` of a service names no region", control.name)),
            }
            if !control.arn.as_str().starts_with(&panel) {
                let message = format!("control `{}` is not in the control panel of pair `{}`", control.name, pair.name);
                self.fault(&format!("{path}.arn"), message);
            }
        }
    }

    fn probes(&mut self, i: usize, service: &Service, pair: &Pair) {
        let regions = [pair.active.as_str(), pair.standby.as_str()];
        let mut probed: Vec<&str> = Vec::new();
        for (j, probe) in service.probes.iter().enumerate() {
            let path = format!("services.{i}.probes.{j}.region");
            self.of_pair(&path, pair, probe.region.as_str(), &regions);
            if probed.contains(&probe.region.as_str()) {
                self.fault(&path, format!("service `{}` has a second probe for `{}`", service.name, probe.region));
            }
            probed.push(probe.region.as_str());
        }
    }

    fn of_pair(&mut self, path: &str, pair: &Pair, region: &str, regions: &[&str; 2]) {
        if !regions.contains(&region) {
            let [active, standby] = regions;
            let message =
                format!("`{region}` is no region of pair `{}`, which has `{active}` and `{standby}`", pair.name);
            self.fault(path, message);
        }
    }

    fn control(&mut self, e: &Estate, path: &str, control: &Control) {
        self.arn(e, &format!("{path}.arn"), control.arn.as_str(), Kind::Control);
        let name = &control.name;
        if name.is_empty() || name.len() > 64 || name.contains(char::is_whitespace) {
            let message = format!("`{name}` is no name of a routing control: 1 to 64 characters, no spaces");
            self.fault(&format!("{path}.name"), message);
        }
        for (i, target) in control.target.iter().enumerate() {
            let path = if control.target.len() > 1 { format!("{path}.target.{i}") } else { format!("{path}.target") };
            self.target(e, &path, target);
        }
    }

    /// A region's own entry stays where it is: a name that is steered would lead wherever traffic does, and prove it.
    fn target(&mut self, e: &Estate, path: &str, target: &str) {
        let plain = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
        let name = plain(target);
        let covers = |steered: &String| match plain(steered).strip_prefix('*') {
            Some(rest) => name.ends_with(rest),
            None => plain(steered) == name,
        };
        if let Some(why) = shapes::dns_fault(target) {
            self.fault(path, format!("the target `{target}` {why}"));
        } else if name.starts_with('*') {
            self.fault(path, format!("the target `{target}` is no one name"));
        } else if let Some(service) = e.services.iter().find(|s| s.dns.iter().any(covers)) {
            let message = format!(
                "the target `{target}` is a name that service `{}` steers: it is no region's own",
                service.name
            );
            self.fault(path, message);
        }
    }

    /// Controls, their health checks and DNS names that appear twice.
    fn doubles(&mut self, e: &Estate) {
        let of_services = e.services.iter().enumerate().flat_map(|(i, s)| {
            s.controls.iter().enumerate().map(move |(j, c)| (format!("services.{i}.controls.{j}"), c))
        });
        let gates = e.gates.iter().enumerate().map(|(i, c)| (format!("gates.{i}"), c));
        let controls: Vec<(String, &Control)> = of_services.chain(gates).collect();
        self.no_doubles("control has the ARN", controls.iter().map(|(p, c)| (format!("{p}.arn"), c.arn.as_str())));
        self.no_doubles("control is called", controls.iter().map(|(p, c)| (format!("{p}.name"), c.name.as_str())));
        let checks =
            controls.iter().filter_map(|(p, c)| Some((format!("{p}.health_check"), c.health_check.as_ref()?.as_str())));
        let endpoints =
            e.health_checks.iter().enumerate().map(|(i, h)| (format!("health_checks.{i}.id"), h.id.as_str()));
        self.no_doubles("health check has the id", checks.chain(endpoints));
        let names: Vec<(String, String)> = e
            .services
            .iter()
            .enumerate()
            .flat_map(|(i, s)| {
                s.dns.iter().enumerate().map(move |(j, name)| {
                    (format!("services.{i}.dns.{j}"), name.trim_end_matches('.').to_ascii_lowercase())
                })
            })
            .collect();
        self.no_doubles("service has the DNS name", names.iter().map(|(p, n)| (p.clone(), n.as_str())));
    }

    pub fn no_doubles<'n>(&mut self, what: &str, names: impl Iterator<Item = (String, &'n str)>) {
        let mut seen: BTreeMap<&str, String> = BTreeMap::new();
        for (path, name) in names {
            if let Some(first) = seen.get(name) {
                let line = self.line(first);
                self.fault(&path, format!("a second {what} `{name}`; the first is on line {line}"));
            } else {
                seen.insert(name, path);
            }
        }
    }

    fn health_checks(&mut self, e: &Estate) {
        let services = self.names("services", "name");
        for (i, check) in e.health_checks.iter().enumerate() {
            self.known(&format!("health_checks.{i}.service"), "service", check.service.as_str(), &services);
            let service = e.services.iter().find(|s| s.name == check.service);
            if let Some(pair) = service.and_then(|s| e.pair(&s.pair)) {
                let regions = [pair.active.as_str(), pair.standby.as_str()];
                self.of_pair(&format!("health_checks.{i}.region"), pair, check.region.as_str(), &regions);
            }
            if check.name.trim().is_empty() {
                self.fault(&format!("health_checks.{i}.name"), "a health check needs a name");
            }
        }
    }

    /// An ARN of ARC: its shape, and that it is of one of the estate's accounts: a cluster that is shared has control
    /// panels of others.
    pub fn arn(&mut self, e: &Estate, path: &str, arn: &str, kind: Kind) {
        let (what, words): (&str, &[&str]) = match kind {
            Kind::Cluster => ("cluster", &["cluster"]),
            Kind::Panel => ("control panel", &["controlpanel"]),
            Kind::Control => ("routing control", &["controlpanel", "routingcontrol"]),
            Kind::Rule => ("safety rule", &["controlpanel", "safetyrule"]),
        };
        match shapes::arc(arn) {
            Some((account, rest)) if shapes::is_account(account) && shapes::resource(rest, words) => {
                let known = account == e.account || e.accounts.iter().any(|a| a.id == account);
                if !known && shapes::is_account(&e.account) && self.whole("accounts") {
                    let others = e.accounts.iter().map(|a| a.id.as_str());
                    let own: Vec<&str> = std::iter::once(e.account.as_str()).chain(others).collect();
                    let message = format!("this {what} is of account {account}, the estate of {}", own.join(", "));
                    self.fault(path, message);
                }
            }
            _ => {
                let right: Vec<String> = words.iter().map(|w| format!("{w}/ID")).collect();
                let message =
                    format!("`{arn}` is no {what} ARN (arn:aws:route53-recovery-control::ACCOUNT:{})", right.join("/"));
                self.fault(path, message);
            }
        }
    }
}
