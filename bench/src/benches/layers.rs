//! What the wrong layer costs: the same work by the right one and by others.
//!
//! All subjects are gonex. The right choice stands as the rival, and every other one as ours, so each
//! has its own ratio to the right one.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use gonex::{TaskError, aio, compute, go, go_all, rt, thread};

use crate::benches::{Made, Options};
use crate::rounds::{Case, Subject, Told};

pub fn cases(options: &Options) -> Result<Made, Box<dyn Error>> {
    let (coarse, sleeps, tiny, starts) =
        if options.quick { (40, 200, 10_000, 300) } else { (200, 1_000, 100_000, 1_000) };
    let notes = vec![
        "all are gonex; `rival` is the right choice, and a ratio says how many times as long another \
         one takes"
            .to_owned(),
    ];
    let cases = vec![
        computing(coarse),
        meanwhile(coarse),
        sleeping(sleeps),
        tiny_forks(tiny),
        starting(starts),
    ];
    Ok(Made { cases, notes })
}

/// About a microsecond for every 430 steps.
fn work(steps: u64) -> u64 {
    (0..steps).fold(7, |sum, n| black_box(sum.wrapping_mul(31) ^ n))
}

/// The steps of about a millisecond, and of about 100 ns.
const COARSE: u64 = 430_000;
const TINY: u64 = 45;

fn right(name: &str, work: impl FnMut() -> Result<(), Box<dyn Error>> + 'static) -> Subject {
    Subject::timed(name, false, work)
}

fn wrong(name: &str, work: impl FnMut() -> Result<(), Box<dyn Error>> + 'static) -> Subject {
    Subject::timed(name, true, work)
}

fn case(name: String, count: usize, subjects: Vec<Subject>) -> Case {
    Case { name, unit: "µs/item", per_second: 1e6 / count as f64, subjects, bars: Vec::new() }
}

/// How each layer computes many items; none waits for another.
fn by_compute(count: usize) -> Result<(), Box<dyn Error>> {
    black_box(compute::parallel(0..count, |_| work(COARSE)));
    Ok(())
}

fn by_go(count: usize) -> Result<(), Box<dyn Error>> {
    black_box(go_all((0..count).map(|_| || work(COARSE))).block()?);
    Ok(())
}

fn by_aio(count: usize) -> Result<(), Box<dyn Error>> {
    black_box(go_all((0..count).map(|_| async { work(COARSE) })).block()?);
    Ok(())
}

fn computing(count: usize) -> Case {
    let subjects = vec![
        right("compute::parallel", move || by_compute(count)),
        wrong("a closure of go each", move || by_go(count)),
        wrong("a future each", move || by_aio(count)),
        wrong("one loop", move || {
            black_box((0..count).map(|_| work(COARSE)).fold(0, u64::wrapping_add));
            Ok(())
        }),
    ];
    case(format!("{count} items of about 1 ms"), count, subjects)
}

/// How long a future that is ready at once waits for its turn while something computes.
fn meanwhile(count: usize) -> Case {
    fn waits(
        name: &str,
        ours: bool,
        compute: impl Fn() -> Result<(), Box<dyn Error>> + 'static,
        start: fn(usize) -> gonex::Handle<Result<(), TaskError>>,
        count: usize,
    ) -> Subject {
        use crate::standing::Standing;
        let standing = if ours { Standing::Ours } else { Standing::Rival };
        Subject::new(name, standing, move || {
            // Threads that have not started yet would be what is measured.
            compute()?;
            let computing = start(count);
            let begin = Instant::now();
            let turn = go(async { Instant::now() }).join().block()?;
            let wait = turn.saturating_duration_since(begin);
            { computing }.join().block()??;
            // What the computation took is not the price of the wait.
            Ok(Told::Value { wall: wait.as_secs_f64() * 1e6, cpu: Some(0.0) })
        })
    }
    let subjects = vec![
        waits(
            "while compute computes",
            false,
            || by_compute(2),
            |count| {
                compute::background(move || {
                    black_box(compute::parallel(0..count, |_| work(COARSE)));
                    Ok(())
                })
            },
            count,
        ),
        waits(
            "while closures of go compute",
            true,
            || by_go(2),
            |count| go(move || go_all((0..count).map(|_| || work(COARSE))).block().map(drop)),
            count,
        ),
        waits(
            "while futures compute",
            true,
            || by_aio(2),
            |count| {
                let all = go_all((0..count).map(|_| async { work(COARSE) }));
                go(async move { all.await.map(drop) })
            },
            count,
        ),
    ];
    let name = format!("the wait of a future beside {count} items of about 1 ms");
    Case { name, unit: "µs", per_second: 1e6, subjects, bars: Vec::new() }
}

fn sleeping(count: usize) -> Case {
    const NAP: Duration = Duration::from_millis(1);
    let subjects = vec![
        right("aio::join_all", move || {
            aio::block_on(aio::join_all((0..count).map(|_| rt::sleep(NAP))));
            Ok(())
        }),
        wrong("a closure of go each", move || {
            go_all((0..count).map(|_| || rt::sleep(NAP).block())).block()?;
            Ok(())
        }),
        wrong("compute::for_each", move || {
            compute::for_each(0..count, |_| rt::sleep(NAP).block());
            Ok(())
        }),
    ];
    case(format!("{count} sleeps of 1 ms"), count, subjects)
}

fn tiny_forks(count: usize) -> Case {
    let sum = move || (0..count).map(|_| work(TINY)).fold(0, u64::wrapping_add);
    let subjects = vec![
        right("one loop", move || {
            black_box(sum());
            Ok(())
        }),
        wrong("compute::map_reduce", move || {
            let work = |_| work(TINY);
            black_box(compute::map_reduce(0..count, work, u64::wrapping_add, 0));
            Ok(())
        }),
        wrong("compute::join down to single items", move || {
            fn halves(count: usize) -> u64 {
                if count <= 1 {
                    return work(TINY);
                }
                let half = count / 2;
                let (a, b) = compute::join(|| halves(half), || halves(count - half));
                a.wrapping_add(b)
            }
            black_box(halves(count));
            Ok(())
        }),
        wrong("compute::join of two, from outside", move || {
            for _ in 0..count / 2 {
                black_box(compute::join(|| work(TINY), || work(TINY)));
            }
            Ok(())
        }),
        wrong("a closure of go each", move || {
            black_box(go_all((0..count).map(|_| || work(TINY))).block()?);
            Ok(())
        }),
    ];
    case(format!("{count} items of about 100 ns"), count, subjects)
}

fn starting(count: usize) -> Case {
    fn join(handles: Vec<gonex::Handle<u64>>) -> Result<(), Box<dyn Error>> {
        for mut handle in handles {
            black_box(handle.join().block()?);
        }
        Ok(())
    }
    let subjects = vec![
        right("a closure of go each", move || {
            join((0..count).map(|_| go(|| work(TINY))).collect())
        }),
        wrong("thread::spawn each", move || {
            join((0..count).map(|_| thread::spawn(|| work(TINY))).collect())
        }),
    ];
    case(format!("{count} short tasks, joined"), count, subjects)
}
