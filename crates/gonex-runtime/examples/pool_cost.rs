//! What a job of a pool costs beside a task of a runtime: `cargo run --release -p gonex-runtime --example pool_cost`.

use std::num::NonZeroUsize;
use std::time::Instant;

use gonex_runtime::{Pool, Runtime};

const TASKS: u64 = 200_000;

fn main() {
    for threads in [1, 2] {
        let threads = NonZeroUsize::new(threads).unwrap();
        let runtime = Runtime::builder().threads(threads).build().unwrap();
        let capacity = NonZeroUsize::new(TASKS as usize).unwrap();
        let pool =
            Pool::builder().workers(threads).capacity(capacity).build(|n: u64| n + 1).unwrap();
        let (mut tasks, mut jobs, mut batches) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..15 {
            let begun = Instant::now();
            let handles: Vec<_> = (0..TASKS).map(|n| runtime.go(move || n + 1)).collect();
            handles.into_iter().for_each(|mut handle| drop(handle.join().block().unwrap()));
            tasks.push(begun.elapsed().as_nanos() as u64 / TASKS);
            let begun = Instant::now();
            let handles: Vec<_> = (0..TASKS).map(|n| pool.submit(n).block().unwrap()).collect();
            handles.into_iter().for_each(|mut handle| drop(handle.join().block().unwrap()));
            jobs.push(begun.elapsed().as_nanos() as u64 / TASKS);
            let begun = Instant::now();
            pool.map(0..TASKS).block().unwrap();
            batches.push(begun.elapsed().as_nanos() as u64 / TASKS);
        }
        for (name, times) in [("go", &mut tasks), ("submit", &mut jobs), ("map", &mut batches)] {
            times.sort_unstable();
            println!(
                "{threads} threads, {name}: {} ns (best {})",
                times[times.len() / 2],
                times[0]
            );
        }
    }
}
