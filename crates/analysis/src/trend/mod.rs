//! Several snapshots of a cluster: growth and rates over time, and when a limit is reached, where the points justify a date.
//!
//! A rate is what counters grew by from one snapshot to the next. A reset, a restart or a missing section is a gap with its reason.

pub mod fit;
mod moment;
pub mod schema;
mod series;
mod shown;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use pgdba_snapshot::DiagSnapshot;
use schemars::JsonSchema;
use serde::Serialize;

pub use moment::snapshot_sections;
pub use series::{Point, Projection, Series, Unit};

use self::moment::{Moment, moments};
use self::series::{Limit, Named, by_name};
use crate::diff::{Identity, Relation, has_same_names};
use crate::format::{Block, Checked, ClusterSummary};
use crate::rates::{Rate, ServerRate, Source, server};

/// Tables that grew most, of which there is a series each.
const TABLES: usize = 10;

/// Sequences nearest their end, of which there is a series each.
const SEQUENCES: usize = 5;

/// Figures of a cluster over time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Trend {
    /// Always `pgdba.trend`.
    pub format: &'static str,
    /// The version of this format.
    pub format_version: i64,
    /// The cluster in the last snapshot; none if there are no snapshots.
    pub cluster: Option<ClusterSummary>,
    /// When the snapshots were collected, the oldest first.
    #[schemars(with = "Vec<String>")]
    pub snapshots: Vec<Timestamp>,
    /// How many of the snapshots that were given are left out: they occur twice, or do not say when they were collected.
    pub left_out: usize,
    /// From each snapshot to the next: whether they are of one cluster, and what happened in between.
    pub steps: Vec<Identity>,
    /// The figures.
    pub series: Vec<Series>,
    /// What is not compared, one sentence each.
    pub notes: Vec<String>,
}

/// The figures of `snapshots` over time, in any order.
#[must_use]
pub fn trend(snapshots: &[&DiagSnapshot]) -> Trend {
    let moments = moments(snapshots);
    let pairs = || moments.iter().zip(moments.iter().skip(1));
    let steps: Vec<Identity> = pairs().map(|(from, to)| Identity::of(from.snapshot, to.snapshot)).collect();
    let mut series = gauges(&moments);
    series.extend(rates(&moments, &steps));
    let mut notes = Vec::new();
    if pairs().all(|(from, to)| has_same_names(from.snapshot, to.snapshot)) {
        series.extend(of_names(&moments));
    } else {
        notes.push(
            "The snapshots are not redacted with the same key, so nothing is compared by name: databases, tables and sequences."
                .to_owned(),
        );
    }
    Trend {
        format: "pgdba.trend",
        format_version: 1,
        cluster: moments.last().map(|last| last.facts.cluster()),
        snapshots: moments.iter().map(|moment| moment.at).collect(),
        left_out: snapshots.len().saturating_sub(moments.len()),
        steps,
        series: series.into_iter().filter(|series| series.known().next().is_some()).collect(),
        notes,
    }
}

impl Trend {
    /// Whether two successive snapshots are of different clusters.
    #[must_use]
    pub fn is_of_several_clusters(&self) -> bool {
        self.steps.iter().any(|step| step.relation == Relation::Different)
    }

    /// What is shown.
    #[must_use]
    pub fn blocks(&self) -> Vec<Block> {
        shown::blocks(self)
    }
}

/// Figures of the server as a whole.
fn gauges(moments: &[Moment<'_>]) -> Vec<Series> {
    let points = |figure: fn(&Moment<'_>) -> Checked<f64>| {
        moments.iter().map(|moment| Point::of(moment.at, figure(moment))).collect()
    };
    let xid_limit = moments.last().and_then(moment::xid_limit);
    vec![
        Series::new("xid_age", "oldest transaction ID, age", Unit::Count, points(moment::xid_age)).toward(xid_limit),
        Series::new("dead_rows", "dead rows", Unit::Count, points(moment::dead_rows)),
        Series::new("connections", "client sessions", Unit::Count, points(moment::connections)),
    ]
}

/// Rates from each snapshot to the next.
fn rates(moments: &[Moment<'_>], steps: &[Identity]) -> [Series; 3] {
    let pairs = moments.iter().zip(moments.iter().skip(1)).zip(steps);
    let all: Vec<(Timestamp, Result<Vec<ServerRate>, String>)> = pairs
        .map(|((from, to), step)| {
            let rates = continued(step).map(|()| server(&Source::own(to.snapshot, &to.facts).since(from.snapshot)));
            (to.at, rates)
        })
        .collect();
    let points = |keys: &[&str]| -> Vec<Point> {
        let rate = |rates: &Result<Vec<ServerRate>, String>| match rates {
            Ok(rates) => Rate::sum(rates.iter().filter(|rate| keys.contains(&rate.key)).map(|rate| rate.rate.clone())),
            Err(reason) => Rate::unknown(reason.clone()),
        };
        all.iter().map(|(at, rates)| Point::of_rate(*at, &rate(rates))).collect()
    };
    [
        Series::new("transactions", "transactions", Unit::PerSecond, points(&["commits", "rollbacks"])),
        Series::new("wal_bytes", "WAL", Unit::BytesPerSecond, points(&["wal_bytes"])),
        Series::new("temp_bytes", "temporary file data", Unit::BytesPerSecond, points(&["temp_bytes"])),
    ]
}

/// Whether counters continue from one snapshot to the next, unless they were reset.
fn continued(step: &Identity) -> Result<(), String> {
    match step.relation {
        Relation::SameServer => Ok(()),
        Relation::OtherNode => Err("the snapshots are of two nodes, each with its own counters".to_owned()),
        Relation::Upgraded => Err("the cluster was upgraded, and the counters began again".to_owned()),
        Relation::Different => Err("the snapshots are of different clusters".to_owned()),
    }
}

/// Figures of databases, file systems, tables and sequences.
fn of_names(moments: &[Moment<'_>]) -> Vec<Series> {
    let all = |figures: fn(&Moment<'_>) -> Named| {
        by_name(&moments.iter().map(|moment| (moment.at, figures(moment))).collect::<Vec<_>>())
    };
    let databases = all(moment::databases).into_iter();
    let databases =
        databases.map(|(name, points)| Series::new("database_bytes", "database", Unit::Bytes, points).of(name));
    let disks = all(moment::free_space).into_iter().map(|(name, points)| {
        let full = Limit { value: 0.0, words: "disk full".to_owned() };
        Series::new("disk_free_bytes", "free disk space for", Unit::Bytes, points).of(name).toward(Some(full))
    });
    let tables = all(moment::tables).into_iter();
    let tables = tables.map(|(name, points)| Series::new("table_bytes", "table", Unit::Bytes, points).of(name));
    let mut tables: Vec<Series> = tables.filter(|table| table.rise() > Some(0.0)).collect();
    tables.sort_by(|a, b| b.rise().partial_cmp(&a.rise()).unwrap_or(std::cmp::Ordering::Equal));
    tables.truncate(TABLES);
    let mut sequences = all(moment::sequences);
    let nearest = moments.last().map_or_else(Vec::new, |last| moment::nearest_end(last, SEQUENCES)).into_iter();
    let sequences = nearest.filter_map(|name| {
        let points = sequences.remove(&name)?;
        let end = Limit { value: 0.0, words: "no more numbers".to_owned() };
        Some(Series::new("sequence_left", "numbers left in sequence", Unit::Count, points).of(name).toward(Some(end)))
    });
    databases.chain(disks).chain(tables).chain(sequences).collect()
}
