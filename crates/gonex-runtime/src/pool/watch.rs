//! Who waits for a pool to be idle, or to have ended.

use std::task::Waker;

use gonex_core::primitive::lock;

use super::shared::{Item, Shared};
use super::state::State;

/// The wakers of those who wait, under the lock of the pool; each under the number of its [`Watch`].
#[derive(Default)]
pub(super) struct Watchers {
    next: u64,
    wakers: Vec<(u64, Waker)>,
}

/// Somebody who waits; it has to be [ended](Shared::unwatch) by who stops waiting.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Under which its waker is kept; perhaps not any more.
    number: Option<u64>,
}

impl Watchers {
    /// Takes all, to be woken outside the lock. Who goes on waiting comes back.
    pub(super) fn take(&mut self) -> impl Iterator<Item = Waker> + use<> {
        std::mem::take(&mut self.wakers).into_iter().map(|(_, waker)| waker)
    }

    /// Keeps a waker in the place of the one before, which is yielded, to be dropped outside the lock.
    fn keep(&mut self, watch: &mut Watch, waker: Waker) -> Option<Waker> {
        let number = *watch.number.get_or_insert_with(|| {
            self.next += 1;
            self.next
        });
        match self.wakers.iter_mut().find(|(known, _)| *known == number) {
            Some((_, known)) => Some(std::mem::replace(known, waker)),
            None => {
                self.wakers.push((number, waker));
                None
            }
        }
    }

    fn forget(&mut self, watch: &mut Watch) -> Option<Waker> {
        let number = watch.number.take()?;
        let at = self.wakers.iter().position(|(known, _)| *known == number)?;
        Some(self.wakers.swap_remove(at).1)
    }
}

impl<J, R> Shared<J, R> {
    /// Has a waker woken when the pool is idle or has ended; `true` if `is_done` is so already.
    pub(super) fn watch(
        &self,
        watch: &mut Watch,
        waker: &Waker,
        is_done: impl FnOnce(&State<Item<J, R>>) -> bool,
    ) -> bool {
        // Cloned outside the lock, and dropped there: a waker is user code.
        let mine = waker.clone();
        let mut locked = lock(&self.locked);
        let (old, unused, is_done) = match is_done(&locked.state) {
            true => (locked.watchers.forget(watch), Some(mine), true),
            false => {
                locked.state.watch(true);
                (locked.watchers.keep(watch, mine), None, false)
            }
        };
        drop(locked);
        drop((old, unused));
        is_done
    }

    /// Waits no longer, and leaves nothing behind.
    pub(super) fn unwatch(&self, watch: &mut Watch) {
        if watch.number.is_none() {
            return;
        }
        let mut locked = lock(&self.locked);
        let waker = locked.watchers.forget(watch);
        if locked.watchers.wakers.is_empty() {
            locked.state.watch(false);
        }
        drop(locked);
        drop(waker);
    }
}
