//! The server as a whole.

use jiff::Timestamp;

use crate::section;

section! {
    /// The server: version, start time, role in replication, and the collector's connection.
    section system {
        scope: Cluster,
        why: "Version, uptime and role determine which advice applies.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row System {
        /// `version()`: version, platform, compiler.
        version: Option<String>,
        /// `server_version_num`.
        server_version_num: Option<i64>,
        /// When the server started.
        start_time: Option<Timestamp>,
        /// When the configuration was last loaded.
        conf_load_time: Option<Timestamp>,
        /// The server's clock at the time of collection.
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
        /// The encoding of the database.
        server_encoding: Option<String>,
        /// Name of the cluster, from `cluster_name`.
        cluster_name: Option<String>,
        /// The time zone of sessions such as the collector's, from `TimeZone`.
        time_zone: Option<String>,
        /// The data directory; superusers and pg_read_all_settings only.
        data_directory: Option<String>,
        /// The managed service that hosts it, recognized by role names; null if none is recognized, or if the collecting role
        /// is a superuser or the bootstrap superuser is named `postgres`, neither of which a managed service has.
        hosting: Option<String>,
    }
}
