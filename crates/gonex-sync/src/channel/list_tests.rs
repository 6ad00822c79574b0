//! What the models do not reach: full blocks, many threads, and destructors that panic.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::*;

/// The first position, and the first of the last block before positions begin anew.
const STARTS: [Position; 2] = [0, POSITION + 1 - SLOTS as u64];

/// Counts how often it is dropped, and may panic then.
struct Dropped<'a> {
    count: &'a AtomicUsize,
    panics: bool,
}

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.count.fetch_add(1, Ordering::Relaxed);
        assert!(!self.panics, "a destructor that panics");
    }
}

#[test]
fn values_pass_the_ends_of_blocks_in_order() {
    for start in STARTS {
        for run in [1, SLOTS - 1, SLOTS, SLOTS + 1, 3 * SLOTS] {
            let list = List::starting_at(start);
            for round in 0..5 {
                for value in 0..run {
                    let position = (start + (round * run + value) as u64) & POSITION;
                    let pushed = list.push_quickly(value).or_else(|value| list.push(value));
                    assert_eq!(pushed, Ok(position));
                }
                assert_eq!(list.fill(), (run, 0));
                assert!(list.looks_ready() && !list.is_idle());
                for value in 0..run {
                    let position = (start + (round * run + value) as u64) & POSITION;
                    let popped = list.pop_quickly().ok_or(()).or_else(|()| list.pop());
                    assert_eq!(popped, Ok((value, position)));
                }
                assert_eq!(list.pop(), Err(PopError::Empty));
                assert!(!list.looks_ready() && list.is_idle());
            }
        }
    }
}

#[test]
fn one_thread_never_needs_the_long_way() {
    let list = List::new();
    for value in 0..3 * SLOTS {
        assert_eq!(list.push_quickly(value), Ok(value as u64));
    }
    for value in 0..3 * SLOTS {
        assert_eq!(list.pop_quickly(), Some((value, value as u64)));
    }
    assert_eq!(list.pop_quickly(), None);
}

#[test]
fn an_end_is_an_end_wherever_it_comes() {
    for start in STARTS {
        for before in 0..=SLOTS + 1 {
            let list = List::starting_at(start);
            for value in 0..before {
                list.push(value).unwrap();
            }
            list.reserve().unwrap();
            list.close();
            assert_eq!(list.push(99), Err(PushError::Closed(99)), "after {before}");
            assert_eq!(list.push_quickly(99), Err(99));
            assert_eq!(list.push_reserved(99), Err(99));
            assert_eq!(list.reserve(), Err(NoPlace::Closed));
            for value in 0..before {
                assert_eq!(list.pop().map(|(popped, _)| popped), Ok(value));
            }
            assert_eq!(list.pop(), Err(PopError::Closed));
        }
    }
}

#[test]
fn a_list_takes_no_memory_before_its_first_value() {
    let list = List::<u64>::new();
    assert_eq!(list.pop(), Err(PopError::Empty));
    assert_eq!(list.pop_quickly(), None);
    list.reserve().unwrap();
    assert!(list.tail.block.load(Ordering::Relaxed).is_null() && list.head.spare.is_none());
}

#[test]
fn a_flood_leaves_one_spare_block() {
    let list = List::new();
    for value in 0..10 * SLOTS {
        list.push(value).unwrap();
    }
    assert!(list.head.spare.is_none(), "all blocks are in use");
    while list.pop().is_ok() {}
    assert!(!list.head.spare.is_none());
    let [head, tail] = [&list.head.block, &list.tail.block].map(|at| at.load(Ordering::Relaxed));
    assert_eq!(head, tail, "nothing else is left");
    // The next block is the spare one.
    for value in 0..SLOTS {
        list.push(value).unwrap();
    }
    assert!(list.head.spare.is_none() && list.tail.block.load(Ordering::Relaxed) != tail);
}

#[test]
fn each_value_is_dropped_once() {
    for popped in [0, 1, SLOTS, SLOTS + 1] {
        let count = AtomicUsize::new(0);
        let list = List::new();
        for _ in 0..3 * SLOTS {
            assert!(list.push(Dropped { count: &count, panics: false }).is_ok());
        }
        for _ in 0..popped {
            assert!(list.pop().is_ok());
        }
        assert_eq!(count.load(Ordering::Relaxed), popped);
        drop(list);
        assert_eq!(count.load(Ordering::Relaxed), 3 * SLOTS);
    }
}

#[test]
fn a_destructor_that_panics_drops_nothing_twice() {
    for bad in [0, SLOTS - 1, SLOTS, 3 * SLOTS - 1] {
        let count = AtomicUsize::new(0);
        let list = List::new();
        for index in 0..3 * SLOTS {
            assert!(list.push(Dropped { count: &count, panics: index == bad }).is_ok());
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| drop(list)));
        assert!(outcome.is_err());
        // Those behind it are leaked; the blocks are not, says the address sanitizer.
        assert_eq!(count.load(Ordering::Relaxed), bad + 1);
    }
}

#[test]
fn values_of_any_size_keep_their_place() {
    let list = List::new();
    for _ in 0..2 * SLOTS {
        list.push(()).unwrap();
    }
    assert_eq!(list.fill(), (2 * SLOTS, 0));
    // A block of these does not fit onto the stack of a test.
    let list = List::new();
    for value in 0..2 {
        list.push([value; 1 << 16]).unwrap();
    }
    for value in 0..2_u8 {
        let (popped, position) = list.pop().unwrap();
        assert!(popped == [value; 1 << 16] && position == u64::from(value));
    }
}

#[test]
fn stress_many_threads_pass_on_all_values_in_order() {
    const EACH: usize = if cfg!(miri) { 3 * SLOTS } else { 20_000 };
    const PUSHERS: usize = 3;
    for start in STARTS {
        let list = Arc::new(List::starting_at(start));
        let pushers: [_; PUSHERS] = std::array::from_fn(|pusher| {
            let list = list.clone();
            thread::spawn(move || {
                for value in 0..EACH {
                    assert!(list.push((pusher, Box::new(value))).is_ok());
                }
            })
        });
        let poppers = [(); 2].map(|()| {
            let list = list.clone();
            thread::spawn(move || {
                let mut popped = Vec::new();
                loop {
                    match list.pop() {
                        Ok(taken) => popped.push(taken),
                        Err(PopError::Empty) => thread::yield_now(),
                        Err(PopError::Closed) => return popped,
                    }
                }
            })
        });
        pushers.into_iter().for_each(|pusher| pusher.join().unwrap());
        list.close();
        let popped = poppers.map(|popper| popper.join().unwrap());
        for one in &popped {
            let places = one.iter().map(|(_, position)| distance(start, *position));
            assert!(places.is_sorted(), "each popper goes forward");
        }
        let mut all: Vec<_> = popped.into_iter().flatten().collect();
        all.sort_unstable_by_key(|(_, position)| distance(start, *position));
        let places = all.iter().map(|(_, position)| distance(start, *position));
        assert!(places.eq(0..(PUSHERS * EACH) as u64), "each position is taken once");
        for pusher in 0..PUSHERS {
            let of = all.iter().filter(|((from, _), _)| *from == pusher);
            assert!(of.map(|((_, value), _)| **value).eq(0..EACH));
        }
    }
}
