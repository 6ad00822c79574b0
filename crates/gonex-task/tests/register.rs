//! Nothing is left in the register of the process, whatever order things happen in. It is alone here, since
//! it counts what the process has.
#![cfg(not(gonex_loom))]

use std::future::pending;

use gonex_core::Context;
use gonex_core::context::Register;
use gonex_core::rt::yield_now;
use gonex_task::work::Returning;
use gonex_task::{Handle, PanicHook, Spec};
use tokio::runtime::{Builder, Runtime};

fn go<F>(tokio: &Runtime, future: F) -> Handle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let spec = Spec::new(Context::background());
    let (task, handle) = Returning::new(future, spec, PanicHook::Untouched);
    handle.attach(tokio.spawn(task))
}

#[test]
fn a_storm_of_cancels_leaves_nothing_behind() {
    let tokio = Builder::new_multi_thread().worker_threads(2).build().unwrap();
    for round in 0..2_000_u32 {
        // Before the start, within the first poll, while it waits, at the end: whatever it hits.
        let mut ends = go(&tokio, async {});
        let waits = go(&tokio, pending::<()>());
        let yields = go(&tokio, yield_now());
        for task in [&waits, &yields] {
            task.cancel("enough");
        }
        ends.cancel("enough");
        if round % 2 == 0 {
            ends.join().block().ok();
        }
        drop((ends, waits, yields));
    }
    let mut last = go(&tokio, async {});
    last.join().block().unwrap();
    drop(tokio);
    // Those that were cancelled at their very end, without a handle, are seen to by the next such.
    let (entered, early) = Register::of_process().counts();
    assert!(entered <= 16 && early <= 16, "{entered} entered, {early} early");
}
