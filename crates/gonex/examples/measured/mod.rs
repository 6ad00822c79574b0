//! What the benchmark programs share: the forms that they compare, and how each is measured.
//!
//! Each form runs in a process of its own, which is this program again: so its CPU time and its peak of
//! memory are its own.

mod child;
mod form;
mod table;
mod usage;

pub(crate) use child::{Child, told};
pub(crate) use form::Form;
pub(crate) use table::{Table, percent, span};
pub(crate) use usage::{Usage, cores};

/// What goes wrong in a task has to get out of it.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;
