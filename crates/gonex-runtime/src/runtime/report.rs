use std::fmt;

use gonex_core::component::ShutdownReport;

/// What became of the tasks and parts of a runtime that was [shut down](crate::Runtime::shutdown);
/// printed, a few lines.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::rt;
/// use gonex_runtime::Runtime;
///
/// let runtime = Runtime::new()?;
/// let report = runtime.shutdown(rt::now() + Duration::from_secs(60)).block();
/// assert!(report.is_clean());
/// assert_eq!(report.to_string(), "tasks: 0 ended, 0 were lost, 0 linger, 0 were refused\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "it says which tasks and parts have not ended"]
pub struct RuntimeReport {
    /// The tasks that ended while the runtime was being shut down, with a result or without. Futures
    /// that were also started meanwhile are not counted.
    pub ended: u64,
    /// The tasks that were dropped: closures that had not started, and futures of the runtime's own
    /// threads. Their handles say [`TaskError::Lost`](gonex_task::TaskError::Lost).
    pub lost: usize,
    /// The tasks that go on, since nothing can end them from outside: closures that run, and futures
    /// that are polled by a tokio runtime around, or by a browser.
    pub lingering: usize,
    /// The tasks that came from outside after the shutdown had begun.
    pub refused: u64,
    /// The parts of the [registry](crate::Runtime::registry).
    pub parts: ShutdownReport,
}

impl RuntimeReport {
    /// Whether every task that was taken has ended by itself, and every part without trouble.
    ///
    /// ```
    /// assert!(gonex_runtime::RuntimeReport::default().is_clean());
    /// ```
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost == 0 && self.lingering == 0 && self.parts.is_clean()
    }
}

impl fmt::Display for RuntimeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ended, lost, lingering, refused, parts } = self;
        writeln!(
            f,
            "tasks: {ended} ended, {lost} were lost, {lingering} linger, {refused} were refused"
        )?;
        parts.fmt(f)
    }
}
