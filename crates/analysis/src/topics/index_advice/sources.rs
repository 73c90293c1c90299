//! What suggestions come from. To add a source: a function, and its line in the list below.

use super::{Action, Options, Suggestion};
use crate::engine::drop_index;
use crate::engine::rule::Rule;
use crate::facts::View;
use crate::facts::bloat::Bloated;
use crate::facts::foreign_keys::ForeignKey;
use crate::facts::indexes::Index;
use crate::facts::relation::{RelationName, Size};
use crate::rules::bloat::index_bloat;
use crate::rules::indexes::{
    duplicate_index, foreign_key_without_index, invalid_index, redundant_index, sequentially_scanned_table,
    unused_index,
};
use crate::{Checked, Severity};
use pgdba_pg::display;

/// A source of suggestions.
pub(super) struct Source {
    /// The rule that finds the same.
    pub(super) rule: &'static Rule,
    /// Its suggestions.
    pub(super) find: fn(&View<'_>, &Options) -> Checked<Vec<Suggestion>>,
}

/// All sources. Of two that suggest to do something with the same index, the first counts.
pub(super) static SOURCES: [Source; 7] = [
    Source { rule: &foreign_key_without_index::RULE, find: foreign_keys },
    Source { rule: &sequentially_scanned_table::RULE, find: scanned_tables },
    Source { rule: &invalid_index::RULE, find: invalid },
    Source { rule: &duplicate_index::RULE, find: duplicates },
    Source { rule: &redundant_index::RULE, find: redundant },
    Source { rule: &unused_index::RULE, find: unused },
    Source { rule: &index_bloat::RULE, find: bloated },
];

fn foreign_keys(view: &View<'_>, options: &Options) -> Checked<Vec<Suggestion>> {
    let keys = foreign_key_without_index::unindexed(view, options.min_rows)?;
    let suggest = |key: &ForeignKey| {
        let table = &key.constraint.table;
        let references =
            key.constraint.references.as_ref().map_or_else(|| "the referenced table".to_owned(), ToString::to_string);
        let reads = match (key.is_partial(), key.partial_matches()) {
            (false, _) => display::counted(key.unindexed_rows(), "row", "rows"),
            (true, Some(rows)) => format!("about {}, found by a part of the key,", display::counted(rows, "row", "rows")),
            (true, None) => "an unknown number of rows, found by a part of the key,".to_owned(),
        };
        let reason = format!(
            "Foreign key {}: each DELETE on {references} and each UPDATE of its key reads {reads} of {table}, and so does each join from \
             {references}. {} deleted there.",
            key.constraint.row.conname,
            key.deletes.map_or_else(
                || "An unknown number of rows was".to_owned(),
                |rows| format!("{} were", display::counted(rows, "row", "rows"))
            ),
        );
        let severity = foreign_key_without_index::severity(key);
        Suggestion {
            columns: key.columns.clone(),
            bytes: Some(key.unindexed_bytes().0),
            rows: Some(key.unindexed_rows()),
            scans: Some(key.seq_scans()),
            sql: Some(table.run_there(&key.create_index())),
            ..suggestion(Action::Create, foreign_key_without_index::RULE.name, severity, table, reason)
        }
    };
    Ok(keys.into_iter().filter(|key| options.is_about(&key.constraint.table)).map(suggest).collect())
}

fn scanned_tables(view: &View<'_>, options: &Options) -> Checked<Vec<Suggestion>> {
    let scanned = sequentially_scanned_table::scanned(view, options.min_rows)?;
    let suggestions = scanned.iter().filter(|reads| options.is_about(&reads.table.name)).map(|reads| {
        let reason = format!(
            "Sequential scans read {} rows each. Find the statements with pgdba query top --sort io, and create an index on the \
             columns that they filter by.",
            display::count(reads.rows_per_scan())
        );
        let rule = &sequentially_scanned_table::RULE;
        Suggestion {
            bytes: bytes(reads.table.size),
            rows: reads.table.rows(),
            scans: Some(reads.seq_scans),
            counted_seconds: reads.counted_for().map(|time| time.seconds()),
            ..suggestion(Action::Examine, rule.name, rule.worst, &reads.table.name, reason)
        }
    });
    Ok(suggestions.collect())
}

fn invalid(view: &View<'_>, options: &Options) -> Checked<Vec<Suggestion>> {
    let invalid = view.invalid_indexes()?.iter().filter(|index| options.is_about(&index.table));
    let suggest = |index: &Index| {
        let (action, reason) = if index.is_leftover() {
            (Action::Drop, "An unfinished REINDEX or DROP INDEX CONCURRENTLY left it behind.")
        } else {
            (Action::Rebuild, "It is invalid: queries cannot use it. Rebuild it, or drop it if it is not needed.")
        };
        let rule = &invalid_index::RULE;
        let sql = drop_index::rebuild_or_drop(index);
        of_index(index, suggestion(action, rule.name, rule.worst, &index.table, reason.to_owned()), &sql)
    };
    Ok(invalid.map(suggest).collect())
}

fn duplicates(view: &View<'_>, options: &Options) -> Checked<Vec<Suggestion>> {
    let rule = &duplicate_index::RULE;
    let found = duplicate_index::check(view)?;
    let suggestions = found.iter().filter(|found| options.is_about(&found.index.table)).map(|found| {
        let reason = format!("It is identical to {}.", found.keep.name);
        drop(found.index, rule.name, rule.worst, reason)
    });
    Ok(suggestions.collect())
}

fn redundant(view: &View<'_>, options: &Options) -> Checked<Vec<Suggestion>> {
    let found = redundant_index::check(view)?;
    let suggestions = found.iter().filter(|found| options.is_about(&found.index.table)).map(|found| {
        let size = bytes(found.keep.size)
            .map_or_else(String::new, |size| format!(" ({})", display::bytes(pgdba_pg::Bytes(size))));
        let reason = format!("Its columns lead in {}{size}, which every query can use instead.", found.keep.name);
        drop(found.index, redundant_index::RULE.name, found.severity(), reason)
    });
    Ok(suggestions.collect())
}

fn unused(view: &View<'_>, options: &Options) -> Checked<Vec<Suggestion>> {
    let found = unused_index::check(view)?;
    let suggestions = found.iter().filter(|found| options.is_about(&found.index.table)).map(|found| {
        let standbys = match found.unknown_standbys {
            0 => String::new(),
            _ => " Check the standbys first, which count their own scans.".to_owned(),
        };
        let reason = format!("It was not scanned for {}.{standbys}", display::duration(found.idle));
        Suggestion {
            scans: found.scans,
            counted_seconds: Some(found.idle.seconds()),
            unknown_standbys: found.unknown_standbys,
            ..drop(found.index, unused_index::RULE.name, found.severity(), reason)
        }
    });
    Ok(suggestions.collect())
}

fn bloated(view: &View<'_>, options: &Options) -> Checked<Vec<Suggestion>> {
    let rule = &index_bloat::RULE;
    let found = index_bloat::check(view)?;
    let of_table = |index: &&&Bloated| index.table.as_ref().is_some_and(|table| options.is_about(table));
    let suggestions = found.iter().filter(of_table).filter_map(|index| {
        let wasted = index.wasted().map(display::bytes)?;
        let reason = format!("A rebuild would return about {wasted}.");
        Some(Suggestion {
            index: Some(index.name.bare().to_owned()),
            label: index.name.to_string(),
            bytes: bytes(index.size),
            sql: Some(index.name.run_there(&index_bloat::rebuild(index))),
            ..suggestion(Action::Rebuild, rule.name, rule.worst, index.table.as_ref()?, reason)
        })
    });
    Ok(suggestions.collect())
}

fn drop(index: &Index, source: &'static str, severity: Severity, reason: String) -> Suggestion {
    let sql = drop_index::statements(index);
    of_index(index, suggestion(Action::Drop, source, severity, &index.table, reason), &sql)
}

/// `suggestion` about an existing index.
fn of_index(index: &Index, suggestion: Suggestion, sql: &str) -> Suggestion {
    Suggestion {
        index: Some(index.name.bare().to_owned()),
        label: index.name.to_string(),
        bytes: bytes(index.size),
        scans: index.idx_scan,
        sql: Some(index.name.run_there(sql)),
        ..suggestion
    }
}

fn suggestion(
    action: Action,
    source: &'static str,
    severity: Severity,
    table: &RelationName,
    reason: String,
) -> Suggestion {
    Suggestion {
        action,
        source,
        severity,
        database: table.database().map(str::to_owned),
        schema: table.schema().to_owned(),
        table: table.bare().to_owned(),
        index: None,
        columns: Vec::new(),
        reason,
        bytes: None,
        rows: None,
        scans: None,
        counted_seconds: None,
        unknown_standbys: 0,
        sql: None,
        label: table.to_string(),
        table_label: table.to_string(),
    }
}

fn bytes(size: Option<Size>) -> Option<i64> {
    size.map(|size| size.bytes.0)
}
