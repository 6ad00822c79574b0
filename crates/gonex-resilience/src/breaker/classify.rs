use std::fmt;
use std::sync::Arc;

/// What a breaker makes of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It counts as a success.
    Success,
    /// It counts as a failure.
    Failure,
    /// It does not count: what was wrong lies with the caller, say.
    Ignored,
}

/// Tells failures from successes, by the error or by the value.
///
/// ```
/// use gonex_resilience::breaker::{Classify, ErrorsFail, Outcome};
///
/// assert_eq!(ErrorsFail.classify(&Ok::<_, ()>(7)), Outcome::Success);
/// assert_eq!(ErrorsFail.classify(&Err::<(), _>("down")), Outcome::Failure);
/// ```
pub trait Classify<T, E> {
    /// What a result counts as. Asked once for each call that ends with one, under no lock.
    fn classify(&self, result: &Result<T, E>) -> Outcome;
}

/// Every error is a failure, and nothing else is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorsFail;

impl<T, E> Classify<T, E> for ErrorsFail {
    fn classify(&self, result: &Result<T, E>) -> Outcome {
        if result.is_ok() { Outcome::Success } else { Outcome::Failure }
    }
}

type Rule<T, E> = dyn Fn(&Result<T, E>) -> Outcome + Send + Sync;

/// As a function of the program's own says; made by
/// [`CircuitBreaker::classify`](super::CircuitBreaker::classify).
pub struct By<T, E>(Arc<Rule<T, E>>);

impl<T, E> By<T, E> {
    pub(crate) fn new(rule: impl Fn(&Result<T, E>) -> Outcome + Send + Sync + 'static) -> Self {
        Self(Arc::new(rule))
    }
}

// Not derived: that would ask the same of values and errors.
impl<T, E> Clone for By<T, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T, E> fmt::Debug for By<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("By")
    }
}

impl<T, E> Classify<T, E> for By<T, E> {
    fn classify(&self, result: &Result<T, E>) -> Outcome {
        (self.0)(result)
    }
}
