//! Who the peers are, and which keys have a route of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::{JoinError, TableFull};
use super::hash::KeyHash;
use super::peer::{Peer, PeerId};
use super::rendezvous;
use crate::primitive::{Mutex, lock};

/// The most peers of one distributor.
pub(super) const MOST_PEERS: usize = 65_536;
/// The most explicit routes.
const MOST_ROUTES: usize = 65_536;

/// A moment's peers, in the order of their ids.
pub(crate) type Peers<T> = Arc<[Arc<Peer<T>>]>;

/// What the clones of a distributor share. Transports are neither called nor dropped under its lock.
pub(super) struct Members<T> {
    state: Mutex<State<T>>,
}

struct State<T> {
    peers: Peers<T>,
    routes: BTreeMap<KeyHash, PeerId>,
}

impl<T> Members<T> {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State { peers: Arc::new([]), routes: BTreeMap::new() }) }
    }

    pub(super) fn peers(&self) -> Peers<T> {
        lock(&self.state).peers.clone()
    }

    pub(super) fn join(&self, peer: Peer<T>) -> Result<(), JoinError> {
        let peer = Arc::new(peer);
        let mut state = lock(&self.state);
        let Err(at) = state.peers.binary_search_by_key(&peer.id, |peer| peer.id) else {
            return Err(JoinError::Taken(peer.id));
        };
        if state.peers.len() >= MOST_PEERS {
            return Err(JoinError::Full(MOST_PEERS));
        }
        let (before, after) = state.peers.split_at(at);
        let joined = before.iter().chain([&peer]).chain(after).cloned().collect();
        let former = std::mem::replace(&mut state.peers, joined);
        drop(state);
        drop(former);
        Ok(())
    }

    /// Takes a peer out, and its explicit routes with it.
    pub(super) fn leave(&self, id: PeerId) -> Option<Arc<Peer<T>>> {
        let mut state = lock(&self.state);
        let at = state.peers.binary_search_by_key(&id, |peer| peer.id).ok()?;
        let rest = state.peers.iter().filter(|peer| peer.id != id).cloned().collect();
        let former = std::mem::replace(&mut state.peers, rest);
        state.routes.retain(|_, peer| *peer != id);
        drop(state);
        Some(former[at].clone())
    }

    pub(super) fn get(&self, id: PeerId) -> Option<Arc<Peer<T>>> {
        let peers = self.peers();
        let at = peers.binary_search_by_key(&id, |peer| peer.id).ok()?;
        Some(peers[at].clone())
    }

    // ---- keys ----

    /// The peer that a key belongs to: the one of its explicit route, whatever becomes of it; else
    /// one of those that are alive.
    pub(super) fn owner(&self, key: KeyHash) -> Option<Arc<Peer<T>>> {
        let (peers, route) = {
            let state = lock(&self.state);
            (state.peers.clone(), state.routes.get(&key).copied())
        };
        if let Some(id) = route {
            let at = peers.binary_search_by_key(&id, |peer| peer.id).ok()?;
            return Some(peers[at].clone());
        }
        let alive = peers.iter().filter(|peer| peer.transport.is_alive());
        rendezvous::owner(key, alive, |peer| (peer.id, peer.weight)).cloned()
    }

    pub(super) fn routes(&self) -> Vec<(KeyHash, PeerId)> {
        lock(&self.state).routes.iter().map(|(&key, &peer)| (key, peer)).collect()
    }

    pub(super) fn set_route(
        &self,
        key: KeyHash,
        peer: PeerId,
    ) -> Result<Option<PeerId>, TableFull> {
        let routes = &mut lock(&self.state).routes;
        if routes.len() >= MOST_ROUTES && !routes.contains_key(&key) {
            return Err(TableFull(MOST_ROUTES));
        }
        Ok(routes.insert(key, peer))
    }

    pub(super) fn clear_route(&self, key: KeyHash) -> Option<PeerId> {
        lock(&self.state).routes.remove(&key)
    }
}
