//! The machine the server runs on.

use crate::section;

section! {
    /// The machine the server runs on, from `/proc`, the control groups and the file systems.
    ///
    /// Superusers read it through the server, and so do members of pg_read_server_files with EXECUTE on `pg_read_file`.
    /// Where the server's own process is seen beside the collector, the collector reads it too: it adds the room on disk,
    /// and all of it for other roles. In a container the files under `/proc` describe the host; the control group's limit
    /// stands beside them.
    section host {
        scope: Cluster,
        why: "Memory and processors decide what the server's settings should be.",
        since: 12,
        sql: [12 => "12.sql"],
        guard: include_str!("guard.sql"),
    }
    row Host {
        /// Who read it: `server`, or the `collector`, which runs beside it.
        source: Option<String>,
        /// The lines of `/proc/meminfo`.
        meminfo: Option<String>,
        /// The range of processors that are online, such as `0-7`.
        cpu_online: Option<String>,
        /// `/proc/loadavg`.
        loadavg: Option<String>,
        /// The server's limit of memory: bytes or `max` (control groups version 2), or `memory.limit_in_bytes` of version 1.
        cgroup_memory_max: Option<String>,
        /// The server's limit of processors: quota and period in microseconds; `max` or -1 for none.
        cgroup_cpu_max: Option<String>,
        /// Disks and whether they say that they turn, such as `sda=1`. Virtual disks often say so of themselves too.
        rotational: Option<String>,
        /// Bytes of the file system that holds the data directory (collector only).
        data_total_bytes: Option<i64>,
        /// Bytes free on it (collector only).
        data_free_bytes: Option<i64>,
        /// Bytes of the file system that holds `pg_wal` (collector only).
        wal_total_bytes: Option<i64>,
        /// Bytes free on it (collector only).
        wal_free_bytes: Option<i64>,
    }
}
