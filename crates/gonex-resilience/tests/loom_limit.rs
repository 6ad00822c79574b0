//! Every interleaving of those who take from a token bucket, give back, and change its settings. Run
//! with `RUSTFLAGS="--cfg gonex_loom" cargo test --release -p gonex-resilience --test loom_limit loom_`.
#![cfg(gonex_loom)]

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_resilience::limit::{
    Gcra, Meter, Refill, Reserve, TokenBucket, TokenBucketConfig, Verdict,
};
use loom::sync::Notify;
use loom::thread;

/// A waker that loom's scheduler understands.
struct Bell(Notify);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

fn wait<F: Future>(future: F) -> F::Output {
    let bell = Arc::new(Bell(Notify::new()));
    let waker = Waker::from(bell.clone());
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => bell.0.wait(),
        }
    }
}

/// A model in which time stands: only what is done to the limiter wakes who waits.
fn model(body: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(builder.preemption_bound.unwrap_or(2));
    builder.check(move || rt::enter(Arc::new(Manual::new()), &body));
}

/// One whose line is there: what makes it once is the standard library's, and loom does not see it.
fn empty(tokens: u32) -> TokenBucket {
    let limiter = TokenBucket::new(config(tokens)).unwrap();
    limiter.try_acquire(tokens).unwrap();
    let mut acquire = pin!(limiter.acquire(1));
    assert!(acquire.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    limiter.clone()
}

#[test]
fn loom_a_reset_reaches_who_waits() {
    model(|| {
        let limiter = empty(1);
        let other = limiter.clone();
        let waiter = thread::spawn(move || wait(other.acquire(1)));
        limiter.reset();
        assert_eq!(waiter.join().unwrap(), Ok(()));
        assert_eq!((limiter.waiting(), limiter.available()), (0, 0));
    });
}

#[test]
fn loom_one_that_goes_away_leaves_its_turn_to_the_next() {
    model(|| {
        let limiter = empty(2);
        let (one, two) = (limiter.clone(), limiter.clone());
        let leaver = thread::spawn(move || {
            let mut acquire = pin!(one.acquire(2));
            drop(acquire.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        });
        let waiter = thread::spawn(move || wait(two.acquire(1)));
        leaver.join().unwrap();
        // From here on nobody else can be first.
        limiter.reset();
        assert_eq!(waiter.join().unwrap(), Ok(()));
        assert_eq!((limiter.waiting(), limiter.available()), (0, 1));
    });
}

fn config(tokens: u32) -> TokenBucketConfig {
    TokenBucketConfig::per(tokens, Duration::from_secs(1))
}

fn bucket(tokens: u32) -> Arc<Gcra> {
    Arc::new(Gcra::new(config(tokens), 0).unwrap())
}

fn taken(bucket: &Gcra, tokens: u32) -> u32 {
    if bucket.take(tokens, 0) == Verdict::Taken { tokens } else { 0 }
}

#[test]
fn loom_what_is_there_is_taken_once() {
    loom::model(|| {
        let bucket = bucket(3);
        let other = bucket.clone();
        let theirs = thread::spawn(move || taken(&other, 2));
        let mine = taken(&bucket, 2);
        assert_eq!((mine + theirs.join().unwrap(), bucket.available(0)), (2, 1));
    });
}

#[test]
fn loom_new_settings_mint_nothing_under_who_takes() {
    loom::model(|| {
        let bucket = bucket(2);
        let other = bucket.clone();
        let theirs = thread::spawn(move || taken(&other, 1) + taken(&other, 1) + taken(&other, 1));
        // All four rates change with it.
        let stepped = TokenBucketConfig { refill: Refill::Stepped, ..config(4) };
        bucket.reconfigure(stepped, 0).unwrap();
        let theirs = theirs.join().unwrap();
        assert_eq!(theirs, 2);
        assert_eq!(bucket.available(0), 0);
    });
}

#[test]
fn loom_what_is_given_back_is_there_for_one() {
    loom::model(|| {
        let bucket = bucket(1);
        bucket.take(1, 0);
        let (at, receipt) = bucket.reserve(1, 0, u64::MAX).unwrap();
        assert_eq!(at, 1_000_000_000);
        let other = bucket.clone();
        let theirs = thread::spawn(move || other.reserve(1, 0, u64::MAX).unwrap().0);
        let back = bucket.refund(receipt, 0);
        let theirs = theirs.join().unwrap();
        // Given back before, the other has its moment; else that moment is later, and nothing comes back.
        assert!(
            matches!((back, theirs), (1, 1_000_000_000) | (0, 2_000_000_000)),
            "{back} {theirs}"
        );
    });
}

#[test]
fn loom_a_reset_makes_old_receipts_worthless() {
    loom::model(|| {
        let bucket = bucket(1);
        bucket.take(1, 0);
        let (_, receipt) = bucket.reserve(1, 0, u64::MAX).unwrap();
        let other = bucket.clone();
        let reset = thread::spawn(move || other.reset(0));
        bucket.refund(receipt, 0);
        reset.join().unwrap();
        assert_eq!(taken(&bucket, 1) + taken(&bucket, 1), 1);
    });
}

#[test]
fn loom_what_was_reserved_while_it_was_reset_gives_back_nothing_of_others() {
    model(|| {
        let meter = Arc::new(Gcra::new(config(1), 0).unwrap());
        assert_eq!(meter.take(1, 0), Verdict::Taken);
        let other = meter.clone();
        let reserves = thread::spawn(move || other.reserve(1, 0, u64::MAX).unwrap().1);
        meter.reset(0);
        let receipt = reserves.join().unwrap();
        // Whatever came first: these two are others'.
        meter.reserve(2, 0, u64::MAX).ok();
        meter.reserve(1, 0, u64::MAX).unwrap();
        let before = meter.ready_at(1, 0);
        meter.refund(receipt, 0);
        let reserved_after = before == meter.ready_at(1, 0);
        assert!(reserved_after, "tokens came back that somebody else has");
    });
}
