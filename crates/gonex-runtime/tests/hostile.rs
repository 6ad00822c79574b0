//! User code that panics where it hurts: destructors, wakers, payloads. No worker dies of it, and
//! every handle says what happened.
#![cfg(not(gonex_loom))]

use std::cell::RefCell;
use std::future::{self, Future, IntoFuture};
use std::iter;
use std::num::NonZeroUsize;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context as TaskContext, Wake, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::rt::{self, Manual};
use gonex_core::{Context, Stop};
use gonex_runtime::{Pool, Runtime, go};
use gonex_task::{Handle, PanicHook, TaskError};

/// Panics when dropped, once.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a destructor");
    }
}

struct PanickingWaker;

impl Wake for PanickingWaker {
    fn wake(self: Arc<Self>) {
        panic!("a waker");
    }
}

/// A pool with one worker, which would be missed.
fn pool<J: Send + 'static, R: Send + 'static>(
    handler: impl Fn(J) -> R + Send + Sync + 'static,
) -> Pool<J, R> {
    let builder = Pool::builder().workers(NonZeroUsize::MIN).panic_hook(PanicHook::Quiet);
    builder.build(handler).unwrap()
}

fn poll_with<T: 'static>(handle: Handle<T>, waker: &Waker) {
    let mut joined = pin!(handle.into_future());
    assert!(joined.as_mut().poll(&mut TaskContext::from_waker(waker)).is_pending());
}

fn cancelled() -> Context {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    context
}

#[test]
fn a_job_that_is_cancelled_and_panics_when_dropped_is_cancelled() {
    let pool = pool(|_: Option<Bomb>| ());
    let mut handle = cancelled().run(|| pool.try_submit(Some(Bomb))).unwrap();
    assert!(matches!(handle.join().block(), Err(TaskError::Cancelled(_))));
    assert_eq!(pool.submit(None).block().unwrap().join().block(), Ok(()));
}

#[test]
fn a_result_that_nobody_wants_and_panics_when_dropped_harms_nobody() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let pool = pool(move |bomb: bool| {
        gate.lock().unwrap().recv().unwrap();
        bomb.then(|| Bomb)
    });
    // Detached before it ends: the worker drops the result.
    pool.submit(true).block().unwrap().detach();
    open.send(()).unwrap();
    // And after: whoever detaches it does.
    let ended = pool.submit(true).block().unwrap();
    open.send(()).unwrap();
    while !ended.is_finished() {
        thread::yield_now();
    }
    ended.detach();
    open.send(()).unwrap();
    assert!(matches!(pool.submit(false).block().unwrap().join().block(), Ok(None)));
}

#[test]
fn results_of_a_batch_that_panic_when_dropped_harm_nobody() {
    let pool = pool(|fails: bool| {
        assert!(!fails);
        Bomb
    });
    let batch = pool.submit_batch([false, false], |_| 1).block().unwrap();
    while batch.finished() < 2 {
        thread::yield_now();
    }
    batch.detach();
    let mut batch = pool.submit_batch([false, false, true], |_| 1).block().unwrap();
    while batch.finished() < 3 {
        thread::yield_now();
    }
    assert!(matches!(batch.join_all().block(), Err(TaskError::Panicked(_))));
}

#[test]
fn a_payload_that_panics_when_dropped_is_a_panic_like_others() {
    let pool = pool(|bomb: bool| {
        if bomb {
            panic::panic_any(Bomb)
        }
    });
    let ended = pool.submit(true).block().unwrap().join().block();
    assert!(matches!(ended, Err(TaskError::Panicked(_))));
    assert_eq!(pool.submit(false).block().unwrap().join().block(), Ok(()));
}

#[test]
fn a_waker_that_panics_harms_nobody() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let pool = pool(move |()| gate.lock().unwrap().recv().unwrap());
    let waker = Waker::from(Arc::new(PanickingWaker));
    let handle = pool.submit(()).block().unwrap();
    let mut joined = pin!(handle.into_future());
    assert!(joined.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
    let mut next = pool.submit(()).block().unwrap();
    open.send(()).unwrap();
    open.send(()).unwrap();
    assert_eq!(next.join().block(), Ok(()));
}

#[test]
fn a_future_that_is_cancelled_before_its_first_poll_is_cancelled() {
    let bomb = Bomb;
    let work = async move {
        let _bomb = bomb;
        future::pending::<()>().await;
    };
    let mut handle = cancelled().run(|| go(work));
    assert!(matches!(handle.join().block(), Err(TaskError::Cancelled(_))));
}

#[test]
fn a_destructor_that_waits_does_not_turn_a_cancellation_into_an_abort() {
    struct Waits(Context);
    impl Drop for Waits {
        fn drop(&mut self) {
            // The ambient context has stopped, but this thread is unwinding already.
            self.0.done().block();
        }
    }
    let (inner, stop_inner) = Context::background().with_cancel();
    let (outer, stop_outer) = Context::background().with_cancel();
    let (started, has_started) = mpsc::channel();
    let mut task = outer.run(|| {
        go(move || {
            let _waits = Waits(inner);
            started.send(()).unwrap();
            Context::background().with_cancel().0.done().block();
        })
    });
    has_started.recv().unwrap();
    stop_outer.cancel("outer");
    stop_inner.cancel("inner");
    assert!(
        matches!(task.join().block(), Err(TaskError::Cancelled(c)) if c.to_string() == "outer")
    );
}

#[test]
fn a_stop_outside_a_task_is_a_panic_that_says_so() {
    let stopped = cancelled();
    let (open, _canceller) = Context::background().with_cancel();
    let wait = || stopped.run(|| open.done().block());
    let payload = panic::catch_unwind(AssertUnwindSafe(wait)).unwrap_err();
    let message = payload.downcast_ref::<String>().unwrap();
    assert!(message.contains("outside a task"), "{message}");
}

#[test]
fn a_task_is_stopped_by_its_own_context_and_no_other() {
    let tokio = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (outer, canceller) = Context::background().with_cancel();
    let mut task = outer.run(|| {
        tokio.block_on(async {
            let task = Context::background().run(|| go(future::pending::<()>()));
            tokio::task::yield_now().await;
            canceller.cancel("outer");
            tokio::task::yield_now().await;
            task
        })
    });
    assert!(!task.is_finished());
    task.cancel("its own");
    tokio.block_on(async { assert!(matches!(task.join().await, Err(TaskError::Cancelled(_)))) });
}

#[test]
fn a_cancel_reaches_all_although_a_waker_panics() {
    let (context, canceller) = Context::background().with_cancel();
    let (child, _child_canceller) = context.with_cancel();
    let waker = Waker::from(Arc::new(PanickingWaker));
    let mut done = pin!(context.done());
    assert!(done.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
    canceller.cancel("enough");
    assert!(matches!(child.done().block(), Stop::Cancelled(_)));
}

#[test]
fn timers_go_on_although_a_waker_panics() {
    let waker = Waker::from(Arc::new(PanickingWaker));
    let (context, _canceller) = Context::background().with_cancel();
    // The time counts from the call: on a busy machine it can be over before the first poll, and
    // then nobody is left to be woken.
    let mut tries =
        iter::repeat_with(|| Box::pin(context.done().timeout(Duration::from_millis(1))));
    let mut cx = TaskContext::from_waker(&waker);
    let hostile = tries.find_map(|mut op| op.as_mut().poll(&mut cx).is_pending().then_some(op));
    let late = context.clone();
    let mut peaceful = go(async move { late.done().timeout(Duration::from_millis(5)).await });
    assert_eq!(peaceful.join().block().unwrap(), Err(Stop::Timeout));
    assert!(hostile.is_some(), "it was there to be woken until now");
}

#[test]
fn the_default_runtime_is_nobodys_test() {
    // Whoever comes first, with a clock that never moves, does not stop it for others.
    rt::enter(Arc::new(Manual::new()), || go(|| ()).join().block()).unwrap();
    let timed = || Context::background().with_timeout(Duration::from_millis(1)).done().block();
    assert_eq!(go(timed).join().block(), Ok(Stop::Timeout));
}

#[test]
fn a_runtime_has_the_seam_it_was_started_under() {
    let manual = Arc::new(Manual::new());
    let runtime = rt::enter(manual.clone(), Runtime::new).unwrap();
    let hour = Duration::from_secs(3600);
    let wait = move || Context::background().with_timeout(hour).done();
    let mut closure = runtime.go(move || wait().block());
    let mut future = runtime.go(async move { wait().await });
    while manual.timers() < 2 {
        thread::yield_now();
    }
    manual.advance(hour);
    assert_eq!(closure.join().block(), Ok(Stop::Timeout));
    assert_eq!(future.join().block(), Ok(Stop::Timeout));
}

#[test]
fn going_in_a_destructor_during_a_panic_is_fine() {
    struct Goes;
    impl Drop for Goes {
        fn drop(&mut self) {
            assert_eq!(
                Pool::new(|n: u8| n).unwrap().submit(7).block().unwrap().join().block(),
                Ok(7)
            );
        }
    }
    let fails = || {
        let _goes = Goes;
        panic::resume_unwind(Box::new("outer"));
    };
    let payload = panic::catch_unwind(fails).unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"outer"));
}

#[test]
fn a_place_is_never_that_of_an_earlier_panic() {
    let pool = pool(|catches: bool| {
        if catches {
            panic::catch_unwind(|| panic!("caught")).unwrap_err();
        } else {
            panic::resume_unwind(Box::new("resumed"));
        }
    });
    assert_eq!(pool.submit(true).block().unwrap().join().block(), Ok(()));
    let ended = pool.submit(false).block().unwrap().join().block();
    assert!(matches!(ended, Err(TaskError::Panicked(panic)) if panic.place.is_none()));
}

#[test]
fn a_measure_sees_every_task_that_was_joined() {
    let pool = Pool::new(|n: u32| n).unwrap();
    for _ in 0..300 {
        let measure = pool.measure(None);
        let mut batch = pool.submit_batch(0..8, |_| 1).block().unwrap();
        batch.join_all().block().unwrap();
        assert_eq!(measure.finish().tasks_completed, 8);
    }
}

#[test]
fn a_measure_that_is_dropped_leaves_no_thread() {
    // It would sample for another hour; the test would hang if nobody ended it.
    drop(pool(|()| ()).measure(Some(Duration::from_secs(3600))));
}

#[test]
fn a_failed_batch_still_counts() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let pool = pool(move |n: u32| {
        assert_ne!(n, 0, "the first fails");
        gate.lock().unwrap().recv().ok();
    });
    let mut batch = pool.submit_batch(0..3, |_| 1).block().unwrap();
    assert!(batch.join_all().block().is_err());
    assert!((1..3).contains(&batch.finished()), "{batch:?}");
    drop(open);
    drop(pool);
    assert_eq!(batch.finished(), 3);
}

#[test]
fn panic_reports_name_the_place_of_the_call() {
    let pool = pool(|()| panic!("here"));
    let line = line!() + 1;
    let mut batch = pool.submit_batch([()], |()| 1).block().unwrap();
    let ended: Result<Vec<()>, _> = batch.join_all().block();
    let Err(TaskError::Panicked(panic)) = ended else { panic!() };
    assert!(panic.task.contains(&format!("hostile.rs:{line}")), "{}", panic.task);
}

#[test]
fn a_thread_that_ends_can_still_wait() {
    thread_local! {
        static LAST: RefCell<Option<Joins>> = const { RefCell::new(None) };
    }
    struct Joins(Handle<u8>, mpsc::Sender<u8>);
    impl Drop for Joins {
        fn drop(&mut self) {
            self.1.send(self.0.join().block().unwrap()).unwrap();
        }
    }
    let (sent, received) = mpsc::channel();
    thread::spawn(move || LAST.set(Some(Joins(go(|| 7), sent)))).join().unwrap();
    assert_eq!(received.recv(), Ok(7));
}

#[test]
fn a_name_with_a_nul_is_an_error() {
    let failed = Pool::builder().name("a\0b").build(|()| ()).unwrap_err();
    assert_eq!(failed.kind(), std::io::ErrorKind::InvalidInput);
    assert!(failed.to_string().contains("NUL"));
}

#[test]
fn a_runtime_dropped_by_one_of_its_threads_waits_for_none_of_them() {
    let runtime = Runtime::builder().threads(NonZeroUsize::new(2).unwrap()).build().unwrap();
    let (open, gate) = mpsc::channel::<()>();
    // Worker 2 waits for what worker 1 does after it has dropped the runtime.
    let mut second = runtime.go(move || gate.recv());
    let (give, take) = mpsc::channel::<Runtime>();
    let mut first = runtime.go(move || {
        drop(take.recv().unwrap());
        open.send(()).unwrap();
    });
    give.send(runtime).unwrap();
    assert_eq!(first.join().block(), Ok(()));
    assert_eq!(second.join().block().unwrap(), Ok(()));
}

#[test]
fn a_mass_of_waits_is_abandoned_quickly() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let builder = Pool::builder().workers(NonZeroUsize::MIN).capacity(NonZeroUsize::MIN);
    let pool = builder.build(move |_: u32| gate.lock().unwrap().recv().ok()).unwrap();
    let mut waiting: Vec<_> = (0..20_000).map(|n| Box::pin(pool.submit(n))).collect();
    let mut cx = TaskContext::from_waker(Waker::noop());
    let ready = waiting
        .iter_mut()
        .filter_map(|op| op.as_mut().poll(&mut cx).is_ready().then_some(()))
        .count();
    assert!(ready <= 2, "one runs and one is queued");
    drop(waiting);
    drop(open);
    assert_eq!(pool.submit(1).block().unwrap().join().block(), Ok(None));
}

#[test]
fn who_polled_with_a_hostile_waker_and_left_is_forgotten() {
    let pool = pool(|()| ());
    let (open, gate) = mpsc::channel::<()>();
    let mut first = go(move || gate.recv());
    let waker = Waker::from(Arc::new(PanickingWaker));
    poll_with(go(future::pending::<()>()), &waker);
    open.send(()).unwrap();
    first.join().block().unwrap().unwrap();
    assert_eq!(pool.submit(()).block().unwrap().join().block(), Ok(()));
}
