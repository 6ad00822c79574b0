use std::io;
use std::num::NonZeroUsize;

use gonex_task::PanicHook;

use super::Pool;
use crate::workers::{Config, default_threads};

/// Sets up a [`Pool`]; made by [`Pool::builder`].
///
/// ```
/// use std::num::NonZeroUsize;
/// use gonex_runtime::Pool;
///
/// # fn main() -> std::io::Result<()> {
/// let three = NonZeroUsize::new(3).unwrap();
/// let pool = Pool::builder().workers(three).capacity(three).name("parser").build(str::len)?;
/// assert_eq!((pool.worker_count(), pool.queue_size()), (3, 3));
/// # let _: &Pool<&'static str, usize> = &pool;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `.build(handler)`"]
pub struct PoolBuilder {
    config: Config,
    hook: PanicHook,
}

impl PoolBuilder {
    pub(super) fn new() -> Self {
        let threads = default_threads();
        let config = Config { name: "gonex-pool".to_owned(), threads, capacity: 1024 };
        Self { config, hook: PanicHook::default() }
    }

    /// The number of worker threads; by default as many as the machine runs at once.
    pub fn workers(mut self, workers: NonZeroUsize) -> Self {
        self.config.threads = workers;
        self
    }

    /// How many jobs wait in the queue before submitting has to wait; by default 1,024.
    pub fn capacity(mut self, jobs: NonZeroUsize) -> Self {
        self.config.capacity = jobs.get();
        self
    }

    /// What the threads are called, with `-0`, `-1`, … behind; by default `gonex-pool`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.config.name = name.into();
        self
    }

    /// What is done about a panic in the handler, beside returning it as an error; by default
    /// [`PanicHook::Record`].
    pub fn panic_hook(mut self, hook: PanicHook) -> Self {
        self.hook = hook;
        self
    }

    /// Starts the pool.
    ///
    /// # Errors
    /// What the system says when it has no more threads; those already started are ended.
    pub fn build<J, R>(
        self,
        handler: impl Fn(J) -> R + Send + Sync + 'static,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
    {
        self.hook.install();
        Pool::start(&self.config, self.hook, handler)
    }
}
