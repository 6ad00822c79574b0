//! What calls the rates are taken of. Each record costs a constant time, taken over many.

use std::collections::VecDeque;

use super::WindowKind;
use crate::moment::nanos;

/// What is known of a call, or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) calls: u32,
    pub(super) failures: u32,
    pub(super) slow: u32,
}

impl Sum {
    pub(super) fn one(failed: bool, slow: bool) -> Self {
        Self { calls: 1, failures: failed.into(), slow: slow.into() }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.failures = self.failures.saturating_add(other.failures);
        self.slow = self.slow.saturating_add(other.slow);
    }

    fn subtract(&mut self, other: Self) {
        self.calls = self.calls.saturating_sub(other.calls);
        self.failures = self.failures.saturating_sub(other.failures);
        self.slow = self.slow.saturating_sub(other.slow);
    }

    /// The share of calls that failed, and of those that were slow.
    pub(super) fn rates(self) -> Option<(f64, f64)> {
        let calls = f64::from(self.calls);
        (self.calls > 0).then(|| (f64::from(self.failures) / calls, f64::from(self.slow) / calls))
    }
}

#[derive(Debug)]
pub(super) struct Window {
    kind: WindowKind,
    /// The calls, or the parts, from old to new, with the number of each part.
    entries: VecDeque<(u64, Sum)>,
    /// What the entries are together.
    sum: Sum,
}

impl Window {
    pub(super) fn new(kind: WindowKind) -> Self {
        Self { kind, entries: VecDeque::new(), sum: Sum::default() }
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.sum = Sum::default();
    }

    /// Takes note of a call that ended at a moment.
    pub(super) fn record(&mut self, call: Sum, now: u64) {
        match self.kind {
            WindowKind::Consecutive { .. } => {
                if call.failures == 0 && call.slow == 0 {
                    self.clear();
                } else {
                    self.sum.add(Sum { failures: 1, ..call });
                }
            }
            WindowKind::Count { calls } => {
                if self.entries.len() >= calls as usize
                    && let Some((_, oldest)) = self.entries.pop_front()
                {
                    self.sum.subtract(oldest);
                }
                self.entries.push_back((0, call));
                self.sum.add(call);
            }
            WindowKind::Time { .. } => {
                self.pass(now);
                // A clock that goes back goes on with the part that is there.
                let newest = self.entries.back().map_or(0, |(part, _)| *part);
                let part = self.part(now).max(newest);
                match self.entries.back_mut() {
                    Some((known, sum)) if *known == part => sum.add(call),
                    _ => self.entries.push_back((part, call)),
                }
                self.sum.add(call);
            }
        }
    }

    /// Whether one more success, which was not slow, would leave it as it is.
    pub(super) fn keeps_successes(&self) -> bool {
        match self.kind {
            WindowKind::Consecutive { .. } => self.sum == Sum::default(),
            WindowKind::Count { calls } => self.sum == Sum { calls, ..Sum::default() },
            WindowKind::Time { .. } => false,
        }
    }

    /// What is in it, as far as no time has to pass for that.
    pub(super) fn known(&self) -> Sum {
        self.sum
    }

    /// What is in it at a moment.
    pub(super) fn sum(&mut self, now: u64) -> Sum {
        self.pass(now);
        self.sum
    }

    fn part(&self, now: u64) -> u64 {
        match self.kind {
            WindowKind::Time { length, parts } => now / nanos(length).div_ceil(parts.into()),
            _ => 0,
        }
    }

    /// Lets out what is too old.
    fn pass(&mut self, now: u64) {
        let WindowKind::Time { parts, .. } = self.kind else { return };
        let part = self.part(now);
        while let Some((oldest, sum)) = self.entries.front().copied()
            && oldest.saturating_add(parts.into()) <= part
        {
            self.sum.subtract(sum);
            self.entries.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::{Sum, Window, WindowKind};

    proptest! {
        /// Beside all calls that ever were, summed up anew each time.
        #[test]
        fn a_window_is_the_sum_of_what_is_in_it(
            count in any::<bool>(),
            size in 1..9_u32,
            calls in prop::collection::vec((0..60_u64, any::<bool>(), any::<bool>()), 1..200),
        ) {
            let time = WindowKind::Time { length: Duration::from_nanos(100), parts: size };
            let kind = if count { WindowKind::Count { calls: size } } else { time };
            let mut window = Window::new(kind);
            let mut all: Vec<(u64, Sum)> = Vec::new();
            let mut now = 0;
            for (step, failed, slow) in calls {
                now += step;
                let call = Sum::one(failed, slow);
                window.record(call, now);
                all.push((now, call));
                let part = 100_u64.div_ceil(size.into());
                let inside = |(index, (at, _)): &(usize, &(u64, Sum))| {
                    let (of_call, of_now) = (at / part, now / part);
                    if count {
                        index + size as usize >= all.len()
                    } else {
                        of_call + u64::from(size) > of_now
                    }
                };
                let mut sum = Sum::default();
                for (_, (_, call)) in all.iter().enumerate().filter(inside) {
                    sum.add(*call);
                }
                prop_assert_eq!(window.sum(now), sum);
                prop_assert!(window.entries.len() <= size as usize);
            }
        }
    }

    #[test]
    fn consecutive_failures_end_with_a_success() {
        let mut window = Window::new(WindowKind::Consecutive { failures: 3 });
        for failed in [true, true, false, true] {
            window.record(Sum::one(failed, false), 0);
        }
        assert_eq!(window.sum(0).failures, 1);
        window.record(Sum::one(false, true), 0);
        assert_eq!(window.sum(0).failures, 2, "a slow call is one that fails");
    }
}
