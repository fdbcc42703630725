//! What each published metric usually says: the one table of names and plausible figures.
//!
//! A metric that the table does not know gets its figure from the reading's own thresholds, so that a stranger's
//! estate is calm on a calm day, too.

use crate::estate::{Direction, Meaning, Reading, Unit};

/// How a metric behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Figure {
    /// Targets, tasks or instances in service: as many as the reading's `of`, each dropping in its own time.
    Targets,
    /// Those that dropped.
    TargetsGone,
    /// A figure that somebody set.
    Fixed(f64),
    /// Requests a minute at the day's mean, going where traffic goes.
    Requests(f64),
    /// Failed ones among so many requests a minute.
    Errors(f64),
    /// Seconds to answer.
    Latency(f64),
    /// Seconds behind the source.
    Lag(f64),
    /// Time since something was last done that is done every so many seconds.
    Age(f64),
    /// 1 while it works.
    Works,
    /// 1 while it is broken.
    Broken,
    /// 0 on a good day.
    Quiet,
    /// Per cent of good.
    Percent,
    /// A figure that moves a little.
    Level(f64),
}

/// Name, figure; by namespace.
type Row = (&'static str, &'static str, Figure);

const TABLE: &[Row] = &[
    ("AWS/ApplicationELB", "HealthyHostCount", Figure::Targets),
    ("AWS/ApplicationELB", "UnHealthyHostCount", Figure::TargetsGone),
    ("AWS/ApplicationELB", "RequestCount", Figure::Requests(1_800.0)),
    ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", Figure::Errors(1_800.0)),
    ("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", Figure::Errors(1_800.0)),
    ("AWS/ApplicationELB", "TargetResponseTime", Figure::Latency(0.041)),
    ("AWS/NetworkELB", "HealthyHostCount", Figure::Targets),
    ("AWS/NetworkELB", "UnHealthyHostCount", Figure::TargetsGone),
    ("AWS/ElastiCache", "GlobalDatastoreReplicationLag", Figure::Lag(0.35)),
    ("AWS/ElastiCache", "MasterLinkHealthStatus", Figure::Works),
    ("AWS/RDS", "ReplicaLag", Figure::Lag(1.2)),
    ("AWS/DocDB", "GlobalClusterReplicationLag", Figure::Lag(0.18)),
    ("AWS/S3", "ReplicationLatency", Figure::Lag(14.0)),
    ("AWS/S3", "BytesPendingReplication", Figure::Lag(9.0)),
    ("AWS/S3", "OperationsPendingReplication", Figure::Lag(9.0)),
    ("AWS/S3", "OperationsFailedReplication", Figure::Quiet),
    ("AWS/DMS", "CDCLatencySource", Figure::Lag(2.0)),
    ("AWS/DMS", "CDCLatencyTarget", Figure::Lag(3.0)),
    ("AmazonMWAA", "SchedulerHeartbeat", Figure::Level(12.0)),
    ("AmazonMWAA", "QueuedTasks", Figure::Level(3.0)),
    ("AmazonMWAA", "ImportErrors", Figure::Quiet),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", Figure::Level(4.0)),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", Figure::Level(12.0)),
    ("AWS/SNS", "NumberOfNotificationsFailed", Figure::Quiet),
    ("AWS/ApiGateway", "5XXError", Figure::Errors(2_400.0)),
    ("AWS/ApiGateway", "Latency", Figure::Latency(0.085)),
    ("AWS/ApiGateway", "Count", Figure::Requests(2_400.0)),
    ("AWS/AutoScaling", "GroupInServiceInstances", Figure::Targets),
    ("AWS/AutoScaling", "GroupDesiredCapacity", Figure::Fixed(1.0)),
    ("AWS/AutoScaling", "GroupMaxSize", Figure::Fixed(2.0)),
    ("AWS/Transfer", "FilesIn", Figure::Requests(6.0)),
    ("AWS/Transfer", "OnUploadExecutionsFailed", Figure::Quiet),
    ("AWS/DX", "ConnectionState", Figure::Works),
    ("AWS/VPN", "TunnelState", Figure::Works),
    ("AWS/TransitGateway", "PacketDropCountBlackhole", Figure::Quiet),
    ("AWS/CertificateManager", "DaysToExpiry", Figure::Fixed(214.0)),
    ("AWS/Backup", "NumberOfBackupJobsFailed", Figure::Quiet),
    ("AWS/Backup", "NumberOfCopyJobsFailed", Figure::Quiet),
    ("AWS/Lambda", "Errors", Figure::Quiet),
    ("AWS/Lambda", "Throttles", Figure::Quiet),
    ("AWS/States", "ExecutionsFailed", Figure::Quiet),
    ("AWS/States", "ExecutionsTimedOut", Figure::Quiet),
    ("CloudWatchSynthetics", "SuccessPercent", Figure::Percent),
    ("AWS/WAFV2", "BlockedRequests", Figure::Requests(14.0)),
    ("AWS/WAFV2", "AllowedRequests", Figure::Requests(1_800.0)),
    ("AWS/GlobalAccelerator", "HealthyEndpointCount", Figure::Targets),
    ("AWS/GlobalAccelerator", "UnhealthyEndpointCount", Figure::TargetsGone),
    ("ECS/ContainerInsights", "RunningTaskCount", Figure::Targets),
    ("ECS/ContainerInsights", "DesiredTaskCount", Figure::Fixed(1.0)),
    ("AWS/EC2", "StatusCheckFailed", Figure::Broken),
    ("AWS/DRS", "LagDuration", Figure::Lag(2.0)),
    ("AWS/DRS", "Backlog", Figure::Lag(1.0)),
    ("AWS/DRS", "DurationSinceLastSuccessfulRecoveryLaunch", Figure::Age(2_592_000.0)),
];

/// How a reading's metric behaves.
pub fn figure(namespace: &str, metric: &str, reading: &Reading) -> Figure {
    let row = TABLE.iter().find(|(n, m, _)| *n == namespace && *m == metric);
    row.map_or_else(|| guess(metric, reading), |(.., f)| *f)
}

/// When a service publishes a data point of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// Every period.
    Always,
    /// Only while somebody calls.
    WhenCalled,
    /// Only if there is something to count.
    WhenCounted,
}

/// When a metric of AWS's own is published, as far as AWS's pages say. What a script publishes, it publishes always.
pub fn published(namespace: &str, metric: &str) -> Published {
    match (namespace, metric) {
        ("AWS/ApplicationELB", "HealthyHostCount" | "UnHealthyHostCount") => Published::Always,
        ("AWS/ApplicationELB", name) if name.starts_with("HTTPCode_") => Published::WhenCounted,
        ("AWS/ApplicationELB" | "AWS/ApiGateway" | "AWS/Lambda", _) => Published::WhenCalled,
        ("AWS/SNS" | "AWS/States" | "AWS/Backup" | "AWS/Transfer" | "AWS/WAFV2", _) => Published::WhenCounted,
        _ => Published::Always,
    }
}

/// How the whole of a share behaves (`percent_of`).
pub fn whole(namespace: &str, metric: &str) -> Figure {
    let row = TABLE.iter().find(|(n, m, _)| *n == namespace && *m == metric);
    row.map_or(Figure::Requests(600.0), |(.., f)| *f)
}

fn guess(metric: &str, reading: &Reading) -> Figure {
    let limit = limit(reading);
    let since = ["Age", "Since", "Minutes"].iter().any(|w| metric.contains(w));
    let seconds = limit.map(|l| l / per_second(metric, reading.unit));
    match (reading.unit, reading.meaning, reading.bad) {
        (Unit::YesNo, _, Direction::Below) => Figure::Works,
        (Unit::YesNo, _, Direction::Above) => Figure::Broken,
        (_, Meaning::Lag, Direction::Above) if since => Figure::Age(seconds.unwrap_or(3_600.0) * 0.6),
        (_, Meaning::Lag, Direction::Above) => Figure::Lag(seconds.unwrap_or(10.0) * 0.1),
        (Unit::Seconds | Unit::Milliseconds | Unit::Days, _, Direction::Above) if since => {
            Figure::Age(seconds.unwrap_or(3_600.0) * 0.6)
        }
        (Unit::Percent, _, Direction::Below) => Figure::Percent,
        (Unit::Days, _, Direction::Below) => Figure::Fixed(214.0),
        (Unit::Count, _, Direction::Below) if reading.of.is_some() => Figure::Targets,
        (Unit::Count, _, Direction::Below) if limit.is_some_and(|l| l <= 5.0) => Figure::Targets,
        (_, _, Direction::Below) => Figure::Level(limit.unwrap_or(4.0) * 1.5),
        (Unit::Count, _, Direction::Above) if limit.is_none_or(|l| l <= 5.0) => Figure::Quiet,
        (_, _, Direction::Above) => Figure::Level(limit.unwrap_or(8.0) * 0.25),
    }
}

/// The nearer of a reading's thresholds.
pub fn limit(reading: &Reading) -> Option<f64> {
    let both = [reading.warn, reading.fail].into_iter().flatten();
    match reading.bad {
        Direction::Above => both.reduce(f64::min),
        Direction::Below => both.reduce(f64::max),
    }
}

/// How much of a unit one second behind is.
pub fn per_second(metric: &str, unit: Unit) -> f64 {
    match unit {
        Unit::Milliseconds => 1_000.0,
        Unit::Bytes => 250_000.0,
        Unit::Kilobytes => 250.0,
        Unit::Days => 1.0 / 86_400.0,
        Unit::Count if metric.contains("Minutes") => 1.0 / 60.0,
        Unit::Count if metric.contains("Hours") => 1.0 / 3_600.0,
        Unit::Count => 4.0,
        Unit::Seconds | Unit::Percent | Unit::YesNo => 1.0,
    }
}

/// A figure that a calm day may show: well on the right side of both thresholds.
pub fn calm(reading: &Reading, value: f64, jitter: f64) -> f64 {
    let Some(limit) = limit(reading) else { return value };
    match reading.bad {
        Direction::Above if value < limit * 0.7 => value,
        Direction::Above => limit * (0.4 + 0.1 * jitter),
        Direction::Below if value > limit => value,
        Direction::Below => match (reading.of, reading.unit) {
            (Some(of), _) if of >= limit => of,
            (_, Unit::YesNo) => 1.0,
            (_, Unit::Percent) => 100.0,
            (_, Unit::Count) => (limit + 1.0).ceil().max(limit * 1.3).ceil(),
            _ => limit * 1.5,
        },
    }
}
