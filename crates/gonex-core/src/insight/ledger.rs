//! What is known of waits and tasks.
//!
//! # Invariants
//! - `Task::waits` is the number of entries of `waits` with that task, and `Task::timed` that of those
//!   that have an `until`; `timed` is the sum over all tasks.
//! - `running` is the number of tasks that are neither parked nor lend their thread, and a parked task
//!   has a wait.
//! - Turning insight off and on again begins a new *epoch*: what is known is forgotten, every task
//!   counts as running until it is seen to park anew, and what was listed before is no business of
//!   the new epoch.
//!
//! # Deadlock safety
//! One lock, a leaf: nothing but map operations run under it, no wakers and no callbacks. It is the
//! standard library's, since it belongs to the process, and no loom model turns insight on.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, Location};
use std::sync::{Arc, Mutex};

use super::report::{Report, Wait, Waits, Who};
use super::view::{TaskState, TaskView};
use crate::Instant;
use crate::op::Subject;
use crate::primitive::{discard, lock_std};

/// So many waiting operations are listed; what is beyond is counted.
///
/// ```
/// use gonex_core::insight;
///
/// assert!(insight::waits().len() <= insight::MAX_WAITS);
/// assert_eq!(insight::waits().beyond(), 0, "nothing waits");
/// ```
pub const MAX_WAITS: usize = 1 << 16;

/// What is called for a stall.
///
/// ```
/// use std::sync::Arc;
/// use gonex_core::insight::{self, OnStall};
///
/// let callback: OnStall = Arc::new(|report| eprint!("{report}"));
/// insight::on_stall(Some(callback.clone()));
/// assert_eq!(Arc::strong_count(&callback), 2);
/// insight::on_stall(None);
/// assert_eq!(Arc::strong_count(&callback), 1);
/// ```
pub type OnStall = Arc<dyn Fn(&Report) + Send + Sync>;

static LEDGER: Mutex<Ledger> = Mutex::new(Ledger {
    drawn: 0,
    epoch: 0,
    waits: BTreeMap::new(),
    beyond: 0,
    tasks: BTreeMap::new(),
    by_hand: 0,
    running: 0,
    timed: 0,
    outside: 0,
    told: false,
    on_stall: None,
});

pub(super) struct Ledger {
    /// Numbers for entries, tasks and epochs, none used twice; 0 is none.
    drawn: u64,
    /// Numbers up to this were drawn in earlier epochs.
    pub(super) epoch: u64,
    waits: BTreeMap<u64, Entry>,
    beyond: usize,
    tasks: BTreeMap<u64, Task>,
    /// The tasks that are not those of a scheduler.
    by_hand: usize,
    running: usize,
    timed: usize,
    pub(super) outside: usize,
    /// Whether the stall of the moment has been told.
    told: bool,
    on_stall: Option<OnStall>,
}

struct Entry {
    task: u64,
    wait: Wait,
}

struct Task {
    name: Arc<str>,
    /// Where a scheduler was handed it; `None` for one that was registered by hand.
    origin: Option<&'static Location<'static>>,
    /// When it was registered, or went on or left off since.
    since: Instant,
    /// A thread runs a step of it.
    on_thread: bool,
    waits: usize,
    timed: usize,
    /// It is in no poll, or its thread is blocked; and no wake came since.
    parked: bool,
    /// A wake came since the last poll began.
    woken: bool,
    /// Its thread runs a step of another task, which stands for it.
    lends: bool,
}

/// An operation's place in the ledger; goes when dropped.
#[derive(Debug)]
pub(crate) struct Listed {
    number: u64,
    pub(super) task: u64,
}

/// Looks at the ledger and changes it; a stall that this completes is told, outside the lock.
pub(super) fn with<T>(body: impl FnOnce(&mut Ledger) -> T) -> T {
    let mut ledger = lock_std(&LEDGER);
    let output = body(&mut ledger);
    let told = ledger.new_stall();
    drop(ledger);
    if let Some((report, on_stall)) = told {
        let called = std::panic::catch_unwind(AssertUnwindSafe(|| on_stall(&report)));
        called.unwrap_or_else(discard);
    }
    output
}

impl Ledger {
    pub(super) fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    /// Forgets all that was seen.
    pub(super) fn begin_epoch(&mut self) {
        self.epoch = self.draw();
        self.waits.clear();
        (self.beyond, self.timed, self.told) = (0, 0, false);
        for task in self.tasks.values_mut() {
            (task.waits, task.timed, task.parked, task.lends) = (0, 0, false, false);
        }
        self.running = self.tasks.len();
    }

    pub(super) fn set_on_stall(&mut self, on_stall: Option<OnStall>) -> Option<OnStall> {
        std::mem::replace(&mut self.on_stall, on_stall)
    }

    pub(super) fn add_task(
        &mut self,
        name: Arc<str>,
        origin: Option<&'static Location<'static>>,
        since: Instant,
    ) -> u64 {
        let number = self.draw();
        // Who registers by hand does so where it runs.
        let on_thread = origin.is_none();
        let (waits, timed, parked, woken, lends) = (0, 0, false, false, false);
        let task = Task { name, origin, since, on_thread, waits, timed, parked, woken, lends };
        self.tasks.insert(number, task);
        self.running += 1;
        self.by_hand += usize::from(on_thread);
        number
    }

    /// A thread begins a step of the task, or ends it.
    pub(super) fn step(&mut self, number: u64, on_thread: bool, now: Instant) {
        if let Some(task) = self.tasks.get_mut(&number) {
            (task.on_thread, task.since) = (on_thread, now);
        }
    }

    /// The thread of a task begins to run another, or is done with it.
    pub(super) fn lend(&mut self, number: u64, lends: bool) {
        let Some(task) = self.tasks.get_mut(&number) else { return };
        match (std::mem::replace(&mut task.lends, lends), lends) {
            (false, true) => self.running -= 1,
            (true, false) => self.running += 1,
            _ => {}
        }
    }

    /// All tasks, with what they wait for.
    pub(super) fn snapshot(&self) -> Vec<TaskView> {
        let view = |(number, task): (&u64, &Task)| {
            let waits = match task.waits {
                0 => Vec::new(),
                _ => self.waits_of(*number).cloned().collect(),
            };
            let state = match (task.parked, task.on_thread) {
                (true, _) => TaskState::Waiting,
                (false, true) => TaskState::Running,
                (false, false) => TaskState::Ready,
            };
            let waiting = waits.iter().map(|wait: &Wait| wait.since).min();
            let since = waiting.filter(|_| task.parked).unwrap_or(task.since);
            TaskView { name: task.name.clone(), origin: task.origin, state, since, waits }
        };
        self.tasks.iter().map(view).collect()
    }

    fn waits_of(&self, task: u64) -> impl Iterator<Item = &Wait> {
        self.waits.values().filter(move |entry| entry.task == task).map(|entry| &entry.wait)
    }

    pub(super) fn remove_task(&mut self, number: u64) {
        self.set_parked(number, false);
        self.lend(number, false);
        if let Some(task) = self.tasks.remove(&number) {
            self.running -= 1;
            self.by_hand -= usize::from(task.origin.is_none());
            self.timed -= task.timed;
        }
    }

    /// A poll of the task begins, or a step of its blocked thread.
    pub(super) fn begin(&mut self, number: u64) {
        self.set_parked(number, false);
        if let Some(task) = self.tasks.get_mut(&number) {
            task.woken = false;
        }
    }

    /// The task has nothing to do until it is woken, if what it has to wait for is known.
    pub(super) fn park(&mut self, number: u64) {
        if self.tasks.get(&number).is_some_and(|task| task.waits > 0 && !task.woken) {
            self.set_parked(number, true);
        }
    }

    pub(super) fn wake(&mut self, number: u64) {
        self.set_parked(number, false);
        if let Some(task) = self.tasks.get_mut(&number) {
            task.woken = true;
        }
    }

    fn set_parked(&mut self, number: u64, parked: bool) {
        let Some(task) = self.tasks.get_mut(&number) else { return };
        match (std::mem::replace(&mut task.parked, parked), parked) {
            (false, true) => self.running -= 1,
            (true, false) => self.running += 1,
            _ => {}
        }
    }

    fn list(&mut self, task: u64, mut wait: Wait) -> u64 {
        let number = self.draw();
        if self.waits.len() >= MAX_WAITS {
            self.beyond += 1;
            return number;
        }
        if let Some(task_of) = self.tasks.get_mut(&task) {
            let timed = usize::from(wait.until.is_some());
            task_of.waits += 1;
            task_of.timed += timed;
            self.timed += timed;
            wait.who = Who::Task { name: task_of.name.clone(), number: task };
        }
        self.waits.insert(number, Entry { task, wait });
        number
    }

    fn unlist(&mut self, number: u64) -> Option<Entry> {
        if number <= self.epoch {
            return None;
        }
        let Some(entry) = self.waits.remove(&number) else {
            self.beyond -= 1;
            return None;
        };
        // A task that is gone has left its operations to others.
        if let Some(task) = self.tasks.get_mut(&entry.task) {
            let timed = usize::from(entry.wait.until.is_some());
            task.waits -= 1;
            task.timed -= timed;
            self.timed -= timed;
            if task.waits == 0 {
                self.set_parked(entry.task, false);
            }
        }
        Some(entry)
    }

    pub(super) fn waits(&self) -> Waits {
        let list = self.waits.values().map(|entry| entry.wait.clone()).collect();
        Waits { list, beyond: self.beyond }
    }

    pub(super) fn stall(&self) -> Option<Report> {
        let asleep = self.running == 0 && self.by_hand > 0;
        if !asleep || self.timed + self.outside + self.beyond > 0 {
            return None;
        }
        let of_tasks = self.waits.values().filter(|entry| self.tasks.contains_key(&entry.task));
        let waits = of_tasks.map(|entry| entry.wait.clone()).collect();
        let tasks = self.tasks.values().filter(|task| !task.lends).count();
        Some(Report { tasks, waits })
    }

    /// The stall of the moment, if it has not been told yet and somebody wants to know.
    fn new_stall(&mut self) -> Option<(Report, OnStall)> {
        if self.running > 0 {
            self.told = false;
            return None;
        }
        if self.told {
            return None;
        }
        let on_stall = self.on_stall.clone()?;
        let report = self.stall()?;
        self.told = true;
        Some((report, on_stall))
    }
}

impl Listed {
    /// Lists an operation that waits on this thread, in this task.
    pub(crate) fn new(
        subject: Subject,
        place: &'static Location<'static>,
        until: Option<Instant>,
        now: Instant,
    ) -> Self {
        let task = super::task::current();
        let who = match crate::rt::polled() {
            Some(polled) => Who::Polled(polled.to_string().into()),
            None => Who::Thread(std::thread::current().name().unwrap_or("without a name").into()),
        };
        let until = until.into_iter().chain(subject.until).min();
        let wait = Wait { who, subject, place, since: now, until };
        Self { number: with(|ledger| ledger.list(task, wait)), task }
    }

    /// Whether it is still what it was listed as: in the same epoch, and of the task that runs here.
    pub(crate) fn holds(&self) -> bool {
        self.task == super::task::current() && with(|ledger| self.number > ledger.epoch)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let entry = with(|ledger| ledger.unlist(self.number));
        drop(entry);
    }
}
