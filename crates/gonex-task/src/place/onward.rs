//! The way of a task from one place of a chain to the next.

use std::pin::Pin;
use std::sync::Arc;

use super::{NotTaken, Place};
use crate::handle::Spec;
use crate::portable::{Calling, Codec, CodecError, Definition, Guarantee, PortableTask, Progress};
use crate::work::{EndableFuture, Recalled, Task, recalled};
use crate::{PanicHook, TaskError};

/// A place of a chain, and those behind it. A task that waits at a place holds those behind, and not the
/// place itself, which could not end otherwise.
pub(super) struct Link {
    pub(super) place: Arc<dyn Place>,
    next: Option<Arc<Link>>,
}

impl Link {
    /// Chains places, of which there is one at least.
    pub(super) fn chain(places: &[Arc<dyn Place>]) -> Arc<Self> {
        let link =
            |next, place: &Arc<dyn Place>| Some(Arc::new(Self { place: place.clone(), next }));
        places.iter().rev().fold(None, link).expect("a chain has a first place")
    }
}

/// What the places before have said.
type Refusals = Vec<String>;

/// Hands a task in at the first place that takes it. One that none takes comes back as it was.
pub(super) fn hand_down(
    first: &Arc<Link>,
    mut task: Task,
    mut refusals: Refusals,
) -> Result<(), NotTaken> {
    let mut here = first;
    loop {
        let Some(next) = &here.next else {
            return here.place.submit(task).map_err(|not_taken| {
                let why = not_taken.why();
                refusals.push(said(&*here.place, not_taken.reason()));
                let reason = format!("no place of the chain took it: {}", refusals.join("; "));
                not_taken.into_task().not_taken(why, reason)
            });
        };
        let (sent, kept) = send(task, here, next, &refusals);
        let Err(not_taken) = here.place.submit(sent) else { return Ok(()) };
        refusals.push(said(&*here.place, not_taken.reason()));
        match kept.take_back(not_taken.into_task()) {
            Some(back) => task = back,
            // The place has done both, ended it and handed it back: then it is on its way already.
            None => return Ok(()),
        }
        here = next;
    }
}

fn said(place: &dyn Place, reason: &str) -> String {
    format!("{}: {reason}", place.name())
}

/// How a task is had back that a place hands back.
enum Kept {
    Call,
    Recalled(Recalled),
}

impl Kept {
    fn take_back(self, task: Task) -> Option<Task> {
        match self {
            Self::Recalled(recalled) => recalled.take(),
            Self::Call => Some(match task.into_call() {
                Ok(mut call) => {
                    // A place that hands it back says so, whatever it has said before.
                    call.has_not_begun();
                    PortableTask::new(call.into_calling().into_inner()).into_task()
                }
                Err(task) => task,
            }),
        }
    }
}

/// Makes a task that goes on to the next place if this one lets go of it.
fn send(task: Task, here: &Arc<Link>, next: &Arc<Link>, refusals: &Refusals) -> (Task, Kept) {
    let way =
        Way { place: here.place.name().to_owned(), next: next.clone(), refusals: refusals.clone() };
    match task.into_call() {
        Ok(call) => {
            let inner = call.into_calling();
            (PortableTask::new(Box::new(Onward { inner, way })).into_task(), Kept::Call)
        }
        Err(task) => {
            let back = move |task: Task, error: TaskError| {
                if Guarantee::AtMostOnce.falls_through(&error, 0) {
                    way.go_on(task, &error);
                } else {
                    task.end(error);
                }
            };
            let (task, kept) = recalled(task, back);
            (task, Kept::Recalled(kept))
        }
    }
}

/// Where a task goes that a place lets go of.
struct Way {
    /// The name of that place.
    place: String,
    next: Arc<Link>,
    refusals: Refusals,
}

impl Way {
    fn go_on(self, task: Task, error: &TaskError) {
        let Self { place, next, mut refusals } = self;
        refusals.push(format!("{place}: {error}"));
        hand_down(&next, task, refusals).unwrap_or_else(NotTaken::end);
    }
}

/// A call at a place that is not the last one.
struct Onward {
    inner: Box<dyn Calling>,
    way: Way,
}

impl Calling for Onward {
    fn end(self: Box<Self>, error: TaskError) {
        let Self { inner, way } = *self;
        let guarantee = inner.definition().guarantee();
        if guarantee.falls_through(&error, inner.progress().attempts()) {
            let mut task = PortableTask::new(inner);
            task.is_back();
            way.go_on(task.into_task(), &error);
        } else {
            inner.end(error);
        }
    }

    fn definition(&self) -> &'static Definition {
        self.inner.definition()
    }

    fn spec(&self) -> Spec {
        self.inner.spec()
    }

    fn called(&self) -> String {
        self.inner.called()
    }

    fn key(&self) -> Option<&[u8]> {
        self.inner.key()
    }

    fn progress(&self) -> &Progress {
        self.inner.progress()
    }

    fn progress_mut(&mut self) -> &mut Progress {
        self.inner.progress_mut()
    }

    fn write_arguments(&self, codec: Codec) -> Result<Result<Vec<u8>, CodecError>, TaskError> {
        self.inner.write_arguments(codec)
    }

    fn run(self: Box<Self>, hook: PanicHook, ended: &dyn Fn(bool)) {
        self.inner.run(hook, ended);
    }

    fn into_future(self: Box<Self>) -> Pin<Box<dyn EndableFuture + Send>> {
        self.inner.into_future()
    }

    fn finish(self: Box<Self>, codec: Codec, result: &[u8]) {
        self.inner.finish(codec, result);
    }

    fn into_inner(self: Box<Self>) -> Box<dyn Calling> {
        self.inner
    }
}
