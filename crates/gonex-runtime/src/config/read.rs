use std::collections::BTreeMap;

use gonex_resilience::Problems;

use super::fields::ConfigField;
use super::parallelism::ParallelismConfig;
use super::refused::ParallelismError;
use super::value::Value;

/// Options as files have them.
#[cfg_attr(not(feature = "serde"), expect(dead_code, reason = "only files have maps"))]
pub(super) type Map = BTreeMap<String, Value>;

/// What all variables of the environment that mean options begin with.
const PREFIX: &str = "GONEX_";

impl ParallelismConfig {
    /// Reads the options from variables: `GONEX_THREAD_COUNT=4`, `GONEX_TIMEOUT=30s`. A name is that of
    /// a field, in capitals and after `GONEX_`. Others are passed over, since variables may mean
    /// anything.
    ///
    /// # Errors
    /// Everything that cannot be used, whether read or not.
    ///
    /// ```
    /// use gonex_runtime::ParallelismConfig;
    /// use gonex_runtime::config::ThreadCount;
    ///
    /// let variables = [("GONEX_THREAD_COUNT", "4"), ("GONEX_RETRY_ATTEMPTS", "2"), ("HOME", "/root")];
    /// let config = ParallelismConfig::from_variables(variables)?;
    /// assert_eq!(config.thread_count, Some(ThreadCount::Exactly(4)));
    /// assert_eq!(config.retry_attempts, Some(2));
    ///
    /// let refused = ParallelismConfig::from_variables([("GONEX_TIMEOUT", "-5")]).unwrap_err();
    /// assert!(refused.names("timeout"));
    /// # Ok::<(), gonex_runtime::ParallelismError>(())
    /// ```
    pub fn from_variables<N, V>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, ParallelismError>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let mut reading = Reading::default();
        for (name, value) in variables {
            let Some(name) = name.as_ref().strip_prefix(PREFIX) else { continue };
            let name = name.to_ascii_lowercase();
            if let Some(field) = ConfigField::named(&name) {
                reading.set(field, &name, &Value::guess(value.as_ref()));
            }
        }
        reading.finish()
    }

    /// Reads the options from the environment of this process: see
    /// [`from_variables`](Self::from_variables).
    ///
    /// # Errors
    /// Everything that cannot be used, whether read or not.
    ///
    /// ```
    /// use gonex_runtime::ParallelismConfig;
    ///
    /// // Nothing of it is set where these examples run.
    /// assert_eq!(ParallelismConfig::from_env(), Ok(ParallelismConfig::new()));
    /// ```
    pub fn from_env() -> Result<Self, ParallelismError> {
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            // A name of ours is text; a value that is none will be refused by what it is for.
            let name = name.into_string().ok()?;
            Some((name, value.to_string_lossy().into_owned()))
        });
        Self::from_variables(variables)
    }
}

/// Options that are being read.
#[derive(Default)]
struct Reading {
    config: ParallelismConfig,
    /// By which name each field was given.
    given: BTreeMap<&'static str, String>,
    problems: Problems,
}

impl Reading {
    fn set(&mut self, field: &'static ConfigField, name: &str, value: &Value) {
        let before = (field.get)(&self.config);
        if let Err((reason, remedy)) = (field.set)(&mut self.config, value) {
            self.problems.add(field.name, value, reason, remedy);
        }
        if let Some(other) = self.given.insert(field.name, name.to_owned())
            && before != (field.get)(&self.config)
        {
            let reason = format!("`{other}` means the same, and has another value");
            self.problems.add(field.name, value, reason, "one of the two");
        }
    }

    fn finish(mut self) -> Result<ParallelismConfig, ParallelismError> {
        self.config.check_values(&mut self.problems);
        self.config.check_conflicts(&mut self.problems);
        ParallelismError::new(self.problems, self.config.lacking()).map(|()| self.config)
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Map> for ParallelismConfig {
    type Error = ParallelismError;

    fn try_from(map: Map) -> Result<Self, ParallelismError> {
        let mut reading = Reading::default();
        for (name, value) in map {
            match ConfigField::named(&name) {
                Some(field) => reading.set(field, &name, &value),
                None => {
                    let names: Vec<_> = Self::fields().iter().map(|field| field.name).collect();
                    let remedy = format!("one of {}", names.join(", "));
                    reading.problems.add(&name, value, "there is no such option", remedy);
                }
            }
        }
        reading.finish()
    }
}

#[cfg(feature = "serde")]
impl From<ParallelismConfig> for Map {
    fn from(config: ParallelismConfig) -> Self {
        let set = ParallelismConfig::fields().iter().filter_map(|field| {
            let value = (field.get)(&config)?;
            Some((field.name.to_owned(), value))
        });
        set.collect()
    }
}
