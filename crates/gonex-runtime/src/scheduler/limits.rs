use std::fs;

use crate::topology::CgroupLimits;

/// How many closures may wait in operations at once by default; each is a thread.
pub(crate) const DEFAULT_MAX_BLOCKED: usize = 4096;

/// The most threads this process should have, as far as the system says.
///
/// Half of what is left, so that the rest of the process, and others, keep some. On Linux from the
/// limits on threads, on tasks of the cgroup, on processes of the user, and on mappings, of which
/// each thread's stack takes two; elsewhere not known.
pub(crate) fn max_threads() -> Option<usize> {
    let number = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<usize>().ok();
    let of_process = fs::read_to_string("/proc/self/limits").ok().and_then(|limits| {
        let line = limits.lines().find(|line| line.starts_with("Max processes"))?;
        line.split_whitespace().nth(2)?.parse().ok()
    });
    let known = [
        number("/proc/sys/kernel/threads-max"),
        number("/proc/sys/vm/max_map_count").map(|maps| maps / 2),
        CgroupLimits::read().tasks.and_then(|tasks| usize::try_from(tasks).ok()),
        of_process,
    ];
    known.into_iter().flatten().min().map(|threads| (threads / 2).max(1))
}
