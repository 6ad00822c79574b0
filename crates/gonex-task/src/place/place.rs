use std::num::NonZeroUsize;

use super::NotTaken;
use crate::PanicHook;
use crate::handle::{Completer, Handle, Priority, Spec, pair};
use crate::work::{EndableFuture, Job, Task, TaskFuture, Work};

/// Where tasks run: here and now ([`Inline`](super::Inline)), on the threads of a runtime, and later in
/// other processes and on other machines.
///
/// [`PlaceExt`](super::PlaceExt) is for whoever has work; this is for whoever writes a place, or makes one
/// of others. What a place owes to both is written down as tests, in
/// `gonex_testkit::place`.
///
/// A place is no component by itself. One that owns what has to be started and stopped, such as
/// processes, is a [`Component`](gonex_core::component::Component) beside being a place.
///
/// # To write a place
/// Take the task where [`Task::run`] may be called on it, and call it there, once: result, panic,
/// cancellation, context and time limits are seen to. A task that is dropped tells its handle that it is
/// [lost](crate::TaskError::Lost). A place that cannot take a task hands it back whole.
///
/// Who runs tasks on a bounded number of threads must reckon with tasks that wait for one another: see
/// [`Compensate`](gonex_core::rt::Compensate).
///
/// ```
/// use std::num::NonZeroUsize;
/// use gonex_core::rt;
/// use gonex_task::place::{NotTaken, Place, PlaceExt, Why};
/// use gonex_task::work::Task;
/// use gonex_task::PanicHook;
/// use std::sync::{Arc, Mutex};
///
/// /// A thread for each task.
/// struct Spawned;
///
/// impl Place for Spawned {
///     fn name(&self) -> &str {
///         "spawned"
///     }
///     fn parallelism(&self) -> NonZeroUsize {
///         NonZeroUsize::MAX
///     }
///     fn submit(&self, task: Task) -> Result<(), NotTaken> {
///         // Lent, to have it back if no thread starts.
///         let task = Arc::new(Mutex::new(Some(task)));
///         let theirs = task.clone();
///         let body = move || {
///             let task = theirs.lock().unwrap().take();
///             task.unwrap().run(PanicHook::Untouched);
///         };
///         match rt::spawn_thread("spawned".into(), body) {
///             Ok(_thread) => Ok(()),
///             Err(_) => {
///                 let task = task.lock().unwrap().take().unwrap();
///                 Err(task.not_taken(Why::Refused, "the system has no more threads; wait for some"))
///             }
///         }
///     }
/// }
///
/// assert_eq!(Spawned.go(|| 6 * 7).join().block(), Ok(42));
/// assert_eq!(Spawned.go(async { 6 * 7 }).join().block(), Ok(42));
///
/// // Which place it is can be left open.
/// let place: Arc<dyn Place> = Arc::new(Spawned);
/// assert_eq!(place.go_all((|| 1, async { "two" })).block(), Ok((1, "two")));
/// ```
pub trait Place: Send + Sync {
    /// What it is called in reports.
    fn name(&self) -> &str;

    /// How many tasks it runs at once, as far as that is known beforehand.
    fn parallelism(&self) -> NonZeroUsize;

    /// Takes a task, to be run once, and returns without waiting for it.
    ///
    /// # Errors
    /// The task itself, whole and not begun, with the reason: for another place, or to be
    /// [ended](NotTaken::end) with that reason.
    fn submit(&self, task: Task) -> Result<(), NotTaken>;

    /// What is done about panics of the futures that are handed in; by default nothing beside returning
    /// them.
    fn hook(&self) -> PanicHook {
        PanicHook::Untouched
    }

    /// Takes a future whose type is known. One that it does not take it [ends](EndableFuture::end).
    ///
    /// By default it is boxed and [submitted](Self::submit); for places that can do without the box.
    fn submit_future(&self, future: impl EndableFuture + Send + 'static, priority: Priority)
    where
        Self: Sized,
    {
        hand_in(self, Task::of(Work::Future(Box::pin(future)), priority));
    }

    /// Takes a closure. One that it does not take it [ends](Job::end).
    ///
    /// By default it is [submitted](Self::submit) as any task; for places to which closures come so often
    /// that to pack and unpack one counts.
    fn submit_closure(&self, job: Job, priority: Priority) {
        hand_in(self, Task::of(Work::Closure(job), priority));
    }

    /// Starts a future whose type is known, and yields its handle.
    ///
    /// By default the two share where the result goes, and the future is
    /// [taken](Self::submit_future) with that; for places whose executor keeps the result itself: see
    /// [`Returning`](crate::work::Returning).
    fn start_future<F>(&self, future: F, spec: Spec) -> Handle<F::Output>
    where
        Self: Sized,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        start_shared(self, future, spec)
    }

    /// Starts a future whose type is known, and which nobody will wait for. By default it is
    /// [taken](Self::submit_future).
    fn start_future_detached<F>(&self, future: F, spec: Spec)
    where
        Self: Sized,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        start_detached(self, future, spec);
    }
}

/// Starts a future in the way that every place has, for places that have another that is not always open:
/// what [`Place::start_future`] does by default.
///
/// ```
/// use gonex_core::Context;
/// use gonex_task::place::{Inline, start_shared};
/// use gonex_task::Spec;
///
/// let mut task = start_shared(&Inline, async { 6 * 7 }, Spec::new(Context::current()));
/// assert_eq!(task.join().block(), Ok(42));
/// ```
pub fn start_shared<F>(place: &impl Place, future: F, spec: Spec) -> Handle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let priority = spec.priority;
    let (completer, handle) = pair(spec);
    hand_in_future(place, future, completer, priority);
    handle
}

/// The same for a future that nobody will wait for: what [`Place::start_future_detached`] does by default.
///
/// ```
/// use std::sync::mpsc;
/// use gonex_core::Context;
/// use gonex_task::place::{Inline, start_detached};
/// use gonex_task::Spec;
///
/// let (tell, told) = mpsc::channel();
/// start_detached(&Inline, async move { tell.send(7) }, Spec::new(Context::current()));
/// assert_eq!(told.recv(), Ok(7));
/// ```
pub fn start_detached<F>(place: &impl Place, future: F, spec: Spec)
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let priority = spec.priority;
    hand_in_future(place, future, Completer::to_nobody(spec), priority);
}

/// Hands in a future with the end that takes its result.
pub(crate) fn hand_in_future<F>(
    place: &impl Place,
    future: F,
    completer: Completer<F::Output>,
    priority: Priority,
) where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let completer = completer.followed("future");
    place.submit_future(TaskFuture::new(future, completer, place.hook()), priority);
}

/// Hands a task in; one that is not taken ends with the reason.
pub(crate) fn hand_in(place: &(impl Place + ?Sized), task: Task) {
    if let Err(not_taken) = place.submit(task) {
        not_taken.end();
    }
}

/// A place can be chosen at run time.
const _: fn(&dyn Place, Task) -> Result<(), NotTaken> = |place, task| place.submit(task);
