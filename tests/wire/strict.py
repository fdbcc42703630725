#!/usr/bin/env python3
"""Asks every operation of a running `signalbox sim`, in success and in error, with botocore, and lets a strict
checker walk botocore's own models against the raw bodies.

  signalbox sim --scenario calm >sim.out        # prints, among others, an estate file with its endpoints
  SIGNALBOX_ESTATE=estate.toml STRICT_CHECK=…/strict_check.py python3 tests/wire/strict.py [-v] [--failing] [service …]

STRICT_CHECK is a module with `attach(client)` and a list FINDINGS; without it, only how each operation ends is looked
at. Needs Python 3.11, botocore and cbor2. `tests/wire/strict.sh` starts the simulators and runs it against each.
Exits with 1 when there is a finding, or when an operation did not end as it should.

With --failing it expects a sim that was started with tests/wire/throttled.toml or unavailable.toml as its
scenario, and looks at the errors only.

What the sim changes on the way: it sets routing controls to the state they have, switches accelerated recovery on for
its zones, and starts one DRS drill.
"""
import importlib.util, os, sys, tomllib, types, uuid
from datetime import datetime, timedelta, timezone

import botocore.session
from botocore import UNSIGNED, xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if "STRICT_CHECK" in os.environ:
    spec = importlib.util.spec_from_file_location("strict_check", os.environ["STRICT_CHECK"])
    strict = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(strict)
else:
    strict = types.SimpleNamespace(attach=lambda client: client, FINDINGS=[])
with open(os.environ["SIGNALBOX_ESTATE"], "rb") as file:
    ESTATE = tomllib.load(file)

VERBOSE = "-v" in sys.argv
ONLY = [a for a in sys.argv[1:] if not a.startswith("-")]
OK = "ok"
FAILED = []
RAN = 0

# Codes that AWS documents and sends, and that its models do not declare: EC2's declares no error at all, and
# the codes for requests that are not let in stand in no model.
UNDECLARED = {
    "ec2": {
        "InvalidInstanceID.NotFound", "InvalidInstanceID.Malformed", "InvalidAMIID.NotFound", "InvalidAMIID.Malformed",
        "InvalidSnapshot.NotFound", "InvalidVpnConnectionID.NotFound", "InvalidParameterValue",
        "InvalidTransitGatewayAttachmentID.NotFound", "InvalidCapacityReservationId.NotFound", "UnknownParameter",
        "InvalidParameterCombination", "DryRunOperation",
    },
    "*": {"MissingAuthenticationToken", "SerializationException"},
    "sts": {"AccessDenied", "ValidationError", "InvalidClientTokenId"},
}


def client(service, url, region, protocol=None, signed=True, held=None):
    session = botocore.session.Session()
    if protocol:
        loader = session.get_component("data_loader")
        load = loader.load_service_model

        def forced(name, kind, api_version=None):
            model = load(name, kind, api_version)
            if kind == "service-2":
                model = {**model, "metadata": {**model["metadata"], "protocol": protocol, "protocols": [protocol]}}
            return model

        loader.load_service_model = forced
    config = Config(
        retries={"total_max_attempts": 1}, proxies={}, parameter_validation=False, read_timeout=20,
        signature_version=None if signed else UNSIGNED,
    )
    made = session.create_client(
        service, endpoint_url=url, region_name=region, config=config,
        aws_access_key_id=held["AccessKeyId"] if held else "t", aws_secret_access_key="t",
        aws_session_token=held["SessionToken"] if held else None,
    )
    return strict.attach(made)


def case(c, operation, want=OK, **params):
    """Calls an operation; `want` is OK, an error code, or a set of either. Gives back the answer, or {}."""
    global RAN
    RAN += 1
    service = c.meta.service_model.service_name
    label = f"{service} {c.meta.service_model.resolved_protocol} {operation} {str(params)[:110]}"
    strict.FINDINGS.clear()
    answer = {}
    try:
        answer = getattr(c, xform_name(operation))(**params)
        got = OK
    except ClientError as error:
        got = error.response["Error"]["Code"]
    except BotoCoreError as error:
        got = f"{type(error).__name__}: {error}"
    wanted = want if isinstance(want, set) else {want}
    if got not in wanted:
        FAILED.append(f"{label}: got {got}, want {' or '.join(sorted(wanted))}")
    allowed = UNDECLARED.get(service, set()) | UNDECLARED["*"]
    for finding in strict.FINDINGS:
        text = " ".join(map(str, finding))
        if not any(f"code {code!r} is not declared" in text for code in allowed):
            FAILED.append(f"{label}: {text}")
    if VERBOSE:
        print(f"{got:>28}  {label}")
    return answer


def not_let_in(service, url, region, operation, protocol=None, **params):
    """The same call signed for another region, and not signed."""
    denied = {"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "AccessDeniedException"}
    case(client(service, url, "eu-central-1", protocol), operation, denied, **params)
    missing = {"MissingAuthenticationToken", "MissingAuthenticationTokenException", "AuthFailure", "AccessDeniedException"}
    case(client(service, url, region, protocol, signed=False), operation, missing, **params)


def pages(c, operation, items, token_in, token_out, size=None, **params):
    """All pages of an operation; every item once."""
    seen, extra = [], dict(size or {})
    for _ in range(1000):
        answer = case(c, operation, **params, **extra)
        seen += answer.get(items, [])
        token = answer.get(token_out)
        if not token:
            return seen
        extra[token_in] = token
    FAILED.append(f"{operation}: pages without end")
    return seen


def cloudwatch(url, region):
    for protocol in ("smithy-rpc-v2-cbor", "json", "query"):
        c = client("cloudwatch", url, region, protocol)
        metrics = pages(c, "ListMetrics", "Metrics", "NextToken", "NextToken")
        case(c, "ListMetrics", Namespace="AWS/Route53")
        case(c, "ListMetrics", MetricName="RequestCount", RecentlyActive="PT3H")
        if metrics and metrics[0]["Dimensions"]:
            d = metrics[0]["Dimensions"][0]
            assert case(c, "ListMetrics", Dimensions=[d]).get("Metrics")
            assert case(c, "ListMetrics", Dimensions=[{"Name": d["Name"]}]).get("Metrics")
        case(c, "ListMetrics", {"InvalidParameterValue", "InvalidParameterValueException"}, NextToken="nonsense")
        case(c, "ListMetrics", {"InvalidParameterValue", "InvalidParameterValueException"}, Namespace=":x")
        case(c, "ListMetrics", "ValidationError", Dimensions=[{"Name": "x" * 300}])
        now = datetime.now(timezone.utc)
        window = dict(StartTime=now - timedelta(hours=1), EndTime=now + timedelta(hours=24))
        query = lambda i, m, stat="Average", period=60: {"Id": f"m{i}", "MetricStat": {"Metric": m, "Period": period, "Stat": stat}}
        queries = [query(i, m) for i, m in enumerate(metrics[:500])]
        unknown = query("x", {"Namespace": "None/Such", "MetricName": "X", "Dimensions": []})
        for scan in ("TimestampAscending", "TimestampDescending"):
            case(c, "GetMetricData", MetricDataQueries=[*queries[:99], unknown], ScanBy=scan, **window)
        if queries:
            case(c, "GetMetricData", MetricDataQueries=(queries * 500)[:1] , **window)
            for stat in ("Sum", "Minimum", "Maximum", "SampleCount", "p99"):
                case(c, "GetMetricData", MetricDataQueries=[query(0, metrics[0], stat)], **window)
            whole = pages(c, "GetMetricData", "MetricDataResults", "NextToken", "NextToken",
                          {"MaxDatapoints": 7}, MetricDataQueries=queries[:3], **window)
            points = {}
            for result in whole:
                points.setdefault(result["Id"], []).extend(result["Timestamps"])
            for found in points.values():
                assert len(found) == len(set(found)), "a data point came twice"
            labelled = {**queries[0], "Label": "<a> & b", "ReturnData": True}
            hidden = {**queries[0], "Id": "hidden", "ReturnData": False}
            case(c, "GetMetricData", MetricDataQueries=[labelled, hidden], **window)
            m = [metrics[0]]
            bad = [
                [query(i, metrics[0]) for i in range(501)],
                [query(1, metrics[0]), query(1, metrics[0])],
                [{**query(1, metrics[0]), "Id": "Upper"}],
                [query(1, metrics[0], "Nonsense")],
                [query(1, metrics[0], period=61)],
                [{"Id": "e1", "Expression": "m1/m2"}],
                [{"Id": "e1"}],
                [],
            ]
            for queries_ in bad:
                case(c, "GetMetricData", "ValidationError", MetricDataQueries=queries_, **window)
            case(c, "GetMetricData", "ValidationError", MetricDataQueries=queries[:1],
                 StartTime=window["EndTime"], EndTime=window["StartTime"])
            case(c, "GetMetricData", "InvalidNextToken", MetricDataQueries=queries[:1], NextToken="x", **window)
        alarms = pages(c, "DescribeAlarms", "MetricAlarms", "NextToken", "NextToken", {"MaxRecords": 3})
        for state in ("OK", "ALARM", "INSUFFICIENT_DATA"):
            case(c, "DescribeAlarms", StateValue=state)
        case(c, "DescribeAlarms", AlarmTypes=["CompositeAlarm"])
        if alarms:
            case(c, "DescribeAlarms", AlarmNames=[alarms[0]["AlarmName"]])
            case(c, "DescribeAlarms", AlarmNamePrefix=alarms[0]["AlarmName"][:3])
        case(c, "DescribeAlarms", "ValidationError", StateValue="BAD")
        case(c, "DescribeAlarms", "ValidationError", MaxRecords=101)
        case(c, "DescribeAlarms", "ValidationError", AlarmNames=["a"], AlarmNamePrefix="a")
        case(c, "DescribeAlarms", "InvalidNextToken", NextToken="x")
        case(c, "ListDashboards", {"InvalidAction", "UnknownOperationException"})
        not_let_in("cloudwatch", url, region, "ListMetrics", protocol)


def ec2(url, region):
    c = client("ec2", url, region)
    ids = lambda answer: [i["InstanceId"] for r in answer.get("Reservations", []) for i in r["Instances"]]
    instances = ids(case(c, "DescribeInstances"))
    case(c, "DescribeInstances", Filters=[{"Name": "tag:Name", "Values": ["*"]}, {"Name": "instance-state-name", "Values": ["running", "pend*"]}])
    case(c, "DescribeInstanceStatus", IncludeAllInstances=True)
    case(c, "DescribeInstanceStatus", Filters=[{"Name": "instance-status.status", "Values": ["ok"]}])
    paged = pages(c, "DescribeInstances", "Reservations", "NextToken", "NextToken", {"MaxResults": 5})
    assert len(paged) == len(instances)
    pages(c, "DescribeInstanceStatus", "InstanceStatuses", "NextToken", "NextToken", {"MaxResults": 5}, IncludeAllInstances=True)
    if instances:
        assert ids(case(c, "DescribeInstances", InstanceIds=instances[:1])) == instances[:1]
        case(c, "DescribeInstanceStatus", InstanceIds=instances[:2], IncludeAllInstances=True)
        case(c, "DescribeInstances", "InvalidParameterCombination", InstanceIds=instances[:1], MaxResults=5)
    case(c, "DescribeImages", Owners=["self"])
    case(c, "DescribeImages", Owners=["amazon"])
    case(c, "DescribeImages", Owners=["self"], Filters=[{"Name": "tag-key", "Values": ["*"]}, {"Name": "state", "Values": ["available"]}])
    case(c, "DescribeSnapshots", OwnerIds=["self"])
    case(c, "DescribeSnapshots", OwnerIds=[ESTATE["account"]], Filters=[{"Name": "status", "Values": ["completed"]}])
    pages(c, "DescribeSnapshots", "Snapshots", "NextToken", "NextToken", {"MaxResults": 5}, OwnerIds=["self"])
    case(c, "DescribeVpnConnections")
    case(c, "DescribeVpnConnections", Filters=[{"Name": "state", "Values": ["available"]}])
    case(c, "DescribeTransitGatewayPeeringAttachments")
    case(c, "DescribeTransitGatewayPeeringAttachments", Filters=[{"Name": "state", "Values": ["available"]}], MaxResults=5)
    case(c, "DescribeCapacityReservations")
    case(c, "DescribeCapacityReservations", Filters=[{"Name": "state", "Values": ["active"]}], MaxResults=1)
    case(c, "DescribeRegions")
    case(c, "DescribeRegions", RegionNames=[region])
    absent = "0123456789abcdef0"
    case(c, "DescribeInstances", "InvalidInstanceID.NotFound", InstanceIds=[f"i-{absent}"])
    case(c, "DescribeInstanceStatus", "InvalidInstanceID.NotFound", InstanceIds=[f"i-{absent}"])
    case(c, "DescribeInstances", "InvalidInstanceID.Malformed", InstanceIds=["nonsense"])
    case(c, "DescribeImages", "InvalidAMIID.NotFound", ImageIds=[f"ami-{absent}"])
    case(c, "DescribeSnapshots", "InvalidSnapshot.NotFound", SnapshotIds=[f"snap-{absent}"])
    case(c, "DescribeVpnConnections", "InvalidVpnConnectionID.NotFound", VpnConnectionIds=[f"vpn-{absent}"])
    case(c, "DescribeTransitGatewayPeeringAttachments", "InvalidTransitGatewayAttachmentID.NotFound", TransitGatewayAttachmentIds=[f"tgw-attach-{absent}"])
    case(c, "DescribeCapacityReservations", "InvalidCapacityReservationId.NotFound", CapacityReservationIds=[f"cr-{absent}"])
    case(c, "DescribeRegions", "InvalidParameterValue", RegionNames=["xx-none-1"])
    for operation in ("DescribeInstances", "DescribeInstanceStatus", "DescribeSnapshots"):
        case(c, operation, "InvalidParameterValue", MaxResults=1)
        case(c, operation, "InvalidParameterValue", NextToken="nonsense")
        case(c, operation, "InvalidParameterValue", Filters=[{"Name": "no-such-filter", "Values": ["x"]}])
        case(c, operation, "DryRunOperation", DryRun=True)
    case(c, "DescribeVpcs", "InvalidAction")
    not_let_in("ec2", url, region, "DescribeInstances")


def drs(url, region):
    c = client("drs", url, region)
    servers = pages(c, "DescribeSourceServers", "items", "nextToken", "nextToken", {"maxResults": 2})
    case(c, "DescribeSourceServers", filters={})
    case(c, "DescribeRecoveryInstances")
    case(c, "DescribeRecoveryInstances", filters={"sourceServerIDs": ["s-00000000000000000"]})
    case(c, "DescribeJobs")
    if servers:
        one = servers[0]["sourceServerID"]
        found = case(c, "DescribeSourceServers", filters={"sourceServerIDs": [one]})["items"]
        assert [s["sourceServerID"] for s in found] == [one]
        for order in ("ASC", "DESC"):
            got = pages(c, "DescribeRecoverySnapshots", "items", "nextToken", "nextToken", {"maxResults": 3}, sourceServerID=one, order=order)
            times = [s["timestamp"] for s in got]
            assert times == sorted(times, reverse=order == "DESC")
        started = case(c, "StartRecovery", {OK, "ConflictException"}, sourceServers=[{"sourceServerID": one}], isDrill=True, tags={"by": "strict.py"})
        case(c, "StartRecovery", "ConflictException", sourceServers=[{"sourceServerID": one}], isDrill=True)
        jobs = case(c, "DescribeJobs")["items"]
        case(c, "DescribeJobs", filters={"jobIDs": [jobs[0]["jobID"]], "fromDate": "2020-01-01T00:00:00Z"})
        if started:
            assert started["job"]["jobID"] in [j["jobID"] for j in jobs]
        for job in jobs[:5]:
            pages(c, "DescribeJobLogItems", "items", "nextToken", "nextToken", {"maxResults": 2}, jobID=job["jobID"])
        case(c, "StartRecovery", "ValidationException", sourceServers=[{"sourceServerID": one}, {"sourceServerID": one}])
        case(c, "StartRecovery", "ValidationException", sourceServers=[{"sourceServerID": one, "recoverySnapshotID": "pit-nonsense"}])
    case(c, "StartRecovery", "ValidationException", sourceServers=[])
    case(c, "StartRecovery", "ValidationException", sourceServers=[{"sourceServerID": "s-00000000000000000"}], isDrill=True)
    case(c, "StartRecovery", "ValidationException", sourceServers=[{"sourceServerID": "nonsense"}])
    case(c, "DescribeSourceServers", "ValidationException", maxResults=0)
    case(c, "DescribeSourceServers", "ValidationException", nextToken="nonsense")
    case(c, "DescribeSourceServers", "ValidationException", filters={"sourceServerIDs": ["nonsense"]})
    case(c, "DescribeRecoveryInstances", "ValidationException", maxResults="x")
    case(c, "DescribeRecoverySnapshots", "ValidationException", sourceServerID="s-00000000000000000")
    case(c, "DescribeRecoverySnapshots", "ValidationException", sourceServerID="nonsense")
    case(c, "DescribeJobs", "ValidationException", filters={"jobIDs": ["nonsense"]})
    case(c, "DescribeJobLogItems", "ValidationException", jobID="drsjob-00000000000000000")
    case(c, "DescribeJobLogItems", "ValidationException")
    case(c, "DescribeReplicationConfigurationTemplates", "UnknownOperationException", replicationConfigurationTemplateIDs=[])
    not_let_in("drs", url, region, "DescribeJobs")


def route53(url):
    c = client("route53", url, "us-east-1")
    checks = pages(c, "ListHealthChecks", "HealthChecks", "Marker", "NextMarker", {"MaxItems": "2"})
    assert len({h["Id"] for h in checks}) == len(checks)
    for check in checks:
        case(c, "GetHealthCheck", HealthCheckId=check["Id"])
        endpoint = check["HealthCheckConfig"]["Type"] not in ("RECOVERY_CONTROL", "CALCULATED")
        case(c, "GetHealthCheckStatus", OK if endpoint else "InvalidInput", HealthCheckId=check["Id"])
        case(c, "GetHealthCheckLastFailureReason", OK if endpoint else "InvalidInput", HealthCheckId=check["Id"])
    zones = pages(c, "ListHostedZones", "HostedZones", "Marker", "NextMarker", {"MaxItems": "1"})
    for zone in zones:
        assert "Features" not in case(c, "GetHostedZone", Id=zone["Id"])["HostedZone"]
        case(c, "UpdateHostedZoneFeatures", HostedZoneId=zone["Id"])
        case(c, "UpdateHostedZoneFeatures", HostedZoneId=zone["Id"], EnableAcceleratedRecovery=True)
        features = case(c, "GetHostedZone", Id=zone["Id"])["HostedZone"]["Features"]
        assert features == {"AcceleratedRecoveryStatus": "ENABLING"}
        case(c, "UpdateHostedZoneFeatures", "PriorRequestNotComplete", HostedZoneId=zone["Id"], EnableAcceleratedRecovery=False)
        records = case(c, "ListResourceRecordSets", HostedZoneId=zone["Id"])["ResourceRecordSets"]
        seen, start = [], {}
        while start is not None:
            answer = case(c, "ListResourceRecordSets", HostedZoneId=zone["Id"], MaxItems="3", **start)
            seen += answer["ResourceRecordSets"]
            names = (("StartRecordName", "NextRecordName"), ("StartRecordType", "NextRecordType"), ("StartRecordIdentifier", "NextRecordIdentifier"))
            start = {to: answer[frm] for to, frm in names if answer.get(frm)} if answer["IsTruncated"] else None
            assert len(seen) <= len(records), "pages of record sets without end"
        assert seen == records
        case(c, "ListResourceRecordSets", "InvalidInput", HostedZoneId=zone["Id"], StartRecordType="A")
        case(c, "ListResourceRecordSets", "InvalidInput", HostedZoneId=zone["Id"], MaxItems="none")
    absent = str(uuid.UUID(int=0))
    for operation in ("GetHealthCheck", "GetHealthCheckStatus", "GetHealthCheckLastFailureReason"):
        case(c, operation, "NoSuchHealthCheck", HealthCheckId=absent)
    case(c, "GetHostedZone", "NoSuchHostedZone", Id="Z000")
    case(c, "UpdateHostedZoneFeatures", "NoSuchHostedZone", HostedZoneId="Z000", EnableAcceleratedRecovery=True)
    case(c, "ListResourceRecordSets", "NoSuchHostedZone", HostedZoneId="Z000")
    case(c, "ListHealthChecks", "InvalidInput", Marker="nonsense")
    case(c, "ListHostedZones", "InvalidInput", MaxItems="0")
    not_let_in("route53", url, "us-east-1", "ListHealthChecks")


def sts(url, region):
    c = client("sts", url, region)
    assert case(c, "GetCallerIdentity").get("Account") == ESTATE["account"]
    case(c, "GetSessionToken", "InvalidAction")
    not_let_in("sts", url, region, "GetCallerIdentity")
    name = dict(RoleSessionName="strict")
    case(c, "AssumeRole", "AccessDenied", RoleArn=f"arn:aws:iam::{ESTATE['account']}:role/nobody", **name)
    case(c, "AssumeRole", "ValidationError", RoleArn="arn:aws:iam::1:role/x", RoleSessionName="a b")
    case(c, "AssumeRole", "ValidationError", RoleArn="arn:aws:iam::1:role/x", DurationSeconds=60, **name)
    case(c, "AssumeRole", "ValidationError", **name)
    not_let_in("sts", url, region, "AssumeRole", RoleArn="arn:aws:iam::1:role/x", **name)
    given = {}
    for account in ESTATE.get("accounts", []):
        for role in (account.get("look", {}), account.get("act", {})):
            if "role" not in role:
                continue
            way = given.get(role.get("from"), c)
            asked = dict(RoleArn=role["role"], SourceIdentity="strict") if role == account.get("act") else dict(RoleArn=role["role"])
            if "external_id" in role:
                case(way, "AssumeRole", "AccessDenied", **asked, **name)
                asked["ExternalId"] = role["external_id"]
            session = case(way, "AssumeRole", **asked, **name)
            assert session.get("SourceIdentity") == asked.get("SourceIdentity")
            if way is not c:
                case(way, "AssumeRole", "ValidationError", DurationSeconds=3601, **asked, **name)
            held = client("sts", url, region, held=session["Credentials"])
            assert case(held, "GetCallerIdentity")["Arn"] == session["AssumedRoleUser"]["Arn"]
            if role == account.get("look"):
                given[account["name"]] = held
                case(way, "AssumeRole", "AccessDenied", SourceIdentity="strict", **asked, **name)
                seen_by(account["id"], session["Credentials"])
    for wrong in ({"SessionToken": "x"}, {"AccessKeyId": "ASIAUNKNOWN"}) if given else ():
        held = client("sts", url, region, held={**session["Credentials"], **wrong})
        case(held, "GetCallerIdentity", "InvalidClientTokenId" if "SessionToken" in wrong else OK)


def seen_by(account, held):
    """What is asked with a session of an account's role is that account's."""
    for region, url in ESTATE["endpoints"]["ec2"].items():
        for found in case(client("ec2", url, region, held=held), "DescribeInstances").get("Reservations", []):
            assert found["OwnerId"] == account
    for region, url in ESTATE["endpoints"]["cloudwatch"].items():
        for protocol in ("smithy-rpc-v2-cbor", "json", "query"):
            c = client("cloudwatch", url, region, protocol, held=held)
            listed = case(c, "ListMetrics", IncludeLinkedAccounts=True)
            assert len(listed.get("OwningAccounts", [])) == len(listed["Metrics"])
            now = datetime.now(timezone.utc)
            metric = {"Metric": {"Namespace": "N", "MetricName": "M"}, "Period": 60, "Stat": "Sum"}
            asked = [{"Id": "a", "MetricStat": metric, "AccountId": "999999999999"}]
            data = case(c, "GetMetricData", MetricDataQueries=asked, StartTime=now - timedelta(hours=1), EndTime=now)
            assert data["MetricDataResults"][0]["StatusCode"] == "Forbidden"


def arc_endpoint(url, region):
    c = client("route53-recovery-cluster", url, region)
    controls = pages(c, "ListRoutingControls", "RoutingControls", "NextToken", "NextToken", {"MaxResults": 3})
    panel = ESTATE["pairs"][0]["control_panel"]
    case(c, "ListRoutingControls", ControlPanelArn=panel)
    one = controls[0]["RoutingControlArn"]
    state = case(c, "GetRoutingControlState", RoutingControlArn=one).get("RoutingControlState", "On")
    may = {OK, "ConflictException", "ThrottlingException"}
    case(c, "UpdateRoutingControlState", may, RoutingControlArn=one, RoutingControlState=state)
    entry = lambda c_, s: {"RoutingControlArn": c_["RoutingControlArn"], "RoutingControlState": s}
    case(c, "UpdateRoutingControlStates", may, UpdateRoutingControlStateEntries=[entry(controls[0], state)])
    off = [entry(x, "Off") for x in controls[:10]]
    case(c, "UpdateRoutingControlStates", {"ConflictException", "ThrottlingException"}, UpdateRoutingControlStateEntries=off)
    refused = {"ValidationException", "ThrottlingException"}
    many = {"ValidationException", "ServiceLimitExceededException", "ThrottlingException"}
    case(c, "UpdateRoutingControlStates", many, UpdateRoutingControlStateEntries=(off * 2 + [entry(controls[0], "On")])[:11] if len(off) > 5 else off * 6)
    case(c, "UpdateRoutingControlState", refused, RoutingControlArn=one, RoutingControlState="Maybe")
    absent = one.rsplit("/", 1)[0] + "/" + "0" * 32
    case(c, "GetRoutingControlState", "ResourceNotFoundException", RoutingControlArn=absent)
    case(c, "UpdateRoutingControlState", {"ResourceNotFoundException", "ThrottlingException"}, RoutingControlArn=absent, RoutingControlState="On")
    case(c, "GetRoutingControlState", {"ResourceNotFoundException", "ValidationException"}, RoutingControlArn="nonsense")
    case(c, "GetRoutingControlState", "ValidationException", RoutingControlArn="no arn at all!")
    case(c, "GetRoutingControlState", "ValidationException")
    case(c, "ListRoutingControls", "ValidationException", NextToken="nonsense")
    case(c, "ListRoutingControls", "ValidationException", MaxResults=0)
    for _ in range(6):
        case(c, "UpdateRoutingControlState", may, RoutingControlArn=one, RoutingControlState=state)
    not_let_in("route53-recovery-cluster", url, region, "ListRoutingControls")


def control_config(url):
    region = "us-west-2"
    c = client("route53-recovery-control-config", url, region)
    absent = lambda arn: arn.rsplit("/", 1)[0] + "/" + "0" * 32
    clusters = pages(c, "ListClusters", "Clusters", "NextToken", "NextToken", {"MaxResults": 1})
    for cluster in clusters:
        arn = cluster["ClusterArn"]
        case(c, "DescribeCluster", ClusterArn=arn)
        case(c, "DescribeCluster", "ResourceNotFoundException", ClusterArn=absent(arn))
        panels = pages(c, "ListControlPanels", "ControlPanels", "NextToken", "NextToken", {"MaxResults": 1}, ClusterArn=arn)
        for panel in panels:
            arn = panel["ControlPanelArn"]
            case(c, "DescribeControlPanel", ControlPanelArn=arn)
            case(c, "DescribeControlPanel", "ResourceNotFoundException", ControlPanelArn=absent(arn))
            controls = pages(c, "ListRoutingControls", "RoutingControls", "NextToken", "NextToken", {"MaxResults": 3}, ControlPanelArn=arn)
            for control in controls[:3]:
                case(c, "DescribeRoutingControl", RoutingControlArn=control["RoutingControlArn"])
            case(c, "DescribeRoutingControl", "ResourceNotFoundException", RoutingControlArn=absent(controls[0]["RoutingControlArn"]))
            rules = pages(c, "ListSafetyRules", "SafetyRules", "NextToken", "NextToken", {"MaxResults": 1}, ControlPanelArn=arn)
            for rule in rules:
                (rule,) = rule.values()
                case(c, "DescribeSafetyRule", SafetyRuleArn=rule["SafetyRuleArn"])
                case(c, "DescribeSafetyRule", "ResourceNotFoundException", SafetyRuleArn=absent(rule["SafetyRuleArn"]))
            case(c, "ListRoutingControls", "ResourceNotFoundException", ControlPanelArn=absent(arn))
            case(c, "ListSafetyRules", {"ResourceNotFoundException", "ValidationException"}, ControlPanelArn=absent(arn))
    case(c, "ListControlPanels")
    case(c, "ListClusters", "ValidationException", NextToken="nonsense")
    case(c, "ListControlPanels", "ValidationException", NextToken="nonsense")
    not_let_in("route53-recovery-control-config", url, region, "ListClusters")


def failing(ends):
    """Every API throttles or is not available, and says so in its own shape."""
    pair = ESTATE["pairs"][0]
    words = {
        "ThrottlingException", "Throttling", "RequestLimitExceeded", "ServiceUnavailable", "ServiceUnavailableException",
        "EndpointTemporarilyUnavailableException", "TooManyRequestsException", "InternalServerException",
    }
    for region in (pair["active"], pair["standby"]):
        for protocol in ("smithy-rpc-v2-cbor", "json", "query"):
            for operation in ("ListMetrics", "DescribeAlarms", "GetMetricData"):
                case(client("cloudwatch", ends["cloudwatch"][region], region, protocol), operation, words)
        for operation in ("DescribeInstances", "DescribeSnapshots", "DescribeRegions"):
            case(client("ec2", ends["ec2"][region], region), operation, words)
        for operation in ("DescribeSourceServers", "DescribeJobs", "DescribeRecoveryInstances", "StartRecovery"):
            case(client("drs", ends["drs"][region], region), operation, words)
        case(client("sts", ends["sts"][region], region), "GetCallerIdentity", words)
    for operation in ("ListHealthChecks", "ListHostedZones"):
        case(client("route53", ends["route53"], "us-east-1"), operation, words)
    for operation in ("ListClusters", "ListControlPanels"):
        case(client("route53-recovery-control-config", ends["recovery_control_config"], "us-west-2"), operation, words)
    for endpoint in ESTATE["cluster"]["endpoints"]:
        c = client("route53-recovery-cluster", endpoint["url"], endpoint["region"])
        arn = ESTATE["services"][0]["controls"][0]["arn"]
        case(c, "ListRoutingControls", words)
        case(c, "GetRoutingControlState", words, RoutingControlArn=arn)
        case(c, "UpdateRoutingControlState", words, RoutingControlArn=arn, RoutingControlState="On")


def finish():
    for line in FAILED:
        print(line)
    print(f"{RAN} calls, {len(FAILED)} findings")
    sys.exit(bool(FAILED))


def main():
    ends = ESTATE["endpoints"]
    if "--failing" in sys.argv:
        failing(ends)
        finish()
    for name, ask in (("cloudwatch", cloudwatch), ("ec2", ec2), ("drs", drs), ("sts", sts)):
        for region, url in ends.get(name, {}).items():
            if not ONLY or name in ONLY:
                ask(url, region)
    if ends.get("route53") and (not ONLY or "route53" in ONLY):
        route53(ends["route53"])
    if ends.get("recovery_control_config") and (not ONLY or "control-config" in ONLY):
        control_config(ends["recovery_control_config"])
    if not ONLY or "arc" in ONLY:
        for endpoint in ESTATE["cluster"]["endpoints"]:
            arc_endpoint(endpoint["url"], endpoint["region"])
    finish()


main()
