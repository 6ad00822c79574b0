//! Tasks that nobody waits for.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gonex_core::Context;
use gonex_runtime::{Runtime, go_detached};
use gonex_sync::channel;
use gonex_task::PanicHook;

#[path = "support/until.rs"]
mod until;
use until::until;

const WATCHDOG: Duration = Duration::from_secs(60);

fn runtime() -> Runtime {
    let one = NonZeroUsize::new(1).unwrap();
    Runtime::builder().threads(one).panic_hook(PanicHook::Quiet).build().unwrap()
}

#[test]
fn they_run_in_the_context_of_who_starts_them() {
    let runtime = runtime();
    let (sender, receiver) = channel::<Option<u8>>(0);
    let named = Context::background().with_value(7_u8);
    let value = || Context::current().value::<u8>().copied();
    let in_future = sender.clone();
    named.run(|| {
        runtime.go_detached(move || sender.send(value()).block());
        runtime.go_detached(async move { in_future.send(value()).await });
    });
    for _ in 0..2 {
        assert_eq!(receiver.recv().timeout(WATCHDOG).block(), Ok(Some(7)));
    }
}

#[test]
fn they_start_others_on_their_own_runtime() {
    let runtime = runtime();
    let (sender, receiver) = channel::<Option<String>>(0);
    let name = || std::thread::current().name().map(str::to_owned);
    runtime.go_detached(move || go_detached(move || sender.send(name()).block()));
    let name = receiver.recv().timeout(WATCHDOG).block().unwrap();
    let own = runtime.go(|| std::thread::current().name().map(str::to_owned)).join().block();
    assert_eq!(Ok(name), own, "the runtime has one thread");
}

#[test]
fn those_whose_context_has_stopped_never_start() {
    let runtime = runtime();
    let started = Arc::new(AtomicBool::new(false));
    let (context, canceller) = Context::background().with_cancel();
    canceller.cancel("enough");
    let start = |started: Arc<AtomicBool>| move || started.store(true, Ordering::Relaxed);
    let (closure, future) = (start(started.clone()), start(started.clone()));
    context.run(|| {
        runtime.go_detached(closure);
        runtime.go_detached(async move { future() });
    });
    // Closures end in order on one thread, and what they hold goes with them.
    assert_eq!(runtime.go(|| ()).join().timeout(WATCHDOG).block(), Ok(()));
    drop(runtime);
    // A thread of tokio may still be dropping the future.
    until("the tasks are gone with all they held", || Arc::strong_count(&started) == 1);
    assert!(!started.load(Ordering::Relaxed));
}

#[test]
fn a_waiting_one_is_stopped_with_its_context() {
    /// Tells when it is dropped.
    struct Gone(gonex_sync::Sender<()>);
    impl Drop for Gone {
        fn drop(&mut self) {
            self.0.try_send(()).ok();
        }
    }
    let runtime = runtime();
    let (gone, is_gone) = channel::<()>(2);
    let (begun, has_begun) = channel::<()>(2);
    let (_never, nothing) = channel::<()>(0);
    let (context, canceller) = Context::background().with_cancel();
    context.run(|| {
        let (held, begun_here, from) = (Gone(gone.clone()), begun.clone(), nothing.clone());
        runtime.go_detached(move || {
            let _held = held;
            begun_here.try_send(()).unwrap();
            drop(from.recv().block());
        });
        let held = Gone(gone);
        runtime.go_detached(async move {
            let _held = held;
            begun.try_send(()).unwrap();
            drop(nothing.recv().await);
        });
    });
    for _ in 0..2 {
        assert_eq!(has_begun.recv().timeout(WATCHDOG).block(), Ok(()));
    }
    canceller.cancel("enough");
    for _ in 0..2 {
        assert_eq!(is_gone.recv().timeout(WATCHDOG).block(), Ok(()));
    }
}

#[test]
fn their_panics_harm_nobody() {
    struct Hostile;
    impl Drop for Hostile {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let runtime = runtime();
    runtime.go_detached(|| -> u8 { panic!("no luck") });
    runtime.go_detached(async { Hostile });
    runtime.go_detached(|| Hostile);
    assert_eq!(runtime.go(|| 7).join().timeout(WATCHDOG).block(), Ok(7));
    assert_eq!(runtime.go(async { 7 }).join().timeout(WATCHDOG).block(), Ok(7));
}
