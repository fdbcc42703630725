//! Aliases: one for each thing, on every screen and in the report.

use super::*;

#[test]
fn a_thing_has_one_alias_on_every_screen_and_in_the_report() {
    let world = World::new().talk().propose().approve().flip().trouble();
    let (stage, estate) = (&world.stage, world.stage.model.estate.clone());
    let (mask, other) = (Mask::of(&estate), Mask::of(&Estate::clone(&estate)));
    let rule = estate.safety_rules[0].arn.as_str();
    let all = format!("{} {rule} {}", estate.account, gossip("x"));
    assert_eq!(mask.text(&all), other.text(&all));
    assert!(mask.text(&all).starts_with("account-1 arn-"), "{}", mask.text(&all));
    // Numbered in the file's order.
    assert_eq!(mask.text(estate.cluster.arn.as_str()), "arn-1");
    let host = estate.cluster.endpoints[1].url.as_str();
    assert_eq!(mask.text(host), "https://host-2/v1");
    // Names that customers type keep their first labels; what AWS calls its own endpoints is no secret.
    assert_eq!(mask.text("portal.guidingcare.com → us-east-1"), "portal.domain-1 → us-east-1");
    assert_eq!(mask.text("*.customer.guidingcare.com"), "*.customer.domain-1");
    assert_eq!(
        mask.text("GetMetricData at monitoring.us-east-1.amazonaws.com: no answer"),
        "GetMetricData at monitoring.us-east-1.amazonaws.com: no answer"
    );
    // A key is called the same by its body and by its fingerprint.
    let person = estate.people[1].keys[0].text();
    let print = support::key(2).public_key().fingerprint(ssh_key::HashAlg::Sha256).to_string();
    let alias = mask.text(&print).into_owned();
    assert!(alias == "key-2" && mask.text(person).contains(" key-2 "), "{alias}: {}", mask.text(person));

    let heard = mask.text("db9.corp.internal").into_owned();
    for size in [(150, 44), (220, 60)] {
        for place in ["1", "8"] {
            let mut screen = screen(stage, "bob", true);
            draw(&mut screen, stage, size);
            press(&mut screen, stage, place);
            let text = draw(&mut screen, stage, size);
            assert!(text.contains(&heard), "{place} {size:?}: no {heard}:\n{text}");
        }
    }
    let window = report::find(&world.kept, Some("test of db9.corp.internal")).unwrap();
    let report = Report::of(&world.kept, &window, Source::default());
    for mask in [report::mask(Some(&estate), &world.kept), report::mask(None, &world.kept)] {
        let text = report::markdown(&report.masked(&mask));
        assert!(text.contains(&heard), "no {heard} in the report:\n{text}");
    }
    let text = report::markdown(&report.masked(&report::mask(Some(&estate), &world.kept)));
    assert!(text.contains(&alias), "no {alias} in the report:\n{text}");
}

#[test]
fn what_the_estate_keeps_is_kept_and_what_it_says_aloud_too() {
    let mut estate = support::estate();
    estate.presenter.keep = vec!["portal.guidingcare.com".into(), "10.20.30.40".into()];
    let mask = Mask::of(&estate);
    assert_eq!(mask.text("portal.guidingcare.com is 10.20.30.40:443"), "portal.guidingcare.com is 10.20.30.40:443");
    assert!(!mask.text("api.guidingcare.com is 10.20.30.41").contains("guidingcare"));
    // Services, controls, rules, systems, regions, people and the word code are what people speak of.
    let estate = support::estate();
    let mask = Mask::of(&estate);
    let names = estate.services.iter().map(|s| s.name.to_string());
    let names = names.chain(estate.systems.iter().flat_map(|s| [s.name.clone(), s.id.to_string()]));
    let names = names.chain(estate.controls().map(|c| c.name.clone()));
    let names = names.chain(estate.safety_rules.iter().map(|r| r.name.clone()));
    let names = names.chain(estate.regions.iter().flat_map(|r| [r.name.to_string(), r.title.clone()]));
    for name in names.chain(estate.people.iter().map(|p| p.name.to_string())) {
        assert_eq!(mask.text(&name), name);
    }
    for plain in [
        "us-east-1 is impaired since 18:38:05: portal ALB 0/12 healthy, under 3, 5xx 38.0 % and 3 more.",
        "copper-lantern-seven is approved; alice must turn the second key.",
        "CloudWatch AWS/ApplicationELB HealthyHostCount, Minimum over 1 min",
        "2026-11-24T18:42:07Z INC-4471 drill-20261124 v1.2.3 12.5 % 1,234 ms",
        "signalbox approve /tmp/x/copper-lantern-seven.change; see docs/two-person.md and estate.toml",
        "ssh-keygen -Y sign -n approval@signalbox; sk-ssh-ed25519@openssh.com",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ] {
        assert_eq!(mask.text(plain), plain);
    }
}

/// A server that is called like a service is masked where it is a server.
#[test]
fn a_server_called_like_a_service_takes_no_name_away() {
    let world = World::new();
    let mut screen = screen(&world.stage, "alice", true);
    press(&mut screen, &world.stage, "5");
    let text = draw(&mut screen, &world.stage, (150, 44));
    let servers: Vec<&str> = text.lines().filter(|l| l.contains("continuous")).collect();
    assert!(servers.len() >= 4 && servers.iter().all(|l| l.contains("host-")), "{text}");
    press(&mut screen, &world.stage, "1");
    let text = draw(&mut screen, &world.stage, (150, 44));
    assert!(text.contains("portal ALB") && text.contains("portal.domain-1"), "{text}");
}

/// The timeline drops its oldest entries; an entry keeps its number behind the veil as well.
#[test]
fn the_entry_that_is_picked_is_the_one_that_is_copied_in_a_long_incident_too() {
    let mut stage = Stage::calm();
    let by = stage.hands("alice").operator.unwrap();
    for n in 0..2100 {
        let text = format!("note {n} of db9.corp.internal");
        stage.feed(What::Asked(Ask::Note { by: by.clone(), pair: east(), text }));
    }
    let mut screen = screen(&stage, "alice", true);
    press(&mut screen, &stage, "8");
    draw(&mut screen, &stage, (150, 44));
    press(&mut screen, &stage, "↓");
    draw(&mut screen, &stage, (150, 44));
    let wishes = press(&mut screen, &stage, "y");
    let [Wish::Copy(copied)] = wishes.as_slice() else { panic!("{wishes:?}") };
    assert!(copied.contains("note 2098 of host-"), "{copied}");
}

/// A DNS name is drawn by its alias, and copied by it.
#[test]
fn the_name_that_is_picked_is_the_one_that_is_copied() {
    let stage = Stage::calm();
    let copied = |presents: bool| {
        let mut screen = screen(&stage, "alice", presents);
        press(&mut screen, &stage, "4");
        draw(&mut screen, &stage, (150, 44));
        press(&mut screen, &stage, "↓");
        draw(&mut screen, &stage, (150, 44));
        let wishes = press(&mut screen, &stage, "y");
        let [Wish::Copy(copied)] = wishes.as_slice() else { panic!("{wishes:?}") };
        copied.clone()
    };
    let (open, masked) = (copied(false), copied(true));
    let (name, rest) = open.split_once(": ").unwrap();
    let (alias, same) = masked.split_once(": ").unwrap();
    assert_eq!((rest, name.contains("guidingcare")), (same, true), "{open} | {masked}");
    assert!(rest.contains("resolvers lead to us-east-1") && !alias.contains("guidingcare"), "{open} | {masked}");
}

/// What is asked for is never masked: presenter mode changes pictures, and nothing that is done.
#[test]
fn what_is_asked_for_is_not_masked() {
    let world = World::new();
    let mut screen = screen(&world.stage, "alice", true);
    press(&mut screen, &world.stage, "f");
    type_in(&mut screen, &world.stage, "db9.corp.internal is gone");
    draw(&mut screen, &world.stage, (150, 44));
    let wishes = press(&mut screen, &world.stage, "\n");
    let [Wish::Propose { draft, .. }] = wishes.as_slice() else { panic!("{wishes:?}") };
    assert_eq!(draft.reason, "db9.corp.internal is gone");
    let arns: Vec<&ControlArn> = draft.to().iter().map(|(arn, _)| arn).collect();
    assert!(arns.iter().all(|a| world.stage.model.estate.control(a).is_some()));
}

#[test]
fn keys_accounts_in_groups_zones_and_webhooks_have_aliases() {
    use signalbox::estate::{Notify, Occasion, Secret, Template};
    let mut estate = support::estate();
    // Behind this host stands nothing that looks like a secret; the estate says that it is one.
    let own = Notify {
        on: vec![Occasion::Proposed],
        webhook: Some(Secret::new("https://chat.corp.example/in/blue")),
        webhook_env: None,
        command: None,
        bell: false,
        osc: None,
        template: Template::default(),
        presenting: false,
    };
    estate.notify.push(own);
    let mask = Mask::of(&estate);
    let account = estate.account.clone();
    let (dashes, blanks) = (group(&account, "-"), group(&account, " "));
    for written in [account, dashes.clone(), blanks.clone()] {
        assert_eq!(mask.text(&format!("in {written}, now")), "in account-1, now");
    }
    assert_eq!(mask.text(&format!("logs-{dashes}-east")), "logs-account-1-east");
    assert_eq!(mask.text(&format!("https://portal.guidingcare.com/{dashes}")), "https://portal.domain-1/account-1");
    let uuid = "12345678-1234-1234-1234-123456789012";
    assert!(mask.text(uuid).starts_with("id-"), "{}", mask.text(uuid));
    // Nothing of these may be left.
    for (text, secret) in [
        ("key AKIAIOSFODNNEXAMPLEX is refused", "AKIA"),
        ("sts gave ASIAY34FZKBOKMUTVV7A", "ASIA"),
        ("hostedzone/Z0123456789ABCDEFGHIJ is gone", "Z0123456789ABCDEFGHIJ"),
        ("https://hooks.slack.com/services/T024BE7LD/B024BE7LE/zYxWvUt", "services"),
        ("post to hooks.slack.com/services/T024BE7LD/B024BE7LE/zYxWvUt: 404", "T024BE7LD"),
        ("https://discord.com/api/webhooks/112233445566778899/abc-DEF_ghi", "1122"),
        ("https://acme.webhook.office.com/webhookb2/abc@def/IncomingWebhook/x/y", "webhookb2"),
        ("https://hooks.zapier.com/hooks/catch/123456/abcde1/", "catch"),
        ("https://events.pagerduty.com/integration/0123456789abcdef0123456789abcdef/enqueue", "enqueue"),
        ("https://prod-1.westus.logic.azure.com/workflows/run?sig=abcdef", "sig"),
        ("https://chat.corp.example/in/blue did not answer", "blue"),
        ("it was https://chat.corp.example/in/blue.", "in/blue"),
    ] {
        let masked = mask.text(text).into_owned();
        assert!(!masked.contains(secret), "{text} → {masked}");
        assert_eq!(mask.text(&masked), masked, "of {text}");
    }
    // What a probe asks for is said as it is.
    assert_eq!(mask.text("https://portal.guidingcare.com/api/v1/health"), "https://portal.domain-1/api/v1/health");
    assert_eq!(mask.text("ZUVERLAESSIGKEIT and AKIRA stay"), "ZUVERLAESSIGKEIT and AKIRA stay");
}

/// Twelve digits in groups of four.
fn group(account: &str, sign: &str) -> String {
    [&account[..4], &account[4..8], &account[8..]].join(sign)
}

#[test]
fn the_key_turns_it_on_and_off() {
    let stage = Stage::calm();
    let mut screen = Screen::new(setup(&stage, "alice", "dark"));
    assert!(!screen.presents());
    press(&mut screen, &stage, "P");
    assert!(screen.presents() && draw(&mut screen, &stage, (80, 24)).contains(" PRESENTER "));
    press(&mut screen, &stage, "?P");
    assert!(!screen.presents(), "it works in a dialog, too");
}

/// Columns stay where they are when what stands in them is masked by the pen.
#[test]
fn a_masked_id_takes_the_room_of_the_real_one() {
    let world = World::new();
    let column = |presents| {
        let mut screen = screen(&world.stage, "alice", presents);
        press(&mut screen, &world.stage, "5");
        let text = draw(&mut screen, &world.stage, (150, 44));
        let lines = text.lines().filter(|l| l.contains("continuous"));
        lines.map(|l| l.chars().collect::<Vec<_>>()).map(|l| l.len()).collect::<Vec<_>>()
    };
    assert_eq!(column(true), column(false));
}

/// Texts as they come: secrets and plain words, with what stands between words.
fn any_text() -> impl Strategy<Value = String> {
    let between = [
        " ",
        ", ",
        ": ",
        "=",
        " (",
        ") ",
        " “",
        "” ",
        "… ",
        " → ",
        " https://",
        " \u{202e} ",
        " データ ",
        ":443 ",
        "[",
        "] ",
    ];
    let words =
        ["host-3", "arn-2", "portal.domain-1", "well", "18:42:07Z", "12/12", "us-east-1", "38.0 %", "…", "4.8 s"];
    let word = proptest::sample::select([&HEARD[..], &words[..]].concat());
    proptest::collection::vec((word, proptest::sample::select(between.to_vec())), 0..10)
        .prop_map(|parts| parts.into_iter().map(|(word, between)| format!("{word}{between}")).collect())
}

/// Secrets in the middle of anything.
fn any_mess() -> impl Strategy<Value = String> {
    let secret = proptest::sample::select(HEARD.to_vec()).prop_map(str::to_owned);
    let mess = prop_oneof!["[ -~]{0,12}", "\\PC{0,6}", "[@.:/=…-]{0,4}"];
    proptest::collection::vec(prop_oneof![secret, mess], 0..12).prop_map(|parts| parts.concat())
}

static MASK: LazyLock<Mask> = LazyLock::new(|| Mask::of(&support::estate()));
static HEARING: LazyLock<Mask> =
    LazyLock::new(|| MASK.clone().hearing(["sql-prod-17", "SQL node seventeen"], |_| false));
static NEEDLES: LazyLock<Needles> = LazyLock::new(|| Needles::of(&support::estate()));

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// Masking twice is masking once, whatever the text; and it never fails.
    #[test]
    fn masking_twice_is_masking_once(text in any_text()) {
        let mask = &*MASK;
        let once = mask.text(&text).into_owned();
        prop_assert_eq!(mask.text(&once).into_owned(), once.clone(), "of {}", text);
    }

    /// Whatever stands around it, nothing fails, and an account or a domain is not seen again.
    #[test]
    fn a_mess_is_masked_too(text in any_mess()) {
        let mask = &*MASK;
        let account = &support::estate().account;
        let masked = mask.text(&format!("{text} {account} db9.corp.internal")).into_owned();
        prop_assert!(masked.ends_with(&format!(" account-1 {}", mask.text("db9.corp.internal"))), "{masked}");
    }

    /// A secret between spaces is gone; cut off anywhere, too, as long as the cut is seen.
    #[test]
    fn a_cut_secret_is_none(which in 0usize..HEARD.len(), at in 9usize..40) {
                let secret: String = HEARD[which].chars().take(at).collect();
        let text = if secret.len() < HEARD[which].len() { format!("at {secret}… now") } else { format!("at {secret} now") };
        // Several words are masked whole, or not recognised any more when they are cut.
        prop_assume!(!secret.contains(' ') || secret.len() == HEARD[which].len());
        // A bare account number that is cut is a number like others.
        prop_assume!(!(which == 11 && secret.len() < 12));
        let masked = HEARING.text(&text);
        prop_assert!(NEEDLES.in_text(&masked).is_none(), "{} → {}", text, masked);
    }
}

#[test]
fn the_estate_behind_the_veil_is_made_once() {
    let stage = Stage::calm();
    let mut veil = signalbox::model::Veil::of(&stage.model.estate);
    assert!(veil.is_of(&stage.model.estate));
    assert!(!veil.is_of(&Arc::new(support::estate())));
    let mask = veil.mask(&stage.model);
    let (one, two) = (veil.over(&stage.model, &mask), veil.over(&stage.model, &mask));
    assert!(Arc::ptr_eq(&one.estate, &two.estate));
}
