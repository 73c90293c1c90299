//! `query show`: everything about one statement.

use std::collections::BTreeSet;

use pgdba_pg::{Millis, Ratio};
use pgdba_snapshot::sections::wait_samples::WaitSample;
use serde::Serialize;

use super::every::{self, EveryFigure};
use super::{Shown, Topic, display, largest_first, share};
use crate::facts::indexes::Index;
use crate::facts::statements::{Statement, Statements, Touched};
use crate::facts::tables::Table as UserTable;
use crate::facts::{View, declared};
use crate::format::{Affected, Subject, SubjectKind};
use crate::topics::Reply;
use crate::{Block, Checked, Finding, NotAssessed, Quantity, Table};

/// Identifiers that a message lists.
const LISTED: usize = 5;

/// What `query show` reads. It is not a part of the report, which has findings of its own.
pub static DETAILS: Topic = Topic {
    name: "query",
    title: "Query",
    reads: &[
        &declared::statements,
        &declared::tracking,
        &declared::block_size,
        &declared::query_waits,
        &declared::tables,
        &declared::indexes,
    ],
    show: |_| Ok(Shown::default()),
};

/// A database and role that run the statement. The server counts them separately.
#[derive(Debug, Clone, Serialize)]
pub struct RunBy {
    /// The database.
    pub database: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// Whether it is a top-level statement; otherwise a function ran it (extension version 1.9).
    pub is_top_level: Option<bool>,
    /// How often it ran.
    pub calls: Option<i64>,
    /// Its execution time, in milliseconds.
    pub total_time_ms: Option<f64>,
    /// Execution time per call, in milliseconds.
    pub mean_time_ms: Option<f64>,
    /// That of the fastest call, in milliseconds.
    pub min_time_ms: Option<f64>,
    /// That of the slowest call, in milliseconds.
    pub max_time_ms: Option<f64>,
    /// The standard deviation of the execution time, in milliseconds.
    pub stddev_time_ms: Option<f64>,
}

/// What the sessions that ran the statement waited for, as sampled in a delta.
#[derive(Debug, Clone, Serialize)]
pub struct Wait {
    /// The type of the wait event; null while running.
    pub wait_event_type: Option<String>,
    /// The wait event; null while running.
    pub wait_event: Option<String>,
    /// In how many samples.
    pub samples: i64,
    /// Its share of the samples of the statement, 0 to 1.
    pub share: Option<f64>,
}

/// A finding about the statement or about a table or index that it uses.
#[derive(Debug, Clone, Serialize)]
pub struct Touching {
    /// The rule's code.
    pub code: String,
    /// Its severity.
    pub severity: &'static str,
    /// What to do.
    pub summary: String,
    /// The subject, as displayed.
    pub subject: String,
}

/// The data of `query show`.
#[derive(Debug, Clone, Serialize)]
pub struct Details {
    /// `pg_stat_statements.queryid`.
    pub query_id: String,
    /// Its text, without constants; null if it is hidden from the collecting role.
    pub query: Option<String>,
    /// Its share of the execution time of all recorded statements, 0 to 1.
    pub share: Option<f64>,
    /// The databases and roles that run it.
    pub run_by: Vec<RunBy>,
    /// Every figure, added up over them.
    pub figures: Vec<EveryFigure>,
    /// What its sessions waited for; empty unless the snapshot is a delta of PostgreSQL 14 or later.
    pub waits: Vec<Wait>,
    /// The tables that its text names, as displayed.
    pub tables: Vec<String>,
    /// Their indexes, as displayed.
    pub indexes: Vec<String>,
    /// The findings about it, its tables and their indexes.
    pub findings: Vec<Touching>,
}

/// One statement, with what concerns it.
struct Page<'a> {
    query_id: &'a str,
    statements: &'a Statements,
    entries: Vec<&'a Statement>,
    figures: Vec<EveryFigure>,
    waits: Vec<Wait>,
    tables: Vec<&'a UserTable>,
    indexes: Vec<&'a Index>,
    findings: Vec<Touching>,
    block_size: Option<i64>,
}

/// Everything about the statement whose identifier is or begins with `wanted`; `findings` are those of the same snapshot.
///
/// # Errors
/// pg_stat_statements is missing, or no statement or several have such an identifier.
pub fn details(view: &View<'_>, wanted: &str, findings: &[Finding]) -> Checked<Reply<Details>> {
    let statements = view.statements()?;
    let query_id = identifier(statements, wanted)?;
    let entries: Vec<&Statement> = statements.all.iter().filter(|entry| entry.row.queryid.as_deref() == Some(query_id)).collect();
    let tables = tables(view, &entries);
    let is_of = |index: &&Index| tables.iter().any(|table| table.name == index.table);
    let indexes: Vec<&Index> = view.indexes().map_or_else(|_| Vec::new(), |all| all.iter().filter(is_of).collect());
    let page = Page {
        findings: touching(findings, query_id, &tables, &indexes),
        waits: waits(view.query_waits().map_or(&[], Vec::as_slice), query_id),
        block_size: view.block_size().ok().copied(),
        figures: every::figures(&entries, view.tracking()?),
        query_id,
        statements,
        entries,
        tables,
        indexes,
    };
    Ok(Reply { shown: page.show(view.version().is_ok_and(|version| version.major() >= 14)), data: page.data() })
}

/// The identifier that is `wanted`, or the only one that begins with it.
fn identifier<'a>(statements: &'a Statements, wanted: &str) -> Checked<&'a str> {
    let all: BTreeSet<&str> = statements.all.iter().filter_map(|entry| entry.row.queryid.as_deref()).collect();
    let found: Vec<&str> = all.iter().copied().filter(|id| id.starts_with(wanted)).collect();
    if let Some(same) = found.iter().find(|id| **id == wanted) {
        return Ok(same);
    }
    match found.as_slice() {
        [only] => Ok(only),
        [] => Err(NotAssessed::because(format!(
            "no recorded statement has a query ID that begins with \"{wanted}\"; pgdba query top lists query IDs"
        ))),
        several => {
            let listed = several.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
            let more = if several.len() > LISTED { ", …" } else { "" };
            Err(NotAssessed::because(format!("{} query IDs begin with \"{wanted}\": {listed}{more}", several.len())))
        }
    }
}

/// The tables that the text names, each once.
fn tables<'a>(view: &View<'a>, entries: &[&Statement]) -> Vec<&'a UserTable> {
    let Ok(all) = view.tables() else { return Vec::new() };
    let touched = Touched::new(&all.all);
    let mut tables: Vec<&UserTable> = entries.iter().flat_map(|entry| touched.by(entry)).collect();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    tables.dedup_by(|a, b| a.name == b.name);
    tables
}

fn waits(samples: &[WaitSample], query_id: &str) -> Vec<Wait> {
    let mut events = std::collections::BTreeMap::<(Option<&str>, Option<&str>), i64>::new();
    for sample in samples.iter().filter(|sample| sample.query_id.as_deref() == Some(query_id)) {
        let event = (sample.wait_event_type.as_deref(), sample.wait_event.as_deref());
        *events.entry(event).or_default() += sample.samples.unwrap_or(0);
    }
    let all: i64 = events.values().sum();
    let wait = |((kind, event), samples): ((Option<&str>, Option<&str>), i64)| Wait {
        wait_event_type: kind.map(str::to_owned),
        wait_event: event.map(str::to_owned),
        samples,
        share: Ratio::of(samples, all).map(|share| share.0),
    };
    let mut waits: Vec<Wait> = events.into_iter().map(wait).collect();
    largest_first(&mut waits, |wait| wait.samples);
    waits
}

/// The findings about the statement, its tables or their indexes.
fn touching(findings: &[Finding], query_id: &str, tables: &[&UserTable], indexes: &[&Index]) -> Vec<Touching> {
    let tables: BTreeSet<Subject> = tables.iter().map(|table| table.name.subject(SubjectKind::Table)).collect();
    let indexes: BTreeSet<Subject> = indexes.iter().map(|index| index.name.subject(SubjectKind::Index)).collect();
    let is_about = |subject: &Subject| match subject.kind {
        SubjectKind::Query => subject.name.split(' ').next() == Some(query_id),
        SubjectKind::Table => tables.contains(subject),
        SubjectKind::Index => indexes.contains(subject),
        _ => false,
    };
    let touching = |finding: &Finding, affected: &Affected| Touching {
        code: finding.code.clone(),
        severity: affected.severity.word(),
        summary: finding.summary.clone(),
        subject: affected.label.clone(),
    };
    let of_finding = |finding: &Finding| {
        let about = finding.subjects.iter().filter(|affected| is_about(&affected.subject));
        about.map(|affected| touching(finding, affected)).collect::<Vec<_>>()
    };
    findings.iter().flat_map(of_finding).collect()
}

impl Page<'_> {
    fn share(&self) -> Option<Ratio> {
        let time: f64 = self.entries.iter().filter_map(|entry| entry.row.total_exec_time).sum();
        share(time, self.statements.total_exec_time)
    }

    fn text(&self) -> Option<&str> {
        self.entries.iter().find(|entry| !entry.is_hidden()).and_then(|entry| entry.row.query.as_deref())
    }

    fn show(&self, has_waits: bool) -> Shown {
        let text = match self.text() {
            Some(text) => Block::sql("Text", text),
            None => Block::paragraph("Its text is hidden from the collecting role."),
        };
        let sampled = self.statements.sampled.as_ref();
        let mut blocks = vec![text, Block::heading("By database and role"), self.run_by_table()];
        blocks.extend(every::blocks(&self.figures, self.block_size, sampled));
        blocks.push(Block::heading("Waits"));
        blocks.push(match (sampled, has_waits) {
            (None, _) => Block::paragraph("Waits are sampled in a delta: collect a snapshot with pgdba inspect --delta."),
            (Some(_), false) => Block::paragraph("The server shows the statement of a session from PostgreSQL 14 on."),
            (Some(_), true) if self.waits.is_empty() => Block::paragraph("No sample of the delta met the statement running."),
            (Some(_), true) => self.waits_table(),
        });
        blocks.extend(self.relations());
        blocks.push(Block::heading("Findings"));
        blocks.push(self.findings_table());
        Shown { lead: self.lead(), blocks }
    }

    fn lead(&self) -> String {
        let calls = self.entries.iter().filter_map(|entry| entry.row.calls).fold(0, i64::saturating_add);
        let time: f64 = self.entries.iter().filter_map(|entry| entry.row.total_exec_time).sum();
        let share = self.share().map(|share| format!(", {} of the execution time of all statements", display::percent(share)));
        let length = self.statements.window.length.map(|length| format!(", measured over {}", display::duration(length)));
        format!(
            "Query {}: {} took {}{}{}.",
            self.query_id,
            display::counted(calls, "call", "calls"),
            display::duration(Millis(time)),
            share.unwrap_or_default(),
            length.unwrap_or_default(),
        )
    }

    fn run_by_table(&self) -> Block {
        let columns = [
            ("database", "database"),
            ("role", "role"),
            ("level", "level"),
            ("calls", "calls"),
            ("total_time", "total time"),
            ("mean_time", "mean time"),
            ("min_time", "min"),
            ("max_time", "max"),
            ("stddev_time", "stddev"),
        ];
        let rows = self.entries.iter().map(|entry| {
            let level = entry.row.toplevel.map(|top| if top { "top" } else { "nested" });
            let times = [
                entry.row.total_exec_time,
                entry.mean_time().map(|time| time.0),
                entry.row.min_exec_time,
                entry.row.max_exec_time,
                entry.row.stddev_exec_time,
            ];
            let identity = [entry.row.datname.clone().into(), entry.role.clone().into(), level.into(), entry.row.calls.into()];
            identity.into_iter().chain(times.map(|time| Quantity::from(time.map(Millis)))).collect()
        });
        Block::Table(Table::new("By database and role", &columns, rows.collect::<Vec<_>>()))
    }

    fn waits_table(&self) -> Block {
        let columns = [("type", "type"), ("event", "event"), ("samples", "samples"), ("share", "share")];
        let rows = self.waits.iter().map(|wait| {
            let kind = wait.wait_event_type.clone().unwrap_or_else(|| "not waiting".to_owned());
            let event = wait.wait_event.clone().unwrap_or_else(|| "running".to_owned());
            vec![kind.into(), event.into(), wait.samples.into(), wait.share.map(Ratio).into()]
        });
        Block::Table(Table::new("Waits", &columns, rows))
    }

    /// The tables that the text names, and their indexes.
    fn relations(&self) -> Vec<Block> {
        if self.tables.is_empty() {
            return vec![
                Block::heading("Tables"),
                Block::paragraph("Its text names no user table of the database that the snapshot contains."),
            ];
        }
        let tables = self.tables.iter().map(|table| {
            let scans = table.stat.as_deref().and_then(|stat| stat.seq_scan);
            let rows = table.reltuples.map(|rows| rows as i64);
            vec![table.name.to_string().into(), table.size.into(), rows.into(), scans.into(), table.last_analyze().into()]
        });
        let columns = [
            ("table", "table"),
            ("size", "size"),
            ("rows", "rows"),
            ("seq_scans", "sequential scans"),
            ("last_analyze", "last analyzed"),
        ];
        let mut blocks = vec![Block::heading("Tables"), Block::Table(Table::new("Tables", &columns, tables))];
        let indexes = self.indexes.iter().map(|index| {
            let table = index.table.to_string();
            vec![index.name.to_string().into(), table.into(), index.size.into(), index.idx_scan.into(), index.amname.clone().into()]
        });
        let columns =
            [("index", "index"), ("table", "table"), ("size", "size"), ("scans", "scans"), ("method", "method")];
        blocks.extend([Block::heading("Indexes"), Block::Table(Table::new("Indexes", &columns, indexes))]);
        blocks
    }

    fn findings_table(&self) -> Block {
        if self.findings.is_empty() {
            return Block::paragraph("No finding is about it, its tables or their indexes.");
        }
        let columns = [("code", "code"), ("severity", "severity"), ("subject", "subject"), ("finding", "finding")];
        let rows = self.findings.iter().map(|found| {
            let words = [found.code.as_str(), found.severity, found.subject.as_str(), found.summary.as_str()];
            words.map(Quantity::from).into_iter().collect()
        });
        Block::Table(Table::new("Findings", &columns, rows.collect::<Vec<_>>()))
    }

    fn data(self) -> Details {
        let run_by = |entry: &&Statement| RunBy {
            database: entry.row.datname.clone(),
            role: entry.role.clone(),
            is_top_level: entry.row.toplevel,
            calls: entry.row.calls,
            total_time_ms: entry.row.total_exec_time,
            mean_time_ms: entry.mean_time().map(|time| time.0),
            min_time_ms: entry.row.min_exec_time,
            max_time_ms: entry.row.max_exec_time,
            stddev_time_ms: entry.row.stddev_exec_time,
        };
        Details {
            query_id: self.query_id.to_owned(),
            query: self.text().map(str::to_owned),
            share: self.share().map(|share| share.0),
            run_by: self.entries.iter().map(run_by).collect(),
            figures: self.figures,
            tables: self.tables.iter().map(|table| table.name.to_string()).collect(),
            indexes: self.indexes.iter().map(|index| index.name.to_string()).collect(),
            waits: self.waits,
            findings: self.findings,
        }
    }
}
