use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use crate::retry::{Attempt, IntoAttempt, Work};

/// Something that can be called once.
///
/// ```
/// use std::future::{Ready, ready};
/// use gonex_resilience::call::Start;
///
/// struct Seven;
///
/// impl Start for Seven {
///     type Value = u32;
///     type Error = ();
///     type Running = Ready<Result<u32, ()>>;
///
///     fn start(self) -> Self::Running {
///         ready(Ok(7))
///     }
/// }
///
/// assert_eq!(Seven.start().into_inner(), Ok(7));
/// ```
pub trait Start {
    /// What it yields.
    type Value;
    /// What it fails with.
    type Error;
    /// The call, to be polled.
    type Running: Future<Output = Result<Self::Value, Self::Error>>;

    /// Begins it.
    fn start(self) -> Self::Running;
}

/// A closure that returns a `Result`, or a future of one, as [`Start`].
pub struct Once<W, M> {
    work: W,
    marker: PhantomData<fn() -> M>,
}

impl<W, M> Once<W, M> {
    pub(crate) fn new(work: W) -> Self {
        Self { work, marker: PhantomData }
    }
}

impl<W, M> fmt::Debug for Once<W, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once")
    }
}

impl<W, M, O> Start for Once<W, M>
where
    W: FnOnce() -> O,
    O: IntoAttempt<M>,
{
    type Value = O::Value;
    type Error = O::Error;
    type Running = O::Attempt;

    fn start(self) -> O::Attempt {
        (self.work)().into_attempt()
    }
}

/// One attempt of work that can be called again, as [`Start`].
#[derive(Debug)]
pub struct Attempted<W> {
    pub(crate) work: W,
    pub(crate) attempt: Attempt,
}

impl<W: Work> Start for Attempted<W> {
    type Value = W::Value;
    type Error = W::Error;
    type Running = W::Attempt;

    fn start(mut self) -> W::Attempt {
        self.work.attempt(&self.attempt)
    }
}
