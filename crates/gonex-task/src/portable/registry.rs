use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, OnceLock};

use gonex_core::primitive::lock_std;

use super::Definition;

/// A function that the macro has entered, before `main`.
pub struct Registered(pub fn() -> &'static Definition);

inventory::collect!(Registered);

/// The tasks that this program knows by name.
///
/// Functions under [`#[task]`](crate::task) enter themselves where the platform has a way to do so before
/// `main`; those of a library can be left out by a linker that sees nobody use them. Else, and to be sure,
/// [`tasks!`](crate::tasks) enters them.
///
/// ```
/// use gonex_task::portable::{Lookup, Registry};
/// use gonex_task::task;
///
/// #[task(crate = gonex_task, name = "shop::double")]
/// fn double(n: u32) -> u32 {
///     2 * n
/// }
///
/// let known = Registry::of_process();
/// assert!(matches!(known.find("shop::double"), Lookup::Found(task) if task.signature() == "(u32)->u32"));
/// assert!(matches!(known.find("shop::halve"), Lookup::Unknown));
/// assert_eq!(known.duplicates(), []);
/// ```
#[derive(Debug)]
pub struct Registry {
    tasks: Mutex<HashMap<&'static str, Entry>>,
}

#[derive(Clone, Copy, Debug)]
enum Entry {
    One(&'static Definition),
    /// Two of one name, so none.
    Two(&'static Definition, &'static Definition),
}

/// What there is of a name.
#[derive(Clone, Copy, Debug)]
pub enum Lookup {
    /// One task.
    Found(&'static Definition),
    /// None.
    Unknown,
    /// Several, and it cannot be said which is meant.
    Ambiguous(DuplicateTask),
}

/// Two tasks have one name.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "two tasks are called `{}`, the one at {} and the one at {}; give one of them another by \
     `#[task(name = \"…\")]`",
    one.name(), one.origin(), other.origin()
)]
#[non_exhaustive]
pub struct DuplicateTask {
    /// The one that was entered first.
    pub one: &'static Definition,
    /// The other one.
    pub other: &'static Definition,
}

impl PartialEq for DuplicateTask {
    fn eq(&self, other: &Self) -> bool {
        self.one.is_same(other.one) && self.other.is_same(other.other)
    }
}

impl Registry {
    /// That of this process.
    pub fn of_process() -> &'static Self {
        static REGISTRY: OnceLock<Registry> = OnceLock::new();
        REGISTRY.get_or_init(|| {
            let registry = Self { tasks: Mutex::default() };
            for Registered(task) in inventory::iter::<Registered> {
                // Found again by whoever asks.
                registry.enter(task()).ok();
            }
            registry
        })
    }

    /// Finds a task by its name.
    #[must_use]
    pub fn find(&self, name: &str) -> Lookup {
        match lock_std(&self.tasks).get(name) {
            Some(Entry::One(task)) => Lookup::Found(task),
            Some(&Entry::Two(one, other)) => Lookup::Ambiguous(DuplicateTask { one, other }),
            None => Lookup::Unknown,
        }
    }

    /// All tasks, by name; of several with one name, the one that was entered first.
    #[must_use]
    pub fn tasks(&self) -> Vec<&'static Definition> {
        let entries = lock_std(&self.tasks);
        let mut tasks: Vec<_> = entries.values().map(Entry::first).collect();
        drop(entries);
        tasks.sort_unstable_by_key(|task| task.name());
        tasks
    }

    /// The names that several tasks have, for programs that would rather not begin with such a fault. A call
    /// of one works where it was made, and is refused where it is only known by its name.
    #[must_use]
    pub fn duplicates(&self) -> Vec<DuplicateTask> {
        let entries = lock_std(&self.tasks);
        let two = |entry: &Entry| match *entry {
            Entry::One(_) => None,
            Entry::Two(one, other) => Some(DuplicateTask { one, other }),
        };
        let mut found: Vec<_> = entries.values().filter_map(two).collect();
        drop(entries);
        found.sort_unstable_by_key(|found| found.one.name());
        found
    }

    /// Enters a task; one that is there already changes nothing.
    fn enter(&self, task: &'static Definition) -> Result<(), DuplicateTask> {
        let mut tasks = lock_std(&self.tasks);
        let entry = tasks.entry(task.name()).or_insert(Entry::One(task));
        let there = entry.first();
        if there.is_same(task) {
            return Ok(());
        }
        *entry = Entry::Two(there, task);
        Err(DuplicateTask { one: there, other: task })
    }
}

impl Entry {
    fn first(&self) -> &'static Definition {
        match self {
            Self::One(task) | Self::Two(task, _) => task,
        }
    }
}

impl fmt::Display for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(task) => write!(f, "{} at {}", task.name(), task.origin()),
            Self::Unknown => f.write_str("no task of that name"),
            Self::Ambiguous(found) => found.fmt(f),
        }
    }
}

/// Enters tasks by name: see [`Registry`].
///
/// Needed on platforms that run nothing before `main`, and for tasks of libraries that a linker may leave
/// out. A task that is known already is no fault. Yields a `Result`.
///
/// # Errors
/// If another task has the name of one: see [`DuplicateTask`]. The others
/// are entered all the same.
///
/// ```
/// use gonex_task::portable::Registry;
/// use gonex_task::{task, tasks};
///
/// mod shop {
///     #[gonex_task::task(crate = gonex_task)]
///     pub fn halve(n: u32) -> u32 {
///         n / 2
///     }
/// }
///
/// #[task(crate = gonex_task)]
/// fn double(n: u32) -> u32 {
///     2 * n
/// }
///
/// tasks![double, shop::halve]?;
/// assert!(Registry::of_process().tasks().len() >= 2);
/// # Ok::<(), gonex_task::portable::DuplicateTask>(())
/// ```
#[macro_export]
macro_rules! tasks {
    ($($task:ty),* $(,)?) => {
        $crate::portable::register(&[$(<$task>::__gonex_definition()),*])
    };
}

/// What [`tasks!`](crate::tasks) does.
pub fn register(tasks: &[&'static Definition]) -> Result<(), DuplicateTask> {
    let registry = Registry::of_process();
    // All are entered, whatever comes of one.
    let entered: Vec<_> = tasks.iter().map(|task| registry.enter(task)).collect();
    entered.into_iter().collect()
}
