//! The wasm tests of gonex: cases that a browser's page runs, on its one thread, with its promises
//! and its clock. `ci/wasm-check` builds and runs them.

mod cases;
mod channel;
mod context;
mod event_loop;
pub mod export;
mod task;
mod time;
