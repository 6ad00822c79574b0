use std::future::pending;
use std::time::Duration;

use gonex_core::rt;
use gonex_core::{Context, Instant};
use gonex_task::{PlaceExt, TaskError, TaskOptions};

use super::super::making::Making;

pub(super) fn deadline(making: &Making) {
    let place = making.place();
    let hour = Duration::from_secs(3600);
    let at: Instant = rt::now().checked_add(hour).expect("an hour from now is a time");
    let options = TaskOptions::new().within(&Context::background().with_deadline(at));
    let known = || Context::current().deadline();
    let inside = place.go_with(&options, known).join().block();
    assert_eq!(inside, Ok(Some(at)), "the deadline as a closure knows it");
    let inside = place.go_with(&options, async move { known() }).join().block();
    assert_eq!(inside, Ok(Some(at)), "the deadline as a future knows it");

    let soon = Context::background().with_timeout(Duration::from_millis(1));
    let options = TaskOptions::new().within(&soon);
    let ended = place.go_with(&options, move || rt::sleep(hour).block()).join().block();
    assert_eq!(ended, Err(TaskError::Timeout), "a closure that waits past its deadline");
    let ended = place.go_with(&options, pending::<()>()).join().block();
    assert_eq!(ended, Err(TaskError::Timeout), "a future that waits past its deadline");
}

/// A value that tasks find in their context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tray(u8);

pub(super) fn values(making: &Making) {
    let place = making.place();
    let tray = || Context::current().value::<Tray>().copied();
    let context = Context::background().with_value(Tray(2));
    let (closure, future) = context.run(|| {
        let future = async move {
            let before = tray();
            rt::yield_now().await;
            (before, tray())
        };
        (place.go(tray).join().block(), place.go(future).join().block())
    });
    assert_eq!(closure, Ok(Some(Tray(2))), "in a closure");
    assert_eq!(
        future,
        Ok((Some(Tray(2)), Some(Tray(2)))),
        "in a future, before and after an await"
    );
    assert_eq!(place.go(tray).join().block(), Ok(None), "a context stays with its task");
}
