use std::fmt;
use std::ptr;
use std::time::Duration;

use super::guarantee::Guarantee;
use super::prepared::{Carried, Prepared};
use super::wire::MAX_NAME;
use crate::SourcePlace;

/// How often a task that may run again is started again by default, after it was lost while it ran.
const RETRIES: u32 = 2;

/// A function under [`#[task]`](crate::task): what it is called, and how it is run.
///
/// ```
/// use std::time::Duration;
/// use gonex_task::task;
///
/// #[task(crate = gonex_task, idempotent, timeout = "30s", weight = 4)]
/// fn word_count(text: String) -> usize {
///     text.split_whitespace().count()
/// }
///
/// let definition = word_count::call(String::new()).definition();
/// assert!(definition.name().ends_with("::word_count"));
/// assert_eq!(definition.signature(), "(String)->usize");
/// assert!(definition.is_idempotent());
/// assert_eq!((definition.timeout(), definition.weight()), (Some(Duration::from_secs(30)), 4));
/// ```
pub struct Definition {
    name: &'static str,
    /// Without spaces, since it is hashed.
    signature: &'static str,
    file: &'static str,
    line: u32,
    column: u32,
    is_async: bool,
    prepare: fn(Carried) -> Prepared,
    version: u32,
    idempotent: bool,
    retries: u32,
    timeout: Option<Duration>,
    weight: u32,
    self_describing: bool,
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definition")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("signature", &self.signature)
            .field("origin", &format_args!("{}", self.origin()))
            .field("guarantee", &self.guarantee())
            .finish_non_exhaustive()
    }
}

/// What the macro writes.
#[doc(hidden)]
impl Definition {
    pub const fn new(
        name: &'static str,
        signature: &'static str,
        (file, line, column): (&'static str, u32, u32),
        is_async: bool,
        prepare: fn(Carried) -> Prepared,
    ) -> Self {
        assert!(
            name.len() <= MAX_NAME,
            "the name of a task has at most 255 bytes; give it another by `#[task(name = \"…\")]`"
        );
        Self {
            name,
            signature,
            file,
            line,
            column,
            is_async,
            prepare,
            version: 1,
            idempotent: false,
            retries: 0,
            timeout: None,
            weight: 1,
            self_describing: false,
        }
    }

    #[must_use]
    pub const fn with_version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.idempotent = true;
        self.retries = RETRIES;
        self
    }

    /// Behind [`idempotent`](Self::idempotent), which has a number of its own.
    #[must_use]
    pub const fn with_retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    #[must_use]
    pub const fn with_weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    #[must_use]
    pub const fn self_describing(mut self) -> Self {
        self.self_describing = true;
        self
    }
}

impl Definition {
    /// What it is called wherever it is known: by default its path, as `shop::count_words`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its argument and result types as they are written, without spaces.
    #[must_use]
    pub fn signature(&self) -> &'static str {
        self.signature
    }

    /// A hash of the [signature](Self::signature): what both ends of a call compare.
    #[must_use]
    pub fn signature_hash(&self) -> u64 {
        fnv1a(self.signature.as_bytes())
    }

    /// Where it stands.
    #[must_use]
    pub fn origin(&self) -> SourcePlace {
        SourcePlace { file: self.file.to_owned(), line: self.line, column: self.column }
    }

    /// Whether it is an async function.
    #[must_use]
    pub fn is_async(&self) -> bool {
        self.is_async
    }

    /// The version of what it means, from 1: both ends of a call have the same one.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Whether it may run more than once for one call.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.idempotent
    }

    /// How often it may run for one call.
    #[must_use]
    pub fn guarantee(&self) -> Guarantee {
        if self.idempotent {
            Guarantee::AtLeastOnce { retries: self.retries }
        } else {
            Guarantee::AtMostOnce
        }
    }

    /// How long a call of it may take, from when it is handed in; no limit by default.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// How much of a place it takes, compared to others; 1 by default. For places that measure.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.weight
    }

    /// Whether its arguments and results always travel in a form that describes itself.
    #[must_use]
    pub fn is_self_describing(&self) -> bool {
        self.self_describing
    }

    /// Makes what runs it with arguments that have come as bytes.
    pub(super) fn prepare(&self, carried: Carried) -> Prepared {
        (self.prepare)(carried)
    }

    /// Whether it is the same function, seen twice. There is one static for each; what a macro writes has
    /// one place in the source, however many functions that are.
    pub(super) fn is_same(&'static self, other: &'static Self) -> bool {
        ptr::eq(self, other)
    }
}

/// FNV-1a of 64 bits: what is compared has to be the same on every machine, and need not withstand anybody.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
