use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use gonex_task::place::Why;
use gonex_task::work::EndableFuture;

use super::alive::Alive;
use super::owned::{Owned, Owner};
use super::refused::Refused;
use super::runtime::Core;

/// Where futures are polled in a browser: by the event loop of the page, or of the worker.
#[derive(Debug)]
pub(super) struct Polling {
    ended: AtomicBool,
    elsewhere: Alive,
}

impl Polling {
    pub(super) fn new(_name: &str, _threads: NonZeroUsize) -> Self {
        Self { ended: AtomicBool::new(false), elsewhere: Alive::new() }
    }

    /// Has a future polled by the event loop.
    ///
    /// # Errors
    /// Gives it back once the runtime has ended.
    pub(super) fn spawn<F: EndableFuture + 'static>(
        &self,
        future: F,
        core: &Core,
    ) -> Result<(), Refused<F>> {
        if self.ended.load(Ordering::Relaxed) {
            return Err(Refused { future, why: Why::Unavailable, reason: "the runtime has ended" });
        }
        wasm_bindgen_futures::spawn_local(Owned::new(future, Owner::elsewhere(core)));
        Ok(())
    }

    pub(super) fn spawn_on_own<F: EndableFuture + 'static>(
        &self,
        future: F,
        core: &Core,
    ) -> Result<(), Refused<F>> {
        self.spawn(future, core)
    }

    pub(super) fn elsewhere(&self) -> &Alive {
        &self.elsewhere
    }

    /// How many futures have not ended: on a runtime of our own, of which there is none, and elsewhere.
    pub(super) fn alive(&self) -> (usize, usize) {
        (0, self.elsewhere.len())
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.elsewhere.len() == 0
    }

    /// Starts no more futures. Those that have been are the event loop's, which lets go of none.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
