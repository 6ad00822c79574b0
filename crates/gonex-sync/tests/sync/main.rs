//! What waits beside channels: locks, semaphores, and so on.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]

#[path = "../support/stress/chance.rs"]
mod chance;
#[path = "../support/hand.rs"]
mod hand;

mod address;
mod broadcast;
mod cond;
mod group;
mod locks;
mod mixed;
mod once;
mod oneshot;
mod semaphore;
mod shared;
mod shared_map;
mod singleflight;
mod support;
mod time;
mod watch;
