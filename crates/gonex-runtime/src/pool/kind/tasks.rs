use std::future::Future;
use std::io;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use gonex_core::primitive::lock_std;
use gonex_core::{Cause, Context, context, rt};
use gonex_task::{Place, Priority, TaskError, drop_unwanted};

use super::assignment::{Assignment, Finished, TaskNo};
use super::kind::{Abilities, Start, Worker, WorkerKind};
use super::link::Link;
use super::within::{Stay, Within, is_within};
use crate::runtime::Runtime;

/// Workers that are so many futures at once, polled by a runtime.
pub(crate) struct AsyncTasks<F> {
    handler: Arc<F>,
    slots: NonZeroU32,
    runtime: Runtime,
}

impl<F> AsyncTasks<F> {
    pub(crate) fn new(handler: F, slots: NonZeroU32, runtime: Runtime) -> Self {
        Self { handler: Arc::new(handler), slots, runtime }
    }
}

impl<J, R, F, Fut> WorkerKind<J, R> for AsyncTasks<F>
where
    J: Send + 'static,
    R: Send + 'static,
    F: Fn(J) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
{
    fn abilities(&self) -> Abilities {
        Abilities::new("async worker").slots(self.slots).ends_when_killed()
    }

    fn start(&self, _: &Start, link: Link<J, R>) -> io::Result<Arc<dyn Worker<J, R>>> {
        let (alive, kill) = Context::background().with_cancel();
        link.ready();
        let life = Mutex::new(Life { running: 0, is_stopping: false, is_gone: false });
        let life = Arc::new(Shared { link, life });
        let (handler, runtime) = (self.handler.clone(), self.runtime.clone());
        Ok(Arc::new(AsyncWorker { life, handler, runtime, alive, kill }))
    }
}

/// Workers whose tasks are futures, polled by the runtime of the moment, `in_flight` at once for each
/// worker: what [`PoolBuilder::build_async`](crate::PoolBuilder::build_async) makes its pool of.
pub fn tasks<J, R, Fut>(
    in_flight: NonZeroU32,
    handler: impl Fn(J) -> Fut + Send + Sync + 'static,
) -> impl WorkerKind<J, R>
where
    J: Send + 'static,
    R: Send + 'static,
    Fut: Future<Output = R> + Send + 'static,
{
    AsyncTasks::new(handler, in_flight, Runtime::current())
}

/// A worker whose tasks are futures of a runtime.
struct AsyncWorker<J, R, F> {
    life: Arc<Shared<J, R>>,
    handler: Arc<F>,
    runtime: Runtime,
    /// Ends with the worker.
    alive: Context,
    kill: context::Canceller,
}

struct Shared<J, R> {
    link: Link<J, R>,
    life: Mutex<Life>,
}

/// What decides when it is gone.
struct Life {
    running: usize,
    is_stopping: bool,
    is_gone: bool,
}

impl<J, R, F> AsyncWorker<J, R, F> {
    /// Tells it from all others as long as it, or a task of it, is there.
    fn number(&self) -> usize {
        Arc::as_ptr(&self.life).addr()
    }
}

impl<J, R> Shared<J, R> {
    fn change(&self, change: impl FnOnce(&mut Life)) {
        let mut life = lock_std(&self.life);
        change(&mut life);
        let goes = life.is_stopping && life.running == 0 && !life.is_gone;
        life.is_gone |= goes;
        drop(life);
        if goes {
            self.link.gone(None);
        }
    }

    fn ended(&self, no: TaskNo, began: gonex_core::Instant, result: Result<R, TaskError>) {
        self.link.ended(Finished::new(no, began, result));
        self.change(|life| life.running -= 1);
    }
}

impl<J, R, F, Fut> Worker<J, R> for AsyncWorker<J, R, F>
where
    J: Send + 'static,
    R: Send + 'static,
    F: Fn(J) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = R> + Send + 'static,
{
    fn assign(&self, assignment: Assignment<J, R>) {
        let mut is_late = false;
        self.life.change(|life| {
            is_late = life.is_stopping;
            life.running += usize::from(!is_late);
        });
        if is_late {
            // The pool has ended the task already.
            return drop_unwanted(assignment);
        }
        let (no, job, runner, until, hook) = assignment.into_parts();
        let (life, began) = (self.life.clone(), rt::now());
        let number = self.number();
        let completer = runner.telling(move |result| {
            // A result that nobody wants is dropped there, and may hold the pool: whose end must not wait
            // for this worker then.
            let _stay = Stay::with(number);
            life.ended(no, began, result);
        });
        let (handler, alive) = (self.handler.clone(), self.alive.clone());
        // Ends when its time is over, or its worker is killed, wherever it waits.
        let limited = async move {
            let alive = match until {
                Some(until) => alive.with_deadline(until),
                None => alive,
            };
            let mut killed = pin!(alive.done().into_kind());
            let mut work = pin!(async move { handler(job).await });
            let ended = std::future::poll_fn(|cx| {
                use gonex_core::Kind as _;
                if let Poll::Ready(value) = work.as_mut().poll(cx) {
                    return Poll::Ready(Ok(value));
                }
                killed.as_mut().poll(cx).map(Err)
            });
            match ended.await {
                Ok(value) => value,
                Err(stop) => stop.unwind(),
            }
        };
        let limited = Within::new(number, limited);
        let future = gonex_task::work::TaskFuture::new(limited, completer, hook);
        self.runtime.submit_future(future, Priority::NORMAL);
    }

    fn stop(&self) {
        self.life.change(|life| life.is_stopping = true);
    }

    fn kill(&self) {
        self.kill.cancel(Cause::from("its worker was killed"));
        self.life.change(|life| life.is_stopping = true);
    }

    fn is_current(&self) -> bool {
        is_within(self.number())
    }
}
