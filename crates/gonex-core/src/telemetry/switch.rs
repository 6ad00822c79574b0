use crate::switches::{METRICS, Switch, TRACING};

/// What was to be turned on has been left out of this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot turn {feature} on: it is not compiled in; build with the feature `{feature}` of gonex"
)]
#[non_exhaustive]
pub struct NotCompiled {
    /// The feature that would compile it in.
    pub feature: &'static str,
}

/// Turns metrics on or off. What runs or waits already is counted from its next step on, or not at
/// all; what is being counted is counted to its end.
///
/// # Errors
/// [`NotCompiled`] when they are to be turned on, and the feature `metrics` is missing.
///
/// ```
/// use gonex_core::telemetry::{is_enabled, set_metrics};
///
/// let turned = set_metrics(true);
/// assert_eq!(turned.is_ok(), is_enabled());
/// assert!(set_metrics(false).is_ok() && !is_enabled());
/// ```
pub fn set_metrics(on: bool) -> Result<(), NotCompiled> {
    turn(METRICS, on, cfg!(feature = "metrics"), "metrics")
}

/// Turns traces on or off: see [`set_metrics`].
///
/// # Errors
/// [`NotCompiled`] when they are to be turned on, and the feature `tracing` is missing.
///
/// ```
/// use gonex_core::telemetry::{is_enabled, set_tracing};
///
/// let turned = set_tracing(true);
/// assert_eq!(turned.is_ok(), is_enabled());
/// assert!(set_tracing(false).is_ok() && !is_enabled());
/// ```
pub fn set_tracing(on: bool) -> Result<(), NotCompiled> {
    turn(TRACING, on, cfg!(feature = "tracing"), "tracing")
}

fn turn(
    switch: Switch,
    on: bool,
    compiled: bool,
    feature: &'static str,
) -> Result<(), NotCompiled> {
    if on && !compiled {
        return Err(NotCompiled { feature });
    }
    switch.turn(on);
    Ok(())
}

/// Whether metrics or traces are on.
///
/// ```
/// assert!(!gonex_core::telemetry::is_enabled(), "they are off by default");
/// ```
#[must_use]
#[inline]
pub fn is_enabled() -> bool {
    // Known to the compiler where nothing is compiled in.
    (cfg!(feature = "metrics") && METRICS.is_on()) || (cfg!(feature = "tracing") && TRACING.is_on())
}
