//! What AWS publishes, by AWS's own pages: the one table behind the defaults of [`Missing`], what `check` says of a
//! metric's dimensions, what `discover` finds, and `docs/metrics.md`.

use std::collections::BTreeSet;

use super::Missing;

/// The region whose CloudWatch has a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum In {
    /// The thing's own.
    Own,
    /// The replica's.
    Replica,
    /// The source's.
    Source,
    /// This one, wherever the thing is.
    Always(&'static str),
}

/// A metric that AWS publishes.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// `AWS/ApplicationELB`.
    pub namespace: &'static str,
    /// `HealthyHostCount`.
    pub name: &'static str,
    /// Sets of dimensions that it is published by; each names the thing first.
    pub by: &'static [&'static [&'static str]],
    /// Whose CloudWatch has it.
    pub place: In,
    /// How often, in minutes.
    pub every: u32,
    /// What it means that there is no data point.
    pub missing: Missing,
    /// AWS's page about it, after `https://docs.aws.amazon.com/`.
    pub page: &'static str,
    /// What that page does not say, or what surprises.
    pub note: &'static str,
}

macro_rules! metrics {
    ($(page $page:literal {
        $($namespace:literal $name:literal [$([$($by:literal),+]),+] $place:expr, $every:literal min, $missing:ident, $note:literal;)+
    })+) => {
        /// Every metric that the shipped estate reads or `discover` finds, by namespace.
        pub const METRICS: &[Metric] = &[$($(Metric {
            namespace: $namespace, name: $name, by: &[$(&[$($by),+]),+], place: $place, every: $every,
            missing: Missing::$missing, page: $page, note: $note,
        }),+),+];
    };
}

use In::{Always, Own, Replica, Source};

metrics! {
    page "elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html" {
        "AWS/ApplicationELB" "HealthyHostCount" [["LoadBalancer", "TargetGroup"], ["LoadBalancer", "TargetGroup", "AvailabilityZone"]] Own, 1 min, Unknown,
            "If targets are registered.";
        "AWS/ApplicationELB" "UnHealthyHostCount" [["LoadBalancer", "TargetGroup"], ["LoadBalancer", "TargetGroup", "AvailabilityZone"]] Own, 1 min, Unknown,
            "A target that is deregistered is in neither count.";
        "AWS/ApplicationELB" "RequestCount" [["LoadBalancer"], ["LoadBalancer", "TargetGroup"], ["LoadBalancer", "AvailabilityZone"], ["LoadBalancer", "TargetGroup", "AvailabilityZone"]] Own, 1 min, Zero,
            "Nothing while nobody calls. Requests without a target are not in it.";
        "AWS/ApplicationELB" "HTTPCode_Target_5XX_Count" [["LoadBalancer"], ["LoadBalancer", "TargetGroup"], ["LoadBalancer", "AvailabilityZone"], ["LoadBalancer", "TargetGroup", "AvailabilityZone"]] Own, 1 min, Zero, "";
        "AWS/ApplicationELB" "HTTPCode_ELB_5XX_Count" [["LoadBalancer"], ["LoadBalancer", "AvailabilityZone"]] Own, 1 min, Zero, "Never by target group.";
        "AWS/ApplicationELB" "TargetResponseTime" [["LoadBalancer"], ["LoadBalancer", "TargetGroup"], ["LoadBalancer", "AvailabilityZone"], ["LoadBalancer", "TargetGroup", "AvailabilityZone"]] Own, 1 min, Ok, "Nothing while nobody calls.";
    }
    page "elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html" {
        "AWS/NetworkELB" "HealthyHostCount" [["LoadBalancer", "TargetGroup"], ["LoadBalancer", "TargetGroup", "AvailabilityZone"]] Own, 1 min, Unknown, "If targets are registered.";
        "AWS/NetworkELB" "UnHealthyHostCount" [["LoadBalancer", "TargetGroup"], ["LoadBalancer", "TargetGroup", "AvailabilityZone"]] Own, 1 min, Unknown, "";
    }
    page "global-accelerator/latest/dg/cloudwatch-monitoring.html" {
        "AWS/GlobalAccelerator" "HealthyEndpointCount" [["Accelerator"], ["Accelerator", "Listener"], ["Accelerator", "Listener", "EndpointGroup"]] Always("us-west-2"), 1 min, Unknown,
            "EndpointGroup is a region's name; Accelerator and Listener are the last parts of their ARNs.";
        "AWS/GlobalAccelerator" "UnhealthyEndpointCount" [["Accelerator"], ["Accelerator", "Listener"], ["Accelerator", "Listener", "EndpointGroup"]] Always("us-west-2"), 1 min, Unknown, "";
    }
    page "acm/latest/userguide/cloudwatch-metrics.html" {
        "AWS/CertificateManager" "DaysToExpiry" [["CertificateArn"]] Own, 720 min, Unknown, "Stops when the certificate has expired.";
    }
    page "waf/latest/developerguide/waf-metrics.html" {
        "AWS/WAFV2" "BlockedRequests" [["WebACL", "Rule", "Region"], ["WebACL", "Rule"]] Own, 1 min, Zero,
            "The sets are not listed there. Without Region for CloudFront, in us-east-1. WebACL is the metric name of the web ACL.";
        "AWS/WAFV2" "AllowedRequests" [["WebACL", "Rule", "Region"], ["WebACL", "Rule"]] Own, 1 min, Zero, "As BlockedRequests.";
    }
    page "autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html" {
        "AWS/AutoScaling" "GroupInServiceInstances" [["AutoScalingGroupName"]] Own, 1 min, Unknown, "Only if group metrics are switched on.";
        "AWS/AutoScaling" "GroupDesiredCapacity" [["AutoScalingGroupName"]] Own, 1 min, Unknown, "Only if group metrics are switched on.";
        "AWS/AutoScaling" "GroupMaxSize" [["AutoScalingGroupName"]] Own, 1 min, Unknown, "Only if group metrics are switched on.";
    }
    page "AmazonECS/latest/developerguide/cloudwatch-container-insights.html" {
        "ECS/ContainerInsights" "RunningTaskCount" [["ServiceName", "ClusterName"]] Own, 1 min, Unknown,
            "Only with Container Insights. A service without a running task sends nothing, like one without Container Insights: `missing = \"zero\"` where it is on.";
        "ECS/ContainerInsights" "DesiredTaskCount" [["ServiceName", "ClusterName"]] Own, 1 min, Unknown, "Only with Container Insights.";
    }
    page "AmazonElastiCache/latest/dg/CacheMetrics.Redis.html" {
        "AWS/ElastiCache" "GlobalDatastoreReplicationLag" [["CacheClusterId"], ["CacheClusterId", "CacheNodeId"], ["ReplicationGroupId"]] Replica, 1 min, Unknown,
            "Neither region nor dimensions are documented: take what ListMetrics shows in the standby region.";
        "AWS/ElastiCache" "MasterLinkHealthStatus" [["CacheClusterId"], ["CacheClusterId", "CacheNodeId"]] Own, 1 min, Unknown,
            "Speaks of a migration from EC2, and not of a global datastore's link.";
    }
    page "AmazonRDS/latest/UserGuide/rds-metrics.html" {
        "AWS/RDS" "ReplicaLag" [["DBInstanceIdentifier"]] Replica, 1 min, Unknown, "-1 is no lag: nothing replicates, or it is not known.";
    }
    page "AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html" {
        "AWS/RDS" "AuroraGlobalDBReplicationLag" [["DBClusterIdentifier"], ["SourceRegion"], ["DBClusterIdentifier", "SourceRegion"]] Replica, 1 min, Unknown,
            "Milliseconds. Only in secondary regions; the sets are not listed there.";
        "AWS/RDS" "AuroraGlobalDBRPOLag" [["DBClusterIdentifier"], ["SourceRegion"], ["DBClusterIdentifier", "SourceRegion"]] Replica, 1 min, Unknown, "As AuroraGlobalDBReplicationLag.";
    }
    page "documentdb/latest/devguide/global-clusters-monitor.html" {
        "AWS/DocDB" "GlobalClusterReplicationLag" [["DBClusterIdentifier"], ["DBClusterIdentifier", "SourceRegion"]] Replica, 1 min, Unknown,
            "Milliseconds. Neither region nor dimensions are documented.";
    }
    page "amazondynamodb/latest/developerguide/metrics-dimensions.html" {
        "AWS/DynamoDB" "ReplicationLatency" [["TableName", "ReceivingRegion"]] Source, 5 min, Unknown,
            "Milliseconds. Nothing for tables with strong consistency. 0 may mean that replication stands still.";
    }
    page "efs/latest/ug/efs-metrics.html" {
        "AWS/EFS" "TimeSinceLastSync" [["FileSystemId", "DestinationFileSystemId"]] Source, 1 min, Unknown, "Seconds. The region is not documented.";
    }
    page "dms/latest/userguide/CHAP_Monitoring.html" {
        "AWS/DMS" "CDCLatencySource" [["ReplicationInstanceIdentifier", "ReplicationTaskIdentifier"]] Own, 1 min, Unknown,
            "ReplicationTaskIdentifier is the last part of the task's ARN, and not its name.";
        "AWS/DMS" "CDCLatencyTarget" [["ReplicationInstanceIdentifier", "ReplicationTaskIdentifier"]] Own, 1 min, Unknown, "As CDCLatencySource.";
    }
    page "AmazonS3/latest/userguide/repl-metrics.html" {
        "AWS/S3" "ReplicationLatency" [["SourceBucket", "DestinationBucket", "RuleId"]] Replica, 1 min, Unknown, "Only with replication metrics on the rule. Also while nothing is replicated.";
        "AWS/S3" "BytesPendingReplication" [["SourceBucket", "DestinationBucket", "RuleId"]] Replica, 1 min, Unknown, "As ReplicationLatency.";
        "AWS/S3" "OperationsPendingReplication" [["SourceBucket", "DestinationBucket", "RuleId"]] Replica, 1 min, Unknown, "As ReplicationLatency.";
        "AWS/S3" "OperationsFailedReplication" [["SourceBucket", "DestinationBucket", "RuleId"]] Source, 1 min, Zero, "In the source's region, unlike the others. Nothing while nothing is replicated.";
    }
    page "aws-backup/latest/devguide/cloudwatch.html" {
        "AWS/Backup" "NumberOfBackupJobsFailed" [["BackupVaultName"], ["BackupVaultName", "ResourceType"]] Own, 5 min, Zero, "";
        "AWS/Backup" "NumberOfCopyJobsFailed" [["BackupVaultName"], ["BackupVaultName", "ResourceType"]] Own, 5 min, Zero,
            "The vault is the copies' destination. In which region is not documented.";
    }
    page "vpc/latest/tgw/transit-gateway-cloudwatch-metrics.html" {
        "AWS/TransitGateway" "PacketDropCountBlackhole" [["TransitGateway"], ["TransitGateway", "TransitGatewayAttachment"], ["TransitGateway", "AvailabilityZone"]] Own, 1 min, Unknown, "Also while it is 0.";
    }
    page "directconnect/latest/UserGuide/monitoring-cloudwatch.html" {
        "AWS/DX" "ConnectionState" [["ConnectionId"]] Own, 5 min, Unknown, "";
    }
    page "vpn/latest/s2svpn/monitoring-cloudwatch-vpn.html" {
        "AWS/VPN" "TunnelState" [["VpnId"], ["TunnelIpAddress"]] Own, 5 min, Unknown, "By VpnId a figure between 0 and 1: some tunnel is down.";
    }
    page "transfer/latest/userguide/metrics.html" {
        "AWS/Transfer" "FilesIn" [["ServerId"]] Own, 5 min, Ok, "0 only while somebody is connected.";
        "AWS/Transfer" "OnUploadExecutionsFailed" [["ServerId"]] Own, 1 min, Zero, "";
    }
    page "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html" {
        "AWS/SQS" "ApproximateAgeOfOldestMessage" [["QueueName"]] Own, 1 min, Ok, "Only while a message waits. What was received three times is not in it.";
        "AWS/SQS" "ApproximateNumberOfMessagesVisible" [["QueueName"]] Own, 1 min, Zero, "Nothing six hours after a queue was last used; up to 15 minutes late when it wakes.";
    }
    page "sns/latest/dg/sns-monitoring-using-cloudwatch.html" {
        "AWS/SNS" "NumberOfNotificationsFailed" [["TopicName"]] Own, 1 min, Zero, "Retries to HTTP endpoints count.";
    }
    page "apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html" {
        "AWS/ApiGateway" "5XXError" [["ApiName", "Stage"], ["ApiName"]] Own, 1 min, Zero, "REST APIs; ApiName is the name.";
        "AWS/ApiGateway" "Count" [["ApiName", "Stage"], ["ApiName"], ["ApiId", "Stage"], ["ApiId"]] Own, 1 min, Zero, "ApiId for HTTP APIs.";
        "AWS/ApiGateway" "Latency" [["ApiName", "Stage"], ["ApiName"], ["ApiId", "Stage"], ["ApiId"]] Own, 1 min, Ok, "Milliseconds. ApiId for HTTP APIs.";
    }
    page "apigateway/latest/developerguide/http-api-metrics.html" {
        "AWS/ApiGateway" "5xx" [["ApiId", "Stage"], ["ApiId"]] Own, 1 min, Zero, "HTTP APIs.";
    }
    page "lambda/latest/dg/monitoring-metrics-types.html" {
        "AWS/Lambda" "Errors" [["FunctionName"], ["FunctionName", "Resource"]] Own, 1 min, Zero, "At the time when the call began.";
        "AWS/Lambda" "Throttles" [["FunctionName"], ["FunctionName", "Resource"]] Own, 1 min, Zero, "Not among Errors.";
    }
    page "step-functions/latest/dg/procedure-cw-metrics.html" {
        "AWS/States" "ExecutionsFailed" [["StateMachineArn"]] Own, 1 min, Zero, "";
        "AWS/States" "ExecutionsTimedOut" [["StateMachineArn"]] Own, 1 min, Zero, "";
    }
    page "mwaa/latest/userguide/access-metrics-cw.html" {
        "AmazonMWAA" "SchedulerHeartbeat" [["Environment", "Function"]] Own, 5 min, Unknown, "Function is Scheduler.";
        "AmazonMWAA" "QueuedTasks" [["Environment", "Function"]] Own, 5 min, Unknown, "Function is Executor.";
        "AmazonMWAA" "ImportErrors" [["Environment", "Function"]] Own, 5 min, Unknown, "Function is DAG Processing.";
    }
    page "AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_metrics.html" {
        "CloudWatchSynthetics" "SuccessPercent" [["CanaryName"], ["CanaryName", "StepName"]] Own, 1 min, Unknown, "At each run: the period must hold one.";
    }
    page "AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html" {
        "AWS/EC2" "StatusCheckFailed" [["InstanceId"], ["AutoScalingGroupName"]] Own, 1 min, Unknown, "";
    }
    page "drs/latest/userguide/monitoring-event-bridge-metrics.html" {
        "AWS/DRS" "LagDuration" [["SourceServerID"]] Replica, 1 min, Unknown, "Namespace and dimensions are not documented; the console asks DRS itself.";
        "AWS/DRS" "Backlog" [["SourceServerID"]] Replica, 1 min, Unknown, "As LagDuration.";
    }
    page "Route53/latest/DeveloperGuide/monitoring-cloudwatch.html" {
        "AWS/Route53" "HealthCheckStatus" [["HealthCheckId"]] Always("us-east-1"), 1 min, Unknown, "1 is healthy.";
        "AWS/Route53" "HealthCheckPercentageHealthy" [["HealthCheckId"]] Always("us-east-1"), 1 min, Unknown, "Only for checks of endpoints that are not disabled.";
    }
}

/// What is known of a metric.
#[must_use]
pub fn of(namespace: &str, name: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|m| m.namespace == namespace && m.name == name)
}

impl Metric {
    /// Whether it is published by dimensions of these names, no more and no fewer.
    #[must_use]
    pub fn is_by<'n>(&self, names: impl Iterator<Item = &'n str>) -> bool {
        let names: BTreeSet<&str> = names.collect();
        self.by.iter().any(|set| set.iter().copied().collect::<BTreeSet<_>>() == names)
    }

    /// Its sets of dimensions, in words: `LoadBalancer + TargetGroup or LoadBalancer`.
    #[must_use]
    pub fn sets(&self) -> String {
        self.by.iter().map(|set| set.join(" + ")).collect::<Vec<_>>().join(" or ")
    }
}

/// What it means that a metric has no data point; of one that is not in the table nothing is known.
#[must_use]
pub fn missing(namespace: &str, name: &str) -> Missing {
    of(namespace, name).map_or(Missing::Unknown, |m| m.missing)
}
