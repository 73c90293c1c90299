//! Every section on servers of every version, as a superuser and as roles that may see less, over a hostile schema.

pub(crate) mod document;
pub(crate) mod hostile;
mod own;
mod statements;

use std::collections::BTreeSet;
use std::time::Instant;

use pgdba_snapshot::sections::{self, ALL};
use xtask::servers::MAJORS;

use self::document::{Document, expected_columns};
use self::hostile::{Held, Hostile};

/// Sections that hold nothing on a server on which just then nothing of the kind goes on.
const MAY_BE_EMPTY: [&str; 8] = [
    "pg_stat_progress_analyze",
    "pg_stat_progress_basebackup",
    "pg_stat_progress_cluster",
    "pg_stat_progress_copy",
    "pg_stat_progress_create_index",
    "pg_stat_progress_vacuum",
    "pg_stat_replication",
    "pg_stat_wal_receiver",
];

/// The sections a role may not read at all. Every version has them. `host` is not among them: the collector runs beside
/// the server here, and reads it where the role may not.
const REFUSED: [(&str, &[&str]); 3] = [
    ("postgres", &[]),
    ("monitor", &["pg_file_settings", "pg_hba_file_rules"]),
    ("plain", &["pg_file_settings", "pg_hba_file_rules", "wal_directory"]),
];

/// The sections of which a role sees a part, of those the version has.
const LIMITED: [(&str, &[&str]); 3] = [
    ("postgres", &[]),
    ("monitor", &["pg_roles", "pg_stats"]),
    (
        "plain",
        &[
            "pg_roles",
            "pg_settings",
            "pg_stat_activity",
            "pg_stat_progress_analyze",
            "pg_stat_progress_basebackup",
            "pg_stat_progress_cluster",
            "pg_stat_progress_copy",
            "pg_stat_progress_create_index",
            "pg_stat_progress_vacuum",
            "pg_stat_replication",
            "pg_stat_ssl",
            "pg_stat_statements",
            "pg_stat_wal_receiver",
            "pg_stats",
        ],
    ),
];

/// What a lock that somebody holds may cost the collection: nothing in it waits.
const MOST_SECONDS_FOR_LOCKS: f64 = 2.0;

#[test]
fn every_role_gets_the_sections_it_may_read_with_their_declared_columns() {
    for major in MAJORS {
        let server = Hostile::start(major);
        let _waiting = server.hold_and_wait();
        for ((role, refused), (_, limited)) in REFUSED.into_iter().zip(LIMITED) {
            let before = server.log().len();
            let document = server.collect(role);
            let has = |spec: &&&pgdba_snapshot::SectionSpec| spec.since <= i64::from(major) && !spec.sampled;
            let there: BTreeSet<&str> = ALL.iter().filter(has).map(|spec| spec.name).collect();
            assert_eq!(document.names(|_| true), there, "{major} {role}");
            let known = |names: &[&'static str]| -> BTreeSet<&str> {
                names.iter().copied().filter(|name| there.contains(name)).collect()
            };
            assert_eq!(
                document.names(|section| section["available"] == false),
                refused.iter().copied().collect(),
                "{major} {role}"
            );
            assert_eq!(document.names(|section| section["limited"].is_string()), known(limited), "{major} {role}");
            for name in document.names(|section| section["available"] == true) {
                let spec = sections::find(name).unwrap();
                assert_eq!(document.columns(name), expected_columns(spec, &document), "{major} {role} {name}");
            }
            assert_eq!(document.mistyped(), Vec::<String>::new(), "{major} {role}");
            let log = server.log().split_off(before);
            assert!(!log.contains("ERROR"), "{major} {role}: {log}");
            if role == "postgres" {
                let empty = document.names(|section| section["rows"].as_array().unwrap().is_empty());
                let unexpected: Vec<_> = empty.iter().filter(|name| !MAY_BE_EMPTY.contains(name)).collect();
                assert!(unexpected.is_empty(), "{major}: empty: {unexpected:?}");
                what_the_schema_guarantees(&document, major);
            }
        }
    }
}

/// A few rows that only the right statement gives.
fn what_the_schema_guarantees(document: &Document, major: u32) {
    let table = document.find("pg_class", "relname", "tab\nle'☃");
    assert_eq!(table["nspname"], "Schéma \"x\"", "{major}");
    assert_eq!(table["relnatts"], 12, "{major}");
    assert!(table["size_bytes"].as_i64().unwrap() > 0, "{major}");
    let toast = document.find("pg_class", "oid", table["reltoastrelid"].clone());
    assert!(toast["size_bytes"].as_i64().unwrap() > 1_000_000, "{major}");
    assert_eq!(toast["size_source"], "pg_relation_size", "{major}");
    let partition = document.find("pg_class", "relname", "part_1");
    assert_eq!(partition["inhparent"], document.find("pg_class", "relname", "part")["oid"], "{major}");
    let scans = document.find("pg_stat_user_tables", "relid", table["oid"].clone());
    assert_eq!(scans["n_tup_ins"], 300, "{major}");

    let expression = |index: &str, column: &str| {
        let index = document.find("pg_class", "relname", index);
        document.find("pg_index_expressions", "indexrelid", index["oid"].clone())[column].as_str().unwrap().to_owned()
    };
    let shape = |text: String| text.replace(|c: char| c.is_ascii_hexdigit(), "");
    let expected = |text: &str| shape(text.to_owned());
    assert_eq!(
        shape(expression("ind\"ex", "indexprs")),
        expected("(\"Col \"\"q\"\"\" || ?::text), lower(body)"),
        "{major}"
    );
    assert_eq!(shape(expression("ind\"ex", "indpred")), expected("((body <> ?::text) AND (n > ?))"), "{major}");
    assert_eq!(expression("twin_a", "indpred"), expression("twin_b", "indpred"), "{major}");
    assert_ne!(expression("twin_a", "indpred"), expression("no_twin", "indpred"), "{major}");
    let column = document.find("pg_attribute", "attname", "Col \"q\"");
    let statistics = document.rows("pg_stats");
    let column = statistics.iter().find(|row| row["relid"] == table["oid"] && row["attnum"] == column["attnum"]);
    assert_eq!(column.unwrap()["most_common_count"], 3, "{major}");
    assert_eq!(document.find("pg_collation", "collname", "folded")["collisdeterministic"], false, "{major}");
    assert_eq!(document.find("pg_sequence", "seqmax", 100)["last_value"], 1, "{major}");
    assert_eq!(document.find("pg_policy", "polname", "everything")["qual_is_true"], true, "{major}");
    let some = document.find("pg_policy", "polname", "some");
    assert_eq!((&some["qual_is_true"], &some["with_check_is_true"]), (&false.into(), &true.into()), "{major}");
    assert_eq!(document.find("pg_proc", "proname", "definer")["search_path"], "public, pg_temp", "{major}");
    assert_eq!(document.find("pg_roles", "rolname", "plain")["password_kind"], "none", "{major}");
    let waiting = document.find("pg_locks", "granted", false);
    assert_eq!(waiting["blocked_by"].as_array().unwrap().len(), 1, "{major}");
    if major >= 13 {
        assert_eq!(document.find("pg_opclass", "opcname", "text_ops")["deduplicates"], true, "{major}");
        assert_eq!(document.find("pg_opclass", "opcname", "int8_ops")["deduplicates"], true, "{major}");
    }
}

#[test]
fn a_standby_has_the_same_sections_and_refuses_the_same() {
    for major in MAJORS {
        let server = Hostile::start(major);
        server.turn_into_standby();
        for (role, refused) in REFUSED {
            let before = server.log().len();
            let document = server.collect(role);
            let refused: BTreeSet<&str> = refused.iter().copied().collect();
            assert_eq!(document.names(|section| section["available"] == false), refused, "{major} {role}");
            let log = server.log().split_off(before);
            assert!(!log.contains("ERROR"), "{major} {role}: {log}");
            let position = document.rows("pg_wal_position").remove(0);
            assert_eq!((&position["is_in_recovery"], position["replay_lsn"].is_string()), (&true.into(), true));
        }
    }
}

#[test]
fn no_value_constant_secret_or_comment_reaches_the_document() {
    for major in MAJORS {
        let server = Hostile::start(major);
        let _waiting = server.hold_and_wait();
        let document = server.collect("postgres");
        for marker in ["MARKER", "771177117", "881188118", "991199119", "661166116"] {
            let found = document.places_of(marker);
            assert!(found.is_empty(), "{major}: {marker} in {found:?}");
        }
    }
}

#[test]
fn nothing_waits_for_relations_that_somebody_holds_exclusively() {
    for major in MAJORS {
        let server = Hostile::start(major);
        let timed = |server: &Hostile| {
            let clock = Instant::now();
            (server.collect("postgres"), clock.elapsed().as_secs_f64())
        };
        let (_, unhindered) = timed(&server);
        let before = server.log().len();
        let held: Held = server.hold_exclusively();
        let (document, hindered) = timed(&server);
        assert_eq!(document.names(|section| section["available"] == false), BTreeSet::new(), "{major}");
        assert!(hindered < unhindered + MOST_SECONDS_FOR_LOCKS, "{major}: {hindered} s after {unhindered} s");
        let table = document.find("pg_class", "relname", "tab\nle'☃");
        assert_eq!(table["size_source"], "locked", "{major}");
        let index = document.find("pg_class", "relname", "ind\"ex");
        let expressions = document.find("pg_index_expressions", "indexrelid", index["oid"].clone());
        assert_eq!((&expressions["is_locked"], expressions["indpred"].is_null()), (&true.into(), true), "{major}");
        let sequence = document.find("pg_class", "relname", "doomed");
        assert_eq!(document.find("pg_sequence", "seqrelid", sequence["oid"].clone())["is_read"], false, "{major}");
        let log = server.log().split_off(before);
        assert!(!log.contains("ERROR"), "{major}: {log}");
        drop(held);
    }
}
