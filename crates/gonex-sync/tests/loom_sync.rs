//! Every interleaving of those who wait beside channels. Run with
//! `RUSTFLAGS="--cfg gonex_loom" cargo test --release -p gonex-sync --test loom_sync loom_`.
#![cfg(gonex_loom)]

#[path = "support/models.rs"]
mod models;

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use gonex_core::Context;
use gonex_sync::{
    Barrier, BroadcastSender, Cond, Mutex, Once, RwMutex, Semaphore, Shared, SharedMap,
    Singleflight, WaitGroup, broadcast, oneshot, watch,
};
use loom::thread;
use models::{glance, wait};

#[test]
fn loom_a_permit_that_comes_back_reaches_who_waits() {
    loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(2));
        let one = semaphore.try_acquire_owned(1).unwrap();
        let waiter = thread::spawn({
            let semaphore = semaphore.clone();
            move || wait(semaphore.acquire(2)).unwrap().permits()
        });
        drop(one);
        assert_eq!(waiter.join().unwrap(), 2);
        assert_eq!(semaphore.available(), 2);
    });
}

#[test]
fn loom_a_permit_handed_to_one_that_goes_away_is_passed_on() {
    loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let held = semaphore.try_acquire_owned(1).unwrap();
        let leaver = thread::spawn({
            let semaphore = semaphore.clone();
            move || drop(glance(&mut pin!(semaphore.acquire(1))))
        });
        let waiter = thread::spawn({
            let semaphore = semaphore.clone();
            move || drop(wait(semaphore.acquire(1)).unwrap())
        });
        drop(held);
        leaver.join().unwrap();
        waiter.join().unwrap();
        assert_eq!((semaphore.available(), semaphore.waiting()), (1, 0));
    });
}

#[test]
fn loom_closing_ends_every_wait() {
    loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(1));
        let held = semaphore.try_acquire_owned(1).unwrap();
        let waiter = thread::spawn({
            let semaphore = semaphore.clone();
            move || wait(semaphore.acquire(1)).is_ok()
        });
        semaphore.close();
        drop(held);
        waiter.join().unwrap();
        assert_eq!(semaphore.available(), 1);
    });
}

#[test]
fn loom_a_smaller_semaphore_takes_its_debt_out_of_what_comes_back() {
    loom::model(|| {
        let semaphore = Arc::new(Semaphore::new(2));
        let held = semaphore.try_acquire_owned(2).unwrap();
        let shrinks = thread::spawn({
            let semaphore = semaphore.clone();
            move || semaphore.resize(1)
        });
        drop(held);
        shrinks.join().unwrap();
        assert_eq!((semaphore.available(), semaphore.capacity()), (1, 1));
    });
}

#[test]
fn loom_a_mutex_shows_each_holder_what_the_one_before_did() {
    loom::model(|| {
        let mutex = Arc::new(Mutex::new(0));
        let threads = [0, 1].map(|_| {
            let mutex = mutex.clone();
            thread::spawn(move || *wait(mutex.lock()) += 1)
        });
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*mutex.try_lock().unwrap(), 2);
    });
}

#[test]
fn loom_reader_and_writer_never_hold_at_once() {
    loom::model(|| {
        let lock = Arc::new(RwMutex::new((0, 0)));
        let writer = thread::spawn({
            let lock = lock.clone();
            move || {
                let mut guard = wait(lock.write());
                guard.0 += 1;
                guard.1 += 1;
            }
        });
        let (one, other) = *wait(lock.read());
        assert_eq!(one, other);
        writer.join().unwrap();
        assert_eq!(*lock.try_read().unwrap(), (1, 1));
    });
}

#[test]
fn loom_a_downgrade_lets_no_other_writer_in_between() {
    loom::model(|| {
        let lock = Arc::new(RwMutex::new(0));
        let other = thread::spawn({
            let lock = lock.clone();
            move || *wait(lock.write()) += 10
        });
        let mut writer = wait(lock.write());
        *writer += 1;
        let after = *writer;
        let reader = writer.downgrade();
        assert_eq!(*reader, after);
        drop(reader);
        other.join().unwrap();
        assert_eq!(*lock.try_read().unwrap(), 11);
    });
}

#[test]
fn loom_a_notification_reaches_who_waits() {
    loom::model(|| {
        let shared = Arc::new((Mutex::new(false), Cond::new()));
        let notifier = thread::spawn({
            let shared = shared.clone();
            move || {
                *wait(shared.0.lock()) = true;
                shared.1.notify_one();
            }
        });
        let guard = wait(shared.0.lock());
        assert!(*wait(shared.1.wait_while(guard, |ready| !*ready)));
        notifier.join().unwrap();
    });
}

#[test]
fn loom_a_notified_waiter_that_goes_away_passes_it_on() {
    loom::model(|| {
        let shared = Arc::new((Mutex::new(0), Cond::new()));
        let mut gone = Box::pin(shared.1.wait(shared.0.try_lock().unwrap()));
        assert!(glance(&mut gone).is_pending());
        let mut stays = Box::pin(shared.1.wait(shared.0.try_lock().unwrap()));
        assert!(glance(&mut stays).is_pending());
        let notifier = thread::spawn({
            let shared = shared.clone();
            move || shared.1.notify_one()
        });
        drop(gone);
        drop(wait(stays));
        assert!(notifier.join().unwrap());
    });
}

#[test]
fn loom_one_of_two_initializers_makes_the_value() {
    loom::model(|| {
        let once = Arc::new(Once::new());
        let other = thread::spawn({
            let once = once.clone();
            move || *wait(once.get_or_init(|| 1))
        });
        let mine = *wait(once.get_or_init(|| 2));
        assert_eq!(other.join().unwrap(), mine);
    });
}

#[test]
fn loom_an_initializer_that_goes_away_lets_the_next_one_try() {
    loom::model(|| {
        let once = Arc::new(Once::new());
        let leaver = thread::spawn({
            let once = once.clone();
            move || glance(&mut pin!(once.get_or_init_async(std::future::pending))).is_ready()
        });
        assert_eq!(*wait(once.get_or_init(|| 2)), 2);
        leaver.join().unwrap();
    });
}

#[test]
fn loom_the_last_one_done_releases_who_waits() {
    loom::model(|| {
        let group = WaitGroup::new();
        let tokens = [group.token(), group.token()];
        let threads = tokens.map(|token| thread::spawn(move || drop(token)));
        wait(group.wait());
        assert_eq!(group.count(), 0);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn loom_two_parties_pass_and_one_leads() {
    loom::model(|| {
        let barrier = Arc::new(Barrier::new(2));
        let other = thread::spawn({
            let barrier = barrier.clone();
            move || {
                // Stopped where it would wait: then it has not come, unless all had come just then.
                let (context, canceller) = Context::background().with_cancel();
                canceller.cancel("enough");
                match wait(barrier.wait().within(&context)) {
                    Ok(passed) => passed.is_leader(),
                    Err(_) => wait(barrier.wait()).is_leader(),
                }
            }
        });
        let mine = wait(barrier.wait()).is_leader();
        let other = other.join().unwrap();
        assert!(mine != other);
        assert_eq!(barrier.arrived(), 0);
    });
}

#[test]
fn loom_a_oneshot_value_arrives_or_comes_back() {
    loom::model(|| {
        let (tx, mut rx) = oneshot();
        let sender = thread::spawn(move || tx.send(7).is_ok());
        if let Poll::Ready(got) = glance(&mut pin!(rx.recv())) {
            assert_eq!(got, Ok(7));
        } else {
            assert_eq!(wait(rx.recv()), Ok(7));
        }
        assert!(sender.join().unwrap());
    });
}

#[test]
fn loom_a_oneshot_sender_learns_that_nobody_waits() {
    loom::model(|| {
        let (mut tx, rx) = oneshot::<u8>();
        let receiver = thread::spawn(move || drop(rx));
        wait(tx.closed());
        receiver.join().unwrap();
        assert!(tx.send(1).is_err());
    });
}

#[test]
fn loom_a_watcher_misses_no_last_change() {
    loom::model(|| {
        let (tx, mut rx) = watch(0);
        let sender = thread::spawn(move || tx.send_replace(1));
        assert_eq!(wait(rx.changed()), Ok(()));
        assert_eq!(*rx.borrow(), 1);
        // The sender has gone, or goes.
        assert!(wait(rx.changed()).is_err());
        sender.join().unwrap();
    });
}

#[test]
fn loom_a_broadcast_reaches_all() {
    loom::model(|| {
        let (tx, mut one) = broadcast(1);
        let mut other = tx.subscribe();
        let sender = thread::spawn(move || wait(tx.send(1)));
        let reader = thread::spawn(move || wait(other.recv()));
        assert_eq!(wait(one.recv()), Ok(1));
        assert_eq!((reader.join().unwrap(), sender.join().unwrap()), (Ok(1), Ok(2)));
    });
}

#[test]
fn loom_a_broadcast_sender_that_waits_gets_its_turn() {
    loom::model(|| {
        let (tx, mut rx) = broadcast(1);
        let sender = thread::spawn(move || wait(tx.send(1)) == Ok(1) && wait(tx.send(2)) == Ok(1));
        assert_eq!((wait(rx.recv()), wait(rx.recv())), (Ok(1), Ok(2)));
        assert!(sender.join().unwrap());
        assert!(wait(rx.recv()).is_err());
    });
}

#[test]
fn loom_a_leader_that_goes_away_lets_another_take_over() {
    loom::model(|| {
        let group = Arc::new(Singleflight::new());
        let leaver = thread::spawn({
            let group = group.clone();
            move || glance(&mut pin!(group.run_async(1, std::future::pending))).is_ready()
        });
        assert_eq!(wait(group.run(1, || 2)).value, 2);
        leaver.join().unwrap();
        assert!(group.is_empty());
    });
}

#[test]
fn loom_a_broadcast_sender_that_goes_away_calls_the_next() {
    loom::model(|| {
        let tx = BroadcastSender::new(1);
        let mut rx = tx.subscribe();
        assert_eq!(tx.try_send(1), Ok(1));
        let leaver = thread::spawn({
            let tx = tx.clone();
            move || match glance(&mut pin!(tx.send(2))) {
                Poll::Ready(sent) => sent == Ok(1),
                Poll::Pending => false,
            }
        });
        let reader = thread::spawn(move || {
            while let Ok(value) = wait(rx.recv()) {
                if value == 3 {
                    return true;
                }
            }
            false
        });
        assert_eq!(wait(tx.send(3)), Ok(1));
        leaver.join().unwrap();
        assert!(reader.join().unwrap());
    });
}

#[test]
fn loom_no_update_of_a_shared_value_is_lost() {
    loom::model(|| {
        let shared = Shared::new(0);
        let mut watcher = shared.subscribe();
        let other = thread::spawn({
            let shared = shared.clone();
            move || *wait(shared.update(|n| n + 1))
        });
        let mine = *wait(shared.update(|n| n + 1));
        assert_eq!(mine + other.join().unwrap(), 3);
        assert_eq!(wait(watcher.changed()), Ok(()));
        assert_eq!(*shared.get(), 2);
    });
}

#[test]
fn loom_a_change_that_waits_for_room_is_made_and_then_told() {
    loom::model(|| {
        let map = SharedMap::with_capacity(1);
        let mut changes = map.subscribe();
        let writer = thread::spawn({
            let map = map.clone();
            move || {
                wait(map.write(1, 1));
                wait(map.write(1, 2));
            }
        });
        for expected in [1, 2] {
            let change = wait(changes.recv()).unwrap();
            assert_eq!(change.value.as_deref(), Some(&expected));
            assert!(map.get(&1) >= change.value, "what is told has been made");
        }
        writer.join().unwrap();
    });
}

#[test]
fn loom_a_writer_that_goes_away_lets_the_next_one_change() {
    loom::model(|| {
        let map = SharedMap::with_capacity(1);
        let mut changes = map.subscribe_key(1);
        wait(map.write(1, 1));
        let leaver = thread::spawn({
            let map = map.clone();
            move || glance(&mut pin!(map.write(1, 2))).is_ready()
        });
        let reader = thread::spawn(move || {
            let next = || wait(changes.recv()).ok()?.value.map(|value| *value);
            std::iter::from_fn(next).collect::<Vec<_>>()
        });
        wait(map.write(1, 3));
        let written = leaver.join().unwrap();
        drop(map);
        let seen = reader.join().unwrap();
        assert_eq!((seen.contains(&2), seen.contains(&3)), (written, true));
    });
}
