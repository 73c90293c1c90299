//! Values for servers that are not as a formula imagines them. The settings are those of real servers (`fixtures`).

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic, and so may the functions that only tests call"
)]

use pgdba_analysis::format::recommendation::{RecommendationSource, Route};
use pgdba_analysis::tuning::{Given, Storage, Tuning, Workload, script, tune};
use pgdba_analysis::{Confidence, Facts, Options, Recommendation, analyze, example};
use pgdba_pg::Bytes;
use pgdba_snapshot::sections::pg_settings::PgSetting;
use serde_json::{Value, json};

mod settled;

macro_rules! fixtures {
    ($($major:literal),*) => {
        /// A recorded snapshot of this version.
        fn fixture(major: i64) -> &'static [u8] {
            match major {
                $($major => include_bytes!(concat!("../../../../fixtures/pg", $major, ".json.gz")),)*
                _ => unreachable!(),
            }
        }
    };
}

fixtures!(12, 13, 14, 15, 16, 17, 18);

/// A server of this version without a load: its settings are those of the recorded one, changed where `changes` says so.
fn server(major: i64, changes: &[(&str, &str)]) -> Value {
    let snapshot = pgdba_snapshot::read(fixture(major)).unwrap();
    let row = |row: PgSetting| {
        let change = changes.iter().find(|(name, _)| *name == row.name);
        json!({
            "name": row.name, "setting": change.map_or(row.setting, |(_, value)| Some((*value).to_owned())), "unit": row.unit,
            "context": row.context, "vartype": row.vartype, "min_val": row.min_val, "max_val": row.max_val,
            "enumvals": row.enumvals, "boot_val": row.boot_val,
            "source": if change.is_some() { Some("configuration file".to_owned()) } else { row.source },
            "sourcefile": change.map(|_| "/etc/postgresql/postgresql.conf"), "sourceline": change.map(|_| 7),
        })
    };
    let rows: Vec<Value> = snapshot.section::<PgSetting>().rows.into_iter().map(row).collect();
    let none = || json!({ "available": true, "columns": ["pid", "slot_name", "gid"], "rows": [] });
    json!({
        "version": major, "pg_settings": rows, "system": [{ "is_in_recovery": false, "version": "PostgreSQL on x86_64-pc-linux-gnu" }],
        "host": [host(16 << 20, "")], "pg_stat_replication": none(), "pg_replication_slots": none(), "pg_prepared_xacts": none(),
        "pg_stat_activity": [{ "pid": 1, "backend_type": "client backend" }],
    })
}

/// A host with so much memory, in kB, eight processors and flash storage.
fn host(kilobytes: i64, more: &str) -> Value {
    json!({ "meminfo": format!("MemTotal: {kilobytes} kB\n{more}"), "cpu_online": "0-7", "rotational": "nvme0n1=0",
            "wal_free_bytes": 100_i64 << 30 })
}

fn with(mut document: Value, section: &str, rows: Value) -> Value {
    document[section] = rows;
    document
}

fn tuned(document: &Value, given: &Given) -> Tuning {
    let snapshot = example::snapshot(&document.to_string()).unwrap();
    let analysis = analyze(&snapshot, &Options::default());
    tune(&Facts::of(&snapshot), &analysis.findings, given).unwrap()
}

fn of(document: &Value, workload: Workload) -> Tuning {
    tuned(document, &Given { workload: Some(workload), ..Given::default() })
}

fn recommended<'t>(tuning: &'t Tuning, parameter: &str) -> Option<&'t Recommendation> {
    tuning.recommendations.iter().find(|wanted| wanted.parameter == parameter)
}

fn value<'t>(tuning: &'t Tuning, parameter: &str) -> Option<&'t str> {
    recommended(tuning, parameter).map(|wanted| wanted.recommended.as_str())
}

fn reason<'t>(tuning: &'t Tuning, parameter: &str) -> &'t str {
    tuning.kept.iter().find(|kept| kept.parameter == parameter).map_or("", |kept| kept.reason.as_str())
}

#[test]
fn formulas_are_computed_for_the_host_of_the_snapshot() {
    let tuning = of(&server(17, &[]), Workload::Oltp);
    let shared_buffers = recommended(&tuning, "shared_buffers").unwrap();
    assert_eq!((shared_buffers.recommended.as_str(), shared_buffers.source), ("4GB", RecommendationSource::Pgtune));
    assert_eq!((shared_buffers.needs_restart, shared_buffers.confidence), (true, Confidence::Medium));
    assert_eq!(value(&tuning, "effective_io_concurrency"), Some("1000"));
    assert_eq!(value(&tuning, "random_page_cost"), Some("1.1"));
    let given = Given { memory: Some(Bytes(8 << 30)), storage: Some(Storage::Hdd), ..Given::default() };
    let tuning = tuned(&server(17, &[]), &given);
    assert_eq!(
        (value(&tuning, "shared_buffers"), value(&tuning, "effective_io_concurrency")),
        (Some("2GB"), Some("2"))
    );
}

#[test]
fn a_host_whose_memory_is_unknown_gets_nothing_that_depends_on_it() {
    let document = with(server(13, &[]), "host", json!({ "available": false, "error": "permission denied" }));
    let tuning = of(&document, Workload::Oltp);
    assert_eq!(tuning.workload, Workload::RemoteConservative);
    let names: Vec<&str> = tuning.recommendations.iter().map(|wanted| wanted.parameter.as_str()).collect();
    assert_eq!(names, ["checkpoint_completion_target", "wal_compression"]);
    assert!(tuning.recommendations.iter().all(|wanted| wanted.confidence == Confidence::Low));
    assert!(tuning.notes[0].contains("The memory of the host is unknown"), "{:?}", tuning.notes);
    assert!(tuning.budget.memory.is_none());
}

#[test]
fn a_build_gets_no_value_that_it_does_not_have() {
    let tuning = of(&server(18, &[]), Workload::Oltp);
    assert_eq!(value(&tuning, "wal_compression"), Some("pglz"));
    assert_eq!(
        (value(&tuning, "io_method"), reason(&tuning, "io_method")),
        (None, "This build does not have io_uring.")
    );
    let many = tuned(&server(18, &[]), &Given { cpus: Some(64), ..Given::default() });
    assert_eq!(value(&many, "io_workers"), Some("16"));
    let mut document = server(18, &[]);
    for row in document["pg_settings"].as_array_mut().unwrap() {
        match row["name"].as_str().unwrap() {
            "wal_compression" => row["enumvals"] = json!(["pglz", "lz4", "on", "off"]),
            "io_method" => row["enumvals"] = json!(["sync", "worker", "io_uring"]),
            "effective_io_concurrency" => row["max_val"] = json!("0"),
            _ => {}
        }
    }
    let tuning = tuned(&document, &Given { cpus: Some(64), workload: Some(Workload::Oltp), ..Given::default() });
    assert_eq!((value(&tuning, "wal_compression"), value(&tuning, "io_method")), (Some("lz4"), Some("io_uring")));
    assert_eq!((value(&tuning, "effective_io_concurrency"), value(&tuning, "io_workers")), (Some("0"), None));
}

#[test]
fn what_rules_out_backups_is_not_recommended() {
    for (major, level) in [(12, "replica"), (17, "replica"), (17, "logical")] {
        let tuning = of(&server(major, &[("wal_level", level)]), Workload::Desktop);
        assert_eq!((value(&tuning, "wal_level"), value(&tuning, "max_wal_senders")), (None, None), "{:?}", tuning.kept);
        assert!(reason(&tuning, "wal_level").contains("PGD1217"));
        assert!(!reason(&tuning, "max_wal_senders").is_empty());
    }
    let minimal = of(&server(17, &[("wal_level", "minimal"), ("max_wal_senders", "0")]), Workload::Desktop);
    assert_eq!((value(&minimal, "wal_level"), value(&minimal, "max_wal_senders")), (Some("replica"), Some("10")));
}

#[test]
fn connections_in_use_are_never_cut() {
    let sessions: Vec<Value> = (0..70).map(|pid| json!({ "pid": pid, "backend_type": "client backend" })).collect();
    let busy = with(server(17, &[]), "pg_stat_activity", json!(sessions));
    let given = |connections| Given { connections: Some(connections), ..Given::default() };
    assert_eq!(value(&tuned(&busy, &given(20)), "max_connections"), Some("91"));
    assert_eq!(value(&tuned(&server(17, &[]), &given(20)), "max_connections"), Some("20"));
    let unknown = with(server(17, &[]), "pg_stat_activity", json!({ "available": false }));
    let tuning = tuned(&unknown, &given(20));
    assert_eq!(value(&tuning, "max_connections"), None);
    assert!(reason(&tuning, "max_connections").contains("number of sessions is unknown"));
    let standby = with(server(17, &[]), "system", json!([{ "is_in_recovery": true }]));
    assert!(reason(&tuned(&standby, &given(20)), "max_connections").contains("standby"));
    let primary = with(server(17, &[]), "pg_stat_replication", json!([{ "pid": 2, "state": "streaming" }]));
    let raised = tuned(&primary, &given(200));
    assert!(recommended(&raised, "max_connections").unwrap().rationale.contains("standbys first"));
}

#[test]
fn what_was_set_on_purpose_and_is_better_is_kept() {
    let changes = [
        ("work_mem", "32768"),
        ("random_page_cost", "1"),
        ("wal_compression", "zstd"),
        ("huge_pages", "on"),
        ("checkpoint_completion_target", "0.95"),
        ("default_statistics_target", "1000"),
        ("max_wal_size", "32768"),
    ];
    let pages = with(
        server(17, &changes),
        "host",
        json!([host(16 << 20, "HugePages_Total: 3000\nHugePages_Free: 3000\nHugepagesize: 2048 kB\n")]),
    );
    let given = Given { workload: Some(Workload::Mixed), wal_space: Some(Bytes(1 << 40)), ..Given::default() };
    let tuning = tuned(&pages, &given);
    for (parameter, _) in changes {
        assert_eq!(value(&tuning, parameter), None, "{parameter}");
    }
    assert_eq!(reason(&tuning, "work_mem"), "It was set to 32 MB in postgresql.conf, line 7.");
    assert!(reason(&tuning, "max_worker_processes").is_empty());
    let kept = of(&server(17, &[]), Workload::Oltp);
    assert_eq!(reason(&kept, "wal_buffers"), "The server derives it from shared_buffers, which gives nearly the same.");
}

#[test]
fn what_was_set_on_purpose_and_does_not_fit_is_lowered_with_the_reason() {
    let tuning = of(&server(17, &[("work_mem", "1048576"), ("max_connections", "500")]), Workload::Oltp);
    let work_mem = recommended(&tuning, "work_mem").unwrap();
    assert_eq!((work_mem.current_shown().as_deref(), work_mem.source), (Some("1 GB"), RecommendationSource::Evidence));
    assert!(work_mem.rationale.starts_with("With 1 GB each, 500 sessions"), "{}", work_mem.rationale);
    assert_eq!(reason(&tuning, "work_mem"), "");
    assert!(tuning.budget.memory.unwrap().left.0 >= 0);
}

#[test]
fn measured_values_take_precedence_over_formulas() {
    let off = server(17, &[("full_page_writes", "off")]);
    let tuning = of(&off, Workload::Oltp);
    let first = &tuning.recommendations[0];
    assert_eq!((first.parameter.as_str(), first.source), ("full_page_writes", RecommendationSource::Evidence));

    let snapshot = example::snapshot(&off.to_string()).unwrap();
    let mut findings = analyze(&snapshot, &Options::default()).findings;
    let sets = findings.iter_mut().find_map(|finding| finding.remedy.sets.as_mut()).unwrap();
    sets.parameter = "max_wal_size".to_owned();
    sets.value = "20GB".to_owned();
    let given = Given { workload: Some(Workload::Oltp), ..Given::default() };
    let tuning = tune(&Facts::of(&snapshot), &findings, &given).unwrap();
    let wanted = recommended(&tuning, "max_wal_size").unwrap();
    assert_eq!((wanted.recommended.as_str(), wanted.source), ("20GB", RecommendationSource::Evidence));
    let formula = &wanted.alternatives[0];
    assert_eq!((formula.value.as_str(), formula.source), ("8GB", RecommendationSource::Pgtune));
    assert!(
        wanted.rationale.ends_with("PGTune's formula gives 8GB; what was measured on this server takes precedence.")
    );

    // What a rule changes is not listed as kept, although the formula's value is not used.
    let sets = findings.iter_mut().find_map(|finding| finding.remedy.sets.as_mut()).unwrap();
    (sets.parameter, sets.value) = ("wal_buffers".to_owned(), "32MB".to_owned());
    let buffers = tune(&Facts::of(&snapshot), &findings, &given).unwrap();
    assert_eq!((value(&buffers, "wal_buffers"), reason(&buffers, "wal_buffers")), (Some("32MB"), ""));
    let sets = findings.iter_mut().find_map(|finding| finding.remedy.sets.as_mut()).unwrap();
    (sets.parameter, sets.value) = ("max_wal_size".to_owned(), "20GB".to_owned());

    // What does not fit is lowered, whoever proposed it.
    let tight = Given { wal_space: Some(Bytes(40 << 30)), ..given };
    let tuning = tune(&Facts::of(&snapshot), &findings, &tight).unwrap();
    let wanted = recommended(&tuning, "max_wal_size").unwrap();
    assert_eq!((wanted.recommended.as_str(), wanted.alternatives.len()), ("10GB", 2));
    assert_eq!(tuning.budget.wal.unwrap().left, Bytes(30 << 30));
}

#[test]
fn a_server_starts_with_what_is_recommended() {
    let few = "HugePages_Total: 100\nHugePages_Free: 20\nHugepagesize: 2048 kB\n";
    let document = with(server(17, &[("huge_pages", "on")]), "host", json!([host(16 << 20, few)]));
    let tuning = of(&document, Workload::Oltp);
    assert_eq!(value(&tuning, "shared_buffers"), None);
    assert!(
        reason(&tuning, "shared_buffers").contains("huge pages of 2 MB, but the host has 100"),
        "{:?}",
        tuning.kept
    );
    let small = of(&server(17, &[("wal_segment_size", "67108864")]), Workload::Desktop);
    assert_eq!(value(&small, "min_wal_size"), Some("128MB"));
}

#[test]
fn a_small_disk_gets_small_wal() {
    let given = |gigabytes: i64| Given {
        workload: Some(Workload::Olap),
        wal_space: Some(Bytes(gigabytes << 30)),
        ..Given::default()
    };
    let small = tuned(&server(17, &[]), &given(8));
    assert_eq!((value(&small, "max_wal_size"), value(&small, "min_wal_size")), (Some("2GB"), Some("2GB")));
    // What is in force is left alone as long as there is room for it.
    let smaller = tuned(&server(17, &[]), &given(2));
    assert_eq!(value(&smaller, "max_wal_size"), None);
    assert_eq!(value(&tuned(&server(17, &[]), &given(1)), "max_wal_size"), Some("768MB"));
}

#[test]
fn what_a_service_manages_is_set_there() {
    let rds = with(server(17, &[]), "system", json!([{ "is_in_recovery": false, "hosting": "Amazon RDS" }]));
    let tuning = of(&rds, Workload::Desktop);
    assert_eq!(reason(&tuning, "wal_level"), "Amazon RDS determines it.");
    assert!(tuning.recommendations.iter().all(|wanted| wanted.route == Route::Service("Amazon RDS".to_owned())));
    assert!(script::conf(&tuning.recommendations).lines().all(|line| line.starts_with("# ")));
}

#[test]
fn what_the_sum_does_not_include_is_in_the_notes() {
    let role = json!([{ "rolname": "report", "name": "work_mem", "setting": "1GB" }]);
    let tuning = of(&with(server(17, &[]), "pg_db_role_setting", role), Workload::Oltp);
    assert_eq!(tuning.notes, ["The memory does not include 1 setting of work_mem for single roles or databases."]);
    let unknown =
        json!([{ "meminfo": "MemTotal: 67108864 kB\nHugePages_Total: 0\nHugePages_Free: 0\nHugepagesize: 2048 kB\n" }]);
    let notes = of(&with(server(17, &[]), "host", unknown), Workload::Oltp).notes;
    assert!(notes[0].contains("number of processors is unknown") && notes[1].contains("free space for WAL is unknown"));
    assert!(notes[2].starts_with("Reserve 8") && notes[2].contains("huge pages of 2 MB"), "{notes:?}");
}

#[test]
fn scripts_are_what_a_server_reads() {
    let tuning = of(&server(17, &[]), Workload::Oltp);
    let conf = script::conf(&tuning.recommendations);
    assert!(conf.contains("shared_buffers = '4GB'\n"), "{conf}");
    let sql = script::sql(&tuning.recommendations, 17);
    assert!(sql.starts_with("ALTER SYSTEM SET ") && sql.contains("jit = 'off';\n"), "{sql}");
    assert!(
        sql.ends_with("SELECT pg_reload_conf();\n-- Then restart the server, which shared_buffers requires.\n"),
        "{sql}"
    );
}

/// A generator of whole numbers, so that each run is the same.
fn generator() -> impl FnMut(u64, u64) -> i64 {
    let mut state = 20_261_129_u64;
    move |least, most| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(least + (state >> 33) % (most - least + 1)).unwrap()
    }
}

/// A value after the change, in bytes or as a number.
fn after(document: &Value, tuning: &Tuning, parameter: &str) -> Option<f64> {
    let rows = document["pg_settings"].as_array().unwrap();
    let row = rows.iter().find(|row| row["name"] == parameter)?;
    let unit = row["unit"].as_str();
    let text = value(tuning, parameter).or_else(|| row["setting"].as_str()).unwrap();
    let split = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let number: f64 = text[..split].parse().unwrap();
    let unit = Some(&text[split..]).filter(|unit| !unit.is_empty()).or(unit);
    Some(number * unit.map_or(1.0, |unit| pgdba_pg::unit::bytes_per_unit(unit).unwrap() as f64))
}

#[test]
fn on_200_hosts_all_values_together_fit() {
    let workloads = [Workload::Oltp, Workload::Olap, Workload::Mixed, Workload::Web, Workload::Desktop];
    let mut draw = generator();
    let mut left_shares = Vec::new();
    for index in 0..200 {
        let major = 12 + index % 7;
        let document = server(major, &[]);
        // As many small hosts as large ones: 512 MB to 2 TB, 1 to 256 processors, 10 to 5,000 connections.
        let memory = (512_i64 << 20) << draw(0, 12);
        let memory = if index % 10 == 0 { memory } else { memory / 1000 * draw(1000, 1999) }.min(2 << 40);
        let given = Given {
            workload: Some(workloads[usize::try_from(draw(0, 4)).unwrap()]),
            memory: Some(Bytes(memory)),
            cpus: Some((1 << draw(0, 8)).min(256)),
            connections: Some(if index % 5 == 0 { draw(10, 100) } else { draw(10, 5000) }),
            wal_space: Some(Bytes(draw(1, 2000) << 30)),
            ..Given::default()
        };
        let tuning = tuned(&document, &given);
        let size = |name: &str| after(&document, &tuning, name);
        let maintenance = size("maintenance_work_mem").unwrap();
        let of_worker = size("autovacuum_work_mem").filter(|size| *size > 0.0).unwrap_or(maintenance);
        let connections = size("max_connections").unwrap();
        let workers = size("max_parallel_workers").unwrap().min(size("max_worker_processes").unwrap());
        let of_operation = size("work_mem").unwrap() * size("hash_mem_multiplier").unwrap_or(1.0);
        let needed = size("shared_buffers").unwrap()
            + (connections + workers) * of_operation
            + size("autovacuum_max_workers").unwrap() * of_worker
            + maintenance;
        let left = (memory as f64 - needed) / memory as f64;
        assert!(left > 0.0, "{given:?}: {left}");
        let budget = tuning.budget.memory.as_ref().unwrap();
        assert!(budget.left.0 >= 0 && budget.total == Bytes(memory), "{given:?}: {budget:?}");
        // Connections are cut only where work_mem cannot be lowered further.
        let is_cut = connections < given.connections.unwrap() as f64;
        assert!(!is_cut || size("work_mem").unwrap() <= f64::from(1 << 20), "{given:?}");
        let wal = tuning.budget.wal.as_ref().unwrap();
        assert!(wal.left.0 >= 0 && size("max_wal_size").unwrap() <= given.wal_space.unwrap().0 as f64, "{given:?}");
        left_shares.push(left);
    }
    left_shares.sort_by(f64::total_cmp);
    let share = |index: usize| format!("{:.0} %", left_shares[index] * 100.0);
    println!("left beside the sum: {} at least, {} median, {} at most", share(0), share(100), share(199));
    assert!(left_shares[0] >= 0.05 && left_shares[100] >= 0.15, "{left_shares:?}");
}
