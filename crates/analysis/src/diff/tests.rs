//! Comparisons of made-up snapshots, of which everything is known.

use jiff::Timestamp;
use pgdba_snapshot::DiagSnapshot;
use serde_json::{Map, Value, json};

use super::*;

/// The beginning of the first window.
const BEGIN: &str = "2026-01-01T12:00:00Z";

/// Samples inside a window.
const BETWEEN: i64 = 5;

/// A statement as it runs in a window.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) query_id: i64,
    pub(super) query: String,
    /// Calls in each step from a sample to the next.
    pub(super) calls: i64,
    /// Milliseconds per call.
    pub(super) mean: f64,
    pub(super) rows: i64,
    pub(super) pages: i64,
    /// Calls before the window; none if the entry began in it.
    pub(super) former: Option<i64>,
}

impl Run {
    pub(super) fn new(query_id: i64, query: &str) -> Self {
        Self { query_id, query: query.to_owned(), calls: 200, mean: 2.0, rows: 10, pages: 40, former: Some(1000) }
    }
}

/// A window: when it begins, the seconds of its steps, what runs in it, and how fast and steady the host is.
#[derive(Debug, Clone)]
pub(super) struct Made {
    /// Minutes after the beginning of the first.
    pub(super) minute: i64,
    pub(super) step: i64,
    pub(super) runs: Vec<Run>,
    /// How much slower everything is.
    pub(super) host: f64,
    /// By how much its speed varies from step to step.
    pub(super) unsteadiness: f64,
    /// What distinguishes its noise.
    pub(super) seed: u64,
    /// Other sections.
    pub(super) sections: Map<String, Value>,
    pub(super) version: i64,
}

/// Twelve statements that read.
pub(super) fn steady(minute: i64, step: i64) -> Made {
    let run = |id: i64| Run::new(id, &format!("select a{id} from t{id} where b = $1"));
    let seed = u64::try_from(minute).unwrap() + 7;
    Made {
        minute,
        step,
        runs: (1..=12).map(run).collect(),
        host: 1.0,
        unsteadiness: 0.1,
        seed,
        sections: Map::new(),
        version: 17,
    }
}

/// Numbers around 1 that look random, the same each time.
struct Noise(u64);

impl Noise {
    fn around_one(&mut self, spread: f64) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let unit = (self.0 >> 33) as f64 / f64::from(1_u32 << 31);
        1.0 + spread * (unit * 2.0 - 1.0)
    }
}

const COLUMNS: [&str; 14] = [
    "userid",
    "dbid",
    "datname",
    "queryid",
    "toplevel",
    "query",
    "calls",
    "total_exec_time",
    "mean_exec_time",
    "stddev_exec_time",
    "rows",
    "shared_blks_hit",
    "shared_blks_read",
    "entries",
];

pub(super) fn time(minute: i64, seconds: i64) -> String {
    let begin: Timestamp = BEGIN.parse().unwrap();
    (begin + jiff::SignedDuration::from_secs(minute * 60 + seconds)).to_string()
}

/// A row in the order of [`COLUMNS`].
fn row(run: &Run, calls: i64, time: f64, entries: usize) -> Value {
    let mean = time / calls.max(1) as f64;
    let (rows, pages) = (run.rows * calls, run.pages * calls);
    // Utility statements have none.
    let id = (run.query_id != 0).then(|| run.query_id.to_string());
    json!([10, 5, "shop", id, true, run.query, calls, time, mean, mean * 0.3, rows, pages, 0, entries])
}

impl Made {
    /// The rows of pg_stat_statements at each sample.
    fn samples(&self) -> Vec<Vec<Value>> {
        let mut noise = Noise(self.seed);
        let mut totals: Vec<(i64, f64)> =
            self.runs.iter().map(|run| (run.former.unwrap_or(0), run.former.unwrap_or(0) as f64 * run.mean)).collect();
        let mut samples = Vec::new();
        for sample in 0..BETWEEN + 2 {
            let host = self.host * noise.around_one(self.unsteadiness);
            for (run, total) in self.runs.iter().zip(&mut totals).filter(|_| sample > 0) {
                total.0 += run.calls;
                total.1 += run.calls as f64 * run.mean * host * noise.around_one(0.05);
            }
            let is_there = |(run, (calls, _)): &(&Run, &(i64, f64))| run.former.is_some() || *calls > 0;
            let count = self.runs.iter().zip(&totals).filter(is_there).count();
            let row = |(run, (calls, time)): (&Run, &(i64, f64))| row(run, *calls, *time, count);
            samples.push(self.runs.iter().zip(&totals).filter(is_there).map(row).collect());
        }
        samples
    }

    fn document(&self, statements: Value) -> Value {
        let end = time(self.minute, self.step * (BETWEEN + 1));
        let mut sections = self.sections.clone();
        sections.insert("pg_stat_statements".to_owned(), statements);
        let role = json!({ "available": true, "columns": ["oid", "rolname"], "rows": [[10, "app"]] });
        sections.insert("pg_roles".to_owned(), role);
        json!({
            "format": pgdba_snapshot::FORMAT, "format_version": 1, "collected_at": end,
            "sampling": { "mode": "delta" },
            "identity": { "system_identifier": "7", "server_version_num": self.version * 10_000 },
            "sections": sections,
        })
    }

    /// The delta.
    pub(super) fn delta(&self) -> DiagSnapshot {
        pgdba_snapshot::read(self.document_of_delta().to_string().as_bytes()).unwrap()
    }

    /// The delta as JSON.
    pub(super) fn document_of_delta(&self) -> Value {
        let samples = self.samples();
        let sample = |at: i64| json!({ "collected_at": time(self.minute, self.step * at), "rows": samples[usize::try_from(at).unwrap()] });
        let last = sample(BETWEEN + 1);
        self.document(json!({
            "available": true, "columns": COLUMNS, "collected_at": last["collected_at"], "rows": last["rows"],
            "earlier": sample(0), "between": (1..=BETWEEN).map(sample).collect::<Vec<_>>(),
        }))
    }

    /// A snapshot with one sample, that of the window's end.
    pub(super) fn single(&self) -> DiagSnapshot {
        let rows = self.samples().pop().unwrap();
        let end = time(self.minute, self.step * (BETWEEN + 1));
        let statements = json!({ "available": true, "columns": COLUMNS, "collected_at": end, "rows": rows });
        pgdba_snapshot::read(self.document(statements).to_string().as_bytes()).unwrap()
    }

    /// The same with a section of rows as objects; of a delta, with those at its beginning.
    pub(super) fn with(mut self, name: &str, earlier: Option<&Value>, rows: &Value) -> Self {
        let columns: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
        let values = |rows: &Value| -> Vec<Vec<Value>> {
            let rows = rows.as_array().unwrap().iter();
            rows.map(|row| columns.iter().map(|column| row[column.as_str()].clone()).collect()).collect()
        };
        let end = time(self.minute, self.step * (BETWEEN + 1));
        let mut section = json!({ "available": true, "columns": columns, "collected_at": end, "rows": values(rows) });
        if let Some(earlier) = earlier {
            section["earlier"] = json!({ "collected_at": time(self.minute, 0), "rows": values(earlier) });
        }
        self.sections.insert(name.to_owned(), section);
        self
    }
}

pub(super) fn kinds(found: &Diff) -> Vec<NoteKind> {
    found.identity.notes.iter().map(|note| note.kind).collect()
}

/// No figure of the comparison that must not be negative is.
pub(super) fn assert_sound(found: &Diff) {
    for rate in &found.rates {
        for own in [&rate.before, &rate.after] {
            assert!(own.per_second().is_none_or(|rate| rate >= 0.0 && rate.is_finite()), "{rate:?}");
        }
    }
    let json = serde_json::to_value(found).unwrap();
    let text = serde_json::to_string(&json["statements"]).unwrap();
    assert!(!text.contains("NaN"), "{text}");
}

#[test]
fn one_server_is_told_from_other_nodes_and_other_clusters() {
    let made = |identifier: &str, address: &str, version: i64, start: &str, is_standby: bool| {
        let document = json!({
            "format": pgdba_snapshot::FORMAT, "format_version": 1, "collected_at": BEGIN,
            "identity": { "system_identifier": identifier, "resolved_addr": address, "resolved_port": 5432,
                          "config_host": "db", "config_port": 5432, "dat_id": 5, "server_version_num": version * 10_000 },
            "sections": { "system": { "available": true, "columns": ["start_time", "is_in_recovery"],
                                      "rows": [[start, is_standby]] } },
        });
        pgdba_snapshot::read(document.to_string().as_bytes()).unwrap()
    };
    let first = made("7", "10.0.0.1", 12, BEGIN, false);
    let later = time(5, 0);
    for (second, relation, kind) in [
        (made("7", "10.0.0.1", 12, BEGIN, false), Relation::SameServer, None),
        (made("7", "10.0.0.2", 12, BEGIN, false), Relation::SameServer, None),
        (made("7", "10.0.0.1", 12, BEGIN, true), Relation::SameServer, Some(NoteKind::Role)),
        (made("7", "10.0.0.1", 12, &later, false), Relation::SameServer, Some(NoteKind::Restarted)),
        (made("7", "10.0.0.2", 12, &later, false), Relation::OtherNode, Some(NoteKind::OtherNode)),
        (made("7", "10.0.0.1", 12, &later, true), Relation::OtherNode, Some(NoteKind::OtherNode)),
        (made("", "10.0.0.1", 12, BEGIN, false), Relation::SameServer, None),
        (made("8", "10.0.0.1", 12, BEGIN, false), Relation::Different, Some(NoteKind::DifferentCluster)),
        (made("8", "10.0.0.1", 17, BEGIN, false), Relation::Upgraded, Some(NoteKind::Version)),
        (made("8", "10.0.0.2", 17, BEGIN, false), Relation::Different, Some(NoteKind::DifferentCluster)),
    ] {
        let found = diff(&first, &second);
        assert_eq!(found.identity.relation, relation, "{found:?}");
        assert_eq!(kinds(&found).first().copied(), kind, "{found:?}");
    }
}

#[test]
fn a_snapshot_that_was_changed_after_it_was_collected_is_named() {
    let changed = |minute: i64, is_changed: bool| {
        let text = steady(minute, 20).document_of_delta().to_string();
        let checksum = if is_changed { ",\"checksum\":\"00\"}" } else { "}" };
        let text = format!("{}{checksum}", text.strip_suffix('}').unwrap());
        pgdba_snapshot::read(text.as_bytes()).unwrap()
    };
    for (changed_ones, expected) in [
        ([true, false], "The first snapshot was changed after it was collected: its checksum does not match."),
        ([false, true], "The second snapshot was changed after it was collected: its checksum does not match."),
    ] {
        let found = diff(&changed(0, changed_ones[0]), &changed(30, changed_ones[1]));
        assert_eq!(kinds(&found), [NoteKind::Tampered], "{:?}", found.identity);
        assert!(shown(&found).contains(expected), "{:?}", found.identity);
    }
    assert_eq!(kinds(&diff(&changed(0, false), &changed(30, false))), []);
}

#[test]
fn a_changed_parameter_is_named_with_both_values() {
    let made = |minute, value: &str, source: &str| {
        let setting = json!([{ "name": "work_mem", "setting": value, "unit": "kB", "vartype": "integer", "boot_val": "4096",
                               "source": source, "context": "user" },
                             { "name": "port", "setting": "5432", "vartype": "integer", "boot_val": "5432",
                               "source": "default", "context": "postmaster" }]);
        steady(minute, 20).with("pg_settings", None, &setting).single()
    };
    let found = diff(&made(0, "4096", "default"), &made(9, "65536", "configuration file"));
    let [change] = &found.settings.changed[..] else { panic!("{:?}", found.settings) };
    let shown = |value: &Option<SettingValue>| value.as_ref().map(|value| value.shown.clone()).unwrap();
    assert_eq!(
        (change.parameter.as_str(), shown(&change.before), shown(&change.after)),
        ("work_mem", "4 MB".into(), "64 MB".into())
    );
    assert_eq!(found.settings.equal, 1);
}

fn relations(minute: i64, oid: i64, bytes: i64, indexes: &[i64]) -> Made {
    let class = |oid: i64, name: String, kind: &str, bytes: i64| {
        json!({ "datname": "shop", "oid": oid, "nspname": "public", "relname": name, "relkind": kind, "size_bytes": bytes,
                "size_source": "pg_relation_size", "relpages": bytes / 8192, "reltuples": 10.0 })
    };
    let of_indexes = indexes.iter().map(|index| class(*index, format!("i{index}"), "i", 8192));
    let classes: Vec<Value> = [class(oid, "t1".to_owned(), "r", bytes)].into_iter().chain(of_indexes).collect();
    let index = |index: &i64| json!({ "datname": "shop", "indexrelid": index, "indrelid": oid, "indisvalid": true });
    let catalog: Vec<Value> = indexes.iter().map(index).collect();
    let stat = json!([{ "datname": "shop", "relid": oid, "n_live_tup": 10, "n_dead_tup": 0, "seq_scan": 3 }]);
    let settings = json!([{ "name": "port", "setting": "5432", "vartype": "integer", "source": "default" }]);
    let made = steady(minute, 20).with("pg_class", None, &json!(classes)).with("pg_stat_user_tables", None, &stat);
    let made = made.with("pg_settings", None, &settings);
    if catalog.is_empty() { made } else { made.with("pg_index", None, &json!(catalog)) }
}

#[test]
fn tables_and_indexes_are_new_dropped_created_again_or_larger() {
    let found = diff(&relations(0, 1, 8192, &[2, 3]).single(), &relations(9, 1, 9 << 20, &[3, 4]).single());
    let [table] = &found.relations.tables[..] else { panic!("{:?}", found.relations) };
    assert_eq!(
        (table.label.as_str(), table.presence, table.growth()),
        ("public.t1", Presence::Kept, Some((9 << 20) - 8192))
    );
    let indexes: Vec<_> = found.relations.indexes.iter().map(|one| (one.label.as_str(), one.presence)).collect();
    assert_eq!(
        indexes,
        [("public.i2", Presence::Dropped), ("public.i4", Presence::New), ("public.i3", Presence::Kept)]
    );
    let again = diff(&relations(0, 1, 8192, &[2]).single(), &relations(9, 5, 8192, &[2]).single());
    assert_eq!(again.relations.tables[0].presence, Presence::CreatedAgain);
}

/// The text of what is shown.
fn shown(found: &Diff) -> String {
    serde_json::to_string(&found.blocks()).unwrap()
}

#[test]
fn what_became_worse_is_shown_first() {
    let mut second = relations(30, 1, 8192, &[3]);
    second.runs[0].pages = 4000;
    let found = diff(&relations(0, 1, 8192, &[2, 3]).delta(), &second.delta());
    let shown = shown(&found);
    assert!(found.regressions[0].summary.contains("index public.i2 was dropped"), "{:?}", found.regressions);
    assert!(shown.find("Regressions").unwrap() < shown.find("Settings").unwrap());
    assert!(found.summary().starts_with("1 regression in 30 min"), "{}", found.summary());
}

#[test]
fn a_comparison_has_a_schema() {
    let schema = schema::schema();
    assert_eq!(schema["title"], "Diff");
}

fn fsync(minute: i64, value: Option<&str>) -> DiagSnapshot {
    let made = steady(minute, 20);
    let Some(value) = value else { return made.single() };
    let setting = json!([{ "name": "fsync", "setting": value, "vartype": "bool", "boot_val": "on", "source": "configuration file",
                           "context": "sighup" }]);
    made.with("pg_settings", None, &setting).single()
}

#[test]
fn a_finding_appears_goes_or_could_not_be_checked() {
    let found = |before: Option<&str>, after: Option<&str>| {
        let found = diff(&fsync(0, before), &fsync(9, after));
        let change = found.findings.subjects.iter().find(|one| one.code == "PGD101").map(|one| one.change);
        (change, found.regressions.iter().any(|one| one.id.starts_with("PGD101")))
    };
    let (on, off) = (Some("on"), Some("off"));
    assert_eq!(found(on, off), (Some(FindingChange::Appeared), true));
    assert_eq!(found(off, on), (Some(FindingChange::Went), false));
    assert_eq!(found(off, off), (Some(FindingChange::Stayed), false));
    assert_eq!(found(None, off), (Some(FindingChange::NewlyChecked), false));
    assert_eq!(found(off, None), (Some(FindingChange::NoLongerChecked), false));
}

#[test]
fn waits_are_sessions_on_average() {
    let made = |minute, samples: i64, readings: i64| {
        let wait = json!([{ "backend_type": "client backend", "state": "active", "wait_event_type": "IO",
                            "wait_event": "DataFileRead", "samples": samples }]);
        let mut made = steady(minute, 20).with("wait_samples", None, &wait);
        made.sections["wait_samples"]["readings"] = json!(readings);
        made.delta()
    };
    let found = diff(&made(0, 50, 100), &made(30, 240, 120)).waits;
    let [event] = &found.events[..] else { panic!("{found:?}") };
    assert_eq!((event.event.as_str(), event.before, event.after), ("IO: DataFileRead", 0.5, 2.0));
    let single = diff(&steady(0, 20).single(), &made(30, 1, 1)).waits;
    assert!(single.missing.is_some() && single.events.is_empty());
}
