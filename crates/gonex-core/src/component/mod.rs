//! Components: the long-lived parts of a program, what each says of itself, and the list of them.
//!
//! A [`Component`] has a name and a kind, runs until it is stopped, and answers for its
//! [health](Health), its [state](Snapshot) and its [numbers](Metrics). A [`Registry`] lists them:
//! metrics, dashboards and [`shutdown_all`](Registry::shutdown_all) read that one list.
//!
//! # Who owns whom
//! The registry holds its components, so that one which nobody else holds is still found, and still
//! stopped. What ends that is the [`Registration`], which belongs into the *handle* by which a part is
//! used: dropped with it, it takes the part off the list. A component that holds its own registration,
//! or the registry, would keep itself alive until it is unregistered.
//!
//! # When a component panics
//! Each call of a component, its destructor included, is behind a border of its own: a panic there
//! becomes a [`Failure`], is told to the registry's [error handler](Registry::on_error), and reaches
//! neither the caller nor the other components. No component is called under a lock.

mod border;
#[expect(clippy::module_inception, reason = "the trait has the folder's name")]
mod component;
mod error;
mod health;
mod lifecycle;
mod metrics;
mod parts;
mod registration;
mod registry;
mod report;
mod shutdown;
mod snapshot;

pub use component::Component;
pub use error::{Failure, OnError, RegisterError, Trouble};
pub use health::Health;
pub use lifecycle::Lifecycle;
pub use metrics::{Metric, Metrics};
pub use parts::MOST_COMPONENTS;
pub use registration::Registration;
pub use registry::Registry;
pub use report::{ShutdownReport, Stopped};
pub use shutdown::Shutdown;
pub use snapshot::Snapshot;
