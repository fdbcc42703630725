//! Reading a scenario file: every fault at once, each at its line and column.

use serde::Deserialize;
use toml::Spanned;

use super::{EndpointAnswer, Fault, Faults, Happening, Pick, ResolverAnswer, Scenario, What};
use crate::estate::{
    AccountName, ControlState, Estate, HealthCheck, Lines, Region, ResolverName, Service, ServiceName, Side, SystemId,
    Tier,
};
use crate::sim::wire::Skew;
use crate::sim::world::{Api, CheckSetting, CheckWatches, DrsAnswer, DrsCall, Permission, Reach};
use crate::time::Span;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScenario {
    title: String,
    about: String,
    #[serde(default = "seven")]
    seed: u64,
    #[serde(default)]
    happening: Vec<Spanned<Raw>>,
}

fn seven() -> u64 {
    7
}

type Word = Option<Spanned<String>>;

/// One happening as written; which fields belong to which `what` is [`FIELDS`]'s business.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    at: Spanned<String>,
    #[serde(rename = "for")]
    lasts: Word,
    #[serde(default)]
    say: String,
    what: Spanned<String>,
    region: Word,
    service: Word,
    tier: Word,
    apis_after: Word,
    errors: Option<Spanned<f64>>,
    latency: Word,
    system: Word,
    reading: Word,
    side: Word,
    value: Option<Spanned<f64>>,
    servers: Option<Spanned<usize>>,
    by: Option<Spanned<f64>>,
    every: Word,
    endpoints: Option<Spanned<Vec<Spanned<String>>>>,
    answer: Word,
    api: Word,
    call: Word,
    done: Option<Spanned<bool>>,
    action: Word,
    account: Word,
    role: Word,
    resolver: Word,
    control: Word,
    state: Word,
    check: Word,
    inverted: Option<Spanned<bool>>,
    disabled: Option<Spanned<bool>>,
}

/// Each `what` with the fields it needs and those it may have.
pub const FIELDS: [(&str, &[&str], &[&str]); 18] = [
    ("region-down", &["region"], &["apis_after"]),
    ("service-down", &["region"], &["service", "tier"]),
    ("service-slow", &["region", "errors", "latency"], &["service", "tier"]),
    ("reading-set", &["system", "reading", "value"], &["side"]),
    ("reading-grow", &["system", "reading", "by", "every"], &["side"]),
    ("reading-stop", &["system"], &["reading", "side"]),
    ("replication-stall", &[], &["system"]),
    ("endpoints", &["endpoints", "answer"], &["latency"]),
    ("api-fails", &["api", "region", "answer"], &[]),
    ("drs-call-fails", &["call", "region", "answer"], &["done"]),
    ("drs-reversed", &["region", "servers"], &[]),
    ("permission-denied", &["action"], &[]),
    ("role-refused", &["account", "role"], &[]),
    ("sessions-end", &[], &[]),
    ("resolver-silent", &["resolver"], &[]),
    ("resolver-answers", &["resolver", "answer"], &[]),
    ("health-check-set", &["check"], &["inverted", "disabled"]),
    ("control-set", &["control", "state"], &[]),
];

pub(super) fn parse(text: &str, file: &str, estate: &Estate) -> Result<Scenario, Faults> {
    let raw: RawScenario = toml::from_str(text).map_err(|e| {
        let at = e.span().map_or(0, |span| span.start);
        Faults(vec![Fault::at(file, &Lines::of(text), at, &e.message().replace('\n', "; "))])
    })?;
    let mut reader = Reader { lines: Lines::of(text), file, estate, faults: Vec::new() };
    let happenings = raw.happening.iter().filter_map(|h| reader.happening(h)).collect();
    if reader.faults.is_empty() {
        Ok(Scenario { title: raw.title, about: raw.about, seed: raw.seed, happenings })
    } else {
        reader.faults.sort_by_key(|f| (f.line, f.column));
        Err(Faults(reader.faults))
    }
}

struct Reader<'a> {
    lines: Lines<'a>,
    file: &'a str,
    estate: &'a Estate,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, offset: usize, message: String) {
        self.faults.push(Fault::at(self.file, &self.lines, offset, &message));
    }

    fn happening(&mut self, spanned: &Spanned<Raw>) -> Option<Happening> {
        let raw = spanned.get_ref();
        let at = self.moment(&raw.at);
        let lasts = match &raw.lasts {
            Some(word) => Some(self.span(word)?),
            None => None,
        };
        let what = self.what(spanned.span().start, raw);
        Some(Happening { at: at?, lasts, say: raw.say.clone(), what: what? })
    }

    fn what(&mut self, start: usize, raw: &Raw) -> Option<What> {
        let name = raw.what.get_ref().as_str();
        let Some((_, needed, allowed)) = FIELDS.iter().find(|(n, ..)| *n == name) else {
            let names: Vec<&str> = FIELDS.iter().map(|(n, ..)| *n).collect();
            return self.unknown(&raw.what, "happening", &names);
        };
        let before = self.faults.len();
        for (field, offset) in raw.given() {
            if !needed.contains(&field) && !allowed.contains(&field) {
                self.fault(offset, format!("`{field}` has no meaning in a `{name}`"));
            }
        }
        for field in *needed {
            if !raw.given().iter().any(|(f, _)| f == field) {
                self.fault(start, format!("a `{name}` needs `{field}`"));
            }
        }
        if self.faults.len() > before {
            return None;
        }
        match name {
            "region-down" => Some(What::RegionDown {
                region: self.region(raw.region.as_ref()?)?,
                apis_after: raw.apis_after.as_ref().map_or(Some(Span::ZERO), |w| self.span(w))?,
            }),
            "service-down" => {
                let region = self.region(raw.region.as_ref()?)?;
                Some(What::ServiceDown { services: self.services(raw, &region)?, region })
            }
            "service-slow" => {
                let region = self.region(raw.region.as_ref()?)?;
                let errors = raw.errors.as_ref()?;
                if !(0.0..=100.0).contains(errors.get_ref()) {
                    self.fault(errors.span().start, "`errors` is a share in per cent, 0 to 100".into());
                    return None;
                }
                Some(What::ServiceSlow {
                    services: self.services(raw, &region)?,
                    region,
                    errors: errors.get_ref() / 100.0,
                    latency: self.span(raw.latency.as_ref()?)?,
                })
            }
            "reading-set" => Some(What::ReadingSet { reading: self.pick(raw)?, value: *raw.value.as_ref()?.get_ref() }),
            "reading-grow" => {
                let every = raw.every.as_ref()?;
                let span = self.span(every)?;
                if span.is_zero() {
                    self.fault(every.span().start, "`every` must be longer than nothing".into());
                    return None;
                }
                Some(What::ReadingGrow { reading: self.pick(raw)?, by: *raw.by.as_ref()?.get_ref(), every: span })
            }
            "reading-stop" => Some(What::ReadingStop { reading: self.pick(raw)? }),
            "replication-stall" => Some(What::ReplicationStall { systems: self.stalled(raw)? }),
            "endpoints" => self.endpoints(raw),
            "api-fails" => Some(What::ApiFails {
                api: self.one_of(raw.api.as_ref()?, "API", &APIS)?,
                region: self.region(raw.region.as_ref()?)?,
                answer: self.one_of(raw.answer.as_ref()?, "answer", &REACHES)?,
            }),
            "drs-call-fails" => Some(What::DrsCallFails {
                call: self.one_of(raw.call.as_ref()?, "operation of DRS", &DrsCall::ALL.map(|c| (c.as_str(), c)))?,
                region: self.region(raw.region.as_ref()?)?,
                answer: self.one_of(raw.answer.as_ref()?, "answer", &DRS_ANSWERS)?,
                done: raw.done.as_ref().is_some_and(|done| *done.get_ref()),
            }),
            "drs-reversed" => Some(What::DrsReversed {
                region: self.region(raw.region.as_ref()?)?,
                servers: *raw.servers.as_ref()?.get_ref(),
            }),
            "resolver-silent" => Some(What::ResolverSilent { resolver: self.resolver(raw)? }),
            "resolver-answers" => Some(What::ResolverAnswers {
                resolver: self.resolver(raw)?,
                answer: self.one_of(raw.answer.as_ref()?, "answer", &RESOLVERS)?,
            }),
            "permission-denied" => {
                let table = Permission::ALL.map(|p| (p.action(), p));
                let permission = self.one_of(raw.action.as_ref()?, "permission", &table)?;
                Some(What::PermissionDenied { permission })
            }
            "role-refused" => Some(What::RoleRefused {
                account: self.account(raw)?,
                act: self.one_of(raw.role.as_ref()?, "role", &ROLES)?,
            }),
            "sessions-end" => Some(What::SessionsEnd),
            "health-check-set" => {
                let word = raw.check.as_ref()?;
                let of = |c: &&HealthCheck| &c.name == word.get_ref() || c.id.as_str() == word.get_ref();
                let Some(check) = self.estate.health_checks.iter().find(of) else {
                    let names: Vec<&str> = self.estate.health_checks.iter().map(|c| c.name.as_str()).collect();
                    return self.unknown(word, "health check", &names);
                };
                let said = |word: &Option<Spanned<bool>>| word.as_ref().is_some_and(|said| *said.get_ref());
                let (inverted, disabled) = (said(&raw.inverted), said(&raw.disabled));
                let set = CheckSetting { watches: CheckWatches::Endpoint, inverted, disabled };
                Some(What::HealthCheckSet { check: check.id.clone(), set })
            }
            "control-set" => {
                let word = raw.control.as_ref()?;
                let state = self.one_of(raw.state.as_ref()?, "state", &STATES)?;
                let found =
                    self.estate.controls().find(|c| &c.name == word.get_ref() || c.arn.as_str() == word.get_ref());
                match found {
                    Some(c) => Some(What::ControlSet { control: c.arn.clone(), state }),
                    None => {
                        let names: Vec<&str> = self.estate.controls().map(|c| c.name.as_str()).collect();
                        self.unknown(word, "routing control", &names)
                    }
                }
            }
            _ => None,
        }
    }

    fn account(&mut self, raw: &Raw) -> Option<AccountName> {
        let word = raw.account.as_ref()?;
        let names: Vec<&str> = self.estate.accounts.iter().map(|a| a.name.as_str()).collect();
        match names.iter().find(|name| **name == word.get_ref().as_str()) {
            Some(name) => Some(AccountName::from(*name)),
            None => self.unknown(word, "account", &names),
        }
    }

    fn resolver(&mut self, raw: &Raw) -> Option<ResolverName> {
        let word = raw.resolver.as_ref()?;
        let names: Vec<&str> = self.estate.resolvers.iter().map(|r| r.name.as_str()).collect();
        match self.estate.resolvers.iter().find(|r| r.name.as_str() == word.get_ref()) {
            Some(r) => Some(r.name.clone()),
            None => self.unknown(word, "resolver", &names),
        }
    }

    /// When something happens: from the beginning on, or some time before it (`-48 h`), for figures that are published
    /// twice a day.
    fn moment(&mut self, word: &Spanned<String>) -> Option<Span> {
        match word.get_ref().parse::<Span>() {
            Ok(span) if span.is_negative() && span > Span::from_hours(-24 * 366) => Some(span),
            _ => self.span(word),
        }
    }

    fn span(&mut self, word: &Spanned<String>) -> Option<Span> {
        match word.get_ref().parse::<Span>() {
            Ok(span) if !span.is_negative() && span < Span::from_hours(24 * 366) => Some(span),
            Ok(_) => {
                self.fault(word.span().start, format!("`{}` is not a time from now on, within a year", word.get_ref()));
                None
            }
            Err(_) => {
                let message = format!("`{}` is not a span of time such as `20 s` or `1 min 30 s`", word.get_ref());
                self.fault(word.span().start, message);
                None
            }
        }
    }

    /// `active`, `standby` (of the first pair), `PAIR.active`, `PAIR.standby`, or a region's own name.
    fn region(&mut self, word: &Spanned<String>) -> Option<Region> {
        let text = word.get_ref().as_str();
        let (pair, side) = text.split_once('.').map_or((None, text), |(p, s)| (Some(p), s));
        let side = match side {
            "active" => Some(Side::Active),
            "standby" => Some(Side::Standby),
            _ => None,
        };
        if let Some(side) = side {
            let found = self.estate.pairs.iter().find(|p| pair.is_none_or(|name| p.name.as_str() == name));
            if let Some(found) = found {
                return Some(found.region(side).clone());
            }
        }
        if let Some(found) = self.estate.regions.iter().find(|r| r.name.as_str() == text) {
            return Some(found.name.clone());
        }
        let sides =
            self.estate.pairs.iter().flat_map(|p| [format!("{}.active", p.name), format!("{}.standby", p.name)]);
        let names: Vec<String> = ["active".to_owned(), "standby".to_owned()]
            .into_iter()
            .chain(sides)
            .chain(self.estate.regions.iter().map(|r| r.name.as_str().to_owned()))
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.unknown(word, "region", &names)
    }

    fn services(&mut self, raw: &Raw, region: &Region) -> Option<Vec<ServiceName>> {
        let here: Vec<&Service> = self.estate.services.iter().filter(|s| s.control(region).is_some()).collect();
        if let Some(word) = &raw.service {
            let names: Vec<&str> = here.iter().map(|s| s.name.as_str()).collect();
            if !names.contains(&word.get_ref().as_str()) {
                return self.unknown(word, "service of that region", &names);
            }
        }
        let tier = match &raw.tier {
            Some(word) => Some(self.one_of(word, "tier", &TIERS)?),
            None => None,
        };
        let wanted = |s: &&Service| {
            raw.service.as_ref().is_none_or(|w| s.name.as_str() == w.get_ref()) && tier.is_none_or(|t| s.tier == t)
        };
        Some(here.into_iter().filter(wanted).map(|s| s.name.clone()).collect())
    }

    fn pick(&mut self, raw: &Raw) -> Option<Pick> {
        let word = raw.system.as_ref()?;
        let Some(system) = self.estate.systems.iter().find(|s| s.id.as_str() == word.get_ref()) else {
            let names: Vec<&str> = self.estate.systems.iter().map(|s| s.id.as_str()).collect();
            return self.unknown(word, "system", &names);
        };
        let reading = match &raw.reading {
            None => None,
            Some(word) => match system.readings.iter().find(|r| r.id.as_str() == word.get_ref()) {
                Some(r) => Some(r.id.clone()),
                None => {
                    let names: Vec<&str> = system.readings.iter().map(|r| r.id.as_str()).collect();
                    return self.unknown(word, "reading of that system", &names);
                }
            },
        };
        let side = match &raw.side {
            Some(word) => Some(self.one_of(word, "side", &SIDES)?),
            None => None,
        };
        Some(Pick { system: system.id.clone(), reading, side })
    }

    fn stalled(&mut self, raw: &Raw) -> Option<Vec<SystemId>> {
        if raw.system.is_some() {
            return Some(vec![self.pick(raw)?.system]);
        }
        Some(self.estate.systems.iter().map(|s| s.id.clone()).collect())
    }

    /// Endpoints by region or by number from 1; a number past the cluster's last is a fault.
    fn endpoints(&mut self, raw: &Raw) -> Option<What> {
        let all = &self.estate.cluster.endpoints;
        let mut endpoints = Vec::new();
        for word in raw.endpoints.as_ref()?.get_ref() {
            let by_number = word.get_ref().parse::<usize>().ok().and_then(|n| all.get(n.checked_sub(1)?));
            let Some(found) = by_number.or_else(|| all.iter().find(|e| e.region.as_str() == word.get_ref())) else {
                let names: Vec<&str> = all.iter().map(|e| e.region.as_str()).collect();
                return self.unknown(word, "cluster endpoint", &names);
            };
            endpoints.push(found.region.clone());
        }
        let answer = raw.answer.as_ref()?;
        let answer = if answer.get_ref() == "slow" {
            let Some(latency) = &raw.latency else {
                self.fault(answer.span().start, "a slow endpoint needs `latency`".into());
                return None;
            };
            EndpointAnswer::Slow(self.span(latency)?)
        } else {
            self.one_of(answer, "answer", &ANSWERS)?
        };
        Some(What::Endpoints { endpoints, answer })
    }

    fn one_of<T: Copy>(&mut self, word: &Spanned<String>, what: &str, table: &[(&str, T)]) -> Option<T> {
        if let Some((_, value)) = table.iter().find(|(n, _)| n == word.get_ref()) {
            return Some(*value);
        }
        let names: Vec<&str> = table.iter().map(|(n, _)| *n).collect();
        self.unknown(word, what, &names)
    }

    fn unknown<T>(&mut self, word: &Spanned<String>, what: &str, names: &[&str]) -> Option<T> {
        let found = word.get_ref();
        let near = names
            .iter()
            .map(|n| (strsim::jaro_winkler(found, n), n))
            .filter(|(score, _)| *score > 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let hint = match near {
            Some((_, name)) => format!("; did you mean `{name}`?"),
            None => format!(
                "; there are {}",
                names.iter().take(12).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
            ),
        };
        self.fault(word.span().start, format!("no {what} is called `{found}`{hint}"));
        None
    }
}

const APIS: [(&str, Api); 7] = [
    ("cloudwatch", Api::Cloudwatch),
    ("ec2", Api::Ec2),
    ("drs", Api::Drs),
    ("sts", Api::Sts),
    ("iam", Api::Iam),
    ("route53", Api::Route53),
    ("control-config", Api::ControlConfig),
];
const REACHES: [(&str, Reach); 10] = [
    ("hang", Reach::Hang),
    ("refuse", Reach::Refuse),
    ("unavailable", Reach::Unavailable),
    ("throttle", Reach::Throttle),
    ("garbled", Reach::Garbled),
    ("endless", Reach::Endless),
    ("empty", Reach::Empty),
    ("leap-second", Reach::LeapSecond),
    ("clock-behind", Reach::Clock(Skew::Behind)),
    ("clock-ahead", Reach::Clock(Skew::Ahead)),
];
const DRS_ANSWERS: [(&str, DrsAnswer); 10] = [
    ("hang", DrsAnswer::Hang),
    ("refuse", DrsAnswer::Refuse),
    ("internal", DrsAnswer::Internal),
    ("unavailable", DrsAnswer::Unavailable),
    ("throttle", DrsAnswer::Throttle),
    ("conflict", DrsAnswer::Conflict),
    ("quota", DrsAnswer::Quota),
    ("garbled", DrsAnswer::Garbled),
    ("empty-page", DrsAnswer::EmptyPage),
    ("no-end", DrsAnswer::NoEnd),
];
const ANSWERS: [(&str, EndpointAnswer); 12] = [
    ("hang", EndpointAnswer::Hang),
    ("hang-after", EndpointAnswer::HangAfter),
    ("refuse", EndpointAnswer::Refuse),
    ("unavailable", EndpointAnswer::Unavailable),
    ("internal", EndpointAnswer::Internal),
    ("throttle", EndpointAnswer::Throttle),
    ("conflict", EndpointAnswer::Conflict),
    ("garbled", EndpointAnswer::Garbled),
    ("endless", EndpointAnswer::Endless),
    ("empty", EndpointAnswer::Empty),
    ("clock-behind", EndpointAnswer::Clock(Skew::Behind)),
    ("clock-ahead", EndpointAnswer::Clock(Skew::Ahead)),
];
const TIERS: [(&str, Tier); 3] =
    [("critical", Tier::Critical), ("important", Tier::Important), ("standard", Tier::Standard)];
const SIDES: [(&str, Side); 2] = [("active", Side::Active), ("standby", Side::Standby)];
const RESOLVERS: [(&str, ResolverAnswer); 8] = [
    ("only-ipv6", ResolverAnswer::OnlyIpv6),
    ("ipv6-fails", ResolverAnswer::Ipv6Fails),
    ("refuses-edns", ResolverAnswer::RefusesEdns),
    ("ignores-edns", ResolverAnswer::IgnoresEdns),
    ("truncates", ResolverAnswer::Truncates),
    ("rotates", ResolverAnswer::Rotates),
    ("balancers-fail", ResolverAnswer::BalancersFail),
    ("one-for-all", ResolverAnswer::OneForAll),
];
const ROLES: [(&str, bool); 2] = [("look", false), ("act", true)];
const STATES: [(&str, ControlState); 2] = [("On", ControlState::On), ("Off", ControlState::Off)];

impl Raw {
    /// The optional fields that were written, each with its place.
    fn given(&self) -> Vec<(&'static str, usize)> {
        let words = [
            ("region", &self.region),
            ("service", &self.service),
            ("tier", &self.tier),
            ("apis_after", &self.apis_after),
            ("latency", &self.latency),
            ("system", &self.system),
            ("reading", &self.reading),
            ("side", &self.side),
            ("every", &self.every),
            ("answer", &self.answer),
            ("api", &self.api),
            ("call", &self.call),
            ("action", &self.action),
            ("account", &self.account),
            ("role", &self.role),
            ("resolver", &self.resolver),
            ("control", &self.control),
            ("state", &self.state),
            ("check", &self.check),
        ];
        let figures = [("errors", &self.errors), ("value", &self.value), ("by", &self.by)];
        let words = words.into_iter().filter_map(|(n, w)| w.as_ref().map(|w| (n, w.span().start)));
        let figures = figures.into_iter().filter_map(|(n, f)| f.as_ref().map(|f| (n, f.span().start)));
        let answers = [("done", &self.done), ("inverted", &self.inverted), ("disabled", &self.disabled)];
        let answers = answers.into_iter().filter_map(|(n, a)| a.as_ref().map(|a| (n, a.span().start)));
        let servers = self.servers.as_ref().map(|n| ("servers", n.span().start));
        let endpoints = self.endpoints.as_ref().map(|e| ("endpoints", e.span().start));
        words.chain(figures).chain(answers).chain(servers).chain(endpoints).collect()
    }
}
