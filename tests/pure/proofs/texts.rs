//! The texts that are signed: each has one spelling, and says what it does.

use super::*;

fn a_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        "\\PC{0,20}",
        "[a-z]{1,5}( {1,3}[a-z]{1,5}){0,3}",
        Just("x\nreason: y".to_owned()),
        Just("approve until: 2099-01-01T00:00:00Z".to_owned()),
        Just("\u{202e}gone\u{200b}".to_owned()),
    ]
}

fn a_state() -> impl Strategy<Value = ControlState> {
    prop_oneof![Just(ControlState::On), Just(ControlState::Off)]
}

fn some_work() -> impl Strategy<Value = Work> {
    let flip = ("[a-z:/]{1,12}", a_value(), a_state(), a_state()).prop_map(|(arn, name, from, to)| Flip {
        arn: arn.as_str().into(),
        name,
        from,
        to,
    });
    let over = ("[a-z:/]{1,12}", a_value()).prop_map(|(arn, name)| Override { arn: arn.as_str().into(), name });
    let server = ("s-[0-9]{1,4}", a_value()).prop_map(|(id, name)| LaunchServer { id, name, point: None });
    prop_oneof![
        (any::<bool>(), prop::collection::vec(flip, 0..4), prop::collection::vec(over, 0..3))
            .prop_map(|(steers, flips, overrides)| Work::Controls { steers, flips, overrides }),
        (any::<bool>(), prop::collection::vec(server, 1..4)).prop_map(|(drill, servers)| Work::Launch(Launch {
            drill,
            servers,
            at: None
        })),
    ]
}

fn a_change() -> impl Strategy<Value = ChangeText> {
    let despite = prop::option::of((prop::collection::vec(a_value(), 1..4), a_value()))
        .prop_map(|d| d.map(|(checks, reason)| Despite { checks, reason }));
    let anchor = ("[0-9a-f]{16}", any::<u64>(), any::<u64>()).prop_map(|(journal, line, n)| Anchor {
        journal,
        line,
        head: Digest::of(&n.to_string()),
    });
    let texts = (a_value(), a_value(), a_value(), a_value(), a_value(), a_value(), a_value());
    let times = (0i64..4_000_000_000, 0i64..100_000);
    (texts, some_work(), despite, anchor, times, any::<u128>())
        .prop_map(|(t, work, despite, anchor, (at, more), n)| {
            let at = Timestamp::from_second(at).unwrap();
            ChangeText {
                estate: t.0,
                binding: Digest::of(&n.to_string()),
                cluster: t.1.as_str().into(),
                pair: t.2.as_str().into(),
                title: t.3,
                receiving: t.4.as_str().into(),
                work,
                despite,
                loss: t.5.clone(),
                reason: t.6,
                by: t.5.as_str().into(),
                at,
                until: at + Span::from_secs(more),
                anchor,
                nonce: Nonce(n),
            }
        })
        .prop_filter("what no console would write is refused whole", |text| {
            !matches!(ChangeText::parse(&text.canonical()), Err(TextError::Excess(_)))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// What is frozen reads back as itself, once it was folded; a line is what it says, and nothing smuggles another in.
    #[test]
    fn a_canonical_text_reads_back_as_itself(text in a_change()) {
        let canonical = text.canonical();
        prop_assert!(canonical.lines().all(|l| !l.contains("  ") && !l.chars().any(signalbox::hygiene::is_hidden)));
        let reasons = canonical.lines().filter(|l| l.starts_with("approve until: ")).count();
        prop_assert_eq!(reasons, 1);
        let read = ChangeText::parse(&canonical).unwrap();
        prop_assert_eq!(read.digest(), text.digest());
        prop_assert_eq!(&read.canonical(), &canonical);
        prop_assert_eq!((read.binding, &read.anchor, read.nonce), (text.binding, &text.anchor, text.nonce));
        prop_assert_eq!(ChangeText::parse(&read.canonical()).unwrap(), read);
    }

    /// Any text: no panic; what is read is spelt the same again.
    #[test]
    fn any_text_is_refused_or_canonical(text in "(?s).{0,400}") {
        if let Ok(change) = ChangeText::parse(&text) {
            prop_assert_eq!(change.canonical(), text);
        }
    }

    /// Lines that are left out, said twice or put elsewhere make no change, or another one.
    #[test]
    fn lines_have_one_order(text in a_change(), at in any::<prop::sample::Index>(), how in 0u8..4) {
        let canonical = text.canonical();
        let mut lines: Vec<&str> = canonical.lines().collect();
        let at = at.index(lines.len() - 1);
        match how {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at]),
            2 => lines.swap(at, at + 1),
            _ => lines.insert(at, ""),
        }
        let edited = lines.join("\n") + "\n";
        if edited != canonical && let Ok(other) = ChangeText::parse(&edited) {
            prop_assert_eq!(other.canonical(), edited);
            prop_assert_ne!(other.digest(), text.digest());
        }
    }
}

/// One spelling each.
#[test]
fn another_spelling_of_a_line_is_no_change() {
    let text = change(&Law::new(1).estate(0));
    let canonical = text.canonical();
    let line = |name: &str| canonical.lines().find(|l| l.starts_with(name)).unwrap().to_owned();
    let (binding, anchor, nonce) = (line("estate sha256: "), line("journal: "), line("nonce: "));
    let swap = |old: &str, new: String| canonical.replace(old, &new);
    let hex = binding.trim_start_matches("estate sha256: ");
    for (what, edited) in [
        ("a capital in the digest", swap(&binding, format!("estate sha256: {}", hex.to_uppercase()))),
        ("a digest that is cut", swap(&binding, format!("estate sha256: {}", &hex[1..]))),
        ("no digest", canonical.replacen(&format!("{binding}\n"), "", 1)),
        ("a line number with a zero", swap(" line 0 ", " line 00 ".into())),
        ("a line number with a sign", swap(" line 0 ", " line +0 ".into())),
        ("a journal in capitals", swap(&anchor, anchor.replace("0000000000000000", "000000000000000A"))),
        ("no anchor", canonical.replacen(&format!("{anchor}\n"), "", 1)),
        ("a nonce without zeros", swap(&nonce, "nonce: 7".into())),
        ("a nonce with a sign", swap(&nonce, format!("nonce: +{}7", "0".repeat(30)))),
        ("a run of spaces", swap("portal targets gone", "portal  targets gone".into())),
        ("a blank at the end", swap("portal targets gone", "portal targets gone ".into())),
        ("a tab", swap("portal targets gone", "portal\ttargets gone".into())),
        ("a no-break space", swap("portal targets gone", "portal\u{a0}targets gone".into())),
        ("what nobody sees", swap("portal targets gone", "portal\u{200b} targets gone".into())),
        ("CRLF", canonical.replace('\n', "\r\n")),
        ("no last line end", canonical.trim_end().to_owned()),
        ("another version", swap("version 2", "version 3".into())),
        ("more behind it", format!("{canonical}x\n")),
        (
            "a moment in another zone",
            swap("asked at: 2026-11-24T18:38:00Z", "asked at: 2026-11-24T19:38:00+01:00".into()),
        ),
        ("an arrow of other states", swap("On->Off", "on->off".into())),
    ] {
        assert_ne!(edited, canonical, "{what}: the test edits nothing");
        assert!(ChangeText::parse(&edited).is_err(), "{what}");
    }
}

#[test]
fn an_anchor_is_spelt_in_one_way() {
    let of = |journal: &str, line: &str, head: &str| Anchor::parse(&format!("{journal} line {line} {head}"));
    let (journal, head) = ("0123456789abcdef", Digest::of("x").to_string());
    assert_eq!(of(journal, "42", &head).map(|a| a.line), Some(42));
    for line in ["042", "+42", "-1", "", " 42", "4e1", "18446744073709551616"] {
        assert_eq!(of(journal, line, &head), None, "{line}");
    }
    for journal in ["0123456789ABCDEF", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeg", ""] {
        assert_eq!(of(journal, "42", &head), None, "{journal}");
    }
    assert_eq!(of(journal, "42", &head.to_uppercase()), None);
    assert_eq!(of(journal, "42", &head[1..]), None);
}

/// Which kinds a change is of, for the policy's rules: by what its controls do, whatever the text calls it.
#[test]
fn a_change_is_of_the_kinds_that_it_does() {
    use ChangeKind::{Arming, Control, DrillLaunch, Failback, Failover, Launch as Recovery, Override as Over};
    let estate = Law::new(1).estate(0);
    let gate = || control("failover-allowed", ControlState::On);
    let over = || vec![Override { arn: estate.safety_rules[0].arn.clone(), name: "portal-somewhere".into() }];
    let kinds = |receiving: &str, flips: Vec<Flip>, overrides| {
        let text = ChangeText {
            receiving: receiving.into(),
            work: Work::Controls { steers: true, flips, overrides },
            ..change(&estate)
        };
        text.kinds(&estate).into_iter().collect::<BTreeSet<_>>()
    };
    let some = |n: usize| towards_ohio().into_iter().take(n).collect::<Vec<_>>();
    let back = |n: usize| some(n).into_iter().map(|f| Flip { from: f.to, to: f.from, ..f }).collect::<Vec<_>>();
    let with_gate = |mut flips: Vec<Flip>| {
        flips.push(gate());
        flips
    };
    for (got, wanted) in [
        (kinds("us-east-2", some(4), vec![]), &[Failover][..]),
        (kinds("us-east-1", back(4), vec![]), &[Failback]),
        (kinds("us-east-1", some(4), vec![]), &[Failover]),
        (kinds("us-east-2", back(4), vec![]), &[Failback]),
        (kinds("us-east-2", some(1), vec![]), &[Failover, Control]),
        (kinds("us-east-1", back(3), vec![]), &[Failback, Control]),
        (kinds("us-east-2", vec![gate()], vec![]), &[Arming]),
        (kinds("us-east-2", with_gate(some(4)), vec![]), &[Failover, Arming]),
        (kinds("us-east-2", with_gate(some(2)), over()), &[Failover, Control, Arming, Over]),
        (kinds("us-east-2", some(4), over()), &[Failover, Over]),
    ] {
        assert_eq!(got, wanted.iter().copied().collect());
    }
    for (drill, kind) in [(true, DrillLaunch), (false, Recovery)] {
        let work = Work::Launch(Launch {
            drill,
            servers: vec![LaunchServer { id: "s-1".into(), name: "app".into(), point: None }],
            at: None,
        });
        assert_eq!(ChangeText { work, ..change(&estate) }.kinds(&estate), BTreeSet::from([kind]));
    }
}

/// Needs are met by people, each once, who may approve: not by names.
#[test]
fn needs_are_met_by_people_and_not_by_names() {
    let estate = Law::new(2).estate(0);
    let met = |names: &[&str]| {
        let names: Vec<PersonName> = names.iter().map(|n| PersonName::from(*n)).collect();
        estate.met(&[Need { group: None, count: 2 }], &names.iter().collect::<Vec<_>>()).is_ok()
    };
    assert!(met(&["bob", "carol"]) && met(&["robert", "frank"]));
    for names in [
        &["bob", "robert"][..],
        &["alice", "alias", "mallory"],
        &["bob", "bob"],
        &["bob", "dave"],
        &["bob", "nobody"],
        &["bob"],
    ] {
        assert!(!met(names), "{names:?}");
    }
}

// ------------------------------------------------------------------------------------- faults that were found here
