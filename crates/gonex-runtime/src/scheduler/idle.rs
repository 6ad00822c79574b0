//! Where threads without work and cores without threads meet.
//!
//! A runtime has as many *cores* as it may use; a core is the right to run closures, and the queue
//! that goes with it. Whoever runs closures holds one. A thread that is about to be parked by an
//! operation lays its core down here, and another takes it up; when the operation is over the thread
//! goes on at once, with a core if one lies here, else *beside* the cores until its closure ends.
//! So no closure waits for another to end, and the cores are overbooked for no longer than that.
//!
//! # No work is left lying
//! While work is queued and a core lies here, somebody *searches*, or more threads than there are
//! cores run beside them and will look here when they end or are parked.
//!
//! - Who queues work looks, after a fence, whether a core lies here and nobody searches, and then has
//!   one taken up ([`notify`](Idle::notify)).
//! - Who lays a core down, or ends its search, looks for work after a fence. So of the two at least
//!   one sees the other.
//! - Who finds work while searching, as the last who searched, has another take up the search.
//!
//! # Invariants
//! `laid_down` is the number of cores in the state and is written under its lock, and so is `beside`.
//! A thread is in `spares` while it waits to be handed a core, and out of it once it has been.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use gonex_core::primitive::atomic::{AtomicUsize, Ordering, fence};
use gonex_core::primitive::{Mutex, lock};

/// What is in the module's description.
#[derive(Debug)]
pub(crate) struct Idle<C> {
    laid_down: AtomicUsize,
    searching: AtomicUsize,
    beside: AtomicUsize,
    /// Threads that wait whatever the bound says: so many more may be started.
    beyond: AtomicUsize,
    cores: usize,
    max_blocked: usize,
    state: Mutex<State<C>>,
}

#[derive(Debug)]
struct State<C> {
    cores: Vec<C>,
    spares: Vec<Arc<Seat<C>>>,
    /// All threads, wherever they are.
    threads: usize,
    blocked: usize,
    closing: bool,
}

/// Where a thread waits to be handed a core.
#[derive(Debug)]
pub(crate) struct Seat<C> {
    place: Mutex<Place<C>>,
}

#[derive(Debug)]
struct Place<C> {
    handed: Option<C>,
    /// It is not needed any more.
    dismissed: bool,
    waker: Option<Waker>,
}

/// What is to be done to have a core taken up, outside all locks.
#[derive(Debug)]
#[must_use]
pub(crate) enum Take<C> {
    /// Nothing: nobody is needed.
    Nothing,
    /// Wake a thread that has been handed it.
    Wake(Waker),
    /// Start a thread with it.
    Start(C),
    /// There is nobody, and no thread may be started.
    AtBound,
}

/// How many threads there are, and what they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) threads: usize,
    pub(crate) blocked: usize,
    pub(crate) spare: usize,
    pub(crate) laid_down: usize,
    /// The cores that are held, those of threads that search among them.
    pub(crate) held: usize,
    /// The threads that run a closure beside the cores.
    pub(crate) beside: usize,
}

impl Census {
    /// How many threads have a closure, or may have one.
    pub(crate) fn occupied(&self) -> usize {
        self.held + self.blocked + self.beside
    }
}

impl<C> Seat<C> {
    pub(crate) fn new() -> Arc<Self> {
        let place = Place { handed: None, dismissed: false, waker: None };
        Arc::new(Self { place: Mutex::new(place) })
    }

    /// Waits for a core; `None` when the thread is not needed any more.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<C>> {
        let mut place = lock(&self.place);
        if let Some(core) = place.handed.take() {
            return Poll::Ready(Some(core));
        }
        if place.dismissed {
            return Poll::Ready(None);
        }
        // The wakers are parkers of the workers' own threads, no code of users.
        place.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    fn tell(&self, change: impl FnOnce(&mut Place<C>)) -> Option<Waker> {
        let mut place = lock(&self.place);
        change(&mut place);
        place.waker.take()
    }
}

impl<C> Idle<C> {
    /// Makes the place with all cores in it, and no thread.
    pub(crate) fn new(cores: Vec<C>, max_blocked: usize) -> Self {
        let count = cores.len();
        let state = State { cores, spares: Vec::new(), threads: 0, blocked: 0, closing: false };
        Self {
            laid_down: AtomicUsize::new(count),
            searching: AtomicUsize::new(0),
            beside: AtomicUsize::new(0),
            beyond: AtomicUsize::new(0),
            cores: count,
            max_blocked,
            state: Mutex::new(state),
        }
    }

    pub(crate) fn max_blocked(&self) -> usize {
        self.max_blocked
    }

    /// This thread will wait whatever the bound says, or has done so.
    pub(crate) fn goes_beyond(&self, goes: bool) {
        // Relaxed: it is looked at under the lock, which the thread takes in between.
        if goes {
            self.beyond.fetch_add(1, Ordering::Relaxed);
        } else {
            self.beyond.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Has a core taken up if need be; for whoever has queued work.
    pub(crate) fn notify(&self) -> Take<C> {
        if self.is_anybody_needed() { self.hand_out() } else { Take::Nothing }
    }

    /// Whether a core lies here and nobody searches; for whoever has queued work.
    #[inline]
    pub(crate) fn is_anybody_needed(&self) -> bool {
        fence(Ordering::SeqCst);
        // Relaxed, here and there: the fences order the looks with the changes.
        self.laid_down.load(Ordering::Relaxed) > 0 && self.searching.load(Ordering::Relaxed) == 0
    }

    /// Has a core taken up if [somebody is needed](Self::is_anybody_needed).
    pub(crate) fn hand_out(&self) -> Take<C> {
        let mut state = lock(&self.state);
        if self.searching.load(Ordering::Relaxed) > 0 || self.is_overbooked() {
            return Take::Nothing;
        }
        let Some(core) = state.cores.pop() else { return Take::Nothing };
        let spare = state.spares.pop();
        let most = self.cores + self.max_blocked + self.beyond.load(Ordering::Relaxed);
        if spare.is_none() && state.threads >= most {
            state.cores.push(core);
            return Take::AtBound;
        }
        self.laid_down.store(state.cores.len(), Ordering::Relaxed);
        self.searching.fetch_add(1, Ordering::Relaxed);
        match spare {
            Some(seat) => match seat.tell(|place| place.handed = Some(core)) {
                Some(waker) => Take::Wake(waker),
                // It has not gone to sleep yet, and will see.
                None => Take::Nothing,
            },
            None => {
                state.threads += 1;
                Take::Start(core)
            }
        }
    }

    /// Whether so many threads run beside the cores that no core should be taken up, nor kept.
    #[inline]
    pub(crate) fn is_overbooked(&self) -> bool {
        self.beside.load(Ordering::Relaxed) > self.cores
    }

    /// The thread that was to be started with a core could not be. Whether it would have been the last
    /// one of a scheduler that ends, which has nobody else to finish then.
    pub(crate) fn not_started(&self, core: C) -> bool {
        let mut state = lock(&self.state);
        state.threads -= 1;
        self.lay_down(&mut state, core);
        self.searching.fetch_sub(1, Ordering::Relaxed);
        state.closing && state.threads == 0
    }

    fn lay_down(&self, state: &mut State<C>, core: C) {
        state.cores.push(core);
        self.laid_down.store(state.cores.len(), Ordering::Relaxed);
    }

    /// Takes a core that lies here, best the one that `is_mine`.
    fn take_up(&self, state: &mut State<C>, is_mine: impl Fn(&C) -> bool) -> Option<C> {
        let mine = state.cores.iter().position(is_mine);
        let core = match mine {
            Some(index) => state.cores.swap_remove(index),
            None => state.cores.pop()?,
        };
        self.laid_down.store(state.cores.len(), Ordering::Relaxed);
        Some(core)
    }

    /// A thread with a core has run out of work and looks for some elsewhere.
    pub(crate) fn begin_search(&self) {
        self.searching.fetch_add(1, Ordering::Relaxed);
    }

    /// A search has found something. Whether it was the last: then another should
    /// [take up](Self::notify) the search.
    pub(crate) fn end_search(&self) -> bool {
        let last = self.searching.fetch_sub(1, Ordering::Relaxed) == 1;
        if last {
            fence(Ordering::SeqCst);
        }
        last
    }

    /// A search has found nothing: the thread lays its core down and will wait in its seat.
    ///
    /// Before it does it must look for work once more, and [`go on`](Self::go_on) if there is some.
    pub(crate) fn retire(&self, core: C, seat: &Arc<Seat<C>>) {
        let mut state = lock(&self.state);
        self.lay_down(&mut state, core);
        state.spares.push(seat.clone());
        self.searching.fetch_sub(1, Ordering::Relaxed);
        drop(state);
        fence(Ordering::SeqCst);
    }

    /// Gets up again with a core, searching, unless somebody has handed one to the seat already, or
    /// none lies here.
    pub(crate) fn go_on(&self, seat: &Arc<Seat<C>>) -> Option<C> {
        let mut state = lock(&self.state);
        let index = state.spares.iter().rposition(|spare| Arc::ptr_eq(spare, seat))?;
        if self.is_overbooked() {
            return None;
        }
        let core = self.take_up(&mut state, |_| false)?;
        state.spares.swap_remove(index);
        self.searching.fetch_add(1, Ordering::Relaxed);
        Some(core)
    }

    /// A thread is about to be parked by an operation, and lays down its core if it has one. Yields
    /// how many are blocked now. Whoever calls must have a core taken up if there is work.
    pub(crate) fn block(&self, core: Option<C>) -> usize {
        let mut state = lock(&self.state);
        match core {
            Some(core) => self.lay_down(&mut state, core),
            None => {
                self.beside.fetch_sub(1, Ordering::Relaxed);
            }
        }
        state.blocked += 1;
        let blocked = state.blocked;
        drop(state);
        fence(Ordering::SeqCst);
        blocked
    }

    /// A thread goes on after an operation: with a core, best the one that `is_mine`, or beside them.
    pub(crate) fn resume(&self, is_mine: impl Fn(&C) -> bool) -> Option<C> {
        let mut state = lock(&self.state);
        state.blocked -= 1;
        let core = self.take_up(&mut state, is_mine);
        if core.is_none() {
            self.beside.fetch_add(1, Ordering::Relaxed);
        }
        core
    }

    /// A thread beside the cores has ended its closure: it takes a core up, or will wait in its seat.
    pub(crate) fn end_beside(&self, seat: &Arc<Seat<C>>) -> Option<C> {
        let mut state = lock(&self.state);
        self.beside.fetch_sub(1, Ordering::Relaxed);
        let core = self.take_up(&mut state, |_| false);
        if core.is_none() {
            state.spares.push(seat.clone());
        }
        core
    }

    /// A thread between two closures makes room for those beside the cores, and will wait in its
    /// seat; or keeps its core, if there is room.
    pub(crate) fn make_room(&self, core: C, seat: &Arc<Seat<C>>) -> Option<C> {
        let mut state = lock(&self.state);
        // Those beside change only under the lock: they will look here when they end.
        if !self.is_overbooked() {
            return Some(core);
        }
        self.lay_down(&mut state, core);
        state.spares.push(seat.clone());
        None
    }

    /// Whether a waiting thread leaves for good; not if it has been handed a core meanwhile.
    /// `surplus` asks whether there are more threads than cores.
    pub(crate) fn leave(&self, seat: &Arc<Seat<C>>, surplus: bool) -> bool {
        let mut state = lock(&self.state);
        if surplus && state.threads <= self.cores {
            return false;
        }
        let index = state.spares.iter().rposition(|spare| Arc::ptr_eq(spare, seat));
        index.map(|index| drop(state.spares.swap_remove(index))).is_some()
    }

    /// A thread has ended. Whether it was the last of a place that closes.
    pub(crate) fn ended(&self) -> bool {
        let mut state = lock(&self.state);
        state.threads -= 1;
        state.closing && state.threads == 0
    }

    /// From now on threads without work end. Yields the wakers of those who wait, and whether there
    /// is no thread at all.
    pub(crate) fn close(&self) -> (Vec<Waker>, bool) {
        let mut state = lock(&self.state);
        state.closing = true;
        let spares = std::mem::take(&mut state.spares);
        let wakers = spares.iter().filter_map(|seat| seat.tell(|place| place.dismissed = true));
        (wakers.collect(), state.threads == 0)
    }

    /// How many threads with a core look for work.
    pub(crate) fn searching(&self) -> usize {
        self.searching.load(Ordering::Relaxed)
    }

    pub(crate) fn census(&self) -> Census {
        let state = lock(&self.state);
        Census {
            threads: state.threads,
            blocked: state.blocked,
            spare: state.spares.len(),
            laid_down: state.cores.len(),
            held: self.cores - state.cores.len(),
            beside: self.beside.load(Ordering::Relaxed),
        }
    }
}
