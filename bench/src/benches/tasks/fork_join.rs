//! Work that is cut up: forks that are joined, and data in parallel.

use std::error::Error;
use std::hint::black_box;

use forte::Worker;
use gonex::compute;
use rayon::prelude::*;

use crate::rounds::{Case, Subject};

pub fn cases(quick: bool) -> Result<Vec<Case>, Box<dyn Error>> {
    let depth = if quick { 20 } else { 25 };
    let items = if quick { 1_000_000 } else { 10_000_000 };
    Ok(vec![forks(depth), sums(items), coarse(items / 10)])
}

fn fib(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}

fn fib_gonex(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = compute::join(|| fib_gonex(n - 1), || fib_gonex(n - 2));
    a + b
}

fn fib_rayon(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = rayon::join(|| fib_rayon(n - 1), || fib_rayon(n - 2));
    a + b
}

fn fib_forte(n: u32, worker: &Worker) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = worker.join(|w| fib_forte(n - 1, w), |w| fib_forte(n - 2, w));
    a + b
}

fn check(got: u64, expected: u64) -> Result<(), Box<dyn Error>> {
    if got == expected { Ok(()) } else { Err(format!("{got} instead of {expected}").into()) }
}

fn forks(depth: u32) -> Case {
    static FORTE: forte::ThreadPool = forte::ThreadPool::new();
    FORTE.resize_to(super::cores());
    let expected = fib(depth);
    let subjects = vec![
        Subject::timed("gonex compute::join", true, move || check(fib_gonex(depth), expected)),
        Subject::timed("rayon::join", false, move || check(fib_rayon(depth), expected)),
        Subject::timed("forte join", false, move || {
            check(FORTE.with_worker(|worker| fib_forte(depth, worker)), expected)
        }),
    ];
    // A fork for each addition.
    let count = fib(depth + 1).saturating_sub(1);
    let name = format!("fork and join, fib({depth})");
    Case { name, unit: "ns/fork", per_second: 1e9 / count as f64, subjects }
}

fn sums(items: usize) -> Case {
    let numbers: Vec<u64> = (0..items as u64).collect();
    let theirs = numbers.clone();
    let square = |n: u64| n.wrapping_mul(n) ^ (n >> 3);
    let expected = numbers.iter().map(|n| square(*n)).fold(0, u64::wrapping_add);
    let subjects = vec![
        Subject::timed("gonex compute::map_reduce", true, move || {
            let sum = compute::map_reduce(&numbers, |n| square(*n), u64::wrapping_add, 0);
            check(sum, expected)
        }),
        Subject::timed("rayon map, reduce", false, move || {
            check(theirs.par_iter().map(|n| square(*n)).reduce(|| 0, u64::wrapping_add), expected)
        }),
    ];
    let name = format!("sum of {items} squares");
    Case { name, unit: "ns/item", per_second: 1e9 / items as f64, subjects }
}

/// About a microsecond.
fn work(seed: u64) -> u64 {
    (0..1_000).fold(seed, |sum, n| black_box(sum.wrapping_mul(31) ^ n))
}

fn coarse(items: usize) -> Case {
    let seeds: Vec<u64> = (0..items as u64).collect();
    let (theirs, alone) = (seeds.clone(), seeds.clone());
    let expected = seeds.iter().map(|seed| work(*seed)).fold(0, u64::wrapping_add);
    let sum = |results: Vec<u64>| results.into_iter().fold(0, u64::wrapping_add);
    let subjects = vec![
        Subject::timed("gonex compute::parallel", true, move || {
            check(sum(compute::parallel(&seeds, |seed| work(*seed))), expected)
        }),
        Subject::timed("rayon par_iter", false, move || {
            check(sum(theirs.par_iter().map(|seed| work(*seed)).collect()), expected)
        }),
        Subject::new("one thread", crate::standing::Standing::Beside, move || {
            check(sum(alone.iter().map(|seed| work(*seed)).collect()), expected)?;
            Ok(crate::rounds::Told::Nothing)
        }),
    ];
    let name = format!("{items} items of about 1 µs");
    Case { name, unit: "ns/item", per_second: 1e9 / items as f64, subjects }
}
