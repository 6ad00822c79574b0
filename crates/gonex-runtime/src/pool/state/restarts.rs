use std::collections::VecDeque;
use std::time::Duration;

use gonex_core::Instant;

use super::settings::RestartSettings;

/// When workers that died are replaced: at once the first time, later and later while they go on dying,
/// and not at all beyond so many within a period, as supervisors of OTP do it.
#[derive(Debug)]
pub(super) struct Restarts {
    settings: RestartSettings,
    /// The restarts of the last period.
    recent: VecDeque<Instant>,
    /// How many came one after the other without a task done in between.
    row: u32,
    /// When workers are to be started again.
    pub(super) coming: Vec<Instant>,
    /// How many are not, before somebody says so.
    pub(super) held: usize,
}

/// What becomes of the place of a worker that died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is taken at this time.
    At(Instant),
    /// It stays empty: nobody wants it otherwise.
    Held,
    /// It stays empty: too many have died.
    TooMany,
}

impl Restarts {
    pub(super) fn new(settings: RestartSettings) -> Self {
        Self { settings, recent: VecDeque::new(), row: 0, coming: Vec::new(), held: 0 }
    }

    /// A worker has died.
    pub(super) fn died(&mut self, now: Instant) -> Verdict {
        let period = self.settings.period;
        while self.recent.front().is_some_and(|&at| now.saturating_duration_since(at) >= period) {
            self.recent.pop_front();
        }
        if !self.settings.auto {
            self.held += 1;
            return Verdict::Held;
        }
        if self.recent.len() >= self.settings.most as usize {
            self.held += 1;
            return Verdict::TooMany;
        }
        self.recent.push_back(now);
        let at = now.checked_add(self.delay()).unwrap_or(now);
        self.row = self.row.saturating_add(1);
        self.coming.push(at);
        Verdict::At(at)
    }

    /// How long the next restart waits.
    fn delay(&self) -> Duration {
        match self.row {
            0 => Duration::ZERO,
            row => {
                let factor = 2_u32.saturating_pow(row - 1);
                self.settings.first_delay.saturating_mul(factor).min(self.settings.longest_delay)
            }
        }
    }

    /// A worker has done something: the row is over.
    pub(super) fn went_well(&mut self) {
        self.row = 0;
    }

    /// The place is taken without a restart at that time.
    pub(super) fn take_back(&mut self, at: Instant) {
        if let Some(index) = self.coming.iter().position(|&coming| coming == at) {
            self.coming.swap_remove(index);
        }
    }

    /// Takes those out that are due; how many there were.
    pub(super) fn take_due(&mut self, now: Instant) -> usize {
        let before = self.coming.len();
        self.coming.retain(|&at| at > now);
        before - self.coming.len()
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.coming.iter().min().copied()
    }

    /// Somebody says that all is to be tried again; how many places that gives free.
    pub(super) fn forgive(&mut self) -> usize {
        self.recent.clear();
        self.row = 0;
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_and_the_period_has_its_bound() {
        let now = gonex_core::rt::now();
        let secs = Duration::from_secs;
        let settings = RestartSettings {
            auto: true,
            first_delay: secs(1),
            longest_delay: secs(3),
            most: 5,
            period: secs(60),
        };
        let mut restarts = Restarts::new(settings);
        let delays: Vec<_> = (0..5).map(|_| restarts.died(now)).collect();
        let expected = [0, 1, 2, 3, 3].map(|s| Verdict::At(now + secs(s)));
        assert_eq!(delays, expected);
        assert_eq!(restarts.died(now + secs(59)), Verdict::TooMany);
        assert_eq!(restarts.take_due(now + secs(2)), 3);
        assert_eq!(restarts.next(), Some(now + secs(3)));
        assert_eq!(restarts.forgive(), 1);
        restarts.went_well();
        assert_eq!(restarts.died(now + secs(59)), Verdict::At(now + secs(59)), "the row is over");
    }

    #[test]
    fn what_is_not_to_be_replaced_is_not() {
        let settings = RestartSettings { auto: false, ..RestartSettings::default() };
        let mut restarts = Restarts::new(settings);
        assert_eq!(restarts.died(gonex_core::rt::now()), Verdict::Held);
        assert_eq!((restarts.next(), restarts.held), (None, 1));
    }
}
