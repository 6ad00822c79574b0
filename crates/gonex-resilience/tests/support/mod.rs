//! What the tests share: a clock in the hand, and polls by hand.
#![allow(dead_code, reason = "each test takes what it needs")]

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Clock, Instant};

pub(crate) const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Runs a test with time that moves by hand.
pub(crate) fn by_hand<T>(test: impl FnOnce(&Manual) -> T) -> T {
    let manual = Arc::new(Manual::seeded(7));
    rt::enter(manual.clone(), || test(&manual))
}

pub(crate) fn poll<F: Future + ?Sized>(future: &mut Pin<&mut F>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls once in each tick until it is ready. Ends with a panic if that takes 10,000.
pub(crate) fn drive<F: Future>(
    manual: &Manual,
    tick: Duration,
    mut future: Pin<&mut F>,
) -> F::Output {
    for _ in 0..10_000 {
        if let Poll::Ready(output) = poll(&mut future) {
            return output;
        }
        manual.advance(tick);
    }
    panic!("it is still not ready");
}

/// A clock that says what it is told to, back in time too.
#[derive(Debug)]
pub(crate) struct Told {
    start: Instant,
    nanos: AtomicU64,
}

/// No clock begins earlier than this before `start`.
const ROOM: u64 = 1_000_000_000_000;

impl Told {
    pub(crate) fn new() -> Arc<Self> {
        let start = rt::now() + Duration::from_nanos(ROOM);
        Arc::new(Self { start, nanos: AtomicU64::new(0) })
    }

    pub(crate) fn set(&self, nanos: u64) {
        self.nanos.store(nanos, Ordering::SeqCst);
    }
}

impl Clock for Told {
    fn now(&self) -> Instant {
        self.start + Duration::from_nanos(self.nanos.load(Ordering::SeqCst))
    }
}
