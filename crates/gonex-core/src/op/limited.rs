use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{Kind, Subject};
use crate::Stop;

pin_project! {
    /// A kind that cannot fail by itself, under explicit limits: yields `Err(Stop)` when one is
    /// reached.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::rt::{self, Sleep};
    /// use gonex_core::{Limited, Op, Stop};
    ///
    /// let nap: Op<Limited<Sleep>> = rt::sleep(Duration::from_secs(3600)).timeout(Duration::ZERO);
    /// assert_eq!(nap.block(), Err(Stop::Timeout));
    /// ```
    #[derive(Debug)]
    pub struct Limited<K> {
        #[pin]
        kind: K,
    }
}

impl<K> Limited<K> {
    /// Wraps a kind.
    ///
    /// ```
    /// use gonex_core::{Limited, Op, rt};
    ///
    /// let nap = rt::sleep_until(rt::now()).into_kind();
    /// assert_eq!(Op::new(Limited::new(nap)).block(), Ok(()));
    /// ```
    pub fn new(kind: K) -> Self {
        Self { kind }
    }
}

impl<K: Kind> Kind for Limited<K> {
    type Output = Result<K::Output, Stop>;
    type Limited = Self;

    const SPINS: bool = K::SPINS;

    fn comes_unasked(&self) -> bool {
        self.kind.comes_unasked()
    }

    fn attempt(&mut self) -> Option<Self::Output> {
        self.kind.attempt().map(Ok)
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().kind.poll(cx).map(Ok)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.project().kind.withdraw(stop)
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        self.kind.subject()
    }
}
