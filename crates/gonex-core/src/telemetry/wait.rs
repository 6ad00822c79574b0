use std::panic::Location;

use super::instruments::{Listeners, labels};
use super::kept::Kept;
use super::quietly::quietly;
use crate::op::Subject;
use crate::{Instant, rt};

/// An operation that waits, as far as telemetry follows it.
#[derive(Debug, Default)]
pub(crate) struct Wait {
    kept: Kept<Inner>,
}

#[derive(Debug)]
struct Inner {
    listeners: Listeners,
    labels: (&'static str, &'static str),
    since: Instant,
}

impl Wait {
    pub(crate) fn begin(subject: &Subject, place: &'static Location<'static>) -> Self {
        let began = quietly(|| Inner {
            listeners: Listeners::wait_began(subject, place),
            labels: labels(subject),
            since: rt::now(),
        });
        Self { kept: began.map(Kept::new).unwrap_or_default() }
    }

    /// Whether it is followed.
    pub(crate) fn is_known(&self) -> bool {
        self.kept.get().is_some()
    }

    /// It waits no longer.
    #[inline]
    pub(crate) fn end(&mut self, outcome: &'static str) {
        if let Some(wait) = self.kept.take() {
            wait.end(outcome);
        }
    }
}

impl Inner {
    #[cold]
    fn end(self, outcome: &'static str) {
        // With the span, which is a call of the subscriber as well.
        quietly(move || {
            let waited = rt::now().saturating_duration_since(self.since);
            self.listeners.wait_ended(self.labels, outcome, waited);
        });
    }
}
