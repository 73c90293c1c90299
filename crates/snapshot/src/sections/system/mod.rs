//! The server as a whole.

use jiff::Timestamp;

use crate::section;

section! {
    /// The server as a whole: version, start, role in replication, and where the collector was connected.
    section system {
        scope: Cluster,
        why: "Version, uptime and role decide which advice applies.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row System {
        /// `version()`: version, platform, compiler.
        version: Option<String>,
        /// `server_version_num`.
        server_version_num: Option<i64>,
        /// When the postmaster started.
        start_time: Option<Timestamp>,
        /// When the configuration was last loaded.
        conf_load_time: Option<Timestamp>,
        /// The server's own clock while it was asked.
        server_time: Option<Timestamp>,
        /// Whether it is a standby.
        is_in_recovery: Option<bool>,
        /// The database the collector was connected to.
        current_database: Option<String>,
        /// The role the collector was connected as.
        current_user: Option<String>,
        /// Whether that role is a superuser.
        is_superuser: Option<bool>,
        /// Size of a page in bytes.
        block_size: Option<i64>,
        /// Size of a WAL file in bytes.
        wal_segment_size: Option<i64>,
        /// The server's encoding of the database.
        server_encoding: Option<String>,
        /// Name of the cluster, from `cluster_name`.
        cluster_name: Option<String>,
        /// The time zone of sessions such as the collector's, from `TimeZone`.
        time_zone: Option<String>,
        /// The data folder; superusers and pg_read_all_settings only.
        data_directory: Option<String>,
        /// The service it is hosted by, judged by the names of roles; null if none is recognised.
        hosting: Option<String>,
    }
}
