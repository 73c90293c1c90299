//! What to know before the values are set.

use pgdba_pg::display;
use pgdba_snapshot::sections::pg_db_role_setting::PgDbRoleSetting;

use super::fit::Budget;
use super::machine::Machine;
use super::pgtune::Workload;
use super::server::Server;
use crate::facts::settings::is_for_all_roles;

/// Shared memory from which the page tables of many sessions matter.
const LARGE: i64 = 8 << 30;

pub(super) fn of(
    (asked, used): (Workload, Workload),
    server: &Server<'_>,
    machine: &Machine,
    budget: &Budget,
) -> Vec<String> {
    let fallback = (asked != used).then(|| {
        format!(
            "The memory of the host is unknown, so the profile {} is used. Specify memory and processors.",
            used.word()
        )
    });
    let short = budget.memory.as_ref().filter(|memory| memory.left.0 < 0).map(|memory| {
        format!(
            "The memory is {} short of what the sessions can come to need, and nothing can be lowered further.",
            display::bytes(pgdba_pg::Bytes(-memory.left.0))
        )
    });
    let is_full = budget.wal.as_ref().is_some_and(|wal| wal.left.0 < 0);
    let wal = match machine.wal_space {
        None => {
            Some("The free space for WAL is unknown: check that pg_wal can grow to max_wal_size and beyond.".to_owned())
        }
        Some(_) if is_full => Some("pg_wal can outgrow its file system.".to_owned()),
        Some(_) => None,
    };
    let cpus = (machine.cpus.is_none() && used != Workload::RemoteConservative)
        .then(|| "The number of processors is unknown, so worker processes are left unchanged. Specify it.".to_owned());
    [fallback, short, cpus, wal, huge_pages(budget), own_work_mem(server)].into_iter().flatten().collect()
}

/// What roles and databases have of their own is not in the sum.
fn own_work_mem(server: &Server<'_>) -> Option<String> {
    let names = ["work_mem", "hash_mem_multiplier"];
    // What ALTER ROLE ALL sets is the value in force, which is in the sum.
    let is_single = |row: &&PgDbRoleSetting| !is_for_all_roles(row);
    let count =
        names.into_iter().map(|name| server.configured.overrides(name).filter(is_single).count()).sum::<usize>();
    let settings = display::counted(count, "setting", "settings");
    (count > 0).then(|| format!("The memory does not include {settings} of work_mem for single roles or databases."))
}

fn huge_pages(budget: &Budget) -> Option<String> {
    let pages = budget.huge_pages.as_ref()?;
    let is_large = pages.size.0.saturating_mul(pages.needed) >= LARGE;
    (is_large && pages.reserved < pages.needed).then(|| {
        format!(
            "Reserve {} of {} before the restart (vm.nr_hugepages): without them every session has page tables of its own \
             for the shared memory. The host has {}.",
            display::counted(pages.needed, "huge page", "huge pages"),
            display::bytes(pages.size),
            display::count(pages.reserved)
        )
    })
}
