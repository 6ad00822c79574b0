use std::fmt;
use std::future::IntoFuture;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Canceller, Context, Kind, Op, Stop};
use gonex_task::handle::Join;
use gonex_task::work::TupleMarker;
use gonex_task::{Handle, IntoTask, Place, Spec};

use super::ended::rename;
use super::try_error::flatten;
use super::{IntoTryTasks, TryError};

/// The kind of [`try_go_all`](super::try_go_all) over a tuple.
///
/// If several have failed when it looks, the first in the tuple counts.
#[derive(Debug)]
pub struct TryTuple<S> {
    entries: S,
    canceller: Canceller,
}

// Nothing in it is ever pinned: entries are joins and plain values.
impl<S> Unpin for TryTuple<S> {}

/// One task of a tuple, and its value once it is there.
pub struct TryEntry<T: 'static, E: 'static> {
    join: Join<'static, Result<T, E>>,
    value: Option<T>,
    place: (usize, &'static Location<'static>),
}

impl<T: 'static, E: 'static> fmt::Debug for TryEntry<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryEntry").field("there", &self.value.is_some()).finish_non_exhaustive()
    }
}

impl<T: 'static, E: 'static> TryEntry<T, E> {
    fn new(handle: Handle<Result<T, E>>, place: (usize, &'static Location<'static>)) -> Self {
        Self { join: handle.into_future().into_kind(), value: None, place }
    }
}

impl<T: 'static, E: 'static> TryEntry<T, E> {
    /// Whether the value is there; or the failure.
    fn poll(&mut self, cx: &mut TaskContext<'_>) -> Result<bool, TryError<E>> {
        if self.value.is_none()
            && let Poll::Ready(ended) = Pin::new(&mut self.join).poll(cx)
        {
            let (index, origin) = self.place;
            let name = || format!("{index} of a tuple from {origin}");
            self.value = Some(flatten(ended.map_err(|error| rename(error, name)))?);
        }
        Ok(self.value.is_some())
    }
}

/// The entries of a tuple.
pub trait TryEntries {
    /// Their values.
    type Output;
    /// What each of them may fail with.
    type Error;

    /// Takes the values once they are all there, or a failure.
    fn poll(
        &mut self,
        cx: &mut TaskContext<'_>,
    ) -> Poll<Result<Self::Output, TryError<Self::Error>>>;
}

impl<S: TryEntries> Kind for TryTuple<S> {
    type Output = Result<S::Output, TryError<S::Error>>;
    type Limited = Self;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let polled = self.entries.poll(cx);
        if let Poll::Ready(Err(_)) = &polled {
            self.canceller.cancel("another task failed");
        }
        polled
    }

    fn stop(mut self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        // The last one may have come at the last moment.
        if let Poll::Ready(result) = self.as_mut().poll(&mut TaskContext::from_waker(Waker::noop()))
        {
            return result;
        }
        self.canceller.cancel(match &stop {
            Stop::Timeout => "nobody waits for the task any longer".into(),
            Stop::Cancelled(cause) => cause.clone(),
        });
        Err(TryError::Task(stop.into()))
    }

    fn limited(self) -> Self {
        self
    }

    fn subject(&self) -> Subject {
        Subject::new("join all tasks of").of("a tuple that may fail")
    }
}

macro_rules! tuples {
    ($(($($work:ident $marker:ident $value:ident $index:literal),+))+) => {$(
        impl<X: 'static, $($value: 'static),+> TryEntries for ($(TryEntry<$value, X>,)+) {
            type Output = ($($value,)+);
            type Error = X;

            #[expect(non_snake_case, reason = "named after their types")]
            fn poll(&mut self, cx: &mut TaskContext<'_>) -> Poll<Result<Self::Output, TryError<X>>> {
                let ($($value,)+) = self;
                // Every entry is polled each time, so that each knows the waker.
                let mut all = true;
                $(match $value.poll(cx) {
                    Ok(there) => all &= there,
                    Err(error) => return Poll::Ready(Err(error)),
                })+
                if all && let ($(Some($value),)+) = ($($value.value.take(),)+) {
                    return Poll::Ready(Ok(($($value,)+)));
                }
                Poll::Pending
            }
        }

        impl<X, $($work, $marker, $value),+> IntoTryTasks<TupleMarker<($($marker,)+)>>
            for ($($work,)+)
        where
            X: Send + 'static,
            $($value: Send + 'static, $work: IntoTask<$marker, Output = Result<$value, X>>,)+
        {
            type Output = ($($value,)+);
            type Error = X;
            type Tried = TryTuple<($(TryEntry<$value, X>,)+)>;

            #[track_caller]
            #[expect(non_snake_case, reason = "named after their types")]
            fn start(self, place: &impl Place) -> Op<Self::Tried> {
                let origin = Location::caller();
                let (context, canceller) = Context::current().with_cancel();
                let spec = Spec { name: Some("a tuple".into()), ..Spec::new(context.clone()) };
                let ($($work,)+) = self;
                let entries = context.run(|| {
                    ($(TryEntry::new($work.start(spec.clone(), place), ($index, origin)),)+)
                });
                Op::new(TryTuple { entries, canceller })
            }
        }
    )+};
}

tuples! {
    (A MA VA 0, B MB VB 1)
    (A MA VA 0, B MB VB 1, C MC VC 2)
    (A MA VA 0, B MB VB 1, C MC VC 2, D MD VD 3)
    (A MA VA 0, B MB VB 1, C MC VC 2, D MD VD 3, E ME VE 4)
    (A MA VA 0, B MB VB 1, C MC VC 2, D MD VD 3, E ME VE 4, F MF VF 5)
    (A MA VA 0, B MB VB 1, C MC VC 2, D MD VD 3, E ME VE 4, F MF VF 5, G MG VG 6)
    (A MA VA 0, B MB VB 1, C MC VC 2, D MD VD 3, E ME VE 4, F MF VF 5, G MG VG 6, H MH VH 7)
}
