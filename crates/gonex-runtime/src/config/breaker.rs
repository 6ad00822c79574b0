use std::time::Duration;

use gonex_resilience::breaker::{BreakerConfig, HalfOpen};

/// What stands between work and a worker that keeps failing where options ask for a breaker: it opens at five
/// failures in a row, for 30 s, and the next task says whether it closes.
pub(crate) fn worker_breaker() -> BreakerConfig {
    BreakerConfig {
        break_duration: Duration::from_secs(30),
        half_open: HalfOpen::KOfN { successes: 1, calls: 1 },
        ..BreakerConfig::consecutive(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_valid() {
        assert_eq!(worker_breaker().validate(), Ok(()));
    }
}
