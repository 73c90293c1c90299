//! Roles.

use jiff::Timestamp;

use crate::section;

section! {
    /// Roles, except the predefined ones: attributes and memberships. Never a password, only its type, for roles that
    /// can read `pg_authid`.
    section pg_roles {
        scope: Cluster,
        why: "Finds roles with more privileges than necessary, and MD5 passwords.",
        since: 12,
        sql: [12 => "12.sql"],
        privileged: {
            when: "pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')",
            sql: [12 => "12.privileged.sql"],
            otherwise: "superuser is required to see the type of each role's password",
        },
    }
    row PgRole {
        /// The role's oid.
        oid: i64,
        /// Its name.
        rolname: String,
        /// Whether it is a superuser.
        rolsuper: Option<bool>,
        /// Whether it inherits the privileges of roles it is a member of.
        rolinherit: Option<bool>,
        /// Whether it can create roles.
        rolcreaterole: Option<bool>,
        /// Whether it can create databases.
        rolcreatedb: Option<bool>,
        /// Whether it can log in.
        rolcanlogin: Option<bool>,
        /// Whether it can initiate replication.
        rolreplication: Option<bool>,
        /// Whether it bypasses row-level security.
        rolbypassrls: Option<bool>,
        /// Connection limit, -1 for none.
        rolconnlimit: Option<i64>,
        /// When its password expires.
        rolvaliduntil: Option<Timestamp>,
        /// The roles it is a member of, including predefined ones.
        member_of: Option<Vec<String>>,
        /// `none`, `md5`, `scram-sha-256` or `other`.
        password_kind: Option<String>,
    }
}
