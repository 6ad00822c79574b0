use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use super::{Canceller, Context};
use crate::Cause;
use crate::primitive::atomic::{AtomicUsize, Ordering};
use crate::primitive::{Mutex, lock};

/// The contexts of tasks by the tasks' numbers, for who shares nothing else with a task and wants to
/// cancel it.
///
/// Most tasks never need a context of their own, and are in no register: neither end makes one before it
/// needs it. Whichever is first makes the context and enters it; the other finds it.
///
/// # Invariants
/// - An entry is *early* from the time that the outer end has made it to the time that the task takes it
///   or forgets it. `early` counts those, so that a task that starts need not look where there are none.
/// - Who enters a context sees to it that it is forgotten: the task at its end; the outer end when it
///   knows that the task has ended.
///
/// # Deadlock safety
/// Nothing is called under a shard's lock, and contexts are made and dropped outside of it.
#[derive(Debug)]
pub struct Register {
    shards: Box<[Mutex<Shard>]>,
    early: AtomicUsize,
}

type Shard = HashMap<u64, Entered, BuildHasherDefault<Spread>>;

#[derive(Debug)]
struct Entered {
    canceller: Canceller,
    is_early: bool,
}

/// Tasks that end at the same time seldom meet in one of so many. A model of loom's looks at each.
const SHARDS: usize = if cfg!(gonex_loom) { 1 } else { 64 };

/// A shard that has had room for more gives some of it back.
const KEPT: usize = 64;

impl Register {
    /// Makes an empty one, for models; the process has [its own](Self::of_process).
    #[must_use]
    pub fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect(), early: AtomicUsize::new(0) }
    }

    /// That of the process.
    #[inline]
    pub fn of_process() -> &'static Self {
        static REGISTER: LazyLock<Register> = LazyLock::new(Register::new);
        &REGISTER
    }

    fn shard(&self, number: u64) -> &Mutex<Shard> {
        // In turns, since a thread numbers its tasks one after the other.
        let turn = number % self.shards.len() as u64;
        &self.shards[usize::try_from(turn).unwrap_or_default()]
    }

    /// The context of a task that needs it: the one that was entered for it, or a new one.
    pub fn make(&self, number: u64, parent: &Context) -> Canceller {
        let fresh = parent.with_cancel().1;
        let mut shard = lock(self.shard(number));
        match shard.entry(number) {
            Entry::Vacant(place) => {
                place.insert(Entered { canceller: fresh.clone(), is_early: false });
                fresh
            }
            Entry::Occupied(mut entered) => {
                let found = self.taken(entered.get_mut());
                drop(shard);
                drop(fresh);
                found
            }
        }
    }

    /// The context that the outer end has entered for a task that has none yet.
    #[inline]
    pub fn take_early(&self, number: u64) -> Option<Canceller> {
        if self.has_early() { self.look_early(number) } else { None }
    }

    #[cold]
    fn look_early(&self, number: u64) -> Option<Canceller> {
        let mut shard = lock(self.shard(number));
        shard.get_mut(&number).map(|entered| self.taken(entered))
    }

    /// A hint: who was told of an early entry, by whatever way, sees it.
    #[inline]
    fn has_early(&self) -> bool {
        self.early.load(Ordering::Relaxed) > 0
    }

    fn taken(&self, entered: &mut Entered) -> Canceller {
        if std::mem::take(&mut entered.is_early) {
            self.early.fetch_sub(1, Ordering::Relaxed);
        }
        entered.canceller.clone()
    }

    /// The context for the outer end: that of the task, or a new one for the task to find. It says whether
    /// it is a new one.
    pub fn ask(&self, number: u64, parent: &Context) -> (Canceller, bool) {
        let fresh = parent.with_cancel().1;
        let mut shard = lock(self.shard(number));
        match shard.entry(number) {
            Entry::Vacant(place) => {
                place.insert(Entered { canceller: fresh.clone(), is_early: true });
                self.early.fetch_add(1, Ordering::Relaxed);
                (fresh, true)
            }
            Entry::Occupied(entered) => {
                let found = entered.get().canceller.clone();
                drop(shard);
                drop(fresh);
                (found, false)
            }
        }
    }

    /// The context of a task, if there is one.
    fn find(&self, number: u64) -> Option<Canceller> {
        lock(self.shard(number)).get(&number).map(|entered| entered.canceller.clone())
    }

    /// Takes an entry out, if it is there.
    pub fn forget(&self, number: u64) {
        let mut shard = lock(self.shard(number));
        let gone = shard.remove(&number);
        if shard.capacity() > KEPT && shard.len() < shard.capacity() / 8 {
            let room = shard.len() * 2;
            shard.shrink_to(room);
        }
        if gone.as_ref().is_some_and(|entered| entered.is_early) {
            self.early.fetch_sub(1, Ordering::Relaxed);
        }
        drop(shard);
        drop(gone);
    }

    /// What a task does at its end that has made no context: another may have.
    #[inline]
    pub fn forget_early(&self, number: u64) {
        if self.has_early() {
            self.forget(number);
        }
    }

    /// How many are entered, and how many of those are early; for tests.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let all = self.shards.iter().map(|shard| lock(shard).len()).sum();
        (all, self.early.load(Ordering::Relaxed))
    }
}

impl Default for Register {
    fn default() -> Self {
        Self::new()
    }
}

/// Spreads numbers that follow each other: a hash by which nobody can choose where things go is not
/// needed for numbers that nobody chooses.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }

    fn write_u64(&mut self, number: u64) {
        // The golden ratio: it changes the high bits, too, which a table looks at.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 ^= self.0 >> 32;
    }
}

/// The outer end of a context that is made only when the task in it, or this end, first needs it: see
/// [`Reached`](super::Reached).
///
/// ```
/// use gonex_core::Context;
/// use gonex_core::context::{Reach, Reached};
///
/// let (mut task, reach) = Reached::new(Context::background(), 7);
/// reach.cancel("enough", || false);
/// assert!(task.stopped().is_some());
/// ```
pub struct Reach {
    parent: Context,
    number: u64,
    /// Whether this end has entered a context that the task may not have found yet.
    entered: std::sync::atomic::AtomicBool,
}

impl fmt::Debug for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reach").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Reach {
    pub(super) fn new(parent: Context, number: u64) -> Self {
        Self { parent, number, entered: std::sync::atomic::AtomicBool::new(false) }
    }

    /// The number that it was made with.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// assert_eq!(Reached::new(Context::background(), 7).1.number(), 7);
    /// ```
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Cancels the context. `has_ended` says whether the task has gone: then only a context that is still
    /// there is cancelled, for those who inherited it.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// let (mut task, reach) = Reached::new(Context::background(), 7);
    /// let child = task.context().with_value(1_u8);
    /// reach.cancel("enough", || false);
    /// assert_eq!(child.cause().unwrap().to_string(), "enough");
    /// ```
    pub fn cancel(&self, cause: impl Into<Cause>, has_ended: impl Fn() -> bool) {
        let register = Register::of_process();
        if has_ended() {
            if let Some(canceller) = register.find(self.number) {
                canceller.cancel(cause);
            }
            return;
        }
        let (canceller, is_new) = register.ask(self.number, &self.parent);
        if is_new {
            self.entered.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        canceller.cancel(cause);
    }

    /// Whether this end has entered a context, and so must [`forget`](Self::forget) it when the task has
    /// ended.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::Reached;
    ///
    /// let (mut task, reach) = Reached::new(Context::background(), 7);
    /// assert!(!reach.has_entered());
    /// reach.cancel("enough", || false);
    /// assert!(reach.has_entered());
    /// # drop(task);
    /// ```
    #[must_use]
    pub fn has_entered(&self) -> bool {
        self.entered.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Forgets the context of the task with this number, which has ended; again does no harm.
    ///
    /// ```
    /// use gonex_core::Context;
    /// use gonex_core::context::{Reach, Reached};
    ///
    /// let (mut task, reach) = Reached::new(Context::background(), 7);
    /// drop(task);
    /// reach.cancel("too late", || false);
    /// Reach::forget(7);
    /// ```
    pub fn forget(number: u64) {
        Register::of_process().forget(number);
    }
}
