//! The pages that a table has and needs.

use super::catalog::Catalog;
use super::column::Column;
use super::estimate::Need;
use super::heap::{Heap, POINTER};
use super::rows::{Counted, Rows};
use crate::facts::columns::ColumnDefinition;
use crate::facts::relation::storage_parameter;
use crate::format::{Checked, NotAssessed};

/// Fewer pages than this are not assessed: one page more or less is then most of the difference.
pub const MIN_PAGES: i64 = 10;

/// Pages by which COPY and CREATE TABLE AS extend a table ahead of its rows, and the version that introduced it.
const EXTENDED_AHEAD: f64 = 64.0;
const EXTENDS_AHEAD: i64 = 16;

/// By how much the pages that rows of the estimated width need can exceed those that there are.
const CONTRADICTION: f64 = 1.1;

/// Rows changed since ANALYZE, as a share of the table, from which its statistics are outdated.
const OUTDATED: f64 = 0.5;

const NO_STATISTICS: &str = "the planner has no statistics about the columns; run ANALYZE";
const HIDDEN: &str = "the statistics of the columns are hidden from the collecting role";
pub(super) const RESET: &str =
    "the counters were reset or do not count, so changes since the last VACUUM or ANALYZE are unknown; run ANALYZE";
const STANDBY: &str = "a standby does not count the changes since the last VACUUM or ANALYZE";
const UNMEASURED: &str = "the size is as of the last VACUUM or ANALYZE";
const CONTRADICTED: &str = "the statistics of the columns contradict the size; run ANALYZE";
const CHANGED: &str = "more than half of the rows changed since the last ANALYZE";
const MISSING_COLUMN: &str = "the planner has no statistics about some columns";

/// What is known of a table, for itself and for its indexes.
#[derive(Debug)]
pub(super) struct TableModel {
    /// Its columns, each with its number.
    pub(super) columns: Vec<(i64, Column)>,
    /// Its rows, where they are known.
    pub(super) rows: Option<Rows>,
    /// Its rows when it was analyzed.
    pub(super) rows_before: f64,
    /// Whether it has statistics of its columns.
    pub(super) has_stats: bool,
    /// Whether most of its rows changed since they were made.
    pub(super) is_outdated: bool,
    /// Its layout, where the width of all columns is known.
    heap: Option<Heap>,
    pages: f64,
    is_measured: bool,
    /// Whether a rewrite changes the width of rows: columns were dropped, or added with a default.
    is_reshaped: bool,
}

impl TableModel {
    /// The table at this position; none of one whose size is unknown.
    pub(super) fn of(catalog: &Catalog<'_>, position: usize) -> Option<Self> {
        let class = catalog.class(position)?;
        let definitions = catalog.columns(position);
        let has_toast = class.reltoastrelid.and_then(|oid| catalog.relations.position(class.datname.as_deref(), oid));
        let has_toast = has_toast.and_then(|toast| catalog.relations.size(toast)).is_some_and(|size| size.bytes.0 > 0);
        let column = |definition: &ColumnDefinition| {
            let (ty, stats) = (catalog.type_of(position, definition), catalog.stats_of(position, definition.number));
            (definition.number, Column::new(definition, ty, stats, has_toast))
        };
        let columns: Vec<(i64, Column)> = definitions.iter().map(column).collect();
        let has_stats = !catalog.stats(position).is_empty();
        let is_known = !columns.is_empty() && (has_stats || columns.iter().all(|(_, column)| !column.is_guessed));
        let natts = class.relnatts.and_then(|count| usize::try_from(count).ok()).unwrap_or(columns.len());
        let layout: Vec<Column> = columns.iter().map(|(_, column)| column.clone()).collect();
        let fillfactor = storage_parameter(class, "fillfactor").and_then(|value| value.parse().ok()).unwrap_or(100.0);
        let heap = is_known.then(|| Heap::new(&layout, natts, fillfactor, catalog.block_size));

        let size = catalog.relations.size(position);
        let relpages = class.relpages.unwrap_or(0).max(0) as f64;
        let pages = size.map_or(relpages, |size| (size.bytes.0 as f64 / catalog.block_size).ceil());
        let stat = catalog.counters(position);
        let was_counted = class.reltuples > Some(0.0) || (class.reltuples == Some(0.0) && relpages > 0.0);
        let reltuples = class.reltuples.filter(|_| was_counted);
        let counted = Counted { reltuples, relpages, pages, stat };
        let rows = counted.live();
        let is_measured = size.is_some_and(|size| size.is_measured);
        let dead =
            stat.and_then(|stat| stat.n_dead_tup).filter(|_| class.is_rewritten != Some(true)).unwrap_or(0) as f64;
        let pages = match (&heap, rows) {
            (Some(heap), Some(rows)) if !is_measured => {
                pages.max(heap.pages(rows.count)).max(heap.filled_pages(rows.count + dead))
            }
            _ => pages,
        };
        let changed = stat.and_then(|stat| stat.n_mod_since_analyze).unwrap_or(0) as f64;
        Some(Self {
            is_reshaped: natts > columns.len() || definitions.iter().any(|column| column.has_missing),
            is_outdated: has_stats && rows.is_some_and(|rows| changed > OUTDATED * rows.count.max(1.0)),
            rows_before: counted.analyzed(rows),
            columns,
            rows,
            has_stats,
            heap,
            pages,
            is_measured,
        })
    }

    /// The pages that it has and needs.
    ///
    /// # Errors
    /// Why they cannot be estimated.
    pub(super) fn need(&self, catalog: &Catalog<'_>) -> Checked<Need> {
        require_pages(self.pages)?;
        let Some(rows) = self.rows else {
            return Err(NotAssessed::because("the rows were never counted: run ANALYZE"));
        };
        if rows.is_stale && !catalog.is_standby {
            return Err(NotAssessed::because(RESET));
        }
        let history = rows.versions.map(|versions| self.pages * (rows.count / versions.max(1.0)).min(1.0));
        let mut doubts = self.doubts(catalog, rows);
        let by_width = self.heap.map(|heap| heap.pages(rows.count));
        let is_contradicted = by_width.is_some_and(|needed| needed > CONTRADICTION * self.pages);
        let needed = match (by_width.filter(|_| !is_contradicted), history) {
            (Some(needed), Some(history)) => {
                let (least, uncertainty) = (self.least(history, needed, catalog, rows), self.uncertainty());
                // Rows of uncertain width that need little more than that: no space was reused, which makes it exact.
                let is_exact = uncertainty > 0.0 && needed < least * (1.0 + uncertainty);
                if is_exact { least.round() } else { needed.max(least.floor()) }
            }
            (Some(needed), None) => needed,
            (None, Some(history)) => history,
            (None, None) => return Err(NotAssessed::because(unknown_width(catalog, is_contradicted))),
        };
        if is_contradicted && !self.is_reshaped {
            doubts.push(CONTRADICTED);
        }
        let band = self.band(rows, is_contradicted && !self.is_reshaped);
        Ok(Need { pages: self.pages, needed: needed.min(self.pages), band, slack: 1.0, doubts })
    }

    /// The least that it needs according to the versions of rows that were ever made: those that are gone had their space.
    fn least(&self, history: f64, needed: f64, catalog: &Catalog<'_>, rows: Rows) -> f64 {
        if self.is_reshaped {
            return 0.0;
        }
        let ahead = if catalog.major >= Some(EXTENDS_AHEAD) && needed < history { EXTENDED_AHEAD } else { 0.0 };
        let share = if self.pages > 0.0 { history / self.pages } else { 0.0 };
        // Rows that were rolled back are counted too, within the tolerance of the comparison.
        if rows.band > 0.05 { 0.0 } else { (self.pages - ahead).max(0.0) * share }
    }

    fn doubts(&self, catalog: &Catalog<'_>, rows: Rows) -> Vec<&'static str> {
        let no_statistics = if catalog.are_stats_partial() { HIDDEN } else { NO_STATISTICS };
        let misses_some = self.has_stats && self.columns.iter().any(|(_, column)| column.is_guessed);
        let all = [
            (!self.has_stats, no_statistics),
            (rows.is_stale, STANDBY),
            (!self.is_measured && rows.is_stale, UNMEASURED),
            (self.is_outdated, CHANGED),
            (misses_some, MISSING_COLUMN),
        ];
        all.into_iter().filter(|(applies, _)| *applies).map(|(_, doubt)| doubt).collect()
    }

    /// By which share the width of rows can be off because the lengths of values are means.
    fn uncertainty(&self) -> f64 {
        let varying = self.columns.iter().filter(|(_, column)| column.varies && column.nulls < 1.0).count() as f64;
        self.heap.map_or(0.0, |heap| 3.5 * varying.sqrt() / (heap.row.mean + POINTER))
    }

    fn band(&self, rows: Rows, is_contradicted: bool) -> f64 {
        let Some(heap) = self.heap.filter(|_| !is_contradicted) else { return rows.band + 0.5 };
        let (uncertainty, item) = (self.uncertainty(), heap.row.mean + POINTER);
        let is_guessed = self.columns.iter().any(|(_, column)| column.is_guessed);
        rows.band
            + uncertainty
            + if item > 400.0 { 0.03 } else { 0.0 }
            + if self.is_outdated && uncertainty > 0.0 { 0.05 } else { 0.0 }
            + if is_guessed { 0.3 } else { 0.0 }
            + if self.has_stats { 0.0 } else { 0.1 }
            + if self.is_measured { 0.0 } else { 0.02 }
    }
}

/// Whether there are enough pages for a share to mean something.
///
/// # Errors
/// There are not.
pub(super) fn require_pages(pages: f64) -> Checked<()> {
    if pages >= MIN_PAGES as f64 {
        return Ok(());
    }
    Err(NotAssessed::because(format!("smaller than {MIN_PAGES} pages, where one page more or less decides")))
}

fn unknown_width(catalog: &Catalog<'_>, is_contradicted: bool) -> &'static str {
    match (is_contradicted, catalog.are_stats_partial()) {
        (true, _) => CONTRADICTED,
        (false, true) => HIDDEN,
        (false, false) => NO_STATISTICS,
    }
}
