use std::task::Waker;
use std::time::Instant;

use crate::context::{Context, Registration};
use crate::rt::{self, Timer};
use crate::{Cause, Stop};

/// What can stop an operation, and the places where its waker waits for that.
#[derive(Debug, Default)]
pub(super) struct Limits {
    deadline: Option<Instant>,
    within: Vec<Context>,
    watch: Option<Watch>,
}

/// The registrations of an operation that has been polled and was not ready.
#[derive(Debug)]
struct Watch {
    waker: Waker,
    /// The ambient context at the first poll; the task's, so it stays the same.
    ambient: Context,
    #[expect(dead_code, reason = "held until the operation ends")]
    contexts: Vec<Registration>,
    timer: Option<Timer>,
}

impl Limits {
    pub(super) fn until(&mut self, at: Instant) {
        self.deadline = Some(self.deadline.map_or(at, |earlier| earlier.min(at)));
    }

    pub(super) fn within(&mut self, context: &Context) {
        if !context.is_background() {
            self.within.push(context.clone());
        }
    }

    /// The limit that has been reached, if any. A cancellation goes before a time-out, since it
    /// carries a cause.
    pub(super) fn reached(&self) -> Option<Stop> {
        let ambient = self.watch.as_ref().map(|watch| &watch.ambient);
        let contexts = || self.within.iter().chain(ambient);
        let cancelled = contexts().find_map(Context::cancelled);
        cancelled.map(Stop::Cancelled).or_else(|| {
            let deadline = self.earliest_deadline()?;
            (deadline <= rt::now()).then_some(Stop::Timeout)
        })
    }

    /// When time alone will stop the operation.
    pub(super) fn earliest_deadline(&self) -> Option<Instant> {
        let ambient = self.watch.as_ref().map(|watch| &watch.ambient);
        let contexts = self.within.iter().chain(ambient).filter_map(Context::deadline);
        self.deadline.into_iter().chain(contexts).min()
    }

    /// Sees to it that `waker` is told when a limit is reached. With `timer` off the caller
    /// watches the deadline itself.
    pub(super) fn watch(&mut self, waker: &Waker, timer: bool) {
        if self.watch.as_ref().is_some_and(|watch| watch.waker.will_wake(waker)) {
            return;
        }
        let ambient = match self.watch.take() {
            Some(old) => old.ambient,
            None => Context::current(),
        };
        let contexts = self.within.iter().chain([&ambient]);
        let contexts = contexts.filter_map(|context| context.register(waker)).collect();
        self.watch = Some(Watch { waker: waker.clone(), ambient, contexts, timer: None });
        if timer && let Some(at) = self.earliest_deadline() {
            let timer = rt::timer(at, waker.clone());
            if let Some(watch) = &mut self.watch {
                watch.timer = Some(timer);
            }
        }
    }
}

impl Context {
    /// The cause, if this context was cancelled, as opposed to timed out.
    fn cancelled(&self) -> Option<Cause> {
        match self.stopped() {
            Some(Stop::Cancelled(cause)) => Some(cause),
            Some(Stop::Timeout) | None => None,
        }
    }
}
