//! Databases.

use crate::section;

section! {
    /// Every database: encoding, collation, ages, connection limit.
    section pg_database {
        scope: Cluster,
        why: "Transaction ids run out database by database; encodings and collations are set here.",
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
        /// Who sorts (15): `b` builtin, `c` libc, `i` ICU.
        datlocprovider: Option<String>,
        /// Its LC_COLLATE.
        datcollate: Option<String>,
        /// Its LC_CTYPE.
        datctype: Option<String>,
        /// The locale of ICU or of the builtin provider (15).
        datlocale: Option<String>,
        /// The version of the library when the database was made or refreshed (15); null if it has none.
        datcollversion: Option<String>,
        /// The version of the library now (15); null if it has none.
        actual_version: Option<String>,
        /// Whether it may be cloned by everybody.
        datistemplate: Option<bool>,
        /// Whether it can be connected to.
        datallowconn: Option<bool>,
        /// Connections allowed, -1 for no limit; from 16 on -2 for a database whose removal was cut off.
        datconnlimit: Option<i64>,
        /// Age of `datfrozenxid`, in transactions.
        datfrozenxid_age: Option<i64>,
        /// Age of `datminmxid`, in multixacts.
        datminmxid_age: Option<i64>,
    }
}
