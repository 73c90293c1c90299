//! Extended statistics.

use crate::section;

section! {
    /// Extended statistics: their columns and the results of ANALYZE, except values. Results are included for tables on
    /// which the role has SELECT.
    section pg_statistic_ext {
        scope: Database,
        why: "Shows what the planner knows about columns that depend on each other.",
        since: 12,
        sql: [12 => "12.sql", 13 => "13.sql", 14 => "14.sql", 15 => "15.sql"],
        privileged: {
            when: "pg_catalog.has_table_privilege('pg_catalog.pg_statistic_ext_data', 'SELECT')",
            sql: [12 => "12.privileged.sql", 13 => "13.privileged.sql", 14 => "14.privileged.sql", 15 => "15.privileged.sql"],
        },
    }
    row PgStatisticExt {
        /// The oid of the statistics object.
        oid: i64,
        /// The table's oid, see `pg_class`.
        stxrelid: i64,
        /// Its schema.
        nspname: Option<String>,
        /// Its name.
        stxname: Option<String>,
        /// `d` distinct values, `f` dependencies, `m` most common values, `e` expressions.
        stxkind: Option<Vec<String>>,
        /// Numbers of its columns.
        stxkeys: Option<Vec<i64>>,
        /// Whether it has expressions (14).
        has_expressions: Option<bool>,
        /// Its statistics target (13); null for the default.
        stxstattarget: Option<i64>,
        /// Whether the results include child tables (15); null without results.
        inherited: Option<bool>,
        /// Number of distinct values by set of columns, as JSON.
        n_distinct: Option<String>,
        /// Degree of functional dependency by set of columns, as JSON.
        dependencies: Option<String>,
    }
}
