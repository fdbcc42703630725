//! What is legal and unwise about people and their keys.

use signalbox::cli::check::{advice, advice_at};
use signalbox::estate::{ApprovalRule, ChangeKind, Estate, Need, Source};
use signalbox::time::{Span, Timestamp};

use super::{files, parse};

/// What is said of people's keys and approvals.
fn said(estate: &Estate, at: &str) -> Vec<String> {
    let at: Timestamp = at.parse().unwrap();
    let of_people = |line: &String| ["key", "approve", "propose"].iter().any(|word| line.contains(word));
    advice_at(estate, at).into_iter().filter(of_people).collect()
}

#[test]
fn keys_that_ended_and_rules_out_of_reach_are_told() {
    let path = files("valid").into_iter().find(|p| p.ends_with("groups.toml")).unwrap();
    let mut estate = parse(&path).unwrap();
    assert_eq!(said(&estate, "2030-01-01T00:00:00Z"), [""; 0]);
    // A CA could still certify each of them: only the keys are told.
    let print = |i: usize| estate.people[i].keys[0].public().unwrap().fingerprint(ssh_key::HashAlg::Sha256);
    let (ben, cora) = (print(1), print(2));
    let ended =
        |name: &str, print, at| format!("{name}'s key {print} ended at {at} and no longer counts: list a newer one");
    let (ben, cora) = (ended("ben", ben, "2099-01-01T00:00:00Z"), ended("cora", cora, "2098-12-31T22:00:00Z"));
    assert_eq!(said(&estate, "2098-12-31T23:00:00Z"), std::slice::from_ref(&cora));
    assert_eq!(said(&estate, "2099-01-01T00:00:00Z"), [ben, cora]);
    // Without one, two keys are two people fewer.
    estate.policy.certificate_authorities.clear();
    let told = said(&estate, "2099-01-01T00:00:00Z");
    assert_eq!(told.len(), 4, "{told:?}");
    let reach = "the others cannot approve all that ann may propose (override, launch, drill-launch): ";
    assert!(told[0].starts_with(reach), "{}", told[0]);
    assert!(told[1].starts_with("the others cannot approve all that dan may propose (override): "), "{}", told[1]);
    estate.policy.revoked_keys = vec![estate.people[3].keys[0].text().to_owned()];
    let told = said(&estate, "2099-01-01T00:00:00Z");
    assert!(told.iter().any(|line| line.starts_with("dan's key SHA256:") && line.contains("revoked")), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("nobody else can approve a change of ann")), "{told:?}");
    // By the group's own people, who must not ask themselves.
    let mut estate = super::shipped("starter.toml");
    estate.people[0].groups = vec!["dba".into()];
    let approvals = vec![Need { group: Some("dba".into()), count: 1 }];
    estate.policy.rules = vec![ApprovalRule { kinds: vec![ChangeKind::Launch], approvals }];
    let told = said(&estate, "2026-01-01T00:00:00Z");
    assert_eq!(told, ["the others cannot approve all that ann may propose (launch): one of dba more would be needed"]);
}

/// What AWS's pages do not say is published would be unknown for ever; the shipped estate reads nothing of that kind.
#[test]
fn metrics_that_aws_does_not_publish_so_are_told() {
    let mut estate = signalbox::estate::guiding_care().unwrap();
    let of_metrics = |estate: &Estate| advice(estate).into_iter().filter(|l| l.contains(": AWS/")).collect::<Vec<_>>();
    assert_eq!(of_metrics(&estate), [""; 0]);
    let reading = |system: &str, reading: &str, estate: &mut Estate, f: &mut dyn FnMut(&mut Source)| {
        let system = estate.systems.iter_mut().find(|s| s.id.as_str() == system).unwrap();
        f(&mut system.readings.iter_mut().find(|r| r.id.as_str() == reading).unwrap().source);
    };
    reading("accelerator-east", "endpoints", &mut estate, &mut |source| {
        let Source::Cloudwatch { dimensions, region, .. } = source else { panic!() };
        dimensions.remove("Listener");
        *region = Some("us-east-1".into());
    });
    reading("direct-connect-west", "up", &mut estate, &mut |source| {
        let Source::Cloudwatch { period, .. } = source else { panic!() };
        *period = Span::from_mins(1);
    });
    assert_eq!(
        of_metrics(&estate),
        [
            "system accelerator-east: AWS/GlobalAccelerator HealthyEndpointCount is published by Accelerator or \
             Accelerator + Listener or Accelerator + Listener + EndpointGroup, and not by Accelerator + EndpointGroup: \
             it may never have data",
            "system accelerator-east: AWS/GlobalAccelerator HealthyEndpointCount is published in us-west-2 alone, and \
             read in us-east-1",
            "system direct-connect-west: AWS/DX ConnectionState is published every 5 min: a period of 1 min has gaps",
        ]
    );
}

/// An alias record is answered with addresses: without the regions' own entries nothing tells where they lead.
#[test]
fn names_whose_answers_nothing_could_tell_are_told() {
    let of_targets = |estate: &Estate| {
        let told = advice(estate).into_iter().filter(|l| l.contains(" target")).collect::<Vec<_>>();
        assert!(told.iter().all(|l| !l.contains("database")), "{told:?}");
        told
    };
    let mut estate = signalbox::estate::guiding_care().unwrap();
    assert_eq!(of_targets(&estate), [""; 0]);
    assert_eq!(of_targets(&super::shipped("starter.toml")), [""; 0]);
    estate.services[0].controls.iter_mut().for_each(|c| c.target.clear());
    estate.services[1].controls[1].target.clear();
    // One that moves nothing by name needs none.
    estate.services[2].controls.iter_mut().for_each(|c| c.target.clear());
    estate.services[2].dns.clear();
    // One accelerator before both regions; one load balancer that another service has in the other region.
    let accelerator = vec!["a1.awsglobalaccelerator.com".to_owned()];
    estate.services[3].controls.iter_mut().for_each(|c| c.target = accelerator.clone());
    let other = estate.services[5].controls[0].target[0].to_uppercase();
    estate.services[4].controls[0].target.push(format!("{other}."));
    assert_eq!(
        of_targets(&estate),
        [
            "service portal has no target for us-east-1 and us-east-2: an alias record's answer does not name its region, so \
             nothing would tell where it leads"
                .to_owned(),
            "service api has no target for us-east-2: an alias record's answer does not name its region, so nothing would tell \
             where it leads"
                .to_owned(),
            "service sftp has the target a1.awsglobalaccelerator.com, which is that of us-east-1 and us-east-2: nothing tells \
             where its DNS answers lead"
                .to_owned(),
            format!(
                "service reporting has the target {other}., which is that of us-east-1 and us-west-2: nothing tells where its \
                 DNS answers lead"
            ),
            format!(
                "service portal-west has the target {}, which is that of us-east-1 and us-west-2: nothing tells where its DNS \
                 answers lead",
                other.to_lowercase()
            ),
        ]
    );
}
