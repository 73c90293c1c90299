//! The machine that the server runs on, as far as the snapshot describes it.

use std::cmp;

use pgdba_pg::start::{HugePages, Memory};
use pgdba_pg::{Bytes, Ratio};
use pgdba_snapshot::sections::host::Host;
use pgdba_snapshot::sections::wal_directory::WalDirectory;

use crate::format::{Checked, NotAssessed};

/// A machine. What is not known of it is an absence.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hardware {
    /// Its memory and swap space.
    pub memory: Option<Memory>,
    /// The memory limit of the server's container, where there is one.
    pub container_limit: Option<Bytes>,
    /// The processors that the server can use.
    pub cpus: Option<i64>,
    /// Its disks.
    pub disks: Option<Disks>,
    /// Its huge pages of the default size.
    pub huge_pages: Option<HugePages>,
    /// The file system with the data directory.
    pub data_disk: Option<FileSystem>,
    /// The file system with `pg_wal`.
    pub wal_disk: Option<FileSystem>,
    /// What `pg_wal` contains now.
    pub wal: Option<Bytes>,
}

/// A file system that the server writes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileSystem {
    /// What of the cluster is on it: `data directory`, `pg_wal`.
    pub holds: &'static str,
    /// Its size, where it is known.
    pub total: Option<Bytes>,
    /// What is free.
    pub free: Bytes,
}

impl FileSystem {
    fn new(holds: &'static str, total: Option<i64>, free: Option<i64>) -> Option<Self> {
        Some(Self { holds, total: total.filter(|total| *total > 0).map(Bytes), free: Bytes(free?) })
    }

    /// The share of it that is in use, where its size is known.
    #[must_use]
    pub fn used(&self) -> Option<Ratio> {
        Some(Ratio(1.0 - self.free.0 as f64 / self.total?.0 as f64))
    }
}

/// What the disks of a machine are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disks {
    /// Flash, all of it behind PCIe.
    Nvme,
    /// Flash.
    Ssd,
    /// At least one disk reports being rotational. Virtual disks often do, whatever they are.
    Rotational,
}

impl Hardware {
    pub(super) fn of(host: Option<&Host>, wal: Option<&WalDirectory>) -> Self {
        let meminfo = host.and_then(|host| host.meminfo.as_deref());
        Self {
            memory: meminfo.and_then(memory),
            container_limit: host.and_then(container_limit),
            cpus: host.and_then(cpus),
            disks: host.and_then(|host| disks(host.rotational.as_deref()?)),
            huge_pages: meminfo.and_then(huge_pages),
            data_disk: host
                .and_then(|row| FileSystem::new("data directory", row.data_total_bytes, row.data_free_bytes)),
            wal_disk: host.and_then(|row| FileSystem::new("pg_wal", row.wal_total_bytes, row.wal_free_bytes)),
            wal: wal.and_then(|wal| wal.wal_bytes).map(Bytes),
        }
    }

    /// The memory that the server and its cache can use: that of the machine, or the container's limit.
    #[must_use]
    pub fn usable_memory(&self) -> Option<Bytes> {
        let total = self.memory.map(|memory| memory.total);
        total.into_iter().chain(self.container_limit).min()
    }

    /// The same, for a rule that cannot do without it.
    ///
    /// # Errors
    /// It is unknown.
    pub fn require_memory(&self) -> Checked<Bytes> {
        self.usable_memory().ok_or_else(|| unknown("the memory"))
    }

    /// Whether all disks are flash; none if one reports being rotational, which virtual disks often do.
    ///
    /// # Errors
    /// It is unknown what the disks are.
    pub fn require_flash(&self) -> Checked<bool> {
        self.disks.map(|disks| disks != Disks::Rotational).ok_or_else(|| unknown("the kind of disks"))
    }

    /// The file systems that hold the cluster. One that holds everything is listed once.
    #[must_use]
    pub fn file_systems(&self) -> Vec<FileSystem> {
        let is_same = |wal: &FileSystem| self.data_disk.is_some_and(|data| data.total == wal.total);
        self.data_disk.into_iter().chain(self.wal_disk.filter(|wal| !is_same(wal))).collect()
    }

    /// The file system with the data directory, for a rule that cannot do without it.
    ///
    /// # Errors
    /// It is unknown.
    pub fn require_data_disk(&self) -> Checked<FileSystem> {
        self.data_disk.ok_or_else(|| unknown("the free disk space"))
    }

    /// Those of which the free space is known.
    ///
    /// # Errors
    /// None is.
    pub fn require_file_systems(&self) -> Checked<Vec<FileSystem>> {
        let all = self.file_systems();
        if all.is_empty() { Err(unknown("the free disk space")) } else { Ok(all) }
    }

    /// What `pg_wal` can grow to.
    #[must_use]
    pub fn wal_space(&self) -> Option<Bytes> {
        let now = self.wal.map_or(0, |wal| wal.0);
        self.wal_disk.map(|disk| Bytes(disk.free.0.saturating_add(now)))
    }
}

/// A collector that does not run on the host of the server cannot see it, and whoever ran it there knows.
fn unknown(what: &str) -> NotAssessed {
    NotAssessed::expected(format!("{what} of the host is unknown: the snapshot was not collected on the server's host"))
}

/// The number behind `name:` in `/proc/meminfo`.
fn number(meminfo: &str, name: &str) -> Option<i64> {
    let rest = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    rest.split_whitespace().next()?.parse().ok()
}

fn kilobytes(meminfo: &str, name: &str) -> Option<Bytes> {
    number(meminfo, name)?.checked_mul(1024).map(Bytes)
}

fn memory(meminfo: &str) -> Option<Memory> {
    let total = kilobytes(meminfo, "MemTotal").filter(|total| total.0 > 0)?;
    let swap = kilobytes(meminfo, "SwapTotal").unwrap_or_default();
    Some(Memory { total, swap, overcommit: None })
}

fn huge_pages(meminfo: &str) -> Option<HugePages> {
    let free = number(meminfo, "HugePages_Free")?.saturating_sub(number(meminfo, "HugePages_Rsvd").unwrap_or(0));
    Some(HugePages { size: kilobytes(meminfo, "Hugepagesize")?, total: number(meminfo, "HugePages_Total")?, free })
}

/// Version 1 of control groups writes a number beyond all memory where there is no limit.
fn container_limit(host: &Host) -> Option<Bytes> {
    let limit = host.cgroup_memory_max.as_deref()?.trim().parse::<i64>().ok()?;
    let all = host.meminfo.as_deref().and_then(memory).map(|memory| memory.total);
    let is_limit = limit > 0 && all.is_none_or(|all| limit < all.0) && limit < 1 << 60;
    is_limit.then_some(Bytes(limit))
}

/// The processors that are online, or as many as the control group grants.
fn cpus(host: &Host) -> Option<i64> {
    let online = host.cpu_online.as_deref().and_then(processors);
    let granted = host.cgroup_cpu_max.as_deref().and_then(quota);
    online.into_iter().chain(granted).min()
}

/// How many processors `0-3,8` are.
fn processors(list: &str) -> Option<i64> {
    let count = |range: &str| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (first.trim().parse::<i64>().ok()?, last.trim().parse::<i64>().ok()?);
        Some(last.checked_sub(first)?.checked_add(1)?.max(0))
    };
    list.trim().split(',').map(count).sum::<Option<i64>>().filter(|count| *count > 0)
}

/// Microseconds of processor time in a period, rounded up to whole processors.
fn quota(text: &str) -> Option<i64> {
    let mut numbers = text.split_whitespace().map(str::parse::<i64>);
    let (Some(Ok(quota)), Some(Ok(period))) = (numbers.next(), numbers.next()) else { return None };
    (quota > 0 && period > 0).then(|| cmp::max(1, quota / period + i64::from(quota % period != 0)))
}

/// Disks by what they report, such as `nvme0n1=0 sda=1`.
fn disks(rotational: &str) -> Option<Disks> {
    let mut all: Vec<(&str, &str)> = rotational.split_whitespace().filter_map(|disk| disk.split_once('=')).collect();
    // What the device mapper and software RAID make of other disks is not a disk of its own.
    let is_own = |name: &str| !name.starts_with("dm-") && !name.starts_with("md");
    if all.iter().any(|(name, _)| is_own(name)) {
        all.retain(|(name, _)| is_own(name));
    }
    match all.as_slice() {
        [] => None,
        all if all.iter().any(|(_, turns)| *turns != "0") => Some(Disks::Rotational),
        all if all.iter().all(|(name, _)| name.starts_with("nvme")) => Some(Disks::Nvme),
        _ => Some(Disks::Ssd),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;

    fn of(host: &str) -> Hardware {
        let document =
            format!(r#"{{ "host": [{host}], "wal_directory": [{{ "wal_files": 4, "wal_bytes": 67108864 }}] }}"#);
        Facts::of(&crate::example::snapshot(&document).unwrap()).hardware().unwrap().clone()
    }

    #[test]
    fn a_container_has_its_own_limits() {
        let meminfo = r"MemTotal: 16777216 kB\nSwapTotal: 1024 kB\nHugePages_Total: 10\nHugePages_Free: 8\nHugePages_Rsvd: 3\nHugepagesize: 2048 kB\n";
        let limited = |memory: &str, cpu: &str| {
            of(&format!(
                r#"{{ "meminfo": "{meminfo}", "cpu_online": "0-3,8\n", "cgroup_memory_max": "{memory}", "cgroup_cpu_max": "{cpu}" }}"#
            ))
        };
        let free = limited(r"max\n", r"max 100000\n");
        assert_eq!((free.usable_memory(), free.cpus), (Some(Bytes(16 << 30)), Some(5)));
        assert_eq!(free.huge_pages, Some(HugePages { size: Bytes(2 << 20), total: 10, free: 5 }));
        let tight = limited(r"1073741824\n", r"150000 100000\n");
        assert_eq!((tight.usable_memory(), tight.cpus), (Some(Bytes(1 << 30)), Some(2)));
        // Version 1 without a limit.
        let first = limited("9223372036854771712", "-1 100000");
        assert_eq!((first.container_limit, first.cpus), (None, Some(5)));
    }

    #[test]
    fn disks_are_what_all_of_them_report() {
        for (rotational, expected) in [
            ("nvme0n1=0 nvme1n1=0 dm-0=1", Some(Disks::Nvme)),
            ("nvme0n1=0 sda=0", Some(Disks::Ssd)),
            ("sda=0 sdb=1", Some(Disks::Rotational)),
            ("dm-0=0", Some(Disks::Ssd)),
            ("", None),
        ] {
            assert_eq!(of(&format!(r#"{{ "rotational": "{rotational}" }}"#)).disks, expected, "{rotational}");
        }
    }

    #[test]
    fn what_is_unknown_is_absent() {
        let unknown = of(r#"{ "meminfo": "nonsense", "cpu_online": "-", "cgroup_memory_max": "x" }"#);
        assert_eq!(unknown, Hardware { wal: Some(Bytes(67_108_864)), ..Hardware::default() });
        assert_eq!(unknown.wal_space(), None);
        assert_eq!(of(r#"{ "wal_free_bytes": 1000 }"#).wal_space(), Some(Bytes(67_109_864)));
        assert!(unknown.require_memory().is_err_and(|reason| reason.is_expected));
        assert!(unknown.require_flash().is_err() && unknown.require_file_systems().is_err());
    }

    #[test]
    fn one_file_system_is_listed_once() {
        let holds = |wal: i64| {
            let disks = format!(
                r#"{{ "data_total_bytes": 100, "data_free_bytes": 10, "wal_total_bytes": {wal}, "wal_free_bytes": 5 }}"#
            );
            of(&disks).file_systems().iter().map(|disk| disk.holds).collect::<Vec<_>>()
        };
        assert_eq!((holds(100), holds(50)), (vec!["data directory"], vec!["data directory", "pg_wal"]));
    }
}
