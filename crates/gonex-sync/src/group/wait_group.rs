use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Op, Stop};

use super::{Counted, Token};
use crate::primitive::{Mutex, lock};
use crate::simulation::step;
use crate::wait::{Calls, Crowd, Key};

/// Counts what goes on, and waits until all of it is done; cheap to clone.
///
/// Clones are handles of the same group. [`token`](Self::token) and its kin count safely: what they
/// gave out counts until it is dropped, also by a panic. [`add`](Self::add) and
/// [`done`](Self::done) are Go's.
///
/// A group can be used again when it has come to zero; those who waited then are released, though
/// others may have been counted meanwhile.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use gonex_sync::WaitGroup;
///
/// static SUM: AtomicU32 = AtomicU32::new(0);
/// let group = WaitGroup::new();
/// for n in 1..=4 {
///     std::thread::spawn(group.wrap(move || SUM.fetch_add(n, Ordering::Relaxed)));
/// }
/// group.wait().block();
/// assert_eq!(SUM.load(Ordering::Relaxed), 10);
/// ```
#[derive(Clone)]
pub struct WaitGroup {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    state: Mutex<State>,
}

struct State {
    count: usize,
    /// How often the count has come to zero, so that who waited for it knows.
    rounds: u64,
    crowd: Crowd,
}

impl Shared {
    /// Changes the count, or says what it is if that cannot be.
    fn change(&self, delta: isize) -> Result<(), usize> {
        let mut calls = Calls::default();
        let mut state = lock(&self.state);
        let before = state.count;
        state.count = before.checked_add_signed(delta).ok_or(before)?;
        if state.count == 0 && before > 0 {
            state.rounds += 1;
            state.crowd.call_all(&mut calls);
        }
        drop(state);
        calls.wake();
        Ok(())
    }
}

impl WaitGroup {
    /// Makes a group in which nothing goes on.
    #[must_use]
    pub fn new() -> Self {
        let state = State { count: 0, rounds: 0, crowd: Crowd::new() };
        Self { shared: Arc::new(Shared { state: Mutex::new(state) }) }
    }

    /// Counts one more, until the token is dropped.
    ///
    /// ```
    /// let group = gonex_sync::WaitGroup::new();
    /// let token = group.token();
    /// assert_eq!(group.count(), 1);
    /// drop(token);
    /// group.wait().block();
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn token(&self) -> Token {
        self.add(1);
        Token::new(self.clone())
    }

    /// Makes a closure that counts from now until it has run, or is dropped.
    ///
    /// ```
    /// let group = gonex_sync::WaitGroup::new();
    /// let task = group.wrap(|| 7);
    /// assert_eq!((group.count(), task(), group.count()), (1, 7, 0));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn wrap<F, T>(&self, closure: F) -> impl FnOnce() -> T + use<F, T>
    where
        F: FnOnce() -> T,
    {
        let token = self.token();
        move || {
            // Also when the closure panics, and after what it holds is gone.
            let _token = token;
            closure()
        }
    }

    /// Makes a future that counts from now until it is done, or is dropped.
    ///
    /// ```
    /// use std::task::{Context, Poll, Waker};
    ///
    /// let group = gonex_sync::WaitGroup::new();
    /// let mut task = Box::pin(group.wrap_future(async { 7 }));
    /// assert_eq!(group.count(), 1);
    /// let mut cx = Context::from_waker(Waker::noop());
    /// assert_eq!(task.as_mut().poll(&mut cx), Poll::Ready(7));
    /// assert_eq!(group.count(), 0);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn wrap_future<F: Future>(&self, future: F) -> Counted<F> {
        Counted::new(self.token(), future)
    }

    /// Changes the count, as in Go: call it before what is counted can end.
    ///
    /// # Panics
    /// If the count would become negative, or too large; it stays as it was.
    ///
    /// ```
    /// let group = gonex_sync::WaitGroup::new();
    /// group.add(2);
    /// group.add(-1);
    /// assert_eq!(group.count(), 1);
    /// ```
    #[track_caller]
    pub fn add(&self, delta: isize) {
        step("count in", "wait group");
        if let Err(count) = self.shared.change(delta) {
            panic!(
                "the count of a wait group is {count} and cannot be changed by {delta}: call `add` \
                 before, and `done` once for each; a token does both"
            );
        }
    }

    /// Counts one less, as in Go.
    ///
    /// # Panics
    /// If the count is zero.
    ///
    /// ```
    /// let group = gonex_sync::WaitGroup::new();
    /// group.add(1);
    /// group.done();
    /// group.wait().block();
    /// ```
    #[track_caller]
    pub fn done(&self) {
        self.add(-1);
    }

    /// For a token. If somebody has called `done` too often, that one has panicked, or another will;
    /// a destructor should not.
    pub(super) fn give_back(&self) {
        self.shared.change(-1).ok();
    }

    /// The count, which may have changed when it is returned.
    ///
    /// ```
    /// assert_eq!(gonex_sync::WaitGroup::new().count(), 0);
    /// ```
    #[must_use]
    pub fn count(&self) -> usize {
        lock(&self.shared.state).count
    }

    /// Waits until the count is zero, now or once after this operation began to wait.
    ///
    /// It cannot fail. Under a limit it yields `Err(Stop)` when that is reached.
    ///
    /// # Cancel safety
    /// Dropping it leaves nothing behind.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::Stop;
    ///
    /// let group = gonex_sync::WaitGroup::new();
    /// let token = group.token();
    /// assert_eq!(group.wait().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    /// drop(token);
    /// group.wait().block();
    /// ```
    #[track_caller]
    pub fn wait(&self) -> Op<WaitGroupWait> {
        Op::new(WaitGroupWait { shared: self.shared.clone(), round: 0, key: None })
    }
}

impl Default for WaitGroup {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WaitGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroup").field("count", &self.count()).finish()
    }
}

/// The kind of [`WaitGroup::wait`].
#[must_use = "a wait does nothing until it is awaited or blocked on"]
pub struct WaitGroupWait {
    shared: Arc<Shared>,
    /// The round in which it began to wait.
    round: u64,
    key: Option<Key>,
}

impl WaitGroupWait {
    fn is_over(&self) -> bool {
        let state = lock(&self.shared.state);
        state.count == 0 || self.key.is_some() && state.rounds != self.round
    }
}

impl fmt::Debug for WaitGroupWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitGroupWait").field("waits", &self.key.is_some()).finish()
    }
}

impl Kind for WaitGroupWait {
    type Output = ();
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<()> {
        self.is_over().then_some(())
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut mine = Some(cx.waker().clone());
        let Self { shared, round, key } = &mut *self;
        let mut state = lock(&shared.state);
        if state.count == 0 || key.is_some() && state.rounds != *round {
            let left = state.crowd.leave(key);
            drop(state);
            drop(left);
            return Poll::Ready(());
        }
        *round = state.rounds;
        state.crowd.stand(key, &mut mine);
        drop(state);
        Poll::Pending
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) {
        if !self.is_over() {
            stop.unwind();
        }
    }

    fn withdraw(self: Pin<&mut Self>, stop: Stop) -> Result<(), Stop> {
        if self.is_over() { Ok(()) } else { Err(stop) }
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for").of("wait group")
    }
}

impl Drop for WaitGroupWait {
    fn drop(&mut self) {
        if self.key.is_some() {
            let left = lock(&self.shared.state).crowd.leave(&mut self.key);
            drop(left);
        }
    }
}
