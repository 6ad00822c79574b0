use std::fmt;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;

use super::Attempt;

/// What a closure that is called again may return: a `Result`, or a future of one.
///
/// `Marker` tells the two apart for the compiler and is always inferred.
///
/// ```
/// use gonex_resilience::retry::{FutureMarker, IntoAttempt, ResultMarker};
///
/// fn is<M>(_: impl IntoAttempt<M, Value = u8, Error = ()>) {}
/// is::<ResultMarker>(Ok(7));
/// is::<FutureMarker>(async { Ok(7) });
/// ```
pub trait IntoAttempt<Marker> {
    /// What a call yields in the end.
    type Value;
    /// What an attempt fails with.
    type Error;
    /// The attempt, to be polled.
    type Attempt: Future<Output = Result<Self::Value, Self::Error>>;

    /// Turns into what is polled.
    fn into_attempt(self) -> Self::Attempt;

    /// Turns into the result, if that is what it is.
    ///
    /// # Errors
    /// What is polled, if there is no result yet.
    fn at_once(self) -> Result<Result<Self::Value, Self::Error>, Self::Attempt>
    where
        Self: Sized,
    {
        Err(self.into_attempt())
    }
}

/// Marks results for [`IntoAttempt`].
#[derive(Debug)]
pub enum ResultMarker {}

/// Marks futures for [`IntoAttempt`].
#[derive(Debug)]
pub enum FutureMarker {}

impl<T, E> IntoAttempt<ResultMarker> for Result<T, E> {
    type Value = T;
    type Error = E;
    type Attempt = Ready<Self>;

    fn into_attempt(self) -> Ready<Self> {
        ready(self)
    }

    #[inline]
    fn at_once(self) -> Result<Self, Ready<Self>> {
        Ok(self)
    }
}

impl<F, T, E> IntoAttempt<FutureMarker> for F
where
    F: Future<Output = Result<T, E>>,
{
    type Value = T;
    type Error = E;
    type Attempt = F;

    fn into_attempt(self) -> F {
        self
    }
}

/// Something that can be attempted again: closures are, see [`Retry::call`](super::Retry::call), and
/// wrappers have their own.
///
/// ```
/// use std::future::{Ready, ready};
/// use gonex_resilience::Retry;
/// use gonex_resilience::retry::{Attempt, Work};
///
/// /// Succeeds at the second attempt.
/// struct Stubborn;
///
/// impl Work for Stubborn {
///     type Value = u32;
///     type Error = &'static str;
///     type Attempt = Ready<Result<u32, &'static str>>;
///
///     fn attempt(&mut self, attempt: &Attempt) -> Self::Attempt {
///         ready(if attempt.number() < 2 { Err("no") } else { Ok(attempt.number()) })
///     }
/// }
///
/// let retry = Retry::custom(|_| std::time::Duration::ZERO);
/// assert_eq!(retry.run(Stubborn).block(), Ok(2));
/// ```
pub trait Work {
    /// What it yields in the end.
    type Value;
    /// What an attempt fails with.
    type Error;
    /// An attempt, to be polled; dropped before its end when it takes too long.
    type Attempt: Future<Output = Result<Self::Value, Self::Error>>;

    /// Whether it looks at the [`Attempt`] it is given. If it says that it does not, no clock is read for
    /// that.
    const LOOKS: bool = true;

    /// Begins an attempt.
    fn attempt(&mut self, attempt: &Attempt) -> Self::Attempt;

    /// Begins an attempt, and yields the result if there is one then: a closure that returns no future is
    /// over when it has been called.
    ///
    /// # Errors
    /// What has to be polled, if there is no result yet.
    fn attempt_at_once(
        &mut self,
        attempt: &Attempt,
    ) -> Result<Result<Self::Value, Self::Error>, Self::Attempt> {
        Err(self.attempt(attempt))
    }
}

/// A closure without a parameter, as [`Work`].
pub struct Plain<W, M> {
    work: W,
    marker: PhantomData<fn() -> M>,
}

/// A closure that is told of the [`Attempt`], as [`Work`].
pub struct Informed<W, M> {
    work: W,
    marker: PhantomData<fn() -> M>,
}

impl<W, M> Plain<W, M> {
    pub(crate) fn new(work: W) -> Self {
        Self { work, marker: PhantomData }
    }

    pub(crate) fn into_inner(self) -> W {
        self.work
    }
}

impl<W, M> Informed<W, M> {
    pub(super) fn new(work: W) -> Self {
        Self { work, marker: PhantomData }
    }
}

impl<W, M> fmt::Debug for Plain<W, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plain")
    }
}

impl<W, M> fmt::Debug for Informed<W, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Informed")
    }
}

impl<W, M, O> Work for Plain<W, M>
where
    W: FnMut() -> O,
    O: IntoAttempt<M>,
{
    type Value = O::Value;
    type Error = O::Error;
    type Attempt = O::Attempt;

    const LOOKS: bool = false;

    fn attempt(&mut self, _: &Attempt) -> O::Attempt {
        (self.work)().into_attempt()
    }

    #[inline]
    fn attempt_at_once(&mut self, _: &Attempt) -> Result<Result<O::Value, O::Error>, O::Attempt> {
        (self.work)().at_once()
    }
}

impl<W, M, O> Work for Informed<W, M>
where
    W: FnMut(Attempt) -> O,
    O: IntoAttempt<M>,
{
    type Value = O::Value;
    type Error = O::Error;
    type Attempt = O::Attempt;

    fn attempt(&mut self, attempt: &Attempt) -> O::Attempt {
        (self.work)(attempt.clone()).into_attempt()
    }

    fn attempt_at_once(
        &mut self,
        attempt: &Attempt,
    ) -> Result<Result<O::Value, O::Error>, O::Attempt> {
        (self.work)(attempt.clone()).at_once()
    }
}
