//! The command line.

mod args;
mod baseline;
mod bible;
mod check;
mod exit;
mod explain;
mod init;
mod rules;
mod run;

pub use args::Cli;
pub use exit::Exit;
pub use run::main;
