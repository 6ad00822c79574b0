//! The three layers: [`compute`] for data, [`thread`] for what lives long, [`aio`] for what waits.

pub mod aio;
mod ambient;
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub mod compute;
mod task;
pub mod thread;
