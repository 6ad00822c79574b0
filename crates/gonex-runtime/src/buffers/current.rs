use std::cell::RefCell;
use std::sync::OnceLock;

use super::pool::BufferPool;

thread_local! {
    static CURRENT: RefCell<Option<BufferPool>> = const { RefCell::new(None) };
}

/// The pool of buffers that is meant for whoever runs here: that of the worker, where the options
/// `memory_pool`, `memory_pool_size` or `numa_aware` gave it one; elsewhere one for the whole process, which
/// keeps at most 64 MiB.
///
/// ```
/// use gonex_runtime::{ParallelismConfig, buffers, go_parallel};
///
/// # fn main() -> Result<(), gonex_runtime::ParallelError> {
/// let config = ParallelismConfig::new().memory_pool_size(1 << 20);
/// let kept = go_parallel(|| {
///     drop(buffers::current().take(5_000));
///     buffers::current().stats().kept
/// });
/// assert_eq!(kept.options(config).block()?, 1);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn current() -> BufferPool {
    // At the end of a thread nothing is meant for it any more.
    let own = CURRENT.try_with(|current| current.borrow().clone()).ok().flatten();
    own.unwrap_or_else(of_process)
}

fn of_process() -> BufferPool {
    static OF_PROCESS: OnceLock<BufferPool> = OnceLock::new();
    OF_PROCESS.get_or_init(BufferPool::new).clone()
}

/// Gives this thread a pool for as long as it lives.
pub(super) fn set_current(pool: BufferPool) {
    let before = CURRENT.with(|current| current.replace(Some(pool)));
    drop(before);
}
