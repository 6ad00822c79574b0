use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;

use gonex_core::primitive::{discard, lock_std, wait, wake};
use gonex_core::rt::{self, Thread, ThreadOptions, is_uninterrupted};

use super::fault::Fault;
use super::state::{Bounds, Next, Phase, State};
use super::trace::What;
use crate::dice::Dice;

/// One run: threads of the system, of which one at a time has the turn.
///
/// # Deadlock safety
/// One lock, a leaf: what is woken or unwound is so outside of it.
pub(super) struct World {
    pub(super) state: Mutex<State>,
    /// Told when the run is over, or given up.
    done: Condvar,
    pub(super) dice: Dice,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

/// What a thread is unwound with when its run has failed.
struct Ended;

thread_local! {
    /// The run of this thread, and its number there.
    static OWN: RefCell<Option<(Arc<World>, usize)>> = const { RefCell::new(None) };
    /// Whether this thread fires timers, and so runs wakers for others.
    static FIRES: Cell<bool> = const { Cell::new(false) };
}

impl World {
    pub(super) fn new(seed: u64, bounds: Bounds) -> Arc<Self> {
        let (state, done) = (Mutex::new(State::new(seed, bounds)), Condvar::new());
        Arc::new(Self { state, done, dice: Dice::new(seed, 2) })
    }

    /// The run that this thread belongs to.
    pub(super) fn of_this_thread() -> Option<(Arc<Self>, usize)> {
        // A thread that ends may have no such variable any more.
        OWN.try_with(|own| own.try_borrow().ok()?.clone()).ok().flatten()
    }

    /// The number of this thread in this run, unless it is not in it, or fires timers for others.
    pub(super) fn number(&self) -> Option<usize> {
        let (world, number) = Self::of_this_thread()?;
        (std::ptr::eq(&*world, self) && !FIRES.get()).then_some(number)
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        lock_std(&self.state)
    }

    /// Starts a thread that waits for its turn.
    pub(super) fn start(
        self: &Arc<Self>,
        options: ThreadOptions,
        body: Box<dyn FnOnce() + Send>,
    ) -> std::io::Result<Thread> {
        let mut state = self.lock();
        let most = state.bounds.threads;
        if state.alive() >= most {
            state.fail(Fault::Threads(most));
            return Err(std::io::Error::other("the simulation has as many threads as it may"));
        }
        let number = state.start(self.number(), options.name.clone());
        drop(state);
        let world = self.clone();
        let started = Thread::start(options, Box::new(move || world.run(number, body)));
        let mut state = self.lock();
        match &started {
            Ok(thread) => {
                state.ids.insert(thread.id(), number);
            }
            Err(_) => state.end(number),
        }
        started
    }

    /// What a thread of the run does from its beginning to its end.
    fn run(self: Arc<Self>, number: usize, body: Box<dyn FnOnce() + Send>) {
        OWN.set(Some((self.clone(), number)));
        let has_failed = {
            let mut state = self.await_turn(self.lock(), number);
            state.resume(number);
            state.fault.is_some()
        };
        let ended = catch_unwind(AssertUnwindSafe(|| if has_failed { drop(body) } else { body() }));
        if let Err(payload) = ended {
            self.has_thrown(number, &*payload);
            discard(payload);
        }
        let mut state = self.lock();
        state.end(number);
        self.hand_on(state, None);
        OWN.set(None);
    }

    /// A thread has been left by a panic; that of the body is a fault in any case.
    fn has_thrown(&self, number: usize, payload: &(dyn Any + Send)) {
        let mut state = self.lock();
        if payload.is::<Ended>() || number != 0 {
            return;
        }
        let (message, place) = (message(payload), state.last_panic_place(number));
        let thread = state.trace.name(number);
        state.fail(Fault::Panicked { thread, message, place });
    }

    /// This thread takes a step, before which others may have their turn. It is told afterwards: so the
    /// lines stand in the order in which things were done.
    pub(super) fn step(&self, number: usize, tell: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        self.unwind_if_failed(&state);
        if state.fault.is_none() {
            state.count_step();
        }
        self.give_turn(state, number, Phase::Ready);
        let mut state = self.lock();
        if state.fault.is_none() {
            tell(&mut state);
        }
    }

    /// Others may have their turn before this thread goes on.
    pub(super) fn pause(&self, number: usize) {
        let mut state = self.lock();
        self.unwind_if_failed(&state);
        if state.fault.is_none() {
            let time = state.elapsed();
            state.trace.done(time, number);
        }
        self.give_turn(state, number, Phase::Ready);
    }

    /// This thread does nothing until it has the turn again, which the phase says when it can have.
    pub(super) fn give_turn<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        number: usize,
        phase: Phase,
    ) {
        state.leave(number, phase);
        self.hand_on(state, Some(number));
        let mut state = self.lock();
        state.resume(number);
        self.unwind_if_failed(&state);
    }

    /// Ends this thread, if the run has failed and it may be unwound.
    pub(super) fn unwind_if_failed(&self, state: &MutexGuard<'_, State>) {
        if state.fault.is_some() && !is_uninterrupted() {
            resume_unwind(Box::new(Ended));
        }
    }

    /// Hands the turn on, and waits until `own` has it again.
    fn hand_on<'a>(&'a self, mut state: MutexGuard<'a, State>, own: Option<usize>) {
        while !state.gave_up {
            match state.decide() {
                Some(Next::Fire(due)) => {
                    drop(state);
                    fire(|| wake(due));
                    state = self.lock();
                }
                Some(Next::Turn(next)) => {
                    state.turn = Some(next);
                    if own != Some(next) {
                        state.go(next).notify_one();
                    }
                    break;
                }
                Some(Next::Over) => {
                    state.over = true;
                    self.done.notify_all();
                    break;
                }
                None => self.give_up(&mut state),
            }
        }
        if let Some(number) = own {
            drop(self.await_turn(state, number));
        }
    }

    /// In a run that was given up this never returns: nobody may go on beside whoever is stuck.
    fn await_turn<'a>(
        &self,
        mut state: MutexGuard<'a, State>,
        number: usize,
    ) -> MutexGuard<'a, State> {
        let go = state.go(number);
        while state.turn != Some(number) {
            state = wait(&go, state);
        }
        state
    }

    fn give_up(&self, state: &mut State) {
        state.gave_up = true;
        state.turn = None;
        self.done.notify_all();
    }

    /// Runs the body as the first thread, and waits until no thread is left, or nothing goes on.
    pub(super) fn play(self: &Arc<Self>, body: impl FnOnce() + Send + 'static) {
        let world = self.clone();
        let body = Box::new(move || {
            rt::adopt(Some(Arc::new(super::seam::Simulated(world))));
            body();
        });
        let started = self.start(ThreadOptions::named("main"), body);
        if let Err(error) = started {
            panic!("the system has no thread for the simulation: {error}");
        }
        let mut state = self.lock();
        state.turn = Some(0);
        state.go(0).notify_one();
        let patience = state.bounds.patience;
        let mut moves = state.moves;
        while !state.over && !state.gave_up {
            let (after, waited) = self
                .done
                .wait_timeout(state, patience)
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            state = after;
            if waited.timed_out() && state.moves == moves && !state.over {
                let thread = state.turn.map_or_else(String::new, |stuck| state.trace.name(stuck));
                state.fail(Fault::Stuck { thread, patience });
                self.give_up(&mut state);
            }
            moves = state.moves;
        }
        let timers = state.timers.clear();
        drop(state);
        drop(timers);
    }

    /// Notes a panic of this thread.
    pub(super) fn note_panic(&self, number: usize, message: String, place: Option<String>) {
        let mut state = self.lock();
        if state.fault.is_some() {
            return;
        }
        let thread = state.trace.name(number);
        state.tell(number, What::Panics(message.clone()));
        state.set_panic_place(number, place.clone());
        if !state.bounds.panics_are_outcomes {
            state.fail(Fault::Panicked { thread, message, place });
        }
    }
}

/// Runs wakers for others: what they do is no step of this thread.
fn fire(wakers: impl FnOnce()) {
    let before = FIRES.replace(true);
    wakers();
    FIRES.set(before);
}

/// The message of a panic.
pub(super) fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a payload that is no message").to_owned()
}

/// What a thread that is not of the run is told when it waits in it.
pub(super) fn refuse_stranger() -> ! {
    let own = thread::current();
    panic!(
        "an operation waits on thread {:?}, which the simulation did not start and cannot schedule; \
         start it with `go`, `thread::spawn` or `rt::spawn_thread`, and wait outside of `compute`",
        own.name().unwrap_or("without a name")
    )
}
