//! The machine, read by the collector itself where the server is a process of this machine.
//!
//! A host name or an address prove nothing: a tunnel ends on this machine too. What counts is that the session's own
//! server process stands in `/proc` here, under its number, with its name and its start.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::fault::Fault;
use crate::missing::Seen;
use crate::run::{Run, now};
use crate::sample::Sample;

const BACKEND: &str = "\
select pg_catalog.pg_backend_pid() as pid,
       pg_catalog.date_part('epoch', a.backend_start) as started,
       case when pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
            then pg_catalog.current_setting('data_directory') end as data_directory
from pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a";

/// Seconds by which two clocks on one machine may tell the same start apart: one of them counts from the boot.
const SAME_START: f64 = 3.0;

impl Run<'_> {
    /// Completes what was seen of the machine, or sees it instead of the server.
    pub(crate) async fn look_at_host(&mut self, seen: Seen, sample: &mut Sample) -> Result<Seen, Fault> {
        if self.over.is_some() {
            return Ok(seen);
        }
        let answers = match self.session.query(BACKEND).await {
            Ok(answers) => answers,
            // What the server said of the machine stands, or why it said nothing.
            Err(fault) => return self.reason(fault).map(|_| seen),
        };
        let Some(answer) = answers.first() else { return Ok(seen) };
        let number = |name| answer.get(name).and_then(|text| text.parse::<f64>().ok());
        let is_here = answer.get("pid").zip(number("started")).is_some_and(|(pid, started)| is_here(pid, started));
        if !is_here {
            return Ok(seen);
        }
        let facts = facts(answer.get("pid").unwrap_or_default(), answer.get("data_directory"));
        if seen.is_err() {
            sample.columns = facts.iter().map(|(name, _)| (*name).to_owned()).collect();
            sample.collected_at = Some(now());
            let values: Vec<Value> = facts.into_iter().map(|(_, value)| value).collect();
            sample.push(&values)?;
        } else {
            let room = facts.into_iter().filter(|(name, _)| name.ends_with("_bytes"));
            sample.widen(room.map(|(name, value)| (name.to_owned(), value)).collect())?;
        }
        Ok(Ok(()))
    }
}

/// Whether process `pid` of this machine is a server process that began at `started`, in seconds since 1970.
fn is_here(pid: &str, started: f64) -> bool {
    let Some(stat) = text(&format!("/proc/{pid}/stat")) else { return false };
    let Some((name, rest)) = stat.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')) else { return false };
    // After the name come the fields from the third on; the start, in ticks of 1/100 s since the boot, is the 22nd.
    let ticks = rest.split_whitespace().nth(19).and_then(|field| field.parse::<f64>().ok());
    let uptime = text("/proc/uptime").and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map(|now| now.as_secs_f64());
    let (Some(ticks), Some(uptime), Ok(now)) = (ticks, uptime, now) else { return false };
    let begun = now - uptime + ticks / 100.0;
    name.starts_with("postgres") && (begun - started).abs() < SAME_START
}

/// The columns of the section with their values.
fn facts(pid: &str, data_directory: Option<&str>) -> Vec<(&'static str, Value)> {
    let group = text(&format!("/proc/{pid}/cgroup")).unwrap_or_default();
    let place = group.lines().find_map(|line| line.strip_prefix("0::")).unwrap_or("/").trim_end_matches('/').to_owned();
    let limit =
        |file: &str| text(&format!("/sys/fs/cgroup{place}/{file}")).or_else(|| text(&format!("/sys/fs/cgroup/{file}")));
    // What the older kind of groups has in place of these files.
    let memory = || text("/sys/fs/cgroup/memory/memory.limit_in_bytes");
    let cpu = |file: &str| text(&format!("/sys/fs/cgroup/cpu/cpu.cfs_{file}_us"));
    let quota = || Some(format!("{} {}", cpu("quota")?, cpu("period")?));
    let data = data_directory.map(Path::new);
    let (data_total, data_free) = room(data);
    let (wal_total, wal_free) = room(data.map(|folder| folder.join("pg_wal")).as_deref());
    vec![
        ("source", Value::from("collector")),
        ("meminfo", Value::from(text("/proc/meminfo"))),
        ("cpu_online", Value::from(text("/sys/devices/system/cpu/online"))),
        ("loadavg", Value::from(text("/proc/loadavg"))),
        ("cgroup_memory_max", Value::from(limit("memory.max").or_else(memory))),
        ("cgroup_cpu_max", Value::from(limit("cpu.max").or_else(quota))),
        ("rotational", Value::from(rotational())),
        ("data_total_bytes", Value::from(data_total)),
        ("data_free_bytes", Value::from(data_free)),
        ("wal_total_bytes", Value::from(wal_total)),
        ("wal_free_bytes", Value::from(wal_free)),
    ]
}

/// The disks of this machine and whether they say that they turn.
fn rotational() -> Option<String> {
    let mut disks: Vec<String> = fs::read_dir("/sys/block")
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !["loop", "ram", "zram"].iter().any(|kind| name.starts_with(kind)))
        .filter_map(|name| {
            let turns = text(&format!("/sys/block/{name}/queue/rotational"))?;
            Some(format!("{name}={}", turns.trim()))
        })
        .collect();
    disks.sort();
    (!disks.is_empty()).then(|| disks.join(" "))
}

/// Bytes of the file system that holds `folder`, and bytes free on it for the server; none where it cannot be seen.
fn room(folder: Option<&Path>) -> (Option<i64>, Option<i64>) {
    let Some(Ok(system)) = folder.map(rustix::fs::statvfs) else { return (None, None) };
    let bytes = |blocks: u64| i64::try_from(blocks.saturating_mul(system.f_frsize)).ok();
    (bytes(system.f_blocks), bytes(system.f_bavail))
}

fn text(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use pgdba_snapshot::sections::host;

    use super::*;

    #[test]
    fn a_process_that_is_no_server_is_not_taken_for_one() {
        let own = std::process::id().to_string();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
        assert!(!is_here(&own, now));
        assert!(!is_here("0", now) && !is_here("no number", now));
    }

    #[test]
    fn every_fact_is_a_declared_column() {
        for (name, _) in facts("self", Some("/")) {
            assert!(host::SPEC.column(name).is_some(), "{name}");
        }
        let (total, free) = room(Some(Path::new("/")));
        assert!(total > Some(0) && free <= total, "{total:?} {free:?}");
        assert_eq!(room(Some(Path::new("/nowhere/at/all"))), (None, None));
    }
}
