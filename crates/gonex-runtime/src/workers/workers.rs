use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use gonex_core::rt;

use super::counters::Counters;
use super::queue::Queue;

/// How workers are set up.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) name: String,
    pub(crate) threads: NonZeroUsize,
    pub(crate) capacity: usize,
}

/// An item and when it was queued.
#[derive(Debug)]
pub(crate) struct Queued<T> {
    item: T,
    since: Instant,
}

impl<T> Queued<T> {
    pub(crate) fn now(item: T) -> Self {
        Self { item, since: rt::now() }
    }

    pub(crate) fn into_inner(self) -> T {
        self.item
    }
}

/// A fixed number of threads that run what is queued.
///
/// Dropping it runs what is queued to the end and waits for the threads, unless that would be a
/// thread waiting for itself.
pub(crate) struct Workers<T> {
    queue: Arc<Queue<Queued<T>>>,
    counters: Arc<[(String, Counters)]>,
    threads: Vec<JoinHandle<()>>,
}

impl<T> fmt::Debug for Workers<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Workers")
            .field("threads", &self.threads.len())
            .field("queued", &self.queue.len())
            .field("capacity", &self.queue.capacity())
            .finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Workers<T> {
    /// Starts the threads. `run` must not unwind, and says whether the item ended with a result.
    pub(crate) fn start(
        config: &Config,
        run: impl Fn(T) -> bool + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let names = (0..config.threads.get()).map(|index| format!("{}-{index}", config.name));
        let mut workers = Self {
            queue: Arc::new(Queue::new(config.capacity)),
            counters: names.map(|name| (name, Counters::default())).collect(),
            threads: Vec::new(),
        };
        let run = Arc::new(run);
        for index in 0..config.threads.get() {
            let (queue, counters) = (workers.queue.clone(), workers.counters.clone());
            let run = run.clone();
            let body = move || {
                while let Some(Queued { item, since }) = queue.pop() {
                    let start = rt::now();
                    let completed = run(item);
                    let waited = start.saturating_duration_since(since);
                    let busy = rt::now().saturating_duration_since(start);
                    counters[index].1.record(completed, waited, busy);
                }
            };
            // On failure the workers so far are dropped, which ends their threads.
            workers.threads.push(rt::spawn_thread(workers.counters[index].0.clone(), body)?);
        }
        Ok(workers)
    }
}

impl<T> Workers<T> {
    pub(crate) fn queue(&self) -> &Arc<Queue<Queued<T>>> {
        &self.queue
    }

    pub(crate) fn counters(&self) -> &Arc<[(String, Counters)]> {
        &self.counters
    }
}

impl<T> Drop for Workers<T> {
    fn drop(&mut self) {
        self.queue.close();
        let own = thread::current().id();
        for thread in self.threads.drain(..) {
            if thread.thread().id() != own {
                // It cannot have panicked: what it runs does not unwind.
                drop(thread.join());
            }
        }
    }
}

/// As many threads as the machine, and the cgroup this process is in, run at once.
pub(crate) fn default_threads() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
