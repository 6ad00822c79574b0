//! What a pool tells a profiler: how long jobs take, for each kind and worker.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gonex_core::primitive::lock_std;

use crate::balance::{TaskKind, WorkerId};
use crate::profile::Profiler;

/// How many kinds have a name of their own that was made up; of more, all are called as the pool.
const MOST_KINDS: usize = 256;

/// A profiler, and what the kinds of jobs are called there.
pub(super) struct Profile {
    profiler: Profiler,
    pool: Arc<str>,
    names: Mutex<HashMap<TaskKind, Arc<str>>>,
}

impl Profile {
    pub(super) fn new(profiler: Profiler, pool: &str, names: HashMap<TaskKind, Arc<str>>) -> Self {
        Self { profiler, pool: pool.into(), names: Mutex::new(names) }
    }

    /// A job has ended with a result.
    pub(super) fn record(&self, kind: TaskKind, worker: WorkerId, took: Duration) {
        let name = self.name_of(kind);
        self.profiler.recorder_of(&name, worker).record(took);
    }

    fn name_of(&self, kind: TaskKind) -> Arc<str> {
        let mut names = lock_std(&self.names);
        if let Some(name) = names.get(&kind) {
            return name.clone();
        }
        if kind == TaskKind::default() || names.len() >= MOST_KINDS {
            return self.pool.clone();
        }
        let name: Arc<str> = format!("{} kind {:016x}", self.pool, kind.get()).into();
        names.entry(kind).or_insert(name).clone()
    }
}
