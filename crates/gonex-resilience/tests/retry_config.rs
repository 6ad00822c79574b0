//! Configurations: what is refused, all at once, and how they are written.

use std::time::Duration;

use gonex_resilience::retry::{Jitter, Strategy};
use gonex_resilience::{BudgetConfig, InvalidConfig, Retry, RetryConfig, RetryError};

fn fields(checked: Result<(), InvalidConfig>) -> Vec<String> {
    let problems = checked.err().map(|invalid| invalid.problems().to_vec()).unwrap_or_default();
    problems.iter().map(|problem| problem.field().to_owned()).collect()
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let wrong = RetryConfig {
        strategy: Strategy::Exponential,
        initial_delay: Duration::ZERO,
        max_delay: Duration::MAX,
        multiplier: 0.5,
        jitter: Jitter::Full,
        max_attempts: Some(0),
        max_elapsed: Some(Duration::ZERO),
        attempt_timeout: Some(Duration::ZERO),
    };
    let all = [
        "initial_delay",
        "max_delay",
        "multiplier",
        "max_attempts",
        "max_elapsed",
        "attempt_timeout",
    ];
    assert_eq!(fields(wrong.validate()), all);
    let message = wrong.validate().unwrap_err().to_string();
    assert!(all.iter().all(|field| message.contains(&format!("`{field}` = "))), "{message}");
}

#[test]
fn each_bound_holds_at_equality() {
    let config = RetryConfig::default;
    let second = Duration::from_secs(1);
    let ok = |config: RetryConfig| fields(config.validate()).is_empty();
    assert!(ok(config()));
    assert!(ok(RetryConfig { initial_delay: second, max_delay: second, ..config() }));
    let inverted = RetryConfig { initial_delay: second, max_delay: second / 2, ..config() };
    assert_eq!(fields(inverted.validate()), ["max_delay"]);
    for multiplier in [f64::NAN, f64::INFINITY, -2.0, 0.0, 0.999, 1.0005] {
        assert_eq!(fields(RetryConfig { multiplier, ..config() }.validate()), ["multiplier"]);
    }
    for multiplier in [1.0, 1.001, 1e300] {
        assert!(ok(RetryConfig { multiplier, ..config() }));
    }
    assert!(ok(RetryConfig { max_attempts: Some(1), ..config() }));
    let endless = RetryConfig { max_attempts: None, ..config() };
    assert_eq!(fields(endless.validate()), ["max_attempts"]);
    assert!(ok(RetryConfig { max_elapsed: Some(second), ..endless }));
    let longest = Duration::from_nanos(u64::MAX);
    assert!(ok(RetryConfig { max_delay: longest, ..config() }));
    let beyond = RetryConfig { max_delay: longest + Duration::from_nanos(1), ..config() };
    assert_eq!(fields(beyond.validate()), ["max_delay"]);
}

#[test]
fn a_policy_that_cannot_be_used_calls_nothing() {
    let retry = Retry::fixed().max_attempts(0).initial_delay(Duration::ZERO);
    let failed = retry.call(|| -> Result<(), ()> { unreachable!("it was called") }).block();
    let Err(RetryError::Invalid(invalid)) = failed else { panic!("it was used") };
    assert!(invalid.names("max_attempts") && invalid.names("initial_delay"));
    assert_eq!(retry.metrics(), Retry::fixed().metrics(), "nothing was counted");
    assert_eq!(fields(retry.validate()), ["initial_delay", "max_attempts"]);
}

#[test]
fn a_custom_strategy_needs_its_function() {
    let config = RetryConfig { strategy: Strategy::Custom, ..RetryConfig::default() };
    let invalid = Retry::try_from(config.clone()).unwrap_err();
    assert!(invalid.names("strategy"));
    let retry = Retry::custom(|_| Duration::from_secs(1));
    assert_eq!(retry.reconfigure(config), Ok(()), "it has one");
}

#[test]
fn a_change_is_whole_or_not_at_all() {
    let retry = Retry::linear();
    let before = retry.config();
    let wrong = RetryConfig { max_attempts: Some(9), multiplier: 0.0, ..before.clone() };
    assert_eq!(fields(retry.reconfigure(wrong)), ["multiplier"]);
    assert_eq!(retry.config(), before);
}

#[test]
fn the_names_of_the_seeds_are_understood() {
    let json = r#"{
        "maxAttempts": 3, "backoffStrategy": "exponential", "initialDelay": 1000,
        "maxDelay": 10000, "jitter": true
    }"#;
    let config: RetryConfig = serde_json::from_str(json).unwrap();
    let expected = RetryConfig {
        initial_delay: Duration::from_secs(1),
        jitter: Jitter::Full,
        ..RetryConfig::default()
    };
    assert_eq!(config, expected);
}

#[test]
fn retries_are_extra_calls() {
    for name in ["maxRetries", "max_retries", "retryAttempts", "retry_attempts"] {
        let config: RetryConfig = toml::from_str(&format!("{name} = 3")).unwrap();
        assert_eq!(config.max_attempts, Some(4), "{name}");
        let config: RetryConfig = toml::from_str(&format!("{name} = 0")).unwrap();
        assert_eq!(config.max_attempts, Some(1), "{name}");
    }
    for name in ["maxAttempts", "max_attempts"] {
        let config: RetryConfig = toml::from_str(&format!("{name} = 3")).unwrap();
        assert_eq!(config.max_attempts, Some(3), "{name}");
    }
}

#[test]
fn every_wrong_value_of_a_file_is_named_at_once() {
    let text = r#"
        strategy = "sometimes"
        initial_delay = -1
        max_delay = "soon"
        multiplier = 0.5
        jitter = "a little"
        max_attempts = -3
        attempt_timeout = "0s"
    "#;
    let error = toml::from_str::<RetryConfig>(text).unwrap_err().to_string();
    for part in [
        "`strategy` = sometimes",
        "`initial_delay` = -1: a length of time is not negative",
        "`max_delay` = \"soon\"",
        "`multiplier` = 0.5",
        "`jitter` = a little",
        "`max_attempts` = -3",
        "`attempt_timeout` = 0s",
    ] {
        assert!(error.contains(part), "{part} is not in {error}");
    }
    let both = toml::from_str::<RetryConfig>("max_attempts = 3\nmax_retries = 2").unwrap_err();
    assert!(both.to_string().contains("one of the two"), "{both}");
    assert!(toml::from_str::<RetryConfig>("retrys = 3").is_err(), "an unknown name");
}

#[test]
fn what_is_written_is_read_again() {
    let config = RetryConfig {
        strategy: Strategy::Fibonacci,
        initial_delay: Duration::from_millis(1500),
        max_delay: Duration::from_secs(90),
        multiplier: 3.5,
        jitter: Jitter::Decorrelated,
        max_attempts: None,
        max_elapsed: Some(Duration::from_secs(3600)),
        attempt_timeout: Some(Duration::from_micros(250)),
    };
    for config in [config, RetryConfig::default()] {
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<RetryConfig>(&text).unwrap(), config, "{text}");
    }
    let budget = BudgetConfig { max_tokens: 7, ..BudgetConfig::default() };
    let text = toml::to_string(&budget).unwrap();
    assert_eq!(toml::from_str::<BudgetConfig>(&text).unwrap(), budget);
}
