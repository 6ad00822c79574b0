//! Every interleaving of handing cores over with queueing work. Run with `cargo xtask loom`.
//!
//! Work is a number here. What must hold in the end: if some is queued, somebody will come to it.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use gonex_core::primitive::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::idle::{Idle, Seat, Take};

struct House {
    idle: Idle<usize>,
    queued: AtomicUsize,
    /// Threads that were started with a core: they will look for work.
    started: AtomicUsize,
}

impl House {
    fn new(cores: usize) -> Arc<Self> {
        let idle = Idle::new((0..cores).collect(), 8);
        Arc::new(Self { idle, queued: AtomicUsize::new(0), started: AtomicUsize::new(0) })
    }

    /// The core of a thread that has been started, and searches.
    fn start(&self) -> usize {
        let Take::Start(core) = self.idle.notify() else { panic!("a core lies there") };
        core
    }

    /// The core of a thread that has been started and has found work.
    fn start_working(&self) -> usize {
        let core = self.start();
        assert!(self.idle.end_search());
        core
    }

    fn push(&self) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        self.have_taken_up();
    }

    fn have_taken_up(&self) {
        match self.idle.notify() {
            Take::Nothing => {}
            Take::Wake(_) => panic!("nobody sleeps in these models"),
            Take::Start(_) => {
                self.started.fetch_add(1, Ordering::Relaxed);
            }
            Take::AtBound => panic!("the bound is far"),
        }
    }

    fn any(&self) -> bool {
        self.queued.load(Ordering::Relaxed) > 0
    }

    fn take(&self) -> bool {
        let less = |queued: usize| queued.checked_sub(1);
        self.queued.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }

    fn has_started(&self) -> bool {
        self.started.load(Ordering::Relaxed) > 0
    }
}

/// Whether the thread of the seat has been handed a core, and so will look for work.
fn is_handed(seat: &Seat<usize>) -> bool {
    matches!(seat.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Some(_)))
}

/// What a thread does that has searched in vain. Whether it has a core again.
fn retire(house: &House, core: usize, seat: &Arc<Seat<usize>>) -> bool {
    house.idle.retire(core, seat);
    house.any() && house.idle.go_on(seat).is_some()
}

#[test]
fn loom_work_that_is_queued_while_a_search_ends_is_found() {
    loom::model(|| {
        let house = House::new(1);
        let core = house.start();
        let theirs = house.clone();
        let searching = thread::spawn(move || {
            let seat = Seat::new();
            let found = theirs.take() || (retire(&theirs, core, &seat) && theirs.take());
            (found, seat)
        });
        house.push();
        let (found, seat) = searching.join().unwrap();
        assert!(found || is_handed(&seat) || house.has_started(), "work is left lying");
    });
}

#[test]
fn loom_work_that_is_queued_while_two_searches_end_is_found() {
    loom::model(|| {
        let house = House::new(2);
        let first = house.start();
        assert!(house.idle.end_search());
        let second = house.start();
        house.idle.begin_search();
        let search = |core| {
            let house = house.clone();
            thread::spawn(move || {
                let seat = Seat::new();
                let found = house.take() || (retire(&house, core, &seat) && house.take());
                (found, seat)
            })
        };
        let searches = [search(first), search(second)];
        house.push();
        let ends = searches.map(|search| search.join().unwrap());
        let comes = ends.iter().any(|(found, seat)| *found || is_handed(seat));
        assert!(comes || house.has_started(), "work is left lying");
    });
}

#[test]
fn loom_work_that_is_queued_while_a_thread_blocks_is_found() {
    loom::model(|| {
        let house = House::new(1);
        let core = house.start_working();
        let theirs = house.clone();
        let blocking = thread::spawn(move || {
            theirs.idle.block(Some(core));
            if theirs.any() {
                theirs.have_taken_up();
            }
        });
        house.push();
        blocking.join().unwrap();
        assert!(house.has_started(), "work is left lying");
    });
}

#[test]
fn loom_who_ends_a_search_and_works_on_leaves_no_work_lying() {
    loom::model(|| {
        let house = House::new(2);
        let _core = house.start();
        house.queued.fetch_add(1, Ordering::Relaxed);
        let theirs = house.clone();
        let working = thread::spawn(move || {
            assert!(theirs.take());
            if theirs.idle.end_search() && theirs.any() {
                theirs.have_taken_up();
            }
            // What it has found it runs for ever.
        });
        // Seen to search, it is trusted to find this.
        house.push();
        working.join().unwrap();
        assert!(!house.any() || house.has_started(), "work is left lying");
    });
}

#[test]
fn loom_a_core_is_taken_up_once() {
    loom::model(|| {
        let house = House::new(1);
        let core = house.start_working();
        house.idle.block(Some(core));
        let theirs = house.clone();
        let resuming = thread::spawn(move || theirs.idle.resume(|_| true));
        house.push();
        let core = resuming.join().unwrap();
        assert_eq!(house.started.load(Ordering::Relaxed) + usize::from(core.is_some()), 1);
    });
}

#[test]
fn loom_a_core_that_made_room_is_taken_up_by_one_beside() {
    loom::model(|| {
        let house = House::new(1);
        // Two threads go on beside one core.
        let core = house.start_working();
        house.idle.block(Some(core));
        let core = house.start_working();
        house.idle.block(Some(core));
        let core = house.start_working();
        assert!(house.idle.resume(|_| true).is_none());
        assert!(house.idle.resume(|_| true).is_none());
        assert!(house.idle.is_overbooked());
        let (theirs, beside) = (house.clone(), Seat::new());
        let seat = beside.clone();
        let ending = thread::spawn(move || theirs.idle.end_beside(&seat).is_some());
        let theirs = house.clone();
        let making_room =
            thread::spawn(move || theirs.idle.make_room(core, &Seat::new()).is_some());
        house.push();
        let (took_up, kept) = (ending.join().unwrap(), making_room.join().unwrap());
        assert!(took_up || kept || is_handed(&beside) || house.has_started(), "work is left lying");
        assert!(!(took_up && kept), "one core, one holder");
    });
}

#[test]
fn loom_a_place_that_closes_while_a_thread_fails_to_start_is_finished_once() {
    loom::model(|| {
        let house = House::new(1);
        let core = house.start();
        let theirs = house.clone();
        let closing = thread::spawn(move || theirs.idle.close().1);
        let finishes = house.idle.not_started(core);
        assert!(finishes != closing.join().unwrap(), "whoever comes second finishes");
    });
}
