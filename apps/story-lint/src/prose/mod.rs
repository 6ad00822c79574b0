//! The words of a document, each with what is known of its place: whether it opens a sentence, is
//! spoken, emphasised, or owns what follows.

mod lists;
mod number;
mod sentence;
mod words;

pub(crate) use lists::{Title, is_function_word, is_title};
pub(crate) use number::{number_at, ordinal_at, year_in};
pub(crate) use sentence::{Sentence, sentences};
pub use words::{Gap, Reading, Word};
