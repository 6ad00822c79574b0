use std::future::Future;

use super::job::Job;
use crate::handle::{Completer, Handle, Priority, Spec};
use crate::place::{Place, hand_in_future};

/// What `go` takes: a closure `FnOnce() -> T`, or a future with output `T`.
///
/// `Marker` tells the two apart for the compiler and is always inferred.
///
/// A closure that returns a future, `|| async { … }`, is a closure: it runs at once and its future
/// is the result, which nothing polls. Write `async { … }` instead.
pub trait IntoTask<Marker> {
    /// What the task yields.
    type Output: Send + 'static;

    /// Hands it to a place.
    fn start(self, spec: Spec, place: &impl Place) -> Handle<Self::Output>;

    /// Hands it to a place, with the end that takes its result.
    fn start_with(self, completer: Completer<Self::Output>, priority: Priority, place: &impl Place);

    /// Hands it to a place, for nobody to wait for.
    fn start_detached(self, spec: Spec, place: &impl Place)
    where
        Self: Sized,
    {
        let priority = spec.priority;
        self.start_with(Completer::to_nobody(spec), priority, place);
    }
}

/// Marks closures for [`IntoTask`].
#[derive(Debug)]
pub enum ClosureMarker {}

/// Marks futures for [`IntoTask`].
#[derive(Debug)]
pub enum FutureMarker {}

impl<F, T> IntoTask<ClosureMarker> for F
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    type Output = T;

    fn start(self, spec: Spec, place: &impl Place) -> Handle<T> {
        let priority = spec.priority;
        let (job, handle) = Job::new(self, spec);
        place.submit_closure(job, priority);
        handle
    }

    fn start_with(self, completer: Completer<T>, priority: Priority, place: &impl Place) {
        let completer = completer.followed("closure");
        let job = Job::with_completer(self, completer);
        place.submit_closure(job, priority);
    }

    fn start_detached(self, spec: Spec, place: &impl Place) {
        let priority = spec.priority;
        let job = Job::detached(self, spec);
        place.submit_closure(job, priority);
    }
}

impl<F> IntoTask<FutureMarker> for F
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    type Output = F::Output;

    fn start(self, spec: Spec, place: &impl Place) -> Handle<F::Output> {
        place.start_future(self, spec)
    }

    fn start_detached(self, spec: Spec, place: &impl Place) {
        place.start_future_detached(self, spec);
    }

    fn start_with(self, completer: Completer<F::Output>, priority: Priority, place: &impl Place) {
        hand_in_future(place, self, completer, priority);
    }
}
