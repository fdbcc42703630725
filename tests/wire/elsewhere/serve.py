#!/usr/bin/env python3
"""Servers that Signalbox's authors did not write, with a little estate in them, for tests/elsewhere/main.rs.

usage: serve.py moto|ministack

`moto` (EC2, Route 53) or `ministack` (CloudWatch, which speaks Smithy RPC v2 CBOR) from PyPI, on a free port of
the loopback. The estate is put in with boto3. Then one line of JSON goes to standard output, saying where the
server is and what is in it; it is there until standard input ends.

    python3 -m venv venv && venv/bin/pip install 'moto[server]' ministack boto3 cbor2
"""

import datetime
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3

REGION = "us-east-1"


def client(service, url):
    return boto3.client(
        service, endpoint_url=url, region_name=REGION, aws_access_key_id="AKIDTEST", aws_secret_access_key="secret"
    )


def tagged(kind):
    return [{"ResourceType": kind, "Tags": [{"Key": "Role", "Value": "web"}]}]


def moto():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    ec2 = client("ec2", url)
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    started = ec2.run_instances(
        ImageId=image, MinCount=5, MaxCount=5, InstanceType="t3.micro", TagSpecifications=tagged("instance")
    )
    ids = [i["InstanceId"] for i in started["Instances"]]
    # Two that must not be counted: one stopped, one of another role.
    ec2.stop_instances(InstanceIds=ids[:1])
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")
    ec2.create_image(InstanceId=ids[1], Name="web", TagSpecifications=tagged("image"))
    volume = ec2.create_volume(AvailabilityZone=REGION + "a", Size=1)
    ec2.create_snapshot(VolumeId=volume["VolumeId"], TagSpecifications=tagged("snapshot"))
    dns = client("route53", url)
    check = dns.create_health_check(
        CallerReference="elsewhere",
        HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": "portal.example.com", "Port": 443},
    )["HealthCheck"]["Id"]
    ready({"url": url, "check": check, "running": len(ids) - 1})
    sys.stdin.read()
    server.stop()


def ministack():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {
            "GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "SERVICES": "cloudwatch", "LOG_LEVEL": "ERROR",
            "HOME": home, "TMPDIR": home, "S3_DATA_DIR": home + "/s3", "STATE_DIR": home,
        }
        server = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr
        )
        try:
            answers(url, server)
            metrics = client("cloudwatch", url)
            now = datetime.datetime.now(datetime.timezone.utc)
            put = []
            for minute in range(1, 6):
                at = now - datetime.timedelta(minutes=minute)
                put.append(datum("ReplicaLag", "queue-db", at, 2.0 + minute, "Seconds"))
                put.append(datum("Errors", "mover", at, 1.0, "Count"))
                put.append(datum("Invocations", "mover", at, 50.0, "Count"))
            metrics.put_metric_data(Namespace="Signalbox/Elsewhere", MetricData=put)
            ready({"url": url, "now": now.isoformat()})
            sys.stdin.read()
        finally:
            server.terminate()
            server.wait()


def datum(name, thing, at, value, unit):
    return {
        "MetricName": name, "Dimensions": [{"Name": "Thing", "Value": thing}], "Timestamp": at, "Value": value,
        "Unit": unit,
    }


def answers(url, server):
    """Waits until the server listens, for at most half a minute."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(150):
        if server.poll() is not None:
            sys.exit(f"ministack ended with {server.returncode}")
        try:
            direct.open(url + "/_ministack/health", timeout=1).read()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit("ministack does not answer")


def ready(what):
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("moto", "ministack"):
        sys.exit(__doc__)
    moto() if sys.argv[1] == "moto" else ministack()
