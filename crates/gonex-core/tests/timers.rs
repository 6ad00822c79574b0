//! Timers fire at their time, in order, and not when called off, against a sorted list.
#![cfg(not(gonex_loom))]

use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};
use std::time::Duration;

use gonex_core::rt::{Manual, Seam, Timer};
use proptest::prelude::*;

/// Writes its number down when woken.
struct Note {
    number: usize,
    fired: Arc<Mutex<Vec<usize>>>,
}

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        self.fired.lock().unwrap().push(self.number);
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Sets a timer so many nanoseconds from now.
    Set(u64),
    /// Drops one of the timers that are held.
    CallOff(prop::sample::Index),
    Advance(u64),
}

/// Times of all sizes, so that every level of the wheel is met.
fn nanos() -> impl Strategy<Value = u64> {
    (0_u32..58, any::<u64>()).prop_map(|(bits, any)| any & ((1 << bits) - 1))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => nanos().prop_map(Step::Set),
        1 => any::<prop::sample::Index>().prop_map(Step::CallOff),
        2 => nanos().prop_map(Step::Advance),
    ]
}

proptest! {
    #[test]
    fn timers_fire_as_a_sorted_list_would(steps in prop::collection::vec(step(), 1..200)) {
        let manual = Manual::new();
        let fired = Arc::new(Mutex::new(Vec::new()));
        let mut held: Vec<(usize, Timer)> = Vec::new();
        let mut model: Vec<(u64, usize)> = Vec::new();
        let (mut now, mut expected) = (0_u64, Vec::new());
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Set(after) => {
                    let waker = Waker::from(Arc::new(Note { number, fired: fired.clone() }));
                    let at = manual.now() + Duration::from_nanos(after);
                    held.push((number, manual.timer(at, waker)));
                    model.push((now + after, number));
                }
                Step::CallOff(index) if !held.is_empty() => {
                    let (number, timer) = held.swap_remove(index.index(held.len()));
                    drop(timer);
                    model.retain(|&(_, other)| other != number);
                }
                Step::CallOff(_) => {}
                Step::Advance(by) => {
                    manual.advance(Duration::from_nanos(by));
                    now += by;
                }
            }
            let mut due: Vec<_> = model.extract_if(.., |(at, _)| *at <= now).collect();
            due.sort_unstable();
            expected.extend(due.into_iter().map(|(_, number)| number));
            prop_assert_eq!(&*fired.lock().unwrap(), &expected);
            prop_assert_eq!(manual.timers(), model.len());
        }
    }
}
