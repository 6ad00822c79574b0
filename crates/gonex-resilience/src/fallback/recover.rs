use std::fmt;
use std::future::{Future, Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use gonex_core::primitive::{Mutex, lock};

use crate::moment::{Time, nanos};
use crate::retry::IntoAttempt;

/// What comes in the place of an error.
///
/// ```
/// use gonex_resilience::fallback::{Recover, Value};
///
/// assert_eq!(Recover::<_, &str>::recover(&Value::new(7), "down").into_inner(), Ok(7));
/// ```
pub trait Recover<T, E> {
    /// What that fails with.
    type Error;
    /// The other way, to be polled.
    type Running: Future<Output = Result<T, Self::Error>>;

    /// Begins the other way.
    fn recover(&self, error: E) -> Self::Running;

    /// Takes note of a value that came the first way.
    fn succeeded(&self, _value: &T) {}
}

/// Always the same value.
#[derive(Clone, Debug)]
pub struct Value<T>(T);

impl<T> Value<T> {
    /// Makes one.
    ///
    /// ```
    /// use gonex_resilience::fallback::{Recover, Value};
    ///
    /// assert!(Recover::<_, ()>::recover(&Value::new("nothing found"), ()).into_inner().is_ok());
    /// ```
    pub fn new(value: T) -> Self {
        Self(value)
    }
}

impl<T: Clone, E> Recover<T, E> for Value<T> {
    type Error = E;
    type Running = Ready<Result<T, E>>;

    fn recover(&self, _: E) -> Self::Running {
        ready(Ok(self.0.clone()))
    }
}

/// What a function makes of the error: a `Result`, or a future of one. That is also the way to another
/// place.
pub struct OrElse<F, M> {
    function: Arc<F>,
    marker: PhantomData<fn() -> M>,
}

impl<F, M> OrElse<F, M> {
    pub(super) fn new(function: F) -> Self {
        Self { function: Arc::new(function), marker: PhantomData }
    }
}

impl<F, M> Clone for OrElse<F, M> {
    fn clone(&self) -> Self {
        Self { function: self.function.clone(), marker: PhantomData }
    }
}

impl<F, M> fmt::Debug for OrElse<F, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OrElse")
    }
}

impl<T, E, F, M, O> Recover<T, E> for OrElse<F, M>
where
    F: Fn(E) -> O,
    O: IntoAttempt<M, Value = T>,
{
    type Error = O::Error;
    type Running = O::Attempt;

    fn recover(&self, error: E) -> O::Attempt {
        (self.function)(error).into_attempt()
    }
}

/// The latest value that came the first way, as long as it is not too old. Without one, the error stays.
#[derive(Debug)]
pub struct Latest<T> {
    kept: Arc<Kept<T>>,
}

#[derive(Debug)]
struct Kept<T> {
    max_age: u64,
    time: Arc<Time>,
    /// Values are moved under it, and neither cloned nor dropped.
    latest: Mutex<Option<(Arc<T>, u64)>>,
}

impl<T> Clone for Latest<T> {
    fn clone(&self) -> Self {
        Self { kept: self.kept.clone() }
    }
}

impl<T> Latest<T> {
    pub(super) fn new(max_age: Duration, time: Time) -> Self {
        Self::shared(max_age, Arc::new(time))
    }

    /// Whether there is no value, of whatever age.
    pub(super) fn is_empty(&self) -> bool {
        lock(&self.kept.latest).is_none()
    }

    /// Whether there are other handles than this one.
    pub(super) fn is_held(&self) -> bool {
        Arc::strong_count(&self.kept) > 1
    }

    pub(super) fn shared(max_age: Duration, time: Arc<Time>) -> Self {
        let latest = Mutex::new(None);
        Self { kept: Arc::new(Kept { max_age: nanos(max_age), time, latest }) }
    }
}

impl<T: Clone, E> Recover<T, E> for Latest<T> {
    type Error = E;
    type Running = Ready<Result<T, E>>;

    fn recover(&self, error: E) -> Self::Running {
        let kept = &*self.kept;
        let now = kept.time.now();
        let latest = lock(&kept.latest).clone();
        let young = latest.filter(|(_, since)| now.saturating_sub(*since) <= kept.max_age);
        ready(match young {
            Some((value, _)) => Ok(T::clone(&value)),
            None => Err(error),
        })
    }

    fn succeeded(&self, value: &T) {
        let value = Arc::new(value.clone());
        let gone = self.kept.keep(value, self.kept.time.now());
        drop(gone);
    }
}

impl<T> Kept<T> {
    /// Keeps a value of this moment, unless a later one is there: whoever looked at the clock first may come
    /// last. Hands back the other of the two.
    fn keep(&self, value: Arc<T>, since: u64) -> Option<(Arc<T>, u64)> {
        let mut latest = lock(&self.latest);
        if latest.as_ref().is_some_and(|(_, known)| *known > since) {
            return Some((value, since));
        }
        latest.replace((value, since))
    }
}

#[cfg(all(test, not(any(gonex_loom, gonex_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn an_older_value_that_comes_later_does_not_replace_a_newer_one() {
        let latest = Latest::new(Duration::MAX, Time::seam());
        let kept = &*latest.kept;
        assert!(kept.keep(Arc::new("older"), 1).is_none());
        assert_eq!(kept.keep(Arc::new("newer"), 3), Some((Arc::new("older"), 1)));
        assert_eq!(kept.keep(Arc::new("late"), 2), Some((Arc::new("late"), 2)));
        assert_eq!(Recover::<_, ()>::recover(&latest, ()).into_inner(), Ok("newer"));
        assert_eq!(kept.keep(Arc::new("at once"), 3), Some((Arc::new("newer"), 3)));
    }
}
