//! Where the AWS console shows a thing. Pages without a documented address of their own are reached by the list that
//! they are in.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::estate::{Estate, Pair, Reading, Region, Source, System};
use crate::event::Place;

/// What does not stand in a fragment as it is, and what would end a terminal's sequence.
const ESCAPED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#').add(b'%').add(b';');

/// The ARC console, which has every cluster, control panel and routing control.
pub const ARC: &str = "https://console.aws.amazon.com/route53recovery/home#/dashboard";
/// The Route 53 console's health checks.
pub const HEALTH_CHECKS: &str = "https://console.aws.amazon.com/route53/healthchecks/home#/";

/// The page of a DRS source server.
#[must_use]
pub fn source_server(region: &Region, id: &str) -> String {
    page(region, "drs", &format!("/sourceServers/{}", escaped(id)))
}

/// The page of a DRS job.
#[must_use]
pub fn drs_job(region: &Region, id: &str) -> String {
    page(region, "drs", &format!("/launchHistory/{}", escaped(id)))
}

/// The page of what a reading measures in a place of a pair: the thing itself where a dimension names one, else the
/// list that it is in.
#[must_use]
pub fn measured(estate: &Estate, (system, reading): (&System, &Reading), place: Place, pair: &Pair) -> String {
    let site = system.measured(reading, place, pair);
    let (region, account) = (&site.region, estate.account_id(site.account.as_ref()));
    match &reading.source {
        Source::Cloudwatch { namespace, dimensions, .. } => {
            let of = |name: &str| dimensions.get(name).map(|value| place.value(value, pair));
            let thing = of("AutoScalingGroupName")
                .map(|name| page(region, "ec2", &format!("AutoScalingGroupDetails:id={}", escaped(&name))))
                .or_else(|| {
                    let arn = |group: String| format!("arn:aws:elasticloadbalancing:{region}:{account}:{group}");
                    let group = of("TargetGroup")?;
                    Some(page(region, "ec2", &format!("TargetGroup:targetGroupArn={}", escaped(&arn(group)))))
                })
                .or_else(|| {
                    let (name, cluster) = match (of("DBInstanceIdentifier"), of("DBClusterIdentifier")) {
                        (Some(name), _) => (name, false),
                        (None, name) => (name?, true),
                    };
                    Some(page(region, "rds", &format!("database:id={};is-cluster={cluster}", escaped(&name))))
                });
            // The CloudWatch console writes a slash as `*2f`.
            let metrics = || format!("metricsV2:graph=~();namespace=~'{}", escaped(namespace).replace('/', "*2f"));
            thing.unwrap_or_else(|| page(region, "cloudwatch", &metrics()))
        }
        Source::CloudwatchAlarms { .. } => page(region, "cloudwatch", "alarmsV2:"),
        Source::DrsReplicating | Source::DrsLag | Source::DrsSnapshotAge => page(region, "drs", "/sourceServers"),
        Source::Ec2Instances { tag, value } => {
            page(region, "ec2", &format!("Instances:tag:{}={}", escaped(tag), escaped(value)))
        }
        Source::Ec2ImageAge { .. } => page(region, "ec2", "Images:visibility=owned-by-me"),
        Source::Ec2SnapshotAge { .. } => page(region, "ec2", "Snapshots:visibility=owned-by-me"),
        Source::Ec2VpnTunnels => page(region, "vpcconsole", "VpnConnections:"),
        Source::Ec2TransitGatewayPeerings => page(region, "vpcconsole", "TransitGatewayAttachments:"),
        Source::Ec2CapacityReservations => page(region, "ec2", "CapacityReservations:"),
    }
}

/// A page of a region's console, of the partition that the region is in.
fn page(region: &Region, console: &str, fragment: &str) -> String {
    let host = match region.as_str() {
        r if r.starts_with("us-gov-") => "console.amazonaws-us-gov.com".to_owned(),
        r if r.starts_with("cn-") => format!("{r}.console.amazonaws.cn"),
        r => format!("{r}.console.aws.amazon.com"),
    };
    format!("https://{host}/{console}/home?region={region}#{fragment}")
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../assets/guiding-care.toml");

    #[test]
    fn pages_are_of_the_region_and_hold_nothing_that_ends_a_sequence() {
        let ohio = Region::new("us-east-2");
        assert_eq!(
            source_server(&ohio, "s-1\x1b\\;é"),
            "https://us-east-2.console.aws.amazon.com/drs/home?region=us-east-2#/sourceServers/s-1%1B\\%3B%C3%A9"
        );
        let gov = Region::new("us-gov-west-1");
        let home = "https://console.amazonaws-us-gov.com/drs/home?region=us-gov-west-1";
        assert_eq!(drs_job(&gov, "drsjob-1"), format!("{home}#/launchHistory/drsjob-1"));
    }

    #[test]
    fn every_reading_of_the_shipped_estate_has_a_page_in_the_region_where_it_is_read() {
        let estate = crate::estate::Estate::parse(SHIPPED, "guiding-care.toml").unwrap();
        for system in &estate.systems {
            let pair = estate.pair(&system.pair).unwrap();
            for reading in &system.readings {
                for &place in reading.places() {
                    let page = measured(&estate, (system, reading), place, pair);
                    let region = reading.read_in(place, pair);
                    let home = format!("https://{region}.console.aws.amazon.com/");
                    assert!(page.starts_with(&home) && page.contains(&format!("home?region={region}#")), "{page}");
                    assert!(!page.contains(['{', '}', ' ']) && page.is_ascii(), "{page}");
                }
            }
        }
        let portal = estate.systems.iter().find(|s| s.name == "portal ALB").unwrap();
        let pair = estate.pair(&portal.pair).unwrap();
        let page = measured(&estate, (portal, &portal.readings[0]), Place::Standby, pair);
        let group = "https://us-east-2.console.aws.amazon.com/ec2/home?region=us-east-2#TargetGroup:targetGroupArn=\
                     arn:aws:elasticloadbalancing:us-east-2:222233334444:targetgroup/portal-us-east-2/";
        assert!(page.starts_with(group), "{page}");
    }
}
