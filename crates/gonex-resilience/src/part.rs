//! What is the same of all policies as components. None of them has anything to end: after a stop it goes
//! on to answer, and says that it was stopped.

use gonex_core::Op;
use gonex_core::component::Lifecycle;
use gonex_core::primitive::atomic::{AtomicBool, Ordering};

/// Whether somebody has stopped it, which stops nobody who calls.
#[derive(Debug)]
pub(crate) struct Ended(AtomicBool);

// Not derived: loom's atomics have no default.
impl Default for Ended {
    fn default() -> Self {
        Self(AtomicBool::new(false))
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn end(&self) -> Op<Lifecycle> {
        self.0.store(true, Ordering::Relaxed);
        Lifecycle::done()
    }

    pub(crate) fn is_running(&self) -> bool {
        !self.0.load(Ordering::Relaxed)
    }
}

/// The methods of a [`Component`](gonex_core::component::Component) that are the same of all policies: those
/// with a `name`, a `shared` in which the [`Ended`] stands, and metrics that can be named.
macro_rules! part {
    ($kind:literal) => {
        fn name(&self) -> &str {
            &self.name
        }

        fn kind(&self) -> &str {
            $kind
        }

        fn stop(
            self: ::std::sync::Arc<Self>,
            _deadline: ::gonex_core::Instant,
        ) -> ::gonex_core::Op<::gonex_core::component::Lifecycle> {
            self.shared.ended.end()
        }

        fn is_running(&self) -> bool {
            self.shared.ended.is_running()
        }

        fn metrics(&self) -> ::gonex_core::component::Metrics {
            Self::metrics(self).named()
        }

        fn reset_metrics(&self) {
            Self::reset_metrics(self);
        }
    };
}

pub(crate) use part;
