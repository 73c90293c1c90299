//! Extended statistics.

use crate::section;

section! {
    /// Extended statistics: their columns and what ANALYZE found out, as far as it is no values. Results are there for
    /// tables that the role may SELECT.
    section pg_statistic_ext {
        scope: Database,
        why: "What the planner knows of columns that depend on each other.",
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
        /// Whether the results describe the table with its children (15); null where there are none.
        inherited: Option<bool>,
        /// Distinct values of sets of columns, as JSON from column numbers to a number.
        n_distinct: Option<String>,
        /// Dependencies between columns, as JSON from column numbers to a degree.
        dependencies: Option<String>,
    }
}
