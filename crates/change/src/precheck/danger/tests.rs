//! Where warnings begin, and what is said where a fact could not be read.

use pgdba_pg::Bytes;
use pgdba_pg::start::{Host, HugePages, Memory, Overcommit, Path};

use super::cases::untouched;
use crate::environment::Environment;
use crate::facts::AutoConfFile;
use crate::facts::{Facts, FileLine};
use crate::precheck::{Options, precheck};
use crate::request::Request;

/// An untouched server of the newest version of whose host nothing is known.
fn server() -> Facts {
    untouched(18)
}

fn with(mut facts: Facts, environment: Environment) -> Facts {
    facts.environment = environment;
    facts
}

fn host(host: Host) -> Facts {
    with(server(), Environment { host, ..Environment::default() })
}

fn memory(gigabytes: i64, overcommit: Overcommit) -> Host {
    let memory = Memory { total: Bytes(gigabytes << 30), swap: Bytes(0), overcommit: Some(overcommit) };
    Host { memory: Some(memory), ..Host::default() }
}

/// The running server has this value, and a file says so.
fn running(mut facts: Facts, name: &str, value: &str) -> Facts {
    let setting = facts.settings.get_mut(name).unwrap();
    value.clone_into(&mut setting.setting);
    value.clone_into(&mut setting.shown);
    facts
}

/// The warnings about a change, one below the other; a parameter without a value is reset.
fn warnings(facts: &Facts, pairs: &[&str]) -> String {
    let (set, reset): (Vec<_>, Vec<_>) = pairs.iter().map(|&pair| pair.to_owned()).partition(|pair| pair.contains('='));
    let found = precheck(&Request::of_arguments(&set, &reset).unwrap(), facts, Options::default());
    assert!(found.refusals.is_empty(), "{:?}", found.refusals);
    found.warnings.join("\n")
}

fn has(facts: &Facts, pairs: &[&str], words: &str) -> bool {
    warnings(facts, pairs).contains(words)
}

#[test]
fn shared_memory_is_compared_with_what_the_kernel_grants() {
    let heuristic = host(memory(16, Overcommit::Heuristic));
    assert!(has(&heuristic, &["shared_buffers=16GB"], "the server would not start: 16.4 GB of shared memory"));
    assert!(has(&heuristic, &["shared_buffers=14GB"], "little is left for sessions"));
    assert_eq!(warnings(&heuristic, &["shared_buffers=4GB"]), "");
    assert!(!has(&host(memory(16, Overcommit::Always)), &["shared_buffers=20GB"], "not start"));
    // The running server's own 150 MB are free again when it stops.
    let never = |limit: i64| Overcommit::Never { limit: Bytes(limit << 20), committed: Bytes(1 << 30) };
    assert!(has(&host(memory(16, never(2000))), &["shared_buffers=1100MB"], "will not start unless 1.1 GB"));
    assert!(!has(&host(memory(16, never(2100))), &["shared_buffers=1100MB"], "not start"));
    // Nothing is known of the host: only what few machines have is doubtful.
    assert_eq!(warnings(&server(), &["shared_buffers=32GB"]), "");
    assert!(has(&server(), &["shared_buffers=64GB"], "unless the host has more than 65"));
    let limited = Host { container_limit: Some(Bytes(4 << 30)), ..memory(16, Overcommit::Heuristic) };
    assert!(has(&host(limited), &["shared_buffers=5GB"], "of 4 GB: little is left"));
}

#[test]
fn huge_pages_that_the_server_gives_back_count_in_doubt_only() {
    let pages = |total, free| HugePages { size: Bytes(2 << 20), total, free };
    let of = |total, free| host(Host { huge_pages: Some(pages(total, free)), ..Host::default() });
    assert!(has(
        &of(74, 74),
        &["huge_pages=on"],
        "the server would not start: huge_pages = on requires 75 huge pages of 2 MB"
    ));
    assert_eq!(warnings(&of(75, 75), &["huge_pages=on"]), "");
    assert!(has(&of(100, 10), &["huge_pages=on"], "unless 75 huge pages of 2 MB are free"));
    let off = running(of(100, 10), "huge_pages", "off");
    assert!(has(&off, &["huge_pages=on"], "would not start"));
    assert!(has(&server(), &["huge_pages=on"], "unless huge pages for 150 MB are free"));
}

#[test]
fn what_waits_in_the_files_takes_part_and_what_is_reset_comes_back() {
    let line = |name: &str, value: &str, file: &str| FileLine {
        file: format!("/data/{file}"),
        line: 1,
        name: Some(name.to_owned()),
        setting: Some(value.to_owned()),
        applied: false,
        error: Some("setting could not be applied".to_owned()),
    };
    let mut facts = server();
    assert_eq!(warnings(&facts, &["superuser_reserved_connections=20"]), "");
    facts.file_lines = Some(vec![line("max_connections", "20", "postgresql.conf")]);
    assert!(has(
        &facts,
        &["superuser_reserved_connections=20"],
        "(20) plus reserved_connections (0) must be less than max_connections (20)"
    ));
    let mut facts = running(server(), "wal_level", "logical");
    facts.file_lines = Some(vec![
        line("wal_level", "minimal", "postgresql.conf"),
        line("wal_level", "logical", "postgresql.auto.conf"),
    ]);
    facts.auto_conf = AutoConfFile::of(b"wal_level = 'logical'\n");
    assert!(has(&facts, &["wal_level"], "max_wal_senders = 10 requires wal_level replica or logical"));
    facts.file_lines = None;
    assert!(!has(&facts, &["wal_level"], "not start"), "what comes back is not known");
}

#[test]
fn a_fact_that_was_refused_is_named_only_where_the_value_is_at_risk() {
    let unless = |pair: &str, words: &str| {
        let found = warnings(&server(), &[pair]);
        assert!(found.contains("will not start unless") && found.contains(words), "{pair}: {found}");
    };
    unless("shared_preload_libraries=some_library", "the library \"some_library\" is installed");
    unless("hba_file=/etc/pg_hba.conf", "\"/etc/pg_hba.conf\" exists");
    unless("listen_addresses=192.0.2.7", "192.0.2.7 is an address of its host");
    unless("port=80", "privilege to listen on port 80");
    unless("unix_socket_group=dba", "member of the group \"dba\"");
    unless("ssl=on", "ssl_cert_file \"server.crt\" exists");
    for harmless in ["listen_addresses=*", "listen_addresses=localhost", "port=5433", "unix_socket_directories=/run/x"]
    {
        assert!(!has(&server(), &[harmless], "not start"), "{harmless}");
    }
}

#[test]
fn a_directory_is_in_doubt_only_where_it_is_the_systems() {
    let paths = ["/srv", "/srv/log", "/var/log", "/etc"].map(|path| (path.to_owned(), Path::Directory));
    let mounts = [("/".to_owned(), true), ("/etc".to_owned(), false)];
    let mut paths: std::collections::BTreeMap<_, _> = paths.into();
    paths.insert("/srv/new".to_owned(), Path::Missing);
    paths.insert("/none".to_owned(), Path::Missing);
    paths.insert("/root/x".to_owned(), Path::Refused("Permission denied".to_owned()));
    let facts = host(Host { paths, mounts: Some(mounts.into()), ..Host::default() });
    let of = |place: &str| warnings(&facts, &["logging_collector=on", &format!("log_directory={place}")]);
    assert_eq!(of("/srv/log"), "");
    assert!(of("/srv/new").contains("unless its user can create a directory in \"/srv\""), "{}", of("/srv/new"));
    assert!(of("/var/log").contains("unless its user can write to \"/var/log\""));
    assert!(of("/etc").contains("would not start") && of("/root/x").contains("Permission denied"));
    assert!(warnings(&facts, &["unix_socket_directories=/none"]).contains("\"/none\" does not exist"));
}

#[test]
fn a_standby_is_measured_by_its_primary_and_not_by_its_own_values() {
    let mut facts = running(server(), "max_connections", "300");
    facts.in_recovery = true;
    let known = |least: i64| {
        let primary = Some([("max_connections".to_owned(), least)].into());
        let host = Host { in_recovery: Some(true), primary, ..Host::default() };
        with(facts.clone(), Environment { host, ..Environment::default() })
    };
    assert!(!has(&known(200), &["max_connections=200"], "not start"));
    assert!(has(&known(201), &["max_connections=200"], "(200) must not be lower than on the primary (201)"));
    let unknown = with(
        facts.clone(),
        Environment { host: Host { in_recovery: Some(true), ..Host::default() }, ..Environment::default() },
    );
    assert!(has(&unknown, &["max_connections=200"], "unless max_connections on the primary is at most 200"));
    assert!(!has(&unknown, &["max_connections=400"], "not start"));
}

#[test]
fn data_at_stake_is_said_with_what_can_be_lost() {
    let running = running(running(server(), "archive_mode", "on"), "ignore_checksum_failure", "off");
    for (pair, words) in [
        ("full_page_writes=off", "torn pages"),
        ("fsync=no", "destroy the whole cluster"),
        ("data_sync_retry=on", "lost without an error"),
        ("synchronous_commit=off", "the data stays consistent"),
        ("zero_damaged_pages=on", "all its rows are lost"),
        ("ignore_checksum_failure=on", "corrupted data is returned"),
        ("ignore_invalid_pages=on", "hide corruption"),
        ("allow_system_table_mods=on", "can destroy the cluster"),
        ("archive_mode=off", "no longer archived"),
    ] {
        let found = warnings(&running, &[pair]);
        assert!(found.contains(words) && found.lines().count() == 1, "{pair}: {found}");
    }
    for harmless in ["synchronous_commit=local", "wal_level=logical"] {
        assert_eq!(warnings(&running, &[harmless]), "", "{harmless}");
    }
}

#[test]
fn service_at_stake_is_said() {
    for (pair, words) in [
        ("autovacuum=off", "dead rows accumulate"),
        ("track_counts=off", "autovacuum does not run"),
        ("default_transaction_read_only=on", "writes fail"),
        ("ignore_system_indexes=on", "sequential scan"),
        ("restart_after_crash=off", "stays down"),
        ("statement_timeout=999", "999 ms"),
        ("session_preload_libraries=x", "every connection is refused"),
        ("synchronous_standby_names=a, b", "requires 1 connected standby of a, b: commits wait"),
        ("log_min_messages=panic", "no longer written"),
        ("log_min_messages=debug5", "fill the disk"),
        ("archive_mode=on", "without an archive_command"),
        ("listen_addresses=*", "connect to the new address"),
    ] {
        let found = warnings(&server(), &[pair]);
        assert!(found.contains(words) && found.lines().count() == 1, "{pair}: {found}");
    }
    for harmless in ["statement_timeout=1s", "statement_timeout=0", "log_min_messages=error", "archive_command=true"] {
        assert_eq!(warnings(&server(), &[harmless]), "", "{harmless}");
    }
}

#[test]
fn standbys_sessions_and_libraries_are_counted() {
    let environment = |host| Environment { host, standbys: Some(["s1".to_owned()].into()), sessions: Some(50) };
    let libraries = Host { libraries: [("$libdir".to_owned(), ["a.so".to_owned()].into())].into(), ..Host::default() };
    let facts = with(server(), environment(libraries));
    assert_eq!(warnings(&facts, &["synchronous_standby_names=s1"]), "");
    assert!(has(
        &facts,
        &["synchronous_standby_names=2 (s1, s2)"],
        "requires 2 connected standbys of s1, s2, but 1 is connected: every commit"
    ));
    assert_eq!(warnings(&facts, &["synchronous_standby_names=s2", "synchronous_commit=local"]), "");
    assert_eq!(warnings(&facts, &["max_connections=53"]), "");
    assert!(has(
        &facts,
        &["max_connections=52"],
        "50 sessions use connection slots now, but only 49 would be available"
    ));
    assert_eq!(warnings(&facts, &["session_preload_libraries=a"]), "");
    assert!(has(&facts, &["session_preload_libraries=b"], "every connection would be refused"));
    let many = host(memory(1, Overcommit::Heuristic));
    assert!(!has(&many, &["max_connections=204"], "pooler") && has(&many, &["max_connections=205"], "pooler"));
    // Half of the memory, and twice that for a hash.
    assert!(!has(&many, &["work_mem=512MB"], "work_mem:") && has(&many, &["work_mem=513MB"], "work_mem:"));
    assert!(has(&many, &["maintenance_work_mem=1025MB"], "one VACUUM or CREATE INDEX can use 1 GB"));
}
