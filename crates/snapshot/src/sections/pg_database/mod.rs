//! Databases.

use crate::section;

section! {
    /// Every database: encoding, collation, ages, connection limit.
    section pg_database {
        scope: Cluster,
        why: "Transaction ID age, encoding and collation are per database.",
        since: 12,
        sql: [12 => "12.sql", 15 => "15.sql", 17 => "17.sql"],
    }
    row PgDatabase {
        /// The database's oid.
        oid: i64,
        /// Its name.
        datname: String,
        /// Its owner.
        owner: Option<String>,
        /// Its encoding.
        encoding: Option<String>,
        /// Locale provider (15): `b` builtin, `c` libc, `i` ICU.
        datlocprovider: Option<char>,
        /// Its LC_COLLATE.
        datcollate: Option<String>,
        /// Its LC_CTYPE.
        datctype: Option<String>,
        /// The locale of ICU or of the builtin provider (15).
        datlocale: Option<String>,
        /// The version of the collation library when the database was created or refreshed (15); null if it has none.
        datcollversion: Option<String>,
        /// The current version of the collation library (15); null if it has none.
        actual_version: Option<String>,
        /// Whether any role with CREATEDB can clone it.
        datistemplate: Option<bool>,
        /// Whether it allows connections.
        datallowconn: Option<bool>,
        /// Connection limit, -1 for none; from 16 on -2 for a database whose DROP DATABASE was interrupted.
        datconnlimit: Option<i64>,
        /// Age of `datfrozenxid`, in transactions.
        datfrozenxid_age: Option<i64>,
        /// Age of `datminmxid`, in multixacts.
        datminmxid_age: Option<i64>,
    }
}
