use std::fmt;
use std::io;
use std::pin::pin;
use std::process;
use std::task::Poll;

use gonex_core::rt::{self, Blocked};
use gonex_core::{Canceller, Context, Kind};
use tokio::signal::windows::ctrl_c;

use super::Signal;
use super::context::Told;

/// What a process that Ctrl-C has ended says: `STATUS_CONTROL_C_EXIT`.
const ENDED_BY_CTRL_C: i32 = 0xC000_013A_u32 as i32;

/// A thread that waits for Ctrl-C; dropping this ends it.
///
/// The way to the system is tokio's, which takes no runtime here, and lets Ctrl-C mean what it did before
/// once nobody waits for it.
pub(super) struct Listening {
    closer: Canceller,
}

impl Listening {
    /// Whether there is such a signal here.
    pub(super) fn exists(signal: Signal) -> bool {
        signal == Signal::Interrupt
    }

    pub(super) fn begin(_signals: &[Signal], mut told: Told) -> io::Result<Self> {
        let mut incoming = ctrl_c()?;
        let (open, closer) = Context::background().with_cancel();
        let own = Self { closer };
        let wait = move || {
            let mut closed = pin!(open.done().into_kind());
            rt::block(|cx| {
                while closed.as_mut().poll(cx).is_pending() {
                    let Poll::Ready(Some(())) = incoming.poll_recv(cx) else {
                        return Blocked::Until(None);
                    };
                    if told.ends_now() {
                        process::exit(ENDED_BY_CTRL_C);
                    }
                    told.of(Signal::Interrupt);
                }
                Blocked::Done(())
            });
        };
        // Ctrl-C belongs to the process, and not to the test or simulation that listens for it.
        rt::enter_shared(|| rt::spawn_thread("gonex-signals".to_owned(), wait))?;
        Ok(own)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // It is not waited for: this may be its own thread, in whatever the cancellation woke.
        self.closer.cancel("nobody listens any more");
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").finish_non_exhaustive()
    }
}
