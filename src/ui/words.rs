//! Short forms of figures, for columns that have no room for words.

use crate::estate::{Direction, Reading, Unit};
use crate::model::{Mark, Model, Origin, Standing};
use crate::record::Lasted;
use crate::time::{Span, Timestamp};
use crate::words::lasted_in_short;
pub(crate) use crate::words::short;

/// How long something has been in its state, in seven columns. A state that somebody wants to end counts: `04:02`,
/// `2h`; `≥04:02` if it was so already when it was read first. A good state shows the time of day, `18:38Z`, so that a calm screen stays still; after days, `31d`.
pub(crate) fn since(model: &Model, standing: &Standing) -> String {
    let at = standing.since.at();
    let lasted = Lasted { span: model.now.since(at), at_least: standing.since.is_found() };
    match standing.mark {
        Mark::Ok => moment(model, at.wall),
        _ if lasted.span.as_secs() < 3600 => lasted_in_short(lasted, true),
        _ => format!("{}{}", if lasted.at_least { "≥" } else { "" }, short(lasted.span)),
    }
}

/// A moment of today, `18:38Z`, or how long ago it was: `31d`.
pub(crate) fn moment(model: &Model, at: Timestamp) -> String {
    let ago = model.now.wall.duration_since(at);
    if ago.as_secs() < 72_000 { at.strftime("%H:%MZ").to_string() } else { short(ago) }
}

/// Milliseconds, or seconds where there are many.
pub(crate) fn millis(span: Span) -> String {
    let ms = span.as_millis().max(0);
    if ms < 1000 { format!("{ms} ms") } else { format!("{:.1} s", span.as_secs_f64()) }
}

/// The limit of a reading as a column: `<15m`, `>48h`.
pub(crate) fn limit(reading: &Reading) -> String {
    let Some(limit) = reading.fail.or(reading.warn) else { return String::new() };
    let sign = match reading.bad {
        Direction::Above => "<",
        Direction::Below => ">",
    };
    let figure = match reading.unit {
        Unit::Seconds if limit < 1.0 => format!("{:.0}ms", limit * 1000.0),
        Unit::Seconds => short(Span::try_from_secs_f64(limit).unwrap_or_default()),
        Unit::Milliseconds if limit >= 1000.0 => short(Span::try_from_secs_f64(limit / 1000.0).unwrap_or_default()),
        Unit::Milliseconds => format!("{limit:.0}ms"),
        Unit::Percent => format!("{limit:.0}%"),
        Unit::Days => format!("{limit:.0}d"),
        Unit::Bytes | Unit::Kilobytes => crate::model::words::value(limit, reading.unit).replace(' ', ""),
        Unit::Count | Unit::YesNo => format!("{limit:.0}"),
    };
    format!("{sign}{figure}")
}

/// Where a check's figure comes from.
pub(crate) fn origin(model: &Model, origin: &Origin) -> String {
    match origin {
        Origin::Reading(key) => {
            let system = model.estate.systems.iter().find(|s| s.id == key.system);
            let reading = system.and_then(|s| Some((s, s.readings.iter().find(|r| r.id == key.reading)?)));
            let source = reading.and_then(|(s, r)| model.source_of(s, r, key.place));
            source.map_or_else(String::new, |s| model.source_name(&s))
        }
        Origin::HealthCheck(_) => "Route 53".into(),
        Origin::Probe(..) => "HTTP probe".into(),
        Origin::Endpoints => "ARC cluster".into(),
        Origin::Rule(_) => "ARC safety rule".into(),
        Origin::Unmeasured | Origin::AllowedRegions => "estate file".into(),
    }
}
