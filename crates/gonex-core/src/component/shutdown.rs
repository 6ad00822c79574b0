use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::border::{inside, let_go};
use super::parts::{Part, Parts};
use super::report::{ShutdownReport, Stopped};
use super::{Failure, Lifecycle};
use crate::op::Subject;
use crate::rt::{Sleep, sleep_until};
use crate::{Instant, Kind, Stop};

/// The kind of [`Registry::shutdown_all`](super::Registry::shutdown_all).
#[must_use = "a shutdown does nothing until it is awaited or blocked on"]
pub struct Shutdown {
    parts: Arc<Parts>,
    deadline: Instant,
    alarm: Sleep,
    /// Since the first step: those that have not been asked, the next one last.
    waiting: Option<Vec<Part>>,
    /// The one that is ending.
    ending: Option<(Part, Lifecycle)>,
    report: ShutdownReport,
}

impl Shutdown {
    pub(super) fn new(parts: Arc<Parts>, deadline: Instant) -> Self {
        let alarm = sleep_until(deadline).into_kind();
        let report = ShutdownReport::default();
        Self { parts, deadline, alarm, waiting: None, ending: None, report }
    }

    /// Asks the next one to stop. Whether there was one.
    fn next(&mut self) -> bool {
        let waiting = self.waiting.get_or_insert_with(|| self.parts.begin_shutdown());
        let Some(part) = waiting.pop() else { return false };
        let (component, deadline) = (part.component.clone(), self.deadline);
        // `into_kind` takes no limits along, and a component has no business to set any.
        match inside(|| component.stop(deadline).into_kind()) {
            Ok(lifecycle) => self.ending = Some((part, lifecycle)),
            Err(failure) => self.note(part, Err(failure)),
        }
        true
    }

    /// Writes down what has become of one, and takes it off the list.
    fn note(&mut self, part: Part, ending: Result<(), Failure>) {
        if let Err(failure) = &ending {
            self.parts.tell(&part, "stop", failure);
        }
        self.parts.remove(part.number);
        let (name, kind) = (part.name.clone(), part.kind.clone());
        self.report.parts.push(Stopped { name, kind, ending });
        let_go(part);
    }

    /// Goes on until one has to be waited for.
    fn go_on(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some((_, lifecycle)) = &mut self.ending {
                let Poll::Ready(ending) = Pin::new(lifecycle).poll(cx) else {
                    return Poll::Pending;
                };
                if let Some((part, _)) = self.ending.take() {
                    self.note(part, ending);
                }
            } else if !self.next() {
                return Poll::Ready(());
            }
        }
    }

    /// Waits no longer: the others are asked to stop, and get one step each to do so.
    fn hurry(&mut self, stop: &Stop) -> ShutdownReport {
        let mut cx = Context::from_waker(Waker::noop());
        while self.go_on(&mut cx).is_pending() {
            if let Some((part, lifecycle)) = self.ending.take() {
                drop(lifecycle);
                self.note(part, Err(stop.clone().into()));
            }
        }
        std::mem::take(&mut self.report)
    }
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown")
            .field("ending", &self.ending.as_ref().map(|(part, _)| &part.name))
            .field("ended", &self.report.parts.len())
            .finish_non_exhaustive()
    }
}

impl Kind for Shutdown {
    type Output = ShutdownReport;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ShutdownReport> {
        if self.go_on(cx).is_ready() {
            return Poll::Ready(std::mem::take(&mut self.report));
        }
        match Pin::new(&mut self.alarm).poll(cx) {
            Poll::Ready(()) => Poll::Ready(self.hurry(&Stop::Timeout)),
            Poll::Pending => Poll::Pending,
        }
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> ShutdownReport {
        self.hurry(&stop)
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        let subject = Subject::new("wait for the end of");
        let subject = match &self.ending {
            Some((part, _)) => subject.named("component", part.name.clone()),
            None => subject.of("components"),
        };
        subject.until(self.deadline)
    }
}

impl Drop for Shutdown {
    fn drop(&mut self) {
        let ending = self.ending.take().map(|(part, _)| part);
        let left: Vec<Part> = self.waiting.take().into_iter().flatten().chain(ending).collect();
        self.parts.leave(left.iter().map(|part| part.number));
        left.into_iter().for_each(let_go);
    }
}
