//! What Go promises of its channels and its select, as far as we promise the same.
//!
//! Each property is tried in all mixes of threads that block and tasks that yield.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]

mod chan;
mod context;
mod select;
mod series;
mod time;
#[path = "../support/ways.rs"]
mod ways;
mod world;

use ways::Way;
use world::World;

/// Who waits how.
#[derive(Clone, Copy, Debug)]
struct Mix {
    senders: Way,
    receivers: Way,
}

/// Runs a property in all four mixes.
fn in_each_mix(property: impl Fn(Mix, &mut World)) {
    for senders in [Way::Thread, Way::Task] {
        for receivers in [Way::Thread, Way::Task] {
            let mut world = World::new();
            property(Mix { senders, receivers }, &mut world);
            world.finish();
        }
    }
}
