//! gonex in a program that has a rayon pool: computations called on its workers stay on them, and rayon's
//! global pool is left to the program.
//!
//! ```text
//! cargo run -p gonex --example inside_rayon
//! ```

use std::error::Error;
use std::thread;

use gonex::{Context, channel, compute, go};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

fn on_their_worker() -> bool {
    thread::current().name().is_some_and(|name| name.starts_with("theirs-"))
}

/// What the program did before, with rayon alone.
fn before(pool: &ThreadPool) -> u64 {
    pool.install(|| (1..=1_000_u64).into_par_iter().map(|n| n * n).sum())
}

/// What gonex adds: the same sum, in a context, with a task that waits beside it.
fn added(pool: &ThreadPool) -> Result<u64, Box<dyn Error>> {
    let (tx, rx) = channel::<u64>(16);
    let adding = go(move || rx.iter().sum::<u64>());
    let context = Context::current().with_value("squares");
    pool.install(|| {
        context.run(|| {
            compute::for_each(1..=1_000_u64, |n| {
                assert!(on_their_worker());
                assert_eq!(Context::current().value(), Some(&"squares"));
                // It parks the worker while there is no room.
                tx.send(n * n).block().expect("the sum is being made");
            });
        });
    });
    drop(tx);
    let mut adding = adding;
    Ok(adding.join().block()?)
}

/// Whether the global pool is still the program's to set up.
fn the_global_pool_is_free() -> bool {
    ThreadPoolBuilder::new().num_threads(1).build_global().is_ok()
}

fn run() -> Result<[u64; 3], Box<dyn Error>> {
    let theirs = ThreadPoolBuilder::new().num_threads(2).thread_name(|n| format!("theirs-{n}"));
    let pool = theirs.build()?;
    let sums = [before(&pool), added(&pool)?, before(&pool)];
    // Outside of the pool gonex has workers of its own.
    let own = compute::parallel(0..100, |_| on_their_worker());
    assert!(own.iter().all(|theirs| !theirs));
    assert!(the_global_pool_is_free());
    Ok(sums)
}

fn main() -> Result<(), Box<dyn Error>> {
    let [before, added, after] = run()?;
    println!("before: {before}, added: {added}, after: {after}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_live_in_one_program() {
        assert_eq!(run().unwrap(), [333_833_500; 3]);
    }
}
