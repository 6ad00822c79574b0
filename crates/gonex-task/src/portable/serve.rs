use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use gonex_core::{Canceller, Context};

use super::Definition;
use super::answering::{Answering, Asked};
use super::codec::Codec;
use super::prepared::{Carried, Fault, Prepared};
use super::registry::{Lookup, Registry};
use super::wire::{Answer, BuildId, Envelope, JobId, WireError};
use crate::Priority;
use crate::batch::Member;
use crate::handle::Completer;
use crate::place::{Place, Why};
use crate::work::{Job, Task, TaskFuture, Work};

/// The most bytes that a reply with a result has by default: 64 MiB.
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

    /// How many bytes a reply with a result may have, all that belongs to it counted; by default 64 MiB. A
    /// larger result is lost, and its call says so. Replies without one are not bounded by this: they have
    /// about 70 KB at most.
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
        let asked = Asked { name: self.name.clone(), id, attempt, codec, limit };
        let answering = Arc::new(Answering::new(asked, self.canceller.clone(), respond));
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
