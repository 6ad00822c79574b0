//! A piece of work of about a microsecond, and what one thread makes of many.

use std::error::Error;

use super::cores;
use crate::bar::Bar;
use crate::rounds::{Subject, Told};
use crate::standing::Standing;

/// As many turns as `bench/go/tasks.go` takes: about a microsecond on a core of 2.5 GHz.
const TURNS: u64 = 700;

const ALONE: &str = "one thread";

/// Never inlined, so that no subject's loop around it becomes another work than the others'.
#[inline(never)]
pub fn work(seed: u64) -> u64 {
    (0..TURNS).fold(seed, |sum, n| sum.wrapping_mul(31) ^ n)
}

/// What the work gives for so many items in all.
pub fn total(count: usize) -> u64 {
    (0..count as u64).map(work).fold(0, u64::wrapping_add)
}

/// One thread, by which efficiency is measured.
pub fn alone(count: usize, expected: u64) -> Subject {
    Subject::new(ALONE, Standing::Beside, move || {
        check(total(count), expected)?;
        Ok(Told::Nothing)
    })
}

/// What the cores have to give for work as coarse as this.
pub fn efficient() -> Bar {
    Bar::Efficiency { share: 0.95, cores: cores(), alone: ALONE }
}

pub fn check(got: u64, expected: u64) -> Result<(), Box<dyn Error>> {
    if got == expected { Ok(()) } else { Err(format!("{got} instead of {expected}").into()) }
}
