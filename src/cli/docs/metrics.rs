//! `docs/metrics.md`.

use std::fmt::Write as _;

use super::{MADE, cell};
use crate::estate::Missing;
use crate::estate::metrics::{In, METRICS};
use crate::model::words;
use crate::time::Span;

const ABOUT: &str = "What AWS's own pages say of the CloudWatch metrics that the shipped estate reads and that `signalbox discover` looks \
    for. `signalbox check` compares an estate file with it. Where a page says nothing, the last column does.\n\n\
    Idle is not unknown: CloudWatch publishes nothing for a load balancer, function or queue that nobody calls. If it \
    answers and has no data point of the last periods, a reading means by default what the column *no data* says. \
    `missing` in the estate file sets it for one reading:\n\n\
    - `zero`: nothing was counted; the figure is 0;\n\
    - `ok`: nobody called; the screen says *idle*, and claims nothing beyond that;\n\
    - `unknown`: nothing is known; the last figure stays until it is old.\n\n\
    A share (`percent_of`) of nothing is idle. Metrics that are not in the table are unknown without data. A source that \
    does not answer is always unknown.";

pub(super) fn page() -> String {
    let mut out = format!("{MADE}\n\n# Metrics\n\n{ABOUT}\n");
    let mut page = "";
    for m in METRICS {
        if m.page != page {
            page = m.page;
            let _ = write!(
                out,
                "\n## {}\n\nFrom [AWS's page](https://docs.aws.amazon.com/{page}).\n\n| metric | dimensions | published in | every | \
                 no data | |\n|---|---|---|---|---|---|\n",
                m.namespace
            );
        }
        let place = match m.place {
            In::Own => "its own region",
            In::Replica => "the replica's region",
            In::Source => "the source's region",
            In::Always(region) => region,
        };
        let missing = match m.missing {
            Missing::Zero => "`zero`",
            Missing::Ok => "`ok`",
            Missing::Unknown => "`unknown`",
        };
        let every = words::span(Span::from_mins(i64::from(m.every)));
        let _ =
            writeln!(out, "| `{}` | {} | {place} | {every} | {missing} | {} |", m.name, cell(&m.sets()), cell(m.note));
    }
    out
}
