use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use scoped_tls::scoped_thread_local;

use super::Inside;
use crate::op::Name;

/// What [`Op::block`](crate::Op::block) may do on a thread.
///
/// ```
/// use gonex_core::op::Name;
/// use gonex_core::rt::{self, Policy, Polled};
///
/// let nap = || rt::sleep_until(rt::now()).block();
/// rt::with_policy(Policy::Allowed, nap);
///
/// let polled = Polled::new(Name::Kind("the main loop"), None);
/// let refused = || rt::with_policy(Policy::Forbidden(polled), nap);
/// assert!(std::panic::catch_unwind(refused).is_err());
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Policy {
    /// It parks the thread.
    #[default]
    Allowed,
    /// It parks the thread, and says so before and after.
    Compensate(Arc<dyn Compensate>),
    /// It panics, whether the operation would have to wait or not: the thread polls a task, and
    /// while it is parked no other task of it goes on.
    Forbidden(Polled),
}

/// Who is told when a thread is parked, to start another in its place.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use std::time::Duration;
/// use gonex_core::Context;
/// use gonex_core::rt::{self, Compensate, Policy};
///
/// #[derive(Debug, Default)]
/// struct Spares(AtomicUsize);
/// impl Compensate for Spares {
///     fn blocking(&self) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
///     fn resumed(&self) {}
/// }
///
/// let spares = Arc::new(Spares::default());
/// let (context, _canceller) = Context::background().with_cancel();
/// rt::with_policy(Policy::Compensate(spares.clone()), || {
///     let soon = Duration::from_millis(1);
///     assert!(context.done().timeout(soon).block().is_err());
/// });
/// assert!(spares.0.load(Ordering::Relaxed) > 0);
/// ```
pub trait Compensate: Send + Sync + fmt::Debug {
    /// The thread is about to be parked. Called for each park, and not for operations that are ready
    /// or become so while they are tried. It runs with blocking [allowed](Policy::Allowed).
    fn blocking(&self);

    /// The thread goes on; also when the park was left by a panic.
    fn resumed(&self);
}

/// The task that a thread polls, as [`Policy::Forbidden`] names it.
///
/// ```
/// use gonex_core::op::Name;
/// use gonex_core::rt::Polled;
///
/// assert_eq!(Polled::new(Name::Numbered("task", 7), None).to_string(), "task #7");
/// ```
#[derive(Clone, Debug)]
pub struct Polled {
    name: Name,
    from: Option<&'static Location<'static>>,
}

impl Polled {
    /// Names a task, and says where it was handed in, if that is known.
    ///
    /// ```
    /// use std::panic::Location;
    /// use gonex_core::op::Name;
    /// use gonex_core::rt::Polled;
    ///
    /// let polled = Polled::new(Name::Kind("a task"), Some(Location::caller()));
    /// assert!(polled.to_string().starts_with("a task from "));
    /// ```
    #[must_use]
    pub fn new(name: Name, from: Option<&'static Location<'static>>) -> Self {
        Self { name, from }
    }
}

impl fmt::Display for Polled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.from {
            Some(from) => write!(f, "{} from {from}", self.name),
            None => self.name.fmt(f),
        }
    }
}

scoped_thread_local!(
    /// Borrowed for as long as what runs under it.
    static CURRENT: Policy
);

/// What the policy of this thread says of something.
fn look<T>(look: impl FnOnce(&Policy) -> Option<T>) -> Option<T> {
    if CURRENT.is_set() { CURRENT.with(look) } else { None }
}

/// Runs a closure under a policy for blocking, and puts the one before back, also if it panics.
///
/// ```
/// use gonex_core::Context;
/// use gonex_core::op::Name;
/// use gonex_core::rt::{self, Policy, Polled};
///
/// let (context, canceller) = Context::background().with_cancel();
/// canceller.cancel("enough");
/// let polled = Polled::new(Name::Kind("the main loop"), None);
/// let blocked = std::panic::catch_unwind(|| {
///     rt::with_policy(Policy::Forbidden(polled), || context.done().block())
/// });
/// let message = *blocked.unwrap_err().downcast::<String>().unwrap();
/// assert!(message.starts_with("`.block()` in the main loop"));
/// ```
#[expect(clippy::needless_pass_by_value, reason = "whoever says it has no other use for it")]
pub fn with_policy<T>(policy: Policy, body: impl FnOnce() -> T) -> T {
    let _inside = Inside::new();
    CURRENT.set(&policy, body)
}

/// Whether this thread may wait: nowhere that blocking is [forbidden](Policy::Forbidden), and not in a
/// browser.
///
/// ```
/// use gonex_core::op::Name;
/// use gonex_core::rt::{self, Policy, Polled};
///
/// assert!(rt::may_block());
/// let polled = Polled::new(Name::Kind("the main loop"), None);
/// assert!(!rt::with_policy(Policy::Forbidden(polled), rt::may_block));
/// ```
#[must_use]
pub fn may_block() -> bool {
    let forbidden = look(|policy| matches!(policy, Policy::Forbidden(_)).then_some(()));
    forbidden.is_none() && !cfg!(all(target_family = "wasm", target_os = "unknown"))
}

/// Panics where blocking is forbidden, as [`Op::block`](crate::Op::block) does first.
///
/// For what blocks, and tries before it makes an operation.
///
/// # Panics
/// Where blocking is [forbidden](Policy::Forbidden); the message names the task, and the place is that
/// of the call.
///
/// ```
/// use gonex_core::op::Name;
/// use gonex_core::rt::{self, Policy, Polled};
///
/// rt::check_blocking();
/// let polled = Polled::new(Name::Kind("the main loop"), None);
/// let refused = std::panic::catch_unwind(|| {
///     rt::with_policy(Policy::Forbidden(polled), rt::check_blocking)
/// });
/// assert!(refused.is_err());
/// ```
#[track_caller]
#[inline]
pub fn check_blocking() {
    check_blocking_as(
        "`.block()`",
        "use `.await`, or hand the part that blocks to `go(|| ..)` and await its handle",
    );
}

/// Panics where blocking is forbidden, as [`check_blocking`] does: the message calls what blocks `what`,
/// and says what to do `instead`.
///
/// # Panics
/// Where blocking is [forbidden](Policy::Forbidden).
///
/// ```
/// use gonex_core::op::Name;
/// use gonex_core::rt::{self, Policy, Polled};
///
/// let polled = Polled::new(Name::Kind("the main loop"), None);
/// let refused = std::panic::catch_unwind(|| {
///     let check = || rt::check_blocking_as("`print()`", "use a print queue");
///     rt::with_policy(Policy::Forbidden(polled), check)
/// });
/// let message = *refused.unwrap_err().downcast::<String>().unwrap();
/// assert!(message.starts_with("`print()` in the main loop"));
/// assert!(message.ends_with("use a print queue"));
/// ```
#[track_caller]
#[inline]
pub fn check_blocking_as(what: &str, instead: &str) {
    if CURRENT.is_set() && CURRENT.with(|policy| matches!(policy, Policy::Forbidden(_))) {
        refuse(what, instead);
    }
}

/// The task that this thread polls, if it may not block.
pub(crate) fn polled() -> Option<Polled> {
    look(|policy| match policy {
        Policy::Forbidden(polled) => Some(polled.clone()),
        Policy::Allowed | Policy::Compensate(_) => None,
    })
}

#[track_caller]
#[cold]
fn refuse(what: &str, instead: &str) {
    let Some(polled) = polled() else { return };
    panic!(
        "{what} in {polled}, which is polled: it would keep all other tasks of the thread from going \
         on; {instead}"
    )
}

/// Runs what blocks this thread by other means than an operation, under the policy of the thread.
///
/// In a closure of a runtime another thread goes on with the work meanwhile, as it does when an
/// operation is waited for.
///
/// # Panics
/// Where blocking is [forbidden](Policy::Forbidden).
///
/// ```
/// use gonex_core::rt;
///
/// let line = rt::blocking(|| std::fs::read_to_string("no such file").unwrap_or_default());
/// assert_eq!(line, "");
/// ```
#[track_caller]
pub fn blocking<T>(body: impl FnOnce() -> T) -> T {
    check_blocking();
    // What waits inside is part of this wait, and not told again.
    around_park(|| with_policy(Policy::Allowed, body))
}

/// Runs `park` under the policy of the thread.
pub(super) fn around_park<T>(park: impl FnOnce() -> T) -> T {
    struct Resumed(Arc<dyn Compensate>);
    impl Drop for Resumed {
        fn drop(&mut self) {
            with_policy(Policy::Allowed, || self.0.resumed());
        }
    }
    let compensate = look(|policy| match policy {
        Policy::Compensate(compensate) => Some(compensate.clone()),
        Policy::Allowed | Policy::Forbidden(_) => None,
    });
    let _resumed = compensate.map(|compensate| {
        with_policy(Policy::Allowed, || compensate.blocking());
        Resumed(compensate)
    });
    park()
}
