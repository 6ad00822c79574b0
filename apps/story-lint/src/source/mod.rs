//! A file as text: reading it, and turning byte offsets into lines and columns.

mod file;
mod lines;

pub(crate) use file::decode;
pub use file::{ReadError, SourceFile};
pub use lines::{LineIndex, Position, Span};
