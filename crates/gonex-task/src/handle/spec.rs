use std::panic::Location;
use std::sync::Arc;

use gonex_core::Context;

/// When a task is run, compared to others that wait: lower numbers first.
///
/// Waiting makes a task more urgent, so that none waits for ever: one of priority 1 is as urgent as
/// one of priority 0 that was handed in a *step* later. Schedulers say how long a step is.
///
/// ```
/// use gonex_task::Priority;
///
/// assert!(Priority::HIGH < Priority::NORMAL);
/// assert_eq!(Priority::default(), Priority::NORMAL);
/// assert_eq!(Priority::new(2).level(), 2);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(i8);

impl Priority {
    /// One step before the rest.
    pub const HIGH: Self = Self(-1);
    /// What tasks have by default.
    pub const NORMAL: Self = Self(0);
    /// One step after the rest.
    pub const LOW: Self = Self(1);

    /// So many steps after [`NORMAL`](Self::NORMAL); before it, if negative.
    #[must_use]
    pub const fn new(level: i8) -> Self {
        Self(level)
    }

    /// The number of steps after [`NORMAL`](Self::NORMAL).
    #[must_use]
    pub const fn level(self) -> i8 {
        self.0
    }
}

/// What is known of a task before it is handed in; for schedulers.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Its context will be a child of this one.
    pub parent: Context,
    /// What it is called, beside its number.
    pub name: Option<Arc<str>>,
    /// When it is run.
    pub priority: Priority,
    /// Where it was handed in.
    pub origin: &'static Location<'static>,
}

impl Spec {
    /// A task without a name, of normal priority, that is handed in by the caller, in a child of
    /// `parent`.
    #[must_use]
    #[track_caller]
    pub fn new(parent: Context) -> Self {
        let origin = Location::caller();
        Self { parent, name: None, priority: Priority::NORMAL, origin }
    }
}
