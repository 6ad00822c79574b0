use std::collections::BTreeMap;

use super::cpus::Cpus;
use super::machine::{Cpu, Topology};

/// Which processors each worker of a pool gets, of those that this process may use.
///
/// With more workers than processors they are gone through again.
///
/// ```
/// use gonex_runtime::topology::{Pinning, Topology};
///
/// let topology = Topology::read();
/// let seats = Pinning::PerNode.seats(&topology, 3);
/// assert_eq!(seats.len(), 3);
/// assert!(seats.iter().all(|seat| seat.node.is_some()));
/// assert!(Pinning::None.seats(&topology, 1)[0].node.is_none());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Pinning {
    /// Workers go wherever the system has them run.
    #[default]
    None,
    /// One processor each, as far from one another as can be: each memory node in turn, and no core
    /// twice before each has a worker. For workers that need much of caches and memory.
    Spread,
    /// One processor each, as near to one another as can be: both halves of a core, then the next core
    /// of the node, then the next node. For workers that share what they read.
    Compact,
    /// All processors of a memory node, and each node as many workers as its processors are of all: the
    /// system may move a worker as long as its memory stays near.
    PerNode,
}

/// Where a worker goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Seat {
    /// The processors it may run on.
    pub cpus: Cpus,
    /// The memory node that these are near to, if they are all near to one that was chosen.
    pub node: Option<u32>,
}

impl Pinning {
    /// Where each of so many workers goes.
    #[must_use]
    pub fn seats(self, topology: &Topology, workers: usize) -> Vec<Seat> {
        if self == Self::None || topology.allowed.is_empty() {
            let seat = Seat { cpus: topology.allowed.clone(), node: None };
            return vec![seat; workers];
        }
        let order = self.order(topology);
        let seat = |cpu: &&Cpu| {
            let cpus = match self {
                Self::PerNode => {
                    order.iter().filter(|other| other.node == cpu.node).map(|cpu| cpu.id).collect()
                }
                Self::None | Self::Spread | Self::Compact => Cpus::from_iter([cpu.id]),
            };
            Seat { cpus, node: Some(cpu.node) }
        };
        order.iter().cycle().take(workers).map(seat).collect()
    }

    /// The processors in the order in which they get workers.
    fn order(self, topology: &Topology) -> Vec<&Cpu> {
        let mut cpus: Vec<&Cpu> = topology.usable().collect();
        cpus.sort_by_key(|cpu| (cpu.node, cpu.package, cpu.core, cpu.id));
        if self == Self::Compact {
            return cpus;
        }
        // Which one of its core each is, then which one of its node, of those that are as many-th of
        // theirs. So a turn takes one from each node, and a core again only when all have had one.
        let (mut of_core, mut of_node) = (BTreeMap::new(), BTreeMap::new());
        let mut ranked: Vec<_> = cpus
            .into_iter()
            .map(|cpu| {
                let in_core = next(&mut of_core, (cpu.node, cpu.core));
                let in_node = next(&mut of_node, (cpu.node, in_core));
                ((in_core, in_node, cpu.node), cpu)
            })
            .collect();
        ranked.sort_by_key(|&(rank, _)| rank);
        ranked.into_iter().map(|(_, cpu)| cpu).collect()
    }
}

/// How many have come with this key before.
fn next<K: Ord>(counts: &mut BTreeMap<K, usize>, key: K) -> usize {
    let count = counts.entry(key).or_default();
    *count += 1;
    *count - 1
}
