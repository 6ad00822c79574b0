use std::panic::panic_any;

use gonex_task::{PlaceExt, TaskError};

use super::super::making::Making;
use super::panics::goes_on;

/// Panics when it is dropped.
#[derive(Debug)]
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        // A panic during another one would end the process, wherever that was caught.
        if !std::thread::panicking() {
            panic!("{}", self.0);
        }
    }
}

pub(super) fn hostile(making: &Making) {
    let place = making.place();
    place.go(|| Bomb("a result that nobody wants")).detach();
    place.go(async { Bomb("a result that nobody wants") }).detach();
    goes_on(&place);

    let held = Bomb("what it holds");
    let ended = place.go(move || drop(held)).join().block();
    assert!(
        matches!(&ended, Err(TaskError::Panicked(panic)) if panic.message == "what it holds"),
        "a closure whose variable panics when it is dropped: {ended:?}"
    );
    let held = Bomb("what it holds");
    let ended = place.go(async move { drop(held) }).join().block();
    assert!(
        matches!(&ended, Err(TaskError::Panicked(panic)) if panic.message == "what it holds"),
        "a future whose variable panics when it is dropped: {ended:?}"
    );
    goes_on(&place);

    let ended = place.go(|| panic_any(Bomb("the payload of a panic"))).join().block();
    assert!(
        matches!(&ended, Err::<(), _>(TaskError::Panicked(_))),
        "a payload that panics when it is dropped: {ended:?}"
    );
    goes_on(&place);
}
