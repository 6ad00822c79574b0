//! What waits beside channels: locks, semaphores, and so on.
#![cfg(not(gonex_loom))]

mod cond;
mod group;
mod locks;
mod once;
mod semaphore;
mod singleflight;
mod support;
mod time;
