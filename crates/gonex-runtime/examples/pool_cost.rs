//! What a job of a pool costs beside a task of a runtime, by the clock and in processor time, which other
//! programs disturb less: `cargo run --release -p gonex-runtime --example pool_cost [TASKS [ROUNDS [PART]]]`.
//! With few tasks, and one part such as `submit`, its instructions can be counted:
//! `valgrind --tool=callgrind target/release/examples/pool_cost 2000 1 submit`.

use std::num::NonZeroUsize;
use std::time::Instant;

use gonex_runtime::{Pool, Runtime};

/// How much is measured.
struct Plan {
    tasks: u64,
    rounds: u64,
    part: String,
}

impl Plan {
    fn of_arguments() -> Result<Self, Box<dyn std::error::Error>> {
        let mut arguments = std::env::args().skip(1);
        let mut number = |default: u64| arguments.next().map_or(Ok(default), |said| said.parse());
        let (tasks, rounds) = (number(50_000)?, number(40)?);
        Ok(Self { tasks, rounds, part: arguments.next().unwrap_or_default() })
    }

    /// Does something again and again, and prints what one of its tasks took.
    fn measure(&self, name: &str, mut round: impl FnMut()) {
        if !name.contains(&self.part) {
            return;
        }
        round();
        let mut times = Vec::new();
        let before = processor_time();
        for _ in 0..self.rounds {
            let begun = Instant::now();
            round();
            times.push(begun.elapsed().as_nanos() as u64 / self.tasks);
        }
        let processor = (processor_time() - before) / (self.rounds * self.tasks);
        times.sort_unstable();
        let (best, middle) = (times[0], times[times.len() / 2]);
        println!("  {name}: {middle} ns, at best {best} ns; {processor} ns of processor time");
    }
}

/// The processor time of this process in nanoseconds, where `/proc` tells it (proc(5)).
fn processor_time() -> u64 {
    /// A tick is a hundredth of a second wherever Linux runs today.
    const TICK: u64 = 10_000_000;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may hold anything.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    ticks * TICK
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let plan = Plan::of_arguments()?;
    let tasks = plan.tasks;
    for threads in [1, 2] {
        let threads = NonZeroUsize::new(threads).ok_or("there is a thread")?;
        let runtime = Runtime::builder().threads(threads).build()?;
        let capacity = NonZeroUsize::new(tasks as usize).ok_or("there are to be tasks")?;
        let pool = Pool::builder().workers(threads).capacity(capacity).build(|n: u64| n + 1)?;
        println!("{threads} threads");
        plan.measure("Runtime::go", || {
            let mut tasks: Vec<_> = (0..tasks).map(|n| runtime.go(move || n + 1)).collect();
            assert!(tasks.iter_mut().all(|task| task.join().block().is_ok()));
        });
        plan.measure("Pool::submit", || {
            let jobs = (0..tasks).map(|n| pool.submit(n).block());
            let mut jobs: Vec<_> = jobs.flatten().collect();
            assert!(jobs.iter_mut().all(|job| job.join().block().is_ok()));
        });
        plan.measure("Pool::map", || assert!(pool.map(0..tasks).block().is_ok()));
    }
    Ok(())
}
