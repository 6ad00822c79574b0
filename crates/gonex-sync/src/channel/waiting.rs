//! What the makes of channels have in common.

use super::store::Position;

/// A value on its way out of the channel, with its place in the order.
pub(crate) type Taken<T> = (T, Position);

/// The channel takes nothing more, and there is nothing in it for the asker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed;
