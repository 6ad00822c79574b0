use super::WireError;
use super::reader::Reader;

/// The version of the format that is written and read here.
///
/// ```
/// assert_eq!(gonex_task::portable::wire::FORMAT, 1);
/// ```
pub const FORMAT: u8 = 1;

/// What every message begins with.
pub(super) const MAGIC: [u8; 2] = *b"GX";

/// What a message is.
///
/// ```
/// use gonex_task::portable::wire::{CancelMessage, JobId, MessageKind};
///
/// let message = CancelMessage { id: JobId::next(), cause: "closing time" }.to_bytes();
/// assert_eq!(MessageKind::of(&message), Ok(MessageKind::Cancel));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MessageKind {
    /// A call, on its way to where it is run: an [`Envelope`](super::Envelope).
    Call,
    /// How a call has ended: a [`Reply`](super::Reply).
    Reply,
    /// Nobody waits for a call any longer: a [`CancelMessage`](super::CancelMessage).
    Cancel,
}

impl MessageKind {
    /// What the message is; the rest of it is not looked at.
    ///
    /// # Errors
    /// If it is no message of this version of the format.
    pub fn of(message: &[u8]) -> Result<Self, WireError> {
        let found = head(&mut Reader::new(message))?;
        let known = [Self::Call, Self::Reply, Self::Cancel];
        let kind = known.into_iter().find(|kind| kind.number() == found);
        kind.ok_or(WireError::Value { field: "kind", found: found.into() })
    }

    pub(super) const fn number(self) -> u8 {
        match self {
            Self::Call => 1,
            Self::Reply => 2,
            Self::Cancel => 3,
        }
    }

    /// Reads the beginning of a message of this kind.
    pub(super) fn expect(self, reader: &mut Reader<'_>) -> Result<(), WireError> {
        let (found, expected) = (head(reader)?, self.number());
        if found == expected { Ok(()) } else { Err(WireError::Kind { found, expected }) }
    }
}

/// Reads the beginning of a message, up to the number of its kind.
fn head(reader: &mut Reader<'_>) -> Result<u8, WireError> {
    if reader.array::<2>("magic").ok() != Some(MAGIC) {
        return Err(WireError::Foreign);
    }
    match reader.u8("format")? {
        FORMAT => reader.u8("kind"),
        found => Err(WireError::Format { found, known: FORMAT }),
    }
}
