//! Machines that are made up, as `/sys` and `/proc` would show them.

use std::fs;
use std::path::Path;

use gonex_runtime::topology::{
    CacheKind, CgroupLimits, CgroupVersion, Pinning, Topology, pin_current_thread,
};
use tempfile::TempDir;

/// A machine of which these are the files.
fn machine(files: &[(String, String)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(root.path(), path, text);
    }
    root
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("{text}\n")).unwrap();
}

/// Two nodes of two cores of two threads each, numbered as Linux does on such machines: the second
/// threads of all cores come after the first ones.
fn two_nodes(allowed: &str) -> Vec<(String, String)> {
    let mut files = vec![
        ("sys/devices/system/cpu/online".to_owned(), "0-7".to_owned()),
        ("proc/self/status".to_owned(), format!("Name:\tx\nCpus_allowed_list:\t{allowed}")),
    ];
    for (node, cpus) in [(0, "0-1,4-5"), (1, "2-3,6-7")] {
        let folder = format!("sys/devices/system/node/node{node}");
        files.push((format!("{folder}/cpulist"), cpus.to_owned()));
        files.push((format!("{folder}/meminfo"), format!("Node {node} MemTotal:   2048 kB")));
    }
    for cpu in 0..8 {
        let folder = format!("sys/devices/system/cpu/cpu{cpu}");
        let core = cpu % 4;
        let file = |name: &str, text: String| (format!("{folder}/{name}"), text);
        files.push(file("topology/core_cpus_list", format!("{core},{}", core + 4)));
        files.push(file("topology/physical_package_id", (core / 2).to_string()));
        files.push(file("cache/index0/level", "1".to_owned()));
        files.push(file("cache/index0/type", "Data".to_owned()));
        files.push(file("cache/index0/size", "32K".to_owned()));
        files.push(file("cache/index0/shared_cpu_list", format!("{core},{}", core + 4)));
    }
    files
}

fn order(topology: &Topology, pinning: Pinning, workers: usize) -> Vec<String> {
    pinning.seats(topology, workers).iter().map(|seat| seat.cpus.to_string()).collect()
}

#[test]
fn cores_caches_and_nodes_are_read() {
    let root = machine(&two_nodes("0-7"));
    let topology = Topology::read_below(root.path());
    assert_eq!(topology.warnings, Vec::<String>::new());
    assert_eq!((topology.cpus.len(), topology.cores(), topology.has_smt()), (8, 4, true));
    let nodes: Vec<_> =
        topology.nodes.iter().map(|node| (node.id, node.cpus.to_string(), node.memory)).collect();
    let memory = Some(2048 * 1024);
    assert_eq!(nodes, [(0, "0-1,4-5".to_owned(), memory), (1, "2-3,6-7".to_owned(), memory)]);
    let six = &topology.cpus[6];
    assert_eq!((six.id, six.core, six.package, six.node), (6, 2, 1, 1));
    assert_eq!(topology.caches.len(), 4, "each is listed once");
    let cache = &topology.caches[1];
    assert_eq!((cache.kind, cache.bytes), (CacheKind::Data, 32 << 10));
    assert_eq!(cache.cpus.to_string(), "1,5");
}

#[test]
fn workers_are_spread_packed_or_left_on_their_node() {
    let root = machine(&two_nodes("0-7"));
    let topology = Topology::read_below(root.path());
    let spread = ["0", "2", "1", "3", "4", "6", "5", "7", "0"];
    assert_eq!(order(&topology, Pinning::Spread, 9), spread);
    let compact = ["0", "4", "1", "5", "2", "6", "3", "7", "0"];
    assert_eq!(order(&topology, Pinning::Compact, 9), compact);
    assert_eq!(order(&topology, Pinning::PerNode, 3), ["0-1,4-5", "2-3,6-7", "0-1,4-5"]);
    let nodes: Vec<_> = Pinning::PerNode.seats(&topology, 3).iter().map(|seat| seat.node).collect();
    assert_eq!(nodes, [Some(0), Some(1), Some(0)]);
    assert_eq!(order(&topology, Pinning::None, 2), ["0-7", "0-7"]);
}

#[test]
fn nobody_is_sent_where_this_process_may_not_run() {
    let root = machine(&two_nodes("1,3,5"));
    let topology = Topology::read_below(root.path());
    assert_eq!(order(&topology, Pinning::Spread, 4), ["1", "3", "5", "1"]);
    assert_eq!(order(&topology, Pinning::Compact, 3), ["1", "5", "3"]);
    assert_eq!(order(&topology, Pinning::PerNode, 2), ["1,5", "3"]);
}

#[test]
fn a_node_with_more_processors_gets_more_workers() {
    let root = machine(&two_nodes("0-1,4-5,2"));
    let topology = Topology::read_below(root.path());
    let nodes = Pinning::PerNode.seats(&topology, 10).into_iter().map(|seat| seat.node.unwrap());
    assert_eq!(nodes.filter(|&node| node == 1).count(), 2, "it has one processor of five");
}

#[test]
fn what_is_not_said_is_assumed_and_warned_of() {
    let root = machine(&[]);
    let topology = Topology::read_below(root.path());
    assert_eq!(topology.warnings.len(), 2);
    assert!(topology.warnings[0].contains("online"), "{:?}", topology.warnings);
    assert_eq!((topology.nodes.len(), topology.has_smt()), (1, false));
    assert_eq!(topology.usable().count(), topology.cpus.len());
    assert_eq!(CgroupLimits::read_below(root.path()), CgroupLimits::default());
}

#[test]
fn processors_that_are_switched_off_are_not_there() {
    let mut files = two_nodes("0-7");
    files[0].1 = "1-3,5".to_owned();
    let root = machine(&files);
    let topology = Topology::read_below(root.path());
    assert_eq!((topology.cpus.len(), topology.cores()), (4, 3));
    assert_eq!(topology.allowed.to_string(), "1-3,5");
    assert_eq!(order(&topology, Pinning::Spread, 4), ["1", "2", "3", "5"]);
}

fn file(path: &str, text: &str) -> (String, String) {
    (path.to_owned(), text.to_owned())
}

#[test]
fn limits_of_version_two_are_the_tightest_on_the_way_up() {
    let root = machine(&[
        file("proc/self/cgroup", "0::/a/b"),
        file("sys/fs/cgroup/cgroup.controllers", "cpu memory pids cpuset"),
        file("sys/fs/cgroup/a/cpu.max", "150000 100000"),
        file("sys/fs/cgroup/a/b/cpu.max", "max 100000"),
        file("sys/fs/cgroup/a/memory.max", "max"),
        file("sys/fs/cgroup/a/b/memory.max", "1048576"),
        file("sys/fs/cgroup/a/pids.max", "100"),
        file("sys/fs/cgroup/a/b/pids.max", "200"),
        file("sys/fs/cgroup/a/cpuset.cpus.effective", "0-3"),
        file("sys/fs/cgroup/a/b/cpuset.cpus.effective", "1"),
    ]);
    let limits = CgroupLimits::read_below(root.path());
    assert_eq!(limits.version, Some(CgroupVersion::Two));
    assert_eq!(
        (limits.cpu_quota, limits.memory, limits.tasks),
        (Some(1.5), Some(1 << 20), Some(100))
    );
    assert_eq!(limits.cpus.unwrap().to_string(), "1");
}

#[test]
fn limits_of_version_one_stand_in_a_tree_for_each_controller() {
    let root = machine(&[
        file(
            "proc/self/cgroup",
            "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n2:pids:/\n1:name=systemd:/\n0::/",
        ),
        file("sys/fs/cgroup/unified/cgroup.controllers", ""),
        // The names of the host mean nothing inside, so these are the container's own.
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912"),
        file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000"),
        file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000"),
        file("sys/fs/cgroup/pids/pids.max", "max"),
    ]);
    let limits = CgroupLimits::read_below(root.path());
    assert_eq!(limits.version, Some(CgroupVersion::Hybrid));
    assert_eq!((limits.cpu_quota, limits.memory, limits.tasks), (Some(0.5), Some(512 << 20), None));
}

#[test]
fn no_limit_of_version_one_is_none() {
    let root = machine(&[
        file("proc/self/cgroup", "4:memory:/\n3:cpu:/"),
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712"),
        file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1"),
        file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000"),
    ]);
    let limits = CgroupLimits::read_below(root.path());
    assert_eq!(limits.version, Some(CgroupVersion::One));
    assert_eq!((limits.cpu_quota, limits.memory), (None, None));
}

/// On a thread of its own, which ends with what it was told.
#[cfg(target_os = "linux")]
#[test]
fn a_thread_stays_where_it_was_put() {
    let pinned = std::thread::spawn(|| {
        let one = Topology::read().allowed.first().unwrap();
        pin_current_thread(&one.to_string().parse().unwrap()).map(|()| one)
    });
    // A sandbox may deny it, and says so.
    match pinned.join().unwrap() {
        Ok(one) => {
            let read = std::thread::spawn(move || {
                pin_current_thread(&one.to_string().parse().unwrap()).unwrap();
                let status = fs::read_to_string("/proc/thread-self/status").unwrap();
                let line = status.lines().find(|line| line.starts_with("Cpus_allowed_list:"));
                line.unwrap().split_whitespace().nth(1).unwrap().to_owned()
            });
            assert_eq!(read.join().unwrap(), one.to_string());
        }
        Err(denied) => assert!(denied.to_string().contains("does not let"), "{denied}"),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_processor_that_is_not_there_is_denied() {
    let denied = std::thread::spawn(|| pin_current_thread(&"1000".parse().unwrap()));
    assert!(denied.join().unwrap().unwrap_err().to_string().contains("processors 1000"));
}
