//! Letting no more than so many in at once.
//!
//! A [`Bulkhead`] keeps what is slow from taking all threads, connections and memory: beyond so many calls
//! others wait in line, up to a length and for a time, and are refused beyond that. It stands on the fair
//! semaphore of `gonex-sync`: whoever waits is served in turn, a heavy call is not starved by light ones,
//! and one that goes away leaves its place to the next.

mod component;
mod config;
mod counters;
mod enter;
mod full;
mod guard;
mod permit;
mod policy;

pub use config::BulkheadConfig;
pub use counters::BulkheadMetrics;
pub use enter::EnterBulkhead;
pub use full::{BulkheadError, Full};
pub use guard::BulkheadGuard;
pub use permit::BulkheadPermit;
pub use policy::Bulkhead;
