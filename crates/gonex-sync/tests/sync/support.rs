//! What the tests are made of: polls by hand, wakers that count, a watchdog, and chance.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::time::Duration;

use gonex_core::{Context, rt};

/// Polls with a waker that does nothing.
pub(crate) fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
}

/// Polls, and says whether it is pending.
pub(crate) fn waits<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> bool {
    poll(future).is_pending()
}

/// Polls what must be ready by now.
#[track_caller]
pub(crate) fn ready<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> F::Output {
    match poll(future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the operation waits"),
    }
}

/// Waits for an operation that has been polled before.
pub(crate) fn wait_for<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> F::Output {
    rt::block(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => rt::Blocked::Done(output),
        Poll::Pending => rt::Blocked::Until(None),
    })
}

/// A waker that counts.
#[derive(Default)]
pub(crate) struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Bell {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn rings(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn poll<F: Future + ?Sized>(
        self: &Arc<Self>,
        future: &mut Pin<Box<F>>,
    ) -> Poll<F::Output> {
        let waker = Waker::from(self.clone());
        future.as_mut().poll(&mut TaskContext::from_waker(&waker))
    }
}

pub(crate) fn cancelled() -> Context {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    context
}

/// Runs a test that may hang if there is a bug, and ends the process then.
pub(crate) fn watched<T>(body: impl FnOnce() -> T) -> T {
    let (done, waiting) = mpsc::channel::<()>();
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    let dog = std::thread::spawn(move || {
        if waiting.recv_timeout(Duration::from_secs(120)) == Err(RecvTimeoutError::Timeout) {
            eprintln!("hangs: {name}");
            std::process::abort();
        }
    });
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
    drop(done);
    dog.join().unwrap();
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Random numbers that are the same in every run.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 8) % bound
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// A time-out that is sometimes shorter than what is waited for.
    pub(crate) fn moment(&mut self) -> Duration {
        Duration::from_micros(self.below(200))
    }
}
