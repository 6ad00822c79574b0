//! A piece of work of about a microsecond, and what one thread makes of many.

use std::any::Any;
use std::error::Error;
use std::thread;

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

/// As many threads as cores, with an equal share each and nothing to say to each other: what the machine
/// gives them at most, which need not be the number of cores times what it gives one.
pub fn shared_out(count: usize, expected: u64) -> Subject {
    Subject::new("a thread for each core", Standing::Beside, move || {
        let share = count.div_ceil(cores()).max(1);
        let sum = |first: usize| (first..count.min(first + share)).map(|n| work(n as u64));
        let sum = move |first| sum(first).fold(0, u64::wrapping_add);
        let total = thread::scope(|scope| {
            let shares = (0..count).step_by(share).map(|first| scope.spawn(move || sum(first)));
            let shares: Vec<_> = shares.collect();
            shares.into_iter().try_fold(0_u64, |all, share| Ok(all.wrapping_add(share.join()?)))
        });
        let total = total.map_err(|_: Box<dyn Any + Send>| "a thread panicked")?;
        check(total, expected)?;
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
