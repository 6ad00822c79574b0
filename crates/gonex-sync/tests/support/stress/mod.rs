//! Channels under stress: threads and tasks on both ends, operations given up at random, selects in
//! between, and a ledger in which each value is written down when it is sent and received.

mod chance;
mod ledger;
mod parties;
mod round;

pub(crate) use round::{Kind, Settings, run};
