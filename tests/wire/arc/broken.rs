//! Clusters at random.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use signalbox::arc::Patience;
use signalbox::event::FlipEnd;

use super::fake::{Do, Endpoint, Fake};
use super::unsaid;

/// More at once, and what is slow is this machine.
const AT_ONCE: usize = 16;

fn misbehaviour() -> impl Strategy<Value = Do> {
    prop_oneof![
        6 => Just(Do::Answer),
        1 => (0_u64..250).prop_map(|ms| Do::Slowly(Duration::from_millis(ms))),
        1 => (0_u64..800).prop_map(|ms| Do::HangThenApply(Duration::from_millis(ms))),
        1 => Just(Do::AnswerOnce),
        7 => (any::<bool>(), any::<prop::sample::Index>()).prop_map(|(apply, which)| which.get(&unsaid(apply)).clone()),
    ]
}

fn endpoint() -> impl Strategy<Value = Endpoint> {
    let lag = prop_oneof![2 => Just(0), 2 => 50_u64..300, 1 => 700_u64..1600];
    (prop::bool::weighted(0.9), misbehaviour(), misbehaviour(), lag).prop_map(
        |(listens, mut reads, mut writes, lag)| {
            match reads {
                Do::HangThenApply(_) => reads = Do::Hang { apply: false },
                Do::Babble { .. } => reads = Do::AnswerUntilWritten,
                _ => {}
            }
            if let Do::AnswerOnce = writes {
                writes = Do::Answer;
            }
            Endpoint { listens, reads, writes, lag: Duration::from_millis(lag) }
        },
    )
}

/// An endpoint that mostly fails when it is written to, whether or not it does what it was asked.
fn failing() -> impl Strategy<Value = Endpoint> {
    let says =
        (any::<bool>(), any::<prop::sample::Index>()).prop_map(|(apply, which)| which.get(&Do::fails(apply)).clone());
    let late = (0_u64..400, any::<prop::sample::Index>()).prop_map(|(ms, which)| match which.get(&Do::fails(false)) {
        Do::Say { status, said, .. } => {
            Do::SayThenApply { after: Duration::from_millis(ms), status: *status, said: said.clone() }
        }
        other => other.clone(),
    });
    let writes = prop_oneof![5 => says, 1 => late, 2 => Just(Do::Answer), 2 => misbehaviour()];
    let reads = prop_oneof![
        6 => Just(Do::Answer),
        2 => (0_u64..250).prop_map(|ms| Do::Slowly(Duration::from_millis(ms))),
        2 => Just(Do::AnswerUntilWritten),
        1 => Just(Do::Hang { apply: false }),
    ];
    (endpoint(), reads, writes).prop_map(|(e, reads, writes)| Endpoint {
        reads,
        writes: if let Do::AnswerOnce = writes { Do::Answer } else { writes },
        ..e
    })
}

/// Whatever the endpoints do, in all cases: an end within the deadline, a verdict that is true, at most one write carried
/// out, and a second one only after an endpoint's failure that did nothing.
#[tokio::test]
async fn no_cluster_however_broken_makes_it_say_what_is_not_so() {
    all(120, &endpoint().boxed()).await;
}

#[tokio::test]
async fn no_endpoints_that_fail_make_it_carry_a_change_out_twice() {
    let second_writes = all(120, &failing().boxed()).await;
    assert!(second_writes > 5, "only {second_writes} had a second write: this shows nothing");
}

/// So many clusters, many at once; how many got a second write.
async fn all(cases: usize, endpoint: &BoxedStrategy<Endpoint>) -> usize {
    let mut runner = TestRunner::default();
    let mut running = tokio::task::JoinSet::new();
    let mut second_writes = 0;
    for _ in 0..cases {
        while running.len() >= AT_ONCE {
            second_writes += usize::from(running.join_next().await.unwrap().unwrap());
        }
        let endpoints = prop::collection::vec(endpoint, 5).new_tree(&mut runner).unwrap().current();
        let waits = any::<bool>().new_tree(&mut runner).unwrap().current();
        running.spawn(hold(endpoints, waits));
    }
    while let Some(case) = running.join_next().await {
        second_writes += usize::from(case.unwrap());
    }
    second_writes
}

/// Whether there was a second write.
async fn hold(endpoints: Vec<Endpoint>, waits: bool) -> bool {
    let said = format!("{endpoints:#?}, wait period {waits}");
    let quick = Patience {
        read: Duration::from_millis(500),
        write: Duration::from_millis(300),
        stale: Duration::from_millis(1700),
        look: Duration::from_secs(1),
    };
    let fake = Fake::start(endpoints.clone(), quick).await;
    fake.seen.lock().unwrap().wait_period = waits.then_some(Duration::from_secs(60));
    let deadline = Duration::from_secs(8);
    let began = Instant::now();
    let outcome = fake.flip(&fake.order(), deadline).await;
    let said = format!("{said}\n{outcome:#?}");
    assert!(began.elapsed() < deadline + Duration::from_millis(700), "late: {said}");
    let done = fake.is_done();
    let seen = fake.seen.lock().unwrap();
    let said = format!("{:?}, {} carried out: {said}", seen.writes, seen.applied);
    assert!(seen.applied <= 1, "carried out twice: {said}");
    match seen.writes[..] {
        [] | [_] => {}
        [first, second] => {
            assert!(first != second && endpoints[first].writes.is_failure(), "a second write: {said}");
            assert_ne!(seen.carried_out_by(), Some(first), "a second write after one that was carried out: {said}");
        }
        _ => panic!("more than two writes: {said}"),
    }
    match outcome.end {
        FlipEnd::Applied { .. } => assert!(done, "not so: {said}"),
        FlipEnd::Refused(_) => assert!(seen.writes.is_empty(), "refused, and written: {said}"),
        FlipEnd::Denied(_) => assert!(!seen.writes.is_empty(), "denied, and not written: {said}"),
        FlipEnd::Moved(_) => panic!("nobody moved anything: {said}"),
        FlipEnd::TooLate => panic!("only the model says so"),
        FlipEnd::Unreachable => assert!(seen.writes.is_empty(), "unreachable, and written: {said}"),
        FlipEnd::Uncertain => assert!(!seen.writes.is_empty(), "uncertain of nothing: {said}"),
    }
    seen.writes.len() > 1
}
