use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::assignment::Assignment;
use super::link::Link;
use crate::balance::WorkerId;

/// Starts workers of one kind for a pool.
///
/// A kind for jobs `J` with results `R`. `gonex_testkit::worker::conformance` says whether one keeps
/// what pools rely on.
///
/// ```
/// use std::io;
/// use std::sync::Arc;
/// use gonex_core::rt;
/// use gonex_runtime::Pool;
/// use gonex_runtime::pool::kind::{Abilities, Assignment, Link, Start, Worker, WorkerKind};
///
/// /// Starts a thread for each task.
/// struct Wasteful;
///
/// struct Waster(Link<u32, u32>);
///
/// impl WorkerKind<u32, u32> for Wasteful {
///     fn abilities(&self) -> Abilities {
///         Abilities::new("waster")
///     }
///
///     fn start(&self, _: &Start, link: Link<u32, u32>) -> io::Result<Arc<dyn Worker<u32, u32>>> {
///         link.ready();
///         Ok(Arc::new(Waster(link)))
///     }
/// }
///
/// impl Worker<u32, u32> for Waster {
///     fn assign(&self, assignment: Assignment<u32, u32>) {
///         let link = self.0.clone();
///         let run = move || link.ended(assignment.run(|n| n + 1));
///         // If there is no thread, the task is lost, and its handle says so.
///         rt::spawn_thread("waster".to_owned(), run).ok();
///     }
///
///     fn stop(&self) {
///         self.0.gone(None);
///     }
///
///     fn kill(&self) {
///         self.0.gone(None);
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let pool = Pool::builder().build_of(Wasteful)?;
/// assert_eq!(pool.submit(1).block()?.join().block(), Ok(2));
/// # Ok(())
/// # }
/// ```
pub trait WorkerKind<J, R>: Send + Sync + 'static {
    /// What its workers can do.
    fn abilities(&self) -> Abilities;

    /// Starts a worker, which says by its link when it is ready; it may do so before this returns.
    ///
    /// # Errors
    /// Why there is none. The pool tries again later, as it does for one that died.
    fn start(&self, start: &Start, link: Link<J, R>) -> io::Result<Arc<dyn Worker<J, R>>>;
}

/// A worker, as its pool reaches it.
///
/// None of the calls waits, nor reports the end of a task before it returns: a worker that did would
/// run on the stack of whoever handed the task in.
pub trait Worker<J, R>: Send + Sync {
    /// Takes a task. There are never more at once than its kind has [slots](Abilities::slots).
    fn assign(&self, assignment: Assignment<J, R>);

    /// Has it end what it runs, and then say that it is gone; more calls than one are as one.
    fn stop(&self);

    /// Has it end at once, if it can; else it is left alone, and says that it is gone when it ends.
    fn kill(&self);

    /// The bytes of memory that it alone uses, where that can be told.
    fn memory(&self) -> Option<u64> {
        None
    }

    /// Whether the caller is this worker.
    fn is_current(&self) -> bool {
        false
    }

    /// Waits until nothing of it is left, after it has said that it is gone.
    fn join(&self) {}
}

/// What is known of a worker that is to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Start {
    /// Which one it will be.
    pub id: WorkerId,
    /// Its place among those that are there at once: whoever takes the place of another has its slot.
    pub slot: usize,
    /// What it is called.
    pub name: String,
    /// The memory node that it stays on, where workers are [pinned](crate::PoolBuilder::pin): what it uses
    /// is best taken from there, as [`NodeBuffers`](crate::buffers::NodeBuffers) does.
    pub node: Option<u32>,
}

impl Start {
    /// What is known of such a worker.
    #[must_use]
    pub fn new(id: WorkerId, slot: usize, name: impl Into<String>) -> Self {
        Self { id, slot, name: name.into(), node: None }
    }

    /// The same, of a worker that stays on a memory node.
    #[must_use]
    pub fn on_node(mut self, node: Option<u32>) -> Self {
        self.node = node;
        self
    }
}

/// What workers of a kind can do.
///
/// ```
/// use std::num::NonZeroU32;
/// use gonex_runtime::pool::kind::Abilities;
///
/// let process = Abilities::new("process").heartbeats().memory().ends_when_killed();
/// assert!(process.tells_memory && process.slots == NonZeroU32::MIN);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Abilities {
    /// What one is called in reports: `thread`.
    pub called: &'static str,
    /// How many tasks it has at once.
    pub slots: NonZeroU32,
    /// Whether it says that it has begun a task. If not, it has as soon as it is given one.
    pub announces_start: bool,
    /// Whether it says that it is alive, also while it runs something.
    pub has_heartbeats: bool,
    /// Whether it can tell its memory.
    pub tells_memory: bool,
    /// Whether it ends when it is killed, whatever it does.
    pub ends_when_killed: bool,
    /// Whether whoever owns the pool calls [`tend`](crate::Pool::tend) itself, and no thread does.
    pub is_tended_by_hand: bool,
}

impl Abilities {
    /// A worker that runs one task at a time, and does no more.
    #[must_use]
    pub const fn new(called: &'static str) -> Self {
        Self {
            called,
            slots: NonZeroU32::MIN,
            announces_start: false,
            has_heartbeats: false,
            tells_memory: false,
            ends_when_killed: false,
            is_tended_by_hand: false,
        }
    }

    /// The same, with so many tasks at once.
    #[must_use]
    pub const fn slots(mut self, slots: NonZeroU32) -> Self {
        self.slots = slots;
        self
    }

    /// The same, and it says when it begins a task.
    #[must_use]
    pub const fn announced(mut self) -> Self {
        self.announces_start = true;
        self
    }

    /// The same, and it says that it is alive.
    #[must_use]
    pub const fn heartbeats(mut self) -> Self {
        self.has_heartbeats = true;
        self
    }

    /// The same, and it can tell its memory.
    #[must_use]
    pub const fn memory(mut self) -> Self {
        self.tells_memory = true;
        self
    }

    /// The same, and it ends when it is killed.
    #[must_use]
    pub const fn ends_when_killed(mut self) -> Self {
        self.ends_when_killed = true;
        self
    }

    /// The same, and the pool has no thread that looks after it.
    #[must_use]
    pub const fn tended_by_hand(mut self) -> Self {
        self.is_tended_by_hand = true;
        self
    }
}

impl Default for Abilities {
    fn default() -> Self {
        Self::new("worker")
    }
}
