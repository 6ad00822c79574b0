//! A second of stress for each kind of channel; `examples/stress.rs` does the same for longer.
#![cfg(not(any(gonex_loom, gonex_shuttle)))]

#[path = "support/stress/mod.rs"]
mod stress;
#[path = "support/ways.rs"]
mod ways;

use std::time::Duration;

use stress::{Kind, Settings, run};

fn stressed(kinds: &[Kind]) {
    let length = Duration::from_secs(1);
    let settings = Settings { length, seed: 20_240, threads: 4, kinds: kinds.to_vec() };
    let counts = run(&settings, |_| {}).unwrap_or_else(|violation| panic!("{violation}"));
    assert!(counts.rounds > 0 && counts.received > 0, "{counts:?}");
}

#[test]
fn stress_rendezvous() {
    stressed(&[Kind::Rendezvous]);
}

#[test]
fn stress_bounded() {
    stressed(&[Kind::Bounded]);
}

#[test]
fn stress_unbounded() {
    stressed(&[Kind::Unbounded]);
}

#[test]
fn stress_lanes() {
    stressed(&[Kind::Lanes]);
}

#[test]
fn stress_weighted() {
    stressed(&[Kind::Weighted]);
}

#[test]
fn stress_all_kinds_in_a_row() {
    stressed(&Kind::ALL);
}
