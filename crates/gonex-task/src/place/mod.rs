//! Where tasks run.
//!
//! A [`Task`](crate::work::Task) is work with its result's way back; a [`Place`] takes it and sees to
//! it that it runs. Handle, errors, cancellation, deadlines and panics are the task's own, so they are
//! the same at every place.

mod chain;
mod ext;
mod forward;
mod inline;
mod not_taken;
mod onward;
#[expect(clippy::module_inception, reason = "the trait has the folder's name")]
mod place;

pub use chain::Chain;
pub use ext::PlaceExt;
pub use inline::Inline;
pub use not_taken::{NotTaken, Why};
pub use place::Place;
pub(crate) use place::{hand_in, hand_in_future};
pub use place::{start_detached, start_shared};
