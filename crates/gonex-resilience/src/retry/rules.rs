use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::Attempt;

/// What a policy makes of errors.
///
/// [`AnyError`] looks at none of them, and [`On`] holds what the program says about those of one type.
/// Others are for wrappers, whose errors hold those that the program knows.
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::Retry;
/// use gonex_resilience::retry::{Retrying, Rules};
///
/// /// Retries what is even.
/// #[derive(Clone)]
/// struct Even;
///
/// impl Rules<u32> for Even {
///     fn retries(&self, error: &u32) -> bool {
///         error.is_multiple_of(2)
///     }
///     fn retry_after(&self, _: &u32) -> Option<Duration> {
///         None
///     }
///     fn notify(&self, _: &Retrying<'_, u32>) {}
/// }
///
/// let retry = Retry::fixed().map_rules(|_| Even);
/// assert!(retry.should_retry(&2, 1) && !retry.should_retry(&3, 1));
/// ```
pub trait Rules<E> {
    /// Whether the call is worth another attempt after this error. Asked once for each attempt that
    /// failed with an error, the last one included.
    fn retries(&self, error: &E) -> bool;

    /// How long the error asks to be left alone, if it does.
    fn retry_after(&self, error: &E) -> Option<Duration>;

    /// Is told of each retry, before its delay.
    fn notify(&self, retrying: &Retrying<'_, E>);

    /// Whether anybody listens to [`notify`](Self::notify). If it says that nobody does, no clock is read for
    /// what would be told there.
    fn listens(&self) -> bool {
        true
    }
}

/// A retry that is about to happen.
#[derive(Debug)]
#[non_exhaustive]
pub struct Retrying<'a, E> {
    /// What went wrong; `None` if the attempt ended without an error of the program's own: its time-out
    /// cut it off, say.
    pub error: Option<&'a E>,
    /// The attempt that failed.
    pub attempt: &'a Attempt,
    /// How long is waited now.
    pub delay: Duration,
}

impl<'a, E> Retrying<'a, E> {
    pub(super) fn new(error: Option<&'a E>, attempt: &'a Attempt, delay: Duration) -> Self {
        Self { error, attempt, delay }
    }

    /// The same retry with another view of its error; for [`Rules`] that wrap others.
    ///
    /// ```
    /// use gonex_resilience::Retry;
    /// use gonex_resilience::retry::Retrying;
    ///
    /// let retry = Retry::custom(|_| std::time::Duration::ZERO).notify(|retrying: &Retrying<'_, String>| {
    ///     let length = retrying.error.map(String::len);
    ///     assert_eq!(retrying.with_error(length.as_ref()).error, Some(&4));
    /// });
    /// assert!(retry.call(|| Err::<(), _>("down".to_owned())).block().is_err());
    /// ```
    #[must_use]
    pub fn with_error<F>(&self, error: Option<&'a F>) -> Retrying<'a, F> {
        Retrying::new(error, self.attempt, self.delay)
    }
}

/// Retries after any error; for errors of any type.
///
/// ```
/// use gonex_resilience::retry::{AnyError, Rules};
///
/// assert!(AnyError.retries(&"whatever"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnyError;

impl<E> Rules<E> for AnyError {
    fn retries(&self, _: &E) -> bool {
        true
    }

    fn retry_after(&self, _: &E) -> Option<Duration> {
        None
    }

    fn notify(&self, _: &Retrying<'_, E>) {}

    fn listens(&self) -> bool {
        false
    }
}

type Condition<E> = dyn Fn(&E) -> bool + Send + Sync;
type After<E> = dyn Fn(&E) -> Option<Duration> + Send + Sync;
type Notify<E> = dyn Fn(&Retrying<'_, E>) + Send + Sync;

/// What the program says about errors of one type; made by [`Retry::retry_if`](super::Retry::retry_if)
/// and the methods beside it.
pub struct On<E> {
    pub(super) condition: Option<Arc<Condition<E>>>,
    pub(super) after: Option<Arc<After<E>>>,
    pub(super) notify: Option<Arc<Notify<E>>>,
}

impl<E> From<AnyError> for On<E> {
    fn from(_: AnyError) -> Self {
        Self { condition: None, after: None, notify: None }
    }
}

// Not derived: that would ask the same of the errors.
impl<E> Clone for On<E> {
    fn clone(&self) -> Self {
        Self {
            condition: self.condition.clone(),
            after: self.after.clone(),
            notify: self.notify.clone(),
        }
    }
}

impl<E> fmt::Debug for On<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("On")
            .field("condition", &self.condition.is_some())
            .field("after", &self.after.is_some())
            .field("notify", &self.notify.is_some())
            .finish()
    }
}

impl<E> Rules<E> for On<E> {
    fn retries(&self, error: &E) -> bool {
        self.condition.as_ref().is_none_or(|condition| condition(error))
    }

    fn retry_after(&self, error: &E) -> Option<Duration> {
        self.after.as_ref().and_then(|after| after(error))
    }

    fn notify(&self, retrying: &Retrying<'_, E>) {
        if let Some(notify) = &self.notify {
            notify(retrying);
        }
    }

    fn listens(&self) -> bool {
        self.notify.is_some()
    }
}
