//! One thing has one mark, whichever view shows it; and what fails is on a view's first page.

use signalbox::model::Mark;
use signalbox::ui::Screen;

use crate::support::{EAST, OHIO, Stage, east, eye, setup, with_servers};

const SIGNS: [&str; 5] = ["●", "?", "▲", "✖", "◌"];

/// The states that the screens are looked at in.
fn stages() -> Vec<(&'static str, Stage)> {
    let dark = || {
        let mut stage = Stage::calm();
        stage.dark = vec!["us-west-2", "eu-west-1"];
        stage.poll();
        stage.pass(1);
        stage
    };
    let lost = || {
        let mut stage = Stage::calm();
        let source = signalbox::event::SourceId::Dns(stage.model.estate.resolvers[0].name.clone());
        let failure =
            signalbox::event::Failure { kind: signalbox::event::FailureKind::Timeout, why: "no answer".into() };
        stage.heard(source, 2_000, 75, Err(failure));
        stage.wait(120);
        stage.poll();
        stage.pass(1);
        stage
    };
    let new = || {
        let mut stage = Stage::new();
        stage.pass(1);
        stage
    };
    vec![
        ("new", new()),
        ("calm", Stage::calm()),
        ("outage", Stage::outage()),
        ("dark", dark()),
        ("lost", lost()),
        ("verified", Stage::until("verified")),
        ("moved", Stage::until("moved")),
        ("servers", with_servers(Stage::outage())),
    ]
}

/// A view whole, however long it is.
fn view(stage: &Stage, key: &str, height: u16) -> Vec<String> {
    let mut screen = Screen::new(setup(stage, "alice", "dark"));
    eye::buffer(&mut screen, stage, (200, height));
    eye::press(&mut screen, stage, key);
    eye::lines(&eye::buffer(&mut screen, stage, (200, height)))
}

/// The sign before a name, where a view shows it.
fn sign(lines: &[String], name: &str) -> Option<&'static str> {
    lines.iter().find_map(|line| {
        SIGNS
            .into_iter()
            .find(|sign| line.contains(&format!("{sign} {name} ")) || line.ends_with(&format!("{sign} {name}")))
    })
}

#[test]
fn a_thing_has_one_mark_in_every_view() {
    let mut compared = 0;
    for (name, stage) in stages() {
        let model = &stage.model;
        let [overview, controls, checks, dns, readiness, people] =
            ["1", "2", "3", "4", "6", "9"].map(|key| view(&stage, key, 250));
        let mut same = |what: &str, one: Option<&str>, other: Option<&str>| {
            if let (Some(one), Some(other)) = (one, other) {
                assert_eq!(one, other, "{name}: {what}");
                compared += 1;
            }
        };
        for check in &model.estate.health_checks {
            same(&check.name, sign(&overview, &check.name), sign(&checks, &check.name));
            same(&check.name, sign(&overview, &check.name), sign(&readiness, &check.name));
        }
        for service in model.estate.services_of(&east()) {
            let probe = |region: &str| {
                let start = format!("{:<14}{region}", service.name.as_str());
                SIGNS.into_iter().find(|s| checks.iter().any(|l| l.contains(&format!("{s} {start}"))))
            };
            let to_east = readiness.iter().any(|l| l.contains(&format!("{EAST} to receive")));
            let towards = if to_east { EAST } else { OHIO };
            same(service.name.as_str(), probe(towards), sign(&readiness, &format!("{} application", service.name)));
            for dns_name in &service.dns {
                let Some(line) = dns.iter().find(|l| l.contains(dns_name.as_str())) else { continue };
                let worst = ["✖", "▲", "?", "●"].into_iter().find(|sign| line.contains(&format!("{sign} ")));
                let moving = line.contains(EAST) && line.contains(OHIO);
                let worst = if moving { Some("▲") } else { worst };
                same(dns_name, sign(&overview, dns_name), worst);
            }
        }
        for endpoint in &model.estate.cluster.endpoints {
            let region = endpoint.region.as_str();
            same(region, sign(&controls, region), sign(&people, &format!("ARC endpoint {region}")));
        }
    }
    assert!(compared > 150, "only {compared} marks were compared");
}

#[test]
fn replication_is_judged_once() {
    let mut stage = Stage::outage();
    // All servers of the failed region are cut off: that is its failure, and not the other's.
    let cut = |n: i64| signalbox::event::DrsServer {
        id: format!("s-{n:017}"),
        name: format!("app-{n:02}"),
        state: "DISCONNECTED".into(),
        lag: None,
        backlog: None,
        snapshot: None,
        last_launch: None,
    };
    let news = signalbox::event::News::Drs {
        servers: (1..=20).map(cut).collect(),
        jobs: Ok(Vec::new()),
        apart: Vec::new(),
        samples: vec![],
    };
    stage.heard(signalbox::event::SourceId::Drs(OHIO.into()), 200, 100, Ok(news));
    stage.sample("drs-east", "replicating", signalbox::event::Place::Standby, 0.0);
    stage.pass(1);
    assert_eq!(stage.model.replication_mark(&OHIO.into()), Mark::Warn);
    let shown = view(&stage, "5", 60).split_off(3).join("\n");
    assert!(shown.contains("▲ 0 of 20 replicate"), "{shown}");
    let failed: Vec<_> = shown.lines().filter(|l| l.contains('✖')).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(stage.model.sentence(&east()).text.contains("0/20 replicating (as us-east-1 has failed)"));
    let overview = view(&stage, "1", 250);
    let row = overview.iter().find(|l| l.starts_with('│') && l.contains("0/20 replicating")).unwrap();
    assert!(row.contains("▲ DRS servers") && !row.contains("✖ DRS servers"), "{row}");
}

#[test]
fn what_fails_is_on_the_first_page() {
    for (name, stage) in stages() {
        for key in ["2", "3", "4", "5", "6", "9"] {
            let whole = view(&stage, key, 400);
            let body = |lines: &[String]| lines.iter().skip(4).filter(|l| l.contains("✖")).count();
            let page = view(&stage, key, 24);
            assert!(
                body(&whole) == 0 || body(&page) > 0,
                "{name}: view {key} hides what fails below its first page:\n{}",
                page.join("\n")
            );
        }
    }
}

#[test]
fn in_a_list_nothing_that_is_well_stands_before_what_fails() {
    let stage = with_servers(Stage::outage());
    for key in ["3", "4", "9"] {
        let whole = view(&stage, key, 400);
        let rows: Vec<bool> =
            whole.iter().skip(4).filter(|l| l.contains("● ") || l.contains("✖ ")).map(|l| l.contains("✖ ")).collect();
        // Two sections at most: what fails heads each.
        let falls = rows.windows(2).filter(|w| w[0] && !w[1]).count();
        let rises = rows.windows(2).filter(|w| !w[0] && w[1]).count();
        assert!(rises <= 1 && falls <= 2, "view {key}: {rows:?}");
    }
}
