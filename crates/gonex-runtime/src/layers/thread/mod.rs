//! Threads of the system, for what lives long: a service, a loop around a device, a library that wants a
//! thread to itself.
//!
//! A [`spawn`](spawn())ed closure is a task like any other: it has a [`Handle`](gonex_task::Handle), runs in a child of the
//! current context, and its panic is an error with message and place. What sets it apart from
//! [`go`](crate::go) is the thread: it is there at once, it is nobody else's, and it may block for as long as it
//! likes without keeping a worker. It also takes a stack, and longer to start than
//! short work takes; and as many as are started run at once. So for short work take `go`.
//!
//! There is no `scope` here. Closures that borrow are those of [`scope`](crate::scope()), which is not bound to
//! threads: one that waits lets another go on in its place. To divide one computation over borrowed data,
//! [`compute::join`](crate::compute::join()) is the better way. And where it has to be threads,
//! [`std::thread::scope`] starts them: they know nothing of contexts and seams.
//!
//! A browser has no threads: there the handle says that the task was refused, and why.

mod builder;
mod spawn;

pub use builder::{Builder, builder};
pub use spawn::spawn;
