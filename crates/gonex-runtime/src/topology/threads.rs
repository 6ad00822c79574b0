use std::path::Path;

use super::cgroup::CgroupLimits;
use super::files::Files;

/// The most threads this process should have, as far as the system says.
///
/// Half of what is left, so that the rest of the process, and others, keep some. On Linux from the
/// limits on threads, on tasks of the cgroup, on processes of the user, and on mappings, of which
/// each thread's stack takes two; elsewhere not known.
///
/// ```
/// use gonex_runtime::topology::thread_limit;
///
/// assert!(thread_limit().is_none_or(|most| most >= 1));
/// ```
#[must_use]
pub fn thread_limit() -> Option<usize> {
    let root = Path::new("/");
    let files = Files::new(root);
    let of_process = files.text("proc/self/limits").and_then(|limits| {
        let line = limits.lines().find(|line| line.starts_with("Max processes"))?;
        line.split_whitespace().nth(2)?.parse().ok()
    });
    let of_cgroup = CgroupLimits::read_below(root).tasks;
    let known = [
        files.value("proc/sys/kernel/threads-max"),
        files.value("proc/sys/vm/max_map_count").map(|maps: usize| maps / 2),
        of_cgroup.and_then(|tasks| usize::try_from(tasks).ok()),
        of_process,
    ];
    known.into_iter().flatten().min().map(|threads| (threads / 2).max(1))
}
