//! A launch from a point in time: its snapshots are found before anybody signs, and stand in what is signed.

use super::Model;
use super::lifecycle::Pending;
use crate::change::{Draft, Launch, Nonce, Operator, Wanted};
use crate::effect::{Effect, EffectId, PointsOrder};
use crate::event::{Failure, Has, Pointed};

/// A launch that somebody proposes, while its snapshots are looked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wish {
    pub(super) by: Operator,
    pub(super) draft: Draft,
    pub(super) nonce: Nonce,
}

impl Model {
    /// The snapshots that a draft still needs; none for one that is launched from the latest data, or has them.
    pub(super) fn wanted_points(&self, draft: &Draft) -> Option<PointsOrder> {
        let Wanted::Launch(launch) = &draft.wanted else { return None };
        let at = launch.at.filter(|_| launch.servers.iter().any(|s| s.point.is_none()))?;
        let servers = launch.servers.iter().map(|s| s.id.clone()).collect();
        Some(PointsOrder { site: self.estate.drs_site(&draft.receiving), servers, at })
    }

    /// Has DRS asked for the snapshots of a launch, which is proposed when they are there.
    pub(super) fn find_points(&mut self, wish: Wish) {
        let Some(order) = self.wanted_points(&wish.draft) else { return };
        if order.at > self.now.wall {
            let why = format!("{} has not come yet: a launch is from a point in time that has passed", order.at);
            return self.proposal_refused(&wish.by, wish.draft.title, why);
        }
        self.effect(Some(Pending::Points(Box::new(wish))), |id| Effect::FindPoints(id, order));
    }

    /// The snapshots of a launch are known, or why not.
    pub(super) fn points_found(&mut self, id: EffectId, found: Result<Vec<Pointed>, Failure>) {
        let Some(Pending::Points(wish)) = self.pending.remove(&id) else { return };
        let Wish { by, mut draft, nonce } = *wish;
        let filled = match (&mut draft.wanted, found) {
            (Wanted::Launch(launch), Ok(found)) => fill(launch, &found),
            (_, Err(failure)) => Err(crate::words::unread_points(&draft.receiving, &failure.why)),
            (Wanted::Controls { .. }, Ok(_)) => Ok(()),
        };
        match filled {
            Ok(()) => self.propose(&by, draft, nonce),
            Err(why) => self.proposal_refused(&by, draft.title, crate::hygiene::visible(&why).into_owned()),
        }
    }
}

/// Gives each server its snapshot.
///
/// # Errors
/// Which have none for that point in time.
fn fill(launch: &mut Launch, found: &[Pointed]) -> Result<(), String> {
    let mut without = Vec::new();
    for server in &mut launch.servers {
        match found.iter().find(|f| f.server == server.id).map(|f| &f.has) {
            Some(Has::Point(point)) => server.point = Some(point.clone()),
            Some(Has::Younger(oldest)) => without.push((server.name.clone(), Some(oldest.to_string()))),
            Some(Has::Nothing) | None => without.push((server.name.clone(), None)),
        }
    }
    let at = launch.at.map_or_else(String::new, |at| at.to_string());
    if without.is_empty() { Ok(()) } else { Err(crate::words::no_points(&at, &without)) }
}
