//! STS: to whom it gives which role, for how long, and what becomes of sessions that have ended.

use super::*;

use signalbox::sim::What;
use signalbox::sim::scenario::Scenario;
use signalbox::time::{Span, Timestamp};

async fn who(sim: &Sim, with: Credentials) -> (String, String, String) {
    let answer = sts(sim, with).get_caller_identity().send().await.unwrap();
    let [arn, account, id] = [answer.arn(), answer.account(), answer.user_id()].map(|t| t.unwrap().to_owned());
    (arn, account, id)
}

#[tokio::test]
async fn a_session_of_a_role_says_whose_it_is() {
    let sim = simulated().await;
    let (arn, account, _) = who(&sim, signed_in()).await;
    assert_eq!((arn.as_str(), account.as_str()), ("arn:aws:iam::111122223333:user/rehearsal", SIGN_IN));
    let role = look_role("network");
    let call = sts(&sim, signed_in()).assume_role().role_arn(&role.role).role_session_name("night=shift@ops");
    let given = call.set_external_id(role.external_id).send().await.unwrap();
    let user = given.assumed_role_user().unwrap();
    // The path of a role is not in the ARN of its sessions.
    assert_eq!(user.arn(), "arn:aws:sts::222233334444:assumed-role/signalbox-look/night=shift@ops");
    assert!(user.assumed_role_id().starts_with("AROA") && user.assumed_role_id().ends_with(":night=shift@ops"));
    let given = held(&given);
    assert!(given.access_key_id().starts_with("ASIA") && given.access_key_id().len() == 20);
    let (arn, account, id) = who(&sim, given).await;
    assert_eq!((arn.as_str(), account.as_str(), id.as_str()), (user.arn(), NETWORK, user.assumed_role_id()));
}

/// What STS says to somebody to whom it does not give a role.
async fn not_given(sim: &Sim, with: Credentials, role: &str, external_id: Option<&str>) -> (String, String) {
    let call = sts(sim, with).assume_role().role_arn(role).role_session_name("test");
    refusal(call.set_external_id(external_id.map(str::to_owned)).send().await)
}

#[tokio::test]
async fn a_role_is_given_to_whom_it_trusts_and_to_nobody_else() {
    let sim = simulated().await;
    let (network, prod) = (look_role("network").role, look_role("prod").role);
    let user = "arn:aws:iam::111122223333:user/rehearsal";
    let seen = look(&sim, "network").await;
    let session = "arn:aws:sts::222233334444:assumed-role/signalbox-look/test";
    let nobody = "arn:aws:iam::333344445555:role/nobody";
    for (what, with, as_who, role, external_id) in [
        ("no external id", signed_in(), user, network.as_str(), None),
        ("another external id", signed_in(), user, &network, Some("ex-dr")),
        ("not what it is taken from", signed_in(), user, &prod, None),
        ("no such role", signed_in(), user, nobody, None),
        ("a session where people sign in", seen.clone(), session, &look_role("data").role, None),
        (
            "another account's session",
            look(&sim, "prod").await,
            "arn:aws:sts::333344445555:assumed-role/signalbox-look/test",
            &act_role("prod").role,
            None,
        ),
    ] {
        let (code, said) = not_given(&sim, with, role, external_id).await;
        assert_eq!(code, "AccessDenied", "{what}");
        let words = format!("User: {as_who} is not authorized to perform: sts:AssumeRole on resource: {role}");
        assert_eq!(said, words, "{what}");
    }
    // An external id that nobody asks for does no harm.
    let call = sts(&sim, seen).assume_role().role_arn(prod).role_session_name("test").external_id("any");
    call.send().await.unwrap();
}

#[tokio::test]
async fn names_and_lengths_are_as_the_model_has_them() {
    let sim = simulated().await;
    let role = look_role("data").role;
    let long = "x".repeat(65);
    let longer = "x".repeat(257);
    for (name, source, seconds, said) in [
        (
            "x",
            None,
            900,
            "Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
        ),
        (
            &long,
            None,
            900,
            "at 'roleSessionName' failed to satisfy constraint: Member must have length less than or equal to 64",
        ),
        (
            "a b",
            None,
            900,
            "Value 'a b' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
        ),
        ("test", Some("a/b"), 900, "Value 'a/b' at 'sourceIdentity' failed"),
        (
            "test",
            Some(longer.as_str()),
            900,
            "at 'sourceIdentity' failed to satisfy constraint: Member must have length less than or equal to 256",
        ),
        (
            "test",
            None,
            899,
            "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
        ),
        (
            "test",
            None,
            43_201,
            "at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
        ),
    ] {
        let call =
            sts(&sim, signed_in()).assume_role().role_arn(&role).role_session_name(name).duration_seconds(seconds);
        let (code, found) = refusal(call.set_source_identity(source.map(str::to_owned)).send().await);
        assert_eq!(code, "ValidationError", "{found}");
        assert!(found.starts_with("1 validation error detected: ") && found.contains(said), "{found}");
    }
    let call = sts(&sim, signed_in()).assume_role().role_arn("the role to look, please").role_session_name("test");
    assert_eq!(refusal(call.send().await), ("ValidationError".into(), "the role to look, please is invalid".into()));
}

#[tokio::test]
async fn a_session_lasts_as_long_as_was_asked_and_a_chained_one_an_hour_at_most() {
    // However fast the world is: who holds a session looks at the clock of its own machine.
    let sim = Sim::start(SimOptions::new(estate(), "calm").unwrap().speed(100.0)).await.unwrap();
    let lasts = async |with: Credentials, role: &RoleEntry, seconds: Option<i32>| {
        let call = sts(&sim, with).assume_role().role_arn(&role.role).role_session_name("test");
        let call = call.set_external_id(role.external_id.clone()).set_duration_seconds(seconds);
        let given = call.send().await.map_err(|e| e.message().unwrap_or_default().to_owned())?;
        Ok::<_, String>(given.credentials().unwrap().expiration().secs() - Timestamp::now().as_second())
    };
    let near = |seconds: i64| (seconds - 60)..=seconds;
    let (network, prod) = (look_role("network"), look_role("prod"));
    assert!(near(3_600).contains(&lasts(signed_in(), &network, None).await.unwrap()));
    assert!(near(43_200).contains(&lasts(signed_in(), &network, Some(43_200)).await.unwrap()));
    let seen = look(&sim, "network").await;
    assert!(near(3_600).contains(&lasts(seen.clone(), &prod, Some(3_600)).await.unwrap()));
    let said = lasts(seen, &prod, Some(3_601)).await.unwrap_err();
    assert_eq!(
        said,
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    );
    // What people sign in with may be a session itself.
    let single_sign_on = Credentials::new("ASIAUNKNOWN", "secret", Some("token".into()), None, "test");
    assert!(lasts(single_sign_on, &network, Some(3_601)).await.is_err());
}

#[tokio::test]
async fn only_what_acts_is_told_who_is_behind_it() {
    let sim = simulated().await;
    let named = |with: Credentials, role: &RoleEntry| {
        let call = sts(&sim, with).assume_role().role_arn(&role.role).role_session_name("test");
        call.set_external_id(role.external_id.clone()).source_identity("alice@amber-falcon").send()
    };
    let given = named(look(&sim, "network").await, &act_role("prod")).await.unwrap();
    assert_eq!(given.source_identity(), Some("alice@amber-falcon"));
    let (code, said) = not_given(&sim, look(&sim, "network").await, &act_role("prod").role, None).await;
    assert!(code == "AccessDenied" && said.contains("sts:AssumeRole"), "nobody acts without a name: {said}");
    let role = look_role("network");
    let (code, said) = refusal(named(signed_in(), &role).await);
    assert_eq!(code, "AccessDenied");
    let words = "User: arn:aws:iam::111122223333:user/rehearsal is not authorized to perform: sts:SetSourceIdentity on resource: ";
    assert_eq!(said, format!("{words}{}", role.role));
}

/// The code that each service gives to these credentials, in its own protocol's words. CloudWatch once spoke the query
/// protocol: its CBOR has the code of that beside its own, and the SDK takes that one.
async fn codes(sim: &Sim, with: &Credentials) -> Vec<(&'static str, String)> {
    let arn = sim.estate().controls().next().unwrap().arn.to_string();
    vec![
        ("sts", code(sts(sim, with.clone()).get_caller_identity().send().await)),
        ("iam", code(iam(sim, with).get_role().role_name("any").send().await)),
        ("cloudwatch", code(cloudwatch(sim, ACTIVE, with).describe_alarms().send().await)),
        ("ec2", code(ec2(sim, ACTIVE, with).describe_instances().send().await)),
        ("drs", code(drs(sim, ACTIVE, with).describe_jobs().send().await)),
        ("route53", code(route53(sim, with).list_hosted_zones().send().await)),
        ("arc", code(arc(sim, with).get_routing_control_state().routing_control_arn(arn).send().await)),
        ("control plane", code(control_config(sim, with).list_clusters().send().await)),
    ]
}

#[tokio::test]
async fn a_session_that_has_ended_is_refused_by_every_service() {
    let sim = simulated().await;
    let with = look(&sim, "network").await;
    sts(&sim, with.clone()).get_caller_identity().send().await.unwrap();
    sim.happen(What::SessionsEnd, None);
    let ended = [
        ("sts", "ExpiredToken"),
        ("iam", "ExpiredToken"),
        ("cloudwatch", "ExpiredToken"),
        ("ec2", "RequestExpired"),
        ("drs", "ExpiredTokenException"),
        ("route53", "ExpiredToken"),
        ("arc", "ExpiredTokenException"),
        ("control plane", "ExpiredTokenException"),
    ];
    assert_eq!(codes(&sim, &with).await, ended.map(|(service, code)| (service, code.to_owned())));
    let anew = look(&sim, "network").await;
    sts(&sim, anew.clone()).get_caller_identity().send().await.unwrap();

    // A key without its own token is nobody's; so is one of these accounts that STS does not know.
    let token = with.session_token().map(str::to_owned);
    let mixed = Credentials::new(anew.access_key_id(), "secret", token.clone(), None, "test");
    let (begin, _) = anew.access_key_id().split_at(14);
    let unknown = Credentials::new(format!("{begin}AAAAAA"), "secret", token, None, "test");
    let invalid = [
        ("sts", "InvalidClientTokenId"),
        ("iam", "InvalidClientTokenId"),
        ("cloudwatch", "InvalidClientTokenId"),
        ("ec2", "AuthFailure"),
        ("drs", "UnrecognizedClientException"),
        ("route53", "InvalidClientTokenId"),
        ("arc", "UnrecognizedClientException"),
        ("control plane", "UnrecognizedClientException"),
    ];
    for nobody in [mixed, unknown] {
        assert_eq!(codes(&sim, &nobody).await, invalid.map(|(service, code)| (service, code.to_owned())));
    }
}

#[tokio::test]
async fn a_scenario_refuses_roles_and_ends_sessions() {
    let text = "title = \"t\"\nabout = \"a\"\n[[happening]]\nat = \"0 s\"\nwhat = \"role-refused\"\naccount = \"data\"\n\
                role = \"look\"\n[[happening]]\nat = \"1 h\"\nwhat = \"sessions-end\"\n";
    let scenario = Scenario::parse(text, "t.toml", &estate()).unwrap();
    assert_eq!(scenario.happenings[1].what, What::SessionsEnd);
    let sim = Sim::start(SimOptions::with(estate(), scenario)).await.unwrap();
    let (code, said) = not_given(&sim, signed_in(), &look_role("data").role, None).await;
    assert!(code == "AccessDenied" && said.contains("sts:AssumeRole"), "{said}");
    look(&sim, "watch").await;
    let wrong = text.replace("\"data\"", "\"date\"").replace("\"look\"", "\"loop\"");
    let faults = Scenario::parse(&wrong, "t.toml", &estate()).unwrap_err().to_string();
    assert!(faults.contains("no account is called `date`; did you mean `data`?"), "{faults}");
    let wrong = text.replace("\"look\"", "\"loop\"");
    let faults = Scenario::parse(&wrong, "t.toml", &estate()).unwrap_err().to_string();
    assert!(faults.contains("no role is called `loop`; did you mean `look`?"), "{faults}");
}

/// Route 53's five calls a second are each account's own.
#[tokio::test]
async fn a_quota_is_an_accounts() {
    let unkind = signalbox::sim::Temper::Unkind;
    let sim = Sim::start(SimOptions::new(estate(), "calm").unwrap().speed(0.01).temper(unkind)).await.unwrap();
    let ask = |who: Credentials| {
        sim.world().with(move |w| {
            let caller = w.caller(who.access_key_id(), who.session_token(), Timestamp::now()).unwrap();
            w.allows(&caller.account, signalbox::sim::world::Api::Route53, &region(ACTIVE))
        })
    };
    let given = |account: &str| {
        let (role, external_id) = (look_role(account).role, look_role(account).external_id);
        let session = sim.world().with(|w| {
            let by = w.caller("AKIDTEST", None, Timestamp::now()).unwrap();
            let external_id = external_id.as_deref();
            let wanted = signalbox::sim::world::Wanted {
                role: &role,
                session: "test",
                external_id,
                seconds: Span::from_hours(1).as_secs(),
                source_identity: None,
            };
            w.assume_role(&by, wanted, Timestamp::now()).unwrap()
        });
        Credentials::new(session.key, session.secret, Some(session.token), None, "test")
    };
    let (network, watch) = (given("network"), given("watch"));
    let allowed: Vec<bool> = (0..6).map(|_| ask(network.clone())).collect();
    assert_eq!(allowed, [true, true, true, true, true, false]);
    assert!(ask(watch), "another account has five of its own");
}
