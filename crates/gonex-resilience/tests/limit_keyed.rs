//! Limiters by key: who makes room for whom, what is told at the bound, and settings that change
//! while a key is being made.

mod support;

use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gonex_core::{Clock, Instant, SystemClock};
use gonex_resilience::breaker::BreakerConfig;
use gonex_resilience::limit::{
    AtBound, Denied, Gcra, KeyedLimiter, LeakyBucket, LeakyBucketConfig, Meter, TokenBucketConfig,
    Verdict,
};
use gonex_resilience::{InvalidConfig, KeyedBreaker};
use support::{Told, secs};

thread_local! {
    /// What happens while a key is next cloned, or settings that last for an hour are dropped.
    static MEANWHILE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// A key that has something happen while it is cloned.
#[derive(PartialEq, Eq)]
struct Slow(u8);

impl Hash for Slow {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Clone for Slow {
    fn clone(&self) -> Self {
        let meanwhile = MEANWHILE.take();
        meanwhile.into_iter().for_each(|happens| happens());
        Self(self.0)
    }
}

#[test]
fn new_settings_reach_a_key_that_is_just_being_made() {
    let keyed = KeyedLimiter::<Slow, Gcra>::new(TokenBucketConfig::per(1, secs(60)), 9).unwrap();
    let changes = keyed.clone();
    MEANWHILE.set(Some(Box::new(move || {
        changes.reconfigure(TokenBucketConfig::per(5, secs(60))).unwrap();
    })));
    let limiter = keyed.of(&Slow(1)).unwrap();
    assert_eq!((limiter.available(), limiter.config().capacity), (5, 5));
}

#[test]
fn the_bound_tells_how_many_keys_there_are_in_all() {
    let config = TokenBucketConfig::per(1, secs(60));
    let keyed = KeyedLimiter::<u32, Gcra>::new(config, 256).unwrap();
    let refused = (0..).find_map(|key| keyed.try_acquire(&key, 1).err()).unwrap();
    assert_eq!(refused, Denied::TooManyKeys { keys: keyed.len() });
    assert!(keyed.len() > 16, "a part of them would be 16");
}

#[test]
fn somebody_always_makes_room_whoever_is_held_meanwhile() {
    let config = TokenBucketConfig::per(1, secs(60));
    let clock = Arc::new(SystemClock);
    let keyed = KeyedLimiter::<u32, Gcra>::with(config, 2, AtBound::EvictOldest, clock).unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (keyed, done) = (&keyed, &done);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    drop(keyed.of(&0));
                }
            });
        }
        for round in 0..20_000 {
            // The others may hold theirs now or not: whom it takes must not depend on a second look.
            drop(keyed.of(&(1 + round % 7)));
            if keyed.len() > 2 {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(keyed.len() <= 2, "{} keys", keyed.len());
}

/// A clock that asks the policy whose clock it is, which must hold no lock then.
struct Nosy {
    asks: RefCell<Option<Box<dyn Fn()>>>,
}

thread_local! {
    static NOSY: Nosy = const { Nosy { asks: RefCell::new(None) } };
}

#[derive(Debug)]
struct NosyClock(Instant);

impl Clock for NosyClock {
    fn now(&self) -> Instant {
        let asks = NOSY.with(|nosy| nosy.asks.take());
        if let Some(asks) = asks {
            asks();
            NOSY.with(|nosy| nosy.asks.replace(Some(asks)));
        }
        self.0
    }
}

/// Runs a body, with a watchdog for one that waits for itself.
fn watched(body: impl FnOnce() + Send + 'static) {
    let (done, ended) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        body();
        done.send(()).ok();
    });
    match ended.recv_timeout(Duration::from_secs(20)) {
        Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("it waits for its own lock"),
        _ => thread.join().unwrap(),
    }
}

fn nosy(asks: impl Fn() + 'static) {
    NOSY.with(|nosy| nosy.asks.replace(Some(Box::new(asks))));
}

fn clock() -> Arc<NosyClock> {
    Arc::new(NosyClock(gonex_core::rt::now()))
}

#[test]
fn a_leaky_bucket_asks_its_clock_under_no_lock() {
    watched(|| {
        let bucket = LeakyBucket::with_clock(LeakyBucketConfig::default(), clock()).unwrap();
        let asked = bucket.clone();
        nosy(move || assert!(asked.len() < 2));
        bucket.try_enqueue(7).unwrap();
        assert_eq!(bucket.time_until_next(), Some(Duration::ZERO));
        assert_eq!(bucket.dequeue(), Some(7));
    });
}

#[test]
fn a_keyed_breaker_asks_its_clock_under_no_lock() {
    watched(|| {
        let keyed =
            KeyedBreaker::<u8>::with_clock(BreakerConfig::consecutive(1), 1, clock()).unwrap();
        let asked = keyed.clone();
        nosy(move || assert!(asked.len() < 2));
        for key in 0..3 {
            drop(keyed.of(&key));
        }
        assert_eq!(keyed.len(), 1);
    });
}

#[test]
fn a_keyed_limiter_asks_its_clock_under_no_lock() {
    watched(|| {
        let config = TokenBucketConfig::per(1, secs(60));
        let keyed =
            KeyedLimiter::<u8, Gcra>::with(config, 1, AtBound::EvictOldest, clock()).unwrap();
        let asked = keyed.clone();
        nosy(move || assert!(asked.len() < 2));
        for key in 0..3 {
            keyed.try_acquire(&key, 1).unwrap();
        }
        assert_eq!(keyed.evict_idle(), 0);
    });
}

/// One token an hour for each key, and room for so many keys.
fn hourly(max_keys: usize) -> (KeyedLimiter<u8, Gcra>, Arc<Told>) {
    let (config, clock) = (TokenBucketConfig::per(1, secs(3600)), Told::new());
    let keyed = KeyedLimiter::with(config, max_keys, AtBound::Refuse, clock.clone()).unwrap();
    (keyed, clock)
}

#[test]
fn a_key_that_is_brought_to_rest_by_its_handle_makes_room_at_once() {
    let (keyed, _) = hourly(1);
    let held = keyed.of(&1).unwrap();
    held.try_acquire(1).unwrap();
    assert_eq!(keyed.try_acquire(&2, 1), Err(Denied::TooManyKeys { keys: 1 }));
    held.reset();
    drop(held);
    assert_eq!(keyed.try_acquire(&2, 1), Ok(()), "it was held at the last look");
    assert_eq!(keyed.try_acquire(&3, 1), Err(Denied::TooManyKeys { keys: 1 }));
    keyed.of(&2).unwrap().reset();
    assert_eq!(keyed.try_acquire(&3, 1), Ok(()), "it has been handed out since");
}

#[test]
fn a_new_key_that_took_nothing_makes_room_for_the_next() {
    let (keyed, clock) = hourly(2);
    keyed.try_acquire(&1, 1).unwrap();
    clock.set(1);
    keyed.try_acquire(&2, 1).unwrap();
    // The first one is at rest by then, the second one a moment later.
    clock.set(3600 * 1_000_000_000);
    keyed.try_acquire(&3, 0).unwrap();
    assert_eq!(keyed.try_acquire(&4, 1), Ok(()));
}

/// Settings of which those that last for an hour have something happen when they are dropped.
#[derive(Clone, Debug, PartialEq)]
struct Watched(TokenBucketConfig);

impl Drop for Watched {
    fn drop(&mut self) {
        if self.0 == TokenBucketConfig::per(1, secs(3600)) {
            let meanwhile = MEANWHILE.take();
            meanwhile.into_iter().for_each(|happens| happens());
        }
    }
}

struct WatchedMeter(Gcra);

impl Meter for WatchedMeter {
    type Config = Watched;

    fn new(config: Watched, now: u64) -> Result<Self, InvalidConfig> {
        Gcra::new(config.0, now).map(Self)
    }

    fn take(&self, tokens: u32, now: u64) -> Verdict {
        self.0.take(tokens, now)
    }

    fn ready_at(&self, tokens: u64, now: u64) -> u64 {
        self.0.ready_at(tokens, now)
    }

    fn available(&self, now: u64) -> u32 {
        self.0.available(now)
    }

    fn most(&self) -> u32 {
        self.0.most()
    }

    fn reset(&self, now: u64) {
        self.0.reset(now);
    }

    fn config(&self) -> Watched {
        Watched(self.0.config())
    }

    fn reconfigure(&self, config: Watched, now: u64) -> Result<(), InvalidConfig> {
        self.0.reconfigure(config.0, now)
    }

    fn is_at_rest(&self, now: u64) -> bool {
        self.0.is_at_rest(now)
    }
}

#[test]
fn a_look_between_new_settings_and_their_keys_is_forgotten() {
    let (config, clock) = (Watched(TokenBucketConfig::per(1, secs(3600))), Told::new());
    let keyed: KeyedLimiter<u8, WatchedMeter> =
        KeyedLimiter::with(config, 1, AtBound::Refuse, clock.clone()).unwrap();
    keyed.try_acquire(&1, 1).unwrap();
    let comes = keyed.clone();
    MEANWHILE.set(Some(Box::new(move || {
        assert_eq!(comes.try_acquire(&2, 1), Err(Denied::TooManyKeys { keys: 1 }));
    })));
    keyed.reconfigure(Watched(TokenBucketConfig::per(1, secs(1)))).unwrap();
    assert!(MEANWHILE.take().is_none(), "somebody came meanwhile");
    clock.set(2 * 1_000_000_000);
    assert_eq!(keyed.try_acquire(&2, 1), Ok(()), "by the new settings the other is at rest");
}
