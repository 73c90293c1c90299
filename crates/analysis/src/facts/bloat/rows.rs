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

#[cfg(test)]
mod tests {
    use super::*;

    /// Counters: rows inserted, deleted, live, and whether ANALYZE has run since they were reset.
    fn counters(inserted: i64, deleted: i64, live: i64, is_analyzed: bool) -> PgStatUserTable {
        let time = if is_analyzed { "\"2026-01-01T00:00:00Z\"" } else { "null" };
        let document = format!(
            r#"{{ "pg_stat_user_tables": [ {{ "relid": 1, "n_tup_ins": {inserted}, "n_tup_del": {deleted},
                 "n_live_tup": {live}, "last_analyze": {time} }} ] }}"#
        );
        crate::example::snapshot(&document).unwrap().section::<PgStatUserTable>().rows.remove(0)
    }

    #[test]
    fn the_counter_that_is_right_is_told_from_those_that_are_not() {
        // reltuples, inserted, deleted, n_live_tup, analyzed: rows, stale.
        let cases = [
            (Some(60_000.0), (60_000, 0, 60_000, true), (60_000.0, false)),
            // Half of the rows deleted since ANALYZE.
            (Some(60_000.0), (60_000, 30_000, 30_000, true), (30_000.0, false)),
            // Loaded and analyzed in one session, which counts the load twice; then half deleted in another.
            (Some(60_000.0), (60_000, 0, 120_000, true), (60_000.0, false)),
            (Some(60_000.0), (60_000, 30_000, 90_000, true), (30_000.0, false)),
            // An aborted load, which n_tup_ins counts.
            (Some(40_000.0), (80_000, 0, 40_000, true), (40_000.0, false)),
            // Counters reset, then ANALYZE and inserts.
            (Some(60_000.0), (5000, 0, 65_000, true), (65_000.0, false)),
            // Counters reset, and nothing or little since.
            (Some(60_000.0), (0, 0, 0, false), (60_000.0, true)),
            (Some(60_000.0), (0, 1000, 0, false), (59_000.0, true)),
            // CREATE INDEX counted the first rows of a growing table, or the rows before a mass delete.
            (Some(1000.0), (90_000, 0, 90_000, false), (90_000.0, false)),
            (Some(90_000.0), (90_000, 89_000, 1000, false), (1000.0, false)),
            // Never vacuumed or analyzed.
            (None, (500, 100, 400, false), (400.0, false)),
        ];
        for (reltuples, (inserted, deleted, live, is_analyzed), expected) in cases {
            let stat = counters(inserted, deleted, live, is_analyzed);
            let rows = Counted { reltuples, relpages: 100.0, pages: 100.0, stat: Some(&stat) }.live().unwrap();
            assert_eq!((rows.count, rows.is_stale), expected, "{reltuples:?} {inserted} {deleted} {live}");
        }
        assert_eq!(Counted { reltuples: None, relpages: 0.0, pages: 0.0, stat: None }.live(), None);
    }

    #[test]
    fn a_table_that_grew_after_its_counters_were_reset_has_as_many_rows_in_a_page() {
        let stat = counters(0, 0, 0, false);
        let rows = Counted { reltuples: Some(1000.0), relpages: 10.0, pages: 30.0, stat: Some(&stat) }.live().unwrap();
        assert_eq!((rows.count, rows.versions), (3000.0, None));
    }
}
