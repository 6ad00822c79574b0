//! To which peer a key belongs: highest random weight, after Thaler and Ravishankar, "Using
//! name-based mappings to increase hit rates" (1998).
//!
//! Each peer has a score for the key, and the highest wins. The scores of the others do not change
//! when a peer comes or goes; so a peer that goes gives up its own keys only, and one that comes takes
//! its share from all. Weights follow the logarithmic method of Schindelhauer and Schomaker,
//! "Weighted distributed hash tables" (2005).

use std::cmp::Ordering;
use std::num::NonZeroU32;

use super::hash::{KeyHash, mix};
use super::peer::PeerId;

/// To which of some peers a key belongs, in proportion to their weights; `None` if there are none.
///
/// `about` says the id and the weight of a peer; ids must differ. The answer follows from these and the key
/// alone, on every machine: when a peer goes, only its own keys move, and a new one takes its share from
/// all. A [`Distributor`](super::Distributor) routes by it.
///
/// ```
/// use std::num::NonZeroU32;
/// use gonex_sync::distribute::{KeyHash, PeerId, owner};
///
/// let about = |&id: &u64| (PeerId::new(id), NonZeroU32::MIN);
/// let key = KeyHash::of("Ishmael");
/// let first = owner(key, [1, 2, 3], about).unwrap();
/// let others = [1, 2, 3].into_iter().filter(|&id| id != first);
/// assert_ne!(owner(key, others, about), Some(first));
/// assert_eq!(owner(key, [first], about), Some(first));
/// ```
pub fn owner<P>(
    key: KeyHash,
    peers: impl IntoIterator<Item = P>,
    about: impl Fn(&P) -> (PeerId, NonZeroU32),
) -> Option<P> {
    peers.into_iter().max_by(|one, other| compare(key, about(one), about(other)))
}

fn compare(key: KeyHash, one: (PeerId, NonZeroU32), other: (PeerId, NonZeroU32)) -> Ordering {
    let (a, b) = (drawn(key, one.0), drawn(key, other.0));
    // With equal weights the scores are in the order of what was drawn.
    let by_weight = if one.1 == other.1 {
        Ordering::Equal
    } else {
        score(a, one.1).total_cmp(&score(b, other.1))
    };
    by_weight.then(a.cmp(&b)).then(one.0.cmp(&other.0))
}

/// A number that key and peer decide alone, each about as likely.
fn drawn(key: KeyHash, peer: PeerId) -> u64 {
    // The constant keeps peer 0 from leaving the key as it is.
    mix(key.0 ^ mix(peer.get().wrapping_add(0x9e37_79b9_7f4a_7c15)))
}

fn score(drawn: u64, weight: NonZeroU32) -> f64 {
    // Strictly between 0 and 1.
    let uniform = ((drawn >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    -f64::from(weight.get()) / uniform.ln()
}

#[cfg(all(test, not(gonex_loom)))]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Peers = BTreeMap<u64, u32>;

    fn of_key(key: u64, peers: &Peers) -> Option<u64> {
        let about =
            |&(&id, &weight): &(&u64, &u32)| (PeerId::new(id), NonZeroU32::new(weight).unwrap());
        owner(KeyHash::of(&key), peers, about).map(|(&id, _)| id)
    }

    proptest! {
        #[test]
        fn only_the_keys_of_the_peer_that_left_move(
            peers in prop::collection::btree_map(any::<u64>(), 1_u32..20, 1..20),
            keys in prop::collection::vec(any::<u64>(), 1..200),
            leaver in any::<prop::sample::Index>(),
        ) {
            let leaver = *leaver.get(&peers.keys().copied().collect::<Vec<_>>());
            let mut rest = peers.clone();
            rest.remove(&leaver);
            for key in keys {
                let before = of_key(key, &peers);
                if before != Some(leaver) {
                    prop_assert_eq!(of_key(key, &rest), before);
                }
            }
        }

        #[test]
        fn a_peer_that_grows_takes_keys_and_gives_none_up(
            peers in prop::collection::btree_map(any::<u64>(), 1_u32..20, 1..20),
            keys in prop::collection::vec(any::<u64>(), 1..200),
            grower in any::<prop::sample::Index>(),
            by in 1_u32..20,
        ) {
            let grower = *grower.get(&peers.keys().copied().collect::<Vec<_>>());
            let mut grown = peers.clone();
            grown.entry(grower).and_modify(|weight| *weight += by);
            for key in keys {
                let (before, after) = (of_key(key, &peers), of_key(key, &grown));
                prop_assert!(after == before || after == Some(grower));
            }
        }
    }

    #[test]
    fn keys_spread_by_weight() {
        let peers = Peers::from([(0, 1), (1, 1), (2, 2), (3, 4)]);
        let mut counts = [0_u32; 4];
        for key in 0..16_000 {
            counts[of_key(key, &peers).unwrap() as usize] += 1;
        }
        for (count, share) in counts.into_iter().zip([2_000, 2_000, 4_000, 8_000]) {
            assert!(count.abs_diff(share) < share / 8, "{counts:?}");
        }
    }

    #[test]
    fn no_peers_own_nothing() {
        assert_eq!(of_key(1, &Peers::new()), None);
    }
}
