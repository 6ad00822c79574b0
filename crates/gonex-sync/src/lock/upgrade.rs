use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Op, Stop};

use super::{Exclusive, Guard, Reach, SeekUpgrade, Upgradable};

/// An upgrade that was stopped; the reader comes back.
#[derive(thiserror::Error)]
#[error("cannot upgrade: {stop}")]
pub struct NotUpgraded<H: Reach> {
    /// The reader, which read on all the time.
    pub reader: Guard<H, Upgradable>,
    /// What stopped the upgrade.
    pub stop: Stop,
}

impl<H: Reach> fmt::Debug for NotUpgraded<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotUpgraded").field("stop", &self.stop).finish_non_exhaustive()
    }
}

/// The kind of [`RwUpgradableGuard::upgrade`](Guard::upgrade).
#[must_use = "an upgrade does nothing until it is awaited or blocked on"]
pub struct Upgrade<H: Reach> {
    seek: SeekUpgrade<H>,
}

impl<H: Reach> Guard<H, Upgradable> {
    /// Turns the reader into the writer, waiting for the other readers to go.
    ///
    /// It goes before all who wait: what it has read stays true until it writes.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it reads no longer, and has not written.
    ///
    /// # Errors
    /// When a limit or the ambient context stops it, the reader comes back in [`NotUpgraded`].
    ///
    /// ```
    /// let lock = gonex_sync::RwMutex::new(1);
    /// let reader = lock.upgradable_read().block();
    /// if *reader == 1 {
    ///     *reader.upgrade().block().unwrap() += 1;
    /// }
    /// assert_eq!(*lock.read().block(), 2);
    /// ```
    #[track_caller]
    pub fn upgrade(self) -> Op<Upgrade<H>> {
        Op::new(Upgrade { seek: SeekUpgrade::new(self) })
    }
}

impl<H: Reach> fmt::Debug for Upgrade<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").field("waits", &self.seek.waits()).finish()
    }
}

impl<H: Reach> Kind for Upgrade<H> {
    type Output = Result<Guard<H, Exclusive>, NotUpgraded<H>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.seek.poll(cx.waker()).map(Ok)
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        if let Some(writer) = self.seek.finish() {
            return Ok(writer);
        }
        let reader = self.seek.give_up();
        Err(NotUpgraded { reader: reader.expect("an upgrade that is done is not stopped"), stop })
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("upgrade a reader of").of("rw_mutex")
    }
}
