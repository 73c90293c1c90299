//! Dead rows are far above the autovacuum threshold.

use std::cmp::Reverse;

use jiff::Timestamp;
use pgdba_pg::display;

use crate::engine::draft::{About, Draft};
use crate::engine::sift::Affects;
use crate::facts::relation::{RelationName, Size};
use crate::facts::tables::Table;
use crate::format::{SubjectKind, Weight};
use crate::{Checked, Figure, Quantity, Severity, View, rule};

rule! {
    /// ## What it sees
    ///
    /// A table whose dead rows are far above its autovacuum threshold:
    /// `autovacuum_vacuum_threshold + autovacuum_vacuum_scale_factor × rows`, with the table's own storage parameters taking
    /// precedence, and in version 18 and newer limited by `autovacuum_vacuum_max_threshold`.
    ///
    /// ## Why it matters
    ///
    /// Every scan reads the dead rows too, and their space cannot be reused. If their number is a multiple of the threshold,
    /// autovacuum cannot keep up, is disabled, or cannot remove the rows because something still needs them.
    ///
    /// ## Threshold
    ///
    /// At least {MIN_DEAD} dead rows. Notice at {NOTICE} times the table's autovacuum threshold, warning at {WARNING} times.
    /// Reaching the threshold itself is normal.
    ///
    /// ## Remedy
    ///
    /// Vacuum the table, then find out why autovacuum did not: it is disabled, too slow, or held back by an old transaction, a
    /// replication slot or a prepared transaction.
    ///
    /// ## When to ignore this
    ///
    /// Right after a mass delete or update: autovacuum processes the table within minutes. After a crash and on a standby the counters
    /// are 0, and nothing is reported.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "The Autovacuum Daemon".
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 150000 } ] }
    /// ```
    /// ```json passed
    /// { "pg_settings": [ { "name": "autovacuum_vacuum_threshold", "setting": "50" },
    ///                    { "name": "autovacuum_vacuum_scale_factor", "setting": "0.2" } ],
    ///   "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r",
    ///                   "relpages": 5000, "reltuples": 100000 } ],
    ///   "pg_stat_user_tables": [ { "relid": 16385, "n_live_tup": 100000, "n_dead_tup": 25000 } ] }
    /// ```
    rule dead_tuples {
        code: PGD502,
        title: "Dead rows are far above the autovacuum threshold",
        passed: "No table is far above its autovacuum threshold",
        worst: Warning,
        reads: [tables],
        source: "PostgreSQL manual, The Autovacuum Daemon",
        thresholds: {
            /// Fewer dead rows than this are negligible.
            MIN_DEAD: i64 = 10_000,
            /// Multiple of the table's autovacuum threshold that causes a notice.
            NOTICE: f64 = 2.0,
            /// Multiple of the table's autovacuum threshold that causes a warning.
            WARNING: f64 = 5.0,
        },
    }
}

struct Found {
    table: RelationName,
    size: Option<Size>,
    n_dead_tup: i64,
    n_live_tup: Option<i64>,
    threshold: f64,
    multiple: f64,
    last_vacuum: Option<Timestamp>,
    is_disabled: bool,
}

fn check(view: &View<'_>) -> Checked<Vec<Found>> {
    let mut found: Vec<Found> = view.tables()?.all.iter().filter_map(above_threshold).collect();
    found.sort_by_key(|found| Reverse(found.n_dead_tup));
    Ok(found)
}

fn above_threshold(table: &Table) -> Option<Found> {
    let stat = table.stat.as_ref()?;
    let n_dead_tup = stat.n_dead_tup.filter(|dead| *dead >= MIN_DEAD)?;
    let threshold = table.vacuum_threshold.filter(|threshold| *threshold > 0.0)?;
    let multiple = n_dead_tup as f64 / threshold;
    (multiple >= NOTICE).then(|| Found {
        table: table.name.clone(),
        size: table.size,
        n_dead_tup,
        n_live_tup: stat.n_live_tup,
        threshold,
        multiple,
        last_vacuum: table.last_vacuum(),
        is_disabled: table.autovacuum_enabled == Some(false),
    })
}

impl Found {
    fn severity(&self) -> Severity {
        if self.multiple >= WARNING { Severity::Warning } else { Severity::Notice }
    }
}

fn describe(found: &[Found]) -> Draft {
    let is_disabled = found.iter().all(|found| found.is_disabled);
    let severity = found.iter().map(Found::severity).max().unwrap_or(Severity::Notice);
    Draft::new(severity, summary(found))
        .because(format!("{} {} Every scan reads the dead rows too.", how_many(found), reason(is_disabled)))
        .advise(if is_disabled {
            "Run VACUUM, then re-enable autovacuum."
        } else {
            "Run VACUUM, then check what holds autovacuum back: old transactions, replication slots, prepared \
             transactions, or a low cost limit."
        })
        .impact("Reads and writes continue; VACUUM scans the table once, and DDL on it waits.")
}

/// The multiple of a single table, or the largest of several.
fn how_many(found: &[Found]) -> String {
    let worst = found.iter().map(|found| found.multiple).fold(0.0, f64::max);
    let up_to = if found.len() == 1 { "" } else { "up to " };
    format!("Dead rows are at {up_to}{worst:.1} times the autovacuum threshold.")
}

fn reason(is_disabled: bool) -> &'static str {
    if is_disabled {
        "Autovacuum is disabled."
    } else {
        "Autovacuum cannot keep up, or something still needs the rows, such as an old transaction."
    }
}

fn summary(found: &[Found]) -> String {
    let dead = found.iter().map(|found| found.n_dead_tup).fold(0, i64::saturating_add);
    match found {
        [only] => format!("Vacuum {}: {} dead rows", only.table, display::count(dead)),
        many => {
            let tables = display::counted(i64::try_from(many.len()).unwrap_or(i64::MAX), "table", "tables");
            format!("Vacuum {tables}: {} dead rows", display::count(dead))
        }
    }
}

impl Affects for Found {
    fn about(&self) -> About {
        let table = self.table.sql();
        let vacuum = format!("VACUUM (VERBOSE, ANALYZE) {table};");
        let enable = format!("\nALTER TABLE {table} RESET (autovacuum_enabled);");
        About::new(self.table.subject(SubjectKind::Table), Weight::Rows(self.n_dead_tup as f64))
            .called(self.table.to_string())
            .severity(self.severity())
            .figure(Figure::new("dead_rows", self.n_dead_tup).against(self.threshold.round() as i64))
            .figure(Figure::new("times_threshold", Quantity::Number(self.multiple)).labelled("times the threshold"))
            .figure(Figure::new("live_rows", self.n_live_tup))
            .figure(Figure::new("last_vacuum", self.last_vacuum))
            .figure(Figure::new("size", self.size))
            .figure(Figure::new("autovacuum", if self.is_disabled { "disabled" } else { "enabled" }))
            .run(self.table.run_there(if self.is_disabled { vacuum + &enable } else { vacuum }))
    }
}
