//! Values that this server would reject, that its surroundings forbid, or that change nothing.

use pgdba_pg::parameter::{Kind, ValueError, parse};
use pgdba_snapshot::sections::pg_settings::PgSetting;

use super::machine::Machine;
use super::pgtune::io_workers;
use super::server::Server;
use crate::format::Figure;
use crate::format::recommendation::Proposal;

/// A formula's value for a server.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fitted {
    /// The value to use.
    Use {
        value: String,
        /// Why it is not the formula's, or what to know before it is set.
        note: Option<String>,
    },
    /// The value in force is kept, for this reason.
    Keep(String),
}

/// Parameters that a managed service determines itself.
const OF_SERVICES: [&str; 5] = ["huge_pages", "io_method", "max_wal_senders", "wal_buffers", "wal_level"];

/// Parameters about WAL and data files, which a service that keeps its data in storage of its own does not have.
const OF_FILES: [&str; 6] = [
    "checkpoint_completion_target",
    "effective_io_concurrency",
    "max_wal_size",
    "min_wal_size",
    "shared_buffers",
    "wal_compression",
];

/// Services whose storage replaces PostgreSQL's.
const WITH_OWN_STORAGE: [&str; 3] = ["Amazon Aurora", "AlloyDB", "Neon"];

/// Parameters that must not be smaller on a standby than on its primary.
const NOT_LESS_THAN_PRIMARY: [&str; 3] = ["max_connections", "max_wal_senders", "max_worker_processes"];

/// Makes a formula's value fit for a server.
pub(super) fn fit(server: &Server<'_>, machine: &Machine, parameter: &str, formula: &str) -> Fitted {
    let Some(setting) = server.configured.get(parameter) else {
        return keep("This server does not have the parameter, or the role cannot see it.");
    };
    if let Some(service) = of_service(server, parameter) {
        return keep(format!("{service} determines it."));
    }
    match parameter {
        "random_page_cost" | "effective_io_concurrency" if machine.storage.is_none() => {
            keep("The kind of storage is unknown: specify it.")
        }
        "wal_compression" => compression(server, setting, formula),
        "io_method" => io_method(server, setting, formula),
        "huge_pages" if formula == "off" => keep("try, the default, uses huge pages only where there are enough."),
        "wal_buffers" if setting.boot_val.as_deref() == Some("-1") && !server.configured.is_changed(setting) => {
            keep("The server derives it from shared_buffers, which gives nearly the same.")
        }
        "wal_level" => keep("Base backups, point-in-time recovery and standbys are impossible with minimal (PGD1217)."),
        "max_wal_senders" => keep("Base backups and standbys need WAL senders."),
        "max_worker_processes" => workers(server, formula),
        "max_connections" => connections(server, machine, formula),
        "autovacuum_max_workers" => autovacuum(server, setting, formula),
        _ => within_limits(server, setting, formula),
    }
}

/// The formula for `io_workers`, which is not asked where `io_method` should be `io_uring`.
pub(super) fn io_workers_beside(server: &Server<'_>, machine: &Machine) -> Option<i64> {
    let setting = server.configured.get("io_method")?;
    let has_workers = server.takes(setting, "io_uring") == Some(false) && setting.setting.as_deref() == Some("worker");
    machine.cpus.filter(|_| has_workers).and_then(io_workers)
}

/// The WAL senders that belong to a `wal_level` which is raised from `minimal`: the server had to run without any, and neither a
/// base backup nor a standby can connect without one.
pub(super) fn wal_senders_beside(server: &Server<'_>, evidence: &[Proposal]) -> Option<Proposal> {
    let level = evidence.iter().find(|proposal| proposal.parameter == "wal_level" && proposal.value != "minimal")?;
    let has_none = server.configured.integer("max_wal_senders") == Some(0);
    let default = server.configured.get("max_wal_senders").filter(|_| has_none)?.boot_val.clone()?;
    Some(Proposal {
        parameter: "max_wal_senders".to_owned(),
        value: default,
        why: "Base backups and standbys need WAL senders.".to_owned(),
        inputs: vec![Figure::parameter("max_wal_senders", 0)],
        ..level.clone()
    })
}

fn keep(reason: impl Into<String>) -> Fitted {
    Fitted::Keep(reason.into())
}

fn of_service(server: &Server<'_>, parameter: &str) -> Option<String> {
    let service = server.surroundings.service.as_deref()?;
    let has_own_storage = WITH_OWN_STORAGE.contains(&service);
    let is_fixed = OF_SERVICES.contains(&parameter) || has_own_storage && OF_FILES.contains(&parameter);
    is_fixed.then(|| service.to_owned())
}

fn compression(server: &Server<'_>, setting: &PgSetting, formula: &str) -> Fitted {
    if formula == "lz4" && server.takes(setting, "lz4") == Some(false) {
        let note = Some("This build does not have lz4, which the formula names.".to_owned());
        return Fitted::Use { value: "pglz".to_owned(), note };
    }
    Fitted::Use { value: formula.to_owned(), note: None }
}

/// The fallback is the default.
fn io_method(server: &Server<'_>, setting: &PgSetting, formula: &str) -> Fitted {
    match server.takes(setting, formula) {
        Some(false) => keep(format!("This build does not have {formula}.")),
        _ => Fitted::Use { value: formula.to_owned(), note: None },
    }
}

/// Free slots for processes cost next to nothing, and a standby must not have fewer than its primary.
fn workers(server: &Server<'_>, formula: &str) -> Fitted {
    let now = server.configured.integer("max_worker_processes");
    if now.zip(formula.parse().ok()).is_some_and(|(now, wanted): (i64, i64)| wanted <= now) {
        return keep("More slots than processors cost nothing, and extensions and replication use them too.");
    }
    Fitted::Use { value: formula.to_owned(), note: standbys_first(server, "max_worker_processes") }
}

fn connections(server: &Server<'_>, machine: &Machine, formula: &str) -> Fitted {
    let (Ok(wanted), Some(now)) = (formula.parse::<i64>(), server.configured.integer("max_connections")) else {
        return keep("max_connections is unknown.");
    };
    if wanted >= now {
        return Fitted::Use { value: formula.to_owned(), note: standbys_first(server, "max_connections") };
    }
    if server.surroundings.is_standby {
        return keep("A standby must not allow fewer connections than its primary.");
    }
    match server.least_connections(machine.sessions) {
        None => keep("The number of sessions is unknown, so it must not be lowered."),
        Some(least) if least > wanted => {
            let note = format!("{least} are needed for the sessions at collection with a quarter in reserve.");
            Fitted::Use { value: least.min(now).to_string(), note: Some(note) }
        }
        Some(_) => Fitted::Use { value: formula.to_owned(), note: None },
    }
}

/// A standby stops replaying where its primary allows more of these.
pub(super) fn standbys_first(server: &Server<'_>, parameter: &str) -> Option<String> {
    let matters = NOT_LESS_THAN_PRIMARY.contains(&parameter) && server.has_receivers();
    matters.then(|| "Raise it on the standbys first: one with less than its primary stops replaying.".to_owned())
}

/// From 18 on the workers need slots, which are fixed at the start.
fn autovacuum(server: &Server<'_>, setting: &PgSetting, formula: &str) -> Fitted {
    match server.configured.integer("autovacuum_worker_slots") {
        Some(slots) if formula.parse().is_ok_and(|wanted: i64| wanted > slots) => {
            keep(format!("There are only {slots} autovacuum_worker_slots."))
        }
        _ => within_limits(server, setting, formula),
    }
}

/// The server's own limits: a number beyond the greatest is replaced by it.
fn within_limits(server: &Server<'_>, setting: &PgSetting, formula: &str) -> Fitted {
    let kind = server.configured.kind(setting);
    match (parse(&kind, formula), &kind) {
        (Ok(_), _) => Fitted::Use { value: formula.to_owned(), note: None },
        (Err(ValueError::OutOfRange { .. }), Kind::Integer { max, .. }) => {
            let note =
                format!("This server takes {} at most.", server.configured.displayed_text(setting, &max.to_string()));
            Fitted::Use { value: max.to_string(), note: Some(note) }
        }
        (Err(error), _) => keep(format!("The server rejects {formula}: {error}.")),
    }
}
