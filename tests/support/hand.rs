//! A small estate and a hand that feeds a model events: what tests of the pure rooms share.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::sync::Arc;

use signalbox::change::{Draft, Hands, Nonce};
use signalbox::effect::Effect;
use signalbox::estate::{
    ControlArn, ControlState, Estate, HealthCheckId, PairName, PersonName, Region, ResolverName, ServiceName,
};
use signalbox::event::*;
use signalbox::model::Model;
use signalbox::time::{Span, Stamp, Timestamp};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};

/// Two services over one pair, with a safety rule each, a gate, four resolvers and three people.
pub const ESTATE: &str = include_str!("small.toml");

/// The seed of a person's test key.
pub fn seed_of(name: &str) -> u8 {
    match name {
        "alice" => 1,
        "bob" => 2,
        "robert" => 3,
        "carol" => 4,
        "dave" => 5,
        _ => 6,
    }
}

/// The test key of a person.
pub fn key_of(name: &str) -> PrivateKey {
    PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&[seed_of(name); 32])), name).expect("a key")
}

/// What a person's key signs.
pub fn signed(key: &PrivateKey, namespace: &str, text: &str) -> String {
    let sig = key.sign(namespace, HashAlg::Sha512, text.as_bytes()).expect("a signature");
    sig.to_pem(LineEnding::LF).expect("armor")
}

/// The small estate, with these people's public keys put in; alice and bob have their test keys else.
pub fn estate(keys: &[(&str, &str)]) -> Estate {
    let mut estate = Estate::parse(ESTATE, "tests/support/small.toml").expect("the test estate is valid");
    for person in estate.people.iter_mut().filter(|p| !p.keys.is_empty()) {
        person.keys = vec![key_of(person.name.as_str()).public_key().to_openssh().expect("a public key").into()];
    }
    for (name, key) in keys {
        for person in estate.people.iter_mut().filter(|p| p.name.as_str() == *name) {
            person.keys = vec![(*key).into()];
        }
    }
    estate
}

pub fn arn(name: &str) -> ControlArn {
    let id = match name {
        "portal-us-east-1" => "0000000000000a01",
        "portal-us-east-2" => "0000000000000a02",
        "api-us-east-1" => "0000000000000b01",
        "api-us-east-2" => "0000000000000b02",
        "failover-allowed" => "0000000000000c01",
        other => panic!("no control {other}"),
    };
    ControlArn::new(format!(
        "arn:aws:route53-recovery-control::111122223333:controlpanel/0123456789abcdef0123456789abcdef/routingcontrol/{id}"
    ))
}

pub fn start() -> Stamp {
    Stamp { mono: Span::from_secs(1000), wall: "2026-11-24T18:38:00Z".parse::<Timestamp>().expect("a time") }
}

/// A model, its time, and what it asked for.
pub struct Hand {
    pub model: Model,
    pub at: Stamp,
    pub effects: Vec<Effect>,
    /// The journal answers only when it is asked to (`record_all`).
    pub hold: bool,
}

impl Hand {
    pub fn new(estate: Estate) -> Self {
        let at = start();
        Self { model: Model::new(Arc::new(estate), "boot-1", at), at, effects: Vec::new(), hold: false }
    }

    /// Time goes on, second by second.
    pub fn wait(&mut self, seconds: i64) -> &mut Self {
        for _ in 0..seconds {
            self.at = self.at.plus(Span::from_secs(1));
            self.tell(What::Tick);
        }
        self
    }

    /// Tells the model; everybody's key signs what it is asked to, and the journal answers unless it is held.
    pub fn tell(&mut self, what: What) -> Vec<Effect> {
        let mut queue: std::collections::VecDeque<_> = self.model.update(Event { at: self.at, what }).into();
        let mut all = Vec::new();
        while let Some(effect) = queue.pop_front() {
            let answer = match &effect {
                Effect::Sign(id, errand) => {
                    let key = key_of(errand.by.as_str());
                    Some(What::Signed(*id, Ok(signed(&key, errand.act.namespace(), &errand.text))))
                }
                Effect::Record(id, _) if !self.hold => Some(What::Recorded(*id)),
                _ => None,
            };
            all.push(effect);
            queue.extend(answer.into_iter().flat_map(|what| self.model.update(Event { at: self.at, what })));
        }
        self.effects.extend(all.iter().cloned());
        all
    }

    /// Somebody else's key approves a change, by way of the incident folder.
    pub fn approve(&mut self, by: &str, change: signalbox::change::Digest) -> Vec<Effect> {
        let text = self.model.changes.get(&change).expect("a change").text.canonical();
        let armored = signed(&key_of(by), signalbox::change::NAMESPACE, &text);
        let by = signalbox::change::Courier::incident_folder();
        self.tell(What::Asked(Ask::Signature { armored, by, of: None }))
    }

    pub fn heard(&mut self, source: SourceId, news: News) {
        self.tell(What::Heard(Heard {
            source,
            took: Span::from_millis(40),
            fresh_for: Span::from_secs(30),
            news: Ok(news),
        }));
    }

    pub fn failed(&mut self, source: SourceId, why: &str) {
        let failure = Failure { kind: FailureKind::Timeout, why: why.to_owned() };
        self.tell(What::Heard(Heard {
            source,
            took: Span::from_secs(2),
            fresh_for: Span::from_secs(30),
            news: Err(failure),
        }));
    }

    /// Every endpoint shows these states; controls that are not named are as on a normal day.
    pub fn levers(&mut self, other: &[(&str, ControlState)]) {
        let regions: Vec<_> = self.model.estate.cluster.endpoints.iter().map(|e| e.region.clone()).collect();
        for region in regions {
            self.lever_at(&region, other);
        }
    }

    pub fn lever_at(&mut self, endpoint: &Region, other: &[(&str, ControlState)]) {
        use ControlState::{Off, On};
        let mut states: BTreeMap<_, _> = [
            ("portal-us-east-1", On),
            ("portal-us-east-2", Off),
            ("api-us-east-1", On),
            ("api-us-east-2", Off),
            ("failover-allowed", On),
        ]
        .into_iter()
        .map(|(name, state)| (arn(name), state))
        .collect();
        for (name, state) in other {
            states.insert(arn(name), *state);
        }
        self.heard(SourceId::Arc(endpoint.clone()), News::Controls(states));
    }

    /// All resolvers answer that all names lead to `region`.
    pub fn dns(&mut self, region: &str) {
        for resolver in ["r1", "r2", "r3", "r4"] {
            self.dns_at(resolver, region);
        }
    }

    pub fn dns_at(&mut self, resolver: &str, region: &str) {
        let answers = ["portal.example.com", "api.example.com"]
            .map(|name| DnsAnswer {
                name: name.into(),
                answers: Ok(vec!["192.0.2.1".into()]),
                ttl: 60,
                leads: Leads::To(Region::from(region)),
            })
            .to_vec();
        self.heard(SourceId::Dns(ResolverName::from(resolver)), News::Dns(answers));
    }

    pub fn check(&mut self, id: &str, healthy: u16) {
        let checkers = Checkers { healthy, of: 16, reason: None };
        let status = CheckStatus::of_endpoint(HealthCheckId::from(id), checkers);
        self.heard(SourceId::Route53(HealthCheckId::from(id)), News::Check(status));
    }

    pub fn probe(&mut self, service: &str, region: &str, status: u16) {
        let source = SourceId::Probe(ServiceName::from(service), Region::from(region));
        self.heard(source, News::Probe(ProbeAnswer { status, took: Span::from_millis(30) }));
    }

    pub fn reading(&mut self, system: &str, reading: &str, place: Place, value: Option<f64>) {
        let region = if place == Place::Active { "us-east-1" } else { "us-east-2" };
        let key = ReadingKey { system: system.into(), reading: reading.into(), place };
        let sample = Sample { key, value: value.into(), measured: self.at.wall, fresh_for: Span::from_secs(120) };
        self.heard(SourceId::Cloudwatch(region.into()), News::Readings(vec![sample]));
    }

    /// Everything is well and traffic is in us-east-1.
    pub fn calm(&mut self) -> &mut Self {
        self.levers(&[]);
        self.dns("us-east-1");
        for (service, region) in
            [("portal", "us-east-1"), ("portal", "us-east-2"), ("api", "us-east-1"), ("api", "us-east-2")]
        {
            self.probe(service, region, 200);
        }
        for id in ["check-portal-1", "check-portal-2", "check-api-1", "check-api-2"] {
            self.check(id, 16);
        }
        for place in [Place::Active, Place::Standby] {
            self.reading("portal-alb", "healthy", place, Some(12.0));
        }
        self.reading("ag", "lag", Place::Link, Some(4.8));
        self
    }

    /// us-east-1 fails as its users see it.
    pub fn outage(&mut self) -> &mut Self {
        self.check("check-portal-1", 1);
        self.check("check-api-1", 0);
        self.probe("portal", "us-east-1", 503);
        self.probe("api", "us-east-1", 503);
        self.reading("portal-alb", "healthy", Place::Active, Some(0.0));
        self
    }

    pub fn draft(&self) -> Draft {
        let mut draft =
            Draft::towards(&self.model.estate, &PairName::from("east"), &Region::from("us-east-2")).expect("a draft");
        draft.reason = "portal targets gone, INC-4471".into();
        draft
    }

    pub fn propose(&mut self, by: &str, draft: Draft, nonce: u128) -> Vec<Effect> {
        let by = Hands::of(&self.model.estate, &PersonName::from(by)).operator.expect("an operator");
        self.tell(What::Asked(Ask::Propose { by, draft, nonce: Nonce(nonce) }))
    }

    /// The journal answers everything that was asked of it so far.
    pub fn record_all(&mut self) -> Vec<Effect> {
        let mut out = Vec::new();
        let ids: Vec<_> = std::mem::take(&mut self.effects)
            .into_iter()
            .filter_map(|e| if let Effect::Record(id, _) = e { Some(id) } else { None })
            .collect();
        for id in ids {
            out.extend(self.tell(What::Recorded(id)));
        }
        out
    }
}

/// The controls of a change, to be tampered with.
pub fn flips(text: &mut signalbox::change::ChangeText) -> &mut Vec<signalbox::change::Flip> {
    match &mut text.work {
        signalbox::change::Work::Controls { flips, .. } => flips,
        signalbox::change::Work::Launch(_) => panic!("a launch has no controls"),
    }
}
