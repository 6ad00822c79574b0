use std::time::Duration;

use super::metrics::ScalingMetrics;
use super::policy::{Decision, ScalingPolicy};
use super::reactive::Reactive;

/// As many workers as the tasks will need that are about to come, and at least as many as [`Reactive`]
/// wants.
///
/// The rate at which tasks come is smoothed with its trend (Holt, "Forecasting seasonals and trends by
/// exponentially weighted moving averages", 1957), and looked ahead by as long as it takes to be ready.
/// By Little's law that rate times the mean time of a task is how many run at once; divided by how busy
/// workers should be, it is how many are needed.
///
/// ```
/// use std::time::Duration;
/// use gonex_runtime::pool::scaling::{Decision, Predictive, Reactive, ScalingMetrics, ScalingPolicy};
///
/// let second = Duration::from_secs(1);
/// let mut policy = Predictive::new(Reactive::new(), second);
/// let mut metrics = ScalingMetrics::new(gonex_core::rt::now());
/// (metrics.max, metrics.interval, metrics.mean_time) = (16, second, Some(second / 10));
/// // Each second ten more tasks come than in the one before, and nothing waits yet.
/// let mut most = 1;
/// for tens in 1..=6 {
///     (metrics.at, metrics.arrivals, metrics.workers) = (metrics.at + second, tens * 10, most);
///     metrics.ready = most;
///     metrics.busy = (tens as f64 / most as f64).min(1.0);
///     if let Decision::To { workers, .. } = policy.decide(&metrics) {
///         most = workers;
///     }
/// }
/// assert!(most > 6, "60 a second take 6 workers now, and more are to come: {most}");
/// ```
#[derive(Clone, Debug)]
pub struct Predictive {
    reactive: Reactive,
    ahead: Duration,
    busy: f64,
    /// Tasks a second, and how that changes in a second.
    rate: Option<(f64, f64)>,
    /// How long a task takes, in seconds.
    time: Option<f64>,
}

/// How much of a rate is that of the last look, and of a trend.
const RATE_GAIN: f64 = 0.5;
const TREND_GAIN: f64 = 0.3;
const TIME_GAIN: f64 = 0.3;

impl Predictive {
    /// Looks so far ahead, and follows another policy where that wants more.
    #[must_use]
    pub const fn new(reactive: Reactive, ahead: Duration) -> Self {
        Self { reactive, ahead, busy: 0.7, rate: None, time: None }
    }

    /// How busy the workers should be, between 0 and 1; by default 0.7.
    #[must_use]
    pub const fn busy(mut self, share: f64) -> Self {
        self.busy = share;
        self
    }

    fn learn(&mut self, metrics: &ScalingMetrics) {
        let secs = metrics.interval.as_secs_f64();
        if secs <= 0.0 {
            return;
        }
        let seen = metrics.arrivals as f64 / secs;
        self.rate = Some(match self.rate {
            None => (seen, 0.0),
            Some((rate, trend)) => {
                let expected = rate + trend * secs;
                let new = expected + RATE_GAIN * (seen - expected);
                (new, trend + TREND_GAIN * ((new - rate) / secs - trend))
            }
        });
        if let Some(took) = metrics.mean_time {
            let took = took.as_secs_f64();
            self.time = Some(self.time.map_or(took, |time| time + TIME_GAIN * (took - time)));
        }
    }

    /// How many workers will be needed.
    fn needed(&self, metrics: &ScalingMetrics) -> Option<usize> {
        let ((rate, trend), time) = (self.rate?, self.time?);
        let rate = (rate + trend * self.ahead.as_secs_f64()).max(0.0);
        let at_once = rate * time / self.busy.clamp(0.05, 1.0);
        Some((at_once / metrics.slots as f64).ceil().min(metrics.max as f64) as usize)
    }
}

impl ScalingPolicy for Predictive {
    fn name(&self) -> &str {
        "predictive"
    }

    fn decide(&mut self, metrics: &ScalingMetrics) -> Decision {
        self.learn(metrics);
        let needed = self.needed(metrics);
        let decision = self.reactive.decide(metrics);
        let wanted = match &decision {
            Decision::Stay => metrics.workers,
            Decision::To { workers, .. } => *workers,
        };
        match needed {
            // It has to be sure, as the other is before there are fewer.
            Some(needed) if needed > wanted && needed > metrics.workers => {
                Decision::to(needed, "so many will be needed for the tasks that are to come")
            }
            Some(needed) if needed > wanted => Decision::Stay,
            _ => decision,
        }
    }
}
