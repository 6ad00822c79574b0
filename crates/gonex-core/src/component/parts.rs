//! The list behind a registry.
//!
//! # Invariants
//! `numbers` has the number of each part in `parts` under its name, and no other. Numbers grow in the
//! order of registration and are never used twice.
//!
//! # Deadlock safety
//! One lock, a leaf: parts are taken out or cloned under it, and called or dropped outside.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::border::let_go;
use super::error::{OnError, RegisterError, Trouble};
use super::{Component, Failure};
use crate::primitive::{Mutex, lock};

/// The most components of one registry.
///
/// ```
/// assert!(gonex_core::component::MOST_COMPONENTS > 1_000);
/// ```
pub const MOST_COMPONENTS: usize = 65_536;

/// A component, with what was asked of it when it was registered.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) number: u64,
    pub(super) name: Arc<str>,
    pub(super) kind: Arc<str>,
    pub(super) component: Arc<dyn Component>,
}

pub(super) struct Parts {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    drawn: u64,
    parts: BTreeMap<u64, Listed>,
    numbers: HashMap<Arc<str>, u64>,
    shut_down: bool,
    on_error: Option<OnError>,
}

struct Listed {
    part: Part,
    /// A shutdown has taken it on.
    ending: bool,
}

impl State {
    fn remove(&mut self, number: u64) -> Option<Listed> {
        let listed = self.parts.remove(&number)?;
        self.numbers.remove(&listed.part.name);
        Some(listed)
    }
}

impl Parts {
    pub(super) fn new() -> Self {
        Self { state: Mutex::new(State::default()) }
    }

    /// Adds a component; its number.
    pub(super) fn add(
        &self,
        component: Arc<dyn Component>,
        name: Arc<str>,
        kind: Arc<str>,
    ) -> Result<u64, RegisterError> {
        let mut state = lock(&self.state);
        let refused = if name.is_empty() {
            RegisterError::NoName { kind }
        } else if state.shut_down {
            RegisterError::ShutDown { name, kind }
        } else if state.numbers.contains_key(&name) {
            RegisterError::Taken { name, kind }
        } else if state.parts.len() >= MOST_COMPONENTS {
            RegisterError::Full { name, kind, most: MOST_COMPONENTS }
        } else {
            let number = state.drawn;
            state.drawn += 1;
            state.numbers.insert(name.clone(), number);
            let part = Part { number, name, kind, component };
            state.parts.insert(number, Listed { part, ending: false });
            return Ok(number);
        };
        drop(state);
        let_go(component);
        Err(refused)
    }

    /// Takes a component off the list. Whether it was there.
    pub(super) fn remove(&self, number: u64) -> bool {
        let removed = lock(&self.state).remove(number);
        let was_there = removed.is_some();
        let_go(removed);
        was_there
    }

    pub(super) fn remove_named(&self, name: &str) -> bool {
        let removed = {
            let mut state = lock(&self.state);
            let number = state.numbers.get(name).copied();
            number.and_then(|number| state.remove(number))
        };
        let was_there = removed.is_some();
        let_go(removed);
        was_there
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<dyn Component>> {
        let state = lock(&self.state);
        let number = state.numbers.get(name)?;
        state.parts.get(number).map(|listed| listed.part.component.clone())
    }

    /// All parts, in the order of registration.
    pub(super) fn all(&self) -> Vec<Part> {
        lock(&self.state).parts.values().map(|listed| listed.part.clone()).collect()
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        lock(&self.state).parts.values().map(|listed| listed.part.name.clone()).collect()
    }

    pub(super) fn len(&self) -> usize {
        lock(&self.state).parts.len()
    }

    pub(super) fn is_shut_down(&self) -> bool {
        lock(&self.state).shut_down
    }

    /// Lets nothing more in, and takes on the parts that no other shutdown has, in the order of
    /// registration.
    pub(super) fn begin_shutdown(&self) -> Vec<Part> {
        let mut state = lock(&self.state);
        state.shut_down = true;
        let free = state.parts.values_mut().filter(|listed| !listed.ending);
        free.map(|listed| {
            listed.ending = true;
            listed.part.clone()
        })
        .collect()
    }

    /// Leaves parts to the next shutdown.
    pub(super) fn leave(&self, parts: impl Iterator<Item = u64>) {
        let mut state = lock(&self.state);
        for number in parts {
            if let Some(listed) = state.parts.get_mut(&number) {
                listed.ending = false;
            }
        }
    }

    pub(super) fn set_on_error(&self, handler: Option<OnError>) {
        let before = std::mem::replace(&mut lock(&self.state).on_error, handler);
        let_go(before);
    }

    /// Tells the error handler, if there is one.
    pub(super) fn tell(&self, part: &Part, during: &'static str, failure: &Failure) {
        let handler = lock(&self.state).on_error.clone();
        if let Some(handler) = handler {
            let (name, kind) = (part.name.clone(), part.kind.clone());
            let trouble = Trouble { name, kind, during, failure: failure.clone() };
            super::border::inside(|| handler(&trouble)).ok();
            let_go(handler);
        }
    }
}

/// What a registry still held goes where nobody is harmed by a destructor that panics.
impl Drop for Parts {
    fn drop(&mut self) {
        let state = std::mem::take(&mut *lock(&self.state));
        for (_, listed) in state.parts {
            let_go(listed);
        }
        let_go(state.on_error);
    }
}
