/// The largest size that can be asked for: places in a file are 32-bit.
const LARGEST: u64 = u32::MAX as u64;

/// A text or number that is no file size.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSize {
    /// It is no number with a known unit.
    #[error("`{0}` is no size; write bytes, or a number with a unit such as `64 MiB` or `500 kB`")]
    Malformed(String),
    /// Nothing could be read under that limit.
    #[error("a limit of 0 bytes would leave out every file; leave the setting out instead")]
    Zero,
    /// Larger than any file that can be checked.
    #[error("`{0}` is more than 4 GiB, the most that one file can hold; give a smaller limit")]
    TooLarge(String),
}

/// Reads a file size: bytes, or a number with a unit.
///
/// Units are `B`, `kB`, `MB`, `GB` (thousands) and `KiB`, `MiB`, `GiB` (1024), in any case, with
/// or without a space before them.
///
/// # Errors
/// Names what is wrong; see [`InvalidSize`].
///
/// ```
/// use story_lint::config::parse_size;
/// assert_eq!(parse_size("64 MiB"), Ok(64 << 20));
/// assert_eq!(parse_size("500kB"), Ok(500_000));
/// assert!(parse_size("64 pages").is_err());
/// ```
pub fn parse_size(text: &str) -> Result<u64, InvalidSize> {
    let malformed = || InvalidSize::Malformed(text.to_owned());
    let trimmed = text.trim();
    let digits = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(digits);
    if number.is_empty() {
        return Err(malformed());
    }
    let unit: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return Err(malformed()),
    };
    // All digits: what does not fit is too large, not malformed.
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    match bytes {
        Some(0) => Err(InvalidSize::Zero),
        Some(bytes) if bytes <= LARGEST => Ok(bytes),
        _ => Err(InvalidSize::TooLarge(trimmed.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidSize, parse_size};

    #[test]
    fn every_unit_counts() {
        let cases = [
            ("7", 7),
            ("7B", 7),
            ("7 kb", 7_000),
            ("7KB", 7_000),
            ("7 MB", 7_000_000),
            ("2 GB", 2_000_000_000),
            ("7 KiB", 7 << 10),
            (" 7mib ", 7 << 20),
            ("3 GiB", 3 << 30),
        ];
        for (text, bytes) in cases {
            assert_eq!(parse_size(text), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn refuses_what_means_nothing() {
        for text in ["", "MiB", "-1", "1.5 MiB", "1 MiB 2", "64 M"] {
            assert_eq!(parse_size(text), Err(InvalidSize::Malformed(text.to_owned())), "{text}");
        }
        assert_eq!(parse_size("0 MiB"), Err(InvalidSize::Zero));
        for text in ["4 GiB", "99999999999999999999", "18446744073709551615 GiB"] {
            assert_eq!(parse_size(text), Err(InvalidSize::TooLarge(text.to_owned())), "{text}");
        }
    }
}
