use std::cell::{Cell, OnceCell, RefCell};
use std::sync::{Arc, OnceLock, Weak};

use gonex_core::rt::{self, Seam};
use gonex_task::PanicHook;
use gonex_task::place::Place;

use super::Runtime;
use super::known::RuntimeId;
use super::runtime::Core;

thread_local! {
    /// That of the thread, for good.
    static ADOPTED: OnceCell<Arc<Core>> = const { OnceCell::new() };
    /// That of the [`enter`](Runtime::enter) around.
    static ENTERED: RefCell<CoreRef> = const { RefCell::new(CoreRef::none()) };
    /// Whether there is one around: without a destructor to see to, this is a look at memory.
    static IS_ENTERED: Cell<bool> = const { Cell::new(false) };
    /// The number of the runtime of the moment, which every piece of parallel work asks for.
    static CURRENT: Cell<RuntimeId> = const { Cell::new(RuntimeId::SHARED) };
    /// Whose task is polled here, on a thread that is not its own.
    static POLLED_FOR: Cell<Option<RuntimeId>> = const { Cell::new(None) };
}

/// Makes a runtime the entered one; yields the one before, and whether there was one.
fn replace(runtime: CoreRef, is_entered: bool) -> (CoreRef, bool) {
    CURRENT.set(if is_entered { runtime.id } else { adopted().unwrap_or(RuntimeId::SHARED) });
    (ENTERED.replace(runtime), IS_ENTERED.replace(is_entered))
}

/// Lends the runtime with this number, if it is the shared one, or the one that this thread works for.
#[inline]
pub(super) fn with_near<R>(runtime: RuntimeId, body: impl FnOnce(&Core) -> R) -> Option<R> {
    if runtime == RuntimeId::SHARED {
        return DEFAULT.get().map(|shared| body(shared.core()));
    }
    let adopted = ADOPTED.try_with(|adopted| {
        adopted.get().filter(|core| core.own.id == runtime).map(|core| body(core))
    });
    // A thread that ends may have no such variable any more.
    adopted.ok().flatten()
}

/// The number of the runtime that this thread works for, if it is the thread of one.
fn adopted() -> Option<RuntimeId> {
    let adopted = ADOPTED.try_with(|adopted| adopted.get().map(|core| core.own.id));
    // A thread that ends may have no such variable any more.
    adopted.ok().flatten()
}

/// Lends the runtime of the moment. Its counts are shared by all threads, and counting is what costs.
pub(super) fn with_current<R>(body: impl FnOnce(&Core) -> R) -> R {
    if IS_ENTERED.get() {
        let entered = ENTERED.try_with(|entered| entered.borrow().upgrade()).ok().flatten();
        return body(entered.as_ref().unwrap_or_else(|| default().core()));
    }
    let mut body = Some(body);
    let mut take = || body.take().expect("it is called once");
    let adopted = ADOPTED.try_with(|adopted| adopted.get().map(|core| take()(core)));
    // A thread that ends may have no such variable any more.
    adopted.ok().flatten().unwrap_or_else(|| take()(default().core()))
}

/// Lends the runtime of the moment, if there is one without starting it.
fn with_settled<R>(body: impl FnOnce(&Core) -> R) -> Option<R> {
    let current = RuntimeId::current().find();
    let core = current.or_else(|| DEFAULT.get().map(|shared| shared.core().own.clone()))?;
    core.upgrade().map(|core| body(&core))
}

/// The number of threads of the runtime of the moment, if there is one.
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub(crate) fn settled_threads() -> Option<std::num::NonZeroUsize> {
    with_settled(Core::threads)
}

/// What the runtime of the moment has done about panics, if there is one.
pub(crate) fn settled_hook() -> Option<PanicHook> {
    with_settled(Place::hook)
}

/// The runtime that is shared by the process.
static DEFAULT: OnceLock<Runtime> = OnceLock::new();

fn default() -> &'static Runtime {
    DEFAULT.get_or_init(|| {
        let start = || Runtime::builder().panic_hook(PanicHook::Untouched).build_shared();
        // It outlives whatever test or simulation asks for it first.
        rt::enter_shared(start).expect("the system has threads for tasks")
    })
}

impl RuntimeId {
    /// That of the runtime of the moment.
    #[inline]
    pub(crate) fn current() -> Self {
        CURRENT.get()
    }
}

impl Runtime {
    /// Returns the runtime of the running task or of the [`enter`](Self::enter) around it, or else
    /// one that is shared by the process: started at first use with the defaults of
    /// [`Runtime::builder`], but without a panic hook, which is not a library's to install.
    ///
    /// # Panics
    /// If the shared one is needed and the system has no threads for it.
    #[must_use]
    #[track_caller]
    pub fn current() -> Self {
        let own = with_current(|core| core.own.upgrade());
        own.map_or_else(|| default().clone(), Self::inside)
    }

    /// Runs a closure in which this is the current runtime.
    ///
    /// ```
    /// use gonex_runtime::{Runtime, go};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let runtime = Runtime::builder().name("mine").build()?;
    /// let name = || std::thread::current().name().map(str::to_owned);
    /// let name = runtime.enter(|| go(name)).join().block()?;
    /// assert!(name.is_some_and(|name| name.starts_with("mine-")));
    /// # Ok(())
    /// # }
    /// ```
    pub fn enter<T>(&self, body: impl FnOnce() -> T) -> T {
        self.core().own.enter(body)
    }
}

/// A way to a runtime that does not keep it alive: what its own threads hold.
#[derive(Clone, Debug)]
pub(super) struct CoreRef {
    /// `None` for the shared one, which is found without.
    pub(super) link: Option<Arc<Link>>,
    pub(super) id: RuntimeId,
}

/// What leads to a runtime.
#[derive(Debug)]
pub(super) struct Link {
    core: Weak<Core>,
    /// That which its tasks have, `None` for the one that is found.
    pub(super) seam: Option<Arc<dyn Seam>>,
}

impl CoreRef {
    pub(super) fn new(core: Weak<Core>, id: RuntimeId) -> Self {
        Self { link: Some(Arc::new(Link { core, seam: rt::entered() })), id }
    }

    /// That of the shared one.
    pub(super) const fn none() -> Self {
        Self { link: None, id: RuntimeId::SHARED }
    }

    pub(super) fn id(&self) -> RuntimeId {
        self.id
    }

    pub(super) fn upgrade(&self) -> Option<Arc<Core>> {
        self.link.as_ref()?.core.upgrade()
    }

    /// Makes it the current runtime of this thread for good, and keeps what is needed to hand tasks
    /// in as long as the thread.
    pub(super) fn adopt(&self) {
        if let Some(core) = self.upgrade() {
            ADOPTED.with(|adopted| drop(adopted.set(core)));
            CURRENT.set(self.id);
        }
    }

    pub(super) fn is_current(&self) -> bool {
        RuntimeId::current() == self.id
    }

    pub(super) fn enter<T>(&self, body: impl FnOnce() -> T) -> T {
        self.clone().enter_moved(body)
    }

    /// Whether this thread works for the runtime: it is one of its own, or polls one of its tasks.
    pub(super) fn is_inside(&self) -> bool {
        POLLED_FOR.get() == Some(self.id) || adopted() == Some(self.id)
    }

    /// Runs a step of what belongs to the runtime, so that it is taken to be [inside](Self::is_inside).
    pub(super) fn inside<T>(&self, body: impl FnOnce() -> T) -> T {
        Self::inside_of(self.id, body)
    }

    pub(super) fn inside_of<T>(runtime: RuntimeId, body: impl FnOnce() -> T) -> T {
        struct PutBack(Option<RuntimeId>);
        impl Drop for PutBack {
            fn drop(&mut self) {
                POLLED_FOR.set(self.0);
            }
        }
        let _before = PutBack(POLLED_FOR.replace(Some(runtime)));
        body()
    }

    /// The same without a count, which all threads share: it is moved there and back.
    pub(super) fn enter_moved<T>(&mut self, body: impl FnOnce() -> T) -> T {
        struct PutBack<'a> {
            runtime: &'a mut CoreRef,
            before: CoreRef,
            was_entered: bool,
        }
        impl Drop for PutBack<'_> {
            fn drop(&mut self) {
                let before = std::mem::replace(&mut self.before, CoreRef::none());
                (*self.runtime, _) = replace(before, self.was_entered);
            }
        }
        if self.is_current() {
            return body();
        }
        let (before, was_entered) = replace(std::mem::replace(self, CoreRef::none()), true);
        let _put_back = PutBack { runtime: self, before, was_entered };
        body()
    }
}
