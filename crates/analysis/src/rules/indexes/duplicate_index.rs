//! Two indexes are the same.

use std::collections::BTreeMap;

use pgdba_pg::{Bytes, display};

use crate::engine::rule::{Parts, evidence};
use crate::facts::indexes::Index;
use crate::facts::relation::RelationName;
use crate::finding::{Confidence, Effort, Remedy, Severity, Subject};
use crate::{Detail, Facts, NotAssessed, rule};

rule! {
    /// ## What it sees
    ///
    /// Two or more valid indexes of one table that agree in everything: access method, columns and their order,
    /// INCLUDE columns, operator classes, collations, sort order, uniqueness, treatment of nulls and storage
    /// parameters.
    ///
    /// ## Why it matters
    ///
    /// The second one never helps a query that the first does not help. It costs its size on disk and in memory, and
    /// work with every insert and most updates.
    ///
    /// ## Threshold
    ///
    /// Equal in everything. Indexes with expressions or a predicate are left out here, since their texts cannot be
    /// compared without doubt.
    ///
    /// ## Remedy
    ///
    /// Drop the ones that no constraint needs. One is always kept: the one behind a constraint, else the most
    /// scanned, else the oldest.
    ///
    /// ## When it is no fault
    ///
    /// While an index is being replaced: build the new one, then drop the old one.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, catalogue `pg_index`.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "t_a_idx", "relkind": "i", "amname": "btree" },
    ///                 { "oid": 16391, "nspname": "public", "relname": "t_a_idx1", "relkind": "i", "amname": "btree" } ],
    ///   "pg_index": [
    ///     { "indexrelid": 16390, "indrelid": 16385, "indkey": [1], "indclass": [1978], "indisvalid": true },
    ///     { "indexrelid": 16391, "indrelid": 16385, "indkey": [1], "indclass": [1978], "indisvalid": true } ] }
    /// ```
    /// ```json clean
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "t", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "t_a_idx", "relkind": "i", "amname": "btree" },
    ///                 { "oid": 16391, "nspname": "public", "relname": "t_a_idx1", "relkind": "i", "amname": "gin" } ],
    ///   "pg_index": [
    ///     { "indexrelid": 16390, "indrelid": 16385, "indkey": [1], "indclass": [1978], "indisvalid": true },
    ///     { "indexrelid": 16391, "indrelid": 16385, "indkey": [1], "indclass": [1978], "indisvalid": true } ] }
    /// ```
    rule duplicate_index {
        code: "PGD602",
        title: "Two indexes are the same",
        area: Indexes,
        needs: [pg_class, pg_index],
        thresholds: {},
    }
}

#[derive(Debug)]
struct Found {
    table: RelationName,
    keep: RelationName,
    drop: Vec<(RelationName, Option<Bytes>, Option<i64>)>,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    let mut groups = BTreeMap::<String, Vec<&Index>>::new();
    for index in facts.indexes.iter().filter(|index| is_comparable(index)) {
        groups.entry(signature(index)).or_default().push(index);
    }
    Ok(groups.into_values().filter_map(surplus).collect())
}

fn is_comparable(index: &Index) -> bool {
    let catalogue = &index.catalogue;
    let keys_known = catalogue.indkey.as_ref().is_some_and(|keys| !keys.is_empty());
    catalogue.indisvalid == Some(true)
        && catalogue.in_progress != Some(true)
        && catalogue.has_indexprs != Some(true)
        && catalogue.has_indpred != Some(true)
        && keys_known
}

/// A text that is equal for indexes that are equal in everything.
fn signature(index: &Index) -> String {
    let c = &index.catalogue;
    format!(
        "{:?}",
        (
            (&c.datname, c.indrelid, &index.relkind, &index.amname, &index.reloptions),
            (&c.indkey, c.indnkeyatts, &c.indclass, &c.indcollation, &c.indoption),
            (c.indisunique, c.indimmediate, c.indnullsnotdistinct, c.indisexclusion),
        )
    )
}

/// What of a group of equal indexes can go. None where constraints need all of them.
fn surplus(mut group: Vec<&Index>) -> Option<Found> {
    group.sort_by_key(|index| (!index.is_needed(), std::cmp::Reverse(index.idx_scan), index.catalogue.indexrelid));
    let (keep, rest) = group.split_first()?;
    let drop: Vec<_> = rest
        .iter()
        .filter(|index| !index.is_needed())
        .map(|index| (index.name.clone(), index.size, index.idx_scan))
        .collect();
    (!drop.is_empty()).then(|| Found { table: keep.table.clone(), keep: keep.name.clone(), drop })
}

fn describe(found: &Found) -> Parts {
    let names: Vec<String> = found.drop.iter().map(|(name, ..)| name.to_string()).collect();
    let bytes = found.drop.iter().filter_map(|(_, size, _)| *size).map(|size| size.0).fold(0, i64::saturating_add);
    let rows = found.drop.iter().map(|(name, size, scans)| vec![name.to_string().into(), (*size).into(), (*scans).into()]);
    let drop_one = |(name, ..): &(RelationName, _, _)| format!("DROP INDEX CONCURRENTLY {};", name.sql());
    let statements: Vec<String> = found.drop.iter().map(drop_one).collect();
    Parts {
        severity: Severity::Warning,
        confidence: Confidence::High,
        subject: Subject::Index(names.first().cloned().unwrap_or_default()),
        summary: format!("Drop {}, the same as {}", names.join(", "), found.keep),
        rationale: "It serves no query that the other does not serve, and every write maintains both.".to_owned(),
        evidence: vec![
            evidence("table", found.table.to_string()),
            evidence("kept", found.keep.to_string()),
            evidence("space freed", Bytes(bytes)),
        ],
        details: vec![Detail::table(format!("Indexes equal to {}", found.keep), &["index", "size", "scans"], rows)],
        remedy: Remedy {
            text: format!(
                "Drop {}; queries use the other one from then on.",
                display::counted(i64::try_from(names.len()).unwrap_or(i64::MAX), "index", "indexes")
            ),
            sql: Some(found.table.run_there(statements.join("\n"))),
            effort: Effort::Online,
            impact: Some("Reads and writes go on; it waits for older transactions.".to_owned()),
            undo: Some("Keep the output of pg_get_indexdef() to create it again.".to_owned()),
            sets: None,
        },
        source: "PostgreSQL manual, pg_index",
    }
}
