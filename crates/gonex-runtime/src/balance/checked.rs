use std::fmt;
use std::panic::{self, AssertUnwindSafe};

use gonex_core::Instant;
use gonex_core::primitive::discard;

use super::balancer::{Balancer, Ended};
use super::choice::Choice;
use super::least_busy::LeastBusy;
use super::task::TaskView;
use super::worker::{WorkerId, WorkerView};

/// A balancer on which a pool can rely, whoever wrote it.
///
/// An answer with a worker that was not offered, or a theft from an empty queue, is counted, and the task
/// goes into the queue of all. Once a balancer has panicked it is asked no more: [`LeastBusy`] decides
/// from then on, and [`fault`](Self::fault) says what happened.
///
/// ```
/// use gonex_core::Instant;
/// use gonex_runtime::balance::{Balancer, Checked, Choice, TaskView, WorkerId, WorkerView};
///
/// #[derive(Debug)]
/// struct Lost;
///
/// impl Balancer for Lost {
///     fn name(&self) -> &str {
///         "lost"
///     }
///
///     fn choose(&mut self, _: &TaskView, workers: &[WorkerView], _: Instant) -> Choice {
///         Choice::worker(workers.len())
///     }
/// }
///
/// let mut balancer = Checked::new(Lost);
/// let workers = [WorkerView::new(WorkerId::new(1))];
/// let choice = balancer.choose(&TaskView::default(), &workers, gonex_core::rt::now());
/// assert_eq!((choice, balancer.wrong_answers()), (Choice::SHARED, 1));
/// ```
pub struct Checked {
    balancer: Box<dyn Balancer>,
    /// Asked for once, so that a name cannot panic later.
    name: String,
    instead: LeastBusy,
    wrong: u64,
    fault: Option<String>,
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the balancer's own, which may panic as well.
        f.debug_struct("Checked")
            .field("name", &self.name)
            .field("wrong", &self.wrong)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

impl Checked {
    /// Makes one of any balancer.
    #[must_use]
    pub fn new(balancer: impl Balancer + 'static) -> Self {
        Self::boxed(Box::new(balancer))
    }

    /// Makes one of a balancer in a box.
    #[must_use]
    pub fn boxed(balancer: Box<dyn Balancer>) -> Self {
        let name = balancer.name().to_owned();
        Self { balancer, name, instead: LeastBusy::new(), wrong: 0, fault: None }
    }

    /// How many answers could not be followed.
    #[must_use]
    pub const fn wrong_answers(&self) -> u64 {
        self.wrong
    }

    /// What the balancer panicked with, if it has.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Asks the balancer, unless it has panicked before; `None` if it has panicked by now.
    fn ask<T>(&mut self, ask: impl FnOnce(&mut dyn Balancer) -> T) -> Option<T> {
        if self.fault.is_some() {
            return None;
        }
        // What a panic leaves behind in the balancer is not looked at again.
        let answer = panic::catch_unwind(AssertUnwindSafe(|| ask(&mut *self.balancer)));
        match answer {
            Ok(answer) => Some(answer),
            Err(payload) => {
                let text = payload.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
                self.fault = Some(text.unwrap_or("it panicked without a message").to_owned());
                discard(payload);
                None
            }
        }
    }
}

impl Balancer for Checked {
    fn name(&self) -> &str {
        if self.fault.is_some() { self.instead.name() } else { &self.name }
    }

    fn choose(&mut self, task: &TaskView, workers: &[WorkerView], now: Instant) -> Choice {
        let Some(choice) = self.ask(|balancer| balancer.choose(task, workers, now)) else {
            return self.instead.choose(task, workers, now);
        };
        if choice.index().is_some_and(|index| index >= workers.len()) {
            self.wrong += 1;
            return Choice::SHARED.costing(choice.cost());
        }
        choice
    }

    fn steal(&mut self, thief: usize, workers: &[WorkerView], now: Instant) -> Option<usize> {
        let victim = self.ask(|balancer| balancer.steal(thief, workers, now))??;
        let has_some = workers.get(victim).is_some_and(|worker| worker.queued > 0);
        if victim == thief || !has_some {
            self.wrong += 1;
            return None;
        }
        Some(victim)
    }

    fn ended(&mut self, task: &TaskView, ended: &Ended) {
        self.ask(|balancer| balancer.ended(task, ended));
    }

    fn joined(&mut self, worker: &WorkerView, now: Instant) {
        self.ask(|balancer| balancer.joined(worker, now));
    }

    fn left(&mut self, worker: WorkerId, now: Instant) {
        self.ask(|balancer| balancer.left(worker, now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Panics when it is asked for the second time.
    #[derive(Debug)]
    struct Once(bool);

    impl Balancer for Once {
        fn name(&self) -> &str {
            "once"
        }

        fn choose(&mut self, _: &TaskView, _: &[WorkerView], _: Instant) -> Choice {
            assert!(!std::mem::replace(&mut self.0, true), "once is enough");
            Choice::worker(0)
        }

        fn steal(&mut self, _: usize, _: &[WorkerView], _: Instant) -> Option<usize> {
            Some(0)
        }
    }

    #[test]
    fn after_a_panic_the_least_busy_worker_is_chosen() {
        let mut workers = [1, 2].map(|number| WorkerView::new(WorkerId::new(number)));
        workers[0].running = 1;
        let (mut balancer, now) = (Checked::new(Once(false)), gonex_core::rt::now());
        let mut choose = || balancer.choose(&TaskView::default(), &workers, now).index();
        assert_eq!([choose(), choose(), choose()], [Some(0), Some(1), Some(1)]);
        assert_eq!((balancer.fault(), balancer.name()), (Some("once is enough"), "least-busy"));
    }

    #[test]
    fn nothing_is_stolen_from_an_empty_queue_or_from_oneself() {
        let mut workers = [1, 2].map(|number| WorkerView::new(WorkerId::new(number)));
        let (mut balancer, now) = (Checked::new(Once(false)), gonex_core::rt::now());
        assert_eq!(balancer.steal(1, &workers, now), None);
        workers[0].queued = 1;
        assert_eq!(balancer.steal(1, &workers, now), Some(0));
        assert_eq!(balancer.steal(0, &workers, now), None);
        assert_eq!(balancer.wrong_answers(), 2);
    }
}
