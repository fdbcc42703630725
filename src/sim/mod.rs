//! The stand-in AWS: wire protocols in front, one simulated world behind, scenarios that make it fail.
//!
//! The world is made of an estate, so that any estate can be rehearsed. Nothing here is shared with the code
//! that asks: the simulator must not agree with the product's mistakes.

pub mod app;
pub mod arc;
pub mod clock;
pub mod dns;
mod exports;
mod ports;
pub mod scenario;
pub mod services;
mod temper;
pub mod wire;
pub mod world;

pub use clock::SimClock;
pub use scenario::{LoadError, Scenario, What};
pub use temper::Temper;
pub use world::{SharedWorld, World};

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use dns::DnsServer;
use ports::Ports;
use services::Service;
use wire::{Handler, Listener};
use world::{Api, Call};

use crate::estate::{ControlArn, ControlState, Estate, Region, Source};
use crate::time::{Span, Timestamp};

/// What a simulator is started with.
#[derive(Clone, Debug)]
pub struct SimOptions {
    /// The estate that the world is made of.
    pub estate: Estate,
    /// What will happen.
    pub scenario: Scenario,
    /// What chance depends on, where it is not to be the scenario's own.
    pub seed: Option<u64>,
    /// How many times faster than life the world runs.
    pub speed: f64,
    /// The first port; the listeners take it and those that follow. None lets the system choose each.
    pub port_base: Option<u16>,
    /// The world's time when it begins; none means now.
    pub start: Option<Timestamp>,
    /// How it treats its callers.
    pub temper: Temper,
}

impl SimOptions {
    /// A scenario of an estate, shipped or from a file, at life's own speed, from now, on ports that the system
    /// chooses.
    ///
    /// # Errors
    /// When there is no such scenario, or it has faults.
    pub fn new(estate: Estate, scenario: &str) -> Result<Self, LoadError> {
        let scenario = Scenario::load(scenario, &estate)?;
        Ok(Self::with(estate, scenario))
    }

    /// The same with a scenario that was read before.
    #[must_use]
    pub fn with(estate: Estate, scenario: Scenario) -> Self {
        Self { estate, scenario, seed: None, speed: 1.0, port_base: None, start: None, temper: Temper::Kind }
    }

    /// What the scenario plays, in words.
    #[must_use]
    pub fn about(&self) -> String {
        format!("this demo plays “{}”: {}", self.scenario.title, self.scenario.about)
    }

    /// The same at another speed.
    #[must_use]
    pub fn speed(mut self, speed: f64) -> Self {
        self.speed = speed;
        self
    }

    /// The same, kind to its callers or not.
    #[must_use]
    pub fn temper(mut self, temper: Temper) -> Self {
        self.temper = temper;
        self
    }

    /// The same with another seed.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The same with the world beginning at this time.
    #[must_use]
    pub fn start(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// A port could not be had.
    #[error("listen for {what} on {}: {error}", port.map_or("a free port".to_owned(), |p| format!("port {p}; try another --port-base")))]
    Listen {
        /// For what.
        what: String,
        /// The port, where one was wanted.
        port: Option<u16>,
        /// Why not.
        error: std::io::Error,
    },
    /// The ports run past the last one.
    #[error("--port-base {base} leaves too few ports: more than {needed} are needed")]
    Ports {
        /// The first port.
        base: u16,
        /// How many were already taken.
        needed: u16,
    },
}

/// A simulator that runs. Dropping it stops every server of it.
pub struct Sim {
    world: SharedWorld,
    estate: Estate,
    scenario: Scenario,
    _listeners: Vec<Listener>,
    _resolvers: Vec<DnsServer>,
}

impl Sim {
    /// Starts the world and every server in front of it, on 127.0.0.1. Call it inside a tokio runtime.
    ///
    /// # Errors
    /// When a port cannot be had.
    pub async fn start(options: SimOptions) -> Result<Self, SimError> {
        let SimOptions { estate: base, scenario, seed, speed, port_base, start, temper } = options;
        let clock = SimClock::new(start.unwrap_or_else(Timestamp::now), speed);
        let world = World::new(Arc::new(base.clone()), &scenario, seed.unwrap_or(scenario.seed), clock.start());
        let world = world.tempered(temper);
        let world = SharedWorld::new(world, clock);
        let mut servers = Servers { ports: Ports::new(port_base), listeners: Vec::new() };
        let mut estate = base.clone();

        let mut told = Vec::new();
        for endpoint in &mut estate.cluster.endpoints {
            let handler = arc::cluster::handler(world.clone(), endpoint.region.clone());
            let handler = temper.at_a_distance(handler, clock, &endpoint.region, None);
            let url = servers.listen(&format!("the cluster endpoint of {}", endpoint.region), handler).await?;
            endpoint.url = format!("{url}/v1");
            told.push((endpoint.region.clone(), endpoint.url.clone()));
        }
        let config = arc::config::handler(world.clone(), told);
        let config = temper.at_a_distance(config, clock, &Region::new("us-west-2"), Some(Api::ControlConfig));
        estate.endpoints.recovery_control_config = Some(servers.listen("the ARC control plane", config).await?);
        let route53 = Service::Route53.listened(&world, &Region::new("us-east-1"), temper);
        estate.endpoints.route53 = Some(servers.listen("Route 53", route53).await?);
        let iam = Service::Iam.listened(&world, &Region::new("us-east-1"), temper);
        estate.endpoints.iam = Some(servers.listen("IAM", iam).await?);
        for region in regions(&base) {
            let places = [
                (Service::Cloudwatch, &mut estate.endpoints.cloudwatch),
                (Service::Ec2, &mut estate.endpoints.ec2),
                (Service::Drs, &mut estate.endpoints.drs),
                (Service::Sts, &mut estate.endpoints.sts),
            ];
            for (service, place) in places {
                let handler = service.listened(&world, &region, temper);
                let url = servers.listen(&format!("{service:?} of {region}"), handler).await?;
                place.insert(region.clone(), url);
            }
        }
        for service in &mut estate.services {
            let with_control = service.controls.iter().filter_map(|c| c.region.clone());
            let here: BTreeSet<Region> = with_control.chain(service.probes.iter().map(|p| p.region.clone())).collect();
            for region in here {
                let handler = app::handler(world.clone(), service.name.clone(), region.clone());
                let url = servers.listen(&format!("{} in {region}", service.name), handler).await?;
                for probe in service.probes.iter_mut().filter(|p| p.region == region) {
                    probe.url = format!("{url}{}", path_of(&probe.url));
                }
            }
        }
        let mut resolvers = Vec::new();
        for resolver in &mut estate.resolvers {
            let port = servers.ports.next()?;
            let server =
                DnsServer::start(port, world.clone(), resolver.clone()).await.map_err(|error| SimError::Listen {
                    what: format!("resolver {}", resolver.name),
                    port: (port != 0).then_some(port),
                    error,
                })?;
            resolver.address = server.address();
            resolvers.push(server);
        }
        Ok(Self { world, estate, scenario, _listeners: servers.listeners, _resolvers: resolvers })
    }

    /// The estate as a console must be given it: every endpoint, resolver and probe is the simulator's own.
    #[must_use]
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// The scenario that is being played.
    #[must_use]
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The world behind it all: the truth, for tests and for the demo.
    #[must_use]
    pub fn world(&self) -> &SharedWorld {
        &self.world
    }

    /// The clock that the world lives by.
    #[must_use]
    pub fn clock(&self) -> SimClock {
        self.world.clock()
    }

    /// Makes something happen now, for a while or for good.
    pub fn happen(&self, what: What, lasts: Option<Span>) {
        self.world.with(|w| w.happen(what, lasts, ""));
    }

    /// Who called what until now, oldest first: what CloudTrail would show of the latest calls.
    #[must_use]
    pub fn trail(&self) -> Vec<Call> {
        self.world.with(|w| w.trail())
    }

    /// The true state of every routing control now.
    #[must_use]
    pub fn control_states(&self) -> BTreeMap<ControlArn, ControlState> {
        self.world.with(|w| {
            let all = w.estate().controls();
            all.filter_map(|c| Some((c.arn.clone(), w.control_state(&c.arn)?))).collect()
        })
    }

    /// What other programs need to talk to it, as environment variables: name and value.
    #[must_use]
    pub fn exports(&self) -> Vec<(String, String)> {
        exports::of(&self.estate)
    }
}

struct Servers {
    ports: Ports,
    listeners: Vec<Listener>,
}

impl Servers {
    async fn listen(&mut self, what: &str, handler: Handler) -> Result<String, SimError> {
        let port = self.ports.next()?;
        let listener = Listener::start(port, handler).await.map_err(|error| SimError::Listen {
            what: what.to_owned(),
            port: (port != 0).then_some(port),
            error,
        })?;
        let url = listener.url();
        self.listeners.push(listener);
        Ok(url)
    }
}

/// Every region that somebody may ask: the pairs', those that readings are read in, and Route 53's.
fn regions(estate: &Estate) -> BTreeSet<Region> {
    let mut regions: BTreeSet<Region> = estate.regions.iter().map(|r| r.name.clone()).collect();
    regions.extend(estate.pairs.iter().flat_map(|p| [p.active.clone(), p.standby.clone()]));
    for reading in estate.systems.iter().flat_map(|s| &s.readings) {
        if let Source::Cloudwatch { region: Some(region), .. } = &reading.source {
            regions.insert(region.clone());
        }
    }
    regions.insert(Region::new("us-east-1"));
    regions
}

/// The path and query of a URL; `/healthz` where it has none.
fn path_of(url: &str) -> &str {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    after.find('/').and_then(|at| after.get(at..)).unwrap_or("/healthz")
}

/// Where a resolver answers, as text that `dig` takes: `@127.0.0.1 -p 5300`.
#[must_use]
pub fn dig(address: SocketAddr) -> String {
    format!("@{} -p {}", address.ip(), address.port())
}
