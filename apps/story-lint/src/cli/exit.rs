use std::process::ExitCode;

/// What the command ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: all was checked, and nothing found that counts.
    Clean,
    /// 1: something was found that counts.
    Findings,
    /// 2: something could not be checked, or the command was not understood.
    Trouble,
}

impl Exit {
    /// The number that the process ends with.
    ///
    /// ```
    /// use story_lint::cli::Exit;
    /// assert_eq!(Exit::Trouble.code(), 2);
    /// ```
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Trouble => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
