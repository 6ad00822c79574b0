use std::path::Path;
use std::thread;

use super::caches::{self, Cache};
use super::cpus::Cpus;
use super::files::Files;

/// The processors of this machine, how they are related, and which of them this process may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Topology {
    /// All processors that are switched on, in the order of their numbers.
    pub cpus: Vec<Cpu>,
    /// The memory nodes that have processors, in the order of their numbers; at least one.
    pub nodes: Vec<Node>,
    /// The caches, each once, those near the cores first.
    pub caches: Vec<Cache>,
    /// The processors that this process may use, which are among those that are switched on.
    pub allowed: Cpus,
    /// What could not be read, and what is taken for it.
    pub warnings: Vec<String>,
}

/// A processor: what the system runs one thread on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cpu {
    /// Its number.
    pub id: u32,
    /// The number of the first processor of its core; others of the same core share its units.
    pub core: u32,
    /// The package, or socket, it is in.
    pub package: u32,
    /// The memory node it is near to.
    pub node: u32,
}

/// A memory node: processors, and the memory that is near to them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Node {
    /// Its number.
    pub id: u32,
    /// Its processors that are switched on.
    pub cpus: Cpus,
    /// How many bytes of memory it has, if that is known.
    pub memory: Option<u64>,
}

const CPUS: &str = "sys/devices/system/cpu";
const NODES: &str = "sys/devices/system/node";

impl Topology {
    /// Reads that of this machine.
    ///
    /// Where the system does not say, as outside Linux, each processor is a core of its own on one node.
    ///
    /// ```
    /// use gonex_runtime::topology::Topology;
    ///
    /// let topology = Topology::read();
    /// assert!(topology.cores() >= 1 && topology.cores() <= topology.cpus.len());
    /// assert!(topology.allowed.len() <= topology.cpus.len());
    /// ```
    #[must_use]
    pub fn read() -> Self {
        Self::read_below(Path::new("/"))
    }

    /// Reads that of which `sys` and `proc` are in a folder.
    #[must_use]
    pub fn read_below(root: &Path) -> Self {
        let files = Files::new(root);
        let mut warnings = Vec::new();
        let online = online(&files, &mut warnings);
        let allowed = allowed(&files, &online, &mut warnings);
        let nodes = nodes(&files, &online);
        let cpus = online.iter().map(|id| cpu(&files, id, &nodes)).collect();
        let mut caches: Vec<Cache> = Vec::new();
        for cache in online.iter().flat_map(|cpu| caches::read(&files, cpu)) {
            if !caches.contains(&cache) {
                caches.push(cache);
            }
        }
        caches.sort_by_key(|cache| (cache.level, cache.cpus.first()));
        Self { cpus, nodes, caches, allowed, warnings }
    }

    /// How many cores are switched on.
    #[must_use]
    pub fn cores(&self) -> usize {
        self.cpus.iter().filter(|cpu| self.is_first_of_core(cpu)).count()
    }

    /// Whether cores run several threads at once.
    #[must_use]
    pub fn has_smt(&self) -> bool {
        self.cores() < self.cpus.len()
    }

    /// The processors that this process may use.
    pub fn usable(&self) -> impl Iterator<Item = &Cpu> {
        self.cpus.iter().filter(|cpu| self.allowed.contains(cpu.id))
    }

    fn is_first_of_core(&self, cpu: &Cpu) -> bool {
        // The first of a core may be switched off.
        self.cpus
            .iter()
            .find(|other| other.core == cpu.core)
            .is_some_and(|first| first.id == cpu.id)
    }
}

fn online(files: &Files, warnings: &mut Vec<String>) -> Cpus {
    let online = files.value::<Cpus>(format!("{CPUS}/online")).filter(|cpus| !cpus.is_empty());
    online.unwrap_or_else(|| {
        let count = thread::available_parallelism().map_or(1, usize::from);
        let path = files.path(format!("{CPUS}/online"));
        warnings.push(format!(
            "{} does not list processors: there are taken to be {count}, as many as this process may use",
            path.display()
        ));
        (0..u32::try_from(count).unwrap_or(1)).collect()
    })
}

fn allowed(files: &Files, online: &Cpus, warnings: &mut Vec<String>) -> Cpus {
    const STATUS: &str = "proc/self/status";
    let listed = files.field(STATUS, "Cpus_allowed_list").and_then(|list| list.parse().ok());
    let allowed = listed.map(|listed: Cpus| listed.and(online)).filter(|cpus| !cpus.is_empty());
    allowed.unwrap_or_else(|| {
        warnings.push(format!(
            "{} does not say which processors this process may use: it is taken to be all",
            files.path(STATUS).display()
        ));
        online.clone()
    })
}

/// Nodes without processors have no worker near to them, so they are left out.
fn nodes(files: &Files, online: &Cpus) -> Vec<Node> {
    let node = |id: u32| {
        let cpus: Cpus = files.value(format!("{NODES}/node{id}/cpulist"))?;
        let cpus = cpus.and(online);
        let memory = memory(files, id);
        (!cpus.is_empty()).then_some(Node { id, cpus, memory })
    };
    let nodes: Vec<Node> = files.numbered(NODES, "node").into_iter().filter_map(node).collect();
    // A kernel without memory nodes says nothing, which is no fault.
    if nodes.is_empty() {
        return vec![Node { id: 0, cpus: online.clone(), memory: None }];
    }
    nodes
}

/// From a line such as `Node 0 MemTotal:  8148120 kB`.
fn memory(files: &Files, node: u32) -> Option<u64> {
    let name = format!("Node {node} MemTotal");
    let text = files.field(&format!("{NODES}/node{node}/meminfo"), &name)?;
    text.strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

fn cpu(files: &Files, id: u32, nodes: &[Node]) -> Cpu {
    let file = |name: &str| format!("{CPUS}/cpu{id}/topology/{name}");
    let siblings = files.value::<Cpus>(file("core_cpus_list"));
    // Its name before Linux 5.3.
    let siblings = siblings.or_else(|| files.value(file("thread_siblings_list")));
    let core = siblings.and_then(|cpus| cpus.first()).unwrap_or(id);
    // Machines without packages say -1.
    let package = files.value::<u32>(file("physical_package_id")).unwrap_or(0);
    let node = nodes.iter().find(|node| node.cpus.contains(id)).map_or(0, |node| node.id);
    Cpu { id, core, package, node }
}
