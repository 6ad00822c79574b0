use std::fmt;
use std::mem;
use std::sync::Arc;
use std::task::{Wake, Waker};

use super::Context;
use super::node::{Node, WeakNode, upgrade};
use crate::insight::Outside;
use crate::primitive::{self, Mutex, lock};
use crate::rt::{self, Timer};

type Function = Box<dyn FnOnce() + Send>;

/// A function that waits for a context to stop.
///
/// # Invariants
/// `function` is taken once, by who runs it or prevents it; from then on `place` and `timer` are
/// empty, or whoever fills them finds that and empties them again.
///
/// # Deadlock safety
/// The lock is a leaf: functions, timers and places are taken out and let go of outside it.
pub(super) struct Waiting {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    function: Option<Function>,
    /// Where the context's node keeps it. The node may be gone before the function, see `Node`'s
    /// destructor.
    place: Option<(WeakNode, usize)>,
    /// The context's deadline, and that time may do something nobody registered.
    timer: Option<(Timer, Outside)>,
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a function")
    }
}

impl Waiting {
    /// Runs the function, unless it has been run or prevented. A panic is left to the panic hook.
    pub(super) fn run(&self) {
        if let Some(function) = self.take() {
            let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(function));
            ran.unwrap_or_else(primitive::discard);
        }
    }

    fn take(&self) -> Option<Function> {
        let State { function, place, timer } = mem::take(&mut *lock(&self.state));
        drop(timer);
        if let Some((node, key)) = place
            && let Some(node) = upgrade(&node)
        {
            node.forget(key);
        }
        function
    }

    /// Says where it is kept from now on; `false` if it need not be kept any more.
    pub(super) fn keep(&self, node: WeakNode, key: usize) -> bool {
        let mut state = lock(&self.state);
        let waits = state.function.is_some();
        let before = if waits { state.place.replace((node, key)) } else { None };
        drop(state);
        drop(before);
        waits
    }

    fn keep_timer(&self, timer: Timer) {
        let mut timer = Some((timer, Outside::new()));
        let mut state = lock(&self.state);
        if state.function.is_some() {
            mem::swap(&mut state.timer, &mut timer);
        }
        drop(state);
        drop(timer);
    }
}

/// Runs it when its timer fires.
impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.run();
    }
}

/// A function that runs when its context stops; made by [`Context::after_func`].
///
/// Dropping it changes nothing: the function still runs.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use gonex_core::Context;
///
/// let ran = Arc::new(AtomicBool::new(false));
/// let mark = ran.clone();
/// let (context, canceller) = Context::background().with_cancel();
/// drop(context.after_func(move || mark.store(true, Ordering::Relaxed)));
/// canceller.cancel("enough");
/// assert!(ran.load(Ordering::Relaxed));
/// ```
#[derive(Clone, Debug)]
pub struct AfterFunc {
    waiting: Arc<Waiting>,
}

impl AfterFunc {
    /// Prevents the function from being run, and drops it.
    ///
    /// Returns whether it was this call that prevented it: `false` says that it has been run, is
    /// running, or was prevented before. It does not wait for a function that is running.
    ///
    /// ```
    /// use gonex_core::Context;
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// let prevented = context.after_func(|| unreachable!("it is prevented in time"));
    /// assert!(prevented.stop());
    /// assert!(!prevented.stop(), "it was prevented before");
    /// canceller.cancel("enough");
    /// ```
    pub fn stop(&self) -> bool {
        self.waiting.take().is_some()
    }
}

impl Context {
    /// Has a function run once this context stops, be it cancelled or timed out.
    ///
    /// It runs on the thread that cancels, or on that of the timers, so it should be short and must
    /// not wait; to do more, it can start a task. If the context has stopped already, it runs here
    /// and now. A panic in it reaches nobody but the panic hook.
    ///
    /// The function of a context that can no longer stop is dropped. It keeps no context alive.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use gonex_core::Context;
    ///
    /// let (context, canceller) = Context::background().with_cancel();
    /// let (sent, received) = mpsc::channel();
    /// let other = sent.clone();
    /// let prevented = context.after_func(move || other.send("never").unwrap());
    /// context.after_func(move || sent.send("stopped").unwrap());
    /// assert!(prevented.stop());
    ///
    /// canceller.cancel("enough");
    /// assert_eq!(received.iter().collect::<Vec<_>>(), ["stopped"]);
    /// assert!(!prevented.stop(), "it was prevented before");
    /// ```
    pub fn after_func(&self, function: impl FnOnce() + Send + 'static) -> AfterFunc {
        let state = State { function: Some(Box::new(function)), ..State::default() };
        let waiting = Arc::new(Waiting { state: Mutex::new(state) });
        if let Some(node) = self.node() {
            Node::keep(node, &waiting);
            if let Some(at) = self.deadline() {
                waiting.keep_timer(rt::timer(at, Waker::from(waiting.clone())));
            }
            // Looked at last, so that a stop in between is not missed.
            if self.stopped().is_some() {
                waiting.run();
            }
        }
        AfterFunc { waiting }
    }
}
