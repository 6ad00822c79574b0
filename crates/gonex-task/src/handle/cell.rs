use std::cell::Cell as ThreadCell;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gonex_core::Context;
use gonex_core::context::Deferred;
use gonex_core::op::Name;

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

    /// The one with this number.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(super) fn of(number: u64) -> Self {
        Self(number)
    }

    #[inline]
    pub(crate) fn next() -> Self {
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

/// What is known of a task while it runs.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) id: TaskId,
    /// Boxed to take one word: few tasks have one, and a small task is a cheap one.
    pub(super) name: Option<Box<Arc<str>>>,
    /// Where the task was handed in.
    pub(crate) origin: &'static Location<'static>,
}

impl Head {
    /// Takes what a spec says of the task, and leaves the context around it.
    #[inline]
    pub(crate) fn new(spec: Spec) -> (Self, Context) {
        let Spec { parent, name, origin, .. } = spec;
        (Self { id: TaskId::next(), name: name.map(Box::new), origin }, parent)
    }

    pub(crate) fn name(&self) -> Option<&Arc<str>> {
        self.name.as_deref()
    }

    /// What is known of the task, but for its priority, with the context that it runs in.
    pub(super) fn spec(&self, context: &Context) -> Spec {
        let (parent, name) = (context.clone(), self.name().cloned());
        Spec { parent, name, priority: Priority::NORMAL, origin: self.origin }
    }

    /// What a panic's report calls the task.
    pub(crate) fn called(&self) -> String {
        let Self { id, origin, .. } = self;
        match self.name() {
            Some(name) => format!("{name} {id} from {origin}"),
            None => format!("{id} from {origin}"),
        }
    }

    /// What insight calls the task, and where it comes from.
    pub(crate) fn watched(&self) -> (Arc<str>, &'static Location<'static>) {
        let called = self.name().map_or("task", |name| name);
        (format!("{called} {}", self.id).into(), self.origin)
    }

    /// Its name, its number in the process, and where it was handed in.
    pub(super) fn identity(&self) -> (Name, Option<u64>, &'static Location<'static>) {
        let number = self.id.number();
        let name = match self.name() {
            Some(name) => Name::Named("task", name.clone()),
            None => Name::Numbered("task", number),
        };
        (name, Some(number), self.origin)
    }
}

/// What both ends of a task share.
#[derive(Debug)]
pub(crate) struct Cell<T> {
    pub(crate) head: Head,
    pub(super) context: Deferred,
    pub(super) slot: Slot<Result<T, TaskError>>,
}

impl<T> Cell<T> {
    pub(crate) fn new(spec: Spec) -> Self {
        let (head, parent) = Head::new(spec);
        Self { head, context: Deferred::child_of(parent), slot: Slot::new() }
    }

    /// What is known of the task, but for its priority, with its own context.
    pub(crate) fn spec(&self) -> Spec {
        self.head.spec(self.context.context())
    }
}

/// A task as its handle and its completer hold it: a [`Cell`], alone or with the work in it.
pub(crate) trait Ending<T>: Send + Sync {
    fn cell(&self) -> &Cell<T>;

    /// The handle has asked the task to stop.
    fn asked_to_stop(&self) {}
}

impl<T: Send> Ending<T> for Cell<T> {
    fn cell(&self) -> &Self {
        self
    }
}
