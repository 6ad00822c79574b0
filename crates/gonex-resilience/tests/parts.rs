//! Every policy that lasts is a component: it has a name and a kind, says how it is, has numbers that can be
//! reset, and stops.

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use gonex_core::component::{Component, Health, Registry};
use gonex_core::rt;
use gonex_resilience::breaker::{BreakerConfig, KeyedBreaker};
use gonex_resilience::fallback::{Fallbacks, LatestByKey};
use gonex_resilience::hedge::HedgeConfig;
use gonex_resilience::limit::{
    Gcra, KeyedLimiter, LeakyBucket, LeakyBucketConfig, TokenBucketConfig,
};
use gonex_resilience::{Fallback, Hedge, Retry, Timeout};
use support::{by_hand, poll, secs};

/// Registers a part, looks at what is the same of all, and stops it.
fn lives(registered: Arc<dyn Component>, kind: &str, count: &str) {
    let (registry, part) = (Registry::new(), registered.clone());
    let _registration = registry.register(registered).unwrap();
    assert_eq!((part.name(), part.kind()), ("mine", kind));
    assert_eq!((part.is_running(), registry.health()), (true, Health::Healthy), "{kind}");
    assert_eq!(registry.metrics().count(count), Some(1), "{kind}");
    registry.reset_metrics();
    assert_eq!(part.metrics().count(count), Some(0), "{kind}");
    assert!(registry.shutdown_all(rt::now() + secs(1)).block().is_clean());
    assert!(!part.is_running(), "{kind}");
}

#[test]
fn a_retry_a_time_out_a_fallback_and_a_hedge() {
    let retry = Retry::fixed().named("mine");
    retry.call(|| Ok::<_, ()>(7)).block().unwrap();
    assert_eq!(retry.snapshot().get("max_attempts"), Some(&"3".into()));
    lives(Arc::new(retry), "retry", "succeeded");

    let timeout = Timeout::new(secs(5)).unwrap().named("mine");
    timeout.call(|| Ok::<_, ()>(7)).block().unwrap();
    assert_eq!(timeout.snapshot().get("limit"), Some(&"5s".into()));
    lives(Arc::new(timeout), "time-out", "calls");

    let fallback = Fallback::value(7).named("mine");
    assert_eq!(fallback.call(|| Err::<u8, _>("down")).block(), Ok(7));
    lives(Arc::new(fallback), "fallback", "recovered");

    let hedge = Hedge::new(HedgeConfig::default()).unwrap().named("mine");
    hedge.call(|| Ok::<_, ()>(7)).block().unwrap();
    assert_eq!(hedge.snapshot().get("delay"), Some(&"100ms".into()));
    lives(Arc::new(hedge), "hedge", "calls");
}

#[test]
fn those_by_key() {
    let keyed = KeyedLimiter::<u8, Gcra>::new(TokenBucketConfig::per_second(2), 9).unwrap();
    let keyed = keyed.named("mine");
    keyed.try_acquire(&1, 1).unwrap();
    assert_eq!(keyed.snapshot().get("keys"), Some(&1_usize.into()));
    assert_eq!(keyed.of(&1).unwrap().name(), "mine");
    lives(Arc::new(keyed), "keyed limiter", "allowed");

    let hosts = KeyedBreaker::<u8>::new(BreakerConfig::consecutive(1), 9).unwrap().named("mine");
    hosts.of(&1).try_acquire().unwrap().failure();
    assert_eq!(hosts.health(), Health::degraded("1 of 1 are open"));
    hosts.of(&1).reset();
    hosts.of(&1).try_acquire().unwrap().success();
    lives(Arc::new(hosts), "keyed circuit breaker", "succeeded");

    let latest = LatestByKey::<u8, u8>::new(secs(60), 9).unwrap().named("mine");
    assert_eq!(latest.call(&1, || Ok::<_, ()>(7)).block(), Ok(7));
    lives(Arc::new(latest), "latest results by key", "calls");
}

#[test]
fn a_leaky_bucket() {
    let bucket = LeakyBucket::new(LeakyBucketConfig { capacity: 1, ..Default::default() }).unwrap();
    let bucket = bucket.named("mine");
    bucket.try_enqueue(7).unwrap();
    assert_eq!(bucket.health(), Health::degraded("it is full"));
    assert_eq!(
        (bucket.try_enqueue(8), bucket.dequeue(), bucket.dequeue()),
        (Err(8), Some(7), None)
    );
    let metrics = bucket.metrics();
    assert_eq!((metrics.enqueued, metrics.refused, metrics.dequeued), (1, 1, 1));
    lives(Arc::new(bucket), "leaky bucket", "enqueued");
}

#[test]
fn the_latest_result_is_that_of_its_key_and_the_oldest_key_goes() {
    let latest: LatestByKey<String, u32> = LatestByKey::new(Duration::MAX, 2).unwrap();
    let fails = |key: &str| latest.call(&key.to_owned(), || Err("down")).block();
    let yields = |key: &str, value| {
        assert_eq!(latest.call(&key.to_owned(), || Ok::<_, &str>(value)).block(), Ok(value));
    };
    yields("a", 1);
    yields("b", 2);
    assert_eq!((fails("a"), fails("b")), (Ok(1), Ok(2)));
    assert_eq!(fails("a"), Ok(1));
    yields("c", 3);
    assert_eq!(fails("c"), Ok(3));
    assert_eq!(fails("a"), Ok(1), "it was asked for lately");
    assert_eq!((fails("b"), latest.len()), (Err("down"), 2));
    // The key without a result is worth the least.
    assert_eq!(fails("c"), Err("down"), "it has gone for the other one");
    assert_eq!(
        (fails("a"), latest.len()),
        (Ok(1), 2),
        "it stays, though the others were asked later"
    );
}

#[test]
fn a_key_whose_first_call_is_under_way_stays() {
    by_hand(|manual| {
        let latest: LatestByKey<&str, u32> = LatestByKey::new(Duration::MAX, 2).unwrap();
        let fails = |key| latest.call(&key, || Err("down")).block();
        assert_eq!(latest.call(&"a", || Ok::<_, &str>(1)).block(), Ok(1));
        let mut first = pin!(latest.call(&"b", || async {
            rt::sleep(secs(1)).await;
            Ok::<_, &str>(2)
        }));
        assert!(poll(&mut first).is_pending());
        assert_eq!(latest.call(&"c", || Ok::<_, &str>(3)).block(), Ok(3));
        assert_eq!((fails("a"), latest.len()), (Err("down"), 2), "its result was worth less");
        manual.advance(secs(1));
        assert_eq!(poll(&mut first), Poll::Ready(Ok(2)));
        assert_eq!(fails("b"), Ok(2));
    });
}

#[test]
fn a_fallback_that_is_chosen_by_its_name_shares_the_state_of_the_one_that_was_added() {
    let latest = Fallback::latest(Duration::MAX);
    let mut known: Fallbacks<u8, &str> = Fallbacks::new();
    known.add("latest", latest.clone()).unwrap();
    known.add("zero", Fallback::value(0)).unwrap();
    let chosen = known.choose("latest").unwrap();
    assert_eq!(chosen.call(|| Err("down")).block(), Err("down"), "there is none yet");
    assert_eq!(latest.call(|| Ok::<_, &str>(7)).block(), Ok(7));
    assert_eq!(chosen.call(|| Err("down")).block(), Ok(7));
    assert_eq!((latest.metrics().calls, chosen.metrics().recovered), (3, 1));
    let unknown = known.choose("none").unwrap_err().to_string();
    assert!(unknown.contains("\"none\"") && unknown.contains("one of latest, zero"), "{unknown}");
}
