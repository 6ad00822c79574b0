use super::head::MessageKind;
use super::reader::Reader;
use super::writer::Writer;
use super::{JobId, WireError};

/// The longest text of a cause, in bytes.
pub(super) const MAX_CAUSE: usize = 4 << 10;

/// Tells where a call runs, or waits, that nobody waits for it any longer.
///
/// ```
/// use gonex_task::portable::wire::{CancelMessage, JobId};
///
/// let cancel = CancelMessage { id: JobId::next(), cause: "closing time" };
/// assert_eq!(CancelMessage::read(&cancel.to_bytes()), Ok(cancel));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelMessage<'a> {
    /// Which call.
    pub id: JobId,
    /// Why. What is more than 4 KiB of it does not travel.
    pub cause: &'a str,
}

impl<'a> CancelMessage<'a> {
    /// Writes the message.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(MessageKind::Cancel, self.cause.len().min(MAX_CAUSE));
        self.id.write(&mut writer);
        writer.text(self.cause, MAX_CAUSE);
        writer.finish()
    }

    /// Reads a message.
    ///
    /// # Errors
    /// If it is none, or not whole.
    pub fn read(message: &'a [u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(message);
        MessageKind::Cancel.expect(&mut reader)?;
        let id = JobId::read(&mut reader)?;
        let cause = reader.text("cause", MAX_CAUSE)?;
        reader.end()?;
        Ok(Self { id, cause })
    }
}
