//! Where blocking is allowed, compensated for, and forbidden.
#![cfg(not(gonex_loom))]

use std::panic::{self, AssertUnwindSafe, Location};
use std::pin::Pin;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll};

use gonex_core::op::Name;
use gonex_core::rt::{self, Compensate, Policy, Polled};
use gonex_core::{Kind, Op, Stop};

/// Is ready when polled the given number of times.
struct After(usize);

impl Kind for After {
    type Output = Result<&'static str, Stop>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        (self.0 == 0).then_some(Ok("done"))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        if self.0 == 0 {
            return Poll::Ready(Ok("done"));
        }
        self.0 -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        Err(stop)
    }

    fn limited(self) -> Self {
        self
    }
}

#[derive(Debug, Default)]
struct Counting {
    parks: AtomicUsize,
    parked: AtomicIsize,
}

impl Compensate for Counting {
    fn blocking(&self) {
        // Blocking in here is allowed, and not compensated for in turn.
        Op::new(After(1)).block().unwrap();
        self.parks.fetch_add(1, Ordering::SeqCst);
        self.parked.fetch_add(1, Ordering::SeqCst);
    }

    fn resumed(&self) {
        self.parked.fetch_sub(1, Ordering::SeqCst);
    }
}

fn forbidden() -> Policy {
    Policy::Forbidden(Polled::new(Name::Numbered("task", 7), Some(Location::caller())))
}

/// Runs a closure, and returns message, file and line of its panic.
fn panic_of(body: impl FnOnce()) -> (String, String, u32) {
    static ONE_HOOK: Mutex<()> = Mutex::new(());
    let _alone = ONE_HOOK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let place = Arc::new(Mutex::new(None));
    let theirs = place.clone();
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let at = info.location().unwrap();
        *theirs.lock().unwrap() = Some((at.file().to_owned(), at.line()));
    }));
    let payload = panic::catch_unwind(AssertUnwindSafe(body)).unwrap_err();
    panic::set_hook(before);
    let (file, line) = place.lock().unwrap().take().unwrap();
    (*payload.downcast::<String>().unwrap(), file, line)
}

#[test]
fn blocking_where_it_is_forbidden_panics_even_if_ready_and_names_task_and_place() {
    let op = || Op::new(After(0));
    let line = line!() + 1;
    let block = || drop(op().block());
    let (message, file, told) = panic_of(|| rt::with_policy(forbidden(), block));
    assert!(message.starts_with("`.block()` in task #7 from "), "{message}");
    assert!(message.contains("use `.await`"), "{message}");
    assert!(file.ends_with("policy.rs"), "{file}");
    assert_eq!(told, line);
}

#[test]
fn a_policy_ends_with_its_closure_also_by_a_panic() {
    let left =
        panic::catch_unwind(|| rt::with_policy(forbidden(), || panic::resume_unwind(Box::new(1))));
    assert!(left.is_err());
    assert_eq!(Op::new(After(2)).block(), Ok("done"));
}

#[test]
fn an_inner_policy_goes_before_an_outer_one() {
    rt::with_policy(forbidden(), || {
        let allowed = rt::with_policy(Policy::Allowed, || Op::new(After(2)).block());
        assert_eq!(allowed, Ok("done"));
    });
}

#[test]
fn real_parks_are_compensated_for_and_nothing_else() {
    let counting = Arc::new(Counting::default());
    rt::with_policy(Policy::Compensate(counting.clone()), || {
        assert_eq!(Op::new(After(0)).block(), Ok("done"));
        assert_eq!(counting.parks.load(Ordering::SeqCst), 0, "ready at once");
        assert_eq!(Op::new(After(3)).block(), Ok("done"));
    });
    assert_eq!(counting.parks.load(Ordering::SeqCst), 3);
    assert_eq!(counting.parked.load(Ordering::SeqCst), 0);
}
