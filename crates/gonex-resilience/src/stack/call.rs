use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};
use pin_project_lite::pin_project;

use crate::retry::{Attempt, Work};

pin_project! {
    /// The kind of [`Policy::call`](super::Policy::call).
    #[must_use = "a call does nothing until it is awaited or blocked on"]
    pub struct PolicyCall<W: Work> {
        work: Option<W>,
        #[pin]
        running: Option<W::Attempt>,
    }
}

impl<W: Work> PolicyCall<W> {
    pub(super) fn new(work: W) -> Self {
        Self { work: Some(work), running: None }
    }
}

impl<W: Work> fmt::Debug for PolicyCall<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyCall").field("begun", &self.work.is_none()).finish_non_exhaustive()
    }
}

impl<W: Work> Kind for PolicyCall<W> {
    type Output = Result<W::Value, W::Error>;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(mut work) = this.work.take() {
            let running = work.attempt(&Attempt::only());
            this.running.set(Some(running));
        }
        let Some(running) = this.running.as_mut().as_pin_mut() else {
            panic!("a call was polled after it had ended")
        };
        let polled = running.poll(cx);
        if polled.is_ready() {
            this.running.set(None);
        }
        polled
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.project().running.set(None);
        stop.unwind()
    }

    fn withdraw(self: Pin<&mut Self>, stop: Stop) -> Result<Self::Output, Stop> {
        self.project().running.set(None);
        Err(stop)
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("call, through policies")
    }
}
