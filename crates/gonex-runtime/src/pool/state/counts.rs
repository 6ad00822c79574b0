use std::time::Duration;

use super::action::How;

/// What the worker in one slot has done, and those before it there.
#[derive(Clone, Debug)]
pub(crate) struct SlotCounts {
    /// What its workers are called.
    pub(crate) name: String,
    pub(crate) count: Count,
    /// The longest wait since it was last taken.
    pub(crate) longest_wait: Duration,
    /// Whether there is a worker in it.
    pub(super) is_taken: bool,
}

/// The numbers of a worker at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    pub(crate) completed: u64,
    pub(crate) failed: u64,
    pub(crate) busy: Duration,
    pub(crate) waited: Duration,
}

impl SlotCounts {
    pub(super) fn new(name: String) -> Self {
        let longest_wait = Duration::ZERO;
        Self { name, count: Count::default(), longest_wait, is_taken: false }
    }

    pub(super) fn record(&mut self, how: How, waited: Duration, busy: Duration) {
        let outcome = match how {
            How::Completed => &mut self.count.completed,
            _ => &mut self.count.failed,
        };
        *outcome += 1;
        self.count.busy += busy;
        self.count.waited += waited;
        self.longest_wait = self.longest_wait.max(waited);
    }
}

impl std::ops::Sub for Count {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            completed: self.completed.saturating_sub(earlier.completed),
            failed: self.failed.saturating_sub(earlier.failed),
            busy: self.busy.saturating_sub(earlier.busy),
            waited: self.waited.saturating_sub(earlier.waited),
        }
    }
}

/// What has become of tasks and workers since the pool was made, or the counts were reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) submitted: u64,
    pub(crate) completed: u64,
    pub(crate) panicked: u64,
    pub(crate) cancelled: u64,
    pub(crate) timed_out: u64,
    pub(crate) lost: u64,
    pub(crate) dropped: u64,
    pub(crate) late: u64,
    pub(crate) refused: u64,
    pub(crate) ran_in_caller: u64,
    pub(crate) started: u64,
    pub(crate) died: u64,
    pub(crate) restarted: u64,
    pub(crate) abandoned: u64,
    pub(crate) scaled_up: u64,
    pub(crate) scaled_down: u64,
}

impl Totals {
    pub(super) fn ended(&mut self, how: How) {
        let count = match how {
            How::Completed => &mut self.completed,
            How::Panicked => &mut self.panicked,
            How::Cancelled => &mut self.cancelled,
            How::TimedOut => &mut self.timed_out,
            How::Lost => &mut self.lost,
        };
        *count += 1;
    }
}
