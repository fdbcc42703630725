//! The second write: after an endpoint's failure that did nothing, and after nothing else.

use std::time::{Duration, Instant};

use serde_json::json;
use signalbox::estate::ControlState;
use signalbox::event::{FlipEnd, FlipOutcome, RefusalKind};

use super::fake::{Do, Endpoint, Fake, REGIONS, RULE};
use super::{DEADLINE, STALE, applied_by, five, is_denied, patience, refusal};

/// The longest lag that there is.
const LAG: Duration = Duration::from_millis(1600);

/// A flip, the endpoints that were written to, and how long it took.
async fn flip(fake: &Fake) -> (FlipOutcome, Vec<usize>, Duration) {
    fake.seen.lock().unwrap().wait_period = Some(Duration::from_secs(60));
    let began = Instant::now();
    let outcome = fake.flip(&fake.order(), DEADLINE).await;
    let seen = fake.seen.lock().unwrap();
    assert!(seen.applied <= 1, "carried out twice: {outcome:#?}");
    (outcome, seen.writes.clone(), began.elapsed())
}

/// The first endpoint is the fastest and writes so; the others write like this.
async fn written(first: Do, others: Do) -> (FlipOutcome, Vec<usize>, Duration) {
    let others = Endpoint { writes: others, ..Endpoint::second() };
    flip(&five(Endpoint::writing(first), others).await).await
}

#[tokio::test]
async fn a_cluster_whose_fastest_endpoint_fails_writes_flips_all_the_same() {
    let flips = Do::fails(false).map(|fails| async move {
        let (outcome, writes, took) = written(fails, Do::Answer).await;
        let said = format!("{took:?}: {outcome:#?}");
        assert!(matches!(writes[..], [0, second] if second != 0), "{writes:?} {said}");
        assert_eq!(applied_by(&outcome.end), REGIONS[writes[1]], "{said}");
        assert!(outcome.attempts.iter().any(|a| a.said == "write once more: confirmed"), "{said}");
        assert!(took > STALE && took < 2 * STALE, "{said}");
    });
    futures::future::join_all(flips).await;
}

#[tokio::test]
async fn where_the_endpoint_goes_dark_after_its_failure_no_other_may_lag_any_more() {
    let flip = |apply| async move {
        let [_, fails, ..] = Do::fails(apply);
        let first = Endpoint { writes: fails, ..Endpoint::reading(Do::AnswerUntilWritten) };
        let fake = five(first, Endpoint::second().lagging(LAG)).await;
        flip(&fake).await
    };
    let ((undone, again, took), (done, once, _)) = tokio::join!(flip(false), flip(true));
    assert_eq!(again.len(), 2, "{undone:#?}");
    assert_eq!(applied_by(&undone.end), REGIONS[again[1]]);
    assert!(took > STALE, "after {took:?} they might still lag");
    assert_eq!(once, [0], "{done:#?}");
    assert_eq!(applied_by(&done.end), REGIONS[0]);
}

#[tokio::test]
async fn what_is_no_whole_failure_of_the_endpoints_own_is_never_sent_again() {
    let ruled = format!("The request would break safety rule {RULE}.");
    // The rule stands beside the message.
    let by_resource = json!({"__type": "ConflictException", "message": "no", "resourceId": RULE, "resourceType": "x"});
    let by_resource = Do::Say { apply: false, status: 409, said: by_resource };
    let first = [
        (Do::Hang { apply: false }, None),
        (Do::Reset { apply: false }, None),
        (Do::Half { apply: false }, None),
        (Do::HalfError { apply: false, closes: false }, None),
        (Do::HalfError { apply: false, closes: true }, None),
        (Do::Babble { apply: false }, None),
        // A proxy's own, behind which the write may wait.
        (Do::Say { apply: false, status: 503, said: json!({}) }, None),
        (Do::Say { apply: false, status: 504, said: json!("<html>gateway timeout</html>") }, None),
        (Do::refuse(false, 409, "ConflictException", &ruled), Some(RefusalKind::SafetyRule)),
        (Do::refuse(false, 429, "ThrottlingException", &ruled), Some(RefusalKind::SafetyRule)),
        (Do::refuse(false, 503, "EndpointTemporarilyUnavailableException", &ruled), Some(RefusalKind::SafetyRule)),
        (by_resource, Some(RefusalKind::SafetyRule)),
        // No name of ARC's: a proxy's own.
        (Do::Say { apply: false, status: 409, said: json!({}) }, Some(RefusalKind::Conflict)),
        (Do::refuse(false, 403, "AccessDeniedException", "no"), Some(RefusalKind::AccessDenied)),
        (Do::refuse(false, 400, "ValidationException", "what?"), Some(RefusalKind::Validation)),
        (Do::refuse(false, 404, "ResourceNotFoundException", "where?"), Some(RefusalKind::NotFound)),
    ];
    let flips = first.into_iter().map(|(first, kind)| async move {
        let (outcome, writes, _) = written(first.clone(), Do::Answer).await;
        let said = format!("{first:?}: {outcome:#?}");
        assert_eq!(writes, [0], "{said}");
        match kind {
            Some(kind) => assert_eq!(refusal(&outcome.end).0, kind, "{said}"),
            None => assert_eq!(outcome.end, FlipEnd::Uncertain, "{said}"),
        }
    });
    futures::future::join_all(flips).await;
}

#[tokio::test]
async fn the_second_write_is_the_last_and_judged_like_the_first() {
    let [_, fails, busy, conflict] = Do::fails(false);
    let [_, lies, ..] = Do::fails(true);
    let (failed, throttled, conflicted, lied, hung, ruled) = tokio::join!(
        written(fails.clone(), fails.clone()),
        written(fails.clone(), busy),
        written(conflict.clone(), conflict),
        written(fails.clone(), lies),
        written(fails.clone(), Do::Hang { apply: false }),
        written(fails, Do::refuse(false, 409, "ConflictException", RULE)),
    );
    for (outcome, writes, took) in [&failed, &throttled, &conflicted, &lied, &hung, &ruled] {
        assert_eq!(writes.len(), 2, "{outcome:#?}");
        assert!(*took < Duration::from_secs(6), "{took:?}: {outcome:#?}");
    }
    assert_eq!(refusal(&failed.0.end).0, RefusalKind::Unavailable);
    assert_eq!(refusal(&throttled.0.end).0, RefusalKind::Throttled);
    assert_eq!(refusal(&conflicted.0.end), (RefusalKind::Conflict, None));
    assert_eq!(applied_by(&lied.0.end), REGIONS[lied.1[1]]);
    assert_eq!(hung.0.end, FlipEnd::Uncertain);
    assert_eq!(refusal(&ruled.0.end).0, RefusalKind::SafetyRule);
}

#[tokio::test]
async fn one_other_endpoint_settles_nothing() {
    let flip = |reads, apply| async move {
        let [_, writes, ..] = Do::fails(apply);
        let dark = Endpoint::both(Do::Hang { apply: false });
        let first = Endpoint { writes, ..Endpoint::reading(reads) };
        let all = vec![first, Endpoint::second().lagging(LAG), dark.clone(), dark.clone(), dark];
        flip(&Fake::start(all, patience()).await).await
    };
    let (with_the_first, alone, done) =
        tokio::join!(flip(Do::Answer, false), flip(Do::AnswerUntilWritten, false), flip(Do::Answer, true));
    for (outcome, writes, _) in [&with_the_first, &alone, &done] {
        assert_eq!(*writes, [0], "{outcome:#?}");
    }
    assert_eq!(refusal(&with_the_first.0.end).0, RefusalKind::Unavailable);
    assert_eq!(refusal(&alone.0.end).0, RefusalKind::Unavailable);
    assert_eq!(applied_by(&done.0.end), REGIONS[0]);
}

#[tokio::test]
async fn one_endpoint_that_shows_the_new_states_outweighs_all_that_show_the_old() {
    let [_, lies, ..] = Do::fails(true);
    let first = Endpoint { writes: lies, ..Endpoint::reading(Do::AnswerUntilWritten) };
    let far_behind = Endpoint::second().lagging(Duration::from_secs(60));
    // Slow, so that what asks all once more hears the others first.
    let only = Endpoint::reading(Do::Slowly(Duration::from_millis(400)));
    let all = vec![first, only, far_behind.clone(), far_behind.clone(), far_behind];
    let (outcome, writes, _) = flip(&Fake::start(all, patience()).await).await;
    assert_eq!(writes, [0], "{outcome:#?}");
    assert!(is_denied(&outcome.end), "{outcome:#?}");
}

#[tokio::test]
async fn somebody_else_moving_a_control_meanwhile_ends_it() {
    let [_, fails, ..] = Do::fails(false);
    let fake = five(Endpoint::writing(fails), Endpoint::second()).await;
    let somebody = async {
        while fake.seen.lock().unwrap().writes.is_empty() {
            tokio::task::yield_now().await;
        }
        fake.set(&fake.order().flips[1].arn, ControlState::On);
    };
    let ((outcome, writes, _), ()) = tokio::join!(flip(&fake), somebody);
    assert_eq!(writes, [0], "{outcome:#?}");
    assert!(is_denied(&outcome.end), "{outcome:#?}");
}
