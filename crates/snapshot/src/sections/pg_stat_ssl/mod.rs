//! Encryption of connections.

use crate::section;

section! {
    /// Which connections are encrypted, and how. The collector's connection is left out. Certificates are not included.
    section pg_stat_ssl {
        scope: Cluster,
        why: "Finds unencrypted connections.",
        since: 12,
        sql: [12 => "12.sql"],
        complete_with: "pg_read_all_stats",
    }
    row PgStatSsl {
        /// The process, see `pg_stat_activity`.
        pid: i64,
        /// Whether TLS is used.
        ssl: Option<bool>,
        /// The version of TLS.
        version: Option<String>,
        /// The cipher.
        cipher: Option<String>,
        /// Bits of its key.
        bits: Option<i64>,
    }
}
