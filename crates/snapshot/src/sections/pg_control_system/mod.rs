//! The control file's identity.

use jiff::Timestamp;

use crate::section;

section! {
    /// The control file: the identifier that `initdb` gave the cluster.
    section pg_control_system {
        scope: Cluster,
        why: "Identifies the cluster and its standbys.",
        since: 13,
        sql: [13 => "13.sql"],
        guard: include_str!("guard.sql"),
    }
    row PgControlSystem {
        /// `pg_control_version`.
        pg_control_version: Option<i64>,
        /// `catalog_version_no`.
        catalog_version_no: Option<i64>,
        /// The cluster's identifier, in decimal. A string, since it exceeds 2^53.
        system_identifier: Option<String>,
        /// When the control file was last written.
        pg_control_last_modified: Option<Timestamp>,
    }
}
