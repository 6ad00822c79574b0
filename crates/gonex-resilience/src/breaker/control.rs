use super::machine::Machine;
use super::{BreakerConfig, BreakerMetrics, BreakerState, CircuitBreaker};
use crate::InvalidConfig;

/// What it says, and what can be changed.
impl<C> CircuitBreaker<C> {
    /// The state. An open breaker whose break is over stays open until a call comes.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::{BreakerConfig, BreakerState};
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// assert_eq!(breaker.state(), BreakerState::Closed);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn state(&self) -> BreakerState {
        self.shared.with(|machine, _| machine.state())
    }

    /// Whether it is closed.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// assert!(CircuitBreaker::new(BreakerConfig::default())?.is_closed());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state() == BreakerState::Closed
    }

    /// Whether it is open, by itself or by force.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// breaker.force_open();
    /// assert!(breaker.is_open());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state().is_open()
    }

    /// Whether it is half open.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// assert!(!CircuitBreaker::new(BreakerConfig::default())?.is_half_open());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_half_open(&self) -> bool {
        self.state() == BreakerState::HalfOpen
    }

    /// Refuses all calls from now on, until somebody says otherwise.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// breaker.force_open();
    /// assert_eq!(breaker.try_acquire().unwrap_err().retry_after, None, "time alone does not tell");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn force_open(&self) {
        self.force(BreakerState::ForcedOpen);
    }

    /// Closes it, whatever state it is in, with nothing in its window. From then on it goes by what it
    /// sees.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1))?;
    /// breaker.try_acquire().unwrap().failure();
    /// breaker.force_close();
    /// assert!(breaker.is_closed());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn force_close(&self) {
        self.force(BreakerState::Closed);
    }

    /// Lets all calls in from now on, and looks at none.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1))?;
    /// breaker.disable();
    /// breaker.try_acquire().unwrap().failure();
    /// assert!(breaker.try_acquire().is_ok());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn disable(&self) {
        self.force(BreakerState::Disabled);
    }

    /// Lets all calls in from now on, and looks at them without ever opening.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let config = BreakerConfig { minimum_calls: 1, ..BreakerConfig::default() };
    /// let breaker = CircuitBreaker::new(config)?;
    /// breaker.metrics_only();
    /// breaker.try_acquire().unwrap().failure();
    /// assert!(breaker.try_acquire().is_ok());
    /// assert_eq!(breaker.metrics().failure_rate, Some(1.0));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn metrics_only(&self) {
        self.force(BreakerState::MetricsOnly);
    }

    fn force(&self, state: BreakerState) {
        self.shared.with(|machine, now| machine.force(state, now));
    }

    /// Makes it as new: closed, with nothing in its window and nothing counted.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1))?;
    /// breaker.try_acquire().unwrap().failure();
    /// breaker.reset();
    /// assert_eq!((breaker.is_closed(), breaker.metrics().failed), (true, 0));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset(&self) {
        self.force(BreakerState::Closed);
        self.reset_metrics();
    }

    /// The settings.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// assert_eq!(breaker.config(), BreakerConfig::default());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn config(&self) -> BreakerConfig {
        self.shared.with(|machine, _| machine.config.clone())
    }

    /// Changes the settings for all clones. The state stays; a window of another kind or size begins
    /// empty, and other probes begin anew. A break that has begun keeps its end.
    ///
    /// # Errors
    /// Every field that is wrong; then nothing is changed.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// breaker.reconfigure(BreakerConfig::consecutive(1))?;
    /// breaker.try_acquire().unwrap().failure();
    /// assert!(breaker.is_open());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reconfigure(&self, config: BreakerConfig) -> Result<(), InvalidConfig> {
        config.validate()?;
        self.shared.with(|machine, _| Machine::reconfigure(machine, config));
        Ok(())
    }

    /// What has been counted, and the rates now.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// breaker.try_acquire().unwrap().failure();
    /// assert_eq!(breaker.metrics().failed, 1);
    /// assert_eq!(breaker.metrics().failure_rate, None, "of one call nothing is said");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn metrics(&self) -> BreakerMetrics {
        let (_, rates) = self.shared.with(Machine::rates);
        let counted = self.shared.counters.read();
        BreakerMetrics {
            failure_rate: rates.map(|(failed, _)| failed),
            slow_rate: rates.map(|(_, slow)| slow),
            ..counted
        }
    }

    /// Sets what has been counted to 0, for all clones; state and window stay.
    ///
    /// ```
    /// use gonex_resilience::CircuitBreaker;
    /// use gonex_resilience::breaker::BreakerConfig;
    ///
    /// let breaker = CircuitBreaker::new(BreakerConfig::default())?;
    /// breaker.try_acquire().unwrap().failure();
    /// breaker.reset_metrics();
    /// assert_eq!(breaker.metrics().failed, 0);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn reset_metrics(&self) {
        self.shared.counters.reset();
    }
}
