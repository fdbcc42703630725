//! Fixture models, built the only way models are built: by feeding events into `Model::update`.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic, reason = "shared by tests and the gallery")]

pub mod eye;

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use signalbox::change::{ApproveHint, Digest, Draft, Hands, NAMESPACE, Nonce};
use signalbox::effect::Effect;
use signalbox::estate::{
    ControlArn, ControlState, Direction, Estate, PairName, PersonName, Reading, Region, Sides, Unit,
};
use signalbox::event::{
    Ask, Attempt, CheckStatus, Checkers, DnsAnswer, DrsJob, DrsServer, Event, Failure, FailureKind, FlipEnd,
    FlipOutcome, Heard, Leads, News, Place, ProbeAnswer, ReadBack, ReadingKey, Refusal, RefusalKind, Said, Sample,
    SourceId, What,
};
use signalbox::model::Model;
use signalbox::time::{Span, Stamp, Timestamp};
use signalbox::ui::{Keymap, Mode, Setup, Theme};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};

pub const EAST: &str = "us-east-1";
pub const OHIO: &str = "us-east-2";

/// What the world does when the console asks it to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arc5 {
    Works,
    Refuses,
    Silent,
    Hangs,
}

pub struct Stage {
    pub model: Model,
    pub now: Stamp,
    pub states: BTreeMap<ControlArn, ControlState>,
    /// The region each resolver answers for the names of pair east.
    pub answers: Vec<&'static str>,
    pub arc: Arc5,
    /// Regions that are down.
    pub down: Vec<&'static str>,
    /// Cluster endpoints that do not answer.
    pub dark: Vec<&'static str>,
    /// Whether Route 53's API does not answer.
    pub without_route53: bool,
    pub last: Option<Digest>,
    /// What people were told.
    pub notices: Vec<signalbox::effect::Notice>,
    /// Every event that the model has taken in.
    pub events: Vec<Event>,
}

pub fn key(seed: u8) -> PrivateKey {
    let pair = Ed25519Keypair::from_seed(&[seed; 32]);
    PrivateKey::new(KeypairData::Ed25519(pair), "").unwrap()
}

pub fn estate() -> Estate {
    static ESTATE: LazyLock<Estate> = LazyLock::new(parsed);
    ESTATE.clone()
}

fn parsed() -> Estate {
    let mut estate = crate::one_account::one_account();
    for (person, seed) in estate.people.iter_mut().zip(1..) {
        person.keys = vec![key(seed).public_key().to_openssh().unwrap().into()];
    }
    estate
}

pub fn east() -> PairName {
    PairName::from("east")
}

pub fn start() -> Stamp {
    Stamp { mono: Span::from_secs(5_000), wall: "2026-11-24T18:20:00Z".parse().unwrap() }
}

impl Stage {
    pub fn new() -> Self {
        Self::of(estate())
    }

    pub fn of(estate: Estate) -> Self {
        let now = start();
        let mut states = BTreeMap::new();
        for pair in &estate.pairs {
            for s in estate.services_of(&pair.name) {
                for c in &s.controls {
                    let on = c.region.as_ref() == Some(&pair.active);
                    states.insert(c.arn.clone(), if on { ControlState::On } else { ControlState::Off });
                }
            }
        }
        for g in &estate.gates {
            states.insert(g.arn.clone(), ControlState::On);
        }
        let answers = vec![EAST; estate.resolvers.len()];
        let model = Model::new(Arc::new(estate), "boot", now);
        let arc = Arc5::Works;
        Self {
            model,
            now,
            states,
            answers,
            arc,
            down: Vec::new(),
            dark: Vec::new(),
            without_route53: false,
            last: None,
            notices: Vec::new(),
            events: Vec::new(),
        }
    }

    /// The model takes one event in.
    fn take(&mut self, what: What) -> Vec<Effect> {
        let event = Event { at: self.now, what };
        self.events.push(event.clone());
        self.model.update(event)
    }

    /// What a person's key signs: the estate's people have the keys 1, 2, … in their order.
    pub fn signed(&self, errand: &signalbox::effect::Errand) -> String {
        let people = &self.model.estate.people;
        let seed = people.iter().position(|p| p.name == errand.by).unwrap_or(200) + 1;
        let key = key(u8::try_from(seed).unwrap());
        let sig = key.sign(errand.act.namespace(), HashAlg::Sha512, errand.text.as_bytes()).unwrap();
        sig.to_pem(LineEnding::LF).unwrap()
    }

    /// Fifteen quiet minutes, and then some.
    pub fn calm() -> Self {
        let mut stage = Self::new();
        stage.poll();
        for _ in 0..16 {
            stage.now = stage.now.plus(Span::from_secs(60));
            stage.figures();
        }
        stage.poll();
        stage.pass(6);
        stage.poll();
        stage.pass(1);
        stage
    }

    /// us-east-1 is gone for four minutes.
    pub fn outage() -> Self {
        let mut stage = Self::calm();
        stage.down.push(EAST);
        for _ in 0..4 {
            stage.poll();
            stage.pass(60);
        }
        stage.poll();
        stage.pass(1);
        stage
    }

    pub fn pass(&mut self, seconds: i64) {
        self.now = self.now.plus(Span::from_secs(seconds));
        self.feed(What::Tick);
    }

    /// Time goes on, second by second.
    pub fn wait(&mut self, seconds: i64) {
        for _ in 0..seconds {
            self.pass(1);
        }
    }

    /// Takes an event in and does what the runtime, the journal and ARC would.
    pub fn feed(&mut self, what: What) {
        let mut queue = self.take(what);
        while !queue.is_empty() {
            let effect = queue.remove(0);
            let answer = match effect {
                Effect::Record(id, _) => Some(What::Recorded(id)),
                Effect::Sign(id, errand) => Some(What::Signed(id, Ok(self.signed(&errand)))),
                Effect::Flip(id, order) => match self.arc {
                    Arc5::Hangs => None,
                    Arc5::Works => {
                        for f in &order.flips {
                            self.states.insert(f.arn.clone(), f.to);
                        }
                        let attempts = vec![
                            attempt("us-east-1", 1003, "no answer within 1 s; nothing was sent"),
                            attempt("us-west-2", 41, "confirmed"),
                        ];
                        let end = FlipEnd::Applied { endpoint: Region::from("us-west-2") };
                        Some(What::Flipped(id, FlipOutcome { end, attempts }))
                    }
                    Arc5::Refuses => {
                        let rule = self.model.estate.safety_rules.first().unwrap();
                        let message = format!(
                            "Cannot update routing control(s) because safety rule {} has been violated",
                            rule.arn
                        );
                        let refusal = Refusal { kind: RefusalKind::SafetyRule, rule: Some(rule.arn.clone()), message };
                        let attempts =
                            vec![attempt("us-west-2", 44, "refused by a safety rule (409 ConflictException)")];
                        Some(What::Flipped(id, FlipOutcome { end: FlipEnd::Refused(refusal), attempts }))
                    }
                    Arc5::Silent => {
                        let attempts = ["us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2", "us-east-1"]
                            .map(|r| attempt(r, 1002, "sent, but no answer within 1 s"));
                        let outcome = FlipOutcome { end: FlipEnd::Uncertain, attempts: attempts.to_vec() };
                        Some(What::Flipped(id, outcome))
                    }
                },
                // Endpoints that hang answer no read either.
                Effect::ReadBack(..) if self.arc == Arc5::Silent => None,
                Effect::ReadBack(id, controls, skip) => {
                    let regions: Vec<Region> =
                        self.model.estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
                    for endpoint in regions.into_iter().filter(|r| Some(r) != skip.as_ref()) {
                        let states = if self.dark.contains(&endpoint.as_str()) {
                            Err("no answer within 1 s".to_owned())
                        } else {
                            Ok(controls.iter().filter_map(|c| self.states.get(c).map(|s| (c.clone(), *s))).collect())
                        };
                        self.now = self.now.plus(Span::from_millis(20));
                        let read = What::ReadBack(id, ReadBack { endpoint, states });
                        queue.extend(self.take(read));
                    }
                    None
                }
                Effect::Launch(id, _) => {
                    let job = "drsjob-0123456789abcdef0".to_owned();
                    Some(What::LaunchAnswered(id, signalbox::event::LaunchEnd::Started { job }))
                }
                Effect::Notify(notice) => {
                    self.notices.push(notice);
                    None
                }
                Effect::Hurry(_) | Effect::Publish(..) | Effect::FindPoints(..) => None,
            };
            if let Some(what) = answer {
                queue.extend(self.take(what));
            }
        }
    }

    pub fn heard(&mut self, source: SourceId, took: i64, fresh: i64, news: Result<News, Failure>) {
        self.feed(What::Heard(Heard {
            source,
            took: Span::from_millis(took),
            fresh_for: Span::from_secs(fresh),
            news,
        }));
    }

    /// Every source answers, or fails, once.
    pub fn poll(&mut self) {
        let estate = self.model.estate.clone();
        for (i, e) in estate.cluster.endpoints.iter().enumerate() {
            let source = SourceId::Arc(e.region.clone());
            let news = if self.dark.contains(&e.region.as_str()) || self.down.contains(&e.region.as_str()) {
                Err(failed(FailureKind::Timeout, "ListRoutingControls: no answer within 2 s"))
            } else {
                Ok(News::Controls(self.states.clone()))
            };
            self.heard(source, 41 + 30 * i as i64, 75, news);
        }
        self.figures();
        self.rest();
        let (servers, jobs) = drs(self.now.wall);
        let news = News::Drs { servers, jobs: Ok(jobs), apart: Vec::new(), samples: Vec::new() };
        self.heard(SourceId::Drs(Region::from(OHIO)), 210, 100, Ok(news));
    }

    /// CloudWatch of every region answers, or fails.
    pub fn figures(&mut self) {
        let estate = self.model.estate.clone();
        for region in estate.regions.iter().map(|r| r.name.clone()) {
            let down = self.down.contains(&region.as_str());
            let news = if down {
                Err(failed(FailureKind::Timeout, "GetMetricData: no answer within 10 s"))
            } else {
                Ok(News::Readings(self.samples(&region)))
            };
            self.heard(SourceId::Cloudwatch(region.clone().into()), 180, 100, news);
        }
    }

    fn rest(&mut self) {
        let estate = self.model.estate.clone();
        for check in &estate.health_checks {
            if self.without_route53 {
                let gone = failed(FailureKind::Timeout, "Route 53 GetHealthCheckStatus: no answer within 2.8 s");
                self.heard(SourceId::Route53(check.id.clone()), 2800, 75, Err(gone));
                continue;
            }
            let healthy = if self.down.contains(&check.region.as_str()) { 0 } else { 16 };
            let reason = match healthy {
                0 => "Failure: Connection timed out. The endpoint did not answer in 4 s.",
                _ => "Success: HTTP Status Code 200, OK",
            };
            let checkers = Checkers { healthy, of: 16, reason: Some(reason.into()) };
            let status = CheckStatus::of_endpoint(check.id.clone(), checkers);
            self.heard(SourceId::Route53(check.id.clone()), 90, 75, Ok(News::Check(status)));
        }
        for (i, resolver) in estate.resolvers.iter().enumerate() {
            let to = self.answers.get(i).copied().unwrap_or(EAST);
            let mut answers = Vec::new();
            for service in &estate.services {
                let west = service.pair.as_str() == "west";
                for name in &service.dns {
                    let region = Region::from(if west { "us-west-2" } else { to });
                    let target = format!("{}.{region}.elb.guidingcare.com", service.name);
                    answers.push(DnsAnswer {
                        name: name.clone(),
                        answers: Ok(vec![target]),
                        ttl: 60,
                        leads: Leads::To(region),
                    });
                }
            }
            self.heard(SourceId::Dns(resolver.name.clone()), 12, 75, Ok(News::Dns(answers)));
        }
        for service in &estate.services {
            for probe in &service.probes {
                let news = if self.down.contains(&probe.region.as_str()) {
                    Err(failed(FailureKind::Timeout, "no answer within 5 s"))
                } else {
                    Ok(News::Probe(ProbeAnswer { status: 200, took: Span::from_millis(83) }))
                };
                self.heard(SourceId::Probe(service.name.clone(), probe.region.clone()), 83, 75, news);
            }
        }
    }

    /// Figures of all systems that are read in a region; the values of the last outage minutes are bad ones.
    fn samples(&self, region: &Region) -> Vec<Sample> {
        let estate = &self.model.estate;
        let minute = self.now.since(start()).as_secs() / 60;
        let mut samples = Vec::new();
        for system in &estate.systems {
            let Some(pair) = estate.pair(&system.pair) else { continue };
            for (n, reading) in system.readings.iter().enumerate() {
                let places: &[Place] = match reading.sides {
                    Sides::Each => &[Place::Active, Place::Standby],
                    Sides::Active => &[Place::Active],
                    Sides::Standby => &[Place::Standby],
                    Sides::Link => &[Place::Link],
                    Sides::Back => &[],
                };
                for place in places {
                    let at = if *place == Place::Active { &pair.active } else { &pair.standby };
                    if at != region {
                        continue;
                    }
                    let key = ReadingKey { system: system.id.clone(), reading: reading.id.clone(), place: *place };
                    let wobble = (minute * 7 + n as i64 * 3 + system.name.len() as i64) % 5;
                    let value = Said::Is(well(reading, wobble));
                    let fresh_for = Span::from_secs(180);
                    samples.push(Sample { key, value, measured: self.now.wall, fresh_for });
                }
            }
        }
        samples
    }

    /// One reading by hand.
    pub fn sample(&mut self, system: &str, reading: &str, place: Place, value: f64) {
        let key = ReadingKey { system: system.into(), reading: reading.into(), place };
        let sample = Sample { key, value: Said::Is(value), measured: self.now.wall, fresh_for: Span::from_secs(180) };
        let region = Region::from(if place == Place::Active { EAST } else { OHIO });
        self.heard(SourceId::Cloudwatch(region.into()), 180, 100, Ok(News::Readings(vec![sample])));
    }

    pub fn hands(&self, who: &str) -> Hands {
        Hands::of(&self.model.estate, &PersonName::from(who))
    }

    pub fn propose(&mut self, reason: &str) -> Digest {
        let by = self.hands("alice").operator.unwrap();
        let mut draft = Draft::towards(&self.model.estate, &east(), &Region::from(OHIO)).unwrap();
        draft.reason = reason.into();
        self.feed(What::Asked(Ask::Propose { by, draft, nonce: Nonce(7) }));
        let digest = self.model.changes.all().last().unwrap_or_else(|| panic!("{:?}", self.model.refusals)).digest;
        self.last = Some(digest);
        digest
    }

    pub fn armored(&self, seed: u8) -> String {
        let text = self.model.changes.get(&self.last.unwrap()).unwrap().text.canonical();
        let sig = key(seed).sign(NAMESPACE, HashAlg::Sha512, text.as_bytes()).unwrap();
        sig.to_pem(LineEnding::LF).unwrap()
    }

    pub fn approve(&mut self) {
        let armored = self.armored(2);
        self.feed(What::Asked(Ask::Signature { armored, by: signalbox::change::Courier::incident_folder(), of: None }));
    }

    pub fn second_key(&mut self) {
        let by = self.hands("alice").operator.unwrap();
        let change = self.last.unwrap();
        self.feed(What::Asked(Ask::SecondKey { by, change, typed: OHIO.into() }));
    }

    /// An outage, a change, and everything up to its named state.
    pub fn until(state: &str) -> Self {
        let mut stage = Self::outage();
        stage.propose("portal targets gone, INC-4471");
        stage.wait(12);
        if state == "proposed" {
            return stage;
        }
        stage.approve();
        stage.wait(9);
        if state == "approved" {
            return stage;
        }
        stage.arc = match state {
            "executing" => Arc5::Hangs,
            "refused" => Arc5::Refuses,
            "uncertain" => Arc5::Silent,
            _ => Arc5::Works,
        };
        stage.second_key();
        stage.wait(2);
        if state == "verified" {
            stage.answers = vec![OHIO, EAST, EAST, OHIO];
            stage.poll();
            stage.wait(4);
        }
        if state == "moved" {
            stage.answers = vec![OHIO; 4];
            stage.wait(40);
            stage.poll();
            stage.wait(4);
        }
        stage
    }
}

/// A value of a reading that is well, a little different each minute.
fn well(reading: &Reading, wobble: i64) -> f64 {
    let w = wobble as f64;
    if let Some(of) = reading.of {
        return of;
    }
    let limit = match reading.bad {
        Direction::Above => reading.warn.or(reading.fail).map(|l| l * (0.05 + 0.03 * w)),
        Direction::Below => reading.warn.or(reading.fail).map(|l| l * (1.5 + 0.1 * w)),
    };
    match (reading.unit, limit) {
        (Unit::YesNo, _) => 1.0,
        (Unit::Count, Some(l)) if reading.bad == Direction::Below => l.ceil(),
        (Unit::Count, Some(l)) if reading.bad == Direction::Above => (l * 0.3).floor(),
        (Unit::Percent, Some(l)) => l.min(99.8),
        (_, Some(l)) => l,
        (Unit::Count, None) => 1200.0 + 40.0 * w,
        (_, None) => 1.0 + w,
    }
}

fn failed(kind: FailureKind, why: &str) -> Failure {
    Failure { kind, why: why.to_owned() }
}

fn attempt(endpoint: &str, ms: i64, said: &str) -> Attempt {
    Attempt { endpoint: Region::from(endpoint), took: Span::from_millis(ms), said: said.to_owned() }
}

/// The screen of a person.
pub fn setup(stage: &Stage, who: &str, theme: &str) -> Setup {
    let person = PersonName::from(who);
    Setup {
        hands: Hands::of(&stage.model.estate, &person),
        person: Some(person),
        pair: east(),
        theme: Theme::builtin(theme).unwrap(),
        keymap: Keymap::default(),
        approve: ApproveHint {
            program: "cargo run -q --".into(),
            folder: "/tmp/signalbox-demo/incident".into(),
            estate: None,
            key: Some("/tmp/signalbox-demo/keys/bob".into()),
            second_person: Some(PersonName::from("bob")),
        },
        mode: Mode::Demo,
    }
}

/// Six source servers, one of which is stalled, and a drill launch that ended with a failed server.
fn drs(now: Timestamp) -> (Vec<DrsServer>, Vec<DrsJob>) {
    let before = |seconds| now - Span::from_secs(seconds);
    let server = |n: i64| DrsServer {
        id: format!("s-{n:017}"),
        name: format!("app-{n:02}"),
        state: if n == 4 { "STALLED".into() } else { "CONTINUOUS".into() },
        lag: Some(Span::from_millis(if n == 4 { 1_260_000 } else { 700 + 130 * n })),
        backlog: Some(if n == 4 { 9_400_000_000 } else { 120_000 * n }),
        last_launch: (n < 3).then(|| "LAUNCHED".into()),
        snapshot: Some(before(45 * n)),
    };
    let status = |n: i64| (format!("s-{n:017}"), if n == 3 { "FAILED".to_owned() } else { "LAUNCHED".to_owned() });
    let line = |seconds, text: &str| (before(seconds), text.to_owned());
    let job = DrsJob {
        id: "drsjob-0123456789abcdef0".into(),
        kind: "LAUNCH".into(),
        initiated_by: "START_DRILL".into(),
        status: "COMPLETED".into(),
        servers: (1..=3).map(status).collect(),
        created: Some(before(1500)),
        change: None,
        log: vec![
            line(1500, "JOB_START"),
            line(1490, "SNAPSHOT_START s-00000000000000001"),
            line(1200, "LAUNCH_FAILED s-00000000000000003 InsufficientInstanceCapacity"),
            line(1180, "JOB_END"),
        ],
        log_failure: None,
    };
    ((1..=6).map(server).collect(), vec![job])
}

/// With source servers in both regions.
pub fn with_servers(mut stage: Stage) -> Stage {
    let servers: Vec<DrsServer> = (1..=40)
        .map(|n| DrsServer {
            id: format!("s-{n:017x}"),
            name: format!("sql-{n}"),
            state: if n == 7 { "STALLED".into() } else { "CONTINUOUS".into() },
            lag: None,
            backlog: Some(0),
            snapshot: None,
            last_launch: None,
        })
        .collect();
    stage.heard(
        SourceId::Drs(OHIO.into()),
        90,
        300,
        Ok(News::Drs { servers, jobs: Ok(Vec::new()), apart: Vec::new(), samples: Vec::new() }),
    );
    stage
}
