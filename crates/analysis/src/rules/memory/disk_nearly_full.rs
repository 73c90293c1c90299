//! A file system of the server is nearly full.

use crate::engine::prelude::*;
use crate::facts::hardware::FileSystem;

rule! {
    /// ## What it sees
    ///
    /// The size and the free space of the file systems with the data directory and with `pg_wal`. They are known if pgdba
    /// runs on the server's host. The file systems of other tablespaces are not read.
    ///
    /// ## Why it matters
    ///
    /// If WAL cannot be written, the server stops, for all clients, and starts only when space has been freed. If data
    /// files cannot grow, statements fail.
    ///
    /// ## Threshold
    ///
    /// A warning if at least {WARNING} is in use, critical from {CRITICAL}; unless more than {ENOUGH} is free.
    ///
    /// ## Remedy
    ///
    /// Free space outside of the data directory, or enlarge the file system. Never delete files in `pg_wal`: the cluster
    /// would not start.
    ///
    /// ## When to ignore this
    ///
    /// If the file system is shared and about to be cleaned up.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "host": [ { "data_total_bytes": 107374182400, "data_free_bytes": 7516192768 } ] }
    /// ```
    /// ```json found
    /// { "host": [ { "data_total_bytes": 966367641600, "data_free_bytes": 429496729600, "wal_total_bytes": 21474836480, "wal_free_bytes": 536870912 } ] }
    /// ```
    /// ```json passed
    /// { "host": [ { "data_total_bytes": 107374182400, "data_free_bytes": 75161927680 } ] }
    /// ```
    /// ```json passed
    /// { "host": [ { "data_total_bytes": 2147483648000, "data_free_bytes": 64424509440 } ] }
    /// ```
    rule disk_nearly_full {
        code: PGD1007,
        title: "A file system is nearly full",
        passed: "The file systems of the data directory and pg_wal are not nearly full",
        worst: Critical,
        reads: [hardware],
        source: "Thresholds of most comparable tools",
        thresholds: {
            /// Share in use from which on it is a warning.
            WARNING: Ratio = Ratio(0.90),
            /// Share in use from which on it is critical.
            CRITICAL: Ratio = Ratio(0.95),
            /// More free space than this is enough.
            ENOUGH: Bytes = Bytes::megabytes(50 * 1024),
        },
    }
}

fn check(view: &View<'_>) -> Checked<Vec<FileSystem>> {
    let mut disks = view.hardware()?.require_file_systems()?;
    disks.retain(|disk| disk.used() >= Some(WARNING) && disk.free <= ENOUGH);
    Ok(disks)
}

fn subject(disk: &FileSystem) -> About {
    let is_critical = disk.used() >= Some(CRITICAL);
    About::new(Subject::named(SubjectKind::FileSystem, disk.holds), disk.used())
        .severity(if is_critical { Severity::Critical } else { Severity::Warning })
        .figures([
            Figure::new("used", disk.used()).against(if is_critical { CRITICAL } else { WARNING }),
            Figure::new("free", disk.free),
            Figure::new("size", disk.total),
        ])
}

fn describe(found: &Found<FileSystem>) -> Draft {
    let free = found.iter().map(|disk| disk.free).min().unwrap_or_default();
    let disks = found.iter().map(|disk| disk.holds).collect::<Vec<_>>().join(" and ");
    Draft::new(format!("Free disk space: {} left for the {disks}", display::bytes(free)))
        .because("If WAL cannot be written, the server stops and does not start until there is space.")
        .advise("Enlarge the file system, or remove what does not belong to PostgreSQL. Never delete files in pg_wal.")
        .advise("Check what makes the cluster grow: replication slots, WAL archiving, bloat, temporary files.")
        .query("SELECT datname, pg_size_pretty(pg_database_size(datname)) FROM pg_database ORDER BY pg_database_size(datname) DESC;")
        .effort(Effort::Project)
}
