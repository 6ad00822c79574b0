//! Tasks that nobody waits for; a latch tells when all have run.

use std::sync::Arc;
use std::thread;

use forte::Worker;
use gonex::go_detached;

use super::pools::{FORTE, Pools, ours, rival, thread_each};
use crate::bar::Bar;
use crate::benches::tasks::latch::{Latch, forget};
use crate::go::Beside;
use crate::rounds::Case;

/// What ours has to be ahead of.
const BARS: [Bar; 2] =
    [Bar::Ahead { rival: "rayon::spawn" }, Bar::Ahead { rival: "rusty_pool execute" }];

pub fn outside(count: usize, pools: &Pools, go: &Beside) -> Case {
    let Pools { gonex, rusty, threads } = pools.clone();
    let mut subjects = vec![
        ours("gonex go_detached", move || {
            forget(count, |latch| gonex.go_detached(move || latch.count_down()));
        }),
        rival("rayon::spawn", move || {
            forget(count, |latch| rayon::spawn(move || latch.count_down()));
        }),
        rival("forte spawn", move || {
            forget(count, |latch| FORTE.spawn(move |_: &Worker| latch.count_down()));
        }),
        rival("rusty_pool execute", move || {
            forget(count, |latch| rusty.execute(move || latch.count_down()));
        }),
        rival("threadpool execute", move || {
            forget(count, |latch| threads.execute(move || latch.count_down()));
        }),
        thread_each("std::thread::spawn", count, |few| {
            forget(few, |latch| drop(thread::spawn(move || latch.count_down())));
            Ok(())
        }),
    ];
    subjects.extend(go.subject("forget-outside", count));
    Case::new("closures, fire and forget, from outside", "ns/task", count, subjects).with_bars(BARS)
}

pub fn within(count: usize, pools: &Pools, go: &Beside) -> Case {
    let Pools { gonex, rusty, threads } = pools.clone();
    let mut subjects = vec![
        ours("gonex go_detached", move || {
            forget_within(
                count,
                |first| gonex.go_detached(first),
                |latch| go_detached(move || latch.count_down()),
            );
        }),
        rival("rayon::spawn", move || {
            forget_within(count, rayon::spawn, |latch| rayon::spawn(move || latch.count_down()));
        }),
        rival("forte spawn", move || {
            forget_within(
                count,
                |first| FORTE.spawn(move |_: &Worker| first()),
                |latch| forte::spawn(move |_: &Worker| latch.count_down()),
            );
        }),
        rival("rusty_pool execute", move || {
            let inner = rusty.clone();
            forget_within(
                count,
                |first| rusty.execute(first),
                move |latch| inner.execute(move || latch.count_down()),
            );
        }),
        rival("threadpool execute", move || {
            let inner = threads.clone();
            forget_within(
                count,
                |first| threads.execute(first),
                move |latch| inner.execute(move || latch.count_down()),
            );
        }),
    ];
    subjects.extend(go.subject("forget-within", count));
    Case::new("closures, fire and forget, from within", "ns/task", count, subjects).with_bars(BARS)
}

/// Has one task start `count` by `start`, and waits until all have run.
fn forget_within(
    count: usize,
    first: impl FnOnce(Box<dyn FnOnce() + Send>),
    start: impl Fn(Arc<Latch>) + Send + 'static,
) {
    let latch = Latch::new(count);
    let theirs = latch.clone();
    first(Box::new(move || (0..count).for_each(|_| start(theirs.clone()))));
    latch.wait();
}
