use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::pin::Pin;

use gonex_core::{Cause, Context, Stop, rt};

use super::calling::{Calling, Progress};
use super::codec::Codec;
use super::exchange::{AfterReply, BadReply, NoReply, SendError};
use super::guarantee::AfterLoss;
use super::wire::{Answer, BuildId, Envelope, JobId, Reply, TraceContext};
use super::{CallFuture, Definition};
use crate::handle::Spec;
use crate::place::{NotTaken, Why};
use crate::work::{EndableFuture, Job, Task, Work};
use crate::{Panic, PanicHook, SourcePlace, Stalled, TaskError};

/// A portable call that was handed in, with its result's way back: what a [`Task`] is
/// [turned into](Task::into_call) by a place that sends it elsewhere.
///
/// It keeps the arguments until the result is there, so that it can be sent again. Who sends it says what
/// becomes of each attempt: it [`begins`](Self::begins), it is [`lost`](Self::lost), or there is a
/// [`reply`](Self::reply). How often the function may run for the call is decided here, by its
/// [`Guarantee`](super::Guarantee), and by no transport.
///
/// Dropped, it tells its handle that it is lost.
///
/// ```
/// use std::num::NonZeroUsize;
/// use gonex_task::place::{NotTaken, Place, PlaceExt};
/// use gonex_task::portable::wire::BuildId;
/// use gonex_task::portable::{Respond, Serving};
/// use gonex_task::{Inline, Task, task};
///
/// /// Another end, to which only bytes get through.
/// struct Mail;
///
/// struct ByReturn(std::sync::mpsc::Sender<Vec<u8>>);
/// impl Respond for ByReturn {
///     fn reply(self, message: Vec<u8>) {
///         self.0.send(message).unwrap();
///     }
/// }
///
/// impl Place for Mail {
///     fn name(&self) -> &str {
///         "mail"
///     }
///     fn parallelism(&self) -> NonZeroUsize {
///         NonZeroUsize::MIN
///     }
///     fn submit(&self, task: Task) -> Result<(), NotTaken> {
///         let mut call = task.require_call()?;
///         let letter = match call.send(BuildId::current(), 1 << 20) {
///             Ok(letter) => letter,
///             Err(error) => return call.unsent(error),
///         };
///         call.begins();
///
///         // There:
///         let (back, answers) = std::sync::mpsc::channel();
///         Serving::read(letter).unwrap().run(&Inline, ByReturn(back));
///
///         // And here again:
///         let answered = call.reply(&answers.recv().unwrap());
///         assert!(answered.is_ok());
///         Ok(())
///     }
/// }
///
/// #[task(crate = gonex_task)]
/// fn word_count(text: &str) -> usize {
///     text.split_whitespace().count()
/// }
///
/// assert_eq!(Mail.go(word_count::call("call me Ishmael".into())).join().block(), Ok(3));
/// // A closure cannot travel.
/// assert!(Mail.go(|| 7).join().block().is_err());
/// ```
#[must_use = "a call that is dropped is lost"]
pub struct PortableTask {
    /// `None` once it was taken by value.
    calling: Option<Box<dyn Calling>>,
}

impl fmt::Debug for PortableTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PortableTask")
            .field("name", &self.definition().name())
            .field("progress", self.progress())
            .finish_non_exhaustive()
    }
}

impl PortableTask {
    pub(crate) fn new(calling: Box<dyn Calling>) -> Self {
        Self { calling: Some(calling) }
    }

    fn calling(&self) -> &dyn Calling {
        &**self.calling.as_ref().expect("a call is whole until it is taken by value")
    }

    fn progress(&self) -> &Progress {
        self.calling().progress()
    }

    fn progress_mut(&mut self) -> &mut Progress {
        let calling = self.calling.as_mut().expect("a call is whole until it is taken by value");
        calling.progress_mut()
    }

    pub(crate) fn into_calling(mut self) -> Box<dyn Calling> {
        self.calling.take().expect("a call is whole until it is taken by value")
    }

    /// The function that it calls.
    #[must_use]
    pub fn definition(&self) -> &'static Definition {
        self.calling().definition()
    }

    /// What is known of the task: name, priority, where it was handed in. The context is its own: it tells
    /// the deadline, and whether the task has been cancelled meanwhile.
    #[must_use]
    pub fn spec(&self) -> Spec {
        self.calling().spec()
    }

    /// The number by which its messages name it.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.progress().id()
    }

    /// What it has in common with other calls, if that was said.
    #[must_use]
    pub fn key(&self) -> Option<&[u8]> {
        self.calling().key()
    }

    /// How many attempts have begun, or may have.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.progress().attempts
    }

    /// Whether the attempt that is under way has begun, or may have.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.progress().begun
    }

    /// Makes the message of the next attempt, for an end of this build; `limit` is how many bytes it may
    /// have.
    ///
    /// # Errors
    /// If there is nothing to be sent: see [`unsent`](Self::unsent).
    pub fn send(&mut self, to: BuildId, limit: usize) -> Result<Vec<u8>, SendError> {
        let Spec { parent: context, priority, .. } = self.spec();
        if let Some(stop) = context.stopped() {
            return Err(SendError::Stopped(stop));
        }
        let definition = self.definition();
        let build = BuildId::current();
        let codec = match definition.is_self_describing() {
            true => Codec::Named,
            false => Codec::between(build, to),
        };
        let written = self.calling().write_arguments(codec).map_err(SendError::Panicked)?;
        let arguments = written.map_err(SendError::Arguments)?;
        let limit = limit.min(u32::MAX as usize);
        if arguments.len() > limit {
            return Err(SendError::TooLarge { size: arguments.len(), limit });
        }
        let message = Envelope {
            id: self.id(),
            attempt: self.progress().sent.saturating_add(1),
            priority,
            remaining: context.deadline().map(|at| at.saturating_duration_since(rt::now())),
            build,
            codec,
            name: definition.name(),
            version: definition.version(),
            signature: definition.signature_hash(),
            key: self.key(),
            trace: context.value::<TraceContext>().copied(),
            arguments: &arguments,
        };
        let message = message.to_bytes();
        if message.len() > limit {
            return Err(SendError::TooLarge { size: message.len(), limit });
        }
        let progress = self.progress_mut();
        progress.sent = progress.sent.saturating_add(1);
        progress.begun = false;
        Ok(message)
    }

    /// Ends a call that nobody waits for, or whose arguments panic; any other is handed back, since a place
    /// that shares the caller's memory can still run it.
    ///
    /// # Errors
    /// The task itself, with the reason.
    pub fn unsent(self, error: SendError) -> Result<(), NotTaken> {
        match error {
            SendError::Stopped(stop) => self.end(stop.into()),
            SendError::Panicked(error) => self.end(error),
            error => return Err(self.not_taken(Why::Refused, error.to_string())),
        }
        Ok(())
    }

    /// Says that the attempt has begun, or may have: from here on the function may have run.
    pub fn begins(&mut self) {
        let progress = self.progress_mut();
        if !progress.begun {
            progress.begun = true;
            progress.attempts = progress.attempts.saturating_add(1);
        }
    }

    /// Says that it is back from where it was, and at the next place nothing has begun yet.
    pub(crate) fn is_back(&mut self) {
        self.progress_mut().begun = false;
    }

    /// Says that the attempt has not begun after all, so that it costs no retry.
    pub(crate) fn has_not_begun(&mut self) {
        let progress = self.progress_mut();
        if mem::take(&mut progress.begun) {
            progress.attempts -= 1;
        }
    }

    /// Says that the attempt is lost: its worker has died, or is out of reach. Yields the call if it may be
    /// sent again; else its handle says that it is lost.
    #[must_use = "a call that may be sent again is lost when it is dropped"]
    pub fn lost(mut self) -> Option<Self> {
        let Progress { attempts, begun, .. } = *self.progress();
        match self.definition().guarantee().after_loss(begun, attempts) {
            AfterLoss::Again => {
                self.is_back();
                Some(self)
            }
            AfterLoss::End => {
                self.end(TaskError::lost(begun));
                None
            }
        }
    }

    /// Takes the reply to an attempt. The first result counts, also if it is that of an earlier attempt;
    /// whatever else is said of one, that it was lost, say, or cancelled, counts only for the last.
    ///
    /// # Errors
    /// If it does not end this call; the call comes back with the error and goes on. Whoever sends such bytes
    /// should not be trusted with more, unless it is [`NoReply::GivenUp`]: that is what comes late.
    pub fn reply(mut self, message: &[u8]) -> Result<AfterReply, BadReply> {
        let last = self.progress().sent;
        let answer = match Reply::read(message) {
            Ok(reply) if reply.id != self.id() => Err(NoReply::OtherCall(reply.id)),
            Ok(reply) if !(1..=last).contains(&reply.attempt) => {
                Err(NoReply::OtherAttempt(reply.attempt))
            }
            Ok(Reply { answer: answer @ Answer::Done { .. }, .. }) => Ok(answer),
            Ok(reply) if reply.attempt != last => Err(NoReply::GivenUp(reply.attempt)),
            Ok(reply) => Ok(reply.answer),
            Err(error) => Err(error.into()),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(why) => return Err(BadReply { task: self, why }),
        };
        let error = match answer {
            Answer::Done { codec, result } => {
                self.into_calling().finish(codec, result);
                return Ok(AfterReply::Ended);
            }
            Answer::NotTaken { why, reason } => {
                return Ok(AfterReply::NotTaken(self.not_taken(why, reason.to_owned())));
            }
            Answer::Lost { started } => {
                if started {
                    self.begins();
                } else {
                    self.has_not_begun();
                }
                return Ok(self.lost().map_or(AfterReply::Ended, AfterReply::Again));
            }
            Answer::Panicked { message, place } => {
                let place = place.map(|at| SourcePlace {
                    file: at.file.to_owned(),
                    line: at.line,
                    column: at.column,
                });
                let (message, task) = (message.to_owned(), self.calling().called());
                TaskError::Panicked(Box::new(Panic { message, place, task }))
            }
            // Whoever has cancelled it knows the cause itself, and not only its text.
            Answer::Cancelled { cause } => match self.spec().parent.stopped() {
                Some(Stop::Cancelled(cause)) => TaskError::Cancelled(cause),
                _ => TaskError::Cancelled(Cause::from(cause)),
            },
            Answer::TimedOut => TaskError::Timeout,
            Answer::Stalled { blocked, max_blocked, queued } => {
                let count = |count| usize::try_from(count).unwrap_or(usize::MAX);
                let stalled = Stalled::new(count(blocked), count(max_blocked), count(queued));
                TaskError::Stalled(Box::new(stalled))
            }
            Answer::Unwritable { reason } => TaskError::unreadable(reason.to_owned()),
        };
        self.end(error);
        Ok(AfterReply::Ended)
    }

    /// The task's own context, to be asked whether it has stopped, and told of by
    /// [`after_func`](Context::after_func). Who holds the context in such a function should
    /// [`stop`](gonex_core::AfterFunc::stop) it once the call has ended: the two keep each other else.
    #[must_use]
    pub fn context(&self) -> Context {
        self.spec().parent
    }

    /// Drops the arguments, and has its handle say why. A handle does not say that a call has not begun of
    /// which an attempt has, be it an earlier one: that is [`Lost`](TaskError::Lost) while it ran.
    pub fn end(self, error: TaskError) {
        self.into_calling().end(error);
    }

    /// Hands it back, with the reason and what would help; for places. The attempt has not begun, then, also
    /// if that was said before, and costs no retry.
    pub fn not_taken(mut self, why: Why, reason: impl Into<Cow<'static, str>>) -> NotTaken {
        self.has_not_begun();
        self.into_task().not_taken(why, reason)
    }

    /// The task again, for a place that runs it itself.
    pub fn into_task(self) -> Task {
        let priority = self.spec().priority;
        let work = if self.definition().is_async() {
            Work::Future(Box::pin(CallFuture::Waits(self)))
        } else {
            Work::Closure(Job::of_call(self))
        };
        Task::of(work, priority)
    }

    /// Runs a function here.
    pub(crate) fn run(self, hook: PanicHook, ended: &dyn Fn(bool)) {
        self.into_calling().run(hook, ended);
    }

    /// An async function, to be polled here.
    pub(crate) fn into_future(self) -> Pin<Box<dyn EndableFuture + Send>> {
        self.into_calling().into_future()
    }
}

impl Drop for PortableTask {
    fn drop(&mut self) {
        if let Some(calling) = self.calling.take() {
            let begun = calling.progress().begun;
            calling.end(TaskError::lost(begun));
        }
    }
}
