use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use gonex_core::rt;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use signal_hook::{SigId, flag, low_level};

use super::Signal;
use super::context::Told;
use super::usual::Unusual;

pub(super) fn number(signal: Signal) -> i32 {
    match signal {
        Signal::Interrupt => SIGINT,
        Signal::Terminate => SIGTERM,
        Signal::Hangup => SIGHUP,
    }
}

fn signal_of(number: i32) -> Option<Signal> {
    let all = [Signal::Interrupt, Signal::Terminate, Signal::Hangup];
    all.into_iter().find(|signal| self::number(*signal) == number)
}

/// A thread that waits for signals; dropping this ends it.
pub(super) struct Listening {
    /// `None` until the thread has been made.
    thread: Option<Handle>,
    /// What is done in the handler of the system, before the thread is told.
    handled: Vec<SigId>,
    /// After the rest, so that no signal meets nobody.
    _unusual: Vec<Unusual>,
}

impl Listening {
    /// Whether there is such a signal here.
    pub(super) fn exists(_signal: Signal) -> bool {
        true
    }

    pub(super) fn begin(signals: &[Signal], mut told: Told) -> io::Result<Self> {
        // On the way out of here by an error, what has been done is undone by dropping it.
        let mut own = Self { thread: None, handled: Vec::new(), _unusual: Vec::new() };
        for signal in signals {
            own._unusual.push(Unusual::begin(*signal)?);
        }
        // The look comes before the mark, in the order of registration: so the first signal finds
        // none, and the second one finds it even if no thread has run meanwhile.
        let heard = Arc::new(AtomicBool::new(false));
        for signal in signals.iter().filter(|_| told.ends_again()) {
            let number = number(*signal);
            own.handled.push(flag::register_conditional_default(number, heard.clone())?);
        }
        for signal in signals.iter().filter(|_| told.ends_again()) {
            own.handled.push(flag::register(number(*signal), heard.clone())?);
        }
        let mut incoming = Signals::new(signals.iter().map(|signal| number(*signal)))?;
        own.thread = Some(incoming.handle());
        // A signal belongs to the process, and not to the test or simulation that listens for it.
        rt::enter_shared(|| {
            rt::spawn_thread("gonex-signals".to_owned(), move || {
                incoming.forever().filter_map(signal_of).for_each(|signal| told.of(signal));
            })
        })?;
        Ok(own)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // It is not waited for: this may be its own thread, in whatever the cancellation woke.
        self.thread.iter().for_each(Handle::close);
        for id in self.handled.drain(..) {
            low_level::unregister(id);
        }
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listening").finish_non_exhaustive()
    }
}
