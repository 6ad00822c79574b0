use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use gonex_core::component::{Shutdown, ShutdownReport};
use gonex_core::op::Subject;
use gonex_core::rt::{self, Sleep};
use gonex_core::{Instant, Kind, Op, Stop};

use super::Runtime;
use super::report::RuntimeReport;
use super::runtime::Core;

/// How long it is until the runtime is first looked at again; each time twice as long, up to the last.
const FIRST_PAUSE: Duration = Duration::from_micros(100);
const LAST_PAUSE: Duration = Duration::from_millis(10);

/// The kind of [`Runtime::shutdown`].
#[must_use = "a shutdown does nothing until it is awaited or blocked on"]
pub struct RuntimeShutdown {
    core: Arc<Core>,
    deadline: Instant,
    stage: Stage,
    /// Until the tasks are looked at again, and how long it is after that.
    pause: Option<(Sleep, Duration)>,
    /// The closures that had ended, and the futures that had not, when it began.
    begun: Option<(u64, usize)>,
    parts: ShutdownReport,
}

/// What is waited for.
enum Stage {
    Tasks,
    Parts(Box<Shutdown>),
    /// The tasks that the parts started to stop.
    Rest,
}

impl Runtime {
    /// Ends the runtime in order: refuses tasks from outside, waits for those that it has, has the parts
    /// of its [registry](Self::registry) stop, the last registered first, and ends its threads. The report
    /// says what became of all.
    ///
    /// Tasks that run may start others until they end: what was taken is finished. To have them stop
    /// sooner, cancel the context in which they run, such as a [`Group`](crate::Group)'s or that of
    /// [`signals`](crate::signals), before or meanwhile; tasks that wait for work should end when there is no
    /// more. A part may start tasks in order to stop.
    ///
    /// At the deadline what has not ended is given up: closures that have not started and futures of the
    /// runtime's own threads are dropped, closures that run are left alone, and each part that has not
    /// ended is asked to stop and not waited for. A limit of the operation, or the ambient context, has the
    /// same effect when it comes first. Dropping the runtime waits for nothing after that.
    ///
    /// It is for code outside of the runtime: a task of its own that waits for it waits for itself, until
    /// the deadline.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves a runtime that refuses tasks from outside and finishes what
    /// it has; another shutdown can go on from there.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::rt;
    /// use gonex_runtime::Runtime;
    /// use gonex_task::TaskError;
    ///
    /// let runtime = Runtime::new()?;
    /// let mut taken = runtime.go(|| 6 * 7);
    /// let report = runtime.shutdown(rt::now() + Duration::from_secs(60)).block();
    /// assert!(report.is_clean());
    /// assert_eq!(taken.join().block(), Ok(42));
    ///
    /// let late = runtime.go(|| 6 * 7).join().block();
    /// assert!(matches!(late, Err(TaskError::Refused { .. })));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn shutdown(&self, deadline: Instant) -> Op<RuntimeShutdown> {
        Op::new(RuntimeShutdown {
            core: self.core().clone(),
            deadline,
            stage: Stage::Tasks,
            pause: None,
            begun: None,
            parts: ShutdownReport::default(),
        })
    }
}

impl Core {
    /// Whether it has no task. Closures start futures and futures closures, so there is a moment at which
    /// neither was there only if no closure has ended between two looks that found none.
    fn is_at_rest(&self) -> bool {
        let before = self.closures.at_rest();
        before.is_some() && self.polling.is_at_rest() && self.closures.at_rest() == before
    }

    fn futures(&self) -> usize {
        let (own, elsewhere) = self.polling.alive();
        own + elsewhere
    }

    fn closures_ended(&self) -> u64 {
        let stats = self.closures.stats();
        stats.completed + stats.failed
    }
}

impl RuntimeShutdown {
    fn begin(&mut self) {
        if self.begun.is_none() {
            self.core.gate.shut();
            self.begun = Some((self.core.closures_ended(), self.core.futures()));
        }
    }

    /// Goes on until something has to be waited for.
    fn go_on(&mut self, cx: &mut TaskContext<'_>) -> Poll<()> {
        loop {
            match &mut self.stage {
                Stage::Tasks => {
                    if !self.core.is_at_rest() {
                        return Poll::Pending;
                    }
                    self.stop_parts();
                }
                Stage::Parts(parts) => {
                    let polled = self.core.own.inside(|| Pin::new(&mut **parts).poll(cx));
                    let Poll::Ready(report) = polled else { return Poll::Pending };
                    self.parts = report;
                    self.stage = Stage::Rest;
                }
                Stage::Rest if self.core.is_at_rest() => return Poll::Ready(()),
                Stage::Rest => return Poll::Pending,
            }
        }
    }

    fn stop_parts(&mut self) {
        let parts = self.core.registry.shutdown_all(self.deadline).into_kind();
        self.stage = Stage::Parts(Box::new(parts));
    }

    /// Waits no longer.
    fn hurry(&mut self, stop: &Stop) -> RuntimeReport {
        self.begin();
        if let Stage::Tasks = self.stage {
            self.stop_parts();
        }
        if let Stage::Parts(parts) = &mut self.stage {
            let core = &self.core;
            self.parts = core.own.inside(|| Pin::new(&mut **parts).stop(stop.clone()));
            self.stage = Stage::Rest;
        }
        self.finish()
    }

    /// Ends the runtime, whatever it does.
    fn finish(&mut self) -> RuntimeReport {
        let (ended_before, futures_before) = self.begun.unwrap_or_default();
        let (own, elsewhere) = self.core.polling.alive();
        let lost = self.core.closures.leave() + own;
        self.core.polling.end();
        let ended = self.core.closures_ended() - ended_before;
        RuntimeReport {
            ended: ended + futures_before.saturating_sub(own + elsewhere) as u64,
            lost,
            lingering: self.core.closures.lingering() + elsewhere,
            refused: self.core.gate.refused(),
            parts: std::mem::take(&mut self.parts),
        }
    }

    /// Has the task woken when it is time to look again. Nobody tells that a runtime is at rest: to
    /// count for that would cost each task something, and this is for once.
    fn look_again(&mut self, cx: &mut TaskContext<'_>) {
        loop {
            let now = rt::now();
            let (sleep, next) = self.pause.get_or_insert_with(|| pause(now, FIRST_PAUSE));
            if Pin::new(sleep).poll(cx).is_pending() {
                return;
            }
            let next = *next;
            self.pause = Some(pause(now, next));
        }
    }
}

fn pause(now: Instant, time: Duration) -> (Sleep, Duration) {
    (rt::sleep_until(now + time).into_kind(), (time * 2).min(LAST_PAUSE))
}

impl fmt::Debug for RuntimeShutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeShutdown").field("deadline", &self.deadline).finish_non_exhaustive()
    }
}

impl Kind for RuntimeShutdown {
    type Output = RuntimeReport;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<RuntimeReport> {
        self.begin();
        if self.go_on(cx).is_ready() {
            return Poll::Ready(self.finish());
        }
        if rt::now() >= self.deadline && !matches!(self.stage, Stage::Parts(_)) {
            return Poll::Ready(self.hurry(&Stop::Timeout));
        }
        // The parts tell when they have ended, and know the deadline.
        if !matches!(self.stage, Stage::Parts(_)) {
            self.look_again(cx);
        }
        Poll::Pending
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> RuntimeReport {
        // It may have come to rest at the last moment.
        self.begin();
        match self.go_on(&mut TaskContext::from_waker(Waker::noop())) {
            Poll::Ready(()) => self.finish(),
            Poll::Pending => self.hurry(&stop),
        }
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("wait for the end of").of("a runtime").until(self.deadline)
    }
}
