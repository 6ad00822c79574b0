use std::fmt;
use std::ops::Range;

use gonex_core::context::Deferred;
use gonex_core::primitive::{Arc, Mutex, lock};
use gonex_core::{Canceller, Context};

use super::Definition;
use super::codec::Codec;
use super::prepared::{Carried, Fault, Prepared, Ran};
use super::registry::{Lookup, Registry};
use super::wire::{Answer, BuildId, Envelope, JobId, PanicPlace, Reply, WireError};
use crate::batch::{Collect, Member};
use crate::handle::Completer;
use crate::place::{NotTaken, Place, Why};
use crate::work::{Job, Task, TaskFuture, Work};
use crate::{Priority, TaskError};

/// The most bytes that a reply has by default: 64 MiB.
const LIMIT: usize = 64 << 20;

/// Where the reply to a call goes, and who may still take the call back; for transports.
pub trait Respond: Send + 'static {
    /// Called once, on the thread that is about to run the task. `false` says that the caller has taken the
    /// call back: it does not run then, and has no reply.
    fn begins(&mut self) -> bool {
        true
    }

    /// Takes the reply: once, on the thread that the task has ended on. It must not block.
    fn reply(self, message: Vec<u8>)
    where
        Self: Sized;
}

/// A call that has come as bytes, to be run here: the other end of a
/// [`PortableTask`](super::PortableTask), which shows both.
pub struct Serving {
    message: Box<dyn AsRef<[u8]> + Send>,
    arguments: Range<usize>,
    id: JobId,
    attempt: u32,
    name: Box<str>,
    version: u32,
    signature: u64,
    build: BuildId,
    codec: Codec,
    priority: Priority,
    key: Option<Box<[u8]>>,
    limit: usize,
    /// Of the context that the call runs in.
    canceller: Canceller,
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Serving")
            .field("id", &self.id)
            .field("attempt", &self.attempt)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Serving {
    /// Reads a call. Its arguments stay where they are until the task runs, and its deadline counts from now.
    /// It runs in a child of the context that is current here.
    ///
    /// # Errors
    /// If the bytes are no call: then nobody can be told, and whoever sends such bytes should not be
    /// trusted with more.
    pub fn read(message: impl AsRef<[u8]> + Send + 'static) -> Result<Self, WireError> {
        let bytes = message.as_ref();
        let envelope = Envelope::read(bytes)?;
        // They are the last thing in the message.
        let arguments = bytes.len() - envelope.arguments.len()..bytes.len();
        Ok(Self {
            arguments,
            id: envelope.id,
            attempt: envelope.attempt,
            name: envelope.name.into(),
            version: envelope.version,
            signature: envelope.signature,
            build: envelope.build,
            codec: envelope.codec,
            priority: envelope.priority,
            key: envelope.key.map(Into::into),
            limit: LIMIT,
            canceller: canceller(&envelope),
            message: Box::new(message),
        })
    }

    /// How many bytes the reply may have; by default 64 MiB. A larger result is lost, and its call says so.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// The number of the call.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Which attempt at the call this is.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The name of the task.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it is run, compared to others that wait.
    #[must_use]
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// What it has in common with other calls, if that was said.
    #[must_use]
    pub fn key(&self) -> Option<&[u8]> {
        self.key.as_deref()
    }

    /// What cancels the call, for when the caller does.
    #[must_use]
    pub fn canceller(&self) -> &Canceller {
        &self.canceller
    }

    /// Hands the call in at a place, and has its end told.
    ///
    /// A task that is not known here, or has another version or other types, is not taken, and the reply
    /// says why.
    ///
    /// # Panics
    /// If the place does, as it says.
    #[track_caller]
    pub fn run(self, place: &impl Place, respond: impl Respond) {
        let Self { id, attempt, codec, limit, priority, .. } = self;
        let answering = Arc::new(Answering {
            context: Deferred::from(self.canceller.clone()),
            name: self.name.clone(),
            id,
            attempt,
            codec,
            limit,
            respond: Mutex::new(Some(respond)),
        });
        let definition = match self.find() {
            Ok(definition) => definition,
            Err(reason) => {
                return answering.answer(&Answer::NotTaken { why: Why::Refused, reason: &reason });
            }
        };
        let carried = Carried::new(self.message, self.arguments, self.codec);
        let completer = Completer::to_many(answering.clone(), Member::new(0)).followed("call");
        let theirs = answering.clone();
        let work = match definition.prepare(carried) {
            Prepared::Closure(run) => {
                let run = move || if theirs.begins() { run() } else { Err(Fault::Revoked) };
                Work::Closure(Job::with_completer(run, completer))
            }
            Prepared::Future(future) => {
                let run =
                    async move { if theirs.begins() { future.await } else { Err(Fault::Revoked) } };
                Work::Future(Box::pin(TaskFuture::new(run, completer, place.hook())))
            }
        };
        if let Err(not_taken) = place.submit(Task::of(work, priority)) {
            answering.refuse(not_taken);
        }
    }

    /// The function, or why it is not the one that was meant.
    fn find(&self) -> Result<&'static Definition, String> {
        let Self { name, version, signature, build, codec, .. } = self;
        let definition = match Registry::of_process().find(name) {
            Lookup::Found(definition) => definition,
            Lookup::Unknown => {
                return Err(format!(
                    "no task is called `{name}` here; is the other end another program, or does a \
                     `tasks![..]` not name it?"
                ));
            }
            Lookup::Ambiguous(duplicate) => return Err(duplicate.to_string()),
        };
        if *version != definition.version() {
            let here = definition.version();
            return Err(format!(
                "`{name}` is version {here} here, and version {version} was called; run the same \
                 version at both ends"
            ));
        }
        if *signature != definition.signature_hash() {
            let here = definition.signature();
            return Err(format!(
                "`{name}` is `{here}` here, and was called with other types; run the same version at \
                 both ends"
            ));
        }
        if *codec == Codec::Compact && !BuildId::current().is_same(*build) {
            return Err(format!(
                "the call of `{name}` is written for programs of its own build, {build}, and this is \
                 another; send it in the self-describing form"
            ));
        }
        Ok(definition)
    }
}

/// The right to cancel the context that a call runs in.
fn canceller(envelope: &Envelope<'_>) -> Canceller {
    let mut context = Context::current();
    if let Some(trace) = envelope.trace {
        context = context.with_value(trace);
    }
    if let Some(remaining) = envelope.remaining {
        context = context.with_timeout(remaining);
    }
    context.with_cancel().1
}

/// The end of a call that writes its reply.
struct Answering<R> {
    context: Deferred,
    name: Box<str>,
    id: JobId,
    attempt: u32,
    codec: Codec,
    limit: usize,
    /// `None` once the reply is made, or the call was taken back.
    respond: Mutex<Option<R>>,
}

impl<R: Respond> Answering<R> {
    /// Whether the call may begin.
    fn begins(&self) -> bool {
        // What a transport does is done outside the lock.
        let Some(mut respond) = lock(&self.respond).take() else { return false };
        let begins = respond.begins();
        if begins {
            *lock(&self.respond) = Some(respond);
        }
        begins
    }

    fn answer(&self, answer: &Answer<'_>) {
        let Some(respond) = lock(&self.respond).take() else { return };
        let reply = Reply { id: self.id, attempt: self.attempt, answer: *answer }.to_bytes();
        respond.reply(reply);
    }

    fn refuse(&self, not_taken: NotTaken) {
        let (why, reason) = (not_taken.why(), not_taken.reason());
        self.answer(&Answer::NotTaken { why, reason });
        drop(not_taken);
    }
}

impl<R: Respond> Collect<Ran> for Answering<R> {
    fn collect(&self, _: usize, result: Result<Ran, TaskError>) {
        let too_large;
        let text;
        let answer = match &result {
            Ok(Ok(result)) if result.len() > self.limit.min(u32::MAX as usize) => {
                too_large = format!(
                    "it takes {} bytes, and a reply has at most {}; return less, or where to find it",
                    result.len(),
                    self.limit
                );
                Answer::Unwritable { reason: &too_large }
            }
            Ok(Ok(result)) => Answer::Done { codec: self.codec, result },
            Ok(Err(Fault::Revoked)) => return,
            Ok(Err(Fault::Arguments(error))) => {
                text = error.to_string();
                Answer::NotTaken { why: Why::Refused, reason: &text }
            }
            Ok(Err(Fault::Result(error))) => {
                text = error.to_string();
                Answer::Unwritable { reason: &text }
            }
            Err(TaskError::Panicked(panic)) => Answer::Panicked {
                message: &panic.message,
                place: panic.place.as_ref().map(|at| PanicPlace {
                    file: &at.file,
                    line: at.line,
                    column: at.column,
                }),
            },
            Err(TaskError::Cancelled(cause)) => {
                text = cause.to_string();
                Answer::Cancelled { cause: &text }
            }
            Err(TaskError::Timeout) => Answer::TimedOut,
            Err(TaskError::Refused { reason }) => Answer::NotTaken { why: Why::Refused, reason },
            Err(TaskError::Lost { started }) => Answer::Lost { started: *started },
            Err(TaskError::Stalled(stalled)) => Answer::Stalled {
                blocked: stalled.blocked as u64,
                max_blocked: stalled.max_blocked as u64,
                queued: stalled.queued as u64,
            },
            Err(TaskError::Unreadable { reason }) => Answer::Unwritable { reason },
            Err(TaskError::AlreadyJoined) => Answer::Lost { started: true },
        };
        self.answer(&answer);
    }

    fn context(&self) -> &Deferred {
        &self.context
    }

    fn of(&self) -> &'static str {
        "call"
    }

    fn called(&self, _: Member) -> Option<String> {
        Some(format!("{} {}", self.name, self.id))
    }
}
