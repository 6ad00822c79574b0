use std::cell::Cell;
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Mutex, OnceLock};

use gonex_core::primitive::lock_std;
use gonex_core::rt;
use gonex_task::place::Why;
use gonex_task::work::EndableFuture;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::{self, JoinHandle};

use super::alive::Alive;
use super::current::CoreRef;
use super::known::RuntimeId;
use super::owned::{Owned, Owner};
use super::refused::Refused;
use super::runtime::Core;

thread_local! {
    /// Whose tokio this thread is one of, if it is of one that we have started.
    static POLLS_FOR: Cell<Option<RuntimeId>> = const { Cell::new(None) };
    /// The task that has been seen inside a tokio runtime here: it does not leave that.
    static SEEN_INSIDE: Cell<Option<task::Id>> = const { Cell::new(None) };
}

/// Where futures are polled: the tokio runtime around the caller, or one of our own, started with
/// the first future that needs it.
#[derive(Debug)]
pub(super) struct Polling {
    name: String,
    threads: NonZeroUsize,
    /// The way into our own runtime, without a lock.
    own: OnceLock<Handle>,
    /// Our own runtime itself, to be ended.
    state: Mutex<State>,
    /// The futures on our own runtime, and those that are polled elsewhere.
    here: Alive,
    elsewhere: Alive,
}

/// A tokio runtime that takes a future.
pub(super) enum Door<'a> {
    /// Our own.
    Own(&'a Handle),
    /// That of the task that runs here.
    Around,
    Other(Handle),
}

impl Door<'_> {
    #[inline]
    pub(super) fn spawn<F>(self, future: F, core: &Core) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        // One call for each of tokio's ways in, so that the future is written down where it stays.
        match self {
            Self::Own(own) => own.spawn(Owned::new(future, Owner::here(core))),
            Self::Around => task::spawn(Owned::new(future, Owner::elsewhere(core))),
            Self::Other(other) => other.spawn(Owned::new(future, Owner::elsewhere(core))),
        }
    }
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
        core: &Core,
    ) -> Result<(), Refused<F>> {
        match self.door(core) {
            Ok(door) => drop(door.spawn(future, core)),
            Err((why, reason)) => return Err(Refused { future, why, reason }),
        }
        Ok(())
    }

    pub(super) fn spawn_on_own<F: EndableFuture + Send + 'static>(
        &self,
        future: F,
        core: &Core,
    ) -> Result<(), Refused<F>> {
        match self.own(&core.own) {
            Ok(own) => drop(Door::Own(own).spawn(future, core)),
            Err((why, reason)) => return Err(Refused { future, why, reason }),
        }
        Ok(())
    }

    /// Where a future that is handed in now is polled.
    ///
    /// # Errors
    /// Why it is not, and what would help.
    #[inline]
    pub(super) fn door(&self, core: &Core) -> Result<Door<'_>, (Why, &'static str)> {
        if POLLS_FOR.get() == Some(core.own.id()) {
            return self.own(&core.own).map(Door::Own);
        }
        // To ask tokio for its handle takes a count that all threads share, so a task does it once.
        let task = task::try_id();
        if task.is_some() && SEEN_INSIDE.get() == task {
            return Ok(Door::Around);
        }
        match Handle::try_current() {
            Ok(ambient) => {
                SEEN_INSIDE.set(task);
                Ok(Door::Other(ambient))
            }
            Err(_) => self.own(&core.own).map(Door::Own),
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
        let seam = runtime.link.as_ref().and_then(|link| link.seam.clone());
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(self.threads.get()).thread_name(&self.name).enable_all();
        // These threads are ours alone, so what is current on them is said once.
        builder.on_thread_start(move || {
            rt::adopt(seam.clone());
            runtime.adopt();
            POLLS_FOR.set(Some(runtime.id()));
        });
        builder.build()
    }

    pub(super) fn here(&self) -> &Alive {
        &self.here
    }

    pub(super) fn elsewhere(&self) -> &Alive {
        &self.elsewhere
    }

    /// How many futures have not ended: on our own runtime, and elsewhere.
    pub(super) fn alive(&self) -> (usize, usize) {
        (self.here.len(), self.elsewhere.len())
    }

    pub(super) fn is_at_rest(&self) -> bool {
        Alive::count([&self.here, &self.elsewhere]) == 0
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
