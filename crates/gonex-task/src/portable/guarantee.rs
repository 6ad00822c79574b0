use crate::TaskError;

/// How often a task may run for one call. There is one visible result, always.
///
/// This is the one place where that is decided, for every transport and for chains of places:
///
/// | what happened to an attempt | `AtMostOnce` | `AtLeastOnce` |
/// | --- | --- | --- |
/// | lost before it began | another, which costs nothing | another, which costs nothing |
/// | lost after it had begun, or nobody knows | [`Lost`](TaskError::Lost) | another, while there are retries left; then `Lost` |
/// | it ended, however | that is the result | that is the result |
///
/// ```
/// use gonex_task::portable::{AfterLoss, Guarantee};
///
/// assert_eq!(Guarantee::AtMostOnce.after_loss(false, 0), AfterLoss::Again);
/// assert_eq!(Guarantee::AtMostOnce.after_loss(true, 1), AfterLoss::End);
///
/// let twice = Guarantee::AtLeastOnce { retries: 1 };
/// assert_eq!(twice.after_loss(true, 1), AfterLoss::Again);
/// assert_eq!(twice.after_loss(true, 2), AfterLoss::End);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Guarantee {
    /// It runs once or not at all: what tasks are by default.
    AtMostOnce,
    /// It may run again, if it is lost while it runs: what tasks are that are declared `idempotent`.
    AtLeastOnce {
        /// How often it is started again at most.
        retries: u32,
    },
}

/// What becomes of a call whose attempt was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AfterLoss {
    /// It may be handed in once more.
    Again,
    /// Its handle says that it is lost.
    End,
}

impl Guarantee {
    /// What becomes of a call that was lost. `begun` says whether the attempt had begun, or may have;
    /// `attempts` is how many have begun, this one included.
    #[must_use]
    pub fn after_loss(self, begun: bool, attempts: u32) -> AfterLoss {
        let again = match self {
            _ if !begun => true,
            Self::AtMostOnce => false,
            // The first attempt is no retry.
            Self::AtLeastOnce { retries } => attempts <= retries,
        };
        if again { AfterLoss::Again } else { AfterLoss::End }
    }

    /// Whether a task that has ended like this at one place may be handed in at another, after so many
    /// attempts that have begun.
    ///
    /// | how it ended | another place? |
    /// | --- | --- |
    /// | [`Refused`](TaskError::Refused): the place was full, closed, unreachable, or does not know the task | yes |
    /// | [`Lost`](TaskError::Lost) before it began | yes |
    /// | `Lost` while it ran | only if it is `idempotent`, and has retries left |
    /// | an error of its own, a value like any other | no |
    /// | [`Panicked`](TaskError::Panicked) | no |
    /// | [`Cancelled`](TaskError::Cancelled), [`Timeout`](TaskError::Timeout) | no |
    /// | [`Stalled`](TaskError::Stalled) | no: it had begun |
    /// | [`Unreadable`](TaskError::Unreadable) | no: it has run |
    ///
    /// ```
    /// use gonex_task::TaskError;
    /// use gonex_task::portable::Guarantee;
    ///
    /// assert!(Guarantee::AtMostOnce.falls_through(&TaskError::refused("full"), 0));
    /// assert!(!Guarantee::AtMostOnce.falls_through(&TaskError::lost(true), 1));
    /// ```
    #[must_use]
    pub fn falls_through(self, ended: &TaskError, attempts: u32) -> bool {
        match ended {
            TaskError::Refused { .. } => true,
            TaskError::Lost { started } => self.after_loss(*started, attempts) == AfterLoss::Again,
            TaskError::Panicked(_)
            | TaskError::Cancelled(_)
            | TaskError::Timeout
            | TaskError::Stalled(_)
            | TaskError::Unreadable { .. }
            | TaskError::AlreadyJoined => false,
        }
    }
}
