//! Links between the files of a story: broken ones, files that none leads to, missing anchors.

mod anchors;
mod check;
mod destination;
mod disk;
mod index;
mod orphans;
mod rules;
mod suggest;

pub(super) use destination::{Destination, resolve};

pub use check::{LinkFacts, Links};
pub use rules::{BAD_ANCHOR, BROKEN, ORPHAN};
