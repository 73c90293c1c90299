//! Bloat of tables and indexes: what a rewrite would return.

use std::collections::BTreeMap;

use pgdba_pg::{Bytes, Ratio, display};
use serde::Serialize;

use super::{Reply, Shown, Topic, largest_first, number_of};
use crate::facts::bloat::{Bloat, Bloated, Toast};
use crate::facts::relation::{RelationName, Size};
use crate::facts::{View, declared};
use crate::format::Quantity;
use crate::{Block, Checked, NotAssessed, Table};

/// Rows of a table for people, unless another number is given.
const SHOWN: usize = 20;

/// Bloat of tables and indexes.
pub static TOPIC: Topic = Topic { name: "bloat", title: "Bloat", reads: &[&declared::bloat], show };

/// Which relations `query bloat` is about.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// At most so many tables and as many indexes; all for programs and the first for people if it is not given.
    pub limit: Option<usize>,
    /// Only this table and its indexes: its name, or schema and name.
    pub table: Option<String>,
    /// Only relations of at least this size.
    pub min_size: Bytes,
}

/// A table of `query bloat`.
#[derive(Debug, Serialize)]
pub struct TableRow {
    /// Its database, if the snapshot contains which.
    pub database: Option<String>,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its estimate.
    #[serde(flatten)]
    pub estimate: EstimateRow,
}

/// An index of `query bloat`.
#[derive(Debug, Serialize)]
pub struct IndexRow {
    /// Its database, if the snapshot contains which.
    pub database: Option<String>,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its table, in the same schema.
    pub table: Option<String>,
    /// Its estimate.
    #[serde(flatten)]
    pub estimate: EstimateRow,
}

/// The estimate of a relation.
#[derive(Debug, Serialize)]
pub struct EstimateRow {
    /// The size of its main file.
    pub bytes: Option<i64>,
    /// Whether the size was measured; otherwise it is as of the last VACUUM or ANALYZE.
    pub bytes_measured: Option<bool>,
    /// The share that VACUUM FULL or REINDEX would return, 0 to 1; none if it cannot be estimated.
    pub bloat_ratio: Option<f64>,
    /// The least that it can be.
    pub bloat_ratio_low: Option<f64>,
    /// The most that it can be.
    pub bloat_ratio_high: Option<f64>,
    /// The same share in bytes.
    pub wasted_bytes: Option<i64>,
    /// `medium` or `low`; none if there is no estimate.
    pub confidence: Option<&'static str>,
    /// Why the confidence is low or why there is no estimate.
    pub reason: Option<String>,
}

/// The TOAST table of a table of `query bloat`.
#[derive(Debug, Serialize)]
pub struct ToastRow {
    /// The database, if the snapshot contains which.
    pub database: Option<String>,
    /// The schema of the table.
    pub schema: String,
    /// The table whose values it stores.
    pub table: String,
    /// The size of its main file.
    pub bytes: Option<i64>,
    /// The share of its chunks that are dead, 0 to 1.
    pub dead_ratio: Option<f64>,
    /// The least share that VACUUM FULL of the table would return of it.
    pub bloat_ratio_low: Option<f64>,
    /// The same in bytes.
    pub wasted_bytes_low: Option<i64>,
    /// Why nothing is known.
    pub reason: Option<String>,
}

/// The data of `query bloat`.
#[derive(Debug, Serialize)]
pub struct BloatReply {
    /// Tables and materialized views, those that waste most first.
    pub tables: Vec<TableRow>,
    /// Indexes, likewise.
    pub indexes: Vec<IndexRow>,
    /// TOAST tables, likewise.
    pub toast: Vec<ToastRow>,
}

fn show(view: &View<'_>) -> Checked<Shown> {
    Ok(reply(view, &Selection::default())?.shown)
}

/// The bloat of the selected relations.
///
/// # Errors
/// It cannot be estimated at all, or there is no such table.
pub fn reply(view: &View<'_>, selection: &Selection) -> Checked<Reply<BloatReply>> {
    let bloat = view.bloat()?;
    // Nothing is known of the size of an empty relation.
    let size_of = |size: Option<Size>| size.map_or(Bytes(0), |size| size.bytes);
    let is_large = |size: Option<_>| size_of(size) >= selection.min_size;
    let mut tables = sorted(bloat.tables.iter().filter(|table| selection.is_named(&table.name)));
    if tables.is_empty() && let Some(name) = &selection.table {
        return Err(NotAssessed::because(format!("table \"{name}\" does not exist in the snapshot, or is partitioned")));
    }
    let of_table = |index: &&Bloated| index.table.as_ref().is_some_and(|table| selection.is_named(table));
    let mut indexes = sorted(bloat.indexes.iter().filter(of_table));
    let mut toast: Vec<&Toast> = bloat.toast.iter().filter(|toast| selection.is_named(&toast.table)).collect();
    largest_first(&mut toast, |toast| (toast.bloat.as_ref().ok().map(|bloat| bloat.wasted_low), toast.size));
    tables.retain(|table| is_large(table.size));
    indexes.retain(|index| is_large(index.size));
    toast.retain(|toast| is_large(toast.size));

    let shown = shown(bloat, [&tables, &indexes], &toast, selection.limit.unwrap_or(SHOWN));
    let limit = selection.limit.unwrap_or(usize::MAX);
    let data = BloatReply {
        tables: tables.iter().take(limit).map(|table| table_row(table)).collect(),
        indexes: indexes.iter().take(limit).map(|index| index_row(index)).collect(),
        toast: toast.iter().take(limit).map(|toast| toast_row(toast)).collect(),
    };
    Ok(Reply { shown, data })
}

impl Selection {
    fn is_named(&self, name: &RelationName) -> bool {
        self.table.as_ref().is_none_or(|wanted| name.is_called(wanted))
    }
}

/// Those that waste most first, then those without an estimate by size.
fn sorted<'a>(relations: impl Iterator<Item = &'a Bloated>) -> Vec<&'a Bloated> {
    let mut relations: Vec<&Bloated> = relations.collect();
    largest_first(&mut relations, |relation| (relation.wasted(), relation.size));
    relations
}

fn shown(bloat: &Bloat, [tables, indexes]: [&[&Bloated]; 2], toast: &[&Toast], limit: usize) -> Shown {
    let columns = [
        ("name", "table"),
        ("size", "size"),
        ("bloat", "bloat"),
        ("interval", "interval"),
        ("wasted", "wasted"),
        ("confidence", "confidence"),
    ];
    let table = |caption: &str, relations: &[&Bloated]| {
        let estimated = relations.iter().filter(|relation| relation.estimate.is_ok()).take(limit);
        let rows: Vec<Vec<Quantity>> = estimated.map(|relation| cells(relation)).collect();
        Block::Table(Table::new(caption, &columns, rows))
    };
    let unknown: Vec<String> = reasons(tables, "table", "tables").chain(reasons(indexes, "index", "indexes")).collect();
    Shown {
        lead: lead(bloat),
        blocks: vec![
            table("Bloat of tables", tables),
            Block::Table(with_heading(table("Bloat of indexes", indexes), "index")),
            Block::Table(toast_table(toast, limit)),
            Block::List { items: unknown },
        ],
    }
}

/// The same table with another heading of its first column.
fn with_heading(block: Block, heading: &str) -> Table {
    let Block::Table(mut table) = block else { return Table::whole("", &[], []) };
    if let Some(first) = table.columns.first_mut() {
        heading.clone_into(&mut first.label);
    }
    table
}

fn lead(bloat: &Bloat) -> String {
    let wasted = |relations: &[Bloated]| {
        let sum = relations.iter().filter_map(Bloated::wasted).fold(0, |sum: i64, bytes| sum.saturating_add(bytes.0));
        display::bytes(Bytes(sum))
    };
    if bloat.tables.is_empty() {
        return "No user tables.".to_owned();
    }
    format!(
        "VACUUM FULL would return about {} of {}, REINDEX about {} of {}.",
        wasted(&bloat.tables),
        display::counted(number_of(&bloat.tables), "table", "tables"),
        wasted(&bloat.indexes),
        display::counted(number_of(&bloat.indexes), "index", "indexes"),
    )
}

fn cells(relation: &Bloated) -> Vec<Quantity> {
    let estimate = relation.estimate.as_ref().ok();
    vec![
        relation.name.to_string().into(),
        relation.size.into(),
        estimate.map(|estimate| estimate.ratio).into(),
        estimate.map(|estimate| interval(estimate.low, estimate.high)).into(),
        estimate.map(|estimate| estimate.wasted).into(),
        estimate.map(|estimate| estimate.confidence.word()).into(),
    ]
}

/// `28.6 % to 32.3 %`.
fn interval(low: Ratio, high: Ratio) -> String {
    format!("{} to {}", display::percent(low), display::percent(high))
}

fn toast_table(toast: &[&Toast], limit: usize) -> Table {
    let columns =
        [("table", "TOAST table of"), ("size", "size"), ("dead", "dead"), ("bloat_low", "bloat at least"), ("wasted", "wasted at least")];
    let rows: Vec<Vec<Quantity>> = toast.iter().filter(|toast| toast.bloat.is_ok()).take(limit).map(|toast| {
        let bloat = toast.bloat.as_ref().ok();
        vec![
            toast.table.to_string().into(),
            toast.size.into(),
            bloat.map(|bloat| bloat.dead).into(),
            bloat.map(|bloat| bloat.low).into(),
            bloat.map(|bloat| bloat.wasted_low).into(),
        ]
    }).collect();
    Table::new("TOAST tables", &columns, rows)
}

/// Why there is no estimate of some relations, and why that of others is doubtful: one line a reason.
fn reasons(relations: &[&Bloated], singular: &str, plural: &str) -> impl Iterator<Item = String> {
    let mut counts = BTreeMap::<(bool, &str), i64>::new();
    for relation in relations {
        match &relation.estimate {
            Ok(estimate) => estimate.doubts.iter().for_each(|doubt| *counts.entry((false, doubt)).or_default() += 1),
            Err(missing) => *counts.entry((true, &missing.reason)).or_default() += 1,
        }
    }
    let line = |((is_withheld, reason), count): (&(bool, &str), &i64)| {
        let what = if *is_withheld { "No estimate for" } else { "Low confidence in" };
        format!("{what} {}: {reason}", display::counted(*count, singular, plural))
    };
    counts.iter().map(line).collect::<Vec<_>>().into_iter()
}

fn table_row(table: &Bloated) -> TableRow {
    TableRow {
        database: table.name.database().map(str::to_owned),
        schema: table.name.schema().to_owned(),
        name: table.name.bare().to_owned(),
        estimate: estimate_row(table),
    }
}

fn index_row(index: &Bloated) -> IndexRow {
    IndexRow {
        database: index.name.database().map(str::to_owned),
        schema: index.name.schema().to_owned(),
        name: index.name.bare().to_owned(),
        table: index.table.as_ref().map(|table| table.bare().to_owned()),
        estimate: estimate_row(index),
    }
}

fn estimate_row(relation: &Bloated) -> EstimateRow {
    let estimate = relation.estimate.as_ref().ok();
    let doubts = estimate.filter(|estimate| !estimate.doubts.is_empty()).map(|estimate| estimate.doubts.join("; "));
    EstimateRow {
        bytes: relation.size.map(|size| size.bytes.0),
        bytes_measured: relation.size.map(|size| size.is_measured),
        bloat_ratio: estimate.map(|estimate| estimate.ratio.0),
        bloat_ratio_low: estimate.map(|estimate| estimate.low.0),
        bloat_ratio_high: estimate.map(|estimate| estimate.high.0),
        wasted_bytes: estimate.map(|estimate| estimate.wasted.0),
        confidence: estimate.map(|estimate| estimate.confidence.word()),
        reason: doubts.or_else(|| relation.estimate.as_ref().err().map(|missing| missing.reason.clone())),
    }
}

fn toast_row(toast: &Toast) -> ToastRow {
    let bloat = toast.bloat.as_ref().ok();
    ToastRow {
        database: toast.table.database().map(str::to_owned),
        schema: toast.table.schema().to_owned(),
        table: toast.table.bare().to_owned(),
        bytes: toast.size.map(|size| size.bytes.0),
        dead_ratio: bloat.map(|bloat| bloat.dead.0),
        bloat_ratio_low: bloat.map(|bloat| bloat.low.0),
        wasted_bytes_low: bloat.map(|bloat| bloat.wasted_low.0),
        reason: toast.bloat.as_ref().err().map(|missing| missing.reason.clone()),
    }
}
