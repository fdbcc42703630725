//! The account's own images and snapshots.

use super::{Call, tag_set};
use crate::sim::wire::{Fault, Tree, iso};
use crate::sim::world::{Image, Snapshot, World};

/// Whether the owners asked for are the caller's own: nobody shares images or snapshots with others.
fn ours(call: &Call<'_>) -> bool {
    let owners = call.form.list("Owner");
    owners.is_empty() || owners.iter().any(|o| *o == "self" || *o == call.account)
}

pub(super) fn describe_images(call: &Call<'_>) -> Result<Tree, Fault> {
    let parameters = [
        "Owner",
        "ImageId",
        "ExecutableBy",
        "IncludeDeprecated",
        "IncludeDisabled",
        "Filter",
        "MaxResults",
        "NextToken",
    ];
    call.known(&parameters)?;
    let filters =
        call.filters(&["tag", "name", "state", "image-id", "owner-id", "is-public", "image-type", "root-device-type"])?;
    let mut all = call.own(World::images, |item| &item.owner);
    call.by_id("ImageId", "ami-", "InvalidAMIID", &mut all, |i| &i.id)?;
    let ours = ours(call);
    all.retain(|i| {
        ours && filters.pass(&i.tags, |name| {
            match name {
                "name" => &i.name,
                "state" => "available",
                "image-id" => &i.id,
                "owner-id" => &call.account,
                "is-public" => "false",
                "image-type" => "machine",
                "root-device-type" => "ebs",
                _ => "",
            }
            .to_owned()
        })
    });
    let page = call.page(all, 1, "ImageId")?;
    let images = page.items.iter().map(|i| image(i, &call.account));
    Ok(Tree::map().with("imagesSet", Tree::list("item", images)).with_some("nextToken", page.next))
}

fn image(i: &Image, account: &str) -> Tree {
    let disk = Tree::map()
        .with("deleteOnTermination", true)
        .with("snapshotId", &i.snapshot_id)
        .with("volumeType", "gp3")
        .with("encrypted", true);
    let mapping = Tree::map().with("deviceName", "/dev/sda1").with("ebs", disk);
    Tree::map()
        .with("imageId", &i.id)
        .with("imageLocation", format!("{account}/{}", i.name))
        .with("imageState", "available")
        .with("imageOwnerId", account)
        .with("creationDate", iso(i.created))
        .with("isPublic", false)
        .with("architecture", "x86_64")
        .with("imageType", "machine")
        .with("name", &i.name)
        .with("rootDeviceType", "ebs")
        .with("rootDeviceName", "/dev/sda1")
        .with("blockDeviceMapping", Tree::list("item", [mapping]))
        .with("virtualizationType", "hvm")
        .with("tagSet", tag_set(&i.tags))
        .with("hypervisor", "xen")
        .with("enaSupport", true)
}

pub(super) fn describe_snapshots(call: &Call<'_>) -> Result<Tree, Fault> {
    call.known(&["Owner", "SnapshotId", "RestorableBy", "Filter", "MaxResults", "NextToken"])?;
    let filters = call.filters(&[
        "tag",
        "status",
        "snapshot-id",
        "volume-id",
        "owner-id",
        "description",
        "progress",
        "volume-size",
        "encrypted",
        "start-time",
    ])?;
    let mut all = call.own(World::snapshots, |item| &item.owner);
    call.by_id("SnapshotId", "snap-", "InvalidSnapshot", &mut all, |s| &s.id)?;
    let ours = ours(call);
    all.retain(|s| {
        ours && filters.pass(&s.tags, |name| match name {
            "status" => state(s).to_owned(),
            "snapshot-id" => s.id.clone(),
            "volume-id" => s.volume_id.clone(),
            "owner-id" => call.account.clone(),
            "description" => s.description.clone(),
            "progress" => format!("{}%", s.progress),
            "volume-size" => s.size_gib.to_string(),
            "encrypted" => "true".to_owned(),
            "start-time" => iso(s.started),
            _ => String::new(),
        })
    });
    let page = call.page(all, 5, "SnapshotId")?;
    let snapshots = page.items.iter().map(|s| snapshot(s, &call.account));
    Ok(Tree::map().with("snapshotSet", Tree::list("item", snapshots)).with_some("nextToken", page.next))
}

fn state(s: &Snapshot) -> &'static str {
    if s.completed { "completed" } else { "pending" }
}

fn snapshot(s: &Snapshot, account: &str) -> Tree {
    Tree::map()
        .with("snapshotId", &s.id)
        .with("volumeId", &s.volume_id)
        .with("status", state(s))
        .with("startTime", s.started)
        .with("progress", format!("{}%", s.progress))
        .with("ownerId", account)
        .with("volumeSize", s.size_gib)
        .with("description", &s.description)
        .with("encrypted", true)
        .with("tagSet", tag_set(&s.tags))
        .with("storageTier", "standard")
}
