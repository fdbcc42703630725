//! Readings that AWS's own pages say will have no data, or none where they are looked for (`docs/metrics.md`).

use std::collections::BTreeSet;

use crate::estate::metrics::{self, In, Metric};
use crate::estate::{Estate, Reading, Source, System};
use crate::model::words;
use crate::time::Span;

/// What is unwise about the metrics that an estate reads, once for each system and metric.
pub(super) fn advice(estate: &Estate) -> Vec<String> {
    let mut lines = BTreeSet::new();
    for system in &estate.systems {
        for reading in &system.readings {
            let Source::Cloudwatch { namespace, metric, percent_of, .. } = &reading.source else { continue };
            for name in [Some(metric), percent_of.as_ref()].into_iter().flatten() {
                let Some(known) = metrics::of(namespace, name) else { continue };
                let of = format!("system {}: {namespace} {name}", system.id);
                lines.extend(of_one(estate, system, reading, known).into_iter().map(|why| format!("{of} {why}")));
            }
        }
    }
    lines.into_iter().collect()
}

fn of_one(estate: &Estate, system: &System, reading: &Reading, known: &Metric) -> Vec<String> {
    let Source::Cloudwatch { period, dimensions, .. } = &reading.source else { return Vec::new() };
    let mut lines = Vec::new();
    if !known.is_by(dimensions.keys().map(String::as_str)) {
        let names: Vec<&str> = dimensions.keys().map(String::as_str).collect();
        let names = if names.is_empty() { "no dimension".to_owned() } else { names.join(" + ") };
        lines.push(format!("is published by {}, and not by {names}: it may never have data", known.sets()));
    }
    let every = Span::from_mins(i64::from(known.every));
    if *period < every {
        let (every, period) = (words::span(every), words::span(*period));
        lines.push(format!("is published every {every}: a period of {period} has gaps"));
    }
    if let (In::Always(only), Some(pair)) = (known.place, estate.pair(&system.pair)) {
        let elsewhere = reading.places().iter().map(|p| reading.read_in(*p, pair)).find(|r| r.as_str() != only);
        lines.extend(elsewhere.map(|region| format!("is published in {only} alone, and read in {region}")));
    }
    lines
}
