//! A fork for every addition of a Fibonacci number: as fine as forks can be.

use forte::{ThreadPool as Forte, Worker};
use gonex::compute;

use super::close_to;
use crate::benches::tasks::cores;
use crate::benches::tasks::work::check;
use crate::go::Beside;
use crate::rounds::{Case, Subject};

pub fn fib(depth: u32, go: &Beside) -> Case {
    static FORTE: Forte = Forte::new();
    FORTE.resize_to(cores());
    let expected = by_none(depth);
    let mut subjects = vec![
        Subject::timed("gonex compute::join", true, move || check(by_gonex(depth), expected)),
        Subject::timed("rayon::join", false, move || check(by_rayon(depth), expected)),
        Subject::timed("forte join", false, move || {
            check(FORTE.with_worker(|worker| by_forte(depth, worker)), expected)
        }),
    ];
    let count = by_none(depth + 1).saturating_sub(1) as usize;
    subjects.extend(go.subject("fork", count));
    let name = format!("fork and join, fib({depth})");
    Case::new(name, "ns/fork", count, subjects).with_bars([close_to("rayon::join")])
}

fn by_none(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { by_none(n - 1) + by_none(n - 2) }
}

fn by_gonex(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = compute::join(|| by_gonex(n - 1), || by_gonex(n - 2));
    a + b
}

fn by_rayon(n: u32) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = rayon::join(|| by_rayon(n - 1), || by_rayon(n - 2));
    a + b
}

fn by_forte(n: u32, worker: &Worker) -> u64 {
    if n < 2 {
        return u64::from(n);
    }
    let (a, b) = worker.join(|w| by_forte(n - 1, w), |w| by_forte(n - 2, w));
    a + b
}
