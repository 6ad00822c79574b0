use std::num::NonZeroUsize;
use std::sync::Arc;

use gonex_core::Context;
use gonex_task::place::{NotTaken, Place};
use gonex_task::work::EndableFuture;
use gonex_task::{Handle, Job, PanicHook, Priority, Spec, Task};

use super::managed::Workers;
use crate::Runtime;

/// Where the tasks of a call run, by its options.
#[derive(Clone)]
pub(crate) enum Station {
    /// On the threads of a runtime.
    Runtime(Runtime),
    /// On the workers of a managed pool.
    Managed(Arc<Workers>),
}

impl From<Runtime> for Station {
    fn from(runtime: Runtime) -> Self {
        Self::Runtime(runtime)
    }
}

/// Is in the context of every call on a managed pool, and so of all that such a call starts.
struct OnWorkers;

impl Station {
    /// Where a call in a context goes, and the context that it has there.
    ///
    /// A pool does not make up for workers that wait, and a call within another may wait for a worker that
    /// waits for it, through others as well. So it runs on the current runtime.
    pub(crate) fn within(&self, context: &Context) -> (Self, Context) {
        match self {
            Self::Runtime(_) => (self.clone(), context.clone()),
            Self::Managed(_) if context.value::<OnWorkers>().is_some() => {
                (Self::Runtime(Runtime::current()), context.clone())
            }
            Self::Managed(_) => (self.clone(), context.with_value(OnWorkers)),
        }
    }
}

/// Does the same at whichever it is.
macro_rules! at {
    ($station:expr, $place:ident => $done:expr) => {
        match $station {
            Station::Runtime($place) => $done,
            Station::Managed(workers) => {
                let $place = &**workers;
                $done
            }
        }
    };
}

/// A runtime takes futures and closures in shorter ways than a pool, and keeps them here.
impl Place for Station {
    fn name(&self) -> &str {
        at!(self, place => place.name())
    }

    fn parallelism(&self) -> NonZeroUsize {
        at!(self, place => place.parallelism())
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        at!(self, place => place.submit(task))
    }

    fn hook(&self) -> PanicHook {
        at!(self, place => place.hook())
    }

    fn submit_future(&self, future: impl EndableFuture + Send + 'static, priority: Priority) {
        at!(self, place => place.submit_future(future, priority));
    }

    fn submit_closure(&self, job: Job, priority: Priority) {
        at!(self, place => place.submit_closure(job, priority));
    }

    fn start_future<F>(&self, future: F, spec: Spec) -> Handle<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        at!(self, place => place.start_future(future, spec))
    }

    fn start_future_detached<F>(&self, future: F, spec: Spec)
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        at!(self, place => place.start_future_detached(future, spec));
    }
}
