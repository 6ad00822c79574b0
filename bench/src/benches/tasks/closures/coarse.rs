//! Tasks of about a microsecond each: what the cores give when every item is a task.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use gonex::scope;

use super::pools::{Pools, few, thread_each};
use crate::benches::tasks::latch::Latch;
use crate::benches::tasks::work::{alone, check, efficient, shared_out, total, work};
use crate::go::Beside;
use crate::rounds::{Case, Subject};

/// Adds up what the tasks found, so that none can be left out.
#[derive(Default)]
struct Sum(AtomicU64);

impl Sum {
    fn add(&self, seed: u64) {
        self.0.fetch_add(work(seed), Ordering::Relaxed);
    }

    fn check(&self, expected: u64) -> Result<(), Box<dyn Error>> {
        check(self.0.load(Ordering::Relaxed), expected)
    }
}

pub fn each(count: usize, pools: &Pools, go: &Beside) -> Case {
    let Pools { gonex, rusty, .. } = pools.clone();
    let scoped = gonex.clone();
    let (expected, of_few) = (total(count), total(few(count)));
    let mut subjects = vec![
        Subject::timed("gonex scope", true, move || {
            let sum = Sum::default();
            scoped.enter(|| {
                scope(|s| {
                    for seed in 0..count as u64 {
                        let sum = &sum;
                        s.spawn(move || sum.add(seed));
                    }
                });
            });
            sum.check(expected)
        }),
        Subject::timed("gonex go_detached", true, move || {
            forgotten(count, expected, |job| gonex.go_detached(move || job.run()))
        }),
        Subject::timed("rayon::scope", false, move || {
            let sum = Sum::default();
            rayon::scope(|s| {
                for seed in 0..count as u64 {
                    let sum = &sum;
                    s.spawn(move |_| sum.add(seed));
                }
            });
            sum.check(expected)
        }),
        Subject::timed("rusty_pool execute", false, move || {
            forgotten(count, expected, |job| rusty.execute(move || job.run()))
        }),
        thread_each("std::thread::scope", count, move |few| {
            let sum = Sum::default();
            thread::scope(|s| {
                for seed in 0..few as u64 {
                    let sum = &sum;
                    s.spawn(move || sum.add(seed));
                }
            });
            sum.check(of_few)
        }),
        alone(count, expected),
        shared_out(count, expected),
    ];
    subjects.extend(go.subject("coarse-each", count));
    Case::new("closures of about 1 µs, one for each item", "ns/item", count, subjects)
        .with_bars([efficient()])
}

/// A task that nobody waits for.
struct Job {
    seed: u64,
    sum: Arc<Sum>,
    latch: Arc<Latch>,
}

impl Job {
    fn run(self) {
        self.sum.add(self.seed);
        self.latch.count_down();
    }
}

/// Starts a task for each item, and waits until all have run.
fn forgotten(count: usize, expected: u64, start: impl Fn(Job)) -> Result<(), Box<dyn Error>> {
    let (latch, sum) = (Latch::new(count), Arc::<Sum>::default());
    for seed in 0..count as u64 {
        start(Job { seed, sum: sum.clone(), latch: latch.clone() });
    }
    latch.wait();
    sum.check(expected)
}
