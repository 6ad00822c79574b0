use std::io;
use std::panic::Location;
use std::sync::Arc;
use std::task::Waker;
use std::thread::ThreadId;
use std::time::Duration;

use gonex_core::Instant;
use gonex_core::op::{Name, Subject};
use gonex_core::primitive::wake;
use gonex_core::rt::{
    Parker, Seam, Simulation, Thread, ThreadOptions, Timer, TimerKeeper, TimerKey,
};

use super::state::Phase;
use super::trace::What;
use super::world::{World, refuse_stranger};

/// A run as the threads in it have it.
#[derive(Debug)]
pub(super) struct Simulated(pub(super) Arc<World>);

impl Seam for Simulated {
    fn now(&self) -> Instant {
        self.0.lock().now
    }

    fn park(&self, parker: &Arc<Parker>, deadline: Option<Instant>) {
        let Some(own) = self.0.number() else { refuse_stranger() };
        let mut state = self.0.lock();
        self.0.unwind_if_failed(&state);
        if parker.is_notified() && state.fault.is_none() {
            // A task that wakes itself goes round and round without a step in between.
            state.count_step();
        }
        self.0.give_turn(state, own, Phase::Parked { parker: parker.clone(), deadline });
        // Whatever ended the wait, a notification is used up by it.
        parker.park(Some(Duration::ZERO));
    }

    fn timer(&self, at: Instant, waker: Waker) -> Timer {
        let mut state = self.0.lock();
        if at > state.now {
            return Timer::new(self.0.clone(), state.timers.set(at, waker));
        }
        let key = state.timers.none();
        drop(state);
        wake(waker);
        Timer::new(self.0.clone(), key)
    }

    fn random(&self) -> u64 {
        self.0.dice.throw()
    }

    fn spawn_thread(
        &self,
        options: ThreadOptions,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<Thread> {
        self.0.start(options, body)
    }

    fn simulation(&self) -> Option<&dyn Simulation> {
        Some(self)
    }
}

impl Simulation for Simulated {
    fn step(&self, subject: Subject, place: &'static Location<'static>) {
        let Some(own) = self.0.number() else { return };
        self.0.step(own, |state| {
            let time = state.elapsed();
            state.trace.step(time, own, subject, place);
        });
    }

    fn pause(&self) {
        if let Some(own) = self.0.number() {
            self.0.pause(own);
        }
    }

    fn waits(&self, subject: Subject, place: &'static Location<'static>) {
        let Some(own) = self.0.number() else { return };
        let mut state = self.0.lock();
        if state.fault.is_none() {
            state.waits(own, subject, place);
        }
    }

    fn join(&self, thread: ThreadId) {
        let Some(own) = self.0.number() else { return };
        let mut state = self.0.lock();
        let Some(&other) = state.ids.get(&thread) else { return };
        if !state.has_ended(other) {
            self.0.unwind_if_failed(&state);
            state.tell(own, What::Joins(other));
            self.0.give_turn(state, own, Phase::Joining(other));
        }
    }

    fn runs(&self, task: Name, number: Option<u64>, from: &'static Location<'static>) {
        let Some(own) = self.0.number() else { return };
        self.0.lock().trace.runs(own, task, number, from);
    }
}

impl TimerKeeper for World {
    fn call_off(&self, key: TimerKey) -> Option<Waker> {
        self.lock().timers.call_off(key)
    }
}
