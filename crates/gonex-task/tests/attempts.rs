//! Attempts at a call: which of them a reply is for, which of them count, and what the handle says at the end.

use std::num::NonZeroUsize;
use std::sync::mpsc;

use gonex_task::place::{Chain, NotTaken, Why};
use gonex_task::portable::wire::{Answer, BuildId, Reply};
use gonex_task::portable::{AfterReply, NoReply, PortableTask, Respond, Serving};
use gonex_task::{Handle, Inline, Place, PlaceExt, Task, TaskError, TaskOptions, task};

const LIMIT: usize = 1 << 16;

#[task(crate = gonex_task)]
fn once(n: u32) -> u32 {
    2 * n
}

#[task(crate = gonex_task, idempotent, retry = 1)]
fn again(n: u32) -> u32 {
    2 * n
}

/// A call as a transport has it, and its handle.
fn call_once() -> (PortableTask, Handle<u32>) {
    let (task, handle) = Task::new(once::call(21), &TaskOptions::new());
    (task.into_call().unwrap(), handle)
}

fn call_again() -> (PortableTask, Handle<u32>) {
    let (task, handle) = Task::new(again::call(21), &TaskOptions::new());
    (task.into_call().unwrap(), handle)
}

fn sent(call: &mut PortableTask) -> Vec<u8> {
    call.send(BuildId::current(), LIMIT).unwrap()
}

/// Runs a message here, and yields the reply.
fn served(message: Vec<u8>) -> Vec<u8> {
    struct Back(mpsc::Sender<Vec<u8>>);
    impl Respond for Back {
        fn reply(self, message: Vec<u8>) {
            self.0.send(message).unwrap();
        }
    }
    let (back, replies) = mpsc::channel();
    Serving::read(message).unwrap().run(&Inline, Back(back));
    replies.recv().unwrap()
}

fn replied(call: &PortableTask, attempt: u32, answer: Answer<'_>) -> Vec<u8> {
    Reply { id: call.id(), attempt, answer }.to_bytes()
}

#[track_caller]
fn assert_lost_while_it_ran(handle: &mut Handle<u32>) {
    assert!(handle.is_finished());
    let ended = handle.join().block();
    assert!(matches!(ended, Err(TaskError::Lost { started: true, .. })), "{ended:?}");
}

#[test]
fn what_comes_late_of_an_attempt_that_was_given_up_leaves_the_next_one_alone() {
    let late = [
        Answer::Lost { started: true },
        Answer::Lost { started: false },
        Answer::NotTaken { why: Why::NotStarted, reason: "it goes down" },
        Answer::Cancelled { cause: "it was given up" },
        Answer::Panicked { message: "it goes down", place: None },
        Answer::TimedOut,
        Answer::Stalled { blocked: 1, max_blocked: 1, queued: 1 },
        Answer::Unwritable { reason: "too large" },
    ];
    for answer in late {
        let (mut call, mut handle) = call_again();
        sent(&mut call);
        call.begins();
        let mut call = call.lost().unwrap();
        let message = sent(&mut call);
        call.begins();
        let late = replied(&call, 1, answer);
        let bad = call.reply(&late).unwrap_err();
        assert_eq!(bad.why, NoReply::GivenUp(1), "{answer:?}");
        assert!(bad.to_string().contains("attempt 1, which was given up"), "{bad}");
        let call = bad.task;
        assert_eq!((call.attempts(), call.has_begun()), (2, true), "{answer:?}");
        assert!(!handle.is_finished(), "{answer:?}");
        assert!(matches!(call.reply(&served(message)), Ok(AfterReply::Ended)));
        assert_eq!(handle.join().block(), Ok(42), "{answer:?}");
    }
}

#[test]
fn an_attempt_that_has_not_begun_after_all_counts_no_longer() {
    let (mut call, mut handle) = call_once();
    sent(&mut call);
    call.begins();
    let reply = replied(&call, 1, Answer::Lost { started: false });
    let AfterReply::Again(mut call) = call.reply(&reply).unwrap() else { panic!("it may run") };
    assert_eq!((call.attempts(), call.has_begun()), (0, false));

    sent(&mut call);
    call.begins();
    let answer = Answer::NotTaken { why: Why::Refused, reason: "it is full" };
    let reply = replied(&call, 2, answer);
    let AfterReply::NotTaken(not_taken) = call.reply(&reply).unwrap() else { panic!("not taken") };
    let mut call = not_taken.into_task().into_call().unwrap();
    assert_eq!((call.attempts(), call.has_begun()), (0, false));

    sent(&mut call);
    call.begins();
    let mut call = call.not_taken(Why::Refused, "no way there").into_task().into_call().unwrap();
    assert_eq!((call.attempts(), call.has_begun()), (0, false));

    let message = sent(&mut call);
    call.begins();
    assert_eq!(call.attempts(), 1);
    assert!(matches!(call.reply(&served(message)), Ok(AfterReply::Ended)));
    assert_eq!(handle.join().block(), Ok(42));
}

#[test]
fn a_call_of_which_an_attempt_has_begun_is_never_said_not_to_have() {
    let begun_before = || {
        let (mut call, handle) = call_again();
        sent(&mut call);
        call.begins();
        let mut call = call.lost().unwrap();
        sent(&mut call);
        assert_eq!((call.attempts(), call.has_begun()), (1, false));
        (call, handle)
    };
    let (call, mut handle) = begun_before();
    drop(call);
    assert_lost_while_it_ran(&mut handle);
    let (call, mut handle) = begun_before();
    call.end(TaskError::refused("it is full"));
    assert_lost_while_it_ran(&mut handle);
    let (call, mut handle) = begun_before();
    call.not_taken(Why::Unavailable, "it is shut").end();
    assert_lost_while_it_ran(&mut handle);
    let (call, mut handle) = begun_before();
    call.end(TaskError::Timeout);
    assert_eq!(handle.join().block(), Err(TaskError::Timeout), "what it ends with stays");

    let (call, mut handle) = call_again();
    call.not_taken(Why::Unavailable, "it is shut").end();
    assert!(matches!(handle.join().block(), Err(TaskError::Refused { .. })), "none has begun");
}

/// A place that says that calls begin, and then lets go of them.
#[derive(Clone, Copy)]
enum Fickle {
    /// Hands it back: it has not begun, then.
    HandsBack,
    /// Loses it while it runs.
    Loses,
    /// Loses it while it runs, and finds no way to send it again.
    LosesAndHandsBack,
}

impl Place for Fickle {
    fn name(&self) -> &str {
        "fickle"
    }

    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        let mut call = task.require_call()?;
        sent(&mut call);
        call.begins();
        match self {
            Self::HandsBack => Err(call.into_task().not_taken(Why::Unavailable, "it is shut")),
            Self::Loses => {
                drop(call);
                Ok(())
            }
            Self::LosesAndHandsBack => match call.lost() {
                Some(call) => Err(call.not_taken(Why::Unavailable, "it is shut")),
                None => Ok(()),
            },
        }
    }
}

#[test]
fn a_place_of_a_chain_that_hands_a_call_back_costs_no_retry() {
    let chain = Chain::first(Fickle::HandsBack).or(Fickle::HandsBack).or(Fickle::Loses).or(Inline);
    assert_eq!(chain.go(again::call(21)).join().block(), Ok(42), "it has one retry");
    let chain = Chain::first(Fickle::HandsBack).or(Fickle::HandsBack).or(Inline);
    assert_eq!(chain.go(once::call(21)).join().block(), Ok(42));
}

#[test]
fn what_ran_at_a_place_of_a_chain_has_run_whatever_the_next_one_says() {
    for first in [Fickle::Loses, Fickle::LosesAndHandsBack] {
        let chain = Chain::first(first).or(Fickle::HandsBack);
        assert_lost_while_it_ran(&mut chain.go(again::call(21)));
        assert_eq!(Chain::first(first).or(Inline).go(again::call(21)).join().block(), Ok(42));
    }
    let chain = Chain::first(Fickle::LosesAndHandsBack).or(Fickle::Loses).or(Inline);
    assert_lost_while_it_ran(&mut chain.go(again::call(21)));
}
