//! Systems made of the metrics that exist: one for each thing that metrics of a kind that is known are of.

use std::collections::{BTreeMap, BTreeSet};

use super::Notes;
use super::known::{KNOWN, Known, Natural};
use super::metrics::Metrics;
use super::names::{made_up_apart, shown, slug, unique};
use super::owned::Owned;
use super::systems::{count, count_each};
use super::totals::Totals;
use crate::estate::{
    AccountName, EachSide, Pair, PerSide, Reading, ReadingId, Region, Side, Sides, Source, System, SystemId, Tier,
};
use crate::time::Span;

/// Systems that one kind may come to in a pair: an account with a thousand queues is not watched by naming them all.
const MOST_OF_A_KIND: usize = 25;

/// Something that has metrics: its kind, the dimensions without the region's name, and the publishing region if it is
/// not its own.
type Thing = (usize, Dimensions, Option<Region>);
type Dimensions = BTreeMap<String, PerSide>;
/// The sides where it exists, with what is known of it there.
type Places = BTreeMap<&'static str, Vec<Seen>>;
type Things = BTreeMap<Thing, Places>;

/// A metric that is known, and how many there should be of what it counts.
#[derive(Clone)]
struct Seen {
    known: &'static Known,
    of: Option<f64>,
    account: Option<AccountName>,
}

pub(super) fn systems(
    pair: &Pair,
    (metrics, totals): (&Metrics, &Totals),
    taken: &mut BTreeSet<String>,
    notes: &mut Notes<'_>,
) -> Vec<Owned> {
    let mut things = Things::new();
    for (side, region, other) in [("active", &pair.active, &pair.standby), ("standby", &pair.standby, &pair.active)] {
        for (metric, published_in) in metrics.of(region) {
            let dims: BTreeSet<&str> = metric.dimensions.keys().map(String::as_str).collect();
            let fits = |k: &&Known| {
                k.namespace == metric.namespace
                    && k.metric == metric.name
                    && k.by.iter().copied().collect::<BTreeSet<_>>() == dims
            };
            let Some(known) = KNOWN.iter().find(fits) else { continue };
            let kind = KNOWN.iter().position(|k| k.system == known.system).unwrap_or_default();
            // What names both regions goes from one to the other, and is not the same thing in the other one.
            let directed = metric.dimensions.values().any(|v| v.contains(other.as_str()));
            let plain = |v: &String| if directed { v.clone() } else { v.replace(region.as_str(), "{region}") };
            let dimensions = metric.dimensions.iter().map(|(k, v)| (k.clone(), plain(v).into())).collect();
            let of = totals.of(published_in.as_ref().unwrap_or(region), metric);
            let seen = Seen { known, of, account: metric.account.clone() };
            things.entry((kind, dimensions, published_in)).or_default().entry(side).or_default().push(seen);
        }
    }
    let things = joined(things);
    let mut systems = Vec::new();
    let mut of_kind: BTreeMap<usize, usize> = BTreeMap::new();
    for ((kind, dimensions, published_in), sides) in things {
        let so_far = of_kind.entry(kind).or_default();
        *so_far += 1;
        let Some(first) = KNOWN.get(kind).filter(|_| *so_far <= MOST_OF_A_KIND) else { continue };
        let thing =
            first.by.first().and_then(|d| dimensions.get(*d)).map(|v| thing_of(v.on(Side::Active))).unwrap_or_default();
        let id = unique(slug(&format!("{} {thing} {}", first.system, pair.name)), taken);
        let mut readings: Vec<Reading> = Vec::new();
        for known in KNOWN.iter().filter(|k| k.system == first.system) {
            let on = |side| sides.get(side).and_then(|seen| seen.iter().find(|s| s.known.metric == known.metric));
            let reading = |sides| reading(known, sides, &dimensions, published_in.as_ref());
            let placed = match (known.natural, on("active"), on("standby")) {
                // What replicates towards the active region counts once traffic has moved.
                (Natural::Link, None, Some(there)) => vec![count(reading(Sides::Link), there.of)],
                (Natural::Link, Some(here), None) => vec![count(back(reading(Sides::Back)), here.of)],
                (Natural::Link, Some(here), Some(there)) => {
                    vec![count(reading(Sides::Link), there.of), count(back(reading(Sides::Back)), here.of)]
                }
                // It is read in the region that it leaves, and speaks of the way out of there.
                (Natural::Away, here, there) => {
                    let from = |side: Side, mut reading: Reading| {
                        if let Source::Cloudwatch { region, .. } = &mut reading.source {
                            *region = Some(pair.region(side).clone());
                        }
                        reading
                    };
                    let out = here.map(|here| count(from(Side::Active, reading(Sides::Link)), here.of));
                    let home = there.map(|there| count(back(from(Side::Standby, reading(Sides::Back))), there.of));
                    out.into_iter().chain(home).collect()
                }
                (_, Some(here), Some(there)) => count_each(&reading(Sides::Each), here.of, there.of),
                (_, Some(here), None) => vec![count(reading(Sides::Active), here.of)],
                (_, None, Some(there)) => vec![count(reading(Sides::Standby), there.of)],
                (_, None, None) => continue,
            };
            for reading in placed {
                if readings.iter().all(|r| r.id != reading.id) {
                    readings.push(reading);
                }
            }
        }
        let name = shown(&format!("{} {thing}", first.system)).trim().to_owned();
        let mut note = "Guessed: the tier, and the thresholds of the metrics of this kind (ListMetrics).".to_owned();
        if readings.iter().any(|r| r.of.is_some()) {
            note.push_str("\n`of` is how many there were to be when this was written; half of them gone is a failure.");
        }
        notes.note("systems", id.clone(), note);
        let owner = |side| sides.get(side).and_then(|seen| Some(seen.first()?.account.clone()));
        let owners = [owner("active"), owner("standby")];
        let system = System {
            id: SystemId::new(id),
            name,
            pair: pair.name.clone(),
            layer: first.layer,
            tier: Tier::Important,
            account: None,
            parts: None,
            runbook: None,
            readings,
        };
        systems.push(Owned { system, owners });
    }
    for (kind, count) in of_kind.into_iter().filter(|(_, n)| *n > MOST_OF_A_KIND) {
        let name = KNOWN.get(kind).map_or("", |k| k.system);
        let left = count - MOST_OF_A_KIND;
        notes.remarks.push(format!("Pair {}: {left} more of {name} were left out; add those that matter.", pair.name));
    }
    systems
}

/// Halves of one thing, whose names AWS made up apart on each side, made one: what is left of their names is the same,
/// and each side has one such half. Where a side has several, nobody knows which belong together.
fn joined(things: Things) -> Things {
    type Likeness = (usize, BTreeMap<String, String>, Option<Region>);
    let likeness = |(kind, dimensions, place): &Thing| -> Likeness {
        let plain = |v: &PerSide| made_up_apart(v.on(Side::Active));
        (*kind, dimensions.iter().map(|(k, v)| (k.clone(), plain(v))).collect(), place.clone())
    };
    let mut alike: BTreeMap<Likeness, Vec<(Thing, Places)>> = BTreeMap::new();
    for (thing, sides) in things {
        alike.entry(likeness(&thing)).or_default().push((thing, sides));
    }
    let mut all = Things::new();
    for (_, mut halves) in alike {
        halves.sort_by_key(|(_, sides)| !sides.contains_key("active"));
        match halves.as_slice() {
            [(here, on_active), (there, on_standby)]
                if on_active.keys().eq(["active"].iter()) && on_standby.keys().eq(["standby"].iter()) =>
            {
                let both = here.1.iter().zip(&there.1).map(|((name, here), (_, there))| {
                    let (active, standby) = (here.on(Side::Active).to_owned(), there.on(Side::Standby).to_owned());
                    let value =
                        if active == standby { active.into() } else { PerSide::Each(EachSide { active, standby }) };
                    (name.clone(), value)
                });
                let sides = on_active.iter().chain(on_standby).map(|(side, seen)| (*side, seen.clone())).collect();
                all.insert((here.0, both.collect(), here.2.clone()), sides);
            }
            _ => all.extend(halves),
        }
    }
    all
}

/// The same reading of the way back.
fn back(reading: Reading) -> Reading {
    let (id, label) = (format!("{}_back", reading.id), format!("{} back", reading.label));
    Reading { id: ReadingId::new(id), label, ..reading }
}

/// The part of an ARN or name that people know a thing by.
fn thing_of(value: &str) -> String {
    let last = value.rsplit(':').next().unwrap_or(value);
    let parts: Vec<&str> = last.split('/').filter(|p| !p.is_empty()).collect();
    let part = match parts.as_slice() {
        ["app" | "net", name, ..] => *name,
        [.., name] => *name,
        [] => last,
    };
    shown(part.replace("{region}", "").trim_matches(['-', '_', ' ', '.']))
}

fn reading(known: &Known, sides: Sides, dimensions: &Dimensions, published_in: Option<&Region>) -> Reading {
    Reading {
        id: ReadingId::new(slug(known.label).replace('-', "_")),
        label: known.label.to_owned(),
        meaning: known.meaning,
        sides,
        unit: known.unit,
        of: None,
        bad: known.bad,
        warn: known.warn,
        fail: known.fail,
        missing: None,
        source: Source::Cloudwatch {
            namespace: known.namespace.to_owned(),
            metric: known.metric.to_owned(),
            statistic: known.statistic,
            period: Span::from_mins(known.minutes),
            dimensions: dimensions.clone(),
            region: published_in.cloned(),
            percent_of: known.percent_of.map(str::to_owned),
        },
    }
}
