//! The machine that the server runs on.

use pgdba_pg::{Bytes, Ratio};
use pgdba_snapshot::sections::host::Host;

use crate::format::{Checked, NotAssessed};

/// A limit of control groups from which on it stands for "unlimited".
const UNLIMITED: i64 = 1 << 60;

/// The machine that the server runs on, or its container.
#[derive(Debug, Clone)]
pub struct Machine {
    row: Checked<Host>,
}

/// A file system that the server writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// The parts of the cluster on it: `data directory`, `pg_wal`.
    pub holds: &'static str,
    /// Its size.
    pub total: Bytes,
    /// What is free.
    pub free: Bytes,
}

impl Machine {
    /// The machine that the section describes; nothing is known of it if that is missing.
    pub(super) fn new(rows: Checked<Vec<Host>>) -> Self {
        let none = || NotAssessed::because("section host has no row");
        Self { row: rows.and_then(|rows| rows.into_iter().next().ok_or_else(none)) }
    }

    fn row(&self) -> Option<&Host> {
        self.row.as_ref().ok()
    }

    /// The memory that the server can use: that of the machine, or the lower limit of its control group.
    ///
    /// # Errors
    /// It is unknown.
    pub fn memory(&self) -> Checked<Bytes> {
        let row = self.row.as_ref().map_err(Clone::clone)?;
        let machine = self.kilobytes("MemTotal");
        let limit = row.cgroup_memory_max.as_deref().and_then(|text| text.trim().parse::<i64>().ok());
        let limit = limit.filter(|limit| (1..UNLIMITED).contains(limit)).map(Bytes);
        let memory = machine.into_iter().chain(limit).min();
        memory.ok_or_else(|| NotAssessed::because("the memory of the host is unknown"))
    }

    /// Whether all disks report that they are not rotational; none if one reports otherwise, which virtual disks often do.
    #[must_use]
    pub fn has_solid_state_disks(&self) -> Option<bool> {
        let disks = self.row()?.rotational.as_deref()?;
        let mut answers = disks.split_whitespace().filter_map(|disk| disk.split_once('=')).peekable();
        answers.peek()?;
        answers.all(|(_, rotates)| rotates == "0").then_some(true)
    }

    /// The file systems that hold the cluster, those of which the size is known: none if pgdba did not run on
    /// the server's host. One that holds everything is listed once.
    #[must_use]
    pub fn disks(&self) -> Vec<Disk> {
        let Some(row) = self.row() else { return Vec::new() };
        let disk = |holds, total: Option<i64>, free: Option<i64>| {
            Some(Disk { holds, total: Bytes(total.filter(|total| *total > 0)?), free: Bytes(free?) })
        };
        let Host { data_total_bytes, data_free_bytes, wal_total_bytes, wal_free_bytes, .. } = *row;
        let data = disk("data directory", data_total_bytes, data_free_bytes);
        let wal = disk("pg_wal", wal_total_bytes, wal_free_bytes);
        let is_shared = data.as_ref().zip(wal.as_ref()).is_some_and(|(data, wal)| data.total == wal.total);
        data.into_iter().chain(wal.filter(|_| !is_shared)).collect()
    }

    /// The free space of the file system that holds `pg_wal`.
    #[must_use]
    pub fn free_for_wal(&self) -> Option<Bytes> {
        self.row()?.wal_free_bytes.map(Bytes)
    }

    /// The free space of the file system that holds the data directory.
    #[must_use]
    pub fn free_for_data(&self) -> Option<Bytes> {
        self.row()?.data_free_bytes.map(Bytes)
    }

    /// An amount of `/proc/meminfo`.
    fn kilobytes(&self, name: &str) -> Option<Bytes> {
        let lines = self.row()?.meminfo.as_deref()?.lines();
        let text = lines.filter_map(|line| line.split_once(':')).find(|(key, _)| *key == name)?.1;
        let kilobytes: i64 = text.split_whitespace().next()?.parse().ok()?;
        kilobytes.checked_mul(1024).map(Bytes)
    }
}

impl Disk {
    /// The share of it that is in use.
    #[must_use]
    pub fn used(&self) -> Ratio {
        Ratio(1.0 - self.free.0 as f64 / self.total.0 as f64)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::example;
    use crate::facts::Facts;

    fn of<T>(host: Value, answer: impl Fn(&Machine) -> T) -> T {
        let snapshot = example::snapshot(&json!({ "host": [host] }).to_string()).unwrap();
        answer(Facts::of(&snapshot).machine().unwrap())
    }

    #[test]
    fn a_container_has_the_memory_of_its_limit() {
        let memory = |limit: &str| {
            let host = json!({ "meminfo": "MemFree:  1 kB\nMemTotal:   16384 kB\n", "cgroup_memory_max": limit });
            of(host, |machine| machine.memory().unwrap().0)
        };
        let all = 16384 * 1024;
        assert_eq!(["max\n", "9223372036854771712\n", "1048576\n"].map(memory), [all, all, 1_048_576]);
        assert!(of(json!({}), |machine| machine.memory().is_err()));
    }

    #[test]
    fn only_disks_that_all_say_so_are_solid() {
        let answer = |disks: &str| of(json!({ "rotational": disks }), Machine::has_solid_state_disks);
        let answers = ["nvme0n1=0", "sda=0 sdb=0", "sda=0 sdb=1", "vda=1", ""].map(answer);
        assert_eq!(answers, [Some(true), Some(true), None, None, None]);
    }

    #[test]
    fn one_file_system_is_listed_once() {
        let holds = |wal: i64| {
            let host =
                json!({ "data_total_bytes": 100, "data_free_bytes": 10, "wal_total_bytes": wal, "wal_free_bytes": 5 });
            of(host, |machine| machine.disks().iter().map(|disk| disk.holds).collect::<Vec<_>>())
        };
        assert_eq!((holds(100), holds(50)), (vec!["data directory"], vec!["data directory", "pg_wal"]));
    }
}
