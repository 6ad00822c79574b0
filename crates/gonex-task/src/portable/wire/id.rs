use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use gonex_core::rt;

use super::WireError;
use super::reader::Reader;
use super::writer::Writer;

/// A number that tells portable calls apart, those of other processes included.
///
/// The first half is drawn by chance, once for each process that sends calls.
///
/// ```
/// use gonex_task::portable::wire::JobId;
///
/// let (one, other) = (JobId::next(), JobId::next());
/// assert_ne!(one, other);
/// assert_eq!(one.sender, other.sender);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId {
    /// Who sends it.
    pub sender: u64,
    /// The number there.
    pub number: u64,
}

impl JobId {
    /// One that no other call has.
    #[must_use]
    pub fn next() -> Self {
        static SENDER: OnceLock<u64> = OnceLock::new();
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let sender = *SENDER.get_or_init(|| rt::current().random());
        Self { sender, number: NEXT.fetch_add(1, Ordering::Relaxed) }
    }

    pub(super) fn write(self, writer: &mut Writer) {
        writer.u64(self.sender);
        writer.u64(self.number);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(Self { sender: reader.u64("id")?, number: reader.u64("id")? })
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}-{}", self.sender, self.number)
    }
}
