//! Every start that was measured on real servers against the precheck: what stops is warned about, what starts is not.

use std::collections::BTreeMap;
use std::net::IpAddr;

use pgdba_pg::parameter::Source;
use pgdba_pg::start::{Host, HugePages, Memory, Overcommit, Path, Slot};
use pgdba_pg::{Bytes, ServerVersion};
use pgdba_snapshot::sections::pg_settings::PgSetting;
use serde::Deserialize;

use crate::auto_conf::AutoConf;
use crate::change_set::Via;
use crate::environment::Environment;
use crate::facts::{Facts, Setting};
use crate::precheck::tests::facts;
use crate::precheck::{Options, precheck};
use crate::request::Request;

const MEASURED: &str = include_str!("../../../../../fixtures/starting/start-cases.json");

/// What untouched servers say of their parameters.
const CATALOGS: [(i64, &[u8]); 7] = [
    (12, include_bytes!("../../../../../fixtures/pg12-bare.json.gz")),
    (13, include_bytes!("../../../../../fixtures/pg13-bare.json.gz")),
    (14, include_bytes!("../../../../../fixtures/pg14-bare.json.gz")),
    (15, include_bytes!("../../../../../fixtures/pg15-bare.json.gz")),
    (16, include_bytes!("../../../../../fixtures/pg16-bare.json.gz")),
    (17, include_bytes!("../../../../../fixtures/pg17-bare.json.gz")),
    (18, include_bytes!("../../../../../fixtures/pg18-bare.json.gz")),
];

#[derive(Deserialize)]
struct Measured {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    case: String,
    settings: String,
    /// Versions, `starts` or `stops` or something between, and the first telling line.
    results: Vec<(Vec<i64>, String, String)>,
}

/// Why a case says nothing of the warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outside {
    /// It sets no parameter: a file, a mode or another process decides.
    NoSetting,
    /// Its lines are not such that ALTER SYSTEM writes.
    NotAlterSystem,
    /// The precheck refuses it.
    Refused,
    /// The server refuses the value itself, to ALTER SYSTEM too.
    RefusedByServer,
    /// The server has the value already, so the state stops it and not a change.
    Unchanged,
    /// It neither started in time nor stopped.
    Undecided,
}

/// The beginnings of what a server says of a value that it does not take, whoever sets it.
const REFUSALS: [&str; 8] = [
    "invalid value for parameter",
    "is outside the valid range",
    "requires a Boolean value",
    "unrecognized configuration parameter",
    "cannot be changed",
    "not supported by this build",
    "number of synchronous standbys",
    "replication slot name",
];

#[test]
fn what_stops_a_server_is_warned_about_and_what_does_not_is_not() {
    let measured: Measured = serde_json::from_str(MEASURED).unwrap();
    let mut wrong = Vec::new();
    let mut outside: BTreeMap<Outside, usize> = BTreeMap::new();
    let (mut stops, mut starts) = (0, 0);
    for (major, catalog) in CATALOGS {
        let base = of_catalog(major, catalog);
        for case in &measured.cases {
            let result = case.results.iter().find(|(majors, ..)| majors.contains(&major));
            let Some((_, state, message)) = result else { continue };
            match judge(&base, case, state, message) {
                Ok(warnings) => {
                    let is_right = if state == "stops" {
                        stops += 1;
                        !warnings.is_empty()
                    } else {
                        starts += 1;
                        warnings.iter().all(|warning| is_unknowable(warning))
                    };
                    if !is_right {
                        wrong.push(format!("{major} {state}: {} {warnings:?} {message:?}", case.case));
                    }
                }
                Err(why) if state == "stops" => *outside.entry(why).or_default() += 1,
                Err(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(stops >= 420 && starts >= 650, "only {stops} and {starts} were judged; {outside:?} were not");
    // A standby of WAL that was written with too low a wal_level, on each version.
    assert_eq!(outside.get(&Outside::Unchanged), Some(&7), "{outside:?}");
}

/// The mode and the owner of a key are seen by no query, so that alone is said of a key that may be right.
fn is_unknowable(warning: &str) -> bool {
    warning.contains("is the key of the certificate")
}

/// What is said of the start, or why the case is outside.
fn judge(base: &Facts, case: &Case, state: &str, message: &str) -> Result<Vec<String>, Outside> {
    if case.settings.is_empty() {
        return Err(Outside::NoSetting);
    }
    if !["starts", "stops"].contains(&state) {
        return Err(Outside::Undecided);
    }
    let lines = AutoConf::read(case.settings.as_bytes()).map_err(|_| Outside::NotAlterSystem)?;
    let pairs = lines.entries().iter().map(|entry| (entry.name.clone(), Some(entry.text().unwrap().to_owned())));
    let request = Request { parameters: pairs.collect(), fingerprint: None, via: None };
    let mut facts = in_state(base, &case.case);
    facts.environment = environment(&request, &facts, &case.case);
    let found = precheck(&request, &facts, Options::default());
    if !found.refusals.is_empty() {
        return Err(Outside::Refused);
    }
    if state == "stops" && REFUSALS.iter().any(|words| message.contains(words)) && !is_a_sum(message) {
        return Err(Outside::RefusedByServer);
    }
    if found.changes.iter().all(|change| !change.outcome.is_step()) {
        return Err(Outside::Unchanged);
    }
    let is_about_start = |warning: &String| warning.starts_with("the server w");
    Ok(found.warnings.into_iter().filter(is_about_start).collect())
}

/// Up to 17 the server says so of one value that is too large with the others it has; with those of the same change it does not.
fn is_a_sum(message: &str) -> bool {
    ["\"max_connections\": 262", "\"max_worker_processes\": 262"].iter().any(|words| message.contains(words))
}

/// An untouched server of this version.
pub(super) fn untouched(major: i64) -> Facts {
    let (_, catalog) = CATALOGS.into_iter().find(|(version, _)| *version == major).unwrap();
    of_catalog(major, catalog)
}

/// An untouched server of this version, with the libraries and files of the machine on which was measured.
fn of_catalog(major: i64, catalog: &[u8]) -> Facts {
    let snapshot = pgdba_snapshot::read(catalog).unwrap();
    let rows = snapshot.section::<PgSetting>().rows;
    let settings = rows.into_iter().map(|row| (row.name.to_ascii_lowercase(), setting(row))).collect();
    Facts { version: ServerVersion::from_major(major), settings, ..facts(major) }
}

fn setting(row: PgSetting) -> Setting {
    let setting = row.setting.unwrap_or_default();
    Setting {
        name: row.name,
        shown: setting.clone(),
        setting,
        unit: row.unit,
        context: row.context.unwrap_or_default(),
        vartype: row.vartype.unwrap_or_default(),
        source: row.source.as_deref().and_then(Source::parse),
        min_val: row.min_val,
        max_val: row.max_val,
        enumvals: row.enumvals.unwrap_or_default(),
        boot_val: row.boot_val,
        sourcefile: row.sourcefile,
        sourceline: None,
        pending_restart: false,
    }
}

/// The server in the state that a case names, with other settings than the built-in ones where the state needs them.
fn in_state(base: &Facts, case: &str) -> Facts {
    let mut facts = base.clone();
    let of_primary = [
        ("max_connections", "200"),
        ("max_worker_processes", "16"),
        ("max_wal_senders", "20"),
        ("max_prepared_transactions", "10"),
        ("max_locks_per_transaction", "128"),
    ];
    let now: &[(&str, &str)] = match case {
        _ if case.starts_with("standby") => {
            facts.in_recovery = true;
            &of_primary
        }
        _ if case.starts_with("recovery.signal") => {
            facts.in_recovery = true;
            &[]
        }
        _ if case.starts_with("logical slot") => &[("wal_level", "logical")],
        _ if case.starts_with("prepared") => &[("max_prepared_transactions", "10")],
        _ => &[],
    };
    for (name, value) in now {
        let setting = facts.settings.get_mut(*name).unwrap();
        (*value).clone_into(&mut setting.setting);
        (*value).clone_into(&mut setting.shown);
    }
    facts
}

/// What the host answers to the questions that the change raises.
fn environment(request: &Request, facts: &Facts, case: &str) -> Environment {
    let questions = super::questions(request, facts, Via::AlterSystem).start;
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let slot = |is_logical| Slot { name: "s1".to_owned(), is_logical };
    let slots = match case {
        _ if case.starts_with("logical slot") => vec![slot(true)],
        _ if case.starts_with("physical slot") || case.starts_with("1 slot") => vec![slot(false)],
        _ if case.starts_with("2 slots") => vec![slot(false), slot(false)],
        _ => Vec::new(),
    };
    let libraries = ["auto_explain.so", "basic_archive.so", "pg_prewarm.so", "pg_stat_statements.so"];
    let files = |directory: &String| match directory.as_str() {
        "$libdir" => libraries.map(str::to_owned).into(),
        _ => std::collections::BTreeSet::new(),
    };
    let host = Host {
        memory: Some(Memory { total: Bytes(16 << 30), swap: Bytes(0), overcommit: Some(Overcommit::Heuristic) }),
        container_limit: None,
        huge_pages: questions.huge_pages.map(|_| HugePages { size: Bytes(2 << 20), total: 0, free: 0 }),
        libraries: questions.library_directories.iter().map(|place| (place.clone(), files(place))).collect(),
        paths: questions.paths.iter().map(|path| (path.clone(), at(path, case))).collect(),
        mounts: Some([("/".to_owned(), true), ("/proc".to_owned(), false)].into()),
        groups: Some([("daemon".to_owned(), 1), ("postgres".to_owned(), 104)].into()),
        own_groups: Some([104].into()),
        lowest_port: Some(1024),
        addresses: Some([address("127.0.0.1"), address("::1"), address("10.0.0.2")].into()),
        host_names: Some([("localhost".to_owned(), [address("127.0.0.1")].into())].into()),
        slots: Some(slots),
        prepared_transactions: Some(i64::from(case.starts_with("prepared"))),
        in_recovery: Some(facts.in_recovery),
        primary: facts.in_recovery.then(|| {
            let number = |name: &str| facts.settings[name].setting.parse().unwrap();
            let names = ["max_connections", "max_worker_processes", "max_wal_senders"];
            let all = names.into_iter().chain(["max_prepared_transactions", "max_locks_per_transaction"]);
            all.map(|name| (name.to_owned(), number(name))).collect()
        }),
        openssl: Some("1.1".to_owned()),
        has_gss: Some(false),
    };
    Environment { host, ..Environment::default() }
}

/// What was at a path on the machine.
fn at(path: &str, case: &str) -> Path {
    let has_tls = case.starts_with("ssl ");
    match path {
        "/" | "/proc" | "." | "SOCKDIR" => Path::Directory,
        "server.crt" if has_tls => Path::File,
        "server.key" if has_tls && case != "ssl no key" => Path::File,
        "recovery.signal" if case.starts_with("recovery.signal") => Path::File,
        _ => Path::Missing,
    }
}
