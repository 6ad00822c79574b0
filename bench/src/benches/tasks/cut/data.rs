//! The same computation for each of many items.

use std::sync::Arc;

use gonex::compute;
use rayon::prelude::*;

use super::close_to;
use crate::benches::tasks::work::{alone, check, efficient, shared_out, total, work};
use crate::go::Beside;
use crate::rounds::{Case, Subject};

fn square(n: u64) -> u64 {
    n.wrapping_mul(n) ^ (n >> 3)
}

fn numbers(count: usize) -> Arc<[u64]> {
    (0..count as u64).collect()
}

pub fn sum(count: usize, go: &Beside) -> Case {
    let numbers = numbers(count);
    let theirs = numbers.clone();
    let expected = numbers.iter().map(|n| square(*n)).fold(0, u64::wrapping_add);
    let mut subjects = vec![
        Subject::timed("gonex compute::map_reduce", true, move || {
            let sum = compute::map_reduce(&*numbers, |n| square(*n), u64::wrapping_add, 0);
            check(sum, expected)
        }),
        Subject::timed("rayon map, reduce", false, move || {
            check(theirs.par_iter().map(|n| square(*n)).reduce(|| 0, u64::wrapping_add), expected)
        }),
    ];
    subjects.extend(go.subject("sum", count));
    Case::new("sum of squares", "ns/item", count, subjects)
        .with_bars([close_to("rayon map, reduce")])
}

pub fn map(count: usize, go: &Beside) -> Case {
    let numbers = numbers(count);
    let theirs = numbers.clone();
    // The last is enough: to add up all would be the larger part of the time.
    let last = |squares: Vec<u64>| squares.last().copied().unwrap_or(0);
    let expected = square(count as u64 - 1);
    let mut subjects = vec![
        Subject::timed("gonex compute::parallel", true, move || {
            check(last(compute::parallel(&*numbers, |n| square(*n))), expected)
        }),
        Subject::timed("rayon map, collect", false, move || {
            check(last(theirs.par_iter().map(|n| square(*n)).collect()), expected)
        }),
    ];
    subjects.extend(go.subject("mapped", count));
    Case::new("map of squares into a Vec", "ns/item", count, subjects)
        .with_bars([close_to("rayon map, collect")])
}

pub fn coarse(count: usize, go: &Beside) -> Case {
    let numbers = numbers(count);
    let theirs = numbers.clone();
    let expected = total(count);
    let sum = |results: Vec<u64>| results.into_iter().fold(0, u64::wrapping_add);
    let mut subjects = vec![
        Subject::timed("gonex compute::parallel", true, move || {
            check(sum(compute::parallel(&*numbers, |seed| work(*seed))), expected)
        }),
        Subject::timed("rayon map, collect", false, move || {
            check(sum(theirs.par_iter().map(|seed| work(*seed)).collect()), expected)
        }),
        alone(count, expected),
        shared_out(count, expected),
    ];
    subjects.extend(go.subject("coarse", count));
    Case::new("items of about 1 µs, cut into pieces", "ns/item", count, subjects)
        .with_bars([close_to("rayon map, collect"), efficient()])
}
