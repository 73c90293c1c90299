//! The machine the server runs on.

use crate::section;

section! {
    /// The machine the server runs on, read through the server from `/proc` and the control groups.
    ///
    /// Superusers can, and members of pg_read_server_files with EXECUTE on `pg_read_file`. In a container the files
    /// under `/proc` describe the host; the control group's limit stands beside them.
    section host {
        scope: Cluster,
        why: "Memory and processors decide what the server's settings should be.",
        since: 12,
        sql: [12 => "12.sql"],
        guard: include_str!("guard.sql"),
    }
    row Host {
        /// The lines of `/proc/meminfo`.
        meminfo: Option<String>,
        /// The range of processors that are online, such as `0-7`.
        cpu_online: Option<String>,
        /// `/proc/loadavg`.
        loadavg: Option<String>,
        /// `memory.max` of control groups version 2: bytes, or `max`.
        cgroup_memory_max: Option<String>,
        /// `cpu.max` of control groups version 2: quota and period in microseconds, or `max`.
        cgroup_cpu_max: Option<String>,
    }
}
