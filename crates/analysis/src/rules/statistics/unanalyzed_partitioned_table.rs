//! A partitioned table has no statistics of its own.

use crate::engine::prelude::*;

rule! {
    /// ## What it sees
    ///
    /// A large partitioned table of which the planner has no statistics over all partitions.
    ///
    /// ## Why it matters
    ///
    /// Autovacuum analyzes the partitions but never the partitioned table. The planner then estimates joins, groups and distinct
    /// values over several partitions with defaults.
    ///
    /// ## Threshold
    ///
    /// Partitions of {MIN_SIZE} or more in total, no time of an ANALYZE of the partitioned table (PostgreSQL 14 and later), and
    /// no statistics of it in `pg_stats`. If the role cannot see all statistics, the rule is not assessed. Only the topmost
    /// partitioned table is reported.
    ///
    /// ## Remedy
    ///
    /// Run `ANALYZE` on the partitioned table, and repeat it regularly, for example after partitions are added. It also analyzes
    /// the partitions; PostgreSQL 18 can leave them out (`ANALYZE ONLY`).
    ///
    /// ## When to ignore this
    ///
    /// If every query reads a single partition.
    ///
    /// ## Examples
    ///
    /// ```json found
    /// { "system": [ { "block_size": 8192 } ], "pg_settings": [], "pg_stats": [], "pg_stat_user_tables": [ { "relid": 1 }, { "relid": 2 } ],
    ///   "pg_class": [ { "oid": 1, "nspname": "public", "relname": "m", "relkind": "p" },
    ///                 { "oid": 2, "nspname": "public", "relname": "m1", "relkind": "r", "relispartition": true, "inhparent": 1,
    ///                   "size_bytes": 900000000, "size_source": "pg_relation_size", "reltuples": 9000000 } ] }
    /// ```
    /// ```json passed
    /// { "system": [ { "block_size": 8192 } ], "pg_settings": [], "pg_stats": [ { "relid": 1, "attnum": 1, "inherited": true } ],
    ///   "pg_stat_user_tables": [ { "relid": 1 }, { "relid": 2 } ],
    ///   "pg_class": [ { "oid": 1, "nspname": "public", "relname": "m", "relkind": "p" },
    ///                 { "oid": 2, "nspname": "public", "relname": "m1", "relkind": "r", "relispartition": true, "inhparent": 1,
    ///                   "size_bytes": 900000000, "size_source": "pg_relation_size", "reltuples": 9000000 } ] }
    /// ```
    rule unanalyzed_partitioned_table {
        code: PGD803,
        title: "Partitioned tables were never analyzed",
        passed: "All large partitioned tables have been analyzed",
        worst: Notice,
        reads: [system, tables, column_statistics, analyzes],
        source: "PostgreSQL manual, ANALYZE: autovacuum does not process partitioned tables",
        thresholds: {
            /// The size of all partitions below which a wrong estimate does little harm.
            MIN_SIZE: Bytes = Bytes::megabytes(100),
        },
    }
}

fn check<'a>(view: &View<'a>) -> Checked<Vec<&'a Table>> {
    let is_large = |table: &&Table| table.size.is_some_and(|size| size.bytes >= MIN_SIZE);
    let is_candidate = |table: &&Table| table.is_partitioned() && !table.is_partition && table.last_analyze().is_none();
    let candidates: Vec<&Table> = view.tables()?.all.iter().filter(is_candidate).filter(is_large).collect();
    if candidates.is_empty() {
        return Ok(candidates);
    }
    view.require_primary("record ANALYZE")?;
    let (statistics, analyzes) = (view.column_statistics()?, view.analyzes()?);
    let mut found = Vec::new();
    for table in candidates.into_iter().filter(|table| table.is_processed_by(analyzes) != Some(true)) {
        match statistics.has(table.name.database(), table.oid) {
            Some(true) => {}
            Some(false) => found.push(table),
            None => return Err(NotAssessed::because("the role cannot see all statistics in pg_stats")),
        }
    }
    Ok(found)
}

fn subject(table: &&Table) -> About {
    About::table(&table.name, table.size)
        .figures([Figure::new("size", table.size).labelled("size of the partitions").against(MIN_SIZE)])
        .run(format!("ANALYZE {};", table.name.sql()))
}

fn describe(found: &Found<&Table>) -> Draft {
    let these = if found.only().is_some() { "the partitioned table" } else { "these partitioned tables" };
    Draft::new(format!("Analyze {}", found.each("partitioned table", "partitioned tables")))
        .because(format!("The planner has no statistics of {these} over all partitions."))
        .because("Autovacuum analyzes the partitions, but never the partitioned table.")
        .advise("Run ANALYZE on it, and repeat that regularly.")
        .impact("ANALYZE reads a sample of each partition; reads and writes continue.")
}
