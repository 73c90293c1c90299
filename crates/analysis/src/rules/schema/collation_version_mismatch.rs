//! Collations that sort differently than when their indexes were built.

use crate::engine::prelude::*;
use crate::facts::collations::{ChangedCollation, ChangedCollations};
use crate::facts::relation::run_in;

rule! {
    /// ## What it sees
    ///
    /// Databases (15 and newer) and collations that record another version of the operating system's C library or of ICU than the one
    /// in use.
    ///
    /// ## Why it matters
    ///
    /// Another version may sort strings in another order. Indexes on text that were built before are then no longer in order: queries
    /// miss rows, and unique indexes accept duplicates. It happens with an upgrade of the operating system, or when a replica or a
    /// restored data directory runs on another one.
    ///
    /// ## Threshold
    ///
    /// None. Collations without a version (`C`, `POSIX`, the builtin provider) do not change. It is a notice if only collations have
    /// changed that no column and no index uses.
    ///
    /// ## Remedy
    ///
    /// Rebuild the indexes on text columns. REINDEX CONCURRENTLY skips invalid indexes and those of exclusion constraints, which are
    /// rebuilt one by one with REINDEX INDEX. The extension `amcheck` tells which indexes are really out of order.
    ///
    /// The second step, only if REINDEX reported neither an ERROR nor a WARNING, is to record the new version with REFRESH. Never
    /// refresh before the indexes are rebuilt: that only removes the warning. Collations that nothing uses are refreshed at once.
    ///
    /// ## When to ignore this
    ///
    /// If you know that the order of your strings is the same in both versions.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_database": [ { "oid": 5, "datname": "shop", "datallowconn": true, "datcollversion": "2.31", "actual_version": "2.36" } ],
    ///   "pg_collation": [] }
    /// ```
    /// ```json passed
    /// { "pg_database": [ { "oid": 5, "datname": "shop", "datallowconn": true, "datcollversion": "2.36", "actual_version": "2.36" },
    ///                    { "oid": 6, "datname": "c", "datallowconn": true } ],
    ///   "pg_collation": [ { "datname": "shop", "oid": 1, "nspname": "public", "collname": "de", "collversion": "153.120",
    ///                       "actual_version": "153.120" } ] }
    /// ```
    rule collation_version_mismatch {
        code: PGD1403,
        title: "The version of a collation library has changed",
        passed: "All collations have the version with which they were made",
        worst: Critical,
        reads: [changed_collations],
        source: "PostgreSQL manual, ALTER COLLATION: Notes",
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a ChangedCollations>> {
    Ok(view.changed_collations()?.iter().collect())
}

/// The statements that record the new versions in a database.
fn refresh(changed: &ChangedCollations) -> Vec<String> {
    let database = Subject::named(SubjectKind::Database, &changed.database);
    let default = changed.default.iter().map(|_| format!("ALTER DATABASE {database} REFRESH COLLATION VERSION;"));
    let others = changed.others.iter().map(|other| format!("ALTER COLLATION {} REFRESH VERSION;", other.name));
    default.chain(others).collect()
}

/// The statements that rebuild its indexes.
fn rebuild(changed: &ChangedCollations) -> Vec<String> {
    let database = Subject::named(SubjectKind::Database, &changed.database);
    let skipped = changed.skipped.iter().flatten().map(|index| format!("REINDEX INDEX {index};"));
    [format!("REINDEX DATABASE CONCURRENTLY {database};")].into_iter().chain(skipped).collect()
}

fn run_there(changed: &ChangedCollations, statements: &[String]) -> String {
    run_in(&changed.database, &statements.join("\n"))
}

fn subject(changed: &&ChangedCollations) -> About {
    let versions = changed.default.as_ref().map(|(before, now)| format!("{before}, now {now}"));
    let other = |other: &ChangedCollation| {
        let unused = if other.is_used { "" } else { ", not used" };
        format!("{} ({}, now {}{unused})", other.name, other.before, other.now)
    };
    let others: Vec<String> = changed.others.iter().map(other).collect();
    let is_used = changed.is_used();
    About::new(Subject::named(SubjectKind::Database, &changed.database), Weight::All)
        .severity(if is_used { Severity::Critical } else { Severity::Notice })
        .figures([
            Figure::new("default_collation", versions.unwrap_or_else(|| "unchanged".to_owned())),
            Figure::new("other_collations", if others.is_empty() { "none".to_owned() } else { others.join(", ") }),
        ])
        .run(run_there(changed, &if is_used { rebuild(changed) } else { refresh(changed) }))
}

fn describe(found: &Found<&ChangedCollations>) -> Draft {
    if !found.any(|changed| changed.is_used()) {
        return Draft::new(format!("Record the new version of unused collations in {}", found.named("database", "databases")))
            .because("Another version can sort strings differently, but no column and no index has these collations.")
            .advise("Record the new version. If an expression names one of them with COLLATE, check first what it is used for.")
            .undo_text("The former version cannot be recorded again.");
    }
    let second: Vec<String> =
        found.iter().filter(|changed| changed.is_used()).map(|changed| run_there(changed, &refresh(changed))).collect();
    let is_blocking = found.any(|changed| changed.skipped.as_ref().is_some_and(|skipped| !skipped.is_empty()));
    let is_unread = found.any(|changed| changed.is_used() && changed.skipped.is_none());
    let rebuilds = "REINDEX DATABASE CONCURRENTLY rebuilds every index of the database: reads and writes continue, it needs space for the largest index and can take hours.";
    let blocks = if is_blocking { " REINDEX INDEX blocks writes to the table, and queries that would use the index." } else { "" };
    Draft::new(format!("Rebuild the indexes on text in {}: the collation library has changed", found.named("database", "databases")))
        .because("Another version can sort strings differently. Indexes that were built with the old one can miss rows and accept duplicates.")
        .advise("Rebuild the indexes. Only if REINDEX reported neither an ERROR nor a WARNING, record the new version as a second step; refreshing it first only removes the warning.")
        .advise_if(is_blocking, "REINDEX CONCURRENTLY skips indexes of exclusion constraints and invalid ones, so REINDEX INDEX rebuilds these.")
        .advise_if(
            is_unread,
            "REINDEX CONCURRENTLY skips indexes of exclusion constraints and invalid ones: run REINDEX INDEX for each that it names in a WARNING.",
        )
        .advise("Before that, bt_index_check() of the extension amcheck tells which indexes are out of order.")
        .impact(format!("{rebuilds}{blocks}"))
        .effort(Effort::Project)
        .show([Block::sql("Second step, only if REINDEX reported neither an ERROR nor a WARNING", second.join("\n"))])
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::format::{Block, Finding, Severity};
    use crate::{Options, analyze, example};

    /// What is found of a database with a changed collation, and these indexes, each with what it has besides its name.
    fn found(column: Option<i64>, indexes: &[(&str, Value)]) -> Finding {
        let class = |(oid, name): (i64, &str)| json!({ "datname": "shop", "oid": oid, "nspname": "public", "relname": name, "relkind": "i" });
        let index = |(oid, more): (i64, &Value)| {
            let mut row = json!({ "datname": "shop", "indexrelid": oid, "indrelid": 1, "indisvalid": true, "indcollation": [77] });
            row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            row
        };
        let mut classes = vec![json!({ "datname": "shop", "oid": 1, "nspname": "public", "relname": "t", "relkind": "r" })];
        classes.extend((10..).zip(indexes).map(|(oid, (name, _))| class((oid, name))));
        let document = json!({
            "pg_database": [{ "oid": 5, "datname": "shop", "datallowconn": true }],
            "pg_collation": [{ "datname": "shop", "oid": 77, "nspname": "public", "collname": "de", "collversion": "1", "actual_version": "2" }],
            "pg_class": classes,
            "pg_attribute": [{ "datname": "shop", "attrelid": 1, "attnum": 1, "attname": "a", "attcollation": column }],
            "pg_index": (10..).zip(indexes).map(|(oid, (_, more))| index((oid, more))).collect::<Vec<_>>(),
        });
        let findings = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default()).findings;
        findings.into_iter().find(|finding| finding.code == "PGD1403").unwrap()
    }

    #[test]
    fn indexes_that_reindex_concurrently_skips_are_rebuilt_by_themselves() {
        let finding = found(None, &[
            ("plain", json!({})),
            ("excl", json!({ "indisexclusion": true })),
            ("broken", json!({ "indisvalid": false })),
            ("plain_ccnew", json!({ "indisvalid": false, "copy_of": 10 })),
            ("numbers", json!({ "indisexclusion": true, "indcollation": [0] })),
        ]);
        let sql = finding.statements().unwrap();
        assert_eq!(
            sql,
            "-- in database shop\nREINDEX DATABASE CONCURRENTLY shop;\nREINDEX INDEX public.excl;\nREINDEX INDEX public.broken;"
        );
        assert_eq!(finding.severity, Severity::Critical);
        // The version is recorded in a step of its own.
        let is_second = |block: &Block| matches!(block, Block::Code { code, .. } if code.text.contains("REFRESH VERSION"));
        assert!(finding.details.iter().any(is_second), "{:?}", finding.details);
    }

    #[test]
    fn a_collation_that_nothing_uses_needs_no_rebuilding() {
        let finding = found(Some(100), &[("i", json!({ "indcollation": [100] }))]);
        assert_eq!(finding.severity, Severity::Notice);
        assert_eq!(finding.statements().unwrap(), "-- in database shop\nALTER COLLATION public.de REFRESH VERSION;");
        assert_eq!(found(Some(77), &[]).severity, Severity::Critical);
    }
}
