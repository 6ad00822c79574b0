//! What a task is in [gonex](https://docs.rs/gonex): the work, the handle to its result, and how
//! it can fail.
//!
//! - [`IntoTask`] is what `go` takes: a closure, a future, or a [`Call`].
//! - [`Handle`] waits for one task, [`Batch`] for many.
//! - [`TaskError`] says how a task ended without a result; for a panic, with message and place.
//!
//! - A [`Place`] is where tasks run. [`Inline`] runs them in the caller; those with threads and more are
//!   in `gonex-runtime` and above. A [`Chain`] of places is one.
//! - [`#[task]`](macro@task) makes a function one that can be called at any place, in other processes too:
//!   see [`portable`].

#![forbid(unsafe_code)]

pub mod batch;
mod error;
pub mod handle;
mod holding;
mod panic;
pub mod place;
pub mod portable;
pub mod work;

pub use batch::Batch;
pub use error::{Stalled, TaskError};
pub use handle::{Handle, Priority, Spec, TaskId, TaskOptions};
#[doc(hidden)]
pub use panic::drop_unwanted;
pub use panic::{Panic, PanicHook, SourcePlace, isolate};
pub use place::{Chain, Inline, Place, PlaceExt};
pub use portable::Call;
pub use work::{IntoTask, IntoTasks, Job, Task};

/// Makes a function one that can be called at any place: in this process, in another one, on another machine.
///
/// The function stays as it is. Beside it there is `name::call(args)`, which makes a
/// [`Call`] of it.
///
/// ```
/// use gonex_core::Context;
/// use gonex_task::{Inline, PlaceExt, task};
///
/// #[task(crate = gonex_task, idempotent, timeout = "30s")]
/// async fn word_count(context: &Context, text: &str) -> Result<usize, String> {
///     assert!(context.deadline().is_some());
///     match text.split_whitespace().count() {
///         0 => Err("there is nothing to count".to_owned()),
///         count => Ok(count),
///     }
/// }
///
/// assert_eq!(Inline.go(word_count::call("call me".to_owned())).join().block(), Ok(Ok(2)));
/// ```
///
/// # The function
/// It is sync or async, and free: no method, no generics, not `unsafe`. Arguments have plain names and travel,
/// as the result does: serde writes and reads them, and they are `Send + 'static`. Two borrowed types are
/// understood: an argument `&str` is a `String` in `call`, and `&[T]` a `Vec<T>`. A first argument `&Context`
/// is no argument of `call`; it is the task's own context. An async function's future is `Send`.
///
/// It may stand anywhere an item may, but in an `impl`: in the body of a function, too, and in a doc test.
///
/// # Options
/// - `name = "shop::count"`: what it is called at the other end. By default the path of the module, and the
///   function's name. Tasks of one name in one program are [found](crate::portable::Registry::duplicates).
/// - `idempotent`: to run it more than once for one call does no harm. Then it is started again if it is lost
///   while it runs, as when its worker dies; else it runs [at most once](crate::portable::Guarantee).
/// - `retry = 3`: how often that may happen at most; 2 by default. It needs `idempotent`. Errors that the
///   function returns are values like others, and are not retried.
/// - `timeout = "30s"`, or an expression that is a `Duration`: how long a call may take, from when it is
///   handed in.
/// - `weight = 4`: how much of a place it takes, compared to others, for places that measure.
/// - `version = 2`: what it means has changed, and calls of another version are refused.
/// - `self_describing`: its arguments and results always travel in a form that holds the names of fields, as
///   types with serde's `untagged`, `flatten` or `skip_serializing_if` need.
/// - `crate = path`: where gonex is, if not at `::gonex`.
pub use gonex_macros::task;

/// What the macros of gonex expand to. Not for users.
#[doc(hidden)]
pub mod __private {
    pub use gonex_core::Context;
    pub use inventory::submit;

    pub use crate::portable::{
        Call, Carried, Definition, Prepared, Registered, prepare_closure, prepare_future, travels,
    };
}
