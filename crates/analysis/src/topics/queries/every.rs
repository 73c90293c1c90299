//! Every figure of a statement, in groups.

use pgdba_pg::{Bytes, Millis};
use pgdba_snapshot::sections::pg_stat_statements::PgStatStatement;
use serde::Serialize;

use crate::facts::growth::Sampled;
use crate::facts::statements::{Statement, Tracking};
use crate::{Block, Quantity, Table};

/// What a counter counts.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Count,
    Millis,
    Pages,
    Bytes,
}

/// A counter of pg_stat_statements.
struct Counter {
    /// The name of the column.
    name: &'static str,
    label: &'static str,
    unit: Unit,
    of: fn(&PgStatStatement) -> Option<f64>,
}

/// Counters that belong together.
struct Group {
    title: &'static str,
    counters: &'static [Counter],
}

/// A counter, with its label.
macro_rules! counter {
    ($name:ident, $label:literal, $unit:ident) => {
        Counter {
            name: stringify!($name),
            label: $label,
            unit: Unit::$unit,
            of: |row| row.$name.map(|amount| amount as f64),
        }
    };
}

static GROUPS: [Group; 8] = [
    Group {
        title: "Executions",
        counters: &[
            counter!(calls, "calls", Count),
            counter!(total_exec_time, "execution time", Millis),
            counter!(rows, "rows", Count),
        ],
    },
    Group {
        title: "Planning",
        counters: &[counter!(plans, "plans", Count), counter!(total_plan_time, "planning time", Millis)],
    },
    Group {
        title: "Tables and indexes",
        counters: &[
            counter!(shared_blks_hit, "buffer hits", Pages),
            counter!(shared_blks_read, "read", Pages),
            counter!(shared_blks_dirtied, "dirtied", Pages),
            counter!(shared_blks_written, "written", Pages),
            counter!(shared_blk_read_time, "read time", Millis),
            counter!(shared_blk_write_time, "write time", Millis),
        ],
    },
    Group {
        title: "Temporary tables",
        counters: &[
            counter!(local_blks_hit, "buffer hits", Pages),
            counter!(local_blks_read, "read", Pages),
            counter!(local_blks_dirtied, "dirtied", Pages),
            counter!(local_blks_written, "written", Pages),
        ],
    },
    Group {
        title: "Temporary files",
        counters: &[
            counter!(temp_blks_read, "read", Pages),
            counter!(temp_blks_written, "written", Pages),
            counter!(temp_blk_read_time, "read time", Millis),
            counter!(temp_blk_write_time, "write time", Millis),
        ],
    },
    Group {
        title: "WAL",
        counters: &[
            counter!(wal_records, "records", Count),
            counter!(wal_fpi, "full page images", Count),
            counter!(wal_bytes, "WAL", Bytes),
            counter!(wal_buffers_full, "writes because WAL buffers were full", Count),
        ],
    },
    Group {
        title: "JIT compilation",
        counters: &[counter!(jit_functions, "functions", Count), counter!(jit_time, "time", Millis)],
    },
    Group {
        title: "Parallel workers",
        counters: &[
            counter!(parallel_workers_to_launch, "planned", Count),
            counter!(parallel_workers_launched, "launched", Count),
        ],
    },
];

/// A figure of a statement, added up over the roles and databases that run it.
#[derive(Debug, Clone, Serialize)]
pub struct EveryFigure {
    /// The counters it is shown with.
    pub group: &'static str,
    /// The column of pg_stat_statements.
    pub name: &'static str,
    /// Its unit: `ms`, `bytes`, `pages` or `count`.
    pub unit: &'static str,
    /// Since the reset; null if nothing was counted and the server might not measure it (`track_io_timing`,
    /// `pg_stat_statements.track_planning`).
    pub total: Option<f64>,
    /// Since the reset, per call.
    pub per_call: Option<f64>,
    /// Over the window of a delta; null if the snapshot is not one or the growth is unknown.
    pub in_window: Option<f64>,
    #[serde(skip)]
    label: &'static str,
}

impl Counter {
    /// Whether the server measures it; none if that is unknown.
    fn is_measured(&self, tracking: &Tracking) -> Option<bool> {
        match (self.name, self.unit) {
            ("plans" | "total_plan_time", _) => tracking.has_planning,
            ("total_exec_time" | "jit_time", _) | (_, Unit::Count | Unit::Pages | Unit::Bytes) => Some(true),
            (_, Unit::Millis) => tracking.has_io_timing,
        }
    }
}

/// The figures that this version of the extension counts, added up over the entries.
pub(super) fn figures(entries: &[&Statement], tracking: &Tracking) -> Vec<EveryFigure> {
    let calls: f64 = entries.iter().filter_map(|entry| entry.counted().calls()).sum();
    let counters = GROUPS.iter().flat_map(|group| group.counters.iter().map(move |counter| (group, counter)));
    let figure = |(group, counter): (&Group, &Counter)| {
        let sum = |rows: &mut dyn Iterator<Item = &PgStatStatement>| {
            rows.filter_map(counter.of).fold(None, |sum: Option<f64>, amount| Some(sum.unwrap_or(0.0) + amount))
        };
        let total = sum(&mut entries.iter().map(|entry| &entry.row))?;
        let is_measured = total > 0.0 || counter.is_measured(tracking) == Some(true);
        let measured = |amount: &f64| is_measured && amount.is_finite();
        Some(EveryFigure {
            group: group.title,
            name: counter.name,
            unit: counter.unit.name(),
            total: Some(total).filter(measured),
            per_call: Some(total / calls).filter(|mean| measured(mean) && counter.name != "calls"),
            in_window: sum(&mut entries.iter().filter_map(|entry| entry.in_window().map(|counted| counted.0)))
                .filter(measured),
            label: counter.label,
        })
    };
    counters.filter_map(figure).collect()
}

/// A table for each group that has figures.
pub(super) fn blocks(figures: &[EveryFigure], block_size: Option<i64>, sampled: Option<&Sampled>) -> Vec<Block> {
    let groups = figures.chunk_by(|a, b| a.group == b.group);
    let blocks = groups.flat_map(|group| {
        let title = group.first().map(|figure| figure.group).unwrap_or_default();
        let window = sampled.map(|sampled| format!("over the {} of the delta", sampled.words()));
        let mut columns = vec![("figure", "figure"), ("total", "total"), ("per_call", "per call")];
        columns.extend(window.as_deref().map(|label| ("in_window", label)));
        let rows = group.iter().map(|figure| {
            let shown = |amount: Option<f64>| amount.map_or(Quantity::Unknown, |amount| figure.quantity(amount, block_size));
            let mean = |amount: Option<f64>| match (amount, figure.unit) {
                (Some(amount), "count") => Quantity::Number(amount),
                (amount, _) => shown(amount),
            };
            let total = figure.total.map_or_else(|| "not measured".into(), |total| shown(Some(total)));
            let row = [figure.label.into(), total, mean(figure.per_call)];
            row.into_iter().chain(sampled.map(|_| shown(figure.in_window))).collect()
        });
        [Block::heading(title), Block::Table(Table::new(title, &columns, rows.collect::<Vec<_>>()))]
    });
    blocks.collect()
}

impl EveryFigure {
    fn quantity(&self, amount: f64, block_size: Option<i64>) -> Quantity {
        match (self.unit, block_size) {
            ("ms", _) => Millis(amount).into(),
            ("bytes", _) => Bytes(amount as i64).into(),
            ("pages", Some(size)) => Bytes((amount * size as f64) as i64).into(),
            _ => (amount as i64).into(),
        }
    }
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Millis => "ms",
            Self::Pages => "pages",
            Self::Bytes => "bytes",
        }
    }
}
