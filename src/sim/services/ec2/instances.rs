//! Instances and their status checks.

use super::{Call, tag_set};
use crate::sim::wire::{Fault, Tree};
use crate::sim::world::{CheckState, Instance, InstanceState, Tags, World};

pub(super) fn describe_instances(call: &Call<'_>) -> Result<Tree, Fault> {
    call.known(&["InstanceId", "Filter", "MaxResults", "NextToken", "IncludeManagedResources"])?;
    let filters = call.filters(&[
        "tag",
        "instance-state-name",
        "instance-state-code",
        "instance-id",
        "instance-type",
        "availability-zone",
        "private-ip-address",
        "owner-id",
        "image-id",
    ])?;
    let mut all = call.own(World::instances, |item| &item.owner);
    call.by_id("InstanceId", "i-", "InvalidInstanceID", &mut all, |i| &i.id)?;
    all.retain(|i| filters.pass(&i.tags, |name| value(i, name, &call.account)));
    let page = call.page(all, 5, "InstanceId")?;
    let reservations = page.items.iter().map(|i| reservation(i, &call.account));
    Ok(Tree::map().with("reservationSet", Tree::list("item", reservations)).with_some("nextToken", page.next))
}

/// What a filter looks at.
fn value(i: &Instance, name: &str, account: &str) -> String {
    let (code, state) = i.state.as_aws();
    match name {
        "instance-state-name" => state.to_owned(),
        "instance-state-code" => code.to_string(),
        "instance-id" => i.id.clone(),
        "instance-type" => i.kind.clone(),
        "availability-zone" => i.az.clone(),
        "private-ip-address" => i.private_ip.to_string(),
        "owner-id" => account.to_owned(),
        "image-id" => image(i),
        "instance-status.status" => shown(i, i.instance_status).to_owned(),
        "instance-status.reachability" => reachability(i.instance_status).to_owned(),
        "system-status.status" => shown(i, i.system_status).to_owned(),
        "system-status.reachability" => reachability(i.system_status).to_owned(),
        _ => String::new(),
    }
}

fn tail(i: &Instance) -> &str {
    i.id.strip_prefix("i-").unwrap_or(&i.id)
}

fn image(i: &Instance) -> String {
    format!("ami-{}", tail(i))
}

fn state(i: &Instance) -> Tree {
    let (code, name) = i.state.as_aws();
    Tree::map().with("code", code).with("name", name)
}

fn reservation(i: &Instance, account: &str) -> Tree {
    let [a, b, c, d] = i.private_ip.octets();
    let instance = Tree::map()
        .with("instanceId", &i.id)
        .with("imageId", image(i))
        .with("instanceState", state(i))
        .with("privateDnsName", format!("ip-{a}-{b}-{c}-{d}.ec2.internal"))
        .with("dnsName", "")
        .with("reason", "")
        .with("amiLaunchIndex", 0)
        .with("productCodes", Tree::list("item", Vec::<Tree>::new()))
        .with("instanceType", &i.kind)
        .with("launchTime", i.launched)
        .with("placement", Tree::map().with("availabilityZone", &i.az).with("groupName", "").with("tenancy", "default"))
        .with("monitoring", Tree::map().with("state", "disabled"))
        .with("privateIpAddress", i.private_ip.to_string())
        .with("groupSet", Tree::list("item", Vec::<Tree>::new()))
        .with("architecture", "x86_64")
        .with("rootDeviceType", "ebs")
        .with("virtualizationType", "hvm")
        .with("tagSet", tag_set(&i.tags))
        .with("hypervisor", "xen")
        .with("ebsOptimized", true)
        .with("enaSupport", true);
    Tree::map()
        .with("reservationId", format!("r-{}", tail(i)))
        .with("ownerId", account)
        .with("groupSet", Tree::list("item", Vec::<Tree>::new()))
        .with("instancesSet", Tree::list("item", [instance]))
}

pub(super) fn describe_instance_status(call: &Call<'_>) -> Result<Tree, Fault> {
    call.known(&["InstanceId", "Filter", "MaxResults", "NextToken", "IncludeAllInstances", "IncludeManagedResources"])?;
    // No filter by tag here: EC2 has none.
    let filters = call.filters(&[
        "instance-state-name",
        "instance-state-code",
        "availability-zone",
        "instance-status.status",
        "instance-status.reachability",
        "system-status.status",
        "system-status.reachability",
    ])?;
    let everything = call.flag("IncludeAllInstances")?;
    let mut all = call.own(World::instances, |item| &item.owner);
    call.by_id("InstanceId", "i-", "InvalidInstanceID", &mut all, |i| &i.id)?;
    all.retain(|i| everything || i.state == InstanceState::Running);
    all.retain(|i| filters.pass(&Tags::new(), |name| value(i, name, &call.account)));
    let page = call.page(all, 5, "InstanceId")?;
    let statuses = page.items.iter().map(status);
    Ok(Tree::map().with("instanceStatusSet", Tree::list("item", statuses)).with_some("nextToken", page.next))
}

fn status(i: &Instance) -> Tree {
    let check = |check: CheckState| {
        let tree = Tree::map().with("status", shown(i, check));
        if i.state != InstanceState::Running {
            return tree;
        }
        let detail = Tree::map().with("name", "reachability").with("status", reachability(check));
        tree.with("details", Tree::list("item", [detail]))
    };
    Tree::map()
        .with("instanceId", &i.id)
        .with("availabilityZone", &i.az)
        .with("instanceState", state(i))
        .with("systemStatus", check(i.system_status))
        .with("instanceStatus", check(i.instance_status))
}

/// Checks are made of running instances only.
fn shown(i: &Instance, check: CheckState) -> &'static str {
    if i.state == InstanceState::Running { check.as_str() } else { "not-applicable" }
}

fn reachability(check: CheckState) -> &'static str {
    match check {
        CheckState::Ok => "passed",
        CheckState::Impaired => "failed",
        CheckState::Initializing => "initializing",
    }
}
