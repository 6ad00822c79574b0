use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::CodecError;
use super::bounded::{Bounds, bounded};
use crate::portable::wire::{BuildId, WireError};

/// How arguments and results are written as bytes.
///
/// | | `Compact` | `Named` |
/// | --- | --- | --- |
/// | what it is | postcard | `MessagePack`, structs as maps from names |
/// | used between | equal builds | different builds, and where a task asks for it |
/// | a field that one side lacks | is not noticed | is left out, or the field's default |
/// | `untagged`, `flatten`, `skip_serializing_if` of serde | fail, or garble | work |
/// | `Some(())`, `Some(None)` | stay apart from `None` | become `None` |
///
/// ```
/// use gonex_task::portable::Codec;
///
/// let bytes = Codec::Compact.write_value(&("call me", 7_u8)).unwrap();
/// assert_eq!(bytes, b"\x07call me\x07");
/// assert_eq!(Codec::Compact.read_value(&bytes), Ok(("call me".to_owned(), 7_u8)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Codec {
    /// The shortest form, in which only a program of the same build can read it.
    Compact,
    /// A form that describes itself.
    Named,
}

impl Codec {
    /// The one in which a program of one build writes for another: [`Compact`](Self::Compact) where both
    /// are known and the same.
    ///
    /// ```
    /// use gonex_task::portable::Codec;
    /// use gonex_task::portable::wire::BuildId;
    ///
    /// let here = BuildId::current();
    /// assert_eq!(Codec::between(here, BuildId::UNKNOWN), Codec::Named);
    /// ```
    #[must_use]
    pub fn between(one: BuildId, other: BuildId) -> Self {
        if one.is_same(other) { Self::Compact } else { Self::Named }
    }

    /// Writes a value.
    ///
    /// # Errors
    /// If its [`Serialize`] fails, or the form cannot hold it.
    pub fn write_value<T: Serialize + ?Sized>(self, value: &T) -> Result<Vec<u8>, CodecError> {
        match self {
            Self::Compact => postcard::to_stdvec(value).map_err(CodecError::writing::<T>),
            Self::Named => rmp_serde::to_vec_named(value).map_err(CodecError::writing::<T>),
        }
    }

    /// Reads a value, which takes up all the bytes.
    ///
    /// The bytes may come from anybody: what they claim to hold is bounded by their number, and values
    /// may be nested 128 steps deep. A step leads into an element, a field, an option, or a struct or
    /// variant of one field, so that a list whose nodes hold the next one in an `Option` has 63 links
    /// at most.
    ///
    /// # Errors
    /// If they are no value of this type, or are not all of it.
    pub fn read_value<T: DeserializeOwned>(self, bytes: &[u8]) -> Result<T, CodecError> {
        let bounds = Bounds::for_bytes(bytes.len());
        let read = match self {
            Self::Compact => {
                let mut reader = postcard::Deserializer::from_bytes(bytes);
                let value = T::deserialize(bounded(&mut reader, &bounds));
                match (value, reader.finalize()) {
                    (Ok(value), Ok([])) => Ok(value),
                    (Ok(_), Ok(rest)) => Err(trailing(rest.len())),
                    (Err(error), _) | (_, Err(error)) => Err(error.to_string()),
                }
            }
            Self::Named => {
                let mut rest = bytes;
                let mut reader = rmp_serde::Deserializer::new(&mut rest);
                let value = T::deserialize(bounded(&mut reader, &bounds));
                drop(reader);
                match value {
                    Ok(value) if rest.is_empty() => Ok(value),
                    Ok(_) => Err(trailing(rest.len())),
                    Err(error) => Err(error.to_string()),
                }
            }
        };
        // What the bounds say is clearer than what became of it.
        read.map_err(|reason| CodecError::reading::<T>(bounds.exceeded().unwrap_or(reason)))
    }

    pub(in crate::portable) const fn number(self) -> u8 {
        match self {
            Self::Compact => 1,
            Self::Named => 2,
        }
    }

    pub(in crate::portable) fn read(number: u8) -> Result<Self, WireError> {
        match number {
            1 => Ok(Self::Compact),
            2 => Ok(Self::Named),
            found => Err(WireError::Value { field: "codec", found: found.into() }),
        }
    }
}

fn trailing(count: usize) -> String {
    format!("{count} bytes stand behind its end")
}
