//! How well each balancer spreads work that a seed makes: on simulated pools, of which a run takes
//! milliseconds and is the same each time, and on threads.
//!
//! All balancers are gonex's. Predictive stands as ours and the others as its rivals, and its bars are
//! by least-busy: wherever something can be learned, its makespan or its 99th percentile is at most 0.85
//! of that; nowhere is it above 1.03.

mod cases;
mod real;
mod subjects;

pub use cases::cases;
