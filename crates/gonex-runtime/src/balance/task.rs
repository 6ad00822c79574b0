use std::fmt;
use std::time::Duration;

use gonex_sync::distribute::KeyHash;
use gonex_task::Priority;

/// What a task does, as far as tasks can be told apart: those of one kind cost about the same for the
/// same size.
///
/// It is a hash of a name, so that no table of names is needed, and it is the same in every process.
///
/// ```
/// use gonex_runtime::balance::TaskKind;
///
/// const PARSE: TaskKind = TaskKind::named("parse");
/// assert_eq!(PARSE, TaskKind::named("parse"));
/// assert_ne!(PARSE, TaskKind::default());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskKind(u64);

impl TaskKind {
    /// The kind with this name.
    #[must_use]
    pub const fn named(name: &str) -> Self {
        // FNV-1a of 64 bits, by hand, since hashers cannot run in constants.
        let bytes = name.as_bytes();
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            at += 1;
        }
        Self(hash)
    }

    /// The hash as a number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Default for TaskKind {
    /// The kind of tasks of which none is known: that with the empty name.
    fn default() -> Self {
        Self::named("")
    }
}

impl fmt::Debug for TaskKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskKind({:#018x})", self.0)
    }
}

/// What a [`Balancer`](super::Balancer) sees of a task.
///
/// ```
/// use gonex_runtime::balance::{TaskKind, TaskView};
/// use gonex_sync::distribute::KeyHash;
///
/// let task = TaskView::new(TaskKind::named("thumbnail")).size(4_000_000).key(KeyHash::of("cat.png"));
/// assert_eq!((task.size, task.estimate), (4_000_000, None));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskView {
    /// What it does.
    pub kind: TaskKind,
    /// How much it has to do it to, in a unit of the kind's own, such as bytes; 0 if that is unknown.
    pub size: u64,
    /// What it belongs to, for those who keep that together.
    pub key: Option<KeyHash>,
    /// How urgent it is.
    pub priority: Priority,
    /// How long it will run, if whoever handed it in has said so.
    pub estimate: Option<Duration>,
}

impl TaskView {
    /// A task of which no more is known than its kind.
    #[must_use]
    pub fn new(kind: TaskKind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// The same, with a size.
    #[must_use]
    pub const fn size(mut self, size: u64) -> Self {
        self.size = size;
        self
    }

    /// The same, with a key.
    #[must_use]
    pub const fn key(mut self, key: KeyHash) -> Self {
        self.key = Some(key);
        self
    }

    /// The same, with a priority.
    #[must_use]
    pub const fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// The same, with an estimate.
    #[must_use]
    pub const fn estimate(mut self, estimate: Duration) -> Self {
        self.estimate = Some(estimate);
        self
    }
}
