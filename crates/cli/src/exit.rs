//! How a command ends, and its exit code.

/// How a command ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Exit {
    /// As it should.
    #[default]
    Done,
    /// It could not do its work, or gave less than `--strict` asks for.
    Failed,
    /// The call itself was wrong.
    Usage,
    /// It found what the caller wants to fail on.
    Findings,
    /// Another change of the server stands in the way.
    Locked,
}

impl Exit {
    /// The process's exit code.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Findings => 3,
            Self::Locked => 4,
        }
    }
}
