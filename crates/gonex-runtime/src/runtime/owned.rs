use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::rt;
use pin_project_lite::pin_project;

use super::current::{CoreRef, Link, with_near};
use super::known::RuntimeId;
use super::runtime::Core;

pin_project! {
    /// A future of a runtime, counted among its futures until it is gone. Where the runtime's own threads
    /// do not poll it, it is polled with its runtime and seam as the current ones.
    pub(super) struct Owned<F> {
        #[pin]
        future: F,
        // Behind the future, to be dropped after it.
        owner: Owner,
    }
}

impl<F> Owned<F> {
    #[inline(always)]
    pub(super) fn new(future: F, owner: Owner) -> Self {
        Self { future, owner }
    }
}

impl<F: Future> Future for Owned<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.owner.run(|| this.future.poll(cx))
    }
}

/// Whose a future is, in two words: the smaller a future, the cheaper. No count of references is taken for
/// one that can find its runtime without, since all threads would share it.
pub(super) struct Owner {
    /// `None` where the threads that poll it know the runtime, or it is the shared one.
    link: Option<Arc<Link>>,
    /// The number of the runtime, with the lowest bit set for a future on the runtime's own threads.
    id: u64,
}

impl Owner {
    /// For a future that the runtime's own threads poll.
    #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
    pub(super) fn here(core: &Core) -> Self {
        core.polling.here().begin();
        Self { link: None, id: core.own.id().0 << 1 | 1 }
    }

    /// For a future that others' threads poll.
    pub(super) fn elsewhere(core: &Core) -> Self {
        core.polling.elsewhere().begin();
        let CoreRef { link, id } = &core.own;
        let is_found =
            *id == RuntimeId::SHARED && link.as_ref().is_none_or(|link| link.seam.is_none());
        Self { link: link.clone().filter(|_| !is_found), id: id.0 << 1 }
    }

    fn runtime(&self) -> RuntimeId {
        RuntimeId(self.id >> 1)
    }

    fn is_here(&self) -> bool {
        self.id & 1 == 1
    }

    /// Runs a step of the future.
    #[inline]
    fn run<T>(&mut self, body: impl FnOnce() -> T) -> T {
        if self.is_here() {
            return body();
        }
        let runtime = self.runtime();
        let inside = || CoreRef::inside_of(runtime, body);
        if runtime == RuntimeId::current() && self.link.is_none() {
            return inside();
        }
        self.enter(inside)
    }

    /// The link is lent to the thread meanwhile: no count is taken for that.
    #[cold]
    fn enter<T>(&mut self, body: impl FnOnce() -> T) -> T {
        struct PutBack<'a>(&'a mut Owner, CoreRef);
        impl Drop for PutBack<'_> {
            fn drop(&mut self) {
                self.0.link = mem::replace(&mut self.1, CoreRef::none()).link;
            }
        }
        let lent = CoreRef { link: self.link.take(), id: self.runtime() };
        let seam = lent.link.as_ref().and_then(|link| link.seam.clone());
        let mut lent = PutBack(self, lent);
        let body = || lent.1.enter_moved(body);
        match seam {
            Some(seam) => rt::enter(seam, body),
            None => body(),
        }
    }

    fn end(&self, core: &Core) {
        #[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
        if self.is_here() {
            return core.polling.here().end();
        }
        core.polling.elsewhere().end();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if with_near(self.runtime(), |core| self.end(core)).is_some() {
            return;
        }
        let link = self.link.take();
        let far = match link {
            Some(_) => Some(CoreRef { link, id: self.runtime() }),
            None => self.runtime().find(),
        };
        // A runtime that is gone counts nothing.
        if let Some(core) = far.and_then(|far| far.upgrade()) {
            self.end(&core);
        }
    }
}
