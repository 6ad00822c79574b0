use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Cause, Kind, Op, Stop};

use super::into_task::IntoTask;
use crate::batch::{JoinAll, batch_pairs};
use crate::handle::Spec;
use crate::place::Place;
use crate::{Handle, TaskError};

/// What `go_all` takes: anything that iterates over closures, or over futures; or a tuple of two
/// to eight of either, with results of different types.
///
/// `Marker` is always inferred.
pub trait IntoTasks<Marker> {
    /// The results: a `Vec` in order, or a tuple.
    type Output;
    /// The kind of the operation that waits for them.
    type Joined: Kind<Output = Result<Self::Output, TaskError>, Limited = Self::Joined>;

    /// Hands each to a place, and waits for all.
    #[track_caller]
    fn start(self, spec: Spec, place: &impl Place) -> Op<Self::Joined>;
}

/// Marks iterators for [`IntoTasks`].
#[derive(Debug)]
pub struct IterMarker<M>(PhantomData<M>);

/// Marks tuples for [`IntoTasks`].
#[derive(Debug)]
pub struct TupleMarker<M>(PhantomData<M>);

impl<I, M> IntoTasks<IterMarker<M>> for I
where
    I: IntoIterator,
    I::Item: IntoTask<M>,
{
    type Output = Vec<<I::Item as IntoTask<M>>::Output>;
    type Joined = JoinAll<'static, <I::Item as IntoTask<M>>::Output>;

    #[track_caller]
    fn start(self, spec: Spec, place: &impl Place) -> Op<Self::Joined> {
        let priority = spec.priority;
        // Counted first: what the iterator does may panic, and then none has started.
        let work: Vec<I::Item> = self.into_iter().collect();
        let (completers, batch) = batch_pairs(work.len(), spec);
        for (work, completer) in work.into_iter().zip(completers) {
            work.start_with(completer, priority, place);
        }
        batch.into_op()
    }
}

/// The kind of `go_all` over a tuple: waits for handles of different types.
///
/// The first failure that is seen ends the wait, and the other tasks are cancelled; so does a
/// limit, since nobody can ask for the results again.
#[derive(Debug)]
pub struct JoinTuple<E> {
    entries: E,
}

// Nothing in it is ever pinned: entries are handles and plain values.
impl<E> Unpin for JoinTuple<E> {}

/// One task of a tuple, and its value once it is there.
pub struct Entry<T> {
    handle: Handle<T>,
    value: Option<T>,
}

impl<T> fmt::Debug for Entry<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}

impl<T> Entry<T> {
    /// Whether the value is there; or the failure.
    fn poll(&mut self, waker: &Waker) -> Result<bool, TaskError> {
        if self.value.is_none()
            && let Poll::Ready(result) = self.handle.poll_result(waker)
        {
            self.value = Some(result?);
        }
        Ok(self.value.is_some())
    }
}

impl<T> Drop for Entry<T> {
    fn drop(&mut self) {
        self.handle.forget_waker();
    }
}

/// The entries of a tuple.
pub trait Entries {
    /// Their values.
    type Output;

    /// Takes the values once they are all there.
    fn poll(&mut self, waker: &Waker) -> Poll<Result<Self::Output, TaskError>>;

    /// Cancels all tasks.
    fn cancel(&self, cause: &Cause);
}

impl<E: Entries> JoinTuple<E> {
    fn poll_with(&mut self, waker: &Waker) -> Poll<Result<E::Output, TaskError>> {
        let polled = self.entries.poll(waker);
        if let Poll::Ready(Err(_)) = &polled {
            self.entries.cancel(&"another task of the tuple failed".into());
        }
        polled
    }
}

impl<E: Entries> Kind for JoinTuple<E> {
    type Output = Result<E::Output, TaskError>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        self.poll_with(cx.waker())
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        if let Poll::Ready(result) = self.poll_with(Waker::noop()) {
            return result;
        }
        self.entries.cancel(&match &stop {
            Stop::Timeout => "nobody waits for the tuple any longer".into(),
            Stop::Cancelled(cause) => cause.clone(),
        });
        Err(stop.into())
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("join all tasks of").of("a tuple")
    }
}

macro_rules! tuples {
    ($(($($work:ident $marker:ident $value:ident),+))+) => {$(
        impl<$($value),+> Entries for ($(Entry<$value>,)+) {
            type Output = ($($value,)+);

            #[expect(non_snake_case, reason = "named after their types")]
            fn poll(&mut self, waker: &Waker) -> Poll<Result<Self::Output, TaskError>> {
                let ($($value,)+) = self;
                // Every entry is polled each time, so that each knows the waker.
                let mut all = true;
                $(match $value.poll(waker) {
                    Ok(there) => all &= there,
                    Err(error) => return Poll::Ready(Err(error)),
                })+
                if !all {
                    return Poll::Pending;
                }
                match ($($value.value.take(),)+) {
                    ($(Some($value),)+) => Poll::Ready(Ok(($($value,)+))),
                    _ => Poll::Ready(Err(TaskError::AlreadyJoined)),
                }
            }

            #[expect(non_snake_case, reason = "named after their types")]
            fn cancel(&self, cause: &Cause) {
                let ($($value,)+) = self;
                $($value.handle.cancel(cause.clone());)+
            }
        }

        impl<$($work, $marker),+> IntoTasks<TupleMarker<($($marker,)+)>> for ($($work,)+)
        where
            $($work: IntoTask<$marker>, )+
        {
            type Output = ($($work::Output,)+);
            type Joined = JoinTuple<($(Entry<$work::Output>,)+)>;

            #[track_caller]
            #[expect(non_snake_case, reason = "named after their types")]
            fn start(self, spec: Spec, place: &impl Place) -> Op<Self::Joined> {
                let ($($work,)+) = self;
                let entries = ($(Entry {
                    handle: $work.start(spec.clone(), place),
                    value: None,
                },)+);
                Op::new(JoinTuple { entries })
            }
        }
    )+};
}

tuples! {
    (A MA VA, B MB VB)
    (A MA VA, B MB VB, C MC VC)
    (A MA VA, B MB VB, C MC VC, D MD VD)
    (A MA VA, B MB VB, C MC VC, D MD VD, E ME VE)
    (A MA VA, B MB VB, C MC VC, D MD VD, E ME VE, F MF VF)
    (A MA VA, B MB VB, C MC VC, D MD VD, E ME VE, F MF VF, G MG VG)
    (A MA VA, B MB VB, C MC VC, D MD VD, E ME VE, F MF VF, G MG VG, H MH VH)
}
