use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// Work that yields a `T`, ready to be handed to a scheduler.
#[non_exhaustive]
pub enum Task<T> {
    /// Runs once on the scheduler of closures.
    Closure(Box<dyn FnOnce() -> T + Send>),
    /// Is polled on the async runtime.
    Future(Pin<Box<dyn Future<Output = T> + Send>>),
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closure(_) => "Task::Closure",
            Self::Future(_) => "Task::Future",
        })
    }
}

/// What `go` takes: a closure `FnOnce() -> T`, or a future with output `T`.
///
/// `Marker` tells the two apart for the compiler and is always inferred.
///
/// A closure that returns a future, `|| async { … }`, is a closure: it runs at once and its future
/// is the result, which nothing polls. Write `async { … }` instead.
pub trait IntoTask<Marker> {
    /// What the task yields.
    type Output: Send + 'static;

    /// Turns into a task.
    fn into_task(self) -> Task<Self::Output>;
}

/// Marks closures for [`IntoTask`].
#[derive(Debug)]
pub enum ClosureMarker {}

/// Marks futures for [`IntoTask`].
#[derive(Debug)]
pub enum FutureMarker {}

impl<F, T> IntoTask<ClosureMarker> for F
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    type Output = T;

    fn into_task(self) -> Task<T> {
        Task::Closure(Box::new(self))
    }
}

impl<F> IntoTask<FutureMarker> for F
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    type Output = F::Output;

    fn into_task(self) -> Task<F::Output> {
        Task::Future(Box::pin(self))
    }
}
