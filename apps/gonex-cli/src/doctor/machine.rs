use gonex::topology::{CacheKind, Topology};
use serde::Serialize;

use super::units::{bytes, count};

/// What the machine consists of.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Machine {
    /// The system, such as `linux`.
    pub system: &'static str,
    /// The architecture, such as `x86_64`.
    pub architecture: &'static str,
    /// How many processors are switched on: what the system runs one thread on.
    pub processors: usize,
    /// How many cores these belong to.
    pub cores: usize,
    /// How many packages these are in.
    pub packages: usize,
    /// The memory nodes.
    pub nodes: Vec<MachineNode>,
    /// The caches, those of one kind together.
    pub caches: Vec<MachineCache>,
}

/// A memory node.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MachineNode {
    /// Its number.
    pub id: u32,
    /// Its processors, such as `0-3,8`.
    pub processors: String,
    /// Its memory in bytes, if that is known.
    pub memory: Option<u64>,
}

/// Caches of one level, kind and size.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MachineCache {
    /// Their level; 1 is nearest to the cores.
    pub level: u32,
    /// What they hold: `data`, `instructions` or `both`.
    pub holds: &'static str,
    /// The bytes of each.
    pub bytes: u64,
    /// How many there are.
    pub count: usize,
    /// How many processors share the first of them.
    pub shared_by: usize,
}

impl Machine {
    pub(super) fn of(topology: &Topology) -> Self {
        let mut packages: Vec<u32> = topology.cpus.iter().map(|cpu| cpu.package).collect();
        packages.sort_unstable();
        packages.dedup();
        let nodes = topology.nodes.iter().map(|node| MachineNode {
            id: node.id,
            processors: node.cpus.to_string(),
            memory: node.memory,
        });
        Self {
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            processors: topology.cpus.len(),
            cores: topology.cores(),
            packages: packages.len(),
            nodes: nodes.collect(),
            caches: caches(topology),
        }
    }

    /// Names and values, for the table.
    pub(super) fn rows(&self) -> Vec<(String, String)> {
        let mut rows = vec![
            ("system".to_owned(), format!("{} on {}", self.system, self.architecture)),
            ("processors".to_owned(), self.processors_in_words()),
        ];
        for node in &self.nodes {
            let memory = node.memory.map_or_else(|| "memory not known".to_owned(), bytes);
            let value = format!("processors {}, {memory}", node.processors);
            rows.push((format!("memory node {}", node.id), value));
        }
        for cache in &self.caches {
            let sharing = match cache.shared_by {
                1 => "for one processor each".to_owned(),
                sharing => format!("for {sharing} processors each"),
            };
            let name = format!("cache level {}, {}", cache.level, cache.holds);
            rows.push((name, format!("{} × {}, {sharing}", cache.count, bytes(cache.bytes))));
        }
        rows
    }

    fn processors_in_words(&self) -> String {
        let cores = count(self.cores, "core", "cores");
        let packages = count(self.packages, "package", "packages");
        let threads = self.processors / self.cores.max(1);
        match threads {
            0 | 1 => format!("{}, each a core, in {packages}", self.processors),
            _ => {
                format!("{}, on {cores} that run {threads} threads, in {packages}", self.processors)
            }
        }
    }
}

fn caches(topology: &Topology) -> Vec<MachineCache> {
    let mut caches: Vec<MachineCache> = Vec::new();
    for cache in &topology.caches {
        let holds = match cache.kind {
            CacheKind::Data => "data",
            CacheKind::Instruction => "instructions",
            CacheKind::Unified => "both",
        };
        let alike = caches.iter_mut().find(|other| {
            (other.level, other.holds, other.bytes) == (cache.level, holds, cache.bytes)
        });
        if let Some(alike) = alike {
            alike.count += 1;
        } else {
            caches.push(MachineCache {
                level: cache.level,
                holds,
                bytes: cache.bytes,
                count: 1,
                shared_by: cache.cpus.len(),
            });
        }
    }
    caches
}
