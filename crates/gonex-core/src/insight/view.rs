use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use super::ledger::with;
use super::report::Wait;
use crate::{Instant, rt};

/// What a registered task does at one moment.
///
/// ```
/// use gonex_core::insight::{self, TaskState};
///
/// let task = insight::register_task("adder");
/// assert_eq!(insight::snapshot()[0].state, TaskState::Running);
/// # drop(task);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaskState {
    /// Nobody runs it: it has not started, or it is a future that has been woken or waits for something
    /// that is no operation of gonex.
    Ready,
    /// A thread runs it, and as long as that lasts nothing else.
    Running,
    /// It waits in operations, and no wake is on its way.
    Waiting,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Waiting => "waiting",
        })
    }
}

/// A registered task at one moment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TaskView {
    /// Its name.
    pub name: Arc<str>,
    /// Where it was handed in; `None` for one that was [registered by hand](super::register_task).
    pub origin: Option<&'static Location<'static>>,
    /// What it does.
    pub state: TaskState,
    /// Since when, by the clock of who began or waits.
    pub since: Instant,
    /// What it waits for. A future may wait for several things at once.
    pub waits: Vec<Wait>,
}

/// The registered tasks at one moment; printed, a table.
///
/// ```
/// use gonex_core::insight;
///
/// let task = insight::register_task("adder");
/// let table = insight::snapshot().to_string();
/// assert!(table.starts_with("TASK") && table.contains("running"), "{table}");
/// # drop(task);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    tasks: Vec<TaskView>,
}

/// What every registered task does now: who keeps a thread busy and for how long, and who waits for what.
///
/// Tasks of a runtime are registered while insight is [on](super::enable), from the moment they are handed in, and
/// those that were handed in before from their next step on.
///
/// ```
/// use gonex_core::insight;
///
/// let task = insight::register_task("adder");
/// assert_eq!(&*insight::snapshot()[0].name, "adder");
/// drop(task);
/// assert!(insight::snapshot().is_empty());
/// ```
#[must_use]
pub fn snapshot() -> Snapshot {
    Snapshot { tasks: with(|ledger| ledger.snapshot()) }
}

impl Deref for Snapshot {
    type Target = [TaskView];

    fn deref(&self) -> &[TaskView] {
        &self.tasks
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = rt::now();
        let row = |task: &TaskView| {
            let time = format!("{:.1?}", now.saturating_duration_since(task.since));
            let origin = task.origin.map(ToString::to_string).unwrap_or_default();
            let wait = |wait: &Wait| format!("{}, at {}", wait.subject, wait.place);
            let waits: Vec<String> = task.waits.iter().map(wait).collect();
            [task.name.to_string(), task.state.to_string(), time, origin, waits.join("; ")]
        };
        let head = ["TASK", "STATE", "FOR", "FROM", "WAITS TO"].map(str::to_owned);
        let rows: Vec<[String; 5]> = std::iter::once(head).chain(self.iter().map(row)).collect();
        let width = |column: usize| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let [name, state, time, origin] = [0, 1, 2, 3].map(width);
        for [a, b, c, d, e] in &rows {
            writeln!(f, "{a:name$}  {b:state$}  {c:time$}  {d:origin$}  {e}")?;
        }
        Ok(())
    }
}
