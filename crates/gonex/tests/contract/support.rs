//! What the proofs are made of: gates that hold tasks, and polls by hand.

use std::future::{self, Future};
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::task::{Context as TaskContext, Poll, Wake, Waker};

use gonex::{Context, Handle, Kind, Op, PanicHook, Pool, Runtime, go, rt};

/// A gate that tasks wait at until it is opened; dropping it opens it, so that a failed proof does
/// not hang.
pub(crate) struct Gate {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    entered: bool,
    open: bool,
}

impl Inner {
    fn update(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    fn wait_until(&self, reached: impl Fn(&State) -> bool) {
        let state = self.state.lock().unwrap();
        drop(self.changed.wait_while(state, |state| !reached(state)).unwrap());
    }
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self { inner: Arc::default() }
    }

    /// What a task does at the gate.
    pub(crate) fn pass(&self) -> impl Fn() + Send + Sync + use<> {
        let inner = self.inner.clone();
        move || {
            inner.update(|state| state.entered = true);
            inner.wait_until(|state| state.open);
        }
    }

    /// Waits until a task has come to the gate.
    pub(crate) fn entered(&self) {
        self.inner.wait_until(|state| state.entered);
    }

    pub(crate) fn open(&self) {
        self.inner.update(|state| state.open = true);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

/// A job that makes the handler of [`stopped_pool`] panic.
pub(crate) const PANIC: u32 = u32::MAX;

/// A pool with one worker, whose jobs wait at a gate and then yield themselves.
pub(crate) fn stopped_pool(capacity: usize) -> (Pool<u32, u32>, Gate) {
    let gate = Gate::new();
    let pass = gate.pass();
    let handler = move |job| {
        pass();
        assert_ne!(job, PANIC, "a job to panic at");
        job
    };
    let builder = Pool::builder().workers(NonZeroUsize::MIN).panic_hook(PanicHook::Quiet);
    let pool = builder.capacity(NonZeroUsize::new(capacity).unwrap()).build(handler).unwrap();
    (pool, gate)
}

/// A stopped pool with one job in its worker and one in its queue, which has no more room.
pub(crate) fn full_pool() -> (Pool<u32, u32>, Gate) {
    let (pool, gate) = stopped_pool(1);
    pool.submit(1).block().unwrap().detach();
    gate.entered();
    pool.submit(2).block().unwrap().detach();
    (pool, gate)
}

/// A task that waits for its gate.
pub(crate) struct Paused {
    gate: Gate,
    ran: mpsc::Receiver<()>,
}

impl Paused {
    pub(crate) fn finish(self) {
        self.gate.open();
    }

    /// Lets the task go on, and counts how often it ends.
    pub(crate) fn finish_and_count(self) -> usize {
        self.gate.open();
        self.ran.iter().count()
    }
}

/// Work that waits for its gate and yields 7.
pub(crate) fn pausing() -> (Paused, impl FnOnce() -> u32 + Send + 'static) {
    let gate = Gate::new();
    let (sent, ran) = mpsc::channel();
    let pass = gate.pass();
    let work = move || {
        pass();
        sent.send(()).ok();
        7
    };
    (Paused { gate, ran }, work)
}

/// The same, started.
pub(crate) fn paused() -> (Paused, Handle<u32>) {
    let (task, work) = pausing();
    (task, go(work))
}

pub(crate) fn cancelled() -> Context {
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    context
}

/// A runtime that does not print the panics we want.
pub(crate) fn quiet() -> Runtime {
    Runtime::builder().panic_hook(PanicHook::Quiet).build().unwrap()
}

pub(crate) async fn late_panic() {
    let mut first = true;
    future::poll_fn(|cx| {
        cx.waker().wake_by_ref();
        if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    panic!("later");
}

pub(crate) fn poll_once<F: Future>(future: &mut Pin<&mut F>) -> Poll<F::Output> {
    future.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
}

/// Waits for an operation that has been polled before.
pub(crate) fn wait_for<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    rt::block(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => rt::Blocked::Done(output),
        Poll::Pending => rt::Blocked::Until(None),
    })
}

/// Polls an operation that is not ready, drops it, and looks for wakers that it left somewhere.
pub(crate) fn leaves_nothing<K: Kind>(op: Op<K>) {
    struct Silent;
    impl Wake for Silent {
        fn wake(self: Arc<Self>) {}
    }
    let silent = Arc::new(Silent);
    let waker = Waker::from(silent.clone());
    {
        let mut op = pin!(op);
        assert!(op.as_mut().poll(&mut TaskContext::from_waker(&waker)).is_pending());
        assert!(Arc::strong_count(&silent) > 2, "the operation waits with its waker");
    }
    drop(waker);
    assert_eq!(Arc::strong_count(&silent), 1, "the operation left a waker behind");
}
