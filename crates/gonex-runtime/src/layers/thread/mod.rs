//! Threads of the system, for what lives long: a service, a loop around a device, a library that wants a
//! thread to itself.
//!
//! A [`spawn`](spawn())ed closure is a task like any other: it has a [`Handle`](gonex_task::Handle), runs in a child of the
//! current context, and its panic is an error with message and place. What sets it apart from
//! [`go`](crate::go) is the thread: it is there at once, it is nobody else's, and it may block for as long as it
//! likes without keeping a worker. It also takes a stack, and longer to start than
//! short work takes; and as many as are started run at once. So for short work take `go`.
//!
//! There is no `scope` here. Threads that borrow are [`std::thread::scope`]'s: its handles lend results that
//! may borrow too, which a [`Handle`](gonex_task::Handle) cannot hold, and its threads know nothing of contexts. To
//! divide one computation over borrowed data, [`compute::join`](crate::compute::join()) is the better way.
//!
//! A browser has no threads: there the handle says that the task was refused, and why.

mod builder;
mod spawn;

pub use builder::{Builder, builder};
pub use spawn::spawn;
