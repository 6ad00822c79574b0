//! What the stress tests share: a watchdog, seeded chance, and how much there is to do.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use gonex_core::rt;
use gonex_runtime::Runtime;

/// How much more than usual there is to do: `GONEX_STRESS`, which `ci/stress` sets; 1 if nothing is said.
pub(crate) fn times() -> usize {
    number("GONEX_STRESS").unwrap_or(1) as usize
}

fn number(name: &str) -> Option<u64> {
    let said = std::env::var(name).ok()?;
    Some(said.parse().unwrap_or_else(|_| panic!("{name}={said:?} is no whole number")))
}

/// Chance from a seed: `GONEX_STRESS_SEED`, or a fixed one.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(stream: u64) -> Self {
        let seed = number("GONEX_STRESS_SEED").unwrap_or(7);
        Self((seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Runs a test; if it does not end, the process does, and says which it was.
pub(crate) fn watched<T>(name: &'static str, test: impl FnOnce() -> T) -> T {
    let (ended, end) = mpsc::channel::<()>();
    let limit = Duration::from_secs(600) * times() as u32;
    let dog = thread::spawn(move || {
        if end.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
            eprintln!("{name} hangs, after {limit:?}");
            std::process::abort();
        }
    });
    let result = test();
    drop(ended);
    dog.join().unwrap();
    result
}

pub(crate) fn until(mut reached: impl FnMut() -> bool) {
    while !reached() {
        thread::yield_now();
    }
}

/// Shuts a runtime down, and sees that nothing of it is left.
pub(crate) fn leaves_nothing(runtime: &Runtime) {
    let report = runtime.shutdown(rt::now() + Duration::from_secs(120)).block();
    assert!(report.is_clean(), "{report}");
    let begun = Instant::now();
    until(|| runtime.stats().threads == 0 || begun.elapsed() > Duration::from_secs(60));
    let stats = runtime.stats();
    assert_eq!((stats.threads, stats.blocked, stats.queued), (0, 0, 0), "{stats:?}");
}
