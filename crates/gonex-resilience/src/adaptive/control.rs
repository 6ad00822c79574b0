use gonex_core::primitive::atomic::Ordering;
use gonex_core::primitive::lock;

use super::{AdaptiveConfig, AdaptiveLimit, AdaptiveMetrics};
use crate::InvalidConfig;

/// What it says, and what can be changed.
impl<C> AdaptiveLimit<C> {
    /// How many may run at once now.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// assert_eq!(AdaptiveLimit::new(AdaptiveConfig::default())?.limit(), 20);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn limit(&self) -> usize {
        lock(&self.shared.estimator).limit()
    }

    /// How many run.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// let inside = limit.try_acquire().unwrap();
    /// assert_eq!(limit.running(), 1);
    /// drop(inside);
    /// assert_eq!(limit.running(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.running.load(Ordering::Relaxed)
    }

    /// How many wait.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// assert_eq!(AdaptiveLimit::new(AdaptiveConfig::default())?.queue_len(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn queue_len(&self) -> usize {
        self.shared.entry.queue_len()
    }

    /// The settings.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// assert_eq!(limit.config(), AdaptiveConfig::default());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn config(&self) -> AdaptiveConfig {
        lock(&self.shared.estimator).config
    }

    /// Changes the settings for all clones. The limit stays where they allow it; what was learned stays unless
    /// the algorithm is another one; the window begins anew.
    ///
    /// # Errors
    /// Every field that is wrong; then nothing is changed.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// let config = AdaptiveConfig { initial_limit: 5, max_limit: 10, ..limit.config() };
    /// limit.reconfigure(config)?;
    /// assert_eq!(limit.limit(), 10);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reconfigure(&self, config: AdaptiveConfig) -> Result<(), InvalidConfig> {
        config.validate()?;
        lock(&self.shared.estimator).reconfigure(config);
        self.shared.apply();
        Ok(())
    }

    /// Forgets what was learned, and begins at the initial limit again.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// limit.reset();
    /// assert_eq!(limit.limit(), 20);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset(&self) {
        lock(&self.shared.estimator).reset();
        self.shared.apply();
    }

    /// What has been counted, and the limit now.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// assert_eq!((limit.metrics().admitted, limit.metrics().limit), (0, Some(20.0)));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> AdaptiveMetrics {
        AdaptiveMetrics { limit: Some(self.limit() as f64), ..self.shared.counters.read() }
    }

    /// Sets what has been counted to 0, for all clones; the limit stays.
    ///
    /// ```
    /// use gonex_resilience::AdaptiveLimit;
    /// use gonex_resilience::adaptive::AdaptiveConfig;
    ///
    /// let limit = AdaptiveLimit::new(AdaptiveConfig::default())?;
    /// limit.call(|| Ok::<_, ()>(7)).block().unwrap();
    /// limit.reset_metrics();
    /// assert_eq!(limit.metrics().admitted, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }
}
