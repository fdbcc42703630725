//! EC2 in one region. Only what some reading needs is asked for, and each call fails on its own: one unreadable tag can
//! make a whole answer unreadable, and must not take the other answers with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    CapacityReservation, CapacityReservationState, Filter, Instance, InstanceStateName, InstanceStatus,
    InstanceStatusSummary, SnapshotState, SummaryStatus, Tag, TelemetryStatus, TransitGatewayAttachmentState, VpnState,
};

use super::Clock;
use super::failure::{failure, listed};
use super::plan::Wanted;
use crate::aws::Trouble;
use crate::aws::pages::{self, Page};
use crate::estate::Source;
use crate::event::{Failure, News, ReadingKey, Said, Sample};
use crate::time::{self, Span, Timestamp};

/// Pages of one list.
const PAGES: usize = 50;
/// Items on a page.
const PAGE: i32 = 1000;
/// The calls with long answers: instances and images.
const LONG_PAGE: i32 = 200;
/// No id is longer, in bytes.
const LONGEST_ID: usize = 100;
/// Real time for one of the questions, however many calls it takes.
const FOR_ONE: Duration = Duration::from_millis(5500);

/// A tag with its value.
type Tagged = (String, String);

/// What a reading wants of EC2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Instances(Tagged),
    ImageAge(Tagged),
    SnapshotAge(Tagged),
    VpnTunnels,
    Peerings,
    Reservations,
}

impl Figure {
    pub(super) fn of(want: &Wanted<'_>) -> Option<Self> {
        let tagged = |tag: &str, value: &str| (want.fill(tag), want.fill(value));
        Some(match want.source {
            Source::Ec2Instances { tag, value } => Figure::Instances(tagged(tag, value)),
            Source::Ec2ImageAge { tag, value } => Figure::ImageAge(tagged(tag, value)),
            Source::Ec2SnapshotAge { tag, value } => Figure::SnapshotAge(tagged(tag, value)),
            Source::Ec2VpnTunnels => Figure::VpnTunnels,
            Source::Ec2TransitGatewayPeerings => Figure::Peerings,
            Source::Ec2CapacityReservations => Figure::Reservations,
            _ => return None,
        })
    }
}

/// What there is with a tag.
#[derive(Default)]
struct Fleet {
    running: usize,
    /// Running, and with a status.
    judged: usize,
    /// Running, and pass both checks.
    well: usize,
}

/// Values of the tags that are wanted, by tag key.
type Tags = BTreeMap<String, BTreeSet<String>>;
/// A figure for each tag.
type ByTag = BTreeMap<Tagged, f64>;

/// EC2 of a region.
pub(super) struct Feed {
    client: Client,
    figures: Vec<(ReadingKey, Figure)>,
    clock: Clock,
    fresh_for: Span,
    asked: String,
}

impl Feed {
    pub(super) fn new(
        client: Client,
        figures: Vec<(ReadingKey, Figure)>,
        clock: Clock,
        fresh_for: Span,
        asked: String,
    ) -> Self {
        Self { client, figures, clock, fresh_for, asked }
    }

    fn tags(&self, of: impl Fn(&Figure) -> Option<&Tagged>) -> Tags {
        let mut tags = Tags::new();
        for (key, value) in self.figures.iter().filter_map(|(_, f)| of(f)) {
            tags.entry(key.clone()).or_default().insert(value.clone());
        }
        tags
    }

    fn wants(&self, figure: &Figure) -> bool {
        self.figures.iter().any(|(_, f)| f == figure)
    }

    pub(super) async fn ask(self: Arc<Self>) -> Result<News, Failure> {
        let now = (self.clock)();
        let instances = self.tags(|f| if let Figure::Instances(t) = f { Some(t) } else { None });
        let images = self.tags(|f| if let Figure::ImageAge(t) = f { Some(t) } else { None });
        let snapshots = self.tags(|f| if let Figure::SnapshotAge(t) = f { Some(t) } else { None });
        let mut said = Answers { asked: &self.asked, heard: false, trouble: None };
        // Each in its own time: none waits for another, and what is late leaves the rest.
        let (instances, images, snapshots, tunnels, peerings, reserved) = futures::join!(
            part(!instances.is_empty(), self.instances(&instances)),
            part(!images.is_empty(), self.images(&images, now)),
            part(!snapshots.is_empty(), self.snapshots(&snapshots, now)),
            part(self.wants(&Figure::VpnTunnels), self.tunnels()),
            part(self.wants(&Figure::Peerings), self.peerings()),
            part(self.wants(&Figure::Reservations), self.reservations()),
        );
        let instances = said.take(instances);
        let images = said.take(images);
        let snapshots = said.take(snapshots);
        let tunnels = said.take(tunnels);
        let peerings = said.take(peerings);
        let reserved = said.take(reserved);
        if let (false, Some(trouble)) = (said.heard, said.trouble) {
            return Err(failure(&trouble, &self.asked));
        }
        let sample = |(key, figure): &(ReadingKey, Figure)| {
            let value = match figure {
                // If there are no instances at all, there is no figure; zero running of several is a figure.
                Figure::Instances(tag) => instances.as_ref().and_then(|m| m.get(tag).copied()),
                Figure::ImageAge(tag) => images.as_ref().and_then(|m| m.get(tag).copied()).map(Said::Is),
                Figure::SnapshotAge(tag) => snapshots.as_ref().and_then(|m| m.get(tag).copied()).map(Said::Is),
                Figure::VpnTunnels => tunnels.flatten().map(Said::Is),
                Figure::Peerings => peerings.flatten(),
                Figure::Reservations => reserved.flatten(),
            };
            Sample { key: key.clone(), value: value.unwrap_or(Said::Nothing), measured: now, fresh_for: self.fresh_for }
        };
        Ok(News::Readings(self.figures.iter().map(sample).collect()))
    }

    /// Running instances with each tag that pass both status checks. None for a tag that no instance has, and for one
    /// whose running instances have no status yet, any of them.
    async fn instances(&self, tags: &Tags) -> Result<BTreeMap<Tagged, Said>, Trouble> {
        let statuses = pages::up_to(PAGES, |token| async move {
            let call = self.client.describe_instance_status().max_results(PAGE).set_next_token(token);
            let page = call.send().await?;
            let all = listed(page.instance_statuses, "instanceStatusSet")?.into_iter().take(PAGE as usize);
            Ok(Page::of(all.filter_map(status).collect(), page.next_token))
        });
        let statuses = statuses.await?;
        let mut whole = statuses.whole;
        let judged: BTreeMap<String, bool> = statuses.items.into_iter().collect();
        let mut found: BTreeMap<Tagged, Fleet> = BTreeMap::new();
        for (key, values) in tags {
            let instances = pages::up_to(PAGES, |token| async move {
                // In any state: that none of three runs is a fact; with no instances at all, nothing is known.
                let call = self.client.describe_instances().filters(filter(key, values));
                let page = call.max_results(LONG_PAGE).set_next_token(token).send().await?;
                let all = listed(page.reservations, "reservationSet")?.into_iter();
                let all = all.flat_map(|r| r.instances.unwrap_or_default());
                let tagged = all.filter_map(|i| Some((value_of(i.tags.as_deref(), key, values)?, running(i))));
                Ok(Page::of(tagged.collect(), page.next_token))
            });
            let instances = instances.await?;
            whole &= instances.whole;
            for (value, running) in instances.items {
                let fleet = found.entry((key.clone(), value)).or_default();
                let Some(id) = running else { continue };
                fleet.running += 1;
                fleet.judged += usize::from(judged.contains_key(&id));
                fleet.well += usize::from(judged.get(&id) == Some(&true));
            }
        }
        let known = found.into_iter().filter(|(_, fleet)| fleet.running == 0 || fleet.judged > 0);
        Ok(known.map(|(tag, fleet)| (tag, Said::counted(count(fleet.well), whole))).collect())
    }

    /// Age of the newest image of ours with each tag.
    async fn images(&self, tags: &Tags, now: Timestamp) -> Result<ByTag, Trouble> {
        let mut ages = ByTag::new();
        for (key, values) in tags {
            let images = pages::all(PAGES, "images", |token| async move {
                let call = self.client.describe_images().owners("self").filters(filter(key, values));
                let page = call.max_results(LONG_PAGE).set_next_token(token).send().await?;
                let dated = listed(page.images, "imagesSet")?.into_iter().filter_map(|image| {
                    let at = image.creation_date.and_then(|t| t.parse::<Timestamp>().ok())?;
                    Some((value_of(image.tags.as_deref(), key, values)?, at))
                });
                Ok(Page::of(dated.collect(), page.next_token))
            });
            for (value, at) in images.await? {
                keep_youngest(&mut ages, (key.clone(), value), now, at);
            }
        }
        Ok(ages)
    }

    /// Age of the newest complete snapshot of ours with each tag.
    async fn snapshots(&self, tags: &Tags, now: Timestamp) -> Result<ByTag, Trouble> {
        let mut ages = ByTag::new();
        for (key, values) in tags {
            let snapshots = pages::all(PAGES, "snapshots", |token| async move {
                let call = self.client.describe_snapshots().owner_ids("self").filters(filter(key, values));
                let page = call.max_results(PAGE).set_next_token(token).send().await?;
                let complete = listed(page.snapshots, "snapshotSet")?.into_iter();
                let dated = complete.filter(|s| s.state == Some(SnapshotState::Completed)).filter_map(|snapshot| {
                    let at = snapshot.start_time.and_then(|t| Timestamp::from_second(t.secs()).ok())?;
                    Some((value_of(snapshot.tags.as_deref(), key, values)?, at))
                });
                Ok(Page::of(dated.collect(), page.next_token))
            });
            for (value, at) in snapshots.await? {
                keep_youngest(&mut ages, (key.clone(), value), now, at);
            }
        }
        Ok(ages)
    }

    /// Tunnels whose telemetry is UP; none where there is no tunnel.
    async fn tunnels(&self) -> Result<Option<f64>, Trouble> {
        let answer = self.client.describe_vpn_connections().send().await?;
        let connections = listed(answer.vpn_connections, "vpnConnectionSet")?;
        let live = connections.iter().filter(|c| !matches!(c.state, Some(VpnState::Deleted | VpnState::Deleting)));
        let tunnels: Vec<_> = live.flat_map(aws_sdk_ec2::types::VpnConnection::vgw_telemetry).collect();
        let up = tunnels.iter().filter(|t| t.status == Some(TelemetryStatus::Up)).count();
        Ok((!tunnels.is_empty()).then(|| count(up)))
    }

    /// Transit gateway peering attachments that are available; none where there is no attachment.
    async fn peerings(&self) -> Result<Option<Said>, Trouble> {
        let attachments = pages::up_to(PAGES, |token| async move {
            let call = self.client.describe_transit_gateway_peering_attachments();
            let page = call.set_next_token(token).send().await?;
            let all = listed(page.transit_gateway_peering_attachments, "transitGatewayPeeringAttachments")?;
            let available = |state| state == Some(TransitGatewayAttachmentState::Available);
            Ok(Page::of(all.into_iter().map(|a| available(a.state)).collect(), page.next_token))
        });
        let up = attachments.await?;
        let available = count(up.items.iter().filter(|up| **up).count());
        Ok((!up.items.is_empty()).then(|| Said::counted(available, up.whole)))
    }

    /// Reserved instances that are still to be had; none where nothing is reserved.
    async fn reservations(&self) -> Result<Option<Said>, Trouble> {
        let free = pages::up_to(PAGES, |token| async move {
            let page = self.client.describe_capacity_reservations().set_next_token(token).send().await?;
            let all = listed(page.capacity_reservations, "capacityReservationSet")?;
            let free = |r: CapacityReservation| match r.state {
                Some(CapacityReservationState::Active) => f64::from(r.available_instance_count.unwrap_or(0).max(0)),
                _ => 0.0,
            };
            Ok(Page::of(all.into_iter().map(free).collect(), page.next_token))
        });
        let free = free.await?;
        Ok((!free.items.is_empty()).then(|| Said::counted(free.items.iter().sum(), free.whole)))
    }
}

/// How the calls went: each failure is reported, and if none worked, the source has failed.
struct Answers<'a> {
    asked: &'a str,
    heard: bool,
    trouble: Option<Trouble>,
}

impl Answers<'_> {
    fn take<T>(&mut self, answer: Option<Result<T, Trouble>>) -> Option<T> {
        match answer? {
            Ok(value) => {
                self.heard = true;
                Some(value)
            }
            Err(trouble) => {
                tracing::warn!(asked = self.asked, %trouble, "one EC2 call failed");
                self.trouble = Some(trouble);
                None
            }
        }
    }
}

/// One of the questions, if it is wanted, within its time.
async fn part<T>(wanted: bool, answer: impl Future<Output = Result<T, Trouble>>) -> Option<Result<T, Trouble>> {
    if !wanted {
        return None;
    }
    Some(tokio::time::timeout(FOR_ONE, answer).await.unwrap_or_else(|_| Err(Trouble::timeout(FOR_ONE))))
}

/// An instance's id, and whether both of its checks are passed.
fn status(status: InstanceStatus) -> Option<(String, bool)> {
    let id = status.instance_id.filter(|id| id.len() <= LONGEST_ID)?;
    let ok = |s: Option<InstanceStatusSummary>| s.and_then(|s| s.status) == Some(SummaryStatus::Ok);
    Some((id, ok(status.instance_status) && ok(status.system_status)))
}

/// The id of an instance that runs.
fn running(instance: Instance) -> Option<String> {
    let runs = instance.state.and_then(|s| s.name) == Some(InstanceStateName::Running);
    instance.instance_id.filter(|_| runs)
}

fn filter(key: &str, values: &BTreeSet<String>) -> Filter {
    Filter::builder().name(format!("tag:{key}")).set_values(Some(values.iter().cloned().collect())).build()
}

/// The wanted value that a thing is tagged with. Filters match wildcards as well; this does not.
fn value_of(tags: Option<&[Tag]>, key: &str, values: &BTreeSet<String>) -> Option<String> {
    let own = tags?.iter().find(|t| t.key() == Some(key))?.value()?;
    values.get(own).cloned()
}

/// Keeps the age of the youngest. What was made in the future was made nobody knows when.
fn keep_youngest(ages: &mut ByTag, tag: Tagged, now: Timestamp, at: Timestamp) {
    let Some(age) = time::age(at, now).map(|age| age.as_secs_f64()) else {
        tracing::warn!(tag = tag.1, %at, "made in the future, says EC2: its age is not known");
        return;
    };
    ages.entry(tag).and_modify(|a| *a = a.min(age)).or_insert(age);
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}
