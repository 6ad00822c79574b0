use std::process;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Runs a check; names it when it fails, and ends the process when it hangs.
pub(crate) fn named(name: &str, check: fn()) {
    let (done, waiting) = mpsc::channel::<()>();
    let watched = name.to_owned();
    let dog = thread::spawn(move || {
        if waiting.recv_timeout(Duration::from_secs(60)) == Err(RecvTimeoutError::Timeout) {
            eprintln!("hangs: {watched}");
            process::abort();
        }
    });
    let result = std::panic::catch_unwind(check);
    drop(done);
    dog.join().unwrap();
    if let Err(panic) = result {
        eprintln!("fails: {name}");
        std::panic::resume_unwind(panic);
    }
}
