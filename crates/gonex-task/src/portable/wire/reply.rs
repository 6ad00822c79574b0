use super::cancel::MAX_CAUSE;
use super::head::MessageKind;
use super::reader::Reader;
use super::writer::Writer;
use super::{JobId, WireError};
use crate::place::Why;
use crate::portable::codec::Codec;

/// The longest message of a panic, or reason, in bytes.
const MAX_MESSAGE: usize = u16::MAX as usize;
/// The longest name of a source file, in bytes.
const MAX_FILE: usize = 4 << 10;
/// What a reply with a result has beside it: magic, format and kind, id, attempt, answer, codec, length.
const BESIDE_RESULT: usize = 4 + 16 + 4 + 1 + 1 + 4;

/// How a call has ended, on the way back.
///
/// ```
/// use gonex_task::portable::Codec;
/// use gonex_task::portable::wire::{Answer, JobId, Reply};
///
/// let answer = Answer::Done { codec: Codec::Compact, result: &[42] };
/// let reply = Reply { id: JobId::next(), attempt: 1, answer };
/// assert_eq!(Reply::read(&reply.to_bytes()), Ok(reply));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// Which call.
    pub id: JobId,
    /// Which attempt at it.
    pub attempt: u32,
    /// How it has ended.
    pub answer: Answer<'a>,
}

/// How a call has ended where it was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// It has run to its end.
    Done {
        /// How the result is written.
        codec: Codec,
        /// What it has returned, an error of its own included; less than 4 GiB.
        result: &'a [u8],
    },
    /// It panicked.
    Panicked {
        /// The panic's message. What is more than 64 KiB of it does not travel.
        message: &'a str,
        /// Where that was, if it is known.
        place: Option<PanicPlace<'a>>,
    },
    /// It was cancelled.
    Cancelled {
        /// Why. What is more than 4 KiB of it does not travel.
        cause: &'a str,
    },
    /// It reached its deadline.
    TimedOut,
    /// It was not taken, and has not begun: it may be sent elsewhere.
    NotTaken {
        /// What kind of reason it is.
        why: Why,
        /// The reason, and what would help.
        reason: &'a str,
    },
    /// It was taken and ended without a result.
    Lost {
        /// Whether it had begun.
        started: bool,
    },
    /// It had to wait when as many as are allowed already did.
    Stalled {
        /// How many waited already.
        blocked: u64,
        /// How many may.
        max_blocked: u64,
        /// How many were queued.
        queued: u64,
    },
    /// It has run, and what it returned could not be written.
    Unwritable {
        /// Why.
        reason: &'a str,
    },
}

/// Where in the source a task panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PanicPlace<'a> {
    /// The file as the compiler names it.
    pub file: &'a str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl<'a> Reply<'a> {
    /// How many bytes the message has that carries a result of so many.
    pub(in crate::portable) const fn size_with_result(result: usize) -> usize {
        result.saturating_add(BESIDE_RESULT)
    }

    /// Writes the message.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let room = match &self.answer {
            Answer::Done { result, .. } => result.len(),
            _ => 0,
        };
        let mut writer = Writer::new(MessageKind::Reply, room);
        self.id.write(&mut writer);
        writer.u32(self.attempt);
        writer.u8(self.answer.number());
        self.answer.write(&mut writer);
        writer.finish()
    }

    /// Reads a message. Nothing is copied.
    ///
    /// # Errors
    /// If it is none, or not whole.
    pub fn read(message: &'a [u8]) -> Result<Self, WireError> {
        let mut reader = Reader::new(message);
        MessageKind::Reply.expect(&mut reader)?;
        let id = JobId::read(&mut reader)?;
        let attempt = reader.u32("attempt")?;
        let answer = Answer::read(&mut reader)?;
        reader.end()?;
        Ok(Self { id, attempt, answer })
    }
}

impl<'a> Answer<'a> {
    const fn number(&self) -> u8 {
        match self {
            Self::Done { .. } => 0,
            Self::Panicked { .. } => 1,
            Self::Cancelled { .. } => 2,
            Self::TimedOut => 3,
            Self::NotTaken { .. } => 4,
            Self::Lost { .. } => 5,
            Self::Stalled { .. } => 6,
            Self::Unwritable { .. } => 7,
        }
    }

    fn write(&self, writer: &mut Writer) {
        match *self {
            Self::Done { codec, result } => {
                writer.u8(codec.number());
                writer.long(result);
            }
            Self::Panicked { message, place } => {
                writer.text(message, MAX_MESSAGE);
                writer.u8(place.is_some().into());
                if let Some(PanicPlace { file, line, column }) = place {
                    writer.text(file, MAX_FILE);
                    writer.u32(line);
                    writer.u32(column);
                }
            }
            Self::Cancelled { cause } => writer.text(cause, MAX_CAUSE),
            Self::TimedOut => {}
            Self::NotTaken { why, reason } => {
                writer.u8(match why {
                    Why::Refused => 0,
                    Why::Unavailable => 1,
                    Why::NotStarted => 2,
                });
                writer.text(reason, MAX_MESSAGE);
            }
            Self::Lost { started } => writer.u8(started.into()),
            Self::Stalled { blocked, max_blocked, queued } => {
                [blocked, max_blocked, queued].into_iter().for_each(|count| writer.u64(count));
            }
            Self::Unwritable { reason } => writer.text(reason, MAX_MESSAGE),
        }
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, WireError> {
        Ok(match reader.u8("answer")? {
            0 => Self::Done {
                codec: Codec::read(reader.u8("codec")?)?,
                result: reader.long("result")?,
            },
            1 => {
                let message = reader.text("message", MAX_MESSAGE)?;
                let place = match flag("place", reader)? {
                    false => None,
                    true => Some(PanicPlace {
                        file: reader.text("file", MAX_FILE)?,
                        line: reader.u32("line")?,
                        column: reader.u32("column")?,
                    }),
                };
                Self::Panicked { message, place }
            }
            2 => Self::Cancelled { cause: reader.text("cause", MAX_CAUSE)? },
            3 => Self::TimedOut,
            4 => {
                let why = match reader.u8("why")? {
                    0 => Why::Refused,
                    1 => Why::Unavailable,
                    2 => Why::NotStarted,
                    found => return Err(WireError::Value { field: "why", found: found.into() }),
                };
                Self::NotTaken { why, reason: reader.text("reason", MAX_MESSAGE)? }
            }
            5 => Self::Lost { started: flag("started", reader)? },
            6 => Self::Stalled {
                blocked: reader.u64("blocked")?,
                max_blocked: reader.u64("max_blocked")?,
                queued: reader.u64("queued")?,
            },
            7 => Self::Unwritable { reason: reader.text("reason", MAX_MESSAGE)? },
            found => return Err(WireError::Value { field: "answer", found: found.into() }),
        })
    }
}

/// A byte that is 0 or 1.
fn flag(field: &'static str, reader: &mut Reader<'_>) -> Result<bool, WireError> {
    match reader.u8(field)? {
        0 => Ok(false),
        1 => Ok(true),
        found => Err(WireError::Value { field, found: found.into() }),
    }
}
