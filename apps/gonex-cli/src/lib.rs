//! What the `gonex` command does: a folder for each of its words.
//!
//! `gonex doctor` says what this machine consists of, what limits hold for this process, and which parts of
//! gonex work here, which do not, and why.

#![forbid(unsafe_code)]

mod cli;
pub mod doctor;

pub use cli::main;
