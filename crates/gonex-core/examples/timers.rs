//! What a timer costs beside one of tokio, in time and in bytes, by rounds that take turns:
//! `cargo run --release -p gonex-core --example timers [TIMERS] [ROUNDS]`.

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use gonex_core::rt::{self, Manual, Seam};

/// Knows how many bytes are allocated.
struct Counting;

static BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged (`realloc` and `alloc_zeroed` by way of
// these two), so its promises hold here; to count neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: `memory` came from the system's allocator, above, for the same `layout`.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Nanoseconds for a timer to be set, called off, and fired, and the bytes that it takes.
#[derive(Clone, Copy, Debug)]
struct Cost {
    set: f64,
    call_off: f64,
    fire: f64,
    bytes: f64,
}

/// Times spread over an hour, the same in each round.
fn times(count: usize, start: Instant) -> impl Iterator<Item = Instant> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(move || {
        // Marsaglia, "Xorshift RNGs".
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        start + Duration::from_nanos(1 + state % 3_600_000_000_000)
    })
    .take(count)
}

type Sleeping = Pin<Box<dyn Future<Output = ()>>>;

/// Sets timers by polling futures once.
fn set(timers: impl Iterator<Item = Sleeping>, count: usize) -> (Vec<Sleeping>, f64, f64) {
    let mut held = Vec::with_capacity(count);
    let mut cx = Context::from_waker(Waker::noop());
    let (before, start) = (BYTES.load(Ordering::Relaxed), Instant::now());
    for mut timer in timers {
        assert!(timer.as_mut().poll(&mut cx).is_pending());
        held.push(timer);
    }
    let time = per(start, count);
    (held, time, (BYTES.load(Ordering::Relaxed) - before) as f64 / count as f64)
}

fn per(start: Instant, count: usize) -> f64 {
    start.elapsed().as_nanos() as f64 / count as f64
}

fn ours(count: usize) -> Cost {
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let timers =
            || times(count, manual.now()).map(|at| Box::pin(rt::sleep_until(at)) as Sleeping);
        let (held, set_time, bytes) = set(timers(), count);
        let start = Instant::now();
        drop(held);
        let call_off = per(start, count);
        let (held, ..) = set(timers(), count);
        let start = Instant::now();
        manual.advance(Duration::from_secs(3601));
        let fire = per(start, count);
        assert_eq!(manual.timers(), 0);
        drop(held);
        Cost { set: set_time, call_off, fire, bytes }
    })
}

fn tokios(count: usize) -> Cost {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().expect("tokio starts");
    // Without a budget: else a timer polled late in the loop would not be set at all.
    runtime.block_on(tokio::task::coop::unconstrained(async {
        let timers = || {
            let times = times(count, tokio::time::Instant::now().into_std());
            times.map(|at| Box::pin(tokio::time::sleep_until(at.into())) as Sleeping)
        };
        let (held, set_time, bytes) = set(timers(), count);
        let start = Instant::now();
        drop(held);
        let call_off = per(start, count);
        let (mut held, ..) = set(timers(), count);
        let start = Instant::now();
        tokio::time::advance(Duration::from_secs(3601)).await;
        tokio::task::yield_now().await;
        let fire = per(start, count);
        let mut cx = Context::from_waker(Waker::noop());
        assert!(held.iter_mut().all(|timer| timer.as_mut().poll(&mut cx) == Poll::Ready(())));
        Cost { set: set_time, call_off, fire, bytes }
    }))
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse().expect("a number"));
    let count: usize = arguments.next().unwrap_or(1_000_000);
    let rounds = arguments.next().unwrap_or(5);
    let costs: Vec<(Cost, Cost)> = (0..rounds).map(|_| (ours(count), tokios(count))).collect();
    println!("{count} timers, medians of {rounds} rounds");
    println!("{:10} {:>10} {:>10} {:>8}", "", "gonex", "tokio", "ratio");
    let row = |name, of: fn(&Cost) -> f64| {
        let middle = |mut all: Vec<f64>| {
            all.sort_by(f64::total_cmp);
            all[all.len() / 2]
        };
        let ours = middle(costs.iter().map(|(ours, _)| of(ours)).collect());
        let theirs = middle(costs.iter().map(|(_, theirs)| of(theirs)).collect());
        let ratio = middle(costs.iter().map(|(ours, theirs)| of(ours) / of(theirs)).collect());
        println!("{name:10} {ours:10.0} {theirs:10.0} {ratio:8.2}");
    };
    row("set, ns", |cost| cost.set);
    row("off, ns", |cost| cost.call_off);
    row("fire, ns", |cost| cost.fire);
    row("bytes", |cost| cost.bytes);
}
