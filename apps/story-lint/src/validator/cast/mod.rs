//! The people and places of a story: how their names are spelled, what is said of their looks and
//! ages, and whether the dead stay silent.

mod age;
mod census;
mod check;
mod colour;
mod contradict;
mod dead;
mod declared;
mod facts;
mod fate;
mod known;
mod likeness;
mod limb;
mod looks;
mod names;
mod read;
mod rules;
mod variant;

pub(crate) use census::{Census, Entry, census};
pub use check::Cast;
pub use facts::CastFacts;
pub use rules::{AGE, DEAD, EYES, HAIR, NAME, PLACE, SIDE};
