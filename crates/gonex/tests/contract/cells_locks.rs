//! Rows of the table: semaphores, locks, what is made once, conditions, and groups.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use gonex::{
    AcquireError, Barrier, Cond, Mutex, Once, RwMutex, Semaphore, Stop, TaskError, TryAcquireError,
    WaitGroup, go,
};

use crate::support::{cancelled, leaves_nothing, poll_once};

/// What an operation without an error does when the ambient context stops it.
fn unwinds(body: impl FnOnce() + Send + 'static) {
    let mut task = cancelled().run(|| go(async move { body() }));
    assert!(matches!(task.join().block(), Err(TaskError::Cancelled(_))));
}

crate::table::cells! {
    "semaphore.acquire(n)" {
        "drop": "leaves the line; permits handed over just then go to the next" => || {
            let semaphore = Semaphore::new(1);
            let held = semaphore.try_acquire(1).unwrap();
            leaves_nothing(semaphore.acquire(1));
            let mut gone = Box::pin(semaphore.acquire(1));
            assert!(poll_once(&mut gone.as_mut()).is_pending());
            drop(held);
            drop(gone);
            assert_eq!((semaphore.available(), semaphore.waiting()), (1, 0));
        };
        "time-out": "yields `AcquireError::Timeout`" => || {
            let semaphore = Semaphore::new(1);
            let _held = semaphore.try_acquire(1).unwrap();
            let late = semaphore.acquire(1).timeout(Duration::ZERO).block();
            assert_eq!(late.unwrap_err(), AcquireError::Timeout);
        };
        "cancel": "yields `AcquireError::Cancelled` with the cause" => || {
            let semaphore = Semaphore::new(1);
            let _held = semaphore.try_acquire(1).unwrap();
            let ended = semaphore.acquire(1).within(&cancelled()).block();
            assert!(matches!(ended.unwrap_err(), AcquireError::Cancelled(_)));
        };
        "close": "yields `AcquireError::Closed`, also to who waits already; permits that are out stay valid" => || {
            let semaphore = Semaphore::new(1);
            let held = semaphore.try_acquire(1).unwrap();
            let mut waiting = pin!(semaphore.acquire(1));
            assert!(poll_once(&mut waiting).is_pending());
            semaphore.close();
            let Poll::Ready(Err(closed)) = poll_once(&mut waiting) else { panic!() };
            assert_eq!(closed, AcquireError::Closed);
            drop(held);
            assert_eq!(semaphore.available(), 1);
        };
        "panic": "of one that holds permits: they come back" => || {
            let semaphore = Semaphore::new(1);
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let _permit = semaphore.acquire(1).block();
                panic!("with a permit");
            }));
            assert!(panicked.is_err() && semaphore.available() == 1);
        };
        "bound reached": "waits in line, strictly; more than there are in all is `AcquireError::TooMany` at once, with both numbers; `try_acquire` yields `TryAcquireError::Busy`" => || {
            let semaphore = Semaphore::new(1);
            let error = semaphore.acquire(2).block().unwrap_err();
            assert_eq!(error, AcquireError::TooMany { wanted: 2, capacity: 1 });
            let held = semaphore.try_acquire(1).unwrap();
            assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::Busy);
            let (mut first, mut second) = (pin!(semaphore.acquire(1)), pin!(semaphore.acquire(1)));
            assert!(poll_once(&mut first).is_pending() && poll_once(&mut second).is_pending());
            drop(held);
            assert!(poll_once(&mut second).is_pending());
            assert!(poll_once(&mut first).is_ready());
        };
    }
    "mutex.lock()" {
        "drop": "leaves the line; a lock handed over just then goes to the next" => || {
            let mutex = Mutex::new(());
            let held = mutex.try_lock().unwrap();
            leaves_nothing(mutex.lock());
            let mut gone = Box::pin(mutex.lock());
            assert!(poll_once(&mut gone.as_mut()).is_pending());
            drop(held);
            drop(gone);
            assert!(mutex.try_lock().is_some());
        };
        "time-out": "yields `Err(Stop::Timeout)`; the others in line wait on" => || {
            let mutex = Mutex::new(());
            let held = mutex.try_lock().unwrap();
            let mut other = pin!(mutex.lock());
            assert!(poll_once(&mut other).is_pending());
            assert_eq!(mutex.lock().timeout(Duration::ZERO).block().unwrap_err(), Stop::Timeout);
            drop(held);
            assert!(poll_once(&mut other).is_ready());
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`; by the ambient context it unwinds to the border of the task" => || {
            static MUTEX: Mutex<()> = Mutex::new(());
            let _held = MUTEX.lock().block();
            let ended = MUTEX.lock().within(&cancelled()).block();
            assert!(matches!(ended.unwrap_err(), Stop::Cancelled(_)));
            unwinds(|| assert!(poll_once(&mut pin!(MUTEX.lock())).is_pending()));
        };
        "close": "does not occur: a lock is not closed";
        "panic": "of the holder: the lock is free again, `is_poisoned` says so, and the next one gets the guard" => || {
            let mutex = Mutex::new(1);
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let _guard = mutex.lock().block();
                panic!("with the lock");
            }));
            assert!(panicked.is_err() && mutex.is_poisoned());
            assert_eq!(*mutex.lock().block(), 1);
        };
        "bound reached": "does not occur: any number can wait";
    }
    "rw_mutex.read()" {
        "drop": "leaves the line, and does not read later" => || {
            let lock = RwMutex::new(());
            let writer = lock.try_write().unwrap();
            leaves_nothing(lock.read());
            drop(writer);
            assert!(lock.try_write().is_some());
        };
        "time-out": "yields `Err(Stop::Timeout)`, and does not read later" => || {
            let lock = RwMutex::new(());
            let writer = lock.try_write().unwrap();
            assert_eq!(lock.read().timeout(Duration::ZERO).block().unwrap_err(), Stop::Timeout);
            drop(writer);
            assert!(lock.try_write().is_some());
        };
        "cancel": "as `mutex.lock()`" => || {
            let lock = RwMutex::new(());
            let _writer = lock.try_write().unwrap();
            let ended = lock.read().within(&cancelled()).block();
            assert!(matches!(ended.unwrap_err(), Stop::Cancelled(_)));
        };
        "close": "does not occur: a lock is not closed";
        "panic": "of a reader: nothing is poisoned" => || {
            let lock = RwMutex::new(());
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let _reader = lock.read().block();
                panic!("while reading");
            }));
            assert!(panicked.is_err() && !lock.is_poisoned() && lock.try_write().is_some());
        };
        "bound reached": "does not occur: 2^28 can read at once, and any number can wait";
    }
    "rw_mutex.write()" {
        "drop": "leaves the line; the readers that it held up get in" => || {
            let lock = RwMutex::new(());
            let _reader = lock.try_read().unwrap();
            leaves_nothing(lock.write());
            let mut gone = Box::pin(lock.write());
            let mut reader = pin!(lock.read());
            assert!(poll_once(&mut gone.as_mut()).is_pending());
            assert!(poll_once(&mut reader).is_pending());
            drop(gone);
            assert!(poll_once(&mut reader).is_ready());
        };
        "time-out": "yields `Err(Stop::Timeout)`; the readers that it held up get in" => || {
            let lock = RwMutex::new(());
            let _reader = lock.try_read().unwrap();
            assert_eq!(lock.write().timeout(Duration::ZERO).block().unwrap_err(), Stop::Timeout);
            assert!(lock.try_read().is_some());
        };
        "cancel": "as `mutex.lock()`" => || {
            let lock = RwMutex::new(());
            let _reader = lock.try_read().unwrap();
            let ended = lock.write().within(&cancelled()).block();
            assert!(matches!(ended.unwrap_err(), Stop::Cancelled(_)));
        };
        "close": "does not occur: a lock is not closed";
        "panic": "as `mutex.lock()`" => || {
            let lock = RwMutex::new(());
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                let _writer = lock.write().block();
                panic!("while writing");
            }));
            assert!(panicked.is_err() && lock.is_poisoned() && lock.try_write().is_some());
        };
        "bound reached": "does not occur: any number can wait";
    }
    "reader.upgrade()" {
        "drop": "reads no longer, and has not written" => || {
            let lock = RwMutex::new(());
            let reader = lock.try_read().unwrap();
            leaves_nothing(lock.try_upgradable_read().unwrap().upgrade());
            drop(reader);
            assert!(lock.try_write().is_some());
        };
        "time-out": "gives the reader back, in `NotUpgraded`" => || {
            let lock = RwMutex::new(7);
            let _reader = lock.try_read().unwrap();
            let upgradable = lock.try_upgradable_read().unwrap();
            let late = upgradable.upgrade().timeout(Duration::ZERO).block().unwrap_err();
            assert_eq!((*late.reader, late.stop), (7, Stop::Timeout));
        };
        "cancel": "gives the reader back, in `NotUpgraded` with the cause" => || {
            let lock = RwMutex::new(7);
            let _reader = lock.try_read().unwrap();
            let upgradable = lock.try_upgradable_read().unwrap();
            let ended = upgradable.upgrade().within(&cancelled()).block().unwrap_err();
            assert!(*ended.reader == 7 && matches!(ended.stop, Stop::Cancelled(_)));
        };
        "close": "does not occur: a lock is not closed";
        "panic": "as `mutex.lock()`";
        "bound reached": "does not occur: one at a time can be upgraded, before all who wait";
    }
    "once.get_or_init(make)" {
        "drop": "leaves the line; if it was its turn, the next one makes the value" => || {
            let once = Once::new();
            let mut maker = Box::pin(once.get_or_init_async(std::future::pending));
            assert!(poll_once(&mut maker.as_mut()).is_pending());
            leaves_nothing(once.get_or_init(|| 1));
            let mut next = pin!(once.get_or_init(|| 2));
            assert!(poll_once(&mut next).is_pending());
            drop(maker);
            assert_eq!(poll_once(&mut next), Poll::Ready(&2));
        };
        "time-out": "yields `Err(Stop::Timeout)`; if it was its turn, the next one makes the value" => || {
            let once = Once::new();
            let late = once.get_or_init_async(std::future::pending).timeout(Duration::ZERO);
            assert_eq!(late.block(), Err(Stop::Timeout));
            assert_eq!(once.get_or_init(|| 2).block(), &2);
        };
        "cancel": "as a time-out, with `Err(Stop::Cancelled)`; by the ambient context it unwinds to the border of the task" => || {
            static ONCE: Once<u8> = Once::new();
            let ended = ONCE.get_or_init_async(std::future::pending).within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
            unwinds(|| assert!(poll_once(&mut pin!(ONCE.get_or_init_async(std::future::pending))).is_pending()));
            assert_eq!(ONCE.get_or_init(|| 2).block(), &2);
        };
        "close": "does not occur: a cell is not closed";
        "panic": "of the initializer: it goes on to the caller whose it is, and the next one makes the value" => || {
            let once = Once::new();
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                once.get_or_init(|| panic!("no value")).block();
            }));
            assert!(panicked.is_err());
            assert_eq!(once.get_or_init(|| 2).block(), &2);
        };
        "bound reached": "does not occur: any number can wait";
    }
    "cond.wait(guard)" {
        "drop": "leaves the line, without the lock; a notification it had alone goes to the next" => || {
            let (mutex, cond) = (Mutex::new(()), Cond::new());
            leaves_nothing(cond.wait(mutex.try_lock().unwrap()));
            let mut gone = Box::pin(cond.wait(mutex.try_lock().unwrap()));
            assert!(poll_once(&mut gone.as_mut()).is_pending());
            let mut next = pin!(cond.wait(mutex.try_lock().unwrap()));
            assert!(poll_once(&mut next).is_pending());
            cond.notify_one();
            drop(gone);
            assert!(poll_once(&mut next).is_ready());
        };
        "time-out": "yields `Err(Unlocked)`, without the lock, with the way to take it again" => || {
            let (mutex, cond) = (Mutex::new(7), Cond::new());
            let late = cond.wait(mutex.try_lock().unwrap()).timeout(Duration::ZERO).block();
            let late = late.unwrap_err();
            assert_eq!(late.stop, Stop::Timeout);
            assert!(mutex.try_lock().is_some());
            assert_eq!(*late.lock().block(), 7);
        };
        "cancel": "as a time-out, with the cause; by the ambient context it unwinds to the border of the task, without the lock" => || {
            static MUTEX: Mutex<()> = Mutex::new(());
            static COND: Cond = Cond::new();
            let ended = COND.wait(MUTEX.lock().block()).within(&cancelled()).block();
            assert!(matches!(ended.unwrap_err().stop, Stop::Cancelled(_)));
            unwinds(|| assert!(poll_once(&mut pin!(COND.wait(MUTEX.try_lock().unwrap()))).is_pending()));
            assert!(MUTEX.try_lock().is_some());
        };
        "close": "does not occur: a condition variable is not closed";
        "panic": "of the closure of `wait_while`: the lock is given up, and `is_poisoned` says so" => || {
            let (mutex, cond) = (Mutex::new(()), Cond::new());
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                drop(cond.wait_while(mutex.lock().block(), |()| panic!("no")).block());
            }));
            assert!(panicked.is_err() && mutex.is_poisoned() && mutex.try_lock().is_some());
        };
        "bound reached": "does not occur: any number can wait";
    }
    "cond.wait_for(guard, limit)" {
        "drop": "as `cond.wait(guard)`" => || {
            let (mutex, cond) = (Mutex::new(()), Cond::new());
            leaves_nothing(cond.wait_for(mutex.try_lock().unwrap(), Duration::from_secs(3600)));
            assert!(mutex.try_lock().is_some() && cond.waiting() == 0);
        };
        "time-out": "of its own limit: yields the guard, locked again in turn, and `true`; of another: `Err(Stop::Timeout)`, without the lock" => || {
            let (mutex, cond) = (Mutex::new(7), Cond::new());
            let (guard, late) = cond.wait_for(mutex.try_lock().unwrap(), Duration::ZERO).block();
            assert_eq!((*guard, late), (7, true));
            let wait = cond.wait_for(guard, Duration::from_secs(3600)).timeout(Duration::ZERO);
            assert_eq!(wait.block().unwrap_err(), Stop::Timeout);
            assert!(mutex.try_lock().is_some());
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`, without the lock; by the ambient context as `cond.wait(guard)`" => || {
            let (mutex, cond) = (Mutex::new(()), Cond::new());
            let wait = cond.wait_for(mutex.try_lock().unwrap(), Duration::from_secs(3600));
            let ended = wait.within(&cancelled()).block();
            assert!(matches!(ended.unwrap_err(), Stop::Cancelled(_)));
            assert!(mutex.try_lock().is_some());
        };
        "close": "does not occur: a condition variable is not closed";
        "panic": "as `cond.wait(guard)`";
        "bound reached": "does not occur: any number can wait";
    }
    "wait_group.wait()" {
        "drop": "nothing is left" => || {
            let group = WaitGroup::new();
            let _token = group.token();
            leaves_nothing(group.wait());
        };
        "time-out": "yields `Err(Stop::Timeout)`; the group counts on" => || {
            let group = WaitGroup::new();
            let token = group.token();
            assert_eq!(group.wait().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            drop(token);
            assert_eq!(group.wait().timeout(Duration::ZERO).block(), Ok(()));
        };
        "cancel": "yields `Err(Stop::Cancelled)` under `within`; by the ambient context it unwinds to the border of the task" => || {
            let group = WaitGroup::new();
            let _token = group.token();
            let ended = group.wait().within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
            unwinds(move || assert!(poll_once(&mut pin!(group.wait())).is_pending()));
        };
        "close": "does not occur: a group is not closed";
        "panic": "of what is counted by a token: it counts as done" => || {
            let group = WaitGroup::new();
            let task = group.wrap(|| panic!("half-way"));
            assert!(catch_unwind(AssertUnwindSafe(task)).is_err());
            group.wait().block();
        };
        "bound reached": "does not occur: any number can wait; a negative count is a panic" => || {
            assert!(catch_unwind(|| WaitGroup::new().done()).is_err());
        };
    }
    "barrier.wait()" {
        "drop": "before all have come: the party has not come" => || {
            let barrier = Barrier::new(2);
            leaves_nothing(barrier.wait());
            assert_eq!(barrier.arrived(), 0);
        };
        "time-out": "yields `Err(Stop::Timeout)`, and the party has not come; `Ok` if all have come just then" => || {
            let barrier = Barrier::new(2);
            assert_eq!(barrier.wait().timeout(Duration::ZERO).block(), Err(Stop::Timeout));
            assert_eq!(barrier.arrived(), 0);
        };
        "cancel": "as a time-out, with `Err(Stop::Cancelled)`; by the ambient context it unwinds to the border of the task" => || {
            static BARRIER: Barrier = Barrier::new(2);
            let ended = BARRIER.wait().within(&cancelled()).block();
            assert!(matches!(ended, Err(Stop::Cancelled(_))));
            unwinds(|| assert!(poll_once(&mut pin!(BARRIER.wait())).is_pending()));
            assert_eq!(BARRIER.arrived(), 0);
        };
        "close": "does not occur: a barrier is not closed";
        "panic": "does not occur: nothing of others runs in it";
        "bound reached": "does not occur: a party too many belongs to the next round" => || {
            let barrier = Barrier::new(2);
            let mut first = pin!(barrier.wait());
            assert!(poll_once(&mut first).is_pending());
            assert!(barrier.wait().block().is_leader());
            let mut third = pin!(barrier.wait());
            assert!(poll_once(&mut third).is_pending() && poll_once(&mut first).is_ready());
        };
    }
}
