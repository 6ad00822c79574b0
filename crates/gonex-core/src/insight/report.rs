use std::fmt;
use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use crate::op::Subject;
use crate::{Instant, rt};

/// Who waits.
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::{Context, insight};
/// use gonex_core::insight::Who;
///
/// insight::enable();
/// let (context, _canceller) = Context::background().with_cancel();
/// let mut reader = pin!(insight::register_task("reader").wrap(context.done()));
/// assert!(reader.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
/// assert!(matches!(&insight::waits()[0].who, Who::Task { name, .. } if &**name == "reader"));
/// # insight::disable();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Who {
    /// A registered task.
    Task {
        /// Its name.
        name: Arc<str>,
        /// The number of its registration.
        number: u64,
    },
    /// A task that is polled and not registered, by the name it has where blocking is
    /// [forbidden](crate::rt::Policy::Forbidden): each future of gonex's runtime is.
    Polled(Arc<str>),
    /// Something else, on this thread when it first waited.
    Thread(Arc<str>),
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task { name, .. } | Self::Polled(name) => f.write_str(name),
            Self::Thread(name) => write!(f, "thread {name}"),
        }
    }
}

/// One operation that waits.
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::{Context, insight};
///
/// insight::enable();
/// let (context, _canceller) = Context::background().with_cancel();
/// let mut done = pin!(context.done());
/// assert!(done.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
/// let wait = &insight::waits()[0];
/// assert!(wait.to_string().contains("wait for the end of a context"));
/// assert_eq!(wait.until, None);
/// # insight::disable();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Wait {
    /// Who waits.
    pub who: Who,
    /// For what.
    pub subject: Subject,
    /// Where the operation was made.
    pub place: &'static Location<'static>,
    /// Since when, by the clock of who waits.
    pub since: Instant,
    /// When time alone will end the wait.
    pub until: Option<Instant>,
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, at {}", self.who, self.subject, self.place)
    }
}

/// The operations that wait, at one moment; printed, a table.
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::{Context, insight};
///
/// insight::enable();
/// let (context, _canceller) = Context::background().with_cancel();
/// let mut done = pin!(context.done());
/// assert!(done.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
/// let table = insight::waits().to_string();
/// assert!(table.starts_with("WHO") && table.contains("wait for the end of a context"));
/// # insight::disable();
/// ```
#[derive(Clone, Debug, Default)]
pub struct Waits {
    pub(super) list: Vec<Wait>,
    pub(super) beyond: usize,
}

impl Waits {
    /// How many more operations wait that were not listed.
    ///
    /// ```
    /// use gonex_core::insight;
    ///
    /// let waits = insight::waits();
    /// assert_eq!(waits.len() + waits.beyond(), 0, "nothing waits");
    /// ```
    #[must_use]
    pub fn beyond(&self) -> usize {
        self.beyond
    }
}

impl Deref for Waits {
    type Target = [Wait];

    fn deref(&self) -> &[Wait] {
        &self.list
    }
}

impl IntoIterator for Waits {
    type Item = Wait;
    type IntoIter = std::vec::IntoIter<Wait>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl fmt::Display for Waits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let now = rt::now();
        let rows = self.list.iter().map(|wait| {
            let waited = format!("{:.1?}", now.saturating_duration_since(wait.since));
            [wait.who.to_string(), waited, wait.subject.to_string(), wait.place.to_string()]
        });
        let head = ["WHO", "FOR", "WAITS TO", "AT"].map(str::to_owned);
        let rows: Vec<[String; 4]> = std::iter::once(head).chain(rows).collect();
        let width = |column: usize| {
            rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
        };
        let (who, waited, subject) = (width(0), width(1), width(2));
        for [a, b, c, d] in &rows {
            writeln!(f, "{a:who$}  {b:waited$}  {c:subject$}  {d}")?;
        }
        if self.beyond > 0 {
            writeln!(f, "and {} more that are not listed", self.beyond)?;
        }
        Ok(())
    }
}

/// Everything that is registered has come to a halt; printed, it says who waits for what.
///
/// ```
/// use std::future::Future;
/// use std::pin::pin;
/// use std::task::{Context as TaskContext, Waker};
/// use gonex_core::{Context, insight};
///
/// insight::enable();
/// let (context, _canceller) = Context::background().with_cancel();
/// let mut alone = pin!(insight::register_task("alone").wrap(context.done()));
/// assert!(alone.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
/// let report = insight::stalled().unwrap();
/// assert_eq!(report.waits[0].who.to_string(), "alone");
/// assert!(report.to_string().starts_with("the only task waits, and nothing will wake it"));
/// # insight::disable();
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// How many tasks are registered, and wait.
    pub tasks: usize,
    /// What they wait for.
    pub waits: Vec<Wait>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tasks {
            1 => writeln!(f, "the only task waits, and nothing will wake it")?,
            tasks => writeln!(f, "all {tasks} tasks wait, and nothing will wake any of them")?,
        }
        self.waits.iter().try_for_each(|wait| writeln!(f, "  {wait}"))
    }
}
