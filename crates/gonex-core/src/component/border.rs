//! The border around code of components.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Failure;
use crate::Stop;
use crate::primitive::discard;

/// Runs code of a component; a panic in it becomes a value, and so does the unwind of an operation
/// that had no error to return.
pub(super) fn inside<T>(body: impl FnOnce() -> T) -> Result<T, Failure> {
    let caught = catch_unwind(AssertUnwindSafe(|| Stop::inside_border(body)));
    caught.map_err(|payload| match Stop::from_unwind(payload) {
        Ok(stop) => stop.into(),
        Err(payload) => {
            let message = message(&*payload);
            discard(payload);
            Failure::Panicked(message)
        }
    })
}

/// Drops what belongs to a component; a panic of its destructor is left to the panic hook.
pub(super) fn let_go<T>(what: T) {
    inside(|| drop(what)).ok();
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a payload that is no message").to_owned()
}
