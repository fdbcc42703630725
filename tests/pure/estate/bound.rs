//! What of an estate is bound: all that decides, however it is written, and nothing else.

use proptest::prelude::*;
use serde_json::Value;
use signalbox::estate::{Bound, Estate, ListedKey};
use signalbox::time::Span;

use super::{files, parse, shipped};

/// What a console may have otherwise and still decide alike.
const FREE: &[&str] = &[
    "accounts.look.profile",
    "poll",
    "presenter",
    "discover",
    "endpoints",
    "notify",
    "resolvers",
    "cluster.endpoints.url",
    "regions.title",
    "pairs.panel_name",
    "pairs.runbook",
    "systems.runbook",
    "services.probes.url",
];

fn estates() -> Vec<Estate> {
    files("valid").iter().map(|path| parse(path).unwrap()).collect()
}

fn groups() -> Estate {
    let path = files("valid").into_iter().find(|p| p.ends_with("groups.toml")).unwrap();
    parse(&path).unwrap()
}

/// What no journal could keep is a fault of the file, and not of whoever proposes with it.
#[test]
fn an_estate_that_no_journal_could_keep_is_a_fault() {
    use signalbox::estate::LONGEST_BOUND;
    let of = |length: usize| {
        let mut estate = shipped("guiding-care.toml");
        let before = estate.bound().text().len() - estate.systems[0].name.len();
        estate.systems[0].name = "n".repeat(length - before);
        assert_eq!(estate.bound().text().len(), length);
        Estate::parse(&estate.to_toml().unwrap(), "e.toml")
    };
    assert!(of(LONGEST_BOUND).is_ok());
    let fault = of(LONGEST_BOUND + 1).unwrap_err().to_string();
    let told = format!("is {} bytes long, and a journal keeps at most {LONGEST_BOUND}", LONGEST_BOUND + 1);
    assert!(fault.starts_with("e.toml:1:1: ") && fault.contains(&told), "{fault}");
}

#[test]
fn what_is_bound_is_read_back() {
    for estate in estates().into_iter().chain(["guiding-care.toml", "starter.toml"].map(shipped)) {
        let bound = estate.bound();
        let again = Bound::read(bound.text()).unwrap();
        assert_eq!(again, bound);
        assert_eq!(again.estate(), bound.estate());
        assert_eq!(bound.estate().bound(), bound, "what was left out decides something");
        assert_eq!(bound.differences(&again), []);
        assert_eq!(bound.estate().people.len(), estate.people.len());
    }
    let text = shipped("guiding-care.toml").bound().text().len();
    assert!(text < 128 * 1024, "the shipped estate's text has {text} bytes");
}

#[test]
fn addresses_and_comments_are_not_bound() {
    let estate = shipped("guiding-care.toml");
    let bound = estate.bound();
    for address in ["://", "8.8.8.8", "alice@guidingcare.com"] {
        assert!(!bound.text().contains(address), "{address}");
    }
    assert!(bound.estate().cluster.endpoints.iter().all(|e| e.url.is_empty()));
    assert_eq!(bound.estate().cluster.endpoints.len(), 5);
    let mut other = estate.clone();
    other.cluster.endpoints[0].url = "https://127.0.0.1:4000/v1".into();
    other.endpoints.route53 = Some("https://127.0.0.1:4001".into());
    other.services[0].probes[0].url = "https://127.0.0.1:4002/healthz".into();
    other.resolvers.clear();
    other.poll.arc = Span::from_secs(77);
    let key = other.people[0].keys[0].text().split(' ').take(2).collect::<Vec<_>>().join("  ");
    other.people[0].keys[0] = ListedKey::from(format!("{key}   somebody else"));
    assert_eq!(other.bound().text(), bound.text());
}

#[test]
fn spelling_and_order_are_not_bound() {
    let text = include_str!("../../estate/valid/every-part.toml");
    let as_is = Estate::parse(text, "f.toml").unwrap().bound();
    let other = text
        .replace("\"PT60S\"", "\"1m\"")
        .replace("\"24h\"", "\"1440m\"")
        .replace("fail = 2\n", "fail = 2.0 # two\n")
        .replace("roles = [\"operator\", \"approver\"]", "roles = [\"approver\", \"operator\"]");
    assert_ne!(other, text);
    // The tables the other way round.
    let mut parts: Vec<String> = Vec::new();
    let mut name = String::new();
    for line in other.lines() {
        let inner = line.starts_with("[[services.") || line.starts_with("[[systems.");
        if line.starts_with('[') && !inner {
            parts.push(String::new());
        }
        match parts.last_mut() {
            Some(part) => part.push_str(&format!("{line}\n")),
            None => name.push_str(&format!("{line}\n")),
        }
    }
    let turned = name + &parts.into_iter().rev().collect::<String>();
    let turned = Estate::parse(&turned, "turned.toml").unwrap_or_else(|f| panic!("{f}"));
    assert_ne!(turned, Estate::parse(text, "f.toml").unwrap());
    assert_eq!(turned.bound().text(), as_is.text());
}

/// Values to put in place of one, some of which its type takes.
fn others(value: &Value) -> Vec<Value> {
    let words = [
        "x",
        "7m",
        "2031-01-01T00:00:00Z",
        "observer",
        "standard",
        "important",
        "seconds",
        "percent",
        "below",
        "above",
        "OR",
        "AND",
        "ATLEAST",
        "lag",
        "capacity",
        "each",
        "active",
        "Sum",
        "Maximum",
        "compute",
        "arming",
        "control",
        "9.9.9.9:53",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOPbP3Dz6/BGtx4HJNXKGlsz/qv+QON3DIBOXdBQETB5",
    ];
    match value {
        Value::String(text) => words.iter().map(|w| Value::from(*w)).chain([Value::from(format!("{text}x"))]).collect(),
        Value::Number(n) if n.is_u64() => vec![Value::from(n.as_u64().unwrap() + 1)],
        Value::Number(n) => vec![Value::from(n.as_f64().unwrap() + 0.25)],
        Value::Bool(yes) => vec![Value::from(!yes)],
        _ => Vec::new(),
    }
}

/// Every plain value with its path, list indexes by themselves.
fn leaves(value: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(table) => table.iter().map(|(k, v)| (k.clone(), v)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(i, v)| (i.to_string(), v)).collect(),
        _ => return found.push(path.clone()),
    };
    for (name, value) in inner {
        path.push(name);
        leaves(value, path, found);
        path.pop();
    }
}

fn is_free(path: &[String]) -> bool {
    let names: Vec<&str> = path.iter().filter(|p| p.parse::<usize>().is_err()).map(String::as_str).collect();
    let name = names.join(".");
    FREE.iter().any(|free| name == *free || name.starts_with(&format!("{free}.")))
}

/// Whatever is changed in an estate, one value at a time, is seen, unless it stands in the list of what is not bound.
#[test]
fn whatever_decides_is_bound() {
    let (mut tried, mut untried) = (0, Vec::new());
    for estate in [groups(), Estate::parse(include_str!("../../estate/valid/every-part.toml"), "f").unwrap()] {
        let bound = estate.bound();
        let tree = serde_json::to_value(&estate).unwrap();
        let mut paths = Vec::new();
        leaves(&tree, &mut Vec::new(), &mut paths);
        for path in paths {
            let pointer = format!("/{}", path.join("/"));
            let value = tree.pointer(&pointer).unwrap();
            let changed = others(value).into_iter().filter(|v| v != value).find_map(|other| {
                let mut tree = tree.clone();
                *tree.pointer_mut(&pointer).unwrap() = other;
                serde_json::from_value::<Estate>(tree).ok().filter(|other| *other != estate)
            });
            let Some(changed) = changed else {
                untried.push(pointer);
                continue;
            };
            tried += 1;
            let changed = changed.bound();
            let differences = bound.differences(&changed);
            assert_eq!(changed.text() == bound.text(), is_free(&path), "{pointer}");
            assert_eq!(differences.is_empty(), is_free(&path), "{pointer}: {differences:?}");
            assert!(differences.is_sorted());
        }
    }
    // The kind of a rule and where a reading comes from cannot be changed alone.
    assert!(untried.iter().all(|p| p.ends_with("/kind") || p.ends_with("/from")), "{untried:?}");
    assert!(tried > 150, "{tried}");
}

#[test]
fn what_differs_is_told_by_its_place() {
    let ours = shipped("guiding-care.toml");
    let mut theirs = ours.clone();
    let system = theirs.systems.iter_mut().find(|s| s.id.as_str() == "drs-east").unwrap();
    let lag = system.readings.iter_mut().find(|r| r.id.as_str() == "lag").unwrap();
    let was = lag.fail.unwrap();
    lag.fail = Some(was * 10.0);
    theirs.people[0].roles.pop();
    theirs.people[1].groups.push("dba\u{202e}".into());
    theirs.people.remove(2);
    theirs.policy.approvals = 9;
    theirs.systems.retain(|s| s.id.as_str() != "redis-east");
    let differences = theirs.bound().differences(&ours.bound());
    let told: Vec<String> = differences
        .iter()
        .map(|d| {
            let short =
                |text: &Option<String>| text.as_ref().map_or("-".into(), |t| t.chars().take(24).collect::<String>());
            format!("{}: {} / {}", d.place, short(&d.theirs), short(&d.ours))
        })
        .collect();
    assert_eq!(
        told,
        [
            "people.alice.roles: operator / approver, operator".to_owned(),
            "people.bob.groups: dba‹U+202E› / -".to_owned(),
            "people.carol: - / {\"keys\":[\"ssh-ed25519 AA".to_owned(),
            "policy.approvals: 9 / 1".to_owned(),
            format!("systems.drs-east.readings.lag.fail: {:?} / {was:?}", was * 10.0),
            "systems.redis-east: - / {\"id\":\"redis-east\",\"laye".to_owned(),
        ]
    );
}

#[test]
fn a_key_that_differs_is_told_by_its_fingerprint() {
    let ours = groups();
    let mut theirs = ours.clone();
    theirs.people[1].keys[0] = theirs.people[1].keys[0].clone().until("2027-01-01T00:00:00Z".parse().unwrap());
    theirs.policy.rules[1].approvals[0].count = 2;
    theirs.policy.revoked_keys.clear();
    let print = ours.people[1].keys[0].public().unwrap().fingerprint(ssh_key::HashAlg::Sha256);
    let places: Vec<String> = theirs.bound().differences(&ours.bound()).into_iter().map(|d| d.place).collect();
    assert_eq!(places[0], format!("people.ben.keys.{print}.valid_until"));
    assert_eq!(places[1], "policy.revoked_keys");
    assert_eq!(places[2], "policy.rules.drill-launch+launch.approvals.dba.count");
    assert_eq!(places.len(), 3);
}

#[test]
fn what_is_no_such_text_is_refused() {
    let text = groups().bound().text().to_owned();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)).step_by(13) {
        assert!(Bound::read(&text[..end]).is_err());
    }
    for (from, to) in [
        ("signalbox-estate 1", "signalbox-estate 2"),
        ("\n", "\r\n"),
        ("{\"groups\"", "{ \"groups\""),
        ("\"name\":\"ann\"", "\"name\":\"ann\",\"name\":\"ann\""),
        ("\"approvals\":1,", "\"approvals\":1.0,"),
        ("\"approvals\":1,", "\"approvals\":1,\"more\":1,"),
        ("\"approvals\":1,", ""),
        ("\"people\":[", "\"poll\":{\"arc\":\"9s\"},\"people\":["),
        ("\"weights\":{\"capacity\":15.0", "\"weights\":{\"capacity\":1e999"),
        ("\"second_key_within\":\"1h\"", "\"second_key_within\":\"60m\""),
        ("[\"approver\",\"operator\"]", "[\"operator\",\"approver\"]"),
    ] {
        assert!(text.contains(from), "{from}");
        let why = Bound::read(&text.replacen(from, to, 1)).expect_err(from);
        assert!(why.starts_with("the estate's text"), "{why}");
    }
    let deep = format!("signalbox-estate 1\n{}", "[".repeat(100_000));
    assert!(Bound::read(&deep).is_err());
    assert!(Bound::read(&" ".repeat(5 * 1024 * 1024)).is_err());
    assert!(Bound::read("").is_err());
}

/// A journal holds whatever anyone wrote there, and its windows are added to moments: those that no file may have are
/// refused.
#[test]
fn windows_that_no_estate_file_may_have_are_refused() {
    type Edit = fn(&mut Estate);
    let edits: [Edit; 4] = [
        |e| e.policy.proposal_expires = Span::MAX,
        |e| e.policy.proposal_expires = Span::MIN,
        |e| e.policy.second_key_within = Span::MAX,
        |e| e.policy.second_key_within = Span::ZERO,
    ];
    for edit in edits {
        let mut estate = groups();
        edit(&mut estate);
        let refused = Bound::read(estate.bound().text()).unwrap_err();
        assert!(refused.starts_with("the estate's text is no valid estate: "), "{refused}");
    }
}

/// Puts a list into another order that the seed says.
fn stir<T>(list: &mut [T], seed: &mut u64) {
    for i in (1..list.len()).rev() {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let j = usize::try_from((*seed >> 33) % (u64::try_from(i).unwrap() + 1)).unwrap();
        list.swap(i, j);
    }
}

fn stirred(estate: &Estate, mut seed: u64) -> Estate {
    let (mut e, s) = (estate.clone(), &mut seed);
    stir(&mut e.people, s);
    for person in &mut e.people {
        stir(&mut person.roles, s);
        stir(&mut person.groups, s);
        stir(&mut person.keys, s);
        stir(&mut person.principals, s);
    }
    stir(&mut e.policy.rules, s);
    for rule in &mut e.policy.rules {
        stir(&mut rule.kinds, s);
        stir(&mut rule.approvals, s);
    }
    stir(&mut e.policy.revoked_keys, s);
    stir(&mut e.cluster.endpoints, s);
    stir(&mut e.regions, s);
    stir(&mut e.pairs, s);
    stir(&mut e.services, s);
    for service in &mut e.services {
        stir(&mut service.controls, s);
        stir(&mut service.probes, s);
        stir(&mut service.dns, s);
    }
    stir(&mut e.gates, s);
    stir(&mut e.safety_rules, s);
    stir(&mut e.health_checks, s);
    stir(&mut e.systems, s);
    e.systems.iter_mut().for_each(|system| stir(&mut system.readings, s));
    e
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_things_is_not_bound(seed in any::<u64>(), which in 0..8_usize) {
        let all = estates();
        let estate = &all[which % all.len()];
        let other = stirred(estate, seed);
        prop_assert_eq!(other.bound(), estate.bound());
        prop_assert_eq!(estate.bound().differences(&other.bound()), vec![]);
    }

    #[test]
    fn an_edited_text_is_another_or_none(at in any::<prop::sample::Index>(), byte in any::<char>()) {
        let text = groups().bound().text().to_owned();
        let at = (0..=at.index(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap();
        let rest = text[at..].chars().next().map_or(0, char::len_utf8);
        let edited = format!("{}{byte}{}", &text[..at], &text[at + rest..]);
        let original = Bound::read(&text).unwrap();
        if let Ok(read) = Bound::read(&edited) {
            prop_assert_eq!(read.text(), &edited);
            prop_assert_eq!(read.differences(&original).is_empty(), edited == text);
        }
    }
}
