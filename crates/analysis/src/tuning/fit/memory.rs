//! Values lowered until the memory of the host is enough for all of them.

use pgdba_pg::{Bytes, display};

use super::super::machine::Machine;
use super::super::pgtune::Value;
use super::super::plan::Plan;
use super::super::server::Server;
use super::{Adjustment, needs};

/// Shared memory takes at most so many percent of the memory, because the cache of the operating system needs some too.
const MOST_SHARED: i64 = 40;

/// Autovacuum, and a `maintenance_work_mem`, take at most one in so many parts of what the operating system leaves.
const MAINTENANCE_PARTS: i64 = 8;

/// Below this, even small sorts need temporary files.
const LEAST_WORK_MEM: Bytes = Bytes::MB;

/// The smallest `work_mem` that the server takes.
const SMALLEST_WORK_MEM: Bytes = Bytes(64 << 10);

/// The smallest memory of autovacuum that makes sense.
const LEAST_MAINTENANCE: Bytes = Bytes::megabytes(1);

/// Lowers values in the order in which that costs least.
pub(super) fn fit(plan: &mut Plan<'_>, server: &Server<'_>, machine: &Machine, memory: Bytes) -> Vec<Adjustment> {
    let usable = Bytes(memory.0.saturating_sub(needs::reserve(memory).0).max(0));
    let mut fitted = Fitting { plan, memory, adjustments: Vec::new() };
    fitted.shared_buffers();
    fitted.maintenance(usable);
    fitted.sessions(usable, least_connections(server, machine));
    fitted.adjustments
}

/// How far `max_connections` can be lowered; none where it must not be.
fn least_connections(server: &Server<'_>, machine: &Machine) -> Option<i64> {
    if server.surroundings.is_standby { None } else { server.least_connections(machine.sessions) }
}

struct Fitting<'p, 's> {
    plan: &'p mut Plan<'s>,
    memory: Bytes,
    adjustments: Vec<Adjustment>,
}

impl Fitting<'_, '_> {
    /// Lowers a parameter; a second time, it replaces the first.
    fn set(&mut self, parameter: &'static str, value: String, why: String) {
        self.plan.set(parameter, &value);
        self.adjustments.retain(|one| one.parameter != parameter);
        self.adjustments.push(Adjustment { parameter, value, why });
    }

    fn shared_buffers(&mut self) {
        let most = self.memory.0 / 100 * MOST_SHARED;
        let needed = needs::shared(self.plan);
        let Some(buffers) = self.plan.bytes("shared_buffers").filter(|_| needed.0 > most) else { return };
        let besides = needed.0.saturating_sub(buffers.0);
        let fits = Bytes((self.memory.0 / 4).min(most.saturating_sub(besides)).max(LEAST_SHARED_BUFFERS.0));
        if fits < buffers {
            let why = format!(
                "{} would need {} of shared memory, more than {MOST_SHARED} % of {}.",
                display::bytes(buffers),
                display::bytes(needed),
                display::bytes(self.memory)
            );
            self.set("shared_buffers", size(fits), why);
        }
    }

    fn maintenance(&mut self, usable: Bytes) {
        let most = Bytes(usable.0 / MAINTENANCE_PARTS);
        if let Some(now) = self.plan.bytes("maintenance_work_mem").filter(|now| *now > most) {
            let why = format!(
                "Reduced from {} to fit: one eighth of the {} that the operating system leaves.",
                display::bytes(now),
                display::bytes(usable)
            );
            self.set("maintenance_work_mem", size(most.max(LEAST_MAINTENANCE)), why);
        }
        let workers = needs::autovacuum_workers(self.plan);
        let each = needs::of_autovacuum_worker(self.plan);
        if workers > 0 && each.0.saturating_mul(workers) > most.0 {
            let why = format!(
                "{} with up to {} each would use more than one eighth of the memory.",
                display::counted(workers, "autovacuum worker", "autovacuum workers"),
                display::bytes(each)
            );
            self.set("autovacuum_work_mem", size(Bytes(most.0 / workers).max(LEAST_MAINTENANCE)), why);
        }
    }

    /// First `work_mem`, which costs temporary files; then connections; then `work_mem` again, as far as the server allows.
    fn sessions(&mut self, usable: Bytes, least: Option<i64>) {
        self.work_mem(usable, LEAST_WORK_MEM);
        if self.left(usable) < 0
            && let Some(least) = least
        {
            self.connections(usable, least);
        }
        if self.left(usable) < 0 {
            self.work_mem(usable, SMALLEST_WORK_MEM);
        }
    }

    /// What is left of the memory; less than 0 if it is not enough.
    fn left(&self, usable: Bytes) -> i64 {
        let connections = self.plan.integer("max_connections").unwrap_or(0);
        let processes = connections.saturating_add(needs::parallel_workers(self.plan));
        self.for_sessions(usable)
            .saturating_sub(connections.saturating_mul(needs::OF_SESSION.0))
            .saturating_sub(needs::of_operations(self.plan, processes).0)
    }

    /// What everything but sessions leaves to them.
    fn for_sessions(&self, usable: Bytes) -> i64 {
        let autovacuum = needs::autovacuum_workers(self.plan).saturating_mul(needs::of_autovacuum_worker(self.plan).0);
        let maintenance = self.plan.bytes("maintenance_work_mem").unwrap_or_default();
        usable.0.saturating_sub(needs::shared(self.plan).0).saturating_sub(autovacuum).saturating_sub(maintenance.0)
    }

    fn work_mem(&mut self, usable: Bytes, least: Bytes) {
        let Some(now) = self.plan.bytes("work_mem").filter(|now| *now > least) else { return };
        let left = self.left(usable);
        if left >= 0 {
            return;
        }
        let connections = self.plan.integer("max_connections").unwrap_or(0);
        let processes = connections.saturating_add(needs::parallel_workers(self.plan)).max(1);
        let for_all = left.saturating_add(needs::of_operations(self.plan, processes).0);
        let fits = Bytes((for_all as f64 / processes as f64 / needs::multiplier(self.plan)) as i64);
        let why = format!(
            "With {} each, {} and their parallel workers could use more than the memory that is left.",
            display::bytes(now),
            display::counted(connections, "session", "sessions")
        );
        self.set("work_mem", size(rounded(fits).max(least)), why);
    }

    fn connections(&mut self, usable: Bytes, least: i64) {
        let Some(now) = self.plan.integer("max_connections") else { return };
        let work_mem = self.plan.bytes("work_mem").unwrap_or_default().0 as f64 * needs::multiplier(self.plan);
        let of_workers = work_mem * needs::parallel_workers(self.plan) as f64;
        let each = work_mem + needs::OF_SESSION.0 as f64;
        let fits = ((self.for_sessions(usable) as f64 - of_workers) / each) as i64;
        let fits = if fits > 100 { fits / 10 * 10 } else { fits }.max(least);
        if fits < now {
            let why = format!(
                "{} do not have enough memory for {}; a connection pooler serves more clients with fewer connections.",
                display::bytes(self.memory),
                display::counted(now, "session", "sessions")
            );
            self.set("max_connections", fits.to_string(), why);
        }
    }
}

/// The smallest `shared_buffers` that the fit goes down to.
const LEAST_SHARED_BUFFERS: Bytes = Bytes::megabytes(16);

/// Down to whole MB, or to steps of 64 kB where it is small.
fn rounded(size: Bytes) -> Bytes {
    let step = if size >= Bytes::megabytes(10) { Bytes::MB.0 } else { SMALLEST_WORK_MEM.0 };
    Bytes(size.0 / step * step)
}

/// Down to whole MB where it has some, else to kB.
fn size(size: Bytes) -> String {
    let kilobytes = size.0 / 1024;
    Value::Kilobytes(if kilobytes >= 10 << 10 { kilobytes >> 10 << 10 } else { kilobytes }).to_string()
}
