//! How many rows a table has now.

use pgdba_snapshot::sections::pg_stat_user_tables::PgStatUserTable;

/// Two counts are equal within this share: ANALYZE of a large table estimates.
const NEARLY: f64 = 0.02;

/// What is known of a table's rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<'a> {
    /// `reltuples`, where VACUUM, ANALYZE or CREATE INDEX set it.
    pub(super) reltuples: Option<f64>,
    /// Pages when `reltuples` was set.
    pub(super) relpages: f64,
    /// Pages now.
    pub(super) pages: f64,
    /// Its counters.
    pub(super) stat: Option<&'a PgStatUserTable>,
}

/// Live rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rows {
    /// How many.
    pub(super) count: f64,
    /// By which share that can be off.
    pub(super) band: f64,
    /// Rows inserted and updated, if the counters saw every version of every row that is there.
    pub(super) versions: Option<f64>,
    /// Whether counters that say what happened since VACUUM or ANALYZE are lost.
    pub(super) is_stale: bool,
    /// Whether rows were ever deleted.
    pub(super) has_deletes: bool,
}

impl Counted<'_> {
    /// The live rows; none if nothing was ever counted.
    pub(super) fn live(&self) -> Option<Rows> {
        let number =
            |counter: fn(&PgStatUserTable) -> Option<i64>| self.stat.and_then(counter).map_or(0.0, |n| n as f64);
        let (inserted, deleted) = (number(|stat| stat.n_tup_ins), number(|stat| stat.n_tup_del));
        let (live, net) = (number(|stat| stat.n_live_tup), inserted - deleted);
        let versions = |count: f64| is_near(net, count).then(|| inserted + number(|stat| stat.n_tup_upd));
        let has_deletes = deleted > 0.0;
        let rows =
            |count: f64, band: f64| Rows { count, band, versions: versions(count), is_stale: false, has_deletes };
        let Some(reltuples) = self.reltuples else {
            return (inserted > 0.0).then(|| rows(live, if is_same(live, net) { 0.005 } else { 0.03 }));
        };
        if !self.was_counted_since(inserted, reltuples) {
            return Some(self.scaled(reltuples, net));
        }
        Some(if is_same(live, net) {
            rows(live, 0.005)
        } else if is_near(reltuples, net) {
            // A session that loaded and analyzed the table has its rows counted twice.
            rows(if is_near(live, net) { live } else { reltuples }, 0.01)
        } else if is_near(live, reltuples + net) && inserted >= reltuples * (1.0 - NEARLY) {
            rows(net, 0.02)
        } else if self.has_times() {
            rows(live, 0.01)
        } else {
            self.scaled(reltuples, 0.0)
        })
    }

    /// The rows when the table was analyzed: VACUUM has counted them again since.
    pub(super) fn analyzed(&self, rows: Option<Rows>) -> f64 {
        let reltuples = self.reltuples.or(rows.map(|rows| rows.count)).unwrap_or(0.0);
        let Some(stat) = self.stat else { return reltuples };
        let analyzed = stat.last_analyze.max(stat.last_autoanalyze);
        if analyzed.is_none() || stat.last_vacuum.max(stat.last_autovacuum) <= analyzed {
            return reltuples;
        }
        let number = |counter: Option<i64>| counter.map_or(0.0, |count| count as f64);
        let (changed, updated, deleted) =
            (number(stat.n_mod_since_analyze), number(stat.n_tup_upd), number(stat.n_tup_del));
        // A table is loaded first and changed later, by updates and deletes in the proportion of their counters.
        let churned = changed.min(updated + deleted);
        let deleted = if churned > 0.0 { churned * deleted / (updated + deleted) } else { 0.0 };
        (rows.map_or(reltuples, |rows| rows.count) + deleted - (changed - churned)).max(1.0)
    }

    /// Whether VACUUM or ANALYZE set the counters, or they saw all rows being inserted.
    fn was_counted_since(&self, inserted: f64, reltuples: f64) -> bool {
        self.has_times() || (self.stat.is_some() && inserted >= reltuples * (1.0 - NEARLY))
    }

    fn has_times(&self) -> bool {
        self.stat.is_some_and(|stat| {
            [stat.last_vacuum, stat.last_autovacuum, stat.last_analyze, stat.last_autoanalyze]
                .iter()
                .any(Option::is_some)
        })
    }

    /// Counters that were reset: as many rows in a page as VACUUM or ANALYZE found, and what was counted since.
    fn scaled(&self, reltuples: f64, net: f64) -> Rows {
        let grown = if self.relpages > 0.0 { (self.pages / self.relpages).max(1.0) } else { 1.0 };
        let count = if net < 0.0 || grown <= 1.0 { reltuples + net } else { reltuples * grown };
        Rows { count: count.max(0.0), band: 0.1, versions: None, is_stale: true, has_deletes: true }
    }
}

fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.5
}

fn is_near(a: f64, b: f64) -> bool {
    (a - b).abs() <= NEARLY * a.abs().max(b.abs())
}
