//! Every interleaving of the list alone, with blocks of two slots, far from the wrap of its positions
//! and at it. Run with `cargo xtask loom`.

use std::sync::Arc;

use loom::thread;

use super::*;

/// Where the models start: at the first position, and at the first of the last block before positions
/// begin anew.
const STARTS: [Position; 2] = [0, POSITION + 1 - SLOTS as u64];

fn model(body: impl Fn(Arc<List<u8>>, Position) + Send + Sync + Copy + 'static) {
    for start in STARTS {
        let mut builder = loom::model::Builder::new();
        if builder.preemption_bound.is_none() && builder.max_duration.is_none() {
            builder.preemption_bound = Some(3);
        }
        builder.check(move || body(Arc::new(List::starting_at(start)), start));
    }
}

fn pop_in_the_end(list: &List<u8>) -> u8 {
    loop {
        if let Ok((value, _)) = list.pop() {
            return value;
        }
        thread::yield_now();
    }
}

/// The values inside, in order, and how their positions lie.
fn drain(list: &List<u8>, start: Position) -> Vec<(u8, u64)> {
    std::iter::from_fn(|| list.pop().ok())
        .map(|(value, position)| (value, distance(start, position)))
        .collect()
}

#[test]
fn loom_two_pushers_begin() {
    model(|list, start| {
        let other = list.clone();
        let pusher = thread::spawn(move || other.push(1).unwrap());
        let mine = list.push(2).unwrap();
        let other = pusher.join().unwrap();
        assert_eq!(distance(start, mine) + distance(start, other), 1);
        let values = if mine == start { [(2, 0), (1, 1)] } else { [(1, 0), (2, 1)] };
        assert_eq!(drain(&list, start), values);
        assert_eq!(list.pop(), Err(PopError::Empty));
    });
}

#[test]
fn loom_two_pushers_pass_the_end_of_a_block() {
    model(|list, start| {
        list.push(0).unwrap();
        let other = list.clone();
        let pusher = thread::spawn(move || other.push(1).unwrap());
        let mine = list.push(2).unwrap();
        let other = pusher.join().unwrap();
        assert_eq!(distance(start, mine) + distance(start, other), 3);
        let values = if distance(start, mine) == 1 {
            [(0, 0), (2, 1), (1, 2)]
        } else {
            [(0, 0), (1, 1), (2, 2)]
        };
        assert_eq!(drain(&list, start), values);
    });
}

#[test]
fn loom_two_poppers_pass_the_end_of_a_block() {
    model(|list, _| {
        for value in 1..=3 {
            list.push(value).unwrap();
        }
        let other = list.clone();
        let popper = thread::spawn(move || [(); 2].map(|()| list_pop(&other)));
        let mine = list_pop(&list);
        let others = popper.join().unwrap();
        assert!(others[0] < others[1], "each goes forward");
        assert_eq!(mine + others[0] + others[1], 6);
        assert_eq!(list.pop(), Err(PopError::Empty));
    });

    /// Nothing but what is taken keeps a pop from what is there.
    fn list_pop(list: &List<u8>) -> u8 {
        list.pop().expect("three values for three pops").0
    }
}

#[test]
fn loom_a_popper_follows_a_pusher_from_block_to_block() {
    model(|list, _| {
        let other = list.clone();
        let pusher = thread::spawn(move || (1..=3).for_each(|value| drop(other.push(value))));
        assert_eq!([(); 3].map(|()| pop_in_the_end(&list)), [1, 2, 3]);
        pusher.join().unwrap();
        assert!(list.is_idle());
    });
}

#[test]
fn loom_a_block_that_was_freed_is_used_again() {
    model(|list, start| {
        for value in 1..=3 {
            list.push(value).unwrap();
        }
        let other = list.clone();
        // One frees the first block, while the other is about to need a third.
        let popper = thread::spawn(move || [(); 2].map(|()| pop_in_the_end(&other)));
        list.push(4).unwrap();
        list.push(5).unwrap();
        assert_eq!(popper.join().unwrap(), [1, 2]);
        assert_eq!(drain(&list, start), [(3, 2), (4, 3), (5, 4)]);
    });
}

#[test]
fn loom_a_block_that_two_have_read_is_used_again() {
    model(|list, start| {
        for value in 1..=3 {
            list.push(value).unwrap();
        }
        // Whoever takes the second value frees the first block, if the other has read by then; else the
        // block is put by, and whoever takes the fourth frees it.
        let poppers = [(); 2].map(|()| {
            let list = list.clone();
            thread::spawn(move || pop_in_the_end(&list))
        });
        list.push(4).unwrap();
        list.push(5).unwrap();
        let popped = poppers.map(|popper| popper.join().unwrap());
        assert_eq!(popped.iter().sum::<u8>(), 3);
        assert_eq!(drain(&list, start), [(3, 2), (4, 3), (5, 4)]);
    });
}

#[test]
fn loom_a_popper_at_the_end_waits_for_who_leads_on() {
    model(|list, _| {
        list.push(1).unwrap();
        let [one, two] = [list.clone(), list.clone()];
        let pusher = thread::spawn(move || two.push(2).unwrap());
        let popper = thread::spawn(move || pop_in_the_end(&one));
        let mine = pop_in_the_end(&list);
        assert_eq!(mine + popper.join().unwrap(), 3);
        pusher.join().unwrap();
        assert!(list.is_idle());
    });
}

#[test]
fn loom_nothing_is_pushed_after_the_close() {
    model(|list, _| {
        list.push(1).unwrap();
        let [one, two] = [list.clone(), list.clone()];
        let pushers = [one, two].map(|list| {
            thread::spawn(move || list.push_quickly(2).or_else(|_| list.push(2)).is_ok())
        });
        list.close();
        let mut inside = 0;
        while list.pop().is_ok() {
            inside += 1;
        }
        assert_eq!(list.pop(), Err(PopError::Closed));
        let pushed = pushers.map(|pusher| pusher.join().unwrap());
        assert_eq!(inside, 1 + pushed.into_iter().filter(|&pushed| pushed).count());
        assert_eq!((list.fill(), list.pop()), ((0, 0), Err(PopError::Closed)));
    });
}

#[test]
fn loom_who_waits_or_who_pushes_sees_the_other() {
    model(|list, _| {
        let other = list.clone();
        let pusher = thread::spawn(move || {
            other.push(1).unwrap();
            crate::primitive::write_then_read();
            other.signals().load(Ordering::SeqCst) != 0
        });
        list.signals().store(1, Ordering::SeqCst);
        crate::primitive::write_then_read();
        let found = list.pop().is_ok();
        assert!(pusher.join().unwrap() || found, "a wake-up was lost");
    });
}

#[test]
fn loom_what_is_left_is_dropped_with_the_list() {
    for start in STARTS {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = builder.preemption_bound.or(Some(3));
        builder.check(move || {
            let alive = Arc::new(());
            let list = Arc::new(List::starting_at(start));
            let (other, value) = (list.clone(), alive.clone());
            let pusher = thread::spawn(move || {
                for _ in 0..3 {
                    other.push(value.clone()).unwrap();
                }
            });
            drop(list.pop());
            drop(list);
            pusher.join().unwrap();
            assert_eq!(Arc::strong_count(&alive), 1);
        });
    }
}
