use std::num::NonZeroUsize;
use std::thread;

/// As many threads as the machine, and the cgroup this process is in, run at once.
pub(crate) fn default_threads() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
