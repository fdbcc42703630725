//! The one simulated world: causes on one side, everything the services in front of it can be asked on the other.

pub mod types;

pub use types::*;

use std::sync::{Arc, Mutex, PoisonError};

use super::clock::SimClock;
use crate::estate::{Estate, Region};
use crate::time::Timestamp;

/// The world. Everything in it is a function of the seed, of what happened, and of the time asked about.
#[derive(Debug)]
pub struct World {
    estate: Arc<Estate>,
    #[expect(dead_code, reason = "filled in with the figures")]
    seed: u64,
    now: Timestamp,
}

impl World {
    /// A world of this estate that begins at `start`.
    #[must_use]
    pub fn new(estate: Arc<Estate>, seed: u64, start: Timestamp) -> Self {
        Self { estate, seed, now: start }
    }

    /// Lets time pass until `to`; time never runs backwards.
    pub fn advance(&mut self, to: Timestamp) {
        self.now = self.now.max(to);
    }

    /// The world's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The estate that the world is made of.
    #[must_use]
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// What becomes of a request to an API in a region. Global Route 53 takes the region that the
    /// request is signed for and answers whatever happens to it.
    #[must_use]
    pub fn reach(&self, _region: &Region, _api: Api) -> Reach {
        Reach::Ok
    }

    /// The metrics that a region's CloudWatch holds, sorted.
    #[must_use]
    pub fn metrics(&self, _region: &Region) -> Vec<Metric> {
        Vec::new()
    }

    /// The data points of a metric with exactly these dimensions, oldest first, one a complete period that
    /// begins in `from..to`; none where there is no data. `statistic` as CloudWatch writes it.
    #[must_use]
    pub fn metric_data(
        &self,
        _region: &Region,
        _metric: &Metric,
        _statistic: &str,
        _period_secs: i64,
        _from: Timestamp,
        _to: Timestamp,
    ) -> Vec<(Timestamp, f64)> {
        Vec::new()
    }

    /// The region's CloudWatch alarms, by name.
    #[must_use]
    pub fn alarms(&self, _region: &Region) -> Vec<Alarm> {
        Vec::new()
    }

    /// The region's EC2 instances, recovery instances among them.
    #[must_use]
    pub fn instances(&self, _region: &Region) -> Vec<Instance> {
        Vec::new()
    }

    /// The account's own images in the region.
    #[must_use]
    pub fn images(&self, _region: &Region) -> Vec<Image> {
        Vec::new()
    }

    /// The account's own EBS snapshots in the region.
    #[must_use]
    pub fn snapshots(&self, _region: &Region) -> Vec<Snapshot> {
        Vec::new()
    }

    /// The region's VPN connections.
    #[must_use]
    pub fn vpns(&self, _region: &Region) -> Vec<Vpn> {
        Vec::new()
    }

    /// The region's Transit Gateway peering attachments.
    #[must_use]
    pub fn peerings(&self, _region: &Region) -> Vec<Peering> {
        Vec::new()
    }

    /// The region's capacity reservations.
    #[must_use]
    pub fn reservations(&self, _region: &Region) -> Vec<Reservation> {
        Vec::new()
    }

    /// DRS source servers that would be recovered in this region.
    #[must_use]
    pub fn source_servers(&self, _region: &Region) -> Vec<SourceServer> {
        Vec::new()
    }

    /// DRS recovery instances of the region.
    #[must_use]
    pub fn recovery_instances(&self, _region: &Region) -> Vec<RecoveryInstance> {
        Vec::new()
    }

    /// A source server's recovery snapshots, newest first; empty for a server not known here.
    #[must_use]
    pub fn recovery_snapshots(&self, _region: &Region, _server: &str) -> Vec<RecoverySnapshot> {
        Vec::new()
    }

    /// The region's DRS jobs, newest first.
    #[must_use]
    pub fn jobs(&self, _region: &Region) -> Vec<Job> {
        Vec::new()
    }

    /// A job's log so far, oldest first; none for a job not known here.
    #[must_use]
    pub fn job_log(&self, _region: &Region, _job: &str) -> Option<Vec<JobLogItem>> {
        None
    }

    /// Begins a recovery (`StartRecovery`) of source servers, each with the snapshot to use, or a new one.
    ///
    /// # Errors
    /// See [`StartRecoveryError`].
    pub fn start_recovery(
        &mut self,
        _region: &Region,
        _servers: &[(String, Option<String>)],
        _is_drill: bool,
        _tags: Tags,
    ) -> Result<Job, StartRecoveryError> {
        Err(StartRecoveryError::BadRequest)
    }

    /// Every Route 53 health check of the account.
    #[must_use]
    pub fn health_checks(&self) -> Vec<Check> {
        Vec::new()
    }

    /// What the 16 checkers of an endpoint check saw last; none for an unknown id, and none for calculated
    /// and recovery-control checks, which have no checkers.
    #[must_use]
    pub fn health_check_observations(&self, _id: &str) -> Option<Vec<Observation>> {
        None
    }

    /// The account's hosted zones.
    #[must_use]
    pub fn hosted_zones(&self) -> Vec<HostedZone> {
        Vec::new()
    }

    /// A zone's record sets in Route 53's order; none for an unknown zone.
    #[must_use]
    pub fn record_sets(&self, _zone: &str) -> Option<Vec<RecordSet>> {
        None
    }
}

/// The world as the servers share it: each look first lets time pass up to now.
#[derive(Clone, Debug)]
pub struct SharedWorld {
    world: Arc<Mutex<World>>,
    clock: SimClock,
}

impl SharedWorld {
    /// Shares a world that lives by `clock`.
    #[must_use]
    pub fn new(world: World, clock: SimClock) -> Self {
        Self { world: Arc::new(Mutex::new(world)), clock }
    }

    /// Looks at the world, or changes it, as it is now. Never held over an await: it takes a closure.
    pub fn with<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.advance(self.clock.now());
        look(&mut world)
    }

    /// The clock that the world lives by.
    #[must_use]
    pub fn clock(&self) -> SimClock {
        self.clock
    }
}
