//! The other ways of a call, of which its options choose one by name.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use gonex_resilience::Fallback;
use gonex_resilience::fallback::Recover;

use super::ParallelError;

/// A call of which only the end is known.
pub(super) type Ending<T, E> = Pin<Box<dyn Future<Output = Result<T, ParallelError<E>>> + Send>>;

/// Puts a fallback around a call.
pub(super) type Around<T, E> = Box<dyn FnOnce(Ending<T, E>) -> Ending<T, E> + Send>;

/// Ways by name, in the order in which they were given.
pub(super) struct Ways<T, E> {
    known: Vec<(String, Around<T, E>)>,
}

impl<T, E> fmt::Debug for Ways<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl<T, E> Ways<T, E> {
    pub(super) const fn new() -> Self {
        Self { known: Vec::new() }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|(name, _)| name.as_str())
    }

    /// The way of this name.
    pub(super) fn take(self, name: &str) -> Option<Around<T, E>> {
        self.known.into_iter().find_map(|(known, around)| (known == name).then_some(around))
    }
}

impl<T: Send + 'static, E: Send + 'static> Ways<T, E> {
    /// Adds one; one of the same name goes.
    pub(super) fn add<R>(&mut self, name: String, fallback: Fallback<R>)
    where
        R: Recover<T, ParallelError<E>, Error = ParallelError<E>> + Clone + Send + 'static,
        R::Running: Send,
    {
        self.known.retain(|(known, _)| *known != name);
        let around: Around<T, E> = Box::new(move |call| Box::pin(fallback.call(move || call)));
        self.known.push((name, around));
    }
}
