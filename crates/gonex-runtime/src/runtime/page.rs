use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use gonex_core::rt::{self, Seam};
use gonex_task::place::Why;
use gonex_task::work::EndableFuture;

use super::alive::Alive;
use super::current::{CoreRef, InRuntime};
use super::refused::Refused;

/// Where futures are polled in a browser: by the event loop of the page, or of the worker.
#[derive(Debug)]
pub(super) struct Polling {
    seam: Option<Arc<dyn Seam>>,
    ended: AtomicBool,
    elsewhere: Alive,
}

impl Polling {
    pub(super) fn new(_name: &str, _threads: NonZeroUsize) -> Self {
        let ended = AtomicBool::new(false);
        Self { seam: rt::entered(), ended, elsewhere: Alive::new() }
    }

    /// Has a future polled by the event loop.
    ///
    /// # Errors
    /// Gives it back once the runtime has ended.
    pub(super) fn spawn<F: EndableFuture + 'static>(
        &self,
        future: F,
        runtime: &CoreRef,
    ) -> Result<(), Refused<F>> {
        if self.ended.load(Ordering::Relaxed) {
            return Err(Refused { future, why: Why::Unavailable, reason: "the runtime has ended" });
        }
        let future = InRuntime::new(future, runtime.clone(), self.seam.clone());
        wasm_bindgen_futures::spawn_local(self.elsewhere.count(future));
        Ok(())
    }

    pub(super) fn spawn_on_own<F: EndableFuture + 'static>(
        &self,
        future: F,
        runtime: &CoreRef,
    ) -> Result<(), Refused<F>> {
        self.spawn(future, runtime)
    }

    /// How many futures have not ended: on a runtime of our own, of which there is none, and elsewhere.
    pub(super) fn alive(&self) -> (usize, usize) {
        (0, self.elsewhere.len())
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.elsewhere.is_none()
    }

    /// Starts no more futures. Those that have been are the event loop's, which lets go of none.
    pub(super) fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
