use std::fmt;
use std::future::Future;
use std::sync::OnceLock;

use gonex_core::Op;

use super::{FromClosure, FromFuture, Init, TryInit};
use crate::constant::constant;
use crate::semaphore::core::Core;

/// The value, and the right to make it, which one has at a time.
#[derive(Debug)]
pub(crate) struct Cell<T> {
    value: OnceLock<T>,
    /// Closed when the value is there, which ends every wait at once.
    turn: Core,
}

impl<T> Cell<T> {
    constant! {
        pub(crate) const fn new() -> Self {
            Self { value: OnceLock::new(), turn: Core::new(1) }
        }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        self.value.get()
    }

    pub(super) fn turn(&self) -> &Core {
        &self.turn
    }

    /// For who has the turn.
    pub(super) fn fill(&self, value: T) {
        // Only who has the turn fills it, and nobody gets the turn again.
        let filled = self.value.set(value);
        debug_assert!(filled.is_ok(), "one has the turn");
        self.turn.close();
    }
}

/// A value that is made once, by whoever needs it first; the others wait for it.
///
/// An initializer that returns an error, panics, or is given up while it runs, makes no value, and
/// the next one in line tries its own. An initializer that asks for the same value waits for itself,
/// for ever.
///
/// ```
/// use gonex_sync::Once;
///
/// static GREETING: Once<String> = Once::new();
///
/// assert_eq!(GREETING.get(), None);
/// let made = GREETING.get_or_try_init(|| "7".parse::<u8>().map(|n| format!("hello {n}")));
/// assert_eq!(made.block().unwrap(), "hello 7");
/// assert_eq!(GREETING.get_or_init(|| String::from("too late")).block(), "hello 7");
/// ```
pub struct Once<T> {
    cell: Cell<T>,
}

/// A value that was not set; it comes back.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetError<T> {
    /// There is a value already.
    #[error("cannot set: there is a value already")]
    AlreadySet(T),
    /// Somebody is making a value.
    #[error("cannot set: a value is being made; wait for it with `get_or_init`")]
    Initializing(T),
}

impl<T> SetError<T> {
    /// The value that was not set.
    ///
    /// ```
    /// let once = gonex_sync::Once::from(1);
    /// assert_eq!(once.set(2).unwrap_err().into_inner(), 2);
    /// ```
    pub fn into_inner(self) -> T {
        match self {
            Self::AlreadySet(value) | Self::Initializing(value) => value,
        }
    }
}

// What is inside need not be printable.
impl<T> fmt::Debug for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadySet(_) => "AlreadySet(..)",
            Self::Initializing(_) => "Initializing(..)",
        })
    }
}

impl<T> Once<T> {
    constant! {
        /// Makes one without a value.
        #[must_use]
        pub const fn new() -> Self {
            Self { cell: Cell::new() }
        }
    }

    pub(super) fn cell(&self) -> &Cell<T> {
        &self.cell
    }

    /// The value, if there is one by now.
    ///
    /// ```
    /// let once = gonex_sync::Once::new();
    /// assert_eq!(once.get(), None);
    /// once.set(1).unwrap();
    /// assert_eq!(once.get(), Some(&1));
    /// ```
    pub fn get(&self) -> Option<&T> {
        self.cell.get()
    }

    /// The value, to change it: nobody else can reach it.
    ///
    /// ```
    /// let mut once = gonex_sync::Once::from(1);
    /// *once.get_mut().unwrap() += 1;
    /// assert_eq!(once.get(), Some(&2));
    /// ```
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.cell.value.get_mut()
    }

    /// Gives it a value.
    ///
    /// # Errors
    /// Gives the value back if there is one, or if one is being made.
    ///
    /// ```
    /// let once = gonex_sync::Once::new();
    /// once.set(1).unwrap();
    /// assert!(once.set(2).is_err());
    /// ```
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        if self.cell.turn.take(1) {
            self.cell.fill(value);
            Ok(())
        } else if self.get().is_some() {
            Err(SetError::AlreadySet(value))
        } else {
            Err(SetError::Initializing(value))
        }
    }

    /// Takes the value out, and starts anew.
    ///
    /// ```
    /// let mut once = gonex_sync::Once::from(1);
    /// assert_eq!(once.take(), Some(1));
    /// once.set(2).unwrap();
    /// assert_eq!(once.take(), Some(2));
    /// assert_eq!(once.take(), None);
    /// ```
    pub fn take(&mut self) -> Option<T> {
        std::mem::take(self).cell.value.into_inner()
    }

    /// The value, out of its cell.
    ///
    /// ```
    /// assert_eq!(gonex_sync::Once::from(1).into_inner(), Some(1));
    /// ```
    pub fn into_inner(self) -> Option<T> {
        self.cell.value.into_inner()
    }

    /// Yields the value, made by the closure if there is none; others that ask meanwhile wait.
    ///
    /// The closure runs on the thread that polls or blocks: in async code it should be short.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line; if it was its turn, the next one tries.
    ///
    /// # Panics
    /// With the closure, and then the next one tries. When the ambient context stops the wait, it
    /// unwinds to the border of the task; without one it is a panic.
    ///
    /// ```
    /// let once = gonex_sync::Once::new();
    /// assert_eq!(*once.get_or_init(|| 1).block(), 1);
    /// assert_eq!(*once.get_or_init(|| 2).block(), 1);
    /// ```
    #[track_caller]
    pub fn get_or_init<F: FnOnce() -> T>(&self, make: F) -> Op<Init<'_, T, FromClosure<F>>> {
        Op::new(Init::new(self, FromClosure::new(make)))
    }

    /// Yields the value, made by a future if there is none; others that ask meanwhile wait.
    ///
    /// The closure is called when it is its turn. Where it is blocked on, the future runs on this
    /// thread.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line; if it was its turn, its future is dropped and
    /// the next one tries.
    ///
    /// # Panics
    /// As [`get_or_init`](Self::get_or_init).
    ///
    /// ```
    /// let once = gonex_sync::Once::new();
    /// assert_eq!(*once.get_or_init_async(async || 1).block(), 1);
    /// assert_eq!(once.get(), Some(&1));
    /// ```
    #[track_caller]
    pub fn get_or_init_async<F, R>(&self, make: F) -> Op<Init<'_, T, FromFuture<F, R>>>
    where
        F: FnOnce() -> R,
        R: Future<Output = T>,
    {
        Op::new(Init::new(self, FromFuture::new(make)))
    }

    /// Yields the value, made by the closure if there is none: see
    /// [`get_or_init`](Self::get_or_init).
    ///
    /// # Cancel safety
    /// As [`get_or_init`](Self::get_or_init).
    ///
    /// # Errors
    /// That of the closure; then there is no value, and the next one tries its own.
    ///
    /// # Panics
    /// As [`get_or_init`](Self::get_or_init).
    ///
    /// ```
    /// let once = gonex_sync::Once::new();
    /// assert_eq!(once.get_or_try_init(|| Err("no")).block(), Err("no"));
    /// assert_eq!(once.get_or_try_init(|| Ok::<_, &str>(1)).block(), Ok(&1));
    /// ```
    #[track_caller]
    pub fn get_or_try_init<F, E>(&self, make: F) -> Op<TryInit<'_, T, FromClosure<F>>>
    where
        F: FnOnce() -> Result<T, E>,
    {
        Op::new(TryInit::new(self, FromClosure::new(make)))
    }

    /// Yields the value, made by a future if there is none: see
    /// [`get_or_init_async`](Self::get_or_init_async).
    ///
    /// # Cancel safety
    /// As [`get_or_init_async`](Self::get_or_init_async).
    ///
    /// # Errors
    /// That of the future; then there is no value, and the next one tries its own.
    ///
    /// # Panics
    /// As [`get_or_init`](Self::get_or_init).
    ///
    /// ```
    /// let once = gonex_sync::Once::new();
    /// assert_eq!(once.get_or_try_init_async(async || Err("no")).block(), Err("no"));
    /// assert_eq!(once.get_or_try_init_async(async || Ok::<_, &str>(1)).block(), Ok(&1));
    /// ```
    #[track_caller]
    pub fn get_or_try_init_async<F, R, E>(&self, make: F) -> Op<TryInit<'_, T, FromFuture<F, R>>>
    where
        F: FnOnce() -> R,
        R: Future<Output = Result<T, E>>,
    {
        Op::new(TryInit::new(self, FromFuture::new(make)))
    }
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for Once<T> {
    fn from(value: T) -> Self {
        let once = Self::new();
        once.cell.fill(value);
        once
    }
}

impl<T: fmt::Debug> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("value", &self.get()).finish()
    }
}
