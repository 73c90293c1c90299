//! What can be wrong with a connection string.

use pgdba_pg::conninfo;

/// What is wrong with a connection string. Nothing of the string is repeated: a slip of the pen may have put the password
/// anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Its form.
    #[error(transparent)]
    Form(#[from] conninfo::Malformed),
    /// libpq has no such option.
    #[error("unrecognized option, not shown because it might be part of a password")]
    UnknownOption,
}
