//! Whether a subject is ours, and whether ours is measured by it.

/// How a subject stands to ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Ours,
    /// A sound rival. Ours is measured by the best of these, and by nobody else.
    Rival,
    /// Shown, and not counted: a program in `soundness/` shows its defect.
    Unsound,
    /// Shown, and not counted: another language, whose scheduler is a part of it, or the same work without
    /// any, on one thread or on a thread for each core.
    Beside,
}

impl Standing {
    pub const ALL: [Self; 4] = [Self::Ours, Self::Rival, Self::Unsound, Self::Beside];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Rival => "rival",
            Self::Unsound => "unsound",
            Self::Beside => "beside",
        }
    }

    /// What a table puts behind the name of who does not count.
    pub const fn note(self) -> &'static str {
        match self {
            Self::Ours | Self::Rival => "",
            Self::Unsound => " (unsound)",
            Self::Beside => " (beside)",
        }
    }

    /// What a document puts around the values of who does not count.
    pub const fn marks(self) -> [&'static str; 2] {
        match self {
            Self::Ours | Self::Rival => ["", ""],
            Self::Unsound => ["*", "*"],
            Self::Beside => ["[", "]"],
        }
    }

    /// What the marks mean.
    pub const fn legend(self) -> Option<&'static str> {
        match self {
            Self::Ours | Self::Rival => None,
            Self::Unsound => Some("In italics: an unsound rival, shown and not counted."),
            Self::Beside => Some(
                "In square brackets: another language with a scheduler of its own, or threads without any, \
                 shown beside the rivals and not counted.",
            ),
        }
    }
}
