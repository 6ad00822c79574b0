//! What a task costs: to start, to start from within, to own, to join, to yield, and to fork and join.
//!
//! Fire-and-forget and with a handle are cases of their own, each from a thread outside and from a
//! task. Every subject has as many threads as the machine has cores.

mod closures;
mod fork_join;
mod futures;
mod latch;

use std::error::Error;
use std::num::NonZeroUsize;
use std::thread;

use crate::benches::{Made, Options};
use crate::rounds::Case;

pub const RIVALS: [&str; 6] =
    ["rayon", "tokio", "forte", "rusty_pool", "threadpool", "async-executor"];

pub fn cases(options: &Options) -> Result<Made, Box<dyn Error>> {
    let count = if options.quick { 100_000 } else { 1_000_000 };
    let mut cases = closures::cases(count)?;
    cases.extend(futures::cases(count)?);
    cases.extend(fork_join::cases(options.quick)?);
    Ok(cases.into())
}

/// As many threads as each subject has.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A case of so many tasks.
fn case(name: &str, count: usize, subjects: Vec<crate::rounds::Subject>) -> Case {
    Case { name: name.to_owned(), unit: "ns/task", per_second: 1e9 / count as f64, subjects }
}
