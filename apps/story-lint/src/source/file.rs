use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::lines::{LineIndex, Position, Span};

/// One Markdown file, read and known to be text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as shown to people: what the user gave, joined with what was found below it,
    /// with forward slashes.
    pub path: String,
    /// The path below the story's folder, with forward slashes.
    pub relative: String,
    /// The text without a byte order mark.
    pub text: String,
    /// The line starts of `text`.
    pub lines: LineIndex,
}

impl SourceFile {
    /// Makes a source file of text that is already in memory.
    ///
    /// ```
    /// use story_lint::source::SourceFile;
    /// let file = SourceFile::new("book/ch1.md", "ch1.md", "# One\n");
    /// assert_eq!(file.position(2).column, 3);
    /// ```
    #[must_use]
    pub fn new(
        path: impl Into<String>,
        relative: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let lines = LineIndex::new(&text);
        Self { path: path.into(), relative: relative.into(), text, lines }
    }

    /// Reads a file of at most `max_bytes`.
    ///
    /// # Errors
    /// Says why the file could not be taken as text: see [`ReadError`].
    pub fn read(
        disk: &Path,
        path: String,
        relative: String,
        max_bytes: u64,
    ) -> Result<Self, ReadError> {
        let bytes = read_limited(disk, max_bytes)?;
        Ok(Self::new(path, relative, decode(bytes)?))
    }

    /// The line and column of a byte offset.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        self.lines.position(&self.text, offset as usize)
    }

    /// The text of a span.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }
}

/// Checks that bytes are text, and makes a string of them.
///
/// # Errors
/// [`ReadError::Encoding`], [`ReadError::Binary`] or [`ReadError::InvalidUtf8`].
pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, ReadError> {
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes[..] {
        return Err(ReadError::Encoding("UTF-16"));
    }
    if let Some(offset) = memchr::memchr(0, &bytes) {
        return Err(ReadError::Binary { offset: offset as u64 });
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let before = String::from_utf8_lossy(&bytes[..valid]);
        let before = before.strip_prefix('\u{feff}').unwrap_or(&before);
        let position = LineIndex::new(before).position_at_end(before);
        ReadError::InvalidUtf8 { position, byte: bytes[valid] }
    })
}

impl LineIndex {
    /// The position behind the last character, on a new line if the text ends with a line end.
    fn position_at_end(&self, text: &str) -> Position {
        let line = self.line(text.len());
        let column = text[self.text_range(text, line)].chars().count() + 1;
        Position { line, column: u32::try_from(column).unwrap_or(u32::MAX) }
    }
}

fn read_limited(disk: &Path, max_bytes: u64) -> Result<Vec<u8>, ReadError> {
    let io = |source| ReadError::Io { path: disk.to_owned(), source };
    let file = File::open(disk).map_err(io)?;
    let metadata = file.metadata().map_err(io)?;
    if metadata.is_dir() {
        return Err(io(std::io::Error::from(std::io::ErrorKind::IsADirectory)));
    }
    let too_large = |size| ReadError::TooLarge { size, limit: max_bytes };
    if metadata.len() > max_bytes {
        return Err(too_large(metadata.len()));
    }
    // One byte more than allowed: a pipe or a growing file says its size only by being read.
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > max_bytes {
        return Err(too_large(bytes.len() as u64));
    }
    Ok(bytes)
}

/// Why a file could not be read as text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The system refused.
    #[error("cannot read the file: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is larger than the limit.
    #[error(
        "the file holds {}, more than the limit of {}; split it, or raise the limit with \
         `--max-file-size` or `max-file-size` in story-lint.toml",
        in_units(*size),
        in_units(*limit)
    )]
    TooLarge {
        /// Bytes found (for a pipe: at least).
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// The bytes are not UTF-8.
    #[error("byte 0x{byte:02x} at {}:{} is not UTF-8; save the file as UTF-8", position.line, position.column)]
    InvalidUtf8 {
        /// The first place that does not decode.
        position: Position,
        /// The byte there.
        byte: u8,
    },
    /// Another encoding was recognised.
    #[error("the file is {0}; save it as UTF-8")]
    Encoding(&'static str),
    /// The file holds a NUL byte.
    #[error(
        "the file is binary (a NUL byte at offset {offset}), though its name says Markdown; \
         rename it, or list it in .story-lint-ignore"
    )]
    Binary {
        /// Where the first NUL stands.
        offset: u64,
    },
}

/// A size as people say it: in MiB where it is a whole number of them or a large one.
fn in_units(bytes: u64) -> String {
    match bytes {
        _ if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes >= 10 << 20 => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
        1 => "1 byte".to_owned(),
        _ => format!("{bytes} bytes"),
    }
}
