use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, ready};

use gonex_core::context::Deferred;
use gonex_core::op::Subject;
use gonex_core::primitive::lock_std;
use gonex_core::{Kind, Op, Stop};
use gonex_task::batch::{Collect, Member};
use gonex_task::handle::{Completer, Join, pair};
use gonex_task::work::Lender;
use gonex_task::{Handle, Spec, TaskError};

use super::tasks::{Counted, Tally};

/// The way to the result of a task of a [`scope`](crate::scope()).
#[must_use = "a failure that nobody joins makes the scope panic; use `spawn` to say that"]
pub struct ScopedHandle<'scope, T> {
    handle: Handle<()>,
    /// Written by the task before it ends. It may borrow, so only this end keeps it when the scope
    /// does.
    value: Arc<Mutex<Option<T>>>,
    tally: Arc<Tally>,
    number: usize,
    borrows: PhantomData<&'scope ()>,
}

impl<T> fmt::Debug for ScopedHandle<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedHandle")
            .field("number", &self.number)
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}

/// Where the task's closure leaves its value.
pub(super) struct Fill<T>(Arc<Mutex<Option<T>>>);

impl<T> Fill<T> {
    /// Without a handle left, the value is gone before the task has ended.
    pub(super) fn with(self, value: T) {
        *lock_std(&self.0) = Some(value);
    }
}

/// The end of a task that has a handle: tells the handle, then the scope.
struct Both {
    tally: Arc<Tally>,
    completer: Mutex<Option<Completer<()>>>,
    /// Dropped with the rest, when the handle has been told.
    _counted: Counted,
}

impl Collect<()> for Both {
    fn collect(&self, number: usize, result: Result<(), TaskError>) {
        if let Err(error) = &result {
            self.tally.failed(Some(number), error.clone());
        }
        let completer = lock_std(&self.completer).take();
        if let Some(completer) = completer {
            completer.complete(result);
        }
    }

    fn context(&self) -> &Deferred {
        &self.tally.context
    }

    fn of(&self) -> &'static str {
        Lender::of(&*self.tally)
    }
}

impl<'scope, T> ScopedHandle<'scope, T> {
    #[track_caller]
    pub(super) fn new(tally: &Arc<Tally>) -> (Completer<()>, Self, Fill<T>) {
        let (completer, handle) = pair(Spec::new(tally.context.context().clone()));
        let value = Arc::new(Mutex::new(None));
        let fill = Fill(value.clone());
        let (tally, number) = (tally.clone(), tally.number());
        let both = Both {
            tally: tally.clone(),
            completer: Mutex::new(Some(completer)),
            _counted: Counted::new(&tally),
        };
        let completer = Completer::to_many(Arc::new(both), Member::new(number));
        (completer, Self { handle, value, tally, number, borrows: PhantomData }, fill)
    }

    /// Waits for the task to end.
    ///
    /// # Cancel safety
    /// Dropping the operation detaches the handle: the scope still waits for the task.
    ///
    /// # Errors
    /// How the task ended without a result, or the wait was stopped.
    #[track_caller]
    pub fn join(self) -> Op<ScopedJoin<'scope, T>> {
        let Self { handle, value, tally, number, .. } = self;
        let join = handle.into_future().into_kind();
        Op::new(ScopedJoin { join, value, tally, number, borrows: PhantomData })
    }

    /// Whether the task has ended.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }
}

/// The kind of [`ScopedHandle::join`].
pub struct ScopedJoin<'scope, T> {
    join: Join<'static, ()>,
    value: Arc<Mutex<Option<T>>>,
    tally: Arc<Tally>,
    number: usize,
    borrows: PhantomData<&'scope ()>,
}

impl<T> fmt::Debug for ScopedJoin<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedJoin").field("number", &self.number).finish_non_exhaustive()
    }
}

impl<T> ScopedJoin<'_, T> {
    fn end(&self, joined: Result<(), TaskError>) -> Result<T, TaskError> {
        match joined {
            Ok(()) => lock_std(&self.value).take().ok_or(TaskError::AlreadyJoined),
            Err(error) => {
                self.tally.is_told(self.number);
                Err(error)
            }
        }
    }
}

impl<T> Kind for ScopedJoin<'_, T> {
    type Output = Result<T, TaskError>;
    type Limited = Self;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.join.attempt().map(|joined| self.end(joined))
    }

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let joined = ready!(Pin::new(&mut self.join).poll(cx));
        Poll::Ready(self.end(joined))
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // If the task goes on, its failure is still to be told.
        self.attempt().unwrap_or_else(|| Err(stop.into()))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("join").numbered("task of a scope", self.number as u64)
    }
}
