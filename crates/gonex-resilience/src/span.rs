//! How lengths of time are written in configurations: `250ms`, `1m 30s`, or a bare number, which is
//! milliseconds.

use std::time::Duration;

/// Reads a length of time.
///
/// # Errors
/// Why it is none, in words.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if let Ok(millis) = text.parse::<i64>() {
        return from_millis(millis);
    }
    if text.starts_with('-') {
        return Err("a length of time is not negative".to_owned());
    }
    humantime::parse_duration(text).map_err(|error| format!("it is no length of time ({error})"))
}

/// Reads a bare number.
///
/// # Errors
/// If it is negative.
pub fn from_millis(millis: i64) -> Result<Duration, String> {
    let millis = u64::try_from(millis).map_err(|_| "a length of time is not negative");
    Ok(Duration::from_millis(millis?))
}

/// What would be understood.
pub const REMEDY: &str = "a length such as `250ms` or `1m 30s`, or a number of milliseconds";

/// Writes a length of time as [`parse`] reads it.
#[must_use]
pub fn show(span: Duration) -> String {
    humantime::format_duration(span).to_string()
}

/// For fields of configurations: `#[serde(with = "crate::span::written")]`.
#[cfg(feature = "serde")]
pub(crate) mod written {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de};

    /// A length of time, or what was written instead.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Span {
        Millis(i64),
        Text(String),
    }

    pub(crate) fn serialize<S: Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::show(*span))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let (written, read) = match Span::deserialize(from)? {
            Span::Millis(millis) => (millis.to_string(), super::from_millis(millis)),
            Span::Text(text) => (format!("{text:?}"), super::parse(&text)),
        };
        read.map_err(|reason| de::Error::custom(format!("{written}: {reason}; {}", super::REMEDY)))
    }
}

/// For fields that may be missing: `#[serde(with = "crate::span::written_option")]`.
#[cfg(feature = "serde")]
pub(crate) mod written_option {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Deserialize, Serialize)]
    struct Wrapped(#[serde(with = "super::written")] Duration);

    // The signature is serde's.
    #[allow(clippy::ref_option, reason = "serde hands over a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        span: &Option<Duration>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        span.map(Wrapped).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<Wrapped>::deserialize(from)?.map(|wrapped| wrapped.0))
    }
}
