//! How far a table is past its autovacuum thresholds, and whether autovacuum had the time to process it.

use jiff::Timestamp;
use pgdba_pg::{Bytes, Millis, Ratio};

use super::column_statistics::ColumnStatistics;
use super::tables::{Table, multiple};
use super::time::age;

/// The header of a row and the pointer to it, the least that a row takes.
const LEAST_ROW: f64 = 28.0;

/// Smaller tables are negligible where their storage parameter disables autovacuum.
pub const EXCLUDED_FROM: Bytes = Bytes::megabytes(10);

impl Table {
    /// Whether its storage parameter disables autovacuum although rows change, which is then the cause of what autovacuum has not
    /// done there.
    #[must_use]
    pub fn is_excluded_from_autovacuum(&self) -> bool {
        self.autovacuum.is_disabled_for_table()
            && !self.autovacuum.is_inherited()
            && self.size.is_some_and(|size| size.bytes >= EXCLUDED_FROM)
            && self.changed_rows() > Some(0)
    }

    /// Rows inserted since the last VACUUM as a multiple of its threshold (13).
    #[must_use]
    pub fn insert_multiple(&self) -> Option<f64> {
        multiple(self.stat.as_deref()?.n_ins_since_vacuum?, self.thresholds.insert)
    }

    /// Rows changed since the last ANALYZE as a multiple of its threshold.
    #[must_use]
    pub fn analyze_multiple(&self) -> Option<f64> {
        multiple(self.stat.as_deref()?.n_mod_since_analyze?, self.thresholds.analyze)
    }

    /// The greatest multiple of the thresholds of VACUUM, in dead and in inserted rows.
    #[must_use]
    pub fn vacuum_multiple(&self) -> Option<f64> {
        match (self.dead_multiple(), self.insert_multiple()) {
            (Some(dead), Some(inserted)) => Some(dead.max(inserted)),
            (dead, inserted) => dead.or(inserted),
        }
    }

    /// The share of its rows that is dead.
    #[must_use]
    pub fn dead_share(&self) -> Option<Ratio> {
        let (dead, live) = (self.dead_rows()?, self.live_rows()?);
        Ratio::of(dead, dead.saturating_add(live))
    }

    /// The greater of its freeze ages as a multiple of the age from which autovacuum freezes it.
    #[must_use]
    pub fn freeze_multiple(&self) -> Option<f64> {
        let share = |age: Option<i64>, limit: Option<i64>| multiple(age?, limit.map(|limit| limit as f64));
        let xids = share(self.freeze_age, self.thresholds.freeze);
        let multixacts = share(self.multixact_age, self.thresholds.multixact);
        xids.into_iter().chain(multixacts).reduce(f64::max)
    }

    /// Whether it is new to autovacuum, which processes every table soon after it was filled: neither VACUUM nor ANALYZE has
    /// counted its rows yet.
    #[must_use]
    pub fn is_new_to_autovacuum(&self) -> bool {
        let is_counted = self.reltuples.is_some() || self.last_vacuum().is_some() || self.last_analyze().is_some();
        !is_counted && !self.autovacuum.is_disabled()
    }

    /// The least number of dead rows that it had at its last ANALYZE: those of now, if every row that changed since then had left
    /// one.
    #[must_use]
    pub fn dead_rows_at_analyze(&self) -> Option<i64> {
        let stat = self.stat.as_deref()?;
        self.last_analyze()?;
        Some(stat.n_dead_tup?.saturating_sub(stat.n_mod_since_analyze?))
    }

    /// The dead rows that it has had for at least so long, as far as its last ANALYZE shows it.
    #[must_use]
    pub fn dead_rows_for(&self, now: Timestamp, time: Millis) -> Option<i64> {
        self.dead_rows_at_analyze().filter(|_| self.is_analyzed_before(now, time))
    }

    /// Whether autovacuum has left more dead rows than its threshold, as far as the last ANALYZE shows it: autovacuum, which would
    /// have vacuumed the table before, ran it, or it was at least so long before `now`.
    #[must_use]
    pub fn is_passed_over(&self, now: Timestamp, time: Millis) -> bool {
        let is_above = self.dead_multiple_of(self.dead_rows_at_analyze()) >= Some(1.0);
        let by_autovacuum = || self.stat.as_deref().is_some_and(|stat| stat.last_autoanalyze >= stat.last_analyze);
        is_above && (by_autovacuum() || self.is_analyzed_before(now, time))
    }

    /// So many dead rows as a multiple of its autovacuum threshold.
    #[must_use]
    pub fn dead_multiple_of(&self, rows: Option<i64>) -> Option<f64> {
        // It is processed for one dead row at the earliest.
        multiple(rows?, self.thresholds.vacuum.map(|threshold| threshold.max(1.0)))
    }

    /// The rows that were inserted since the last VACUUM and have been there for at least so long, as a multiple of its threshold;
    /// those of a table for which autovacuum is disabled count without that.
    #[must_use]
    pub fn inserted_multiple_for(&self, now: Timestamp, time: Millis) -> Option<f64> {
        let stat = self.stat.as_deref()?;
        let inserted = stat.n_ins_since_vacuum?;
        let since = if self.autovacuum.is_disabled() { 0 } else { stat.n_mod_since_analyze? };
        let had_time = self.autovacuum.is_disabled() || self.is_analyzed_before(now, time);
        multiple(inserted.saturating_sub(since), self.thresholds.insert).filter(|_| had_time)
    }

    /// Whether its last ANALYZE was at least so long before `now`.
    #[must_use]
    pub fn is_analyzed_before(&self, now: Timestamp, time: Millis) -> bool {
        self.last_analyze().and_then(|analyzed| age(now, analyzed)) >= Some(time)
    }

    /// The most dead rows that fit into its file beside the live rows, by the width that ANALYZE measured, or by that of the rows
    /// as of the rewrite; none if its file was not rewritten, since VACUUM FULL and CLUSTER do not reset the counter.
    fn dead_rows_that_fit(&self, statistics: Option<&ColumnStatistics>) -> Option<i64> {
        let Bytes(size) = self.size.filter(|_| self.is_rewritten)?.bytes;
        let analyzed = statistics.and_then(|statistics| statistics.row_width(self.name.database(), self.oid));
        let was_counted = self.last_vacuum().is_some() || self.last_analyze().is_some();
        let as_of_rewrite = || self.reltuples.filter(|rows| *rows > 0.0 && !was_counted).map(|rows| size as f64 / rows);
        let width = analyzed.map(|width| width + LEAST_ROW).or_else(as_of_rewrite).unwrap_or(LEAST_ROW);
        Some((size as f64 / width) as i64 - self.live_rows()?)
    }

    /// Whether its dead rows were counted before its file was rewritten: less than half of them would fit into it.
    #[must_use]
    pub fn is_rewritten_since(&self, statistics: Option<&ColumnStatistics>) -> bool {
        let fit = self.dead_rows_that_fit(statistics);
        fit.zip(self.dead_rows()).is_some_and(|(fit, dead)| fit < dead / 2)
    }

    /// How long before `now` it was last vacuumed.
    #[must_use]
    pub fn since_vacuum(&self, now: Timestamp) -> Option<Millis> {
        age(now, self.last_vacuum()?)
    }

    /// A statement that changes its storage parameters; those of a TOAST table are changed through its table.
    #[must_use]
    pub fn alter(&self, verb: &str, parameters: &[String]) -> String {
        let prefix = if self.is_own() { "" } else { "toast." };
        let parameters: Vec<String> = parameters.iter().map(|parameter| format!("{prefix}{parameter}")).collect();
        format!("ALTER TABLE {} {verb} ({});", self.remedied().sql(), parameters.join(", "))
    }

    /// The table that statements name: of a TOAST table the one it belongs to.
    #[must_use]
    pub fn remedied(&self) -> &super::relation::RelationName {
        self.owner.as_ref().unwrap_or(&self.name)
    }
}
