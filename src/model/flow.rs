//! How traffic flows while not all of it goes one way: services may be in different regions, and answers for one service
//! may differ while caches run out.

use super::{Lever, Model, Traffic};
use crate::change::{Change, State};
use crate::estate::{ControlState, Pair, Service, ServiceName, Side};
use crate::time::{Span, Stamp};
use crate::words::Answers;

/// How long a change that ARC has taken is known to lead traffic there, though its controls were not read since.
const TAKEN_FOR: Span = Span::from_mins(10);

/// How the traffic of a pair flows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// All answers that are known lead to one side, or none is known.
    Settled,
    /// Some services move to a side.
    Moving {
        /// Where to.
        to: Side,
        /// When ARC took the change that moves them; none where no change of this journal does.
        since: Option<Stamp>,
        /// How many of the answers for them lead there.
        answers: Answers,
        /// Which of the pair's services, where it is not all of them.
        services: Vec<ServiceName>,
    },
    /// Answers for these services differ, and the routing controls name no side.
    Mixed(Vec<ServiceName>),
    /// Each service has one way, but not all have the same. The services that enter the active side, and the others.
    Apart {
        /// In the active region.
        active: Vec<ServiceName>,
        /// In the standby region.
        standby: Vec<ServiceName>,
    },
}

impl Flow {
    /// Whether it brings traffic to a side that most answers do not lead to yet.
    #[must_use]
    pub fn reaches(&self, side: Side) -> bool {
        match self {
            Flow::Moving { to, .. } => *to == side,
            Flow::Apart { .. } => true,
            Flow::Settled | Flow::Mixed(_) => false,
        }
    }
}

impl Model {
    /// How the traffic of a pair flows.
    #[must_use]
    pub fn flow(&self, p: &Pair) -> Flow {
        let all = self.estate.services_of(&p.name).count();
        if let Some((change, to)) = self.on_its_way(p) {
            let services: Vec<&Service> = self.received(change).filter(|s| s.pair == p.name).collect();
            let traffic = self.traffic_of(&services);
            if !traffic.to.is_empty() {
                let answers = traffic.answers(p.region(to));
                return Flow::Moving { to, since: Some(change.since), answers, services: part(&services, all) };
            }
        }
        let (mut active, mut standby, mut mixed) = (Vec::new(), Vec::new(), Vec::new());
        for service in self.estate.services_of(&p.name) {
            let traffic = self.service_traffic(service);
            let of = |side| traffic.to.get(p.region(side)).copied().unwrap_or(0);
            match (of(Side::Active), of(Side::Standby)) {
                (0, 0) => {}
                (_, 0) => active.push(service),
                (0, _) => standby.push(service),
                _ => mixed.push(service),
            }
        }
        let names = |services: &[&Service]| services.iter().map(|s| s.name.clone()).collect::<Vec<_>>();
        if let Some(first) = mixed.first() {
            let to =
                self.service_side(p, first).filter(|to| mixed.iter().all(|s| self.service_side(p, s) == Some(*to)));
            let Some(to) = to else { return Flow::Mixed(names(&mixed)) };
            // Those of the same move that have arrived, or have not begun to follow, are part of it.
            let (behind, ahead) = match to {
                Side::Active => (standby, active),
                Side::Standby => (active, standby),
            };
            let follows = |s: &&Service| self.service_side(p, s) == Some(to);
            let moves = mixed.into_iter().chain(ahead).chain(behind).filter(follows);
            let moves: Vec<&Service> = moves.collect();
            let answers = self.traffic_of(&moves).answers(p.region(to));
            return Flow::Moving { to, since: None, answers, services: part(&moves, all) };
        }
        if active.is_empty() || standby.is_empty() {
            return Flow::Settled;
        }
        Flow::Apart { active: names(&active), standby: names(&standby) }
    }

    fn traffic_of(&self, services: &[&Service]) -> Traffic {
        let mut traffic = Traffic::default();
        services.iter().for_each(|s| traffic.add(self.service_traffic(s)));
        traffic
    }

    /// The side whose control of a service is On, if it is one side.
    fn service_side(&self, p: &Pair, service: &Service) -> Option<Side> {
        let on = |side: &Side| {
            let control = service.control(p.region(*side));
            control.is_some_and(|c| self.levers.get(&c.arn, self.now) == Lever::Agreed(ControlState::On))
        };
        let mut on = Side::BOTH.into_iter().filter(on);
        on.next().filter(|_| on.next().is_none())
    }

    /// The change that ARC took and that DNS does not follow yet, with where it leads. Not if its controls were moved
    /// back since.
    fn on_its_way(&self, p: &Pair) -> Option<(&Change, Side)> {
        let moves = |c: &&Change| c.text.pair == p.name && c.text.moves_traffic();
        let done = |c: &&Change| moves(c) && matches!(c.state, State::Verified { .. });
        let newest = self.changes.all().iter().rev().find(done)?;
        let to = p.side(&newest.text.receiving)?;
        // Controls that were read before it prove nothing; what is read since does.
        let now = |arn| self.levers.after(arn, self.now, newest.since);
        let flips = newest.text.flips();
        let back = self.undone(newest).next().is_some();
        let shown = flips.iter().all(|f| now(&f.arn) == Lever::Agreed(f.to));
        let holds = !back && (shown || self.now.since(newest.since) < TAKEN_FOR);
        (newest.state == State::Verified { moved: None } && holds).then_some((newest, to))
    }
}

/// Which services they are, where they are not all of them.
fn part(services: &[&Service], all: usize) -> Vec<ServiceName> {
    if services.len() == all { Vec::new() } else { services.iter().map(|s| s.name.clone()).collect() }
}
