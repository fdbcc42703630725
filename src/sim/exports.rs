//! What the AWS CLI and boto3 need to know, as environment variables.

use crate::estate::Estate;

/// The variables of an estate that a simulator serves. AWS's own variables know one endpoint a service: that is the
/// first pair's active region's; the others stand in variables of ours, for `--endpoint-url`.
pub(super) fn of(estate: &Estate) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |name: String, value: &str| all.push((name, value.to_owned()));
    add("AWS_ACCESS_KEY_ID".into(), "AKIASIMULATORONLY000");
    add("AWS_SECRET_ACCESS_KEY".into(), "simulator-only");
    add("AWS_EC2_METADATA_DISABLED".into(), "true");
    add("NO_PROXY".into(), "127.0.0.1,localhost");
    add("no_proxy".into(), "127.0.0.1,localhost");
    let home = estate.pairs.first().map(|p| &p.active);
    if let Some(home) = home {
        add("AWS_REGION".into(), home.as_str());
        add("AWS_DEFAULT_REGION".into(), home.as_str());
    }
    let e = &estate.endpoints;
    let regional = [("CLOUDWATCH", &e.cloudwatch), ("EC2", &e.ec2), ("DRS", &e.drs), ("STS", &e.sts)];
    for (service, places) in regional {
        if let Some(url) = home.and_then(|h| places.get(h)) {
            add(format!("AWS_ENDPOINT_URL_{service}"), url);
        }
    }
    if let Some(url) = &e.route53 {
        add("AWS_ENDPOINT_URL_ROUTE_53".into(), url);
    }
    if let Some(url) = &e.iam {
        add("AWS_ENDPOINT_URL_IAM".into(), url);
    }
    if let Some(url) = &e.recovery_control_config {
        add("AWS_ENDPOINT_URL_ROUTE53_RECOVERY_CONTROL_CONFIG".into(), url);
    }
    if let Some(first) = estate.cluster.endpoints.first() {
        add("AWS_ENDPOINT_URL_ROUTE53_RECOVERY_CLUSTER".into(), &first.url);
    }
    for (n, endpoint) in estate.cluster.endpoints.iter().enumerate() {
        add(format!("SIGNALBOX_CLUSTER_{}", n + 1), &endpoint.url);
        add(format!("SIGNALBOX_CLUSTER_{}_REGION", n + 1), endpoint.region.as_str());
    }
    for (service, places) in regional {
        for (region, url) in places {
            add(format!("SIGNALBOX_{service}_{}", shout(region.as_str())), url);
        }
    }
    for resolver in &estate.resolvers {
        add(format!("SIGNALBOX_RESOLVER_{}", shout(resolver.name.as_str())), &resolver.address.to_string());
    }
    all
}

/// A name as a variable has it: `us-east-1` is `US_EAST_1`.
fn shout(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.chars().map(letter).collect()
}
