//! Slots for processes: how many of the connections are left for everybody, and how many processes there are in all.

use super::Start;
use crate::display;
use crate::start::host::Host;
use crate::start::problem::Problem;

/// Processes in all, and how many fewer from 17 on.
const MOST_PROCESSES: i64 = 262_142;

pub(super) fn check(start: &Start<'_>, _: &Host) -> Vec<Problem> {
    [reserved(start), processes(start)].into_iter().flatten().collect()
}

fn reserved(start: &Start<'_>) -> Option<Problem> {
    let names = ["max_connections", "superuser_reserved_connections", "reserved_connections"];
    if !start.touches(&names) {
        return None;
    }
    let all = start.settings.integer("max_connections")?;
    let superusers = start.settings.integer("superuser_reserved_connections")?;
    // Before 16 there is none.
    let others = start.settings.integer("reserved_connections");
    let sum = superusers + others.unwrap_or(0);
    let words = match others {
        Some(others) => {
            format!("superuser_reserved_connections ({superusers}) plus reserved_connections ({others})")
        }
        None => format!("superuser_reserved_connections ({superusers})"),
    };
    (sum >= all).then(|| Problem::certain(&names, format!("{words} must be less than max_connections ({all})")))
}

fn processes(start: &Start<'_>) -> Option<Problem> {
    let major = start.settings.version.major();
    let workers = if major >= 18 { "autovacuum_worker_slots" } else { "autovacuum_max_workers" };
    let names = ["max_connections", workers, "max_worker_processes", "max_wal_senders"];
    if !start.touches(&names) {
        return None;
    }
    let sum = names.into_iter().map(|name| start.settings.integer(name)).sum::<Option<i64>>()?;
    let most = MOST_PROCESSES - i64::from(major >= 17);
    (sum > most).then(|| {
        let (sum, most) = (display::count(sum), display::count(most));
        Problem::certain(&names, format!("the sum of {} is {sum}, but the maximum is {most}", display::list(&names)))
    })
}
