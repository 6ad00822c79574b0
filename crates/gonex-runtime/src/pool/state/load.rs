use std::time::Duration;

use gonex_core::Instant;

/// What has happened since it was last asked, for those who decide how many workers there should be.
///
/// Waits are counted in classes of a quarter of an octave, so a percentile is at most a fifth too long.
#[derive(Debug)]
pub(super) struct Load {
    since: Instant,
    arrivals: u64,
    ended: u64,
    took: Duration,
    waits: Box<[u32; CLASSES]>,
    waited: u32,
    /// The sum over time of the tasks that ran at once.
    busy: Duration,
    running: u32,
    changed: Instant,
}

/// Up to 2^40 ns, which is a quarter of an hour.
const CLASSES: usize = 4 * 41;

/// What a stretch of time was like.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stretch {
    pub(super) length: Duration,
    pub(super) arrivals: u64,
    pub(super) ended: u64,
    pub(super) mean_time: Option<Duration>,
    pub(super) wait: Option<Duration>,
    /// The mean number of tasks that ran at once.
    pub(super) mean_running: f64,
}

impl Load {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            since: now,
            arrivals: 0,
            ended: 0,
            took: Duration::ZERO,
            waits: Box::new([0; CLASSES]),
            waited: 0,
            busy: Duration::ZERO,
            running: 0,
            changed: now,
        }
    }

    pub(super) fn arrived(&mut self) {
        self.arrivals += 1;
    }

    pub(super) fn began(&mut self, waited: Duration, now: Instant) {
        self.go_on(now);
        self.running += 1;
        self.waits[class(waited)] += 1;
        self.waited += 1;
    }

    pub(super) fn ended(&mut self, took: Duration, now: Instant) {
        self.left(now);
        self.ended += 1;
        self.took += took;
    }

    /// A task is with no worker any more, though nobody knows how long it took.
    pub(super) fn left(&mut self, now: Instant) {
        self.go_on(now);
        self.running = self.running.saturating_sub(1);
    }

    /// The tasks that are with workers.
    pub(super) fn running(&self) -> usize {
        self.running as usize
    }

    fn go_on(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.changed);
        self.busy += passed.saturating_mul(self.running);
        self.changed = self.changed.max(now);
    }

    /// What the stretch since the last call was like; `share` says which percentile of the waits.
    pub(super) fn take(&mut self, share: f64, now: Instant) -> Stretch {
        self.go_on(now);
        let length = now.saturating_duration_since(self.since);
        let secs = length.as_secs_f64();
        let ended = u32::try_from(self.ended).unwrap_or(u32::MAX);
        let stretch = Stretch {
            length,
            arrivals: self.arrivals,
            ended: self.ended,
            mean_time: (ended > 0).then(|| self.took / ended),
            wait: self.percentile(share),
            mean_running: if secs > 0.0 { self.busy.as_secs_f64() / secs } else { 0.0 },
        };
        let running = self.running;
        *self = Self { running, ..Self::new(now) };
        stretch
    }

    fn percentile(&self, share: f64) -> Option<Duration> {
        let wanted = (f64::from(self.waited) * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        let class = self.waits.iter().position(|&count| {
            seen += u64::from(count);
            seen >= wanted
        });
        class.map(upper)
    }
}

/// Which class a wait is in: four to each power of two.
fn class(wait: Duration) -> usize {
    let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX).max(4);
    let octave = 63 - nanos.leading_zeros();
    let quarter = (nanos >> (octave - 2)) & 3;
    (octave as usize * 4 + quarter as usize).min(CLASSES - 1)
}

/// The longest wait of a class.
fn upper(class: usize) -> Duration {
    let (octave, quarter) = (class as u32 / 4, class as u64 % 4);
    Duration::from_nanos((1_u64 << octave) / 4 * (quarter + 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_little_too_long() {
        let start = gonex_core::rt::now();
        let mut load = Load::new(start);
        for n in 1..=100 {
            load.began(Duration::from_millis(n), start);
        }
        let stretch = load.take(0.95, start + Duration::from_secs(1));
        let wait = stretch.wait.unwrap().as_millis();
        assert!((95..=119).contains(&wait), "{wait}");
        assert_eq!(load.take(0.95, start).wait, None, "it begins anew");
    }

    #[test]
    fn what_ran_at_once_is_a_mean_over_time() {
        let start = gonex_core::rt::now();
        let second = Duration::from_secs(1);
        let mut load = Load::new(start);
        load.began(Duration::ZERO, start);
        load.began(Duration::ZERO, start + second);
        load.ended(second * 2, start + second * 3);
        let stretch = load.take(0.5, start + second * 4);
        assert!((stretch.mean_running - 1.5).abs() < 1e-9, "{stretch:?}");
        assert_eq!((stretch.ended, stretch.mean_time), (1, Some(second * 2)));
        assert_eq!(load.running(), 1);
    }
}
