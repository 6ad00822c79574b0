use std::fmt;
use std::sync::Arc;

use gonex_task::{Handle, IntoTask, Spec};

use crate::config::Station;

/// Work that can be started again: a closure that is called on a thread for each attempt and returns a
/// `Result`; or a closure that makes the work of each attempt, a future or another closure that yields
/// one.
///
/// `Marker` tells them apart for the compiler and is always inferred.
///
/// ```
/// use gonex_resilience::Retry;
/// use gonex_runtime::go_with_retry;
///
/// assert_eq!(go_with_retry(Retry::fixed(), || Ok::<_, ()>(1)).block(), Ok(1));
/// assert_eq!(go_with_retry(Retry::fixed(), || async { Ok::<_, ()>(2) }).block(), Ok(2));
/// assert_eq!(go_with_retry(Retry::fixed(), || || Ok::<_, ()>(3)).block(), Ok(3));
/// ```
pub trait IntoAttempts<Marker> {
    /// What it yields.
    type Value: Send + 'static;
    /// What an attempt fails with.
    type Error: Send + 'static;

    /// Turns into what starts attempts.
    fn into_attempts(self) -> Attempts<Self::Value, Self::Error>;
}

/// Marks closures that are called on a thread, for [`IntoAttempts`].
#[derive(Debug)]
pub enum CalledMarker {}

/// Marks closures that make work, for [`IntoAttempts`].
#[derive(Debug)]
pub struct MadeMarker<M>(std::marker::PhantomData<M>);

type Start<T, E> = dyn FnMut(&Station, Spec) -> Handle<Result<T, E>> + Send;

/// Starts attempts, each a task of its own.
pub struct Attempts<T, E> {
    start: Box<Start<T, E>>,
}

impl<T, E> fmt::Debug for Attempts<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempts").finish_non_exhaustive()
    }
}

impl<T, E> Attempts<T, E> {
    fn new(start: impl FnMut(&Station, Spec) -> Handle<Result<T, E>> + Send + 'static) -> Self {
        Self { start: Box::new(start) }
    }

    pub(super) fn start(&mut self, station: &Station, spec: Spec) -> Handle<Result<T, E>> {
        (self.start)(station, spec)
    }
}

impl<T: Send + 'static, E: Send + 'static> Attempts<T, E> {
    /// A closure whose value is never an error.
    pub(super) fn of_values(work: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let work = Arc::new(work);
        Self::new(move |station, spec| {
            let work = work.clone();
            (move || Ok(work())).start(spec, station)
        })
    }
}

impl<W, T, E> IntoAttempts<CalledMarker> for W
where
    W: Fn() -> Result<T, E> + Send + Sync + 'static,
    T: Send + 'static,
    E: Send + 'static,
{
    type Value = T;
    type Error = E;

    fn into_attempts(self) -> Attempts<T, E> {
        let work = Arc::new(self);
        Attempts::new(move |station, spec| {
            let work = work.clone();
            (move || work()).start(spec, station)
        })
    }
}

impl<W, O, M, T, E> IntoAttempts<MadeMarker<M>> for W
where
    W: FnMut() -> O + Send + 'static,
    O: IntoTask<M, Output = Result<T, E>>,
    T: Send + 'static,
    E: Send + 'static,
{
    type Value = T;
    type Error = E;

    fn into_attempts(mut self) -> Attempts<T, E> {
        Attempts::new(move |station, spec| self().start(spec, station))
    }
}
