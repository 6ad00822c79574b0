use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};

use super::{Guard, Mode, Reach, Seek};

/// The kind of [`Mutex::lock`](crate::Mutex::lock), [`RwMutex::read`](crate::RwMutex::read) and
/// their kin.
#[must_use = "a lock does nothing until it is awaited or blocked on"]
pub struct Lock<H: Reach, M: Mode> {
    seek: Seek<H, M>,
}

impl<H: Reach, M: Mode> Lock<H, M> {
    pub(crate) fn new(handle: H) -> Self {
        Self { seek: Seek::new(handle) }
    }
}

impl<H: Reach, M: Mode> fmt::Debug for Lock<H, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").field("waits", &self.seek.waits()).finish()
    }
}

impl<H: Reach, M: Mode> Kind for Lock<H, M> {
    type Output = Guard<H, M>;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;
    const SPINS: bool = true;

    #[inline]
    fn attempt(&mut self) -> Option<Guard<H, M>> {
        self.seek.attempt()
    }

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Guard<H, M>> {
        self.seek.poll(cx.waker())
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Guard<H, M> {
        self.seek.finish().unwrap_or_else(|| stop.unwind())
    }

    fn withdraw(mut self: Pin<&mut Self>, stop: Stop) -> Result<Guard<H, M>, Stop> {
        self.seek.finish().ok_or(stop)
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        if H::PERMITS == 1 {
            return Subject::new("lock").of("mutex");
        }
        let writes = M::permits(H::PERMITS) == H::PERMITS;
        Subject::new(if writes { "write" } else { "read" }).of("rw_mutex")
    }
}
