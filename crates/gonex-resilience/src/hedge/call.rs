use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::rt::{self, Sleep};
use gonex_core::{Kind, Limited, Stop};

use super::policy::Shared;
use crate::retry::{Attempt, Work};

/// The kind of [`Hedge::call`](super::Hedge::call).
#[must_use = "a call does nothing until it is awaited or blocked on"]
pub struct HedgeCall<W: Work> {
    shared: Arc<Shared>,
    work: W,
    /// The attempts that run, with when they began; the first one of the call is marked.
    running: Vec<Running<W::Attempt>>,
    made: u32,
    /// Until the next attempt.
    sleep: Option<Sleep>,
}

struct Running<A> {
    attempt: Pin<Box<A>>,
    began: u64,
    first: bool,
}

impl<W: Work> HedgeCall<W> {
    pub(super) fn new(shared: Arc<Shared>, work: W) -> Self {
        Self { shared, work, running: Vec::new(), made: 0, sleep: None }
    }

    fn may_begin(&self) -> bool {
        self.made < self.shared.config.max_attempts
    }

    fn begin(&mut self) {
        let first = self.made == 0;
        let counters = &self.shared.counters;
        let counter = if first { &counters.calls } else { &counters.hedges };
        counter.add(1);
        self.made += 1;
        let began = self.shared.time.now();
        let attempt = Box::pin(self.work.attempt(&Attempt::only()));
        self.running.push(Running { attempt, began, first });
        self.sleep = self.may_begin().then(|| rt::sleep(self.shared.delay()).into_kind());
    }

    /// Takes note of how long the first attempt took. Where another one wins, or the call is given up after
    /// it was asked again, that is at least as long as it has run: longer than the delay in any case, which
    /// is all that a percentile has to know. To count those that win instead would have the delay shrink
    /// until everything is asked twice.
    fn note_first(&self, answered: bool) {
        let first = self.running.iter().find(|running| running.first);
        if let Some(first) = first
            && (answered || self.made > 1)
        {
            let took = self.shared.time.now().saturating_sub(first.began);
            self.shared.answered(took);
        }
    }

    /// Gives up before there is an answer.
    fn give_up(&mut self) {
        self.note_first(false);
        self.end();
    }

    /// Drops all that runs.
    fn end(&mut self) {
        self.running.clear();
        self.sleep = None;
        self.made = u32::MAX;
    }
}

impl<W: Work> fmt::Debug for HedgeCall<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HedgeCall").field("running", &self.running.len()).finish_non_exhaustive()
    }
}

/// The work is only moved, and what runs is boxed.
impl<W: Work> Unpin for HedgeCall<W> {}

impl<W: Work> Drop for HedgeCall<W> {
    fn drop(&mut self) {
        self.note_first(false);
    }
}

impl<W: Work> Kind for HedgeCall<W> {
    type Output = Result<W::Value, W::Error>;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        assert!(this.made != u32::MAX, "a call was polled after it had ended");
        if this.made == 0 {
            this.begin();
        }
        loop {
            let mut index = 0;
            while index < this.running.len() {
                let running = &mut this.running[index];
                let Poll::Ready(result) = running.attempt.as_mut().poll(cx) else {
                    index += 1;
                    continue;
                };
                let first = running.first;
                match result {
                    Ok(value) => {
                        this.note_first(first);
                        if !first {
                            this.shared.counters.won_by_hedge.add(1);
                        }
                        this.end();
                        return Poll::Ready(Ok(value));
                    }
                    Err(error) => {
                        drop(this.running.remove(index));
                        if this.running.is_empty() && !this.may_begin() {
                            this.end();
                            return Poll::Ready(Err(error));
                        }
                    }
                }
            }
            let due = match &mut this.sleep {
                Some(sleep) => Pin::new(sleep).poll(cx).is_ready(),
                None => false,
            };
            if due || this.running.is_empty() {
                this.begin();
            } else {
                return Poll::Pending;
            }
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.give_up();
        stop.unwind()
    }

    fn withdraw(mut self: Pin<&mut Self>, stop: Stop) -> Result<Self::Output, Stop> {
        self.give_up();
        Err(stop)
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("call, with hedges")
    }
}
