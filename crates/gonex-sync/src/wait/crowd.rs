//! Those who wait for the same thing, and are all woken when it happens.

use std::task::Waker;

use super::{Calls, Entries, Key, Line, renew};
use crate::constant::constant;

/// Wakers in the order in which they came. Whoever stands here looks for itself whether it has
/// happened, under the lock that is around the crowd.
#[derive(Debug)]
pub(crate) struct Crowd {
    entries: Entries<Option<Waker>>,
    line: Line,
}

impl Crowd {
    constant! {
        pub(crate) const fn new() -> Self {
            Self { entries: Entries::new(), line: Line::new() }
        }
    }

    /// Stands in the crowd, or goes on to, with a waker; what is left over is for the caller to drop
    /// outside the lock.
    pub(crate) fn stand(&mut self, key: &mut Option<Key>, mine: &mut Option<Waker>) {
        let at = *key.get_or_insert_with(|| {
            let at = self.entries.insert(None);
            self.entries.push_back(&mut self.line, at);
            at
        });
        renew(self.entries.get_mut(at), mine);
    }

    /// Leaves the crowd; the waker is for the caller to drop outside the lock.
    pub(crate) fn leave(&mut self, key: &mut Option<Key>) -> Option<Waker> {
        let at = key.take()?;
        self.entries.unlink(&mut self.line, at);
        self.entries.remove(at)
    }

    pub(crate) fn call_all(&mut self, calls: &mut Calls) {
        let mut next = self.line.first();
        while let Some(at) = next {
            calls.add(self.entries.get_mut(at).take());
            next = self.entries.after(at);
        }
    }

    /// Calls the first alone.
    pub(crate) fn call_first(&mut self, calls: &mut Calls) {
        if let Some(at) = self.line.first() {
            calls.add(self.entries.get_mut(at).take());
        }
    }

    /// Whether it stands before all others, or would.
    pub(crate) fn is_first(&self, key: Option<Key>) -> bool {
        self.line.first() == key
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.line.is_empty()
    }
}
