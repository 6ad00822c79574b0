//! rayon's iterators, and how they inherit a context: `use gonex_runtime::compute::prelude::*`.
//!
//! They belong inside [`install`](super::install), or on a worker.

pub use rayon::prelude::*;

pub use super::inherit::Inheriting;
