use std::fmt;

/// Why a value could not be written as bytes, or read from them.
///
/// ```
/// use gonex_task::portable::Codec;
///
/// let error = Codec::Compact.read_value::<bool>(&[2]).unwrap_err();
/// assert!(error.to_string().starts_with("a `bool` cannot be read"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecError {
    /// The name of the type.
    of: &'static str,
    reads: bool,
    reason: String,
}

impl CodecError {
    pub(super) fn writing<T: ?Sized>(reason: impl fmt::Display) -> Self {
        Self { of: std::any::type_name::<T>(), reads: false, reason: reason.to_string() }
    }

    pub(super) fn reading<T: ?Sized>(reason: impl fmt::Display) -> Self {
        Self { of: std::any::type_name::<T>(), reads: true, reason: reason.to_string() }
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, reads, reason } = self;
        let done = if *reads { "read" } else { "written" };
        write!(f, "a `{of}` cannot be {done}: {reason}")
    }
}

impl std::error::Error for CodecError {}
