use std::sync::Arc;

use gonex_core::primitive::{Mutex, lock};
use gonex_core::{Instant, rt};

use crate::{InvalidConfig, Problems};

/// How many retries a [`RetryBudget`] allows.
///
/// The defaults allow one retry for every five calls, and ten more at the start.
///
/// ```
/// use gonex_resilience::BudgetConfig;
///
/// let config = BudgetConfig { max_tokens: 0, per_call: f64::NAN, ..BudgetConfig::default() };
/// assert_eq!(config.validate().unwrap_err().problems().len(), 2);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct BudgetConfig {
    /// How many tokens there are at most, and at the start; each retry takes one. 10 by default.
    pub max_tokens: u32,
    /// The share of a token that each call brings, retries not counted; 0.2 by default.
    pub per_call: f64,
    /// How many tokens time brings in each second, for programs that seldom call; 0 by default.
    pub per_second: f64,
}

impl Default for BudgetConfig {
    fn default() -> Self {
        Self { max_tokens: 10, per_call: 0.2, per_second: 0.0 }
    }
}

impl BudgetConfig {
    /// Says whether this can be used.
    ///
    /// # Errors
    /// Every field that is wrong: no tokens at all, and shares that are negative or no numbers.
    ///
    /// ```
    /// use gonex_resilience::BudgetConfig;
    ///
    /// let wrong = BudgetConfig { per_second: -1.0, ..BudgetConfig::default() };
    /// assert!(wrong.validate().unwrap_err().names("per_second"));
    /// ```
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let mut problems = Problems::default();
        if self.max_tokens == 0 {
            let reason = "no call would ever be retried";
            problems.add("max_tokens", 0, reason, "at least 1; or a retry with `max_attempts` 1");
        }
        for (field, share) in [("per_call", self.per_call), ("per_second", self.per_second)] {
            if !share.is_finite() || share < 0.0 {
                problems.add(field, share, "it is no share of a token", "0 or more, such as 0.2");
            }
        }
        problems.finish()
    }
}

/// Keeps the retries of a whole program in proportion to its calls; clones share their tokens.
///
/// While most calls succeed, all that fail are retried. When a service is down, every call fails, the
/// tokens run out, and what reaches the service are the calls themselves and a fifth more, instead of
/// a multiple. A call whose retry is not allowed ends with [`RetryError::OverBudget`].
///
/// [`RetryError::OverBudget`]: super::RetryError::OverBudget
///
/// ```
/// use std::time::Duration;
/// use gonex_resilience::{BudgetConfig, Retry, RetryBudget, RetryError};
///
/// let budget = RetryBudget::new(BudgetConfig { max_tokens: 1, per_call: 0.0, per_second: 0.0 })?;
/// let retry = Retry::fixed().initial_delay(Duration::from_millis(1)).budget(&budget);
/// let failed = retry.call(|| Err::<(), _>("down")).block();
/// assert_eq!(failed, Err(RetryError::OverBudget { attempts: 2, last: Some("down") }));
/// assert_eq!(budget.available(), 0);
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Clone, Debug)]
pub struct RetryBudget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    config: BudgetConfig,
    /// No user code runs under it.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    /// When time last brought tokens; `None` before the first use, which may be under another clock.
    filled: Option<Instant>,
}

/// Ten tenths are a whole, whatever binary fractions say.
const SLACK: f64 = 1e-9;

impl RetryBudget {
    /// Makes a budget, full.
    ///
    /// # Errors
    /// Every field that is wrong: see [`BudgetConfig::validate`].
    ///
    /// ```
    /// use gonex_resilience::{BudgetConfig, RetryBudget};
    ///
    /// assert!(RetryBudget::new(BudgetConfig::default()).is_ok());
    /// ```
    pub fn new(config: BudgetConfig) -> Result<Self, InvalidConfig> {
        config.validate()?;
        let state = State { tokens: config.max_tokens.into(), filled: None };
        Ok(Self { shared: Arc::new(Shared { config, state: Mutex::new(state) }) })
    }

    /// How many retries are allowed now.
    ///
    /// ```
    /// use gonex_resilience::{BudgetConfig, RetryBudget};
    ///
    /// let budget = RetryBudget::new(BudgetConfig { max_tokens: 3, ..BudgetConfig::default() })?;
    /// assert_eq!(budget.available(), 3, "it begins full");
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    #[must_use]
    pub fn available(&self) -> u32 {
        // The cast saturates, and the tokens are never more than a u32.
        self.with(0.0, |tokens| (*tokens + SLACK) as u32)
    }

    /// Counts a call, which brings its share.
    pub(super) fn call(&self) {
        self.with(self.shared.config.per_call, |_| ());
    }

    /// Takes a token for a retry, if there is one.
    pub(super) fn take(&self) -> bool {
        self.with(0.0, |tokens| {
            let there = *tokens + SLACK >= 1.0;
            *tokens = if there { (*tokens - 1.0).max(0.0) } else { *tokens };
            there
        })
    }

    /// Brings a token back, of a retry that never was.
    pub(super) fn give_back(&self) {
        self.with(1.0, |_| ());
    }

    fn with<T>(&self, more: f64, body: impl FnOnce(&mut f64) -> T) -> T {
        let BudgetConfig { max_tokens, per_second, .. } = self.shared.config;
        let now = rt::now();
        let mut state = lock(&self.shared.state);
        // A clock that went back brings nothing, and takes nothing.
        let before = state.filled.unwrap_or(now);
        let passed = now.saturating_duration_since(before);
        state.filled = Some(before.max(now));
        state.tokens += more + per_second * passed.as_secs_f64();
        state.tokens = state.tokens.min(max_tokens.into());
        body(&mut state.tokens)
    }
}

/// A token that was taken for a retry; it goes back if the retry never begins.
#[derive(Debug)]
pub(super) struct Token(Option<RetryBudget>);

impl Token {
    /// A token of this budget; without one, a retry needs none. `None` if the budget has none left.
    pub(super) fn of(budget: Option<&RetryBudget>) -> Option<Self> {
        match budget {
            Some(budget) => budget.take().then(|| Self(Some(budget.clone()))),
            None => Some(Self(None)),
        }
    }

    /// Uses it up.
    pub(super) fn spend(&mut self) {
        self.0 = None;
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if let Some(budget) = self.0.take() {
            budget.give_back();
        }
    }
}
