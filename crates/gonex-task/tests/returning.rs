//! Futures whose results tokio keeps: what their handles say, whatever happens to them.
#![cfg(not(gonex_loom))]

use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Wake, Waker};

use gonex_core::rt::yield_now;
use gonex_core::{Context, Stop};
use gonex_task::work::Returning;
use gonex_task::{Handle, PanicHook, Spec, TaskError};
use tokio::runtime::{Builder, Runtime};

fn one_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

#[track_caller]
fn go<F>(tokio: &Runtime, future: F) -> Handle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let spec = Spec::new(Context::current());
    let (task, handle) = Returning::new(future, spec, PanicHook::Untouched);
    handle.attach(tokio.spawn(task))
}

/// Lets a runtime go on until its tasks have nothing to do.
fn settle(tokio: &Runtime) {
    tokio.block_on(async {
        for _ in 0..8 {
            tokio::task::yield_now().await;
        }
    });
}

#[test]
fn the_result_is_taken_once() {
    let tokio = one_thread();
    let mut seven = go(&tokio, async { 7 });
    assert!(!seven.is_finished());
    assert_eq!(tokio.block_on(seven.join()), Ok(7));
    assert!(seven.is_finished());
    assert_eq!(seven.join().block(), Err(TaskError::AlreadyJoined));
    assert_eq!(tokio.block_on(seven.join()), Err(TaskError::AlreadyJoined));
}

#[test]
fn a_task_that_is_cancelled_before_it_starts_never_does() {
    let tokio = one_thread();
    let ran = Arc::new(AtomicBool::new(false));
    let runs = ran.clone();
    let mut task = go(&tokio, async move { runs.store(true, Ordering::Relaxed) });
    task.cancel("first");
    task.cancel("second");
    match tokio.block_on(task.join()) {
        Err(TaskError::Cancelled(cause)) => assert_eq!(cause.to_string(), "first"),
        other => panic!("{other:?}"),
    }
    assert!(!ran.load(Ordering::Relaxed));
}

#[test]
fn a_task_that_waits_is_dropped_when_it_is_cancelled() {
    struct Tells(Arc<AtomicBool>);
    impl Drop for Tells {
        fn drop(&mut self) {
            let stopped = matches!(Context::current().stopped(), Some(Stop::Cancelled(_)));
            self.0.store(stopped, Ordering::Relaxed);
        }
    }
    let tokio = one_thread();
    let dropped = Arc::new(AtomicBool::new(false));
    let tells = Tells(dropped.clone());
    let mut task = go(&tokio, async move {
        let _tells = tells;
        pending::<()>().await;
    });
    settle(&tokio);
    task.cancel("enough");
    assert!(matches!(tokio.block_on(task.join()), Err(TaskError::Cancelled(_))));
    assert!(dropped.load(Ordering::Relaxed), "in its context");
}

#[test]
fn a_cancel_is_seen_by_a_task_that_has_not_asked_for_its_context_yet() {
    let tokio = one_thread();
    let own = Arc::new(Mutex::new(None::<Handle<bool>>));
    let theirs = own.clone();
    let task = go(&tokio, async move {
        theirs.lock().unwrap().as_ref().unwrap().cancel("from within");
        Context::current().stopped().is_some()
    });
    *own.lock().unwrap() = Some(task);
    settle(&tokio);
    let mut task = own.lock().unwrap().take().unwrap();
    assert_eq!(task.join().block(), Ok(true));
}

#[test]
fn who_has_inherited_the_context_of_a_task_that_has_ended_is_cancelled_with_it() {
    for is_taken in [false, true] {
        let tokio = one_thread();
        let child = Arc::new(Mutex::new(None));
        let theirs = child.clone();
        let mut task = go(&tokio, async move {
            *theirs.lock().unwrap() = Some(Context::current().with_value(1_u8));
        });
        settle(&tokio);
        if is_taken {
            task.join().block().unwrap();
        }
        let child = child.lock().unwrap().take().unwrap();
        assert_eq!(child.stopped(), None);
        task.cancel("enough");
        assert!(child.stopped().is_some());
    }
}

#[test]
fn a_task_that_is_lost_says_whether_it_had_started() {
    let tokio = one_thread();
    let mut started = go(&tokio, pending::<()>());
    settle(&tokio);
    let mut waiting = go(&tokio, async {});
    drop(tokio);
    assert!(matches!(started.join().block(), Err(TaskError::Lost { started: true, .. })));
    assert!(matches!(waiting.join().block(), Err(TaskError::Lost { started: false, .. })));
}

#[test]
fn a_join_that_is_dropped_leaves_the_result_and_no_waker() {
    struct Counts(AtomicUsize);
    impl Wake for Counts {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let tokio = one_thread();
    let mut task = go(&tokio, async {
        yield_now().await;
        7
    });
    let woken = Arc::new(Counts(AtomicUsize::new(0)));
    let waker = Waker::from(woken.clone());
    {
        let mut join = pin!(task.join());
        assert_eq!(join.as_mut().poll(&mut TaskContext::from_waker(&waker)), Poll::Pending);
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&woken), 1, "it was let go of");
    settle(&tokio);
    assert_eq!(woken.0.load(Ordering::Relaxed), 0);
    // Dropped when the result is there, it keeps that.
    drop(task.join());
    assert!(task.is_finished());
    assert_eq!(task.join().block(), Ok(7));
}

#[test]
fn a_panic_has_the_name_and_the_place_of_its_task() {
    let tokio = one_thread();
    let spec = Spec { name: Some("parser".into()), ..Spec::new(Context::current()) };
    let panics = async { panic!("no number") };
    let (task, handle) = Returning::<_>::new(
        async {
            let () = panics.await;
        },
        spec,
        PanicHook::Quiet,
    );
    let mut handle = handle.attach(tokio.spawn(task));
    assert_eq!(handle.name(), Some("parser"));
    let called = format!("parser {} from", handle.id());
    match tokio.block_on(handle.join()) {
        Err(TaskError::Panicked(panic)) => {
            assert_eq!(panic.message, "no number");
            assert!(panic.task.starts_with(&called), "{}", panic.task);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_result_whose_destructor_panics_harms_nobody() {
    struct Grumbles;
    impl Drop for Grumbles {
        fn drop(&mut self) {
            panic!("not dropped gladly");
        }
    }
    let tokio = one_thread();
    drop(go(&tokio, async { Grumbles }));
    let kept = go(&tokio, async { Grumbles });
    settle(&tokio);
    assert!(kept.is_finished());
    drop(kept);
    let mut polled = go(&tokio, async { poll_fn(|_| Poll::Ready(7)).await });
    assert_eq!(tokio.block_on(polled.join()), Ok(7));
}
