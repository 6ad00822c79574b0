use gonex_core::primitive::atomic::Ordering;
use gonex_core::primitive::lock;

use super::codel::Codel;
use super::policy::State;
use super::{LoadShedder, Priority, ShedConfig, ShedMetrics};
use crate::InvalidConfig;

/// What it says, and what can be changed.
impl LoadShedder {
    /// How many calls run.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::ShedConfig;
    ///
    /// assert_eq!(LoadShedder::new(ShedConfig::default())?.running(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared.running.load(Ordering::Relaxed)
    }

    /// Up to how many running calls one of this priority is let in; `None` for any number.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// assert_eq!(shedder.places(Priority::Normal), Some(80));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn places(&self, priority: Priority) -> Option<usize> {
        self.config().places(priority)
    }

    /// The lowest priority that delays let in now; `None` if they let in none. To look changes nothing.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// assert_eq!(LoadShedder::new(ShedConfig::default())?.lowest(), Some(Priority::Low));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn lowest(&self) -> Option<Priority> {
        let now = self.shared.time.now();
        let (mut codel, config) = {
            let state = lock(&self.shared.state);
            (state.codel, state.config)
        };
        // Intervals pass without calls, too.
        codel.pass(now, &config);
        Priority::ALL.get(codel.known()).copied()
    }

    /// The settings.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::ShedConfig;
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// assert_eq!(shedder.config(), ShedConfig::default());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn config(&self) -> ShedConfig {
        lock(&self.shared.state).config
    }

    /// Changes the settings for all clones. Calls that run stay; what was learned of delays is forgotten.
    ///
    /// # Errors
    /// Every field that is wrong; then nothing is changed.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// shedder.reconfigure(ShedConfig { max_running: Some(10), ..ShedConfig::default() })?;
    /// assert_eq!(shedder.places(Priority::Critical), Some(10));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reconfigure(&self, config: ShedConfig) -> Result<(), InvalidConfig> {
        config.validate()?;
        *lock(&self.shared.state) = State { config, codel: Codel::default() };
        Ok(())
    }

    /// What has been counted.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::ShedConfig;
    ///
    /// assert_eq!(LoadShedder::new(ShedConfig::default())?.metrics().admitted.total(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> ShedMetrics {
        self.shared.counters.read()
    }

    /// Sets what has been counted to 0, for all clones.
    ///
    /// ```
    /// use gonex_resilience::LoadShedder;
    /// use gonex_resilience::shed::{Priority, ShedConfig};
    ///
    /// let shedder = LoadShedder::new(ShedConfig::default())?;
    /// drop(shedder.try_acquire(Priority::Low));
    /// shedder.reset_metrics();
    /// assert_eq!(shedder.metrics().admitted.total(), 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }
}
