use std::sync::Arc;

use gonex_core::rt;
use gonex_task::{Handle, Panic, Place, PlaceExt, TaskError, TaskOptions};

use super::super::making::Making;

pub(super) fn panics(making: &Making) {
    let place = making.place();
    let named = TaskOptions::new().name("printer");
    let line = line!() + 1;
    let closure = || -> u8 { panic!("no paper in tray {}", 2) };
    let future = async {
        rt::yield_now().await;
        if true { panic!("no ink") } else { 0_u8 }
    };
    let panicked = panic_of(place.go_with(&named, closure));
    assert_eq!(panicked.message, "no paper in tray 2", "of a closure");
    assert!(panicked.task.contains("printer"), "its task is called {:?}", panicked.task);
    let at = panicked.place.expect("a panic of a closure has a place");
    assert_eq!((at.file.as_str(), at.line), (file!(), line), "the place of the panic");
    let panicked = panic_of(place.go(future));
    assert_eq!(panicked.message, "no ink", "of a future");
    assert!(panicked.task.contains(file!()), "without a name it is known by where it was started");
    let at = panicked.place.expect("a panic of a future has a place");
    assert_eq!(at.file, file!());
    goes_on(&place);
}

fn panic_of(mut handle: Handle<u8>) -> Panic {
    match handle.join().block() {
        Err(TaskError::Panicked(panic)) => *panic,
        other => panic!("a panic is `Panicked`, and not {other:?}"),
    }
}

/// Asserts that nothing is broken.
pub(super) fn goes_on(place: &Arc<dyn Place>) {
    let closures = (0..20).map(|n| move || n);
    assert_eq!(place.go_all(closures).block(), Ok((0..20).collect()), "what comes after it");
    let futures = (0..20).map(|n| async move { n });
    assert_eq!(place.go_all(futures).block(), Ok((0..20).collect()), "what comes after it");
}
