//! A value behind permits, the guards that hold them, and those who seek one.

mod guard;
mod seek;

pub(in crate::lock) use guard::Raw;
pub use guard::{Exclusive, Guard, Mode, Reach, Readers, Shared, Upgradable};
pub(crate) use seek::{Seek, SeekUpgrade};
