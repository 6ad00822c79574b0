//! One program, many workers: values to all peers, to each in turn, to the one that a key belongs to;
//! and values from all of them.
//!
//! A [`Distributor`] sends, over a [`Transport`] to each peer, and a [`Collector`] receives. Within a
//! process the transports are channels; those to processes and clusters keep the same meaning.

mod balance;
mod broadcast;
mod collect;
mod collector;
mod delivery;
mod distributor;
mod error;
mod gather;
mod hash;
mod local;
pub(crate) mod members;
pub(crate) mod peer;
mod rendezvous;
mod route;
mod scatter;
mod source;
mod sources;
mod transport;
mod watch;

pub use balance::{Balance, Balanced};
pub use broadcast::Broadcast;
pub use collect::Collect;
pub use collector::Collector;
pub use distributor::Distributor;
pub use error::{JoinError, ScatterError, TableFull, Undelivered};
pub use gather::Gather;
pub use hash::KeyHash;
pub use local::Movable;
pub use peer::{PeerId, PeerState};
pub use rendezvous::owner;
pub use route::{Route, RouteSend};
pub use scatter::Scatter;
pub use source::Detached;
pub use transport::{Sending, Transport};
