use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, OnceLock};

use gonex_core::primitive::lock_std;
use gonex_core::rt::{self, Seam};
use gonex_task::place::Why;
use gonex_task::work::EndableFuture;
use tokio::runtime::{Builder, Handle, Runtime};

use super::alive::Alive;
use super::current::{CoreRef, InRuntime};
use super::refused::Refused;

/// Where futures are polled: the tokio runtime around the caller, or one of our own, started with
/// the first future that needs it.
#[derive(Debug)]
pub(super) struct Polling {
    name: String,
    threads: NonZeroUsize,
    /// The seam the runtime was started under, `None` for the shared one.
    seam: Option<Arc<dyn Seam>>,
    /// The way into our own runtime, without a lock.
    own: OnceLock<Handle>,
    /// Our own runtime itself, to be ended.
    state: Mutex<State>,
    /// The futures on our own runtime, and those that are polled elsewhere.
    here: Alive,
    elsewhere: Alive,
}

#[derive(Debug)]
enum State {
    NotStarted,
    Running(Runtime),
    Ended,
}

impl Polling {
    pub(super) fn new(name: &str, threads: NonZeroUsize) -> Self {
        Self {
            name: format!("{name}-async"),
            threads,
            seam: rt::entered(),
            own: OnceLock::new(),
            state: Mutex::new(State::NotStarted),
            here: Alive::new(),
            elsewhere: Alive::new(),
        }
    }

    /// Has a future polled: on the tokio runtime around, or on our own.
    ///
    /// # Errors
    /// Gives it back, and says why.
    pub(super) fn spawn<F: EndableFuture + Send + 'static>(
        &self,
        future: F,
        runtime: &CoreRef,
    ) -> Result<(), Refused<F>> {
        let Ok(ambient) = Handle::try_current() else {
            return self.spawn_on_own(future, runtime);
        };
        let future = InRuntime::new(future, runtime.clone(), self.seam.clone());
        ambient.spawn(self.elsewhere.count(future));
        Ok(())
    }

    pub(super) fn spawn_on_own<F: EndableFuture + Send + 'static>(
        &self,
        future: F,
        runtime: &CoreRef,
    ) -> Result<(), Refused<F>> {
        match self.own(runtime) {
            Ok(own) => {
                own.spawn(self.here.count(future));
                Ok(())
            }
            Err((why, reason)) => Err(Refused { future, why, reason }),
        }
    }

    fn own(&self, runtime: &CoreRef) -> Result<&Handle, (Why, &'static str)> {
        if let Some(own) = self.own.get() {
            return Ok(own);
        }
        let mut state = lock_std(&self.state);
        if matches!(*state, State::Ended) {
            return Err((Why::Unavailable, "the runtime has ended"));
        }
        // Another may have started it meanwhile.
        if let Some(own) = self.own.get() {
            return Ok(own);
        }
        let started = self.start(runtime.clone());
        let started = started.map_err(|_| (Why::Refused, "the system has no threads for tokio"))?;
        let own = self.own.get_or_init(|| started.handle().clone());
        *state = State::Running(started);
        Ok(own)
    }

    fn start(&self, runtime: CoreRef) -> io::Result<Runtime> {
        let seam = self.seam.clone();
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(self.threads.get()).thread_name(&self.name).enable_all();
        // These threads are ours alone, so what is current on them is said once.
        builder.on_thread_start(move || {
            rt::adopt(seam.clone());
            runtime.adopt();
        });
        builder.build()
    }

    /// How many futures have not ended: on our own runtime, and elsewhere.
    pub(super) fn alive(&self) -> (usize, usize) {
        (self.here.len(), self.elsewhere.len())
    }

    /// Whether there are none: what one has started elsewhere, the other look finds.
    pub(super) fn is_at_rest(&self) -> bool {
        self.here.is_none() && self.elsewhere.is_none() && self.here.is_none()
    }

    /// Drops the futures of our own runtime, and starts no more.
    pub(super) fn end(&self) {
        let state = std::mem::replace(&mut *lock_std(&self.state), State::Ended);
        if let State::Running(own) = state {
            // tokio forbids a waiting shutdown inside async code, where a last clone may go.
            own.shutdown_background();
        }
    }
}
