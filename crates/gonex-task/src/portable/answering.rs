use gonex_core::Canceller;
use gonex_core::context::Deferred;
use gonex_core::primitive::{Mutex, lock};

use super::codec::Codec;
use super::prepared::{Fault, Ran};
use super::serve::Respond;
use super::wire::{Answer, JobId, PanicPlace, Reply};
use crate::TaskError;
use crate::batch::{Collect, Member};
use crate::place::{NotTaken, Why};

/// What a reply answers.
pub(super) struct Asked {
    pub(super) name: Box<str>,
    pub(super) id: JobId,
    pub(super) attempt: u32,
    /// How the result is written.
    pub(super) codec: Codec,
    /// How many bytes a reply with a result may have.
    pub(super) limit: usize,
}

/// The end of a call that writes its reply.
pub(super) struct Answering<R> {
    context: Deferred,
    asked: Asked,
    /// `None` once the reply is made, or the call was taken back.
    respond: Mutex<Option<R>>,
}

impl<R: Respond> Answering<R> {
    pub(super) fn new(asked: Asked, canceller: Canceller, respond: R) -> Self {
        Self { context: Deferred::from(canceller), asked, respond: Mutex::new(Some(respond)) }
    }

    /// Whether the call may begin.
    pub(super) fn begins(&self) -> bool {
        // What a transport does is done outside the lock.
        let Some(mut respond) = lock(&self.respond).take() else { return false };
        let begins = respond.begins();
        if begins {
            *lock(&self.respond) = Some(respond);
        }
        begins
    }

    pub(super) fn answer(&self, answer: &Answer<'_>) {
        let Some(respond) = lock(&self.respond).take() else { return };
        let reply =
            Reply { id: self.asked.id, attempt: self.asked.attempt, answer: *answer }.to_bytes();
        respond.reply(reply);
    }

    pub(super) fn refuse(&self, not_taken: NotTaken) {
        let (why, reason) = (not_taken.why(), not_taken.reason());
        self.answer(&Answer::NotTaken { why, reason });
        drop(not_taken);
    }
}

impl<R: Respond> Collect<Ran> for Answering<R> {
    fn collect(&self, _: usize, result: Result<Ran, TaskError>) {
        let limit = self.asked.limit.min(u32::MAX as usize);
        let text;
        let answer = match &result {
            Ok(Ok(result)) if Reply::size_with_result(result.len()) > limit => {
                let size = Reply::size_with_result(result.len());
                text = format!(
                    "it takes {size} bytes, and a reply has at most {limit}; return less, or where to \
                     find it"
                );
                Answer::Unwritable { reason: &text }
            }
            Ok(Ok(result)) => Answer::Done { codec: self.asked.codec, result },
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
        Some(format!("{} {}", self.asked.name, self.asked.id))
    }
}
