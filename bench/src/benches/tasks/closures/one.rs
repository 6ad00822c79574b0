//! One task at a time, started and waited for from outside.

use std::hint::black_box;
use std::thread;

use forte::Worker;

use super::pools::{FORTE, Pools, rival};
use crate::benches::tasks::latch::forget;
use crate::go::Beside;
use crate::rounds::{Case, Subject};

pub fn by_one(count: usize, pools: &Pools, go: &Beside) -> Case {
    let Pools { gonex, rusty, threads } = pools.clone();
    let mut subjects = vec![
        Subject::timed("gonex go, join", true, move || {
            (0..count).try_for_each(|n| gonex.go(move || black_box(n)).join().block().map(drop))?;
            Ok(())
        }),
        rival("rayon::spawn", move || {
            (0..count).for_each(|_| forget(1, |latch| rayon::spawn(move || latch.count_down())));
        }),
        rival("forte spawn", move || {
            (0..count).for_each(|_| {
                forget(1, |latch| FORTE.spawn(move |_: &Worker| latch.count_down()));
            });
        }),
        rival("rusty_pool evaluate", move || {
            (0..count).for_each(|n| {
                rusty.evaluate(move || black_box(n)).await_complete();
            });
        }),
        Subject::timed("std::thread::spawn", false, move || {
            for n in 0..count {
                thread::spawn(move || black_box(n)).join().map_err(|_| "a thread panicked")?;
            }
            Ok(())
        }),
        rival("threadpool execute", move || {
            (0..count).for_each(|_| forget(1, |latch| threads.execute(move || latch.count_down())));
        }),
    ];
    subjects.extend(go.subject("one", count));
    Case::new("closures, one at a time, from outside", "ns/task", count, subjects)
}
