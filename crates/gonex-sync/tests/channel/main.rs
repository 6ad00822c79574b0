//! What channels do, operation by operation, through their public face.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]

#[path = "../support/hand.rs"]
mod hand;

mod acknowledged;
mod cancelled;
mod closed;
mod destructors;
mod handles;
mod in_turn;
mod passed;
mod permits;
mod streams;
