use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use super::{Fallback, Recover};
use crate::{InvalidConfig, Problems};

type Running<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// A way whose type is not known.
trait Way<T, E>: Send + Sync {
    fn recover(&self, error: E) -> Running<T, E>;
    fn succeeded(&self, value: &T);
}

impl<T, E, R> Way<T, E> for R
where
    R: Recover<T, E, Error = E> + Send + Sync,
    R::Running: Send + 'static,
{
    fn recover(&self, error: E) -> Running<T, E> {
        Box::pin(Recover::recover(self, error))
    }

    fn succeeded(&self, value: &T) {
        Recover::succeeded(self, value);
    }
}

/// One of several ways, chosen by its name; made by [`Fallbacks::choose`].
pub struct Chosen<T, E>(Arc<dyn Way<T, E>>);

// Not derived: that would ask the same of values and errors.
impl<T, E> Clone for Chosen<T, E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T, E> fmt::Debug for Chosen<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chosen")
    }
}

impl<T, E> Recover<T, E> for Chosen<T, E> {
    type Error = E;
    type Running = Running<T, E>;

    fn recover(&self, error: E) -> Running<T, E> {
        self.0.recover(error)
    }

    fn succeeded(&self, value: &T) {
        self.0.succeeded(value);
    }
}

/// Fallbacks by name, so that a configuration can choose one: `fallback_strategy = "cache"`.
///
/// ```
/// use gonex_resilience::Fallback;
/// use gonex_resilience::fallback::Fallbacks;
///
/// let mut known: Fallbacks<u8, &str> = Fallbacks::new();
/// known.add("zero", Fallback::value(0))?;
/// known.add("again", Fallback::or_else(|_| async { Ok(7) }))?;
/// let chosen = known.choose("again")?;
/// assert_eq!(chosen.call(|| Err("down")).block(), Ok(7));
/// let unknown = known.choose("agian").unwrap_err();
/// assert!(unknown.to_string().contains("one of again, zero"), "{unknown}");
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
pub struct Fallbacks<T, E> {
    known: BTreeMap<String, Fallback<Chosen<T, E>>>,
}

impl<T, E> Default for Fallbacks<T, E> {
    fn default() -> Self {
        Self { known: BTreeMap::new() }
    }
}

impl<T, E> fmt::Debug for Fallbacks<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.known.keys()).finish()
    }
}

impl<T, E> Fallbacks<T, E> {
    /// Knows none yet.
    ///
    /// ```
    /// use gonex_resilience::fallback::Fallbacks;
    ///
    /// assert!(Fallbacks::<u8, ()>::new().names().next().is_none());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one under a name. State and metrics stay those of the fallback.
    ///
    /// # Errors
    /// If the name is known already; then nothing is changed.
    ///
    /// ```
    /// use gonex_resilience::Fallback;
    /// use gonex_resilience::fallback::Fallbacks;
    ///
    /// let mut known: Fallbacks<u8, ()> = Fallbacks::new();
    /// known.add("zero", Fallback::value(0))?;
    /// assert!(known.add("zero", Fallback::value(1)).is_err());
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn add<R>(
        &mut self,
        name: impl Into<String>,
        fallback: Fallback<R>,
    ) -> Result<(), InvalidConfig>
    where
        R: Recover<T, E, Error = E> + Send + Sync + 'static,
        R::Running: Send + 'static,
    {
        let name = name.into();
        if self.known.contains_key(&name) {
            let mut problems = Problems::default();
            let reason = "another fallback has this name";
            problems.add("fallback_strategy", name, reason, "a name of its own");
            return problems.finish();
        }
        let Fallback { recover, shared, .. } = fallback;
        let recover = Chosen(Arc::new(recover));
        let fallback = Fallback { recover, shared, name: name.as_str().into() };
        self.known.insert(name, fallback);
        Ok(())
    }

    /// The one of this name.
    ///
    /// # Errors
    /// If none has it; the error says which there are.
    ///
    /// ```
    /// use gonex_resilience::fallback::Fallbacks;
    ///
    /// let none: Fallbacks<u8, ()> = Fallbacks::new();
    /// assert!(none.choose("cache").unwrap_err().names("fallback_strategy"));
    /// ```
    pub fn choose(&self, name: &str) -> Result<Fallback<Chosen<T, E>>, InvalidConfig> {
        if let Some(known) = self.known.get(name) {
            return Ok(known.clone());
        }
        let names: Vec<_> = self.names().collect();
        let remedy = match &names[..] {
            [] => "to add one first: there is none".to_owned(),
            names => format!("one of {}", names.join(", ")),
        };
        let mut problems = Problems::default();
        problems.add("fallback_strategy", format!("{name:?}"), "no fallback has this name", remedy);
        match problems.finish() {
            Err(invalid) => Err(invalid),
            Ok(()) => unreachable!("a problem was added"),
        }
    }

    /// The names that are known, in the order of the alphabet.
    ///
    /// ```
    /// use gonex_resilience::Fallback;
    /// use gonex_resilience::fallback::Fallbacks;
    ///
    /// let mut known: Fallbacks<u8, ()> = Fallbacks::new();
    /// known.add("zero", Fallback::value(0))?;
    /// assert_eq!(known.names().collect::<Vec<_>>(), ["zero"]);
    /// # Ok::<(), gonex_resilience::InvalidConfig>(())
    /// ```
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.known.keys().map(String::as_str)
    }
}
