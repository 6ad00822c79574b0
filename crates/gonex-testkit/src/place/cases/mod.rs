//! The cases, each a function that panics with what it found.

mod cancel;
mod context;
mod destructors;
mod detach;
mod end;
mod many;
mod nested;
mod panics;
mod refusal;
mod results;
mod waiting;

use std::sync::{Arc, mpsc};
use std::thread;

use gonex_task::{Place, PlaceExt};

use super::making::Making;

/// A case.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) run: fn(&Making),
    /// Whether it needs a place that takes nothing.
    pub(super) needs_refusing: bool,
}

const fn case(name: &'static str, run: fn(&Making)) -> Case {
    Case { name, run, needs_refusing: false }
}

/// All of them, the simple ones first.
pub(super) const CASES: &[Case] = &[
    case("results", results::results),
    case("typed errors", results::typed_errors),
    case("panics", panics::panics),
    case("hostile destructors", destructors::hostile),
    case("cancelled before it starts", cancel::before_it_starts),
    case("cancelled while it runs", cancel::while_it_runs),
    case("deadline", context::deadline),
    case("context", context::values),
    case("detach", detach::detach),
    case("many", many::many),
    case("parallelism", many::parallelism),
    case("nested", nested::nested),
    case("waiting", waiting::waiting),
    case("the place goes", end::the_place_goes),
    case("threads end", end::threads_end),
    Case { name: "refusal", run: refusal::refusal, needs_refusing: true },
];

/// Whether the place runs tasks in the caller, before they are handed in.
fn runs_in_caller(place: &Arc<dyn Place>) -> bool {
    let (tell, told) = mpsc::channel();
    place.go(move || tell.send(thread::current().id()).expect("somebody listens")).detach();
    told.recv().expect("the task runs") == thread::current().id()
}
