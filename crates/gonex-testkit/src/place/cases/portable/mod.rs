//! The cases of calls. What runs may be in another process: it is spoken to by arguments, results and files.

pub(super) mod endings;
pub(super) mod many;
mod mark;
pub(super) mod results;

use std::sync::Arc;

use gonex_task::{Place, PlaceExt, task};

use mark::Mark;

/// A function for cases that are about something else.
#[task(crate = gonex_task)]
fn double(n: u32) -> u32 {
    2 * n
}

/// Asserts that nothing is broken.
fn goes_on(place: &Arc<dyn Place>) {
    let calls = (0..20).map(double::call);
    let doubles = (0..20).map(double).collect();
    assert_eq!(place.go_all(calls).block(), Ok(doubles), "what comes after it");
}
