//! Makes a large snapshot of a small one, as a server with many times its tables would give it.

use std::fs::File;
use std::io::{BufWriter, Read};
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use pgdba_snapshot::DiagSnapshot;
use pgdba_snapshot::section::{Availability, UntypedSection, read_table};
use pgdba_snapshot::write::{Body, Head, Look, SnapshotWriter, Tail, write_row};
use serde_json::Value;

/// The sections whose rows are repeated: those of relations, and statements.
const REPEATED: [&str; 10] = [
    "pg_namespace",
    "pg_class",
    "pg_attribute",
    "pg_constraint",
    "pg_index",
    "pg_stats",
    "pg_stat_user_tables",
    "pg_statio_user_tables",
    "pg_stat_user_indexes",
    "pg_stat_statements",
];

/// The columns that hold oids of relations, constraints and schemas.
const OIDS: [&str; 12] = [
    "oid",
    "relid",
    "indexrelid",
    "indrelid",
    "attrelid",
    "reltoastrelid",
    "inhparent",
    "conrelid",
    "conindid",
    "conparentid",
    "confrelid",
    "relfilenode",
];

/// The first oid that a server gives to a user's object.
const FIRST_OID: i64 = 16_384;

/// Between the oids of one repetition and those of the next.
const STEP: i64 = 100_000;

/// The schema of the tables; each repetition has one of its own.
const SCHEMA: &str = "load";

/// Writes `snapshot` to `file` with `times` as many relations and statements. `only` these sections are written, or all.
pub(super) fn write(snapshot: &DiagSnapshot, times: u32, only: Option<&[&str]>, file: &Path) -> Result<()> {
    let head = Head {
        producer: &snapshot.producer,
        collected_at: snapshot.collected_at.context("the snapshot does not say when it was made")?,
        identity: &snapshot.identity,
        prereqs: &snapshot.prereqs,
        sampling: &snapshot.sampling,
    };
    let out = File::create(file).with_context(|| format!("could not create {}", file.display()))?;
    let mut writer = SnapshotWriter::begin(BufWriter::new(out), &head)?;
    for (name, json) in &snapshot.sections {
        let section = read_table(snapshot, name);
        if only.is_some_and(|only| !only.contains(&name.as_str())) {
            continue;
        }
        if REPEATED.contains(&name.as_str()) && section.availability == Availability::Available {
            let mut rows = Rows { section: &section, times, written: Vec::new(), position: 0, next: (0, 0) };
            let last = Look { collected_at: snapshot.collected_at, rows: &mut rows };
            let body = Body { columns: &section.columns, last, earlier: None, between: Vec::new() };
            writer.section(name, body, &Tail::default())?;
        } else {
            writer.section_as_it_is(name, json.get())?;
        }
    }
    writer.finish().map(drop).map_err(|error| anyhow!("could not write {}: {error}", file.display()))
}

/// The rows of a section and their repetitions, written while they are read: memory does not grow with `times`.
struct Rows<'a> {
    section: &'a UntypedSection,
    times: u32,
    /// The row that is being read, and how far it was read.
    written: Vec<u8>,
    position: usize,
    /// The repetition and the row that come next.
    next: (u32, usize),
}

impl Rows<'_> {
    fn advance(&mut self) -> std::io::Result<bool> {
        self.written.clear();
        self.position = 0;
        while self.next.0 < self.times {
            let (round, index) = self.next;
            let Some(row) = self.section.rows.get(index) else {
                self.next = (round + 1, 0);
                continue;
            };
            self.next.1 += 1;
            if round == 0 || is_of_load(&self.section.columns, row) {
                let row = repeated(&self.section.columns, row, round);
                write_row(&mut self.written, &row, self.next == (0, 1))?;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Read for Rows<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.position == self.written.len() && !self.advance()? {
            return Ok(0);
        }
        let count = self.written.get(self.position..).unwrap_or_default().read(buffer)?;
        self.position += count;
        Ok(count)
    }
}

/// Whether a row is of the tables that are repeated: by its schema, a statement on them, or an oid where it has no name.
fn is_of_load(columns: &[String], row: &[Value]) -> bool {
    let named = columns.iter().zip(row).find(|(column, _)| matches!(column.as_str(), "nspname" | "query"));
    match named {
        Some((_, Value::String(text))) => text == SCHEMA || text == "pg_toast" || text.contains("load.t"),
        _ => columns.iter().zip(row).any(|(column, value)| is_user_oid(column, value)),
    }
}

fn is_user_oid(column: &str, value: &Value) -> bool {
    OIDS.contains(&column) && value.as_i64().is_some_and(|oid| oid >= FIRST_OID)
}

/// The row of repetition `round`: other oids, another schema, another query id.
fn repeated(columns: &[String], row: &[Value], round: u32) -> Vec<Value> {
    let cell = |(column, value): (&String, &Value)| match (column.as_str(), value) {
        _ if round == 0 => value.clone(),
        (column, value) if is_user_oid(column, value) => (value.as_i64().unwrap_or(0) + shift(round)).into(),
        ("nspname", Value::String(text)) if text == SCHEMA => format!("{SCHEMA}{round}").into(),
        ("relname", Value::String(text)) => toast(text, round).into(),
        ("query", Value::String(text)) => text.replace("load.t", &format!("{SCHEMA}{round}.t")).into(),
        ("queryid", Value::String(text)) => {
            text.parse::<i64>().unwrap_or(0).wrapping_add(i64::from(round)).to_string().into()
        }
        _ => value.clone(),
    };
    columns.iter().zip(row).map(cell).collect()
}

fn shift(round: u32) -> i64 {
    i64::from(round) * STEP
}

/// The name of a TOAST table or its index holds the table's oid.
fn toast(name: &str, round: u32) -> String {
    let Some(rest) = name.strip_prefix("pg_toast_") else { return name.to_owned() };
    let (digits, end) = rest.split_once('_').map_or((rest, String::new()), |(digits, end)| (digits, format!("_{end}")));
    digits.parse::<i64>().map_or_else(|_| name.to_owned(), |oid| format!("pg_toast_{}{end}", oid + shift(round)))
}

#[cfg(test)]
mod tests {
    use pgdba_snapshot::sections::pg_class::PgClass;

    use super::*;

    #[test]
    fn repeated_relations_have_names_and_oids_of_their_own() {
        let document = r#"{ "format": "pgdba.diag_snapshot", "format_version": 1, "collected_at": "2026-01-01T12:00:00Z",
            "sections": { "pg_class": { "available": true, "columns": ["oid", "nspname", "relname", "reltoastrelid"],
                "rows": [[20001, "load", "t1", 20004], [20004, "pg_toast", "pg_toast_20001", null],
                         [16390, "public", "other", null]] } } }"#;
        let snapshot = pgdba_snapshot::read(document.as_bytes()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("large.json");
        write(&snapshot, 3, None, &file).unwrap();
        let large = pgdba_snapshot::read(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!((large.checksum_fits, large.problems.len()), (Some(true), 0));
        let rows = large.section::<PgClass>().rows;
        let names: Vec<String> =
            rows.iter().map(|row| format!("{} {}.{}", row.oid, row.nspname, row.relname)).collect();
        assert_eq!(
            names,
            [
                "20001 load.t1",
                "20004 pg_toast.pg_toast_20001",
                "16390 public.other",
                "120001 load1.t1",
                "120004 pg_toast.pg_toast_120001",
                "220001 load2.t1",
                "220004 pg_toast.pg_toast_220001",
            ]
        );
        assert_eq!(rows[3].reltoastrelid, Some(120_004));
    }
}
