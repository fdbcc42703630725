//! EC2's side of the world: instances, images, snapshots, tunnels, attachments and reserved room.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::dice::key;
use super::figures;
use super::metrics::{fill, sides_of};
use super::{CheckState, Image, Instance, InstanceState, Peering, Reservation, Snapshot, Tags, Tunnel, Vpn, World};
use crate::estate::{Reading, Region, Side, Source, System};
use crate::time::{Span, Timestamp};

/// Copies listed of each image and snapshot.
const COPIES: i64 = 6;
/// More of one kind than this no region shows.
const MOST: f64 = 500.0;

/// A reading that EC2 answers, on one side.
struct Asked<'a> {
    system: &'a System,
    reading: &'a Reading,
    side: Side,
    /// Whose it is.
    owner: String,
    other: Region,
    /// Whose the other side is.
    other_owner: String,
}

impl World {
    /// The readings of a region that come from a source `pick` takes.
    fn asked<'a>(&'a self, region: &'a Region, pick: fn(&Source) -> bool) -> Vec<Asked<'a>> {
        let mut found = Vec::new();
        for system in &self.estate.systems {
            let Some(pair) = self.estate.pair(&system.pair) else { continue };
            for reading in system.readings.iter().filter(|r| pick(&r.source)) {
                for side in sides_of(reading).iter().filter(|s| pair.region(**s) == region) {
                    found.push(Asked {
                        system,
                        reading,
                        side: *side,
                        owner: self.owner_of(system, pair, *side),
                        other: pair.region(side.other()).clone(),
                        other_owner: self.owner_of(system, pair, side.other()),
                    });
                }
            }
        }
        found
    }

    /// How many there are in all, and how many of them are good.
    fn counts(&self, asked: &Asked<'_>) -> (u32, u32) {
        let least = figures::limit(asked.reading).map_or(2.0, f64::ceil);
        let all = asked.reading.of.unwrap_or(least).clamp(0.0, MOST).max(1.0).round();
        let set = self.causes.reading(&asked.system.id, &asked.reading.id, asked.side, self.now, all);
        let good = set.unwrap_or(0.0).clamp(0.0, MOST).round();
        (all.max(good) as u32, good as u32)
    }

    fn tag(&self, asked: &Asked<'_>, region: &Region) -> Option<(String, String)> {
        match &asked.reading.source {
            Source::Ec2Instances { tag, value }
            | Source::Ec2ImageAge { tag, value }
            | Source::Ec2SnapshotAge { tag, value } => Some((tag.clone(), fill(value, region, asked.side))),
            _ => None,
        }
    }

    /// The region's EC2 instances in all accounts, recovery instances among them.
    #[must_use]
    pub fn instances(&self, region: &Region) -> Vec<Instance> {
        let mut instances = Vec::new();
        let mut seen = BTreeSet::new();
        let region_down = self.causes.region_down(region, self.now);
        for asked in self.asked(region, |s| matches!(s, Source::Ec2Instances { .. })) {
            let Some((tag, value)) = self.tag(&asked, region) else { continue };
            if !seen.insert((asked.owner.clone(), tag.clone(), value.clone())) {
                continue;
            }
            let (all, good) = self.counts(&asked);
            for n in 0..all {
                let q = [
                    key("instance") ^ self.salt(&asked.owner),
                    key(region.as_str()),
                    key(&tag),
                    key(&value),
                    u64::from(n),
                ];
                let fine = n < good && !region_down;
                let check = if fine { CheckState::Ok } else { CheckState::Impaired };
                let name = format!("{value}-{:02}", n + 1);
                instances.push(Instance {
                    id: format!("i-{}", self.dice.hex(17, &q)),
                    owner: asked.owner.clone(),
                    tags: Tags::from([
                        ("Name".to_owned(), name.clone()),
                        ("System".to_owned(), asked.system.id.to_string()),
                        (tag.clone(), value.clone()),
                    ]),
                    name,
                    state: InstanceState::Running,
                    instance_status: check,
                    system_status: if region_down { check } else { CheckState::Ok },
                    kind: "m6i.xlarge".into(),
                    az: zone(region, u64::from(n)),
                    private_ip: Ipv4Addr::from(0x0a00_0000 | (self.dice.bits(&q) as u32 & 0x001f_ffff)),
                    launched: self.ago(Span::from_hours(24 * self.dice.between(3, 60, &q))),
                });
            }
        }
        instances.extend(self.recovered(region));
        instances
    }

    /// When copies were made, newest first: one every half of what the reading allows, none while their source or
    /// their link was out, and as a scenario wants it.
    fn copies(&self, asked: &Asked<'_>, q: &[u64]) -> Vec<Timestamp> {
        let day = 86_400.0;
        let every =
            figures::limit(asked.reading).map_or(day, |l| l / figures::per_second("", asked.reading.unit) * 0.6);
        let every = (every.clamp(60.0, 366.0 * day) * 1_000.0) as i64;
        let phase = self.dice.between(0, every, q);
        let last = (self.now.as_millisecond() - phase).div_euclid(every);
        let made = (last - COPIES..=last).rev().filter_map(|n| Timestamp::from_millisecond(n * every + phase).ok());
        let mut made: Vec<Timestamp> = made
            .filter(|t| !self.causes.stalled(&asked.system.id, *t) && !self.causes.region_down(&asked.other, *t))
            .collect();
        let unit = figures::per_second("", asked.reading.unit);
        let age = made.first().map_or(0.0, |t| self.now.duration_since(*t).as_secs_f64() * unit);
        match self.causes.reading(&asked.system.id, &asked.reading.id, asked.side, self.now, age) {
            None => made.clear(),
            Some(set) if set != age => {
                let newest = Span::try_from_secs_f64(set / unit)
                    .map_or(self.now, |s| self.now.checked_sub(s).unwrap_or(self.now));
                made.retain(|t| *t < newest);
                made.insert(0, newest);
            }
            Some(_) => {}
        }
        made
    }

    /// So long before the world began: fixed, so that what is old does not move with every question.
    fn ago(&self, span: Span) -> Timestamp {
        self.start.checked_sub(span).unwrap_or(self.start)
    }

    /// The images in the region, each account's own.
    #[must_use]
    pub fn images(&self, region: &Region) -> Vec<Image> {
        let mut images = Vec::new();
        for asked in self.asked(region, |s| matches!(s, Source::Ec2ImageAge { .. })) {
            let Some((tag, value)) = self.tag(&asked, region) else { continue };
            let q = [key("image") ^ self.salt(&asked.owner), key(region.as_str()), key(&tag), key(&value)];
            for created in self.copies(&asked, &q) {
                let q = [q[0], q[1], q[3], created.as_second() as u64];
                images.push(Image {
                    id: format!("ami-{}", self.dice.hex(17, &q)),
                    owner: asked.owner.clone(),
                    name: format!("{value}-{}", created.strftime("%Y%m%d-%H%M%S")),
                    tags: Tags::from([("Name".to_owned(), value.clone()), (tag.clone(), value.clone())]),
                    created,
                    snapshot_id: format!("snap-{}", self.dice.hex(17, &[q[0], q[1], q[2], q[3], 1])),
                });
            }
        }
        images.dedup_by(|a, b| a.id == b.id);
        images
    }

    /// The EBS snapshots in the region, each account's own.
    #[must_use]
    pub fn snapshots(&self, region: &Region) -> Vec<Snapshot> {
        let mut snapshots = Vec::new();
        for asked in self.asked(region, |s| matches!(s, Source::Ec2SnapshotAge { .. })) {
            let Some((tag, value)) = self.tag(&asked, region) else { continue };
            let q = [key("snapshot") ^ self.salt(&asked.owner), key(region.as_str()), key(&tag), key(&value)];
            for started in self.copies(&asked, &q) {
                let age = self.now.duration_since(started).as_secs();
                let q = [q[0], q[1], q[3], started.as_second() as u64];
                snapshots.push(Snapshot {
                    id: format!("snap-{}", self.dice.hex(17, &q)),
                    owner: asked.owner.clone(),
                    tags: Tags::from([("Name".to_owned(), value.clone()), (tag.clone(), value.clone())]),
                    started,
                    completed: age >= 120,
                    progress: u8::try_from((age * 100 / 120).clamp(0, 100)).unwrap_or(100),
                    volume_id: format!("vol-{}", self.dice.hex(17, &[q[0], q[1], q[2]])),
                    size_gib: 200,
                    description: format!("copy of {value} from {}", asked.other),
                });
            }
        }
        snapshots.dedup_by(|a, b| a.id == b.id);
        snapshots
    }

    /// The region's VPN connections, two tunnels each.
    #[must_use]
    pub fn vpns(&self, region: &Region) -> Vec<Vpn> {
        let mut vpns = Vec::new();
        for asked in self.asked(region, |s| matches!(s, Source::Ec2VpnTunnels)) {
            let (all, good) = self.counts(&asked);
            let down = self.causes.region_down(region, self.now);
            for n in 0..all.div_ceil(2) {
                let q = [
                    key("vpn") ^ self.salt(&asked.owner),
                    key(region.as_str()),
                    key(asked.system.id.as_str()),
                    u64::from(n),
                ];
                let tunnel = |t: u32| {
                    let up = n * 2 + t < good && !down;
                    Tunnel {
                        outside_ip: Ipv4Addr::new(203, 0, 113, (self.dice.bits(&q) as u8 & 0x7f).wrapping_add(t as u8)),
                        up,
                        since: self.ago(Span::from_hours(24 * self.dice.between(1, 40, &q))),
                        message: if up { String::new() } else { "IPSEC IS DOWN".into() },
                        routes: if up { 12 } else { 0 },
                    }
                };
                vpns.push(Vpn {
                    id: format!("vpn-{}", self.dice.hex(17, &q)),
                    owner: asked.owner.clone(),
                    tags: Tags::from([("Name".to_owned(), asked.system.id.to_string())]),
                    customer_gateway_id: format!("cgw-{}", self.dice.hex(17, &[q[0], q[2], 7])),
                    transit_gateway_id: self.gateway(region, &asked.owner),
                    tunnels: vec![tunnel(0), tunnel(1)],
                });
            }
        }
        vpns
    }

    fn gateway(&self, region: &Region, owner: &str) -> String {
        format!("tgw-{}", self.dice.hex(17, &[key("tgw") ^ self.salt(owner), key(region.as_str())]))
    }

    /// The region's Transit Gateway peering attachments.
    #[must_use]
    pub fn peerings(&self, region: &Region) -> Vec<Peering> {
        let mut peerings = Vec::new();
        for asked in self.asked(region, |s| matches!(s, Source::Ec2TransitGatewayPeerings)) {
            let (all, good) = self.counts(&asked);
            for n in 0..all {
                // An attachment is one thing, whichever side is asked.
                let owners = self.salt(&asked.owner).wrapping_add(self.salt(&asked.other_owner));
                let ends = key(region.as_str()) ^ key(asked.other.as_str()) ^ owners;
                let q = [key("peering"), ends, key(asked.system.id.as_str()), u64::from(n)];
                peerings.push(Peering {
                    id: format!("tgw-attach-{}", self.dice.hex(17, &q)),
                    owner: asked.owner.clone(),
                    tags: Tags::from([("Name".to_owned(), asked.system.id.to_string())]),
                    requester_gateway_id: self.gateway(region, &asked.owner),
                    requester_region: region.clone(),
                    accepter_gateway_id: self.gateway(&asked.other, &asked.other_owner),
                    accepter_region: asked.other.clone(),
                    accepter_owner: asked.other_owner.clone(),
                    available: n < good && !self.causes.region_down(region, self.now),
                    created: self.ago(Span::from_hours(24 * self.dice.between(100, 400, &q))),
                });
            }
        }
        peerings
    }

    /// The region's capacity reservations.
    #[must_use]
    pub fn reservations(&self, region: &Region) -> Vec<Reservation> {
        let mut reservations = Vec::new();
        for asked in self.asked(region, |s| matches!(s, Source::Ec2CapacityReservations)) {
            let (all, good) = self.counts(&asked);
            let recovered = self.recovered(region).into_iter().filter(|i| i.owner == asked.owner).count();
            let used = u32::try_from(recovered).unwrap_or(0);
            let q = [key("reservation") ^ self.salt(&asked.owner), key(region.as_str()), key(asked.system.id.as_str())];
            reservations.push(Reservation {
                id: format!("cr-{}", self.dice.hex(17, &q)),
                owner: asked.owner.clone(),
                tags: Tags::from([("Name".to_owned(), asked.system.id.to_string())]),
                total: i32::try_from(all).unwrap_or(0),
                available: i32::try_from(good.saturating_sub(used)).unwrap_or(0),
                kind: "m6i.xlarge".into(),
                az: zone(region, 0),
                created: self.ago(Span::from_hours(24 * 90)),
            });
        }
        reservations
    }
}

/// An availability zone of a region.
fn zone(region: &Region, n: u64) -> String {
    format!("{region}{}", ['a', 'b', 'c'].get((n % 3) as usize).copied().unwrap_or('a'))
}
