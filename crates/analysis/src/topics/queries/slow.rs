//! `query slow-log`: the statements of which calls are slow.

use jiff::Timestamp;
use pgdba_pg::Millis;
use serde::Serialize;

use super::cells::{IDENTITY, LAST, calls, identity, last};
use super::{Figures, Period, Row, Shown, display, largest_first, measured_over, number_of, over};
use crate::facts::View;
use crate::facts::growth::Sampled;
use crate::facts::statements::Statements;
use crate::format::Cell;
use crate::topics::Reply;
use crate::{Block, Checked, Quantity, Table};

/// What the answer is made of, since a reader might expect the server's log.
const ORIGIN: &str = "This is from pg_stat_statements, which keeps the mean, the maximum and the standard deviation of each \
                      statement, but not the time of single calls: those are in the server log if log_min_duration_statement \
                      is set.";

/// What `query slow-log` is asked for.
#[derive(Debug, Clone)]
pub struct SlowOptions {
    /// The execution time of a call from which on it is slow.
    pub threshold: Millis,
    /// The number of statements.
    pub limit: usize,
    /// Only those of this database.
    pub database: Option<String>,
    /// Only those of this role.
    pub role: Option<String>,
}

/// A statement of `query slow-log`.
#[derive(Debug, Clone, Serialize)]
pub struct SlowStatement {
    /// Its text, without constants; null if it is hidden from the collecting role.
    pub query: Option<String>,
    /// `pg_stat_statements.queryid`; null for utility statements.
    pub query_id: Option<String>,
    /// Its database.
    pub database: Option<String>,
    /// The role that runs it.
    pub role: Option<String>,
    /// Whether the mean is above the threshold; otherwise only the slowest call is.
    pub is_mean_slow: bool,
    /// The execution time of the fastest call since the reset, in milliseconds.
    pub min_time_ms: Option<f64>,
    /// The execution time of the slowest call since the reset, in milliseconds.
    pub max_time_ms: Option<f64>,
    /// The standard deviation of the execution time since the reset, in milliseconds.
    pub stddev_time_ms: Option<f64>,
    /// Since when the minimum and maximum are those of all calls, if it is known (extension version 1.11).
    pub max_time_since: Option<Timestamp>,
    /// Its other figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// The data of `query slow-log`.
#[derive(Debug, Clone, Serialize)]
pub struct SlowLog {
    /// From where it is: `pg_stat_statements`.
    pub source: &'static str,
    /// The threshold, in milliseconds.
    pub threshold_ms: f64,
    /// Over which time calls and means were counted.
    pub period: Period,
    /// How many statements are above the threshold, of which these are the first.
    pub found: usize,
    /// The statements, the greatest mean first.
    pub statements: Vec<SlowStatement>,
}

/// The statements of which the mean or the slowest call is above the threshold, the greatest mean first. Of a delta those that
/// ran in its window.
///
/// # Errors
/// pg_stat_statements is missing.
pub fn slow_log(view: &View<'_>, options: &SlowOptions) -> Checked<Reply<SlowLog>> {
    let statements = view.statements()?;
    let block_size = view.block_size().ok().copied();
    let (rows, sampled) = over(statements, false);
    let is_slow = |row: &Row<'_>| row.1.mean_time() >= Some(options.threshold) || max(row) >= Some(options.threshold);
    let is_wanted = |row: &Row<'_>| row.0.is_of(options.database.as_deref(), options.role.as_deref());
    let mut rows: Vec<Row<'_>> = rows.into_iter().filter(|row| is_wanted(row) && is_slow(row)).collect();
    largest_first(&mut rows, |row| row.1.mean_time());
    let data = SlowLog {
        source: "pg_stat_statements",
        threshold_ms: options.threshold.0,
        period: Period::of(statements, sampled),
        found: rows.len(),
        statements: rows.iter().take(options.limit).map(|row| data(row, options.threshold, sampled, block_size)).collect(),
    };
    Ok(Reply { shown: show(statements, &rows, sampled, options), data })
}

/// The execution time of the slowest call since the reset.
fn max(row: &Row<'_>) -> Option<Millis> {
    row.0.row.max_exec_time.map(Millis)
}

fn show(statements: &Statements, rows: &[Row<'_>], sampled: Option<&Sampled>, options: &SlowOptions) -> Shown {
    let threshold = display::duration(options.threshold);
    let over = measured_over(statements, sampled);
    let means = rows.iter().filter(|row| row.1.mean_time() >= Some(options.threshold)).count();
    let lead = match (number_of(rows), means) {
        (0, _) => format!("No recorded statement has a mean or maximum of {threshold} or more{over}."),
        (all, means) => format!(
            "{} with a mean or maximum of {threshold} or more{over}; {} with a mean of as much.",
            display::counted(all, "statement", "statements"),
            display::count(i64::try_from(means).unwrap_or(i64::MAX)),
        ),
    };
    let max_label = if sampled.is_some() { "max since reset" } else { "max time" };
    let stddev_label = if sampled.is_some() { "stddev since reset" } else { "stddev" };
    let own = [("calls", "calls"), ("mean_time", "mean time"), ("max_time", max_label), ("stddev_time", stddev_label)];
    let columns: Vec<_> = IDENTITY.into_iter().chain(own).chain([("total_time", "total time")]).chain(LAST).collect();
    let mut table = Table::whole(
        format!("Statements with slow calls{over}"),
        &columns,
        rows.iter().take(options.limit).map(|row| cells(row, sampled)),
    )
    .with_long("query");
    table.hidden = rows.len().saturating_sub(options.limit) as u64;
    let notes = sampled.map(|sampled| Block::list(sampled.notes("statement", "statements")));
    Shown { lead, blocks: [Block::Table(table), Block::paragraph(ORIGIN)].into_iter().chain(notes).collect() }
}

fn cells(row: &Row<'_>, sampled: Option<&Sampled>) -> Vec<Cell> {
    let (statement, counted) = row;
    let own: [Quantity; 5] = [
        calls(row, sampled),
        counted.mean_time().into(),
        max(row).into(),
        statement.row.stddev_exec_time.map(Millis).into(),
        counted.0.total_exec_time.map(Millis).into(),
    ];
    identity(statement).into_iter().chain(own).chain(last(row)).map(Cell::from).collect()
}

fn data(row: &Row<'_>, threshold: Millis, sampled: Option<&Sampled>, block_size: Option<i64>) -> SlowStatement {
    let (statement, counted) = row;
    SlowStatement {
        query: statement.row.query.clone().filter(|_| !statement.is_hidden()),
        query_id: statement.row.queryid.clone(),
        database: statement.row.datname.clone(),
        role: statement.role.clone(),
        is_mean_slow: counted.mean_time() >= Some(threshold),
        min_time_ms: statement.row.min_exec_time,
        max_time_ms: statement.row.max_exec_time,
        stddev_time_ms: statement.row.stddev_exec_time,
        max_time_since: statement.row.minmax_stats_since.or(statement.row.stats_since),
        figures: Figures::new(*counted, sampled, block_size),
    }
}
