//! The machine the server runs on.

use crate::section;

section! {
    /// The host that the server runs on, from `/proc`, the control groups and the file systems.
    ///
    /// Superusers read it through the server, and so do members of pg_read_server_files with EXECUTE on `pg_read_file`.
    /// If the collector runs on the same host and can see the server's process, it reads the host itself: it adds free
    /// disk space, and for other roles everything. In a container the files under `/proc` describe the host; the
    /// control group's limit is given too.
    section host {
        scope: Cluster,
        why: "Memory and processors determine suitable settings.",
        since: 12,
        sql: [12 => "12.sql"],
        guard: include_str!("guard.sql"),
    }
    row Host {
        /// What read it: `server`, or the `collector` on the same host.
        source: Option<String>,
        /// The lines of `/proc/meminfo`.
        meminfo: Option<String>,
        /// The processors that are online, such as `0-7`.
        cpu_online: Option<String>,
        /// `/proc/loadavg`.
        loadavg: Option<String>,
        /// The server's memory limit: bytes or `max` (control groups version 2), or `memory.limit_in_bytes` of version
        /// 1.
        cgroup_memory_max: Option<String>,
        /// The server's processor limit: quota and period in microseconds; `max` or -1 for none.
        cgroup_cpu_max: Option<String>,
        /// Disks, and whether they report being rotational, such as `sda=1`. Virtual disks often do.
        rotational: Option<String>,
        /// Bytes of the file system that holds the data directory (collector only).
        data_total_bytes: Option<i64>,
        /// Free bytes in that file system (collector only).
        data_free_bytes: Option<i64>,
        /// Bytes of the file system that holds `pg_wal` (collector only).
        wal_total_bytes: Option<i64>,
        /// Free bytes in that file system (collector only).
        wal_free_bytes: Option<i64>,
    }
}
