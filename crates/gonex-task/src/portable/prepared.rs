use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;

use super::codec::{Codec, CodecError};
use super::value::{Portable, StartFn};

/// A call that has come as bytes, ready to run: reads its arguments, runs the function, and writes what that
/// returns.
///
/// All of it is the task's: what user code throws on the way is caught where the task is run.
pub enum Prepared {
    /// A function.
    Closure(Box<dyn FnOnce() -> Ran + Send>),
    /// An async function.
    Future(Pin<Box<dyn Future<Output = Ran> + Send>>),
}

/// What a call that has come as bytes yields.
pub(super) type Ran = Result<Vec<u8>, Fault>;

/// Why a call yields no bytes though nothing has stopped it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its arguments cannot be read: it has not begun.
    Arguments(CodecError),
    /// What it has returned cannot be written.
    Result(CodecError),
    /// The caller has taken it back before it began.
    Revoked,
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closure(_) => "Closure",
            Self::Future(_) => "Future",
        })
    }
}

/// The arguments of a call, in the message that they came in.
pub struct Carried {
    message: Box<dyn AsRef<[u8]> + Send>,
    arguments: Range<usize>,
    codec: Codec,
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carried").field("codec", &self.codec).finish_non_exhaustive()
    }
}

impl Carried {
    pub(super) fn new(
        message: Box<dyn AsRef<[u8]> + Send>,
        arguments: Range<usize>,
        codec: Codec,
    ) -> Self {
        Self { message, arguments, codec }
    }

    fn read<A: Portable>(self) -> Result<A, Fault> {
        let bytes = (*self.message).as_ref();
        // The message is as it was when the range was taken, unless its type plays tricks.
        let bytes = bytes.get(self.arguments).unwrap_or_default();
        self.codec.read_value(bytes).map_err(Fault::Arguments)
    }
}

/// For a function.
pub fn prepare_closure<A: Portable, T: Portable>(carried: Carried, run: fn(A) -> T) -> Prepared {
    Prepared::Closure(Box::new(move || {
        let codec = carried.codec;
        let result = run(carried.read()?);
        codec.write_value(&result).map_err(Fault::Result)
    }))
}

/// For an async function.
pub fn prepare_future<A: Portable, T: Portable>(
    carried: Carried,
    start: StartFn<A, T>,
) -> Prepared {
    Prepared::Future(Box::pin(async move {
        let codec = carried.codec;
        let result = start(carried.read()?).await;
        codec.write_value(&result).map_err(Fault::Result)
    }))
}
