//! Closures that do nothing.

use std::error::Error;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use forte::{ThreadPool as Forte, Worker};
use gonex::{Runtime, go, go_detached, scope};

use super::latch::Latch;
use super::{case, cores};
use crate::rounds::{Case, Subject};

static FORTE: Forte = Forte::new();

/// Everybody's threads.
#[derive(Clone)]
struct Pools {
    gonex: Runtime,
    rusty: rusty_pool::ThreadPool,
    threads: threadpool::ThreadPool,
}

pub fn cases(count: usize) -> Result<Vec<Case>, Box<dyn Error>> {
    let threads = NonZeroUsize::new(cores()).ok_or("there is a core")?;
    FORTE.resize_to(cores());
    let pools = Pools {
        gonex: Runtime::builder().threads(threads).build()?,
        rusty: rusty_pool::ThreadPool::new(cores(), cores(), Duration::from_secs(60)),
        threads: threadpool::ThreadPool::new(cores()),
    };
    Ok(vec![
        case("closures, fire and forget, from outside", count, forgotten_outside(count, &pools)),
        case("closures, fire and forget, from within", count, forgotten_within(count, &pools)),
        case("closures, joined, from outside", count, joined_outside(count, &pools)),
        case("closures, joined, from within", count, joined_within(count, &pools)),
        case("closures, scoped, from outside", count, scoped_outside(count, &pools)),
        case("closures, scoped, from within", count, scoped_within(count, &pools)),
        one_by_one(count / 100, &pools),
    ])
}

fn ours(name: &str, work: impl FnMut() + 'static) -> Subject {
    timed(name, true, work)
}

fn rival(name: &str, work: impl FnMut() + 'static) -> Subject {
    timed(name, false, work)
}

fn timed(name: &str, ours: bool, mut work: impl FnMut() + 'static) -> Subject {
    Subject::timed(name, ours, move || {
        work();
        Ok(())
    })
}

/// Starts `count` tasks by `start`, and waits until all have run.
fn forget(count: usize, start: impl Fn(Arc<Latch>)) {
    let latch = Latch::new(count);
    for _ in 0..count {
        start(latch.clone());
    }
    latch.wait();
}

fn forgotten_outside(count: usize, pools: &Pools) -> Vec<Subject> {
    let Pools { gonex, rusty, threads } = pools.clone();
    vec![
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
    ]
}

/// Has one task start `count` by `start`, and waits until all have run.
fn forget_within(
    count: usize,
    first: impl FnOnce(Box<dyn FnOnce() + Send>),
    start: fn(Arc<Latch>),
) {
    let latch = Latch::new(count);
    let theirs = latch.clone();
    first(Box::new(move || (0..count).for_each(|_| start(theirs.clone()))));
    latch.wait();
}

fn forgotten_within(count: usize, pools: &Pools) -> Vec<Subject> {
    let Pools { gonex, .. } = pools.clone();
    vec![
        ours("gonex go_detached", move || {
            forget_within(
                count,
                |first| gonex.go_detached(first),
                |latch| {
                    go_detached(move || latch.count_down());
                },
            );
        }),
        rival("rayon::spawn", move || {
            forget_within(count, rayon::spawn, |latch| {
                rayon::spawn(move || latch.count_down());
            });
        }),
        rival("forte spawn", move || {
            forget_within(
                count,
                |first| FORTE.spawn(move |_: &Worker| first()),
                |latch| {
                    forte::spawn(move |_: &Worker| latch.count_down());
                },
            );
        }),
    ]
}

fn joined_outside(count: usize, pools: &Pools) -> Vec<Subject> {
    let Pools { gonex, rusty, .. } = pools.clone();
    vec![
        Subject::timed("gonex go, join", true, move || {
            let mut handles: Vec<_> = (0..count).map(|n| gonex.go(move || black_box(n))).collect();
            handles.iter_mut().try_for_each(|handle| handle.join().block().map(drop))?;
            Ok(())
        }),
        rival("rusty_pool evaluate", move || {
            let handles: Vec<_> =
                (0..count).map(|n| rusty.evaluate(move || black_box(n))).collect();
            handles.into_iter().for_each(|handle| {
                handle.await_complete();
            });
        }),
    ]
}

fn joined_within(count: usize, pools: &Pools) -> Vec<Subject> {
    let Pools { gonex, rusty, .. } = pools.clone();
    vec![
        Subject::timed("gonex go, join", true, move || {
            let all = gonex.go(move || {
                let mut handles: Vec<_> = (0..count).map(|n| go(move || black_box(n))).collect();
                handles.iter_mut().try_for_each(|handle| handle.join().block().map(drop))
            });
            let mut all = all;
            Ok(all.join().block()??)
        }),
        rival("rusty_pool evaluate", move || {
            let inner = rusty.clone();
            let all = rusty.evaluate(move || {
                let handles: Vec<_> =
                    (0..count).map(|n| inner.evaluate(move || black_box(n))).collect();
                handles.into_iter().for_each(|handle| {
                    handle.await_complete();
                });
            });
            all.await_complete();
        }),
    ]
}

/// What a scoped task does.
fn nothing(n: usize) {
    black_box(n);
}

fn scoped(count: usize) {
    scope(|s| {
        for n in 0..count {
            s.spawn(move || nothing(n));
        }
    });
}

fn scoped_by_rayon(count: usize) {
    rayon::scope(|s| {
        for n in 0..count {
            s.spawn(move |_| nothing(n));
        }
    });
}

fn scoped_by_forte(count: usize) {
    forte::scope(|s| {
        for n in 0..count {
            s.spawn(move |_| nothing(n));
        }
    });
}

fn scoped_outside(count: usize, pools: &Pools) -> Vec<Subject> {
    let gonex = pools.gonex.clone();
    vec![
        ours("gonex scope", move || gonex.enter(|| scoped(count))),
        rival("rayon::scope", move || scoped_by_rayon(count)),
        rival("forte scope", move || {
            FORTE.scope(|s| {
                for n in 0..count {
                    s.spawn(move |_| nothing(n));
                }
            });
        }),
    ]
}

fn scoped_within(count: usize, pools: &Pools) -> Vec<Subject> {
    let gonex = pools.gonex.clone();
    vec![
        Subject::timed("gonex scope", true, move || {
            Ok(gonex.go(move || scoped(count)).join().block()?)
        }),
        rival("rayon::scope", move || {
            let latch = Latch::new(1);
            let theirs = latch.clone();
            rayon::spawn(move || {
                scoped_by_rayon(count);
                theirs.count_down();
            });
            latch.wait();
        }),
        rival("forte scope", move || {
            let latch = Latch::new(1);
            let theirs = latch.clone();
            FORTE.spawn(move |_: &Worker| {
                scoped_by_forte(count);
                theirs.count_down();
            });
            latch.wait();
        }),
    ]
}

/// One task at a time, started and waited for from outside.
fn one_by_one(count: usize, pools: &Pools) -> Case {
    let Pools { gonex, rusty, threads } = pools.clone();
    let subjects = vec![
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
        Subject::timed("std::thread", false, move || {
            for n in 0..count {
                thread::spawn(move || black_box(n)).join().map_err(|_| "a thread panicked")?;
            }
            Ok(())
        }),
        rival("threadpool execute", move || {
            (0..count).for_each(|_| forget(1, |latch| threads.execute(move || latch.count_down())));
        }),
    ];
    case("closures, one at a time, from outside", count, subjects)
}
