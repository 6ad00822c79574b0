//! The cases, each a function that panics with what it found.

mod cancel;
mod context;
mod destructors;
mod detach;
mod end;
mod many;
mod nested;
mod panics;
mod portable;
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
    /// What it needs beside a place.
    pub(super) needs: Needs,
}

/// What a case needs beside a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing: it hands in calls.
    Calls,
    /// That the place runs closures and futures.
    Closures,
    /// A place that takes nothing.
    Refusing,
}

const fn case(name: &'static str, run: fn(&Making)) -> Case {
    Case { name, run, needs: Needs::Closures }
}

const fn of_calls(name: &'static str, run: fn(&Making)) -> Case {
    Case { name, run, needs: Needs::Calls }
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
    of_calls("calls", portable::results::results),
    of_calls("errors of calls", portable::results::typed_errors),
    of_calls("panics of calls", portable::endings::panics),
    of_calls("calls cancelled before they start", portable::endings::cancelled_before),
    of_calls("calls cancelled while they run", portable::endings::cancelled_while),
    of_calls("deadlines of calls", portable::endings::deadline),
    of_calls("calls in order", portable::many::in_order),
    of_calls("large calls", portable::many::large),
    of_calls("traces of calls", portable::results::traces),
    of_calls("detached calls", portable::many::detached),
    of_calls("the place goes with calls", portable::many::the_place_goes),
    Case { name: "refusal", run: refusal::refusal, needs: Needs::Refusing },
];

/// Whether the place runs tasks in the caller, before they are handed in.
fn runs_in_caller(place: &Arc<dyn Place>) -> bool {
    let (tell, told) = mpsc::channel();
    place.go(move || tell.send(thread::current().id()).expect("somebody listens")).detach();
    told.recv().expect("the task runs") == thread::current().id()
}
