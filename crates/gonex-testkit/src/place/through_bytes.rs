use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use gonex_core::primitive::lock_std;
use gonex_core::{AfterFunc, Cause, Context, Stop};
use gonex_task::place::NotTaken;
use gonex_task::portable::wire::BuildId;
use gonex_task::portable::{AfterReply, PortableTask, Respond, Serving};
use gonex_task::{PanicHook, Place, Task, TaskError};

/// The most bytes that a call may have.
const LIMIT: usize = 64 << 20;

/// A place to which calls get only as bytes, and from which their results come back so: it does all that
/// another process does, but for being one.
///
/// Closures and futures go to the place inside as they are.
///
/// ```
/// use gonex_task::{Inline, PlaceExt, task};
/// use gonex_testkit::place::ThroughBytes;
///
/// #[task(crate = gonex_task)]
/// fn double(n: u32) -> u32 {
///     2 * n
/// }
///
/// let place = ThroughBytes::new(Inline);
/// assert_eq!(place.go(double::call(21)).join().block(), Ok(42));
/// assert_eq!(place.of_another_build().go(double::call(21)).join().block(), Ok(42));
/// ```
#[derive(Clone, Debug)]
pub struct ThroughBytes<P> {
    inner: P,
    build: BuildId,
}

impl<P: Place> ThroughBytes<P> {
    /// A place behind bytes, of the same build as this program.
    #[must_use]
    pub fn new(inner: P) -> Self {
        Self { inner, build: BuildId::current() }
    }

    /// The same, of another build: what gets there describes itself.
    #[must_use]
    pub fn of_another_build(mut self) -> Self {
        self.build = BuildId::UNKNOWN;
        self
    }
}

impl<P: Place> Place for ThroughBytes<P> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn parallelism(&self) -> NonZeroUsize {
        self.inner.parallelism()
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        let mut call = match task.into_call() {
            Ok(call) => call,
            Err(task) => return self.inner.submit(task),
        };
        let message = match call.send(self.build, LIMIT) {
            Ok(message) => message,
            Err(error) => return call.unsent(error),
        };
        // Nothing of the caller's is there, but what travels.
        let serving = Context::background().run(|| Serving::read(message));
        let serving = match serving {
            Ok(serving) => serving,
            Err(error) => {
                call.end(TaskError::unreadable(error.to_string()));
                return Ok(());
            }
        };
        let (context, canceller) = (call.context(), serving.canceller().clone());
        // The text of a cause travels, and not the cause.
        let stopped = context.clone();
        let told = Told(context.after_func(move || {
            if let Some(Stop::Cancelled(cause)) = stopped.stopped() {
                canceller.cancel(Cause::from(cause.to_string()));
            }
        }));
        let desk = Arc::new(Mutex::new(Desk::Open));
        serving.run(&self.inner, Back { call, told, desk: desk.clone() });
        let left = std::mem::replace(&mut *lock_std(&desk), Desk::Closed);
        match left {
            Desk::Refused(not_taken) => Err(not_taken),
            Desk::Open | Desk::Closed => Ok(()),
        }
    }

    fn hook(&self) -> PanicHook {
        self.inner.hook()
    }
}

/// Where a call lies that was refused, while somebody looks.
enum Desk {
    Open,
    Refused(NotTaken),
    Closed,
}

/// Has the other end told that the call has stopped, until it is dropped: the function holds the context
/// which holds it.
struct Told(AfterFunc);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// The way back of a reply.
struct Back {
    call: PortableTask,
    told: Told,
    desk: Arc<Mutex<Desk>>,
}

impl Respond for Back {
    fn begins(&mut self) -> bool {
        self.call.begins();
        true
    }

    fn reply(self, message: Vec<u8>) {
        let Self { call, told, desk } = self;
        drop(told);
        match call.reply(&message) {
            Ok(AfterReply::Ended) => {}
            // There is nobody else to send it to.
            Ok(AfterReply::Again(call)) => drop(call),
            Ok(AfterReply::NotTaken(not_taken)) => {
                let mut desk = lock_std(&desk);
                if matches!(*desk, Desk::Open) {
                    *desk = Desk::Refused(not_taken);
                } else {
                    drop(desk);
                    not_taken.end();
                }
            }
            Err(bad) => bad.task.end(TaskError::unreadable(bad.why.to_string())),
        }
    }
}
