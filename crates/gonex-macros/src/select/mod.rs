//! `select!` and `select_block!`.

mod expand;
mod parse;

pub(crate) use expand::expand;
pub(crate) use parse::Select;
