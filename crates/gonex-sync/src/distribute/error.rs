use std::fmt;

use super::peer::PeerId;
use crate::SendError;

/// Why a peer could not join. What was to lead to it is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Another peer has this id.
    #[error("cannot join: there is a {0} already; let it leave first, or choose another id")]
    Taken(PeerId),
    /// There are as many peers as there can be.
    #[error("cannot join: there are {0} peers already, the most there can be")]
    Full(usize),
}

/// The table of explicit routes has as many as it can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot set a route: there are {0} already, the most there can be; clear some first")]
pub struct TableFull(pub(super) usize);

/// Why not all values were scattered; they come back.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScatterError<T> {
    /// There were no peers.
    #[error("cannot scatter {} values: there are no peers; let some join first", .0.len())]
    NoPeers(Vec<T>),
    /// Some values were not sent; the others were.
    #[error("{} values could not be sent, the first of them to {}", .0.len(), .0[0].peer)]
    Unsent(Vec<Undelivered<T>>),
}

/// A value that was not sent to its peer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Undelivered<T> {
    /// Its place among the values that were given.
    pub index: usize,
    /// The peer it was for.
    pub peer: PeerId,
    /// Why, with the value.
    pub error: SendError<T>,
}

impl<T> ScatterError<T> {
    /// The values that were not sent, in their order.
    ///
    /// ```
    /// let peers = gonex_sync::distribute::Distributor::new();
    /// let error = peers.scatter(["a", "b"]).block().unwrap_err();
    /// assert_eq!(error.into_values(), ["a", "b"]);
    /// ```
    pub fn into_values(self) -> Vec<T> {
        match self {
            Self::NoPeers(values) => values,
            Self::Unsent(unsent) => unsent.into_iter().map(|one| one.error.into_inner()).collect(),
        }
    }
}

// What is inside need not be printable.
impl<T> fmt::Debug for ScatterError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPeers(values) => write!(f, "NoPeers({} values)", values.len()),
            Self::Unsent(unsent) => {
                let parts = unsent.iter().map(|one| (one.index, one.peer, &one.error));
                f.write_str("Unsent")?;
                f.debug_list().entries(parts).finish()
            }
        }
    }
}
