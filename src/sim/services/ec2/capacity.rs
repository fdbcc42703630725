//! Capacity reservations, and the regions that there are.

use super::{Call, invalid, tag_set};
use crate::sim::wire::{Fault, Tree};
use crate::sim::world::{Reservation, Tags, World};

pub(super) fn describe_capacity_reservations(call: &Call<'_>) -> Result<Tree, Fault> {
    call.known(&["CapacityReservationId", "Filter", "MaxResults", "NextToken"])?;
    let filters = call.filters(&["tag", "state", "instance-type", "availability-zone", "owner-id"])?;
    let mut all = call.own(World::reservations, |item| &item.owner);
    let code = "InvalidCapacityReservationId";
    call.by_id("CapacityReservationId", "cr-", code, &mut all, |r| &r.id)?;
    all.retain(|r| {
        filters.pass(&r.tags, |name| {
            match name {
                "state" => "active",
                "instance-type" => &r.kind,
                "availability-zone" => &r.az,
                "owner-id" => &call.account,
                _ => "",
            }
            .to_owned()
        })
    });
    let page = call.page(all, 1, "CapacityReservationId")?;
    let reservations = page.items.iter().map(|r| reservation(r, call));
    Ok(Tree::map().with("capacityReservationSet", Tree::list("item", reservations)).with_some("nextToken", page.next))
}

fn reservation(r: &Reservation, call: &Call<'_>) -> Tree {
    let arn = format!("arn:aws:ec2:{}:{}:capacity-reservation/{}", call.region, call.account, r.id);
    Tree::map()
        .with("capacityReservationId", &r.id)
        .with("ownerId", &call.account)
        .with("capacityReservationArn", arn)
        .with("instanceType", &r.kind)
        .with("instancePlatform", "Linux/UNIX")
        .with("availabilityZone", &r.az)
        .with("tenancy", "default")
        .with("totalInstanceCount", r.total)
        .with("availableInstanceCount", r.available)
        .with("ebsOptimized", true)
        .with("ephemeralStorage", false)
        .with("state", "active")
        .with("startDate", r.created)
        .with("endDateType", "unlimited")
        .with("instanceMatchCriteria", "open")
        .with("createDate", r.created)
        .with("tagSet", tag_set(&r.tags))
}

pub(super) fn describe_regions(call: &Call<'_>) -> Result<Tree, Fault> {
    call.known(&["RegionName", "AllRegions", "Filter"])?;
    let filters = call.filters(&["region-name", "endpoint", "opt-in-status"])?;
    let mut names: Vec<String> =
        call.world.with(|w| w.estate().regions.iter().map(|r| r.name.as_str().to_owned()).collect());
    let wanted = call.form.list("RegionName");
    if let Some(unknown) = wanted.iter().find(|w| !names.iter().any(|n| n == *w)) {
        return Err(invalid(format!("Invalid region provided: [{unknown}]")));
    }
    let endpoint = |name: &str| format!("ec2.{name}.amazonaws.com");
    names.retain(|name| {
        (wanted.is_empty() || wanted.contains(&name.as_str()))
            && filters.pass(&Tags::new(), |filter| match filter {
                "region-name" => name.clone(),
                "endpoint" => endpoint(name),
                _ => "opt-in-not-required".to_owned(),
            })
    });
    let regions = names.iter().map(|name| {
        Tree::map()
            .with("regionName", name)
            .with("regionEndpoint", endpoint(name))
            .with("optInStatus", "opt-in-not-required")
    });
    Ok(Tree::map().with("regionInfo", Tree::list("item", regions)))
}
