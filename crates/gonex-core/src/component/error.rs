use std::fmt;
use std::sync::Arc;

use crate::{Cause, Stop};

/// Why a component could not be registered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another component has this name.
    #[error(
        "cannot register the {kind} {name:?}: there is a component of that name already; choose \
         another name, or unregister the other one first"
    )]
    Taken {
        /// The name.
        name: Arc<str>,
        /// The kind of the one that was to be registered.
        kind: Arc<str>,
    },
    /// The name is empty, so nobody could ask for it.
    #[error("cannot register a {kind} with an empty name: give it one")]
    NoName {
        /// The kind of the one that was to be registered.
        kind: Arc<str>,
    },
    /// The registry has been shut down: what comes now would not be stopped.
    #[error("cannot register the {kind} {name:?}: the registry has been shut down; make a new one")]
    ShutDown {
        /// The name.
        name: Arc<str>,
        /// The kind of the one that was to be registered.
        kind: Arc<str>,
    },
    /// There are as many components as there can be.
    #[error(
        "cannot register the {kind} {name:?}: there are {most} components already, the most there \
         can be; unregister some first"
    )]
    Full {
        /// The name.
        name: Arc<str>,
        /// The kind of the one that was to be registered.
        kind: Arc<str>,
        /// How many there can be.
        most: usize,
    },
    /// The component panicked when it was asked for its name or its kind.
    #[error("cannot register a component: it panicked when asked for its {during}: {failure}")]
    Broken {
        /// What it was asked for.
        during: &'static str,
        /// What it did.
        failure: Failure,
    },
}

/// Why a component did not do what it was asked to.
///
/// ```
/// use gonex_core::component::{Failure, Lifecycle};
///
/// let failed = Lifecycle::of(async { Err("no such address".into()) }).block().unwrap_err();
/// assert_eq!(failed.to_string(), "failed: no such address");
/// let panicked = Lifecycle::of(async { panic!("oh") }).block();
/// assert_eq!(panicked, Err(Failure::Panicked("oh".to_owned())));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// It said so itself.
    #[error("failed: {0}")]
    Failed(Cause),
    /// It panicked, with this message.
    #[error("panicked: {0}")]
    Panicked(String),
    /// It was not done in time.
    #[error("timed out")]
    Timeout,
    /// Whoever waited for it was cancelled.
    #[error("cancelled: {0}")]
    Cancelled(Cause),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Timeout => Self::Timeout,
            Stop::Cancelled(cause) => Self::Cancelled(cause),
        }
    }
}

/// Something that went wrong with a component, for a registry's [error
/// handler](super::Registry::on_error).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trouble {
    /// The component's name.
    pub name: Arc<str>,
    /// Its kind.
    pub kind: Arc<str>,
    /// Which of its methods it was: `stop`, `health`.
    pub during: &'static str,
    /// What happened.
    pub failure: Failure,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, during, failure } = self;
        write!(f, "the {kind} {name:?}, in `{during}`: {failure}")
    }
}

/// What is called when something goes wrong with a component.
///
/// ```
/// use std::sync::Arc;
/// use gonex_core::component::{OnError, Registry};
///
/// let handler: OnError = Arc::new(|trouble| eprintln!("{trouble}"));
/// let registry = Registry::new();
/// registry.on_error(Some(handler.clone()));
/// assert_eq!(Arc::strong_count(&handler), 2);
/// ```
pub type OnError = Arc<dyn Fn(&Trouble) + Send + Sync>;
