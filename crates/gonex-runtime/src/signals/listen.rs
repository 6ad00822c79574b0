use std::collections::BTreeSet;
use std::io;

use gonex_core::Context;

use super::context::Told;
use super::os::Listening;
use super::{Again, Signal, SignalContext};

/// Listens for Ctrl-C, and where it exists for `SIGTERM`: a child of the current context that the first
/// of them cancels; a second one ends the process.
///
/// ```
/// let asked = gonex_runtime::signals::context()?;
/// assert_eq!(asked.stopped(), None, "nobody has asked");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// What the system says when it has no more threads or descriptors; then nothing has changed.
pub fn context() -> io::Result<SignalContext> {
    Signals::new().context()
}

/// Which signals to listen for, and what a second one does.
///
/// ```
/// use gonex_runtime::signals::{Again, Signal, Signals};
///
/// let asked = Signals::new().on(Signal::Hangup).again(Again::Ignore).context()?;
/// assert_eq!(asked.caught(), None);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "nobody listens until `.context()`"]
pub struct Signals {
    signals: BTreeSet<Signal>,
    again: Again,
    parent: Option<Context>,
}

impl Signals {
    /// Ctrl-C, and `SIGTERM` where it exists; a second one ends the process.
    ///
    /// ```
    /// let asked = gonex_runtime::signals::Signals::new().context()?;
    /// assert_eq!(asked.deadline(), None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn new() -> Self {
        let usual = [Signal::Interrupt, Signal::Terminate];
        Self::none().of(usual.into_iter().filter(|signal| Listening::exists(*signal)))
    }

    /// No signal yet: those that are named with [`on`](Self::on).
    ///
    /// ```
    /// use gonex_runtime::signals::{Signal, Signals};
    ///
    /// let asked = Signals::none().on(Signal::Interrupt).context()?;
    /// assert!(Signals::none().context().is_err(), "it would listen for nothing");
    /// # drop(asked);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn none() -> Self {
        Self { signals: BTreeSet::new(), again: Again::default(), parent: None }
    }

    fn of(mut self, signals: impl Iterator<Item = Signal>) -> Self {
        self.signals.extend(signals);
        self
    }

    /// One more signal to listen for.
    pub fn on(self, signal: Signal) -> Self {
        self.of(std::iter::once(signal))
    }

    /// What a further signal does, once the first has cancelled the context; by default it
    /// [ends the process](Again::End).
    pub fn again(mut self, again: Again) -> Self {
        self.again = again;
        self
    }

    /// The context will be a child of this one, instead of the current one.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::Context;
    /// use gonex_runtime::signals::Signals;
    ///
    /// let an_hour = Context::background().with_timeout(Duration::from_secs(3600));
    /// let asked = Signals::new().within(&an_hour).context()?;
    /// assert_eq!(asked.deadline(), an_hour.deadline());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn within(mut self, parent: &Context) -> Self {
        self.parent = Some(parent.clone());
        self
    }

    /// Begins to listen. Several such contexts may exist; each is told of a signal, and one of them that
    /// says [`Again::End`] is enough to end the process.
    ///
    /// # Errors
    /// [`Unsupported`](io::ErrorKind::Unsupported) for a signal that the system does not have,
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) for none at all, and what the system says when it
    /// has no more threads or descriptors. Then nothing has changed.
    pub fn context(self) -> io::Result<SignalContext> {
        if self.signals.is_empty() {
            let reason = "no signal to listen for: name one with `.on(..)`";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
        }
        if let Some(unknown) = self.signals.iter().find(|signal| !Listening::exists(**signal)) {
            let name = unknown.name();
            let reason = format!("{name} does not exist on this system; leave it out there");
            return Err(io::Error::new(io::ErrorKind::Unsupported, reason));
        }
        let parent = self.parent.unwrap_or_else(Context::current);
        let (context, canceller) = parent.with_cancel();
        let signals: Vec<Signal> = self.signals.into_iter().collect();
        let listening = Listening::begin(&signals, Told::new(canceller, self.again))?;
        Ok(SignalContext::new(context, listening))
    }
}

impl Default for Signals {
    fn default() -> Self {
        Self::new()
    }
}
