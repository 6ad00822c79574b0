use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{self, AssertUnwindSafe, Location, PanicHookInfo};
use std::sync::Once;
use std::thread;

use gonex_core::Stop;
use gonex_core::primitive::discard;

use crate::{Stalled, TaskError};

/// A place in source code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourcePlace {
    /// The file as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl From<&Location<'_>> for SourcePlace {
    fn from(location: &Location<'_>) -> Self {
        Self { file: location.file().to_owned(), line: location.line(), column: location.column() }
    }
}

impl fmt::Display for SourcePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A panic of a task, as a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Panic {
    /// The message; for a payload that is no string, its absence in words.
    pub message: String,
    /// Where it happened; `None` where no [`PanicHook`] is installed, or for a panic that was
    /// resumed and so passed no hook.
    pub place: Option<SourcePlace>,
    /// The task's name, or else the place where it was handed in.
    pub task: String,
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task {} panicked", self.task)?;
        if let Some(place) = &self.place {
            write!(f, " at {place}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// What is done about a panic inside a task, beside returning it to whoever joins the task.
///
/// Only a panic hook is told *where* a panic happened, and a hook belongs to the whole process.
/// So gonex installs one only through a builder (of a runtime or a pool), once, in front of the
/// one it finds: panics outside gonex's tasks pass to that one unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PanicHook {
    /// The place is recorded, and the hook that was there before runs, too: by default it prints
    /// message and place on stderr.
    #[default]
    Record,
    /// The place is recorded, and nothing is printed. For programs that report task errors
    /// themselves.
    Quiet,
    /// No hook is installed by this builder. Where another builder has installed it, this is the
    /// same as `Record`; else [`Panic::place`] is `None`.
    Untouched,
}

impl PanicHook {
    /// Installs gonex's hook, unless this is [`PanicHook::Untouched`] or it is there already.
    /// Called by builders; on a thread that is panicking it waits for the next.
    pub fn install(self) {
        static INSTALLED: Once = Once::new();
        if self == Self::Untouched || thread::panicking() {
            return;
        }
        INSTALLED.call_once(|| {
            let before = panic::take_hook();
            panic::set_hook(Box::new(move |info| on_panic(info, &before)));
        });
    }
}

thread_local! {
    /// What the task that runs here wants done about panics; `None` outside tasks.
    static WANTED: Cell<Option<PanicHook>> = const { Cell::new(None) };
    /// Where the last panic inside a task happened.
    static PLACE: RefCell<Option<SourcePlace>> = const { RefCell::new(None) };
    /// Whether there is a place. A look at this one costs nothing, and almost no task panics.
    static HAS_PLACE: Cell<bool> = const { Cell::new(false) };
}

fn replace_place(place: Option<SourcePlace>) -> Option<SourcePlace> {
    // A thread that ends may have no such variable any more.
    HAS_PLACE.set(place.is_some());
    PLACE.try_with(|kept| kept.replace(place)).ok().flatten()
}

fn take_place() -> Option<SourcePlace> {
    if HAS_PLACE.get() { replace_place(None) } else { None }
}

fn on_panic(info: &PanicHookInfo<'_>, before: &(dyn Fn(&PanicHookInfo<'_>) + Send + Sync)) {
    let wanted = WANTED.get();
    if wanted.is_some() {
        drop(replace_place(info.location().map(SourcePlace::from)));
    }
    if wanted != Some(PanicHook::Quiet) {
        before(info);
    }
}

/// Runs a step of a task: this is the border at which panics and stops become values.
///
/// # Errors
/// [`TaskError::Panicked`], or what stopped an operation that could not fail otherwise.
pub(crate) fn catch<T>(
    hook: PanicHook,
    task: impl FnOnce() -> String,
    body: impl FnOnce() -> T,
) -> Result<T, TaskError> {
    // That of a task around which is unwinding, or of a panic that it has caught.
    let before = take_place();
    let outside = WANTED.replace(Some(hook));
    let result = panic::catch_unwind(AssertUnwindSafe(|| Stop::inside_border(body)));
    WANTED.set(outside);
    let place = take_place();
    if before.is_some() {
        drop(replace_place(before));
    }
    result.map_err(|payload| {
        let payload = match Stop::from_unwind(payload) {
            Ok(stop) => return stop.into(),
            Err(payload) => payload,
        };
        match payload.downcast::<Stalled>() {
            Ok(stalled) => TaskError::Stalled(stalled),
            Err(payload) => {
                let message = message(&*payload);
                discard(payload);
                TaskError::Panicked(Box::new(Panic { message, place, task: task() }))
            }
        }
    })
}

/// Runs a part of a task that may fail by itself, and turns a panic in it into a value.
///
/// The panic hook treats it as it treats the task around. Outside tasks it is treated as by
/// [`PanicHook::Untouched`]. `name` is what the error calls the part.
///
/// # Errors
/// [`TaskError::Panicked`], or what stopped an operation that could not fail otherwise.
///
/// ```
/// use gonex_task::{TaskError, isolate};
///
/// let halves = isolate("parser", || "x".parse::<u32>().unwrap() / 2);
/// assert!(matches!(halves, Err(TaskError::Panicked(panic)) if panic.task == "parser"));
/// ```
pub fn isolate<T>(name: &str, body: impl FnOnce() -> T) -> Result<T, TaskError> {
    let around = WANTED.get().unwrap_or(PanicHook::Untouched);
    catch(around, || name.to_owned(), body)
}

/// Drops what nobody wants: a panic of its destructor is left to the panic hook, and harms neither
/// the task nor whoever happens to let go of it last.
pub fn drop_unwanted<T>(value: T) {
    let dropped = panic::catch_unwind(AssertUnwindSafe(|| drop(value)));
    dropped.unwrap_or_else(discard);
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a payload that is no message").to_owned()
}
