use std::fmt;
use std::sync::Arc;
use std::task::Waker;

/// Who keeps timers; for those who write a [`Seam`](crate::rt::Seam).
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use std::task::Waker;
/// use gonex_core::rt::{Timer, TimerKeeper, TimerKey};
///
/// #[derive(Default)]
/// struct CalledOff(Mutex<Vec<u64>>);
/// impl TimerKeeper for CalledOff {
///     fn call_off(&self, key: TimerKey) -> Option<Waker> {
///         self.0.lock().unwrap().push(key.number);
///         None // it has fired
///     }
/// }
///
/// let keeper = Arc::new(CalledOff::default());
/// drop(Timer::new(keeper.clone(), TimerKey { number: 7, index: 0 }));
/// assert_eq!(*keeper.0.lock().unwrap(), [7]);
/// ```
pub trait TimerKeeper: Send + Sync {
    /// Takes the waker of a timer out, if it has not fired.
    fn call_off(&self, key: TimerKey) -> Option<Waker>;
}

/// Names a timer to its keeper, by a number that is never used again and a place that may be.
///
/// ```
/// use gonex_core::rt::TimerKey;
///
/// let first = TimerKey { number: 1, index: 0 };
/// let next = TimerKey { number: 2, index: 0 };
/// assert_ne!(first, next, "a place may be used again, a number is not");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimerKey {
    /// The number.
    pub number: u64,
    /// The place.
    pub index: u32,
}

/// A timer that is set; dropping it calls it off. Its driver lives as long as it.
///
/// It takes 32 bytes, and another 48 with its driver until it fires.
///
/// ```
/// use std::sync::Arc;
/// use std::task::Waker;
/// use std::time::Duration;
/// use gonex_core::rt::{self, Manual};
///
/// let manual = Arc::new(Manual::new());
/// rt::enter(manual.clone(), || {
///     let timer = rt::timer(rt::now() + Duration::from_secs(1), Waker::noop().clone());
///     assert_eq!(manual.timers(), 1);
///     drop(timer);
///     assert_eq!(manual.timers(), 0);
/// });
/// ```
#[must_use = "dropping a timer calls it off"]
pub struct Timer {
    keeper: Arc<dyn TimerKeeper>,
    key: TimerKey,
}

impl Timer {
    /// Makes the handle of a timer that its keeper has set; for those who write a
    /// [`Seam`](crate::rt::Seam).
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use std::task::Waker;
    /// use gonex_core::rt::{Timer, TimerKeeper, TimerKey};
    ///
    /// struct One(Mutex<Option<Waker>>);
    /// impl TimerKeeper for One {
    ///     fn call_off(&self, _: TimerKey) -> Option<Waker> {
    ///         self.0.lock().unwrap().take()
    ///     }
    /// }
    ///
    /// let one = Arc::new(One(Mutex::new(Some(Waker::noop().clone()))));
    /// drop(Timer::new(one.clone(), TimerKey { number: 0, index: 0 }));
    /// assert!(one.0.lock().unwrap().is_none());
    /// ```
    pub fn new(keeper: Arc<dyn TimerKeeper>, key: TimerKey) -> Self {
        Self { keeper, key }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        let waker = self.keeper.call_off(self.key);
        drop(waker);
    }
}
