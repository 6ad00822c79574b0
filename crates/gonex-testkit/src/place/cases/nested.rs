use std::sync::Arc;

use gonex_task::{Place, PlaceExt, TaskError};

use super::super::making::Making;

/// More than a small place runs at once.
const DEPTH: u32 = 24;

pub(super) fn nested(making: &Making) {
    let place = making.place();
    let theirs = place.clone();
    assert_eq!(place.go(move || closures(&theirs, DEPTH)).join().block(), Ok(DEPTH), "closures");

    let theirs = place.clone();
    let fork = move || {
        let inner = (0..DEPTH).map(|n| move || n);
        theirs.go_all(inner).block()
    };
    let forked = place.go_all((0..4).map(|_| fork.clone())).block();
    let inner: Vec<_> = (0..DEPTH).collect();
    assert_eq!(forked, Ok(vec![Ok(inner); 4]), "closures that wait for several each");

    let theirs = place.clone();
    let future = async move { theirs.go(|| 7).await };
    assert_eq!(place.go(future).join().block(), Ok(Ok(7)), "a closure in a future");
    let theirs = place.clone();
    let closure = move || theirs.go(async { 7 }).join().block();
    assert_eq!(place.go(closure).join().block(), Ok(Ok(7)), "a future in a closure");
    let theirs = place.clone();
    let future = async move { theirs.go(async { 7 }).await };
    // A place that would have to block for it says so.
    let ended = place.go(future).join().block();
    assert!(
        matches!(ended, Ok(Ok(7) | Err(TaskError::Refused { .. }))),
        "a future in a future: {ended:?}"
    );
}

/// Each waits for the next one.
fn closures(place: &Arc<dyn Place>, depth: u32) -> u32 {
    if depth == 0 {
        return 0;
    }
    let theirs = place.clone();
    let deeper = place.go(move || closures(&theirs, depth - 1)).join().block();
    deeper.expect("the one inside ends") + 1
}
