//! The one simulated world: causes on one side, everything the services in front of it can be asked on the other.

mod alarms;
mod balancers;
mod callers;
mod causes;
mod dice;
mod drs;
mod figures;
mod fleet;
mod health;
mod levers;
mod metrics;
mod owners;
mod recovery;
mod traffic;
mod trail;
pub mod types;
mod zones;

pub use balancers::{Behind, Family, six_of};
pub use callers::{Caller, Hand, NotGiven, SIGN_IN_ROLE, Session, Wanted};
pub use causes::{App, Cause};
pub use health::{CHECKERS, INTERVAL_SECS, THRESHOLD};
pub use levers::Change;
pub use metrics::{ROUTE53_HOME, Spot};
pub use recovery::{AcceleratedRecovery, NotComplete};
pub use traffic::{Answer, TTL_SECS};
pub use trail::Call;
pub use types::*;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use callers::Sessions;
use causes::Causes;
use dice::Dice;
use levers::Levers;
use metrics::Bindings;
use recovery::Recoveries;
use trail::Trail;

use super::clock::SimClock;
use super::scenario::{EndpointAnswer, Happening, Scenario, What};
use super::temper::{Counts, Temper};
use crate::estate::{ControlArn, ControlState, Estate, Region};
use crate::time::{Span, Timestamp};

/// The world. Everything in it is a function of the seed, of what happened, and of the time asked about.
#[derive(Debug)]
pub struct World {
    estate: Arc<Estate>,
    dice: Dice,
    start: Timestamp,
    now: Timestamp,
    causes: Causes,
    /// Hands on the levers that a scenario has yet to come to, soonest first.
    hands: Vec<(Timestamp, ControlArn, ControlState)>,
    levers: Levers,
    bindings: Bindings,
    courses: Vec<drs::Course>,
    jobs_begun: u64,
    temper: Temper,
    counts: Counts,
    /// Changes that were asked of the cluster.
    changes_asked: u64,
    sessions: Sessions,
    trail: Trail,
    recoveries: Recoveries,
}

impl World {
    /// A world of this estate that begins at `start`, in which the scenario will happen. On a normal day the
    /// controls of the active regions and the gates are On.
    #[must_use]
    pub fn new(estate: Arc<Estate>, scenario: &Scenario, seed: u64, start: Timestamp) -> Self {
        let mut first = BTreeMap::new();
        for service in &estate.services {
            let active = estate.pair(&service.pair).map(|p| &p.active);
            for control in &service.controls {
                let on = control.region.is_some() && control.region.as_ref() == active;
                first.insert(control.arn.clone(), if on { ControlState::On } else { ControlState::Off });
            }
        }
        first.extend(estate.gates.iter().map(|g| (g.arn.clone(), ControlState::On)));
        let mut world = Self {
            bindings: metrics::bind(&estate),
            estate,
            dice: Dice::new(seed),
            start,
            now: start,
            causes: Causes::default(),
            hands: Vec::new(),
            levers: Levers::new(first),
            courses: Vec::new(),
            jobs_begun: 0,
            temper: Temper::Kind,
            counts: Counts::default(),
            changes_asked: 0,
            sessions: Sessions::default(),
            trail: Trail::default(),
            recoveries: Recoveries::default(),
        };
        for happening in &scenario.happenings {
            world.schedule(happening, start.checked_add(happening.at).unwrap_or(start));
        }
        world
    }

    /// The same world, kind to its callers or not.
    #[must_use]
    pub fn tempered(mut self, temper: Temper) -> Self {
        self.temper = temper;
        self
    }

    /// Counts a call of a service; false where the account has made too many in this second.
    pub fn allows(&mut self, account: &str, api: Api, region: &Region) -> bool {
        self.temper == Temper::Kind || self.counts.allow(account, api, region, self.now)
    }

    /// Remembers a call of somebody, and the code of the error that it was answered with.
    pub fn called(&mut self, caller: &Caller, api: Api, region: &Region, operation: &str, error: Option<&str>) {
        let (caller, region, operation) = (caller.clone(), region.clone(), operation.to_owned());
        self.trail.add(Call { at: self.now, caller, api, region, operation, error: error.map(str::to_owned) });
    }

    /// The latest calls, oldest first, as CloudTrail would show them.
    #[must_use]
    pub fn trail(&self) -> Vec<Call> {
        self.trail.all()
    }

    /// Whether a change that is asked of an endpoint now gets a "try again" that no safety rule is to blame for.
    pub fn conflicts(&mut self, endpoint: &Region) -> bool {
        self.changes_asked += 1;
        self.endpoint_answer(endpoint) == Some(EndpointAnswer::Conflict) || self.temper.conflicts(self.changes_asked)
    }

    fn schedule(&mut self, happening: &Happening, from: Timestamp) {
        if let What::ControlSet { control, state } = &happening.what {
            self.hands.push((from, control.clone(), *state));
            self.hands.sort_by_key(|h| h.0);
            return;
        }
        let until = happening.lasts.and_then(|l| from.checked_add(l).ok());
        self.causes.add(Cause { from, until, say: happening.say.clone(), what: happening.what.clone() });
    }

    /// Switches a zone's accelerated recovery on or off.
    ///
    /// # Errors
    /// While the last switch is still being carried out.
    pub fn switch_accelerated_recovery(&mut self, zone: &str, on: bool) -> Result<(), NotComplete> {
        self.recoveries.switch(zone, on, self.now)
    }

    /// Makes something happen now, for a while or for good.
    pub fn happen(&mut self, what: What, lasts: Option<Span>, say: &str) {
        let happening = Happening { at: Span::ZERO, lasts, say: say.to_owned(), what };
        self.schedule(&happening, self.now);
        self.advance(self.now);
    }

    /// Ends everything that is wrong now. What is scheduled for later still comes.
    pub fn mend(&mut self) {
        self.causes.end_all(self.now);
    }

    /// Everything that went wrong so far or is still to come, in no order.
    #[must_use]
    pub fn causes(&self) -> &[Cause] {
        self.causes.all()
    }

    /// Lets time pass until `to`; time never runs backwards.
    pub fn advance(&mut self, to: Timestamp) {
        let to = self.now.max(to);
        while self.hands.first().is_some_and(|h| h.0 <= to) {
            let (at, control, state) = self.hands.remove(0);
            self.levers.set(at, None, &[(control, state)]);
        }
        self.now = to;
    }

    /// The world's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// When the world began.
    #[must_use]
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The estate that the world is made of.
    #[must_use]
    pub fn estate(&self) -> &Estate {
        &self.estate
    }

    /// What becomes of a request to an API in a region. Route 53's is in us-east-1, wherever it is asked.
    #[must_use]
    pub fn reach(&self, region: &Region, api: Api) -> Reach {
        self.causes.reach(region, api, self.now)
    }

    /// What one operation of a region's DRS answers, and whether it is carried out all the same; none where it works.
    #[must_use]
    pub fn drs_call(&self, region: &Region, call: DrsCall) -> Option<(DrsAnswer, bool)> {
        self.causes.drs_call(region, call, self.now)
    }

    /// Whether whoever calls has a permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.causes.may(permission, self.now)
    }

    /// How one of the cluster's endpoints misbehaves; none when it does not.
    #[must_use]
    pub fn endpoint_answer(&self, region: &Region) -> Option<EndpointAnswer> {
        self.causes.endpoint(region, self.now)
    }

    /// A control's true state; none for an unknown one.
    #[must_use]
    pub fn control_state(&self, control: &ControlArn) -> Option<ControlState> {
        self.levers.state(control, self.now)
    }

    /// A control as one endpoint of the cluster sees it: changes made elsewhere come 50 to 300 ms late.
    #[must_use]
    pub fn control_seen(&self, control: &ControlArn, endpoint: &Region) -> Option<ControlView> {
        let known = self.estate.control(control)?;
        let state = self.levers.state_at_endpoint(&self.dice, control, endpoint, self.now)?;
        Some(ControlView { arn: control.clone(), name: known.name.clone(), state })
    }

    /// Sets controls in one transaction through an endpoint. Rules are judged before, by the cluster.
    pub fn set_controls(&mut self, endpoint: &Region, entries: &[(ControlArn, ControlState)]) {
        self.levers.set(self.now, Some(endpoint), entries);
    }

    /// When any of these controls was last changed; none if never.
    #[must_use]
    pub fn last_change(&self, of: &[ControlArn]) -> Option<Timestamp> {
        self.levers.last_change(|c| of.contains(c))
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
