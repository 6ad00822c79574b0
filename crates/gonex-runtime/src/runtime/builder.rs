use std::io;
use std::num::NonZeroUsize;

use gonex_task::PanicHook;

use super::Runtime;
use crate::workers::{Config, default_threads};

/// Sets up a [`Runtime`]; made by [`Runtime::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct RuntimeBuilder {
    config: Config,
    hook: PanicHook,
}

impl RuntimeBuilder {
    pub(super) fn new() -> Self {
        let threads = default_threads();
        let config = Config { name: "gonex".to_owned(), threads, capacity: 1 << 20 };
        Self { config, hook: PanicHook::default() }
    }

    /// The number of threads for closures, and of those for futures; by default as many as the
    /// machine runs at once.
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.config.threads = threads;
        self
    }

    /// How many closures can wait to be run; by default 1,048,576. One more is refused.
    pub fn max_queued(mut self, closures: NonZeroUsize) -> Self {
        self.config.capacity = closures.get();
        self
    }

    /// What the threads are called, with a number behind; by default `gonex`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.config.name = name.into();
        self
    }

    /// What is done about a panic in a task, beside returning it as an error; by default
    /// [`PanicHook::Record`].
    pub fn panic_hook(mut self, hook: PanicHook) -> Self {
        self.hook = hook;
        self
    }

    /// Starts the runtime.
    ///
    /// # Errors
    /// What the system says when it has no more threads; those already started are ended.
    pub fn build(self) -> io::Result<Runtime> {
        self.hook.install();
        Runtime::start(&self.config, self.hook)
    }
}
