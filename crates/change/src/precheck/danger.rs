//! Values that would keep the server from starting, or put data at stake: said with the reason, not refused.

use pgdba_pg::display;
use pgdba_pg::parameter::{self, Value};
use pgdba_pg::unit::{Bytes, bytes_per_unit};

use crate::auto_conf::{Alter, set_of};
use crate::change_set::{Change, Outcome};
use crate::facts::Facts;

/// The share of memory above which shared_buffers hardly ever fits beside everything else.
const SHARED_BUFFERS_SHARE: f64 = 0.8;

/// Memory that one connection may take of shared memory and of its own, a cautious figure in bytes.
const BYTES_A_CONNECTION: i64 = 5 << 20;

/// Parameters that must not be smaller on a standby than on its primary.
const NOT_BELOW_PRIMARY: [&str; 5] = [
    "max_connections",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "max_wal_senders",
    "max_worker_processes",
];

/// Parameters that end statements or sessions, in milliseconds; 0 is no limit.
const TIMEOUTS: [&str; 3] = ["statement_timeout", "transaction_timeout", "idle_session_timeout"];

/// The shortest of them that lets work be done.
const SHORTEST_TIMEOUT_MS: i64 = 1000;

/// Parameters that load libraries when the server or a session starts.
const PRELOADS: [&str; 3] = ["shared_preload_libraries", "session_preload_libraries", "local_preload_libraries"];

/// A server with its values as they will be.
struct Future<'a> {
    facts: &'a Facts,
    steps: &'a [&'a Change],
}

/// Every warning about these steps.
pub(super) fn of(facts: &Facts, steps: &[&Change]) -> Vec<String> {
    let future = Future { facts, steps };
    let checks = [
        memory(&future),
        connections(&future),
        reserved(&future),
        wal_level(&future),
        huge_pages(&future),
        listening(&future),
        tls(&future),
    ];
    let mut warnings: Vec<String> = checks.into_iter().flatten().collect();
    warnings.extend(wal_sizes(&future));
    warnings.extend(libraries(&future));
    warnings.extend(timeouts(&future));
    warnings.extend(durability(&future));
    warnings.extend(standby(&future));
    warnings
}

impl Future<'_> {
    /// The new value, where the parameter is set.
    fn set(&self, name: &str) -> Option<&str> {
        self.steps.iter().find(|change| change.name == name).and_then(|change| change.new_value.as_deref())
    }

    /// The value as it will be.
    fn text(&self, name: &str) -> Option<&str> {
        self.set(name).or_else(|| self.facts.setting(name).map(|setting| setting.setting.as_str()))
    }

    /// The value as a number in the parameter's own unit.
    fn number(&self, name: &str) -> Option<i64> {
        let setting = self.facts.setting(name)?;
        let kind = super::parameter::kind_of(setting, self.facts.version.major());
        match parameter::parse(&kind, self.text(name)?) {
            Ok(Value::Integer(number)) => Some(number),
            _ => None,
        }
    }

    /// The same in bytes.
    fn bytes(&self, name: &str) -> Option<i64> {
        let step = bytes_per_unit(self.facts.setting(name)?.unit.as_deref()?)?;
        self.number(name)?.checked_mul(step)
    }

    /// Whether a boolean or an enum will be one of `words`.
    fn is(&self, name: &str, words: &[&str]) -> bool {
        self.text(name).is_some_and(|text| words.iter().any(|word| text.eq_ignore_ascii_case(word)))
    }

    fn changes(&self, names: &[&str]) -> bool {
        self.steps.iter().any(|change| names.contains(&change.name.as_str()))
    }
}

fn memory(future: &Future<'_>) -> Option<String> {
    future.set("shared_buffers")?;
    let (wanted, memory) = (future.bytes("shared_buffers")?, future.facts.memory_bytes?);
    let is_too_much = wanted as f64 > memory as f64 * SHARED_BUFFERS_SHARE;
    is_too_much.then(|| {
        format!(
            "shared_buffers of {} on a machine with {} of memory: the server may not start",
            display::bytes(Bytes(wanted)),
            display::bytes(Bytes(memory))
        )
    })
}

fn connections(future: &Future<'_>) -> Option<String> {
    future.set("max_connections")?;
    let (wanted, memory) = (future.number("max_connections")?, future.facts.memory_bytes?);
    (wanted.saturating_mul(BYTES_A_CONNECTION) > memory).then(|| {
        format!(
            "max_connections of {wanted} on a machine with {} of memory: the server may not start, or run out of memory",
            display::bytes(Bytes(memory))
        )
    })
}

fn reserved(future: &Future<'_>) -> Option<String> {
    let names = ["max_connections", "superuser_reserved_connections", "reserved_connections"];
    if !future.changes(&names) {
        return None;
    }
    let all = future.number("max_connections")?;
    let reserved = future.number("superuser_reserved_connections").unwrap_or(0)
        + future.number("reserved_connections").unwrap_or(0);
    (reserved >= all).then(|| {
        format!(
            "{reserved} reserved connections of {all} in all: the server would not start, since none is left for others"
        )
    })
}

fn wal_level(future: &Future<'_>) -> Option<String> {
    if !future.changes(&["wal_level", "max_wal_senders", "archive_mode"]) || !future.is("wal_level", &["minimal"]) {
        return None;
    }
    if future.number("max_wal_senders").is_some_and(|senders| senders > 0) {
        return Some("wal_level = minimal with max_wal_senders above 0: the server would not start".to_owned());
    }
    future
        .is("archive_mode", &["on", "always"])
        .then(|| "wal_level = minimal with archive_mode on: the server would not start".to_owned())
}

fn huge_pages(future: &Future<'_>) -> Option<String> {
    (future.set("huge_pages").is_some() && future.is("huge_pages", &["on"])).then(|| {
        "huge_pages = on: the server will not start where the system has too few of them; try is the safe way"
            .to_owned()
    })
}

fn listening(future: &Future<'_>) -> Option<String> {
    let names = ["listen_addresses", "port", "unix_socket_directories"];
    let changed: Vec<&str> = names.into_iter().filter(|name| future.changes(&[name])).collect();
    (!changed.is_empty()).then(|| {
        format!(
            "{}: after the restart clients must find the server where it listens then, and so must pgdba",
            changed.join(", ")
        )
    })
}

fn tls(future: &Future<'_>) -> Option<String> {
    (future.set("ssl").is_some() && future.is("ssl", &["on", "true", "yes", "1"]))
        .then(|| "ssl = on: where its certificate or key cannot be read, the next start fails".to_owned())
}

fn wal_sizes(future: &Future<'_>) -> Vec<String> {
    let Some(segment) =
        future.facts.setting("wal_segment_size").and_then(|setting| setting.setting.parse::<i64>().ok())
    else {
        return Vec::new();
    };
    let too_small =
        |name: &&str| future.set(name).is_some() && future.bytes(name).is_some_and(|size| size < 2 * segment);
    let names = ["min_wal_size", "max_wal_size"].into_iter().filter(too_small);
    names
        .map(|name| {
            format!("{name} below two WAL files of {}: the server would not start", display::bytes(Bytes(segment)))
        })
        .collect()
}

fn libraries(future: &Future<'_>) -> Vec<String> {
    let Some(there) = &future.facts.libraries else { return Vec::new() };
    let mut warnings = Vec::new();
    for name in PRELOADS {
        let Some(list) = future.set(name) else { continue };
        let major = future.facts.version.major();
        let Ok(Alter::Set { literals, .. }) = set_of(name, list, major) else { continue };
        for library in literals {
            let plain = library.trim_end_matches(".so");
            // One that is named with its folder stands elsewhere.
            if !library.contains('/') && !there.contains(plain) {
                let what = if name == PRELOADS[0] { "the server would not start" } else { "no session could begin" };
                warnings
                    .push(format!("{name}: there is no library \"{library}\" in the server's library folder: {what}"));
            }
        }
    }
    warnings
}

fn timeouts(future: &Future<'_>) -> Vec<String> {
    let is_short = |name: &&str| {
        future.set(name).is_some() && future.number(name).is_some_and(|limit| (1..SHORTEST_TIMEOUT_MS).contains(&limit))
    };
    let names = TIMEOUTS.into_iter().filter(is_short);
    names
        .map(|name| format!("{name} under a second: hardly any session could work, that of a rollback neither"))
        .collect()
}

fn durability(future: &Future<'_>) -> Vec<String> {
    let off = ["off", "false", "no", "0"];
    let turned_off = |name: &&str| future.set(name).is_some() && future.is(name, &off);
    let names = ["fsync", "full_page_writes"].into_iter().filter(turned_off);
    names.map(|name| format!("{name} = off: a crash of the machine can destroy the whole cluster's data")).collect()
}

fn standby(future: &Future<'_>) -> Vec<String> {
    if !future.facts.in_recovery {
        return Vec::new();
    }
    let is_lower = |change: &&&Change| {
        let now = future.facts.setting(&change.name).and_then(|setting| setting.setting.parse::<i64>().ok());
        change.outcome == Outcome::WaitsForRestart
            && NOT_BELOW_PRIMARY.contains(&change.name.as_str())
            && future.number(&change.name).zip(now).is_some_and(|(wanted, now)| wanted < now)
    };
    let lowered = future.steps.iter().filter(is_lower);
    lowered.map(|change| format!("{}: a standby does not start with less than its primary had", change.name)).collect()
}
