//! How tasks leave the queue that nobody wants any more, so that they take no room from others.

use std::time::Duration;

use gonex_core::{Instant, Stop};
use gonex_task::TaskError;

use super::action::{Action, Actions};
use super::state::{Payload, State};

/// A queue is swept when so much of it may have been asked to stop: one in eight. So a task costs eight
/// looks at most, however long the queue is, and a short queue is swept at once.
const SHARE: usize = 8;

/// How long a queue that was swept on suspicion, because it was full, is left alone at least, and how much
/// longer for each task in it: sweeping takes no more than a small part of the time then.
const REST: Duration = Duration::from_millis(1);
const REST_FOR_EACH: Duration = Duration::from_micros(1);

impl<P: Payload> State<P> {
    /// The handle of a task has asked it to stop; perhaps it waits.
    pub(crate) fn asked_to_stop(&mut self, now: Instant, out: &mut Actions<P>) {
        self.asked_to_stop += 1;
        if self.asked_to_stop.saturating_mul(SHARE) >= self.queue.len() {
            self.sweep(now, out);
        }
    }

    /// There is no room; whether some was made. Tasks may have been stopped by a context further up,
    /// which tells nobody.
    pub(crate) fn make_room(&mut self, now: Instant, out: &mut Actions<P>) -> bool {
        if self.asked_to_stop == 0 && now < self.next_sweep {
            return false;
        }
        let each = u32::try_from(self.queue.len()).unwrap_or(u32::MAX);
        let rest = REST.saturating_add(REST_FOR_EACH.saturating_mul(each));
        self.next_sweep = now.checked_add(rest).unwrap_or(now);
        self.sweep(now, out) > 0
    }

    /// Ends the tasks that wait and have been stopped; how many there were.
    pub(crate) fn sweep(&mut self, now: Instant, out: &mut Actions<P>) -> usize {
        self.asked_to_stop = 0;
        let stopped = self.queue.take_stopped(Payload::stopped);
        let count = stopped.len();
        if count > 0 {
            self.withdraw_all(stopped.iter().map(|(entry, _)| entry));
        }
        for (entry, stop) in stopped {
            match stop {
                Stop::Timeout => self.totals.timed_out += 1,
                Stop::Cancelled(_) => self.totals.cancelled += 1,
            }
            out.push(Action::Drop { payload: entry.payload, error: TaskError::from(stop) });
        }
        if count > 0 {
            self.settle(now, out);
        }
        count
    }
}
