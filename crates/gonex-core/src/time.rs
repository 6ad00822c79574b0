/// A moment of the monotonic clock: the standard library's everywhere but in a browser, where it has
/// none.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::{Instant, rt};
///
/// let start: Instant = rt::now();
/// assert_eq!((start + Duration::from_secs(1)) - start, Duration::from_secs(1));
/// ```
#[cfg(not(all(target_family = "wasm", target_os = "unknown")))]
pub type Instant = std::time::Instant;

/// A moment of the browser's monotonic clock, `performance.now`.
#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub type Instant = web_time::Instant;
