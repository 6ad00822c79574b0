//! Tasks of a scope, which ends when they have.

use std::hint::black_box;
use std::thread;

use forte::Worker;
use gonex::scope;

use super::pools::{FORTE, Pools, ours, rival, thread_each};
use crate::bar::Bar;
use crate::benches::tasks::latch::Latch;
use crate::rounds::{Case, Subject};

const BAR: Bar = Bar::Ahead { rival: "rayon::scope" };

pub fn outside(count: usize, pools: &Pools) -> Case {
    let gonex = pools.gonex.clone();
    let subjects = vec![
        ours("gonex scope", move || gonex.enter(|| by_gonex(count))),
        rival("rayon::scope", move || by_rayon(count)),
        rival("forte scope", move || {
            FORTE.scope(|s| {
                for n in 0..count {
                    s.spawn(move |_| nothing(n));
                }
            });
        }),
        thread_each("std::thread::scope", count, |few| {
            thread::scope(|s| {
                for n in 0..few {
                    s.spawn(move || nothing(n));
                }
            });
            Ok(())
        }),
    ];
    Case::new("closures, scoped, from outside", "ns/task", count, subjects).with_bars([BAR])
}

pub fn within(count: usize, pools: &Pools) -> Case {
    let gonex = pools.gonex.clone();
    let subjects = vec![
        Subject::timed("gonex scope", true, move || {
            Ok(gonex.go(move || by_gonex(count)).join().block()?)
        }),
        rival("rayon::scope", move || {
            let latch = Latch::new(1);
            let theirs = latch.clone();
            rayon::spawn(move || {
                by_rayon(count);
                theirs.count_down();
            });
            latch.wait();
        }),
        rival("forte scope", move || {
            let latch = Latch::new(1);
            let theirs = latch.clone();
            FORTE.spawn(move |_: &Worker| {
                by_forte(count);
                theirs.count_down();
            });
            latch.wait();
        }),
    ];
    Case::new("closures, scoped, from within", "ns/task", count, subjects).with_bars([BAR])
}

/// What a scoped task does.
fn nothing(n: usize) {
    black_box(n);
}

fn by_gonex(count: usize) {
    scope(|s| {
        for n in 0..count {
            s.spawn(move || nothing(n));
        }
    });
}

fn by_rayon(count: usize) {
    rayon::scope(|s| {
        for n in 0..count {
            s.spawn(move |_| nothing(n));
        }
    });
}

fn by_forte(count: usize) {
    forte::scope(|s| {
        for n in 0..count {
            s.spawn(move |_| nothing(n));
        }
    });
}
