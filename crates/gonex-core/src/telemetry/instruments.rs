//! The instruments: the only place that names metrics and spans.
//!
//! Each function does for metrics and for traces what of it is compiled in and turned on.

#![cfg_attr(
    not(all(feature = "metrics", feature = "tracing")),
    allow(
        unused_variables,
        unused_mut,
        clippy::unused_self,
        reason = "left out with their feature"
    )
)]

use std::panic::Location;
use std::time::Duration;

use crate::op::{Name, Subject};
#[cfg(feature = "metrics")]
use crate::switches::METRICS;
#[cfg(feature = "tracing")]
use crate::switches::TRACING;

/// Who is told of one task or one wait, from its beginning to its end: turning telemetry on or off in
/// between does not tear it apart.
#[derive(Debug)]
pub(super) struct Listeners {
    #[cfg(feature = "metrics")]
    metrics: bool,
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl Listeners {
    /// Without a span yet.
    fn now() -> Self {
        Self {
            #[cfg(feature = "metrics")]
            metrics: METRICS.is_on(),
            #[cfg(feature = "tracing")]
            span: tracing::Span::none(),
        }
    }

    // ---- tasks ----

    pub(super) fn task_handed_in(kind: &'static str, name: &str) -> Self {
        let mut listeners = Self::now();
        #[cfg(feature = "metrics")]
        if listeners.metrics {
            metrics::counter!("gonex_tasks_total", "kind" => kind).increment(1);
        }
        #[cfg(feature = "tracing")]
        if TRACING.is_on() {
            use tracing::field::Empty;
            listeners.span = tracing::info_span!(
                target: "gonex::task",
                "task",
                kind,
                name,
                queue_seconds = Empty,
                run_seconds = Empty,
                outcome = Empty,
            );
        }
        listeners
    }

    pub(super) fn task_started(&self, kind: &'static str, queued: Duration) {
        #[cfg(feature = "metrics")]
        if self.metrics {
            metrics::counter!("gonex_tasks_started_total", "kind" => kind).increment(1);
            metrics::gauge!("gonex_tasks_running", "kind" => kind).increment(1);
            metrics::histogram!("gonex_task_queue_seconds", "kind" => kind).record(queued);
        }
        #[cfg(feature = "tracing")]
        self.span.record("queue_seconds", queued.as_secs_f64());
    }

    /// `ran` is how long, if it has started.
    pub(super) fn task_ended(
        &self,
        kind: &'static str,
        outcome: &'static str,
        ran: Option<Duration>,
    ) {
        #[cfg(feature = "metrics")]
        if self.metrics {
            metrics::counter!("gonex_tasks_ended_total", "kind" => kind, "outcome" => outcome)
                .increment(1);
            if let Some(ran) = ran {
                metrics::gauge!("gonex_tasks_running", "kind" => kind).decrement(1);
                metrics::histogram!("gonex_task_run_seconds", "kind" => kind).record(ran);
            }
        }
        #[cfg(feature = "tracing")]
        {
            if let Some(ran) = ran {
                self.span.record("run_seconds", ran.as_secs_f64());
            }
            self.span.record("outcome", outcome);
        }
    }

    /// Runs a step of the task inside its span.
    pub(super) fn inside<T>(&self, body: impl FnOnce() -> T) -> T {
        #[cfg(feature = "tracing")]
        return self.span.in_scope(body);
        #[cfg(not(feature = "tracing"))]
        return body();
    }

    // ---- operations ----

    pub(super) fn wait_began(subject: &Subject, place: &'static Location<'static>) -> Self {
        let mut listeners = Self::now();
        #[cfg(feature = "metrics")]
        if listeners.metrics {
            let (operation, on) = labels(subject);
            metrics::gauge!("gonex_operations_waiting", "operation" => operation, "on" => on)
                .increment(1);
        }
        #[cfg(feature = "tracing")]
        if TRACING.is_on() {
            listeners.span = tracing::trace_span!(
                target: "gonex::operation",
                "wait",
                operation = subject.verb,
                on = %subject.name,
                place = %place,
                outcome = tracing::field::Empty,
            );
        }
        listeners
    }

    pub(super) fn wait_ended(
        &self,
        (operation, on): (&'static str, &'static str),
        outcome: &'static str,
        waited: Duration,
    ) {
        #[cfg(feature = "metrics")]
        if self.metrics {
            metrics::gauge!("gonex_operations_waiting", "operation" => operation, "on" => on)
                .decrement(1);
            metrics::counter!(
                "gonex_operation_waits_total",
                "operation" => operation,
                "on" => on,
                "outcome" => outcome,
            )
            .increment(1);
            metrics::histogram!(
                "gonex_operation_wait_seconds",
                "operation" => operation,
                "on" => on,
            )
            .record(waited);
        }
        #[cfg(feature = "tracing")]
        self.span.record("outcome", outcome);
    }
}

/// What is done, and with what kind of thing: of both there are as many as the code has.
pub(super) fn labels(subject: &Subject) -> (&'static str, &'static str) {
    let on = match subject.name {
        Name::None => "",
        Name::Kind(kind) | Name::Named(kind, _) | Name::Numbered(kind, _) => kind,
    };
    (subject.verb, on)
}
