use std::task::Waker;

use gonex_core::Instant;
use gonex_core::rt::{self, Timer};

/// The timer of an operation, set anew when its time or its waker changes.
#[derive(Debug, Default)]
pub(crate) struct Alarm {
    set: Option<(Instant, Waker, Timer)>,
}

impl Alarm {
    /// Whether the time has come; if not, the waker is told when it has.
    pub(crate) fn poll(&mut self, at: Instant, waker: &Waker) -> bool {
        if at <= rt::now() {
            self.set = None;
            return true;
        }
        let known = |(set, told, _): &(Instant, Waker, Timer)| *set == at && told.will_wake(waker);
        if !self.set.as_ref().is_some_and(known) {
            self.set = Some((at, waker.clone(), rt::timer(at, waker.clone())));
        }
        false
    }

    /// Calls the timer off.
    pub(crate) fn clear(&mut self) {
        self.set = None;
    }
}
