//! Expressions and predicates of indexes.

use crate::section;

section! {
    /// The expressions of expression indexes and the predicates of partial indexes. A constant is shown as `?` and
    /// eight digits, which are the same for equal constants within this document.
    ///
    /// Deparsing them would wait for the release of an exclusive lock, so those of exclusively locked tables are left
    /// out and marked.
    section pg_index_expressions {
        scope: Database,
        why: "Indexes are duplicates only if their expressions and predicates are equal.",
        since: 12,
        sql: [12 => "12.sql"],
    }
    row PgIndexExpression {
        /// The index's oid, see `pg_index`.
        indexrelid: i64,
        /// Whether they were left out.
        is_locked: Option<bool>,
        /// Its expressions, separated by commas, for each 0 in `indkey`.
        indexprs: Option<String> = Expression,
        /// Its predicate.
        indpred: Option<String> = Expression,
    }
}
