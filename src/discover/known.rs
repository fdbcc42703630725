//! Metrics that this program knows: what they say of which system, and past which figure it is bad.

use crate::estate::{Direction, Layer, Meaning, Statistic, Unit};

/// Where a metric is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Natural {
    /// In both regions, each for itself.
    Each,
    /// In the standby region, for what is copied there.
    Link,
    /// In the region that it is copied out of.
    Away,
}

/// One metric.
pub(super) struct Known {
    pub(super) namespace: &'static str,
    pub(super) metric: &'static str,
    pub(super) percent_of: Option<&'static str>,
    /// The dimensions that it must have, no more and no fewer; the first one names the thing.
    pub(super) by: &'static [&'static str],
    pub(super) system: &'static str,
    pub(super) layer: Layer,
    pub(super) label: &'static str,
    pub(super) meaning: Meaning,
    pub(super) natural: Natural,
    pub(super) unit: Unit,
    pub(super) statistic: Statistic,
    pub(super) minutes: i64,
    pub(super) bad: Direction,
    pub(super) warn: Option<f64>,
    pub(super) fail: Option<f64>,
}

macro_rules! known {
    ($($namespace:literal $metric:literal $(/ $of:literal)?, [$($by:literal),+], $system:literal $layer:ident,
       $label:literal $meaning:ident $natural:ident $unit:ident $statistic:ident $minutes:literal,
       $bad:ident $warn:expr, $fail:expr;)+) => {
        pub(super) const KNOWN: &[Known] = &[$(Known {
            namespace: $namespace, metric: $metric, percent_of: known!(@of $($of)?), by: &[$($by),+],
            system: $system, layer: Layer::$layer, label: $label, meaning: Meaning::$meaning,
            natural: Natural::$natural, unit: Unit::$unit, statistic: Statistic::$statistic, minutes: $minutes,
            bad: Direction::$bad, warn: $warn, fail: $fail,
        }),+];
    };
    (@of) => { None };
    (@of $of:literal) => { Some($of) };
}

const NO: Option<f64> = None;

const fn at(figure: f64) -> Option<f64> {
    Some(figure)
}

known! {
    "AWS/ApplicationELB" "HealthyHostCount", ["LoadBalancer", "TargetGroup"], "ALB" LoadBalancing,
        "healthy" Health Each Count Minimum 1, Below at(2.0), at(1.0);
    "AWS/ApplicationELB" "HTTPCode_Target_5XX_Count" / "RequestCount", ["LoadBalancer", "TargetGroup"], "ALB" LoadBalancing,
        "5xx" Health Each Percent Sum 1, Above at(1.0), at(5.0);
    "AWS/ApplicationELB" "TargetResponseTime", ["LoadBalancer", "TargetGroup"], "ALB" LoadBalancing,
        "latency" Health Each Seconds Average 1, Above at(0.5), at(2.0);
    "AWS/GlobalAccelerator" "HealthyEndpointCount", ["Accelerator", "Listener", "EndpointGroup"], "Global Accelerator" LoadBalancing,
        "healthy endpoints" Health Each Count Minimum 1, Below NO, at(1.0);
    "AWS/NetworkELB" "HealthyHostCount", ["LoadBalancer", "TargetGroup"], "NLB" LoadBalancing,
        "healthy" Health Each Count Minimum 1, Below at(2.0), at(1.0);
    "AWS/CertificateManager" "DaysToExpiry", ["CertificateArn"], "certificate" LoadBalancing,
        "valid for" Security Each Days Minimum 720, Below at(30.0), at(7.0);
    "AWS/WAFV2" "BlockedRequests", ["WebACL", "Rule", "Region"], "WAF" LoadBalancing,
        "blocked/5 min" Security Each Count Sum 5, Above NO, NO;
    "AWS/AutoScaling" "GroupInServiceInstances", ["AutoScalingGroupName"], "auto scaling" Compute,
        "in service" Health Each Count Minimum 1, Below NO, at(1.0);
    "AWS/AutoScaling" "GroupMaxSize", ["AutoScalingGroupName"], "auto scaling" Compute,
        "maximum" Capacity Each Count Minimum 1, Below NO, at(1.0);
    "ECS/ContainerInsights" "RunningTaskCount", ["ServiceName", "ClusterName"], "ECS tasks" Compute,
        "running" Health Each Count Minimum 1, Below NO, at(1.0);
    "AWS/ElastiCache" "GlobalDatastoreReplicationLag", ["ReplicationGroupId"], "Redis global" Database,
        "lag" Lag Link Seconds Maximum 1, Above at(0.7), at(1.0);
    "AWS/ElastiCache" "GlobalDatastoreReplicationLag", ["CacheClusterId"], "Redis global" Database,
        "lag" Lag Link Seconds Maximum 1, Above at(0.7), at(1.0);
    "AWS/RDS" "AuroraGlobalDBReplicationLag", ["DBClusterIdentifier"], "Aurora global" Database,
        "lag" Lag Link Milliseconds Maximum 1, Above at(5_000.0), at(60_000.0);
    "AWS/DynamoDB" "ReplicationLatency", ["TableName", "ReceivingRegion"], "DynamoDB global" Database,
        "lag" Lag Away Milliseconds Maximum 5, Above at(10_000.0), at(60_000.0);
    "AWS/RDS" "ReplicaLag", ["DBInstanceIdentifier"], "RDS replica" Database,
        "lag" Lag Link Seconds Maximum 1, Above at(120.0), at(900.0);
    "AWS/DocDB" "GlobalClusterReplicationLag", ["DBClusterIdentifier"], "DocumentDB global" Database,
        "lag" Lag Link Milliseconds Maximum 1, Above at(60_000.0), at(300_000.0);
    "AWS/DMS" "CDCLatencyTarget", ["ReplicationInstanceIdentifier", "ReplicationTaskIdentifier"], "DMS" Database,
        "behind target" Lag Link Seconds Maximum 1, Above at(300.0), at(3_600.0);
    "AWS/S3" "ReplicationLatency", ["SourceBucket", "DestinationBucket", "RuleId"], "S3 replication" Storage,
        "lag" Lag Link Seconds Maximum 1, Above at(900.0), at(3_600.0);
    "AWS/S3" "OperationsFailedReplication", ["SourceBucket", "DestinationBucket", "RuleId"], "S3 replication" Storage,
        "failed" Compliance Away Count Sum 1, Above at(0.0), at(100.0);
    "AWS/EFS" "TimeSinceLastSync", ["FileSystemId", "DestinationFileSystemId"], "EFS replication" Storage,
        "lag" Lag Away Seconds Maximum 1, Above at(1_800.0), at(3_600.0);
    "AWS/Backup" "NumberOfBackupJobsFailed", ["BackupVaultName", "ResourceType"], "AWS Backup" Storage,
        "failed jobs" Compliance Each Count Sum 60, Above at(0.0), at(3.0);
    "AWS/TransitGateway" "PacketDropCountBlackhole", ["TransitGateway"], "Transit Gateway" Network,
        "dropped" Health Each Count Sum 1, Above at(100.0), at(10_000.0);
    "AWS/DX" "ConnectionState", ["ConnectionId"], "Direct Connect" Network,
        "up" Health Each YesNo Minimum 5, Below NO, at(1.0);
    "AWS/Transfer" "OnUploadExecutionsFailed", ["ServerId"], "SFTP" Integration,
        "failed uploads" Health Each Count Sum 5, Above at(0.0), at(20.0);
    "AWS/SQS" "ApproximateAgeOfOldestMessage", ["QueueName"], "SQS" Integration,
        "oldest" Health Each Seconds Maximum 1, Above at(300.0), at(900.0);
    "AWS/SNS" "NumberOfNotificationsFailed", ["TopicName"], "SNS" Integration,
        "failed deliveries" Health Each Count Sum 5, Above at(0.0), at(50.0);
    "AWS/ApiGateway" "5XXError" / "Count", ["ApiName", "Stage"], "API Gateway" Integration,
        "5xx" Health Each Percent Sum 1, Above at(1.0), at(5.0);
    "AWS/ApiGateway" "Latency", ["ApiName", "Stage"], "API Gateway" Integration,
        "latency" Health Each Milliseconds Average 1, Above at(500.0), at(2_000.0);
    "AWS/Lambda" "Errors", ["FunctionName"], "Lambda" Integration,
        "errors/5 min" Health Each Count Sum 5, Above at(0.0), at(10.0);
    "AWS/Lambda" "Throttles", ["FunctionName"], "Lambda" Integration,
        "throttles/5 min" Capacity Each Count Sum 5, Above at(0.0), at(100.0);
    "AWS/States" "ExecutionsFailed", ["StateMachineArn"], "Step Functions" Integration,
        "failed runs/5 min" Health Each Count Sum 5, Above at(0.0), at(5.0);
    "AmazonMWAA" "QueuedTasks", ["Function", "Environment"], "MWAA" Integration,
        "queued tasks" Health Each Count Maximum 5, Above at(200.0), at(1_000.0);
    "CloudWatchSynthetics" "SuccessPercent", ["CanaryName"], "canary" Monitoring,
        "success" Health Each Percent Average 5, Below at(99.0), at(80.0);
}

/// How many there should be of a count, by metrics of its own namespace and dimensions.
pub(super) enum Total {
    /// This one says it.
    Is(&'static str),
    /// The count and this one together.
    With(&'static str),
}

/// Counts whose total is a metric as well.
pub(super) const TOTALS: &[(&str, &str, Total)] = &[
    ("AWS/ApplicationELB", "HealthyHostCount", Total::With("UnHealthyHostCount")),
    ("AWS/NetworkELB", "HealthyHostCount", Total::With("UnHealthyHostCount")),
    ("AWS/GlobalAccelerator", "HealthyEndpointCount", Total::With("UnhealthyEndpointCount")),
    ("AWS/AutoScaling", "GroupInServiceInstances", Total::Is("GroupDesiredCapacity")),
    ("ECS/ContainerInsights", "RunningTaskCount", Total::Is("DesiredTaskCount")),
];

/// Whether a metric is looked for, or says how many there are of one that is.
pub(super) fn is_known(namespace: &str, name: &str) -> bool {
    KNOWN.iter().any(|k| k.namespace == namespace && (k.metric == name || k.percent_of == Some(name)))
        || TOTALS.iter().any(|(n, _, total)| {
            let (Total::Is(of) | Total::With(of)) = total;
            *n == namespace && *of == name
        })
}

/// A namespace that one region publishes for all of them.
pub(super) struct Central {
    pub(super) namespace: &'static str,
    pub(super) published_in: &'static str,
    /// The dimension that says which region a metric is about; none if it is about the whole world.
    pub(super) served: Option<&'static str>,
}

pub(super) const CENTRAL: &[Central] = &[
    Central { namespace: "AWS/GlobalAccelerator", published_in: "us-west-2", served: Some("EndpointGroup") },
    Central { namespace: "AWS/CloudFront", published_in: "us-east-1", served: None },
];

/// Namespaces whose metrics are read in other ways, or do not matter for a failover.
pub(super) const ELSEWHERE: &[&str] =
    &["AWS/DRS", "AWS/Route53", "AWS/EC2", "AWS/EBS", "AWS/Usage", "AWS/Logs", "AWS/VPN"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::metrics::{self, In};

    /// What AWS's pages do not say is published, nobody would ever find.
    #[test]
    fn what_is_looked_for_is_published_so() {
        for known in KNOWN {
            let Known { namespace, metric, by, natural, minutes, .. } = known;
            let published = metrics::of(namespace, metric).unwrap_or_else(|| panic!("{namespace} {metric}"));
            assert!(published.is_by(by.iter().copied()), "{namespace} {metric} by {by:?}");
            assert!(*minutes >= i64::from(published.every), "{namespace} {metric}");
            let away = published.place == In::Source;
            assert_eq!(*natural == Natural::Away, away, "{namespace} {metric}");
            let whole = known.percent_of.map(|of| metrics::of(namespace, of).map(|m| m.is_by(by.iter().copied())));
            assert!(whole.is_none_or(|w| w == Some(true)), "{namespace} {metric}");
        }
    }
}
