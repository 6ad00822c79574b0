use std::thread;

use gonex::topology::{CgroupLimits, CgroupVersion, Topology, thread_limit};
use serde::Serialize;

use super::units::{bytes, count};

/// What this process may use of the machine. `None` is no limit, or one that is not known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Limits {
    /// The processors it may run on, such as `0-3,8`.
    pub processors: String,
    /// Which cgroups there are: `1`, `2`, or `1 and 2`.
    pub cgroups: Option<&'static str>,
    /// How many processors' time its cgroup has.
    pub cpu_quota: Option<f64>,
    /// How many bytes of memory its cgroup has.
    pub memory: Option<u64>,
    /// How many threads it should have at most: half of what the system allows.
    pub threads: Option<usize>,
    /// How many threads gonex takes for `auto`; `None` for another machine.
    pub auto: Option<usize>,
}

impl Limits {
    /// `is_here` is false for the files of another machine.
    pub(super) fn of(topology: &Topology, cgroup: &CgroupLimits, is_here: bool) -> Self {
        let auto = || thread::available_parallelism().ok().map(usize::from);
        Self {
            processors: topology.allowed.to_string(),
            cgroups: cgroup.version.map(|version| match version {
                CgroupVersion::One => "1",
                CgroupVersion::Two => "2",
                CgroupVersion::Hybrid => "1 and 2",
            }),
            cpu_quota: cgroup.cpu_quota,
            memory: cgroup.memory,
            threads: is_here.then(thread_limit).flatten(),
            auto: is_here.then(auto).flatten(),
        }
    }

    /// Names and values, for the table.
    pub(super) fn rows(&self) -> Vec<(String, String)> {
        let or_none = |value: Option<String>| value.unwrap_or_else(|| "none known".to_owned());
        let row = |name: &str, value: String| (name.to_owned(), value);
        vec![
            row("may run on", format!("processors {}", self.processors)),
            row(
                "cgroups",
                self.cgroups.map_or_else(
                    || "none, or not to be read".to_owned(),
                    |version| format!("version {version}"),
                ),
            ),
            row(
                "CPU quota",
                or_none(self.cpu_quota.map(|quota| format!("the time of {quota} processors"))),
            ),
            row("memory", or_none(self.memory.map(bytes))),
            row("threads", or_none(self.threads.map(|most| count(most, "thread", "threads")))),
            row(
                "workers for `auto`",
                or_none(self.auto.map(|auto| count(auto, "thread", "threads"))),
            ),
        ]
    }
}
