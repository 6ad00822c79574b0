//! What waits beside channels: locks, semaphores, and so on.
#![cfg(not(gonex_loom))]

mod locks;
mod semaphore;
mod support;
