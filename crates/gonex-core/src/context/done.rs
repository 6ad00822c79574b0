use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use super::Context;
use super::node::Registration;
use crate::rt::{self, Timer};
use crate::{Kind, Limited, Stop};

/// The kind of [`Context::done`].
#[derive(Debug)]
pub struct Done {
    context: Context,
    watch: Option<(Waker, Option<Registration>, Option<Timer>)>,
}

impl Done {
    /// Makes the kind, for those who poll it inside one of their own.
    #[must_use]
    pub fn new(context: Context) -> Self {
        Self { context, watch: None }
    }
}

impl Kind for Done {
    type Output = Stop;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Stop> {
        let waker = cx.waker();
        if self.watch.as_ref().is_none_or(|(known, ..)| !known.will_wake(waker)) {
            let registration = self.context.register(waker);
            let timer = self.context.deadline().map(|at| rt::timer(at, waker.clone()));
            self.watch = Some((waker.clone(), registration, timer));
        }
        // Looked at after registering, so that a stop in between is not missed.
        self.context.stopped().map_or(Poll::Pending, Poll::Ready)
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Stop {
        self.context.stopped().unwrap_or_else(|| stop.unwind())
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }
}
