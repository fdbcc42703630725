//! `DescribeAlarms`: metric alarms by name, prefix and state, those of one's own account. The world has no composite
//! ones.

use super::{Refusal, dimensions, invalid, invalid_next_token};
use crate::sim::SharedWorld;
use crate::sim::wire::{Args, Page, Tree};
use crate::sim::world::{Alarm, AlarmState, Spot};

pub(super) fn describe_alarms(args: &Args<'_>, world: &SharedWorld, spot: Spot<'_>) -> Result<Tree, Refusal> {
    let names = args.texts("AlarmNames", 100)?;
    let prefix = args.text("AlarmNamePrefix")?;
    if !names.is_empty() && prefix.is_some() {
        return Err(invalid("AlarmNames and AlarmNamePrefix cannot both be given"));
    }
    let state = args.text("StateValue")?;
    if let Some(other) = state.filter(|s| !matches!(*s, "OK" | "ALARM" | "INSUFFICIENT_DATA")) {
        return Err(invalid(format!("StateValue is OK, ALARM or INSUFFICIENT_DATA, not {other}")));
    }
    let types = args.texts("AlarmTypes", 2)?;
    if let Some(other) = types.iter().find(|t| !matches!(**t, "MetricAlarm" | "CompositeAlarm")) {
        return Err(invalid(format!("an alarm type is MetricAlarm or CompositeAlarm, not {other}")));
    }
    // No alarm of the world has actions, parents or children.
    let none = args.has("ActionPrefix") || args.has("ChildrenOfAlarmName") || args.has("ParentsOfAlarmName");
    let size = usize::try_from(args.int("MaxRecords", 1..=100)?.unwrap_or(50)).unwrap_or(50);
    let wanted = |name: &str, is: AlarmState| {
        !none
            && (types.is_empty() || types.contains(&"MetricAlarm"))
            && (names.is_empty() || names.contains(&name))
            && prefix.is_none_or(|p| name.starts_with(p))
            && state.is_none_or(|s| s == is.as_str())
    };
    let alarms = world.with(|w| w.alarms_of(spot, wanted));
    let page = Page::of(alarms, size, args.text("NextToken")?, "DescribeAlarms").ok_or_else(invalid_next_token)?;
    Ok(Tree::map()
        .with("CompositeAlarms", Vec::<Tree>::new())
        .with("MetricAlarms", Tree::list("member", page.items.iter().map(alarm)))
        .with_some("NextToken", page.next))
}

fn alarm(a: &Alarm) -> Tree {
    let nobody = Vec::<Tree>::new;
    Tree::map()
        .with("AlarmName", &a.name)
        .with("AlarmArn", &a.arn)
        .with("AlarmConfigurationUpdatedTimestamp", a.since)
        .with("ActionsEnabled", true)
        .with("OKActions", nobody())
        .with("AlarmActions", nobody())
        .with("InsufficientDataActions", nobody())
        .with("StateValue", a.state.as_str())
        .with("StateReason", a.reason.chars().take(1023).collect::<String>())
        .with("StateUpdatedTimestamp", a.since)
        .with("StateTransitionedTimestamp", a.since)
        .with("MetricName", &a.metric.name)
        .with("Namespace", &a.metric.namespace)
        .with("Statistic", &a.statistic)
        .with("Dimensions", dimensions(&a.metric.dimensions))
        .with("Period", a.period_secs)
        .with("EvaluationPeriods", 1)
        .with("Threshold", a.threshold)
        .with("ComparisonOperator", if a.below { "LessThanThreshold" } else { "GreaterThanThreshold" })
        .with("TreatMissingData", "missing")
}
