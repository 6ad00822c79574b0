//! Functions that can be called wherever tasks run. The same calls go to the caller, to threads, to a place to
//! which only bytes get through, and to a chain whose first place is closed; the results are the same.
//!
//! ```text
//! cargo run -p gonex --example portable
//! ```

use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::mpsc;

use gonex::place::{NotTaken, Why};
use gonex::portable::wire::BuildId;
use gonex::portable::{AfterReply, PortableTask, Respond, Serving};
use gonex::{Chain, Context, Inline, Place, PlaceExt, Task, TaskError, Threads, task};
use serde::{Deserialize, Serialize};

/// What is asked about a chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Summary {
    words: usize,
    longest: String,
}

/// Why nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum NoSummary {
    Empty,
}

/// An ordinary function, and a portable one: to run it twice does no harm.
#[task(idempotent, timeout = "30s")]
fn summarize(text: &str) -> Result<Summary, NoSummary> {
    let longest = text.split_whitespace().max_by_key(|word| word.len());
    let longest = longest.ok_or(NoSummary::Empty)?.to_owned();
    Ok(Summary { words: text.split_whitespace().count(), longest })
}

/// An async one, which asks its context how much time is left.
#[task(timeout = "30s")]
async fn has_time(context: &Context) -> bool {
    context.deadline().is_some()
}

/// The other end of a wire, as a transport has it: a thread that is sent bytes, and answers with bytes.
struct Wire {
    letters: mpsc::Sender<(Vec<u8>, Back)>,
}

/// Where an answer goes.
struct Back(PortableTask);

impl Respond for Back {
    fn begins(&mut self) -> bool {
        self.0.begins();
        true
    }

    fn reply(self, message: Vec<u8>) {
        match self.0.reply(&message) {
            Ok(AfterReply::Ended) => {}
            Ok(AfterReply::NotTaken(not_taken)) => not_taken.end(),
            // A call that is dropped is lost, and its handle says so.
            Ok(AfterReply::Again(call)) => drop(call),
            Err(bad) => drop(bad.task),
        }
    }
}

impl Wire {
    fn new() -> Self {
        let (letters, inbox) = mpsc::channel::<(Vec<u8>, Back)>();
        let there = move || {
            for (letter, back) in inbox {
                match Serving::read(letter) {
                    Ok(call) => call.run(&Inline, back),
                    Err(error) => eprintln!("no call: {error}"),
                }
            }
        };
        drop(gonex::thread::spawn(there));
        Self { letters }
    }
}

impl Place for Wire {
    fn name(&self) -> &str {
        "wire"
    }

    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        let mut call = task.require_call()?;
        match call.send(BuildId::current(), 1 << 20) {
            // A letter that is not sent loses its call, and the call says so.
            Ok(letter) => drop(self.letters.send((letter, Back(call)))),
            Err(error) => return call.unsent(error),
        }
        Ok(())
    }
}

/// A place that is not there today.
struct Closed;

impl Place for Closed {
    fn name(&self) -> &str {
        "closed"
    }

    fn parallelism(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn submit(&self, task: Task) -> Result<(), NotTaken> {
        Err(task.not_taken(Why::Unavailable, "closed on Sundays; come again tomorrow"))
    }
}

type Found = Vec<Result<Summary, NoSummary>>;

/// Has all texts summarized at a place.
fn at(place: &dyn Place, texts: &[&str]) -> Result<Found, TaskError> {
    let calls = texts.iter().map(|text| summarize::call((*text).to_owned()));
    place.go_all(calls).block()
}

const TEXTS: [&str; 3] = ["call me Ishmael", "", "whenever it is a damp, drizzly November"];

/// The same at every place, by the name of the place.
fn everywhere() -> Result<Vec<(String, Found)>, TaskError> {
    let chain = Chain::first(Closed).or(Wire::new());
    let places: [&dyn Place; 4] = [&Inline, &Threads, &Wire::new(), &chain];
    let found = places.iter().map(|place| Ok((place.name().to_owned(), at(*place, &TEXTS)?)));
    found.collect()
}

fn main() -> Result<(), Box<dyn Error>> {
    for (place, found) in everywhere()? {
        println!("{place:>14}: {found:?}");
    }
    let in_time = Wire::new().go(has_time::call()).join().block()?;
    println!("on the wire, is there a deadline? {in_time}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_found_everywhere() {
        let plain: Found = TEXTS.iter().map(|text| summarize(text)).collect();
        let everywhere = everywhere().unwrap();
        assert_eq!(everywhere.len(), 4);
        for (place, found) in everywhere {
            assert_eq!(found, plain, "at {place}");
        }
        assert_eq!(plain[1], Err(NoSummary::Empty));
    }

    #[test]
    fn a_deadline_goes_with_a_call() {
        assert_eq!(Wire::new().go(has_time::call()).join().block(), Ok(true));
    }

    #[test]
    fn a_closure_does_not_travel() {
        let refused = Wire::new().go(|| 7).join().block();
        assert!(matches!(refused, Err(TaskError::Refused { .. })), "{refused:?}");
    }
}
