//! Waiting takes no memory once it is warm.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]

mod beside;
mod channels;
mod counting;
