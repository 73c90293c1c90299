//! Statistics of columns.

use crate::section;

section! {
    /// What ANALYZE knows of each column of users' tables and of each index on expressions: shares and counts, never
    /// values or bounds of values.
    ///
    /// For roles that may not read `pg_statistic`: of the 1,000 largest tables, as far as they may SELECT the columns.
    section pg_stats {
        scope: Database,
        why: "What the planner knows of each column: index and bloat advice reckon with it.",
        since: 12,
        sql: [12 => "12.sql"],
        privileged: {
            when: "pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT')",
            sql: [12 => "12.privileged.sql"],
            otherwise: "needs superuser to see more than the columns of the 1,000 largest tables that the role may SELECT",
        },
    }
    row PgStats {
        /// The relation's oid, see `pg_class`.
        relid: i64,
        /// The column's number, see `pg_attribute`.
        attnum: i64,
        /// Whether the row describes the table with its children.
        inherited: Option<bool>,
        /// The share of nulls.
        null_frac: Option<f64>,
        /// Mean bytes of a value as stored, cut to a whole number.
        avg_width: Option<i64>,
        /// Distinct values; a negative number is a share of the rows, 0 is unknown.
        n_distinct: Option<f64>,
        /// How far the order on disk is that of the values, from -1 to 1.
        correlation: Option<f64>,
        /// Shares of the most common values, the twenty most common at most.
        most_common_freqs: Option<Vec<f64>>,
        /// How many most common values there are.
        most_common_count: Option<i64>,
        /// The share of all most common values together, where there are more than twenty.
        most_common_total: Option<f64>,
    }
}
