use gonex_core::context::Deferred;
use gonex_core::primitive::{Mutex, lock};

use super::Definition;
use crate::TaskError;
use crate::batch::{Collect, Member};
use crate::handle::Completer;

/// A call as one of many that share a context: with its own time limit, and its function's name where it
/// panics.
pub(super) struct One<T: 'static> {
    context: Deferred,
    name: &'static str,
    /// `None` once the result is written.
    end: Mutex<Option<Completer<T>>>,
}

impl<T: 'static> One<T> {
    pub(super) fn new(end: Completer<T>, definition: &Definition) -> Self {
        let around = end.context();
        let limit = definition.timeout();
        let context = limit.map_or_else(|| around.clone(), |limit| around.with_timeout(limit));
        let (context, name) = (Deferred::child_of(context), definition.name());
        Self { context, name, end: Mutex::new(Some(end)) }
    }
}

impl<T: Send + 'static> Collect<T> for One<T> {
    fn collect(&self, _: usize, result: Result<T, TaskError>) {
        let end = lock(&self.end).take();
        if let Some(end) = end {
            end.complete(result);
        }
    }

    fn context(&self) -> &Deferred {
        &self.context
    }

    fn of(&self) -> &'static str {
        "call"
    }

    fn called(&self, _: Member) -> Option<String> {
        let around = lock(&self.end).as_ref().map(Completer::called);
        Some(format!("{}, {}", self.name, around.unwrap_or_default()))
    }
}
