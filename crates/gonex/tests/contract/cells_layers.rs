//! The rows of the layers: futures of others as operations.

use std::cell::Cell;
use std::future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use gonex::{Context, Stop, TaskError, aio, go, rt};

use crate::support::{cancelled, leaves_nothing};

/// Says when it is dropped.
struct Tell<'a>(&'a Cell<bool>);

impl Drop for Tell<'_> {
    fn drop(&mut self) {
        self.0.set(true);
    }
}

crate::table::cells! {
    "aio::operation(future)" {
        "drop": "drops the future where it has come to; what it waits for keeps nothing of it" => || {
            leaves_nothing(aio::operation(rt::sleep(Duration::from_secs(3600))));
            let dropped = Cell::new(false);
            let tell = Tell(&dropped);
            drop(aio::operation(async move { drop(tell) }));
            assert!(dropped.get());
        };
        "time-out": "yields `Err(Stop::Timeout)` under its own limit, and drops the future; when the ambient context's deadline passes, unwinds to the border of the task" => || {
            let dropped = Cell::new(false);
            let tell = Tell(&dropped);
            let never = async move {
                future::pending::<()>().await;
                drop(tell);
            };
            assert_eq!(aio::timeout(Duration::ZERO, never).block(), Err(Stop::Timeout));
            assert!(dropped.get());
            assert_eq!(aio::timeout(Duration::ZERO, async { 7 }).block(), Ok(7), "ready goes first");
            let late = Context::background().with_timeout(Duration::from_millis(1));
            let mut task = late.run(|| go(|| aio::block_on(future::pending::<()>())));
            assert_eq!(task.join().block(), Err(TaskError::Timeout));
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`, and drops the future; when the ambient context is cancelled, unwinds to the border of the task" => || {
            let never = aio::operation(future::pending::<()>()).within(&cancelled()).block();
            assert!(matches!(never, Err(Stop::Cancelled(_))));
            let mut task = go(|| aio::block_on(future::pending::<()>()));
            task.cancel("enough");
            assert!(matches!(task.join().block(), Err(TaskError::Cancelled(_))));
        };
        "close": "does not occur: what it means for the future is the future's";
        "panic": "of the future: goes on in whoever polls or blocks, with its payload" => || {
            let throw = async { std::panic::resume_unwind(Box::new("its own affair")) };
            let thrown = catch_unwind(AssertUnwindSafe(|| aio::operation(throw).block()));
            assert_eq!(thrown.unwrap_err().downcast_ref(), Some(&"its own affair"));
        };
        "bound reached": "does not occur: any number can wait";
    }
}
