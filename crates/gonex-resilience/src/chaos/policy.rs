use std::sync::Arc;

use gonex_core::primitive::atomic::{AtomicBool, AtomicU64, Ordering};
use gonex_core::primitive::{Mutex, lock};

use super::counters::Counters;
use super::{ChaosConfig, Decision, Fault};
use crate::InvalidConfig;
use crate::moment::nanos;
use crate::part::Ended;

/// Has calls wait, fail or panic on purpose, and always the same ones; clones share their numbers.
///
/// ```
/// use gonex_resilience::chaos::ChaosConfig;
/// use gonex_resilience::{Chaos, Policy, Retry};
///
/// let chaos = Chaos::new(ChaosConfig { seed: 42, errors: 0.5, ..ChaosConfig::default() })?;
/// let retry = Retry::custom(|_| std::time::Duration::ZERO).max_attempts(20);
/// let policy = Policy::new().retry(retry).chaos(chaos.clone());
/// assert_eq!(policy.call(|| Ok::<_, ()>(7)).block(), Ok(7), "half of its attempts fail");
/// let again = Chaos::new(chaos.config())?;
/// assert!((1..100).all(|number| again.decision(number) == chaos.decision(number)));
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
///
/// It is on from the beginning. Off, it lets all calls through and gives them no numbers.
#[derive(Clone, Debug)]
pub struct Chaos {
    pub(super) shared: Arc<Shared>,
    pub(super) name: Arc<str>,
}

#[derive(Debug)]
pub(super) struct Shared {
    on: AtomicBool,
    /// How many calls have been decided on. Who adds one has the number.
    pub(super) decided: AtomicU64,
    /// Replaced as a whole; no user code runs under it.
    pub(super) config: Mutex<ChaosConfig>,
    pub(super) counters: Counters,
    pub(super) ended: Ended,
}

impl Shared {
    /// Decides on the next call, and says by which seed. Its fault is counted when it is [met](Self::met).
    pub(super) fn next(&self) -> (Decision, u64) {
        if !self.on.load(Ordering::Relaxed) {
            return (Decision::default(), 0);
        }
        let number = self.decided.fetch_add(1, Ordering::Relaxed) + 1;
        let config = *lock(&self.config);
        let decision = config.decide(number);
        let counters = &self.counters;
        counters.calls.add(1);
        if let Some(delay) = decision.delay {
            counters.delays.add(1);
            counters.total_delay.add(nanos(delay));
        }
        (decision, config.seed)
    }

    /// Counts a fault that happens now.
    pub(super) fn met(&self, fault: Fault) {
        match fault {
            Fault::Error => self.counters.errors.add(1),
            Fault::Panic => self.counters.panics.add(1),
        }
    }
}

impl Chaos {
    /// Makes one that is on.
    ///
    /// # Errors
    /// Every field that is wrong.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// assert!(Chaos::new(ChaosConfig::default())?.is_on());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn new(config: ChaosConfig) -> Result<Self, InvalidConfig> {
        config.validate()?;
        let shared = Shared {
            on: AtomicBool::new(true),
            decided: AtomicU64::new(0),
            config: Mutex::new(config),
            counters: Counters::default(),
            ended: Ended::default(),
        };
        Ok(Self { shared: Arc::new(shared), name: "chaos".into() })
    }

    /// Names it, for the registry of components; `chaos` by default.
    ///
    /// ```
    /// use gonex_core::component::Component;
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// assert_eq!(Chaos::new(ChaosConfig::default())?.named("disk").name(), "disk");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn named(self, name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Switches it on or off, for all clones. Calls that have begun keep to what was decided.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// let chaos = Chaos::new(ChaosConfig { errors: 1.0, ..ChaosConfig::default() })?;
    /// chaos.switch(false);
    /// assert_eq!(chaos.call(|| Ok::<_, ()>(7)).block(), Ok(7));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn switch(&self, on: bool) {
        self.shared.on.store(on, Ordering::Relaxed);
    }

    /// Whether it is on.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// let chaos = Chaos::new(ChaosConfig::default())?;
    /// chaos.switch(false);
    /// assert!(!chaos.is_on());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.shared.on.load(Ordering::Relaxed)
    }

    /// What happens to the call of this number, from 1 on. To look decides nothing.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::{ChaosConfig, Fault};
    ///
    /// let chaos = Chaos::new(ChaosConfig { panics: 0.1, ..ChaosConfig::default() })?;
    /// let panics = (1..=1000).filter(|number| chaos.decision(*number).fault == Some(Fault::Panic));
    /// assert!((60..140).contains(&panics.count()));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn decision(&self, number: u64) -> Decision {
        self.config().decide(number)
    }

    /// Decides on the next call, for who injects faults of his own; it is counted as if it were met at once.
    ///
    /// ```
    /// use gonex_resilience::Chaos;
    /// use gonex_resilience::chaos::ChaosConfig;
    ///
    /// let chaos = Chaos::new(ChaosConfig { errors: 1.0, ..ChaosConfig::default() })?;
    /// let answer = if chaos.decide().fault.is_some() { Err("connection reset") } else { Ok(7) };
    /// assert_eq!(answer, Err("connection reset"));
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use = "a decision that nobody follows is counted all the same"]
    pub fn decide(&self) -> Decision {
        let (decision, _) = self.shared.next();
        if let Some(fault) = decision.fault {
            self.shared.met(fault);
        }
        decision
    }
}
