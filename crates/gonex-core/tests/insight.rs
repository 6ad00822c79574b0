//! Who waits for what, and stalls: real deadlocks are told, and what still moves is none.
//!
//! Insight belongs to the process, so the tests take turns.
#![cfg(not(gonex_loom))]

use std::collections::VecDeque;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use gonex_core::insight::{self, Outside, Who, register_task};
use gonex_core::op::{Name, Subject};
use gonex_core::rt::{self, Manual, Policy, Polled};
use gonex_core::{Context, Kind, Limited, Op, Stop};

/// Insight on for one test alone; off again at its end.
struct Turn {
    _alone: MutexGuard<'static, ()>,
}

impl Turn {
    fn new() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let alone = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        insight::enable();
        Self { _alone: alone }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        insight::on_stall(None);
        insight::disable();
    }
}

fn until(mut reached: impl FnMut() -> bool) {
    while !reached() {
        thread::yield_now();
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut TaskContext::from_waker(Waker::noop()))
}

/// Polls a future on this thread until it is done; parks without an operation of gonex.
fn drive<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// A mailbox, the smallest thing through which two can wait for one another.
#[derive(Clone, Default)]
struct Mailbox(Arc<Mutex<(VecDeque<u32>, Vec<Waker>)>>);

struct Receive(Mailbox, &'static str);

impl Mailbox {
    fn send(&self, letter: u32) {
        let mut inner = self.0.lock().unwrap();
        inner.0.push_back(letter);
        let wakers = std::mem::take(&mut inner.1);
        drop(inner);
        wakers.into_iter().for_each(Waker::wake);
    }

    #[track_caller]
    fn receive(&self, name: &'static str) -> Op<Receive> {
        Op::new(Receive(self.clone(), name))
    }
}

impl Kind for Receive {
    type Output = u32;
    type Limited = Limited<Self>;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<u32> {
        let mut inner = self.0.0.lock().unwrap();
        match inner.0.pop_front() {
            Some(letter) => Poll::Ready(letter),
            None => {
                inner.1.push(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> u32 {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("receive from").named("mailbox", self.1)
    }
}

#[test]
fn a_wait_is_listed_with_who_what_and_where_until_it_ends() {
    let _turn = Turn::new();
    let mailbox = Mailbox::default();
    let line = line!() + 1;
    let mut op = pin!(mailbox.receive("pages"));
    assert!(insight::waits().is_empty(), "it has not waited yet");
    assert!(poll(op.as_mut()).is_pending());
    assert!(poll(op.as_mut()).is_pending());
    let waits = insight::waits();
    assert_eq!(waits.len(), 1, "polling again lists nothing new");
    assert_eq!(waits[0].subject.to_string(), "receive from mailbox \"pages\"");
    assert!(waits[0].place.file().ends_with("insight.rs"));
    assert_eq!(waits[0].place.line(), line);
    assert!(matches!(&waits[0].who, Who::Thread(name) if name.contains("a_wait_is_listed")));
    mailbox.send(1);
    assert_eq!(poll(op.as_mut()), Poll::Ready(1));
    assert!(insight::waits().is_empty(), "it has ended, though it is not dropped");
}

#[test]
fn a_task_that_may_not_block_is_known_by_its_name() {
    let _turn = Turn::new();
    let mailbox = Mailbox::default();
    let mut op = pin!(mailbox.receive("pages"));
    let polled = Polled::new(Name::Numbered("task", 7), None);
    rt::with_policy(Policy::Forbidden(polled), || assert!(poll(op.as_mut()).is_pending()));
    assert_eq!(insight::waits()[0].who.to_string(), "task #7");
}

#[test]
fn a_dropped_and_a_timed_out_wait_are_listed_no_more() {
    let _turn = Turn::new();
    let mailbox = Mailbox::default();
    {
        let mut op = pin!(mailbox.receive("dropped"));
        assert!(poll(op.as_mut()).is_pending());
        assert_eq!(insight::waits().len(), 1);
    }
    assert!(insight::waits().is_empty());
    assert_eq!(mailbox.receive("late").timeout(Duration::ZERO).block(), Err(Stop::Timeout));
    assert!(insight::waits().is_empty());
}

#[test]
fn the_table_says_since_when_and_the_rest() {
    let _turn = Turn::new();
    let manual = Arc::new(Manual::new());
    rt::enter(manual.clone(), || {
        let mailbox = Mailbox::default();
        let mut op = pin!(mailbox.receive("pages"));
        assert!(poll(op.as_mut()).is_pending());
        manual.advance(Duration::from_secs(90));
        let table = insight::waits().to_string();
        let mut lines = table.lines();
        assert!(lines.next().unwrap().starts_with("WHO"), "{table}");
        let row = lines.next().unwrap();
        assert!(row.contains("90.0s"), "{table}");
        assert!(row.contains("receive from mailbox \"pages\""), "{table}");
        assert!(row.contains("insight.rs"), "{table}");
    });
}

#[test]
fn two_threads_that_wait_for_one_another_are_a_stall_told_once() {
    let _turn = Turn::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let theirs = told.clone();
    insight::on_stall(Some(Arc::new(move |report| {
        theirs.lock().unwrap().push(report.to_string());
    })));
    let (left, right) = (Mailbox::default(), Mailbox::default());
    // Each is registered before any runs, so that none is alone.
    let tasks = [("left", left.clone(), right.clone()), ("right", right, left.clone())]
        .map(|(name, from, to)| (register_task(name), name, from, to));
    let threads = tasks.map(|(task, name, from, to)| {
        thread::spawn(move || {
            task.run(|| {
                let letter = from.receive(name).block();
                to.send(letter + 1);
            });
        })
    });
    until(|| !told.lock().unwrap().is_empty());
    let report = insight::stalled().expect("it lasts");
    assert_eq!((report.tasks, report.waits.len()), (2, 2));
    {
        let told = told.lock().unwrap();
        assert!(told[0].starts_with("all 2 tasks wait"), "{}", told[0]);
        assert!(told[0].contains("left: receive from mailbox \"left\", at "), "{}", told[0]);
        assert!(told[0].contains("insight.rs"), "{}", told[0]);
        assert_eq!(told.len(), 1);
    }
    left.send(0);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert!(insight::stalled().is_none());
    assert_eq!(told.lock().unwrap().len(), 1);
}

#[test]
fn futures_that_wait_for_one_another_are_a_stall() {
    let _turn = Turn::new();
    let (left, right) = (Mailbox::default(), Mailbox::default());
    let (l, r) = (left.clone(), right.clone());
    let mut first = pin!(register_task("first").wrap(async move { l.receive("left").await }));
    let mut second = pin!(register_task("second").wrap(async move { r.receive("right").await }));
    assert!(poll(first.as_mut()).is_pending());
    assert!(insight::stalled().is_none(), "the second has not been polled");
    assert!(poll(second.as_mut()).is_pending());
    assert_eq!(insight::stalled().unwrap().tasks, 2);
    left.send(1);
    assert!(insight::stalled().is_none(), "a wake is on its way");
    assert_eq!(poll(first.as_mut()), Poll::Ready(1));
    right.send(2);
    assert_eq!(poll(second.as_mut()), Poll::Ready(2));
}

#[test]
fn a_stall_that_comes_back_is_told_again() {
    let _turn = Turn::new();
    let told = Arc::new(AtomicUsize::new(0));
    let theirs = told.clone();
    insight::on_stall(Some(Arc::new(move |_| {
        theirs.fetch_add(1, Ordering::SeqCst);
    })));
    let mailbox = Mailbox::default();
    let theirs = mailbox.clone();
    let mut task = pin!(register_task("alone").wrap(async move {
        loop {
            theirs.receive("in").await;
        }
    }));
    for stalls in 1..=3 {
        assert!(poll(task.as_mut()).is_pending());
        assert_eq!(told.load(Ordering::SeqCst), stalls);
        mailbox.send(1);
    }
}

#[test]
fn a_time_limit_or_something_outside_is_no_stall() {
    let _turn = Turn::new();
    let mailbox = Mailbox::default();
    let mut task = register_task("patient");
    let mut timed = pin!(mailbox.receive("in").timeout(Duration::from_secs(3600)));
    let mut cx = TaskContext::from_waker(Waker::noop());
    assert!(task.poll(&mut cx, |cx| timed.as_mut().poll(cx)).is_pending());
    assert!(insight::stalled().is_none(), "time goes on");

    let (ends, _canceller) =
        Context::background().with_timeout(Duration::from_secs(3600)).with_cancel();
    let mut other = register_task("in a context");
    let mut op = pin!(ends.wrap(async { mailbox.receive("in").await }));
    drop(task);
    assert!(other.poll(&mut cx, |cx| op.as_mut().poll(cx)).is_pending());
    assert!(insight::stalled().is_none(), "its context will end");
    drop(other);

    let mut untimed = pin!(mailbox.receive("in"));
    let mut task = register_task("patient");
    let outside = Outside::new();
    assert!(task.poll(&mut cx, |cx| untimed.as_mut().poll(cx)).is_pending());
    assert!(insight::stalled().is_none(), "something outside may come");
    drop(outside);
    assert!(insight::stalled().is_some());
}

#[test]
fn what_waits_for_something_unknown_is_no_stall() {
    let _turn = Turn::new();
    let mut task = register_task("elsewhere");
    let mut cx = TaskContext::from_waker(Waker::noop());
    assert!(task.poll(&mut cx, |_| Poll::<()>::Pending).is_pending());
    assert!(insight::stalled().is_none());
}

#[test]
fn insight_that_was_off_meanwhile_knows_nothing_of_before() {
    let _turn = Turn::new();
    let mailbox = Mailbox::default();
    let theirs = mailbox.clone();
    let mut task = pin!(register_task("alone").wrap(async move { theirs.receive("in").await }));
    assert!(poll(task.as_mut()).is_pending());
    assert!(insight::stalled().is_some());
    insight::disable();
    assert!(insight::stalled().is_none() && insight::waits().is_empty());
    insight::enable();
    assert!(insight::stalled().is_none(), "it has not been seen to wait");
    assert!(poll(task.as_mut()).is_pending());
    assert!(insight::stalled().is_some(), "now it has");
    mailbox.send(3);
    assert_eq!(poll(task.as_mut()), Poll::Ready(3));
}

#[test]
fn waits_beyond_the_bound_are_counted() {
    let _turn = Turn::new();
    let mailbox = Mailbox::default();
    let mut ops: Vec<_> =
        (0..insight::MAX_WAITS + 3).map(|_| Box::pin(mailbox.receive("in"))).collect();
    for op in &mut ops {
        assert!(poll(op.as_mut()).is_pending());
    }
    let waits = insight::waits();
    assert_eq!((waits.len(), waits.beyond()), (insight::MAX_WAITS, 3));
    drop(ops);
    let waits = insight::waits();
    assert_eq!((waits.len(), waits.beyond()), (0, 0));
}

/// Letters go round between tasks, so that at every moment one of them is awake or woken.
fn letters_go_round(rounds: u32, in_the_middle: impl Fn(u32) + Send) {
    let told = Arc::new(AtomicBool::new(false));
    let theirs = told.clone();
    insight::on_stall(Some(Arc::new(move |_| theirs.store(true, Ordering::SeqCst))));
    let boxes: Vec<Mailbox> = (0..4).map(|_| Mailbox::default()).collect();
    // Each is registered before any runs, so that none is alone.
    let tasks: Vec<_> = (0..4).map(|number| register_task(format!("task {number}"))).collect();
    boxes[0].send(0);
    thread::scope(|scope| {
        for (number, task) in tasks.into_iter().enumerate() {
            let (from, to) = (boxes[number].clone(), boxes[(number + 1) % 4].clone());
            let step = move |letter: u32| {
                to.send(letter + 1);
                letter + 4 < rounds
            };
            if number % 2 == 0 {
                scope.spawn(move || task.run(|| while step(from.receive("in").block()) {}));
            } else {
                let work = async move { while step(from.receive("in").await) {} };
                scope.spawn(move || drive(task.wrap(work)));
            }
        }
        (0..200).for_each(in_the_middle);
    });
    assert!(!told.load(Ordering::SeqCst), "a stall was told, though a letter was on its way");
}

#[test]
fn no_stall_is_told_while_wakes_are_in_flight() {
    let _turn = Turn::new();
    letters_go_round(20_000, |_| assert!(insight::stalled().is_none()));
}

#[test]
fn no_stall_is_told_while_insight_goes_off_and_on() {
    let _turn = Turn::new();
    letters_go_round(
        20_000,
        |turn| {
            if turn % 2 == 0 { insight::disable() } else { insight::enable() }
        },
    );
}
