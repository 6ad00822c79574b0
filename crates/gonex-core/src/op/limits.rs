use std::task::Waker;
use std::time::Instant;

use crate::Stop;
use crate::context::{Context, Registration};
use crate::rt::{self, Timer};

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
    registrations: (Option<Registration>, Vec<Registration>, Option<Timer>),
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
    /// carries a cause. Without `ambient`, only explicit limits count.
    pub(super) fn reached(&self, ambient: bool) -> Option<Stop> {
        let cancelled = self.contexts(ambient).find_map(Context::cause);
        cancelled.map(Stop::Cancelled).or_else(|| {
            let deadline = self.earliest_deadline(ambient)?;
            (deadline <= rt::now()).then_some(Stop::Timeout)
        })
    }

    /// When time alone will stop the operation.
    pub(super) fn earliest_deadline(&self, ambient: bool) -> Option<Instant> {
        let contexts = self.contexts(ambient).filter_map(Context::deadline);
        self.deadline.into_iter().chain(contexts).min()
    }

    fn contexts(&self, ambient: bool) -> impl Iterator<Item = &Context> {
        let watch = self.watch.as_ref().filter(|_| ambient);
        self.within.iter().chain(watch.map(|watch| &watch.ambient))
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
        let explicit = self.within.iter().filter_map(|context| context.register(waker)).collect();
        let deadlines = self.within.iter().chain([&ambient]).filter_map(Context::deadline);
        let deadline = self.deadline.into_iter().chain(deadlines).min().filter(|_| timer);
        let timer = deadline.map(|at| rt::timer(at, waker.clone()));
        let registrations = (ambient.register(waker), explicit, timer);
        self.watch = Some(Watch { waker: waker.clone(), ambient, registrations });
    }
}
