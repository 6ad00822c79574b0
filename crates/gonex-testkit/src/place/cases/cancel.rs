use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use gonex_core::rt;
use gonex_core::{Canceller, Context};
use gonex_task::{Handle, PlaceExt, TaskError, TaskOptions};

use super::super::making::Making;
use super::panics::goes_on;
use super::runs_in_caller;

const CAUSE: &str = "closing time";

pub(super) fn before_it_starts(making: &Making) {
    let place = making.place();
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel(CAUSE);
    let options = TaskOptions::new().within(&context);
    let ran = Arc::new(AtomicBool::new(false));
    let theirs = ran.clone();
    let closure = place.go_with(&options, move || theirs.store(true, Ordering::SeqCst));
    assert_cancelled(closure);
    let theirs = ran.clone();
    let future = place.go_with(&options, async move { theirs.store(true, Ordering::SeqCst) });
    assert_cancelled(future);
    assert!(!ran.load(Ordering::SeqCst), "a task started whose context had been cancelled");
    goes_on(&place);
}

pub(super) fn while_it_runs(making: &Making) {
    let place = making.place();
    let hour = Duration::from_secs(3600);

    let (context, begun) = cancelled_when_begun();
    let closure = move || {
        begun.send(()).expect("somebody listens");
        rt::sleep(hour).block();
    };
    assert_cancelled(place.go_with(&TaskOptions::new().within(&context), closure));

    let (context, begun) = cancelled_when_begun();
    let future = async move {
        begun.send(()).expect("somebody listens");
        pending::<()>().await;
    };
    assert_cancelled(place.go_with(&TaskOptions::new().within(&context), future));

    if !runs_in_caller(&place) {
        let (begun, has_begun) = mpsc::channel();
        let closure = move || {
            begun.send(()).expect("somebody listens");
            rt::sleep(hour).block();
        };
        let handle = place.go(closure);
        has_begun.recv().expect("the task begins");
        handle.cancel(CAUSE);
        assert_cancelled(handle);
    }
    goes_on(&place);
}

/// A context that somebody else cancels as soon as a task in it says that it has begun.
fn cancelled_when_begun() -> (Context, mpsc::Sender<()>) {
    let (context, canceller) = Context::background().with_cancel();
    let (begun, has_begun) = mpsc::channel();
    let cancel = move || cancel_then(&canceller, &has_begun);
    drop(rt::spawn_thread("canceller".to_owned(), cancel).expect("the system has a thread"));
    (context, begun)
}

fn cancel_then(canceller: &Canceller, has_begun: &mpsc::Receiver<()>) {
    // A task that goes without having begun needs no cancelling.
    if has_begun.recv().is_ok() {
        canceller.cancel(CAUSE);
    }
}

fn assert_cancelled(mut handle: Handle<()>) {
    match handle.join().block() {
        Err(TaskError::Cancelled(cause)) => {
            assert!(cause.to_string().contains(CAUSE), "it was cancelled for {CAUSE}, not {cause}");
        }
        other => panic!("what is cancelled ends as `Cancelled`, and not as {other:?}"),
    }
}
