use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::time::Duration;

use gonex_core::primitive::lock_std;
use gonex_core::rt;
use gonex_task::PanicHook;

use super::parallelism::ParallelismConfig;
use super::refused::ParallelismError;
use super::value::ThreadCount;
use crate::Runtime;

/// So many runtimes are kept for the numbers of threads that were asked for.
const KEPT: usize = 8;

/// One for each number and time without work, for as long as the process lives.
static RUNTIMES: Mutex<BTreeMap<Wanted, Runtime>> = Mutex::new(BTreeMap::new());

/// What tells them apart.
type Wanted = (NonZeroUsize, Option<Duration>);

impl ParallelismConfig {
    /// The runtime that these options ask for: the current one, unless `thread_count` is a number. For
    /// each number, and each `worker_timeout` with it, there is one in the process, started at first use,
    /// without a panic hook.
    ///
    /// # Errors
    /// Every option that cannot be used; those that need a [managed pool](crate::Pool), which is no runtime:
    /// [`go_parallel`](crate::go_parallel) and [`PoolBuilder::options`](crate::PoolBuilder::options) have
    /// one; a ninth number of threads, which is no configuration but a
    /// leak; and a number that the system has no threads for.
    ///
    /// # Panics
    /// If the shared runtime is needed and cannot be started.
    ///
    /// ```
    /// use gonex_runtime::ParallelismConfig;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = ParallelismConfig::new().thread_count(3_usize).runtime()?;
    /// let name = runtime.go(|| std::thread::current().name().map(str::to_owned)).join().block()?;
    /// assert!(name.is_some_and(|name| name.starts_with("gonex-3-")));
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn runtime(&self) -> Result<Runtime, ParallelismError> {
        self.validate()?;
        if let Some((field, value)) = self.asks_for_pool() {
            let reason = "a runtime does not do that; a managed pool does";
            let remedy = "`go_parallel`, or `PoolBuilder::options`";
            return Err(ParallelismError::refusal(field, value, reason, remedy));
        }
        let count = match self.thread_count {
            Some(ThreadCount::Exactly(count)) => NonZeroUsize::new(count),
            Some(ThreadCount::Auto) | None => None,
        };
        match count {
            Some(count) => of_threads((count, self.worker_timeout)),
            None => Ok(Runtime::current()),
        }
    }
}

/// One thread for what another runtime has not taken; started at first use, and there for as long as the
/// process lives. `None` if the system has no thread for it.
pub(crate) fn lesser_runtime() -> Option<Runtime> {
    static LESSER: Mutex<Option<Runtime>> = Mutex::new(None);
    // No code of users runs under it: to start a thread is the system's work.
    let mut lesser = lock_std(&LESSER);
    if lesser.is_none() {
        let builder = Runtime::builder().threads(NonZeroUsize::MIN).name("gonex-lesser");
        *lesser = rt::enter_shared(|| builder.panic_hook(PanicHook::Untouched).build()).ok();
    }
    lesser.clone()
}

fn of_threads(wanted: Wanted) -> Result<Runtime, ParallelismError> {
    let (count, keep_alive) = wanted;
    // No code of users runs under it: to start threads is the system's work.
    let mut runtimes = lock_std(&RUNTIMES);
    if let Some(runtime) = runtimes.get(&wanted) {
        return Ok(runtime.clone());
    }
    if runtimes.len() == KEPT {
        let reason = format!("{KEPT} others have a runtime already, and each stays");
        return Err(refuse(count, &reason, "one of those, or `auto`"));
    }
    let mut builder = Runtime::builder().threads(count).name(format!("gonex-{count}"));
    if let Some(time) = keep_alive {
        builder = builder.keep_alive(time);
    }
    // It outlives whatever test or simulation asks for it first.
    let started = rt::enter_shared(|| builder.panic_hook(PanicHook::Untouched).build());
    let runtime = started.map_err(|error| {
        refuse(count, &format!("the system does not start them: {error}"), "fewer, or `auto`")
    })?;
    runtimes.insert(wanted, runtime.clone());
    Ok(runtime)
}

fn refuse(count: NonZeroUsize, reason: &str, remedy: &str) -> ParallelismError {
    ParallelismError::refusal("thread_count", count, reason, remedy)
}
