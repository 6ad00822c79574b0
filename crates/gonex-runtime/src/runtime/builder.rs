use std::io;
use std::num::NonZeroUsize;
use std::time::Duration;

use gonex_task::PanicHook;

use super::Runtime;
use super::known::RuntimeId;
use crate::machine::default_threads;
use crate::scheduler::{AtBound, Config};
use crate::topology::thread_limit;

/// How many closures may wait in operations at once by default; each is a thread.
const DEFAULT_MAX_BLOCKED: usize = 4096;

/// Sets up a [`Runtime`]; made by [`Runtime::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct RuntimeBuilder {
    config: Config,
}

impl RuntimeBuilder {
    pub(super) fn new() -> Self {
        let config = Config {
            name: "gonex".to_owned(),
            cores: default_threads(),
            max_queued: 1 << 20,
            max_blocked: DEFAULT_MAX_BLOCKED,
            at_bound: AtBound::default(),
            ageing: Duration::from_millis(100),
            keep_alive: Duration::from_secs(10),
            hook: PanicHook::default(),
        };
        Self { config }
    }

    /// The number of closures that run at once, and of threads for futures; by default as many as
    /// the machine, and the cgroup this process is in, run at once.
    ///
    /// Closures that wait in operations do not count: other threads go on in their place. When they
    /// are woken they run at once, so for a moment there may be more.
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.config.cores = threads;
        self
    }

    /// The number of threads it is set up with.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use gonex_runtime::Runtime;
    ///
    /// let three = NonZeroUsize::new(3).unwrap();
    /// assert_eq!(Runtime::builder().threads(three).thread_count(), three);
    /// ```
    #[must_use]
    pub fn thread_count(&self) -> NonZeroUsize {
        self.config.cores
    }

    /// How many closures may wait in operations at once; by default 4,096. Each keeps a thread.
    ///
    /// It is lowered to what the system's limits leave, half of the threads it would let this process
    /// start: [`Runtime::max_blocked`] says what it is. What happens at the bound is set by
    /// [`at_bound`](Self::at_bound).
    pub fn max_blocked(mut self, closures: usize) -> Self {
        self.config.max_blocked = closures;
        self
    }

    /// What becomes of a closure that has to wait when as many as are allowed already do; by default
    /// it [waits](AtBound::Wait), and a report is written to stderr.
    pub fn at_bound(mut self, what: AtBound) -> Self {
        self.config.at_bound = what;
        self
    }

    /// How much longer a task of a [`Priority`](gonex_task::Priority) waits than one that is a level
    /// more urgent, at most; by default 100 ms.
    pub fn ageing(mut self, step: Duration) -> Self {
        self.config.ageing = step;
        self
    }

    /// After how long a thread without work ends, while there are more than run at once; by default
    /// 10 s.
    pub fn keep_alive(mut self, time: Duration) -> Self {
        self.config.keep_alive = time;
        self
    }

    /// How many closures can wait to be run in each queue; by default 1,048,576. One more is refused.
    ///
    /// There is a queue for each closure that runs at once, one for closures from outside, one for those
    /// with a priority, and one for each [`scope`](crate::scope()) that is open.
    pub fn max_queued(mut self, closures: NonZeroUsize) -> Self {
        self.config.max_queued = closures.get();
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
        self.config.hook = hook;
        self
    }

    /// Starts the runtime.
    ///
    /// # Errors
    /// What the system says when it has no more threads; those already started are ended.
    pub fn build(self) -> io::Result<Runtime> {
        self.build_as(RuntimeId::next())
    }

    /// Starts the runtime that is shared by the process.
    pub(super) fn build_shared(self) -> io::Result<Runtime> {
        self.build_as(RuntimeId::SHARED)
    }

    fn build_as(mut self, id: RuntimeId) -> io::Result<Runtime> {
        self.config.hook.install();
        if let Some(most) = thread_limit() {
            let left = most.saturating_sub(self.config.cores.get());
            self.config.max_blocked = self.config.max_blocked.min(left);
        }
        Runtime::start(self.config, id)
    }
}
