use std::time::Duration;

use super::head::MessageKind;
use super::reader::Reader;
use super::writer::Writer;
use super::{BuildId, JobId, TraceContext, WireError};
use crate::Priority;
use crate::portable::codec::Codec;

/// The longest name of a task, in bytes.
pub(crate) const MAX_NAME: usize = 255;
/// The longest key of a call, in bytes.
pub(crate) const MAX_KEY: usize = 1 << 10;

const HAS_REMAINING: u8 = 1;
const HAS_KEY: u8 = 1 << 1;
const HAS_TRACE: u8 = 1 << 2;
const FLAGS: u8 = HAS_REMAINING | HAS_KEY | HAS_TRACE;

/// A call on its way to where it is run: which function, with which arguments, and what goes with them.
///
/// ```
/// use std::time::Duration;
/// use gonex_task::Priority;
/// use gonex_task::portable::Codec;
/// use gonex_task::portable::wire::{BuildId, Envelope, JobId};
///
/// let envelope = Envelope {
///     id: JobId::next(),
///     attempt: 1,
///     priority: Priority::NORMAL,
///     remaining: Some(Duration::from_secs(3)),
///     build: BuildId::current(),
///     codec: Codec::Compact,
///     name: "shop::count_words",
///     version: 1,
///     signature: 7,
///     key: None,
///     trace: None,
///     arguments: b"\x04call",
/// };
/// let message = envelope.to_bytes();
/// assert_eq!(Envelope::read(&message), Ok(envelope));
/// assert!(Envelope::read(&message[..message.len() - 1]).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The number of the call, the same for all its attempts.
    pub id: JobId,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// When it is run, compared to others that wait.
    pub priority: Priority,
    /// How much time is left until the call's deadline, to the microsecond: the clocks of two machines
    /// do not agree on an instant.
    pub remaining: Option<Duration>,
    /// The build of the sender.
    pub build: BuildId,
    /// How the arguments are written.
    pub codec: Codec,
    /// The name of the task; at most 255 bytes.
    pub name: &'a str,
    /// The version of the task.
    pub version: u32,
    /// The hash of the task's argument and result types as they were written.
    pub signature: u64,
    /// What calls that belong together have in common; at most 1,024 bytes.
    pub key: Option<&'a [u8]>,
    /// The trace that the call belongs to.
    pub trace: Option<TraceContext>,
    /// The arguments; less than 4 GiB.
    pub arguments: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Writes the message.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new(MessageKind::Call, self.name.len() + self.arguments.len());
        self.id.write(&mut writer);
        writer.u32(self.attempt);
        writer.bytes(&self.priority.level().to_le_bytes());
        writer.u8(self.codec.number());
        writer.u8(flag(self.remaining.is_some(), HAS_REMAINING)
            | flag(self.key.is_some(), HAS_KEY)
            | flag(self.trace.is_some(), HAS_TRACE));
        writer.bytes(&self.build.to_bytes());
        writer.u32(self.version);
        writer.u64(self.signature);
        writer.text(self.name, MAX_NAME);
        if let Some(remaining) = self.remaining {
            writer.u64(u64::try_from(remaining.as_micros()).unwrap_or(u64::MAX));
        }
        if let Some(key) = self.key {
            writer.short(key, MAX_KEY);
        }
        if let Some(trace) = self.trace {
            trace.write(&mut writer);
        }
        writer.long(self.arguments);
        writer.finish()
    }

    /// Reads a message. Nothing is copied.
    ///
    /// # Errors
    /// If it is none, or not whole.
    pub fn read(message: &'a [u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(message);
        MessageKind::Call.expect(&mut reader)?;
        let id = JobId::read(&mut reader)?;
        let attempt = reader.u32("attempt")?;
        let priority = Priority::new(i8::from_le_bytes(reader.array("priority")?));
        let codec = Codec::read(reader.u8("codec")?)?;
        let flags = reader.u8("flags")?;
        if flags & !FLAGS != 0 {
            return Err(WireError::Value { field: "flags", found: flags.into() });
        }
        let build = BuildId::from_bytes(reader.array("build")?);
        let version = reader.u32("version")?;
        let signature = reader.u64("signature")?;
        let name = reader.text("name", MAX_NAME)?;
        let has = |flag| flags & flag != 0;
        let remaining = if has(HAS_REMAINING) { Some(reader.u64("remaining")?) } else { None };
        let key = if has(HAS_KEY) { Some(reader.short("key", MAX_KEY)?) } else { None };
        let trace = if has(HAS_TRACE) { Some(TraceContext::read(&mut reader)?) } else { None };
        let arguments = reader.long("arguments")?;
        reader.end()?;
        Ok(Self {
            id,
            attempt,
            priority,
            remaining: remaining.map(Duration::from_micros),
            build,
            codec,
            name,
            version,
            signature,
            key,
            trace,
            arguments,
        })
    }
}

const fn flag(is_set: bool, flag: u8) -> u8 {
    if is_set { flag } else { 0 }
}
