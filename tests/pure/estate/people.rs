//! One person is one person; whose a key is; what a change needs and who can give it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use signalbox::estate::{
    ApprovalRule, ChangeKind, Electorate, Estate, KeyRefused, ListedKey, Need, Person, PersonName, Point, Policy, Role,
};
use signalbox::time::{Span, Timestamp};
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::public::{EcdsaPublicKey, Ed25519PublicKey, KeyData, SkEd25519};
use ssh_key::{HashAlg, PrivateKey, PublicKey};

use super::{files, shipped};

fn key(n: u8) -> KeyData {
    let pair = Ed25519Keypair::from_seed(&[n; 32]);
    PrivateKey::new(KeypairData::Ed25519(pair), "").unwrap().public_key().key_data().clone()
}

fn line(key: &KeyData) -> String {
    PublicKey::from(key.clone()).to_openssh().unwrap()
}

fn point(key: &KeyData) -> [u8; 32] {
    key.ed25519().unwrap().0
}

/// The same secret as a hardware key, and with its sign turned round.
fn spellings(key: &KeyData) -> [KeyData; 3] {
    let mut turned = point(key);
    turned[31] ^= 0x80;
    [
        KeyData::SkEd25519(SkEd25519::new(Ed25519PublicKey(point(key)), "ssh:")),
        KeyData::Ed25519(Ed25519PublicKey(turned)),
        KeyData::SkEd25519(SkEd25519::new(Ed25519PublicKey(turned), "ssh:else")),
    ]
}

fn person(name: &str, keys: &[&KeyData]) -> Person {
    Person {
        name: name.into(),
        roles: vec![Role::Operator, Role::Approver],
        groups: Vec::new(),
        keys: keys.iter().map(|k| line(k).into()).collect(),
        principals: Vec::new(),
    }
}

fn estate(people: Vec<Person>) -> Estate {
    Estate { people, ..shipped("starter.toml") }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

const NOW: &str = "2026-07-29T03:00:00Z";

#[test]
fn a_point_is_one_whatever_its_key_is_called() {
    let one = Point::of(&key(1));
    for other in spellings(&key(1)) {
        assert_eq!(Point::of(&other), one, "{other:?}");
    }
    assert_ne!(Point::of(&key(2)), one);
    // The same y written 2^255 - 19 higher.
    let (low, mut high) = ([7; 1], [0xff; 32]);
    high[0] = 0xed + low[0];
    high[31] = 0x7f;
    let mut plain = [0; 32];
    plain[0] = low[0];
    let of = |bytes| Point::of(&KeyData::Ed25519(Ed25519PublicKey(bytes)));
    assert_eq!(of(high), of(plain));
    high[0] = 0xec;
    assert_ne!(of(high), of(plain));
    // Compressed or not, and on hardware; another curve's point is another one.
    let x = [9; 32];
    let sec1 = |tag: u8, rest: &[u8]| {
        let bytes: Vec<u8> = [tag].iter().chain(rest).copied().collect();
        KeyData::Ecdsa(EcdsaPublicKey::from_sec1_bytes(&bytes).unwrap())
    };
    let whole = sec1(4, &[x, [5; 32]].concat());
    let p384 = sec1(2, &[9; 48]);
    assert_eq!(Point::of(&whole), Point::of(&sec1(2, &x)));
    assert_eq!(Point::of(&whole), Point::of(&sec1(3, &x)));
    let EcdsaPublicKey::NistP256(sec1) = whole.ecdsa().unwrap() else { panic!() };
    let hardware = ssh_key::public::SkEcdsaSha2NistP256::new(*sec1, "ssh:");
    assert_eq!(Point::of(&KeyData::SkEcdsaSha2NistP256(hardware)), Point::of(&whole));
    assert_ne!(Point::of(&whole), Point::of(&p384));
    // An RSA secret is its modulus: another exponent is another spelling.
    let rsa = |e: &[u8]| {
        let number = |bytes: &[u8]| ssh_key::Mpint::from_positive_bytes(bytes).unwrap();
        KeyData::Rsa(ssh_key::public::RsaPublicKey { e: number(e), n: number(&[0xc5; 256]) })
    };
    assert_eq!(Point::of(&rsa(&[3])), Point::of(&rsa(&[1, 0, 1])));
}

#[test]
fn names_that_look_alike_are_one_person() {
    let nobody = estate(Vec::new());
    let same = |a: &str, b: &str| nobody.same_person(&a.into(), &b.into());
    for (a, b) in [
        ("alice", "alice"),
        ("alice", "Alice"),
        ("ALICE", "alice"),
        // A capital i, a Cyrillic a, a full-width one, a ligature, spaces, a zero-width joiner.
        ("alice", "aIice"),
        ("alice", "\u{430}lice"),
        ("\u{410}LICE", "alice"),
        ("alice", "\u{ff41}lice"),
        ("office", "o\u{fb03}ce"),
        ("ann lee", "ann  lee"),
        ("ann lee", " annlee\u{a0}"),
        ("alice", "ali\u{200d}ce"),
        ("strasse", "stra\u{df}e"),
        // Letters that a compatibility form takes for others: a lunate sigma, small and capital, and a long s.
        ("alice", "ali\u{3f2}e"),
        ("ALICE", "ALI\u{3f9}E"),
        ("fred", "\u{17f}red"),
        ("sam", "\u{17f}am"),
        ("bob", "b0b"),
        ("alice", "al\u{131}ce"),
        ("jos\u{e9}", "jose\u{301}"),
        ("\u{3c3}\u{3c2}", "\u{3a3}\u{3a3}"),
    ] {
        assert!(same(a, b) && same(b, a), "{a} {b}");
    }
    for (a, b) in [("alice", "bob"), ("ann", "anne"), ("jose", "jos\u{e9}"), ("dba1", "dba2"), ("ann", "")] {
        assert!(!same(a, b), "{a} {b}");
    }
}

#[test]
fn keys_and_principals_make_one_person_of_several_names() {
    let [hardware, turned, _] = spellings(&key(1));
    let mut dora = person("dora", &[&key(5)]);
    dora.principals = vec!["Al".into(), "dora".into()];
    let mut al = person("al", &[&key(6)]);
    al.keys.clear();
    let e = estate(vec![
        person("alice", &[&key(1)]),
        person("alias", &[&hardware, &key(2)]),
        person("bob", &[&key(3)]),
        person("third", &[&key(2), &key(4)]),
        person("Fourth", &[&key(4)]),
        person("other", &[&turned]),
        dora,
        al,
    ]);
    let same = |a: &str, b: &str| e.same_person(&a.into(), &b.into());
    let alices = ["alice", "alias", "third", "Fourth", "fourth", "other", "\u{430}lice"];
    for (a, b) in alices.iter().flat_map(|a| alices.iter().map(move |b| (*a, *b))) {
        assert!(same(a, b), "{a} {b}");
    }
    assert!(alices.iter().all(|a| !same(a, "bob") && !same(a, "dora") && !same(a, "stranger")));
    assert!(same("al", "dora"), "a certificate for one could be the other's");
    let persons: Vec<Vec<&str>> = e.persons().iter().map(|one| one.iter().map(|p| p.name.as_str()).collect()).collect();
    assert_eq!(persons, [vec!["alice", "alias", "third", "Fourth", "other"], vec!["bob"], vec!["dora", "al"]]);
}

#[test]
fn a_key_is_its_listers_until_it_ends_or_is_revoked() {
    let end = at("2026-07-29T03:00:00Z");
    let mut ann = person("ann", &[&key(1)]);
    ann.keys.push(ListedKey::from(line(&key(2))).until(end));
    let mut e = estate(vec![ann, person("ben", &[&key(3)]), person("twin", &[&key(3)])]);
    let names = |e: &Estate, n: u8, at| {
        e.owners(&key(n), at).map(|owners| owners.iter().map(|p| p.name.to_string()).collect::<Vec<_>>())
    };
    let before = end.checked_sub(Span::from_secs(1)).unwrap();
    assert_eq!(names(&e, 1, end), Ok(vec!["ann".into()]));
    assert_eq!(names(&e, 2, before), Ok(vec!["ann".into()]));
    assert_eq!(names(&e, 2, end), Err(KeyRefused::Ended(end)));
    assert_eq!(names(&e, 3, end), Ok(vec!["ben".into(), "twin".into()]));
    assert_eq!(names(&e, 4, end), Err(KeyRefused::Unknown));
    for other in spellings(&key(1)) {
        assert_eq!(
            e.owners(&other, end),
            Err(KeyRefused::Unknown),
            "a signature by another type of key is another key's"
        );
    }
    // An end is not undone by a second line.
    e.people[0].keys.push(line(&key(2)).into());
    assert_eq!(names(&e, 2, end), Err(KeyRefused::Ended(end)));
    for revoked in [
        line(&key(1)),
        line(&spellings(&key(1))[0]),
        line(&spellings(&key(1))[1]),
        format!(" {} ", key(1).fingerprint(HashAlg::Sha256)),
    ] {
        e.policy.revoked_keys = vec![line(&key(9)), revoked.clone()];
        assert_eq!(names(&e, 1, end), Err(KeyRefused::Revoked), "{revoked}");
        assert_eq!(names(&e, 2, before), Ok(vec!["ann".into()]));
    }
    // By the fingerprint of a spelling that the estate has.
    e.people[1].keys.push(line(&spellings(&key(1))[0]).into());
    e.policy.revoked_keys = vec![spellings(&key(1))[0].fingerprint(HashAlg::Sha256).to_string()];
    assert_eq!(names(&e, 1, end), Err(KeyRefused::Revoked));
    for why in [KeyRefused::Unknown, KeyRefused::Revoked, KeyRefused::Ended(end), KeyRefused::Certificate("x".into())] {
        assert!(!why.to_string().is_empty());
    }
}

#[test]
fn a_certificate_says_who_if_the_estate_agrees() {
    let (ca, rogue) = (key(20), key(21));
    let mut ann = person("ann", &[&key(1)]);
    ann.principals = vec!["ann".into(), "ann-admin".into()];
    let mut e = estate(vec![ann, person("ben", &[&key(2)])]);
    e.policy.certificate_authorities = vec![line(&ca)];
    let now = at(NOW);
    let (before, after) = (now - Span::from_hours(1), now + Span::from_hours(1));
    let by = |e: &Estate, ca: &KeyData, names: &[&str], from, to, key: &KeyData| {
        let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
        e.owner_by_certificate(ca, &names, from, to, key, now).map(|p| p.name.to_string())
    };
    let good = |names: &[&str]| by(&e, &ca, names, before, Some(after), &key(30));
    assert_eq!(good(&["ann"]), Ok("ann".into()));
    assert_eq!(good(&["ops", "ann-admin", "ann"]), Ok("ann".into()));
    assert_eq!(good(&["ben"]), Ok("ben".into()));
    assert_eq!(by(&e, &ca, &["ben"], now, None, &key(30)), Ok("ben".into()), "one without an end");
    let refused: [(&str, Result<String, KeyRefused>); 10] = [
        ("no principals", good(&[])),
        ("nobody", good(&["ops"])),
        ("spelling counts", good(&["Ann"])),
        ("two people", good(&["ann", "ben"])),
        ("another CA", by(&e, &rogue, &["ann"], before, Some(after), &key(30))),
        ("not yet", by(&e, &ca, &["ann"], after, None, &key(30))),
        ("ended", by(&e, &ca, &["ann"], before, Some(now), &key(30))),
        ("the CA's own key", by(&e, &ca, &["ann"], before, None, &ca)),
        ("the key of somebody else", by(&e, &ca, &["ann"], before, None, &key(2))),
        ("the same, as hardware", by(&e, &ca, &["ann"], before, None, &spellings(&key(2))[0])),
    ];
    for (what, result) in refused {
        let Err(KeyRefused::Certificate(why)) = result else { panic!("{what}: {result:?}") };
        assert!(!why.is_empty(), "{what}");
    }
    assert_eq!(by(&e, &ca, &["ann"], before, None, &key(1)), Ok("ann".into()), "their own listed key");
    e.policy.revoked_keys = vec![line(&key(30))];
    assert_eq!(by(&e, &ca, &["ann"], before, None, &key(30)), Err(KeyRefused::Revoked));
    e.policy.revoked_keys = vec![ca.fingerprint(HashAlg::Sha256).to_string()];
    assert!(matches!(by(&e, &ca, &["ann"], before, None, &key(31)), Err(KeyRefused::Certificate(_))));
    e.policy.revoked_keys.clear();
    e.people[0].keys = vec![ListedKey::from(line(&key(1))).until(now)];
    assert_eq!(by(&e, &ca, &["ann"], before, None, &key(1)), Err(KeyRefused::Ended(now)));
    // Who is named twice is named by nobody.
    e.people[1].principals = vec!["ann".into()];
    assert!(by(&e, &ca, &["ann"], before, None, &key(30)).is_err());
}

fn need(group: &str, count: u32) -> Need {
    Need { group: (!group.is_empty()).then(|| group.to_owned()), count }
}

fn rule(kinds: &[ChangeKind], approvals: &[(&str, u32)]) -> ApprovalRule {
    ApprovalRule { kinds: kinds.to_vec(), approvals: approvals.iter().map(|(g, n)| need(g, *n)).collect() }
}

#[test]
fn a_change_needs_what_the_rules_for_its_kinds_ask_together() {
    use ChangeKind::{Arming, Control, DrillLaunch, Failback, Failover, Launch, Override};
    let mut policy = Policy { approvals: 1, approvals_for_overrides: 2, ..Policy::default() };
    let needs = |policy: &Policy, kinds: &[ChangeKind]| policy.needs(&kinds.iter().copied().collect());
    assert_eq!(needs(&policy, &[Failover]), [need("", 1)]);
    assert_eq!(needs(&policy, &[Failover, Override]), [need("", 2)]);
    policy.rules = vec![
        rule(&[Override], &[("", 1), ("incident-command", 2), ("dba", 1)]),
        rule(&[Failover, Failback], &[("dba", 2)]),
        rule(&[DrillLaunch], &[("", 1)]),
        rule(&[Arming], &[]),
        rule(&[Control], &[("dba", 0)]),
    ];
    assert_eq!(needs(&policy, &[Override]), [need("dba", 1), need("incident-command", 2), need("", 1)]);
    assert_eq!(needs(&policy, &[Failback]), [need("dba", 2)]);
    assert_eq!(needs(&policy, &[Failover, Override]), [need("dba", 2), need("incident-command", 2), need("", 1)]);
    assert_eq!(needs(&policy, &[Launch]), [need("", 1)]);
    // At least one, always.
    assert_eq!(needs(&policy, &[Arming]), [need("", 1)]);
    assert_eq!(needs(&policy, &[Control]), [need("", 1)]);
    policy.approvals = 0;
    policy.approvals_for_overrides = 0;
    policy.rules.clear();
    assert_eq!(needs(&policy, &[]), [need("", 1)]);
    assert_eq!(needs(&policy, &[Override]), [need("", 1)]);
    // A rule says less than `approvals` for its own kinds, and for no others.
    policy.approvals = 3;
    policy.approvals_for_overrides = 3;
    policy.rules = vec![rule(&[DrillLaunch], &[("dba", 1)])];
    assert_eq!(needs(&policy, &[DrillLaunch]), [need("dba", 1)]);
    assert_eq!(needs(&policy, &[DrillLaunch, Override]), [need("dba", 1), need("", 2)]);
    let words = [need("dba", 1), need("incident-command", 2), need("", 1), need("", 2), need("dba", 40)];
    let words: Vec<String> = words.iter().map(Need::words).collect();
    assert_eq!(words, ["one of dba", "two of incident-command", "one approver", "two approvers", "40 of dba"]);
}

#[test]
fn who_is_asked_for_can_be_told_from_who_is_there() {
    let mut e = estate(vec![person("ann", &[&key(1)]), person("ben", &[&key(2)]), person("Ann ", &[&key(3)])]);
    e.people[0].groups = vec!["dba".into()];
    e.people[2].groups = vec!["ic".into()];
    let mut carol = person("carol", &[&key(4)]);
    carol.roles = vec![Role::Observer];
    carol.groups = vec!["dba".into()];
    e.people.push(carol);
    let met = |needs: &[Need], names: &[&str]| {
        let names: Vec<PersonName> = names.iter().map(|n| PersonName::from(*n)).collect();
        e.met(needs, &names.iter().collect::<Vec<_>>())
    };
    assert_eq!(met(&[need("", 1)], &["ann"]), Ok(()));
    assert_eq!(met(&[need("", 2)], &["ann", "Ann "]), Err(vec![need("", 1)]), "one person under two names");
    assert_eq!(met(&[need("", 2)], &["ann", "ann"]), Err(vec![need("", 1)]));
    assert_eq!(met(&[need("dba", 1), need("ic", 1)], &["ann", "Ann "]), Err(vec![need("ic", 1)]), "for one need only");
    assert_eq!(met(&[need("ic", 1)], &["ann", "Ann "]), Ok(()), "with the groups of all their names");
    assert_eq!(met(&[need("dba", 1)], &["carol"]), Err(vec![need("dba", 1)]), "who looks on does not count");
    assert_eq!(met(&[need("", 1)], &["stranger"]), Err(vec![need("", 1)]));
    assert_eq!(met(&[need("", 1), need("dba", 1)], &["ann"]), Err(vec![need("", 1)]), "rather anybody is missing");
    assert_eq!(met(&[need("", u32::MAX)], &["ann", "ben"]), Err(vec![need("", u32::MAX - 2)]));
    let electorate = Electorate::of(&e, None);
    assert_eq!(electorate.besides(&"ann".into()), 1);
    assert_eq!(electorate.besides(&"stranger".into()), 2);
    assert_eq!(electorate.can_give(&[need("dba", 1)], &"ben".into()), Ok(()));
    assert_eq!(electorate.can_give(&[need("dba", 1)], &"ann".into()), Err(vec![need("dba", 1)]));
}

#[test]
fn twenty_people_and_ten_needs_are_answered() {
    let groups: Vec<String> = (0..10).map(|n| format!("g{n}")).collect();
    let people = (0..20_u8).map(|n| {
        let name: String =
            ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet"]
                [usize::from(n % 10)]
            .to_owned();
        let mut person = person(&format!("{name}-{}", if n < 10 { "day" } else { "night" }), &[&key(n + 1)]);
        person.groups.clone_from(&groups);
        person
    });
    let e = estate(people.collect());
    let names: Vec<&PersonName> = e.people.iter().map(|p| &p.name).collect();
    let mut needs: Vec<Need> = groups.iter().map(|g| need(g, 2)).collect();
    assert_eq!(e.met(&needs, &names), Ok(()));
    needs.push(need("", 1));
    assert_eq!(e.met(&needs, &names), Err(vec![need("", 1)]));
}

/// The most seats that can be taken, tried in every way.
fn tried(needs: &[Need], persons: &[BTreeSet<&str>], left: &mut Vec<u32>) -> u32 {
    let Some((first, rest)) = persons.split_first() else { return 0 };
    let mut best = tried(needs, rest, left);
    for (n, need) in needs.iter().enumerate() {
        if left[n] > 0 && need.group.as_deref().is_none_or(|group| first.contains(group)) {
            left[n] -= 1;
            best = best.max(1 + tried(needs, rest, left));
            left[n] += 1;
        }
    }
    best
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn needs_are_met_when_some_way_to_seat_people_meets_them(
        groups in prop::collection::vec(prop::collection::btree_set(0..3_usize, 0..3), 1..6),
        roles in prop::collection::vec(any::<bool>(), 6),
        twin in prop::option::of((0..6_usize, 0..6_usize)),
        wanted in prop::collection::vec((0..4_usize, 0..3_u32), 0..4),
    ) {
        let names = ["ann", "ben", "cora", "dan", "eve", "fay"];
        let all = ["dba", "ic", "sec"];
        let mut e = estate(Vec::new());
        for (i, own) in groups.iter().enumerate() {
            let mut person = person(names[i], &[&key(u8::try_from(i).unwrap() + 1)]);
            person.groups = own.iter().map(|g| all[*g].to_owned()).collect();
            if !roles[i] {
                person.roles = vec![Role::Operator];
            }
            e.people.push(person);
        }
        // One of them is another's second name.
        let twin = twin.filter(|(a, b)| a != b && *a < groups.len() && *b < groups.len());
        if let Some((a, b)) = twin {
            let shared = e.people[a].keys[0].clone();
            e.people[b].keys.push(shared);
        }
        let needs: Vec<Need> = wanted.iter().map(|(g, n)| need(all.get(*g).unwrap_or(&""), *n)).collect();
        let mut persons: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for (i, person) in e.people.iter().enumerate().filter(|(_, p)| p.is(Role::Approver)) {
            let who = twin.map_or(i, |(a, b)| if i == b { a } else { i });
            persons.entry(who).or_default().extend(person.groups.iter().map(String::as_str));
        }
        let persons: Vec<_> = persons.into_values().collect();
        let most = tried(&needs, &persons, &mut needs.iter().map(|n| n.count).collect());
        let asked: u32 = needs.iter().map(|n| n.count).sum();
        let approvers: Vec<&PersonName> = e.people.iter().map(|p| &p.name).collect();
        match e.met(&needs, &approvers) {
            Ok(()) => prop_assert_eq!(most, asked),
            Err(missing) => {
                prop_assert_eq!(missing.iter().map(|n| n.count).sum::<u32>(), asked - most);
                prop_assert!(missing.iter().all(|m| m.count > 0 && needs.iter().any(|n| n.group == m.group)));
            }
        }
        // Whoever is added takes nothing away.
        if e.met(&needs, &approvers[1..]).is_ok() {
            prop_assert_eq!(e.met(&needs, &approvers), Ok(()));
        }
    }

    #[test]
    fn one_person_is_symmetric_and_transitive(keys in prop::collection::vec(prop::collection::vec(1..7_u8, 0..3), 1..6)) {
        let names = ["ann", "ben", "cora", "dan", "eve", "fay"];
        let people = keys.iter().enumerate().map(|(i, own)| {
            let own: Vec<KeyData> = own.iter().map(|n| if i % 2 == 0 { key(*n) } else { spellings(&key(*n))[0].clone() }).collect();
            person(names[i], &own.iter().collect::<Vec<_>>())
        });
        let e = estate(people.collect());
        // Reached over shared keys, step by step.
        let mut group: Vec<usize> = (0..keys.len()).collect();
        for _ in 0..keys.len() {
            for (i, j) in (0..keys.len()).flat_map(|i| (0..keys.len()).map(move |j| (i, j))) {
                if keys[i].iter().any(|k| keys[j].contains(k)) {
                    let least = group[i].min(group[j]);
                    (group[i], group[j]) = (least, least);
                }
            }
        }
        for (i, j) in (0..keys.len()).flat_map(|i| (0..keys.len()).map(move |j| (i, j))) {
            prop_assert_eq!(e.same_person(&names[i].into(), &names[j].into()), group[i] == group[j], "{} {}", i, j);
        }
    }
}

#[test]
fn keys_are_read_with_and_without_an_end_and_written_so() {
    let path = files("valid").into_iter().find(|p| p.ends_with("groups.toml")).unwrap();
    let e = super::parse(&path).unwrap();
    let ends: Vec<Option<Timestamp>> = e.people.iter().flat_map(|p| &p.keys).map(ListedKey::valid_until).collect();
    assert_eq!(ends, [None, Some(at("2099-01-01T00:00:00Z")), Some(at("2098-12-31T22:00:00Z")), None]);
    assert_eq!(Estate::parse(&e.to_toml().unwrap(), "again.toml").unwrap(), e);
    let json = serde_json::to_string(&e).unwrap();
    assert_eq!(serde_json::from_str::<Estate>(&json).unwrap(), e);
    assert!(e.people.iter().flat_map(|p| &p.keys).all(|k| k.public().is_some() && k.kind() == "ssh-ed25519"));
    assert!(e.policy.touch_required && e.policy.verify_required);
    assert!(Policy::default().touch_required && !Policy::default().verify_required);
}
