//! ALTER ROLE … SET and ALTER DATABASE … SET.

use crate::section;

section! {
    /// Parameters that a role, a database or both together override: one row a parameter.
    ///
    /// Values are masked as those of `pg_settings` are, and those of parameters that the server does not know wholly.
    section pg_db_role_setting {
        scope: Cluster,
        why: "What a role or database overrides is not what the configuration files say.",
        since: 12,
        // As in pg_file_settings: a name with a dot may be made up by anybody.
        sql: [12 => "12.sql", 15 => "15.sql"],
    }
    row PgDbRoleSetting {
        /// The database; null for all.
        datname: Option<String>,
        /// The role; null for all.
        rolname: Option<String>,
        /// The parameter's name.
        name: Option<String>,
        /// Its value.
        setting: Option<String> = Setting,
    }
}
