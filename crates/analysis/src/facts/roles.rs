//! Roles.

use pgdba_pg::quote::quote_identifier;
use pgdba_snapshot::sections::pg_roles::PgRole;

use crate::format::{Subject, SubjectKind};

/// The oid of the superuser that initdb creates.
const INITIAL: i64 = 10;

/// Whether a role that is not a superuser can log in: on other servers, privileges restrict nobody.
#[must_use]
pub fn are_restricted(roles: &[Role]) -> bool {
    roles.iter().any(|role| role.can_log_in() && role.row.rolsuper == Some(false))
}

/// A role.
#[derive(Debug)]
pub struct Role {
    /// Its row.
    pub row: PgRole,
}

impl Role {
    /// Whether it can log in.
    #[must_use]
    pub fn can_log_in(&self) -> bool {
        self.row.rolcanlogin == Some(true)
    }

    /// Whether it has a password; none where the collecting role could not see that.
    #[must_use]
    pub fn has_password(&self) -> Option<bool> {
        self.row.password_kind.as_deref().map(|kind| kind != "none")
    }

    /// Whether initdb created it.
    #[must_use]
    pub fn is_initial(&self) -> bool {
        self.row.oid == INITIAL
    }

    /// Its name, quoted for statements.
    #[must_use]
    pub fn sql(&self) -> String {
        quote_identifier(&self.row.rolname)
    }

    /// The role as a subject.
    #[must_use]
    pub fn subject(&self) -> Subject {
        Subject::named(SubjectKind::Role, &self.row.rolname)
    }
}
