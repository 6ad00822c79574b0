use gonex_core::{Context, Op};

use super::Place;
use crate::handle::{Handle, Spec, TaskOptions};
use crate::work::{IntoTask, IntoTasks};

/// What [`Place`] provides, for a reference to one whose type is not known.
impl dyn Place + '_ {
    /// Starts a task here: see [`Place::go`].
    ///
    /// ```
    /// use gonex_task::place::{Inline, Place};
    ///
    /// let place: &dyn Place = &Inline;
    /// assert_eq!(place.go(|| 2 + 2).join().block(), Ok(4));
    /// ```
    #[track_caller]
    pub fn go<M, W: IntoTask<M>>(&self, work: W) -> Handle<W::Output> {
        work.start(Spec::new(Context::current()), &self)
    }

    /// Starts a task here with options: see [`Place::go_with`].
    ///
    /// ```
    /// use gonex_task::TaskOptions;
    /// use gonex_task::place::{Inline, Place};
    ///
    /// let place: &dyn Place = &Inline;
    /// let adder = place.go_with(&TaskOptions::new().name("adder"), || 2 + 2);
    /// assert_eq!(adder.name(), Some("adder"));
    /// ```
    #[track_caller]
    pub fn go_with<M, W: IntoTask<M>>(&self, options: &TaskOptions, work: W) -> Handle<W::Output> {
        work.start(options.spec(), &self)
    }

    /// Starts many tasks here and waits for all: see [`Place::go_all`].
    ///
    /// # Cancel safety
    /// Dropping the operation detaches the tasks; reaching a limit cancels them.
    ///
    /// # Errors
    /// The operation yields the first failure.
    ///
    /// ```
    /// use gonex_task::place::{Inline, Place};
    ///
    /// let place: &dyn Place = &Inline;
    /// assert_eq!(place.go_all((|| 1, async { 2 })).block(), Ok((1, 2)));
    /// ```
    #[track_caller]
    pub fn go_all<M, W: IntoTasks<M>>(&self, work: W) -> Op<W::Joined> {
        work.start(Spec::new(Context::current()), &self)
    }
}
