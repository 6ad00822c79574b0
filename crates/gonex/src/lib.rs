//! Go-style concurrency for Rust that goes from one thread to a cluster without a rewrite.
//!
//! This is the crate to depend on: it re-exports the others flat and holds no logic.
//!
//! - [`go`] starts a task, a closure or a future, and [`go_all`] starts many; a [`Handle`] waits
//!   for one.
//! - [`#[task]`](macro@task) makes a function one that can be [called](Call) wherever tasks run: here, and where
//!   nothing is shared with the caller but bytes.
//! - A [`Place`] is where tasks run: [`Threads`] is where [`go`] runs them, [`Inline`] the caller. What
//!   can be handed in at one can be at every other, with the same handle and the same errors. A [`Chain`]
//!   is several, each for what the one before does not take.
//! - [`go_race`], [`try_go_all`] and [`go_all_outcomes`] wait for many in other ways, and
//!   [`go_parallel`] goes by a [`ParallelismConfig`].
//! - [`Retry`] calls again what failed for a reason that may pass, and [`go_with_retry`] does so with
//!   tasks.
//! - A [`CircuitBreaker`], a [`Limiter`], a [`Bulkhead`], a [`Timeout`], a [`Fallback`] and a [`Hedge`] stand
//!   around whatever may fail or be too much, and a [`Policy`] is several of them.
//! - A [`Group`] owns its tasks, and a [`scope()`] lends to them; a closure that has to wait lets
//!   another go on in its place.
//! - [`compute`] spreads one computation over all cores, [`thread`] has what lives long run by itself,
//!   and [`aio`] waits for many futures at once; they mix freely.
//! - A [`Pool`] runs one handler over many jobs, with a bounded queue and [metrics](RunMetrics).
//! - Everything that waits is an [`Op`]: await it, or [`block`](Op::block) on it, with limits.
//! - A [`channel()`] carries values, [`select!`] waits for whichever of several things can happen
//!   first, and a [`Distributor`] and a [`Collector`] are channels to and from many peers.
//! - [`Mutex`], [`RwMutex`], [`Semaphore`], [`Cond`], [`Once`], [`WaitGroup`], [`Barrier`],
//!   [`Ticker`], [`Timer`], [`watch()`], [`broadcast()`], [`oneshot()`] and [`Singleflight`] wait
//!   with the same operations.
//! - [`Shared`] and [`SharedMap`] hold state that many read, some change and others watch; an
//!   [`Address`] leads to whoever has a mailbox, and an [`AddressBook`] finds it by name.
//! - [`Runtime::shutdown`] ends tasks and parts in order, by a deadline, and reports what became of them.
//! - A [`component::Registry`] lists the long-lived parts of a program and stops them in order;
//!   [`telemetry`] tells metrics and traces, with the features `metrics` and `tracing`.
//! - A [`Context`] hands a deadline and a cancellation down to all that works for one purpose; that of
//!   [`signals`] ends when the process is asked to end.
//!
//! ```
//! use std::time::Duration;
//! use gonex::{Context, Pool, Stop, TaskError, channel, go, go_all, select_block};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Closures run on all cores; futures on tokio.
//! let mut n = go(|| 2 + 2);
//! assert_eq!(n.join().block()?, 4);
//! let (primes, greeting) = go_all((|| [2, 3, 5, 7], async { "hello" })).block()?;
//! assert_eq!((primes.len(), greeting), (4, "hello"));
//!
//! // A pool returns results in order, and a panic as a value.
//! let pool = Pool::new(|n: u64| if n == 3 { panic!("no threes") } else { n * n })?;
//! let mut batch = pool.submit_batch([1, 2, 3, 4], |_| 1).block()?;
//! let squares = batch.join_each().timeout(Duration::from_secs(60)).block()?;
//! assert_eq!(squares[3], Ok(16));
//! assert!(matches!(&squares[2], Err(TaskError::Panicked(panic)) if panic.message == "no threes"));
//!
//! // A channel serves threads and futures alike.
//! let (tx, rx) = channel(8);
//! go(move || (1..=3).for_each(|n| tx.send(n).block().unwrap())).detach();
//! let mut sum = 0;
//! loop {
//!     select_block! {
//!         recv(rx) -> n => if let Ok(n) = n { sum += n } else { break },
//!         after(Duration::from_secs(60)) => panic!("nothing for a minute"),
//!     }
//! }
//! assert_eq!(sum, 6);
//!
//! // One context ends all that works for it, started or not.
//! let (context, canceller) = Context::background().with_cancel();
//! let mut task = context.run(|| go(|| Context::current().done().block()));
//! canceller.cancel("enough");
//! let ended = task.join().block();
//! assert!(matches!(ended, Ok(Stop::Cancelled(_)) | Err(TaskError::Cancelled(_))));
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

/// The kinds of operation, to name their types: `Op<op::Join<'_, T>>`.
pub mod op {
    pub use gonex_core::component::{Lifecycle, Shutdown};
    pub use gonex_core::context::{Done, InContext};
    pub use gonex_core::op::{Name, Subject};
    pub use gonex_resilience::retry::Call as RetryCall;
    pub use gonex_runtime::aio::Awaited;
    pub use gonex_runtime::group::{GroupNext, GroupSpawn, GroupWait, GroupWaitEach, TryGroupWait};
    pub use gonex_runtime::pool::{Idle, Map, NextOutput, PoolShutdown, Submit, SubmitBatch};
    pub use gonex_runtime::runtime::RuntimeShutdown;
    pub use gonex_runtime::scope::ScopedJoin;
    pub use gonex_runtime::together::{
        AllRetried, GatherOutcomes, Race, Retried, RunParallel, TryAll, TryTuple,
    };
    pub use gonex_sync::address::{Ask, SendTo, SendToAll};
    pub use gonex_sync::broadcast::{BroadcastRecv, BroadcastSend};
    pub use gonex_sync::channel::{Recv, RecvMany, Reserve, Send, SendAcked, SendAll};
    pub use gonex_sync::cond::{NextCall, Unlocked, Wait, WaitFor, WaitLimited, While};
    pub use gonex_sync::distribute::{Balance, Broadcast, Collect, Gather, RouteSend, Scatter};
    pub use gonex_sync::group::{BarrierWait, Counted, Passed, WaitGroupWait};
    pub use gonex_sync::lock::{Exclusive, Guard, Lock, NotUpgraded, Shared, Upgradable, Upgrade};
    pub use gonex_sync::once::{FromClosure, FromFuture, Init, TryInit};
    pub use gonex_sync::oneshot::{OneshotClosed, OneshotRecv};
    pub use gonex_sync::select::Wait as SelectWait;
    pub use gonex_sync::semaphore::Acquire;
    pub use gonex_sync::shared::{
        FromFn, FromFutureFn, RemoveEntry, Update, UpdateEntry, Work, Write, WriteEntry,
        WriteEntryLimited, WriteLimited,
    };
    pub use gonex_sync::singleflight::{Flown, Fly};
    pub use gonex_sync::time::{Fired, NextTick};
    pub use gonex_sync::watch::{Changed, Unwatched, WaitUntil};
    pub use gonex_task::batch::{JoinAll, JoinEach};
    pub use gonex_task::handle::Join;
    pub use gonex_task::work::JoinTuple;
}

pub use gonex_core::{
    AfterFunc, Border, Canceller, Cause, Clock, Context, Instant, Kind, Limited, ManualClock, Op,
    Stop, SystemClock, component, insight, rt, telemetry,
};
#[cfg(feature = "tower")]
pub use gonex_resilience::tower;
pub use gonex_resilience::{
    AdaptiveLimit, BudgetConfig, Bulkhead, CallError, Chaos, CircuitBreaker, Fallback, Hedge,
    InvalidConfig, KeyedBreaker, KeyedLimiter, LeakyBucket, Limiter, LoadShedder, Policy, Problem,
    Problems, Retry, RetryBudget, RetryConfig, RetryError, RetryMetrics, SlidingWindow, Timeout,
    TokenBucket, adaptive, breaker, bulkhead, call, chaos, fallback, hedge, limit, retry, shed,
    stack, timeout,
};
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub use gonex_runtime::compute;
#[cfg(any(unix, windows))]
pub use gonex_runtime::signals;
pub use gonex_runtime::{
    AtBound, FailedTask, Group, LocalScope, Measure, OnFailure, Outcomes, Parallel, ParallelError,
    ParallelismConfig, ParallelismError, Pool, PoolBuilder, RunMetrics, Runtime, RuntimeBuilder,
    RuntimeReport, RuntimeStats, Scope, ScopedHandle, SubmitError, Threads, TryError, TryGroup,
    WorkerMetrics, aio, balance, blocking, buffers, config, go, go_all, go_all_outcomes,
    go_all_with_retry, go_detached, go_parallel, go_race, go_with, go_with_retry, pool, profile,
    scope, scope_local, thread, together, topology, try_go_all, try_go_parallel,
};
pub use gonex_sync::distribute::{self, Collector, Distributor, PeerId};
pub use gonex_sync::{
    AckError, AcquireError, Address, AddressBook, ArmKey, AskError, Barrier, BroadcastReceiver,
    BroadcastRecvError, BroadcastSender, Change, ChannelBuilder, Cond, Latest, Mutex, MutexGuard,
    NotRegistered, OnLag, Once, OneshotReceiver, OneshotSender, OwnedMutexGuard, OwnedRwReadGuard,
    OwnedRwWriteGuard, PeerSendError, Permit, Receiver, RecvError, Reply, ReserveError, RwMutex,
    RwReadGuard, RwUpgradableGuard, RwWriteGuard, Select, Semaphore, SemaphorePermit, SendError,
    SendKey, Sender, SetError, Shared, SharedMap, Singleflight, Tick, Ticker, Timer, Token,
    TryAcquireError, TryBroadcastRecvError, TryRecvError, TrySendError, WaitGroup, WatchError,
    WatchReceiver, WatchSender, WeakReceiver, WeakSender, ZeroPeriod, broadcast, channel, oneshot,
    select, select_block, unbounded, watch,
};
pub use gonex_task::{
    Batch, Call, Chain, Handle, Inline, IntoTask, IntoTasks, Panic, PanicHook, Place, PlaceExt,
    Priority, SourcePlace, Stalled, Task, TaskError, TaskId, TaskOptions, isolate, place, portable,
    task, tasks,
};

/// What `#[task]` expands to. Not for users.
#[doc(hidden)]
pub use gonex_task::__private;

/// The README's example, so that it is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// That of the page on the layers.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/layers.md")]
struct Layers;

/// That of the page on calls as bytes.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/wire-format.md")]
struct WireFormat;

/// And that of the page on pools.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/pool.md")]
struct Pools;
