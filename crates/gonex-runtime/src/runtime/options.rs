use std::sync::Arc;

use gonex_core::Context;
use gonex_task::{Handle, IntoTask, Priority, Spec};

use super::Runtime;
use super::current::Current;

/// How a task is started, where [`go`](crate::go) alone does not say it: its name, its priority, its
/// context.
///
/// ```
/// use gonex_runtime::TaskOptions;
/// use gonex_task::{Priority, TaskError};
///
/// let options = TaskOptions::new().name("parser").priority(Priority::LOW);
/// let mut parser = options.go(|| "4".parse::<u8>());
/// assert_eq!(parser.name(), Some("parser"));
/// assert_eq!(parser.join().block(), Ok(Ok(4)));
///
/// let mut failing = options.go(|| -> u8 { panic!("no number") });
/// match failing.join().block() {
///     Err(TaskError::Panicked(panic)) => assert!(panic.task.starts_with("parser #")),
///     other => panic!("{other:?}"),
/// }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "options start nothing until `.go(..)`"]
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

    /// When it is run, if it is a closure: lower levels first; see
    /// [`RuntimeBuilder::ageing`](crate::RuntimeBuilder::ageing). Futures are polled as tokio has them.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Its context will be a child of this one.
    pub fn within(mut self, parent: &Context) -> Self {
        self.parent = Some(parent.clone());
        self
    }

    /// Starts a task on the [current runtime](Runtime::current): see [`Runtime::go`].
    ///
    /// # Panics
    /// If the shared runtime is needed and cannot be started.
    #[track_caller]
    pub fn go<M, W: IntoTask<M>>(&self, work: W) -> Handle<W::Output> {
        work.start(self.spec(), &Current)
    }

    #[track_caller]
    pub(super) fn spec(&self) -> Spec {
        let parent = self.parent.clone().unwrap_or_else(Context::current);
        let (name, priority) = (self.name.clone(), self.priority);
        Spec { name, priority, ..Spec::new(parent) }
    }
}

impl Runtime {
    /// Starts a task with options: see [`go`](Self::go).
    ///
    /// ```
    /// use gonex_runtime::{Runtime, TaskOptions};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::new()?;
    /// let mut task = runtime.go_with(&TaskOptions::new().name("adder"), || 1 + 1);
    /// assert_eq!(task.name(), Some("adder"));
    /// assert_eq!(task.join().block()?, 2);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn go_with<M, W: IntoTask<M>>(&self, options: &TaskOptions, work: W) -> Handle<W::Output> {
        work.start(options.spec(), &**self.core())
    }
}
