use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use gonex_core::Kind;
use gonex_core::op::Subject;
use gonex_core::primitive::{discard, lock_std};
use gonex_core::rt::{self, Blocked, Thread};
use gonex_sync::{Receiver, Sender, unbounded};
use gonex_task::drop_unwanted;

use super::assignment::Assignment;
use super::kind::{Abilities, Start, Worker, WorkerKind};
use super::link::Link;
use super::snapshots::{Leaf, Snapshots};
use crate::topology::{Seat, pin_current_thread};

/// Workers that are threads, each with a state of its own.
pub(crate) struct WorkerThreads<S, F> {
    shared: Arc<Body<S, F>>,
}

/// Makes the state of a worker.
type Init<S> = dyn Fn(&Start) -> Result<S, String> + Send + Sync;

/// How a worker's state is made, and what is done with it.
struct Body<S, F> {
    init: Box<Init<S>>,
    handler: F,
    snapshots: Option<Snapshots<S>>,
    /// Where the thread of each slot stays, gone through again; nowhere if empty.
    seats: Vec<Seat>,
}

impl<S, F> WorkerThreads<S, F> {
    pub(crate) fn new(
        init: impl Fn(&Start) -> Result<S, String> + Send + Sync + 'static,
        handler: F,
        snapshots: Option<Snapshots<S>>,
        seats: Vec<Seat>,
    ) -> Self {
        Self { shared: Arc::new(Body { init: Box::new(init), handler, snapshots, seats }) }
    }
}

/// Workers that are threads and share a handler: what [`PoolBuilder::build`](crate::PoolBuilder::build)
/// makes its pool of.
pub fn threads<J, R>(handler: impl Fn(J) -> R + Send + Sync + 'static) -> impl WorkerKind<J, R>
where
    J: Send + 'static,
    R: Send + 'static,
{
    WorkerThreads::new(|_| Ok(()), move |(): &mut (), job| handler(job), None, Vec::new())
}

/// What the abilities of threads are.
const ABILITIES: Abilities = Abilities::new("thread");

impl<J, R, S, F> WorkerKind<J, R> for WorkerThreads<S, F>
where
    J: Send + 'static,
    R: Send + 'static,
    S: 'static,
    F: Fn(&mut S, J) -> R + Send + Sync + 'static,
{
    fn abilities(&self) -> Abilities {
        ABILITIES
    }

    fn start(&self, start: &Start, link: Link<J, R>) -> io::Result<Arc<dyn Worker<J, R>>> {
        let (sender, receiver) = unbounded();
        let (body, begin) = (self.shared.clone(), start.clone());
        let leaf = self.shared.snapshots.as_ref().map(|snapshots| snapshots.leaf(start));
        let run = move || body.live(&begin, &receiver, &link);
        let thread = rt::spawn_thread(start.name.clone(), run)?;
        Ok(Arc::new(WorkerThread { sender, thread: Mutex::new(Some(thread)), leaf }))
    }
}

impl<S, F> Body<S, F> {
    /// What a thread does, from its beginning to its end.
    fn live<J: 'static, R: 'static>(
        &self,
        start: &Start,
        tasks: &Receiver<Assignment<J, R>>,
        link: &Link<J, R>,
    ) where
        F: Fn(&mut S, J) -> R,
    {
        if let Some(seat) = self.seats.iter().cycle().nth(start.slot)
            && let Err(error) = pin_current_thread(&seat.cpus)
        {
            link.warn(error.to_string());
        }
        let begin = || {
            let mut state = (self.init)(start)?;
            if let Some(snapshots) = &self.snapshots {
                snapshots.give(start, &mut state);
            }
            Ok(state)
        };
        let mut state = match user("the initialiser", begin).unwrap_or_else(Err) {
            Ok(state) => state,
            Err(cause) => return link.gone(Some(cause)),
        };
        link.ready();
        let mut done = 0;
        while let Some(task) = next(tasks) {
            let finished = task.run(|job| (self.handler)(&mut state, job));
            done += 1;
            if let Some(snapshots) = &self.snapshots
                && snapshots.every.is_some_and(|every| done % every == 0)
            {
                // One that cannot be taken leaves the one before.
                user("the snapshot", || snapshots.keep(start, &state)).ok();
            }
            link.ended(finished);
        }
        let end = || {
            if let Some(snapshots) = &self.snapshots {
                snapshots.keep(start, &state);
            }
            drop(state);
        };
        let cause = user("the end of its state", end).err();
        link.gone(cause);
    }
}

/// Runs what the user has given for the lives of workers; a panic in it is told in words.
fn user<T>(what: &str, body: impl FnOnce() -> T) -> Result<T, String> {
    panic::catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
        let cause = format!("{what} panicked: {}", text.unwrap_or("without a message"));
        discard(payload);
        cause
    })
}

/// Waits for a task on this thread; `None` once there will be none.
///
/// The kind is polled without its operation: no context stops a worker, and that one has nothing
/// to do is not a wait that [insight](gonex_core::insight) should list.
fn next<T>(tasks: &Receiver<T>) -> Option<T> {
    if let Ok(task) = tasks.try_recv() {
        return Some(task);
    }
    let mut recv = pin!(tasks.recv().into_kind());
    rt::block(|cx| match recv.as_mut().poll(cx) {
        Poll::Ready(received) => Blocked::Done(received.ok()),
        Poll::Pending => {
            rt::waits(|| Subject::new("wait for work of").of("a pool"));
            Blocked::Until(None)
        }
    })
}

/// The way to a worker that is a thread.
struct WorkerThread<J, R> {
    sender: Sender<Assignment<J, R>>,
    /// Until it is joined.
    thread: Mutex<Option<Thread>>,
    /// Where its state is kept.
    leaf: Option<Leaf>,
}

impl<J: Send + 'static, R: Send + 'static> Worker<J, R> for WorkerThread<J, R> {
    fn assign(&self, assignment: Assignment<J, R>) {
        // One that was told to go takes nothing, and the pool has ended the task already.
        drop_unwanted(self.sender.try_send(assignment));
    }

    fn stop(&self) {
        self.sender.close();
    }

    fn kill(&self) {
        // Before another takes its place.
        self.leaf.iter().for_each(Leaf::tear_out);
        self.sender.close();
    }

    fn is_current(&self) -> bool {
        lock_std(&self.thread).as_ref().is_some_and(Thread::is_current)
    }

    fn join(&self) {
        let thread = lock_std(&self.thread).take();
        thread.into_iter().for_each(Thread::join);
    }
}
