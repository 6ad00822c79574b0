use std::collections::BTreeMap;

use gonex_core::{Context, rt};
use gonex_task::portable::wire::TraceContext;
use gonex_task::{Inline, PlaceExt, TaskOptions, task};
use serde::{Deserialize, Serialize};

use super::super::super::making::Making;
use super::{double, goes_on};

/// One of each kind of what serde knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    unit: (),
    numbers: (i8, u16, i32, u64, u128, f64),
    text: String,
    letter: char,
    bytes: Vec<u8>,
    perhaps: Option<Box<Everything>>,
    kinds: Vec<Kind>,
    map: BTreeMap<(u8, bool), String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Unit,
    Newtype(u8),
    Tuple(u8, String),
    Struct { depth: i64 },
}

#[task(crate = gonex_task)]
fn echo(value: Everything) -> Everything {
    value
}

#[task(crate = gonex_task)]
async fn join(words: &[String], with: &str) -> String {
    rt::yield_now().await;
    words.join(with)
}

#[task(crate = gonex_task)]
fn nothing() {}

#[task(crate = gonex_task)]
fn quadruple(context: &Context, n: u32) -> Option<u32> {
    // A task may start others where it is.
    context.stopped().is_none().then(|| Inline.go(double::call(2 * n)).join().block().unwrap_or(0))
}

pub(in super::super) fn results(making: &Making) {
    let place = making.place();
    assert_eq!(place.go(double::call(21)).join().block(), Ok(42), "of a function");
    let words = ["call", "me"].map(str::to_owned).to_vec();
    let joined = place.go(join::call(words, "-".to_owned())).join().block();
    assert_eq!(joined.as_deref(), Ok("call-me"), "of an async function with borrowed arguments");
    assert_eq!(place.go(nothing::call()).join().block(), Ok(()), "of a function without either");
    assert_eq!(
        place.go(quadruple::call(3)).join().block(),
        Ok(Some(12)),
        "of one with its context"
    );

    let plain = Everything {
        unit: (),
        numbers: (i8::MIN, u16::MAX, -1, u64::MAX, u128::MAX, f64::MIN_POSITIVE),
        text: "ærø\0".to_owned(),
        letter: '🦀',
        bytes: (0..=255).collect(),
        perhaps: None,
        kinds: vec![
            Kind::Unit,
            Kind::Newtype(7),
            Kind::Tuple(1, String::new()),
            Kind::Struct { depth: i64::MIN },
        ],
        map: BTreeMap::from([((0, false), "no".to_owned()), ((1, true), "yes".to_owned())]),
    };
    let nested = Everything { perhaps: Some(Box::new(plain.clone())), ..plain };
    let back = place.go(echo::call(nested.clone())).join().block();
    assert_eq!(back, Ok(nested), "what goes there and comes back");
    let both = place.go_all((double::call(1), nothing::call())).block();
    assert_eq!(both, Ok((2, ())), "of a tuple");
}

/// An error of a function's own.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct OutOfPaper {
    tray: u8,
}

#[task(crate = gonex_task)]
fn print(tray: u8) -> Result<String, OutOfPaper> {
    if tray == 2 { Err(OutOfPaper { tray }) } else { Ok("printed".to_owned()) }
}

#[task(crate = gonex_task)]
async fn print_later(tray: u8) -> Result<String, OutOfPaper> {
    rt::yield_now().await;
    print(tray)
}

pub(in super::super) fn typed_errors(making: &Making) {
    let place = making.place();
    assert_eq!(place.go(print::call(2)).join().block(), Ok(print(2)), "of a function");
    assert_eq!(place.go(print::call(1)).join().block(), Ok(print(1)), "of a function");
    assert_eq!(place.go(print_later::call(2)).join().block(), Ok(print(2)), "of an async function");
    goes_on(&place);
}

#[task(crate = gonex_task)]
fn trace(context: &Context) -> Option<String> {
    context.value::<TraceContext>().map(ToString::to_string)
}

pub(in super::super) fn traces(making: &Making) {
    let place = making.place();
    let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let parsed: TraceContext = header.parse().expect("it is of the form");
    let options = TaskOptions::new().within(&Context::background().with_value(parsed));
    let there = place.go_with(&options, trace::call()).join().block();
    assert_eq!(there, Ok(Some(header.to_owned())), "the trace as the task knows it");
    assert_eq!(place.go(trace::call()).join().block(), Ok(None), "a trace stays with its task");
}
