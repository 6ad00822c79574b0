use std::fmt;
use std::num::NonZeroU32;

use super::transport::Transport;

/// Names a peer among those of a [`Distributor`](super::Distributor) or a
/// [`Collector`](super::Collector). Peers stand in the order of their ids.
///
/// ```
/// use gonex_sync::distribute::PeerId;
///
/// assert_eq!(PeerId::new(7).to_string(), "peer 7");
/// assert!(PeerId::from(3) < PeerId::new(7));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(u64);

impl PeerId {
    /// Makes an id of a number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl From<u64> for PeerId {
    fn from(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "peer {}", self.0)
    }
}

/// How it stands with a peer, as [`Distributor::peers`](super::Distributor::peers) saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerState {
    /// Which peer it is.
    pub id: PeerId,
    /// Its share of the keys, in proportion to the weights of the others.
    pub weight: NonZeroU32,
    /// Whether sending to it can succeed.
    pub is_alive: bool,
    /// How many values wait there, if that is known.
    pub queued: Option<usize>,
}

/// A peer, and the way to it.
pub(crate) struct Peer<T> {
    pub(crate) id: PeerId,
    pub(crate) weight: NonZeroU32,
    pub(crate) transport: Box<dyn Transport<T>>,
}

impl<T> Peer<T> {
    pub(super) fn state(&self) -> PeerState {
        PeerState {
            id: self.id,
            weight: self.weight,
            is_alive: self.transport.is_alive(),
            queued: self.transport.queued(),
        }
    }
}
