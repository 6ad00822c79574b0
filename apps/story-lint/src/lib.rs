//! The checks behind the `story-lint` command, as a library.
//!
//! The way of a manuscript through it:
//!
//! 1. [`story`] finds the stories below the given paths, and [`config`] the settings of each;
//! 2. [`source`] reads a file, [`document`] parses it into paragraphs, headings and links, and
//!    [`prose`] reads its words;
//! 3. each [`validator`] takes facts from a piece of a file, which are merged in file order and
//!    checked over the whole story; the [`engine`] runs all that on a gonex pool;
//! 4. [`finding`] holds what they report, sorts it and applies suppressions;
//! 5. [`output`] prints it.
//!
//! Adding a rule: declare its [`rule::Rule`] beside the validator that reports it, list the
//! validator in [`validator::builtin`], and give it a table test with a quiet twin.

#![forbid(unsafe_code)]

pub mod bible;
pub mod calendar;
pub mod cli;
pub mod config;
pub mod document;
pub mod engine;
pub mod finding;
pub mod output;
pub mod prose;
pub mod rule;
pub mod source;
pub mod story;
pub mod validator;
