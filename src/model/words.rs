//! Figures in words that can be read aloud: `4.8 s`, `12 min`, `18/20`, `38 %`.

use super::Mark;
use super::readings::judge_value;
use crate::estate::{Direction, Reading, Unit};
use crate::event::SourceId;
use crate::time::Span;

pub use crate::words::{clock, day, moment, span, time_of_day};

/// How long something took, in steps wide enough that the noise of a network does not show: `< 100 ms`.
#[must_use]
pub fn within(took: Span) -> String {
    const STEPS: [i64; 6] = [100, 250, 500, 1000, 2500, 5000];
    match STEPS.iter().find(|step| took.as_millis() < i128::from(**step)) {
        Some(step) if *step < 1000 => format!("< {step} ms"),
        Some(step) => format!("< {} s", *step as f64 / 1000.0),
        None => span(took),
    }
}

/// A figure in its unit.
#[must_use]
pub fn value(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Count => number(value),
        Unit::Seconds => span(Span::try_from_secs_f64(value).unwrap_or_default()),
        Unit::Milliseconds if value < 1000.0 => format!("{value:.0} ms"),
        Unit::Milliseconds => span(Span::try_from_secs_f64(value / 1000.0).unwrap_or_default()),
        Unit::Percent => {
            let digits = format!("{value:.1}");
            format!("{} %", digits.strip_suffix(".0").unwrap_or(&digits))
        }
        Unit::Bytes => bytes(value),
        Unit::Kilobytes => bytes(value * 1000.0),
        Unit::Days => format!("{value:.0} d"),
        Unit::YesNo if value >= 0.5 => "yes".into(),
        Unit::YesNo => "no".into(),
    }
}

/// A figure of a reading with its words: `0/12 healthy`, `5xx 38 %`. One that is past its limit never reads as if it
/// were the limit.
#[must_use]
pub fn reading(reading: &Reading, figure: f64) -> String {
    let label = reading.label.as_str();
    let limit = match judge_value(reading, figure) {
        Mark::Fail => reading.fail,
        Mark::Warn => reading.warn,
        Mark::Ok | Mark::Unknown => None,
    };
    let unit = if reading.of.is_some() { Unit::Count } else { reading.unit };
    let words = limit.map_or_else(|| value(figure, unit), |limit| apart(figure, limit, unit));
    match reading.of {
        Some(of) => format!("{words}/{} {label}", number(of)),
        None if matches!(reading.unit, Unit::Count) => format!("{words} {label}"),
        None => format!("{label} {words}"),
    }
}

/// A reading of which there is this much at the least: `at least 2000 in alarm`.
#[must_use]
pub fn no_less(reading: &Reading, least: f64) -> String {
    format!("at least {}", self::reading(reading, least))
}

/// A reading without a figure, as nobody called: `latency idle`.
#[must_use]
pub fn idle(reading: &Reading) -> String {
    format!("{} idle", reading.label)
}

/// A figure with as many digits as tell it from a limit.
fn apart(figure: f64, limit: f64, unit: Unit) -> String {
    let usual = value(figure, unit);
    if usual != value(limit, unit) {
        return usual;
    }
    (0..=3)
        .map(|digits| (finer(figure, unit, digits), finer(limit, unit, digits)))
        .find(|(f, l)| f != l)
        .map_or(usual, |(f, _)| f)
}

/// A figure in its unit, dropping nothing except digits after this many.
fn finer(figure: f64, unit: Unit, digits: usize) -> String {
    match unit {
        Unit::Count => format!("{figure:.digits$}"),
        Unit::Seconds => hours(figure, digits),
        Unit::Milliseconds if figure < 1000.0 => format!("{figure:.digits$} ms"),
        Unit::Milliseconds => hours(figure / 1000.0, digits),
        Unit::Percent => format!("{figure:.digits$} %"),
        Unit::Days => format!("{figure:.digits$} d"),
        Unit::Bytes => format!("{figure:.0} B"),
        Unit::Kilobytes => format!("{figure:.digits$} kB"),
        Unit::YesNo => value(figure, unit),
    }
}

/// `31 min 20 s`, `26 h 0 min 4.5 s`.
fn hours(seconds: f64, digits: usize) -> String {
    // Rounded first, so that no part ever reads as 60.
    let scale = 10_f64.powi(i32::try_from(digits).unwrap_or(0));
    let seconds = (seconds.max(0.0) * scale).round() / scale;
    let (hours, minutes) = ((seconds / 3600.0).floor(), (seconds % 3600.0 / 60.0).floor());
    let rest = format!("{:.digits$} s", seconds % 60.0);
    match (hours, minutes) {
        (0.0, 0.0) => rest,
        (0.0, _) => format!("{minutes:.0} min {rest}"),
        _ => format!("{hours:.0} h {minutes:.0} min {rest}"),
    }
}

/// The figure that a reading is past, in words: `minimum 7 d`, `limit 30 min`, `warns over
/// 5 min`. None where all is well or nothing known.
#[must_use]
pub fn past(reading: &Reading, mark: Mark) -> Option<String> {
    let word = match (mark, reading.bad) {
        (Mark::Warn, Direction::Above) => "warns over",
        (Mark::Warn, Direction::Below) => "warns under",
        (_, Direction::Above) => "limit",
        (_, Direction::Below) => "minimum",
    };
    Some(format!("{word} {}", value(threshold(reading, mark)?, reading.unit)))
}

fn threshold(reading: &Reading, mark: Mark) -> Option<f64> {
    match mark {
        Mark::Fail => reading.fail,
        Mark::Warn => reading.warn,
        Mark::Ok | Mark::Unknown => None,
    }
}

/// Where a reading is no longer well, in words: `under 7 d`, `over 30 min`. None where it has no such threshold.
#[must_use]
pub fn limit(reading: &Reading, mark: Mark) -> Option<String> {
    let limit = threshold(reading, mark)?;
    let way = match reading.bad {
        Direction::Above => "over",
        Direction::Below => "under",
    };
    Some(format!("{way} {}", value(limit, reading.unit)))
}

fn number(value: f64) -> String {
    if value.abs() >= 100_000.0 {
        format!("{:.0}k", value / 1000.0)
    } else if (value - value.round()).abs() < 0.05 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

/// Bytes: `12 MB`.
#[must_use]
pub fn bytes(value: f64) -> String {
    let mut value = value.max(0.0);
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "B" || value >= 10.0 {
                format!("{value:.0} {unit}")
            } else {
                format!("{value:.1} {unit}")
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// What a source is called.
#[must_use]
pub fn source(id: &SourceId) -> String {
    match id {
        SourceId::Arc(region) => format!("ARC endpoint {region}"),
        SourceId::Cloudwatch(site) => format!("CloudWatch {site}"),
        SourceId::Drs(region) => format!("DRS {region}"),
        SourceId::Ec2(site) => format!("EC2 {site}"),
        SourceId::Route53(check) => format!("Route 53 check {check}"),
        SourceId::Dns(resolver) => format!("resolver {resolver}"),
        SourceId::Probe(service, region) => format!("probe of {service} in {region}"),
    }
}
