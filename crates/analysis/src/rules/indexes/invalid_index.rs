//! An index is invalid: writes maintain it, but queries cannot use it.

use crate::engine::draft::{About, Draft};
use crate::engine::sift::Affects;
use crate::facts::indexes::Index;
use crate::facts::relation::{RelationName, Size};
use crate::format::{SubjectKind, Weight};
use crate::{Checked, Figure, Severity, View, rule};

rule! {
    /// ## What it sees
    ///
    /// An index that is invalid and not being built: the remains of a `CREATE INDEX CONCURRENTLY` or
    /// `REINDEX CONCURRENTLY` that failed or was canceled.
    ///
    /// ## Why it matters
    ///
    /// Queries cannot use it, but every write still maintains it. An invalid unique index can even reject rows.
    ///
    /// ## Threshold
    ///
    /// One invalid index is reported. Partitioned indexes (`relkind` `I`) are left out: they are invalid until every partition
    /// has an attached index.
    ///
    /// ## Remedy
    ///
    /// Find the cause first (for a unique index, usually duplicate rows), then rebuild the index or drop it. An index whose name
    /// ends in `_ccnew` or `_ccold` is left over from a REINDEX and can be dropped.
    ///
    /// ## When to ignore this
    ///
    /// While the index is being built. Indexes in `pg_stat_progress_create_index` are therefore left out.
    ///
    /// ## Source
    ///
    /// PostgreSQL manual, "Building Indexes Concurrently".
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_code_key", "relkind": "i" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indisvalid": false, "indisunique": true } ] }
    /// ```
    /// ```json passed
    /// { "pg_class": [ { "oid": 16385, "nspname": "public", "relname": "orders", "relkind": "r" },
    ///                 { "oid": 16390, "nspname": "public", "relname": "orders_code_key", "relkind": "i" } ],
    ///   "pg_index": [ { "indexrelid": 16390, "indrelid": 16385, "indisvalid": false, "in_progress": true } ] }
    /// ```
    rule invalid_index {
        code: PGD601,
        title: "Indexes are invalid",
        passed: "All indexes are valid",
        worst: Warning,
        reads: [indexes],
        source: "PostgreSQL manual, CREATE INDEX: Building Indexes Concurrently",
    }
}

struct Found {
    index: RelationName,
    table: RelationName,
    size: Option<Size>,
    is_unique: bool,
    kind: Kind,
}

/// What kind of index it is, which decides on the remedy.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Left over from REINDEX CONCURRENTLY: the index still exists under its own name.
    Leftover,
    /// Part of a partitioned index: the server refuses to drop it alone.
    Partition,
    /// Neither.
    Plain,
}

fn check(view: &View<'_>) -> Checked<Vec<Found>> {
    Ok(view.indexes()?.iter().filter(|index| is_invalid(index)).map(found).collect())
}

fn is_invalid(index: &Index) -> bool {
    index.catalog.indisvalid == Some(false) && index.catalog.in_progress != Some(true) && !index.is_partitioned()
}

fn found(index: &Index) -> Found {
    let name = index.name.bare().trim_end_matches(|c: char| c.is_ascii_digit());
    let is_leftover = name.ends_with("_ccnew") || name.ends_with("_ccold");
    Found {
        index: index.name.clone(),
        table: index.table.clone(),
        size: index.size,
        is_unique: index.catalog.indisunique == Some(true),
        kind: match (is_leftover, index.is_partition) {
            (true, _) => Kind::Leftover,
            (false, true) => Kind::Partition,
            (false, false) => Kind::Plain,
        },
    }
}

fn describe(found: &[Found]) -> Draft {
    let is_unique = found.iter().any(|found| found.is_unique);
    Draft::new(Severity::Warning, summary(found))
        .because(format!(
            "Building failed or was canceled. Queries cannot use an invalid index, but writes still maintain it.{}",
            if is_unique { " A unique index can still reject rows." } else { "" }
        ))
        .advise(advice(found))
        .impact("Reads and writes continue; a rebuild scans the table twice and waits for older transactions.")
}

fn summary(found: &[Found]) -> String {
    match found {
        [only] => format!("{} the invalid index {}", verb(only.kind), only.index),
        many => format!("Rebuild or drop {} invalid indexes", many.len()),
    }
}

fn verb(kind: Kind) -> &'static str {
    match kind {
        Kind::Leftover => "Drop",
        Kind::Partition => "Rebuild",
        Kind::Plain => "Rebuild or drop",
    }
}

fn advice(found: &[Found]) -> String {
    let has = |kind: Kind| found.iter().any(|found| found.kind == kind);
    let built = |found: &&Found| found.kind != Kind::Leftover;
    let parts = [
        (found.iter().filter(built).any(|found| found.is_unique), "Remove the duplicate rows that caused the failure."),
        (has(Kind::Plain), "Rebuild it, or drop it if it is not needed."),
        (has(Kind::Partition), "The index of a partition can only be rebuilt: it cannot be dropped without its partitioned index."),
        (has(Kind::Leftover), "Drop what REINDEX CONCURRENTLY left behind; the index still exists under its own name."),
    ];
    parts.into_iter().filter(|(applies, _)| *applies).map(|(_, text)| text).collect::<Vec<_>>().join(" ")
}

impl Affects for Found {
    fn about(&self) -> About {
        let index = self.index.sql();
        let sql = match self.kind {
            Kind::Leftover => format!("DROP INDEX CONCURRENTLY {index};"),
            Kind::Partition => format!("REINDEX INDEX CONCURRENTLY {index};"),
            Kind::Plain => format!("REINDEX INDEX CONCURRENTLY {index};\n-- or: DROP INDEX CONCURRENTLY {index};"),
        };
        About::new(self.index.subject(SubjectKind::Index), Weight::Bytes(self.size.map_or(0, |size| size.bytes.0)))
            .called(self.index.to_string())
            .figure(Figure::new("table", self.table.to_string()))
            .figure(Figure::new("size", self.size))
            .figure(Figure::new("unique", if self.is_unique { "yes" } else { "no" }))
            .run(self.index.run_there(sql))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Options, analyze, example};

    #[test]
    fn the_index_of_a_partition_is_not_dropped_alone() {
        for (is_partition, can_be_dropped) in [(true, false), (false, true)] {
            let document = json!({
                "pg_class": [
                    { "oid": 1, "nspname": "public", "relname": "t1", "relkind": "r" },
                    { "oid": 2, "nspname": "public", "relname": "t1_a", "relkind": "i", "relispartition": is_partition },
                ],
                "pg_index": [{ "indexrelid": 2, "indrelid": 1, "indisvalid": false }],
            });
            let analysis = analyze(&example::snapshot(&document.to_string()).unwrap(), &Options::default());
            let [finding] = <[_; 1]>::try_from(analysis.findings).unwrap();
            let sql = finding.statements().unwrap();
            assert!(sql.starts_with("REINDEX INDEX CONCURRENTLY public.t1_a;"), "{sql}");
            assert_eq!(sql.contains("DROP"), can_be_dropped, "{sql}");
            assert_eq!(finding.summary.contains("drop"), can_be_dropped, "{}", finding.summary);
        }
    }
}
