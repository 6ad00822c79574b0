use gonex_core::{Context, Op};

use super::Place;
use crate::batch::JoinAll;
use crate::handle::{Handle, Spec, TaskOptions};
use crate::work::{IntoTask, IntoTasks, IterMarker};

/// Starts tasks at a [`Place`], whether its type is known or not.
pub trait PlaceExt: Place {
    /// Starts a task here: a closure or a future. Its context is a child of the current one.
    ///
    /// A task that the place does not take ends with [`TaskError::Refused`](crate::TaskError::Refused).
    ///
    /// # Panics
    /// If the place does, as it says.
    ///
    /// ```
    /// use gonex_task::place::{Inline, Place, PlaceExt};
    ///
    /// assert_eq!(Inline.go(|| 2 + 2).join().block(), Ok(4));
    ///
    /// let place: &dyn Place = &Inline;
    /// assert_eq!(place.go(async { 2 + 2 }).join().block(), Ok(4));
    /// ```
    #[track_caller]
    fn go<M, W: IntoTask<M>>(&self, work: W) -> Handle<W::Output> {
        work.start(Spec::new(Context::current()), &self)
    }

    /// Starts a task here with options: a name, a priority, a context.
    ///
    /// # Panics
    /// As [`go`](Self::go).
    ///
    /// ```
    /// use gonex_task::TaskOptions;
    /// use gonex_task::place::{Inline, PlaceExt};
    ///
    /// let adder = Inline.go_with(&TaskOptions::new().name("adder"), || 2 + 2);
    /// assert_eq!(adder.name(), Some("adder"));
    /// ```
    #[track_caller]
    fn go_with<M, W: IntoTask<M>>(&self, options: &TaskOptions, work: W) -> Handle<W::Output> {
        work.start(options.spec(), &self)
    }

    /// Starts a task here that nobody will wait for. Its result is dropped, and so is the reason of a
    /// refusal; the task ends with the context that is current here, and not otherwise.
    ///
    /// # Panics
    /// As [`go`](Self::go).
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use gonex_task::place::{Inline, PlaceExt};
    ///
    /// let (tell, told) = mpsc::channel();
    /// Inline.go_detached(move || tell.send(7));
    /// assert_eq!(told.recv(), Ok(7));
    /// ```
    #[track_caller]
    fn go_detached<M, W: IntoTask<M>>(&self, work: W) {
        work.start_detached(Spec::new(Context::current()), &self);
    }

    /// Starts many tasks here and waits for all: an iterator of closures or of futures, or a tuple of two
    /// to eight of either.
    ///
    /// The tasks start now, whether or not the operation is waited for.
    ///
    /// # Cancel safety
    /// Dropping the operation detaches the tasks; reaching a limit cancels them.
    ///
    /// # Errors
    /// The operation yields the first failure, as soon as it happens. The other tasks are cancelled then.
    ///
    /// # Panics
    /// As [`go`](Self::go).
    ///
    /// ```
    /// use gonex_task::place::{Inline, PlaceExt};
    ///
    /// assert_eq!(Inline.go_all([1, 2, 3].map(|n| move || n * n)).block(), Ok(vec![1, 4, 9]));
    /// ```
    #[track_caller]
    fn go_all<M, W: IntoTasks<M>>(&self, work: W) -> Op<W::Joined> {
        work.start(Spec::new(Context::current()), &self)
    }

    /// Makes a task of each item, and starts and waits for all as [`go_all`](Self::go_all) does: the short form
    /// for portable calls of one function.
    ///
    /// # Cancel safety
    /// As `go_all`.
    ///
    /// # Errors
    /// As `go_all`.
    ///
    /// # Panics
    /// As [`go`](Self::go), and if making a task does; then none has started.
    ///
    /// ```
    /// use gonex_task::place::{Inline, PlaceExt};
    /// use gonex_task::task;
    ///
    /// #[task(crate = gonex_task)]
    /// fn word_count(text: String) -> usize {
    ///     text.split_whitespace().count()
    /// }
    ///
    /// let texts = ["call me Ishmael", "no"].map(str::to_owned);
    /// assert_eq!(Inline.map(texts, word_count::call).block(), Ok(vec![3, 1]));
    /// ```
    #[track_caller]
    fn map<M, I, W>(
        &self,
        items: I,
        make: impl FnMut(I::Item) -> W,
    ) -> Op<JoinAll<'static, W::Output>>
    where
        I: IntoIterator,
        W: IntoTask<M>,
    {
        let work = items.into_iter().map(make);
        IntoTasks::<IterMarker<M>>::start(work, Spec::new(Context::current()), &self)
    }
}

impl<P: Place + ?Sized> PlaceExt for P {}
