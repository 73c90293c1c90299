//! Values that put the service at stake: the server starts, and its users notice.

use pgdba_pg::display;
use pgdba_pg::start::{Presence, presence, shared_memory};
use pgdba_pg::unit::Bytes;

use super::future::Future;
use super::standbys::Synchronous;
use crate::environment::Questions;

/// The share of memory above which shared memory leaves too little for everything else.
const SHARED_MEMORY_SHARE: f64 = 0.8;

/// What a busy connection takes of memory, a cautious figure in bytes.
const BYTES_PER_CONNECTION: i64 = 5 << 20;

/// Limits that end statements or sessions, in milliseconds; 0 is no limit.
const TIMEOUTS: [&str; 3] = ["statement_timeout", "transaction_timeout", "idle_session_timeout"];

/// The shortest of them that lets work be done.
const SHORTEST_TIMEOUT_MS: i64 = 1000;

/// Parameters that decide where clients find the server.
const PLACES: [&str; 3] = ["listen_addresses", "port", "unix_socket_directories"];

/// What a session may take of memory at once.
const SESSION_MEMORY: [&str; 3] = ["work_mem", "hash_mem_multiplier", "maintenance_work_mem"];

/// A parameter, the values, and what they lead to.
type Danger = (&'static str, &'static [&'static str], &'static str);

const DANGERS: [Danger; 9] = [
    (
        "autovacuum",
        &["off"],
        "dead rows accumulate and planner statistics become stale until VACUUM and ANALYZE are run manually",
    ),
    ("track_counts", &["off"], "autovacuum does not run, and table statistics are no longer collected"),
    ("default_transaction_read_only", &["on"], "writes fail in every session that does not set it to off"),
    ("ignore_system_indexes", &["on"], "every lookup in a system catalog is a sequential scan"),
    ("restart_after_crash", &["off"], "after a backend crash the server stays down until it is started manually"),
    ("exit_on_error", &["on"], "any error ends the session"),
    ("ssl", &["off"], "clients that require TLS cannot connect, and passwords and data travel unencrypted"),
    ("log_min_messages", &["fatal", "panic"], "errors are no longer written to the server log"),
    (
        "log_min_messages",
        &["debug1", "debug2", "debug3", "debug4", "debug5"],
        "the server log grows quickly and can fill the disk",
    ),
];

pub(super) fn ask(future: &Future<'_>, questions: &mut Questions) {
    questions.start.memory |= future.changes(&SESSION_MEMORY) || future.changes(&["max_connections"]);
    questions.standbys |= future.changes(&["synchronous_standby_names", "synchronous_commit"]);
    questions.sessions |=
        future.changes(&["max_connections", "superuser_reserved_connections", "reserved_connections"]);
}

pub(super) fn check(future: &Future<'_>) -> Vec<String> {
    let mut warnings: Vec<String> = DANGERS.iter().filter_map(|danger| taken(future, danger)).collect();
    warnings.extend(libraries(future));
    warnings.extend(TIMEOUTS.into_iter().filter_map(|name| timeout(future, name)));
    warnings.extend(session_memory(future));
    let others = [
        shared(future),
        connections(future),
        sessions(future),
        archiving(future),
        synchronous(future),
        cold_standby(future),
        places(future),
    ];
    warnings.extend(others.into_iter().flatten());
    warnings
}

/// Nothing is said of what is so already.
fn taken(future: &Future<'_>, (name, words, what): &Danger) -> Option<String> {
    let word = words.iter().find(|word| future.becomes(name, &[word]))?;
    let was = match future.running().is_on(name) {
        Some(on) => {
            if on {
                "on"
            } else {
                "off"
            }
        }
        None => future.running().text(name).unwrap_or_default(),
    };
    (was != *word).then(|| format!("{name} = {word}: {what}"))
}

fn libraries(future: &Future<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    for name in ["session_preload_libraries", "local_preload_libraries"] {
        if !future.changes(&[name, "dynamic_library_path"]) {
            continue;
        }
        for (library, found) in presence(future.settings(), &future.environment().host, name) {
            let what = match found {
                Presence::Missing => "does not exist: every connection would be refused",
                Presence::Unknown if future.changes(&[name]) => {
                    "must be installed, or every connection is refused; its directory could not be listed"
                }
                Presence::Unknown | Presence::Present => continue,
            };
            warnings.push(format!("{name}: the library \"{library}\" {what}"));
        }
    }
    warnings
}

fn timeout(future: &Future<'_>, name: &str) -> Option<String> {
    let limit = future.settings().integer(name).filter(|_| future.changes(&[name]))?;
    (1..SHORTEST_TIMEOUT_MS).contains(&limit).then(|| {
        format!(
            "{name} is {limit} ms: hardly any session can work, and a rollback of this change might be terminated too"
        )
    })
}

fn memory(future: &Future<'_>) -> Option<Bytes> {
    let host = &future.environment().host;
    let total = host.memory?.total;
    Some(host.container_limit.map_or(total, |limit| limit.min(total)))
}

fn session_memory(future: &Future<'_>) -> Vec<String> {
    let Some(memory) = memory(future) else { return Vec::new() };
    let all = display::bytes(memory);
    let mut warnings = Vec::new();
    // Before 13 there is no multiplier.
    let multiplier = future.settings().real("hash_mem_multiplier").unwrap_or(1.0);
    if let Some(work_mem) = future.bytes("work_mem").filter(|_| future.changes(&["work_mem", "hash_mem_multiplier"])) {
        let most = Bytes((work_mem.0 as f64 * multiplier) as i64);
        if most > memory {
            let size = display::bytes(most);
            warnings.push(format!(
                "work_mem: one hash operation can use {size}, and the host has {all} of memory: the server can run \
                 out of memory"
            ));
        }
    }
    if let Some(size) = future.bytes("maintenance_work_mem").filter(|_| future.changes(&["maintenance_work_mem"]))
        && size > memory
    {
        let size = display::bytes(size);
        warnings.push(format!(
            "maintenance_work_mem: one VACUUM or CREATE INDEX can use {size}, and the host has {all} of memory: the \
             server can run out of memory"
        ));
    }
    warnings
}

fn shared(future: &Future<'_>) -> Option<String> {
    let host = &future.environment().host;
    let memory = memory(future)?;
    let needed = shared_memory(future.settings(), host.has_gss)?.bytes;
    let now = shared_memory(future.running(), host.has_gss)?.bytes;
    let is_too_much = needed > now && needed.0 as f64 > memory.0 as f64 * SHARED_MEMORY_SHARE;
    // That it does not start says more.
    let starts = future.start().problems(host).is_empty();
    (is_too_much && starts).then(|| {
        let (needed, memory) = (display::bytes(needed), display::bytes(memory));
        format!(
            "shared memory would take {needed} of {memory}: little is left for sessions, and the server might be \
             killed when memory runs out"
        )
    })
}

fn connections(future: &Future<'_>) -> Option<String> {
    let name = "max_connections";
    let wanted = future.settings().integer(name).filter(|_| future.changes(&[name]))?;
    let memory = memory(future)?;
    let grows = future.running().integer(name).is_none_or(|now| wanted > now);
    (grows && wanted.saturating_mul(BYTES_PER_CONNECTION) > memory.0).then(|| {
        let (wanted, memory) = (display::count(wanted), display::bytes(memory));
        let each = display::bytes(Bytes(BYTES_PER_CONNECTION));
        format!("{name} is {wanted}: with {each} for each, more than the {memory} of memory can be in use at once; consider a connection pooler")
    })
}

fn sessions(future: &Future<'_>) -> Option<String> {
    let names = ["max_connections", "superuser_reserved_connections", "reserved_connections"];
    let sessions = future.environment().sessions.filter(|_| future.changes(&names))?;
    let number = |name| future.settings().integer(name);
    let slots = number("max_connections")?
        - number("superuser_reserved_connections")?
        - number("reserved_connections").unwrap_or(0);
    (slots > 0 && slots < sessions).then(|| {
        let used = display::counted(sessions, "session uses a connection slot", "sessions use connection slots");
        format!(
            "{used} now, but only {} would be available for ordinary roles: clients would be refused",
            display::count(slots)
        )
    })
}

fn archiving(future: &Future<'_>) -> Option<String> {
    let names = ["archive_mode", "archive_command", "archive_library"];
    let is_on = future.is("archive_mode", &["on", "always"]);
    // With WAL at its lowest level the server does not start with it at all.
    if !future.changes(&names) || !is_on || future.is("wal_level", &["minimal"]) {
        return None;
    }
    let command = future.settings().text("archive_command");
    let library = future.settings().text("archive_library").unwrap_or_default();
    match (command?, library) {
        ("", "") => {
            Some("archive_mode is on without an archive_command: WAL files stay in pg_wal until one is set, and can fill the disk".to_owned())
        }
        ("", _) | (_, "") => None,
        _ => Some("archive_command and archive_library are both set: nothing is archived, WAL files stay in pg_wal and can fill the disk".to_owned()),
    }
}

fn synchronous(future: &Future<'_>) -> Option<String> {
    let name = "synchronous_standby_names";
    let is_concerned = future.changes(&[name, "synchronous_commit"]) && !future.facts().in_recovery;
    if !is_concerned || future.is("synchronous_commit", &["off", "local"]) {
        return None;
    }
    let wanted = Synchronous::read(future.settings().text(name)?)?;
    let required = format!(
        "{name} requires {} of {}",
        display::counted(i64::try_from(wanted.number).ok()?, "connected standby", "connected standbys"),
        wanted.names.join(", ")
    );
    let Some(standbys) = &future.environment().standbys else {
        return future.changes(&[name]).then(|| {
            format!("{required}: commits wait while fewer are connected, and this role cannot see which are")
        });
    };
    let connected = wanted.connected(standbys);
    (connected < wanted.number).then(|| {
        format!(
            "{required}, but {} connected: every commit would wait",
            display::counted(i64::try_from(connected).unwrap_or(i64::MAX), "is", "are")
        )
    })
}

fn cold_standby(future: &Future<'_>) -> Option<String> {
    (future.facts().in_recovery && future.becomes("hot_standby", &["off"]))
        .then(|| "hot_standby = off: this standby refuses every connection until it is promoted".to_owned())
}

fn places(future: &Future<'_>) -> Option<String> {
    let changed: Vec<&str> = PLACES.into_iter().filter(|name| future.changes(&[name])).collect();
    (!changed.is_empty()).then(|| {
        format!("{}: after the restart, clients and pgdba must connect to the new address", changed.join(", "))
    })
}
