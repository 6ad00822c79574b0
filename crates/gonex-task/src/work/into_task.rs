use std::future::Future;

use super::future::TaskFuture;
use super::job::{EndableFuture, Job};
use crate::PanicHook;
use crate::handle::{Completer, Handle, Priority, Spec, pair};

/// What takes tasks: the scheduler of a runtime, a place.
pub trait Spawner {
    /// What is done about panics.
    fn hook(&self) -> PanicHook;

    /// Takes a closure, to be run once; one that it refuses it [ends](Job::end) with the reason.
    fn spawn_closure(&self, job: Job, priority: Priority);

    /// Takes a future, to be polled; one that it refuses it [ends](EndableFuture::end).
    fn spawn_future(&self, future: impl EndableFuture + Send + 'static);
}

/// What `go` takes: a closure `FnOnce() -> T`, or a future with output `T`.
///
/// `Marker` tells the two apart for the compiler and is always inferred.
///
/// A closure that returns a future, `|| async { … }`, is a closure: it runs at once and its future
/// is the result, which nothing polls. Write `async { … }` instead.
pub trait IntoTask<Marker> {
    /// What the task yields.
    type Output: Send + 'static;

    /// Hands it to a spawner.
    fn start(self, spec: Spec, spawner: &impl Spawner) -> Handle<Self::Output>;

    /// Hands it to a spawner, with the end that takes its result.
    fn start_with(
        self,
        completer: Completer<Self::Output>,
        priority: Priority,
        spawner: &impl Spawner,
    );

    /// Hands it to a spawner, for nobody to wait for.
    fn start_detached(self, spec: Spec, spawner: &impl Spawner)
    where
        Self: Sized,
    {
        let priority = spec.priority;
        self.start_with(Completer::to_nobody(spec), priority, spawner);
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

    fn start(self, spec: Spec, spawner: &impl Spawner) -> Handle<T> {
        let priority = spec.priority;
        let (job, handle) = Job::new(self, spec);
        spawner.spawn_closure(job, priority);
        handle
    }

    fn start_with(self, completer: Completer<T>, priority: Priority, spawner: &impl Spawner) {
        let completer = completer.followed("closure");
        spawner.spawn_closure(Job::with_completer(self, completer), priority);
    }
}

impl<F> IntoTask<FutureMarker> for F
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    type Output = F::Output;

    fn start(self, spec: Spec, spawner: &impl Spawner) -> Handle<F::Output> {
        let priority = spec.priority;
        let (completer, handle) = pair(spec);
        self.start_with(completer, priority, spawner);
        handle
    }

    fn start_with(self, completer: Completer<F::Output>, _: Priority, spawner: &impl Spawner) {
        let completer = completer.followed("future");
        spawner.spawn_future(TaskFuture::new(self, completer, spawner.hook()));
    }
}
