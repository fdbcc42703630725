//! `ListMetrics`: which metrics there are, 500 a page; in a monitoring account, those of the accounts that it is linked to
//! as well, each with its owner, if that is asked for.

use super::{Refusal, dimensions, invalid};
use crate::estate::Region;
use crate::sim::SharedWorld;
use crate::sim::wire::{Args, Fault, Page, Tree};
use crate::sim::world::Spot;

const PAGE: usize = 500;

pub(super) fn list_metrics(
    args: &Args<'_>,
    world: &SharedWorld,
    region: &Region,
    caller: &str,
) -> Result<Tree, Refusal> {
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
    let linked = args.bool("IncludeLinkedAccounts")?.unwrap_or(false);
    let owner = args.text("OwningAccount")?;
    if owner.is_some() && !linked {
        return Err(invalid("OwningAccount can be given with IncludeLinkedAccounts only"));
    }
    let mut metrics = world.with(|w| {
        let accounts = if linked { w.linked(caller) } else { vec![caller.to_owned()] };
        let asked = accounts.into_iter().filter(|id| owner.is_none_or(|wanted| wanted == id));
        let of = |id: String| {
            let metrics = w.metrics_of(Spot { owner: &id, region });
            metrics.into_iter().map(|m| (id.clone(), m)).collect::<Vec<_>>()
        };
        asked.flat_map(of).collect::<Vec<_>>()
    });
    metrics.retain(|(_, m)| {
        namespace.is_none_or(|n| n == m.namespace)
            && name.is_none_or(|n| n == m.name)
            && wanted.iter().all(|(name, value)| {
                m.dimensions.get(*name).is_some_and(|found| value.is_none_or(|value| value == found))
            })
    });
    let page = Page::of(metrics, PAGE, args.text("NextToken")?, "ListMetrics")
        .ok_or_else(|| invalid_value("The next token specified is invalid."))?;
    let owners = linked.then(|| Tree::list("member", page.items.iter().map(|(id, _)| id)));
    let metrics = page.items.iter().map(|(_, m)| {
        Tree::map()
            .with("Namespace", &m.namespace)
            .with("MetricName", &m.name)
            .with("Dimensions", dimensions(&m.dimensions))
    });
    Ok(Tree::map()
        .with("Metrics", Tree::list("member", metrics))
        .with_some("NextToken", page.next)
        .with_some("OwningAccounts", owners))
}

fn invalid_value(why: &str) -> Refusal {
    Refusal::Fault(Fault::new(400, "InvalidParameterValueException", why).query_as("InvalidParameterValue"))
}
