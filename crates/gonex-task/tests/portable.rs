//! Calls: what the macro makes, how they travel, and how often they run.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use gonex_core::{Context, rt};
use gonex_task::place::{NotTaken, Why};
use gonex_task::portable::wire::{Answer, BuildId, Envelope, Reply};
use gonex_task::portable::{
    AfterReply, Codec, Lookup, NoReply, PortableTask, Registry, Respond, SendError, Serving,
};
use gonex_task::{
    Handle, Inline, Place, PlaceExt, Priority, Task, TaskError, TaskOptions, task, tasks,
};
use serde::{Deserialize, Serialize};

const LIMIT: usize = 1 << 16;

#[task(crate = gonex_task)]
fn double(n: u32) -> u32 {
    2 * n
}

#[task(crate = gonex_task, name = "idempotent", idempotent, retry = 1)]
async fn doubled(n: u32) -> u32 {
    rt::yield_now().await;
    2 * n
}

/// A call as a transport has it, and its handle.
fn taken(task: Task) -> PortableTask {
    task.into_call().unwrap()
}

fn call_double() -> (PortableTask, Handle<u32>) {
    let (task, handle) = Task::new(double::call(21), &TaskOptions::new());
    (taken(task), handle)
}

fn call_doubled() -> (PortableTask, Handle<u32>) {
    let (task, handle) = Task::new(doubled::call(21), &TaskOptions::new());
    (taken(task), handle)
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

mod in_a_module {
    use gonex_core::Context;

    #[gonex_task::task(crate = gonex_task)]
    pub(super) fn shout(context: &Context, text: &str, by: &[u8]) -> String {
        assert!(context.deadline().is_none());
        format!("{}{}", text.to_uppercase(), "!".repeat(by.len()))
    }
}

#[test]
fn a_function_stays_one_and_is_a_call_beside() {
    assert_eq!(double(2), 4);
    assert_eq!(in_a_module::shout(&Context::background(), "a", &[1, 2]), "A!!");
    let call = in_a_module::shout::call("call me".to_owned(), vec![0]);
    let definition = call.definition();
    assert_eq!(definition.name(), "portable::in_a_module::shout");
    assert_eq!(definition.signature(), "(String,Vec<u8>)->String");
    assert_eq!(definition.origin().file, file!());
    assert_eq!(Inline.go(call).join().block().as_deref(), Ok("CALL ME!"));
}

#[test]
fn tasks_may_stand_in_a_function_and_be_called_as_their_argument() {
    #[derive(Serialize, Deserialize)]
    struct Private(Vec<u8>);

    #[task(crate = gonex_task, name = "a-task-inside")]
    fn inside(inside: Private, mut more: Vec<u8>) -> Private {
        more.extend(inside.0);
        Private(more)
    }

    let ended = inside::call(Private(vec![1]), vec![2, 3]).on(&Inline).join().block();
    assert_eq!(ended.map(|all| all.0), Ok(vec![2, 3, 1]));
    assert!(matches!(Registry::of_process().find("a-task-inside"), Lookup::Found(_)));
}

#[test]
fn tasks_are_known_by_name_and_can_be_entered_again() {
    tasks![double, in_a_module::shout].unwrap();
    let names: Vec<_> = Registry::of_process().tasks().iter().map(|task| task.name()).collect();
    assert!(names.contains(&"portable::double"), "{names:?}");
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn two_tasks_of_one_name_are_found_and_told() {
    mod one {
        #[gonex_task::task(crate = gonex_task, name = "twin")]
        pub(super) fn first() -> u8 {
            1
        }
        #[gonex_task::task(crate = gonex_task, name = "twin")]
        pub(super) fn second() -> u8 {
            2
        }
    }
    let duplicates = Registry::of_process().duplicates();
    let names: Vec<_> = duplicates.iter().map(|found| found.one.name()).collect();
    assert_eq!(names, ["made-by-a-macro", "twin"]);
    let told = duplicates[1].to_string();
    assert!(told.contains("two tasks are called `twin`"), "{told}");
    assert!(told.contains("portable.rs") && told.contains("#[task(name"), "{told}");
    assert!(tasks![one::first, one::second].is_err());
    // Where it was made it works; by its name it could be either.
    assert_eq!(Inline.go(one::second::call()).join().block(), Ok(2));
    let (task, _handle) = Task::new(one::first::call(), &TaskOptions::new());
    let mut call = taken(task);
    let reply = served(sent(&mut call));
    let AfterReply::NotTaken(not_taken) = call.reply(&reply).unwrap() else { panic!() };
    assert!(not_taken.reason().contains("two tasks are called"), "{not_taken}");
}

macro_rules! made {
    ($($module:ident)*) => {$(
        mod $module {
            #[gonex_task::task(crate = gonex_task, name = "made-by-a-macro")]
            pub(super) fn made() -> String {
                stringify!($module).to_owned()
            }
        }
    )*};
}

made! { left right }

#[test]
fn what_one_macro_has_written_is_not_one_task() {
    // All of it stands where the macro is called.
    let (left, right) = (left::made::call().definition(), right::made::call().definition());
    assert_eq!((left.name(), left.origin()), (right.name(), right.origin()));
    let found = Registry::of_process().find("made-by-a-macro");
    assert!(matches!(found, Lookup::Ambiguous(_)), "{found}");
    assert!(tasks![left::made, right::made].is_err());
    // The same one again is no other.
    tasks![double, double].unwrap();
}

#[test]
fn a_call_tells_its_place_what_goes_with_it() {
    let options = TaskOptions::new().priority(Priority::HIGH).name("letter");
    let hour = Context::background().with_timeout(Duration::from_secs(3600));
    let (task, _handle) = Task::new(double::call(1).key("k7"), &options.within(&hour));
    assert!(task.is_portable() && !task.is_future());
    let mut call = taken(task);
    assert_eq!(call.spec().name.as_deref(), Some("letter"));
    let message = sent(&mut call);
    let envelope = Envelope::read(&message).unwrap();
    assert_eq!((envelope.id, envelope.attempt), (call.id(), 1));
    assert_eq!((envelope.priority, envelope.key), (Priority::HIGH, Some(&b"k7"[..])));
    assert_eq!((envelope.name, envelope.codec), ("portable::double", Codec::Compact));
    let left = envelope.remaining.unwrap();
    assert!(left <= Duration::from_secs(3600) && left > Duration::from_secs(1800), "{left:?}");
    let other = call.send(BuildId::UNKNOWN, LIMIT).unwrap();
    let envelope = Envelope::read(&other).unwrap();
    assert_eq!((envelope.codec, envelope.attempt), (Codec::Named, 2), "to another build");
}

#[test]
fn what_was_lost_before_it_began_may_always_be_sent_again() {
    let (mut call, mut handle) = call_double();
    for _ in 0..5 {
        sent(&mut call);
        call = call.lost().unwrap();
    }
    assert_eq!(call.attempts(), 0);
    let reply = served(sent(&mut call));
    assert!(matches!(call.reply(&reply), Ok(AfterReply::Ended)));
    assert_eq!(handle.join().block(), Ok(42));
}

#[test]
fn what_was_lost_while_it_ran_is_lost() {
    let (mut call, mut handle) = call_double();
    sent(&mut call);
    call.begins();
    assert!(call.lost().is_none());
    assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: true, .. })));
}

#[test]
fn an_idempotent_one_is_sent_again_as_often_as_it_says() {
    let (mut call, mut handle) = call_doubled();
    sent(&mut call);
    call.begins();
    let mut call = call.lost().unwrap();
    sent(&mut call);
    call.begins();
    call.begins();
    assert_eq!(call.attempts(), 2, "to begin twice is to begin");
    assert!(call.lost().is_none(), "it has one retry");
    assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: true, .. })));
}

#[test]
fn the_first_reply_counts_also_to_an_attempt_that_was_given_up() {
    let (mut call, mut handle) = call_doubled();
    let late = served(sent(&mut call));
    call.begins();
    let mut call = call.lost().unwrap();
    sent(&mut call);
    assert!(matches!(call.reply(&late), Ok(AfterReply::Ended)));
    assert_eq!(handle.join().block(), Ok(42));
}

#[test]
fn what_is_no_reply_to_a_call_leaves_it_as_it_is() {
    let (mut call, mut handle) = call_double();
    let reply = served(sent(&mut call));
    let (mut other, _other) = call_double();
    sent(&mut other);
    let bad = other.reply(&reply).unwrap_err();
    assert_eq!(bad.why, NoReply::OtherCall(call.id()));
    assert!(bad.to_string().contains("and not to this one"));
    let future = Reply { id: call.id(), attempt: 2, answer: Answer::TimedOut }.to_bytes();
    let bad = call.reply(&future).unwrap_err();
    assert_eq!(bad.why, NoReply::OtherAttempt(2));
    let bad = bad.task.reply(b"nonsense").unwrap_err();
    assert!(matches!(bad.why, NoReply::Unreadable(_)));
    assert!(matches!(bad.task.reply(&reply), Ok(AfterReply::Ended)));
    assert_eq!(handle.join().block(), Ok(42));
}

#[test]
fn a_result_that_cannot_be_read_is_told() {
    let (mut call, mut handle) = call_double();
    sent(&mut call);
    let answer = Answer::Done { codec: Codec::Compact, result: &[0xff; 20] };
    let garbled = Reply { id: call.id(), attempt: 1, answer }.to_bytes();
    assert!(matches!(call.reply(&garbled), Ok(AfterReply::Ended)));
    let ended = handle.join().block().unwrap_err();
    assert!(
        matches!(&ended, TaskError::Unreadable { reason, .. } if reason.contains("`u32`")),
        "{ended}"
    );
}

#[test]
fn a_call_that_nobody_waits_for_is_not_sent() {
    let (context, canceller) = Context::background().with_cancel();
    let (task, mut handle) = Task::new(double::call(1), &TaskOptions::new().within(&context));
    let mut call = taken(task);
    canceller.cancel("enough");
    let error = call.send(BuildId::current(), LIMIT).unwrap_err();
    assert!(matches!(error, SendError::Stopped(_)), "{error}");
    assert!(call.unsent(error).is_ok());
    assert!(matches!(handle.join().block(), Err(TaskError::Cancelled(_))));
}

#[task(crate = gonex_task)]
fn length(text: &str) -> usize {
    text.len()
}

#[task(crate = gonex_task)]
fn repeated(count: usize) -> String {
    "a".repeat(count)
}

#[test]
fn what_is_too_large_comes_back_and_can_run_elsewhere() {
    let (task, mut handle) = Task::new(length::call("a".repeat(LIMIT)), &TaskOptions::new());
    let mut call = taken(task);
    let error = call.send(BuildId::current(), LIMIT).unwrap_err();
    assert!(error.to_string().contains("and a message at most 65536"), "{error}");
    let not_taken = call.unsent(error).unwrap_err();
    assert_eq!(not_taken.why(), Why::Refused);
    Inline.submit(not_taken.into_task()).unwrap();
    assert_eq!(handle.join().block(), Ok(LIMIT));

    let (task, mut handle) = Task::new(repeated::call(1000), &TaskOptions::new());
    let mut call = taken(task);
    let serving = Serving::read(sent(&mut call)).unwrap().limit(100);
    let replies = Arc::new(Mutex::new(Vec::new()));
    serving.run(&Inline, Kept { begins: true, replies: replies.clone() });
    let reply = replies.lock().unwrap().pop().unwrap();
    assert!(matches!(call.reply(&reply), Ok(AfterReply::Ended)));
    let ended = handle.join().block().unwrap_err();
    assert!(ended.to_string().contains("a reply has at most 100"), "{ended}");
}

#[test]
fn a_reply_is_never_larger_than_it_may_be() {
    let reply_within = |limit: Option<usize>| {
        let (task, _handle) = Task::new(repeated::call(1000), &TaskOptions::new());
        let serving = Serving::read(sent(&mut taken(task))).unwrap();
        let serving = limit.into_iter().fold(serving, Serving::limit);
        let replies = Arc::new(Mutex::new(Vec::new()));
        serving.run(&Inline, Kept { begins: true, replies: replies.clone() });
        replies.lock().unwrap().pop().unwrap()
    };
    let is_done = |reply: &[u8]| matches!(Reply::read(reply).unwrap().answer, Answer::Done { .. });
    let whole = reply_within(None);
    assert!(is_done(&whole));
    let reply = reply_within(Some(whole.len()));
    assert!(is_done(&reply) && reply.len() == whole.len());
    let reply = reply_within(Some(whole.len() - 1));
    assert!(!is_done(&reply) && reply.len() < whole.len());
    assert!(!is_done(&reply_within(Some(1002))), "as many bytes as the result alone has");
}

/// Keeps replies, and says whether calls may begin.
struct Kept {
    begins: bool,
    replies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Respond for Kept {
    fn begins(&mut self) -> bool {
        self.begins
    }

    fn reply(self, message: Vec<u8>) {
        self.replies.lock().unwrap().push(message);
    }
}

static RUNS: AtomicU32 = AtomicU32::new(0);

#[task(crate = gonex_task)]
fn counts() {
    RUNS.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn a_call_that_was_taken_back_does_not_run_and_is_not_answered() {
    let (task, handle) = Task::new(counts::call(), &TaskOptions::new());
    let mut call = taken(task);
    let message = sent(&mut call);
    let replies = Arc::new(Mutex::new(Vec::new()));
    let kept = Kept { begins: false, replies: replies.clone() };
    Serving::read(message).unwrap().run(&Inline, kept);
    assert_eq!((RUNS.load(Ordering::SeqCst), replies.lock().unwrap().len()), (0, 0));
    assert!(!handle.is_finished());
}

#[test]
fn a_task_that_is_not_known_or_is_another_one_is_not_taken() {
    let (mut call, _handle) = call_double();
    let message = sent(&mut call);
    let envelope = Envelope::read(&message).unwrap();
    let reason = |envelope: Envelope<'_>| {
        let reply = served(envelope.to_bytes());
        match Reply::read(&reply).unwrap().answer {
            Answer::NotTaken { why: Why::Refused, reason } => reason.to_owned(),
            other => panic!("{other:?}"),
        }
    };
    assert!(reason(Envelope { name: "nobody", ..envelope }).contains("no task is called `nobody`"));
    assert!(
        reason(Envelope { version: 2, ..envelope }).contains("is version 1 here, and version 2")
    );
    assert!(reason(Envelope { signature: 1, ..envelope }).contains("`(u32)->u32` here"));
    let other = BuildId::from_bytes([7; 16]);
    assert!(reason(Envelope { build: other, ..envelope }).contains("programs of its own build"));
    let arguments = &[0xff_u8; 9][..];
    assert!(reason(Envelope { arguments, ..envelope }).contains("cannot be read"));
    assert!(Serving::read(b"GX\x01\x01".to_vec()).is_err());
}

/// What panics while it is written, or read.
#[derive(Debug)]
struct Grenade;

impl Serialize for Grenade {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("written")
    }
}

impl<'de> Deserialize<'de> for Grenade {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("read")
    }
}

#[task(crate = gonex_task)]
fn takes(grenade: Grenade) {
    let _ = grenade;
}

#[task(crate = gonex_task)]
fn returns() -> Grenade {
    Grenade
}

#[test]
fn what_serde_throws_is_the_task_s() {
    let (task, mut handle) = Task::new(takes::call(Grenade), &TaskOptions::new());
    let mut call = taken(task);
    let error = call.send(BuildId::current(), LIMIT).unwrap_err();
    assert!(call.unsent(error).is_ok());
    let ended = handle.join().block();
    assert!(
        matches!(&ended, Err(TaskError::Panicked(panic)) if panic.message == "written"),
        "{ended:?}"
    );

    let (task, mut handle) = Task::new(returns::call(), &TaskOptions::new());
    let mut call = taken(task);
    let reply = served(sent(&mut call));
    assert!(matches!(call.reply(&reply), Ok(AfterReply::Ended)));
    let ended = handle.join().block().map(|_| ());
    assert!(
        matches!(&ended, Err(TaskError::Panicked(panic)) if panic.message == "written"),
        "{ended:?}"
    );

    let (task, mut handle) = Task::new(returns::call(), &TaskOptions::new());
    let mut call = taken(task);
    sent(&mut call);
    let answer = Answer::Done { codec: Codec::Compact, result: &[] };
    let reply = Reply { id: call.id(), attempt: 1, answer }.to_bytes();
    assert!(matches!(call.reply(&reply), Ok(AfterReply::Ended)));
    let ended = handle.join().block().map(|_| ());
    assert!(
        matches!(&ended, Err(TaskError::Panicked(panic)) if panic.message == "read"),
        "{ended:?}"
    );
    // Where nothing is written it works.
    assert!(Inline.go(takes::call(Grenade)).join().block().is_ok());
}

#[test]
fn a_call_that_is_dropped_is_lost() {
    let (call, mut handle) = call_double();
    drop(call);
    assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: false, .. })));
    let (mut call, mut handle) = call_doubled();
    sent(&mut call);
    call.begins();
    drop(call);
    assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: true, .. })));
    let (call, mut handle) = call_doubled();
    drop(call.into_task());
    assert!(matches!(handle.join().block(), Err(TaskError::Lost { started: false, .. })));
}

#[test]
fn priority_and_name_are_known_at_the_other_end() {
    struct Looks(Mutex<Vec<(i8, bool)>>);
    impl Place for Looks {
        fn name(&self) -> &str {
            "looks"
        }
        fn parallelism(&self) -> NonZeroUsize {
            NonZeroUsize::MIN
        }
        fn submit(&self, task: Task) -> Result<(), NotTaken> {
            self.0.lock().unwrap().push((task.priority().level(), task.is_future()));
            Inline.submit(task)
        }
    }
    let options = TaskOptions::new().priority(Priority::new(-3));
    let (task, mut handle) = Task::new(doubled::call(4), &options);
    let mut call = taken(task);
    let serving = Serving::read(sent(&mut call)).unwrap();
    assert_eq!((serving.name(), serving.id(), serving.attempt()), ("idempotent", call.id(), 1));
    let (looks, replies) = (Looks(Mutex::default()), Arc::new(Mutex::new(Vec::new())));
    serving.run(&looks, Kept { begins: true, replies: replies.clone() });
    assert_eq!(*looks.0.lock().unwrap(), [(-3, true)]);
    let reply = replies.lock().unwrap().pop().unwrap();
    assert!(matches!(call.reply(&reply), Ok(AfterReply::Ended)));
    assert_eq!(handle.join().block(), Ok(8));
}

/// A place that hands back what it was handed.
struct Shut;

impl Place for Shut {
    fn name(&self) -> &str {
        "shut"
    }

    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        Err(task.require_call()?.not_taken(Why::Unavailable, "it is shut"))
    }
}

#[test]
fn a_call_that_comes_back_is_still_one() {
    let (task, mut handle) = Task::new(doubled::call(4), &TaskOptions::new());
    let back = Shut.submit(task).unwrap_err().into_task();
    assert!(back.is_portable() && back.is_future());
    Inline.submit(back).unwrap();
    assert_eq!(handle.join().block(), Ok(8));
    let closure = Shut.go(|| 7).join().block().unwrap_err();
    assert!(closure.to_string().contains("#[gonex::task]"), "{closure}");
}

#[test]
fn an_error_stays_small() {
    assert!(size_of::<TaskError>() <= 24, "{}", size_of::<TaskError>());
}
