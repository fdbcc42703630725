//! The simulated world's accounts: sessions by the clock of life, and things that are of one account.

use std::collections::BTreeSet;
use std::sync::Arc;

use signalbox::estate::{Estate, Region};
use signalbox::sim::World;
use signalbox::sim::scenario::{Scenario, What};
use signalbox::sim::wire::Denial;
use signalbox::sim::world::{Api, Caller, NotGiven, Session, Spot, Wanted};
use signalbox::time::{Span, Timestamp};

const LOOK: &str = "arn:aws:iam::555566667777:role/signalbox-look";
const ACT: &str = "arn:aws:iam::333344445555:role/signalbox-act";

fn estate() -> Estate {
    Estate::parse(include_str!("../support/accounts.toml"), "accounts.toml").unwrap()
}

fn world_of(estate: Estate) -> World {
    let calm = Scenario { title: "t".into(), about: "a".into(), seed: 7, happenings: Vec::new() };
    World::new(Arc::new(estate), &calm, 7, life())
}

fn life() -> Timestamp {
    "2026-11-24T10:00:00Z".parse().unwrap()
}

fn wanted(role: &str) -> Wanted<'_> {
    Wanted { role, session: "test", external_id: None, seconds: 900, source_identity: None }
}

fn signed_in(world: &World) -> Caller {
    world.caller("AKIDTEST", None, life()).unwrap()
}

fn session(world: &mut World, role: &str) -> Session {
    let by = signed_in(world);
    world.assume_role(&by, wanted(role), life()).unwrap()
}

#[test]
fn a_session_ends_when_its_time_is_over_however_fast_the_world_is() {
    let mut world = world_of(estate());
    let given = session(&mut world, LOOK);
    let at = |world: &World, secs: i64| {
        world.caller(&given.key, Some(&given.token), life() + Span::from_secs(secs)).map(|c| c.account)
    };
    world.advance(life() + Span::from_hours(100));
    assert_eq!(at(&world, 899).as_deref(), Ok("555566667777"));
    assert_eq!(at(&world, 900), Err(Denial::Ended));
    assert_eq!(world.caller(&given.key, None, life()), Err(Denial::Unknown), "a key alone is nobody's");
}

#[test]
fn sessions_that_a_scenario_ended_stay_ended_when_it_is_mended() {
    let mut world = world_of(estate());
    let given = session(&mut world, LOOK);
    world.advance(life() + Span::from_secs(1));
    world.happen(What::SessionsEnd, None, "");
    world.mend();
    assert_eq!(world.caller(&given.key, Some(&given.token), life()), Err(Denial::Ended));
    world.advance(life() + Span::from_secs(2));
    let anew = session(&mut world, LOOK);
    assert!(world.caller(&anew.key, Some(&anew.token), life()).is_ok());
}

#[test]
fn a_source_identity_stays_what_it_was() {
    let mut world = world_of(estate());
    let network = session_of_network(&mut world);
    let by = Caller { source_identity: Some("alice@amber-falcon".into()), ..network.caller };
    let kept = world.assume_role(&by, wanted(ACT), life()).unwrap();
    assert_eq!(kept.caller.source_identity.as_deref(), Some("alice@amber-falcon"), "it goes on by itself");
    let same = Wanted { source_identity: Some("alice@amber-falcon"), ..wanted(ACT) };
    assert!(world.assume_role(&by, same, life()).is_ok());
    let other = Wanted { source_identity: Some("mallory@amber-falcon"), ..wanted(ACT) };
    assert_eq!(world.assume_role(&by, other, life()).err(), Some(NotGiven::SourceIdentity));
    // A role to look may not be told one, so it cannot be taken with a session that has one.
    let look = wanted("arn:aws:iam::333344445555:role/signalbox-look");
    assert_eq!(world.assume_role(&by, look, life()).err(), Some(NotGiven::SourceIdentity));
}

fn session_of_network(world: &mut World) -> Session {
    let by = signed_in(world);
    let role = "arn:aws:iam::222233334444:role/ops/signalbox-look";
    world.assume_role(&by, Wanted { external_id: Some("ex-network"), ..wanted(role) }, life()).unwrap()
}

/// A key has its account's number in it: whoever signs in with a user's key of another account is of that one.
#[test]
fn a_users_key_is_of_its_own_account() {
    let mut world = world_of(estate());
    let key = session(&mut world, LOOK).key.replacen("ASIA", "AKIA", 1);
    assert_eq!(world.caller(&key, None, life()).unwrap().account, "555566667777");
    assert_eq!(world.caller("AKIAIOSFODNN7EXAMPLE", None, life()).unwrap().account, "111122223333");
}

/// Where an estate names no accounts, whoever calls is of its own, and may do all.
#[test]
fn one_account_stays_as_it_was() {
    let one = Estate::parse(include_str!("../support/estate.toml"), "estate.toml").unwrap();
    let mut world = world_of(one);
    for key in ["AKIDTEST", "ASIAANYTHINGATALL234", "ASIA"] {
        let caller = world.caller(key, Some("any"), life()).unwrap();
        assert_eq!(caller.account, "111122223333");
        assert!(world.may_act(&caller, "111122223333"));
    }
    let by = signed_in(&world);
    assert_eq!(world.assume_role(&by, wanted(LOOK), life()).err(), Some(NotGiven::NotTrusted));
}

#[test]
fn two_accounts_have_different_things_of_one_name() {
    let mut estate = estate();
    let mut twin = estate.systems.iter().find(|s| s.id.as_str() == "ec2").unwrap().clone();
    twin.id = "twin".into();
    twin.account = Some(signalbox::estate::PerSide::Same("data".into()));
    estate.systems.push(twin);
    let world = world_of(estate);
    let east = Region::new("us-east-1");
    let all = world.instances(&east);
    let ids: BTreeSet<&str> = all.iter().map(|i| i.id.as_str()).collect();
    let of = |owner: &str| all.iter().filter(|i| i.owner == owner).count();
    assert_eq!((of("333344445555"), of("555566667777"), ids.len()), (7, 7, 14));
    let spot = |owner| Spot { owner, region: &east };
    assert!(!world.metrics_of(spot("333344445555")).is_empty());
    assert!(world.metrics_of(spot("444455556666")).is_empty());
}

#[test]
fn the_trail_forgets_what_is_oldest() {
    let mut world = world_of(estate());
    let caller = signed_in(&world);
    for n in 0..5_000 {
        world.called(&caller, Api::Ec2, &Region::new("us-east-1"), &n.to_string(), None);
    }
    let trail = world.trail();
    assert_eq!((trail.len(), trail.last().unwrap().operation.as_str()), (4_096, "4999"));
}
