use std::cell::OnceCell;
use std::pin::Pin;

use super::codec::{Codec, CodecError};
use super::definition::Definition;
use super::wire::JobId;
use crate::handle::Spec;
use crate::work::EndableFuture;
use crate::{PanicHook, TaskError};

/// A call with its result's way back, types hidden.
pub(crate) trait Calling: Send {
    fn definition(&self) -> &'static Definition;

    /// What is known of the task, with its own context.
    fn spec(&self) -> Spec;

    /// What a panic's report calls the task.
    fn called(&self) -> String;

    fn key(&self) -> Option<&[u8]>;

    fn progress(&self) -> &Progress;

    fn progress_mut(&mut self) -> &mut Progress;

    /// Writes the arguments. What that throws is the task's.
    fn write_arguments(&self, codec: Codec) -> Result<Result<Vec<u8>, CodecError>, TaskError>;

    /// Runs the function here.
    fn run(self: Box<Self>, hook: PanicHook, ended: &dyn Fn(bool));

    /// The async function, to be polled here.
    fn into_future(self: Box<Self>) -> Pin<Box<dyn EndableFuture + Send>>;

    /// Ends it with a result that has come as bytes.
    fn finish(self: Box<Self>, codec: Codec, result: &[u8]);

    /// Drops the arguments, and has its handle say why.
    fn end(self: Box<Self>, error: TaskError);

    /// What was handed in before somebody wrapped it.
    fn into_inner(self: Box<Self>) -> Box<dyn Calling>;
}

/// How far a call has come that travels as bytes.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Drawn when it is first asked for: what runs here needs none, and all threads share the numbers.
    id: OnceCell<JobId>,
    /// How often it was sent.
    pub(super) sent: u32,
    /// How many attempts have begun.
    pub(super) attempts: u32,
    /// Whether the last one has.
    pub(super) begun: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { id: OnceCell::new(), sent: 0, attempts: 0, begun: false }
    }

    pub(super) fn id(&self) -> JobId {
        *self.id.get_or_init(JobId::next)
    }

    /// How many attempts have begun.
    pub(crate) fn attempts(&self) -> u32 {
        self.attempts
    }
}
