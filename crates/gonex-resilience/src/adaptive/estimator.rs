//! The limit, as it is estimated. It is told the time, and does nothing but count.

use super::gradient::Gradient;
use super::vegas::Vegas;
use super::window::{Sample, Window};
use super::{AdaptiveConfig, Algorithm, aimd};

#[derive(Debug)]
pub(super) struct Estimator {
    pub(super) config: AdaptiveConfig,
    /// With its fraction, so that small steps add up.
    limit: f64,
    window: Window,
    vegas: Vegas,
    gradient: Gradient,
}

/// How the limit has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moved {
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Estimator {
    pub(super) fn new(config: AdaptiveConfig) -> Self {
        Self {
            limit: config.initial_limit as f64,
            config,
            window: Window::default(),
            vegas: Vegas::default(),
            gradient: Gradient::default(),
        }
    }

    /// The limit, in whole calls.
    pub(super) fn limit(&self) -> usize {
        // Between the lowest and the highest, of which the one is at least 1.
        self.limit as usize
    }

    /// Takes note of a sample; says where the limit has moved if that ended a window.
    pub(super) fn sample(&mut self, sample: Sample) -> Option<Moved> {
        let seen = self.window.add(sample, &self.config)?;
        let limit = self.limit;
        let next = match self.config.algorithm {
            Algorithm::Aimd { backoff, too_slow } => aimd::step(limit, &seen, backoff, too_slow),
            Algorithm::Vegas { probe } => self.vegas.step(limit, &seen, probe),
            Algorithm::Gradient { tolerance, queue, smoothing, long_window } => {
                let settings = (tolerance, queue, smoothing, long_window);
                self.gradient.step(limit, &seen, settings)
            }
        };
        let from = self.limit();
        self.set(next);
        Some(Moved { from, to: self.limit() })
    }

    fn set(&mut self, limit: f64) {
        let AdaptiveConfig { min_limit, max_limit, .. } = self.config;
        self.limit = limit.clamp(min_limit as f64, max_limit as f64);
    }

    /// Goes by other settings from now on. The limit stays where they allow it; what another algorithm has
    /// learned is forgotten.
    pub(super) fn reconfigure(&mut self, config: AdaptiveConfig) {
        let before = std::mem::replace(&mut self.config, config);
        if std::mem::discriminant(&before.algorithm) != std::mem::discriminant(&config.algorithm) {
            self.vegas = Vegas::default();
            self.gradient = Gradient::default();
        }
        self.window = Window::default();
        self.set(self.limit);
    }

    /// Makes it as new.
    pub(super) fn reset(&mut self) {
        *self = Self::new(self.config);
    }
}
