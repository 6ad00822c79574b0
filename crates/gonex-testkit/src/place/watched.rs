use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use gonex_core::rt;

use super::cases::Case;
use super::making::Making;

/// Runs a case on a thread of its own, and does not wait for one that hangs.
pub(super) fn watched(
    case: &'static Case,
    making: Arc<Making>,
    limit: Duration,
) -> Result<(), String> {
    let (tell, told) = mpsc::channel();
    let body = move || {
        let run = || (case.run)(&making);
        let ended = panic::catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
            text.unwrap_or("it panicked without a message").to_owned()
        });
        let has_failed = ended.is_err();
        // Nobody listens any more where the limit is over.
        tell.send(ended).ok();
        if !has_failed {
            let end = || making.end();
            let ended = panic::catch_unwind(AssertUnwindSafe(end));
            tell.send(ended.map_err(|_| "the place panicked when it was dropped".to_owned())).ok();
        }
    };
    let thread = rt::spawn_thread(format!("case {}", case.name), body);
    drop(thread.expect("the system has a thread for the case"));
    let hangs = |what: &str| Err(format!("{what} within {limit:?}"));
    match told.recv_timeout(limit) {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => return Err(reason),
        Err(_) => return hangs("it hangs: it was not over"),
    }
    told.recv_timeout(limit).unwrap_or_else(|_| hangs("the place did not end"))
}
