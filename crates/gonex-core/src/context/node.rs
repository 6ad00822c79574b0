//! The tree behind contexts.
//!
//! # Invariants
//! - `State::stop` is set at most once, and from then on `waiters` and `children` stay empty.
//! - A child's entry in its parent's `children` goes with the child.
//!
//! # Deadlock safety
//! No two locks are held at once, and wakers run and nodes are dropped under none: `cancel` takes
//! waiters and children out first, and walks down with a list instead of by recursion.

use std::mem;
use std::task::Waker;

use slab::Slab;

use crate::primitive::{Arc, Mutex, lock, wake};
use crate::{Cause, Instant, Stop, rt};

#[derive(Debug)]
pub(super) struct Node {
    /// The earliest deadline from here to the root.
    deadline: Option<Instant>,
    /// The parent and this node's key in the parent's `children`.
    parent: Option<(Arc<Node>, Option<usize>)>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    stop: Option<Cause>,
    waiters: Slab<Waker>,
    children: Slab<Weak>,
}

// loom has no weak pointers; its models keep nodes alive, which changes nothing they look at.
#[cfg(not(gonex_loom))]
type Weak = std::sync::Weak<Node>;
#[cfg(gonex_loom)]
type Weak = Arc<Node>;

fn downgrade(node: &Arc<Node>) -> Weak {
    #[cfg(not(gonex_loom))]
    return Arc::downgrade(node);
    #[cfg(gonex_loom)]
    return node.clone();
}

fn upgrade(node: &Weak) -> Option<Arc<Node>> {
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
    pub(super) fn child(parent: Option<&Arc<Self>>, deadline: Option<Instant>) -> Arc<Self> {
        let inherited = parent.and_then(|parent| parent.deadline);
        let deadline = inherited.into_iter().chain(deadline).min();
        let Some(parent) = parent else {
            return Arc::new(Self { deadline, parent: None, state: Mutex::default() });
        };
        // The key is part of the child and the child part of the entry: reserve, build, fill in.
        let mut state = lock(&parent.state);
        if let Some(cause) = state.stop.clone() {
            drop(state);
            let state = State { stop: Some(cause), ..State::default() };
            let parent = Some((parent.clone(), None));
            return Arc::new(Self { deadline, parent, state: Mutex::new(state) });
        }
        let entry = state.children.vacant_entry();
        let key = Some(entry.key());
        let child = Arc::new(Self {
            deadline,
            parent: Some((parent.clone(), key)),
            state: Mutex::default(),
        });
        entry.insert(downgrade(&child));
        child
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// The cause of a cancellation, if there was one.
    pub(super) fn cause(&self) -> Option<Cause> {
        lock(&self.state).stop.clone()
    }

    pub(super) fn stopped(&self) -> Option<Stop> {
        if let Some(cause) = self.cause() {
            return Some(Stop::Cancelled(cause));
        }
        (self.deadline? <= rt::now()).then_some(Stop::Timeout)
    }

    /// Adds a waker, or puts it in the place of a known one, and returns its key. `None` where
    /// nobody will be told any more.
    pub(super) fn register(&self, known: Option<usize>, waker: Waker) -> Option<usize> {
        let mut state = lock(&self.state);
        if state.stop.is_some() {
            return None;
        }
        // Nobody but the owner of a key takes its waker out while the node goes on.
        let Some(place) = known.and_then(|key| state.waiters.get_mut(key)) else {
            return Some(state.waiters.insert(waker));
        };
        let old = mem::replace(place, waker);
        drop(state);
        drop(old);
        known
    }

    /// Takes a waker out.
    pub(super) fn forget(&self, key: usize) {
        let waker = lock(&self.state).waiters.try_remove(key);
        drop(waker);
    }

    /// Stops this node and all below. The whole tree is marked before the first waker runs, so
    /// whoever wakes finds no part of it going on.
    pub(super) fn cancel(&self, cause: &Cause) {
        let mut waiters = Vec::new();
        let mut below = self.mark(cause, &mut waiters);
        while let Some(node) = below.pop() {
            below.extend(node.mark(cause, &mut waiters));
        }
        waiters.into_iter().for_each(wake);
    }

    /// Stops this node alone, takes its waiters out and returns its children.
    fn mark(&self, cause: &Cause, waiters: &mut Vec<Waker>) -> Vec<Arc<Self>> {
        let mut state = lock(&self.state);
        if state.stop.is_some() {
            return Vec::new();
        }
        state.stop = Some(cause.clone());
        let mut woken = mem::take(&mut state.waiters);
        let mut children = mem::take(&mut state.children);
        drop(state);
        waiters.extend(woken.drain());
        children.drain().filter_map(|child| upgrade(&child)).collect()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A chain of parents that only this child held goes one by one: by recursion a long one
        // would overflow the stack.
        let mut link = self.parent.take();
        while let Some((parent, key)) = link {
            if let Some(key) = key {
                // The parent may have been cancelled meanwhile, and then holds no children.
                let entry = lock(&parent.state).children.try_remove(key);
                drop(entry);
            }
            link = into_inner(parent).and_then(|mut last| last.parent.take());
        }
    }
}
