//! Tasks under a simulator: each is a thread of its own, of which the simulator lets one at a time run.
//!
//! So one idea covers closures and futures, and all that is made of them. What becomes of a task is
//! decided where it is decided elsewhere: in its job, and in its future.

use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Context as TaskContext;

use gonex_core::context::Done;
use gonex_core::op::Subject;
use gonex_core::rt::{self, Blocked, Policy};
use gonex_core::{Canceller, Context, Kind};
use gonex_sync::WaitGroup;
use gonex_task::work::EndableFuture;
use gonex_task::{Job, PanicHook, TaskError};

use super::current::CoreRef;

/// The simulated tasks of a runtime.
pub(super) struct Simulated {
    closures: WaitGroup,
    /// Cancelled when the runtime ends: its futures are dropped then.
    futures: Canceller,
    ended: AtomicBool,
}

impl Simulated {
    pub(super) fn new() -> Self {
        let (_, futures) = Context::background().with_cancel();
        Self { closures: WaitGroup::new(), futures, ended: AtomicBool::new(false) }
    }

    pub(super) fn spawn_closure(&self, job: Job, hook: PanicHook, runtime: &CoreRef) {
        // One thread runs at a time, and the simulator orders what they do.
        if self.ended.load(Ordering::Relaxed) {
            return job.end(TaskError::refused("the runtime has ended"));
        }
        let (runtime, running) = (runtime.clone(), rt::unseen(|| self.closures.token()));
        let body = move || {
            runtime.enter(|| job.run(hook, &|_| ()));
            drop(running);
        };
        // Where no thread can be had the job is dropped, and its handle says that it is lost.
        rt::spawn_thread("closure".to_owned(), body).ok();
        rt::pause();
    }

    pub(super) fn spawn_future(
        &self,
        future: impl EndableFuture + Send + 'static,
        runtime: &CoreRef,
    ) {
        if self.ended.load(Ordering::Relaxed) {
            return pin!(future).end(TaskError::refused("the runtime has ended"));
        }
        let (runtime, ended) = (runtime.clone(), self.futures.context().clone());
        let body = move || runtime.enter(|| drive(future, ended));
        rt::spawn_thread("future".to_owned(), body).ok();
        rt::pause();
    }

    /// Takes no more tasks, drops the futures, and waits for the closures unless one of them asks.
    pub(super) fn end(&self, runtime: &CoreRef) {
        self.ended.store(true, Ordering::Relaxed);
        self.futures.cancel("the runtime has ended");
        if !runtime.is_current() {
            let wait = || wait(&self.closures);
            rt::uninterrupted(|| rt::with_policy(Policy::Allowed, wait));
        }
    }
}

/// Polls a future on this thread, until it is ready or its runtime has ended.
fn drive(future: impl EndableFuture + Send + 'static, runtime: Context) {
    let mut future = pin!(future);
    let mut ended = Done::new(runtime);
    rt::block(|cx| {
        let mut is_over = |cx: &mut TaskContext<'_>| Pin::new(&mut ended).poll(cx).is_ready();
        if is_over(cx) || future.as_mut().poll(cx).is_ready() {
            Blocked::Done(())
        } else {
            Blocked::Until(None)
        }
    });
}

/// Waits whatever the context around says: its owner lets go of the runtime only once.
fn wait(closures: &WaitGroup) {
    let mut all = pin!(closures.wait().into_kind());
    rt::block(|cx| {
        if all.as_mut().poll(cx).is_ready() {
            return Blocked::Done(());
        }
        rt::waits(|| Subject::new("wait for the closures of").of("a runtime"));
        Blocked::Until(None)
    });
}
