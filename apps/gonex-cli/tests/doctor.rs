//! The command as users run it.

use std::fs;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

fn gonex(arguments: &[&str]) -> Output {
    Command::cargo_bin("gonex").unwrap().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn it_says_what_works_here_and_why_the_rest_does_not() {
    let output = gonex(&["doctor"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    for title in ["This machine", "What this process may use", "What works"] {
        assert!(said.lines().any(|line| line == title), "{said}");
    }
    let threads =
        said.lines().find(|line| line.starts_with("  threads ") && line.contains("works"));
    assert!(threads.is_some(), "a task was run to get this far: {said}");
    let processes = said.lines().find(|line| line.contains("worker processes")).unwrap();
    assert!(processes.contains("not yet"), "{said}");
}

#[test]
fn programs_get_json() {
    let output = gonex(&["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["machine"]["processors"].as_u64().unwrap() >= 1);
    assert!(report["machine"]["nodes"].as_array().unwrap().iter().all(|node| node["id"].is_u64()));
    let abilities = report["abilities"].as_array().unwrap();
    let states = ["works", "idle", "missing", "not_yet"];
    for ability in abilities {
        assert!(states.contains(&ability["state"].as_str().unwrap()), "{ability}");
        assert!(!ability["why"].as_str().unwrap().is_empty(), "{ability}");
    }
    let threads = abilities.iter().find(|ability| ability["name"] == "threads").unwrap();
    assert_eq!(threads["state"], "works");
}

#[test]
fn another_machine_is_described_and_not_tried() {
    let root = tempfile::tempdir().unwrap();
    for (path, file) in [
        ("sys/devices/system/cpu/online", "0-3"),
        ("sys/devices/system/cpu/cpu0/topology/core_cpus_list", "0-1"),
        ("sys/devices/system/cpu/cpu1/topology/core_cpus_list", "0-1"),
        ("sys/devices/system/cpu/cpu2/topology/core_cpus_list", "2-3"),
        ("sys/devices/system/cpu/cpu3/topology/core_cpus_list", "2-3"),
        ("sys/devices/system/node/node0/cpulist", "0-1"),
        ("sys/devices/system/node/node1/cpulist", "2-3"),
        ("sys/devices/system/node/node1/meminfo", "Node 1 MemTotal: 3145728 kB"),
        ("proc/self/status", "Cpus_allowed_list:\t0-2"),
        ("proc/self/cgroup", "0::/"),
        ("sys/fs/cgroup/cgroup.controllers", "cpu memory"),
        ("sys/fs/cgroup/cpu.max", "250000 100000"),
        ("sys/fs/cgroup/memory.max", "1610612736"),
    ] {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, file).unwrap();
    }
    let output = gonex(&["doctor", "--root", root.path().to_str().unwrap()]);
    let said = text(&output.stdout);
    let rows: Vec<Vec<&str>> = said.lines().map(|line| line.split("  ").collect()).collect();
    let value = |name: &str| {
        let row = rows.iter().find(|row| row.get(1) == Some(&name));
        row.unwrap_or_else(|| panic!("no {name} in {said}")).last().unwrap().trim().to_owned()
    };
    assert_eq!(value("processors"), "4, on 2 cores that run 2 threads, in 1 package");
    assert_eq!(value("memory node 1"), "processors 2-3, 3 GiB");
    assert_eq!(value("may run on"), "processors 0-2");
    assert_eq!(value("CPU quota"), "the time of 2.5 processors");
    assert_eq!(value("memory"), "1.5 GiB");
    assert!(!said.contains("What works") && !said.contains("warning"), "{said}");
}

#[test]
fn what_cannot_be_read_is_warned_of() {
    let root = tempfile::tempdir().unwrap();
    let output = gonex(&["doctor", "--root", root.path().to_str().unwrap()]);
    assert!(output.status.success());
    let said = text(&output.stdout);
    assert_eq!(said.lines().filter(|line| line.starts_with("warning: ")).count(), 2, "{said}");
}

#[test]
fn nonsense_is_refused() {
    let output = gonex(&["doctor", "--root", "/nowhere/at/all"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/nowhere/at/all is no folder"));
    let output = gonex(&["doctr"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("doctor"), "it says what was meant");
}

#[test]
fn help_says_what_there_is() {
    let help = text(&gonex(&["--help"]).stdout);
    assert!(help.contains("doctor"), "{help}");
    let help = text(&gonex(&["doctor", "--help"]).stdout);
    assert!(help.contains("--json") && help.contains("--root"), "{help}");
}
