//! Buffers of 64 KiB that are taken, touched and given back: what that costs on one thread, and on two at
//! once.
//!
//! A round on two threads counts what each does, so that a pool that nobody has to wait for takes the same
//! as on one. Pools that are for one thread alone, and what is no pool, stand beside.

use std::cell::RefCell;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;

use gonex_runtime::buffers::{BufferPool, SizeClasses};
use lockfree_object_pool::{LinearObjectPool, MutexObjectPool};
use opool::{LocalPool, Pool, PoolAllocator};

use crate::bar::Bar;
use crate::benches::{Made, Options};
use crate::rounds::{Case, Subject};
use crate::standing::Standing;

const SIZE: usize = 64 << 10;
const BOUND: usize = 64;

/// Does the work once: takes a buffer, touches it, gives it back.
type Once = Arc<dyn Fn(usize) + Send + Sync>;

struct Allocator;

impl PoolAllocator<Vec<u8>> for Allocator {
    fn allocate(&self) -> Vec<u8> {
        Vec::with_capacity(SIZE)
    }

    fn reset(&self, buffer: &mut Vec<u8>) {
        buffer.clear();
    }
}

/// What the compiler must not leave out.
fn touch(buffer: &mut Vec<u8>) {
    buffer.push(1);
    black_box(buffer);
}

/// Who it is, and what it does.
type Named = (&'static str, Standing, Once);

/// Everybody who can be used by several threads. The loop is inside, so that a call through a pointer is
/// no part of what is measured.
fn shared() -> Result<Vec<Named>, Box<dyn Error>> {
    let gonex =
        BufferPool::builder().classes(SizeClasses::default()).max_bytes(BOUND * SIZE).build()?;
    let owned = gonex.clone();
    let opool = Pool::new(BOUND, Allocator);
    let linear = LinearObjectPool::new(|| Vec::with_capacity(SIZE), Vec::clear);
    let mutex = MutexObjectPool::new(|| Vec::with_capacity(SIZE), Vec::clear);
    thread_local! {
        static LIST: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }
    Ok(vec![
        (
            "gonex take",
            Standing::Ours,
            Arc::new(move |count| {
                (0..count).for_each(|_| touch(&mut gonex.take(SIZE)));
            }),
        ),
        (
            "gonex take_owned",
            Standing::Ours,
            Arc::new(move |count| {
                (0..count).for_each(|_| touch(&mut owned.take_owned(SIZE)));
            }),
        ),
        (
            "opool",
            Standing::Rival,
            Arc::new(move |count| {
                (0..count).for_each(|_| touch(&mut opool.get()));
            }),
        ),
        (
            "lockfree linear",
            Standing::Rival,
            Arc::new(move |count| {
                (0..count).for_each(|_| touch(&mut linear.pull()));
            }),
        ),
        (
            "lockfree mutex",
            Standing::Rival,
            Arc::new(move |count| {
                (0..count).for_each(|_| touch(&mut mutex.pull()));
            }),
        ),
        (
            "a list of the thread",
            Standing::Beside,
            Arc::new(|count| {
                for _ in 0..count {
                    let own = LIST.with_borrow_mut(Vec::pop);
                    let mut buffer = own.unwrap_or_else(|| Vec::with_capacity(SIZE));
                    touch(&mut buffer);
                    buffer.clear();
                    LIST.with_borrow_mut(|list| list.push(buffer));
                }
            }),
        ),
        (
            "Vec::with_capacity",
            Standing::Beside,
            Arc::new(|count| {
                (0..count).for_each(|_| touch(&mut Vec::with_capacity(SIZE)));
            }),
        ),
        (
            "a zeroed Vec",
            Standing::Beside,
            Arc::new(|count| {
                // Fewer, since each is a thousand times as slow.
                for _ in 0..count / ZEROED {
                    let mut buffer = vec![0; SIZE];
                    black_box(&mut buffer[0]);
                }
            }),
        ),
    ])
}

/// A zeroed buffer is taken so many times less often.
const ZEROED: usize = 50;

pub fn cases(options: &Options) -> Result<Made, Box<dyn Error>> {
    let count = if options.quick { 200_000 } else { 1_000_000 };
    let notes = vec![
        "beside: a list of the thread and opool's LocalPool are for one thread alone and have no bound \
         or none that holds for all; a Vec is no pool"
            .to_owned(),
    ];
    let cases = vec![case("one thread", 1, count)?, case("two threads", 2, count)?];
    Ok(Made { cases, notes })
}

fn case(name: &str, threads: usize, count: usize) -> Result<Case, Box<dyn Error>> {
    let mut subjects = Vec::new();
    for (name, standing, work) in shared()? {
        let share = if name == "a zeroed Vec" { 1.0 / ZEROED as f64 } else { 1.0 };
        subjects.push(Subject::new(name, standing, move || {
            on(threads, count, &work);
            Ok(crate::rounds::Told::Share((count as f64 * share).floor() / count as f64))
        }));
    }
    if threads == 1 {
        let local = LocalPool::new(BOUND, Allocator);
        subjects.push(Subject::new("opool LocalPool", Standing::Beside, move || {
            (0..count).for_each(|_| touch(&mut local.get()));
            Ok(crate::rounds::Told::Nothing)
        }));
    }
    let case = Case::new(format!("64 KiB, {name}"), "ns/buffer", count, subjects);
    let rivals = ["opool", "lockfree linear", "lockfree mutex"];
    Ok(case.with_bars(rivals.map(|rival| Bar::Within { times: 1.15, rival })))
}

fn on(threads: usize, count: usize, work: &Once) {
    if threads == 1 {
        return work(count);
    }
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(count));
        }
    });
}
