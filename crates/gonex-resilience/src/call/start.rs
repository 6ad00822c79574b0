use std::future::Future;

use crate::retry::{Attempt, IntoAttempt, Plain, Work};

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

    /// Begins it, and yields the result if there is one then: a closure that returns no future is over
    /// when it has been called.
    ///
    /// # Errors
    /// What has to be polled, if there is no result yet.
    fn start_at_once(self) -> Result<Result<Self::Value, Self::Error>, Self::Running>
    where
        Self: Sized,
    {
        Err(self.start())
    }
}

/// A closure that returns a `Result`, or a future of one, as [`Start`]: the same that is [`Work`] where it can
/// be called again.
pub type Once<W, M> = Plain<W, M>;

impl<W, M, O> Start for Plain<W, M>
where
    W: FnOnce() -> O,
    O: IntoAttempt<M>,
{
    type Value = O::Value;
    type Error = O::Error;
    type Running = O::Attempt;

    fn start(self) -> O::Attempt {
        (self.into_inner())().into_attempt()
    }

    #[inline]
    fn start_at_once(self) -> Result<Result<O::Value, O::Error>, O::Attempt> {
        (self.into_inner())().at_once()
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
