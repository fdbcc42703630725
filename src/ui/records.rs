//! Where there is no cluster: Route 53's failover records in the levers' place.

use super::pen::{Row, role_of};
use super::theme::Role;
use crate::estate::{FailoverRecord, Region, Service};
use crate::model::{Mark, Model};
use crate::words::{NO_CLUSTER_SHORT, NO_RECORDS, by_checks, record};

/// The panel's title, and what is not there.
pub(super) fn title() -> (Row, Row) {
    (
        Row::of(Role::Title, "failover records").add(Role::Muted, " by their checks"),
        Row::of(Role::Muted, NO_CLUSTER_SHORT),
    )
}

/// Both records of a service, and which of them is answered with, behind the service's name.
pub(super) fn row(
    model: &Model,
    service: &Service,
    [active, standby]: [&Region; 2],
    (cell, track, gap): (usize, usize, usize),
) -> Row {
    if service.records.is_empty() {
        return Row::of(Role::Muted, NO_RECORDS);
    }
    let of = |region: &Region| service.records.iter().find(|r| r.region == *region);
    let answered = model.answers_with(service);
    let side = |region| side(model, of(region), answered, cell);
    let said = by_checks(answered.map(|r| &r.region));
    let role = if answered.is_some() { Role::Muted } else { Role::Unknown };
    let middle = Row::of(role, said).cut(track).pad_to(track);
    side(active).join(middle).cell(Role::Text, "", gap).join(side(standby))
}

fn side(model: &Model, found: Option<&FailoverRecord>, answered: Option<&FailoverRecord>, columns: usize) -> Row {
    let Some(found) = found else { return Row::new().cell(Role::Muted, "–", columns) };
    let mark = model.record_mark(found);
    let role = match mark {
        Mark::Ok if answered == Some(found) => Role::On,
        Mark::Ok => Role::Text,
        mark => role_of(mark),
    };
    let row = Row::new().mark(mark).add(Role::Text, " ").add(role, record(found.failover));
    row.cut(columns.saturating_sub(1)).pad_to(columns)
}
