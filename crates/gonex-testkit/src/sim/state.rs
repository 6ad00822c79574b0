use std::collections::HashMap;
use std::panic::Location;
use std::sync::{Arc, Condvar};
use std::task::Waker;
use std::thread::ThreadId;
use std::time::Duration;

use gonex_core::Instant;
use gonex_core::op::Subject;
use gonex_core::rt::{Parker, is_uninterrupted};

use super::choice::Choice;
use super::fault::{Fault, Waiting};
use super::timers::Timers;
use super::trace::{Trace, What};

/// The bounds of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) steps: u64,
    pub(super) time: Option<Duration>,
    pub(super) threads: usize,
    pub(super) lines: usize,
    pub(super) step_time: Duration,
    pub(super) patience: Duration,
    pub(super) panics_are_outcomes: bool,
}

/// A run as it stands: behind one lock, which no code of others runs under.
#[derive(Debug)]
pub(super) struct State {
    pub(super) bounds: Bounds,
    origin: Instant,
    pub(super) now: Instant,
    pub(super) timers: Timers,
    pub(super) trace: Trace,
    choice: Choice,
    threads: Vec<Simulated>,
    pub(super) ids: HashMap<ThreadId, usize>,
    alive: usize,
    /// Who has the turn, and who had it last.
    pub(super) turn: Option<usize>,
    last: usize,
    pub(super) steps: u64,
    /// How often the turn was handed on, to tell whether anything goes on.
    pub(super) moves: u64,
    /// How often time has moved since somebody had the turn.
    jumps: u64,
    /// Turns after the run has failed.
    turns_to_end: u64,
    /// Why the run has failed. Its threads are unwound then.
    pub(super) fault: Option<Fault>,
    pub(super) over: bool,
    /// What is left cannot be ended: nobody has a turn any more.
    pub(super) gave_up: bool,
}

#[derive(Debug)]
struct Simulated {
    phase: Phase,
    /// Whether it may be unwound where it waits.
    may_unwind: bool,
    /// Where it panicked last.
    panicked_at: Option<String>,
    /// What of it has to wait, since it was last woken.
    waits_for: Vec<(Subject, &'static Location<'static>)>,
    /// Told when it gets the turn.
    go: Arc<Condvar>,
}

#[derive(Debug)]
pub(super) enum Phase {
    Ready,
    Parked { parker: Arc<Parker>, deadline: Option<Instant> },
    Joining(usize),
    Ended,
}

/// What comes next.
pub(super) enum Next {
    Turn(usize),
    Fire(Waker),
    Over,
}

/// If time moves so often without anybody's turn, timers keep only themselves busy.
const MOST_JUMPS: u64 = 10_000;
/// So many turns the threads of a run that has failed have to end.
const MOST_TURNS_TO_END: u64 = 100_000;

impl State {
    pub(super) fn new(seed: u64, bounds: Bounds) -> Self {
        let origin = Instant::now();
        Self {
            bounds,
            origin,
            now: origin,
            timers: Timers::default(),
            trace: Trace::new(bounds.lines),
            choice: Choice::new(seed),
            threads: Vec::new(),
            ids: HashMap::new(),
            alive: 0,
            turn: None,
            last: 0,
            steps: 0,
            moves: 0,
            jumps: 0,
            turns_to_end: 0,
            fault: None,
            over: false,
            gave_up: false,
        }
    }

    /// The simulated time since the beginning.
    pub(super) fn elapsed(&self) -> Duration {
        self.now - self.origin
    }

    pub(super) fn start(&mut self, by: Option<usize>, name: String) -> usize {
        let thread = self.threads.len();
        self.threads.push(Simulated {
            phase: Phase::Ready,
            may_unwind: true,
            panicked_at: None,
            waits_for: Vec::new(),
            go: Arc::default(),
        });
        self.alive += 1;
        self.trace.start(self.elapsed(), by, name);
        thread
    }

    pub(super) fn alive(&self) -> usize {
        self.alive
    }

    pub(super) fn end(&mut self, thread: usize) {
        self.threads[thread].phase = Phase::Ended;
        self.threads[thread].waits_for.clear();
        self.alive -= 1;
        self.tell(thread, What::Ends);
    }

    pub(super) fn has_ended(&self, thread: usize) -> bool {
        matches!(self.threads[thread].phase, Phase::Ended)
    }

    pub(super) fn go(&self, thread: usize) -> Arc<Condvar> {
        self.threads[thread].go.clone()
    }

    /// What this thread does while others have their turn.
    pub(super) fn leave(&mut self, thread: usize, phase: Phase) {
        let own = &mut self.threads[thread];
        own.phase = phase;
        own.may_unwind = !is_uninterrupted();
    }

    /// This thread has the turn again.
    pub(super) fn resume(&mut self, thread: usize) {
        let own = &mut self.threads[thread];
        if !matches!(std::mem::replace(&mut own.phase, Phase::Ready), Phase::Ready) {
            own.waits_for.clear();
        }
    }

    pub(super) fn waits(
        &mut self,
        thread: usize,
        subject: Subject,
        place: &'static Location<'static>,
    ) {
        self.trace.waits(thread, place);
        self.threads[thread].waits_for.push((subject, place));
    }

    pub(super) fn set_panic_place(&mut self, thread: usize, place: Option<String>) {
        self.threads[thread].panicked_at = place;
    }

    pub(super) fn last_panic_place(&self, thread: usize) -> Option<String> {
        self.threads[thread].panicked_at.clone()
    }

    /// Adds a line, unless the run only ends its threads.
    pub(super) fn tell(&mut self, thread: usize, what: What) {
        if self.fault.is_none() {
            self.trace.add(self.elapsed(), thread, what);
        }
    }

    /// One more step; too many are a fault.
    pub(super) fn count_step(&mut self) {
        self.steps += 1;
        self.now += self.bounds.step_time;
        if self.steps >= self.bounds.steps {
            self.fail(Fault::Steps(self.bounds.steps));
        }
    }

    /// The run has failed, if it has not before.
    pub(super) fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
    }

    /// Decides who goes on, and moves time if nobody can. `None` if nobody ever will.
    pub(super) fn decide(&mut self) -> Option<Next> {
        loop {
            if let Some(due) = self.timers.take_due(self.now) {
                return Some(Next::Fire(due));
            }
            if self.alive == 0 {
                return Some(Next::Over);
            }
            let ready: Vec<usize> =
                (0..self.threads.len()).filter(|&thread| self.is_ready(thread)).collect();
            if !ready.is_empty() {
                return self.take_turn(&ready).map(Next::Turn);
            }
            self.jumps += 1;
            match self.next_time().filter(|_| self.jumps < MOST_JUMPS) {
                Some(at) => self.jump(at),
                // Those that may be unwound are ready then.
                None if self.fault.is_none() => self.fail(self.deadlock()),
                None => return None,
            }
        }
    }

    fn take_turn(&mut self, ready: &[usize]) -> Option<usize> {
        if self.fault.is_some() {
            self.turns_to_end += 1;
            if self.turns_to_end > MOST_TURNS_TO_END {
                return None;
            }
        }
        self.jumps = 0;
        self.moves += 1;
        self.last = self.choice.next(ready, self.last);
        Some(self.last)
    }

    fn is_ready(&self, thread: usize) -> bool {
        let Simulated { phase, may_unwind, .. } = &self.threads[thread];
        let is_unwound = self.fault.is_some() && *may_unwind;
        match phase {
            Phase::Ready => true,
            Phase::Parked { parker, deadline } => {
                parker.is_notified() || deadline.is_some_and(|at| at <= self.now) || is_unwound
            }
            Phase::Joining(other) => self.has_ended(*other) || is_unwound,
            Phase::Ended => false,
        }
    }

    /// The next moment at which time alone changes something.
    fn next_time(&self) -> Option<Instant> {
        let deadlines = self.threads.iter().filter_map(|thread| match thread.phase {
            Phase::Parked { deadline, .. } => deadline,
            _ => None,
        });
        deadlines.chain(self.timers.next()).min()
    }

    fn jump(&mut self, to: Instant) {
        match self.bounds.time {
            Some(most) if to - self.origin > most && self.fault.is_none() => {
                self.fail(Fault::Time(most));
            }
            _ => self.now = self.now.max(to),
        }
    }

    /// Who waits for what, and will for ever.
    fn deadlock(&self) -> Fault {
        let waiting = self.threads.iter().enumerate().filter_map(|(thread, own)| {
            let what = match &own.phase {
                Phase::Ended => return None,
                Phase::Joining(other) => vec![format!("the end of [{other}]")],
                _ if own.waits_for.is_empty() => vec!["its waker, in no operation".to_owned()],
                _ => own.waits_for.iter().map(|(subject, at)| self.say(subject, at)).collect(),
            };
            Some(Waiting { thread: self.trace.name(thread), number: thread, what })
        });
        Fault::Deadlock { body_has_ended: self.has_ended(0), waiting: waiting.collect() }
    }

    fn say(&self, subject: &Subject, place: &'static Location<'static>) -> String {
        format!("{}, at {place}", self.trace.say(subject))
    }
}
