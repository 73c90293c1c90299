//! Statistics of columns.

use crate::section;

section! {
    /// The statistics of ANALYZE for each column of user tables and of expression indexes: fractions and counts, never
    /// values or histogram bounds.
    ///
    /// For roles that cannot read `pg_statistic`: the 1000 largest tables, and of those the columns on which they have
    /// SELECT.
    section pg_stats {
        scope: Database,
        why: "Index and bloat advice use what the planner knows about each column.",
        since: 12,
        sql: [12 => "12.sql"],
        privileged: {
            when: "pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT')",
            sql: [12 => "12.privileged.sql"],
            otherwise: "superuser is required to see more than the columns that the role can SELECT in the 1000 \
                        largest tables",
        },
    }
    row PgStats {
        /// The relation's oid, see `pg_class`.
        relid: i64,
        /// The column's number, see `pg_attribute`.
        attnum: i64,
        /// Whether the row includes child tables.
        inherited: Option<bool>,
        /// The fraction of nulls.
        null_frac: Option<f64>,
        /// Average width in bytes.
        avg_width: Option<i64>,
        /// Number of distinct values; negative: as a fraction of the rows; 0: unknown.
        n_distinct: Option<f64>,
        /// Correlation of physical order and value order, from -1 to 1.
        correlation: Option<f64>,
        /// Frequencies of the most common values, at most twenty.
        most_common_freqs: Option<Vec<f64>>,
        /// Number of most common values.
        most_common_count: Option<i64>,
        /// The total frequency of all most common values, if there are more than twenty.
        most_common_total: Option<f64>,
    }
}
