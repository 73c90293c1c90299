//! Values that hang together: the whole recommendation fits the memory and the disk of the host.

mod disk;
mod memory;
mod needs;

use pgdba_pg::Bytes;
use serde::Serialize;

use super::machine::Machine;
use super::plan::Plan;
use super::server::Server;
pub use needs::{Memory, Share};

/// A value that does not fit, and the one that does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Adjustment {
    pub(super) parameter: &'static str,
    pub(super) value: String,
    pub(super) why: String,
}

/// What the host has, what the values need of it, and what is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// Memory; none if the host's is unknown.
    pub memory: Option<Memory>,
    /// Space for WAL; none if that of the host is unknown.
    pub wal: Option<WalSpace>,
    /// Huge pages; none of a server that cannot use them.
    pub huge_pages: Option<HugePages>,
}

/// The file system with `pg_wal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WalSpace {
    /// What `pg_wal` can grow to.
    pub total: Bytes,
    /// `max_wal_size` and what standbys may need besides (`wal_keep_size`).
    pub needed: Bytes,
    /// What is left.
    pub left: Bytes,
}

/// Huge pages for the shared memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HugePages {
    /// The size of a page.
    pub size: Bytes,
    /// The pages that hold the shared memory.
    pub needed: i64,
    /// The pages that the host has.
    pub reserved: i64,
}

/// Lowers what does not fit, in `plan` and in the list that is returned.
pub(super) fn fit(plan: &mut Plan<'_>, server: &Server<'_>, machine: &Machine) -> Vec<Adjustment> {
    let mut adjustments = disk::fit(plan, machine);
    if let Some(memory) = machine.memory {
        adjustments.extend(memory::fit(plan, server, machine, memory));
    }
    adjustments
}

/// What the values of `plan` need.
pub(super) fn budget(plan: &Plan<'_>, machine: &Machine) -> Budget {
    Budget {
        memory: machine.memory.map(|memory| needs::memory(plan, memory)),
        wal: disk::space(plan, machine),
        huge_pages: huge_pages(plan, machine),
    }
}

fn huge_pages(plan: &Plan<'_>, machine: &Machine) -> Option<HugePages> {
    let pages = machine.host.huge_pages?;
    let needed = plan.shared_memory()?.huge_pages(pages.size)?;
    Some(HugePages { size: pages.size, needed, reserved: pages.total })
}
