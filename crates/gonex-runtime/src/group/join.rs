use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use gonex_core::op::Subject;
use gonex_core::{Kind, Stop};
use gonex_task::{TaskError, drop_unwanted};

use super::Group;
use super::shared::All;

/// The results of a group's tasks, in order of start.
fn each<T>(group: &Group<T>, waker: &Waker) -> Poll<Vec<Result<T, TaskError>>> {
    // All have ended, so no place is empty.
    group.shared.poll_all(waker).map(|(results, _)| results.into_iter().flatten().collect())
}

/// Their values, or the failure that came first.
fn all<T>(group: &Group<T>, waker: &Waker) -> Poll<Result<Vec<T>, TaskError>> {
    group.shared.poll_all(waker).map(|all| values(all, |result| result))
}

/// The values of results, or the failure that came first: it goes before those that it brought about.
pub(super) fn values<T, V, E>(
    (mut results, failed): All<T>,
    judge: impl Fn(Result<T, TaskError>) -> Result<V, E>,
) -> Result<Vec<V>, E> {
    if let Some(failure) = failed.and_then(|place| results[place].take()) {
        // One by one: two destructors that panic in one sweep would abort the process.
        results.into_iter().for_each(drop_unwanted);
        return judge(failure).map(|_| Vec::new());
    }
    results.into_iter().flatten().map(judge).collect()
}

macro_rules! group_kind {
    ($(#[$doc:meta])* $name:ident, $output:ty, $poll:expr, $verb:literal) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<'a, T> {
            pub(super) group: &'a mut Group<T>,
        }

        impl<T> Kind for $name<'_, T> {
            type Output = $output;
            type Limited = Self;

            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                $poll(&*self.group, cx.waker())
            }

            fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
                // It may have come at the last moment.
                match $poll(&*self.group, Waker::noop()) {
                    Poll::Ready(output) => output,
                    Poll::Pending => Err(stop.into()),
                }
            }

            fn limited(self) -> Self {
                self
            }

            fn subject(&self) -> Subject {
                Subject::new($verb).of("a group")
            }
        }

        impl<T> Drop for $name<'_, T> {
            fn drop(&mut self) {
                self.group.shared.forget_waker();
            }
        }
    };
}

group_kind! {
    /// The kind of [`Group::wait`].
    GroupWait, Result<Vec<T>, TaskError>, all, "wait for all tasks of"
}

group_kind! {
    /// The kind of [`Group::wait_each`].
    GroupWaitEach,
    Result<Vec<Result<T, TaskError>>, TaskError>,
    |group, waker| each(group, waker).map(Ok),
    "wait for each task of"
}

group_kind! {
    /// The kind of [`Group::next`].
    GroupNext,
    Result<Option<T>, TaskError>,
    |group: &Group<T>, waker| group.shared.poll_next(waker).map(Option::transpose),
    "wait for the next task of"
}
