//! The pages that a B-tree index has and needs.

use super::btree::{Btree, ENTRY_HEADER, NULL_BITMAP};
use super::catalog::Catalog;
use super::column::Column;
use super::estimate::Need;
use super::groups::{Analyzed, Groups, Present};
use super::pieces::{Pieces, Posting};
use super::predicate::{Known, known};
use super::table::{RESET, TableModel, require_pages};
use super::width::{Walk, Width};
use crate::facts::indexes::Index;
use crate::format::{Checked, NotAssessed};

/// Key columns whose nulls are told apart; each doubles the number of patterns.
const MOST_NULLABLE: usize = 4;

/// Bytes from which a key is compressed.
const COMPRESSED: f64 = 508.0;

/// By how much the pages that entries of the estimated size need can exceed those that there are.
const CONTRADICTION: f64 = 1.1;

const NO_STATISTICS: &str = "the planner has no statistics about the columns; run ANALYZE";
const OUT_OF_LINE: &str = "values are stored out of line in the table, so their size in the index is unknown";
const CONTRADICTED: &str = "the statistics of the columns contradict the size";
const STANDBY: &str = "a standby does not count the changes since the last VACUUM or ANALYZE";
const CHANGED: &str = "more than half of the table's rows changed since the last ANALYZE";

/// How the columns of a key depend on each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dependence {
    /// Not at all.
    Independent,
    /// All follow from the one with most values.
    Dependent,
}

/// What is assumed about the keys.
#[derive(Debug, Clone, Copy)]
struct Assumed {
    dependence: Dependence,
    /// See [`Present::thinned`].
    thinned: f64,
}

/// A column of an index.
#[derive(Debug)]
struct Part {
    column: Column,
    groups: Option<Groups>,
    is_key: bool,
}

impl Part {
    /// Whether it is a text that varies, with both values that repeat and others: which of them are long is not known.
    fn has_mixed_lengths(&self) -> bool {
        self.column.varies && self.groups.as_ref().is_some_and(|groups| (0.02..0.98).contains(&groups.common))
    }
}

/// An index with everything that its size depends on.
pub(super) struct IndexModel<'a> {
    index: &'a Index,
    table: &'a TableModel,
    parts: Vec<Part>,
    pages: f64,
    /// Its rows, and their share of the table's.
    rows: f64,
    share: f64,
    deduplicates: bool,
    btree: Btree,
}

impl<'a> IndexModel<'a> {
    /// The index at this position.
    ///
    /// # Errors
    /// Why its size cannot be estimated.
    pub(super) fn of(
        catalog: &Catalog<'_>,
        position: usize,
        index: &'a Index,
        (table, table_position): (&'a TableModel, usize),
    ) -> Checked<Self> {
        if index.amname.as_deref() != Some("btree") {
            return Err(NotAssessed::because(format!(
                "the size of {} indexes is not estimated",
                index.amname.as_deref().unwrap_or("unknown")
            )));
        }
        let size = index.size.ok_or_else(|| NotAssessed::because("the size is unknown"))?;
        let pages = (size.bytes.0 as f64 / catalog.block_size).ceil();
        require_pages(pages)?;
        let rows =
            table.rows.ok_or_else(|| NotAssessed::because("the rows of the table were never counted: run ANALYZE"))?;
        if rows.is_stale && !catalog.is_standby {
            return Err(NotAssessed::because(RESET));
        }
        let own = catalog.class(position).and_then(|class| class.reltuples).filter(|rows| *rows >= 0.0);
        let is_partial = index.catalog.has_indpred == Some(true);
        let share = match own.filter(|_| is_partial && table.rows_before > 0.0) {
            Some(own) => (own / table.rows_before).min(1.0),
            None => 1.0,
        };
        let parameter = |name: &str| {
            let options = index.reloptions.iter().filter_map(|option| option.split_once('='));
            options.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
        };
        let fillfactor = parameter("fillfactor").and_then(|value| value.parse().ok()).unwrap_or(90.0);
        let is_disabled = matches!(parameter("deduplicate_items"), Some("off" | "false" | "no" | "0"));
        let row = &index.catalog;
        let [classes, collations] = [&row.indclass, &row.indcollation].map(|list| list.as_deref().unwrap_or_default());
        let has_included = row.indnatts > row.indnkeyatts;
        let mut model = Self {
            index,
            table,
            parts: Vec::new(),
            pages,
            rows: rows.count * share,
            share,
            deduplicates: !index.is_unique()
                && !has_included
                && !is_disabled
                && catalog.can_deduplicate(&row.datname, classes, collations),
            btree: Btree { fillfactor, block_size: catalog.block_size },
        };
        model.parts = model.parts(catalog, position, table_position);
        Ok(model)
    }

    fn parts(&self, catalog: &Catalog<'_>, position: usize, table_position: usize) -> Vec<Part> {
        let keys = self.index.catalog.indkey.as_deref().unwrap_or_default();
        let key_count =
            self.index.catalog.indnkeyatts.and_then(|count| usize::try_from(count).ok()).unwrap_or(keys.len());
        let predicate = catalog.predicate(position).unwrap_or_default();
        let analyzed = Analyzed {
            rows: self.table.rows_before,
            sample: catalog.sample(table_position).min(self.table.rows_before),
        };
        let part = |(at, attnum): (usize, &i64)| {
            let (owner, number) = if *attnum > 0 { (table_position, *attnum) } else { (position, at as i64 + 1) };
            let definition = catalog.column(owner, number)?;
            let stats = catalog.stats_of(owner, number);
            let (ty, is_expression) = (catalog.type_of(owner, definition), *attnum <= 0);
            let of_table =
                self.table.columns.iter().find(|(known, _)| known == attnum).map(|(_, column)| column.clone());
            let column = of_table.unwrap_or_else(|| Column::of_expression(definition, ty, stats));
            let mut column = column.in_index(ty);
            let mut groups = if self.deduplicates { stats.map(|stats| Groups::of(stats, analyzed)) } else { None };
            if !is_expression {
                match known(predicate, &definition.name) {
                    Known::Null => column.nulls = 1.0,
                    Known::NotNull => column.nulls = 0.0,
                    Known::OneValue => {
                        column.nulls = 0.0;
                        groups = Some(Groups::one());
                    }
                    Known::Nothing => {}
                }
            }
            Some(Part { column, groups, is_key: at < key_count })
        };
        keys.iter().enumerate().filter_map(part).collect()
    }

    /// The pages that it has and needs.
    ///
    /// # Errors
    /// Why they cannot be estimated.
    pub(super) fn need(&self) -> Checked<Need> {
        if self.parts.iter().any(|part| part.column.is_toasted) {
            return Err(NotAssessed::because(OUT_OF_LINE));
        }
        let rows = self.table.rows;
        let history = rows
            .and_then(|rows| rows.versions)
            .map(|versions| self.pages * (self.rows / (self.share * versions).max(1.0)).min(1.0));
        let is_unknown = self.parts.is_empty()
            || self.parts.iter().any(|part| part.column.is_guessed && part.column.is_varlena && part.column.align > 1);
        let fits = |needed: &f64| *needed <= CONTRADICTION * self.pages;
        let range = |dependence: Dependence| {
            let least = self.needed(Assumed { dependence, thinned: 0.0 });
            let most = if self.is_thinned() { self.needed(Assumed { dependence, thinned: 1.0 }) } else { least };
            (f64::midpoint(least, most), (most - least).abs() / 2.0)
        };
        let independent = (!is_unknown).then(|| range(Dependence::Independent));
        // More keys than there is room for: the columns depend on each other.
        let by_size = independent.map(|range_| if fits(&range_.0) { range_ } else { range(Dependence::Dependent) });
        let (by_size, spread) = (by_size.map(|range| range.0), by_size.map_or(0.0, |range| range.1));
        let is_contradicted = by_size.is_some_and(|needed| !fits(&needed));
        let mut doubts: Vec<&'static str> = Vec::new();
        let is_stale = rows.is_some_and(|rows| rows.is_stale);
        for (applies, doubt) in [
            (!self.table.has_stats, NO_STATISTICS),
            (is_contradicted, CONTRADICTED),
            (is_stale, STANDBY),
            (self.table.is_outdated, CHANGED),
        ] {
            if applies {
                doubts.push(doubt);
            }
        }
        let needed = match (by_size.filter(|_| !is_contradicted), history) {
            (Some(needed), _) => needed,
            (None, Some(history)) => history,
            (None, None) => {
                return Err(NotAssessed::because(if is_contradicted { CONTRADICTED } else { NO_STATISTICS }));
            }
        };
        let band = self.band(rows.map_or(0.1, |rows| rows.band), is_unknown || is_contradicted);
        Ok(Need { pages: self.pages, needed: needed.min(self.pages), band, slack: 1.5 + spread, doubts })
    }

    /// The pages that it needs.
    fn needed(&self, assumed: Assumed) -> f64 {
        let nullable: Vec<usize> =
            (0..).zip(&self.parts).filter(|(_, part)| is_nullable(part)).map(|(at, _)| at).collect();
        let told_apart: Vec<usize> = nullable.iter().copied().take(MOST_NULLABLE).collect();
        let mut pieces = Pieces::default();
        let mut sizes = (0.0, 0.0);
        for pattern in 0..1_u32 << told_apart.len() {
            let is_null = |at: usize| {
                let bit = told_apart.iter().position(|known| *known == at);
                bit.map(|bit| pattern & (1 << bit) != 0)
            };
            let share: f64 = told_apart
                .iter()
                .filter_map(|at| {
                    self.parts.get(*at).map(|part| {
                        if is_null(*at) == Some(true) { part.column.nulls } else { 1.0 - part.column.nulls }
                    })
                })
                .product();
            let entry = self.entry(&is_null);
            sizes = (sizes.0 + share * entry.mean, sizes.1 + share * entry.mean_square());
            self.add(&mut pieces, self.rows * share, entry, (&is_null, assumed));
        }
        let entry = Width { mean: sizes.0, variance: (sizes.1 - sizes.0 * sizes.0).max(0.0) };
        self.btree.pages(&pieces, Posting::new(entry.mean, self.btree.block_size), entry)
    }

    /// The size of an entry with these nulls.
    fn entry(&self, is_null: &dyn Fn(usize) -> Option<bool>) -> Width {
        let mut walk = Walk::begin();
        let mut has_nulls = false;
        for (at, part) in self.parts.iter().enumerate() {
            let present = match is_null(at) {
                Some(true) => 0.0,
                Some(false) => 1.0,
                None => 1.0 - part.column.nulls,
            };
            has_nulls |= present <= 0.0;
            walk.add(&part.column, present);
        }
        walk.end().plus(ENTRY_HEADER + if has_nulls { NULL_BITMAP } else { 0.0 })
    }

    /// Adds the rows with these nulls.
    fn add(&self, pieces: &mut Pieces, rows: f64, entry: Width, of: (&dyn Fn(usize) -> Option<bool>, Assumed)) {
        let groups = if self.deduplicates { self.groups(of.0, of.1.dependence) } else { Groups::unique() };
        if groups.are_unique() {
            pieces.add(rows, entry.mean + 4.0, entry.variance);
            return;
        }
        let mut add = |groups: &Groups, rows: f64, entry: Width| {
            let posting = Posting::new(entry.mean, self.btree.block_size);
            let before = self.table.rows_before * rows / self.table.rows.map_or(rows, |all| all.count).max(1.0);
            let present = Present { rows, before, thinned: of.1.thinned };
            groups.each(present, |keys, each| posting.add(pieces, keys, each));
        };
        match self.parts.as_slice() {
            [part] if part.has_mixed_lengths() && of.0(0) != Some(true) => {
                let (short, long) = part.column.split(groups.common);
                let (common, tail) = groups.split();
                add(&common, rows * groups.common, single(&short));
                add(&tail, rows * (1.0 - groups.common), single(&long));
            }
            _ => add(&groups, rows, entry),
        }
    }

    /// The groups of equal keys among the rows with these nulls.
    fn groups(&self, is_null: &dyn Fn(usize) -> Option<bool>, dependence: Dependence) -> Groups {
        let keys = self.parts.iter().enumerate().filter(|(_, part)| part.is_key);
        let of = |(at, part): (usize, &Part)| match is_null(at) {
            Some(true) => Groups::one(),
            _ if part.column.nulls >= 1.0 => Groups::one(),
            _ => part.groups.clone().unwrap_or_else(Groups::unique),
        };
        let combine = |all: Groups, more: Groups| match dependence {
            Dependence::Independent => all.with(&more),
            Dependence::Dependent => all.finer(&more),
        };
        keys.map(of).reduce(combine).unwrap_or_else(Groups::unique)
    }

    /// Whether deletes may have taken some rows of a key or all: its rows are next to each other.
    fn is_thinned(&self) -> bool {
        let is_clustered =
            |part: &Part| part.groups.as_ref().is_some_and(|groups| groups.is_clustered && groups.keys() > 1.5);
        self.deduplicates && self.table.rows.is_some_and(|rows| rows.has_deletes) && self.parts.iter().any(is_clustered)
    }

    fn band(&self, of_rows: f64, is_unknown: bool) -> f64 {
        if is_unknown {
            return 0.3 + of_rows;
        }
        let entry = self.entry(&|_| None).mean;
        let varying = self.parts.iter().filter(|part| part.column.varies).count() as f64;
        let duplicates = self.parts.iter().filter_map(|part| part.groups.as_ref());
        let has_duplicates = self.deduplicates && !self.groups(&|_| None, Dependence::Independent).are_unique();
        let is_sampled = has_duplicates && duplicates.clone().any(|groups| groups.is_sampled && !groups.are_unique());
        let several = has_duplicates && self.parts.iter().filter(|part| part.is_key).count() > 1;
        let name = self.parts.iter().any(|part| part.column.is_guessed);
        let all = [
            (has_duplicates, 0.02),
            (is_sampled, 0.05),
            (self.deduplicates && self.parts.iter().any(Part::has_mixed_lengths), 0.3),
            (several, 0.05),
            (self.share < 1.0, 0.04),
            (entry > 100.0 && varying > 0.0, 0.1),
            (entry > COMPRESSED, 0.3),
            (!self.table.has_stats, 0.3),
            (self.table.is_outdated, 0.05),
            (name, 0.4),
        ];
        let of_kind: f64 = all.iter().filter(|(applies, _)| *applies).map(|(_, band)| band).sum();
        0.01 + of_rows + 3.0 * varying.sqrt() / (entry + 4.0) + of_kind
    }
}

/// The size of an entry with one column.
fn single(column: &Column) -> Width {
    let mut walk = Walk::begin();
    walk.add(column, 1.0);
    walk.end().plus(ENTRY_HEADER)
}

/// Whether some of its values are null and others are not.
fn is_nullable(part: &Part) -> bool {
    part.column.nulls > 1e-4 && part.column.nulls < 1.0
}
