//! Roles.

use jiff::Timestamp;

use crate::section;

section! {
    /// Roles, without the predefined ones: what they may do, and what they are members of. Never a password, only of
    /// which kind it is, for those who may read `pg_authid`.
    section pg_roles {
        scope: Cluster,
        why: "Roles with more rights than they need, and passwords of an old kind.",
        since: 12,
        sql: [12 => "12.sql"],
        privileged: {
            when: "pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT')",
            sql: [12 => "12.privileged.sql"],
            otherwise: "needs superuser to see which kind of password each role has",
        },
    }
    row PgRole {
        /// The role's oid.
        oid: i64,
        /// Its name.
        rolname: String,
        /// Whether it is a superuser.
        rolsuper: Option<bool>,
        /// Whether it has the rights of the roles it is a member of.
        rolinherit: Option<bool>,
        /// Whether it may make roles.
        rolcreaterole: Option<bool>,
        /// Whether it may make databases.
        rolcreatedb: Option<bool>,
        /// Whether it may log in.
        rolcanlogin: Option<bool>,
        /// Whether it may replicate.
        rolreplication: Option<bool>,
        /// Whether row security does not hold for it.
        rolbypassrls: Option<bool>,
        /// Connections allowed, -1 for no limit.
        rolconnlimit: Option<i64>,
        /// When its password ends.
        rolvaliduntil: Option<Timestamp>,
        /// The roles it is a member of, the predefined ones too.
        member_of: Option<Vec<String>>,
        /// `none`, `md5`, `scram-sha-256` or `other`.
        password_kind: Option<String>,
    }
}
