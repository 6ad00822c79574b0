//! How often policies look at the clock: that is most of what a call through them costs.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Waker;
use std::time::Duration;

use gonex_core::rt::{self, Manual, Parker, Seam, Thread, ThreadOptions, Timer};
use gonex_core::{Clock, Instant};
use gonex_resilience::breaker::{BreakerConfig, WindowKind};
use gonex_resilience::limit::TokenBucketConfig;
use gonex_resilience::{CircuitBreaker, Retry, Timeout, TokenBucket};

/// Time that stands, and counts who looks at it.
#[derive(Debug)]
struct Looked {
    seam: Manual,
    looks: AtomicU64,
}

impl Looked {
    fn new() -> Arc<Self> {
        Arc::new(Self { seam: Manual::new(), looks: AtomicU64::new(0) })
    }

    /// How often something looks.
    fn during<T>(&self, body: impl FnOnce() -> T) -> u64 {
        let before = self.looks.load(Ordering::Relaxed);
        body();
        self.looks.load(Ordering::Relaxed) - before
    }
}

impl Clock for Looked {
    fn now(&self) -> Instant {
        self.looks.fetch_add(1, Ordering::Relaxed);
        self.seam.now()
    }
}

impl Seam for Looked {
    fn now(&self) -> Instant {
        Clock::now(self)
    }

    fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>) {
        self.seam.park(parker, deadline);
    }

    fn timer(&self, at: Instant, waker: Waker) -> Timer {
        self.seam.timer(at, waker)
    }

    fn random(&self) -> u64 {
        self.seam.random()
    }

    fn spawn_thread(
        &self,
        options: ThreadOptions,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<Thread> {
        self.seam.spawn_thread(options, body)
    }
}

fn breaker(config: BreakerConfig) -> (CircuitBreaker, Arc<Looked>) {
    let clock = Looked::new();
    (CircuitBreaker::with_clock(config, clock.clone()).unwrap(), clock)
}

#[test]
fn a_closed_breaker_looks_at_no_clock_for_a_success() {
    let count = WindowKind::Count { calls: 3 };
    for window in [WindowKind::Consecutive { failures: 3 }, count] {
        let (breaker, clock) =
            breaker(BreakerConfig { window, minimum_calls: 3, ..BreakerConfig::default() });
        let looks = clock.during(|| {
            for _ in 0..9 {
                breaker.try_acquire().unwrap().success();
                assert_eq!(breaker.call(|| Ok::<_, ()>(7)).block(), Ok(7));
                assert_eq!(breaker.call(|| async { Ok::<_, ()>(7) }).block(), Ok(7));
                breaker.try_acquire().unwrap().ignore();
            }
        });
        assert_eq!(looks, 0, "{window:?}");
        assert_eq!((breaker.metrics().permitted, breaker.metrics().succeeded), (36, 27));
    }
}

#[test]
fn a_breaker_measures_calls_where_some_are_slow() {
    let slow_call = Some(Duration::from_secs(1));
    let (breaker, clock) = breaker(BreakerConfig { slow_call, ..BreakerConfig::default() });
    let looks = clock.during(|| {
        let call = breaker.try_acquire().unwrap();
        clock.seam.advance(Duration::from_secs(2));
        call.success();
    });
    assert_eq!(looks, 2, "when it begins and when it ends");
    assert_eq!(breaker.metrics().slow, 1);
    assert_eq!(breaker.metrics().total_time, Duration::from_secs(2));
}

#[test]
fn a_call_that_began_before_calls_were_measured_is_not_slow() {
    let (breaker, clock) = breaker(BreakerConfig::default());
    clock.seam.advance(Duration::from_secs(60));
    let early = breaker.try_acquire().unwrap();
    let slow_call = Some(Duration::from_secs(1));
    breaker.reconfigure(BreakerConfig { slow_call, ..BreakerConfig::default() }).unwrap();
    early.success();
    assert_eq!((breaker.metrics().succeeded, breaker.metrics().slow), (1, 0));
}

#[test]
fn an_open_breaker_refuses_by_one_look() {
    let (breaker, clock) = breaker(BreakerConfig::consecutive(1));
    breaker.try_acquire().unwrap().failure();
    assert_eq!(clock.during(|| breaker.try_acquire().unwrap_err()), 1);
}

/// A rate that is lowered below what is in the window opens at the next call that ends, whatever its end.
#[test]
fn a_success_opens_a_breaker_whose_settings_have_changed() {
    let window = WindowKind::Count { calls: 10 };
    let config = BreakerConfig { window, minimum_calls: 4, ..BreakerConfig::default() };
    let (breaker, _) = breaker(config.clone());
    for good in [true, true, true, false, true] {
        let call = breaker.try_acquire().unwrap();
        if good { call.success() } else { call.failure() }
    }
    breaker.reconfigure(BreakerConfig { failure_rate: 0.1, ..config }).unwrap();
    assert!(breaker.is_closed());
    breaker.try_acquire().unwrap().success();
    assert!(breaker.is_open());
}

#[test]
fn a_token_bucket_looks_once() {
    let clock = Looked::new();
    let config = TokenBucketConfig::per(1, Duration::from_secs(60));
    let limiter = TokenBucket::with_clock(config, clock.clone()).unwrap();
    assert_eq!(clock.during(|| limiter.try_acquire(1).unwrap()), 1, "allowed");
    assert_eq!(clock.during(|| limiter.try_acquire(1).unwrap_err()), 1, "denied");
}

#[test]
fn a_retry_looks_where_somebody_can_tell() {
    let seam = Looked::new();
    let succeeds =
        |retry: &Retry| seam.during(|| assert_eq!(retry.call(|| Ok::<_, ()>(7)).block(), Ok(7)));
    rt::enter(seam.clone(), || {
        let retry = Retry::fixed();
        assert_eq!(succeeds(&retry), 0);
        assert_eq!(seam.during(|| retry.call(|| async { Ok::<_, ()>(7) }).block()), 0);
        assert_eq!(succeeds(&retry.clone().max_elapsed(Duration::from_secs(5))), 1);
        assert_eq!(seam.during(|| retry.call_with(|_| Ok::<_, ()>(7)).block()), 1, "it is told");
        let notifies = retry.clone().notify(|_: &gonex_resilience::retry::Retrying<'_, ()>| ());
        assert_eq!(seam.during(|| notifies.call(|| Ok::<_, ()>(7)).block()), 1);
        retry.reconfigure(retry.config()).unwrap();
        assert_eq!(succeeds(&retry), 0, "with settings that were changed, too");
        let counted = retry.metrics();
        assert_eq!((counted.calls, counted.attempts, counted.succeeded), (5, 5, 5));
    });
}

#[test]
fn a_time_out_looks_when_a_call_begins_and_when_it_ends() {
    let seam = Looked::new();
    rt::enter(seam.clone(), || {
        let timeout = Timeout::new(Duration::from_secs(5)).unwrap();
        assert_eq!(seam.during(|| timeout.call(|| Ok::<_, ()>(7)).block()), 2);
    });
    assert_eq!(seam.seam.timers(), 0);
}
