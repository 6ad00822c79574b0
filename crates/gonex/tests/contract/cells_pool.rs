//! Rows of the table: what is asked of a pool as a whole, or for many jobs at once.

use std::num::NonZeroUsize;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use gonex::{Pool, Stop, TaskError, rt};

use crate::support::{Gate, PANIC, cancelled, leaves_nothing, poll_once, stopped_pool, wait_for};

/// A pool whose one worker is held by a job, with so much room.
fn held_pool(capacity: usize) -> (Pool<u32, u32>, Gate) {
    let (pool, gate) = stopped_pool(capacity);
    pool.submit(1).block().unwrap().detach();
    gate.entered();
    (pool, gate)
}

/// A pool that works, with room for one job.
fn narrow_pool() -> Pool<u32, u32> {
    let builder = Pool::builder().workers(NonZeroUsize::MIN).capacity(NonZeroUsize::MIN);
    builder.build(|n: u32| n).unwrap()
}

fn in_an_hour() -> Instant {
    rt::now() + Duration::from_secs(3600)
}

crate::table::cells! {
    "pool.wait_idle()" {
        "drop": "leaves nothing behind" => || {
            let (pool, gate) = held_pool(1);
            leaves_nothing(pool.wait_idle());
            gate.open();
            assert_eq!(pool.wait_idle().block(), Ok(()));
        };
        "time-out": "yields `Stop::Timeout`; the jobs go on" => || {
            let (pool, gate) = held_pool(1);
            assert_eq!(pool.wait_idle().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            gate.open();
            assert_eq!((pool.wait_idle().block(), pool.stats().completed), (Ok(()), 1));
        };
        "cancel": "yields `Stop::Cancelled(cause)`; the jobs go on" => || {
            let (pool, gate) = held_pool(1);
            let stopped = pool.wait_idle().within(&cancelled()).block();
            assert!(matches!(stopped, Err(Stop::Cancelled(_))));
            gate.open();
            assert_eq!((pool.wait_idle().block(), pool.stats().completed), (Ok(()), 1));
        };
        "close": "changes nothing: what was taken still runs, and then it yields `Ok(())`" => || {
            let (pool, gate) = held_pool(1);
            pool.submit(2).block().unwrap().detach();
            let mut idle = pin!(pool.wait_idle());
            assert!(poll_once(&mut idle).is_pending());
            pool.close();
            assert!(poll_once(&mut idle).is_pending());
            gate.open();
            assert_eq!((wait_for(idle), pool.stats().completed), (Ok(()), 2));
        };
        "panic": "of a job: that has ended, as any other" => || {
            let (pool, gate) = stopped_pool(1);
            pool.submit(PANIC).block().unwrap().detach();
            gate.open();
            assert_eq!((pool.wait_idle().block(), pool.stats().panicked), (Ok(()), 1));
        };
        "bound reached": "does not occur: who waits takes no room";
    }
    "pool.map(jobs)" {
        "drop": "before all are handed in: cancels those that were and have not started; afterwards they go on, and their results are dropped" => || {
            let (pool, gate) = held_pool(1);
            leaves_nothing(pool.map([2, 3, 4]));
            gate.open();
            pool.wait_idle().block().unwrap();
            assert_eq!((pool.stats().completed, pool.stats().cancelled), (1, 1));
            let (pool, gate) = held_pool(2);
            leaves_nothing(pool.map([2, 3]));
            gate.open();
            pool.wait_idle().block().unwrap();
            assert_eq!((pool.stats().completed, pool.stats().cancelled), (3, 0));
        };
        "time-out": "yields `TaskError::Timeout`, and cancels all jobs" => || {
            let (pool, gate) = held_pool(2);
            let stopped = pool.map([2, 3]).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TaskError::Timeout));
            gate.open();
            pool.wait_idle().block().unwrap();
            assert_eq!(pool.stats().completed, 1);
        };
        "cancel": "yields `TaskError::Cancelled(cause)`, and cancels all jobs" => || {
            let (pool, gate) = held_pool(2);
            let stopped = pool.map([2, 3]).within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
            gate.open();
            pool.wait_idle().block().unwrap();
            assert_eq!(pool.stats().completed, 1);
        };
        "close": "before all are handed in: yields `TaskError::Refused`, and cancels the others; afterwards changes nothing" => || {
            let (pool, gate) = held_pool(1);
            let mut map = pin!(pool.map([2, 3, 4]));
            assert!(poll_once(&mut map).is_pending());
            pool.close();
            let Poll::Ready(Err(refused)) = poll_once(&mut map) else { panic!() };
            assert!(matches!(refused, TaskError::Refused { .. }));
            gate.open();
            pool.wait_idle().block().unwrap();
            assert_eq!(pool.stats().completed, 1);
            let (pool, gate) = stopped_pool(2);
            let mut map = pin!(pool.map([2, 3]));
            assert!(poll_once(&mut map).is_pending());
            pool.close();
            gate.open();
            assert_eq!(wait_for(map), Ok(vec![2, 3]));
        };
        "panic": "of a job: yields `TaskError::Panicked`, and cancels the others; of the iterator: goes through the call, and nothing is handed in" => || {
            let (pool, gate) = stopped_pool(2);
            gate.open();
            assert!(matches!(pool.map([PANIC, 2]).block(), Err(TaskError::Panicked(_))));
            let fails = (0..2).map(|_| -> u32 { std::panic::resume_unwind(Box::new("enough")) });
            let mapped = std::panic::AssertUnwindSafe(|| drop(pool.map(fails)));
            assert!(std::panic::catch_unwind(mapped).is_err());
            assert_eq!(pool.stats().submitted, 2);
        };
        "bound reached": "waits for room while the first jobs run" => || {
            assert_eq!(narrow_pool().map(0..100).block(), Ok((0..100).collect()));
        };
    }
    "outputs.next()" {
        "drop": "loses nothing: the result is the next one's" => || {
            let (pool, gate) = stopped_pool(4);
            let mut outputs = pool.map_unordered([7]);
            assert!(poll_once(&mut pin!(outputs.next())).is_pending());
            gate.open();
            assert_eq!((outputs.next().block(), outputs.next().block()), (Some(Ok(7)), None));
        };
        "time-out": "yields `TaskError::Timeout`, and can be called again: the jobs go on" => || {
            let (pool, gate) = stopped_pool(4);
            let mut outputs = pool.map_unordered([7]);
            let stopped = outputs.next().timeout(Duration::ZERO).block();
            assert_eq!(stopped, Some(Err(TaskError::Timeout)));
            gate.open();
            assert_eq!(outputs.next().block(), Some(Ok(7)));
        };
        "cancel": "yields `TaskError::Cancelled(cause)`, and can be called again: the jobs go on" => || {
            let (pool, gate) = stopped_pool(4);
            let mut outputs = pool.map_unordered([7]);
            let stopped = outputs.next().within(&cancelled()).block();
            assert!(matches!(stopped, Some(Err(TaskError::Cancelled(_)))));
            gate.open();
            assert_eq!(outputs.next().block(), Some(Ok(7)));
        };
        "close": "yields what became of the jobs that were taken, and `TaskError::Refused` for each that was not" => || {
            let (pool, gate) = stopped_pool(4);
            let mut outputs = pool.map_unordered([1, 2, 3]);
            {
                let mut first = pin!(outputs.next());
                assert!(poll_once(&mut first).is_pending(), "two are at work");
            }
            pool.close();
            gate.open();
            let mut ends: Vec<_> = std::iter::from_fn(|| outputs.next().block()).collect();
            ends.sort_by_key(|end| end.as_ref().copied().unwrap_or(9));
            assert_eq!(ends[..2], [Ok(1), Ok(2)]);
            assert!(matches!(ends[2..], [Err(TaskError::Refused { .. })]));
        };
        "panic": "of a job: yields `TaskError::Panicked`, and the others go on; of what yields the jobs: goes through the call" => || {
            let (pool, gate) = stopped_pool(4);
            gate.open();
            let mut outputs = pool.map_unordered([PANIC, 2]);
            assert!(matches!(outputs.next().block(), Some(Err(TaskError::Panicked(_)))));
            assert_eq!((outputs.next().block(), outputs.next().block()), (Some(Ok(2)), None));
            let fails = (0..2).map(|_| -> u32 { std::panic::resume_unwind(Box::new("enough")) });
            let mut outputs = pool.map_unordered(fails);
            let asked = std::panic::AssertUnwindSafe(|| outputs.next().block());
            assert!(std::panic::catch_unwind(asked).is_err());
        };
        "bound reached": "waits for room; no more jobs are asked for than twice what the workers run at once" => || {
            let pool = narrow_pool();
            let mut asked = 0;
            let mut outputs = pool.map_unordered((0..100).inspect(|_| asked += 1));
            assert_eq!(outputs.next().block(), Some(Ok(0)));
            drop(outputs);
            assert!(asked <= 3, "{asked}");
        };
    }
    "pool.shutdown(deadline)" {
        "drop": "before it is polled nothing happens; afterwards the pool ends by itself, until the deadline" => || {
            let (pool, gate) = held_pool(1);
            drop(pool.shutdown(in_an_hour()));
            pool.submit(2).block().unwrap().detach();
            leaves_nothing(pool.shutdown(in_an_hour()));
            assert!(pool.submit(3).block().unwrap_err().is_closed());
            gate.open();
            let report = pool.shutdown(in_an_hour()).block();
            assert!(report.is_clean() && report.stats.completed == 2, "{report}");
        };
        "time-out": "gives up at once what has not ended, and yields the report" => || {
            let (pool, gate) = held_pool(1);
            let mut waits = pool.submit(2).block().unwrap();
            let report = pool.shutdown(in_an_hour()).timeout(Duration::ZERO).block();
            assert_eq!((report.discarded, report.cancelled, report.left_behind), (1, 1, 1));
            assert_eq!(waits.join().block(), Err(TaskError::lost(false)));
            gate.open();
        };
        "cancel": "gives up at once what has not ended, and yields the report" => || {
            let (pool, gate) = held_pool(1);
            let report = pool.shutdown(in_an_hour()).within(&cancelled()).block();
            assert_eq!((report.discarded, report.cancelled, report.left_behind), (0, 1, 1));
            gate.open();
        };
        "close": "of the pool before: goes on with its end" => || {
            let (pool, gate) = held_pool(1);
            pool.close();
            gate.open();
            let report = pool.shutdown(in_an_hour()).block();
            assert!(report.is_clean() && report.stats.completed == 1, "{report}");
        };
        "panic": "of a job: that has ended, as any other" => || {
            let (pool, gate) = stopped_pool(1);
            pool.submit(PANIC).block().unwrap().detach();
            gate.open();
            let report = pool.shutdown(in_an_hour()).block();
            assert!(report.is_clean() && report.stats.panicked == 1, "{report}");
        };
        "bound reached": "of time: jobs that wait are lost, those that run are told to stop and cancelled, and workers that go on all the same are left behind, all counted in the report" => || {
            let (pool, gate) = stopped_pool(1);
            let mut runs = pool.submit(1).block().unwrap();
            gate.entered();
            let mut waits = pool.submit(2).block().unwrap();
            let report = pool.shutdown(rt::now()).block();
            assert_eq!((report.discarded, report.cancelled, report.left_behind), (1, 1, 1));
            assert!(matches!(runs.join().block(), Err(TaskError::Cancelled(_))));
            assert_eq!(waits.join().block(), Err(TaskError::lost(false)));
            gate.open();
        };
    }
}
