//! The timeline as a picture: steps as bars on a clock, what people and machines did as marks on it. SVG, no scripts.

use std::fmt::Write as _;

use super::Report;
use super::markdown::{seconds, t_plus};
use crate::hygiene::escaped;

const WIDTH: f64 = 1000.0;
const LEFT: f64 = 120.0;
const ROW: f64 = 26.0;

/// An SVG element that stands by itself in a page.
pub(super) fn svg(report: &Report) -> String {
    let end = report.steps.iter().filter_map(|s| s.after).fold(1.0, f64::max);
    let tightest = report.rto.iter().map(|r| r.target).reduce(f64::min);
    // The target is on the picture where it is not too far away to see anything else.
    let whole = match tightest {
        Some(target) if target <= end * 4.0 => end.max(target) * 1.05,
        _ => end * 1.05,
    };
    let x = |seconds: f64| LEFT + seconds / whole * (WIDTH - LEFT - 20.0);
    let height = ROW * (report.steps.len() as f64 + 3.0);
    let mut out = String::new();
    let _ = write!(
        out,
        r#"<svg viewBox="0 0 {WIDTH} {height:.0}" role="img" aria-label="the steps on a clock" class="clock">"#
    );
    for tick in 0..=5 {
        let at = whole * f64::from(tick) / 5.0;
        let (px, low) = (x(at), height - ROW * 1.6);
        let _ = write!(out, r#"<line x1="{px:.1}" y1="10" x2="{px:.1}" y2="{low:.1}" class="grid"/>"#);
        let _ = write!(out, r#"<text x="{px:.1}" y="{:.1}" class="tick">{}</text>"#, low + 16.0, seconds(at));
    }
    let mut before = 0.0_f64;
    for (row, step) in report.steps.iter().enumerate() {
        let y = 14.0 + ROW * row as f64;
        let by = if step.automatic { "machine" } else { "person" };
        let _ =
            write!(out, r#"<text x="4" y="{:.1}" class="name">{} {}</text>"#, y + 13.0, step.step, escaped(step.name));
        if let Some(after) = step.after {
            let (from, to) = (x(before.min(after)), x(after));
            let _ = write!(
                out,
                r#"<rect x="{from:.1}" y="{y:.1}" width="{:.1}" height="16" class="{by}"><title>{} {}: {}</title></rect>"#,
                (to - from).max(2.0),
                step.step,
                escaped(step.name),
                t_plus(after)
            );
            before = f64::max(before, after);
        } else {
            let why = step.unknown.as_deref().filter(|_| step.done.is_some()).unwrap_or("not done");
            let (px, py) = (LEFT + 4.0, y + 13.0);
            let _ = write!(out, r#"<text x="{px:.1}" y="{py:.1}" class="tick">{}</text>"#, escaped(why));
        }
    }
    if let Some(target) = tightest.filter(|t| *t <= whole) {
        let px = x(target);
        let _ = write!(out, r#"<line x1="{px:.1}" y1="4" x2="{px:.1}" y2="{:.1}" class="rto"/>"#, height - ROW * 1.6);
        let _ = write!(out, r#"<text x="{px:.1}" y="{:.1}" class="rto">RTO {}</text>"#, height - 6.0, seconds(target));
    }
    out.push_str("</svg>");
    out
}
