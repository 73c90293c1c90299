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
    /// scanned, else the oldest. Partitions of an index stay: they go with the partitioned index. That one the server
    /// cannot drop CONCURRENTLY, so it locks the table and all its partitions for a moment.
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
    drop: Vec<Surplus>,
    /// Whether they are partitioned indexes.
    is_partitioned: bool,
}

#[derive(Debug)]
struct Surplus {
    name: RelationName,
    size: Option<Bytes>,
    scans: Option<i64>,
}

fn check(facts: &Facts) -> Result<Vec<Found>, NotAssessed> {
    let mut groups = BTreeMap::<String, Vec<&Index>>::new();
    for index in facts.indexes.iter().filter(|index| is_comparable(index)) {
        groups.entry(signature(index)).or_default().push(index);
    }
    Ok(groups.into_values().filter_map(|group| surplus(group, &facts.indexes)).collect())
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
fn surplus(mut group: Vec<&Index>, all: &[Index]) -> Option<Found> {
    group.sort_by_key(|index| (!index.is_needed(), std::cmp::Reverse(index.idx_scan), index.catalogue.indexrelid));
    let (keep, rest) = group.split_first()?;
    let dispensable = rest.iter().filter(|index| !index.is_needed());
    let drop: Vec<Surplus> = dispensable
        .map(|index| Surplus { name: index.name.clone(), size: index.whole_size(all), scans: index.idx_scan })
        .collect();
    (!drop.is_empty()).then(|| Found {
        table: keep.table.clone(),
        keep: keep.name.clone(),
        drop,
        is_partitioned: keep.is_partitioned(),
    })
}

fn describe(found: &Found) -> Parts {
    let names: Vec<String> = found.drop.iter().map(|one| one.name.to_string()).collect();
    let sizes: Vec<Bytes> = found.drop.iter().filter_map(|one| one.size).collect();
    let bytes = sizes.iter().map(|size| size.0).fold(0, i64::saturating_add);
    let freed = (!sizes.is_empty()).then_some(Bytes(bytes));
    let rows = found.drop.iter().map(|one| vec![one.name.to_string().into(), one.size.into(), one.scans.into()]);
    Parts {
        severity: Severity::Warning,
        confidence: Confidence::High,
        subject: Subject::Index(names.first().cloned().unwrap_or_default()),
        summary: format!("Drop {}, the same as {}", names.join(", "), found.keep),
        rationale: "It serves no query that the other does not serve, and every write maintains both.".to_owned(),
        evidence: [evidence("table", found.table.to_string()), evidence("kept", found.keep.to_string())]
            .into_iter()
            .chain(freed.map(|freed| evidence("space freed", freed)))
            .collect(),
        details: vec![Detail::table(format!("Indexes equal to {}", found.keep), &["index", "size", "scans"], rows)],
        remedy: remedy(found),
        source: "PostgreSQL manual, pg_index",
    }
}

/// A partitioned index cannot be dropped CONCURRENTLY, and is defined for the table only.
fn remedy(found: &Found) -> Remedy {
    let indexes = display::counted(i64::try_from(found.drop.len()).unwrap_or(i64::MAX), "index", "indexes");
    let (partitions, drop, impact, undo) = if found.is_partitioned {
        (
            " with the partitions of it",
            "DROP INDEX",
            "It locks the table and all its partitions against reads and writes, for a moment once it has the locks; \
             until then it waits for the transactions that use them, and new ones wait behind it.",
            "Run what pg_get_indexdef() gave before the drop, without the word ONLY, so that the partitions get their \
             indexes too; writes wait while they are built.",
        )
    } else {
        (
            "",
            "DROP INDEX CONCURRENTLY",
            "Reads and writes go on; it waits for older transactions.",
            "Run the CREATE INDEX that pg_get_indexdef() gave before the drop.",
        )
    };
    let define = |one: &Surplus| format!("SELECT pg_get_indexdef({});", one.name.regclass());
    let drop_one = |one: &Surplus| format!("{drop} {};", one.name.sql());
    let statements: Vec<String> = found.drop.iter().map(define).chain(found.drop.iter().map(drop_one)).collect();
    Remedy {
        text: format!(
            "Keep what pg_get_indexdef() gives: it creates the same again. Then drop {indexes}{partitions}; queries use \
             the other one from then on."
        ),
        sql: Some(found.table.run_there(statements.join("\n"))),
        effort: Effort::Online,
        impact: Some(impact.to_owned()),
        undo: None,
        undo_text: Some(undo.to_owned()),
        sets: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::finding::Finding;
    use crate::{Options, analyze, example};

    /// Two equal indexes of a table, on partitioned ones with a partition each, which are equal too.
    fn found(relkind: &str) -> Vec<Finding> {
        let class = |oid: i64, name: &str, relkind: &str, pages: i64, parent: Option<i64>| {
            json!({ "oid": oid, "nspname": "public", "relname": name, "relkind": relkind, "relpages": pages,
                    "amname": "btree", "inhparent": parent, "relispartition": parent.is_some() })
        };
        let index = |oid: i64, table: i64| {
            json!({ "indexrelid": oid, "indrelid": table, "indkey": [1], "indclass": [1978], "indisvalid": true })
        };
        let mut classes = vec![class(1, "t", "r", 1, None)];
        let mut indexes: Vec<Value> = Vec::new();
        for (oid, name) in [(10, "t_a"), (11, "it's")] {
            classes.push(class(oid, name, relkind, if relkind == "I" { 0 } else { 5 }, None));
            indexes.push(index(oid, 1));
        }
        if relkind == "I" {
            classes.push(class(2, "t1", "r", 1, Some(1)));
            // A partition of a partition is counted, what lies between has no size.
            for (oid, name, kind, pages, parent) in
                [(20, "t1_a", "i", 2, 10), (21, "t1_b", "I", 0, 11), (22, "t1_c", "i", 3, 21)]
            {
                classes.push(class(oid, name, kind, pages, Some(parent)));
                indexes.push(index(oid, 2));
            }
        }
        let document = json!({ "pg_class": classes, "pg_index": indexes });
        analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings
    }

    #[test]
    fn a_partitioned_index_is_dropped_as_the_server_takes_it_and_its_partitions_are_left_alone() {
        let [finding] = <[_; 1]>::try_from(found("I")).unwrap();
        let remedy = &finding.remedy;
        let sql = "SELECT pg_get_indexdef('public.\"it''s\"'::regclass);\nDROP INDEX public.\"it's\";";
        assert_eq!(remedy.sql.as_deref(), Some(sql));
        assert!(remedy.impact.as_ref().unwrap().contains("all its partitions against reads and writes"));
        assert!(remedy.undo_text.as_ref().unwrap().contains("without the word ONLY"));
        let freed = finding.evidence.iter().find(|one| one.name == "space freed").unwrap();
        assert_eq!(freed.value, crate::Quantity::Bytes(3 * 8192));
    }

    #[test]
    fn the_definition_is_asked_for_before_the_drop_and_the_undo_is_no_statement() {
        let [finding] = <[_; 1]>::try_from(found("i")).unwrap();
        let remedy = &finding.remedy;
        let sql = "SELECT pg_get_indexdef('public.\"it''s\"'::regclass);\nDROP INDEX CONCURRENTLY public.\"it's\";";
        assert_eq!((remedy.sql.as_deref(), &remedy.undo), (Some(sql), &None));
        assert!(remedy.undo_text.as_ref().unwrap().starts_with("Run the CREATE INDEX"));
    }
}
