use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;
use std::time::Duration;

use gonex_core::rt;

/// Runs a case on a thread of its own, and does not wait for one that hangs. `end` lets go of what the
/// case has used, called `what`, after it is known that the case itself is over.
pub(crate) fn watched(
    name: &str,
    what: &'static str,
    limit: Duration,
    run: impl FnOnce() + Send + 'static,
    end: impl FnOnce() + Send + 'static,
) -> Result<(), String> {
    let (tell, told) = mpsc::channel();
    let body = move || {
        let ended = panic::catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            text.unwrap_or("it panicked without a message").to_owned()
        });
        let has_failed = ended.is_err();
        // Nobody listens any more where the limit is over.
        tell.send(ended).ok();
        if !has_failed {
            let ended = panic::catch_unwind(AssertUnwindSafe(end));
            tell.send(ended.map_err(|_| format!("{what} panicked when it was dropped"))).ok();
        }
    };
    let thread = rt::spawn_thread(format!("case {name}"), body);
    drop(thread.expect("the system has a thread for the case"));
    let hangs = |what: &str| Err(format!("{what} within {limit:?}"));
    match told.recv_timeout(limit) {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => return Err(reason),
        Err(_) => return hangs("it hangs: it was not over"),
    }
    told.recv_timeout(limit).unwrap_or_else(|_| hangs(&format!("{what} did not end")))
}
