use std::sync::{Arc, Weak};

use super::cell::{Cell, Ending};
use super::completer::Completer;
use super::handle::Handle;
use super::spec::Spec;

/// Who is told that the handle of a task has asked it to stop; for schedulers whose queues are bounded, and
/// should not be full of what nobody wants.
pub trait AskedToStop: Send + Sync {
    /// A task was asked to stop, by the thread that calls; its context has been cancelled before.
    fn asked_to_stop(&self);
}

/// A cell whose handle tells somebody.
struct Telling<T> {
    cell: Cell<T>,
    whom: Weak<dyn AskedToStop>,
}

impl<T: Send> Ending<T> for Telling<T> {
    fn cell(&self) -> &Cell<T> {
        &self.cell
    }

    fn asked_to_stop(&self) {
        if let Some(whom) = self.whom.upgrade() {
            whom.asked_to_stop();
        }
    }
}

/// Makes the two ends of a task, as [`pair`](super::pair) does, and has its handle tell somebody when it
/// [cancels](Handle::cancel) the task. What is cancelled by a context further up is told to nobody.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use std::sync::{Arc, Weak};
/// use gonex_core::Context;
/// use gonex_task::Spec;
/// use gonex_task::handle::{AskedToStop, pair_telling};
///
/// struct Queue(AtomicUsize);
///
/// impl AskedToStop for Queue {
///     fn asked_to_stop(&self) {
///         self.0.fetch_add(1, Ordering::Relaxed);
///     }
/// }
///
/// let queue = Arc::new(Queue(AtomicUsize::new(0)));
/// let whom: Arc<dyn AskedToStop> = queue.clone();
/// let spec = Spec::new(Context::background());
/// let (completer, handle) = pair_telling::<u8>(spec, Arc::downgrade(&whom));
/// handle.cancel("enough");
/// assert!(completer.stopped().is_some());
/// assert_eq!(queue.0.load(Ordering::Relaxed), 1);
/// ```
pub fn pair_telling<T: Send + 'static>(
    spec: Spec,
    whom: Weak<dyn AskedToStop>,
) -> (Completer<T>, Handle<T>) {
    let ending = Arc::new(Telling { cell: Cell::new(spec), whom });
    let handle = Handle::new(ending.clone());
    (Completer::to_cell(ending), handle)
}
