use gonex_core::rt;
use gonex_task::{PlaceExt, TaskError, task};

use super::super::super::making::Making;
use super::{Mark, goes_on, mark};

#[task(crate = gonex_task)]
fn marks(path: &str, n: u32) -> u32 {
    mark::leave(path);
    n
}

#[task(crate = gonex_task)]
async fn marks_later(path: &str, n: u32) -> u32 {
    rt::yield_now().await;
    marks(path, n)
}

const EACH: u32 = 100;

pub(in super::super) fn in_order(making: &Making) {
    let place = making.place();
    let mark = Mark::new();
    let expected: Vec<_> = (0..EACH).collect();
    let calls = (0..EACH).map(|n| marks::call(mark.path(), n));
    assert_eq!(place.go_all(calls).block(), Ok(expected.clone()), "of many functions, in order");
    let calls = (0..EACH).map(|n| marks_later::call(mark.path(), n));
    assert_eq!(place.go_all(calls).block(), Ok(expected), "of many async functions, in order");
    assert_eq!(mark.count(), u64::from(2 * EACH), "how often they ran");
}

#[task(crate = gonex_task)]
fn reversed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.reverse();
    bytes
}

pub(in super::super) fn large(making: &Making) {
    let place = making.place();
    let bytes: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let back = place.go(reversed::call(bytes.clone())).join().block();
    // Not by `assert_eq!`, which would print both.
    assert!(back == Ok(reversed(bytes)), "a mebibyte there and back");
}

pub(in super::super) fn detached(making: &Making) {
    let place = making.place();
    let mark = Mark::new();
    place.go_detached(marks::call(mark.path(), 1));
    mark.wait();
    let mark = Mark::new();
    drop(place.go(marks_later::call(mark.path(), 1)));
    mark.wait();
    goes_on(&place);
}

pub(in super::super) fn the_place_goes(making: &Making) {
    let place = making.own_place();
    let tasks: Vec<_> = (0..EACH)
        .map(|n| {
            let mark = Mark::new();
            let task = match n % 2 {
                0 => place.go(marks::call(mark.path(), n)),
                _ => place.go(marks_later::call(mark.path(), n)),
            };
            (mark, task)
        })
        .collect();
    let ending = rt::spawn_thread("end of the place".to_owned(), move || drop(place));
    for (mark, mut task) in tasks {
        let ended = task.join().block();
        let runs = mark.count();
        let is_honest = match &ended {
            Ok(_) => runs == 1,
            Err(TaskError::Lost { started: true, .. }) => runs <= 1,
            Err(TaskError::Lost { .. } | TaskError::Refused { .. }) => runs == 0,
            Err(_) => false,
        };
        assert!(is_honest, "a call ran {runs} times, and its handle says {ended:?}");
    }
    ending.expect("the system has a thread").join();
}
