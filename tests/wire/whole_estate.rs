//! The whole estate: every row of the table of systems is in the file, on the screen in both regions, and answered
//! over the wire; and what one sentence says of each scenario.

use std::sync::Arc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use signalbox::aws::{Credentials, Sdk};
use signalbox::change::{ApproveHint, Hands};
use signalbox::estate::{Estate, PairName};
use signalbox::model::{Enters, Mark, Model};
use signalbox::runtime::{Clock, Engine, Options};
use signalbox::sim::{Sim, SimOptions};
use signalbox::time::Span;
use signalbox::ui::{Keymap, Screen, Setup, Theme};

/// The table of systems, row by row, and the systems of the reference estate that stand for each, without their pair.
const ROWS: &[(&str, &[&str])] = &[
    ("EC2 instances", &["app-servers"]),
    ("Elastic Disaster Recovery (DRS)", &["drs"]),
    ("AMI and EBS snapshot copies in the standby region", &["image-copies"]),
    ("Auto Scaling groups", &["app-group"]),
    ("ECS / EKS, ECR replication", &["containers"]),
    ("ALB, target groups", &["portal-alb", "api-alb"]),
    ("Global Accelerator", &["accelerator"]),
    ("Certificates (ACM)", &["certificates"]),
    ("WAF", &["waf"]),
    ("SQL Server Always On AG", &["sql-ag"]),
    ("SQL Server log shipping", &["log-shipping"]),
    ("ElastiCache Global Datastore", &["redis"]),
    ("MongoDB replica set", &["mongodb"]),
    ("DocumentDB global cluster", &["documentdb"]),
    ("RDS PostgreSQL (queue database)", &["queue-db"]),
    ("DMS tasks", &["dms"]),
    ("EBS snapshots, Fast Snapshot Restore", &["ebs"]),
    ("S3 cross-region replication", &["documents"]),
    ("FSx for Windows, DataSync", &["files"]),
    ("AWS Backup", &["backup"]),
    ("KMS multi-region keys", &["keys"]),
    ("VPC, Transit Gateway peering", &["transit"]),
    ("Direct Connect", &["direct-connect"]),
    ("Site-to-Site VPN", &["vpn"]),
    ("Transfer Family (SFTP)", &["sftp"]),
    ("SQS", &["claims-queue"]),
    ("SNS", &["notices"]),
    ("API Gateway", &["gateway"]),
    ("Lambda (automation)", &["functions"]),
    ("Step Functions, Batch", &["workflows"]),
    ("Airflow (self-managed) / MWAA", &["airflow"]),
    ("Secrets Manager replicas", &["secrets"]),
    ("Active Directory", &["directory"]),
    // These two are parts of the file of their own: health checks and names, controls and rules.
    ("Route 53 records and health checks", &[]),
    ("ARC routing controls, safety rules, cluster endpoints", &[]),
    ("CloudWatch alarms", &["alarms"]),
    ("Synthetics canaries", &["canary"]),
    ("CloudTrail and Config", &["audit"]),
    ("Security Hub", &["security-hub"]),
    ("Systems Manager automation", &["automation"]),
];
const PAIRS: [&str; 2] = ["east", "west"];

/// The layer and name of each row of the table, as the design has it.
fn table() -> Vec<(&'static str, &'static str)> {
    let rows = include_str!("whole_estate.md").lines().skip(2);
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        (cells.next().unwrap(), cells.next().unwrap())
    })
    .collect()
}

struct Console {
    _sim: Sim,
    engine: Engine,
    _folder: tempfile::TempDir,
}

impl Console {
    /// The product's own engine on the simulator, which plays a scenario `speed` times as fast as life.
    async fn watch(scenario: &str, speed: f64) -> Self {
        let options = SimOptions::new(signalbox::estate::guiding_care().unwrap(), scenario).unwrap();
        let sim = Sim::start(options.speed(speed)).await.unwrap();
        let estate = Arc::new(sim.estate().clone());
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            estate: estate.clone(),
            sdk: Sdk::load(&estate, Credentials::dummy()).await,
            clock: Clock::running(sim.clock().now(), speed),
            state: folder.path().to_owned(),
            only_arc: false,
            tick: Span::from_secs(1),
            look_on: None,
            signer: None,
        };
        Self { engine: Engine::open(options).unwrap(), _sim: sim, _folder: folder }
    }

    async fn until(&mut self, what: &str, seen: impl FnMut(&Model) -> bool) {
        let came = self.engine.until(Duration::from_secs(60), seen).await;
        let model = self.engine.model();
        assert!(came, "{what} did not come; {}", model.sentence(&PairName::from("east")).text);
    }
}

fn without_values(model: &Model) -> Vec<String> {
    let estate = &model.estate;
    let mut missing = Vec::new();
    for system in &estate.systems {
        for reading in &system.readings {
            for place in reading.places() {
                // Nothing replicates back before traffic has moved.
                let back = *place == signalbox::event::Place::Back;
                let judged = model.judge(system, reading, *place);
                if !back && judged.value.is_none() && !judged.idle {
                    missing.push(format!("{} {} {place:?}", system.id, reading.id));
                }
            }
        }
    }
    missing
}

/// What one view shows of a pair, on a screen tall enough for all of it.
fn shown(model: &Model, pair: &str, keys: &str) -> String {
    let mut screen = Screen::new(Setup {
        person: None,
        hands: Hands::empty(),
        pair: PairName::from(pair),
        theme: Theme::default(),
        keymap: Keymap::default(),
        approve: ApproveHint {
            program: "signalbox".into(),
            folder: "-".into(),
            key: None,
            estate: None,
            second_person: None,
        },
        mode: signalbox::ui::Mode::Production,
    });
    for key in keys.chars() {
        let key = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char(key));
        screen.input(model, crossterm::event::Event::Key(key));
    }
    let mut terminal = Terminal::new(TestBackend::new(220, 250)).unwrap();
    terminal.draw(|frame| screen.draw(model, frame)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn the_table_is_the_designs_own() {
    let rows: Vec<&str> = table().into_iter().map(|(_, name)| name).collect();
    let mapped: Vec<&str> = ROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(rows, mapped);
}

#[test]
fn every_row_is_in_the_file_for_both_pairs_in_its_layer() {
    let estate: Estate = signalbox::estate::guiding_care().unwrap();
    for ((layer, row), (_, ids)) in table().into_iter().zip(ROWS) {
        for pair in PAIRS {
            for id in *ids {
                let id = format!("{id}-{pair}");
                let system = estate.systems.iter().find(|s| s.id.as_str() == id);
                let system = system.unwrap_or_else(|| panic!("{row}: the file has no {id}"));
                assert_eq!(system.layer.title(), layer, "{id}");
                assert_eq!(system.pair.as_str(), pair, "{id}");
                assert!(!system.readings.is_empty());
            }
        }
    }
    for pair in &estate.pairs {
        let services: Vec<_> = estate.services_of(&pair.name).collect();
        assert_eq!(services.len(), 5);
        for service in services {
            let regions: Vec<_> = service.controls.iter().filter_map(|c| c.region.as_ref()).collect();
            assert_eq!(regions, [&pair.active, &pair.standby], "{}", service.name);
            assert!(!service.dns.is_empty(), "{}", service.name);
        }
        assert!(estate.safety_rules.iter().any(|r| r.control_panel == pair.control_panel));
    }
    assert_eq!(estate.cluster.endpoints.len(), 5);
    assert!(estate.health_checks.len() >= 14 && estate.resolvers.len() >= 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_answered_over_the_wire_and_on_the_screen_in_both_regions() {
    let mut console = Console::watch("calm", 5.0).await;
    console.until("a value of every reading", |m| without_values(m).is_empty()).await;
    console
        .until("all checks, names and levers", |m| {
            let checks = m.checks.len() == m.estate.health_checks.len();
            checks
                && m.endpoints_up() == 5
                && PAIRS.iter().all(|p| matches!(m.enters(&PairName::from(*p)), Enters::Seen(_)))
        })
        .await;
    let model = console.engine.model();
    for pair in PAIRS {
        let overview = shown(model, pair, "1z");
        for ((_, row), (_, ids)) in table().into_iter().zip(ROWS) {
            for id in *ids {
                let id = format!("{id}-{pair}");
                let name = &model.estate.systems.iter().find(|s| s.id.as_str() == id).unwrap().name;
                let twice = overview.lines().any(|line| line.matches(name.as_str()).count() == 2);
                assert!(twice, "{row}: {name} is not on a line of both regions:\n{overview}");
            }
        }
        let the_pair = model.estate.pair(&PairName::from(pair)).unwrap();
        let (checks, names, levers) = (shown(model, pair, "3"), shown(model, pair, "4"), shown(model, pair, "2"));
        for service in model.estate.services_of(&the_pair.name) {
            for region in [&the_pair.active, &the_pair.standby] {
                let control = &service.control(region).unwrap().name;
                assert!(levers.contains(control.as_str()), "{control} is not on the screen:\n{levers}");
            }
            for name in &service.dns {
                assert!(names.contains(name.as_str()), "{name} is not on the screen:\n{names}");
            }
        }
        for check in
            model.estate.health_checks.iter().filter(|c| [&the_pair.active, &the_pair.standby].contains(&&c.region))
        {
            assert!(checks.contains(check.name.as_str()), "{} is not on the screen:\n{checks}", check.name);
        }
        for endpoint in &model.estate.cluster.endpoints {
            assert!(levers.contains(endpoint.region.as_str()), "{levers}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calm_day_is_calm() {
    let mut console = Console::watch("calm", 5.0).await;
    console.until("a value of every reading", |m| without_values(m).is_empty()).await;
    console.until("a calm sentence", |m| m.sentence(&PairName::from("east")).text.contains("is ready (score ")).await;
    let model = console.engine.model();
    for pair in PAIRS {
        let bad: Vec<_> = model
            .standings
            .iter()
            .filter(|(_, s)| matches!(s.mark, Mark::Warn | Mark::Fail))
            .map(|(subject, s)| format!("{subject:?}: {}", s.text))
            .collect();
        assert!(bad.is_empty(), "{pair}: {bad:#?}");
    }
}

/// What somebody who has just joined the call reads of a scenario: how the sentence begins, and what it goes on with.
async fn says(scenario: &str, speed: f64, begins: &str, holds: &str) {
    let mut console = Console::watch(scenario, speed).await;
    let east = PairName::from("east");
    let wanted = format!("{scenario}: “{begins} … {holds}”");
    let right = |m: &Model| m.sentence(&east).text.split_once(begins).is_some_and(|(_, rest)| rest.contains(holds));
    console.until(&wanted, right).await;
    println!("{scenario}: {}", console.engine.model().sentence(&east).text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_about_to_expire() {
    says(
        "certificate",
        20.0,
        "us-east-2 could take the traffic, but: ",
        "certificates valid for 5 d (minimum 7 d) since ",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_in_the_log_shipping() {
    says("log-shipping", 60.0, "us-east-2 could take the traffic, but: ", "SQL log shipping behind by 3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oplog_window_that_shrinks() {
    says("oplog", 30.0, "us-east-1 serves, with one thing wrong since ", ": MongoDB oplog window ").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drs_server_that_stalls() {
    says("drs-stalled", 60.0, "us-east-2 could take the traffic, but: ", "DRS servers lag 1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_canary_that_fails() {
    says("canary", 30.0, "People are affected in us-east-1 since ", ": login canary success 33 % (minimum 80 %).")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn regions_that_drift_apart() {
    says(
        "drift",
        60.0,
        "us-east-2 could take the traffic, but: ",
        " resources that differ between regions (limit 25) since ",
    )
    .await;
}
