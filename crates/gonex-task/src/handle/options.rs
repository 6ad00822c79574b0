use std::sync::Arc;

use gonex_core::Context;

use super::spec::{Priority, Spec};

/// How a task is started, where `go` alone does not say it: its name, its priority, its context.
///
/// ```
/// use gonex_task::place::{Inline, PlaceExt};
/// use gonex_task::{Priority, TaskError, TaskOptions};
///
/// let options = TaskOptions::new().name("parser").priority(Priority::LOW);
/// let mut parser = Inline.go_with(&options, || "4".parse::<u8>());
/// assert_eq!(parser.name(), Some("parser"));
/// assert_eq!(parser.join().block(), Ok(Ok(4)));
///
/// let mut failing = Inline.go_with(&options, || -> u8 { panic!("no number") });
/// match failing.join().block() {
///     Err(TaskError::Panicked(panic)) => assert!(panic.task.starts_with("parser #")),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "options start nothing; hand them to `go_with`"]
pub struct TaskOptions {
    name: Option<Arc<str>>,
    priority: Priority,
    parent: Option<Context>,
}

impl TaskOptions {
    /// A task without a name, of normal priority, in a child of the current context.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the task is called, beside its number: in panics, by insight and telemetry.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// When it is run, if it is a closure: lower levels first. Futures are polled as tokio has them.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Its context will be a child of this one.
    pub fn within(mut self, parent: &Context) -> Self {
        self.parent = Some(parent.clone());
        self
    }

    /// What is known of a task that the caller starts with these; for who hands tasks in.
    ///
    /// ```
    /// use gonex_task::TaskOptions;
    ///
    /// let spec = TaskOptions::new().name("parser").spec();
    /// assert_eq!(spec.name.as_deref(), Some("parser"));
    /// assert_eq!(spec.origin.file(), file!());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn spec(&self) -> Spec {
        let parent = self.parent.clone().unwrap_or_else(Context::current);
        let (name, priority) = (self.name.clone(), self.priority);
        Spec { name, priority, ..Spec::new(parent) }
    }
}
