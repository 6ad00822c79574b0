use std::cell::Cell as ThreadCell;
use std::fmt;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use gonex_core::context::Deferred;
use gonex_core::op::Name;
use gonex_core::rt::Polled;
use gonex_core::{Canceller, Cause, Context, Stop};

use super::slot::Slot;
use super::spec::{Priority, Spec};
use crate::TaskError;

/// A number that tells the tasks of a process apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

impl TaskId {
    pub(crate) fn number(self) -> u64 {
        self.0
    }

    fn next() -> Self {
        /// How many numbers a thread takes at once: all threads share what they are taken from.
        const BLOCK: u64 = 1 << 10;
        static NEXT: AtomicU64 = AtomicU64::new(1);
        thread_local! {
            /// The next number of this thread; at a multiple of the block, plus one, it has none.
            static MINE: ThreadCell<u64> = const { ThreadCell::new(1) };
        }
        let number = match MINE.get() {
            used if used % BLOCK == 1 => NEXT.fetch_add(BLOCK, Ordering::Relaxed),
            mine => mine,
        };
        MINE.set(number + 1);
        Self(number)
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// What both ends of a task share.
#[derive(Debug)]
pub(crate) struct Cell<T> {
    pub(super) slot: Slot<Result<T, TaskError>>,
    pub(super) id: TaskId,
    /// Boxed to take one word: few tasks have one, and a small cell is a cheap one.
    name: Option<Box<Arc<str>>>,
    /// Where the task was handed in.
    pub(super) origin: &'static Location<'static>,
    parent: Context,
    /// Made when somebody asks for it: most tasks end before anybody does.
    own: OnceLock<Canceller>,
}

/// A task as its handle and its completer hold it: a [`Cell`], alone or with the work in it.
pub(crate) trait Ending<T>: Deferred {
    fn cell(&self) -> &Cell<T>;
}

impl<T> Cell<T> {
    pub(crate) fn new(spec: Spec) -> Self {
        let Spec { parent, name, origin, .. } = spec;
        let (slot, id, name) = (Slot::new(), TaskId::next(), name.map(Box::new));
        Self { slot, id, name, origin, parent, own: OnceLock::new() }
    }

    fn own(&self) -> &Canceller {
        self.own.get_or_init(|| self.parent.with_cancel().1)
    }

    pub(crate) fn context(&self) -> Context {
        self.own().context().clone()
    }

    pub(super) fn cancel(&self, cause: impl Into<Cause>) {
        self.own().cancel(cause);
    }

    pub(super) fn name(&self) -> Option<&Arc<str>> {
        self.name.as_deref()
    }

    /// What is known of the task, but for its priority, with its own context.
    pub(crate) fn spec(&self) -> Spec {
        let (name, origin) = (self.name().cloned(), self.origin);
        Spec { parent: self.context(), name, priority: Priority::NORMAL, origin }
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        match self.own.get() {
            Some(own) => own.context().stopped(),
            None => self.parent.stopped(),
        }
    }

    /// What a panic's report calls the task.
    pub(crate) fn called(&self) -> String {
        let Self { id, origin, .. } = self;
        match self.name() {
            Some(name) => format!("{name} {id} from {origin}"),
            None => format!("{id} from {origin}"),
        }
    }

    /// What an operation that may not block calls the task.
    pub(super) fn polled(&self) -> Polled {
        let name = match self.name() {
            Some(name) => Name::Named("task", name.clone()),
            None => Name::Numbered("task", self.id.number()),
        };
        Polled::new(name, Some(self.origin))
    }
}

impl<T: Send> Deferred for Cell<T> {
    fn context(&self) -> Context {
        Cell::context(self)
    }
}

impl<T: Send> Ending<T> for Cell<T> {
    fn cell(&self) -> &Self {
        self
    }
}
