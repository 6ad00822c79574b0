use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Op, Stop};

use crate::constant::constant;
use crate::primitive::{Mutex, lock};
use crate::wait::{Calls, Crowd, Key};

/// A point at which a number of parties wait until all have come; then it begins anew.
///
/// ```
/// use gonex_sync::Barrier;
///
/// let barrier = Barrier::new(3);
/// let leaders = std::thread::scope(|scope| {
///     let parties = [(); 3].map(|()| scope.spawn(|| barrier.wait().block().is_leader()));
///     parties.map(|party| party.join().unwrap()).into_iter().filter(|leads| *leads).count()
/// });
/// assert_eq!(leaders, 1);
/// ```
pub struct Barrier {
    parties: usize,
    state: Mutex<State>,
}

struct State {
    arrived: usize,
    /// How often all have come.
    rounds: u64,
    crowd: Crowd,
}

/// What a party learns when all have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    leads: bool,
}

impl Passed {
    /// Whether this party came last. One of each round does.
    ///
    /// ```
    /// assert!(gonex_sync::Barrier::new(1).wait().block().is_leader());
    /// ```
    #[must_use]
    pub fn is_leader(self) -> bool {
        self.leads
    }
}

impl Barrier {
    constant! {
        /// Makes a barrier for so many parties. One for nobody is passed by everybody, as one for a
        /// single party.
        #[must_use]
        pub const fn new(parties: usize) -> Self {
            let state = State { arrived: 0, rounds: 0, crowd: Crowd::new() };
            Self { parties, state: Mutex::new(state) }
        }
    }

    /// Arrives, at the first poll, and waits until all have come.
    ///
    /// Under a limit it yields `Err(Stop)` when that is reached, and then the party has not come. If
    /// all have come just then, it yields `Ok`, so that no two parties disagree.
    ///
    /// # Cancel safety
    /// Dropped before all have come, the party has not come, and the others wait for one more.
    ///
    /// # Panics
    /// When the ambient context stops it, it unwinds to the border of the task; without one it is a
    /// panic.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::Stop;
    ///
    /// let barrier = gonex_sync::Barrier::new(2);
    /// assert_eq!(barrier.wait().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    /// assert_eq!(barrier.arrived(), 0);
    /// ```
    #[track_caller]
    pub fn wait(&self) -> Op<BarrierWait<'_>> {
        Op::new(BarrierWait { barrier: self, round: 0, key: None })
    }

    /// The number of parties that wait, which may have changed when it is returned.
    ///
    /// ```
    /// assert_eq!(gonex_sync::Barrier::new(2).arrived(), 0);
    /// ```
    #[must_use]
    pub fn arrived(&self) -> usize {
        lock(&self.state).arrived
    }

    /// The number of parties of each round.
    ///
    /// ```
    /// assert_eq!(gonex_sync::Barrier::new(2).parties(), 2);
    /// ```
    #[must_use]
    pub fn parties(&self) -> usize {
        self.parties
    }
}

impl fmt::Debug for Barrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("parties", &self.parties)
            .field("arrived", &self.arrived())
            .finish()
    }
}

/// The kind of [`Barrier::wait`].
#[must_use = "a party comes when it is awaited or blocked on"]
pub struct BarrierWait<'a> {
    barrier: &'a Barrier,
    /// The round in which it came.
    round: u64,
    key: Option<Key>,
}

impl BarrierWait<'_> {
    /// Goes away. Whether all had come before.
    fn leave(&mut self) -> bool {
        if self.key.is_none() {
            return false;
        }
        let mut state = lock(&self.barrier.state);
        let passed = state.rounds != self.round;
        if !passed {
            state.arrived -= 1;
        }
        let left = state.crowd.leave(&mut self.key);
        drop(state);
        drop(left);
        passed
    }
}

impl fmt::Debug for BarrierWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BarrierWait").field("waits", &self.key.is_some()).finish()
    }
}

impl Drop for BarrierWait<'_> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Kind for BarrierWait<'_> {
    type Output = Passed;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Passed> {
        let (mut calls, mut mine) = (Calls::default(), Some(cx.waker().clone()));
        let Self { barrier, round, key } = &mut *self;
        let mut state = lock(&barrier.state);
        if key.is_none() {
            if state.arrived + 1 >= barrier.parties {
                state.arrived = 0;
                state.rounds += 1;
                state.crowd.call_all(&mut calls);
                drop(state);
                calls.wake();
                return Poll::Ready(Passed { leads: true });
            }
            state.arrived += 1;
            *round = state.rounds;
        } else if state.rounds != *round {
            let left = state.crowd.leave(key);
            drop(state);
            drop(left);
            return Poll::Ready(Passed { leads: false });
        }
        state.crowd.stand(key, &mut mine);
        drop(state);
        Poll::Pending
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Passed {
        if self.leave() { Passed { leads: false } } else { stop.unwind() }
    }

    fn withdraw(mut self: Pin<&mut Self>, stop: Stop) -> Result<Passed, Stop> {
        if self.leave() { Ok(Passed { leads: false }) } else { Err(stop) }
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("wait at").of("barrier")
    }
}
