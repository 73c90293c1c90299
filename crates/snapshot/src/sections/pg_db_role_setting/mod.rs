//! ALTER ROLE … SET and ALTER DATABASE … SET.

use crate::section;

section! {
    /// Parameters set for a role, a database, or a role in a database: one row per parameter.
    ///
    /// Values are masked as in `pg_settings`; those of parameters that the server does not know are masked completely.
    section pg_db_role_setting {
        scope: Cluster,
        why: "Settings of roles and databases override the configuration files.",
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
