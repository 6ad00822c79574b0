use super::parallelism::ParallelismConfig;
use super::value::Value;

/// One field of [`ParallelismConfig`], as files, the environment, and the page about the seeds know it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ConfigField {
    /// Its name; in the environment in capitals and after `GONEX_`.
    pub name: &'static str,
    /// Other names that mean it.
    pub aliases: &'static [&'static str],
    /// What the seeds call it, and the line where they do, as `S0:471 threadCount`. Empty for what is
    /// ours alone.
    pub seeds: &'static [&'static str],
    /// Reads a value into it, or says why that cannot be and what would do.
    pub(super) set: fn(&mut ParallelismConfig, &Value) -> Result<(), NotRead>,
    /// Its value, if it has one.
    pub(super) get: fn(&ParallelismConfig) -> Option<Value>,
    /// Why it is refused today with the value it has, if it is.
    pub(super) lacks: fn(&ParallelismConfig) -> Option<&'static str>,
}

/// Why a value was not read, and what would do.
pub(super) type NotRead = (String, &'static str);

impl ConfigField {
    /// The field that has this name, or an alias that is this, in snake case or camel case.
    ///
    /// ```
    /// use gonex_runtime::config::ConfigField;
    ///
    /// assert_eq!(ConfigField::named("workerThreads").map(|field| field.name), Some("thread_count"));
    /// assert!(ConfigField::named("threads").is_none());
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ParallelismConfig::fields().iter().find(|field| field.is_called(name))
    }

    /// Whether this name, in snake case or camel case, means the field.
    fn is_called(&self, name: &str) -> bool {
        let name = snake_case(name);
        self.name == name || self.aliases.contains(&name.as_str())
    }
}

/// `threadCount` as `thread_count`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
