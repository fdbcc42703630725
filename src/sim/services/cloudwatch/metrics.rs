//! `ListMetrics`: which metrics there are, 500 a page.

use super::{Refusal, dimensions, invalid};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Args, Fault, Page, Tree};

const PAGE: usize = 500;

pub(super) fn list_metrics(args: &Args<'_>, world: &SharedWorld, region: &Region) -> Result<Tree, Refusal> {
    let namespace = args.text("Namespace")?;
    if namespace.is_some_and(|n| n.is_empty() || n.starts_with(':')) {
        return Err(invalid_value("Namespace must be 1 to 255 characters long and must not begin with a colon"));
    }
    let name = args.text("MetricName")?;
    let mut wanted = Vec::new();
    for dimension in args.list("Dimensions", 10)? {
        wanted.push((dimension.need_text("Name", 1..=255)?, dimension.text("Value")?));
    }
    if let Some(other) = args.text("RecentlyActive")?.filter(|r| *r != "PT3H") {
        return Err(invalid(format!("RecentlyActive can be PT3H only, not {other}")));
    }
    let mut metrics = world.with(|w| w.metrics(region));
    metrics.retain(|m| {
        namespace.is_none_or(|n| n == m.namespace)
            && name.is_none_or(|n| n == m.name)
            && wanted.iter().all(|(name, value)| {
                m.dimensions.get(*name).is_some_and(|found| value.is_none_or(|value| value == found))
            })
    });
    let page = Page::of(metrics, PAGE, args.text("NextToken")?, "ListMetrics")
        .ok_or_else(|| invalid_value("The next token specified is invalid."))?;
    let metrics = page.items.iter().map(|m| {
        Tree::map()
            .with("Namespace", &m.namespace)
            .with("MetricName", &m.name)
            .with("Dimensions", dimensions(&m.dimensions))
    });
    Ok(Tree::map().with("Metrics", Tree::list("member", metrics)).with_some("NextToken", page.next))
}

fn invalid_value(why: &str) -> Refusal {
    Refusal::Fault(Fault::new(400, "InvalidParameterValueException", why).query_as("InvalidParameterValue"))
}
