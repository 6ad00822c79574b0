use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::Instant;

/// What an operation waits for, in words for people: "receive from channel "pages" made at
/// src/x.rs:3:5".
///
/// ```
/// use gonex_core::op::Subject;
///
/// let subject = Subject::new("receive from").named("channel", "pages");
/// assert_eq!(subject.to_string(), "receive from channel \"pages\"");
/// assert_eq!(Subject::new("join").numbered("task", 7).to_string(), "join task #7");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Subject {
    /// What is done, as the beginning of a sentence: `receive from`.
    pub verb: &'static str,
    /// Which thing it is done with.
    pub name: Name,
    /// Where that thing was made.
    pub made_at: Option<&'static Location<'static>>,
    /// When the operation ends by itself, if time alone will see to that. Limits and contexts do
    /// not belong here, they are known.
    pub until: Option<Instant>,
}

/// What a thing is called.
///
/// ```
/// use gonex_core::op::Name;
///
/// assert_eq!(Name::Kind("a context").to_string(), "a context");
/// assert_eq!(Name::Named("channel", "pages".into()).to_string(), "channel \"pages\"");
/// assert_eq!(Name::Numbered("task", 7).to_string(), "task #7");
/// assert_eq!(Name::None.to_string(), "");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Name {
    /// It has no name, and the verb says all.
    #[default]
    None,
    /// What it is, without a name of its own.
    Kind(&'static str),
    /// What it is, and its name.
    Named(&'static str, Arc<str>),
    /// What it is, and its number.
    Numbered(&'static str, u64),
}

impl Subject {
    /// Makes a subject of which only the verb is known.
    ///
    /// ```
    /// use gonex_core::op::Subject;
    ///
    /// assert_eq!(Subject::new("sleep").to_string(), "sleep");
    /// ```
    #[must_use]
    pub const fn new(verb: &'static str) -> Self {
        Self { verb, name: Name::None, made_at: None, until: None }
    }

    /// Says what kind of thing it is.
    ///
    /// ```
    /// use gonex_core::op::Subject;
    ///
    /// assert_eq!(Subject::new("lock").of("a mutex").to_string(), "lock a mutex");
    /// ```
    #[must_use]
    pub fn of(self, kind: &'static str) -> Self {
        Self { name: Name::Kind(kind), ..self }
    }

    /// Says what kind of thing it is, and its name.
    ///
    /// ```
    /// use gonex_core::op::Subject;
    ///
    /// let subject = Subject::new("receive from").named("channel", "pages");
    /// assert_eq!(subject.to_string(), "receive from channel \"pages\"");
    /// ```
    #[must_use]
    pub fn named(self, kind: &'static str, name: impl Into<Arc<str>>) -> Self {
        Self { name: Name::Named(kind, name.into()), ..self }
    }

    /// Says what kind of thing it is, and its number.
    ///
    /// ```
    /// use gonex_core::op::Subject;
    ///
    /// assert_eq!(Subject::new("join").numbered("task", 7).to_string(), "join task #7");
    /// ```
    #[must_use]
    pub fn numbered(self, kind: &'static str, number: u64) -> Self {
        Self { name: Name::Numbered(kind, number), ..self }
    }

    /// Says where the thing was made.
    ///
    /// ```
    /// use std::panic::Location;
    /// use gonex_core::op::Subject;
    ///
    /// let subject = Subject::new("lock").of("a mutex").made_at(Location::caller());
    /// assert!(subject.to_string().starts_with("lock a mutex made at "));
    /// ```
    #[must_use]
    pub fn made_at(self, place: &'static Location<'static>) -> Self {
        Self { made_at: Some(place), ..self }
    }

    /// Says when the operation ends by itself.
    ///
    /// ```
    /// use gonex_core::op::Subject;
    /// use gonex_core::rt;
    ///
    /// let at = rt::now();
    /// assert_eq!(Subject::new("sleep").until(at).until, Some(at));
    /// ```
    #[must_use]
    pub fn until(self, at: Instant) -> Self {
        Self { until: Some(at), ..self }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Kind(kind) => f.write_str(kind),
            Self::Named(kind, name) => write!(f, "{kind} {name:?}"),
            Self::Numbered(kind, number) => write!(f, "{kind} #{number}"),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let space = if self.name == Name::None { "" } else { " " };
        write!(f, "{}{space}{}", self.verb, self.name)?;
        match self.made_at {
            Some(place) => write!(f, " made at {place}"),
            None => Ok(()),
        }
    }
}
