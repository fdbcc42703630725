//! `signalbox discover` against the simulator: what it finds, that a console runs with it, and that a refresh changes
//! nothing that a person wrote.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use signalbox::aws::{Credentials, Sdk};
use signalbox::discover::{self, Found};
use signalbox::estate::{Estate, PairName, RuleKind, Side, Sides, Source};
use signalbox::model::{Enters, Lever, Model};
use signalbox::runtime::{Clock, Engine, Options};
use signalbox::sim::{Sim, SimOptions, Temper};
use signalbox::time::Span;

async fn simulated() -> Sim {
    let estate = crate::one_account::one_account();
    Sim::start(SimOptions::new(estate, "calm").unwrap().speed(5.0)).await.unwrap()
}

async fn found(sim: &Sim) -> Found {
    let endpoints = sim.estate().endpoints.clone();
    let sdk = Sdk::load(&discover::bare(endpoints.clone(), Vec::new()), Credentials::dummy()).await;
    discover::discover(&sdk, endpoints, discover::Ask::default(), sim.estate().resolvers.clone(), sim.clock().now())
        .await
        .expect("an account")
}

fn text(found: &Found) -> String {
    discover::document(found).expect("TOML").to_string()
}

fn parsed(text: &str) -> Estate {
    Estate::parse(text, "found.toml").unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_there_is_found_and_a_console_runs_with_it() {
    let sim = simulated().await;
    let found = found(&sim).await;
    assert_eq!(found.unread, Vec::<String>::new());
    let estate = parsed(&text(&found));
    let truth = sim.estate();
    assert_eq!((&estate.account, &estate.cluster), (&truth.account, &truth.cluster));
    let controls = |e: &Estate| {
        e.controls()
            .map(|c| (c.arn.clone(), c.name.clone(), c.region.clone(), c.health_check.clone()))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(controls(&estate), controls(truth));
    let rules = |e: &Estate| {
        let mut rules = e.safety_rules.clone();
        rules.sort_by(|a, b| a.arn.as_str().cmp(b.arn.as_str()));
        rules
    };
    assert_eq!(rules(&estate), rules(truth));
    let pairs = |e: &Estate| {
        e.pairs
            .iter()
            .map(|p| (p.name.clone(), p.active.clone(), p.standby.clone(), p.control_panel.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(pairs(&estate), pairs(truth));
    let names = |e: &Estate| {
        e.services
            .iter()
            .map(|s| (s.name.clone(), s.dns.iter().cloned().collect::<BTreeSet<_>>()))
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(names(&estate), names(truth));
    let checks = |e: &Estate| {
        e.health_checks.iter().map(|c| (c.id.clone(), c.service.clone(), c.region.clone())).collect::<BTreeSet<_>>()
    };
    assert_eq!(checks(&estate), checks(truth));
    for kind in ["ALB portal", "Redis global", "certificate", "DRS servers", "app servers", "VPN", "canary"] {
        assert!(estate.systems.iter().any(|s| s.name.starts_with(kind)), "no {kind}");
    }
    // A namespace of one's own is not known to anybody else, and that is said.
    assert!(
        found.remarks.iter().any(|r| r.contains("GuidingCare/DR") && r.contains("AgEstimatedDataLossSeconds")),
        "{:#?}",
        found.remarks
    );

    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        sdk: Sdk::load(&estate, Credentials::dummy()).await,
        estate: Arc::new(estate),
        clock: Clock::running(sim.clock().now(), 5.0),
        state: folder.path().to_owned(),
        only_arc: false,
        tick: Span::from_secs(1),
        look_on: None,
        signer: None,
    };
    let mut engine = Engine::open(options).unwrap();
    let whole = |m: &Model| {
        let levers = m.estate.controls().all(|c| matches!(m.levers.get(&c.arn, m.now), Lever::Agreed(_)));
        let readings = m.readings.values().filter(|r| r.value.is_some()).count();
        levers && m.estate.pairs.iter().all(|p| matches!(m.enters(&p.name), Enters::Seen(_))) && readings > 100
    };
    let came = engine.until(Duration::from_secs(30), whole).await;
    let readings = engine.model().readings.values().filter(|r| r.value.is_some()).count();
    assert!(came, "levers or readings did not come: {readings}");
    engine.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_write_the_same_bytes() {
    let sim = simulated().await;
    assert_eq!(text(&found(&sim).await), text(&found(&sim).await));
}

/// Global Accelerator publishes in us-west-2, which is a region of the pair `west`.
#[tokio::test(flavor = "multi_thread")]
async fn what_one_region_publishes_for_all_is_placed_by_the_region_that_it_is_of() {
    let sim = simulated().await;
    let text = text(&found(&sim).await);
    let estate = parsed(&text);
    let accelerators: Vec<_> = estate.systems.iter().filter(|s| s.name.starts_with("Global Accelerator")).collect();
    let of: Vec<_> = accelerators.iter().map(|s| (s.pair.as_str(), s.name.as_str())).collect();
    assert_eq!(
        of,
        [
            ("east", "Global Accelerator 8b1d2c64-5f0e-4f7a-9d2e-6a3c1b9e7f10"),
            ("west", "Global Accelerator 0c7e4a92-1b6d-4e38-8a5f-d94f2e60b3c7"),
        ]
    );
    for system in accelerators {
        let [reading] = system.readings.as_slice() else { panic!("{system:?}") };
        assert_eq!(reading.sides, Sides::Each);
        let Source::Cloudwatch { dimensions, region, .. } = &reading.source else { panic!("{reading:?}") };
        assert_eq!(region.as_ref().map(|r| r.as_str()), Some("us-west-2"));
        assert_eq!(dimensions["EndpointGroup"].on(Side::Active), "{region}");
    }
}

/// Route 53 takes five calls a second of an account; a company has more zones than a page.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_throttles_is_read_to_the_end_and_tells_how_far_it_is() {
    let estate = crate::one_account::one_account();
    let options = SimOptions::new(estate, "calm").unwrap().temper(Temper::Unkind);
    let sim = Sim::start(options).await.unwrap();
    let endpoints = sim.estate().endpoints.clone();
    let sdk = Sdk::load(&discover::bare(endpoints.clone(), Vec::new()), Credentials::dummy()).await;
    let told = std::sync::Mutex::new(Vec::new());
    let tell = |line: &str| told.lock().unwrap().push(line.to_owned());
    let ask = discover::Ask { progress: Some(&tell), ..discover::Ask::default() };
    let found = discover::discover(&sdk, endpoints.clone(), ask, Vec::new(), sim.clock().now()).await.unwrap();
    assert_eq!(found.unread, [""; 0]);
    let told = told.into_inner().unwrap();
    assert!(told.iter().any(|l| l.starts_with("Route 53 zones (ListHostedZones): ")), "{told:#?}");
    let none = discover::Ask { cluster: Some("no-such"), ..discover::Ask::default() };
    let why = discover::discover(&sdk, endpoints, none, Vec::new(), sim.clock().now()).await.unwrap_err();
    assert!(why.to_string().starts_with("no cluster is called no-such; there are "), "{why}");
}

/// An alias record says which load balancer is whose: the file has it, and a file without it gets it, where nobody has
/// written another.
#[tokio::test(flavor = "multi_thread")]
async fn each_controls_target_is_what_its_alias_records_lead_to() {
    let mut estate = crate::one_account::one_account();
    // One service has two load balancers behind its names.
    for control in &mut estate.services[0].controls {
        let region = control.region.clone().unwrap();
        control.target.push(format!("dualstack.secure-1.{region}.elb.amazonaws.com"));
    }
    let options = SimOptions::new(estate, "calm").unwrap().speed(5.0).temper(Temper::Unkind);
    let sim = Sim::start(options).await.unwrap();
    let found = found(&sim).await;
    let original = text(&found);
    let targets = |e: &Estate| {
        let all = e.services.iter().flat_map(|s| &s.controls);
        all.map(|c| (c.name.clone(), c.target.iter().cloned().collect::<BTreeSet<_>>())).collect::<BTreeSet<_>>()
    };
    let estate = parsed(&original);
    assert_eq!(targets(&estate), targets(sim.estate()));
    assert!(targets(&estate).iter().all(|(_, t)| !t.is_empty()));
    assert!(!original.contains("No record leads to a name in"), "{original}");
    // A file that was written before has none, and one that a person wrote.
    let mut before = estate.clone();
    before.services.iter_mut().flat_map(|s| &mut s.controls).for_each(|c| c.target.clear());
    before.services[1].controls[0].target = vec!["my-own.example.com".into()];
    let name = before.services[1].controls[0].name.clone();
    let mine = format!("# Mine.\n{}", before.to_toml().unwrap());
    let done = discover::refresh(&mine, "mine.toml", &found).unwrap();
    let after = parsed(&done.text);
    assert!(done.text.starts_with("# Mine.\n"));
    let of = |e: &Estate, name: &str| targets(e).into_iter().find(|(n, _)| n == name).unwrap().1;
    assert_eq!(of(&after, &name).into_iter().collect::<Vec<_>>(), ["my-own.example.com"]);
    for (control, target) in targets(&estate).into_iter().filter(|(n, _)| *n != name) {
        assert_eq!(of(&after, &control), target);
        assert!(done.added.contains(&format!("target of control {control}")), "{:?}", done.added);
    }
    assert!(done.differs.iter().any(|d| d.starts_with(&format!("target of control {name}: "))), "{:?}", done.differs);
    let again = discover::refresh(&done.text, "mine.toml", &found).unwrap();
    assert_eq!((again.added.len(), again.text == done.text), (0, true));
}

/// AWS makes up an id for a load balancer, gateway, connection or server in each region: both halves are one system. What
/// replicates is read where it is published, and speaks of its own direction.
#[tokio::test(flavor = "multi_thread")]
async fn halves_of_one_thing_are_one_system_whatever_ids_aws_gave_them() {
    let mut estate = crate::one_account::one_account();
    let table = estate.systems.iter().find(|s| s.id.as_str() == "documentdb-east").unwrap().clone();
    let with = |sides, (out, into): (&str, &str)| {
        let mut reading = table.readings.iter().find(|r| r.sides == Sides::Link).unwrap().clone();
        (reading.id, reading.sides) = (format!("lag-{into}").as_str().into(), sides);
        let Source::Cloudwatch { namespace, metric, period, dimensions, region, .. } = &mut reading.source else {
            panic!()
        };
        (*namespace, *metric) = ("AWS/DynamoDB".into(), "ReplicationLatency".into());
        (*period, *region) = (signalbox::time::Span::from_mins(5), Some(out.into()));
        let named = [("TableName", "claims"), ("ReceivingRegion", into)];
        *dimensions = named.map(|(k, v)| (k.to_owned(), v.to_owned().into())).into();
        reading
    };
    let mut global = table.clone();
    global.id = "claims-east".into();
    global.readings = vec![with(Sides::Link, ("us-east-1", "us-east-2"))];
    estate.systems.push(global);
    let sim = Sim::start(SimOptions::new(estate, "calm").unwrap()).await.unwrap();
    let text = text(&found(&sim).await);
    let estate = parsed(&text);
    let east = || estate.systems.iter().filter(|s| s.pair.as_str() == "east");
    let named = |name: &str| east().filter(|s| s.name.starts_with(name)).collect::<Vec<_>>();
    for (name, many) in [("ALB", 2), ("Transit Gateway", 1), ("Direct Connect", 1), ("SFTP", 1)] {
        let found = named(name);
        let names: Vec<_> = found.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(found.len(), many, "{name}: {names:?}");
        for reading in found.iter().flat_map(|s| &s.readings) {
            assert_eq!(reading.sides, Sides::Each, "{name} {reading:?}");
        }
    }
    let alb = named("ALB portal")[0];
    let Source::Cloudwatch { dimensions, .. } = &alb.readings[0].source else { panic!() };
    let ids = Side::BOTH.map(|side| dimensions["LoadBalancer"].on(side));
    assert_eq!(ids[0], "app/portal-{region}/f4868b575e422095");
    assert!(ids[1].starts_with("app/portal-{region}/") && ids[0] != ids[1], "{ids:?}");
    let global = named("DynamoDB global claims");
    let [reading] = global[0].readings.as_slice() else { panic!("{global:?}") };
    assert_eq!(
        (reading.sides, reading.read_in(signalbox::event::Place::Link, &estate.pairs[0]).as_str()),
        (Sides::Link, "us-east-1")
    );
    let failed = east()
        .flat_map(|s| &s.readings)
        .find(|r| matches!(&r.source, Source::Cloudwatch { metric, .. } if metric == "OperationsFailedReplication"));
    let Source::Cloudwatch { dimensions, region, .. } = &failed.unwrap().source else { panic!() };
    assert_eq!(region.as_ref().map(|r| r.as_str()), Some("us-east-1"));
    assert_eq!(dimensions["SourceBucket"].on(Side::Standby), "gc-documents-us-east-1");
}

/// `6` is no figure; six of twelve is. Where the sides differ in how many there should be, each has a reading of its own.
#[tokio::test(flavor = "multi_thread")]
async fn a_count_has_its_total_where_a_metric_tells_it() {
    let mut estate = crate::one_account::one_account();
    for system in estate.systems.iter_mut().filter(|s| s.pair.as_str() == "east") {
        let (counted, total) = match system.id.as_str() {
            "portal-alb-east" => ("healthy", "UnHealthyHostCount"),
            "accelerator-east" => ("endpoints", "UnhealthyEndpointCount"),
            _ => continue,
        };
        let healthy = system.readings.iter().position(|r| r.id.as_str() == counted).unwrap();
        let mut gone = system.readings[healthy].clone();
        gone.id = "gone".into();
        let Source::Cloudwatch { metric, .. } = &mut gone.source else { panic!() };
        *metric = total.into();
        // Twelve targets in the active region, six in the standby's.
        if counted == "healthy" {
            let mut fewer = system.readings.clone();
            for (reading, side) in system.readings.iter_mut().zip(&mut fewer) {
                (reading.sides, side.sides) = (Sides::Active, Sides::Standby);
                side.id = format!("{}_there", side.id).as_str().into();
            }
            fewer[healthy].of = Some(6.0);
            (fewer[healthy].warn, fewer[healthy].fail) = (Some(6.0), Some(3.0));
            let mut there = gone.clone();
            (gone.sides, there.sides, there.id, there.of) =
                (Sides::Active, Sides::Standby, "gone_there".into(), Some(6.0));
            system.readings.extend(fewer);
            system.readings.push(there);
        }
        (gone.bad, gone.warn, gone.fail) = (signalbox::estate::Direction::Above, None, None);
        system.readings.push(gone);
    }
    let sim = Sim::start(SimOptions::new(estate, "calm").unwrap()).await.unwrap();
    let text = text(&found(&sim).await);
    let counts = |name: &str| {
        let estate = parsed(&text);
        let system = estate.systems.iter().find(|s| s.name == name && s.pair.as_str() == "east").unwrap();
        let all = system.readings.iter().filter(|r| r.of.is_some());
        all.map(|r| (r.id.to_string(), r.sides, r.of, r.warn, r.fail)).collect::<Vec<_>>()
    };
    let of = |id: &str, sides, of: f64| vec![(id.to_owned(), sides, Some(of), Some(of), Some(of / 2.0))];
    assert_eq!(counts("auto scaling app"), of("in_service", Sides::Each, 12.0));
    assert_eq!(
        counts("Global Accelerator 8b1d2c64-5f0e-4f7a-9d2e-6a3c1b9e7f10"),
        of("healthy_endpoints", Sides::Each, 2.0)
    );
    let both = [of("healthy_active", Sides::Active, 12.0), of("healthy_standby", Sides::Standby, 6.0)].concat();
    assert_eq!(counts("ALB portal"), both);
    // Nothing tells how many tasks there should be: no figure is made up.
    assert_eq!(counts("ECS tasks portal").len(), 0);
    assert!(text.contains("`of` is how many there were to be when this was written"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transit_gateway_is_one_system() {
    let sim = simulated().await;
    let estate = parsed(&text(&found(&sim).await));
    for pair in ["east", "west"] {
        let gateways = estate.systems.iter().filter(|s| s.name.contains("Transit") && s.pair.as_str() == pair);
        let readings: Vec<Vec<_>> = gateways.map(|s| s.readings.iter().map(|r| r.id.as_str()).collect()).collect();
        assert_eq!(readings, [["up", "dropped"]], "{pair}");
    }
}

/// An estate of which no region is us-west-2 has its accelerators all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_publishes_for_all_is_asked_though_it_is_none_of_the_estate_s() {
    let mut estate = crate::one_account::one_account();
    let west = |pair: &PairName| pair.as_str() == "west";
    estate.pairs.retain(|p| !west(&p.name));
    estate.services.retain(|s| !west(&s.pair));
    estate.systems.retain(|s| !west(&s.pair));
    let left: BTreeSet<_> = estate.services.iter().map(|s| s.name.clone()).collect();
    estate.health_checks.retain(|c| left.contains(&c.service));
    let panel = estate.pairs[0].control_panel.clone();
    estate.safety_rules.retain(|r| r.control_panel == panel);
    estate.gates.retain(|g| g.name.ends_with("east"));
    let sim = Sim::start(SimOptions::new(estate, "calm").unwrap()).await.unwrap();
    let mut here = found(&sim).await;
    let accelerators = |f: &Found| f.estate.systems.iter().filter(|s| s.name.starts_with("Global Accelerator")).count();
    assert_eq!(accelerators(&here), 1, "{}", text(&here));
    assert!(here.estate.regions.iter().all(|r| r.name.as_str() != "us-west-2"), "{:?}", here.estate.regions);
    // Where the addresses are one's own and there is none for that region, it is not asked behind one's back.
    let mut endpoints = sim.estate().endpoints.clone();
    endpoints.cloudwatch.remove("us-west-2");
    let sdk = Sdk::load(&discover::bare(endpoints.clone(), Vec::new()), Credentials::dummy()).await;
    here = discover::discover(&sdk, endpoints, discover::Ask::default(), Vec::new(), sim.clock().now()).await.unwrap();
    assert_eq!((accelerators(&here), here.unread.len()), (0, 0));
    assert!(here.remarks.iter().any(|r| r.contains("AWS/GlobalAccelerator was not looked for")), "{:?}", here.remarks);
}

/// A person reads them and writes more beside them.
#[tokio::test(flavor = "multi_thread")]
async fn spans_are_written_as_people_write_them() {
    let sim = simulated().await;
    let text = text(&found(&sim).await);
    assert!(!text.contains("\"PT"), "{text}");
    for span in ["proposal_expires = \"10m\"", "cloudwatch = \"30s\"", "rpo", "period = \"12h\""] {
        assert!(text.contains(span), "no {span}\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_guess_is_said_beside_it() {
    let sim = simulated().await;
    let text = text(&found(&sim).await);
    let before = |line: &str| {
        let at = text.find(line).unwrap_or_else(|| panic!("no {line}\n{text}"));
        text[..at].lines().rev().take(6).filter(|l| l.starts_with('#')).collect::<String>()
    };
    assert!(
        before("name = \"east\"\n").contains("Guessed from the controls of panel guiding-care-east"),
        "{}",
        before("name = \"east\"\n")
    );
    assert!(before("name = \"portal\"\n").contains("The tier is guessed"));
    let probes = before("name = \"portal\"\n");
    assert!(probes.contains("No probe: ") && probes.contains("[[services.probes]]"), "{probes}");
    assert!(text.contains("# No service has a probe: nothing sees whether an application itself answers."), "{text}");
    assert!(before("id = \"drs-east\"\n").contains("DescribeSourceServers in us-east-2 has 20 servers"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_keeps_what_a_person_wrote_and_adds_what_is_new() {
    let sim = simulated().await;
    let found = found(&sim).await;
    let original = text(&found);
    // Somebody takes a rule and a system out, changes a threshold, writes a remark, and adds a system of their own.
    let mine = {
        let mut estate = parsed(&original);
        estate.safety_rules.retain(|r| r.name != "portal-stays-on");
        estate.systems.retain(|s| !s.name.starts_with("Redis global") || s.pair.as_str() != "east");
        let drs = estate.systems.iter_mut().find(|s| s.id.as_str() == "drs-east").unwrap();
        drs.readings.iter_mut().find(|r| r.id.as_str() == "lag").unwrap().fail = Some(1234.0);
        let mut own = drs.clone();
        (own.id, own.name) = ("mine".into(), "my own".into());
        own.readings.truncate(1);
        own.readings[0].source = Source::Ec2Instances { tag: "Mine".into(), value: "yes".into() };
        estate.systems.push(own);
        estate.people = crate::one_account::one_account().people;
        format!("# My own remark.\n{}\n# Ann is on call on Tuesdays.\n", estate.to_toml().unwrap())
    };
    let done = discover::refresh(&mine, "mine.toml", &found).unwrap();
    let after = parsed(&done.text);
    assert!(done.text.starts_with("# My own remark.\n") && done.text.contains("# Ann is on call on Tuesdays."));
    let drs = after.systems.iter().find(|s| s.id.as_str() == "drs-east").unwrap();
    assert_eq!(drs.readings.iter().find(|r| r.id.as_str() == "lag").unwrap().fail, Some(1234.0));
    assert!(after.systems.iter().any(|s| s.name == "my own"));
    assert!(after.safety_rules.iter().any(|r| r.name == "portal-stays-on"), "{:?}", done.added);
    assert!(
        after.systems.iter().any(|s| s.name.starts_with("Redis global") && s.pair.as_str() == "east"),
        "{:?}",
        done.added
    );
    assert_eq!(done.added.len(), 2, "{:?}", done.added);
    // Nothing is new the second time, and not a byte is changed.
    let again = discover::refresh(&done.text, "mine.toml", &found).unwrap();
    assert_eq!((again.added.len(), again.text == done.text), (0, true));
}

/// What a person took out on purpose stays out, once the file says so; what others hang on comes back and that is said.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_file_says_is_to_stay_out_is_not_added_again() {
    let sim = simulated().await;
    let found = found(&sim).await;
    let original = text(&found);
    assert!(original.contains("#     [discover]\n#     ignore = ["), "the file says how");
    let mut estate = parsed(&original);
    let check = estate.health_checks.remove(0).id.to_string();
    estate.systems.retain(|s| s.id.as_str() != "drs-east");
    let gate = estate.gates.remove(0).name;
    estate.safety_rules.retain(|r| !matches!(r.kind, RuleKind::Gating { .. }));
    let back = discover::refresh(&estate.to_toml().unwrap(), "mine.toml", &found).unwrap();
    assert!(back.added.contains(&"systems drs-east".to_owned()), "{:?}", back.added);
    estate.discover.ignore = vec!["drs-east".into(), check.clone(), gate.clone()];
    let mine = estate.to_toml().unwrap();
    let done = discover::refresh(&mine, "mine.toml", &found).unwrap();
    assert_eq!(done.ignored, [format!("health_checks {check}"), "systems drs-east".to_owned()]);
    assert!(parsed(&done.text).systems.iter().all(|s| s.id.as_str() != "drs-east"), "{:?}", done.added);
    assert!(done.added.contains(&format!("gates {gate}")), "{:?}", done.added);
    assert!(
        done.differs.iter().any(|d| d.contains(&gate) && d.contains("[discover] ignore is for")),
        "{:?}",
        done.differs
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_templates_is_known_by_what_it_measures() {
    let sim = simulated().await;
    let found = found(&sim).await;
    let shipped = std::fs::read_to_string("assets/guiding-care.toml").unwrap();
    let done = discover::refresh(&shipped, "guiding-care.toml", &found).unwrap();
    let again: Vec<&String> =
        done.added.iter().filter(|a| a.contains("alb") || a.contains("redis") || a.contains("drs")).collect();
    assert!(again.is_empty(), "measured already: {again:?}");
    assert!(done.added.iter().all(|a| a.starts_with("systems ")), "{:?}", done.added);
    assert!(done.text.contains("Guiding Care: the reference estate"), "comments stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_is_said_once_and_stays() {
    let sim = simulated().await;
    let mut found = found(&sim).await;
    let mine = text(&found);
    found.estate.safety_rules.retain(|r| r.name != "portal-stays-on");
    let done = discover::refresh(&mine, "mine.toml", &found).unwrap();
    assert_eq!(done.gone.len(), 1, "{:?}", done.gone);
    assert!(parsed(&done.text).safety_rules.iter().any(|r| r.name == "portal-stays-on"));
    let said = |text: &str| text.matches("no longer finds this").count();
    assert_eq!(said(&done.text), 1);
    let again = discover::refresh(&done.text, "mine.toml", &found).unwrap();
    assert_eq!(said(&again.text), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_read_is_said_in_the_file() {
    let sim = simulated().await;
    let endpoints = {
        let mut endpoints = sim.estate().endpoints.clone();
        endpoints.cloudwatch.insert("us-east-2".into(), "http://127.0.0.1:9".into());
        endpoints
    };
    let sdk = Sdk::load(&discover::bare(endpoints.clone(), Vec::new()), Credentials::dummy()).await;
    let found =
        discover::discover(&sdk, endpoints, discover::Ask::default(), Vec::new(), sim.clock().now()).await.unwrap();
    assert_eq!(found.unread.len(), 1, "{:?}", found.unread);
    assert!(text(&found).contains("# NOT READ: metrics in us-east-2 (ListMetrics): "), "{}", text(&found));
}

/// A service that refuses in two lines.
async fn refuses(listener: tokio::net::TcpListener) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut asked = [0; 8192];
        let _ = stream.read(&mut asked).await;
        let body = r#"{"message":"not you\n  and not now"}"#;
        let kind = "x-amzn-errortype: AccessDeniedException\r\ncontent-type: application/json";
        let head = format!("HTTP/1.1 403 Forbidden\r\n{kind}\r\ncontent-length: {}\r\nconnection: close", body.len());
        let _ = stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_says_in_two_lines_is_said_in_one() {
    let sim = simulated().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut endpoints = sim.estate().endpoints.clone();
    endpoints.drs.insert("us-east-2".into(), format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(refuses(listener));
    let sdk = Sdk::load(&discover::bare(endpoints.clone(), Vec::new()), Credentials::dummy()).await;
    let found =
        discover::discover(&sdk, endpoints, discover::Ask::default(), Vec::new(), sim.clock().now()).await.unwrap();
    let wanted = "DRS source servers in us-east-2 (DescribeSourceServers): AccessDeniedException: not you; and not now";
    assert_eq!(found.unread, [wanted]);
}
