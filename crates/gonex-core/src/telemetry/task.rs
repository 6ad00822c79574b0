use std::fmt;

use super::instruments::Listeners;
use super::is_enabled;
use super::kept::Kept;
use super::quietly::quietly;
use crate::{Instant, rt};

/// How a task has ended, for its metrics and its span.
///
/// ```
/// use gonex_core::telemetry::TaskOutcome;
///
/// assert_eq!(TaskOutcome::TimedOut.to_string(), "timed out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskOutcome {
    /// It has run to its end.
    Done,
    /// It panicked.
    Panicked,
    /// It was cancelled, before it started or while it ran.
    Cancelled,
    /// Its deadline passed.
    TimedOut,
    /// It was not taken.
    Refused,
    /// It ended without a result.
    Lost,
    /// It had to wait when as many as are allowed already did.
    Stalled,
}

impl TaskOutcome {
    /// The outcome in words, as the label of a metric.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed out",
            Self::Refused => "refused",
            Self::Lost => "lost",
            Self::Stalled => "stalled",
        }
    }
}

impl fmt::Display for TaskOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A task as telemetry follows it; for who schedules tasks, and keeps this with each.
///
/// It takes one word, or none where telemetry is not compiled in. A task that is handed in while
/// telemetry is off is not followed, and then no call does anything. Dropped before
/// [`ended`](Self::ended), the task counts as [lost](TaskOutcome::Lost).
///
/// ```
/// use gonex_core::telemetry::{TaskOutcome, TaskTrace};
///
/// let mut trace = TaskTrace::handed_in("closure", || "adder".to_owned());
/// trace.started();
/// let sum = trace.inside(|| 1 + 1);
/// trace.ended(TaskOutcome::Done);
/// assert_eq!(sum, 2);
/// ```
#[derive(Debug)]
#[must_use = "dropped, it says that the task was lost"]
pub struct TaskTrace {
    kept: Kept<Inner>,
}

#[derive(Debug)]
struct Inner {
    listeners: Listeners,
    kind: &'static str,
    handed_in: Instant,
    started: Option<Instant>,
}

impl TaskTrace {
    /// A task is handed in. The kind is one of few, such as `closure`, `future` or `job`; the name is
    /// only asked for when somebody wants to know.
    ///
    /// ```
    /// use gonex_core::telemetry::TaskTrace;
    ///
    /// let _trace = TaskTrace::handed_in("closure", || -> String { unreachable!("telemetry is off") });
    /// ```
    #[inline]
    pub fn handed_in<N: AsRef<str>>(kind: &'static str, name: impl FnOnce() -> N) -> Self {
        if is_enabled() { Self::follow(kind, name().as_ref()) } else { Self::none() }
    }

    /// A task that is not followed.
    ///
    /// ```
    /// use gonex_core::telemetry::TaskTrace;
    ///
    /// assert_eq!(TaskTrace::none().inside(|| 7), 7);
    /// ```
    #[inline]
    pub fn none() -> Self {
        Self { kept: Kept::default() }
    }

    #[cold]
    fn follow(kind: &'static str, name: &str) -> Self {
        let followed = quietly(|| Inner {
            listeners: Listeners::task_handed_in(kind, name),
            kind,
            handed_in: rt::now(),
            started: None,
        });
        Self { kept: followed.map(Kept::new).unwrap_or_default() }
    }

    /// The task begins to run. Only the first call counts.
    ///
    /// ```
    /// use gonex_core::telemetry::{TaskOutcome, TaskTrace};
    ///
    /// let mut trace = TaskTrace::handed_in("future", || "reader");
    /// trace.started();
    /// trace.ended(TaskOutcome::Done);
    /// ```
    #[inline]
    pub fn started(&mut self) {
        if let Some(inner) = self.kept.get_mut() {
            inner.started();
        }
    }

    /// Runs a step of the task, the poll of a future or a whole closure, inside its span.
    ///
    /// ```
    /// use gonex_core::telemetry::TaskTrace;
    ///
    /// assert_eq!(TaskTrace::handed_in("future", || "adder").inside(|| 1 + 1), 2);
    /// ```
    #[inline]
    pub fn inside<T>(&self, body: impl FnOnce() -> T) -> T {
        match self.kept.get() {
            Some(inner) => inner.listeners.inside(body),
            None => body(),
        }
    }

    /// The task has ended. Only the first call counts.
    ///
    /// ```
    /// use gonex_core::telemetry::{TaskOutcome, TaskTrace};
    ///
    /// TaskTrace::handed_in("job", || "page 7").ended(TaskOutcome::Refused);
    /// ```
    #[inline]
    pub fn ended(&mut self, outcome: TaskOutcome) {
        if let Some(inner) = self.kept.take() {
            inner.ended(outcome);
        }
    }
}

impl Inner {
    #[cold]
    fn started(&mut self) {
        if self.started.is_some() {
            return;
        }
        let now = rt::now();
        self.started = Some(now);
        let queued = now.saturating_duration_since(self.handed_in);
        quietly(|| self.listeners.task_started(self.kind, queued));
    }

    #[cold]
    fn ended(self, outcome: TaskOutcome) {
        // With the span, which is a call of the subscriber as well.
        quietly(move || {
            let ran = self.started.map(|since| rt::now().saturating_duration_since(since));
            self.listeners.task_ended(self.kind, outcome.as_str(), ran);
        });
    }
}

impl Drop for TaskTrace {
    #[inline]
    fn drop(&mut self) {
        self.ended(TaskOutcome::Lost);
    }
}
