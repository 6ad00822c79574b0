use gonex_core::primitive::atomic::Ordering;
use gonex_core::primitive::lock;

use super::{Chaos, ChaosConfig, ChaosMetrics};
use crate::InvalidConfig;

/// What it says, and what can be changed.
impl Chaos {
    /// The settings.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// let config = ChaosConfig { seed: 7, ..ChaosConfig::default() };
    /// assert_eq!(Chaos::new(config)?.config(), config);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn config(&self) -> ChaosConfig {
        *lock(&self.shared.config)
    }

    /// Changes the settings for all clones; the numbers of calls go on.
    ///
    /// # Errors
    /// Every field that is wrong; then nothing is changed.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// let chaos = Chaos::new(ChaosConfig::default())?;
    /// chaos.reconfigure(ChaosConfig { errors: 1.0, ..chaos.config() })?;
    /// assert!(chaos.call(|| Ok::<_, ()>(7)).block().is_err());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reconfigure(&self, config: ChaosConfig) -> Result<(), InvalidConfig> {
        config.validate()?;
        *lock(&self.shared.config) = config;
        Ok(())
    }

    /// Gives the next call the number 1 again, so that all is decided as from the beginning.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// let chaos = Chaos::new(ChaosConfig { errors: 0.5, ..ChaosConfig::default() })?;
    /// let first = chaos.decide();
    /// chaos.reset();
    /// assert_eq!(chaos.decide(), first);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset(&self) {
        self.shared.decided.store(0, Ordering::Relaxed);
    }

    /// What has been counted.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// assert_eq!(Chaos::new(ChaosConfig::default())?.metrics().calls, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> ChaosMetrics {
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all clones; the numbers of calls go on.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// let chaos = Chaos::new(ChaosConfig::default())?;
    /// chaos.call(|| Ok::<_, ()>(7)).block().unwrap();
    /// chaos.reset_metrics();
    /// assert_eq!(chaos.metrics().calls, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }
}
