//! The table itself: one row a cell, with its proof.

use std::future::IntoFuture;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use gonex::{Batch, Context, Pool, Stop, SubmitError, TaskError, go, go_all, rt};

use crate::support::{
    Gate, PANIC, cancelled, full_pool, late_panic, leaves_nothing, paused, pausing, poll_once,
    quiet, stopped_pool, until_refused, wait_for,
};

crate::table::cells! {
    "context.done()" {
        "drop": "nothing is left: no waiter, no timer" => || {
            let (context, _canceller) = Context::background().with_cancel();
            leaves_nothing(context.done());
            leaves_nothing(context.with_timeout(Duration::from_secs(3600)).done());
        };
        "time-out": "yields `Err(Stop::Timeout)` under its own limit, `Stop::Timeout` when the context's deadline passes" => || {
            let (context, _canceller) = Context::background().with_cancel();
            assert_eq!(context.done().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            let late = context.with_timeout(Duration::ZERO);
            assert_eq!(late.done().block(), Stop::Timeout);
        };
        "cancel": "yields `Stop::Cancelled` with the cause; when another context in force is cancelled, `Err` under `within`, and without it an unwind to the border of the task" => || {
            let cancelled = cancelled();
            assert!(matches!(cancelled.done().block(), Stop::Cancelled(_)));
            let (open, _canceller) = Context::background().with_cancel();
            assert!(matches!(open.done().within(&cancelled).block(), Err(Stop::Cancelled(_))));
            let (other, canceller) = Context::background().with_cancel();
            let mut task = other.run(|| go(move || { open.done().block(); }));
            canceller.cancel("enough");
            assert!(matches!(task.join().block(), Err(TaskError::Cancelled(_))));
        };
        "close": "does not occur: a context is not closed, and dropping its canceller cancels nothing" => || {
            let (context, canceller) = Context::background().with_cancel();
            drop(canceller);
            assert_eq!(context.done().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
        };
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: any number can wait";
    }
    "context.after_func(f)" {
        "drop": "of its handle: changes nothing, the function still runs; of everything that could stop the context: the function is dropped" => || {
            let (context, canceller) = Context::background().with_cancel();
            let (sent, ran) = mpsc::channel();
            drop(context.after_func(move || sent.send(()).unwrap()));
            canceller.cancel("enough");
            assert_eq!(ran.iter().count(), 1);
            let (sent, ran) = mpsc::channel::<()>();
            drop(Context::background().with_cancel().0.after_func(move || drop(sent)));
            assert!(ran.recv().is_err());
        };
        "time-out": "of the context: the function runs once, on the thread of the timers, or at once if the deadline has passed" => || {
            let (sent, ran) = mpsc::channel();
            Context::background().with_timeout(Duration::ZERO).after_func(move || sent.send(()).unwrap());
            assert_eq!(ran.iter().count(), 1);
        };
        "cancel": "of the context: the function runs once, on the thread that cancels; of the function, by `stop()`: it is dropped and never runs" => || {
            let (context, canceller) = Context::background().with_cancel();
            let (sent, ran) = mpsc::channel();
            let prevented = context.after_func(|| panic!("prevented"));
            context.after_func(move || sent.send(std::thread::current().id()).unwrap());
            assert!(prevented.stop());
            canceller.cancel("enough");
            assert_eq!(ran.iter().collect::<Vec<_>>(), [std::thread::current().id()]);
            assert!(!prevented.stop());
        };
        "close": "does not occur: a context is not closed";
        "panic": "of the function: reaches nobody but the panic hook" => || {
            let (context, canceller) = Context::background().with_cancel();
            let (sent, ran) = mpsc::channel();
            context.after_func(|| std::panic::resume_unwind(Box::new("its own affair")));
            context.after_func(move || sent.send(()).unwrap());
            canceller.cancel("enough");
            assert_eq!(ran.iter().count(), 1);
        };
        "bound reached": "does not occur: any number can wait";
    }
    "rt::sleep(..)" {
        "drop": "its timer is called off" => || {
            leaves_nothing(rt::sleep(Duration::from_secs(3600)));
        };
        "time-out": "yields `Err(Stop::Timeout)` under its own limit; when the ambient context's deadline passes, unwinds to the border of the task" => || {
            let nap = rt::sleep(Duration::from_secs(3600)).timeout(Duration::ZERO);
            assert_eq!(nap.block(), Err(Stop::Timeout));
            let late = Context::background().with_timeout(Duration::from_millis(1));
            let mut task = late.run(|| go(|| rt::sleep(Duration::from_secs(3600)).block()));
            assert_eq!(task.join().block(), Err(TaskError::Timeout));
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`; when the ambient context is cancelled, unwinds to the border of the task" => || {
            let nap = || rt::sleep(Duration::from_secs(3600));
            assert!(matches!(nap().within(&cancelled()).block(), Err(Stop::Cancelled(_))));
            let mut task = go(async move { nap().await });
            task.cancel("enough");
            assert!(matches!(task.join().block(), Err(TaskError::Cancelled(_))));
        };
        "close": "does not occur: nothing closes time";
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: a time beyond all clocks never passes, and limits still end the wait" => || {
            let endless = rt::sleep(Duration::MAX).timeout(Duration::ZERO);
            assert_eq!(endless.block(), Err(Stop::Timeout));
        };
    }
    "rt::yield_now()" {
        "drop": "nothing is left; the task that has woken itself is polled once more" => || {
            let mut yielded = Box::pin(rt::yield_now());
            assert!(poll_once(&mut yielded.as_mut()).is_pending());
        };
        "time-out": "yields `Err(Stop::Timeout)` in a future under a limit that has passed; a blocking thread does not wait, so it is not stopped" => || {
            let mut yielded = pin!(rt::yield_now().timeout(Duration::ZERO));
            assert_eq!(poll_once(&mut yielded), Poll::Ready(Err(Stop::Timeout)));
            assert_eq!(rt::yield_now().timeout(Duration::ZERO).block(), Ok(()));
        };
        "cancel": "yields `Err(Stop::Cancelled)` in a future under `within`; when the ambient context is cancelled, unwinds to the border of the task" => || {
            let cancelled = cancelled();
            let mut yielded = pin!(rt::yield_now().within(&cancelled));
            assert!(matches!(poll_once(&mut yielded), Poll::Ready(Err(Stop::Cancelled(_)))));
            let mut task = go(async {
                loop {
                    rt::yield_now().await;
                }
            });
            task.cancel("enough");
            let ended: Result<(), _> = task.join().block();
            assert!(matches!(ended, Err(TaskError::Cancelled(_))));
        };
        "close": "does not occur: there is nothing to close";
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: it is itself what gives way";
    }
    "handle.join()" {
        "drop": "the result stays with the handle, which can be joined again" => || {
            let (task, mut handle) = paused();
            leaves_nothing(handle.join());
            task.finish();
            assert_eq!(handle.join().block(), Ok(7));
        };
        "time-out": "yields `TaskError::Timeout`; the task goes on, and the handle can be joined again" => || {
            let (task, mut handle) = paused();
            assert_eq!(handle.join().timeout(Duration::ZERO).block(), Err(TaskError::Timeout));
            task.finish();
            assert_eq!(handle.join().block(), Ok(7));
            assert_eq!(handle.join().block(), Err(TaskError::AlreadyJoined));
        };
        "cancel": "of the wait: yields `TaskError::Cancelled`, and the handle can be joined again; of the task, by `handle.cancel`: `TaskError::Cancelled` if it had not ended" => || {
            let (task, mut handle) = paused();
            let stopped = handle.join().within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
            task.finish();
            assert_eq!(handle.join().block(), Ok(7));
            let mut endless = go(std::future::pending::<()>());
            endless.cancel("enough");
            assert!(matches!(endless.join().block(), Err(TaskError::Cancelled(_))));
        };
        "close": "of the pool: what was taken still runs, and the join yields its result; what was discarded yields `TaskError::Lost`. Of the runtime: closures that were taken still run, futures on its own tokio yield `TaskError::Lost`, and what is handed in by a task meanwhile yields `TaskError::Refused`" => || {
            let runtime = quiet();
            let mut closure = runtime.go(until_refused);
            let mut future = runtime.go(std::future::pending::<()>());
            drop(runtime);
            assert!(matches!(closure.join().block(), Ok(TaskError::Refused { .. })));
            assert!(matches!(future.join().block(), Err(TaskError::Lost { .. })));

            let (pool, gate) = stopped_pool(4);
            let mut running = pool.submit(1).block().unwrap();
            gate.entered();
            let mut discarded = pool.submit(2).block().unwrap();
            assert_eq!(pool.discard(), 1);
            assert_eq!(discarded.join().block(), Err(TaskError::lost(false)));
            pool.close();
            gate.open();
            assert_eq!(running.join().block(), Ok(1));
        };
        "panic": "of the task: yields `TaskError::Panicked` with message and place" => || {
            let mut handle = quiet().go(|| -> u8 { panic!("over {}", "board") });
            let line = line!() - 1;
            let Err(TaskError::Panicked(panic)) = handle.join().block() else { panic!() };
            assert_eq!(panic.message, "over board");
            let place = panic.place.expect("the hook is installed");
            assert!(place.file.ends_with("cells.rs"));
            assert_eq!(place.line, line);
            assert!(panic.task.contains("cells.rs"), "{}", panic.task);
        };
        "bound reached": "of the runtime's queue: the task is refused, and the join yields `TaskError::Refused`" => || {
            let one = NonZeroUsize::MIN;
            let runtime = gonex::Runtime::builder().threads(one).max_queued(one).build().unwrap();
            let gate = Gate::new();
            let mut running = runtime.go(gate.pass());
            gate.entered();
            let mut queued = runtime.go(|| 2);
            let mut refused = runtime.go(|| 3);
            assert!(matches!(refused.join().block(), Err(TaskError::Refused { .. })));
            gate.open();
            assert_eq!(running.join().block(), Ok(()));
            assert_eq!(queued.join().block(), Ok(2));
        };
    }
    "handle.await" {
        "drop": "detaches the task: it goes on and its result is dropped" => || {
            let (task, handle) = paused();
            leaves_nothing(handle.into_future());
            assert_eq!(task.finish_and_count(), 1);
        };
        "time-out": "yields `TaskError::Timeout` and detaches the task" => || {
            let (task, handle) = paused();
            let stopped = handle.into_future().timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TaskError::Timeout));
            assert_eq!(task.finish_and_count(), 1);
        };
        "cancel": "yields `TaskError::Cancelled` and detaches the task" => || {
            let (task, handle) = paused();
            let stopped = handle.into_future().within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
            assert_eq!(task.finish_and_count(), 1);
        };
        "close": "as `handle.join()`" => || {
            let (pool, gate) = stopped_pool(4);
            let running = pool.submit(1).block().unwrap();
            gate.entered();
            let discarded = pool.submit(2).block().unwrap();
            pool.discard();
            let lost = discarded.into_future().block();
            assert_eq!(lost, Err(TaskError::lost(false)));
            gate.open();
            assert_eq!(running.into_future().block(), Ok(1));
        };
        "panic": "as `handle.join()`; of a future, at whichever poll" => || {
            let runtime = quiet();
            let ended = runtime.go(late_panic()).into_future().block();
            assert!(matches!(ended, Err(TaskError::Panicked(p)) if p.message == "later"));
        };
        "bound reached": "as `handle.join()`";
    }
    "batch.join_all()" {
        "drop": "the results stay with the batch, which can be joined again" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch = pool.submit_batch([1, 2], |_| 1).block().unwrap();
            leaves_nothing(batch.join_all());
            gate.open();
            assert_eq!(batch.join_all().block(), Ok(vec![1, 2]));
        };
        "time-out": "yields `TaskError::Timeout`; the tasks go on, and the batch can be joined again" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch = pool.submit_batch([1, 2], |_| 1).block().unwrap();
            let stopped = batch.join_all().timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TaskError::Timeout));
            gate.open();
            assert_eq!(batch.join_all().block(), Ok(vec![1, 2]));
            assert_eq!(batch.join_all().block(), Err(TaskError::AlreadyJoined));
        };
        "cancel": "of the wait: yields `TaskError::Cancelled`, and the batch can be joined again; of the batch, by `batch.cancel`: tasks that have not started never do" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch = pool.submit_batch([1, 2], |_| 1).block().unwrap();
            let stopped = batch.join_all().within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
            gate.entered();
            batch.cancel("enough");
            gate.open();
            let each = batch.join_each().block().unwrap();
            assert_eq!(each[0], Ok(1));
            assert!(matches!(each[1], Err(TaskError::Cancelled(_))));
        };
        "close": "of the pool: what was taken still runs; what was discarded yields `TaskError::Lost { started: false }`" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch: Batch<u32> = pool.submit_batch([1, 2], |_| 1).block().unwrap();
            gate.entered();
            pool.close();
            pool.discard();
            gate.open();
            let lost = TaskError::lost(false);
            assert_eq!(batch.join_all().block(), Err(lost));
        };
        "panic": "of a task: yields its `TaskError::Panicked` as soon as it happens, and cancels the others" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch = pool.submit_batch([PANIC, 2], |_| 1).block().unwrap();
            gate.entered();
            gate.open();
            assert!(matches!(batch.join_all().block(), Err(TaskError::Panicked(_))));
        };
        "bound reached": "does not occur: room was found when the batch was handed in";
    }
    "batch.join_each()" {
        "drop": "the results stay with the batch, which can be joined again" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch = pool.submit_batch([1, 2], |_| 1).block().unwrap();
            leaves_nothing(batch.join_each());
            gate.open();
            assert_eq!(batch.join_each().block(), Ok(vec![Ok(1), Ok(2)]));
        };
        "time-out": "yields `TaskError::Timeout`; the tasks go on, and the batch can be joined again" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch = pool.submit_batch([1], |_| 1).block().unwrap();
            let stopped = batch.join_each().timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TaskError::Timeout));
            gate.open();
            assert_eq!(batch.join_each().block(), Ok(vec![Ok(1)]));
        };
        "cancel": "as `batch.join_all()`" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch = pool.submit_batch([1], |_| 1).block().unwrap();
            let stopped = batch.join_each().within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
            gate.open();
            assert_eq!(batch.join_each().block(), Ok(vec![Ok(1)]));
        };
        "close": "of the pool: yields results for what ran and `TaskError::Lost { started: false }` for what was discarded" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch = pool.submit_batch([1, 2], |_| 1).block().unwrap();
            gate.entered();
            pool.discard();
            gate.open();
            let lost = Err(TaskError::lost(false));
            assert_eq!(batch.join_each().block(), Ok(vec![Ok(1), lost]));
        };
        "panic": "of a task: its place in the list says `TaskError::Panicked`; the others go on" => || {
            let (pool, gate) = stopped_pool(4);
            let mut batch = pool.submit_batch([1, PANIC, 3], |_| 1).block().unwrap();
            gate.open();
            let each = batch.join_each().block().unwrap();
            assert_eq!((&each[0], &each[2]), (&Ok(1), &Ok(3)));
            assert!(matches!(each[1], Err(TaskError::Panicked(_))));
        };
        "bound reached": "does not occur: room was found when the batch was handed in";
    }
    "go_all(..)" {
        "drop": "detaches the tasks, which were started already" => || {
            let (task, work) = pausing();
            leaves_nothing(go_all([work]));
            leaves_nothing(go_all((std::future::pending::<()>(), std::future::pending::<u8>())));
            assert_eq!(task.finish_and_count(), 1);
        };
        "time-out": "yields `TaskError::Timeout` and cancels the tasks, whose results nobody can ask for" => || {
            let (sent, ended) = mpsc::channel::<()>();
            let endless = async move {
                let _alive = sent;
                std::future::pending::<()>().await;
            };
            let stopped = go_all([endless]).timeout(Duration::ZERO).block();
            assert_eq!(stopped, Err(TaskError::Timeout));
            assert!(ended.recv().is_err(), "the future is dropped");
        };
        "cancel": "yields `TaskError::Cancelled` and cancels the tasks" => || {
            let endless = || std::future::pending::<()>();
            let stopped = go_all((endless(), endless())).within(&cancelled()).block();
            assert!(matches!(stopped, Err(TaskError::Cancelled(_))));
        };
        "close": "of the runtime: as `handle.join()`";
        "panic": "yields the first `TaskError::Panicked` as soon as it happens, and cancels the others" => || {
            let endless = || std::future::pending::<()>();
            let failed = quiet().go_all((endless(), || -> u8 { panic!("first") })).block();
            assert!(matches!(failed, Err(TaskError::Panicked(p)) if p.message == "first"));
        };
        "bound reached": "of the runtime's queue: yields `TaskError::Refused` and cancels the others" => || {
            let one = NonZeroUsize::MIN;
            let runtime = gonex::Runtime::builder().threads(one).max_queued(one).build().unwrap();
            let gate = Gate::new();
            let mut running = runtime.go(gate.pass());
            gate.entered();
            let refused = runtime.go_all([|| 1, || 2]).block();
            assert!(matches!(refused, Err(TaskError::Refused { .. })));
            gate.open();
            assert_eq!(running.join().block(), Ok(()));
        };
    }
    "pool.submit(job)" {
        "drop": "nothing is handed in, the place in line goes to the next, and the job is dropped" => || {
            let (pool, gate) = full_pool();
            leaves_nothing(pool.submit(8));
            gate.open();
            let mut next = pool.submit(9).block().unwrap();
            assert_eq!(next.join().block(), Ok(9));
        };
        "time-out": "gives the job back: `SubmitError::Timeout(job)`" => || {
            let (pool, gate) = full_pool();
            let stopped = pool.submit(8).timeout(Duration::ZERO).block();
            assert_eq!(stopped.unwrap_err(), SubmitError::Timeout(8));
            gate.open();
        };
        "cancel": "gives the job back: `SubmitError::Cancelled(job, cause)`" => || {
            let (pool, gate) = full_pool();
            let stopped = pool.submit(8).within(&cancelled()).block();
            assert!(matches!(stopped.unwrap_err(), SubmitError::Cancelled(8, _)));
            gate.open();
        };
        "close": "gives the job back: `SubmitError::Closed(job)`, also to who waits for room already" => || {
            let (pool, gate) = full_pool();
            let mut waiting = pin!(pool.submit(8));
            assert!(poll_once(&mut waiting).is_pending());
            pool.close();
            let Poll::Ready(Err(closed)) = poll_once(&mut waiting) else { panic!() };
            assert_eq!(closed, SubmitError::Closed(8));
            assert_eq!(pool.submit(9).block().unwrap_err(), SubmitError::Closed(9));
            gate.open();
        };
        "panic": "does not occur: the handler runs elsewhere, see `handle.join()`";
        "bound reached": "waits for room, first come first served; `try_submit` gives the job back: `SubmitError::Full(job)`" => || {
            let (pool, gate) = full_pool();
            assert_eq!(pool.try_submit(7).unwrap_err(), SubmitError::Full(7));
            let mut first = pin!(pool.submit(8));
            let mut second = pin!(pool.submit(9));
            assert!(poll_once(&mut first).is_pending());
            assert!(poll_once(&mut second).is_pending());
            gate.open();
            let mut one = wait_for(first.as_mut()).unwrap();
            assert_eq!(one.join().block(), Ok(8));
            let mut two = wait_for(second.as_mut()).unwrap();
            assert_eq!(two.join().block(), Ok(9));
        };
    }
    "pool.submit_batch(jobs)" {
        "drop": "cancels what was handed in and has not started; the other jobs are dropped" => || {
            let (pool, gate) = stopped_pool(1);
            // The worker is held before, so that it makes no room and wakes nobody meanwhile.
            pool.submit(1).block().unwrap().detach();
            gate.entered();
            leaves_nothing(pool.submit_batch([1, 2, 3, 4], |_| 1));
            gate.open();
            let mut next = pool.submit(9).block().unwrap();
            assert_eq!(next.join().block(), Ok(9));
        };
        "time-out": "gives back the jobs that were not taken, and cancels the others: `SubmitError::Timeout(jobs)`" => || {
            let (pool, gate) = full_pool();
            let stopped = pool.submit_batch([1, 2, 3], |_| 1).timeout(Duration::ZERO).block();
            assert_eq!(stopped.unwrap_err(), SubmitError::Timeout(vec![1, 2, 3]));
            gate.open();
        };
        "cancel": "gives back the jobs that were not taken, and cancels the others: `SubmitError::Cancelled(jobs, cause)`" => || {
            let (pool, gate) = full_pool();
            let stopped = pool.submit_batch([1, 2], |_| 1).within(&cancelled()).block();
            assert!(matches!(stopped.unwrap_err(), SubmitError::Cancelled(jobs, _) if jobs == [1, 2]));
            gate.open();
        };
        "close": "gives back the jobs that were not taken, and cancels the others: `SubmitError::Closed(jobs)`" => || {
            let (pool, gate) = stopped_pool(1);
            let mut waiting = pin!(pool.submit_batch([1, 2, 3, 4], |_| 1));
            assert!(poll_once(&mut waiting).is_pending());
            pool.close();
            let Poll::Ready(Err(closed)) = poll_once(&mut waiting) else { panic!() };
            let back = closed.into_job();
            assert_eq!(back.last(), Some(&4));
            gate.open();
        };
        "panic": "does not occur: the handler runs elsewhere, see `batch.join_each()`";
        "bound reached": "waits for room while the first jobs run: a batch may be larger than the queue" => || {
            let pool = Pool::builder()
                .workers(NonZeroUsize::MIN)
                .capacity(NonZeroUsize::MIN)
                .build(|n: u32| n)
                .unwrap();
            let mut batch = pool.submit_batch(0..100, |_| 1).block().unwrap();
            assert_eq!(batch.join_all().block(), Ok((0..100).collect()));
        };
    }
}
