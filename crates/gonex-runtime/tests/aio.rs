//! Futures: limits, local ones, and the way between threads and async code.
#![cfg(not(gonex_loom))]

use std::cell::Cell;
use std::future;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Context, Stop};
use gonex_runtime::{Runtime, aio, go};
use gonex_task::{PanicHook, TaskError};

#[test]
fn a_limit_drops_the_future_where_it_has_come_to() {
    struct Tell(Rc<Cell<bool>>);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let dropped = Rc::new(Cell::new(false));
        let tell = Tell(dropped.clone());
        let limited = aio::timeout(Duration::from_secs(60), async move {
            future::pending::<()>().await;
            drop(tell);
        });
        manual.advance(Duration::from_secs(60));
        assert!(!dropped.get());
        assert_eq!(limited.block(), Err(Stop::Timeout));
        assert!(dropped.get());
        let ready = aio::timeout(Duration::ZERO, async { 7 }).block();
        assert_eq!(ready, Ok(7), "what is ready goes before its limit");
    });
}

#[tokio::test(start_paused = true)]
async fn sleeps_and_limits_follow_the_clock_of_tokio() {
    let start = rt::now();
    let slow = async {
        aio::sleep(Duration::from_secs(3_600)).await;
        7
    };
    assert_eq!(aio::timeout(Duration::from_secs(7_200), slow).await, Ok(7));
    assert_eq!(rt::now() - start, Duration::from_secs(3_600));
    let (a, b) = aio::join!(aio::sleep(Duration::from_secs(60)), async { 2 });
    assert_eq!((a, b), ((), 2));
}

#[test]
fn joins_keep_the_order_and_stop_at_a_failure() {
    aio::block_on(async {
        assert_eq!(aio::join_all((0..3).map(|n| async move { n })).await, [0, 1, 2]);
        let halves = |n: i32| async move { if n % 2 == 0 { Ok(n / 2) } else { Err(n) } };
        assert_eq!(aio::try_join_all([0, 2, 4].map(halves)).await, Ok(vec![0, 1, 2]));
        assert_eq!(aio::try_join_all([0, 1, 2].map(halves)).await, Err(1));
        assert_eq!(aio::try_join!(halves(2), halves(4)), Ok((1, 2)));
        // The other is not waited for.
        assert_eq!(aio::try_join!(halves(1), future::pending::<Result<(), i32>>()), Err(1));
    });
}

#[test]
fn block_on_has_what_is_current() {
    let context = Context::background().with_value(7_u8);
    let value = context.run(|| aio::block_on(async { Context::current().value::<u8>().copied() }));
    assert_eq!(value, Some(7));
}

#[test]
fn block_on_brings_tokio_along() {
    // Its timers panic where there is no runtime around.
    aio::block_on(async { tokio::time::sleep(Duration::ZERO).await });
    let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let id = tokio.handle().id();
    let _inside = tokio.enter();
    assert_eq!(aio::block_on(async { tokio::runtime::Handle::current().id() }), id);
}

#[test]
fn block_on_in_a_future_and_block_in_block_on_are_forbidden() {
    let runtime = Runtime::builder().panic_hook(PanicHook::Quiet).build().unwrap();
    let mut task = runtime.go(async { aio::block_on(async { 7 }) });
    let Err(TaskError::Panicked(panic)) = task.join().block() else { panic!("it blocked") };
    assert!(panic.message.starts_with("`aio::block_on` in task #"), "{panic}");
    assert!(panic.message.ends_with("use `.await`"), "{panic}");

    let mut task = runtime.go(|| aio::block_on(async { rt::sleep_until(rt::now()).block() }));
    let Err(TaskError::Panicked(panic)) = task.join().block() else { panic!("it blocked") };
    assert!(panic.message.starts_with("`.block()` in a future from "), "{panic}");
    assert!(panic.message.contains("aio.rs"), "{panic}");
}

#[test]
fn a_cancelled_closure_leaves_block_on() {
    let (begun, seen) = mpsc::channel();
    let mut task = go(move || {
        begun.send(()).unwrap();
        aio::block_on(future::pending::<()>());
    });
    seen.recv().unwrap();
    task.cancel("enough");
    assert!(matches!(task.join().block(), Err(TaskError::Cancelled(_))));
}

#[test]
fn a_panic_of_the_future_goes_on_in_block_on() {
    let thrown = panic::catch_unwind(AssertUnwindSafe(|| {
        aio::block_on(async { panic::resume_unwind(Box::new(7_u8)) })
    }));
    assert_eq!(thrown.unwrap_err().downcast_ref::<u8>(), Some(&7));
}

#[test]
fn local_futures_go_on_beside_the_one_they_are_in() {
    let order = Rc::new(Cell::new(0));
    aio::block_on(async {
        let (mine, theirs) = (order.clone(), order.clone());
        let mut inner = aio::spawn_local(async move {
            // Spawned by one that was spawned.
            let twice = theirs.clone();
            aio::spawn_local(async move { twice.set(twice.get() + 1) }).await.unwrap();
            theirs.set(theirs.get() * 10);
        });
        assert_eq!(mine.get(), 0, "not yet polled");
        inner.join().await.unwrap();
        assert_eq!(mine.get(), 10);
    });
}

#[test]
fn a_busy_future_lets_local_ones_go_on() {
    aio::block_on(async {
        let done = Rc::new(Cell::new(false));
        let mark = done.clone();
        aio::spawn_local(async move { mark.set(true) }).detach();
        while !done.get() {
            rt::sleep_until(rt::now()).await; // always ready
        }
    });
}

#[test]
fn a_local_future_ends_with_what_is_around_it() {
    let mut forgotten = aio::block_on(async { aio::spawn_local(future::pending::<()>()) });
    assert!(matches!(forgotten.join().block(), Err(TaskError::Lost { started: false, .. })));
    let mut forgotten = aio::block_on(async {
        let forgotten = aio::spawn_local(future::pending::<()>());
        aio::yield_now().await;
        forgotten
    });
    assert!(matches!(forgotten.join().block(), Err(TaskError::Lost { started: true, .. })));
    let mut nowhere = aio::spawn_local(async { 7 });
    let ended = nowhere.join().block();
    assert!(
        matches!(&ended, Err(TaskError::Refused { reason, .. }) if reason.contains("aio::local"))
    );
}

#[test]
fn a_local_future_is_a_task() {
    aio::block_on(async {
        let mut bad = aio::spawn_local(async { panic!("a bad page") });
        let ended: Result<(), _> = bad.join().await;
        assert!(matches!(ended, Err(TaskError::Panicked(panic)) if panic.message == "a bad page"));

        let mut never = aio::spawn_local(future::pending::<()>());
        never.cancel("enough");
        assert!(matches!(never.join().await, Err(TaskError::Cancelled(_))));

        let blocking = aio::spawn_local(async { rt::sleep_until(rt::now()).block() });
        let Err(TaskError::Panicked(panic)) = blocking.await else { panic!("it blocked") };
        assert!(panic.message.starts_with("`.block()` in a local task from "), "{panic}");
    });
}

#[test]
fn local_futures_work_in_a_task() {
    let mut task = go(async { aio::operation(async { 7 }).await });
    assert_eq!(task.join().block(), Ok(7));
    let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let value = tokio.block_on(aio::local(async {
        let shared = Rc::new(7);
        aio::spawn_local(async move { *shared }).await
    }));
    assert_eq!(value, Ok(7));
}
