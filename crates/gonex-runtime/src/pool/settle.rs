//! How a pool ends.

use std::task::Waker;

use gonex_core::op::Subject;
use gonex_core::rt::{self, Blocked, Policy};

use super::shared::Shared;
use super::state::State;
use super::watch::Watch;

impl<J: Send + 'static, R: Send + 'static> Shared<J, R> {
    pub(super) fn close(&self) {
        self.room.close();
        self.change(State::close);
    }

    /// Runs what is queued to the end and waits for the workers, but for those that were given up.
    pub(super) fn end(&self) {
        self.room.close();
        let workers = self.look(|state| state.handles());
        self.change(|state, now, out| {
            if self.is_tended_by_hand {
                // Nobody would do it while this thread waits.
                state.close_by(now, now, out);
            } else {
                state.resume(now, out);
                state.close(now, out);
            }
        });
        // One of its own workers cannot wait for itself, nor for another that may wait for it.
        let is_own = workers.iter().any(|(_, worker)| worker.is_current())
            || self.locked(|locked| locked.keeper.is_current());
        if is_own || self.is_tended_by_hand {
            return;
        }
        // A destructor has no choice but to wait, wherever it runs.
        rt::with_policy(Policy::Allowed, || {
            let mut watch = Watch::default();
            rt::block(|cx| match self.watch(&mut watch, cx.waker(), State::has_ended) {
                true => Blocked::Done(()),
                false => {
                    rt::waits(|| Subject::new("wait for the end of").of("a pool"));
                    Blocked::Until(None)
                }
            });
        });
        let (keeper, waker) = self.locked(|locked| locked.keeper.end());
        waker.into_iter().for_each(Waker::wake);
        keeper.into_iter().for_each(rt::Thread::join);
        for (id, worker) in workers {
            if !self.look(|state| state.is_abandoned(id)) {
                worker.join();
            }
        }
    }
}
