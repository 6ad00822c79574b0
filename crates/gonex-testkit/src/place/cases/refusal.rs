use std::sync::Arc;

use gonex_task::{Inline, Place, PlaceExt, Task, TaskError, TaskOptions};

use super::super::making::Making;

pub(super) fn refusal(making: &Making) {
    let place = making.refusing();
    let named = TaskOptions::new().name("letter");
    let (task, handle) = Task::new(|| 6 * 7, &named);
    comes_back(&place, task);
    assert!(handle.is_finished());
    assert_eq!(handle.name(), Some("letter"));
    let mut handle = handle;
    assert_eq!(handle.join().block(), Ok(42), "a closure that another place has run");
    let (task, mut handle) = Task::new(async { "seven" }, &named);
    comes_back(&place, task);
    assert_eq!(handle.join().block(), Ok("seven"), "a future that another place has run");

    let held = Arc::new(());
    let theirs = held.clone();
    let ended = place.go(move || drop(theirs)).join().block();
    assert_refused(&ended);
    let theirs = held.clone();
    let ended = place.go(async move { drop(theirs) }).join().block();
    assert_refused(&ended);
    assert_eq!(Arc::strong_count(&held), 1, "what a refused task held is gone when it has ended");
}

/// Hands in a task, and runs it elsewhere.
fn comes_back(place: &Arc<dyn Place>, task: Task) {
    let Err(not_taken) = place.submit(task) else {
        panic!("it was to take nothing, and took a task");
    };
    assert!(!not_taken.reason().is_empty(), "a refusal says why");
    let task = not_taken.into_task();
    assert_eq!(task.spec().name.as_deref(), Some("letter"), "it comes back with its name");
    assert!(Inline.submit(task).is_ok());
}

fn assert_refused(ended: &Result<(), TaskError>) {
    assert!(
        matches!(ended, Err(TaskError::Refused { reason, .. }) if !reason.is_empty()),
        "a task that nobody takes ends as `Refused`, with the reason, and not as {ended:?}"
    );
}
