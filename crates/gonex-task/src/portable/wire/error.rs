/// Why bytes are no message, or are one that cannot be read here.
///
/// ```
/// use gonex_task::portable::wire::{Envelope, WireError};
///
/// assert_eq!(Envelope::read(b"HTTP/1.1 200 OK").unwrap_err(), WireError::Foreign);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WireError {
    /// It does not begin as messages of gonex do.
    #[error("these bytes are no message of gonex; is something else talking to this end?")]
    Foreign,
    /// It is of another version of the format.
    #[error(
        "the message is of version {found} of the wire format, and this end reads version {known}; \
         run the same version of gonex on both"
    )]
    #[non_exhaustive]
    Format {
        /// The version of the message.
        found: u8,
        /// The version that is read here.
        known: u8,
    },
    /// It is a message of another kind than was expected.
    #[error("a message of kind {found} stands where one of kind {expected} belongs")]
    #[non_exhaustive]
    Kind {
        /// The number of its kind.
        found: u8,
        /// The number of the expected one.
        expected: u8,
    },
    /// It ends too early.
    #[error(
        "the message ends within `{field}`: {needed} more bytes belong there, and {left} are left"
    )]
    #[non_exhaustive]
    Short {
        /// What was being read.
        field: &'static str,
        /// How many bytes it takes.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// Something stands behind its end.
    #[error("{count} bytes stand behind the end of the message")]
    #[non_exhaustive]
    Trailing {
        /// How many.
        count: usize,
    },
    /// A field is longer than it may be.
    #[error("`{field}` takes {length} bytes, and {limit} are allowed")]
    #[non_exhaustive]
    Long {
        /// Which one.
        field: &'static str,
        /// How long it is.
        length: usize,
        /// How long it may be.
        limit: usize,
    },
    /// A text is no UTF-8.
    #[error("`{field}` is no UTF-8")]
    #[non_exhaustive]
    Text {
        /// Which one.
        field: &'static str,
    },
    /// A field has a value that means nothing.
    #[error("`{field}` is {found}, which means nothing in this version of the format")]
    #[non_exhaustive]
    Value {
        /// Which one.
        field: &'static str,
        /// What it is.
        found: u64,
    },
}
