//! The tree behind contexts.
//!
//! # Invariants
//! - `State::cancelled` is set at most once, never after the deadline, and from then on `waiters` and
//!   `children` stay empty.
//! - A child's entry in its parent's `children` goes with the child.
//! - Functions that a node leaves behind go to its parent: from then on they can stop only with that,
//!   or by their own timers.
//!
//! # Deadlock safety
//! No two locks of the tree are held at once, and wakers run and nodes are dropped under none:
//! `cancel` takes waiters and children out first, and walks down with a list instead of by recursion.
//! Time is looked at under a lock, so that all agree which came first, the deadline or the
//! cancellation; clocks are leaves.

use std::mem;
use std::task::Waker;

use slab::Slab;

use super::after::Waiting;
use super::values::Values;
use crate::primitive::atomic::{AtomicBool, Ordering};
use crate::primitive::{Arc, Mutex, lock, wake};
use crate::{Cause, Instant, Stop, rt};

#[derive(Debug)]
pub(super) struct Node {
    /// The earliest deadline from here to the root, and the cause that was given for it.
    deadline: Option<(Instant, Option<Cause>)>,
    values: Values,
    /// The parent and this node's key in the parent's `children`.
    parent: Option<(Arc<Node>, Option<usize>)>,
    /// Whether `State::cancelled` is set: for a look without the lock, which all tasks below share.
    is_cancelled: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    cancelled: Option<Cause>,
    waiters: Slab<Waiter>,
    children: Slab<WeakNode>,
}

/// Who is told that a context stops.
#[derive(Debug)]
pub(super) enum Waiter {
    Waker(Waker),
    Function(std::sync::Arc<Waiting>),
}

impl Waiter {
    fn tell(self) {
        match self {
            Self::Waker(waker) => wake(waker),
            Self::Function(waiting) => waiting.run(),
        }
    }
}

// loom has no weak pointers; its models keep nodes alive, which changes nothing they look at.
#[cfg(not(gonex_loom))]
pub(super) type WeakNode = std::sync::Weak<Node>;
#[cfg(gonex_loom)]
pub(super) type WeakNode = Arc<Node>;

fn downgrade(node: &Arc<Node>) -> WeakNode {
    #[cfg(not(gonex_loom))]
    return Arc::downgrade(node);
    #[cfg(gonex_loom)]
    return node.clone();
}

pub(super) fn upgrade(node: &WeakNode) -> Option<Arc<Node>> {
    #[cfg(not(gonex_loom))]
    return node.upgrade();
    #[cfg(gonex_loom)]
    return Some(node.clone());
}

fn into_inner(node: Arc<Node>) -> Option<Node> {
    #[cfg(not(gonex_loom))]
    return Arc::into_inner(node);
    #[cfg(gonex_loom)]
    return Arc::try_unwrap(node).ok();
}

impl Node {
    fn new(
        deadline: Option<(Instant, Option<Cause>)>,
        values: Values,
        parent: Option<(Arc<Self>, Option<usize>)>,
    ) -> Self {
        let (is_cancelled, state) = (AtomicBool::new(false), Mutex::default());
        Self { deadline, values, parent, is_cancelled, state }
    }

    /// Makes a node that can stop with nothing but its own deadline, which it has none of.
    pub(super) fn root(values: Values) -> Arc<Self> {
        Arc::new(Self::new(None, values, None))
    }

    /// Makes a child; `None` for values leaves them as they are.
    pub(super) fn child(
        parent: Option<&Arc<Self>>,
        deadline: Option<(Instant, Option<Cause>)>,
        values: Option<Values>,
    ) -> Arc<Self> {
        let Some(parent) = parent else {
            let values = values.unwrap_or_default();
            return Arc::new(Self::new(deadline, values, None));
        };
        let values = values.unwrap_or_else(|| parent.values.clone());
        let earlier =
            deadline.filter(|(at, _)| parent.deadline().is_none_or(|theirs| *at < theirs));
        let deadline = earlier.or_else(|| parent.deadline.clone());
        // The key is part of the child and the child part of the entry: reserve, build, fill in.
        let mut state = lock(&parent.state);
        if let Some(cause) = state.cancelled.clone() {
            drop(state);
            let mut child = Self::new(deadline, values, Some((parent.clone(), None)));
            child.is_cancelled = AtomicBool::new(true);
            child.state = Mutex::new(State { cancelled: Some(cause), ..State::default() });
            return Arc::new(child);
        }
        let entry = state.children.vacant_entry();
        let key = Some(entry.key());
        let child = Arc::new(Self::new(deadline, values, Some((parent.clone(), key))));
        entry.insert(downgrade(&child));
        child
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline.as_ref().map(|(at, _)| *at)
    }

    /// The cause that was given for the deadline.
    pub(super) fn deadline_cause(&self) -> Option<Cause> {
        self.deadline.as_ref()?.1.clone()
    }

    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    /// The cause of a cancellation, if there was one.
    pub(super) fn cancellation(&self) -> Option<Cause> {
        if !self.is_cancelled() {
            return None;
        }
        lock(&self.state).cancelled.clone()
    }

    /// Acquire: who was told of the cancellation under the lock sees it here.
    fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Acquire)
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        if !self.is_cancelled() && !self.is_late() {
            return None;
        }
        let state = lock(&self.state);
        match &state.cancelled {
            Some(cause) => Some(Stop::Cancelled(cause.clone())),
            None => self.is_late().then_some(Stop::Timeout),
        }
    }

    fn is_late(&self) -> bool {
        self.deadline().is_some_and(|at| at <= rt::now())
    }

    /// Adds a waker, or puts it in the place of a known one, and returns its key. `None` where
    /// nobody will be told any more.
    pub(super) fn register(&self, known: Option<usize>, waker: Waker) -> Option<usize> {
        let waiter = Waiter::Waker(waker);
        let mut state = lock(&self.state);
        if state.cancelled.is_some() {
            return None;
        }
        // Nobody but the owner of a key takes its waker out while the node goes on.
        let Some(place) = known.and_then(|key| state.waiters.get_mut(key)) else {
            return Some(state.waiters.insert(waiter));
        };
        let old = mem::replace(place, waiter);
        drop(state);
        drop(old);
        known
    }

    /// Keeps a function until this node stops. `false` if it has been cancelled.
    pub(super) fn keep(this: &Arc<Self>, waiting: &std::sync::Arc<Waiting>) -> bool {
        let waiter = Waiter::Function(waiting.clone());
        let mut state = lock(&this.state);
        if state.cancelled.is_some() {
            return false;
        }
        let key = state.waiters.insert(waiter);
        drop(state);
        // Prevented or run meanwhile, it found no place to leave.
        if !waiting.keep(downgrade(this), key) {
            this.forget(key);
        }
        true
    }

    /// Takes a waiter out.
    pub(super) fn forget(&self, key: usize) {
        let waiter = lock(&self.state).waiters.try_remove(key);
        drop(waiter);
    }

    /// Stops this node and all below, but for what has timed out before. The whole tree is marked
    /// before the first waker runs, so whoever wakes finds no part of it going on.
    pub(super) fn cancel(&self, cause: &Cause) {
        let mut waiters = Vec::new();
        let mut below = self.mark(cause, &mut waiters);
        while let Some(node) = below.pop() {
            below.extend(node.mark(cause, &mut waiters));
        }
        waiters.into_iter().for_each(Waiter::tell);
    }

    /// Stops this node alone, takes its waiters out and returns its children.
    fn mark(&self, cause: &Cause, waiters: &mut Vec<Waiter>) -> Vec<Arc<Self>> {
        let mut state = lock(&self.state);
        if state.cancelled.is_some() || self.is_late() {
            return Vec::new();
        }
        state.cancelled = Some(cause.clone());
        self.is_cancelled.store(true, Ordering::Release);
        let mut woken = mem::take(&mut state.waiters);
        let mut children = mem::take(&mut state.children);
        drop(state);
        waiters.extend(woken.drain());
        children.drain().filter_map(|child| upgrade(&child)).collect()
    }

    /// How many wait here, and how many children there are.
    pub(super) fn counts(&self) -> (usize, usize) {
        let state = lock(&self.state);
        (state.waiters.len(), state.children.len())
    }

    /// Takes out the functions that wait in a node that goes. Nobody else does: who waits with a waker
    /// holds the node.
    fn take_functions(&self) -> Vec<std::sync::Arc<Waiting>> {
        let mut waiters = mem::take(&mut lock(&self.state).waiters);
        let functions = waiters.drain().filter_map(|waiter| match waiter {
            Waiter::Function(waiting) => Some(waiting),
            Waiter::Waker(_) => None,
        });
        functions.collect()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A chain of parents that only this child held goes one by one: by recursion a long one
        // would overflow the stack.
        let mut left = self.take_functions();
        let mut link = self.parent.take();
        while let Some((parent, key)) = link {
            // The parent may have been cancelled meanwhile, and then holds no children.
            let entry = key.and_then(|key| lock(&parent.state).children.try_remove(key));
            drop(entry);
            for function in left.drain(..) {
                if !Self::keep(&parent, &function) {
                    function.run();
                }
            }
            link = into_inner(parent).and_then(|mut last| {
                left = last.take_functions();
                last.parent.take()
            });
        }
    }
}
