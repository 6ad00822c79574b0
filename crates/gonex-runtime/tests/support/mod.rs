//! What the tests share: a runtime whose time moves by hand.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use gonex_core::rt::{self, Manual};
use gonex_runtime::Runtime;
use gonex_task::PanicHook;

/// Runs a test in a runtime of its own, with time that moves by hand.
pub(crate) fn by_hand<T>(test: impl FnOnce(&Manual) -> T) -> T {
    let manual = Arc::new(Manual::seeded(7));
    rt::enter(manual.clone(), || {
        let two = NonZeroUsize::new(2).unwrap();
        let builder = Runtime::builder().threads(two).panic_hook(PanicHook::Quiet);
        builder.build().unwrap().enter(|| test(&manual))
    })
}

/// Polls and moves the time a little, by turns, until the operation is ready.
///
/// # Panics
/// If it is not after a minute of real time.
pub(crate) fn drive<F: Future>(manual: &Manual, future: F) -> F::Output {
    let begun = Instant::now();
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it hangs");
        manual.advance(Duration::from_millis(1));
        thread::yield_now();
    }
}
